//! The shapes of a pack's TOML files, before anything is checked.
//!
//! Unknown keys are errors everywhere. Ids and expressions keep their byte span, so that faults
//! point into the file.

mod dataset;
mod fact;
mod list;
mod rule;

pub(crate) use dataset::*;
pub(crate) use fact::*;
pub(crate) use list::*;
pub(crate) use rule::*;

use qb_base::Text;
use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

/// `pack.toml`: the head, and any part of a small pack.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawHead {
    pub(crate) id: Spanned<String>,
    pub(crate) title: Option<Text>,
    pub(crate) source: Option<String>,
    pub(crate) extends: Option<Spanned<String>>,
    pub(crate) year: Option<i16>,
    pub(crate) as_of: Option<Spanned<Datetime>>,
    pub(crate) area: Option<Spanned<String>>,
    #[serde(default)]
    pub(crate) clause: Vec<RawClause>,
    #[serde(default)]
    pub(crate) case: Vec<RawCase>,
    #[serde(default)]
    pub(crate) param: Vec<RawParam>,
    #[serde(default)]
    pub(crate) income_item: Vec<RawIncomeItem>,
    #[serde(default)]
    pub(crate) fact: Vec<RawFact>,
    #[serde(default)]
    pub(crate) contradiction: Vec<RawContradiction>,
    #[serde(default)]
    pub(crate) view: Vec<RawView>,
    #[serde(default)]
    pub(crate) coverage: Vec<RawCoverage>,
}

/// Any other file: parts of the pack in any order.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawParts {
    #[serde(default)]
    pub(crate) clause: Vec<RawClause>,
    #[serde(default)]
    pub(crate) case: Vec<RawCase>,
    #[serde(default)]
    pub(crate) param: Vec<RawParam>,
    #[serde(default)]
    pub(crate) income_item: Vec<RawIncomeItem>,
    #[serde(default)]
    pub(crate) fact: Vec<RawFact>,
    #[serde(default)]
    pub(crate) contradiction: Vec<RawContradiction>,
    #[serde(default)]
    pub(crate) view: Vec<RawView>,
    #[serde(default)]
    pub(crate) coverage: Vec<RawCoverage>,
}
