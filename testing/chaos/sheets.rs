//! Changes rows of a raw file, as a person with a spreadsheet would.

use calamine::{Data, Reader};
use std::path::Path;

/// What is done to rows that hold some words.
#[derive(Clone, Copy)]
pub(crate) enum Change {
    /// The first is taken out.
    Drop,
    /// All are taken out.
    DropAll,
    /// In the first, the cell that holds the one text holds the other.
    Cell(&'static str, &'static str),
    /// In so many of them, the cell below the head holds the text.
    Set(usize, &'static str, &'static str),
    /// The first stands once more, with these texts below these heads.
    Again(&'static [(&'static str, &'static str)]),
}

/// Changes rows that hold every one of these words; the file keeps its kind and encoding.
///
/// # Panics
/// When no row holds them, or none of its cells the text to be replaced.
pub(crate) fn alter(path: &Path, words: &[&str], change: Change) {
    let is_workbook = path.extension().is_some_and(|kind| kind == "xlsx");
    let mut rows = if is_workbook { workbook_rows(path) } else { csv_rows(path) };
    let holds = |row: &Vec<String>| words.iter().all(|word| row.iter().any(|cell| cell == word));
    let place = rows.iter().position(holds).expect("a row with these words");
    match change {
        Change::Drop => {
            rows.remove(place);
        }
        Change::DropAll => rows.retain(|row| !holds(row)),
        Change::Cell(from, to) => {
            let cell = rows[place].iter_mut().find(|cell| *cell == from);
            to.clone_into(cell.expect("a cell with the text to be replaced"));
        }
        Change::Set(most, head, to) => {
            let column = column(&rows, head);
            for row in rows.iter_mut().filter(|row| holds(row)).take(most) {
                set(row, column, to);
            }
        }
        Change::Again(cells) => {
            let mut again = rows[place].clone();
            for (head, to) in cells {
                set(&mut again, column(&rows, head), to);
            }
            rows.insert(place + 1, again);
        }
    }
    if is_workbook { write_workbook(path, &rows) } else { write_csv(path, &rows) }
}

/// The place of a head, with or without the mark of a required column.
fn column(rows: &[Vec<String>], head: &str) -> usize {
    let named = |row: &Vec<String>| row.iter().position(|cell| cell.trim_matches('*') == head);
    rows.iter().find_map(named).expect("a column with this head")
}

fn set(row: &mut Vec<String>, column: usize, to: &str) {
    if row.len() <= column {
        row.resize(column + 1, String::new());
    }
    to.clone_into(&mut row[column]);
}

/// Whether a row of the file holds every one of these words.
pub(crate) fn has(path: &Path, words: &[&str]) -> bool {
    let is_workbook = path.extension().is_some_and(|kind| kind == "xlsx");
    let rows = if is_workbook { workbook_rows(path) } else { csv_rows(path) };
    rows.iter().any(|row| words.iter().all(|word| row.iter().any(|cell| cell == word)))
}

fn workbook_rows(path: &Path) -> Vec<Vec<String>> {
    let mut book = calamine::open_workbook_auto(path).expect("a workbook");
    let sheet = book.worksheet_range_at(0).expect("a first sheet").expect("a readable sheet");
    sheet.rows().map(|row| row.iter().map(text).collect()).collect()
}

/// A cell as a clerk would type it again.
fn text(cell: &Data) -> String {
    match cell {
        Data::DateTime(moment) => {
            let (year, month, day, ..) = moment.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        other => other.to_string(),
    }
}

fn write_workbook(path: &Path, rows: &[Vec<String>]) {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (line, row) in (0_u32..).zip(rows) {
        for (column, cell) in (0_u16..).zip(row) {
            sheet.write(line, column, cell).expect("a cell");
        }
    }
    book.save(path).expect("the workbook");
}

fn csv_rows(path: &Path) -> Vec<Vec<String>> {
    let bytes = std::fs::read(path).expect("the file");
    let words = match std::str::from_utf8(&bytes) {
        Ok(words) => words.to_owned(),
        Err(_) => encoding_rs::GB18030.decode(&bytes).0.into_owned(),
    };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(words.trim_start_matches('\u{feff}').as_bytes());
    let row = |record: Result<csv::StringRecord, csv::Error>| {
        record.expect("a row").iter().map(str::to_owned).collect()
    };
    reader.records().map(row).collect()
}

fn write_csv(path: &Path, rows: &[Vec<String>]) {
    let is_utf8 = std::str::from_utf8(&std::fs::read(path).expect("the file")).is_ok();
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).expect("a row");
    }
    let bytes = writer.into_inner().expect("all rows");
    let words = String::from_utf8(bytes).expect("text");
    let bytes = if is_utf8 {
        words.into_bytes()
    } else {
        encoding_rs::GB18030.encode(&words).0.into_owned()
    };
    std::fs::write(path, bytes).expect("the file");
}
