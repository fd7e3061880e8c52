//! What is known about the facts: values computed from rows, and outside statistics with their
//! sources.

use std::collections::BTreeMap;

use qb_base::{AreaCode, Date};
use qb_policy::Decimal;

/// What the sources of generated outside statistics hold; a report made from them says so on every
/// page.
pub const SYNTHETIC_MARK: &str = "示例数据";

/// Everything the report is made from besides the pack.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// The day on which the values stand; none before the first run.
    pub as_of: Option<Date>,
    /// The day of the last import that the values rest on: what rows without a day tell of.
    pub known_on: Option<Date>,
    /// Values of the facts computed from rows, in the fact's unit, before rounding; by fact id.
    ///
    /// A fact whose value is unknown (no rows, or missing data) is absent.
    pub computed: BTreeMap<String, Decimal>,
    /// The same by county.
    pub by_county: BTreeMap<AreaCode, BTreeMap<String, Decimal>>,
    /// Members of a set that its coverage does not reach, of the facts that cite a coverage.
    pub missing: BTreeMap<String, u64>,
    /// Whether the rows were made by the generator of example data.
    pub is_synthetic: bool,
    /// Outside statistics by the id under which the reference file holds them.
    pub reference: BTreeMap<String, ReferenceValue>,
}

/// An outside statistic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferenceValue {
    /// The value, in the unit of the fact.
    pub value: Decimal,
    /// Who published it, and in which document.
    pub source: String,
}
