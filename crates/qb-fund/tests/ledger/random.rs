//! Random entries against a model of a few lines: the ledger holds the same and never breaks an
//! invariant.

use std::collections::HashMap;

use proptest::prelude::*;
use qb_fund::FundError;
use qb_fund::model::NewEntry;
use qb_store::testing::TestStore;

use crate::fixture::{assert_sound, balance, day, moving, post};

const ACCOUNTS: [&str; 5] =
    ["appropriated:c", "budget:1", "allocation:1", "allocation:2", "project:1"];

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

fn run(store: &TestStore, steps: &[Step]) {
    let mut model = Model::default();
    for (number, step) in steps.iter().enumerate() {
        let posted = match step {
            Step::Move { from, to, amount } => {
                let id = format!("e{}", model.entries.len());
                let entry = moving(&id, ACCOUNTS[*from], ACCOUNTS[*to], *amount);
                let expected = model.moves(*from, *to, *amount);
                if expected {
                    model.entries.push((*from, *to, *amount, false));
                }
                (post(&store.store, &entry), expected)
            }
            Step::Reverse { entry } => {
                let Some((from, to, amount, reversed)) = model.entries.get(*entry).copied() else {
                    continue;
                };
                let expected = !reversed && model.moves(to, from, amount);
                if expected {
                    model.entries[*entry].3 = true;
                }
                let id = format!("r{number}");
                let back =
                    NewEntry::reversal(id, &format!("e{entry}"), day("2016-07-01"), "a test");
                (post(&store.store, &back), expected)
            }
            Step::Repeat { entry } => {
                let Some((from, to, amount, _)) = model.entries.get(*entry).copied() else {
                    continue;
                };
                let again = moving(&format!("e{entry}"), ACCOUNTS[from], ACCOUNTS[to], amount);
                (post(&store.store, &again), true)
            }
        };
        let is_posted = match posted.0 {
            Ok(_) => true,
            Err(FundError::Refused(_)) => false,
            Err(error) => panic!("step {number}: {error}"),
        };
        assert_eq!(is_posted, posted.1, "step {number}: {step:?}");
    }
    for (at, account) in ACCOUNTS.iter().enumerate() {
        assert_eq!(balance(&store.store, account), model.balance(at), "{account}");
    }
    assert_sound(&store.store);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn the_ledger_holds_what_the_model_holds(steps in prop::collection::vec(step(), 1..60)) {
        run(&TestStore::sqlite(), &steps);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, ..ProptestConfig::default() })]

    #[test]
    fn the_ledger_holds_what_the_model_holds_on_postgresql(
        steps in prop::collection::vec(step(), 1..60)
    ) {
        if let Ok(server) = std::env::var("QIBANG_TEST_POSTGRES") {
            run(&TestStore::postgres(&server), &steps);
        }
    }
}
