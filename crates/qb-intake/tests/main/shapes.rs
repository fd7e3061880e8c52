//! Tables as offices shape them: merged cells, groups, halves, totals, extra and missing columns.

use qb_intake::{FileState, ImportReport};
use qb_registry::Severity;

use crate::files::{
    self, Bench, HEAD, HOUSEHOLD_NO, MEMBER_COUNT, RELATION, Row, csv, household_at, households,
    number, person, text, xlsx,
};

fn rows(rows: &[&[&str]]) -> Vec<Row> {
    rows.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect()).collect()
}

fn with_head(rows: Vec<Row>) -> Vec<Row> {
    std::iter::once(HEAD.map(str::to_owned).to_vec()).chain(rows).collect()
}

fn refused(report: &ImportReport) -> Vec<&str> {
    let faults = report.faults.iter().filter(|fault| fault.severity == Severity::Refused);
    faults.map(|fault| fault.code.as_str()).collect()
}

/// Records of a dataset that stand now.
fn records(bench: &Bench) -> i64 {
    number(&bench.store.store, "select count(*) from record where superseded_at is null")
}

#[test]
fn cells_merged_over_a_household_are_filled_down() {
    // The places and the number of members may be merged too, or stand in each row.
    for merged in
        [&[0, 1, 2, HOUSEHOLD_NO, MEMBER_COUNT][..], &[HOUSEHOLD_NO, MEMBER_COUNT], &[HOUSEHOLD_NO]]
    {
        let mut rows = households(3);
        for member in [1, 3, 5] {
            merged.iter().for_each(|column| rows[member][*column] = String::new());
        }
        let bench = Bench::new();
        let report = bench.write("a.csv", csv(&rows)).import();
        assert_eq!((report.people, report.households), (6, 3), "{merged:?}: {:?}", report.faults);
        let sizes = "select max(n) from (select count(*) as n from person group by household_id) x";
        assert_eq!(number(&bench.store.store, sizes), 2, "{merged:?}");
        assert!(report.fault_counts.iter().any(|count| count.code == "F8"));
    }
}

#[test]
fn a_row_without_household_number_that_belongs_to_no_household_above_is_refused() {
    // A head, a member too many, a member below a blank row.
    let mut head = households(2);
    head[2][HOUSEHOLD_NO] = String::new();
    let mut surplus = households(2);
    surplus[2] = person(2, 0, 2);
    surplus[2][HOUSEHOLD_NO] = String::new();
    surplus[2][RELATION] = "之子".into();
    let mut apart = households(1);
    apart[1][HOUSEHOLD_NO] = String::new();
    apart.insert(1, vec![String::new(); HEAD.len()]);
    for (rows, refused) in [(head, 1), (surplus, 1), (apart, 1)] {
        let bench = Bench::new();
        let report = bench.write("a.csv", csv(&rows)).import();
        assert_eq!(report.rows_rejected, refused, "{:?}", report.faults);
    }
}

const ITEMS: [&str; 3] = ["行次", "项目", "金额"];

fn ledger(table: &[&[&str]]) -> (i64, ImportReport) {
    let [county, town, village] = household_at();
    let top = rows(&[
        &["村集体经济收入台账", "", "", "单位：元"],
        &[
            &format!("县(市、区)：{county}"),
            &format!("乡(镇)：{town}"),
            &format!("行政村：{village}"),
            "年度：2016",
        ],
    ]);
    let bench = Bench::new();
    let sheet: Vec<Row> = top.into_iter().chain(rows(table)).collect();
    let report = bench.write("村账.xlsx", xlsx(&sheet)).import();
    let sql = "select coalesce(sum(amount_fen), 0) from village_ledger_item";
    (number(&bench.store.store, sql), report)
}

#[test]
fn equal_heads_under_two_groups_are_told_apart_by_their_group() {
    let table: &[&[&str]] = &[
        &["行次", "项目", "上年数", "", "本年数", ""],
        &["", "", "金额", "凭证号", "金额", "凭证"],
        &["1", "经营收入", "7", "", "100", "记1"],
    ];
    let (sum, report) = ledger(table);
    assert_eq!(sum, 10_000, "{:?}", report.faults);
}

#[test]
fn equal_heads_that_nothing_tells_apart_are_refused_with_their_columns() {
    let table: &[&[&str]] = &[
        &["行次", "项目", "甲方", "乙方"],
        &["", "", "金额", "金额"],
        &["1", "经营收入", "7", "100"],
    ];
    let (sum, report) = ledger(table);
    assert_eq!((sum, refused(&report)), (0, vec!["layout_ambiguous"]));
    let said = &report.files[0].message.as_ref().unwrap().zh;
    assert!(said.contains("“金额”(C、D)"), "{said}");
}

#[test]
fn two_halves_side_by_side_are_one_form() {
    let head: Row = [ITEMS, ITEMS].concat().iter().map(|head| (*head).to_owned()).collect();
    let head: Vec<&str> = head.iter().map(String::as_str).collect();
    let table: &[&[&str]] = &[
        &head,
        &["1", "经营收入", "100", "4", "经营支出", "30"],
        &["2", "发包及上交收入", "20", "5", "管理费用", "5"],
        &["3", "投资收益", "1", "", "", ""],
    ];
    let (sum, report) = ledger(table);
    assert_eq!((sum, report.rows_rejected), (15_600, 0), "{:?}", report.faults);
    assert_eq!(report.rows_read, 5);
}

#[test]
fn two_halves_of_a_list_are_read_one_after_the_other_with_their_places() {
    let half = ["支付编号", "下达编号", "支付日期", "支付金额(元)"];
    let head: Row = [half, half].concat().iter().map(|head| (*head).to_owned()).collect();
    let sheet: Vec<Row> = std::iter::once(head)
        .chain(rows(&[
            &["ZF1", "XD1", "2016-05-01", "1", "ZF3", "XD1", "2016-05-03", "x"],
            &["ZF2", "XD1", "x", "2", "ZF4", "XD1", "2016-05-04", "4"],
        ]))
        .collect();
    let bench = Bench::new();
    let report = bench.write("a.xlsx", xlsx(&sheet)).import();
    assert_eq!((records(&bench), report.rows_rejected), (2, 2), "{:?}", report.faults);
    let mut places: Vec<(u32, Option<u32>)> = report
        .faults
        .iter()
        .filter(|fault| fault.severity == Severity::Refused)
        .map(|fault| (fault.row, fault.column))
        .collect();
    places.sort_unstable();
    assert_eq!(places, [(2, Some(8)), (3, Some(3))]);
}

#[test]
fn town_and_village_in_one_cell_are_read() {
    let [county, town, village] = household_at();
    let head = ["县", "乡镇、村", "集体经济类型", "该类型收入(元)"];
    let kind = text_of_first("economy_type");
    for place in
        [format!("{town}{village}"), format!("{town} 东风社区"), format!("{county}{town}东风村")]
    {
        let bench = Bench::new();
        let sheet = [
            head.map(str::to_owned).to_vec(),
            vec![county.into(), place.clone(), kind.clone(), "5".into()],
        ];
        let report = bench.write("a.xlsx", xlsx(&sheet)).import();
        let area = text(&bench.store.store, "select coalesce(max(area_code), '') from record");
        assert_eq!((report.rows_rejected, area.len()), (0, 12), "{place}: {:?}", report.faults);
    }
}

fn text_of_first(list: &str) -> String {
    files::pack().code_list(list).unwrap().codes[0].label.zh.to_string()
}

#[test]
fn a_village_cell_may_repeat_its_town() {
    let mut rows = households(1);
    for row in &mut rows {
        row[2] = format!("{}{}", row[1], row[2]);
    }
    let bench = Bench::new();
    let report = bench.write("a.csv", csv(&rows)).import();
    assert_eq!((report.people, report.rows_rejected), (2, 0), "{:?}", report.faults);
}

#[test]
fn extra_columns_are_noted_and_refuse_no_file() {
    let own = ["帮扶责任人", "帮扶人电话", "开户行", "一卡通账号", "入户日期", "数据日期"];
    let mut sheet = with_head(households(2));
    sheet[0].extend(own.map(str::to_owned));
    let bench = Bench::new();
    let report = bench.write("a.xlsx", xlsx(&sheet)).import();
    assert_eq!((report.people, report.is_complete()), (4, true), "{:?}", report.faults);
    let noted = report.faults.iter().filter(|fault| fault.code == "column_unknown").count();
    assert_eq!(noted, own.len());
}

#[test]
fn the_national_export_of_2022_is_read_as_far_as_its_columns_are_known() {
    let head = "序号,数据日期,县(市、区、旗),乡(镇),行政村,自然村,户编号,人编号,姓名,证件号码,人数,\
        与户主关系,民族,文化程度,在校生状况,健康状况,劳动技能,务工时间（月）,是否参加大病保险,\
        致贫原因1,危房户,是否解决安全饮用水,人均纯收入,户联系电话,人联系电话,首次识别时间,\
        人员识别时间,户类型,易返贫致贫户(监测对象)类型,风险是否消除,风险识别时间,风险消除时间";
    let one = person(1, 0, 1);
    let row = format!(
        "1,202206,{},一组,{},汉族,小学,,健康,普通劳动力,6,是,因病,否,是,5600,,,2016-01,201601,脱贫户,,,,",
        one[..3].join(","),
        one[3..9].join(",")
    );
    let bench = Bench::new();
    let report = bench.write("a.csv", format!("{head}\n{row}\n")).import();
    assert_eq!((report.people, report.is_complete()), (1, true), "{:?}", report.faults);
    let unread = report.faults.iter().filter(|fault| fault.code == "column_unknown").count();
    assert_eq!(unread, 8, "{:?}", report.faults);
}

#[test]
fn a_long_list_that_lacks_a_column_is_no_short_list_with_extra_ones() {
    let sheet: Vec<Row> = with_head(households(2))
        .into_iter()
        .map(|mut row| {
            row.remove(files::ID_NO);
            row
        })
        .collect();
    let bench = Bench::new();
    let report = bench.write("a.xlsx", xlsx(&sheet)).import();
    assert_eq!(refused(&report), ["layout_columns"]);
    assert!(report.files[0].message.as_ref().unwrap().zh.contains("证件号码"));
}

/// A workbook of two sheets.
fn book(sheets: &[(&str, &[Row])]) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    for (name, rows) in sheets {
        let sheet = book.add_worksheet();
        sheet.set_name(*name).unwrap();
        for (at, row) in (0_u32..).zip(*rows) {
            for (column, cell) in (0_u16..).zip(row).filter(|(_, cell)| !cell.is_empty()) {
                sheet.write_string(at, column, cell).unwrap();
            }
        }
    }
    book.save_to_buffer().unwrap()
}

#[test]
fn a_workbook_one_of_whose_sheets_lacks_a_column_is_no_plain_success() {
    let whole = with_head(households(1));
    let lacking: Vec<Row> = with_head(vec![person(2, 0, 1)])
        .into_iter()
        .map(|mut row| {
            row.remove(files::ID_NO);
            row
        })
        .collect();
    let notes = rows(&[&["填表说明"], &["一、本表由村填写"]]);
    let bench = Bench::new();
    let bytes = book(&[("甲村", &whole), ("乙村", &lacking), ("说明", &notes)]);
    let report = bench.write("a.xlsx", bytes).import();
    assert_eq!((report.people, report.is_complete()), (2, false));
    assert_eq!(report.files[0].state, FileState::Partial);
    let said = &report.files[0].message.as_ref().unwrap().zh;
    assert!(said.contains("乙村") && said.contains("证件号码"), "{said}");
    assert_eq!(refused(&report), ["sheet"], "the notes are no list");
    let bench = Bench::new();
    let report = bench.write("a.xlsx", book(&[("甲村", &whole), ("说明", &notes)])).import();
    assert!(report.is_complete());
}

#[test]
fn every_sheet_that_lacks_a_column_is_named() {
    let lacking = |column: usize| -> Vec<Row> {
        let cut = |mut row: Row| {
            row.remove(column);
            row
        };
        with_head(households(1)).into_iter().map(cut).collect()
    };
    let bench = Bench::new();
    let bytes = book(&[("甲村", &lacking(files::ID_NO)), ("乙村", &lacking(files::NAME))]);
    let report = bench.write("a.xlsx", bytes).import();
    let said = &report.files[0].message.as_ref().unwrap().zh;
    for word in ["甲村", "证件号码", "乙村", "姓名"] {
        assert!(said.contains(word), "{word}: {said}");
    }
}

#[test]
fn totals_are_left_out_in_the_middle_and_in_whichever_column() {
    let head = "序号,支付编号,下达编号,收款方,支付日期,支付金额(元),备注\n";
    let rows = "1,ZF1,XD1,甲公司,2016-05-01,1,\n\
                小计,,,,,1,\n\
                2,ZF2,XD1,乙公司,2016-05-01,2,总计划内\n\
                ,,,沙集镇小计,,3,\n\
                ,小 计：,,,,3,\n\
                ,,合计(元),,,6,\n\
                3,ZF3,XD1,合计广告公司,2016-05-02,4,\n\
                总计,,,,,7,\n";
    let bench = Bench::new();
    let report = bench.write("a.csv", format!("{head}{rows}")).import();
    assert_eq!(
        (records(&bench), report.rows_read, report.rows_rejected),
        (3, 3, 0),
        "{:?}",
        report.faults
    );
}

#[test]
fn a_total_of_the_register_may_count_under_any_head() {
    let mut rows = households(2);
    let mut total = vec![String::new(); HEAD.len()];
    total[0] = "合计".into();
    total[HOUSEHOLD_NO] = "2".into();
    total[MEMBER_COUNT] = "4".into();
    rows.insert(2, total.clone());
    rows.push(total);
    let bench = Bench::new();
    let report = bench.write("a.csv", csv(&rows)).import();
    assert_eq!((report.people, report.households, report.rows_rejected), (4, 2, 0));
}

#[test]
fn notes_of_several_cells_are_no_records() {
    let head = "支付编号,下达编号,收款方,支付日期,支付金额(元)\n";
    let rows = "ZF1,XD1,甲公司,2016-05-01,1\n\
                ,,,,\n\
                备注,1.本表金额不含配套,2.按季填报,,\n\
                ,3.数据来自财政局,4.不含退款,,\n\
                填表人：某某,,审核人：某某,,\n";
    let bench = Bench::new();
    let report = bench.write("a.csv", format!("{head}{rows}")).import();
    assert_eq!((records(&bench), report.rows_read, report.rows_rejected), (1, 1, 0));
}

#[test]
fn a_line_of_signatures_below_a_list_of_places_is_no_record() {
    let [county, town, _] = household_at();
    let text = format!(
        "序号,县(市、区),乡(镇),是否开通镇村公交\n1,{county},{town},是\n填报人:,,,审核人:\n"
    );
    let bench = Bench::new();
    let report = bench.write("a.csv", text).import();
    assert_eq!((records(&bench), report.rows_rejected), (1, 0), "{:?}", report.faults);
}

#[test]
fn a_row_that_lacks_its_key_is_refused_and_no_note() {
    let head = "支付编号,下达编号,收款方,支付日期,支付金额(元)\n";
    let rows = "ZF1,XD1,甲公司,2016-05-01,1\n,XD1,第一建筑公司,2016-05-02,2\n";
    let bench = Bench::new();
    let report = bench.write("a.csv", format!("{head}{rows}")).import();
    assert_eq!((records(&bench), report.rows_rejected), (1, 1), "{:?}", report.faults);
}

#[test]
fn a_head_of_two_rows_repeated_on_each_page_is_no_record() {
    let mut upper: Row = vec![String::new(); HEAD.len()];
    upper[0] = "所在地区".into();
    upper[HOUSEHOLD_NO] = "户".into();
    upper[4] = "人员情况".into();
    let title = vec!["2016年建档立卡登记名册".to_owned(), String::new(), "第1页".to_owned()];
    let page = |household: u32| {
        let people = (0..2).map(move |member| person(household, member, 2));
        [title.clone(), upper.clone(), HEAD.map(str::to_owned).to_vec()].into_iter().chain(people)
    };
    let sheet: Vec<Row> = page(1).chain(page(2)).chain(page(3)).collect();
    let bench = Bench::new();
    let report = bench.write("a.xlsx", xlsx(&sheet)).import();
    assert_eq!((report.people, report.rows_rejected), (6, 0), "{:?}", report.faults);
}

#[test]
fn words_of_the_national_handbook_are_understood() {
    let head =
        "县,乡镇,行政村,户编号,人编号,姓名,证件号码,人数,与户主关系,在校生状况,健康状况,务工状况";
    let row = person(1, 0, 1);
    let base = row[..9].join(",");
    for (school, health, work) in [
        ("非在校生", "健康", "乡(镇)内务工"),
        ("学前教育", "残疾,患有大病,长期慢性病", "县外省内务工"),
        ("硕士研究生及以上", "长期慢性病、残疾", "省外务工"),
    ] {
        let bench = Bench::new();
        let cells = format!("{school},\"{health}\",{work}");
        let report = bench.write("a.csv", format!("{head}\n{base},{cells}\n")).import();
        let unknown = report.faults.iter().filter(|f| f.severity != Severity::Repaired).count();
        assert_eq!((report.people, unknown), (1, 0), "{cells}: {:?}", report.faults);
    }
    let bench = Bench::new();
    let text = format!("{head}\n{base},非在校生,健康,未务工\n");
    let report = bench.write("a.csv", text).import();
    assert!(report.faults.is_empty(), "{:?}", report.faults);
    let school = "select coalesce(school_status, '') from person";
    assert_eq!(files::text(&bench.store.store, school), "");
}

#[test]
fn other_files_of_a_folder_are_listed_and_one_handed_in_by_name_is_refused() {
    let bench = Bench::new();
    bench
        .write("名册.csv", csv(&households(1)))
        .write("照片/一户.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00".as_slice())
        .write("照片/Thumbs.db", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".as_slice())
        .write("说明.docx", b"PK\x03\x04".as_slice());
    let report = bench.import();
    assert_eq!((report.people, report.is_complete()), (2, true), "{:?}", report.files);
    let others = report.files.iter().filter(|file| file.state == FileState::NotATable).count();
    assert_eq!(others, 3, "{:?}", report.files);
    let picture = bench.folder.join("照片/一户.jpg");
    let report = files::import_into(&bench.store.store, &bench.pack, &picture);
    assert_eq!((report.files[0].state, report.is_complete()), (FileState::Refused, false));
    let report = bench.write("坏.xls", b"\xff\xd8\xff\xe0".as_slice()).import();
    assert!(!report.is_complete(), "a table by its name is refused");
}
