//! Rows of the lists become entries.

use qb_base::Fen;
use qb_fund::model::Applied;
use qb_fund::queries;
use qb_store::testing::on_each_store;
use qb_store::{Store, StoreError};
use serde_json::json;

use crate::fixture::{
    CITY, FENG, RULES, allocation, apply, area, assert_sound, balance, budget, officer, payment,
    programme, record, withdraw,
};

/// Codes of the refusals that stand.
fn refusals(store: &Store) -> Vec<(String, String)> {
    store
        .read::<_, StoreError>(|conn| queries::refusals(conn, &officer(CITY), area(CITY), 0, 100))
        .unwrap()
        .into_iter()
        .map(|row| (row.key, row.code))
        .collect()
}

#[test]
fn a_programme_is_posted_from_budget_to_household() {
    on_each_store(|store| {
        programme(store);
        assert_eq!(apply(store), Applied { posted: 6, ..Applied::default() });
        assert_eq!(balance(store, "budget:B1"), 10_000);
        assert_eq!(balance(store, "allocation:A1"), 35_000);
        assert_eq!(balance(store, "project:X"), 25_000);
        assert_eq!(balance(store, "yield:X:2016"), 2_000);
        assert_eq!(balance(store, "share:X:2016"), 4_000);
        assert_eq!(balance(store, "household:H1"), 2_000);
        assert_sound(store);
    });
}

#[test]
fn applying_again_changes_nothing() {
    on_each_store(|store| {
        programme(store);
        apply(store);
        let head = qb_fund::verify(store, &RULES).unwrap().head;
        assert_eq!(apply(store), Applied::default());
        assert_eq!(qb_fund::verify(store, &RULES).unwrap().head, head);
    });
}

#[test]
fn a_changed_row_is_reversed_and_posted_anew() {
    on_each_store(|store| {
        programme(store);
        apply(store);
        payment(store, "P1", "A1", "X", 240);
        assert_eq!(apply(store), Applied { posted: 1, reversed: 1, ..Applied::default() });
        assert_eq!(balance(store, "project:X"), 24_000);
        assert_sound(store);
    });
}

#[test]
fn a_correction_of_a_closed_year_is_booked_today_and_leaves_its_days_as_they_were() {
    on_each_store(|store| {
        store.fix_office_day("test", "2017-01-03".parse().unwrap()).unwrap();
        programme(store);
        apply(store);
        let of_the_year = || {
            let sql = "select count(*) from ledger_entry where on_day < '2017-01-01'";
            store.read(|conn| conn.query_one(sql, &[], |row| row.int(0))).unwrap()
        };
        let before: i64 = of_the_year();
        store.close_period("test", 2016, "books of the year").unwrap();
        payment(store, "P1", "A1", "X", 240);
        assert_eq!(apply(store), Applied { posted: 1, reversed: 1, ..Applied::default() });
        assert_eq!((of_the_year(), balance(store, "project:X")), (before, 24_000));
        let sql = "select count(*) from ledger_entry where on_day = '2017-01-03' \
                   and reason like '%closed)'";
        let today: i64 = store.read(|conn| conn.query_one(sql, &[], |row| row.int(0))).unwrap();
        assert_eq!(today, 2);
        assert_sound(store);
    });
}

#[test]
fn a_changed_purpose_is_taken_over_by_the_account() {
    on_each_store(|store| {
        programme(store);
        apply(store);
        let fields = json!({ "budget_no": "B1", "year": 2016, "level": "CITY",
            "source": "CITY_SPECIAL", "purpose": "ROADS", "amount": 100_000,
            "dated_on": "2016-02-01" });
        record(store, "fund_budget", "B1", CITY, &fields);
        apply(store);
        let lines = store
            .read::<_, StoreError>(|conn| {
                queries::by_purpose(conn, &officer(CITY), area(CITY), &queries::Filter::default())
            })
            .unwrap();
        let roads = lines.iter().find(|line| line.purpose.as_deref() == Some("ROADS"));
        assert_eq!(roads.unwrap().budget_fen, Fen::new(100_000).unwrap());
        assert_sound(store);
    });
}

#[test]
fn a_withdrawn_row_is_reversed() {
    on_each_store(|store| {
        programme(store);
        apply(store);
        withdraw(store, "fund_payment", "P1");
        assert_eq!(apply(store), Applied { reversed: 1, ..Applied::default() });
        assert_eq!(balance(store, "project:X"), 0);
        assert_eq!(apply(store), Applied::default());
    });
}

#[test]
fn a_whole_chain_is_withdrawn_from_its_end() {
    on_each_store(|store| {
        programme(store);
        apply(store);
        for (dataset, key) in [
            ("fund_budget", "B1"),
            ("fund_allocation", "A1"),
            ("fund_allocation", "A2"),
            ("fund_payment", "P1"),
        ] {
            withdraw(store, dataset, key);
        }
        assert_eq!(apply(store), Applied { reversed: 4, ..Applied::default() });
        assert_eq!(balance(store, "budget:B1"), 0);
        assert_sound(store);
    });
}

#[test]
fn a_payment_beyond_its_allocation_is_kept_with_the_reason() {
    on_each_store(|store| {
        programme(store);
        payment(store, "P2", "A1", "X", 351);
        assert_eq!(apply(store), Applied { posted: 6, refused: 1, ..Applied::default() });
        assert_eq!(refusals(store), [("P2".to_owned(), "overdrawn".to_owned())]);
        assert_eq!(balance(store, "allocation:A1"), 35_000);
        assert_sound(store);
    });
}

#[test]
fn a_refused_row_is_posted_when_the_money_has_come() {
    on_each_store(|store| {
        programme(store);
        payment(store, "P2", "A1", "X", 351);
        apply(store);
        allocation(store, "A1", "B1", FENG, 601);
        assert_eq!(apply(store), Applied { posted: 2, reversed: 1, ..Applied::default() });
        assert_eq!(refusals(store), []);
        assert_eq!(balance(store, "allocation:A1"), 0);
    });
}

#[test]
fn a_budget_below_its_allocations_stays_as_it_was() {
    on_each_store(|store| {
        programme(store);
        apply(store);
        budget(store, "B1", 899, 2016);
        assert_eq!(apply(store), Applied { refused: 1, ..Applied::default() });
        assert_eq!(balance(store, "budget:B1"), 10_000);
        assert_eq!(refusals(store), [("B1".to_owned(), "overdrawn".to_owned())]);
        assert_sound(store);
    });
}

#[test]
fn a_chain_that_shrinks_together_is_posted_whole() {
    on_each_store(|store| {
        programme(store);
        apply(store);
        budget(store, "B1", 500, 2016);
        allocation(store, "A1", "B1", FENG, 200);
        payment(store, "P1", "A1", "X", 200);
        assert_eq!(apply(store), Applied { posted: 3, reversed: 3, ..Applied::default() });
        assert_eq!(balance(store, "budget:B1"), 0);
        assert_sound(store);
    });
}

#[test]
fn an_allocation_of_an_unlisted_budget_is_refused() {
    on_each_store(|store| {
        allocation(store, "A9", "B9", FENG, 1);
        assert_eq!(apply(store).refused, 1);
        assert_eq!(refusals(store), [("A9".to_owned(), "no_account".to_owned())]);
    });
}

#[test]
fn a_row_that_reverses_a_payment_takes_it_back() {
    on_each_store(|store| {
        programme(store);
        let fields = json!({ "payment_no": "P2", "allocation_no": "A1", "amount": 25_000,
            "paid_on": "2016-06-01", "reverses": "P1" });
        record(store, "fund_payment", "P2", CITY, &fields);
        assert_eq!(apply(store), Applied { posted: 7, ..Applied::default() });
        assert_eq!(balance(store, "project:X"), 0);
        assert_eq!(balance(store, "allocation:A1"), 60_000);
        assert_sound(store);
    });
}

#[test]
fn a_reversal_of_another_amount_is_refused() {
    on_each_store(|store| {
        programme(store);
        let fields = json!({ "payment_no": "P2", "allocation_no": "A1", "amount": 24_999,
            "paid_on": "2016-06-01", "reverses": "P1" });
        record(store, "fund_payment", "P2", CITY, &fields);
        assert_eq!(apply(store).refused, 1);
        assert_eq!(refusals(store), [("P2".to_owned(), "other_amount".to_owned())]);
    });
}

#[test]
fn a_yield_smaller_than_its_parts_is_refused() {
    on_each_store(|store| {
        let fields = json!({ "project_no": "X", "year": 2016, "yield": 100, "to_households": 60,
            "to_village": 41 });
        record(store, "project_yield", "X|2016", CITY, &fields);
        apply(store);
        assert_eq!(refusals(store), [("X|2016".to_owned(), "parts_exceed".to_owned())]);
    });
}

#[test]
fn a_benefit_waits_for_the_day_it_is_paid() {
    on_each_store(|store| {
        programme(store);
        let fields = json!({ "project_no": "X", "household_no": "H2", "year": 2016,
            "amount": 1_000 });
        record(store, "project_benefit", "X|H2|2016", CITY, &fields);
        assert_eq!(apply(store), Applied { posted: 6, waiting: 1, ..Applied::default() });
        assert_eq!(balance(store, "household:H2"), 0);
    });
}

#[test]
fn benefits_never_exceed_what_is_due_to_households() {
    on_each_store(|store| {
        programme(store);
        let fields = json!({ "project_no": "X", "household_no": "H2", "year": 2016,
            "amount": 4_001, "paid_on": "2016-12-02" });
        record(store, "project_benefit", "X|H2|2016", CITY, &fields);
        assert_eq!(apply(store).refused, 1);
        assert_eq!(balance(store, "share:X:2016"), 4_000);
    });
}
