use std::io::Cursor;

use calamine::{Data, Reader as _, Xlsx};

use super::*;
use crate::rows::{NoRows, SHEET_ROWS_MAX};
use crate::tests::{decimal, report};

struct Villages {
    total: u64,
}

impl RowSource for Villages {
    fn sheets(&self) -> Result<Vec<RowSheet>, ReportError> {
        Ok(vec![RowSheet {
            facts: vec!["V15".to_owned()],
            columns: vec![Text::fixed("地区", "area"), Text::fixed("收入", "income")],
            total: self.total,
            limit: SHEET_ROWS_MAX,
        }])
    }

    fn visit(
        &self,
        _: usize,
        limit: u64,
        receive: &mut dyn FnMut(&[Cell]) -> Result<(), ReportError>,
    ) -> Result<(), ReportError> {
        let name = |row| if row == 0 { "=1+1".to_owned() } else { format!("村{row}") };
        (0..self.total.min(limit)).try_for_each(|row| {
            receive(&[Cell::Text(name(row)), Cell::Number(decimal("180000.05"))])
        })
    }
}

fn read(bytes: Vec<u8>) -> Xlsx<Cursor<Vec<u8>>> {
    Xlsx::new(Cursor::new(bytes)).unwrap()
}

fn cell(book: &mut Xlsx<Cursor<Vec<u8>>>, sheet: &str, row: u32, column: u32) -> Data {
    book.worksheet_range(sheet).unwrap().get_value((row, column)).cloned().unwrap_or(Data::Empty)
}

#[test]
fn every_figure_and_note_has_its_line() {
    let report = report();
    let mut book = read(render_xlsx(&report, &NoRows, Lang::Zh).unwrap());
    assert_eq!(book.sheet_names(), ["来源", "指标", "核对说明", "各县（市、区）"]);
    assert_eq!(cell(&mut book, "指标", 1, 0), Data::String("G08".into()));
    assert_eq!(cell(&mut book, "指标", 1, 3), Data::Float(202_367.0));
    assert_eq!(cell(&mut book, "指标", 1, 5), Data::String("复算一致".into()));
    assert_eq!(cell(&mut book, "核对说明", 1, 6), Data::Float(28_703.0));
    let figures = book.worksheet_range("指标").unwrap();
    assert_eq!(figures.height(), report.figures.len() + 1);
}

#[test]
fn a_figure_that_is_a_day_is_written_as_one() {
    let mut report = report();
    report.figures[0].unit = Some("date".to_owned());
    report.figures[0].computed_exact = Some(decimal("20160218"));
    let mut book = read(render_xlsx(&report, &NoRows, Lang::Zh).unwrap());
    assert_eq!(cell(&mut book, "指标", 1, 3), Data::String("2016-02-18".into()));
}

#[test]
fn places_have_english_names_beside_the_chinese_ones() {
    let report = report();
    let mut book = read(render_xlsx(&report, &NoRows, Lang::En).unwrap());
    assert_eq!(cell(&mut book, "counties", 1, 1), Data::String("Feng county 丰县".into()));
    let mut book = read(render_xlsx(&report, &NoRows, Lang::Zh).unwrap());
    assert_eq!(cell(&mut book, "各县（市、区）", 1, 1), Data::String("丰县".into()));
}

#[test]
fn text_that_looks_like_a_formula_stays_text() {
    let mut report = report();
    report.figures[0].source_text = Text::fixed("x", "=HYPERLINK(\"x\")");
    let mut book = read(render_xlsx(&report, &Villages { total: 2 }, Lang::En).unwrap());
    assert_eq!(cell(&mut book, "figures", 1, 10), Data::String("=HYPERLINK(\"x\")".into()));
    assert_eq!(cell(&mut book, "V15", 1, 0), Data::String("=1+1".into()));
    assert_eq!(cell(&mut book, "V15", 1, 1), Data::Float(180_000.05));
    assert!(book.worksheet_formula("V15").unwrap().used_cells().next().is_none());
    assert!(book.worksheet_formula("figures").unwrap().used_cells().next().is_none());
}

#[test]
fn a_long_sheet_is_cut_and_says_so() {
    let total = SHEET_ROWS_MAX + 5;
    let mut book = read(render_xlsx(&report(), &Villages { total }, Lang::En).unwrap());
    let last = u32::try_from(SHEET_ROWS_MAX).unwrap() + 1;
    let said = cell(&mut book, "V15", last, 0).to_string();
    assert!(said.starts_with("5 more rows"), "{said}");
}

#[test]
fn a_personal_number_in_a_cell_stops_the_workbook() {
    let mut report = report();
    report.figures[1].source_text = Text::fixed("经办人13812345678", "x");
    let fault = render_xlsx(&report, &NoRows, Lang::Zh).unwrap_err().to_string();
    assert!(fault.contains("指标!3:11"), "{fault}");
}

#[test]
fn the_first_sheet_says_that_data_are_generated() {
    let mut report = report();
    report.provenance.is_synthetic = true;
    let mut book = read(render_xlsx(&report, &NoRows, Lang::Zh).unwrap());
    let said = cell(&mut book, "来源", 1, 1).to_string();
    assert!(said.starts_with("示例数据"), "{said}");
    assert_eq!(cell(&mut book, "来源", 3, 1), Data::Empty, "example data are not numbered");
}

#[test]
fn the_first_sheet_has_the_number_that_was_given_and_else_says_that_one_is_to_come() {
    let mut report = report();
    let shown = |report: &AnnualReport| {
        let mut book = read(render_xlsx(report, &NoRows, Lang::En).unwrap());
        cell(&mut book, "provenance", 3, 1).to_string()
    };
    assert_eq!(shown(&report), "to be numbered");
    report.document_no = Some("徐扶办〔2017〕3号".to_owned());
    assert_eq!(shown(&report), "徐扶办〔2017〕3号");
}
