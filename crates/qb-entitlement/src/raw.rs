//! The shape of `benefits/*.toml`, before anything is checked.

use std::collections::BTreeSet;

use qb_base::Text;
use qb_policy::WrittenNumber;
use serde::Deserialize;
use toml::Spanned;

use crate::model::{Base, Per};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawBenefit {
    pub(crate) id: Spanned<String>,
    pub(crate) title: Text,
    pub(crate) source: String,
    pub(crate) entitled: Option<RawEntitled>,
    #[serde(default)]
    pub(crate) step: Vec<RawStep>,
    #[serde(default)]
    pub(crate) line: Vec<RawLine>,
    pub(crate) pool: Option<RawPool>,
    pub(crate) interest: Option<RawInterest>,
    #[serde(default)]
    pub(crate) case: Vec<RawCase>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawEntitled {
    pub(crate) says: Text,
    pub(crate) source: String,
    #[serde(default)]
    pub(crate) illustrative: bool,
    pub(crate) view: String,
    pub(crate) years_after_exit: RawYears,
}

/// A number of years, or the id of a param.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum RawYears {
    Years(i16),
    Param(String),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawStep {
    pub(crate) id: Spanned<String>,
    pub(crate) payer: String,
    pub(crate) says: Text,
    pub(crate) source: String,
    pub(crate) base: Base,
    pub(crate) entitled_from: Option<i16>,
    #[serde(default)]
    pub(crate) classes: BTreeSet<String>,
    pub(crate) per: Per,
    #[serde(default)]
    pub(crate) terms: Vec<RawTerms>,
    #[serde(default)]
    pub(crate) uplift: Vec<RawUplift>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawTerms {
    pub(crate) kind: Option<String>,
    pub(crate) level: Option<String>,
    pub(crate) from_year: i16,
    pub(crate) until_year: Option<i16>,
    pub(crate) deductible: Option<WrittenNumber>,
    pub(crate) base_max: Option<WrittenNumber>,
    pub(crate) paid_max_year: Option<WrittenNumber>,
    pub(crate) rate: Option<WrittenNumber>,
    #[serde(default)]
    pub(crate) segment: Vec<RawSegment>,
    pub(crate) source: String,
    #[serde(default)]
    pub(crate) illustrative: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawSegment {
    pub(crate) upto: Option<WrittenNumber>,
    pub(crate) rate: WrittenNumber,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawUplift {
    pub(crate) kinds: BTreeSet<String>,
    pub(crate) from_year: i16,
    pub(crate) until_year: Option<i16>,
    pub(crate) points: WrittenNumber,
    pub(crate) source: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawLine {
    pub(crate) id: Spanned<String>,
    pub(crate) item: String,
    pub(crate) stage: Option<String>,
    #[serde(default)]
    pub(crate) classes: BTreeSet<String>,
    pub(crate) boarding: Option<bool>,
    pub(crate) from_year: i16,
    pub(crate) until_year: Option<i16>,
    pub(crate) amount: Option<WrittenNumber>,
    pub(crate) param: Option<String>,
    pub(crate) says: Text,
    pub(crate) source: String,
    #[serde(default)]
    pub(crate) illustrative: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawPool {
    pub(crate) id: Spanned<String>,
    pub(crate) says: Text,
    pub(crate) source: String,
    #[serde(default)]
    pub(crate) illustrative: bool,
    pub(crate) people_share: WrittenNumber,
    pub(crate) post_wage: WrittenNumber,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawInterest {
    pub(crate) id: Spanned<String>,
    pub(crate) says: Text,
    pub(crate) source: String,
    #[serde(default)]
    pub(crate) illustrative: bool,
    pub(crate) amount_max: WrittenNumber,
    pub(crate) years_max: i64,
    pub(crate) purposes: BTreeSet<String>,
    pub(crate) age_min: i16,
    pub(crate) age_max: i16,
    pub(crate) loans_max: i64,
    pub(crate) registered_only: bool,
    #[serde(default)]
    pub(crate) subsidy: Vec<RawSubsidy>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawSubsidy {
    pub(crate) from_year: i16,
    pub(crate) until_year: Option<i16>,
    pub(crate) share: WrittenNumber,
    pub(crate) source: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawCase {
    pub(crate) name: Spanned<String>,
    pub(crate) given: toml::Table,
    #[serde(default)]
    pub(crate) before: Vec<toml::Table>,
    pub(crate) expect: toml::Table,
}
