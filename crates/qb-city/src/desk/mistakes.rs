//! Mistakes in single rows: some are repaired on import, the others are refused and come
//! again, corrected.

use serde::{Deserialize, Serialize};

use super::hand::{odd_day, wan};
use super::value::Value;
use crate::dice::Dice;
use crate::faults::Expectation;
use crate::places;

/// A mistake in a row of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mistake {
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

/// Mistakes after which the row is taken.
const MILD: [Mistake; 4] =
    [Mistake::MoneyText, Mistake::DayText, Mistake::VillageVariant, Mistake::FlagVariant];
/// Mistakes for which the row is refused.
const GRAVE: [Mistake; 4] =
    [Mistake::UnknownVillage, Mistake::BadDay, Mistake::Missing, Mistake::AmountInWords];

impl Mistake {
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

/// A column as mistakes see it.
#[derive(Clone, Copy)]
pub(super) struct Column<'a> {
    pub(super) head: &'a str,
    pub(super) required: bool,
    pub(super) key: bool,
}

/// Chooses a mistake that fits the row and spoils it; says what and where.
pub(super) fn spoil(
    row: &mut [Value],
    columns: &[Column<'_>],
    grave: bool,
    dice: &mut Dice,
) -> Option<(Mistake, usize)> {
    let mut kinds = if grave { GRAVE } else { MILD };
    dice.shuffle(&mut kinds);
    kinds.into_iter().find_map(|mistake| {
        let fitting: Vec<usize> =
            (0..row.len()).filter(|at| fits(mistake, &row[*at], &columns[*at])).collect();
        if fitting.is_empty() {
            return None;
        }
        let at = *dice.pick(&fitting);
        row[at] = spoilt(mistake, &row[at], dice);
        Some((mistake, at))
    })
}

fn fits(mistake: Mistake, value: &Value, column: &Column<'_>) -> bool {
    let village = column.head == "行政村" && value.as_text().ends_with("村委会");
    match mistake {
        Mistake::MoneyText => matches!(value, Value::Fen(fen) if *fen > 0),
        Mistake::DayText => matches!(value, Value::Day(_)),
        Mistake::VillageVariant => village,
        Mistake::FlagVariant => matches!(value, Value::Flag(_)),
        Mistake::UnknownVillage => village && column.required,
        Mistake::BadDay => matches!(value, Value::Day(_)),
        Mistake::Missing => {
            let area = ["县(市、区)", "乡(镇)", "行政村"].contains(&column.head);
            column.required && !column.key && !area && *value != Value::Blank
        }
        Mistake::AmountInWords => matches!(value, Value::Fen(fen) if *fen > 0) && column.required,
    }
}

fn spoilt(mistake: Mistake, value: &Value, dice: &mut Dice) -> Value {
    match (mistake, value) {
        (Mistake::MoneyText, Value::Fen(fen)) => Value::Text(format!("{}万元", wan(*fen))),
        (Mistake::DayText, Value::Day(day)) => Value::Text(odd_day(*day)),
        (Mistake::VillageVariant, Value::Text(name)) => {
            Value::Text(places::variant(name, dice.index(3)))
        }
        (Mistake::FlagVariant, Value::Flag(flag)) => Value::text(if *flag { "有" } else { "无" }),
        (Mistake::UnknownVillage, _) => Value::text(*dice.pick(&places::UNKNOWN)),
        (Mistake::BadDay, Value::Day(day)) => {
            Value::Text(format!("{}-13-{:02}", day.year(), day.day()))
        }
        (Mistake::AmountInWords, _) => Value::text("待核"),
        _ => Value::Blank,
    }
}
