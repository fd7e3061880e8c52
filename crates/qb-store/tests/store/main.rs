//! The store keeps its promises on both databases.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails its test by panic")]

mod anchor;
mod key;
mod place;
mod tls;

use qb_base::Digest;
use qb_store::testing::{TestStore, on_each_store};
use qb_store::{AuditEntry, Job, JobState, Store, StoreError, Tx, Value};

fn entry(object: &str) -> AuditEntry<'_> {
    AuditEntry {
        actor: "tester",
        action: "test.write",
        object,
        before: None,
        after: Some(Digest::of(object.as_bytes())),
        reason: "a test",
    }
}

fn put(tx: &Tx<'_>, name: &str, value: &str) -> Result<(), StoreError> {
    let sql = "insert into setting (name, value) values ($1, $2)";
    tx.execute(sql, &[name.into(), value.into()])?;
    tx.audit(&entry(name))
}

fn settings(store: &Store) -> Vec<(String, String)> {
    let sql = "select name, value from setting order by name";
    store.read(|c| c.query(sql, &[], |r| Ok((r.text(0)?, r.text(1)?)))).unwrap()
}

#[test]
fn a_write_is_there_for_the_next_read() {
    on_each_store(|store| {
        store.write(|tx| put(tx, "徐州", "丰县")).unwrap();
        assert_eq!(settings(store), [("徐州".to_owned(), "丰县".to_owned())]);
    });
}

#[test]
fn an_error_or_a_missing_audit_row_leaves_nothing_behind() {
    on_each_store(|store| {
        let failed: Result<(), StoreError> = store.write(|tx| {
            put(tx, "a", "1")?;
            Err(StoreError::NotFound)
        });
        assert!(matches!(failed, Err(StoreError::NotFound)));
        let silent = store.write(|tx| {
            let sql = "insert into setting (name, value) values ('b', '2')";
            tx.execute(sql, &[])
        });
        assert!(matches!(silent, Err(StoreError::NoAudit)));
        assert!(settings(store).is_empty());
        assert_eq!(store.audit_verify(None).unwrap().rows, 0);
    });
}

#[test]
fn a_load_alone_is_all_or_nothing_and_everything_is_there_afterwards() {
    on_each_store(|store| {
        let lite = store.place().postgres.is_none();
        store.write(|tx| put(tx, "before", "1")).unwrap();
        assert_eq!(settings(store).len(), 1, "a reader is in the pool");
        let alone = store.alone();
        assert_eq!(alone.is_granted(), lite);
        store.write(|tx| put(tx, "during", "2")).unwrap();
        let failed: Result<(), StoreError> = store.write(|tx| {
            put(tx, "failed", "3")?;
            Err(StoreError::NotFound)
        });
        assert!(failed.is_err());
        assert_eq!(settings(store).len(), 2);
        drop(alone);
        store.write(|tx| put(tx, "later", "4")).unwrap();
        let names: Vec<String> = settings(store).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["before", "during", "later"]);
        assert_eq!(store.audit_verify(None).unwrap().rows, 3);
        let mode = |c: &qb_store::Conn| c.query_one("pragma journal_mode", &[], |row| row.text(0));
        if lite {
            assert_eq!(store.read(mode).unwrap(), "wal");
        }
    });
}

#[test]
fn nobody_is_alone_while_another_has_the_database_open() {
    let mine = TestStore::sqlite();
    let other = Store::open(mine.store.place().clone()).unwrap();
    assert!(settings(&other).is_empty());
    let alone = mine.store.alone();
    assert!(!alone.is_granted());
    mine.store.write(|tx| put(tx, "a", "1")).unwrap();
    assert_eq!(settings(&other).len(), 1, "readers are not kept waiting");
}

#[test]
fn bulk_rows_that_repeat_values_keep_them_apart() {
    on_each_store(|store| {
        let long = "长".repeat(40);
        let texts = ["a", "a", "b", "", "", &long, &long, "a"];
        store
            .write(|tx| {
                let mut bulk = tx.bulk("setting", &["name", "value"])?;
                for (at, text) in texts.iter().enumerate() {
                    bulk.push(&[at.to_string().as_str().into(), (*text).into()])?;
                }
                bulk.finish()?;
                tx.audit(&entry("bulk"))
            })
            .unwrap();
        let found: Vec<String> = settings(store).into_iter().map(|(_, value)| value).collect();
        assert_eq!(found, texts);
    });
}

#[test]
fn no_bulk_row_is_left_out_at_the_edges_of_a_group() {
    on_each_store(|store| {
        let mut written = 0_i64;
        for rows in [0, 1, 2, 255, 256, 257, 700] {
            store
                .write(|tx| {
                    let mut bulk = tx.bulk("setting", &["name", "value"])?;
                    for at in 0..rows {
                        let name = format!("{written:05}");
                        bulk.push(&[name.as_str().into(), (at / 2).to_string().as_str().into()])?;
                        written += 1;
                        if at == rows / 3 {
                            bulk.flush()?;
                            let seen =
                                tx.query_one("select count(*) from setting", &[], |row| {
                                    row.int(0)
                                })?;
                            assert_eq!(seen, written);
                        }
                    }
                    bulk.finish()?;
                    tx.audit(&entry("bulk"))
                })
                .unwrap();
            assert_eq!(settings(store).len() as i64, written);
        }
    });
}

#[test]
fn a_bulk_row_that_breaks_a_constraint_undoes_the_whole_write() {
    on_each_store(|store| {
        let result = store.write(|tx| {
            put(tx, "first", "1")?;
            let mut bulk = tx.bulk("setting", &["name", "value"])?;
            for name in ["a", "b", "a"] {
                bulk.push(&[name.into(), "x".into()])?;
            }
            bulk.finish()?;
            tx.audit(&entry("bulk"))
        });
        let Err(StoreError::Constraint(name)) = result else { panic!("{result:?}") };
        assert!(name.contains("setting"), "{name}");
        assert!(settings(store).is_empty());
    });
}

#[test]
fn a_broken_constraint_is_named() {
    on_each_store(|store| {
        store.write(|tx| put(tx, "a", "1")).unwrap();
        let again = store.write(|tx| put(tx, "a", "2"));
        let Err(StoreError::Constraint(name)) = again else { panic!("{again:?}") };
        assert!(name.contains("setting"), "{name}");
    });
}

#[test]
fn bulk_rows_of_every_type_come_back_as_they_went_in() {
    on_each_store(|store| {
        let blob: &[u8] = &[0, 255, 92];
        store
            .write::<_, StoreError>(|tx| {
                let mut bulk = tx.bulk(
                    "household",
                    &[
                        "id",
                        "household_no",
                        "area_code",
                        "dangerous_house",
                        "phone_sealed",
                        "valid_from",
                        "recorded_at",
                        "source_file_id",
                        "source_row",
                        "row_digest",
                    ],
                )?;
                for id in 1..=3_000 {
                    let truth = if id % 3 == 0 { Value::Null } else { Value::Bool(id % 2 == 0) };
                    bulk.push(&[
                        id.into(),
                        "h\t\\".into(),
                        "320381".into(),
                        truth,
                        blob.into(),
                        "2016-12-31".into(),
                        1.into(),
                        1.into(),
                        id.into(),
                        i64::MIN.into(),
                    ])?;
                }
                bulk.finish()?;
                tx.audit(&entry("bulk"))
            })
            .unwrap_err();
        // household_no is unique: the load above must fail as a whole.
        let count = store
            .read(|c| c.query_one("select count(*) from household", &[], |r| r.int(0)))
            .unwrap();
        assert_eq!(count, 0);
        store
            .write::<_, StoreError>(|tx| {
                let mut bulk = tx.bulk("refused_row", &["source_file_id", "sheet", "row_no", "cells_sealed"])?;
                let sql = "insert into import_run (id, actor, state, started_at, rows_read, \
                           rows_accepted, rows_rejected, rows_repaired) \
                           values (1, 't', 'done', 0, 0, 0, 0, 0)";
                tx.execute(sql, &[])?;
                let sql = "insert into source_file (id, import_run_id, name, digest, byte_count, state, \
                           rows_read, rows_accepted, rows_rejected, rows_repaired, recorded_at) \
                           values (1, 1, 'n', 'd', 1, 'imported', 0, 0, 0, 0, 0)";
                tx.execute(sql, &[])?;
                for row in 1..=2_000 {
                    bulk.push(&[1.into(), "表\t1\\".into(), row.into(), blob.into()])?;
                }
                bulk.finish()?;
                tx.audit(&entry("bulk"))
            })
            .unwrap();
        let sql = "select sheet, cells_sealed from refused_row where row_no = $1";
        let row = store
            .read(|c| c.query_one(sql, &[2_000.into()], |r| Ok((r.text(0)?, r.blob(1)?))))
            .unwrap();
        assert_eq!(row, ("表\t1\\".to_owned(), blob.to_vec()));
    });
}

#[test]
fn an_intact_chain_verifies() {
    on_each_store(|store| {
        for name in ["a", "b", "c"] {
            store.write(|tx| put(tx, name, "1")).unwrap();
        }
        let report = store.audit_verify(None).unwrap();
        assert_eq!((report.rows, report.broken), (3, None));
        assert_eq!(report.head, store.audit_head().unwrap().map(|d| d.to_string()));
    });
}

/// What somebody does who writes to the database without the program: no trigger, no audit row.
fn below(store: &Store, sql: &'static str) {
    let lite = store.place().postgres.is_none();
    let free: &[&'static str] = if lite {
        &["drop trigger if exists audit_no_update", "drop trigger if exists audit_no_delete"]
    } else {
        &["drop trigger if exists audit_append_only on audit"]
    };
    let done: Result<(), StoreError> = store.write(|tx| {
        for free in free {
            tx.execute(*free, &[])?;
        }
        tx.execute(sql, &[])?;
        tx.execute_batch("commit; begin")?;
        Err(StoreError::NotFound)
    });
    assert!(matches!(done, Err(StoreError::NotFound)), "{done:?}");
}

fn filled(store: &Store, rows: i64) {
    filled_from(store, 0, rows);
}

fn filled_from(store: &Store, from: i64, to: i64) {
    for name in from..to {
        store.write(|tx| put(tx, &name.to_string(), "1")).unwrap();
    }
}

#[test]
fn tampering_with_the_chain_is_found_and_its_place_named() {
    let attacks = [
        ("update audit set reason = 'other' where seq = 5", 5),
        ("update audit set at_at = at_at + 1 where seq = 9", 9),
        ("delete from audit where seq = 4", 5),
        ("delete from audit where seq > 7", 7),
        ("update audit set seq = -1 where seq = 3", -1),
        ("update audit set actor = 'someone' where seq = 1", 1),
        ("delete from audit", 0),
    ];
    for (sql, place) in attacks {
        on_each_store(|store| {
            filled(store, 10);
            below(store, sql);
            let broken = store.audit_verify(None).unwrap().broken;
            assert_eq!(broken.map(|b| b.seq), Some(place), "{sql}");
        });
    }
}

#[test]
fn the_audit_table_takes_rows_and_gives_none_up() {
    on_each_store(|store| {
        filled(store, 2);
        for sql in ["update audit set reason = 'x'", "delete from audit where seq = 2"] {
            let done = store.write(|tx| {
                tx.execute(sql, &[])?;
                put(tx, "a", "1")
            });
            let said = done.unwrap_err().to_string();
            assert!(said.contains("append only"), "{sql}: {said}");
        }
        assert_eq!(store.audit_verify(None).unwrap().rows, 2);
    });
}

#[test]
fn sixteen_writers_leave_one_unbroken_chain() {
    on_each_store(|store| {
        std::thread::scope(|scope| {
            for writer in 0..16 {
                scope.spawn(move || {
                    for i in 0..8 {
                        store.write(|tx| put(tx, &format!("{writer}-{i}"), "1")).unwrap();
                    }
                });
            }
        });
        let report = store.audit_verify(None).unwrap();
        assert_eq!((report.rows, report.broken), (128, None));
    });
}

#[test]
fn writers_of_two_processes_never_meet_at_the_anchor() {
    on_each_store(|store| {
        let other = Store::open(store.place().clone()).unwrap();
        std::thread::scope(|scope| {
            for writer in 0..16 {
                let store = if writer % 2 == 0 { store } else { &other };
                scope.spawn(move || {
                    for i in 0..8 {
                        store.write(|tx| put(tx, &format!("{writer}-{i}"), "1")).unwrap();
                    }
                });
            }
        });
        let report = store.audit_verify(None).unwrap();
        assert_eq!((report.rows, report.broken), (128, None));
        let anchor = std::fs::read_to_string(store.place().dir.audit_anchor()).unwrap();
        assert!(anchor.starts_with("128 "), "{anchor}");
    });
}

fn job<T>(store: &Store, work: impl FnOnce(&Tx<'_>) -> Result<T, StoreError>) -> T {
    store
        .write(|tx| {
            tx.audit(&entry("job"))?;
            work(tx)
        })
        .unwrap()
}

#[test]
fn a_job_is_claimed_once_and_ends_with_its_message() {
    on_each_store(|store| {
        let id = job(store, |tx| tx.job_enqueue("import", "{}"));
        assert_eq!(store.read(|c| Job::with_payload(c, "import", "{}")).unwrap(), Some(id));
        assert_eq!(job(store, |tx| tx.job_claim("another kind")), None);
        let claim = || job(store, |tx| tx.job_claim("import"));
        assert_eq!(claim().map(|job| (job.id, job.attempt)), Some((id, 1)));
        assert_eq!(claim(), None);
        job(store, |tx| tx.job_finish(id, "500 rows"));
        job(store, |tx| tx.job_fail(id, "too late"));
        let job = store.read(|c| Job::find(c, id)).unwrap().unwrap();
        assert_eq!((job.state, job.message.as_deref()), (JobState::Done, Some("500 rows")));
    });
}

#[test]
fn a_released_job_is_claimed_again_until_its_last_attempt() {
    on_each_store(|store| {
        let id = job(store, |tx| tx.job_enqueue("import", "{}"));
        for attempt in 1..=3 {
            assert!(store.read(|c| Job::is_waiting(c, "import")).unwrap());
            let claimed = job(store, |tx| tx.job_claim("import"));
            assert_eq!(claimed.map(|job| job.attempt), Some(attempt));
            assert!(!store.read(|c| Job::is_waiting(c, "import")).unwrap());
            assert_eq!(store.read(|c| Job::open(c, "import")).unwrap().len(), 1);
            job(store, |tx| tx.job_release("import"));
        }
        assert_eq!(job(store, |tx| tx.job_claim("import")), None);
        let job = store.read(|c| Job::find(c, id)).unwrap().unwrap();
        assert_eq!(job.state, JobState::Failed);
    });
}

#[test]
fn a_job_that_is_handed_back_waits_as_if_it_had_not_been_begun() {
    on_each_store(|store| {
        let id = job(store, |tx| tx.job_enqueue("import", "{}"));
        for _ in 0..9 {
            let claimed = job(store, |tx| tx.job_claim("import"));
            assert_eq!(claimed.map(|job| (job.id, job.attempt)), Some((id, 1)));
            job(store, |tx| tx.job_hand_back(id));
            assert!(store.read(|c| Job::is_waiting(c, "import")).unwrap());
        }
    });
}

#[test]
fn both_databases_end_in_the_same_columns() {
    let Ok(server) = std::env::var("QIBANG_TEST_POSTGRES") else { return };
    let lite = TestStore::sqlite();
    let pg = TestStore::postgres(&server);
    let lite_sql = "select m.name, p.name from sqlite_master m, pragma_table_info(m.name) p \
                    where m.type = 'table' and m.name not like 'sqlite_%' order by 1, 2";
    let pg_sql = "select cast(table_name as text), cast(column_name as text) \
                  from information_schema.columns where table_schema = 'public' \
                  order by table_name::text collate \"C\", column_name::text collate \"C\"";
    let columns = |store: &Store, sql: &'static str| {
        store.read(|c| c.query(sql, &[], |r| Ok((r.text(0)?, r.text(1)?)))).unwrap()
    };
    assert_eq!(columns(&lite.store, lite_sql), columns(&pg.store, pg_sql));
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let test = TestStore::sqlite();
    let key = test.store.place().dir.keys().join("master.key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let again = Store::open(test.store.place().clone());
    assert!(matches!(again, Err(StoreError::Place { .. })), "{again:?}");
}

#[test]
fn a_reason_with_a_personal_number_is_covered_before_it_enters_the_chain() {
    const NUMBER: &str = "11010519491231002X";
    on_each_store(|store| {
        let reason = format!("核对 {NUMBER} 的材料");
        let entry = AuditEntry { reason: &reason, ..entry("a person") };
        store.write::<_, StoreError>(|tx| tx.audit(&entry)).unwrap();
        let kept = store.audit_newest(1).unwrap().remove(0).reason;
        assert!(!kept.contains(NUMBER) && !kept.contains(&NUMBER[6..14]), "{kept}");
        assert!(kept.contains("核对") && kept.contains("的材料"), "{kept}");
        let report = store.audit_verify(None).unwrap();
        assert_eq!((report.rows, report.broken.is_none()), (1, true));
    });
}
