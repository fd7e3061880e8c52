//! The first rows of a sheet, copied out.

use crate::error::IntakeError;
use crate::read::batch::CellKind;
use crate::read::{Flow, Source};

/// Rows among which a head is looked for, with the rows below it that still belong to it.
const HEAD_ROWS_MAX: usize = 40;
/// Characters of a cell that are looked at.
const CELL_CHARS_MAX: usize = 200;

/// A cell of the first rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadCell {
    /// What kind of value stood there.
    pub kind: CellKind,
    /// The text without outer blanks.
    pub text: String,
}

/// A row of the first rows.
#[derive(Clone, Debug)]
pub struct HeadRow {
    /// Its number in the sheet.
    pub number: u32,
    /// Its cells.
    pub cells: Vec<HeadCell>,
}

/// The first rows of a sheet.
#[derive(Clone, Debug, Default)]
pub struct SheetHead {
    /// The rows.
    pub rows: Vec<HeadRow>,
}

/// Reads the first rows of a sheet.
///
/// # Errors
/// A file fault found on the way.
pub fn peek(source: &mut Source, sheet: usize) -> Result<SheetHead, IntakeError> {
    let mut head = SheetHead::default();
    source.stream(sheet, &mut |batch| {
        for row in batch.rows().take(HEAD_ROWS_MAX - head.rows.len()) {
            let cells = row
                .values()
                .map(|value| HeadCell {
                    kind: value.kind,
                    text: value.trimmed().chars().take(CELL_CHARS_MAX).collect(),
                })
                .collect();
            head.rows.push(HeadRow { number: row.number, cells });
        }
        Ok(if head.rows.len() >= HEAD_ROWS_MAX { Flow::Stop } else { Flow::Continue })
    })?;
    Ok(head)
}

impl SheetHead {
    /// True when no cell of the first rows holds anything.
    pub fn is_blank(&self) -> bool {
        self.rows.iter().all(|row| row.cells.iter().all(|cell| cell.text.is_empty()))
    }
}
