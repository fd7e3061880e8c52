//! The pack that comes with the program: it loads whole and holds everything it promises.

#![expect(clippy::panic, reason = "a helper of tests fails its test by panic")]

use qb_base::{AreaCode, Date};
use qb_policy::arithmetic::{Operand, evaluate};
use qb_policy::{
    ColumnKind, IncomeCategory, LayoutForm, Level, Method, Pack, PackSource, Place, embedded_packs,
};

fn pack() -> Pack {
    Pack::load(PackSource::Embedded("xuzhou-2016")).unwrap_or_else(|error| panic!("{error}"))
}

/// Rows of the report's inventory that the pack must account for.
const INVENTORY: &str = "\
    G01 G02 G03 G04 G05 G06 G07 G08 G09 G10 G11 G12 G13 G14 G15 G16 G17 G18 G19 G20 G21 G22 \
    G23 G24 G25 P01 P02 P03 P04 P05 P06 P07 P08 P09 P10 P11 P12 P13 P14 P15 P16 P17 P18 P19 \
    P20 P21 P22 P23 P24 P25 V01 V02 V03 V04 V05 V06 V07 V08 V09 V10 V11 V12 V13 V14 V15 V16 \
    V17 H01 H02 H03 H04 H05 H06 H07 E01 E02 E03 E04 T01 T02 T03 T04 T05 Y01 Y02 X01";

#[test]
fn every_row_of_the_inventory_is_a_fact() {
    let pack = pack();
    for id in INVENTORY.split_whitespace() {
        assert!(pack.fact(id).is_some(), "{id}");
    }
    for fact in &pack.facts {
        let row = fact.id.split('.').next().unwrap();
        assert!(row.starts_with('B') || INVENTORY.contains(row), "{} is no row", fact.id);
    }
}

#[test]
fn every_figure_states_its_unit_and_definition_and_a_published_one_its_words() {
    for fact in pack().facts {
        let numeric = !matches!(fact.method, Method::Text { .. });
        assert!(fact.published.is_none() || fact.published_text.is_some(), "{}", fact.id);
        assert_eq!(fact.unit.is_some(), numeric, "{}", fact.id);
        assert_eq!(fact.definition.is_some(), numeric, "{}", fact.id);
        let share = fact.unit.as_deref() == Some("percent");
        assert!(!share || fact.denominator.is_some(), "{} is a share of what?", fact.id);
    }
}

#[test]
fn the_figures_that_rows_can_give_are_computed_from_rows() {
    let pack = pack();
    for id in ["B01", "B02", "G08", "G09", "P14.households", "P15", "V01", "V15", "V15.upper"] {
        let method = &pack.fact(id).unwrap().method;
        assert!(matches!(method, Method::Rows(_) | Method::Sql(_)), "{id}");
    }
    let published = |id: &str| pack.fact(id).unwrap().published.unwrap().to_string();
    assert_eq!(
        ["B01", "B02", "G08", "V01", "V15", "V15.upper", "P14", "P15"].map(published),
        ["262838", "682202", "202400", "269", "68", "37", "68164300", "2374.8"]
    );
}

#[test]
fn what_the_document_does_not_publish_has_no_published_number() {
    let pack = pack();
    for id in ["G08.households", "P15.households", "V15.total", "G19", "G19.cadres", "E04", "H07"] {
        assert_eq!(pack.fact(id).unwrap().published, None, "{id}");
    }
}

/// What the arithmetic between the published figures comes to, worked out by hand.
const DERIVED: &str = "\
    A1.derived 28703, A2.published_share 10.9, A3.size 2.5955, A3.derived 77980, A3.share 37, \
    A4.left 479802, A4.gap 18802, A4.share 2.8, A5.roster 461000, A5.left 479802, A6.per_head \
    327.55, A6.premium 180, A6.premiums 82980000, A6.rest 68020000, A7.each 611.35, A8.each \
    757026, A8.year 79487732, A9.share 39, A9.linear 89.7, A10.built 105, A10.on_schedule 105, \
    A11.yearly 67880000, A11.share 83.9, A12.posted 126, A12.share 46.8, A13.share 25.3, A13.left \
    201, A13.upper 54.4, A13.least 12980000, A14.all 2.18, A14.county 1.81, A15.money 16.7, \
    A15.projects 65.8, A15.planned 49390000, A15.done 12530000, A15.rest 120410000, A16.each \
    182260, A17.each 983359, A18.north 24.7, A18.province 22.7, A19.person 399.65, A19.village \
    300706, A20.units 100, A20.county 486, A21.growth 9.2, M1.health 151000000, M1.funds \
    80890000, M1.share 186.7, M2.share 84.3, M3.each 322, M4.gain 2374.8, M4.size 2.5955, M4.head \
    914.96, M4.line 6000, M4.share 15.2, M5.gain 3000, M5.growth 9.2, M5.base 32609, M6.replaced \
    338, M6.weak 269, M8.stated 47.3, M9.times 283800, M10.published 202400, M11.published \
    68164300";

#[test]
fn the_contradictions_come_out_as_derived_by_hand() {
    let pack = pack();
    let ids: Vec<&str> = pack.contradictions.iter().map(|one| one.id.as_str()).collect();
    let expected: Vec<String> = (1..=21)
        .map(|number| format!("A{number}"))
        .chain((1..=11).map(|number| format!("M{number}")))
        .collect();
    assert_eq!(ids, expected);
    let mut derived = Vec::new();
    for one in &pack.contradictions {
        for figure in &one.figures {
            let mut of_rows = false;
            let mut value = |operand: Operand<'_>| match operand {
                Operand::Published(id) => pack.fact(id)?.published,
                Operand::Computed(_) => {
                    of_rows = true;
                    None
                }
                Operand::Param(id) => {
                    pack.param(id, &pack.area, pack.cases_on).map(|found| found.published)
                }
            };
            let exact = evaluate(&figure.expression.text, &mut value).unwrap();
            // What takes a value of the rows is not worked out by hand.
            if of_rows {
                continue;
            }
            let exact = exact.unwrap();
            let shown = exact.round_to(figure.rounding.unwrap()).unwrap();
            derived.push(format!("{}.{} {shown}", one.id, figure.id));
        }
    }
    assert_eq!(derived.join(", "), DERIVED);
}

#[test]
fn every_clause_has_at_least_three_cases_of_which_one_is_unknown_or_an_edge() {
    let pack = pack();
    assert!(pack.clauses.len() >= 25);
    for clause in &pack.clauses {
        assert!(clause.cases.len() >= 3, "{} has {} cases", clause.id, clause.cases.len());
    }
    for level in [Level::Person, Level::Household, Level::Village] {
        assert!(pack.clauses.iter().any(|clause| clause.level == level));
    }
}

#[test]
fn labels_of_files_find_their_code_whatever_their_spelling() {
    let pack = pack();
    let code = |list: &str, label: &str| {
        pack.code_list(list)
            .unwrap()
            .lookup(label)
            .map_or("none", |code| code.id.as_str())
            .to_owned()
    };
    for label in ["缺劳力", "缺劳动力", " 缺 勞動力 ", "缺少劳力"] {
        assert_eq!(code("cause", label), "NO_LABOUR", "{label}");
    }
    assert_eq!(
        code("support_mode", "小额货款扶贫"),
        "MICROCREDIT",
        "the look-alike of the report's text"
    );
    assert_eq!(code("exit_status", "未脫貧"), "NOT_EXITED");
    assert_eq!(code("school_status", "中职二年级"), "VOCATIONAL_2");
    assert_eq!(code("ethnicity", "漢"), "01");
    assert_eq!(code("cause", "8"), "none", "a bare number is never a cause");
    assert_eq!(code("cause", ""), "none");
}

#[test]
fn what_the_report_only_counts_is_marked_to_be_confirmed() {
    let pack = pack();
    for (list, count) in [
        ("enrichment_programme", 8),
        ("income_measure", 10),
        ("village_measure", 9),
        ("facility", 10),
    ] {
        let list = pack.code_list(list).unwrap();
        assert!(list.to_be_confirmed);
        assert_eq!(list.codes.len(), count);
    }
}

#[test]
fn layouts_find_columns_by_their_heads() {
    let pack = pack();
    let register = pack.layout("register_l1").unwrap();
    let column =
        |head: &str| register.column_of_head(head).map_or("none", |column| &column.id).to_owned();
    assert_eq!(column("县（市、区、旗）"), "county");
    assert_eq!(column("证件号码"), "id_no");
    assert_eq!(column("務工時間(月)"), "work_months");
    assert_eq!(column("不相干的列"), "none");
    assert_eq!(column(""), "none");
    assert_eq!(register.column("cause_main").unwrap().kind, ColumnKind::Code("cause".into()));
    let ledger = pack.layout("village_ledger").unwrap();
    assert_eq!(ledger.form, LayoutForm::Form);
    assert_eq!(ledger.column("year").unwrap().place, Place::Head);
    assert_eq!(ledger.column("amount").unwrap().place, Place::Row);
}

#[test]
fn the_income_layout_ends_with_one_column_per_item() {
    let pack = pack();
    let layout = pack.layout("income_sheet").unwrap();
    let items: Vec<&str> = layout
        .columns
        .iter()
        .filter(|column| column.income_item)
        .map(|column| column.id.as_str())
        .collect();
    assert_eq!(items, pack.income_items.iter().map(|item| item.id.as_str()).collect::<Vec<_>>());
    let item = pack.income_items.iter().find(|item| item.project_yield).unwrap();
    assert!(item.counted && item.category == IncomeCategory::Property);
    assert_eq!(layout.column_of_head("项目分红").unwrap().id, item.id);
}

#[test]
fn a_line_holds_for_its_area_and_its_years() {
    let pack = pack();
    let yuan = |id: &str, area: &str, year: i16| {
        let day = Date::new(year, 6, 30).unwrap();
        let found = pack.param(id, &AreaCode::parse(area).unwrap(), day);
        found.map(|value| (value.published.to_i64().unwrap(), value.number.to_i64().unwrap()))
    };
    assert_eq!(yuan("line.exit", "320322109220", 2016), Some((6000, 600_000)));
    assert_eq!(yuan("line.exit", "370102001001", 2016), None, "another province");
    assert_eq!(yuan("line.exit", "3203", 2021), None, "after the programme");
    assert_eq!(yuan("line.national", "370102001001", 2019), Some((3218, 321_800)));
    assert_eq!(yuan("line.none", "3203", 2016), None);
    let share = pack.param("village.one_off_share_max", &pack.area, pack.cases_on).unwrap();
    assert_eq!(share.number.to_string(), "0.3");
}

#[test]
fn areas_know_their_parents() {
    let pack = pack();
    assert_eq!(pack.areas.len(), 3011);
    for (code, name) in
        [("320381115206", "练马村委会"), ("320322109220", "陈油坊村委会"), ("3203", "徐州市")]
    {
        let area = pack.area(&AreaCode::parse(code).unwrap()).unwrap();
        assert_eq!((area.name.as_str(), area.parent), (name, area.code.parent()));
    }
    assert!(pack.county_shapes.as_ref().is_some_and(|shapes| shapes.contains("\"320382\"")));
}

#[test]
fn the_pack_is_found_by_name_and_has_a_digest() {
    assert!(embedded_packs().contains(&"xuzhou-2016".to_owned()));
    assert_eq!(pack().digest(), pack().digest());
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policy/xuzhou-2016");
    let from_folder = Pack::load(PackSource::Folder(&folder)).unwrap();
    assert_eq!(from_folder.digest(), pack().digest(), "the same pack wherever it is read from");
}

#[test]
fn what_only_income_sheets_tell_of_support_is_marked() {
    let pack = pack();
    let marked = pack.income_items.iter().filter(|item| item.support);
    let marked: Vec<&str> = marked.map(|item| item.id.as_str()).collect();
    let expected = ["wage_public_post", "collective_dividend", "pv_yield", "medical_assistance"];
    assert_eq!(marked, expected);
}
