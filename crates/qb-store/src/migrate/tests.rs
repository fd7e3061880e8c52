use super::*;

#[test]
fn each_store_gets_its_own_words() {
    let sql = "create table t (\n  a text not null, -- some text\n  b blob\n) without rowid;";
    assert_eq!(dialect(sql, true), sql);
    let expected = "create table t (\n  a text collate \"C\" not null, \n  b bytea\n);";
    assert_eq!(dialect(sql, false), expected);
    let sql = "create table t (\n  id bigint primary key\n);";
    assert_eq!(dialect(sql, true), "create table t (\n  id integer primary key\n);");
    assert_eq!(dialect(sql, false), sql);
}

#[test]
fn a_table_marked_append_only_gets_triggers_on_both_stores() {
    let sqlite = dialect("-- append only: t", true);
    assert!(sqlite.contains("before update on t") && sqlite.contains("before delete on t"));
    let postgres = dialect("-- append only: t", false);
    assert!(postgres.contains("before update or delete or truncate on t"));
}

#[test]
fn migrations_are_numbered_in_their_order() {
    assert!(MIGRATIONS.is_sorted_by(|a, b| a.number < b.number));
    for migration in MIGRATIONS {
        assert!(migration.name.starts_with(&format!("{:04}_", migration.number)));
    }
}

/// The register as it stood before spells moved into the rows they are about: one person who
/// lives in a household, was its spouse before its head, and left another; a registration that
/// replaced one, and one under another scheme beside it.
const FORMER: &str = "\
insert into household (id, household_no, area_code, valid_from, recorded_at, source_file_id, \
  source_row, row_digest) values (1, 'H1', '320321100202', '2016-01-01', 1, 1, 1, 1);
insert into person (id, person_no, name, name_key, valid_from, recorded_at, source_file_id, \
  source_row, row_digest) values (5, 'P5', 'n', 'n', '2016-01-01', 1, 1, 1, 1);
insert into membership (person_id, household_id, relation, valid_from, reason_in, valid_to, \
  recorded_at, superseded_at, source_file_id) values \
  (5, 1, 'HEAD', '2015-01-01', 'married', null, 8, null, 3), \
  (5, 1, 'SPOUSE', '2015-01-01', 'married', null, 7, 8, 2), \
  (5, 2, 'CHILD', '2014-01-01', 'born', '2014-12-31', 6, null, 1);
insert into registration (household_id, scheme, valid_from, reason_in, exit_status, recorded_at, \
  superseded_at, source_file_id) values \
  (1, 't', '2014-01-01', 'identified', 'NOT_EXITED', 5, null, 1), \
  (1, 's', '2014-01-01', 'identified', 'NOT_EXITED', 6, 7, 1), \
  (1, 's', '2014-01-01', 'identified', 'EXITED', 7, null, 2);";

#[test]
fn spells_of_a_former_register_are_in_its_rows_and_their_history() {
    crate::testing::on_each_store(|store| {
        let row = |row: &crate::value::Row<'_>| {
            Ok(format!("{:?} {:?} {:?}", row.int(0)?, row.text(1)?, row.int_opt(2)?))
        };
        let work = |tx: &crate::conn::Tx<'_>| {
            for table in ["household", "person", "membership", "registration", "income"] {
                for end in ["", "_history", "_statement", "_item"] {
                    tx.execute(
                        crate::value::Sql::join(&["drop table if exists ", table, end]),
                        &[],
                    )?;
                }
            }
            for migration in MIGRATIONS.iter().filter(|m| [3, 4, 7].contains(&m.number)) {
                tx.execute_batch(migration.sql)?;
            }
            tx.execute_batch(FORMER)?;
            for migration in MIGRATIONS.iter().filter(|m| [17, 18].contains(&m.number)) {
                tx.execute_batch(migration.sql)?;
            }
            let member = "select household_id, relation, member_recorded_at from person";
            let members = "select household_id, relation, superseded_at from \
                           membership_history order by 1";
            let registered = "select id, exit_status, registered_file_id from household";
            let replaced = "select household_id, exit_status, superseded_at from \
                            registration_history order by recorded_at";
            let mut found = Vec::new();
            for sql in [member, members, registered, replaced] {
                found.push(tx.query(sql, &[], row)?.join(", "));
            }
            Err::<(), _>(StoreError::Database(found.join("; ")))
        };
        let found = store.write(work).unwrap_err().to_string();
        let expected = "1 \"HEAD\" Some(8); 1 \"SPOUSE\" Some(8), 2 \"CHILD\" None; \
                        1 \"EXITED\" Some(2); 1 \"NOT_EXITED\" None, 1 \"NOT_EXITED\" Some(7)";
        assert!(found.contains(expected), "{found}");
    });
}

/// A household that moved by a roster and one whose member may have left, as they stood before
/// people stated events.
const BY_ROSTER: &str = "\
insert into import_run (id, actor, state, started_at, rows_read, rows_accepted, rows_rejected, \
  rows_repaired) values (901, 'a', 'done', 1, 1, 1, 0, 0);
insert into source_file (id, import_run_id, name, digest, byte_count, state, rows_read, \
  rows_accepted, rows_rejected, rows_repaired, recorded_at) \
  values (901, 901, 'f', 'd901', 1, 'imported', 1, 1, 0, 0, 1);
insert into register_event (id, kind, household_id, person_id, area_before, area_after, \
  happened_on, known_at, source_file_id, source_row, doubt, proposed_by, state, decided_by, \
  decided_at, decided_why) values \
  (7, 'move', 1, null, '320321100202', '320321100203', '2017-03-05', 5, 901, 3, null, 'a', \
   'APPLIED', 'rule', 5, 'rule'), \
  (8, 'left', 2, 4, null, null, '2017-03-05', 6, 901, 4, 'rule_waits', 'a', 'PROPOSED', null, \
   null, null);
insert into register_event_step (event_id, seq, state, actor, stepped_at, reason) \
  values (7, 1, 'APPLIED', 'a', 5, 'rule'), (8, 1, 'PROPOSED', 'a', 6, 'rule_waits');
insert into household_place (household_id, area_code, valid_from, reason_in, recorded_at, \
  event_id) values (1, '320321100203', '2017-03-05', 'move', 5, 7);";

#[test]
fn events_of_rosters_are_kept_with_their_steps_and_places() {
    crate::testing::on_each_store(|store| {
        let work = |tx: &crate::conn::Tx<'_>| {
            let tables = ["event_part", "household_life", "event_step", "household_place", "event"];
            for table in tables {
                tx.execute(crate::value::Sql::join(&["drop table ", table]), &[])?;
            }
            tx.execute("alter table membership_history drop column event_id", &[])?;
            let run = |number: i64| {
                let migration = MIGRATIONS.iter().find(|one| one.number == number);
                tx.execute_batch(migration.unwrap().sql)
            };
            run(60)?;
            tx.execute_batch(BY_ROSTER)?;
            run(61)?;
            run(64)?;
            let event = "select kind || ' ' || effect || ' ' || state || ' ' || \
                         coalesce(doubt, '-') from event order by id";
            let step = "select state || ' ' || reason from event_step order by event_id";
            let place = "select area_code || ' ' || reason_in from household_place";
            let mut found = Vec::new();
            for sql in [event, step, place] {
                found.push(tx.query(sql, &[], |row| row.text(0))?.join(", "));
            }
            Err::<(), _>(StoreError::Database(found.join("; ")))
        };
        let found = store.write(work).unwrap_err().to_string();
        let expected = "move move APPLIED -, left left PROPOSED rule_waits; \
                        APPLIED rule, PROPOSED rule_waits; 320321100203 move";
        assert!(found.contains(expected), "{found}");
    });
}
