//! Slips of the pen in single rows: some are repaired on import, the others are refused and come
//! again, corrected.

use serde::{Deserialize, Serialize};

use super::hand::{odd_day, wan};
use super::value::Value;
use crate::dice::Dice;
use crate::faults::Expectation;
use crate::places;

/// A slip in a row of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Slip {
    /// Money with its unit in the cell (F6).
    MoneyText,
    /// A day written as nobody else does (F5).
    DayText,
    /// A village with another ending (F11).
    VillageVariant,
    /// A yes or no with another word (F13).
    FlagVariant,
    /// A village nobody knows.
    UnknownVillage,
    /// A day that does not exist.
    BadDay,
    /// A required cell left blank.
    Missing,
    /// An amount in words.
    AmountInWords,
}

/// Slips after which the row is taken.
const MILD: [Slip; 4] = [Slip::MoneyText, Slip::DayText, Slip::VillageVariant, Slip::FlagVariant];
/// Slips for which the row is refused.
const GRAVE: [Slip; 4] = [Slip::UnknownVillage, Slip::BadDay, Slip::Missing, Slip::AmountInWords];

impl Slip {
    /// Its code in the catalogue of faults, or a word where it has none there.
    pub fn code(self) -> &'static str {
        match self {
            Self::MoneyText => "F6",
            Self::DayText => "F5",
            Self::VillageVariant => "F11",
            Self::FlagVariant => "F13",
            Self::UnknownVillage => "AREA",
            Self::BadDay => "DATE",
            Self::Missing => "REQUIRED",
            Self::AmountInWords => "NUMBER",
        }
    }

    /// What becomes of the row.
    pub fn expectation(self) -> Expectation {
        match self {
            Self::MoneyText | Self::DayText | Self::VillageVariant | Self::FlagVariant => {
                Expectation::Repaired
            }
            _ => Expectation::RefusedThenCorrected,
        }
    }
}

/// A column as slips see it.
#[derive(Clone, Copy)]
pub(super) struct Column<'a> {
    pub(super) head: &'a str,
    pub(super) required: bool,
    pub(super) key: bool,
}

/// Chooses a slip that fits the row and spoils it; says what and where.
pub(super) fn spoil(
    row: &mut [Value],
    columns: &[Column<'_>],
    grave: bool,
    dice: &mut Dice,
) -> Option<(Slip, usize)> {
    let mut kinds = if grave { GRAVE } else { MILD };
    dice.shuffle(&mut kinds);
    kinds.into_iter().find_map(|slip| {
        let fitting: Vec<usize> =
            (0..row.len()).filter(|at| fits(slip, &row[*at], &columns[*at])).collect();
        if fitting.is_empty() {
            return None;
        }
        let at = *dice.pick(&fitting);
        row[at] = spoilt(slip, &row[at], dice);
        Some((slip, at))
    })
}

fn fits(slip: Slip, value: &Value, column: &Column<'_>) -> bool {
    let village = column.head == "行政村" && value.as_text().ends_with("村委会");
    match slip {
        Slip::MoneyText => matches!(value, Value::Fen(fen) if *fen > 0),
        Slip::DayText => matches!(value, Value::Day(_)),
        Slip::VillageVariant => village,
        Slip::FlagVariant => matches!(value, Value::Flag(_)),
        Slip::UnknownVillage => village && column.required,
        Slip::BadDay => matches!(value, Value::Day(_)),
        Slip::Missing => {
            let area = ["县(市、区)", "乡(镇)", "行政村"].contains(&column.head);
            column.required && !column.key && !area && *value != Value::Blank
        }
        Slip::AmountInWords => matches!(value, Value::Fen(fen) if *fen > 0) && column.required,
    }
}

fn spoilt(slip: Slip, value: &Value, dice: &mut Dice) -> Value {
    match (slip, value) {
        (Slip::MoneyText, Value::Fen(fen)) if dice.mille(500) => {
            Value::Text(format!("{}万元", wan(*fen)))
        }
        (Slip::MoneyText, Value::Fen(fen)) => {
            Value::Text(format!("￥{}元", crate::sheet::yuan(*fen)))
        }
        (Slip::DayText, Value::Day(day)) => Value::Text(odd_day(*day)),
        (Slip::VillageVariant, Value::Text(name)) => {
            Value::Text(places::variant(name, dice.index(3)))
        }
        (Slip::FlagVariant, Value::Flag(flag)) => Value::text(if *flag { "有" } else { "无" }),
        (Slip::UnknownVillage, _) => Value::text(*dice.pick(&places::UNKNOWN)),
        (Slip::BadDay, Value::Day(day)) => {
            Value::Text(format!("{}-13-{:02}", day.year(), day.day()))
        }
        (Slip::AmountInWords, _) => Value::text("待核"),
        _ => Value::Blank,
    }
}
