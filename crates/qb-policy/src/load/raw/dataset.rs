//! Shapes of datasets, views and coverages.

use qb_base::Text;
use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

use crate::load::raw::list::{RawColumn, RawRoles};
use crate::pack::dataset::Room;
use crate::pack::view::Keys;

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
