//! Many writers at once, through two handles as two processes would have.

use std::sync::atomic::{AtomicU64, Ordering};

use qb_fund::FundError;
use qb_store::Store;
use qb_store::testing::on_each_store;

use crate::fixture::{apply, assert_sound, balance, moving, post, programme};

const WRITERS: usize = 16;

/// A second handle on the same installation.
fn second(store: &Store) -> Store {
    Store::open(store.place().clone()).unwrap()
}

#[test]
fn exactly_one_of_many_spends_the_last_hundred_yuan() {
    on_each_store(|store| {
        post(store, &moving("start", "appropriated:c", "budget:b", 10_000)).unwrap();
        let (other, won) = (second(store), AtomicU64::new(0));
        std::thread::scope(|scope| {
            for writer in 0..WRITERS * 4 {
                let (store, won) = (if writer % 2 == 0 { store } else { &other }, &won);
                scope.spawn(move || {
                    let entry = moving(&format!("w{writer}"), "budget:b", "allocation:a", 10_000);
                    match post(store, &entry) {
                        Ok(_) => won.fetch_add(1, Ordering::Relaxed),
                        Err(FundError::Refused(refusal)) => {
                            assert_eq!(refusal.code(), "overdrawn");
                            0
                        }
                        Err(error) => panic!("{error}"),
                    }
                });
            }
        });
        assert_eq!(won.load(Ordering::Relaxed), 1);
        assert_eq!((balance(store, "budget:b"), balance(store, "allocation:a")), (0, 10_000));
        assert_sound(store);
    });
}

#[test]
fn writers_at_once_lose_and_double_nothing() {
    on_each_store(|store| {
        post(store, &moving("start", "appropriated:c", "budget:b", 100_000)).unwrap();
        let other = second(store);
        std::thread::scope(|scope| {
            for writer in 0..WRITERS {
                let store = if writer % 2 == 0 { store } else { &other };
                scope.spawn(move || {
                    for number in 0..8 {
                        // Each entry is sent twice, as after an answer that was lost.
                        let id = format!("w{writer}.{number}");
                        let entry = moving(&id, "budget:b", "allocation:a", 1);
                        assert!(!post(store, &entry).unwrap().stood_before);
                        assert!(post(store, &entry).unwrap().stood_before);
                    }
                });
            }
        });
        assert_eq!(balance(store, "allocation:a"), 16 * 8);
        assert_sound(store);
    });
}

#[test]
fn lists_applied_twice_at_once_are_posted_once() {
    on_each_store(|store| {
        programme(store);
        let other = second(store);
        std::thread::scope(|scope| {
            scope.spawn(|| apply(store));
            scope.spawn(|| apply(&other));
        });
        assert_eq!(balance(store, "project:X"), 25_000);
        assert_sound(store);
    });
}
