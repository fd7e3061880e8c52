//! Readings and refusals on their way into the store, and the hour that is read from there.

use std::collections::HashMap;

use qb_base::Digester;
use qb_store::{AuditEntry, Store, StoreError, Tx, Value};

use super::hour::{HOUR_MS, Hour, Key};
use super::{Read, Refusal};

/// How the audit chain names who writes batches of readings.
const WRITER: &str = "server";
/// What the chain calls a batch of readings.
const READS: &str = "person.read";
const INSERT: &str = "insert into person_read (id, at_at, user_id, action, object, area_code, \
     household_id, person_id, persons, row_id) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
const HOUR: &str = "select id, at_at, household_id, person_id, persons, row_id from person_read \
     where user_id = $1 and at_at > $2 and id > $3";
/// As [`HOUR`] for a reader whose hour is known up to a reading: found by its number, not by going
/// through the hour. The sign keeps a planner from the index of times.
const SINCE: &str = "select id, at_at, household_id, person_id, persons, row_id from person_read \
     where user_id = $1 and +at_at > $2 and id > $3";
const REASONS: &str = "select at_at from reading_reason where user_id = $1 and at_at > $2";

/// Writes a batch in one transaction: each reading as a row, all of them sealed by one row of the
/// audit chain, each kind of refusal as a row of it.
pub(super) fn write(store: &Store, reads: &[Read], refusals: &[Refusal]) -> Result<(), StoreError> {
    store.write(|tx| {
        if !reads.is_empty() {
            self::reads(tx, reads)?;
        }
        let mut counts: HashMap<&Refusal, usize> = HashMap::new();
        for refusal in refusals {
            *counts.entry(refusal).or_default() += 1;
        }
        // In the order in which they came.
        for refusal in refusals {
            let Some(count) = counts.remove(refusal) else { continue };
            let Refusal { actor, action, object, reason } = refusal;
            let reason =
                if count > 1 { format!("{reason} ({count} times)") } else { reason.clone() };
            let (before, after) = (None, None);
            tx.audit(&AuditEntry { actor, action, object, before, after, reason: &reason })?;
        }
        Ok(())
    })
}

/// Writes readings and seals them with one row of the audit chain.
pub(super) fn reads(tx: &Tx<'_>, reads: &[Read]) -> Result<(), StoreError> {
    let first = tx.next_id("person_read")?;
    let mut digest = Digester::new();
    for (id, read) in (first..).zip(reads) {
        let values: [Value<'_>; 10] = [
            id.into(),
            read.at.into(),
            read.user.into(),
            read.action.into(),
            (&read.object).into(),
            (&read.area).into(),
            read.household.into(),
            read.person.into(),
            read.persons.into(),
            read.row.into(),
        ];
        tx.execute(INSERT, &values)?;
        digest.field(content(id, read).as_bytes());
    }
    let last = first + qb_base::count(reads.len()) - 1;
    tx.audit(&AuditEntry {
        actor: WRITER,
        action: READS,
        object: &format!("person_read {first}-{last}"),
        before: None,
        after: Some(digest.finish()),
        reason: "pages, lists and numbers that were read",
    })
}

/// What the chain seals of a reading.
fn content(id: i64, read: &Read) -> String {
    format!(
        "{id}|{}|{}|{}|{}|{}|{:?}|{:?}|{:?}|{}",
        read.at,
        read.user,
        read.action,
        read.object,
        read.area,
        read.household,
        read.person,
        read.row,
        read.persons
    )
}

/// What an account has read within the hour before an instant, from a reading of the store on.
pub(super) fn hour(store: &Store, (user, after): (i64, i64), now: i64) -> Result<Hour, StoreError> {
    let since = [Value::Int(user), Value::Int(now - HOUR_MS)];
    let values = [since[0], since[1], Value::Int(after)];
    store.read(|conn| {
        let mut last = 0;
        let mut read: HashMap<Key, (i64, i64)> = HashMap::new();
        let sql = if after > 0 { SINCE } else { HOUR };
        conn.each::<StoreError>(sql, &values, |row| {
            let id = row.int(0)?;
            last = last.max(id);
            let key = match (row.int_opt(3)?, row.int_opt(2)?, row.int_opt(5)?) {
                (Some(person), ..) => Key::Number(person),
                (None, Some(household), _) => Key::Household(household),
                (None, None, Some(row)) => Key::Row(row),
                (None, None, None) => Key::Left(id),
            };
            let (at, persons) = (row.int(1)?, row.int(4)?);
            let known = read.entry(key).or_default();
            *known = (known.0.max(at), known.1.max(persons));
            Ok(())
        })?;
        let reasons = conn.query(REASONS, &since, |row| row.int(0))?;
        let read = read.into_iter().map(|(key, (at, n))| (key, at, n));
        Ok(Hour::new(read, (reasons, last)))
    })
}
