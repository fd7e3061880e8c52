//! Workbooks; a fixed creation time keeps their bytes the same for the same city.

use std::path::{Path, PathBuf};

use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError,
};

use super::{Cell, yuan};
use crate::error::{CityError, Result};

pub(crate) struct XlsxTable {
    pub(super) file: String,
    path: PathBuf,
    done: Vec<Worksheet>,
    hidden: Vec<Worksheet>,
    sheet: Worksheet,
    name: String,
    next_row: u32,
    head: Format,
    date: Format,
}

impl XlsxTable {
    pub(super) fn create(root: &Path, file: &str, sheet: &str) -> Result<Self> {
        let path = root.join(file);
        let mut table = Self {
            file: file.to_owned(),
            path,
            done: Vec::new(),
            hidden: Vec::new(),
            sheet: Worksheet::new(),
            name: String::new(),
            next_row: 0,
            head: Format::new().set_align(FormatAlign::Center).set_bold(),
            date: Format::new().set_num_format("yyyy-mm"),
        };
        table.name_sheet(sheet)?;
        Ok(table)
    }

    pub(super) fn sheet(&self) -> &str {
        &self.name
    }

    fn name_sheet(&mut self, name: &str) -> Result<()> {
        name.clone_into(&mut self.name);
        let named = self.sheet.set_name(name).map(|_| ());
        self.checked(named)
    }

    fn checked<T>(&self, result: std::result::Result<T, XlsxError>) -> Result<T> {
        result.map_err(|source| CityError::Workbook {
            path: self.path.clone(),
            source: Box::new(source),
        })
    }

    pub(super) fn row(&mut self, cells: &[Cell<'_>]) -> Result<u32> {
        let row = self.next_row;
        for (column, cell) in (0_u16..).zip(cells) {
            let written = match cell {
                Cell::Blank => Ok(()),
                Cell::Text(text) => self.sheet.write_string(row, column, text.as_ref()).map(|_| ()),
                Cell::Int(n) => self.number(row, column, &n.to_string()),
                Cell::Fen(fen) => self.number(row, column, &yuan(*fen)),
                Cell::Figure(figure) => self.number(row, column, figure),
                Cell::Day(day) => parsed(&day.to_string()).and_then(|days| {
                    self.sheet.write_number_with_format(row, column, days, &self.date).map(|_| ())
                }),
            };
            self.checked(written)?;
        }
        self.next_row += 1;
        Ok(self.next_row)
    }

    /// Writes a number from its decimal text, so that no arithmetic on floats is needed here.
    fn number(&mut self, row: u32, column: u16, text: &str) -> std::result::Result<(), XlsxError> {
        self.sheet.write_number(row, column, parsed(text)?).map(|_| ())
    }

    pub(super) fn banner(&mut self, text: &str, columns: usize) -> Result<u32> {
        let row = self.next_row;
        let last = self.checked(column(columns.saturating_sub(1)))?;
        let written = if last == 0 {
            self.sheet.write_string(row, 0, text).map(|_| ())
        } else {
            self.sheet.merge_range(row, 0, row, last, text, &self.head).map(|_| ())
        };
        self.checked(written)?;
        self.next_row += 1;
        Ok(self.next_row)
    }

    pub(super) fn groups(&mut self, groups: &[(&str, usize)]) -> Result<u32> {
        let row = self.next_row;
        let mut first: u16 = 0;
        for (label, span) in groups {
            let next = first + self.checked(column(*span))?;
            let written = if next - first > 1 {
                self.sheet.merge_range(row, first, row, next - 1, label, &self.head).map(|_| ())
            } else {
                self.sheet.write_string(row, first, *label).map(|_| ())
            };
            self.checked(written)?;
            first = next;
        }
        self.next_row += 1;
        Ok(self.next_row)
    }

    pub(super) fn merge_down(&mut self, column: u16, rows: (u32, u32), text: &str) -> Result<()> {
        let (first, last) = (rows.0.saturating_sub(1), rows.1.saturating_sub(1));
        let written = if first == last {
            self.sheet.write_string(first, column, text).map(|_| ())
        } else {
            self.sheet.merge_range(first, column, last, column, text, &self.head).map(|_| ())
        };
        self.checked(written)
    }

    pub(super) fn hide_row(&mut self, row: u32) -> Result<()> {
        let hidden = self.sheet.set_row_hidden(row.saturating_sub(1)).map(|_| ());
        self.checked(hidden)
    }

    pub(super) fn next_sheet(&mut self, name: &str) -> Result<()> {
        self.done.push(std::mem::take(&mut self.sheet));
        self.next_row = 0;
        self.name_sheet(name)
    }

    pub(super) fn hidden_sheet(&mut self, name: &str, rows: &[[&str; 2]]) -> Result<()> {
        let mut sheet = Worksheet::new();
        let mut write = || -> std::result::Result<(), XlsxError> {
            sheet.set_name(name)?.set_hidden(true);
            for (row, cells) in (0_u32..).zip(rows) {
                for (column, text) in (0_u16..).zip(cells) {
                    sheet.write_string(row, column, *text)?;
                }
            }
            Ok(())
        };
        let written = write();
        self.hidden.push(sheet);
        self.checked(written)
    }

    pub(super) fn finish(mut self) -> Result<()> {
        let created = ExcelDateTime::from_ymd(2017, 1, 10);
        let created = self.checked(created)?;
        let mut book = Workbook::new();
        book.set_properties(&DocProperties::new().set_creation_datetime(&created));
        self.done.push(std::mem::take(&mut self.sheet));
        for sheet in self.done.drain(..).chain(self.hidden.drain(..)) {
            book.push_worksheet(sheet);
        }
        let file = super::open(&self.path)?;
        let saved = book.save_to_writer(std::io::BufWriter::new(file));
        self.checked(saved)
    }
}

/// A number from its decimal text, so that no arithmetic on floats is needed here.
fn parsed(text: &str) -> std::result::Result<f64, XlsxError> {
    let wrong = |_| XlsxError::ParameterError(format!("{text} is no number"));
    text.parse().map_err(wrong)
}

/// A column, or so many of them, as a sheet counts.
fn column(at: usize) -> std::result::Result<u16, XlsxError> {
    u16::try_from(at).map_err(|_| XlsxError::RowColumnLimitError)
}
