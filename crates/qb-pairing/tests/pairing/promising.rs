//! Promises of visits become tasks until they are done.

use qb_pairing::commands::{self, Applied};
use qb_pairing::queries::{self, Task, TaskFilter, TaskKeyset};
use qb_store::testing::on_each_store;
use qb_store::{Store, StoreError};
use serde_json::json;

use crate::fixture::{CITY, FENG, PACK, PEI, area, day, officer, record};

const FENG_VILLAGE: &str = "320321100201";
const PEI_VILLAGE: &str = "320322109220";

fn visit(store: &Store, number: &str, village: &str, until: Option<&str>, done: Option<&str>) {
    let fields = json!({ "visit_no": number, "household_no": "H1", "helper_no": "P1",
        "visited_on": "2016-05-01", "need": "JOB", "promised_until": until, "done_on": done });
    record(store, "visit", number, village, &fields);
}

fn apply(store: &Store) -> Applied {
    commands::apply(store, &PACK, "tester").unwrap()
}

fn tasks(store: &Store, code: &str, on: &str, is_overdue: bool) -> Vec<Task> {
    let filter = TaskFilter { helper_no: None, is_overdue };
    store
        .read::<_, StoreError>(|conn| {
            let after = TaskKeyset::default();
            queries::tasks(conn, &officer(code), (area(code), day(on)), &filter, &after, 100)
        })
        .unwrap()
}

#[test]
fn a_promise_is_overdue_on_the_day_after_it_was_promised() {
    on_each_store(|store| {
        visit(store, "V1", FENG_VILLAGE, Some("2016-06-30"), None);
        apply(store);
        assert_eq!(tasks(store, CITY, "2016-06-30", true), []);
        assert_eq!(tasks(store, CITY, "2016-06-30", false).len(), 1);
        assert_eq!(tasks(store, CITY, "2016-07-01", true)[0].days_overdue, 1);
    });
}

#[test]
fn what_is_done_is_no_task() {
    on_each_store(|store| {
        visit(store, "V1", FENG_VILLAGE, Some("2016-06-30"), None);
        apply(store);
        visit(store, "V1", FENG_VILLAGE, Some("2016-06-30"), Some("2016-07-05"));
        assert_eq!(apply(store), Applied { added: 1, removed: 1 });
        assert_eq!(tasks(store, CITY, "2016-08-01", false), []);
    });
}

#[test]
fn applying_again_changes_nothing() {
    on_each_store(|store| {
        visit(store, "V1", FENG_VILLAGE, Some("2016-06-30"), None);
        assert_eq!(apply(store), Applied { added: 1, removed: 0 });
        assert_eq!(apply(store), Applied::default());
        assert_eq!(tasks(store, CITY, "2016-07-01", true).len(), 1);
    });
}

#[test]
fn a_county_sees_the_tasks_of_its_own_villages() {
    on_each_store(|store| {
        visit(store, "V1", FENG_VILLAGE, Some("2016-06-30"), None);
        visit(store, "V2", PEI_VILLAGE, Some("2016-06-30"), None);
        apply(store);
        assert_eq!(tasks(store, FENG, "2016-07-01", true).len(), 1);
        let beside = store.read::<_, StoreError>(|conn| {
            queries::tasks_by_helper(conn, &officer(FENG), area(PEI), day("2016-07-01"), 10)
        });
        assert!(matches!(beside, Err(StoreError::NotFound)));
    });
}

#[test]
fn pages_of_tasks_follow_each_other_without_loss() {
    on_each_store(|store| {
        for number in 0..5 {
            visit(store, &format!("V{number}"), FENG_VILLAGE, Some("2016-06-30"), None);
        }
        apply(store);
        let mut after = TaskKeyset::default();
        let mut seen = Vec::new();
        for _ in 0..3 {
            let page = store
                .read::<_, StoreError>(|conn| {
                    let (place, filter) = ((area(CITY), day("2016-07-01")), TaskFilter::default());
                    queries::tasks(conn, &officer(CITY), place, &filter, &after, 2)
                })
                .unwrap();
            let last = page.last().unwrap();
            after = TaskKeyset { promised_until: last.promised_until.clone(), record: last.record };
            seen.extend(page.into_iter().map(|task| task.visit_no));
        }
        assert_eq!(seen, ["V0", "V1", "V2", "V3", "V4"]);
    });
}

#[test]
fn helpers_and_villages_are_listed_by_what_is_overdue() {
    on_each_store(|store| {
        visit(store, "V1", FENG_VILLAGE, Some("2016-06-30"), None);
        visit(store, "V2", PEI_VILLAGE, Some("2016-08-30"), None);
        apply(store);
        let (helpers, villages) = store
            .read::<_, StoreError>(|conn| {
                let (scope, on) = (officer(CITY), day("2016-07-01"));
                Ok((
                    queries::tasks_by_helper(conn, &scope, area(CITY), on, 10)?,
                    queries::tasks_by_village(conn, &scope, area(CITY), on, 10)?,
                ))
            })
            .unwrap();
        assert_eq!((helpers[0].open, helpers[0].overdue), (2, 1));
        assert_eq!(villages[0].area_code, FENG_VILLAGE);
        assert_eq!((villages[1].open, villages[1].overdue), (1, 0));
    });
}

#[test]
fn each_need_is_counted_by_what_became_of_it() {
    on_each_store(|store| {
        visit(store, "V1", FENG_VILLAGE, Some("2016-06-30"), Some("2016-06-30"));
        visit(store, "V2", FENG_VILLAGE, Some("2016-06-30"), Some("2016-07-01"));
        visit(store, "V3", FENG_VILLAGE, Some("2016-06-30"), None);
        visit(store, "V4", FENG_VILLAGE, Some("2016-09-30"), None);
        visit(store, "V5", FENG_VILLAGE, None, None);
        apply(store);
        let needs = store
            .read::<_, StoreError>(|conn| {
                queries::needs(conn, &officer(CITY), area(CITY), day("2016-08-01"))
            })
            .unwrap();
        let need = &needs[0];
        assert_eq!((need.need.as_str(), need.found, need.promised), ("JOB", 5, 4));
        assert_eq!((need.done_in_time, need.done_late), (1, 1));
        assert_eq!((need.open, need.overdue), (1, 1));
    });
}

#[test]
fn a_visit_without_a_column_it_must_have_stops_the_work_and_is_not_kept_as_blank() {
    on_each_store(|store| {
        let fields = json!({ "visit_no": "V1", "household_no": "H1", "need": "JOB" });
        record(store, "visit", "V1", FENG_VILLAGE, &fields);
        let refused = commands::apply(store, &PACK, "tester").unwrap_err();
        assert!(refused.to_string().contains("the fields of a visit"), "{refused}");
        assert_eq!(tasks(store, CITY, "2016-06-30", false), []);
    });
}
