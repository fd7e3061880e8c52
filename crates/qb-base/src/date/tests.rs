use super::*;
use jiff::civil::date;

#[test]
fn an_age_changes_on_the_birthday() {
    let born = date(1949, 12, 31);
    assert_eq!(years_between(born, date(2016, 12, 30)), 66);
    assert_eq!(years_between(born, date(2016, 12, 31)), 67);
    assert_eq!(years_between(date(2008, 2, 29), date(2016, 2, 28)), 7);
}

#[test]
fn days_are_counted_from_1970() {
    assert_eq!(epoch_days(date(1970, 1, 2)), 1);
    assert_eq!(epoch_days(date(2016, 12, 31)), 17_166);
    assert_eq!(epoch_days(date(1949, 10, 1)), -7_397);
    assert_eq!(date_from_epoch_days(epoch_days(Date::MAX).into()), Some(Date::MAX));
}

#[test]
fn the_day_in_china_begins_eight_hours_before_utc() {
    // 2016-12-31T16:00:00Z
    assert_eq!(Timestamp(1_483_200_000_000).date_in_china(), date(2017, 1, 1));
    assert_eq!(Timestamp(1_483_199_999_999).to_minute_in_china(), "2016-12-31 23:59");
}

#[test]
fn a_partial_date_keeps_its_precision() {
    for text in ["2016", "2016-05", "2016-05-01"] {
        assert_eq!(PartialDate::from_iso(text).map(PartialDate::to_iso).as_deref(), Some(text));
    }
    assert_eq!(PartialDate::from_iso("2016-02-30"), None);
}
