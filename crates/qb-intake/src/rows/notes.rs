//! Rows that are no data: titles repeated, column numbers, totals, notes, signatures (fault F7).

use qb_base::fold;

use crate::layout::ColumnMap;
use crate::layout::unit::Said;
use crate::read::batch::{CellKind, RowView};
use crate::words::Words;

/// What a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowKind {
    /// A record, perhaps a faulty one.
    Record,
    /// Nothing stands in it.
    Blank,
    /// It says something that is no record.
    Note,
}

/// Tells records from other rows.
///
/// A row that fills the columns of a whole record is one whatever it says; only the others are
/// looked at closely, so that a long list costs nothing.
#[derive(Debug)]
pub(crate) struct RowSorter {
    /// Columns that together make a record.
    full: Vec<usize>,
    /// Columns of which a record has at least one.
    keys: Vec<usize>,
    /// Whether the last rows were notes: a note may go on in the rows below.
    after_note: bool,
    /// What a line inside the table says about the unit of the amounts below it.
    pub(crate) unit_below: Option<Option<i32>>,
}

impl RowSorter {
    /// Takes columns of the sheet; those it lacks are left out.
    pub(crate) fn new(full: &[usize], keys: &[usize]) -> Self {
        let known = |columns: &[usize]| -> Vec<usize> {
            columns.iter().copied().filter(|column| *column != usize::MAX).collect()
        };
        Self { full: known(full), keys: known(keys), after_note: false, unit_below: None }
    }

    /// What the row is.
    #[inline]
    pub(crate) fn sort(&mut self, row: &RowView<'_>, columns: &ColumnMap) -> RowKind {
        let is_full =
            !self.full.is_empty() && self.full.iter().all(|column| !row.value(*column).is_blank());
        if is_full && !self.keys.iter().any(|column| is_word(row, *column, columns)) {
            self.after_note = false;
            return RowKind::Record;
        }
        self.look(row, columns)
    }

    fn look(&mut self, row: &RowView<'_>, columns: &ColumnMap) -> RowKind {
        let mut texts: Vec<(usize, CellKind, String)> = Vec::new();
        for column in 0..row.len() {
            let value = row.value(column);
            let text = value.trimmed();
            if !text.is_empty() || value.kind.is_unread() {
                texts.push((column, value.kind, text.into_owned()));
            }
        }
        let Some((first_column, _, first)) = texts.first() else { return RowKind::Blank };
        let cells: Vec<&str> = texts.iter().map(|(.., text)| text.as_str()).collect();
        self.unit_below = unit_below(&columns.words, &cells).or(self.unit_below);
        let is_key = |column: &usize| self.keys.contains(column);
        let keyless = !texts.iter().any(|(column, ..)| is_key(column));
        let words = &columns.words;
        let is_total = texts.iter().enumerate().any(|(at, (column, _, text))| {
            (keyless || at == 0 || is_key(column)) && words.is_total(text)
        });
        if is_total || repeats_head(&texts, columns, &self.keys) {
            return RowKind::Note;
        }
        if (keyless || is_key(first_column)) && words.begins_note(first) {
            self.after_note = true;
            return RowKind::Note;
        }
        let number = |kind: CellKind| kind != CellKind::Text;
        let goes_on = self.after_note && !texts.iter().any(|(_, kind, _)| number(*kind));
        if keyless && (texts.len() <= 1 || goes_on) {
            return RowKind::Note;
        }
        self.after_note = false;
        RowKind::Record
    }
}

/// The unit that a row states for the rows below it, as `单位：元` above a second table does.
pub(crate) fn unit_below(words: &Words, cells: &[&str]) -> Option<Option<i32>> {
    match words.units.stated_in(cells) {
        Said::Power(power) => Some(Some(power)),
        Said::Unclear => Some(None),
        Said::Nothing | Said::Other => None,
    }
}

/// Whether the cell of a key is the label of a total or of its column.
fn is_word(row: &RowView<'_>, column: usize, columns: &ColumnMap) -> bool {
    let value = row.value(column);
    // Numbers are most keys.
    if value.text.first().is_some_and(u8::is_ascii_digit) {
        return false;
    }
    let text = value.trimmed();
    let begins = text.bytes().next();
    !begins.is_none_or(|byte| byte.is_ascii_digit())
        && (columns.is_head(&text) || columns.words.is_total(&text))
}

/// Whether the row is a title or a row of the head again, in its own columns.
fn repeats_head(texts: &[(usize, CellKind, String)], columns: &ColumnMap, keys: &[usize]) -> bool {
    let mut folded: Vec<String> = Vec::new();
    for (column, _, text) in texts {
        folded.resize(*column, String::new());
        folded.push(fold::key(text));
    }
    columns.repeats_head(&folded)
        || texts.iter().any(|(column, _, text)| keys.contains(column) && columns.is_head(text))
}
