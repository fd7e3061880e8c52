//! Working days, with public holidays and the weekend days worked in exchange (调休).

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

/// A calendar of working days; its lists come from a policy pack.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkingCalendar {
    /// Years whose lists are known; of the others only weekends are.
    years: BTreeSet<i16>,
    holidays: BTreeSet<Date>,
    worked_weekends: BTreeSet<Date>,
}

/// The last day of a clock, and whether it is certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Due {
    /// The day.
    pub on: Date,
    /// The first year on the way there whose list is not known; the day is provisional then, for a
    /// holiday of that year can move it.
    pub unlisted: Option<i16>,
}

impl Due {
    /// A day that no list of holidays can move.
    pub fn certain(on: Date) -> Self {
        Self { on, unlisted: None }
    }

    /// Whether a list that is still to come can move the day.
    pub fn is_provisional(self) -> bool {
        self.unlisted.is_some()
    }
}

impl WorkingCalendar {
    /// Makes a calendar from the years whose lists are known, their days off and their weekend
    /// days on.
    pub fn new(
        years: impl IntoIterator<Item = i16>,
        holidays: impl IntoIterator<Item = Date>,
        worked_weekends: impl IntoIterator<Item = Date>,
    ) -> Self {
        Self {
            years: years.into_iter().collect(),
            holidays: holidays.into_iter().collect(),
            worked_weekends: worked_weekends.into_iter().collect(),
        }
    }

    /// Whether offices work on this day; in a year without a list, whether it is no weekend.
    pub fn is_working(&self, day: Date) -> bool {
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        !self.holidays.contains(&day) && (!weekend || self.worked_weekends.contains(&day))
    }

    /// The same calendar with the lists of some years only.
    #[must_use]
    pub fn of_years(&self, from: i16, until: i16) -> Self {
        let asked = from..=until;
        let held = |day: &&Date| asked.contains(&day.year());
        Self {
            years: self.years.iter().filter(|year| asked.contains(year)).copied().collect(),
            holidays: self.holidays.iter().filter(held).copied().collect(),
            worked_weekends: self.worked_weekends.iter().filter(held).copied().collect(),
        }
    }

    /// The first and the last year whose lists are known.
    pub fn years(&self) -> Option<(i16, i16)> {
        self.years.first().copied().zip(self.years.last().copied())
    }

    /// The years between the first and the last whose lists are not known.
    pub fn missing_years(&self) -> Vec<i16> {
        let Some((first, last)) = self.years() else { return Vec::new() };
        (first..=last).filter(|year| !self.years.contains(year)).collect()
    }

    /// The last day of a clock of `days` working days that starts the day after `start`.
    ///
    /// Returns `None` only past the last day that a date can hold.
    pub fn due(&self, start: Date, days: u16) -> Option<Due> {
        let mut due = Due::certain(start);
        let mut left = days;
        while left > 0 {
            due = self.next(due)?;
            left -= u16::from(self.is_working(due.on));
        }
        Some(due)
    }

    /// The first working day from a day on.
    ///
    /// Returns `None` only past the last day that a date can hold.
    pub fn working_from(&self, day: Date) -> Option<Due> {
        let mut due = self.at(day, None);
        while !self.is_working(due.on) {
            due = self.next(due)?;
        }
        Some(due)
    }

    fn next(&self, due: Due) -> Option<Due> {
        Some(self.at(due.on.checked_add(1.day()).ok()?, due.unlisted))
    }

    fn at(&self, on: Date, unlisted: Option<i16>) -> Due {
        let here = Some(on.year()).filter(|year| !self.years.contains(year));
        Due { on, unlisted: unlisted.or(here) }
    }
}

#[cfg(test)]
mod tests;
