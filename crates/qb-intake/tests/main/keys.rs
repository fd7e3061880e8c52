//! Numbers by which rows are found, as spreadsheets damage them; what a refused row leaves behind.

use qb_intake::ImportReport;
use qb_registry::Severity;

use crate::files::{
    self, Bench, HEAD, HOUSEHOLD_NO, ID_NO, IDENTIFIED, MEMBER_COUNT, NAME, RELATION, Row, csv,
    households, id_no, number, person, text,
};

const PERSON_NO: usize = 4;
const HOUSEHOLDS: &str = "select count(*) from household";

fn count(report: &ImportReport, code: &str, severity: Severity) -> u64 {
    let fits = |count: &&qb_intake::FaultCount| count.code == code && count.severity == severity;
    report.fault_counts.iter().filter(fits).map(|count| count.count).sum()
}

/// A register of sixteen-digit household numbers.
fn long_numbers() -> Vec<Row> {
    let mut rows = households(3);
    for row in &mut rows {
        row[HOUSEHOLD_NO] = row[HOUSEHOLD_NO].replace('H', "3203241130");
    }
    rows
}

#[test]
fn household_numbers_that_differ_by_repairable_damage_are_one() {
    let clean = long_numbers();
    for damage in ["'@", "`@", "=\"@\"", "@.0", " @", "@_x000D_", "@\u{3000}", "\u{200b}@"] {
        let mut rows = clean.clone();
        for row in &mut rows {
            row[HOUSEHOLD_NO] = damage.replace('@', &row[HOUSEHOLD_NO]);
        }
        let bench = Bench::new();
        bench.write("a.csv", csv(&clean)).import();
        let report = bench.write("b.csv", csv(&rows)).import();
        assert_eq!(report.rows_rejected, 0, "{damage}: {:?}", report.faults);
        assert_eq!(number(&bench.store.store, HOUSEHOLDS), 3, "{damage}");
        let bench = Bench::new();
        let report = bench.write("b.csv", csv(&rows)).import();
        assert_eq!((report.people, report.rows_rejected), (6, 0), "{damage}");
        let first = text(&bench.store.store, "select household_no from household where id = 1");
        assert_eq!(first, clean[0][HOUSEHOLD_NO], "{damage}");
    }
}

#[test]
fn a_key_turned_into_a_figure_refuses_its_rows_and_leaves_no_household() {
    for column in [HOUSEHOLD_NO, PERSON_NO] {
        for damaged in ["3.20312E+15", "3.203241130030001E15"] {
            let mut rows = households(3);
            rows[0][column] = damaged.into();
            rows[1][column] = damaged.into();
            let bench = Bench::new();
            let report = bench.write("a.csv", csv(&rows)).import();
            assert_eq!((report.people, report.rows_rejected), (4, 2), "{:?}", report.faults);
            assert_eq!(count(&report, "F4", Severity::Refused), 2, "{:?}", report.faults);
            assert_eq!(number(&bench.store.store, HOUSEHOLDS), 2);
            assert!(report.faults[0].message.zh.contains(damaged), "{:?}", report.faults[0]);
        }
    }
}

#[test]
fn a_number_cell_with_more_than_fifteen_digits_is_no_key() {
    for (key, stored) in [
        (HOUSEHOLD_NO, "select household_no from household"),
        (PERSON_NO, "select person_no from person"),
    ] {
        let mut rows = long_numbers();
        for row in &mut rows {
            row[PERSON_NO] = row[PERSON_NO].replace('P', "3203241130");
        }
        rows[0][key] = "77".into();
        let bench = Bench::new();
        let report = bench.write("a.xlsx", with_numbers(&HEAD, &rows, key)).import();
        assert_eq!((report.people, report.rows_rejected), (1, 5), "{:?}", report.faults);
        assert_eq!(count(&report, "F4", Severity::Refused), 5);
        assert_eq!(text(&bench.store.store, stored), "77");
    }
}

/// A workbook whose cells of one column are numbers where they can be, all others texts.
fn with_numbers(head: &[&str], rows: &[Row], numbers: usize) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (column, text) in (0_u16..).zip(head) {
        sheet.write_string(0, column, *text).unwrap();
    }
    for (at, row) in (1_u32..).zip(rows) {
        for (column, cell) in (0_u16..).zip(row) {
            match cell.parse::<f64>() {
                Ok(number) if usize::from(column) == numbers => {
                    sheet.write_number(at, column, number).unwrap()
                }
                _ => sheet.write_string(at, column, cell).unwrap(),
            };
        }
    }
    book.save_to_buffer().unwrap()
}

#[test]
fn a_damaged_number_in_an_income_sheet_or_a_list_is_no_key_either() {
    let income = ["县", "乡镇", "行政村", "户编号", "户主姓名", "年度", "家庭人口", "务工"];
    let payment = ["支付编号", "下达编号", "支付金额(元)", "支付日期"];
    let [county, town, village] = files::household_at();
    let owned = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Row>();
    let incomes = |no: &str| owned(&[county, town, village, no, "张三", "2016", "2", "12000"]);
    let payments = |no: &str| owned(&[no, "XD1", "5000", "2016-05-01"]);
    let statements = "select count(*) from income_statement";
    let paid = "select count(*) from record where dataset = 'fund_payment'";
    let sheets: [(&[&str], &dyn Fn(&str) -> Row, usize, &'static str); 2] =
        [(&income, &incomes, 3, statements), (&payment, &payments, 0, paid)];
    for (head, row, column, stored) in sheets {
        let text_of = |number: &str| {
            let lines = [owned(head), row(number)];
            lines.map(|line| line.join(",") + "\n").concat().into_bytes()
        };
        let long = "3203241130030001";
        let spelt = "3.203241130030001E15";
        let bytes = [
            ("number.xlsx", with_numbers(head, &[row(long)], column)),
            ("text.xlsx", with_numbers(head, &[row(spelt)], usize::MAX)),
            ("text.csv", text_of(spelt)),
        ];
        for (name, bytes) in bytes {
            let bench = Bench::new();
            let report = bench.write(name, bytes).import();
            assert_eq!(report.rows_rejected, 1, "{name}: {:?}", report.faults);
            assert_eq!(count(&report, "F4", Severity::Refused), 1, "{:?}", report.faults);
            assert_eq!(number(&bench.store.store, stored), 0, "{name}");
        }
    }
    // A short number that a writer spelt with an exponent has lost nothing.
    let bench = Bench::new();
    let spelt = with_numbers(&payment, &[payments("1.8E1")], 0);
    assert_eq!(bench.write("a.xlsx", spelt).import().rows_accepted, 1);
    let store = &bench.store.store;
    assert_eq!(text(store, "select record_key from record where dataset = 'fund_payment'"), "18");
}

#[test]
fn formula_quotes_come_off_in_every_column() {
    let mut rows = households(2);
    for row in &mut rows {
        for cell in row.iter_mut().filter(|cell| !cell.is_empty()) {
            *cell = format!("\"=\"\"{cell}\"\"\"");
        }
    }
    let bench = Bench::new();
    let report = bench.write("a.csv", csv(&rows)).import();
    assert_eq!((report.people, report.rows_rejected), (4, 0), "{:?}", report.faults);
    let store = &bench.store.store;
    assert_eq!(text(store, "select household_no from household where id = 1"), "H000001");
    assert_eq!(number(store, "select income_reported_fen from household where id = 1"), 560_050);
    assert_eq!(text(store, "select name from person where id = 1"), "张三");
    assert!(count(&report, "F2", Severity::Repaired) > 0);
}

#[test]
fn an_identity_number_that_ends_in_three_zeros_is_asked_about() {
    let with_zeros = (0..600).map(|turn| {
        let first = format!("32032419{}0101{}00", 40 + turn / 10, turn % 10);
        let check = qb_base::resident::check_digit(first.as_bytes()).unwrap();
        format!("{first}{}", char::from(check))
    });
    let number = with_zeros.into_iter().find(|number| number.ends_with("000")).unwrap();
    let mut rows = households(2);
    rows[0][ID_NO] = number;
    let bench = Bench::new();
    let report = bench.write("a.csv", csv(&rows)).import();
    assert_eq!(count(&report, "F4", Severity::Warning), 1, "{:?}", report.faults);
    assert_eq!((report.people, report.rows_rejected), (4, 0));
}

#[test]
fn rows_that_the_store_refuses_neither_make_a_household_nor_change_one() {
    let bench = Bench::new();
    bench.write("a.csv", csv(&households(3))).import();
    let mut rows = households(3);
    for row in &mut rows {
        row[HOUSEHOLD_NO] = row[HOUSEHOLD_NO].replace('H', "Z");
        row[PERSON_NO] = row[PERSON_NO].replace('P', "Q");
    }
    let report = bench.write("b.csv", csv(&rows)).import();
    assert_eq!(report.rows_rejected, 6);
    let store = &bench.store.store;
    assert_eq!(number(store, HOUSEHOLDS), 3);
    let others = report.fault_counts.iter().filter(|count| count.code != "F14").count();
    assert_eq!(others, 0, "no fault about a household that is not there: {:?}", report.faults);
    // A forgotten copy: known household numbers, other person numbers, another income.
    for row in &mut rows {
        row[HOUSEHOLD_NO] = row[HOUSEHOLD_NO].replace('Z', "H");
        row[files::INCOME] = "1".into();
    }
    let report = bench.write("b.csv", csv(&rows)).import();
    assert_eq!(report.rows_rejected, 6, "{:?}", report.faults);
    assert_eq!(number(store, "select min(income_reported_fen) from household"), 560_050);
    assert_eq!(number(store, "select count(*) from household_history"), 0);
}

#[test]
fn refused_rows_of_a_known_household_are_not_counted_again() {
    let rows: Vec<Row> = (0..4).map(|member| person(1, member, 4)).collect();
    let bench = Bench::new();
    bench.write("a.csv", csv(&rows)).import();
    let mut again = rows;
    for (row, damaged) in again.iter_mut().zip(["3.20E+17", "3.21E+17"]) {
        row[ID_NO] = damaged.into();
    }
    let report = bench.write("b.csv", csv(&again)).import();
    assert_eq!(report.rows_rejected, 2);
    let said: Vec<&str> = report.fault_counts.iter().map(|count| count.code.as_str()).collect();
    assert_eq!(said, ["F4"], "{:?}", report.faults);
    assert_eq!(number(&bench.store.store, "select count(*) from household_history"), 0);
}

#[test]
fn a_household_of_which_one_row_is_accepted_is_written_and_checked() {
    let mut rows = vec![person(1, 0, 1), person(1, 1, 1)];
    rows[0][RELATION] = "配偶".into();
    rows[0][MEMBER_COUNT] = "1".into();
    let bench = Bench::new();
    let report = bench.write("a.csv", csv(&rows)).import();
    assert_eq!(report.people, 2);
    assert_eq!(count(&report, "F12", Severity::Warning), 2, "no head, and two instead of one");
}

#[test]
fn a_known_person_number_with_another_name_and_number_is_a_conflict() {
    let bench = Bench::new();
    bench.write("a.csv", csv(&households(2))).import();
    let store = &bench.store.store;
    let mut rows = households(2);
    rows[0][NAME] = "李四".into();
    rows[0][ID_NO] = id_no(777);
    let report = bench.write("b.csv", csv(&rows)).import();
    assert_eq!(report.rows_rejected, 1, "{:?}", report.faults);
    let fault = report.faults.iter().find(|fault| fault.code == "F14").unwrap();
    assert!(fault.message.zh.contains("P00000100") && fault.message.zh.contains("a.csv #2"));
    assert_eq!(text(store, "select name from person where id = 1"), "张三");
    // A new name alone, or a corrected number alone, is a change.
    for (at, column, value) in [(0, NAME, "张三丰".to_owned()), (2, ID_NO, id_no(778))] {
        let mut rows = households(2);
        rows[at][column] = value;
        let report = bench.write("b.csv", csv(&rows)).import();
        assert_eq!(report.rows_rejected, 0, "{:?}", report.faults);
    }
    assert_eq!(number(store, "select count(*) from person_history"), 3);
}

#[test]
fn a_date_after_the_day_of_the_office_is_a_fault() {
    let bench = Bench::new();
    let mut rows = households(2);
    rows[0][IDENTIFIED] = "2016-06-02".into();
    rows[1][IDENTIFIED] = "2016-06-02".into();
    rows[2][IDENTIFIED] = "2016-06-01".into();
    rows[3][IDENTIFIED] = "2016-06".into();
    bench.write("a.csv", csv(&rows));
    let today = qb_base::PartialDate::from_iso("2016-06-01").map(|day| day.date);
    let options = qb_intake::ImportOptions { today, ..files::options() };
    let paths = std::slice::from_ref(&bench.folder);
    let store = &bench.store.store;
    let report = qb_intake::import(store, &bench.pack, paths, &options, &mut |_| {}).unwrap();
    assert_eq!(count(&report, "F5", Severity::Warning), 2, "{:?}", report.faults);
    assert!(report.faults[0].message.zh.contains("2016-06-02"));
    let known = "select count(*) from household where identified_on is null";
    assert_eq!(number(store, known), 1);
}

#[test]
fn every_message_holds_what_it_speaks_of() {
    let damages: [(usize, &str); 14] = [
        (IDENTIFIED, "2016.3"),
        (IDENTIFIED, "二〇一六年三月"),
        (IDENTIFIED, "11/1/16"),
        (IDENTIFIED, "去年"),
        (ID_NO, "123"),
        (ID_NO, "11111111111111111X"),
        (ID_NO, "3203241970010100甲1"),
        (ID_NO, "1.1E+17"),
        (NAME, "张三3"),
        (NAME, "张?"),
        (PERSON_NO, "1.1E+17"),
        (HOUSEHOLD_NO, "'H000001"),
        (files::CAUSE, "也许"),
        (MEMBER_COUNT, "两"),
    ];
    for (column, damaged) in damages {
        let mut rows = households(2);
        rows[0][column] = damaged.into();
        let bench = Bench::new();
        let report = bench.write("a.csv", csv(&rows)).import();
        assert!(!report.faults.is_empty(), "{damaged}");
        for fault in &report.faults {
            for said in [&fault.message.zh, &fault.message.en] {
                let hollow = ["{", "（）", "()", "“”", "read as  ", "读作。"];
                let is_hollow =
                    hollow.iter().any(|hollow| said.contains(hollow)) || said.ends_with("read as ");
                assert!(!is_hollow, "{damaged}: {said}");
            }
        }
    }
}
