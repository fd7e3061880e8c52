//! Rows that outlive their batch.

use super::{BLANK, Cell, CellKind, RowView, Value, offset};

/// Copies of rows that outlive their batch, as they stand there: cheaper by far than writing them
/// down, which few of them need. Each is named by its place.
#[derive(Debug, Default)]
pub(crate) struct Copies {
    bytes: Vec<u8>,
    cells: Vec<Cell>,
    rows: Vec<RowCopy>,
}

/// Where a copied row is.
#[derive(Clone, Copy, Debug)]
struct RowCopy {
    /// Where its bytes start, and its cells.
    bytes: usize,
    cells: usize,
    /// Where its bytes started in the batch.
    base: u32,
    columns: usize,
}

impl Copies {
    fn copy(&self, at: u32) -> Option<RowCopy> {
        self.rows.get(qb_base::index(at)).copied()
    }

    /// Puts a text into a cell of the row that was copied last; a row may have fewer cells.
    pub(crate) fn fill(&mut self, at: u32, column: usize, text: &[u8]) {
        let Some(copy) = self.copy(at) else { return };
        let start = copy.base + offset(self.bytes.len() - copy.bytes);
        let cells = self.cells.get_mut(copy.cells..).into_iter().flatten();
        if let Some(cell) = cells.take(copy.columns).nth(column) {
            *cell = Cell { start, len: offset(text.len()), kind: CellKind::Text };
            self.bytes.extend_from_slice(text);
        }
    }

    /// The values of a copied row.
    pub(crate) fn row(&self, at: u32) -> impl Iterator<Item = Value<'_>> {
        self.copy(at).into_iter().flat_map(move |copy| {
            let cells = &self.cells[copy.cells..copy.cells + copy.columns];
            cells.iter().map(move |cell| {
                // Where an empty cell lies says nothing: it may be beyond what was copied.
                if cell.len == 0 {
                    return Value { kind: cell.kind, text: &[] };
                }
                let start = copy.bytes + cell.start.saturating_sub(copy.base) as usize;
                Value { kind: cell.kind, text: &self.bytes[start..start + cell.len as usize] }
            })
        })
    }

    /// Forgets all rows and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.cells.clear();
        self.rows.clear();
    }
}

impl RowView<'_> {
    /// Copies the row; [`Copies::row`] gives it back by its place.
    pub(crate) fn copy_to(&self, copies: &mut Copies) -> u32 {
        let span = self.span();
        let at = offset(copies.rows.len());
        copies.rows.push(RowCopy {
            bytes: copies.bytes.len(),
            cells: copies.cells.len(),
            base: offset(span.start),
            columns: self.len(),
        });
        copies.bytes.extend_from_slice(&self.bytes[span]);
        copies.cells.extend(std::iter::repeat_n(BLANK, self.part.lead));
        copies.cells.extend_from_slice(self.cells);
        at
    }
}
