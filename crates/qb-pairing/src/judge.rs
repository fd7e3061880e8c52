//! Judges progress towards a target against the calendar.

use qb_base::Date;
use serde::Serialize;

use crate::rules::{Aim, Expected, Item};

/// How a target stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Reached.
    Met,
    /// Further than the calendar asks.
    Ahead,
    /// As far as the calendar asks.
    OnTime,
    /// Less far than the calendar asks.
    Behind,
    /// The year is over and the target was missed.
    Overdue,
    /// Nothing measures it yet.
    Unknown,
}

/// Where a target stands on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The target × 10⁶.
    pub target_micro: i64,
    /// What was reached × 10⁶, if it is known.
    pub actual_micro: Option<i64>,
    /// The day.
    pub on: Date,
    /// The year of the target.
    pub year: i64,
}

/// Judges a target on a day; `margin_percent` of the target is allowed either way.
pub fn judge(progress: &Progress, item: &Item, margin_percent: i64) -> State {
    let Some(actual) = progress.actual_micro else { return State::Unknown };
    let (target, actual) = (i128::from(progress.target_micro), i128::from(actual));
    let Some((passed, whole)) = days(progress) else { return State::Unknown };
    let is_over = passed > whole;
    if item.direction == Aim::AtMost {
        return match (actual <= target, is_over) {
            (true, true) => State::Met,
            (true, false) => State::OnTime,
            (false, true) => State::Overdue,
            (false, false) => State::Behind,
        };
    }
    if actual >= target {
        return State::Met;
    }
    if is_over {
        return State::Overdue;
    }
    let due = match item.expected {
        Expected::AtTheEnd if passed < whole => return State::OnTime,
        Expected::AtTheEnd | Expected::Evenly => target * passed,
    };
    // All in parts of (whole × 100), so that nothing is divided.
    let (reached, due) = (actual * whole * 100, due * 100);
    let margin = target * whole * i128::from(margin_percent);
    if reached > due + margin {
        State::Ahead
    } else if reached < due - margin {
        State::Behind
    } else {
        State::OnTime
    }
}

/// Days of the year that have passed at the end of the day, and all its days; nothing for a year
/// that no calendar has.
fn days(progress: &Progress) -> Option<(i128, i128)> {
    let year = i16::try_from(progress.year).ok()?;
    let (first, last) = (Date::new(year, 1, 1).ok()?, Date::new(year, 12, 31).ok()?);
    let passed = i128::from((progress.on - first).get_days()) + 1;
    Some((passed.max(0), i128::from((last - first).get_days()) + 1))
}
