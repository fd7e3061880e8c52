//! Rows as they were sent, kept with a refusal so that they can be handed back for correction.
//!
//! A cell is a letter for its kind and its text; marks that occur in no spreadsheet's text stand
//! between cells and rows.

use std::ops::Range;

use crate::layout::{Detected, HeadRow};
use crate::read::batch::{CellKind, RowView};

/// Stands between the cells of a row.
const CELL: u8 = 0x1f;
/// Stands between rows.
const ROW: u8 = 0x1e;
/// The letter of each kind; what has no letter is kept as text.
const LETTERS: &[(CellKind, u8)] = &[
    (CellKind::Text, TEXT),
    (CellKind::Blank, b'b'),
    (CellKind::Number, b'n'),
    (CellKind::Number1904, b'N'),
    (CellKind::Percent, b'p'),
    (CellKind::Date1900, b'd'),
    (CellKind::Date1904, b'm'),
    (CellKind::Bool, b'l'),
    (CellKind::Error, b'e'),
    (CellKind::NoValue, b'v'),
    (CellKind::TooLong, b'x'),
];
/// The letter of a text.
const TEXT: u8 = b't';

/// A cell as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeptCell {
    pub(crate) kind: CellKind,
    pub(crate) text: String,
}

/// Appends a row; a blank cell of a merged column gets the text that was filled down to it, since
/// the rows above it are not kept.
pub(crate) fn put_row(row: &RowView<'_>, filled: &[(usize, &str)], target: &mut Vec<u8>) {
    // One search in the whole row: cells are short.
    let is_marked = memchr::memchr2(CELL, ROW, row.span()).is_some();
    for column in 0..row.len() {
        if column > 0 {
            target.push(CELL);
        }
        let value = row.value(column);
        let above = if value.is_blank() {
            filled.iter().find(|(at, text)| *at == column && !text.is_empty())
        } else {
            None
        };
        match above {
            Some((_, text)) => put(CellKind::Text, text.as_bytes(), target),
            None if is_marked => put(value.kind, value.text, target),
            None => put_unmarked(value.kind, value.text, target),
        }
    }
}

fn put_unmarked(kind: CellKind, text: &[u8], target: &mut Vec<u8>) {
    target.push(LETTERS.iter().find(|(known, _)| *known == kind).map_or(TEXT, |(_, l)| *l));
    target.extend_from_slice(text);
}

fn put(kind: CellKind, text: &[u8], target: &mut Vec<u8>) {
    let start = target.len() + 1;
    put_unmarked(kind, text, target);
    if memchr::memchr2(CELL, ROW, text).is_some() {
        let written = target.iter_mut().skip(start);
        written.filter(|byte| matches!(**byte, CELL | ROW)).for_each(|byte| *byte = b' ');
    }
}

/// Titles and head of a sheet, those of the head cut to one half of its table.
pub(crate) fn top(detected: &Detected, half: &Range<usize>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let first = detected.halves.first().map_or(0, |first| first.start);
    let shift = half.start.saturating_sub(first);
    for (at, row) in detected.top.iter().enumerate() {
        if at > 0 {
            bytes.push(ROW);
        }
        if at < detected.title_rows {
            put_cells(row, 0..row.cells.len(), 0, &mut bytes);
        } else {
            put_cells(row, half.clone(), shift, &mut bytes);
        }
    }
    bytes
}

/// Appends the cells of some columns, moved left.
fn put_cells(row: &HeadRow, columns: Range<usize>, shift: usize, target: &mut Vec<u8>) {
    let width = columns.end.min(row.cells.len()).saturating_sub(shift);
    for at in 0..width {
        if at > 0 {
            target.push(CELL);
        }
        let cell = row.cells.get(at + shift).filter(|_| columns.contains(&(at + shift)));
        match cell {
            Some(cell) => put(cell.kind, cell.text.as_bytes(), target),
            None => put(CellKind::Blank, b"", target),
        }
    }
}

/// The rows that were kept.
pub(crate) fn rows(bytes: &[u8]) -> Vec<Vec<KeptCell>> {
    bytes.split(|byte| *byte == ROW).map(row).collect()
}

fn row(bytes: &[u8]) -> Vec<KeptCell> {
    bytes.split(|byte| *byte == CELL).map(cell).collect()
}

fn cell(bytes: &[u8]) -> KeptCell {
    let (letter, text) = bytes.split_first().unwrap_or((&b'b', b""));
    let kind = LETTERS.iter().find(|(_, known)| known == letter).map(|(kind, _)| *kind);
    KeptCell {
        kind: kind.unwrap_or(CellKind::Text),
        text: String::from_utf8_lossy(text).into_owned(),
    }
}
