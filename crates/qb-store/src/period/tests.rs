use super::*;
use crate::testing::on_each_store;

fn refused<T: std::fmt::Debug>(result: Result<T, PeriodError>) -> PeriodRefused {
    match result {
        Err(PeriodError::Refused(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_year_is_closed_once_it_is_over_and_two_people_open_it_again() {
    on_each_store(|store| {
        store.fix_office_day("test", "2016-12-31".parse().unwrap()).unwrap();
        assert_eq!(refused(store.close_period("a", 2016, "")), PeriodRefused::NotOver);
        store.move_office_day("test", "2017-01-01".parse().unwrap()).unwrap();
        assert_eq!(refused(store.reopen_period("a", 2016, "")), PeriodRefused::Open);
        store.close_period("a", 2016, "books").unwrap();
        assert_eq!(refused(store.close_period("b", 2016, "")), PeriodRefused::Closed);
        let state = store.reopen_period("a", 2016, "a bill was late").unwrap();
        assert_eq!(state, PeriodState::ReopeningAsked);
        for wrong in [" ", "ask 13800138000"] {
            assert_eq!(refused(store.reopen_period("b", 2016, wrong)), PeriodRefused::Reason);
        }
        assert_eq!(refused(store.reopen_period("a", 2016, "")), PeriodRefused::SamePerson);
        assert_eq!(store.read(Period::closed).unwrap(), BTreeSet::from([2016]));
        assert_eq!(store.reopen_period("b", 2016, "agreed").unwrap(), PeriodState::Open);
        assert_eq!(store.read(Period::closed).unwrap(), BTreeSet::new());
        store.close_period("b", 2016, "again").unwrap();
        assert_eq!(store.read(Period::all).unwrap().len(), 1);
    });
}
