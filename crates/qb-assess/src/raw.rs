//! The shape of `schemes/*.toml`, before anything is checked.

use std::collections::BTreeMap;

use qb_base::{AreaLevel, Text};
use qb_policy::WrittenNumber;
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
    pub(crate) step: WrittenNumber,
    pub(crate) deduct_max: WrittenNumber,
    pub(crate) bonus_max: WrittenNumber,
    pub(crate) base: Option<RawBase>,
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

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawBase {
    pub(crate) says: Text,
    pub(crate) source: Spanned<String>,
    pub(crate) query: Spanned<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawBand {
    pub(crate) id: String,
    pub(crate) label: Text,
    pub(crate) from: WrittenNumber,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawItem {
    pub(crate) id: Spanned<String>,
    pub(crate) weight: WrittenNumber,
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
        at: WrittenNumber,
    },
    StepDeduct {
        at: WrittenNumber,
        unit: WrittenNumber,
        points: WrittenNumber,
        #[serde(default)]
        whole_units: bool,
    },
    Linear {
        lo: WrittenNumber,
        hi: WrittenNumber,
    },
    Piecewise {
        table: Vec<[WrittenNumber; 2]>,
    },
    Bands {
        table: Vec<[WrittenNumber; 2]>,
        beyond: WrittenNumber,
    },
    Rank {
        step: WrittenNumber,
    },
    PerUnit {
        at: WrittenNumber,
        start: WrittenNumber,
        plus: WrittenNumber,
        minus: WrittenNumber,
    },
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawExtra {
    pub(crate) id: Spanned<String>,
    pub(crate) says: Text,
    pub(crate) source: String,
    pub(crate) points: WrittenNumber,
    pub(crate) max: Option<WrittenNumber>,
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
    pub(crate) weight: WrittenNumber,
    pub(crate) source: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawObject {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) values: BTreeMap<String, WrittenNumber>,
    #[serde(default)]
    pub(crate) counts: BTreeMap<String, WrittenNumber>,
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
    pub(crate) points: BTreeMap<String, WrittenNumber>,
    pub(crate) base: Option<WrittenNumber>,
    pub(crate) deduct: Option<WrittenNumber>,
    pub(crate) bonus: Option<WrittenNumber>,
    pub(crate) total: Option<WrittenNumber>,
    #[serde(default)]
    pub(crate) incomplete: bool,
    pub(crate) grade: Option<String>,
    pub(crate) rank: Option<u32>,
}
