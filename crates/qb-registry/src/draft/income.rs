//! Income statements as rows state them.

use std::sync::Arc;

use qb_base::AreaCode;

use super::{Arena, Span, TextSpan};

/// One income statement.
#[derive(Debug)]
pub struct StatementDraft {
    /// The row of the sheet.
    pub row: u32,
    /// The number of the household.
    pub household_no: TextSpan,
    /// The village that the row names.
    pub area: Option<AreaCode>,
    /// The year it is about.
    pub year: i16,
    /// Items by their place in the pack's list.
    pub items: std::ops::Range<usize>,
    /// Items whose cells cannot be read: what is known of them stays.
    pub unread: Vec<u16>,
    /// What tells the row from another that says something else.
    pub digest: i64,
    /// The cells, kept for a refusal that only the store can decide.
    pub cells: Span,
}

/// A batch of income rows.
#[derive(Debug, Default)]
pub struct IncomeBatch {
    /// Texts and cells of the rows.
    pub arena: Arena,
    /// The statements.
    pub statements: Vec<StatementDraft>,
    /// Their items, each by its place in the pack's list, with its amount in fen.
    pub items: Vec<(u16, i64)>,
    /// Items that have no column in the sheet: what is known of them stays.
    pub absent: Arc<[u16]>,
}
