//! Migrations: one text for both stores, run in order, each in its own transaction.

use std::borrow::Cow;

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
    if let Some((number, _)) = applied.iter().find(|(n, _)| *n > MIGRATIONS.len() as i64) {
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

/// Rewrites the shared text for each store; see `migrations/README.md`.
pub(crate) fn dialect(sql: &str, is_sqlite: bool) -> Cow<'_, str> {
    if is_sqlite {
        // Only under this word is the id the row's own place, with no second tree beside it.
        return Cow::Owned(sql.replace(" bigint primary key", " integer primary key"));
    }
    let rewritten: Vec<String> = sql
        .lines()
        .map(|line| {
            let code = line.split("--").next().unwrap_or_default();
            code.replace(") without rowid", ")")
                .replace(" blob", " bytea")
                .replace(" text", " text collate \"C\"")
        })
        .collect();
    Cow::Owned(rewritten.join("\n"))
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
    fn migrations_are_numbered_without_gaps() {
        for (i, migration) in MIGRATIONS.iter().enumerate() {
            assert_eq!(migration.number, i as i64 + 1);
            assert!(migration.name.starts_with(&format!("{:04}_", migration.number)));
        }
    }
}
