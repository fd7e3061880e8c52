//! Shapes of parameters, clauses and their cases.

use qb_base::Text;
use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

use crate::number::decimal::WrittenNumber;
use crate::pack::clause::{ClauseKind, Level};
use crate::pack::param::ParamUnit;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawParam {
    pub(crate) id: Spanned<String>,
    pub(crate) says: Text,
    pub(crate) unit: ParamUnit,
    #[serde(default)]
    pub(crate) value: Vec<RawParamValue>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawParamValue {
    pub(crate) value: Spanned<WrittenNumber>,
    pub(crate) from: Spanned<Datetime>,
    pub(crate) until: Option<Spanned<Datetime>>,
    pub(crate) area: Option<Spanned<String>>,
    pub(crate) source: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawClause {
    pub(crate) id: Spanned<String>,
    pub(crate) level: Level,
    #[serde(default)]
    pub(crate) kind: ClauseKind,
    pub(crate) unit: Option<String>,
    pub(crate) says: Text,
    pub(crate) source: String,
    pub(crate) effective_from: Spanned<Datetime>,
    pub(crate) effective_until: Option<Spanned<Datetime>>,
    pub(crate) exception_of: Option<Spanned<String>>,
    pub(crate) expression: Spanned<String>,
    #[serde(default)]
    pub(crate) case: Vec<RawCase>,
}

/// Written inside its clause (`[[clause.case]]`), or after it (`[[case]]`).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawCase {
    pub(crate) name: Spanned<String>,
    #[serde(default)]
    pub(crate) given: toml::Table,
    #[serde(default)]
    pub(crate) members: Vec<toml::Table>,
    #[serde(default)]
    pub(crate) household: toml::Table,
    pub(crate) on: Option<Datetime>,
    pub(crate) expect: toml::Value,
}
