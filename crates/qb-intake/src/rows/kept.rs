//! Rows as they were sent, kept with a refusal so that they can be handed back for correction.
//!
//! A cell is a letter for its kind and its text; marks that occur in no spreadsheet's text stand
//! between cells and rows.

use std::ops::Range;

use crate::layout::{Detected, HeadRow};
use crate::read::batch::{CellKind, Copies, RowView};

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
    let is_marked = memchr::memchr2(CELL, ROW, row.bytes()).is_some();
    for column in 0..row.len() {
        if column > 0 {
            target.push(CELL);
        }
        let value = row.value(column);
        match filled.iter().find(|filled| fills(row, filled, column)) {
            Some((_, text)) => put(CellKind::Text, text.as_bytes(), target),
            None if is_marked => put(value.kind, value.text, target),
            None => put_unmarked(value.kind, value.text, target),
        }
    }
}

/// Whether a text that was filled down stands for a column's cell.
fn fills(row: &RowView<'_>, (at, text): &(usize, &str), column: usize) -> bool {
    *at == column && !text.is_empty() && row.value(column).is_blank()
}

/// Copies a row, to be written as [`put_row`] writes it if it is refused; answers its place.
pub(crate) fn copy_row(row: &RowView<'_>, filled: &[(usize, &str)], copies: &mut Copies) -> u32 {
    let copy = row.copy_to(copies);
    for (column, text) in filled.iter().filter(|filled| fills(row, filled, filled.0)) {
        copies.fill(copy, *column, text.as_bytes());
    }
    copy
}

/// The cells of a copied row as they are kept.
pub(crate) fn written(copies: &Copies, at: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (column, value) in copies.row(at).enumerate() {
        if column > 0 {
            bytes.push(CELL);
        }
        put(value.kind, value.text, &mut bytes);
    }
    bytes
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

/// Titles and head of a sheet, those of the head cut to one half of its table, which lies `shift`
/// columns behind the first.
pub(crate) fn top(detected: &Detected, half: &Range<usize>, shift: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::batch::Batch;

    /// A row of a table in two halves, seen as its right half.
    fn half(row: RowView<'_>) -> RowView<'_> {
        row.half(&(1..3), &(3..5))
    }

    #[test]
    fn a_copied_row_is_written_like_the_row_it_was_copied_from() {
        let mut batch = Batch::default();
        batch.push_cell(CellKind::Text, b"above");
        batch.end_row(1, false);
        batch.pad_to(2);
        batch.push_cell(CellKind::Number, b"42");
        batch.push_cell(CellKind::Text, "甲\u{1f}乙\u{1e}".as_bytes());
        batch.push_cell(CellKind::Text, b" ");
        // Its bytes stand behind those of the cells right of it.
        batch.fill_cell(0, CellKind::Date1900, b"42371");
        batch.end_row(2, false);
        batch.end_row(3, false);
        let filled = [(1, "filled"), (2, "not needed"), (4, "over a blank"), (9, "beyond")];
        let mut copies = Copies::default();
        let copied: Vec<_> = batch.rows().map(|row| copy_row(&row, &filled, &mut copies)).collect();
        let halves: Vec<_> =
            batch.rows().map(|row| copy_row(&half(row), &filled, &mut copies)).collect();
        batch.rows().zip(copied.iter().zip(&halves)).for_each(|(row, (whole, right))| {
            for (row, copy) in [(row, whole), (half(row), right)] {
                let mut expected = Vec::new();
                put_row(&row, &filled, &mut expected);
                let kept = written(&copies, *copy);
                assert_eq!(String::from_utf8(kept), String::from_utf8(expected));
            }
        });
        let second = written(&copies, copied[1]);
        let expected = "d42371\u{1f}tfilled\u{1f}n42\u{1f}t甲 乙 \u{1f}tover a blank";
        assert_eq!(String::from_utf8(second).unwrap(), expected);
    }
}
