//! Rows of datasets as sheets state them.

use std::sync::Arc;

use qb_base::{AreaCode, BlindIndex};

use super::{Arena, Span, TextSpan};

/// One row of a dataset.
#[derive(Debug)]
pub struct RecordDraft {
    /// The row of the sheet.
    pub row: u32,
    /// The key by which the row is found.
    pub key: TextSpan,
    /// The hash of the key.
    pub key_hash: u64,
    /// The area the row names.
    pub area: Option<AreaCode>,
    /// The number of the household it is about.
    pub household_no: Option<TextSpan>,
    /// The identity number of the person it is about.
    pub id_no: Option<TextSpan>,
    /// The index of that number.
    pub blind: Option<BlindIndex>,
    /// The number of the person it is about, where the sender does not write everywhere.
    pub person_no: Option<TextSpan>,
    /// The keys of rows of other lists that it names, each with its list's place in
    /// [`RecordBatch::attaches`].
    pub attached: Vec<(usize, TextSpan)>,
    /// What all may read, as a JSON object.
    pub fields: TextSpan,
    /// What is kept sealed.
    pub sealed: Option<Span>,
    /// What tells the row from another that says something else.
    pub digest: u64,
    /// The cells, kept for a refusal that only the store can decide.
    pub cells: Span,
}

/// A column of a dataset as a sheet has it.
#[derive(Clone, Debug)]
pub struct SheetColumn {
    /// Its id.
    pub id: String,
    /// Whether its values are kept sealed.
    pub sealed: bool,
    /// Whether the sheet has it.
    pub there: bool,
}

/// A batch of rows of a dataset.
#[derive(Debug, Default)]
pub struct RecordBatch {
    /// Texts, sealed bytes and cells of the rows.
    pub arena: Arena,
    /// The rows.
    pub records: Vec<RecordDraft>,
    /// Keys of refused rows: their earlier versions stay.
    pub refused_keys: Vec<u64>,
    /// The columns of the dataset in order: what is known of those the sheet lacks stays.
    pub columns: Arc<[SheetColumn]>,
    /// Whether the sheet lacks a column of an area.
    pub lacks_area: bool,
    /// Lists to which its rows attach by their key; none where the sender writes everywhere.
    pub attaches: Arc<[String]>,
}

impl RecordBatch {
    /// Whether the sheet lacks a column of the dataset.
    pub(crate) fn lacks_columns(&self) -> bool {
        self.lacks_area || self.columns.iter().any(|column| !column.there)
    }
}
