//! Working days, with public holidays and the weekend days worked in exchange (调休).

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

/// A calendar of working days; its lists come from a policy pack.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkingCalendar {
    holidays: BTreeSet<Date>,
    worked_weekends: BTreeSet<Date>,
}

impl WorkingCalendar {
    /// Makes a calendar from days off and weekend days on.
    pub fn new(
        holidays: impl IntoIterator<Item = Date>,
        worked_weekends: impl IntoIterator<Item = Date>,
    ) -> Self {
        Self {
            holidays: holidays.into_iter().collect(),
            worked_weekends: worked_weekends.into_iter().collect(),
        }
    }

    /// Whether offices work on this day.
    pub fn is_working(&self, day: Date) -> bool {
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        !self.holidays.contains(&day) && (!weekend || self.worked_weekends.contains(&day))
    }

    /// The last day of a clock of `days` working days that starts the day after `start`.
    ///
    /// Returns `None` past the end of the calendar's years.
    pub fn due(&self, start: Date, days: u16) -> Option<Date> {
        let mut day = start;
        let mut left = days;
        while left > 0 {
            day = day.checked_add(1.day()).ok()?;
            left -= u16::from(self.is_working(day));
        }
        Some(day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_clock_skips_holidays_and_counts_worked_weekends() {
        // Spring Festival 2017: off 27 January to 2 February, worked on 22 January and 4 February.
        let off = (27..=31).map(|d| date(2017, 1, d)).chain((1..=2).map(|d| date(2017, 2, d)));
        let calendar = WorkingCalendar::new(off, [date(2017, 1, 22), date(2017, 2, 4)]);
        assert!(calendar.is_working(date(2017, 1, 22)));
        assert_eq!(calendar.due(date(2017, 1, 26), 1), Some(date(2017, 2, 3)));
        assert_eq!(calendar.due(date(2017, 1, 26), 2), Some(date(2017, 2, 4)));
        assert_eq!(calendar.due(date(2017, 1, 26), 3), Some(date(2017, 2, 6)));
    }

    #[test]
    fn a_clock_of_no_days_ends_at_once() {
        let friday = date(2016, 12, 30);
        assert_eq!(WorkingCalendar::default().due(friday, 0), Some(friday));
        assert_eq!(WorkingCalendar::default().due(friday, 1), Some(date(2017, 1, 2)));
    }
}
