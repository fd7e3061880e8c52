//! Progress against the calendar: just inside, on, just outside.

use qb_pairing::rules::{Aim, Expected, Item};
use qb_pairing::{Progress, State, judge};

use crate::fixture::{RULES, day};

fn item(direction: Aim, expected: Expected) -> Item {
    Item { direction, expected, ..RULES.items[0].clone() }
}

/// The state of a target of 366 on a day of a year with 366 days, with a margin of a tenth.
fn state(item: &Item, actual: Option<i64>, on: &str) -> State {
    let progress = Progress {
        target_micro: 366_000_000,
        actual_micro: actual.map(|actual| actual * 1_000_000),
        on: day(on),
        year: 2016,
    };
    judge(&progress, item, 10)
}

#[test]
fn even_progress_follows_the_days() {
    let item = item(Aim::AtLeast, Expected::Evenly);
    // 30 June is the 182nd day; a tenth of the target is 36.6.
    assert_eq!(state(&item, Some(145), "2016-06-30"), State::Behind);
    assert_eq!(state(&item, Some(146), "2016-06-30"), State::OnTime);
    assert_eq!(state(&item, Some(218), "2016-06-30"), State::OnTime);
    assert_eq!(state(&item, Some(219), "2016-06-30"), State::Ahead);
    assert_eq!(state(&item, Some(366), "2016-06-30"), State::Met);
}

#[test]
fn what_is_due_at_the_end_is_not_behind_before() {
    let item = item(Aim::AtLeast, Expected::AtTheEnd);
    assert_eq!(state(&item, Some(0), "2016-12-30"), State::OnTime);
    assert_eq!(state(&item, Some(0), "2016-12-31"), State::Behind);
    assert_eq!(state(&item, Some(366), "2016-12-31"), State::Met);
}

#[test]
fn a_target_missed_is_overdue_on_the_day_after_the_year() {
    let item = item(Aim::AtLeast, Expected::Evenly);
    assert_ne!(state(&item, Some(365), "2016-12-31"), State::Overdue);
    assert_eq!(state(&item, Some(365), "2017-01-01"), State::Overdue);
    assert_eq!(state(&item, Some(366), "2017-01-01"), State::Met);
}

#[test]
fn a_ceiling_is_kept_until_it_is_exceeded() {
    let item = item(Aim::AtMost, Expected::Evenly);
    assert_eq!(state(&item, Some(366), "2016-06-30"), State::OnTime);
    assert_eq!(state(&item, Some(367), "2016-06-30"), State::Behind);
    assert_eq!(state(&item, Some(366), "2017-01-01"), State::Met);
    assert_eq!(state(&item, Some(367), "2017-01-01"), State::Overdue);
}

#[test]
fn what_nothing_measures_is_unknown() {
    let item = item(Aim::AtLeast, Expected::Evenly);
    assert_eq!(state(&item, None, "2017-01-01"), State::Unknown);
}

#[test]
fn a_year_that_no_calendar_has_is_not_judged() {
    let progress = Progress {
        target_micro: 366_000_000,
        actual_micro: Some(0),
        on: day("2016-06-30"),
        year: 40_000,
    };
    let item = item(Aim::AtLeast, Expected::Evenly);
    assert_eq!(judge(&progress, &item, 10), State::Unknown);
}
