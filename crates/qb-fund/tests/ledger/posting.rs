//! Single entries.

use qb_fund::model::NewEntry;
use qb_fund::{FundError, Refusal};
use qb_store::testing::on_each_store;

use crate::fixture::{assert_sound, balance, day, fen, moving, post};

fn refused(result: Result<impl std::fmt::Debug, FundError>) -> Refusal {
    match result {
        Err(FundError::Refused(refusal)) => refusal,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

#[test]
fn money_moves_from_one_account_to_the_other() {
    on_each_store(|store| {
        post(store, &moving("1", "appropriated:c", "budget:b", 100)).unwrap();
        assert_eq!(balance(store, "budget:b"), 100);
        assert_eq!(balance(store, "appropriated:c"), -100);
        assert_sound(store);
    });
}

#[test]
fn the_last_fen_can_be_spent_and_not_one_more() {
    on_each_store(|store| {
        post(store, &moving("1", "appropriated:c", "budget:b", 100)).unwrap();
        post(store, &moving("2", "budget:b", "allocation:a", 100)).unwrap();
        let refusal = refused(post(store, &moving("3", "budget:b", "allocation:a", 1)));
        let account = "budget:b".to_owned();
        assert_eq!(refusal, Refusal::Overdrawn { account, holds: fen(0), takes: fen(1) });
        assert_eq!(balance(store, "allocation:a"), 100);
        assert_sound(store);
    });
}

#[test]
fn the_same_entry_sent_again_is_the_first_one() {
    on_each_store(|store| {
        let entry = moving("1", "appropriated:c", "budget:b", 100);
        let first = post(store, &entry).unwrap();
        let again = post(store, &entry).unwrap();
        assert_eq!((first.entry, first.stood_before), (again.entry, false));
        assert!(again.stood_before);
        assert_eq!(balance(store, "budget:b"), 100);
    });
}

#[test]
fn other_content_under_the_same_id_is_refused() {
    on_each_store(|store| {
        post(store, &moving("1", "appropriated:c", "budget:b", 100)).unwrap();
        let refusal = refused(post(store, &moving("1", "appropriated:c", "budget:b", 101)));
        assert_eq!(refusal, Refusal::OtherContent("1".to_owned()));
    });
}

#[test]
fn an_entry_that_does_not_balance_is_refused() {
    on_each_store(|store| {
        let mut entry = moving("1", "appropriated:c", "budget:b", 100);
        entry.postings[1].amount = fen(99);
        assert_eq!(refused(post(store, &entry)), Refusal::Unbalanced { sum_fen: -1 });
    });
}

#[test]
fn an_entry_that_moves_nothing_is_refused() {
    on_each_store(|store| {
        let entry = moving("1", "appropriated:c", "budget:b", 0);
        assert_eq!(refused(post(store, &entry)).code(), "not_an_amount");
    });
}

#[test]
fn an_unknown_kind_of_account_is_refused() {
    on_each_store(|store| {
        let entry = moving("1", "appropriated:c", "pocket:b", 100);
        assert_eq!(refused(post(store, &entry)), Refusal::UnknownKind("pocket".to_owned()));
    });
}

#[test]
fn an_entry_is_reversed_once() {
    on_each_store(|store| {
        post(store, &moving("1", "appropriated:c", "budget:b", 100)).unwrap();
        let back = NewEntry::reversal("2".to_owned(), "1", day("2016-07-01"), "wrong document");
        post(store, &back).unwrap();
        assert_eq!(balance(store, "budget:b"), 0);
        assert!(post(store, &back).unwrap().stood_before);
        let twice = NewEntry::reversal("3".to_owned(), "1", day("2016-07-01"), "again");
        assert_eq!(refused(post(store, &twice)), Refusal::ReversedBefore("1".to_owned()));
        let back_again = NewEntry::reversal("4".to_owned(), "2", day("2016-07-01"), "back");
        assert_eq!(refused(post(store, &back_again)), Refusal::ReversedBefore("2".to_owned()));
        assert_sound(store);
    });
}

#[test]
fn what_was_passed_on_cannot_be_reversed() {
    on_each_store(|store| {
        post(store, &moving("1", "appropriated:c", "budget:b", 100)).unwrap();
        post(store, &moving("2", "budget:b", "allocation:a", 1)).unwrap();
        let back = NewEntry::reversal("3".to_owned(), "1", day("2016-07-01"), "wrong");
        assert_eq!(refused(post(store, &back)).code(), "overdrawn");
        assert_eq!(balance(store, "budget:b"), 99);
    });
}

#[test]
fn the_reversal_of_what_was_never_posted_is_refused() {
    on_each_store(|store| {
        let back = NewEntry::reversal("2".to_owned(), "1", day("2016-07-01"), "wrong");
        assert_eq!(refused(post(store, &back)), Refusal::NoEntry("1".to_owned()));
    });
}
