use qb_base::date::Date;

use super::*;
use crate::testing::on_each_store;

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn refused(result: Result<(), OfficeDayError>) -> DayRefused {
    match result {
        Err(OfficeDayError::Refused(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_office_works_on_the_real_day_until_one_was_fixed() {
    on_each_store(|store| {
        let real = store.office_day().unwrap();
        assert_eq!(real, OfficeDay { day: env::today(), is_fixed: false });
        assert_eq!(refused(store.move_office_day("test", day("2030-01-01"))), DayRefused::NotFixed);
    });
}

#[test]
fn a_fixed_day_moves_forward_only() {
    on_each_store(|store| {
        let first = day("2016-12-31");
        store.fix_office_day("test", first).unwrap();
        store.fix_office_day("test", first).unwrap();
        assert_eq!(store.office_day().unwrap(), OfficeDay { day: first, is_fixed: true });
        let other = refused(store.fix_office_day("test", day("2017-01-01")));
        assert_eq!(other, DayRefused::Fixed { stands: first });
        for same_or_earlier in ["2016-12-30", "2016-12-31"] {
            let why = refused(store.move_office_day("test", day(same_or_earlier)));
            assert_eq!(why, DayRefused::Earlier { stands: first });
        }
        store.move_office_day("test", day("2017-02-28")).unwrap();
        assert_eq!(store.office_day().unwrap().day, day("2017-02-28"));
        assert_eq!(store.office_day_at(env::now()).unwrap(), day("2017-02-28"));
        let real = store.office_day_at(Timestamp(0)).unwrap();
        assert_eq!(real, day("1970-01-01"), "before it was fixed");
    });
}
