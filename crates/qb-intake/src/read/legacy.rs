//! Old binary workbooks (`.xls`, `.et`): read whole by a library that knows them, in a process of
//! their own where the program names one.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use calamine::{Data, Reader, SheetVisible, Xls, XlsError};

use super::batch::{Batch, CellKind};
use super::child;
use super::common::{hand_on, hand_on_rest};
use super::limits::{CELL_BYTES_MAX, LEGACY_BYTES_MAX};
use super::{Flow, SheetInfo, Sink, ole};
use crate::error::{FileFault, IntakeError};

/// An opened workbook.
pub(crate) struct LegacyBook {
    path: PathBuf,
    sheets: Vec<SheetInfo>,
    /// The library's hold of it, where it is read in this process.
    here: Option<Library>,
}

impl std::fmt::Debug for LegacyBook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LegacyBook({} sheets)", self.sheets.len())
    }
}

impl LegacyBook {
    /// Reads the workbook; its size is asked before its content.
    pub(crate) fn open(path: &Path) -> Result<Self, FileFault> {
        let unreadable = |error: std::io::Error| FileFault::unreadable(&error);
        let size = std::fs::metadata(path).map_err(unreadable)?.len();
        if size > LEGACY_BYTES_MAX {
            return Err(FileFault::old_workbook_too_large(size, LEGACY_BYTES_MAX));
        }
        let path = path.to_owned();
        if let Some(reader) = child::reader() {
            let sheets = child::sheets(reader, &path)?;
            return Ok(Self { path, sheets, here: None });
        }
        let bytes = std::fs::read(&path).map_err(unreadable)?;
        let library = Library::open(bytes)?;
        Ok(Self { path, sheets: library.sheets(), here: Some(library) })
    }

    pub(crate) fn sheets(&self) -> impl Iterator<Item = &SheetInfo> {
        self.sheets.iter()
    }

    /// Streams one sheet.
    pub(crate) fn stream(&mut self, sheet: usize, sink: &mut Sink<'_>) -> Result<(), IntakeError> {
        match (&mut self.here, child::reader()) {
            (Some(library), _) => library.stream(sheet, sink),
            (None, Some(reader)) => child::stream(reader, &self.path, sheet, sink),
            (None, None) => Err(IntakeError::Invariant("old workbook without a reader")),
        }
    }
}

fn damaged(error: &XlsError) -> FileFault {
    FileFault::truncated(&error.to_string())
}

/// The library's workbook.
pub(super) struct Library {
    book: Xls<Cursor<Vec<u8>>>,
}

impl Library {
    pub(super) fn open(bytes: Vec<u8>) -> Result<Self, FileFault> {
        // The library knows one of the ways in which a workbook is locked.
        if ole::is_locked_workbook(&bytes) {
            return Err(FileFault::locked());
        }
        let book = Xls::new(Cursor::new(bytes)).map_err(|error| damaged(&error))?;
        Ok(Self { book })
    }

    pub(super) fn sheets(&self) -> Vec<SheetInfo> {
        let info = |sheet: &calamine::Sheet| SheetInfo {
            name: sheet.name.clone(),
            hidden: sheet.visible != SheetVisible::Visible,
        };
        self.book.sheets_metadata().iter().map(info).collect()
    }

    pub(super) fn stream(&mut self, sheet: usize, sink: &mut Sink<'_>) -> Result<(), IntakeError> {
        let Some(info) = self.sheets().into_iter().nth(sheet) else { return Ok(()) };
        let kinds = Kinds { from_1904: self.book.has_1904_epoch() };
        let range = self.book.worksheet_range(&info.name).map_err(|error| damaged(&error))?;
        let Some((top, left)) = range.start() else { return Ok(()) };
        let mut batch = Batch::default();
        for (number, row) in (top + 1..).zip(range.rows()) {
            batch.pad_to(left as usize);
            row.iter().for_each(|cell| kinds.push(&mut batch, cell));
            batch.end_row(number, false);
            if hand_on(&mut batch, sink)? == Flow::Stop {
                return Ok(());
            }
        }
        hand_on_rest(&batch, sink)
    }
}

/// How the numbers of a workbook count days.
struct Kinds {
    from_1904: bool,
}

impl Kinds {
    fn push(&self, batch: &mut Batch, cell: &Data) {
        let number = if self.from_1904 { CellKind::Number1904 } else { CellKind::Number };
        match cell {
            Data::Empty => batch.push_cell(CellKind::Blank, b""),
            Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => {
                if text.len() > CELL_BYTES_MAX {
                    return batch.push_cell(CellKind::TooLong, b"");
                }
                batch.push_cell(CellKind::Text, text.as_bytes());
            }
            Data::Int(value) => batch.push_cell(number, value.to_string().as_bytes()),
            Data::Float(value) => batch.push_cell(number, value.to_string().as_bytes()),
            Data::Bool(truth) => batch.push_cell(CellKind::Bool, if *truth { b"1" } else { b"0" }),
            Data::Error(error) => batch.push_cell(CellKind::Error, error.to_string().as_bytes()),
            Data::DateTime(date) => {
                let kind = if self.from_1904 { CellKind::Date1904 } else { CellKind::Date1900 };
                batch.push_cell(kind, date.as_f64().to_string().as_bytes());
            }
        }
    }
}
