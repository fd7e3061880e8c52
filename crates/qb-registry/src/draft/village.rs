//! Ledgers and designations of villages, and figures from outside, as sheets state them.

use qb_base::AreaCode;

/// A village's ledger.
#[derive(Debug)]
pub struct LedgerDraft {
    /// The village.
    pub area: AreaCode,
    /// The year.
    pub year: i16,
    /// Its lines.
    pub lines: Vec<LedgerLine>,
    /// What tells the form from another that says something else.
    pub digest: i64,
}

/// One line of a ledger.
#[derive(Debug)]
pub struct LedgerLine {
    /// The item.
    pub item: String,
    /// Its amount.
    pub amount_fen: i64,
    /// Last year's.
    pub prior_fen: Option<i64>,
    /// The part that comes once.
    pub one_off_fen: Option<i64>,
    /// What shows it.
    pub evidence: Option<String>,
    /// Whether the form says nothing of last year's amount, of the part that comes once, of the
    /// evidence: what is known of them stays.
    pub unstated: [bool; 3],
    /// The row of the sheet.
    pub row: u32,
}

/// One designation of a village.
#[derive(Debug)]
pub struct DesignationDraft {
    /// The row of the sheet.
    pub row: u32,
    /// What the village is named as.
    pub kind: String,
    /// The village.
    pub area: AreaCode,
    /// Since which year.
    pub year: Option<i16>,
    /// The cells, kept for a refusal that only the store can decide.
    pub cells: Vec<u8>,
}

/// One outside figure.
#[derive(Debug, PartialEq, Eq)]
pub struct ReferenceDraft {
    /// The row of the sheet.
    pub row: u32,
    /// The fact it is about.
    pub fact_id: String,
    /// What it is called there.
    pub label: String,
    /// The area; none of the whole.
    pub area: Option<String>,
    /// The year; none where the fact has none.
    pub year: Option<i16>,
    /// Its value in millionths.
    pub value_micro: i64,
    /// Its unit.
    pub unit: String,
    /// Who says so.
    pub source: String,
    /// In which document.
    pub document: Option<String>,
    /// When that appeared.
    pub published_on: Option<String>,
    /// The cells, kept for a refusal that only the store can decide.
    pub cells: Vec<u8>,
}
