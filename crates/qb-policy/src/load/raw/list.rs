//! Shapes of code lists, income items and layouts.

use qb_base::Text;
use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

use crate::pack::code::IncomeCategory;
use crate::pack::layout::{LayoutForm, LayoutTarget, Place};

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
