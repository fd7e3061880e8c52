//! Shapes of published figures and contradictions.

use std::collections::BTreeMap;

use qb_base::Text;
use serde::Deserialize;
use toml::Spanned;

use crate::number::decimal::WrittenNumber;
use crate::pack::clause::Level;
use crate::pack::fact::{Compare, Outcome};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RawMethod {
    Rows,
    Pack,
    Arithmetic,
    Reference,
    Pending,
    Text,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawFact {
    pub(crate) id: Spanned<String>,
    pub(crate) says: Text,
    pub(crate) definition: Option<Text>,
    pub(crate) denominator: Option<Text>,
    pub(crate) unit: Option<Spanned<String>>,
    /// Whether it is among the few that the first page of every area shows.
    #[serde(default)]
    pub(crate) key: bool,
    pub(crate) published: Option<Spanned<WrittenNumber>>,
    pub(crate) published_text: Option<Text>,
    pub(crate) rounding: Option<Spanned<WrittenNumber>>,
    #[serde(default)]
    pub(crate) compare: Compare,
    pub(crate) source: String,
    pub(crate) method: RawMethod,
    pub(crate) level: Option<Level>,
    pub(crate) filter: Option<Spanned<String>>,
    pub(crate) value: Option<Spanned<String>>,
    pub(crate) factor: Option<Spanned<WrittenNumber>>,
    pub(crate) query: Option<Spanned<String>>,
    pub(crate) source_table: Option<String>,
    /// Heads of the columns that the query itself computes.
    #[serde(default)]
    pub(crate) labels: BTreeMap<String, Text>,
    pub(crate) coverage: Option<Spanned<String>>,
    pub(crate) reference: Option<String>,
    pub(crate) missing: Option<Text>,
    pub(crate) mechanism: Option<Text>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawContradiction {
    pub(crate) id: Spanned<String>,
    pub(crate) says: Text,
    pub(crate) finding: Text,
    #[serde(default)]
    pub(crate) facts: Vec<Spanned<String>>,
    #[serde(default)]
    pub(crate) figure: Vec<RawFigure>,
    pub(crate) outcome: Outcome,
    pub(crate) verdict: Text,
    pub(crate) source: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawFigure {
    pub(crate) id: Spanned<String>,
    pub(crate) label: Text,
    pub(crate) unit: Spanned<String>,
    pub(crate) expression: Spanned<String>,
    pub(crate) rounding: Option<Spanned<WrittenNumber>>,
}
