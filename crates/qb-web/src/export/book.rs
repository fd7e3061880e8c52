//! A list as a workbook, written row by row: words are cells of text, so that a number of sixteen
//! digits stays what it is and nothing is computed.

use std::fs::File;
use std::path::Path;

use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

use super::cells::is_computed;

/// Rows of a sheet, its heads included; a longer list goes on in the next sheet.
const ROWS_OF_SHEET: u32 = 1_048_576;
/// Digits that a spreadsheet keeps of a number.
const DIGITS_KEPT: usize = 15;
/// Characters a cell takes.
const CHARS_MAX: usize = 32_767;

pub(super) struct Book {
    book: Workbook,
    quantities: Vec<bool>,
    heads: Vec<String>,
    /// Sheets so far, and rows of the last.
    sheets: usize,
    rows: u32,
    text: Format,
    quoted: Format,
}

impl Book {
    /// Begins a workbook whose rows wait in files of a folder; `quantities` says which columns hold
    /// numbers.
    pub(super) fn new(folder: &Path, quantities: Vec<bool>) -> Result<Self, XlsxError> {
        let mut book = Workbook::new();
        book.set_tempdir(folder)?;
        let text = Format::new().set_num_format("@");
        let quoted = text.clone().set_quote_prefix();
        let rows = ROWS_OF_SHEET;
        Ok(Self { book, quantities, heads: Vec::new(), sheets: 0, rows, text, quoted })
    }

    /// Adds a row; the first one holds the heads.
    pub(super) fn line<T: AsRef<str>>(&mut self, cells: &[T]) -> Result<(), XlsxError> {
        if self.sheets == 0 {
            self.heads = cells.iter().map(|cell| cell.as_ref().to_owned()).collect();
            return self.add_sheet();
        }
        if self.rows >= ROWS_OF_SHEET {
            self.add_sheet()?;
        }
        let row = self.rows;
        let (text, quoted) = (&self.text, &self.quoted);
        let sheet = self.book.worksheet_from_index(self.sheets - 1)?;
        for (column, cell) in (0_u16..).zip(cells.iter().map(AsRef::as_ref)) {
            let is_quantity = self.quantities.get(usize::from(column)).copied().unwrap_or(false);
            match number(cell).filter(|_| is_quantity) {
                Some(number) => sheet.write_number(row, column, number)?,
                None => write_text(sheet, (row, column), cell, (text, quoted))?,
            };
        }
        self.rows += 1;
        Ok(())
    }

    fn add_sheet(&mut self) -> Result<(), XlsxError> {
        let sheet = self.book.add_worksheet_with_constant_memory()?;
        let bold = Format::new().set_bold();
        for (column, head) in (0_u16..).zip(&self.heads) {
            sheet.write_string_with_format(0, column, head, &bold)?;
        }
        (self.sheets, self.rows) = (self.sheets + 1, 1);
        Ok(())
    }

    /// Writes the workbook into a file and gives the file back.
    pub(super) fn save(mut self, mut file: File) -> Result<File, XlsxError> {
        self.book.save_to_writer(&mut file)?;
        Ok(file)
    }
}

fn write_text<'s>(
    sheet: &'s mut Worksheet,
    (row, column): (u32, u16),
    cell: &str,
    (text, quoted): (&Format, &Format),
) -> Result<&'s mut Worksheet, XlsxError> {
    // A text that looks like a formula stays one also when somebody edits the cell.
    let format = if is_computed(cell) { quoted } else { text };
    match cell.char_indices().nth(CHARS_MAX) {
        Some((end, _)) => {
            let cut = cell.get(..end).unwrap_or(cell);
            sheet.write_string_with_format(row, column, cut, format)
        }
        None => sheet.write_string_with_format(row, column, cell, format),
    }
}

/// A quantity as a spreadsheet holds it, where it holds it exactly.
// floats: a spreadsheet knows no other number; the value is shown, never computed with.
fn number(cell: &str) -> Option<f64> {
    let plain: String = cell.chars().filter(|c| *c != ',').collect();
    let digits = plain.bytes().filter(u8::is_ascii_digit).count();
    let is_plain = plain.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-'));
    plain.parse().ok().filter(|_| is_plain && digits <= DIGITS_KEPT)
}
