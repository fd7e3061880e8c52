//! Rows of cells as every reader hands them on: one byte arena, cells as ranges into it.

mod copies;

use std::ops::Range;

use qb_registry::draft::offset;

pub(crate) use self::copies::Copies;
use super::limits::ROW_BYTES_MAX;

/// Rows a reader collects before handing them on.
pub const BATCH_ROWS: usize = 1024;
/// Bytes of cell text after which a batch is handed on even when it has fewer rows.
pub const BATCH_BYTES: usize = 1 << 20;
/// Columns a sheet may have; cells to the right of it are left out, counted and said to be.
pub const COLUMNS_MAX: usize = 512;

/// What kind of value stood in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CellKind {
    /// Nothing stood there.
    Blank,
    /// Text, also text without characters (a quoted empty field).
    Text,
    /// A number stored as a number; the text is the number as the file writes it.
    Number,
    /// The same in a workbook that counts days from the start of 1904.
    Number1904,
    /// A number shown as a percentage; the text is the number, `0.0435` where 4.35 % is seen.
    Percent,
    /// A number shown as a date, counted in days since the end of 1899.
    Date1900,
    /// A number shown as a date, counted in days since the start of 1904.
    Date1904,
    /// A truth value; the text is `1` or `0`.
    Bool,
    /// A formula error such as `#REF!`; the text is the error.
    Error,
    /// A formula whose value the file does not hold; no text.
    NoValue,
    /// More text than a cell or a row may hold; no text.
    TooLong,
}

impl CellKind {
    /// True when the file stores a number, however it is shown.
    pub fn is_number(self) -> bool {
        matches!(
            self,
            Self::Number | Self::Number1904 | Self::Percent | Self::Date1900 | Self::Date1904
        )
    }

    /// True when the number is shown as a date.
    pub fn is_date(self) -> bool {
        matches!(self, Self::Date1900 | Self::Date1904)
    }

    /// True when something stood in the cell that could not be taken from the file.
    pub fn is_unread(self) -> bool {
        matches!(self, Self::NoValue | Self::TooLong)
    }
}

/// One cell: a range of its batch's bytes.
#[derive(Clone, Copy, Debug)]
pub struct Cell {
    start: u32,
    len: u32,
    /// What kind of value stood in the file.
    pub kind: CellKind,
}

/// A cell with nothing in it.
const BLANK: Cell = Cell { start: 0, len: 0, kind: CellKind::Blank };

/// Where a row's cells are.
#[derive(Clone, Copy, Debug)]
struct RowRange {
    first: u32,
    end: u32,
    number: u32,
    hidden: bool,
}

/// Cells about which the reader has something to say, and the row of the first of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many cells.
    pub cells: u64,
    /// The first one's row, from 1; 0 while there is none.
    pub first_row: u32,
}

impl Tally {
    fn add(&mut self, row: u32) {
        *self += Self { cells: 1, first_row: row };
    }
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        if self.cells == 0 {
            self.first_row = other.first_row;
        }
        self.cells += other.cells;
    }
}

/// What a reader met that a row of values cannot show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Notes {
    /// Cells right of [`COLUMNS_MAX`], left out.
    pub beyond: Tally,
    /// Values of formulas in a workbook whose writer left calculating to whoever opens it.
    pub uncalculated: Tally,
}

impl std::ops::AddAssign for Notes {
    fn add_assign(&mut self, other: Self) {
        self.beyond += other.beyond;
        self.uncalculated += other.uncalculated;
    }
}

/// A run of rows; reused by the readers, so a consumer copies what it keeps.
#[derive(Debug, Default)]
pub struct Batch {
    bytes: Vec<u8>,
    cells: Vec<Cell>,
    rows: Vec<RowRange>,
    /// Where the bytes of the row being built start.
    open_at: usize,
    notes: Notes,
}

impl Batch {
    /// Empties the batch and keeps its memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.cells.clear();
        self.rows.clear();
        self.open_at = 0;
        self.notes = Notes::default();
    }

    /// What the reader says about these rows.
    pub fn notes(&self) -> Notes {
        self.notes
    }

    /// True when no row is complete.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Complete rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// True when the reader should hand the batch on.
    pub fn is_full(&self) -> bool {
        self.rows.len() >= BATCH_ROWS || self.bytes.len() >= BATCH_BYTES
    }

    /// The rows in file order.
    pub fn rows(&self) -> impl Iterator<Item = RowView<'_>> {
        self.rows.iter().map(|range| RowView {
            bytes: &self.bytes,
            cells: &self.cells[range.first as usize..range.end as usize],
            part: Part::default(),
            number: range.number,
            hidden: range.hidden,
        })
    }

    /// Appends a cell to the row being built.
    pub fn push_cell(&mut self, kind: CellKind, text: &[u8]) {
        let start = offset(self.bytes.len());
        self.bytes.extend_from_slice(text);
        self.cells.push(Cell { start, len: offset(text.len()), kind });
    }

    /// Appends a cell to the row being built; without its text where the row would hold too much.
    pub(crate) fn push_within_row(&mut self, kind: CellKind, text: &[u8]) {
        if self.open_bytes() + text.len() <= ROW_BYTES_MAX {
            self.push_cell(kind, text);
        } else {
            self.push_cell(CellKind::TooLong, b"");
        }
    }

    /// Appends blank cells until the row being built has `columns` cells.
    pub fn pad_to(&mut self, columns: usize) {
        let first = self.open_first();
        while self.cells.len() - first < columns {
            self.cells.push(BLANK);
        }
    }

    /// Puts a value into a blank cell of the row being built; false where the cell is not blank.
    pub fn fill_cell(&mut self, column: usize, kind: CellKind, text: &[u8]) -> bool {
        let at = self.open_first() + column;
        let start = offset(self.bytes.len());
        let Some(cell) = self.cells.get_mut(at).filter(|cell| cell.kind == CellKind::Blank) else {
            return false;
        };
        *cell = Cell { start, len: offset(text.len()), kind };
        self.bytes.extend_from_slice(text);
        true
    }

    /// Bytes of the row being built.
    pub fn open_bytes(&self) -> usize {
        self.bytes.len().saturating_sub(self.open_at)
    }

    /// Notes that a cell right of the last column was left out.
    pub(crate) fn note_beyond(&mut self, row: u32) {
        self.notes.beyond.add(row);
    }

    /// Notes the value of a formula that its writer did not calculate.
    pub(crate) fn note_uncalculated(&mut self, row: u32) {
        self.notes.uncalculated.add(row);
    }

    /// Cells of the row being built.
    pub fn open_columns(&self) -> usize {
        self.cells.len() - self.open_first()
    }

    /// Closes the row being built.
    pub fn end_row(&mut self, number: u32, hidden: bool) {
        let first = offset(self.open_first());
        self.rows.push(RowRange { first, end: offset(self.cells.len()), number, hidden });
        self.open_at = self.bytes.len();
    }

    /// Forgets the cells of the row being built.
    pub(crate) fn drop_open_row(&mut self) {
        self.cells.truncate(self.open_first());
    }

    /// The arena, for readers that name fields in place by [`Batch::push_range`].
    pub(crate) fn bytes_mut(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// Appends a cell that is already in the arena.
    #[inline]
    pub(crate) fn push_range(&mut self, start: usize, end: usize, kind: CellKind) {
        self.cells.push(Cell { start: offset(start), len: offset(end - start), kind });
    }

    fn open_first(&self) -> usize {
        match self.rows.last() {
            Some(before) => before.end as usize,
            // The first row begins with the first cell.
            None => 0,
        }
    }
}

/// Which columns of a row are seen, and as which: a table may be printed in halves side by side.
#[derive(Clone, Copy, Debug, Default)]
struct Part {
    /// Columns before the first that is seen.
    lead: usize,
    /// Columns of the sheet between a cell and the one that stands in its place in the first half.
    shift: usize,
}

/// One row, borrowed from its batch.
#[derive(Clone, Copy, Debug)]
pub struct RowView<'a> {
    bytes: &'a [u8],
    cells: &'a [Cell],
    part: Part,
    /// Row number as the clerk sees it, from 1.
    pub number: u32,
    /// True when the sheet hides the row (filtered or hidden by hand).
    pub hidden: bool,
}

/// One cell's value, borrowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value<'a> {
    /// What kind of value stood in the file.
    pub kind: CellKind,
    /// The text: UTF-8 where the file was well formed.
    pub text: &'a [u8],
}

impl<'a> Value<'a> {
    /// The value of a cell that is not there.
    pub const BLANK: Value<'static> = Value { kind: CellKind::Blank, text: b"" };

    /// Text as a file with quotes would give it.
    pub fn text(text: &'a str) -> Value<'a> {
        Value { kind: CellKind::Text, text: text.as_bytes() }
    }

    /// The text without outer white space; damaged bytes become `?`-like replacement characters.
    pub fn trimmed(&self) -> std::borrow::Cow<'a, str> {
        match std::str::from_utf8(self.text) {
            Ok(text) => std::borrow::Cow::Borrowed(trim(text)),
            Err(_) => std::borrow::Cow::Owned(trim(&String::from_utf8_lossy(self.text)).to_owned()),
        }
    }

    /// True when there is nothing but white space, and nothing that could not be read.
    pub fn is_blank(&self) -> bool {
        !self.kind.is_unread() && !self.starts_plainly() && self.trimmed().is_empty()
    }

    /// Whether the first character is surely no white space, as that of most cells: a visible one
    /// of ASCII, or one of the commonest Chinese characters (U+4000 to U+9FFF).
    fn starts_plainly(&self) -> bool {
        let is_plain = |byte: &u8| byte.is_ascii_graphic() || matches!(byte, 0xe4..=0xe9);
        self.text.first().is_some_and(is_plain)
    }
}

/// Removes white space, zero-width marks and a byte-order mark at both ends.
pub fn trim(text: &str) -> &str {
    let edge = |c: char| {
        c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{2060}')
    };
    match text.as_bytes() {
        // Most cells start and end with a plain character: nothing to do.
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        _ => text.trim_matches(edge),
    }
}

impl<'a> RowView<'a> {
    /// The columns of one half, as if they were those of the first.
    #[must_use]
    pub fn half(mut self, first: &Range<usize>, half: &Range<usize>) -> Self {
        let end = half.end.min(self.cells.len());
        self.cells = &self.cells[half.start.min(end)..end];
        self.part = Part { lead: first.start, shift: half.start.saturating_sub(first.start) };
        self
    }

    /// Columns of the sheet between a cell and the one in its place in the first half.
    pub(crate) fn shift(&self) -> usize {
        self.part.shift
    }

    /// Cells in the row, trailing blanks included where the file has them.
    pub fn len(&self) -> usize {
        self.part.lead + self.cells.len()
    }

    /// True when the row has no cell at all.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// The value in a column (from 0); blank beyond the end.
    #[inline]
    pub fn value(&self, column: usize) -> Value<'a> {
        let cell = column.checked_sub(self.part.lead).and_then(|at| self.cells.get(at));
        let Some(cell) = cell else { return Value::BLANK };
        let start = cell.start as usize;
        let text = &self.bytes[start..start + cell.len as usize];
        Value { kind: cell.kind, text }
    }

    /// Where its cells' bytes are, others maybe among them. Cells without text lie nowhere.
    fn span(&self) -> Range<usize> {
        let (mut start, mut end) = (u32::MAX, 0);
        for cell in self.cells.iter().filter(|cell| cell.len > 0) {
            start = start.min(cell.start);
            end = end.max(cell.start + cell.len);
        }
        start.min(end) as usize..end as usize
    }

    /// The bytes among which all its cells are.
    pub(crate) fn bytes(&self) -> &'a [u8] {
        &self.bytes[self.span()]
    }

    /// All values of the row.
    pub fn values(&self) -> impl Iterator<Item = Value<'a>> + use<'a> {
        let row = *self;
        (0..row.len()).map(move |column| row.value(column))
    }

    /// True when every cell is blank.
    pub fn is_blank(&self) -> bool {
        self.values().all(|value| value.is_blank())
    }
}
