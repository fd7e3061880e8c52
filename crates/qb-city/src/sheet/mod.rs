//! Files as offices save them: CSV in several encodings and workbooks, behind one table.

mod csv;
mod xlsx;

use std::borrow::Cow;
use std::path::Path;

use crate::error::Result;
use crate::model::Format;

/// One cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell<'a> {
    Blank,
    Text(Cow<'a, str>),
    Int(i64),
    /// Money in fen, written in yuan.
    Fen(i64),
    /// Days since 1899-12-30, shown as a date where the format can.
    Day(i64),
    /// A number in words a spreadsheet understands, such as `3.20321195001011E+17`.
    Figure(String),
}

impl<'a> Cell<'a> {
    /// A text, blank when empty.
    pub(crate) fn text(text: impl Into<Cow<'a, str>>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::Blank } else { Self::Text(text) }
    }
}

/// Yuan with fen only where there are any.
pub(crate) fn yuan(fen: i64) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    let (whole, part) = (fen.unsigned_abs() / 100, fen.unsigned_abs() % 100);
    if part == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part:02}") }
}

/// A table that is written from top to bottom.
pub(crate) enum Table {
    Csv(csv::CsvTable),
    Xlsx(Box<xlsx::XlsxTable>),
}

impl Table {
    /// Begins a file below a folder; `sheet` names the first sheet of a workbook.
    pub(crate) fn create(root: &Path, file: &str, format: Format, sheet: &str) -> Result<Self> {
        Ok(match format {
            Format::Xlsx => Self::Xlsx(Box::new(xlsx::XlsxTable::create(root, file, sheet)?)),
            _ => Self::Csv(csv::CsvTable::create(root, file, format)?),
        })
    }

    /// The file, relative to the folder.
    pub(crate) fn file(&self) -> &str {
        match self {
            Self::Csv(table) => &table.file,
            Self::Xlsx(table) => &table.file,
        }
    }

    /// The sheet being written.
    pub(crate) fn sheet(&self) -> Option<&str> {
        match self {
            Self::Csv(_) => None,
            Self::Xlsx(table) => Some(table.sheet()),
        }
    }

    /// Whether cells can be merged, hidden, typed.
    pub(crate) fn is_workbook(&self) -> bool {
        matches!(self, Self::Xlsx(_))
    }

    /// Writes one row and returns its number, counted from 1.
    pub(crate) fn row(&mut self, cells: &[Cell<'_>]) -> Result<u32> {
        match self {
            Self::Csv(table) => table.row(cells),
            Self::Xlsx(table) => table.row(cells),
        }
    }

    /// Writes a text that stands over so many columns.
    pub(crate) fn banner(&mut self, text: &str, columns: usize) -> Result<u32> {
        match self {
            Self::Csv(table) => {
                let mut cells = vec![Cell::Blank; columns];
                cells[0] = Cell::text(text);
                table.row(&cells)
            }
            Self::Xlsx(table) => table.banner(text, columns),
        }
    }

    /// Writes group labels, each over so many columns.
    pub(crate) fn groups(&mut self, groups: &[(&str, usize)]) -> Result<u32> {
        match self {
            Self::Csv(table) => {
                let mut cells = Vec::new();
                for (label, span) in groups {
                    cells.push(Cell::text(*label));
                    cells.extend(std::iter::repeat_n(Cell::Blank, span.saturating_sub(1)));
                }
                table.row(&cells)
            }
            Self::Xlsx(table) => table.groups(groups),
        }
    }

    /// Merges cells of one column over rows already written; a CSV file has nothing to merge.
    pub(crate) fn merge_down(&mut self, column: u16, rows: (u32, u32), text: &str) -> Result<()> {
        match self {
            Self::Csv(_) => Ok(()),
            Self::Xlsx(table) => table.merge_down(column, rows, text),
        }
    }

    /// Hides a row already written.
    pub(crate) fn hide_row(&mut self, row: u32) -> Result<()> {
        match self {
            Self::Csv(_) => Ok(()),
            Self::Xlsx(table) => table.hide_row(row),
        }
    }

    /// Begins another sheet of a workbook.
    pub(crate) fn next_sheet(&mut self, name: &str) -> Result<()> {
        match self {
            Self::Csv(_) => Ok(()),
            Self::Xlsx(table) => table.next_sheet(name),
        }
    }

    /// Adds a hidden sheet such as the lists behind drop-down cells.
    pub(crate) fn hidden_sheet(&mut self, name: &str, rows: &[[&str; 2]]) -> Result<()> {
        match self {
            Self::Csv(_) => Ok(()),
            Self::Xlsx(table) => table.hidden_sheet(name, rows),
        }
    }

    /// Ends the file.
    pub(crate) fn finish(self) -> Result<()> {
        match self {
            Self::Csv(table) => table.finish(),
            Self::Xlsx(table) => table.finish(),
        }
    }
}

/// Opens a file for writing and makes the folders above it.
fn open(path: &Path) -> Result<std::fs::File> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(crate::error::CityError::io(folder))?;
    }
    std::fs::File::create(path).map_err(crate::error::CityError::io(path))
}
