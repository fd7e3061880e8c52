//! Migrations: one text for both stores, run in order, each in its own transaction.

use qb_base::{Digest, env};

use crate::conn::Conn;
use crate::error::StoreError;

/// A migration: number, name, text.
struct Migration {
    number: i64,
    name: &'static str,
    sql: &'static str,
}

macro_rules! migrations {
    ($($number:literal $name:literal),* $(,)?) => {
        &[$(Migration {
            number: $number,
            name: $name,
            sql: include_str!(concat!("../../../migrations/", $name, ".sql")),
        }),*]
    };
}

const MIGRATIONS: &[Migration] = migrations![
    1 "0001_foundation",
    2 "0002_intake",
    3 "0003_register",
    4 "0004_register_indices",
    5 "0005_village_and_reference",
    6 "0006_targeting",
    7 "0007_person_name_index",
    8 "0008_record",
    9 "0009_coverage",
    10 "0010_case",
    11 "0011_ledger",
    12 "0012_score",
    13 "0013_visit_need",
    14 "0014_account_subject",
    15 "0015_case_parts",
    16 "0016_typed_row",
    17 "0017_current_spells",
    18 "0018_register_access",
    20 "0020_elsewhere_answer",
    21 "0021_delivery",
    24 "0024_waiting_file",
    25 "0025_score_step",
    26 "0026_told_by",
    28 "0028_sign_in",
    29 "0029_session_by_age",
    31 "0031_installation",
    32 "0032_audit_append_only",
    38 "0038_person_read",
    39 "0039_reading_reason",
    40 "0040_export_request",
    45 "0045_sent_sheet",
    49 "0049_account_counters",
    50 "0050_waiting_typed",
    51 "0051_register_mark",
    52 "0052_read_row",
    55 "0055_second_person",
    56 "0056_office_day",
    57 "0057_period_act",
    60 "0060_register_event",
    61 "0061_event",
    62 "0062_after",
    63 "0063_known",
    64 "0064_household_life",
];

const CREATE_TABLE: &str = "create table if not exists schema_migration (\
     number bigint primary key, name text not null, digest text not null, \
     applied_at bigint not null)";

/// Brings the schema up to this program's version.
pub(crate) fn run(conn: &Conn) -> Result<(), StoreError> {
    conn.batch(CREATE_TABLE)?;
    let applied = conn.query("select number, digest from schema_migration", &[], |row| {
        Ok((row.int(0)?, row.text(1)?))
    })?;
    let newest = MIGRATIONS.last().map(|migration| migration.number);
    if let Some((number, _)) = applied.iter().find(|(n, _)| Some(*n) > newest) {
        return Err(StoreError::Migration {
            number: *number,
            message: "the database was made by a newer version of this program".to_owned(),
        });
    }
    for migration in MIGRATIONS {
        let digest = Digest::of(migration.sql.as_bytes()).to_string();
        match applied.iter().find(|(number, _)| *number == migration.number) {
            None => apply(conn, migration, &digest)?,
            Some((_, known)) if *known == digest => {}
            Some(_) => {
                return Err(StoreError::Migration {
                    number: migration.number,
                    message: "the migration was changed after it had run".to_owned(),
                });
            }
        }
    }
    Ok(())
}

fn apply(conn: &Conn, migration: &Migration, digest: &str) -> Result<(), StoreError> {
    let begin = if conn.is_sqlite() { "begin immediate" } else { "begin" };
    conn.batch(begin)?;
    let insert = "insert into schema_migration (number, name, digest, applied_at) \
                  values ($1, $2, $3, $4)";
    let result = conn.batch(&dialect(migration.sql, conn.is_sqlite())).and_then(|()| {
        let now = env::now().0;
        let values = [migration.number.into(), migration.name.into(), digest.into(), now.into()];
        conn.execute(insert, &values)
    });
    conn.batch(if result.is_ok() { "commit" } else { "rollback" })?;
    result.map(|_| ())
}

/// Names the schema that PostgreSQL gets, whatever state a database is in.
pub(crate) fn postgres_schema() -> Digest {
    let texts: Vec<String> = MIGRATIONS.iter().map(|m| dialect(m.sql, false)).collect();
    Digest::of(texts.join("\n").as_bytes())
}

/// Names a table whose rows are only ever added; becomes triggers that refuse everything else.
const APPEND_ONLY: &str = "-- append only: ";

/// Rewrites the shared text for each store; see `migrations/README.md`.
pub(crate) fn dialect(sql: &str, is_sqlite: bool) -> String {
    let rewritten: Vec<String> = sql
        .lines()
        .map(|line| match line.strip_prefix(APPEND_ONLY) {
            Some(table) => append_only(table.trim(), is_sqlite),
            // Only under this word is the id the row's own place, with no second tree beside it.
            None if is_sqlite => line.replace(" bigint primary key", " integer primary key"),
            None => for_postgres(line),
        })
        .collect();
    rewritten.join("\n")
}

fn for_postgres(line: &str) -> String {
    let code = line.split_once("--").map_or(line, |(code, _)| code);
    code.replace(") without rowid", ")")
        .replace(" blob", " bytea")
        .replace(" text", " text collate \"C\"")
}

/// Triggers that refuse to change or delete a row of a table.
fn append_only(table: &str, is_sqlite: bool) -> String {
    let trigger = |word: &str| {
        format!(
            "create trigger {table}_no_{word} before {word} on {table} begin \
             select raise(abort, '{table} is append only'); end;"
        )
    };
    if is_sqlite {
        return format!("{}\n{}", trigger("update"), trigger("delete"));
    }
    format!(
        "create or replace function append_only() returns trigger language plpgsql as \
         $$ begin raise exception '% is append only', tg_table_name; end $$;\n\
         create trigger {table}_append_only before update or delete or truncate on {table} \
         for each statement execute function append_only();"
    )
}

#[cfg(test)]
mod tests {
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
                let tables =
                    ["event_part", "household_life", "event_step", "household_place", "event"];
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
}
