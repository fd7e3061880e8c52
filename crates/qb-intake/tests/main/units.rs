//! Units of money wherever offices write them; an amount without one is never silently yuan.

use qb_intake::ImportReport;
use qb_registry::Severity;

use crate::files::{Bench, Row, household_at, number, xlsx};

fn rows(rows: &[&[&str]]) -> Vec<Row> {
    rows.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect()).collect()
}

/// The head fields of a ledger, with what stands right of them in the last row.
fn fields(beside: &str) -> Vec<Row> {
    let [county, town, village] = household_at();
    rows(&[
        &["村集体经济收入台账"],
        &[&format!("县(市、区)：{county}"), "", &format!("乡(镇)：{town}")],
        &[&format!("行政村：{village}"), "", "年度：2016", beside],
    ])
}

/// Imports a ledger; the operating income in fen where there is a ledger.
fn ledger(top: Vec<Row>, table: &[&[&str]]) -> (Option<i64>, ImportReport) {
    let bench = Bench::new();
    let sheet: Vec<Row> = top.into_iter().chain(rows(table)).collect();
    let report = bench.write("村账.xlsx", xlsx(&sheet)).import();
    let sql = "select coalesce(max(amount_fen), -1) from village_ledger_item \
               where item = 'operating'";
    let fen = number(&bench.store.store, sql);
    ((fen >= 0).then_some(fen), report)
}

fn says(report: &ImportReport, code: &str) -> bool {
    report.faults.iter().any(|fault| fault.code == code && fault.severity == Severity::Refused)
}

const TABLE: &[&[&str]] = &[&["行次", "项目", "本年数"], &["1", "经营收入", "12"]];

#[test]
fn a_unit_above_the_table_counts_for_its_amounts() {
    for (beside, fen) in [
        ("单位：万元", 12_000_000),
        ("（单位:元）", 1_200),
        ("金额单位：千元", 1_200_000),
        ("单 位：万 元、个", 12_000_000),
    ] {
        assert_eq!(ledger(fields(beside), TABLE).0, Some(fen), "{beside}");
    }
}

#[test]
fn a_unit_in_the_title_counts() {
    let mut top = fields("");
    top[0][0] = "2016年村集体经济收入台账（万元）".into();
    assert_eq!(ledger(top, TABLE).0, Some(12_000_000));
}

#[test]
fn a_unit_in_a_second_head_row_counts() {
    for units in [&["", "", "万元"][..], &["", "", "（万元）"], &["甲", "乙", "万元"]] {
        let table: &[&[&str]] = &[TABLE[0], units, TABLE[1]];
        assert_eq!(ledger(fields(""), table).0, Some(12_000_000), "{units:?}");
    }
}

#[test]
fn a_unit_in_the_head_of_the_group_counts() {
    let table: &[&[&str]] = &[
        &["行次", "项目", "金额(万元)", ""],
        &["", "", "本年数", "上年数"],
        &["1", "经营收入", "12", "10"],
    ];
    assert_eq!(ledger(fields(""), table).0, Some(12_000_000));
}

#[test]
fn a_unit_in_a_column_of_its_own_counts_for_its_row() {
    let table: &[&[&str]] = &[
        &["指标名称", "代码", "计量单位", "数量"],
        &["一、经营收入", "1", "万元", "12"],
        &["二、发包及上交收入", "2", "元", "5000"],
    ];
    let bench = Bench::new();
    let sheet: Vec<Row> = fields("").into_iter().chain(rows(table)).collect();
    let report = bench.write("村账.xlsx", xlsx(&sheet)).import();
    let sum = "select coalesce(sum(amount_fen), 0) from village_ledger_item";
    assert_eq!(number(&bench.store.store, sum), 12_000_000 + 500_000, "{:?}", report.faults);
}

#[test]
fn a_row_whose_column_names_no_unit_of_money_is_refused() {
    for unit in ["", "亩", "万美元"] {
        let table: &[&[&str]] = &[
            &["指标名称", "代码", "计量单位", "数量"],
            &["一、经营收入", "1", unit, "12"],
            &["二、发包及上交收入", "2", "元", "5000"],
        ];
        let (fen, report) = ledger(fields(""), table);
        assert_eq!(fen, None, "{unit}");
        assert!(says(&report, "unit"), "{unit}: {:?}", report.faults);
    }
}

#[test]
fn a_unit_in_the_cell_counts_and_an_amount_with_a_part_inside_is_refused() {
    let with = |cell: &'static str| -> (Option<i64>, ImportReport) {
        ledger(fields(""), &[TABLE[0], &["1", "经营收入", cell]])
    };
    assert_eq!(with("20万元").0, Some(20_000_000));
    assert_eq!(with("73.5万元").0, Some(73_500_000));
    assert_eq!(with("120000元").0, Some(12_000_000));
    let (fen, report) = with("10(其中,灾情因素6万元)");
    assert_eq!(fen, None);
    assert!(says(&report, "F6"), "{:?}", report.faults);
}

#[test]
fn an_amount_without_any_unit_is_a_fault_and_not_yuan() {
    for beside in ["", "单位：元、万元", "单位：万美元"] {
        let (fen, report) = ledger(fields(beside), TABLE);
        assert_eq!(fen, None, "{beside}");
        assert!(says(&report, "unit"), "{beside}: {:?}", report.faults);
        assert_eq!((report.rows_read, report.rows_rejected), (1, 1), "{beside}");
    }
    // Nothing is nothing in every unit.
    let zero: &[&[&str]] = &[TABLE[0], &["1", "经营收入", "0"]];
    assert_eq!(ledger(fields(""), zero).0, Some(0));
}

#[test]
fn the_head_of_a_column_says_more_than_what_stands_above_the_table() {
    let table: &[&[&str]] = &[&["行次", "项目", "本年数(元)"], TABLE[1]];
    assert_eq!(ledger(fields("单位：万元"), table).0, Some(1_200));
}

const PAYMENTS: &str = "支付编号,下达编号,支付日期";

/// Imports one payment; what it pays in fen, with the codes of its faults.
fn payment(above: &str, head: &str, cell: &str) -> (i64, Vec<String>) {
    let bench = Bench::new();
    let text = format!("{above}{PAYMENTS},{head}\nZF1,XD1,2016-05-01,{cell}\n");
    let report = bench.write("支付.csv", text).import();
    let fields = crate::files::text(
        &bench.store.store,
        "select coalesce(max(fields), '{}') from record where dataset = 'fund_payment'",
    );
    let fields: serde_json::Value = serde_json::from_str(&fields).unwrap();
    let codes = report.faults.iter().map(|fault| fault.code.clone()).collect();
    (fields["amount"].as_i64().unwrap_or(-1), codes)
}

#[test]
fn a_dataset_says_its_unit_in_the_head_above_or_by_the_pack() {
    assert_eq!(payment("", "支付金额(元)", "12"), (1_200, vec![]));
    assert_eq!(payment("", "支付金额(万元)", "12"), (12_000_000, vec![]));
    assert_eq!(payment("", "支付金额（单位：万元）", "12"), (12_000_000, vec![]));
    assert_eq!(payment("资金表,单位：万元,,\n", "支付金额", "12").0, 12_000_000);
    let (fen, codes) = payment("", "支付金额", "12");
    assert_eq!((fen, codes), (1_200, vec!["unit".to_owned()]), "the pack's unit, and said so");
}

#[test]
fn a_column_that_the_pack_counts_in_ten_thousands_follows_its_head() {
    let with = |head: &str| {
        let bench = Bench::new();
        let text = format!("规划项目编号,任务年度,完成时限,{head}\nPQ1,2016,2016-12-31,12\n");
        bench.write("a.csv", text).import();
        let sql = "select coalesce(max(fields), '{}') from record where dataset = \
                   'area_plan_tranche'";
        crate::files::text(&bench.store.store, sql)
    };
    for head in ["年度计划投资(万元)", "年度计划投资(元)"] {
        let fields: serde_json::Value = serde_json::from_str(&with(head)).unwrap();
        let fen = if head.contains('万') { 12_000_000 } else { 1_200 };
        assert!(fields.as_object().unwrap().values().any(|v| v.as_i64() == Some(fen)), "{fields}");
    }
}

#[test]
fn a_second_unit_in_the_middle_of_a_sheet_counts_for_the_rows_below_it() {
    let bench = Bench::new();
    let table = "资金表,单位：万元,,\n支付编号,下达编号,支付日期,支付金额\nZF1,XD1,2016-05-01,1\n\
        续表,,,单位：元\n支付编号,下达编号,支付日期,支付金额\nZF2,XD1,2016-05-01,1\n\
        续表,,,单位：万美元\nZF3,XD1,2016-05-01,1\n";
    let report = bench.write("支付.csv", table).import();
    let fields = |key: &str| -> serde_json::Value {
        let read = bench.store.store.read::<_, qb_store::StoreError>(|conn| {
            conn.query_opt(
                "select fields from record where record_key = $1",
                &[key.into()],
                |row| row.text(0),
            )
        });
        read.unwrap().map_or(serde_json::Value::Null, |text| serde_json::from_str(&text).unwrap())
    };
    assert_eq!(fields("ZF1")["amount"].as_i64(), Some(1_000_000));
    assert_eq!(fields("ZF2")["amount"].as_i64(), Some(100));
    assert!(says(&report, "unit") && fields("ZF3").is_null(), "{:?}", report.faults);
}
