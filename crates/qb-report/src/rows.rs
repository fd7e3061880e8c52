//! The rows behind computed figures, as a workbook shows them.

use qb_base::Text;
use qb_policy::Decimal;

use crate::error::ReportError;

/// Most rows of one sheet; a spreadsheet of more is slow to open, and the pages hold them all.
pub const SHEET_ROWS_MAX: u64 = 100_000;

/// A sheet of rows that one or more figures are counted from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowSheet {
    /// The facts that count these rows.
    pub facts: Vec<String>,
    /// Heads of the columns.
    pub columns: Vec<Text>,
    /// How many rows there are, whether shown or not.
    pub total: u64,
    /// Most rows that are shown.
    pub limit: u64,
}

/// One cell. There is no variant for names, identity numbers, phones or accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Unknown.
    Empty,
    /// An area, a date, a pseudonymous number.
    Text(String),
    /// The label of a code, in both languages.
    Label(Text),
    /// A number.
    Number(Decimal),
    /// Yes or no.
    Bool(bool),
}

/// Where rows come from.
pub trait RowSource {
    /// The sheets there are.
    ///
    /// # Errors
    /// When the rows cannot be found.
    fn sheets(&self) -> Result<Vec<RowSheet>, ReportError>;

    /// Hands over the first `limit` rows of the sheet at this position of [`Self::sheets`], in
    /// order.
    ///
    /// # Errors
    /// When the rows cannot be read, or the receiver fails.
    fn visit(
        &self,
        sheet: usize,
        limit: u64,
        receive: &mut dyn FnMut(&[Cell]) -> Result<(), ReportError>,
    ) -> Result<(), ReportError>;
}

/// No rows: a report whose rows are shown elsewhere.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoRows;

impl RowSource for NoRows {
    fn sheets(&self) -> Result<Vec<RowSheet>, ReportError> {
        Ok(Vec::new())
    }

    fn visit(
        &self,
        _: usize,
        _: u64,
        _: &mut dyn FnMut(&[Cell]) -> Result<(), ReportError>,
    ) -> Result<(), ReportError> {
        Ok(())
    }
}
