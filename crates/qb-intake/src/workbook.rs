//! The fault workbook: refused rows below the titles and heads they were sent with, the faulty
//! cells marked, the reason beside them.
//!
//! A clerk corrects the rows and imports the workbook as it is: the added columns are left out on
//! reading. Titles, heads, units and dates stay as they were, or a corrected row would mean another
//! amount, year or day than the row that was sent.

mod cells;

use std::collections::BTreeMap;

use qb_base::keyring::Purpose;
use qb_policy::{ColumnKind, Layout, LayoutForm, Pack};
use qb_store::{Store, StoreError, Value};
use rust_xlsxwriter::{Workbook, Worksheet, XlsxError};

use self::cells::Formats;
use crate::error::IntakeError;
use crate::read::batch::CellKind;
use crate::rows::kept::{self, KeptCell};

/// Heads of the columns that the workbook adds; the pack names them among the free heads.
const ADDED: [&str; 4] = ["导入问题", "处理办法", "原文件", "原行号"];
/// Refused rows one workbook holds; more are in the next, after these are corrected.
///
/// Measured with rows of a register, 31 cells each: 50,000 make a file of 7 MB in 4 s within
/// 0.4 GiB of memory; 200,000 make one of 27 MB in 14 s and take 1.7 GiB, which an office's machine
/// does not spare beside the pages.
pub const WORKBOOK_ROWS_MAX: usize = 50_000;
/// Width of the columns that hold sentences.
const WIDE: u16 = 48;
/// Stands between the cells of a row that was kept without its sheet's head.
const CELL_SEPARATOR: char = '\u{1f}';

/// A refused row with its faults.
struct Refused {
    file: String,
    row: i64,
    cells: Vec<KeptCell>,
    faults: Vec<Reason>,
    /// Columns between its cells and those of the sheet it was sent in.
    shift: usize,
}

/// One fault of a refused row.
struct Reason {
    /// Column of the sheet, from 1.
    column: Option<i64>,
    label: Option<String>,
    message: String,
    remedy: String,
}

/// What stands above refused rows.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Top {
    layout: String,
    /// Titles and heads, as they were kept.
    rows: Vec<u8>,
    /// Which of the rows is the last of the head, from 0.
    head: usize,
    /// Columns between the cells and those of the sheet.
    shift: usize,
}

/// Rows that were sent under the same titles and heads.
type BySheet = BTreeMap<Top, Vec<Refused>>;

/// Makes the fault workbook of an import run.
///
/// Its rows are opened from their seals, so a caller first writes who asked and why; this writes
/// nothing.
///
/// # Errors
/// When the store cannot be read, a seal is broken, or the workbook cannot be made.
pub fn fault_workbook(store: &Store, pack: &Pack, run: i64) -> Result<Vec<u8>, IntakeError> {
    let by_sheet = read_refused(store, pack, run)?;
    let mut book = Workbook::new();
    let mut names = Vec::new();
    for (top, rows) in by_sheet {
        // A form is sent whole: a few of its rows would be another form.
        let Some(layout) = pack.layout(&top.layout).filter(|one| one.form == LayoutForm::Table)
        else {
            continue;
        };
        let name = sheet_name(&layout.title.zh, &mut names);
        write_sheet(book.add_worksheet(), (&name, layout), &top, &rows).map_err(failed)?;
    }
    if book.worksheets().is_empty() {
        let sheet = book.add_worksheet();
        sheet
            .write_string(0, 0, "本次导入没有被拒绝的行。No row was refused in this import.")
            .map_err(failed)?;
    }
    book.save_to_buffer().map_err(failed)
}

#[expect(clippy::needless_pass_by_value, reason = "used as a mapping of results")]
fn failed(error: XlsxError) -> IntakeError {
    IntakeError::Workbook(error.to_string())
}

/// A name for a sheet that no other has.
fn sheet_name(title: &str, names: &mut Vec<String>) -> String {
    let allowed = |c: &char| !matches!(c, '[' | ']' | ':' | '*' | '?' | '/' | '\\');
    let plain: String = title.chars().filter(allowed).take(25).collect();
    let taken = names.iter().filter(|name| **name == plain).count();
    names.push(plain.clone());
    if taken == 0 { plain } else { format!("{plain} {}", taken + 1) }
}

/// Titles and heads by file and sheet.
type Tops = BTreeMap<(i64, String), Top>;

fn read_tops(store: &Store, run: i64) -> Result<Tops, IntakeError> {
    let rows = store.read::<_, StoreError>(|conn| {
        conn.query(
            "select t.source_file_id, t.sheet, t.layout, t.head_row, t.shift, t.top_sealed \
             from sent_sheet t join source_file f on f.id = t.source_file_id \
             where f.import_run_id = $1",
            &[run.into()],
            |row| {
                let key = (row.int(0)?, row.text(1)?);
                Ok((key, row.text(2)?, (row.int(3)?, row.int(4)?), row.blob(5)?))
            },
        )
    })?;
    let mut tops = Tops::new();
    for (key, layout, (head, shift), sealed) in rows {
        let count = |number: i64| {
            usize::try_from(number).map_err(|_| IntakeError::Invariant("place of a kept head"))
        };
        let rows = open(store, &[&key.0.to_string(), &key.1], &sealed)?;
        let top = Top { layout, rows, head: count(head)?, shift: count(shift)? };
        tops.insert(key, top);
    }
    Ok(tops)
}

/// Opens what was kept of a refused row, or of the head of a sheet, by which of them it is.
fn open(store: &Store, whose: &[&str], sealed: &[u8]) -> Result<Vec<u8>, IntakeError> {
    let opened = store.keyring().open(Purpose::RefusedRow, whose, sealed);
    opened.map_err(|error| IntakeError::Workbook(error.to_string()))
}

fn read_refused(store: &Store, pack: &Pack, run: i64) -> Result<BySheet, IntakeError> {
    let limit = qb_base::count(WORKBOOK_ROWS_MAX);
    let rows = store.read::<_, StoreError>(|conn| {
        conn.query(
            "select f.id, f.name, f.layout, r.sheet, r.row_no, r.cells_sealed, r.is_whole \
             from refused_row r \
             join source_file f on f.id = r.source_file_id where f.import_run_id = $1 \
             order by f.id, r.sheet, r.row_no limit $2",
            &[run.into(), Value::Int(limit)],
            |row| {
                let sheet = (row.int(0)?, row.text(3)?);
                let file = (row.text(1)?, row.text_opt(2)?);
                Ok((sheet, file, row.int(4)?, row.blob(5)?, row.bool(6)?))
            },
        )
    })?;
    let mut faults = read_faults(store, run)?;
    let tops = read_tops(store, run)?;
    let mut by_sheet = BySheet::new();
    for ((file_id, sheet), (file, layout), row, sealed, is_whole) in rows {
        let (id, number) = (file_id.to_string(), row.to_string());
        let plain = open(store, &[&id, &sheet, &number], &sealed)?;
        let faults = faults.remove(&(file_id, sheet.clone(), row)).into_iter().flatten().collect();
        let top = tops.get(&(file_id, sheet)).filter(|_| is_whole);
        let (top, cells) = match top {
            Some(top) => (top.clone(), kept::rows(&plain).into_iter().flatten().collect()),
            None => {
                let Some(layout) = layout.as_deref() else { continue };
                without_head(pack, layout, &plain)
            }
        };
        let shift = top.shift;
        by_sheet.entry(top).or_default().push(Refused { file, row, cells, faults, shift });
    }
    Ok(by_sheet)
}

/// A row that was kept in the order of its layout, before heads were kept.
fn without_head(pack: &Pack, layout: &str, plain: &[u8]) -> (Top, Vec<KeptCell>) {
    let columns = pack.layout(layout).map_or(&[][..], |layout| &layout.columns);
    let labels: Vec<String> =
        columns.iter().map(|column| format!("t{}", column.label.zh)).collect();
    let rows = labels.join(&CELL_SEPARATOR.to_string()).into_bytes();
    let text = String::from_utf8_lossy(plain);
    let cell = |text: &str| KeptCell { kind: CellKind::Text, text: text.to_owned() };
    let cells = text.split(CELL_SEPARATOR).map(cell).collect();
    (Top { layout: layout.to_owned(), rows, head: 0, shift: 0 }, cells)
}

/// Faults of refused rows by file, sheet and row.
type Faults = BTreeMap<(i64, String, i64), Vec<Reason>>;

fn read_faults(store: &Store, run: i64) -> Result<Faults, StoreError> {
    let mut faults = Faults::new();
    store.read(|conn| {
        conn.each::<StoreError>(
            "select d.source_file_id, d.sheet, d.row_no, d.column_no, d.column_label, \
            d.message_zh, d.remedy_zh from row_fault d \
             join source_file f on f.id = d.source_file_id where f.import_run_id = $1 and \
             d.severity = 'refused' order by d.id",
            &[run.into()],
            |row| {
                let key = (row.int(0)?, row.text(1)?, row.int(2)?);
                faults.entry(key).or_default().push(Reason {
                    column: row.int_opt(3)?,
                    label: row.text_opt(4)?,
                    message: row.text(5)?,
                    remedy: row.text(6)?,
                });
                Ok(())
            },
        )
    })?;
    Ok(faults)
}

fn write_sheet(
    sheet: &mut Worksheet,
    (name, layout): (&str, &Layout),
    top: &Top,
    rows: &[Refused],
) -> Result<(), XlsxError> {
    let formats = Formats::new();
    let top_rows = kept::rows(&top.rows);
    let widths = top_rows.iter().map(Vec::len).chain(rows.iter().map(|row| row.cells.len()));
    let too_wide = |_| XlsxError::RowColumnLimitError;
    let width = u16::try_from(widths.fold(0, usize::max)).map_err(too_wide)?;
    let height = u32::try_from(top_rows.len()).map_err(too_wide)?;
    sheet.set_name(name)?.set_freeze_panes(height, 0)?;
    for column in 0..width {
        // Text format, or a spreadsheet would turn the next identity number into a figure.
        sheet.set_column_format(column, &formats.text)?;
    }
    for (at, cells) in (0_u32..).zip(&top_rows) {
        for (column, cell) in (0_u16..).zip(cells) {
            formats.write(sheet, (at, column), (cell, false), &formats.head)?;
        }
    }
    let head = u32::try_from(top.head).map_err(too_wide)?;
    for (column, label) in (width..).zip(ADDED) {
        sheet.write_string_with_format(head, column, label, &formats.head)?;
    }
    sheet.set_column_width(width, WIDE)?.set_column_width(width + 1, WIDE)?;
    let labels = top_rows.get(top.head).map_or(&[][..], Vec::as_slice);
    let below = Below { formats: &formats, added: width, labels, dates: dates(layout, labels) };
    for (at, refused) in (height..).zip(rows) {
        write_row(sheet, at, refused, &below)?;
    }
    Ok(())
}

/// What all rows below a head share.
struct Below<'a> {
    formats: &'a Formats,
    /// The first of the columns that the workbook adds.
    added: u16,
    labels: &'a [KeptCell],
    /// Columns that hold dates.
    dates: Vec<usize>,
}

/// The columns whose heads name dates or months.
fn dates(layout: &Layout, labels: &[KeptCell]) -> Vec<usize> {
    let is_date = |cell: &KeptCell| {
        let column = layout.column_of_head(cell.text.trim_matches('*'));
        column.is_some_and(|one| matches!(one.kind, ColumnKind::Date | ColumnKind::Month))
    };
    labels.iter().enumerate().filter(|(_, cell)| is_date(cell)).map(|(at, _)| at).collect()
}

fn write_row(
    sheet: &mut Worksheet,
    at: u32,
    refused: &Refused,
    below: &Below<'_>,
) -> Result<(), XlsxError> {
    let Below { formats, added, labels, dates } = below;
    let added = *added;
    for (column, cell) in (0_u16..).zip(&refused.cells) {
        let number = i64::from(column) + 1 + qb_base::count(refused.shift);
        let label = labels.get(usize::from(column)).map(|cell| &cell.text);
        let faulty = refused.faults.iter().any(|fault| match fault.column {
            Some(column) => column == number,
            None => fault.label.is_some() && fault.label.as_ref() == label,
        });
        let format = if faulty { &formats.marked } else { &formats.text };
        let is_date = dates.contains(&usize::from(column));
        formats.write(sheet, (at, column), (cell, is_date), format)?;
    }
    let join =
        |pick: fn(&Reason) -> &str| refused.faults.iter().map(pick).collect::<Vec<_>>().join("\n");
    sheet.write_string(at, added, join(|fault| &fault.message))?;
    sheet.write_string(at, added + 1, join(|fault| &fault.remedy))?;
    sheet.write_string(at, added + 2, &refused.file)?;
    sheet.write_string(at, added + 3, refused.row.to_string())?;
    Ok(())
}
