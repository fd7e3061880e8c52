//! Dated values that expressions name: lines, shares, ages.

use qb_base::{AreaCode, Date, Text};

use crate::error::Position;
use crate::number::decimal::Decimal;

/// A value that depends on day and area.
#[derive(Clone, Debug)]
pub struct Param {
    /// The id that expressions name: `param('line.exit')`.
    pub id: String,
    /// What it is.
    pub says: Text,
    /// The unit it is published in.
    pub unit: ParamUnit,
    /// Its values over time and area.
    pub values: Vec<ParamValue>,
    /// Where it stands in the pack.
    pub at: Position,
}

/// The unit of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ParamUnit {
    /// Yuan; expressions get fen.
    Yuan,
    /// Percent; expressions get a share (30 → 0.3).
    Percent,
    /// A number of persons, households, villages, things.
    Count,
    /// Years of age or time.
    Years,
    /// Months.
    Months,
}

/// One value of a parameter.
#[derive(Clone, Debug)]
pub struct ParamValue {
    /// The value as published, in the parameter's unit.
    pub published: Decimal,
    /// The value as expressions get it: fen for money, a share for percent, else as published.
    pub number: Decimal,
    /// First day it holds.
    pub from: Date,
    /// Last day it holds; none while it is open.
    pub until: Option<Date>,
    /// The area it holds for; none for everywhere.
    pub area: Option<AreaCode>,
    /// Where it comes from.
    pub source: String,
}

impl ParamValue {
    fn holds(&self, area: &AreaCode, on: Date) -> bool {
        self.from <= on
            && self.until.is_none_or(|until| on <= until)
            && self.area.is_none_or(|known| known.contains(area))
    }
}

impl Param {
    /// The value on a day in an area: the one for the smallest area that contains it, the latest of
    /// those.
    pub fn value(&self, area: &AreaCode, on: Date) -> Option<&ParamValue> {
        self.values
            .iter()
            .filter(|value| value.holds(area, on))
            .max_by_key(|value| (value.area.map(|known| known.as_str().len()), value.from))
    }
}
