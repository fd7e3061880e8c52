//! The audit chain covers steps and states: what is changed below the program is found.

use qb_store::testing::on_each_store;
use qb_store::{AuditEntry, Store, StoreError};

use crate::apply::{an_exit, record, run};
use crate::common::{machines, open_exit, posted};

/// What somebody does who owns the database.
fn tamper(store: &Store, sql: &'static str) {
    let lite = store.read::<_, StoreError>(|conn| Ok(conn.is_sqlite())).unwrap();
    let free: &[&'static str] = if lite {
        &[
            "drop trigger if exists case_event_no_update",
            "drop trigger if exists case_event_no_delete",
        ]
    } else {
        &["drop trigger if exists case_event_append_only on case_event"]
    };
    let done = store.write::<_, StoreError>(|tx| {
        for sql in free.iter().chain([&sql]) {
            tx.execute(*sql, &[])?;
        }
        let (actor, action, reason) = ("tester", "test.write", "a test");
        tx.audit(&AuditEntry { actor, action, object: "x", before: None, after: None, reason })
    });
    done.unwrap();
}

/// Two cases that records told of, then one that people moved.
fn filled(store: &Store) {
    for key in ["h1", "h2"] {
        record(store, "exit_decision", key, &an_exit());
    }
    run(store);
    posted(store, "a");
    open_exit(store, "b", "2016-03-01");
    assert_eq!(qb_case::verify(store, machines()).unwrap(), []);
}

fn found(store: &Store) -> Vec<i64> {
    qb_case::verify(store, machines()).unwrap().iter().map(|broken| broken.case).collect()
}

#[test]
fn a_status_that_was_changed_below_the_program_is_found_with_its_case() {
    for (sql, case) in [
        ("update case_file set state = 'EXITED' where subject = 'a'", 3),
        ("update case_file set state = 'NOTICE' where subject = 'h2'", 2),
        ("update case_file set is_decided = true where subject = 'b'", 4),
        ("update case_file set irregular_count = 7 where subject = 'h1'", 1),
    ] {
        on_each_store(|store| {
            filled(store);
            tamper(store, sql);
            assert_eq!(found(store), [case], "{sql}");
        });
    }
}

#[test]
fn a_step_that_was_changed_below_the_program_is_found_with_its_case() {
    for (sql, case) in [
        ("update case_event set present = 1 where case_id = 3 and transition = 'assembly'", 3),
        (
            "update case_event set notice_until_on = '2016-12-01' where case_id = 3 and transition = 'notice'",
            3,
        ),
        ("update case_event set sample_share = '0.01' where case_id = 3 and seq = 3", 3),
        ("update case_event set reason = 'other' where case_id = 4", 4),
        ("update case_event set second = 'other' where case_id = 3 and seq = 3", 3),
        ("update case_event set second = null where case_id = 3 and transition = 'verify'", 3),
        ("update case_event set votes = 1 where case_id = 3 and seq = 2", 3),
        ("update case_event set signatory = '1' where case_id = 1 and seq = 2", 1),
        ("update case_event set done_on = '2016-01-01' where case_id = 1 and seq = 2", 1),
    ] {
        on_each_store(|store| {
            filled(store);
            tamper(store, sql);
            assert_eq!(found(store), [case], "{sql}");
        });
    }
}

#[test]
fn steps_that_were_added_or_removed_below_the_program_are_found() {
    for sql in [
        "delete from case_event where case_id = 3 and seq = 5",
        "delete from case_event where case_id = 2 and seq = 7",
        "insert into case_event (case_id, seq, transition, is_reject, to_state, done_on, recorded_at) \
         values (3, 99, 'announce', false, 'EXITED', '2016-12-01', 1)",
        "insert into case_event (case_id, seq, transition, is_reject, to_state, done_on, recorded_at) \
         values (1, 99, 'announce', false, 'EXITED', '2016-12-01', 1)",
    ] {
        on_each_store(|store| {
            filled(store);
            tamper(store, sql);
            assert!(!found(store).is_empty(), "{sql}");
        });
    }
}
