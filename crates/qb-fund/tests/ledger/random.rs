//! Random entries against a model of a few lines: the ledger holds the same and never breaks an
//! invariant.

use std::cell::Cell;
use std::collections::HashMap;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use qb_fund::FundError;
use qb_fund::model::NewEntry;
use qb_store::Store;
use qb_store::testing::TestStore;

use crate::fixture::{assert_sound, balance, day, moving, post};

/// A sequence has fewer steps than this.
const STEPS_MAX: usize = 20;

/// Accounts of one sequence, with its number; the first may be overdrawn.
const ACCOUNTS: [&str; 5] = ["appropriated:", "budget:", "allocation:", "project:", "household:"];

#[derive(Clone, Debug)]
enum Step {
    Move { from: usize, to: usize, amount: i64 },
    Reverse { entry: usize },
    Repeat { entry: usize },
}

fn step() -> impl Strategy<Value = Step> {
    let account = 0..ACCOUNTS.len();
    prop_oneof![
        6 => (account.clone(), account, 1_i64..500)
            .prop_filter("two accounts", |(from, to, _)| from != to)
            .prop_map(|(from, to, amount)| Step::Move { from, to, amount }),
        2 => (0_usize..30).prop_map(|entry| Step::Reverse { entry }),
        1 => (0_usize..30).prop_map(|entry| Step::Repeat { entry }),
    ]
}

/// The ledger in twenty lines.
#[derive(Default)]
struct Model {
    balances: HashMap<usize, i64>,
    entries: Vec<(usize, usize, i64, bool)>,
}

impl Model {
    /// Moves money unless an account but the first would fall below zero.
    fn moves(&mut self, from: usize, to: usize, amount: i64) -> bool {
        if from != 0 && self.balance(from) < amount {
            return false;
        }
        *self.balances.entry(from).or_default() -= amount;
        *self.balances.entry(to).or_default() += amount;
        true
    }

    fn balance(&self, account: usize) -> i64 {
        self.balances.get(&account).copied().unwrap_or_default()
    }
}

/// Takes the steps of one sequence in a store that others use too.
fn run(store: &Store, sequence: u32, steps: &[Step]) {
    let accounts = ACCOUNTS.map(|kind| format!("{kind}{sequence}"));
    let entry_id = |number: usize| format!("e{sequence}.{number}");
    let mut model = Model::default();
    for (number, step) in steps.iter().enumerate() {
        let posted = match step {
            Step::Move { from, to, amount } => {
                let id = entry_id(model.entries.len());
                let entry = moving(&id, &accounts[*from], &accounts[*to], *amount);
                let expected = model.moves(*from, *to, *amount);
                if expected {
                    model.entries.push((*from, *to, *amount, false));
                }
                (post(store, &entry), expected)
            }
            Step::Reverse { entry } => {
                let Some((from, to, amount, reversed)) = model.entries.get(*entry).copied() else {
                    continue;
                };
                let expected = !reversed && model.moves(to, from, amount);
                if expected {
                    model.entries[*entry].3 = true;
                }
                let id = format!("r{sequence}.{number}");
                let back = NewEntry::reversal(id, &entry_id(*entry), day("2016-07-01"), "a test");
                (post(store, &back), expected)
            }
            Step::Repeat { entry } => {
                let Some((from, to, amount, _)) = model.entries.get(*entry).copied() else {
                    continue;
                };
                let again = moving(&entry_id(*entry), &accounts[from], &accounts[to], amount);
                (post(store, &again), true)
            }
        };
        let is_posted = match posted.0 {
            Ok(_) => true,
            Err(FundError::Refused(_)) => false,
            Err(error) => panic!("step {number}: {error}"),
        };
        assert_eq!(is_posted, posted.1, "step {number}: {step:?}");
    }
    for (at, account) in accounts.iter().enumerate() {
        assert_eq!(balance(store, account), model.balance(at), "{account}");
    }
}

/// Runs random sequences one after another in one ledger, which is sound at the end of all.
fn sequences(store: &Store, count: u32) {
    let config = ProptestConfig { cases: count, source_file: Some(file!()), ..Default::default() };
    let mut runner = TestRunner::new(config);
    let next = Cell::new(0);
    let steps = prop::collection::vec(step(), 1..STEPS_MAX);
    let done = runner.run(&steps, |steps| {
        run(store, next.replace(next.get() + 1), &steps);
        Ok(())
    });
    if let Err(failed) = done {
        panic!("{failed}");
    }
    assert_sound(store);
}

#[test]
fn the_ledger_holds_what_the_model_holds() {
    sequences(&TestStore::sqlite().store, 2_000);
}

#[test]
fn the_ledger_holds_what_the_model_holds_on_postgresql() {
    if let Ok(server) = std::env::var("QIBANG_TEST_POSTGRES") {
        sequences(&TestStore::postgres(&server).store, 200);
    }
}
