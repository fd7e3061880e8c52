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
    65 "0065_area_life",
    66 "0066_place_by_area",
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
mod tests;
