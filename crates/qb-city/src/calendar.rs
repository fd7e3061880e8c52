//! Days as the files write them: offices decide, announce and pay on working days.

use std::collections::BTreeSet;

use qb_base::date::date_from_epoch_days;
use qb_base::{Date, WorkingCalendar};
use serde::Deserialize;

use crate::desk::{Value, day_number, day_of};
use crate::error::{CityError, Result};
use crate::sheet::Cell;

/// Days without work in a row that a calendar can hold; more is a calendar without working days.
const OFF_MOST: i64 = 31;

/// Days of a year as the lists write them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Calendar<'a> {
    pub(crate) year: i16,
    pub(crate) working: &'a WorkingCalendar,
}

impl Calendar<'_> {
    /// The day so many days after New Year, which is day 0; days may lie in other years.
    pub(crate) fn day(self, days: i64) -> Cell<'static> {
        let Some(date) = self.date(days) else { return Cell::Blank };
        Cell::text(date.to_string())
    }

    /// The day when there is one.
    pub(crate) fn maybe(self, days: Option<i64>) -> Cell<'static> {
        days.map_or(Cell::Blank, |days| self.day(days))
    }

    /// The number of the first working day from this one on.
    pub(crate) fn working(self, days: i64) -> i64 {
        let works = |day: &i64| self.date(*day).is_some_and(|date| self.working.is_working(date));
        (days..days + OFF_MOST).find(works).unwrap_or(days)
    }

    /// The first working day from this one on.
    pub(crate) fn office_day(self, days: i64) -> Cell<'static> {
        self.day(self.working(days))
    }

    /// The month of a day.
    pub(crate) fn month(self, days: i64) -> Result<i64> {
        let outside = || CityError::Options(format!("day {days} lies in no year of the calendar"));
        Ok(self.date(days).ok_or_else(outside)?.month().into())
    }

    fn date(self, days: i64) -> Option<Date> {
        date_from_epoch_days(day_number(day_of(self.year, 1)) + days)
    }

    /// The first working day from a day on, as lists of departments hold it.
    pub(crate) fn office(self, day: Date) -> Date {
        let first = day_number(day) - day_number(day_of(self.year, 1));
        self.date(self.working(first)).unwrap_or(day)
    }

    /// The same as a value.
    pub(crate) fn office_value(self, day: Date) -> Value {
        Value::Day(self.office(day))
    }
}

#[derive(Deserialize)]
struct Written {
    year: Vec<WrittenYear>,
}

#[derive(Deserialize)]
struct WrittenYear {
    year: i16,
    #[serde(default)]
    worked: Vec<toml::value::Datetime>,
    #[serde(default)]
    holiday: Vec<Days>,
}

#[derive(Deserialize)]
struct Days {
    from: toml::value::Datetime,
    until: toml::value::Datetime,
}

/// Reads days off and days worked in exchange as a pack writes them in `calendar.toml`.
///
/// # Errors
/// When the text is not such a calendar.
pub fn parse_calendar(text: &str) -> Result<WorkingCalendar> {
    let wrong = |what: String| CityError::Options(format!("calendar.toml: {what}"));
    let written: Written = toml::from_str(text).map_err(|error| wrong(error.to_string()))?;
    let day = |day: &toml::value::Datetime| -> Result<i64> {
        let date: Option<Date> = day.to_string().parse().ok();
        date.map(day_number).ok_or_else(|| wrong(format!("{day} is no day")))
    };
    let (mut off, mut on) = (BTreeSet::new(), BTreeSet::new());
    for year in &written.year {
        for days in &year.holiday {
            off.extend(day(&days.from)?..=day(&days.until)?);
        }
        on.extend(year.worked.iter().map(day).collect::<Result<Vec<_>>>()?);
    }
    let dates = |days: BTreeSet<i64>| days.into_iter().filter_map(date_from_epoch_days);
    let years = written.year.iter().map(|year| year.year);
    Ok(WorkingCalendar::new(years, dates(off), dates(on)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_office_works_on_the_next_working_day() {
        let text = include_str!("../../../policy/xuzhou-2016/calendar.toml");
        let working = parse_calendar(text).unwrap();
        let calendar = Calendar { year: 2016, working: &working };
        let after = |month, day| calendar.office(Date::constant(2016, month, day)).to_string();
        assert_eq!(after(2, 8), "2016-02-14", "New Year of the lunar calendar");
        assert_eq!(after(10, 1), "2016-10-08", "a Saturday worked in exchange");
        assert_eq!(after(3, 5), "2016-03-07", "a weekend");
        assert_eq!(after(3, 7), "2016-03-07");
    }
}
