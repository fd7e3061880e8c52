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
    /// In so many of them, the number below the head is so much larger.
    Add(usize, &'static str, &'static str),
    /// The first stands once more, with these texts below these heads.
    Again(&'static [(&'static str, &'static str)]),
}

/// Changes rows that hold every one of these words; the file keeps its kind and encoding. A word is
/// the text of any cell, or `head=text` for the cell below a head.
///
/// # Panics
/// When no row holds them, or none of its cells the text to be replaced.
pub(crate) fn alter(path: &Path, words: &[&str], change: Change) {
    let mut rows = rows_of(path);
    let held = held(&rows, words);
    let place = *held.first().unwrap_or_else(|| panic!("no row with {words:?} in {path:?}"));
    match change {
        Change::Drop => {
            rows.remove(place);
        }
        Change::DropAll => held.iter().rev().for_each(|place| {
            rows.remove(*place);
        }),
        Change::Cell(from, to) => {
            let cell = rows[place].iter_mut().find(|cell| *cell == from);
            to.clone_into(cell.expect("a cell with the text to be replaced"));
        }
        Change::Set(most, head, to) => {
            let column = column(&rows, head);
            for place in held.into_iter().take(most) {
                set(&mut rows[place], column, to);
            }
        }
        Change::Add(most, head, by) => {
            let column = column(&rows, head);
            for place in held.into_iter().take(most) {
                let sum = number(&rows[place][column]) + number(by);
                set(&mut rows[place], column, &spelled(sum));
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
    if is_workbook(path) { write_workbook(path, &rows) } else { write_csv(path, &rows) }
}

/// The places of the rows that hold every one of these words; none in a file without the head.
fn held(rows: &[Vec<String>], words: &[&str]) -> Vec<usize> {
    let holds = |row: &[String], word: &str| match word.split_once('=') {
        Some((head, text)) => {
            place(rows, head).and_then(|column| row.get(column)).is_some_and(|cell| cell == text)
        }
        None => row.iter().any(|cell| cell == word),
    };
    let fits = |place: &usize| words.iter().all(|word| holds(&rows[*place], word));
    (0..rows.len()).filter(fits).collect()
}

/// How many rows of the file hold every one of these words.
pub(crate) fn count(path: &Path, words: &[&str]) -> usize {
    held(&rows_of(path), words).len()
}

/// The sum of the cells below a head over the rows that hold every one of these words.
pub(crate) fn sum(path: &Path, words: &[&str], head: &str) -> i128 {
    let rows = rows_of(path);
    let column = column(&rows, head);
    held(&rows, words).iter().map(|place| number(&rows[*place][column])).sum()
}

/// Digits after the point that a number keeps.
const DIGITS: usize = 12;

/// A decimal number in units of its last kept digit, as clerks write it; an empty cell is nothing.
///
/// # Panics
/// When the cell holds no number.
pub(crate) fn number(cell: &str) -> i128 {
    let plain = cell.trim_end_matches('元').replace(',', "");
    if plain.is_empty() {
        return 0;
    }
    let (sign, plain) = plain.strip_prefix('-').map_or((1, &*plain), |rest| (-1, rest));
    let (whole, rest) = plain.split_once('.').unwrap_or((plain, ""));
    let digits = format!("{whole}{rest:0<DIGITS$}");
    sign * digits.parse::<i128>().unwrap_or_else(|error| panic!("{error}: {cell}"))
}

/// A number of such units in words of a cell.
pub(crate) fn spelled(number: i128) -> String {
    let unit = 10_u128.pow(u32::try_from(DIGITS).expect("few digits"));
    let sign = if number < 0 { "-" } else { "" };
    let (whole, rest) = (number.unsigned_abs() / unit, number.unsigned_abs() % unit);
    let rest = format!("{rest:0DIGITS$}");
    let rest = rest.trim_end_matches('0');
    if rest.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{rest}") }
}

/// The place of a head.
fn column(rows: &[Vec<String>], head: &str) -> usize {
    place(rows, head).unwrap_or_else(|| panic!("a column {head}"))
}

/// The place of a head, with or without the mark of a required column.
fn place(rows: &[Vec<String>], head: &str) -> Option<usize> {
    let named = |row: &Vec<String>| row.iter().position(|cell| cell.trim_matches('*') == head);
    rows.iter().find_map(named)
}

fn set(row: &mut Vec<String>, column: usize, to: &str) {
    if row.len() <= column {
        row.resize(column + 1, String::new());
    }
    to.clone_into(&mut row[column]);
}

fn is_workbook(path: &Path) -> bool {
    path.extension().is_some_and(|kind| kind == "xlsx")
}

fn rows_of(path: &Path) -> Vec<Vec<String>> {
    if is_workbook(path) { workbook_rows(path) } else { csv_rows(path) }
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
