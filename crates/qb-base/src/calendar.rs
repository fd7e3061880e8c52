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
mod tests {
    use super::*;
    use jiff::civil::date;

    /// Spring Festival 2017: off 27 January to 2 February, worked on 22 January and 4 February.
    fn of_2017() -> WorkingCalendar {
        let off = (27..=31).map(|d| date(2017, 1, d)).chain((1..=2).map(|d| date(2017, 2, d)));
        WorkingCalendar::new([2017], off, [date(2017, 1, 22), date(2017, 2, 4)])
    }

    fn certain(year: i16, month: i8, day: i8) -> Option<Due> {
        Some(Due::certain(date(year, month, day)))
    }

    #[test]
    fn a_clock_skips_holidays_and_counts_worked_weekends() {
        let calendar = of_2017();
        assert!(calendar.is_working(date(2017, 1, 22)));
        assert_eq!(calendar.due(date(2017, 1, 26), 1), certain(2017, 2, 3));
        assert_eq!(calendar.due(date(2017, 1, 26), 2), certain(2017, 2, 4));
        assert_eq!(calendar.due(date(2017, 1, 26), 3), certain(2017, 2, 6));
    }

    #[test]
    fn a_clock_of_no_days_ends_at_once() {
        let friday = date(2016, 12, 30);
        assert_eq!(WorkingCalendar::default().due(friday, 0), certain(2016, 12, 30));
        let monday = Some(date(2017, 1, 2));
        assert_eq!(WorkingCalendar::default().due(friday, 1).map(|due| due.on), monday);
    }

    #[test]
    fn a_clock_that_passes_a_year_without_a_list_is_provisional_and_names_it() {
        let calendar = of_2017();
        let unlisted = |start, days| calendar.due(start, days).and_then(|due| due.unlisted);
        assert_eq!(unlisted(date(2017, 12, 27), 2), None, "ends on 29 December");
        assert_eq!(unlisted(date(2017, 12, 27), 3), Some(2018), "ends on 1 January, perhaps");
        assert_eq!(unlisted(date(2016, 12, 29), 1), Some(2016), "before the first list");
        assert_eq!(unlisted(date(2016, 12, 29), 5), Some(2016), "ends in a year that is known");
        assert_eq!(unlisted(date(2016, 12, 31), 5), None, "the day it starts on does not count");
    }

    #[test]
    fn a_longer_list_moves_a_provisional_day_and_makes_it_certain() {
        let holiday = [date(2018, 1, 1)];
        let longer = WorkingCalendar::new([2017, 2018], holiday, []);
        let start = date(2017, 12, 27);
        assert_eq!(of_2017().due(start, 3).map(|due| due.on), Some(date(2018, 1, 1)));
        assert_eq!(longer.due(start, 3), certain(2018, 1, 2));
    }

    #[test]
    fn a_day_off_leads_to_the_first_working_day_after_it() {
        let calendar = of_2017();
        assert_eq!(calendar.working_from(date(2017, 1, 27)), certain(2017, 2, 3));
        assert_eq!(calendar.working_from(date(2017, 2, 4)), certain(2017, 2, 4), "worked Saturday");
        let over = calendar.working_from(date(2017, 12, 30));
        assert_eq!(over, Some(Due { on: date(2018, 1, 1), unlisted: Some(2018) }));
    }

    #[test]
    fn a_calendar_of_some_years_knows_no_other_holidays() {
        let off = [date(2016, 1, 1), date(2018, 1, 1)];
        let both = WorkingCalendar::new([2016, 2018], off, [date(2016, 2, 6), date(2018, 2, 11)]);
        let one = both.of_years(2015, 2017);
        let kept = WorkingCalendar::new([2016], [date(2016, 1, 1)], [date(2016, 2, 6)]);
        assert_eq!(one, kept);
    }

    #[test]
    fn years_between_the_lists_are_missing_and_no_others() {
        let calendar = WorkingCalendar::new([2014, 2017, 2015], [], []);
        assert_eq!(calendar.years(), Some((2014, 2017)));
        assert_eq!(calendar.missing_years(), [2016]);
        assert_eq!(WorkingCalendar::default().years(), None);
    }
}
