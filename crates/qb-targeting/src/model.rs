//! Runs and what came out of them.

use qb_base::Date;
use qb_store::StoreError;
use serde::Serialize;

/// The level of a figure whose rows a query gives; they have no verdicts.
pub const QUERY_LEVEL: &str = "query";

/// A run as the command line prints it.
#[derive(Clone, Debug, Serialize)]
pub struct RunSummary {
    /// Number of the run.
    pub run: i64,
    /// Persons in the snapshot.
    pub people: u64,
    /// Households in the snapshot.
    pub households: u64,
    /// Digest that names the snapshot.
    pub snapshot: String,
    /// Digest of the pack.
    pub pack: String,
    /// Digest of all results.
    pub digest: String,
    /// Each rule.
    pub rules: Vec<RuleSummary>,
    /// Coverages that open cases, with the members of their sets that are missing.
    #[serde(skip)]
    pub leads: Vec<(String, Vec<String>)>,
}

/// One rule of a run.
#[derive(Clone, Debug, Serialize)]
pub struct RuleSummary {
    /// The clause.
    pub id: String,
    /// Its level.
    pub level: String,
    /// Rows for which it is true; for a value, rows with a known value.
    #[serde(rename = "true")]
    pub n_true: u64,
    /// Rows for which it is false.
    #[serde(rename = "false")]
    pub n_false: u64,
    /// Rows for which it cannot be told.
    #[serde(rename = "unknown")]
    pub n_unknown: u64,
    /// Digest of the set-wise results.
    pub digest_setwise: String,
    /// Digest of the row-wise results.
    pub digest_rowwise: String,
    /// Seconds both evaluators took for it.
    pub seconds: f64,
}

/// A stored run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Run {
    /// Its number.
    pub id: i64,
    /// Digest that names its snapshot.
    pub snapshot: String,
    /// Id of its pack.
    pub pack_id: String,
    /// Digest of its pack.
    pub pack: String,
    /// Version of the engine.
    pub engine_version: String,
    /// The day it stands on.
    pub as_of: String,
    /// The instant up to which it knows, in ms UTC; none where it knows all that was there when it
    /// began.
    pub known_at: Option<i64>,
    /// When it began, in ms UTC.
    pub started_at: i64,
    /// When it ended, in ms UTC.
    pub finished_at: i64,
    /// Digest of all results.
    pub digest: String,
}

impl Run {
    /// The day it stands on.
    ///
    /// # Errors
    /// When the store holds no date there.
    pub fn day(&self) -> Result<Date, StoreError> {
        self.as_of.parse().map_err(|_| StoreError::Broken("a run stands on a date"))
    }
}

/// What a run says of one clause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClauseOutcome {
    /// The clause.
    pub clause: String,
    /// Its level.
    pub level: String,
    /// Its character in the verdicts of its level, from 0.
    pub position: usize,
    /// True, or known for a value.
    pub n_true: i64,
    /// False.
    pub n_false: i64,
    /// Cannot be told.
    pub n_unknown: i64,
}

/// What a run says of one figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FigureOutcome {
    /// The fact.
    pub fact: String,
    /// The level of its rows, or [`QUERY_LEVEL`].
    pub level: String,
    /// Its character in the verdicts of its level, from 0; a query has none.
    pub position: usize,
    /// Its value as an exact decimal: unscaled digits and scale; `None` when it cannot be told.
    pub value: Option<(i128, u8)>,
    /// Rows it stands on.
    pub rows: i64,
    /// Rows for which it cannot be told whether they belong.
    pub rows_unknown: i64,
}

/// What a run says of one coverage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoverageOutcome {
    /// The coverage.
    pub coverage: String,
    /// Members of its set.
    pub total: i64,
    /// Members that are not covered.
    pub missing: i64,
}
