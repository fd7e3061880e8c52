//! Office Open XML workbooks, streamed.

mod format;
pub(super) mod package;
mod shared;
mod sheet;
mod string;
pub(super) mod text;
mod workbook;
pub(super) mod xml;

use std::path::Path;

use crate::error::{FileFault, IntakeError};
use crate::read::{SheetInfo, Sink};
use package::Package;
use shared::SharedStrings;
use workbook::Workbook;

/// An opened workbook; rows are read again from the file at each pass.
#[derive(Debug)]
pub(crate) struct XlsxBook {
    package: Package,
    book: Workbook,
    strings: Option<SharedStrings>,
}

impl XlsxBook {
    /// Opens the workbook and reads its small parts.
    pub(crate) fn open(path: &Path) -> Result<Self, FileFault> {
        let package = Package::open(path)?;
        let book = Workbook::read(&package)?;
        if book.sheets.is_empty() {
            return Err(FileFault::malformed("workbook", "没有工作表 / it has no worksheet"));
        }
        Ok(Self { package, book, strings: None })
    }

    pub(crate) fn sheets(&self) -> impl Iterator<Item = &SheetInfo> {
        self.book.sheets.iter().map(|sheet| &sheet.info)
    }

    /// Streams one sheet.
    pub(crate) fn stream(&mut self, sheet: usize, sink: &mut Sink<'_>) -> Result<(), IntakeError> {
        let Some(target) = self.book.sheets.get(sheet) else { return Ok(()) };
        let strings = match (&mut self.strings, &self.book.shared_strings) {
            (Some(strings), _) => strings,
            (slot, Some(part)) => slot.insert(SharedStrings::read(&self.package, part)?),
            (slot, None) => slot.insert(SharedStrings::default()),
        };
        let mut context = sheet::Context {
            package: &self.package,
            part: &target.part,
            formats: &self.book.formats,
            date_1904: self.book.date_1904,
            uncalculated: self.book.uncalculated,
            strings,
        };
        sheet::stream(&mut context, sink)
    }
}
