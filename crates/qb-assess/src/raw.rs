//! The shape of `schemes/*.toml`, before anything is checked.

use std::collections::BTreeMap;

use qb_base::{AreaLevel, Text};
use serde::Deserialize;
use toml::Spanned;

use crate::model::{Direction, Missing, Rounding};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawScheme {
    pub(crate) id: Spanned<String>,
    pub(crate) title: Text,
    pub(crate) source: String,
    pub(crate) year: i16,
    pub(crate) object_level: AreaLevel,
    #[serde(default)]
    pub(crate) illustrative: bool,
    pub(crate) rounding: Rounding,
    pub(crate) step: RawNumber,
    pub(crate) deduct_max: RawNumber,
    pub(crate) bonus_max: RawNumber,
    #[serde(default)]
    pub(crate) band: Vec<RawBand>,
    #[serde(default)]
    pub(crate) item: Vec<RawItem>,
    #[serde(default)]
    pub(crate) deduct: Vec<RawExtra>,
    #[serde(default)]
    pub(crate) bonus: Vec<RawExtra>,
    #[serde(default)]
    pub(crate) veto: Vec<RawVeto>,
    #[serde(default)]
    pub(crate) group: Vec<RawGroup>,
    #[serde(default)]
    pub(crate) feeds: Vec<RawFeed>,
    #[serde(default)]
    pub(crate) object: Vec<RawObject>,
    #[serde(default)]
    pub(crate) case: Vec<RawCase>,
}

/// A whole number, or in quotes a decimal (`"0.5"`) or a fraction (`"1400/15"`).
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum RawNumber {
    Integer(i64),
    Text(String),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawBand {
    pub(crate) id: String,
    pub(crate) label: Text,
    pub(crate) from: RawNumber,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawItem {
    pub(crate) id: Spanned<String>,
    pub(crate) weight: RawNumber,
    pub(crate) says: Text,
    pub(crate) source: String,
    pub(crate) department: Text,
    pub(crate) unit: String,
    pub(crate) query: Option<Spanned<String>>,
    #[serde(default)]
    pub(crate) direction: Direction,
    pub(crate) kernel: RawKernel,
    pub(crate) missing: Missing,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum RawKernel {
    FullOrZero {
        at: RawNumber,
    },
    StepDeduct {
        at: RawNumber,
        unit: RawNumber,
        points: RawNumber,
        #[serde(default)]
        whole_units: bool,
    },
    Linear {
        lo: RawNumber,
        hi: RawNumber,
    },
    Piecewise {
        table: Vec<[RawNumber; 2]>,
    },
    Bands {
        table: Vec<[RawNumber; 2]>,
        beyond: RawNumber,
    },
    Rank {
        step: RawNumber,
    },
    PerUnit {
        at: RawNumber,
        start: RawNumber,
        plus: RawNumber,
        minus: RawNumber,
    },
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawExtra {
    pub(crate) id: Spanned<String>,
    pub(crate) says: Text,
    pub(crate) source: String,
    pub(crate) points: RawNumber,
    pub(crate) max: Option<RawNumber>,
    pub(crate) query: Option<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawVeto {
    pub(crate) id: Spanned<String>,
    pub(crate) says: Text,
    pub(crate) source: String,
    pub(crate) cap: String,
    pub(crate) query: Option<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawGroup {
    pub(crate) id: String,
    pub(crate) says: Text,
    pub(crate) objects: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawFeed {
    pub(crate) appraisal: String,
    pub(crate) says: Text,
    pub(crate) weight: RawNumber,
    pub(crate) source: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawObject {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) values: BTreeMap<String, RawNumber>,
    #[serde(default)]
    pub(crate) counts: BTreeMap<String, RawNumber>,
    #[serde(default)]
    pub(crate) vetoes: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawCase {
    pub(crate) name: Spanned<String>,
    #[serde(default)]
    pub(crate) object: Vec<RawObject>,
    pub(crate) expect: Vec<RawExpected>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawExpected {
    pub(crate) object: String,
    #[serde(default)]
    pub(crate) points: BTreeMap<String, RawNumber>,
    pub(crate) base: Option<RawNumber>,
    pub(crate) deduct: Option<RawNumber>,
    pub(crate) bonus: Option<RawNumber>,
    pub(crate) total: Option<RawNumber>,
    #[serde(default)]
    pub(crate) incomplete: bool,
    pub(crate) grade: Option<String>,
    pub(crate) rank: Option<u32>,
}
