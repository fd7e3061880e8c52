//! What a store that was made before sealed values were bound to their rows, and before anchors
//! were signed, needs once, when this version opens it first.
//!
//! The migrations alone cannot do it: it takes the key. Before they run, a note signed with the key
//! says that it is still to be done, so a start that is broken off is made good by the next, and
//! nobody who can only write rows or files gets it done again.

use qb_base::keyring::{Purpose, SealBroken};
use qb_base::{Digest, Keyring};

use crate::anchor::Anchors;
use crate::audit::{self, AuditEntry};
use crate::conn::Conn;
use crate::error::StoreError;
use crate::value::Value;

/// The first migration of stores that bind and sign.
const INSTALLATION: i64 = 31;
/// The setting that says that it is still to be done.
const NOTE: &str = "upgrade.bind";
/// Rows that are read and written at a time.
const ROWS: i64 = 5_000;

/// A column of sealed values. What is read: the place of a row, as one or two numbers, then the
/// sealed value, then the texts that name the row to which it is bound.
struct Column {
    purpose: Purpose,
    select: &'static str,
    /// The new value, then the place; the first text where the place alone is no key.
    update: &'static str,
    /// Numbers that are its place: one, in whose order batches are read, or two.
    numbers: usize,
    /// Texts that name the row.
    texts: usize,
}

const COLUMNS: &[Column] = &[
    Column {
        purpose: Purpose::ResidentNumber,
        select: "select id, id_sealed, person_no from person \
                 where id > $1 and id_sealed is not null order by id limit $2",
        update: "update person set id_sealed = $1 where id = $2",
        numbers: 1,
        texts: 1,
    },
    Column {
        purpose: Purpose::Phone,
        select: "select id, phone_sealed, household_no from household \
                 where id > $1 and phone_sealed is not null order by id limit $2",
        update: "update household set phone_sealed = $1 where id = $2",
        numbers: 1,
        texts: 1,
    },
    Column {
        purpose: Purpose::Record,
        select: "select id, sealed, dataset, record_key from record \
                 where id > $1 and sealed is not null order by id limit $2",
        update: "update record set sealed = $1 where id = $2",
        numbers: 1,
        texts: 2,
    },
    Column {
        purpose: Purpose::ResidentNumber,
        select: "select id, superseded_at, id_sealed, person_no from person_history \
                 where id_sealed is not null order by id, superseded_at",
        update: "update person_history set id_sealed = $1 where id = $2 and superseded_at = $3 \
                 and person_no = $4",
        numbers: 2,
        texts: 1,
    },
    Column {
        purpose: Purpose::Phone,
        select: "select id, superseded_at, phone_sealed, household_no from household_history \
                 where phone_sealed is not null order by id, superseded_at",
        update: "update household_history set phone_sealed = $1 where id = $2 \
                 and superseded_at = $3 and household_no = $4",
        numbers: 2,
        texts: 1,
    },
    Column {
        purpose: Purpose::RefusedRow,
        select: "select source_file_id, row_no, cells_sealed, sheet from refused_row \
                 order by source_file_id, sheet, row_no",
        update: "update refused_row set cells_sealed = $1 where source_file_id = $2 \
                 and row_no = $3 and sheet = $4",
        numbers: 2,
        texts: 1,
    },
];

/// Whether the schema is one of those before, in which something is sealed without its row. A
/// first start that was broken off may have left such a schema too, but nothing in it.
pub(crate) fn is_former(conn: &Conn) -> Result<bool, StoreError> {
    if !has_table(conn, "schema_migration")? || !has_table(conn, "audit")? {
        return Ok(false);
    }
    let sql = "select coalesce(max(number), 0) from schema_migration";
    let newest = conn.query_one(sql, &[], |row| row.int(0))?;
    Ok(newest < INSTALLATION && audit::head(conn)?.is_some())
}

fn has_table(conn: &Conn, table: &str) -> Result<bool, StoreError> {
    let sql = match conn.is_sqlite() {
        true => "select count(*) from sqlite_master where type = 'table' and name = $1",
        false => {
            "select count(*) from information_schema.tables \
             where table_schema = current_schema() and table_name = $1"
        }
    };
    conn.query_one(sql, &[table.into()], |row| Ok(row.int(0)? > 0))
}

/// Notes, before the migrations run, what is to be done after them.
pub(crate) fn note(conn: &Conn, keyring: &Keyring) -> Result<(), StoreError> {
    let sql = "insert into setting (name, value) values ($1, $2) \
               on conflict (name) do update set value = excluded.value";
    let value = signature(keyring).to_string();
    conn.execute(sql, &[NOTE.into(), value.as_str().into()]).map(drop)
}

/// Does what was noted: takes over the anchors, then binds every sealed value to its row, in one
/// transaction with its audit row.
pub(crate) fn run(conn: &Conn, keyring: &Keyring, anchors: &Anchors) -> Result<(), StoreError> {
    let sql = "select value from setting where name = $1";
    let noted = conn.query_opt(sql, &[NOTE.into()], |row| row.text(0))?;
    let Some(noted) = noted else { return Ok(()) };
    if Digest::parse(&noted) != Some(signature(keyring)) {
        return Err(StoreError::Broken("the note of an upgrade was not written with this key"));
    }
    anchors.take_over(conn, keyring)?;
    conn.batch(if conn.is_sqlite() { "begin immediate" } else { "begin" })?;
    let done = bind_all(conn, keyring);
    conn.batch(if done.is_ok() { "commit" } else { "rollback" })?;
    anchors.follow(keyring, done?);
    Ok(())
}

fn signature(keyring: &Keyring) -> Digest {
    keyring.audit_seal(&[b"upgrade", NOTE.as_bytes()])
}

fn bind_all(conn: &Conn, keyring: &Keyring) -> Result<audit::Head, StoreError> {
    let mut bound = 0;
    for column in COLUMNS {
        bound += match column.numbers {
            1 => bind_in_batches(conn, keyring, column)?,
            _ => bind(conn, keyring, column, &[])?.1,
        };
    }
    conn.execute("delete from setting where name = $1", &[NOTE.into()])?;
    let entry = AuditEntry {
        actor: "system",
        action: "installation.upgrade",
        object: "sealed values",
        before: None,
        after: None,
        reason: &format!("{bound} sealed values bound to their rows"),
    };
    audit::append(conn, keyring, &entry)
}

fn bind_in_batches(conn: &Conn, keyring: &Keyring, column: &Column) -> Result<u64, StoreError> {
    let (mut after, mut bound) = (0, 0);
    loop {
        let (last, rows) = bind(conn, keyring, column, &[after.into(), ROWS.into()])?;
        bound += rows;
        match last {
            Some(last) => after = last,
            None => return Ok(bound),
        }
    }
}

/// A value as it was found.
struct Found {
    place: Vec<i64>,
    sealed: Vec<u8>,
    texts: Vec<String>,
}

/// Binds the values that a statement finds; answers the first number of the last, and how many.
fn bind(
    conn: &Conn,
    keyring: &Keyring,
    column: &Column,
    values: &[Value<'_>],
) -> Result<(Option<i64>, u64), StoreError> {
    let found = conn.query(column.select, values, |row| {
        let texts = column.numbers + 1..column.numbers + 1 + column.texts;
        Ok(Found {
            place: (0..column.numbers).map(|at| row.int(at)).collect::<Result<_, _>>()?,
            sealed: row.blob_opt(column.numbers)?.ok_or(StoreError::NotFound)?,
            texts: texts.map(|at| row.text(at)).collect::<Result<_, _>>()?,
        })
    })?;
    for one in &found {
        let sealed = rebound(keyring, column.purpose, one)?;
        let place = one.place.iter().map(|number| Value::Int(*number));
        let key = one.texts.iter().take(column.numbers - 1).map(|text| text.as_str().into());
        let all: Vec<Value<'_>> =
            std::iter::once(Value::Blob(&sealed)).chain(place).chain(key).collect();
        conn.execute(column.update, &all)?;
    }
    let last = found.last().and_then(|one| one.place.first().copied());
    Ok((last, qb_base::count(found.len()).unsigned_abs()))
}

fn rebound(keyring: &Keyring, purpose: Purpose, one: &Found) -> Result<Vec<u8>, StoreError> {
    let broken = |SealBroken| StoreError::Broken("a sealed value of an older version opens");
    let mut whose: Vec<String> = Vec::new();
    if purpose == Purpose::RefusedRow {
        // A row that was refused is named by its file, sheet and number.
        let [file, row] = one.place.as_slice() else { return Err(StoreError::NotFound) };
        whose.extend([file.to_string()]);
        whose.extend(one.texts.iter().cloned());
        whose.extend([row.to_string()]);
    } else {
        whose.extend(one.texts.iter().cloned());
    }
    let whose: Vec<&str> = whose.iter().map(String::as_str).collect();
    keyring.bind(purpose, &whose, &one.sealed).map_err(broken)
}
