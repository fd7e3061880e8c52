//! Pledges, owners and gaps over a real store.

use qb_pairing::queries::{self, Asked, Gap};
use qb_pairing::{Signature, State};
use qb_store::testing::on_each_store;
use qb_store::{Known, Store, StoreError};
use serde_json::json;

use crate::fixture::{CITY, FENG, PEI, RULES, area, audit, day, officer, record};

fn pledge(store: &Store, county: &str, upper: Option<&str>, lower: Option<&str>) {
    let number = format!("Z{county}");
    let fields = json!({ "pledge_no": number, "year": 2016, "upper_level": "CITY",
        "lower_level": "COUNTY", "upper_signed_on": upper, "lower_signed_on": lower,
        "due_on": "2016-03-31" });
    record(store, "pledge", &number, county, &fields);
}

fn target(store: &Store, code: &str, item: &str, amount: &str) {
    let fields = json!({ "pledge_no": format!("Z{code}"), "item": item, "target": amount,
        "unit": RULES.item(item).unwrap().unit });
    record(store, "pledge_target", &format!("Z{code}|{item}"), code, &fields);
}

fn term(store: &Store, code: &str, number: &str, from: &str, to: Option<&str>) {
    let fields = json!({ "term_no": number, "post": "PARTY_SECRETARY", "from_on": from,
        "to_on": to });
    record(store, "post_term", number, code, &fields);
}

fn signature(store: &Store, on: &str) -> Signature {
    let lines = store
        .read::<_, StoreError>(|conn| {
            queries::pledges(conn, &officer(CITY), &RULES, area(CITY), day(on))
        })
        .unwrap();
    lines[0].signature
}

#[test]
fn a_pledge_is_overdue_on_the_day_after_it_was_due() {
    on_each_store(|store| {
        pledge(store, FENG, Some("2016-03-01"), None);
        assert_eq!(signature(store, "2016-03-31"), Signature::Waiting);
        assert_eq!(signature(store, "2016-04-01"), Signature::Overdue);
        pledge(store, FENG, Some("2016-03-01"), Some("2016-04-10"));
        assert_eq!(signature(store, "2016-04-11"), Signature::Signed);
    });
}

#[test]
fn a_new_holder_signs_again() {
    on_each_store(|store| {
        pledge(store, FENG, Some("2016-03-01"), Some("2016-03-01"));
        term(store, FENG, "T1", "2013-01-01", Some("2016-08-01"));
        assert_eq!(signature(store, "2016-07-31"), Signature::Signed);
        term(store, FENG, "T2", "2016-08-01", None);
        assert_eq!(signature(store, "2016-08-01"), Signature::ToBeSignedAgain);
    });
}

#[test]
fn each_gap_of_a_target_is_named() {
    on_each_store(|store| {
        target(store, CITY, "EXIT_PEOPLE", "10");
        target(store, FENG, "EXIT_PEOPLE", "4");
        target(store, PEI, "EXIT_PEOPLE", "5");
        pledge(store, FENG, None, None);
        term(store, CITY, "T1", "2013-01-01", None);
        term(store, PEI, "T2", "2013-01-01", None);
        let asked = Asked { rules: &RULES, run: None, year: 2016, on: day("2016-12-31") };
        let gaps = store
            .read::<_, StoreError>(|conn| queries::gaps(conn, &officer(CITY), &asked, area(CITY)))
            .unwrap();
        let named: Vec<_> =
            gaps.iter().map(|(line, gaps)| (line.line.area.as_str(), gaps.as_slice())).collect();
        assert_eq!(
            named,
            [
                (CITY, [Gap::NotCovered].as_slice()),
                (FENG, [Gap::NoOwner, Gap::Unsigned].as_slice()),
            ]
        );
    });
}

/// A run with one figure in two areas.
fn run_with_exits(store: &Store, figures: &[(&str, i64)]) {
    store
        .write::<_, StoreError>(|tx| {
            tx.execute(
                "insert into snapshot (digest, as_of_on, taken_at, households, people, villages) \
                 values ('d', '2016-12-31', 1, 1, 1, 1)",
                &[],
            )?;
            tx.execute(
                "insert into target_run (id, snapshot_digest, pack_id, pack_digest, \
                 engine_version, as_of_on, started_at, finished_at, digest) \
                 values (1, 'd', 'p', 'p', '1', '2016-12-31', 1, 1, 'r')",
                &[],
            )?;
            tx.execute(
                "insert into figure_result (run_id, fact, level, position, value_unscaled, \
                 value_scale, row_count, unknown_count) \
                 values (1, 'G08', 'person', 0, '9', 0, 9, 0)",
                &[],
            )?;
            for (code, value) in figures {
                let value = value.to_string();
                let sql = "insert into figure_area (run_id, area_code, fact, value_unscaled, \
                           value_scale, row_count, unknown_count) \
                           values (1, $1, 'G08', $2, 0, 1, 0)";
                tx.execute(sql, &[(*code).into(), (&value).into()])?;
            }
            audit(tx)
        })
        .unwrap();
}

#[test]
fn figures_of_the_run_stand_beside_the_targets() {
    on_each_store(|store| {
        target(store, CITY, "EXIT_PEOPLE", "10");
        target(store, FENG, "EXIT_PEOPLE", "4.5");
        target(store, PEI, "EXIT_PEOPLE", "6");
        run_with_exits(store, &[(CITY, 9), (FENG, 5)]);
        let asked = Asked { rules: &RULES, run: Some(1), year: 2016, on: day("2017-01-01") };
        let lines = store
            .read::<_, StoreError>(|conn| {
                queries::progress(conn, &officer(CITY), &asked, area(CITY))
            })
            .unwrap();
        let states: Vec<(&str, State, Option<i64>)> = lines
            .iter()
            .map(|line| (line.line.area.as_str(), line.state, line.gap_micro))
            .collect();
        assert_eq!(
            states,
            [
                (CITY, State::Overdue, Some(1_000_000)),
                (FENG, State::Met, Some(-500_000)),
                (PEI, State::Unknown, None),
            ]
        );
    });
}

#[test]
fn a_county_reads_its_own_targets_only() {
    on_each_store(|store| {
        target(store, FENG, "EXIT_PEOPLE", "4");
        target(store, PEI, "EXIT_PEOPLE", "6");
        let asked = Asked { rules: &RULES, run: None, year: 2016, on: day("2016-12-31") };
        let own = store.read::<_, StoreError>(|conn| {
            queries::progress(conn, &officer(FENG), &asked, area(FENG))
        });
        assert_eq!(own.unwrap().len(), 1);
        let beside = store.read::<_, StoreError>(|conn| {
            queries::progress(conn, &officer(FENG), &asked, area(PEI))
        });
        assert!(matches!(beside, Err(StoreError::NotFound)));
    });
}

#[test]
fn the_cascade_is_published_as_a_table() {
    on_each_store(|store| {
        target(store, CITY, "EXIT_PEOPLE", "10");
        target(store, FENG, "EXIT_PEOPLE", "10.5");
        let rows = |known| {
            let year = crate::fixture::PACK.year.0;
            let tables = store.read(|conn| qb_pairing::tables(conn, year, known)).unwrap();
            assert_eq!(tables[0].name, "target_cascade");
            tables[0].batches.iter().map(|batch| batch.num_rows()).sum::<usize>()
        };
        assert_eq!(rows(Known::Everything), 2);
        let by = |instant| rows(Known::By(qb_base::Timestamp(instant)));
        assert_eq!((by(0), by(1)), (0, 2), "known from the instant at which it was recorded");
    });
}
