//! The fault workbook: refused rows in the layout they came in, the faulty cells marked, the reason
//! beside them.
//!
//! A clerk corrects the rows and imports the workbook as it is: the added columns are left out on
//! reading.

use std::collections::BTreeMap;
use std::sync::Arc;

use qb_base::keyring::Purpose;
use qb_policy::{Layout, LayoutForm, Pack};
use qb_store::{Store, StoreError, Value};
use rust_xlsxwriter::{Color, Format, FormatBorder, Workbook, Worksheet, XlsxError};

use crate::error::IntakeError;
use crate::rows::register::CELL_SEPARATOR;

/// Heads of the columns that the workbook adds; `layout::detect` leaves them out.
const ADDED: [&str; 4] = ["导入问题", "处理办法", "原文件", "原行号"];
/// Refused rows one workbook holds; more are in the next, after these are corrected.
pub const WORKBOOK_ROWS_MAX: usize = 200_000;
/// Width of the columns that hold sentences.
const WIDE: u16 = 48;

/// A refused row with its faults.
struct Refused {
    file: String,
    row: i64,
    cells: Vec<String>,
    /// Column label and sentences of each fault.
    faults: Vec<(Option<String>, String, String)>,
}

/// Refused rows by layout.
type ByLayout = BTreeMap<String, Vec<Refused>>;

/// Makes the fault workbook of an import run.
///
/// Its rows are opened from their seals, so a caller first writes who asked and why; this writes
/// nothing.
///
/// # Errors
/// When the store cannot be read, a seal is broken, or the workbook cannot be made.
pub fn fault_workbook(store: &Store, pack: &Pack, run: i64) -> Result<Vec<u8>, IntakeError> {
    let mut by_layout = read_refused(store, run)?;
    let mut book = Workbook::new();
    for layout in &pack.layouts {
        let Some(rows) = by_layout.remove(&layout.id).filter(|_| layout.form == LayoutForm::Table)
        else {
            continue;
        };
        let sheet = book.add_worksheet();
        write_sheet(sheet, &Arc::new(layout.clone()), &rows).map_err(failed)?;
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

fn read_refused(store: &Store, run: i64) -> Result<ByLayout, IntakeError> {
    let limit = i64::try_from(WORKBOOK_ROWS_MAX).unwrap_or(i64::MAX);
    let rows = store.read::<_, StoreError>(|conn| {
        conn.query(
            "select f.id, f.name, f.layout, r.sheet, r.row_no, r.cells_sealed from refused_row r \
             join source_file f on f.id = r.source_file_id where f.import_run_id = $1 \
             order by f.id, r.sheet, r.row_no limit $2",
            &[run.into(), Value::Int(limit)],
            |row| {
                Ok((
                    row.int(0)?,
                    row.text(1)?,
                    row.text_opt(2)?,
                    (row.text(3)?, row.int(4)?),
                    row.blob(5)?,
                ))
            },
        )
    })?;
    let mut faults = read_faults(store, run)?;
    let mut by_layout = ByLayout::new();
    for (file_id, file, layout, (sheet, row), sealed) in rows {
        let plain = store
            .keyring()
            .open(Purpose::RefusedRow, &sealed)
            .map_err(|error| IntakeError::Workbook(error.to_string()))?;
        let cells = plain
            .split(|byte| *byte == CELL_SEPARATOR)
            .map(|cell| String::from_utf8_lossy(cell).into_owned())
            .collect();
        let faults = faults.remove(&(file_id, sheet, row)).unwrap_or_default();
        by_layout.entry(layout.unwrap_or_default()).or_default().push(Refused {
            file,
            row,
            cells,
            faults,
        });
    }
    Ok(by_layout)
}

/// Faults of refused rows by file, sheet and row.
type Faults = BTreeMap<(i64, String, i64), Vec<(Option<String>, String, String)>>;

fn read_faults(store: &Store, run: i64) -> Result<Faults, StoreError> {
    let mut faults = Faults::new();
    store.read(|conn| {
        conn.each::<StoreError>(
            "select d.source_file_id, d.sheet, d.row_no, d.column_label, d.message_zh, \
            d.remedy_zh from row_fault d \
             join source_file f on f.id = d.source_file_id where f.import_run_id = $1 and \
             d.severity = 'refused' order by d.id",
            &[run.into()],
            |row| {
                let key = (row.int(0)?, row.text(1)?, row.int(2)?);
                faults.entry(key).or_default().push((row.text_opt(3)?, row.text(4)?, row.text(5)?));
                Ok(())
            },
        )
    })?;
    Ok(faults)
}

fn write_sheet(sheet: &mut Worksheet, layout: &Layout, rows: &[Refused]) -> Result<(), XlsxError> {
    let head = Format::new()
        .set_bold()
        .set_background_color(Color::RGB(0x00DD_E7E6))
        .set_border(FormatBorder::Thin);
    let text = Format::new().set_num_format("@");
    let marked = Format::new().set_num_format("@").set_background_color(Color::RGB(0x00FB_D9D3));
    let name: String = layout
        .title
        .zh
        .chars()
        .filter(|c| !matches!(c, '[' | ']' | ':' | '*' | '?' | '/' | '\\'))
        .take(31)
        .collect();
    sheet.set_name(name)?.set_freeze_panes(1, 0)?;
    let mut width = 0_u16;
    for label in layout.columns.iter().map(|column| &*column.label.zh).chain(ADDED) {
        sheet.write_string_with_format(0, width, label, &head)?;
        // Text format, or a spreadsheet would turn the next identity number into a figure.
        sheet.set_column_format(width, &text)?;
        width += 1;
    }
    let first_added = width.saturating_sub(4);
    sheet.set_column_width(first_added, WIDE)?.set_column_width(first_added + 1, WIDE)?;
    for (row, refused) in (1_u32..).zip(rows) {
        for (at, (column, cell)) in (0_u16..).zip(layout.columns.iter().zip(&refused.cells)) {
            let faulty = refused
                .faults
                .iter()
                .any(|(label, ..)| label.as_deref() == Some(&*column.label.zh));
            sheet.write_string_with_format(row, at, cell, if faulty { &marked } else { &text })?;
        }
        let join = |pick: fn(&(Option<String>, String, String)) -> &str| {
            refused.faults.iter().map(pick).collect::<Vec<_>>().join("\n")
        };
        sheet.write_string(row, first_added, join(|fault| &fault.1))?;
        sheet.write_string(row, first_added + 1, join(|fault| &fault.2))?;
        sheet.write_string(row, first_added + 2, &refused.file)?;
        sheet.write_string(row, first_added + 3, refused.row.to_string())?;
    }
    Ok(())
}
