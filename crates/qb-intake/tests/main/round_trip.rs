//! The fault workbook goes there and back: one cell is corrected, and only that cell changes.

use std::io::{Cursor, Read, Write};

use qb_intake::fault_workbook;
use qb_store::StoreError;
use rust_xlsxwriter::{Format, Workbook};

use crate::files::Bench;

/// What the faulty cell says before it is corrected.
const WRONG: &str = "待定";
/// What it says afterwards.
const RIGHT: &str = "7.5";

/// Where a sheet says the unit of its amounts.
#[derive(Clone, Copy, Debug)]
enum Unit {
    Head(&'static str),
    Above(&'static str),
    Title(&'static str),
    SecondRow(&'static str),
    Column(&'static str),
}

/// How a sheet writes its days.
#[derive(Clone, Copy, Debug)]
enum Days {
    Text,
    Cells,
    Of1904,
    BareOf1904,
}

/// A sheet of the yearly tasks of an area plan: two rows, the second with an amount that is none
/// unless it is corrected.
fn sheet(unit: Unit, days: Days, year_in_title: bool, amount: &str) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let date = Format::new().set_num_format("yyyy-mm-dd");
    let title = if year_in_title { "2016年度任务表" } else { "任务表" };
    let title = match unit {
        Unit::Title(unit) => format!("{title}（{unit}）"),
        _ => title.to_owned(),
    };
    sheet.write_string(0, 0, title).unwrap();
    if let Unit::Above(unit) = unit {
        sheet.write_string(1, 3, format!("单位：{unit}")).unwrap();
    }
    let money = match unit {
        Unit::Head(unit) => format!("年度计划投资({unit})"),
        _ => "年度计划投资".to_owned(),
    };
    let heads = ["序号", "规划项目编号", &money, "完成时限", "备注"];
    for (column, head) in (0_u16..).zip(heads) {
        sheet.write_string(2, column, head).unwrap();
    }
    let mut extra = 5;
    if !year_in_title {
        sheet.write_string(2, extra, "任务年度").unwrap();
        sheet.write_number(4, extra, 2016).unwrap();
        sheet.write_number(5, extra, 2016).unwrap();
        extra += 1;
    }
    if let Unit::Column(_) = unit {
        sheet.write_string(2, extra, "计量单位").unwrap();
    }
    if let Unit::SecondRow(unit) = unit {
        sheet.write_string(3, 2, unit).unwrap();
    }
    for (row, place, number, cell) in [(4_u32, 1_u8, "XM1", "12.25"), (5, 2, "XM2", amount)] {
        sheet.write_number(row, 0, place).unwrap();
        sheet.write_string(row, 1, number).unwrap();
        match cell.parse::<f64>() {
            Ok(amount) => sheet.write_number(row, 2, amount).unwrap(),
            Err(_) => sheet.write_string(row, 2, cell).unwrap(),
        };
        // 2016-05-01 is day 42,491 of the one system and day 41,029 of the other.
        match days {
            Days::Text => sheet.write_string(row, 3, "2016-05-01").unwrap(),
            Days::Cells => sheet.write_number_with_format(row, 3, 42_491, &date).unwrap(),
            Days::Of1904 => sheet.write_number_with_format(row, 3, 41_029, &date).unwrap(),
            Days::BareOf1904 => sheet.write_number(row, 3, 41_029).unwrap(),
        };
        if let Unit::Column(unit) = unit {
            sheet.write_string(row, extra, unit).unwrap();
        }
    }
    let bytes = book.save_to_buffer().unwrap();
    match days {
        Days::Text | Days::Cells => bytes,
        Days::Of1904 | Days::BareOf1904 => {
            edited(&bytes, "xl/workbook.xml", "<workbookPr", "<workbookPr date1904=\"1\"")
        }
    }
}

/// A workbook with a text of one of its parts changed and nothing else.
fn edited(bytes: &[u8], part: &str, from: &str, to: &str) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).unwrap();
        let name = file.name().unwrap().into_owned();
        let mut text = Vec::new();
        file.read_to_end(&mut text).unwrap();
        if name == part {
            let whole = String::from_utf8(text).unwrap();
            assert!(whole.contains(from), "{part} holds {from}");
            text = whole.replacen(from, to, 1).into_bytes();
        }
        writer.start_file(name, options).unwrap();
        writer.write_all(&text).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// What the store holds of every row.
fn stored(bench: &Bench) -> Vec<String> {
    let read = bench.store.store.read::<_, StoreError>(|conn| {
        conn.query(
            "select record_key, fields from record where superseded_at is null order by record_key",
            &[],
            |row| Ok(format!("{} {}", row.text(0)?, row.text(1)?)),
        )
    });
    read.unwrap()
}

#[test]
fn a_corrected_cell_changes_that_cell_and_nothing_else() {
    let units = [
        Unit::Head("万元"),
        Unit::Head("元"),
        Unit::Above("元"),
        Unit::Above("千元"),
        Unit::Title("元"),
        Unit::SecondRow("元"),
        Unit::SecondRow("（千元）"),
        Unit::Column("元"),
    ];
    let days = [Days::Text, Days::Cells, Days::Of1904, Days::BareOf1904];
    for (at, unit) in units.into_iter().enumerate() {
        for (other, days) in days.into_iter().enumerate() {
            // Both ways to say the year, for every unit and for every way to write days.
            let year_in_title = (at + other) % 2 == 0;
            let case = format!("{unit:?}, {days:?}, year in the title: {year_in_title}");
            let expected = Bench::new();
            let good = sheet(unit, days, year_in_title, RIGHT);
            let report = expected.write("任务.xlsx", good).import();
            assert_eq!(report.rows_rejected, 0, "{case}: {:?}", report.faults);
            let bench = Bench::new();
            let bad = sheet(unit, days, year_in_title, WRONG);
            let report = bench.write("任务.xlsx", bad).import();
            assert_eq!(report.rows_rejected, 1, "{case}: {:?}", report.faults);
            let book = fault_workbook(&bench.store.store, &bench.pack, report.run).unwrap();
            let wrong = format!(">{WRONG}<");
            let book = edited(&book, "xl/sharedStrings.xml", &wrong, &format!(">{RIGHT}<"));
            let report = bench.write("补正/任务.xlsx", book).import();
            assert_eq!(report.rows_rejected, 0, "{case}: {:?}", report.faults);
            assert_eq!(stored(&bench), stored(&expected), "{case}");
            assert!(stored(&bench).iter().all(|row| row.contains("2016-05-01")), "{case}");
        }
    }
}

#[test]
fn rows_below_merged_cells_come_back_with_what_was_filled_down() {
    let mut rows = crate::files::households(2);
    for column in [0, 1, 2, crate::files::HOUSEHOLD_NO, crate::files::MEMBER_COUNT] {
        rows[3][column] = String::new();
    }
    rows[3][crate::files::ID_NO] = "3.20324E+17".into();
    let bench = Bench::new();
    let report = bench.write("a.csv", crate::files::csv(&rows)).import();
    assert_eq!((report.people, report.rows_rejected), (3, 1), "{:?}", report.faults);
    let book = fault_workbook(&bench.store.store, &bench.pack, report.run).unwrap();
    let right = format!(">{}<", crate::files::id_no(21));
    let book = edited(&book, "xl/sharedStrings.xml", ">3.20324E+17<", &right);
    let report = bench.write("补正/a.xlsx", book).import();
    assert_eq!((report.people, report.households), (4, 2), "{:?}", report.faults);
}

#[test]
fn a_corrected_row_of_an_income_sheet_keeps_the_unit_of_its_head() {
    const DAMAGED: &str = "3.20312E+15";
    let income = |second: &str| {
        let place = crate::files::household_at().join(",");
        format!(
            "县,乡镇,行政村,户编号,户主姓名,年度,家庭人口,务工(万元)\n\
             {place},H000001,张三,2016,2,1.2\n{place},{second},张三,2016,2,0.35\n"
        )
    };
    let incomes = |bench: &Bench| {
        let sql = "select s.household_id, i.amount_fen from income_item i join income_statement s \
                   on s.id = i.statement_id where s.superseded_at is null order by 1";
        let read = |row: &qb_store::Row<'_>| Ok((row.int(0)?, row.int(1)?));
        bench.store.store.read::<_, StoreError>(|conn| conn.query(sql, &[], read)).unwrap()
    };
    let register = crate::files::csv(&crate::files::households(2));
    let bench = Bench::new();
    bench.write("登记/a.csv", register).write("收入/a.csv", income(DAMAGED));
    let report = bench.import();
    assert_eq!(report.rows_rejected, 1, "{:?}", report.faults);
    assert_eq!(incomes(&bench), [(1, 1_200_000)]);
    let book = fault_workbook(&bench.store.store, &bench.pack, report.run).unwrap();
    let book = edited(&book, "xl/sharedStrings.xml", &format!(">{DAMAGED}<"), ">H000002<");
    let report = bench.write("收入/补正/a.xlsx", book).import();
    assert_eq!(report.rows_rejected, 0, "{:?}", report.faults);
    assert_eq!(incomes(&bench), [(1, 1_200_000), (2, 350_000)]);
}
