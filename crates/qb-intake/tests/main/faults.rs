//! F1–F18: what each fault of real files becomes.

use qb_intake::{ImportReport, fault_workbook};
use qb_registry::Severity;

use crate::files::{
    self, Bench, COUNTY, HEAD, HOUSEHOLD_NO, ID_NO, IDENTIFIED, INCOME, MEMBER_COUNT, NAME,
    RELATION, Row, VILLAGE, csv, households, id_no, number, person, text,
};

/// How often a code occurs with a severity.
fn count(report: &ImportReport, code: &str, severity: Severity) -> u64 {
    report
        .fault_counts
        .iter()
        .filter(|count| count.code == code && count.severity == severity)
        .map(|count| count.count)
        .sum()
}

/// Imports three households with one cell changed in the first row.
fn with_cell(column: usize, cell: &str) -> (Bench, ImportReport) {
    let mut rows = households(3);
    rows[0][column] = cell.to_owned();
    let bench = Bench::new();
    let report = bench.write("a.csv", csv(&rows)).import();
    (bench, report)
}

fn repaired(column: usize, cell: &str, code: &str) -> Bench {
    let (bench, report) = with_cell(column, cell);
    assert_eq!((report.people, report.rows_rejected), (6, 0), "{cell}: {:?}", report.faults);
    assert!(count(&report, code, Severity::Repaired) >= 1, "{cell}: {:?}", report.fault_counts);
    bench
}

fn refused(column: usize, cell: &str, code: &str) -> ImportReport {
    let (_bench, report) = with_cell(column, cell);
    assert_eq!((report.people, report.rows_rejected), (5, 1), "{cell}: {:?}", report.faults);
    assert_eq!(count(&report, code, Severity::Refused), 1, "{cell}: {:?}", report.fault_counts);
    report
}

#[test]
fn rows_without_fault_all_go_in() {
    let bench = Bench::new();
    let report = bench.write("a.csv", csv(&households(3))).import();
    assert_eq!(
        (report.people, report.households, report.rows_read, report.rows_rejected),
        (6, 3, 6, 0)
    );
    assert!(report.faults.is_empty() && report.is_complete(), "{:?}", report.faults);
    assert_eq!(
        number(&bench.store.store, "select count(*) from person where relation = 'HEAD'"),
        3
    );
    assert_eq!(
        number(&bench.store.store, "select income_reported_fen from household where id = 1"),
        560_050
    );
}

#[test]
fn f1_a_number_of_fifteen_digits_is_completed() {
    let full = id_no(10);
    let short = format!("{}{}", &full[..6], &full[8..17]);
    let bench = repaired(ID_NO, &short, "F1");
    let known = bench
        .store
        .store
        .keyring()
        .blind(qb_base::keyring::Purpose::ResidentNumber, full.as_bytes());
    let found = bench.store.store.read::<_, qb_store::StoreError>(|conn| {
        conn.query_opt(
            "select id from person where id_blind = $1",
            &[known.0.as_slice().into()],
            |row| row.int(0),
        )
    });
    assert_eq!(found.unwrap(), Some(1));
}

#[test]
fn f2_full_width_characters_and_blanks_are_folded() {
    repaired(ID_NO, &format!("'{}", id_no(10)), "F2");
    repaired(ID_NO, &format!("{} {}", &id_no(10)[..6], &id_no(10)[6..]), "F2");
}

#[test]
fn f3_look_alikes_are_replaced_when_the_check_digit_agrees() {
    repaired(ID_NO, &id_no(10).replacen('0', "O", 1), "F3");
}

#[test]
fn f4_a_number_turned_into_a_figure_is_refused_with_its_place() {
    let report = refused(ID_NO, "3.20324E+17", "F4");
    let fault = report.faults.iter().find(|fault| fault.code == "F4").unwrap();
    assert_eq!(
        (fault.file.as_str(), fault.row, fault.column, fault.column_label.as_deref()),
        ("a.csv", 2, Some(7), Some("证件号码"))
    );
    assert!(
        !fault.message.zh.is_empty() && !fault.message.en.is_empty() && !fault.remedy.zh.is_empty()
    );
}

#[test]
fn a_wrong_check_digit_is_refused_and_its_message_is_masked() {
    let good = id_no(10);
    let wrong = format!("{}{}", &good[..17], if good.ends_with('5') { '6' } else { '5' });
    let report = refused(ID_NO, &wrong, "id_checksum");
    assert!(report.faults.iter().all(|fault| !fault.message.zh.contains(&wrong[..14])));
}

#[test]
fn f5_dates_are_read_in_every_usual_form() {
    let bench = repaired(IDENTIFIED, "2016年5月", "F5");
    assert_eq!(
        text(&bench.store.store, "select identified_on from household where id = 1"),
        "2016-05"
    );
}

#[test]
fn f6_amounts_with_units_are_read_to_the_fen() {
    let bench = repaired(INCOME, "1.2万", "F6");
    assert_eq!(
        number(&bench.store.store, "select income_reported_fen from household where id = 1"),
        1_200_000
    );
}

#[test]
fn f7_titles_merged_heads_notes_and_totals_are_no_rows() {
    let mut upper: Row = vec![String::new(); HEAD.len()];
    upper[COUNTY] = "所在地区".into();
    upper[HOUSEHOLD_NO] = "户".into();
    let mut sheet: Vec<Row> =
        vec![vec!["2016年建档立卡登记名册".into()], upper, HEAD.map(str::to_owned).to_vec()];
    sheet.push((1..=HEAD.len()).map(|column| column.to_string()).collect());
    sheet.extend(households(2));
    sheet.push(vec![
        "合计".into(),
        String::new(),
        String::new(),
        String::new(),
        String::new(),
        String::new(),
        String::new(),
        "4".into(),
    ]);
    sheet.push(vec!["填表人：某某".into(), "审核人：某某".into()]);
    let bench = Bench::new();
    let report = bench.write("a.xlsx", files::xlsx(&sheet)).import();
    assert_eq!(
        (report.people, report.rows_read, report.rows_rejected),
        (4, 4, 0),
        "{:?}",
        report.faults
    );
    assert_eq!(count(&report, "F7", Severity::Repaired), 1);
}

#[test]
fn f8_blank_area_cells_below_a_merged_one_are_filled_down() {
    let mut rows = households(3);
    for row in rows.iter_mut().skip(1) {
        row[VILLAGE] = String::new();
    }
    let bench = Bench::new();
    let report = bench.write("a.csv", csv(&rows)).import();
    assert_eq!((report.people, report.rows_rejected), (6, 0), "{:?}", report.faults);
    assert_eq!(count(&report, "F8", Severity::Repaired), 5);
}

#[test]
fn f9_and_f10_names_are_kept_and_only_their_key_is_folded() {
    let (bench, report) = with_cell(NAME, "蕭•?");
    assert_eq!(report.people, 6);
    assert_eq!(count(&report, "F9", Severity::Warning), 1);
    assert_eq!(text(&bench.store.store, "select name from person where id = 1"), "蕭•?");
    assert_eq!(
        text(&bench.store.store, "select name_key from person where id = 1"),
        qb_base::fold::key("肖·?")
    );
}

#[test]
fn f11_village_names_are_known_with_and_without_their_ending() {
    repaired(VILLAGE, "东风社区", "F11");
    refused(VILLAGE, "查无此村", "F11");
}

#[test]
fn f12_a_household_needs_one_head_and_the_rows_it_declares() {
    for (column, cell) in [(RELATION, "配偶"), (MEMBER_COUNT, "5")] {
        let (_bench, report) = with_cell(column, cell);
        assert_eq!(
            (report.people, count(&report, "F12", Severity::Warning)),
            (6, 1),
            "{cell}: {:?}",
            report.faults
        );
    }
    let (_bench, report) = with_cell(HOUSEHOLD_NO, "");
    assert_eq!(
        (report.people, count(&report, "F12", Severity::Refused)),
        (5, 1),
        "{:?}",
        report.faults
    );
}

#[test]
fn a_refused_member_does_not_make_its_household_incomplete() {
    let report = refused(ID_NO, "3.20324E+17", "F4");
    assert_eq!(count(&report, "F12", Severity::Warning), 0, "{:?}", report.faults);
}

#[test]
fn f13_other_forms_of_a_label_are_mapped() {
    let bench = repaired(files::CAUSE, "缺劳动力", "F13");
    assert_eq!(
        text(&bench.store.store, "select cause_main from household where id = 1"),
        "NO_LABOUR"
    );
    let mut rows = households(3);
    rows.iter_mut().for_each(|row| row[files::CAUSE] = "08".to_owned());
    let bench = Bench::new();
    let report = bench.write("a.csv", csv(&rows)).import();
    assert_eq!(
        (report.people, count(&report, "F13", Severity::Warning)),
        (6, 6),
        "a bare number says nothing"
    );
    assert_eq!(
        text(&bench.store.store, "select coalesce(cause_main, '') from household where id = 1"),
        ""
    );
}

#[test]
fn f14_the_same_number_in_two_households_refuses_the_later_row_and_names_the_first_by_file_and_row()
{
    let mut later = person(9, 0, 1);
    later[ID_NO] = id_no(10);
    let bench = Bench::new();
    bench.write("a.csv", csv(&households(3)));
    let report = bench.write("b.csv", csv(&[later])).import();
    assert_eq!((report.people, report.households), (6, 3), "{:?}", report.faults);
    let fault = report.faults.iter().find(|fault| fault.code == "F14").unwrap();
    assert_eq!((fault.file.as_str(), fault.row), ("b.csv", 2));
    assert!(
        fault.message.zh.contains("a.csv #2") && !fault.message.zh.contains("张三"),
        "{}",
        fault.message.zh
    );
}

#[test]
fn f15_gb18030_with_four_byte_characters_and_utf16_are_recognised() {
    let mut rows = households(2);
    rows[0][NAME] = "王𠮷".into();
    let bench = Bench::new();
    let bytes = encoding_rs::GB18030.encode(&csv(&rows)).0.into_owned();
    let report = bench.write("a.csv", bytes).import();
    assert_eq!(
        (report.people, count(&report, "F15", Severity::Repaired)),
        (4, 1),
        "{:?}",
        report.files
    );
    assert_eq!(text(&bench.store.store, "select name from person where id = 1"), "王𠮷");
    let bench = Bench::new();
    let utf16: Vec<u8> = "\u{feff}"
        .encode_utf16()
        .chain(csv(&rows).encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(bench.write("a.csv", utf16).import().people, 4);
}

#[test]
fn f16_hidden_sheets_are_left_out_and_hidden_rows_are_told() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let rows: Vec<Row> =
        std::iter::once(HEAD.map(str::to_owned).to_vec()).chain(households(2)).collect();
    for (at, row) in (0_u32..).zip(&rows) {
        for (column, cell) in (0_u16..).zip(row) {
            sheet.write_string(at, column, cell).unwrap();
        }
    }
    sheet.set_row_hidden(2).unwrap();
    book.add_worksheet().set_name("旧").unwrap().set_hidden(true);
    let bench = Bench::new();
    let report = bench.write("a.xlsx", book.save_to_buffer().unwrap()).import();
    assert_eq!(
        (report.people, count(&report, "F16", Severity::Warning)),
        (4, 2),
        "{:?}",
        report.faults
    );
}

#[test]
fn f17_a_year_copied_from_the_one_before_is_a_lead() {
    let head = "县,乡镇,行政村,户编号,户主姓名,年度,家庭人口,务工\n";
    let row = |year: u32| format!("睢宁县,沙集镇,东风社区居委会,H000001,张三,{year},2,12000\n");
    let bench = Bench::new();
    bench.write("a.csv", csv(&households(1))).write("y2015.csv", format!("{head}{}", row(2015)));
    let report = bench.write("y2016.csv", format!("{head}{}", row(2016))).import();
    assert_eq!(
        (report.rows_rejected, count(&report, "F17", Severity::Lead)),
        (0, 1),
        "{:?}",
        report.faults
    );
}

#[test]
fn f18_many_incomes_just_above_the_line_are_a_lead() {
    let mut rows = households(60);
    for row in &mut rows {
        row[INCOME] = "6020".into();
    }
    let bench = Bench::new();
    let report = bench.write("a.csv", csv(&rows)).import();
    assert_eq!(count(&report, "F18", Severity::Lead), 60, "{:?}", report.fault_counts);
}

#[test]
fn blank_null_and_zero_are_three_things() {
    for (cell, stored, said) in [("", -1, 0), ("NULL", -1, 1), ("0", 0, 0)] {
        let mut rows = households(1);
        rows.iter_mut().for_each(|row| row[INCOME] = cell.to_owned());
        let bench = Bench::new();
        let report = bench.write("a.csv", csv(&rows)).import();
        assert_eq!(
            number(&bench.store.store, "select coalesce(income_reported_fen, -1) from household"),
            stored
        );
        assert_eq!(u64::from(count(&report, "null_word", Severity::Repaired) > 0), said, "{cell}");
    }
}

#[test]
fn the_fault_workbook_is_corrected_and_imported_as_it_is() {
    let mut rows = households(3);
    rows[3][ID_NO] = "3.20324E+17".into();
    let bench = Bench::new();
    let report = bench.write("a.csv", csv(&rows)).import();
    assert_eq!(report.people, 5);
    let book = fault_workbook(&bench.store.store, &bench.pack, report.run).unwrap();
    let mut source =
        calamine::open_workbook_from_rs::<calamine::Xlsx<_>, _>(std::io::Cursor::new(book))
            .unwrap();
    let range = calamine::Reader::worksheet_range_at(&mut source, 0).unwrap().unwrap();
    let mut sheet: Vec<Row> =
        range.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect();
    assert_eq!(sheet.len(), 2, "the head and the refused row");
    let column = sheet[0].iter().position(|head| head == "证件号码").unwrap();
    assert!(sheet[1].iter().any(|cell| cell.contains("末几位已丢失")));
    sheet[1][column] = id_no(21);
    let report = bench.write("b.xlsx", files::xlsx(&sheet)).import();
    assert_eq!(
        (report.people, report.households, report.rows_rejected),
        (6, 3, 0),
        "{:?}",
        report.faults
    );
    assert_eq!(count(&report, "F12", Severity::Warning), 0, "{:?}", report.faults);
}

#[test]
fn rows_outside_the_scope_of_the_person_who_imports_are_refused() {
    let bench = Bench::new();
    bench.write("a.csv", csv(&households(2)));
    let options = qb_intake::ImportOptions {
        within: qb_base::AreaCode::parse("320322").ok(),
        ..files::options()
    };
    let report = qb_intake::import(
        &bench.store.store,
        &bench.pack,
        std::slice::from_ref(&bench.folder),
        &options,
        &mut |_| {},
    )
    .unwrap();
    assert_eq!((report.people, report.rows_rejected), (0, 4));
}
