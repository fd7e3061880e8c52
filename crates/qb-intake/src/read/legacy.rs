//! Old workbooks (`.xls`, `.et`, `.ods`): small, read whole by a library that knows them.

use std::io::Cursor;
use std::path::Path;

use calamine::{Data, Ods, Range, Reader, SheetVisible, Xls};

use super::batch::{Batch, CellKind};
use super::limits::LEGACY_BYTES_MAX;
use super::sniff::Format;
use super::{Flow, SheetInfo, Sink};
use crate::error::{FileFault, IntakeError};

/// A workbook held in memory.
pub(crate) struct LegacyBook {
    sheets: Vec<(SheetInfo, Range<Data>)>,
}

impl std::fmt::Debug for LegacyBook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LegacyBook({} sheets)", self.sheets.len())
    }
}

impl LegacyBook {
    /// Reads the workbook.
    pub(crate) fn open(path: &Path, format: Format) -> Result<Self, FileFault> {
        let bytes = std::fs::read(path).map_err(|error| FileFault::unreadable(&error))?;
        if bytes.len() as u64 > LEGACY_BYTES_MAX {
            return Err(FileFault::too_large(
                format!("旧格式工作簿超过 {LEGACY_BYTES_MAX} 字节。"),
                format!("a workbook of an old format may have {LEGACY_BYTES_MAX} bytes"),
            ));
        }
        let sheets = match format {
            Format::Ods => {
                super::xlsx::check_package(path)?;
                let book: Ods<_> =
                    calamine::open_workbook_from_rs(Cursor::new(bytes)).map_err(damaged)?;
                read_all(book)
            }
            _ => {
                let book: Xls<_> =
                    calamine::open_workbook_from_rs(Cursor::new(bytes)).map_err(damaged)?;
                read_all(book)
            }
        }?;
        Ok(Self { sheets })
    }

    pub(crate) fn sheets(&self) -> impl Iterator<Item = &SheetInfo> {
        self.sheets.iter().map(|(info, _)| info)
    }

    /// Streams one sheet.
    pub(crate) fn stream(&self, sheet: usize, sink: &mut Sink<'_>) -> Result<(), IntakeError> {
        let Some((_, range)) = self.sheets.get(sheet) else { return Ok(()) };
        let (top, left) = range.start().unwrap_or((0, 0));
        let mut batch = Batch::default();
        for (offset, row) in range.rows().enumerate() {
            batch.pad_to(left as usize);
            row.iter().for_each(|cell| push(&mut batch, cell));
            let number = u32::try_from(offset).unwrap_or(u32::MAX).saturating_add(top + 1);
            batch.end_row(number, false);
            if batch.is_full() {
                if sink(&batch)? == Flow::Stop {
                    return Ok(());
                }
                batch.clear();
            }
        }
        if !batch.is_empty() {
            sink(&batch)?;
        }
        Ok(())
    }
}

fn damaged(error: impl std::fmt::Display) -> FileFault {
    let text = error.to_string();
    if text.to_ascii_lowercase().contains("password") {
        FileFault::locked()
    } else {
        FileFault::truncated(&text)
    }
}

fn read_all<R, B>(mut book: B) -> Result<Vec<(SheetInfo, Range<Data>)>, FileFault>
where
    R: std::io::Read + std::io::Seek,
    B: Reader<R>,
    B::Error: std::fmt::Display,
{
    let infos: Vec<SheetInfo> = book
        .sheets_metadata()
        .iter()
        .map(|sheet| SheetInfo {
            name: sheet.name.clone(),
            hidden: sheet.visible != SheetVisible::Visible,
        })
        .collect();
    infos
        .into_iter()
        .map(|info| {
            let range = book.worksheet_range(&info.name).map_err(damaged)?;
            Ok((info, range))
        })
        .collect()
}

fn push(batch: &mut Batch, cell: &Data) {
    match cell {
        Data::Empty => batch.push_cell(CellKind::Blank, b""),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => {
            batch.push_cell(CellKind::Text, text.as_bytes());
        }
        Data::Int(number) => batch.push_cell(CellKind::Number, number.to_string().as_bytes()),
        Data::Float(number) => batch.push_cell(CellKind::Number, number.to_string().as_bytes()),
        Data::Bool(truth) => batch.push_cell(CellKind::Bool, if *truth { b"1" } else { b"0" }),
        Data::Error(error) => batch.push_cell(CellKind::Error, error.to_string().as_bytes()),
        Data::DateTime(date) => {
            batch.push_cell(CellKind::Date1900, date.as_f64().to_string().as_bytes())
        }
    }
}
