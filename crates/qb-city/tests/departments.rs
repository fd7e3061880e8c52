//! The lists of departments, read back by a strict reader: what it keeps adds up to the report.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails its test by panic")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use calamine::{Data, Reader as _};
use qb_base::fold;
use qb_city::{Expectation, Mistake, Options, Truth};
use qb_policy::{Column, ColumnKind, Pack, PackSource};

const SEED: u64 = 17;
const SCALE_PPM: u64 = 4_000;
/// Weak villages of a city so small: one in each county that has any.
const WEAK: usize = 7;

/// An amount of the full city at the scale of the test.
fn scaled(full: i64) -> i64 {
    full * SCALE_PPM as i64 / 1_000_000
}

/// A small city, made once: what counts people, money and works follows the scale.
fn shared() -> &'static (PathBuf, Truth) {
    static CITY: OnceLock<(PathBuf, Truth)> = OnceLock::new();
    CITY.get_or_init(|| {
        let name = format!("qb-city-departments-{}", std::process::id());
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let areas = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policy/xuzhou-2016/areas.csv");
        let calendar =
            concat!(env!("CARGO_MANIFEST_DIR"), "/../../policy/xuzhou-2016/calendar.toml");
        let options = Options {
            out: folder.join("raw"),
            truth: folder.join("truth.json"),
            scale_ppm: SCALE_PPM,
            seed: SEED,
            areas: qb_city::parse_areas(&std::fs::read_to_string(areas).unwrap()).unwrap(),
            calendar: qb_city::parse_calendar(&std::fs::read_to_string(calendar).unwrap()).unwrap(),
            year: 2016,
        };
        qb_city::generate(&options, &mut |_, _, _| {}).unwrap();
        let truth = serde_json::from_slice(&std::fs::read(&options.truth).unwrap()).unwrap();
        (options.out, truth)
    })
}

fn pack() -> &'static Pack {
    static PACK: OnceLock<Pack> = OnceLock::new();
    PACK.get_or_init(|| Pack::load(PackSource::Embedded("xuzhou-2016")).unwrap())
}

fn table(path: &Path) -> Vec<Vec<String>> {
    if path.extension().is_some_and(|ending| ending == "xlsx") {
        let mut book: calamine::Xlsx<_> = calamine::open_workbook(path).unwrap();
        let name = book.sheet_names().remove(0);
        let cells = |row: &[Data]| row.iter().map(cell).collect();
        return book.worksheet_range(&name).unwrap().rows().map(cells).collect();
    }
    let bytes = std::fs::read(path).unwrap();
    let (text, _, _) = match std::str::from_utf8(&bytes) {
        Ok(_) => encoding_rs::UTF_8.decode(&bytes),
        Err(_) => encoding_rs::GB18030.decode(&bytes),
    };
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

fn cell(data: &Data) -> String {
    match data {
        Data::DateTime(day) => {
            let (year, month, day, ..) = day.to_ymd_hms_milli();
            format!("{year}-{month:02}-{day:02}")
        }
        other => other.to_string(),
    }
}

/// One row: column to its value in one spelling.
type Record = BTreeMap<String, String>;

/// What a strict reader keeps of a dataset, and how many rows it refuses.
fn read(dataset: &str) -> (Vec<Record>, u64) {
    let (raw, truth) = shared();
    let dataset = pack().datasets.iter().find(|one| one.id == dataset).unwrap();
    let (mut kept, mut refused) = (BTreeMap::new(), 0);
    for file in truth.files.iter().filter(|file| file.layout == dataset.id) {
        let rows = table(&raw.join(&file.file));
        let named = |label: &str| {
            let heads = |column: &&Column| column.heads().any(|known| known == label);
            dataset.columns.iter().find(heads)
        };
        // A head in ten thousands stands for the one in yuan.
        let column = |label: &String| {
            let label = label.trim_matches('*');
            let in_yuan = label.replace("(万元)", "(元)");
            named(label).map(|column| (column, 0)).or_else(|| Some((named(&in_yuan)?, 4)))
        };
        let is_head = |row: &Vec<String>| row.iter().filter_map(column).count() > 2;
        let head = rows.iter().position(is_head).unwrap();
        let columns: Vec<Option<(&Column, usize)>> = rows[head].iter().map(column).collect();
        let mut above = Record::new();
        for row in rows[head + 1..].iter().take_while(|row| !is_note(row)) {
            let Some(record) = record(row, &columns, &mut above) else {
                refused += 1;
                continue;
            };
            let blank = String::new();
            let key: Vec<String> =
                dataset.key.iter().map(|id| record.get(id).unwrap_or(&blank).clone()).collect();
            kept.insert(key, record);
        }
    }
    (kept.into_values().collect(), refused)
}

/// The note below a list.
fn is_note(row: &[String]) -> bool {
    ["填报人", "制表"].iter().any(|mark| row[0].starts_with(mark))
}

fn rows(dataset: &str) -> Vec<Record> {
    read(dataset).0
}

/// A row, or nothing where a required cell is blank or a cell cannot be read.
fn record(
    row: &[String],
    columns: &[Option<(&Column, usize)>],
    above: &mut Record,
) -> Option<Record> {
    let mut record = Record::new();
    for (text, column) in row.iter().zip(columns) {
        let Some((column, tens)) = column else { continue };
        let area = column.id == "county" || column.id == "town" || column.id == "village";
        let mut text = text.clone();
        if area && column.required {
            if text.is_empty() {
                text = above.get(&column.id)?.clone();
            }
            above.insert(column.id.clone(), text.clone());
        }
        if text.is_empty() {
            if column.required {
                return None;
            }
            continue;
        }
        let mut value = value(&column.kind, &text, *tens)?;
        // A place is told apart by the places above it.
        if let Some(parent) = ["county", "town"].iter().rev().find_map(|id| record.get(*id))
            && area
        {
            value = format!("{parent}/{value}");
        }
        record.insert(column.id.clone(), value);
    }
    Some(record)
}

/// A value in one spelling: money in fen, days in ISO, codes as codes.
fn value(kind: &ColumnKind, text: &str, tens: usize) -> Option<String> {
    Some(match kind {
        ColumnKind::MoneyYuan => fen(text, tens)?.to_string(),
        ColumnKind::MoneyWanYuan => fen(text, 4)?.to_string(),
        ColumnKind::Date => day(text)?,
        ColumnKind::Code(list) => pack().code_list(list).unwrap().lookup(text)?.id.clone(),
        ColumnKind::Bool => ["是", "√", "1", "Y", "有"].contains(&text).to_string(),
        ColumnKind::AreaVillage => village(text)?,
        _ => text.to_owned(),
    })
}

fn village(text: &str) -> Option<String> {
    static KEYS: OnceLock<BTreeSet<String>> = OnceLock::new();
    let keys = KEYS.get_or_init(|| {
        let areas = pack().areas.iter();
        areas.flat_map(|area| [area.code.to_string(), fold::village_key(&area.name)]).collect()
    });
    let key = fold::village_key(text);
    keys.contains(&key).then_some(key)
}

fn fen(text: &str, tens: usize) -> Option<i64> {
    let plain = text.replace([',', '￥', '元'], "");
    let (plain, tens) = match plain.strip_suffix('万') {
        Some(rest) => (rest, 4),
        None => (plain.as_str(), tens),
    };
    let (whole, part) = plain.split_once('.').unwrap_or((plain, ""));
    format!("{whole}{part:0<width$}", width = tens + 2).parse().ok()
}

fn day(text: &str) -> Option<String> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    let parts: Vec<String> = if digits && text.len() == 8 {
        vec![text[..4].to_owned(), text[4..6].to_owned(), text[6..].to_owned()]
    } else {
        text.trim_end_matches('日').split(['-', '/', '.', '年', '月']).map(str::to_owned).collect()
    };
    let [year, month, day] = <[String; 3]>::try_from(parts).ok()?;
    let year = if year.len() == 2 { format!("20{year}") } else { year };
    let fits = (1..=12).contains(&month.parse::<u32>().ok()?);
    fits.then(|| format!("{year}-{month:0>2}-{day:0>2}"))
}

fn text<'r>(record: &'r Record, column: &str) -> &'r str {
    record.get(column).map_or("", String::as_str)
}

fn number(record: &Record, column: &str) -> i64 {
    record.get(column).map_or(0, |text| text.parse().unwrap())
}

fn sum<'r>(records: impl IntoIterator<Item = &'r Record>, column: &str) -> i64 {
    records.into_iter().map(|record| number(record, column)).sum()
}

fn count(records: &[Record], column: &str, value: &str) -> usize {
    records.iter().filter(|record| text(record, column) == value).count()
}

fn distinct<'r>(records: impl IntoIterator<Item = &'r Record>, column: &str) -> BTreeSet<&'r str> {
    records.into_iter().map(|record| text(record, column)).collect()
}

const SOURCES: [&str; 5] = ["from_province", "from_city", "from_county", "from_unit", "from_other"];

/// What all sources of a project or centre pay.
fn sources(record: &Record) -> i64 {
    SOURCES.iter().map(|source| number(record, source)).sum()
}

#[test]
fn a_strict_reader_keeps_every_row_and_refuses_only_what_comes_again() {
    let (_, truth) = shared();
    assert!(truth.lists.rows.len() > 40, "{:?}", truth.lists.rows.keys());
    for (dataset, rows) in &truth.lists.rows {
        let (kept, refused) = read(dataset);
        assert_eq!(kept.len() as u64, *rows, "{dataset}");
        let of = |counts: &BTreeMap<String, u64>| counts.get(dataset).copied().unwrap_or(0);
        let (again, never) = (of(&truth.lists.corrected), of(&truth.lists.withdrawn));
        assert_eq!(refused, again + never, "{dataset}");
    }
}

#[test]
fn some_amounts_are_restated_and_some_rows_withdrawn() {
    let (raw, truth) = shared();
    assert!(!truth.lists.withdrawn.is_empty(), "{:?}", truth.lists.corrected);
    // The first version of a road of which the amount is restated said a tenth less.
    let files = truth.files.iter().filter(|file| truth.lists.restated.contains_key(&file.layout));
    for file in files.filter(|file| file.file.contains("_补正")) {
        let again = table(&raw.join(&file.file));
        let first = table(&raw.join(file.file.replace("_补正", "")));
        let differs = again.iter().skip(2).any(|row| {
            let same = |other: &&Vec<String>| other.get(1) == row.get(1) && other != &row;
            first.iter().find(same).is_some()
        });
        assert!(differs, "{}", file.file);
    }
}

#[test]
fn offices_meet_decide_and_pay_on_working_days() {
    let calendar = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policy/xuzhou-2016/calendar.toml");
    let calendar = qb_city::parse_calendar(&std::fs::read_to_string(calendar).unwrap()).unwrap();
    let calendar = calendar.of_years(2016, 2017);
    let columns = [
        ("meeting", "held_on"),
        ("policy_document", "issued_on"),
        ("pledge", "upper_signed_on"),
        ("pledge", "lower_signed_on"),
        ("project", "planned_on"),
        ("project", "accepted_on"),
        ("fund_budget", "dated_on"),
        ("fund_allocation", "allocated_on"),
        ("fund_allocation", "received_on"),
        ("fund_payment", "paid_on"),
        ("finding", "closed_on"),
        ("grievance", "replied_on"),
    ];
    for (dataset, column) in columns {
        let days: Vec<String> = rows(dataset).iter().map(|r| text(r, column).to_owned()).collect();
        let days: Vec<qb_base::Date> = days.iter().filter_map(|day| day.parse().ok()).collect();
        assert!(!days.is_empty(), "{dataset} has no {column}");
        let off: Vec<_> = days.iter().filter(|day| !calendar.is_working(**day)).collect();
        assert!(off.is_empty(), "{dataset} {column}: {off:?}");
    }
}

#[test]
fn what_came_of_the_year_is_not_what_the_province_asked_for() {
    let targets = rows("pledge_target");
    let asked = |item: &str| {
        let of_city = |t: &&Record| text(t, "item") == item && text(t, "county").is_empty();
        targets.iter().find(of_city).map(|target| number(target, "target")).unwrap()
    };
    let projects = rows("project").len() as i64;
    assert!(asked("PROJECTS") < projects, "{} {projects}", asked("PROJECTS"));
    let (_, truth) = shared();
    let people = i64::try_from(truth.totals.exit_people).unwrap();
    assert_ne!(asked("EXIT_PEOPLE"), people);
}

#[test]
fn nobody_surveys_a_county_without_registered_households() {
    let (_, truth) = shared();
    let counties: BTreeSet<String> =
        truth.villages.iter().map(|village| village.code[..6].to_owned()).collect();
    for survey in rows("survey") {
        let area = pack().areas.iter().find(|area| area.name == text(&survey, "county")).unwrap();
        assert!(counties.contains(&area.code.to_string()), "{survey:?}");
        let households: u64 = truth
            .villages
            .iter()
            .filter(|village| village.code.starts_with(&area.code.to_string()))
            .map(|village| village.households)
            .sum();
        assert!(number(&survey, "asked") <= households as i64, "{survey:?}");
    }
}

#[test]
fn mistakes_of_every_kind_stand_where_the_truth_says() {
    let (raw, truth) = shared();
    let (mut kinds, mut files) = (BTreeSet::new(), BTreeMap::new());
    for mistake in &truth.lists.mistakes {
        let rows = files.entry(&mistake.file).or_insert_with(|| table(&raw.join(&mistake.file)));
        let head = rows.iter().find(|row| row[0] == "序号").unwrap();
        let column = head.iter().position(|h| h.trim_matches('*') == mistake.column).unwrap();
        let text = &rows[mistake.row as usize - 1][column];
        assert_eq!(mistake.mistake == Mistake::Missing, text.is_empty(), "{mistake:?}");
        let withdrawn = mistake.expect == Expectation::Refused;
        assert!(withdrawn || mistake.expect == mistake.mistake.expectation(), "{mistake:?}");
        kinds.insert(mistake.mistake);
    }
    assert_eq!(kinds.len(), 8);
    let refused = truth
        .lists
        .mistakes
        .iter()
        .filter(|s| s.expect == Expectation::RefusedThenCorrected)
        .count();
    assert_eq!(refused as u64, truth.lists.corrected.values().sum::<u64>());
}

#[test]
fn the_city_spends_about_as_much_as_in_the_round_before() {
    let budgets = rows("fund_budget");
    let special = |record: &&Record| text(record, "source") == "CITY_SPECIAL";
    let of = |fits: fn(i64) -> bool| {
        let budgets = budgets.iter().filter(special).filter(|b| fits(number(b, "year")));
        sum(budgets, "amount")
    };
    let year = of(|year| year == 2016);
    assert_eq!(year, scaled(8_089_360_000));
    assert_eq!(of(|year| (2011..=2015).contains(&year)), scaled(8_137_420_000));
    let recurring = budgets.iter().filter(|b| text(b, "is_recurring") == "true");
    assert_eq!(sum(recurring.clone(), "amount"), scaled(15_102_304_000));
    assert_eq!(distinct(recurring, "purpose").len(), 3);
    assert_eq!(rows("programme_round").len(), 2);
}

#[test]
fn money_below_never_exceeds_the_money_above() {
    let (budgets, allocations, payments) =
        (rows("fund_budget"), rows("fund_allocation"), rows("fund_payment"));
    let mut left: BTreeMap<&str, i64> =
        budgets.iter().map(|b| (text(b, "budget_no"), number(b, "amount"))).collect();
    for allocation in &allocations {
        *left.get_mut(text(allocation, "budget_no")).unwrap() -= number(allocation, "amount");
    }
    assert!(left.values().all(|left| *left >= 0));
    let mut left: BTreeMap<&str, i64> =
        allocations.iter().map(|a| (text(a, "allocation_no"), number(a, "amount"))).collect();
    let mut projects: BTreeMap<&str, i64> = BTreeMap::new();
    for payment in &payments {
        let sign = if text(payment, "reverses").is_empty() { 1 } else { -1 };
        let amount = sign * number(payment, "amount");
        *left.get_mut(text(payment, "allocation_no")).unwrap() -= amount;
        *projects.entry(text(payment, "project_no")).or_default() += amount;
    }
    assert!(left.values().all(|left| *left >= 0));
    assert!(left.values().any(|left| *left > 0), "some money lies idle");
    for project in rows("project") {
        let paid = projects.get(text(&project, "project_no")).copied().unwrap_or(0);
        assert_eq!(paid, number(&project, "paid"));
    }
}

#[test]
fn projects_have_modes_sources_and_stages_in_order() {
    let projects = rows("project");
    assert_eq!(projects.len(), 23, "nine with yield and fourteen others are the least");
    let modes = distinct(&projects, "mode");
    let named = ["INDUSTRY", "ECOMMERCE", "PV", "RELOCATION", "MICROCREDIT", "PROPERTY_LEASE"];
    assert!(named.iter().chain(&["COOP", "ENTERPRISE"]).all(|mode| modes.contains(mode)));
    assert!(modes.len() > 10);
    let stages = [
        "proposed_on",
        "library_on",
        "planned_on",
        "funded_on",
        "contracted_on",
        "started_on",
        "completed_on",
        "accepted_on",
        "settled_on",
        "audited_on",
    ];
    for project in &projects {
        assert_eq!(number(project, "budget"), sources(project));
        let days: Vec<&str> = stages.iter().map(|stage| text(project, stage)).collect();
        let done = days.iter().take_while(|day| !day.is_empty()).count();
        assert!(days[..done].is_sorted() && days[done..].iter().all(|day| day.is_empty()));
        assert!(text(project, "started_on").starts_with("2016"));
    }
    let accepted = projects.iter().filter(|p| !text(p, "accepted_on").is_empty()).count();
    assert!(accepted > 15 && accepted < projects.len(), "{accepted}");
    assert_eq!(distinct(&projects, "nature").len(), 3);
}

#[test]
fn yield_to_households_is_what_households_are_paid() {
    let (_, truth) = shared();
    let yields = rows("project_yield");
    assert_eq!(yields.len(), 9);
    assert_eq!(sum(&yields, "to_households"), truth.totals.yield_fen);
    let mut paid: BTreeMap<String, i64> = BTreeMap::new();
    for benefit in rows("project_benefit") {
        *paid.entry(text(&benefit, "project_no").to_owned()).or_default() +=
            number(&benefit, "amount");
    }
    for project in &yields {
        let number = |column| number(project, column);
        assert_eq!(number("yield"), number("to_households") + number("to_village"));
        let households = paid.get(text(project, "project_no")).copied().unwrap_or(0);
        assert_eq!(number("to_households"), households);
    }
}

#[test]
fn every_weak_village_has_a_unit_a_team_a_project_and_a_centre() {
    let pairings = rows("unit_pairing");
    let active: Vec<&Record> =
        pairings.iter().filter(|pairing| text(pairing, "to_on").is_empty()).collect();
    let units = |level: &str| {
        let of = active.iter().copied().filter(|pairing| text(pairing, "level") == level);
        distinct(of, "unit_no").len()
    };
    // Two of the fourteen units of counties lie where only a unit of the city helps.
    assert_eq!((units("CITY"), units("COUNTY")), (7, 12));
    let place = |record: &Record| {
        ["county", "town", "village"].map(|column| text(record, column).to_owned())
    };
    let helped: BTreeSet<_> = active.iter().map(|pairing| place(pairing)).collect();
    assert_eq!(helped.len(), WEAK);
    let postings = rows("posting");
    let leaders = postings.iter().filter(|posting| text(posting, "role") == "TEAM_LEADER");
    assert_eq!(leaders.map(place).collect::<BTreeSet<_>>(), helped);
    assert_eq!(count(&postings, "role", "FIRST_SECRETARY"), 4, "not one in every village");
    assert_eq!(rows("centre").iter().map(place).collect::<BTreeSet<_>>(), helped);
    let with_project: BTreeSet<_> = rows("project").iter().map(place).collect();
    assert!(helped.is_subset(&with_project));
    assert!(distinct(&rows("office"), "kind").len() >= 6);
}

#[test]
fn pledges_are_signed_on_three_steps_and_targets_cover_those_above() {
    let pledges = rows("pledge");
    let signed = |record: &&Record| !text(record, "lower_signed_on").is_empty();
    let steps: BTreeSet<(&str, &str)> = pledges
        .iter()
        .filter(signed)
        .map(|pledge| (text(pledge, "upper_level"), text(pledge, "lower_level")))
        .collect();
    assert_eq!(steps.len(), 3);
    assert_eq!(pledges.len() - pledges.iter().filter(signed).count(), 23);
    let targets = rows("pledge_target");
    let area = |target: &Record| {
        let number = text(target, "pledge_no");
        number.split_once('-').map_or(String::new(), |(_, area)| area.to_owned())
    };
    for item in distinct(&targets, "item") {
        let of: BTreeMap<String, i64> = targets
            .iter()
            .filter(|target| text(target, "item") == item)
            .map(|target| (area(target), number(target, "target")))
            .collect();
        for (parent, target) in &of {
            let child = match parent.len() {
                4 => 6,
                6 => 9,
                _ => 12,
            };
            let inside = of.iter().filter(|(c, _)| c.len() == child && c.starts_with(parent));
            let below: Vec<i64> = inside.map(|(_, target)| *target).collect();
            assert!(below.is_empty() || below.iter().sum::<i64>() >= *target, "{item} {parent}");
        }
    }
}

#[test]
fn centres_of_the_year_are_on_schedule_but_not_all_in_use() {
    let centres = rows("centre");
    let budget = 20_363_870_000 * WEAK as i64 / 269;
    assert!((budget - 60_000..=budget).contains(&sum(&centres, "budget")));
    assert!(centres.iter().all(|centre| number(centre, "budget") == sources(centre)));
    let of = |year: &str| count(&centres, "batch_year", year);
    assert_eq!((of("2016"), of("2017"), of("2018")), (3, 2, 2), "as 105, 82 and 82");
    let mut progress: BTreeMap<String, [i64; 2]> = BTreeMap::new();
    for milestone in rows("centre_milestone") {
        let by = |column| {
            (1..="2016-12-31".len()).contains(&text(&milestone, column).len())
                && text(&milestone, column) <= "2016-12-31"
        };
        let both = progress.entry(text(&milestone, "centre_no").to_owned()).or_default();
        both[0] += if by("actual_on") { number(&milestone, "weight") } else { 0 };
        both[1] += if by("planned_on") { number(&milestone, "weight") } else { 0 };
    }
    for centre in &centres {
        let [physical, scheduled] = progress[text(centre, "centre_no")];
        assert!(physical >= scheduled, "{centre:?}");
        assert_eq!(scheduled > 0, text(centre, "batch_year") == "2016");
    }
    let used = centres.iter().filter(|centre| !text(centre, "in_use_on").is_empty()).count();
    assert_eq!(used, 1);
    assert_eq!(rows("centre_facility").len(), 10 * WEAK);
}

#[test]
fn the_area_plan_is_due_in_part_and_done_in_time() {
    let items = rows("area_plan_project");
    assert_eq!((items.len(), distinct(&items, "category").len()), (9, 3));
    let all = scaled(592_683_000_000);
    assert!((all - 2_000_000..=all).contains(&sum(&items, "investment")));
    let tranches = rows("area_plan_tranche");
    let of_year: Vec<&Record> =
        tranches.iter().filter(|tranche| text(tranche, "year") == "2016").collect();
    assert_eq!(of_year.len(), 4);
    let due = scaled(98_864_000_000);
    assert!((due - 1_000_000..=due).contains(&sum(of_year.iter().copied(), "investment")));
    let in_time = |tranche: &&Record| {
        let done = text(tranche, "completed_on");
        !done.is_empty() && done <= text(tranche, "due_on")
    };
    assert!(of_year.iter().all(in_time));
}

#[test]
fn secretaries_meetings_documents_and_honours_are_as_many_as_reported() {
    let terms = rows("post_term");
    let elected = terms.iter().filter(|term| {
        text(term, "level") == "VILLAGE"
            && text(term, "reason_in") == "ELECTION"
            && text(term, "from_on").starts_with("2016")
    });
    assert_eq!(elected.clone().count(), 12);
    assert!(distinct(elected, "source_group").len() > 1);
    let secretaries = terms
        .iter()
        .filter(|t| text(t, "post") == "PARTY_SECRETARY" && text(t, "to_on").is_empty());
    assert_eq!(distinct(secretaries, "level").len(), 4);
    let meetings = rows("meeting");
    let of_city = || meetings.iter().filter(|meeting| text(meeting, "level") == "CITY");
    assert_eq!((of_city().count(), distinct(of_city(), "kind").len()), (15, 3));
    let first = of_city().min_by_key(|meeting| text(meeting, "held_on")).unwrap();
    assert_eq!(text(first, "kind"), "THEMATIC");
    let documents = rows("policy_document");
    let issued = || {
        documents.iter().filter(|document| {
            text(document, "issuer_level") == "CITY"
                && text(document, "issued_on").starts_with("2016")
        })
    };
    assert_eq!(issued().count(), 13);
    let feeds = distinct(issued(), "feeds");
    assert_eq!(feeds.iter().filter(|feeds| !feeds.is_empty()).count(), 2);
    assert_eq!(issued().filter(|document| text(document, "subject") == "HEALTH").count(), 1);
    let honours = rows("honour");
    assert_eq!(count(&honours, "level", "NATIONAL"), 3);
    let provincial = honours.iter().filter(|title| text(title, "level") == "PROVINCIAL");
    let (valid, lapsed): (Vec<_>, Vec<_>) =
        provincial.partition(|title| text(title, "valid_until").is_empty());
    assert_eq!((valid.len(), lapsed.len()), (16, 1), "one title ended before the day");
    let practices = rows("practice");
    let of = |kind| count(&practices, "kind", kind);
    assert_eq!((of("PRINCIPLE"), of("METHOD"), of("CASE")), (10, 8, 20));
}

#[test]
fn documents_ground_rules_of_the_pack_and_some_rules_have_none() {
    let (documents, grounds) = (rows("policy_document"), rows("document_rule"));
    let numbers = distinct(&documents, "document_no");
    assert!(distinct(&grounds, "document_no").is_subset(&numbers));
    // A rule that the pack does not have would have been refused by the strict reader.
    let rules = pack().code_list(qb_policy::RULE_LIST).unwrap().codes.len();
    let grounded = distinct(&grounds, "rule").len();
    assert!(grounded > rules / 2 && grounded < rules, "{grounded} of {rules}");
}

#[test]
fn roads_and_buses_are_as_long_and_as_many_as_reported() {
    let roads = rows("road");
    let thousandths = |road: &Record| {
        let length = text(road, "length_km");
        let (whole, part) = length.split_once('.').unwrap_or((length, ""));
        format!("{whole}{part:0<3}").parse::<i64>().unwrap()
    };
    assert_eq!(roads.iter().map(thousandths).sum::<i64>(), scaled(660_873));
    let paid = scaled(64_873_910_000);
    assert!((paid - 10_000..=paid).contains(&sum(&roads, "investment")));
    let buses = rows("bus_service");
    assert!(buses.len() > 1_900 && count(&buses, "served", "true") == buses.len());
    let towns = rows("town_bus");
    assert_eq!((towns.len(), count(&towns, "served", "true")), (186, 88));
}

#[test]
fn the_economy_of_weak_villages_is_the_income_of_their_ledgers() {
    let (_, truth) = shared();
    let economy = rows("village_economy");
    assert_eq!(distinct(&economy, "economy_type").len(), 6);
    let recurring = truth
        .ledgers
        .iter()
        .map(|l| l.operating_fen + l.contract_rent_fen + l.investment_fen)
        .sum::<i64>();
    assert_eq!(sum(&economy, "income"), recurring);
    assert_eq!(distinct(&rows("village_measure_use"), "measure").len(), 4);
    assert_eq!(rows("village_path").len(), WEAK * 4);
}
