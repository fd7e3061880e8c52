//! Queries: sums, rounds, idle money, flows, threads, and who may see them.

use qb_access::Scope;
use qb_fund::queries::{self, BudgetLine, Direction, Filter, Thread};
use qb_store::testing::on_each_store;
use qb_store::{Conn, Known, Store, StoreError};
use serde_json::json;

use crate::fixture::{
    CITY, FENG, PEI, RULES, apply, area, budget, day, fen, officer, programme, record,
};

fn read<T>(store: &Store, query: impl FnOnce(&Conn) -> Result<T, StoreError>) -> T {
    store.read(query).unwrap()
}

fn lines(store: &Store, scope: &Scope, code: &str) -> Vec<BudgetLine> {
    read(store, |conn| queries::by_purpose(conn, scope, area(code), &Filter::default()))
}

fn thread(store: &Store, scope: &Scope, reference: &str) -> Thread {
    read(store, |conn| queries::thread(conn, scope, &RULES, reference))
}

fn steps(thread: &Thread, direction: Direction) -> Vec<(&str, &str)> {
    let own = thread.steps.iter().filter(|step| step.direction == direction);
    own.map(|step| (step.from.as_str(), step.to.as_str())).collect()
}

#[test]
fn budgets_are_summed_by_year_level_source_and_purpose() {
    on_each_store(|store| {
        programme(store);
        apply(store);
        let expected = BudgetLine {
            year: Some(2016),
            level: Some("CITY".to_owned()),
            source: Some("CITY_SPECIAL".to_owned()),
            purpose: Some("INDUSTRY".to_owned()),
            budget_fen: fen(100_000),
            allocated_fen: fen(90_000),
            paid_fen: fen(25_000),
        };
        assert_eq!(lines(store, &officer(CITY), CITY), [expected]);
    });
}

#[test]
fn a_county_sees_what_it_received_and_nothing_of_its_neighbour() {
    on_each_store(|store| {
        programme(store);
        apply(store);
        let seen = lines(store, &officer(FENG), FENG);
        assert_eq!(seen[0].allocated_fen, fen(60_000));
        assert_eq!(seen[0].budget_fen, fen(0));
        let beside: Result<_, StoreError> = store
            .read(|conn| queries::by_area(conn, &officer(FENG), area(PEI), &Filter::default()));
        assert!(matches!(beside, Err(StoreError::NotFound)));
    });
}

#[test]
fn areas_add_up_to_the_whole() {
    on_each_store(|store| {
        programme(store);
        apply(store);
        let areas = read(store, |conn| {
            queries::by_area(conn, &officer(CITY), area(CITY), &Filter::default())
        });
        let sum: i64 = areas.iter().map(|line| line.allocated_fen.fen()).sum();
        assert_eq!(sum, lines(store, &officer(CITY), CITY)[0].allocated_fen.fen());
        assert_eq!(areas.len(), 3);
    });
}

#[test]
fn a_replaced_budget_counts_once() {
    on_each_store(|store| {
        programme(store);
        apply(store);
        budget(store, "B1", 950, 2016);
        apply(store);
        assert_eq!(lines(store, &officer(CITY), CITY)[0].budget_fen, fen(95_000));
    });
}

#[test]
fn this_year_stands_against_the_whole_round_before() {
    on_each_store(|store| {
        for (key, from, to) in [("1", 2011, 2015), ("2", 2016, 2020)] {
            let fields = json!({ "round_no": key, "label": key, "starts_year": from,
                "ends_year": to });
            record(store, "programme_round", key, CITY, &fields);
        }
        for (key, yuan, year) in [("B0", 9, 2010), ("B1", 40, 2011), ("B2", 60, 2015)] {
            budget(store, key, yuan, year);
        }
        budget(store, "B3", 101, 2016);
        apply(store);
        let found =
            read(store, |conn| queries::rounds(conn, &officer(CITY), &RULES, area(CITY), 2016));
        let last = found[0].last_round.as_ref().unwrap();
        assert_eq!((found[0].year_fen, last.sum_fen), (fen(10_100), fen(10_000)));
        assert_eq!(last.years, [(2011, fen(4_000)), (2015, fen(6_000))]);
    });
}

/// What lies idle on a day, as account and clock.
fn idle(store: &Store, on: &str) -> Vec<(String, String)> {
    let found =
        read(store, |conn| queries::idle(conn, &officer(CITY), &RULES, area(CITY), day(on)));
    found.into_iter().map(|money| (money.account, money.clock)).collect()
}

#[test]
fn money_is_idle_on_the_day_the_clock_runs_out_and_not_before() {
    on_each_store(|store| {
        programme(store);
        apply(store);
        let one = |account: &str, clock: &str| (account.to_owned(), clock.to_owned());
        // Budgeted on 1 February and received on 10 March of a leap year.
        assert_eq!(idle(store, "2016-03-01"), []);
        assert_eq!(idle(store, "2016-03-02"), [one("budget:B1", "unallocated")]);
        assert_eq!(idle(store, "2016-04-08").len(), 1);
        assert_eq!(
            idle(store, "2016-04-09"),
            [
                one("budget:B1", "unallocated"),
                one("allocation:A1", "month"),
                one("allocation:A2", "month"),
            ]
        );
        assert_eq!(idle(store, "2017-03-10")[1], one("allocation:A1", "year"));
        assert_eq!(idle(store, "2018-03-10")[1], one("allocation:A1", "two_years"));
    });
}

#[test]
fn what_reaches_a_node_of_the_flow_leaves_it() {
    on_each_store(|store| {
        programme(store);
        apply(store);
        let links = read(store, |conn| queries::flows(conn, &officer(CITY), area(CITY), 2016));
        for stage in 1..=4_u8 {
            let sum: i64 =
                links.iter().filter(|l| l.stage == stage).map(|l| l.amount_fen.fen()).sum();
            assert_eq!(sum, 90_000, "stage {stage}");
        }
        let projects = read(store, |conn| {
            queries::paid_to_projects(conn, &officer(CITY), area(CITY), 2016, 10)
        });
        assert_eq!(projects[0].project_no.as_deref(), Some("X"));
        assert_eq!(projects[0].area_code, "320321100201");
    });
}

#[test]
fn a_households_money_is_followed_up_to_the_budget() {
    on_each_store(|store| {
        programme(store);
        apply(store);
        let thread = thread(store, &officer(CITY), "H1");
        assert_eq!(
            steps(&thread, Direction::Up),
            [
                ("share:X:2016", "household:H1"),
                ("earned:X", "share:X:2016"),
                ("project:X", "earned:X"),
                ("allocation:A1", "project:X"),
                ("budget:B1", "allocation:A1"),
                ("appropriated:CITY:CITY_SPECIAL:3203", "budget:B1"),
            ]
        );
        assert_eq!(steps(&thread, Direction::Down), []);
    });
}

#[test]
fn a_budget_is_followed_down_to_the_household() {
    on_each_store(|store| {
        programme(store);
        apply(store);
        let thread = thread(store, &officer(CITY), "B1");
        let down = steps(&thread, Direction::Down);
        assert!(down.contains(&("budget:B1", "allocation:A2")));
        assert!(down.contains(&("share:X:2016", "household:H1")));
        let named: Vec<_> = thread.households.iter().map(|one| one.number.as_str()).collect();
        assert_eq!(named, ["H1"], "each household that a thread names, once");
    });
}

#[test]
fn a_payments_number_starts_a_thread_both_ways() {
    on_each_store(|store| {
        programme(store);
        apply(store);
        let thread = thread(store, &officer(CITY), "P1");
        assert_eq!(thread.starts, ["allocation:A1", "project:X"]);
        assert!(steps(&thread, Direction::Up).contains(&("budget:B1", "allocation:A1")));
    });
}

#[test]
fn the_thread_of_another_countys_money_is_not_found() {
    on_each_store(|store| {
        programme(store);
        apply(store);
        let found: Result<_, StoreError> =
            store.read(|conn| queries::thread(conn, &officer(PEI), &RULES, "X"));
        assert!(matches!(found, Err(StoreError::NotFound)));
        let own = thread(store, &officer(PEI), "A2");
        assert_eq!(steps(&own, Direction::Up)[0], ("budget:B1", "allocation:A2"));
    });
}

#[test]
fn accounts_and_postings_are_published_as_tables() {
    on_each_store(|store| {
        programme(store);
        apply(store);
        let tables = store.read(|conn| qb_fund::tables(conn, Known::Everything)).unwrap();
        let rows =
            |at: usize| -> usize { tables[at].batches.iter().map(|batch| batch.num_rows()).sum() };
        let names: Vec<&str> = tables.iter().map(|table| table.name.as_str()).collect();
        assert_eq!(names, ["ledger_account", "ledger_posting"]);
        assert_eq!((rows(0), rows(1)), (10, 14));
    });
}
