//! Accounts, entries and postings.

use qb_base::{AreaCode, Date, Fen, Text};
use serde::{Deserialize, Serialize};

/// What an account stands for; blank where it does not apply.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attributes {
    /// Where the money is.
    pub area_code: String,
    /// The level that appropriated it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// The budget year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year: Option<i64>,
    /// The kind of source, a code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// What it is for, a code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// The project it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project_no: Option<String>,
    /// The household it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub household_no: Option<String>,
    /// The day from which money in it counts as lying still.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since_on: Option<String>,
}

/// An account as an entry opens or describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountSpec {
    /// Its code, such as `budget:B2016-001`.
    pub code: String,
    /// Its kind, of the pack's `ledger.toml`.
    pub kind: String,
    /// What it stands for.
    #[serde(flatten)]
    pub attributes: Attributes,
}

/// Money moved into an account (above zero) or out of it (below zero).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NewPosting {
    /// The account's code.
    pub account: String,
    /// The amount; never zero.
    pub amount: Fen,
}

/// An entry to be posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEntry {
    /// The id its maker gave it; posted at most once under it.
    pub client_id: String,
    /// Its kind, of the pack's `ledger.toml`, or [`REVERSAL`].
    pub kind: String,
    /// The day it happened.
    pub on_day: Date,
    /// Why, in the maker's words or a short code.
    pub reason: String,
    /// The entry it takes back, by its client's id; then `postings` stays empty.
    pub reverses: Option<String>,
    /// The record it was made from.
    pub source_record: Option<i64>,
    /// Accounts it opens, or describes anew.
    pub describes: Vec<AccountSpec>,
    /// What moves.
    pub postings: Vec<NewPosting>,
}

/// The kind of an entry that takes another one back.
pub const REVERSAL: &str = "reversal";

/// What became of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Posted {
    /// Its number.
    pub entry: i64,
    /// Whether it stood already under its client's id.
    pub stood_before: bool,
}

/// What an application of the lists' rows did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Applied {
    /// Entries posted.
    pub posted: u64,
    /// Entries reversed, because their row changed or was withdrawn.
    pub reversed: u64,
    /// Rows that could not be posted.
    pub refused: u64,
    /// Rows whose day or amount is still blank or zero.
    pub waiting: u64,
}

/// A row that could not be posted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RefusedRow {
    /// The record.
    pub record: i64,
    /// Its dataset.
    pub dataset: String,
    /// Its key.
    pub key: String,
    /// Its area.
    pub area_code: String,
    /// A short code of the reason.
    pub code: String,
    /// What is wrong and what to do.
    pub message: Text,
}

/// What a verification found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LedgerReport {
    /// Entries read.
    pub entries: u64,
    /// Postings read.
    pub postings: u64,
    /// Accounts read.
    pub accounts: u64,
    /// Digest over all entries.
    pub head: String,
    /// What does not fit, at most [`BREAKS_MAX`].
    pub broken: Vec<LedgerBreak>,
}

/// Breaks that a report lists.
pub const BREAKS_MAX: usize = 100;

/// A place where the ledger is broken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LedgerBreak {
    /// The entry, if one is concerned.
    pub entry: Option<i64>,
    /// The account, if one is concerned.
    pub account: Option<String>,
    /// What does not fit.
    pub what: Text,
}

impl NewEntry {
    /// An entry that takes another one back.
    pub fn reversal(client_id: String, reverses: &str, on_day: Date, reason: &str) -> Self {
        Self {
            client_id,
            kind: REVERSAL.to_owned(),
            on_day,
            reason: reason.to_owned(),
            reverses: Some(reverses.to_owned()),
            source_record: None,
            describes: Vec::new(),
            postings: Vec::new(),
        }
    }
}

impl Attributes {
    /// Attributes of an account that only stands somewhere.
    pub fn at(area: AreaCode) -> Self {
        Self { area_code: area.to_string(), ..Self::default() }
    }
}
