//! The exit status of households is what the audit chain sealed, or somebody changed it outside.

use qb_registry::seal::{SealState, seal, verify};
use qb_store::testing::on_each_store;
use qb_store::{Store, StoreError, Value};

use crate::fixture::{FENG_VILLAGE, add_household, audit, pack};

/// A file of the register that came in.
fn register_file(store: &Store, id: i64) {
    let run = "insert into import_run (id, actor, state, started_at, rows_read, rows_accepted, \
               rows_rejected, rows_repaired) values ($1, 'tester', 'done', 1, 0, 0, 0, 0)";
    let file = "insert into source_file (id, import_run_id, name, digest, byte_count, layout, \
                state, rows_read, rows_accepted, rows_rejected, rows_repaired, recorded_at) \
                values ($1, $1, 'a.csv', $2, 1, 'register_l1', 'imported', 0, 0, 0, 0, 1)";
    let outcome = store.write::<_, StoreError>(|tx| {
        tx.execute(run, &[id.into()])?;
        tx.execute(file, &[id.into(), Value::from(&id.to_string())])?;
        audit(tx, "file")
    });
    outcome.unwrap();
}

fn seals(store: &Store) -> i64 {
    let sql = "select count(*) from audit where action = 'register.seal'";
    store.read::<_, StoreError>(|conn| conn.query_one(sql, &[], |row| row.int(0))).unwrap()
}

#[test]
fn a_status_changed_outside_the_program_differs_from_its_seal() {
    let pack = pack();
    on_each_store(|store| {
        assert_eq!(verify(store, &pack).unwrap(), SealState::Fits, "a store without a register");
        add_household(store, 1, FENG_VILLAGE, "张");
        register_file(store, 1);
        assert_eq!(verify(store, &pack).unwrap(), SealState::Older, "not sealed yet");
        seal(store, &pack, "tester").unwrap();
        assert_eq!(verify(store, &pack).unwrap(), SealState::Fits);
        for (changed, back) in [
            ("exit_status = 'REGISTERED'", "exit_status = 'EXITED'"),
            ("exit_year = 2015", "exit_year = 2016"),
            ("exit_status = null", "exit_status = 'EXITED'"),
            ("registered_to = '2016-12-31'", "registered_to = null"),
        ] {
            for (set, expected) in [(changed, SealState::Differs), (back, SealState::Fits)] {
                let sql = qb_store::Sql::join(&["update household set ", set, " where id = 1"]);
                let outcome = store.write::<_, StoreError>(|tx| {
                    tx.execute(sql, &[])?;
                    audit(tx, "household")
                });
                outcome.unwrap();
                assert_eq!(verify(store, &pack).unwrap(), expected, "{set}");
            }
        }
    });
}

#[test]
fn a_register_is_sealed_once_for_each_import_that_brought_a_file_of_it() {
    let pack = pack();
    on_each_store(|store| {
        seal(store, &pack, "tester").unwrap();
        assert_eq!(seals(store), 0, "nothing to seal");
        register_file(store, 1);
        for _ in 0..2 {
            seal(store, &pack, "tester").unwrap();
            assert_eq!(seals(store), 1);
        }
        register_file(store, 2);
        assert_eq!(verify(store, &pack).unwrap(), SealState::Older);
        seal(store, &pack, "tester").unwrap();
        assert_eq!((seals(store), verify(store, &pack).unwrap()), (2, SealState::Fits));
    });
}
