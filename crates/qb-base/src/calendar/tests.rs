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
