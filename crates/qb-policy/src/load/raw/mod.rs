//! The shapes of a pack's TOML files, before anything is checked.
//!
//! Unknown keys are errors everywhere. Ids and expressions keep their byte span, so that faults
//! point into the file.

use std::collections::BTreeMap;

use qb_base::Text;
use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

use crate::clause::{ClauseKind, Level};
use crate::code::IncomeCategory;
use crate::dataset::Room;
use crate::decimal::WrittenNumber;
use crate::fact::{Compare, Outcome};
use crate::layout::{LayoutForm, LayoutTarget, Place};
use crate::param::ParamUnit;
use crate::view::Keys;

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

/// `codes/*.toml`: one code list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawCodeList {
    pub(crate) id: Spanned<String>,
    pub(crate) title: Text,
    pub(crate) source: String,
    #[serde(default)]
    pub(crate) to_be_confirmed: bool,
    #[serde(default)]
    pub(crate) none: Vec<String>,
    #[serde(default)]
    pub(crate) code: Vec<RawCode>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawCode {
    pub(crate) id: Spanned<String>,
    pub(crate) label: Text,
    #[serde(default)]
    pub(crate) aliases: Vec<String>,
    pub(crate) group: Option<String>,
    pub(crate) source: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawIncomeItem {
    pub(crate) id: Spanned<String>,
    pub(crate) category: IncomeCategory,
    pub(crate) label: Text,
    #[serde(default)]
    pub(crate) aliases: Vec<String>,
    pub(crate) counted: bool,
    #[serde(default)]
    pub(crate) project_yield: bool,
    #[serde(default)]
    pub(crate) support: bool,
    pub(crate) source: String,
}

/// `layouts/*.toml`: one layout.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawLayout {
    pub(crate) id: Spanned<String>,
    pub(crate) title: Text,
    pub(crate) target: LayoutTarget,
    pub(crate) form: LayoutForm,
    pub(crate) item_columns: Option<ItemColumns>,
    pub(crate) source: String,
    pub(crate) sender: Option<RawRoles>,
    pub(crate) effective_from: Option<Spanned<Datetime>>,
    pub(crate) effective_until: Option<Spanned<Datetime>>,
    #[serde(default)]
    pub(crate) column: Vec<RawColumn>,
}

/// Role codes: one, or several.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum RawRoles {
    One(String),
    Many(Vec<String>),
}

impl RawRoles {
    pub(crate) fn into_codes(self) -> Vec<String> {
        match self {
            Self::One(code) => vec![code],
            Self::Many(codes) => codes,
        }
    }
}

/// Which list of items a layout's last columns come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ItemColumns {
    Income,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawColumn {
    pub(crate) id: Spanned<String>,
    pub(crate) label: Text,
    #[serde(default)]
    pub(crate) aliases: Vec<String>,
    #[serde(rename = "type")]
    pub(crate) kind: Spanned<String>,
    #[serde(default)]
    pub(crate) required: bool,
    #[serde(default)]
    pub(crate) sensitive: bool,
    #[serde(default)]
    pub(crate) ahead: bool,
    pub(crate) readers: Option<String>,
    pub(crate) unit: Option<String>,
    #[serde(default)]
    pub(crate) place: Place,
}

/// `datasets/*.toml`: one dataset.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawDataset {
    pub(crate) id: Spanned<String>,
    pub(crate) title: Text,
    pub(crate) source: String,
    pub(crate) readers: Option<String>,
    pub(crate) room: Room,
    pub(crate) sender: Option<RawRoles>,
    pub(crate) effective_from: Option<Spanned<Datetime>>,
    pub(crate) effective_until: Option<Spanned<Datetime>>,
    /// Present in a list that decides.
    pub(crate) confirmed_by: Option<Spanned<RawRoles>>,
    pub(crate) entry: Option<RawEntry>,
    pub(crate) key: Spanned<Vec<Spanned<String>>>,
    #[serde(default)]
    pub(crate) cites_anywhere: Vec<Spanned<String>>,
    pub(crate) spell: Option<RawSpell>,
    pub(crate) case: Option<RawDatasetCase>,
    #[serde(default)]
    pub(crate) column: Vec<RawColumn>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawEntry {
    pub(crate) roles: Spanned<Vec<String>>,
    pub(crate) numbered: Option<Spanned<String>>,
    pub(crate) own: Option<Spanned<String>>,
    pub(crate) columns: Option<Vec<Spanned<String>>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawSpell {
    pub(crate) from: Spanned<String>,
    pub(crate) to: Spanned<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawDatasetCase {
    pub(crate) machine: Spanned<String>,
    pub(crate) subject: String,
    pub(crate) parts: Option<Spanned<String>>,
    /// The columns of who took a step and under which number its papers are kept.
    pub(crate) by: Option<Spanned<String>>,
    pub(crate) paper: Option<Spanned<String>>,
    #[serde(default)]
    pub(crate) step: Vec<RawStep>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawStep {
    pub(crate) transition: Spanned<String>,
    pub(crate) part: Option<String>,
    pub(crate) on: Spanned<String>,
    pub(crate) present: Option<Spanned<String>>,
    pub(crate) entitled: Option<Spanned<String>>,
    pub(crate) share: Option<Spanned<String>>,
    pub(crate) until: Option<Spanned<String>>,
    pub(crate) document: Option<Spanned<String>>,
    pub(crate) reason: Option<Spanned<String>>,
    pub(crate) level: Option<Spanned<String>>,
    /// As the case says unless the step says otherwise.
    pub(crate) by: Option<Spanned<String>>,
    pub(crate) paper: Option<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawView {
    pub(crate) id: Spanned<String>,
    pub(crate) says: Text,
    pub(crate) query: Spanned<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawCoverage {
    pub(crate) id: Spanned<String>,
    pub(crate) says: Text,
    pub(crate) set: Text,
    #[serde(default)]
    pub(crate) keys: Keys,
    pub(crate) set_query: Spanned<String>,
    pub(crate) covered_query: Spanned<String>,
    pub(crate) opens: Option<RawOpens>,
    pub(crate) effective_from: Option<Spanned<Datetime>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawOpens {
    pub(crate) machine: Spanned<String>,
    pub(crate) transition: String,
}

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
