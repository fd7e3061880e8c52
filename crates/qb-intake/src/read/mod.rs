//! Readers: a file becomes batches of rows, whatever its format, without holding the file in
//! memory.

pub mod batch;
mod blocks;
pub mod child;
mod common;
mod csv;
mod html;
mod known;
mod legacy;
pub mod limits;
mod ods;
mod ole;
pub mod sniff;
mod spreadsheetml;
mod xlsx;

use std::path::{Path, PathBuf};

use crate::error::{FileFault, IntakeError};
use batch::Batch;
use legacy::LegacyBook;
use ods::OdsBook;
use sniff::{Dialect, Format, Recognised};
use xlsx::XlsxBook;

/// Whether a consumer wants more rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Go on.
    Continue,
    /// Enough.
    Stop,
}

/// Receives the batches of one sheet.
pub type Sink<'a> = dyn FnMut(&Batch) -> Result<Flow, IntakeError> + 'a;

/// A sheet of a workbook; a text table is one sheet without a name.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct SheetInfo {
    /// Name on the tab.
    pub name: String,
    /// True when the workbook hides it.
    pub hidden: bool,
}

/// An opened file.
#[derive(Debug)]
pub struct Source {
    path: PathBuf,
    body: Body,
    sheets: Vec<SheetInfo>,
}

#[derive(Debug)]
enum Body {
    Text(Dialect),
    Xlsx(Box<XlsxBook>),
    Ods(Box<OdsBook>),
    Legacy(Box<LegacyBook>),
    Html(Dialect),
    SpreadsheetMl,
}

impl Source {
    /// Recognises and opens a file.
    ///
    /// # Errors
    /// A [`FileFault`] when the file is no table, is damaged, or is larger than the limits.
    pub fn open(path: &Path) -> Result<Self, FileFault> {
        let (body, sheets) = match sniff::recognise(path)? {
            Recognised::Text(dialect) => (Body::Text(dialect), vec![SheetInfo::default()]),
            Recognised::Book(Format::Xlsx) => {
                let book = XlsxBook::open(path)?;
                let sheets = book.sheets().cloned().collect();
                (Body::Xlsx(Box::new(book)), sheets)
            }
            Recognised::Book(Format::Ods) => {
                let book = OdsBook::open(path)?;
                let sheets = book.sheets().cloned().collect();
                (Body::Ods(Box::new(book)), sheets)
            }
            Recognised::Book(Format::SpreadsheetMl) => {
                (Body::SpreadsheetMl, spreadsheetml::sheets(path)?)
            }
            Recognised::Page(dialect) => (Body::Html(dialect), vec![SheetInfo::default()]),
            Recognised::Book(_) => {
                let book = LegacyBook::open(path)?;
                let sheets = book.sheets().cloned().collect();
                (Body::Legacy(Box::new(book)), sheets)
            }
        };
        Ok(Self { path: path.to_owned(), body, sheets })
    }

    /// The sheets in workbook order.
    pub fn sheets(&self) -> &[SheetInfo] {
        &self.sheets
    }

    /// The format.
    pub fn format(&self) -> Format {
        match &self.body {
            Body::Text(_) => Format::Csv,
            Body::Xlsx(_) => Format::Xlsx,
            Body::Ods(_) => Format::Ods,
            Body::Legacy(_) => Format::Xls,
            Body::Html(_) => Format::Html,
            Body::SpreadsheetMl => Format::SpreadsheetMl,
        }
    }

    /// The encoding as reports name it, such as `csv GB18030`.
    pub fn encoding(&self) -> String {
        match &self.body {
            Body::Text(dialect) => {
                let bom = if dialect.bom_bytes > 0 { " BOM" } else { "" };
                format!(
                    "csv {}{bom}",
                    if dialect.encoding == encoding_rs::GB18030 {
                        "GB18030"
                    } else {
                        dialect.encoding.name()
                    }
                )
            }
            _ => self.format().name().to_owned(),
        }
    }

    /// The separator of a text table.
    pub fn delimiter(&self) -> Option<char> {
        match &self.body {
            Body::Text(dialect) => Some(char::from(dialect.delimiter)),
            _ => None,
        }
    }

    /// Streams the rows of one sheet from the start.
    ///
    /// # Errors
    /// A file fault found on the way, or what the sink returned.
    pub fn stream(&mut self, sheet: usize, sink: &mut Sink<'_>) -> Result<(), IntakeError> {
        match &mut self.body {
            Body::Text(dialect) => csv::stream(&self.path, *dialect, sink),
            Body::Xlsx(book) => book.stream(sheet, sink),
            Body::Ods(book) => book.stream(sheet, sink),
            Body::Legacy(book) => book.stream(sheet, sink),
            Body::Html(dialect) => html::stream(&self.path, *dialect, sink),
            Body::SpreadsheetMl => spreadsheetml::stream(&self.path, sheet, sink),
        }
    }
}
