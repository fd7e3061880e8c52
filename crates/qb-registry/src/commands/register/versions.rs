//! Versions of what is registered: the old one moves to its history, the new one takes its place.

use qb_base::{AreaCode, Timestamp};
use qb_store::{Sql, StoreError, Tx};

use super::rows::{HOUSEHOLD_COLUMNS, HOUSEHOLD_VERSION, ORIGIN, PERSON_COLUMNS, PERSON_VERSION};

/// Copies the version that stands in a table into its history; takes the last day it was valid,
/// the instant, and the id.
pub(super) fn keep_version(
    table: &'static str,
    history: &'static str,
    columns: impl Iterator<Item = &'static str> + Clone,
) -> Sql {
    let columns = columns.chain(ORIGIN);
    let mut pieces = vec!["insert into ", history, " ("];
    pieces.extend(columns.clone().flat_map(|column| [column, ", "]));
    pieces.push("valid_to, superseded_at) select ");
    pieces.extend(columns.flat_map(|column| [column, ", "]));
    pieces.extend(["cast($1 as text), cast($2 as bigint) from ", table, " where id = $3"]);
    Sql::join(&pieces)
}

/// Moves a household to another village: its version moves to the history, unless it was written
/// at this very instant.
pub(crate) fn move_household(
    tx: &Tx<'_>,
    id: i64,
    area: AreaCode,
    (day, now): (&str, Timestamp),
    (file_id, row): (Option<i64>, Option<i64>),
) -> Result<(), StoreError> {
    let version = HOUSEHOLD_COLUMNS.iter().take(HOUSEHOLD_VERSION).copied();
    let is_older = "select count(*) from household where id = $1 and recorded_at < $2";
    if tx.query_one(is_older, &[id.into(), now.0.into()], |row| row.int(0))? > 0 {
        let values = [day.into(), now.0.into(), id.into()];
        tx.execute(keep_version("household", "household_history", version), &values)?;
    }
    tx.execute(
        "update household set area_code = $1, recorded_at = $2, \
         source_file_id = coalesce($3, source_file_id), source_row = coalesce($4, source_row) \
         where id = $5",
        &[area.as_str().into(), now.0.into(), file_id.into(), row.into(), id.into()],
    )?;
    Ok(())
}

/// A table of versions with its history.
pub(crate) struct Versioned {
    table: &'static str,
    history: &'static str,
    columns: &'static [&'static str],
}

/// Persons, without their membership.
pub(crate) const PERSON: Versioned = Versioned {
    table: "person",
    history: "person_history",
    columns: PERSON_COLUMNS.split_at(PERSON_VERSION).0,
};
/// Households, without their registration.
pub(crate) const HOUSEHOLD: Versioned = Versioned {
    table: "household",
    history: "household_history",
    columns: HOUSEHOLD_COLUMNS.split_at(HOUSEHOLD_VERSION).0,
};

impl Versioned {
    fn keep(&self) -> Sql {
        keep_version(self.table, self.history, self.columns.iter().copied())
    }
}

/// The instant since which the version of a row stands.
pub(crate) fn stands_since(tx: &Tx<'_>, of: &Versioned, id: i64) -> Result<i64, StoreError> {
    let sql = Sql::join(&["select recorded_at from ", of.table, " where id = $1"]);
    tx.query_one(sql, &[id.into()], |row| row.int(0))
}

/// Lets the version of a row hold again that was replaced at an instant; without effect where the
/// row was not touched then, or was since.
pub(crate) fn restore(
    tx: &Tx<'_>,
    of: &Versioned,
    (id, replaced): (i64, i64),
    (day, now): (&str, Timestamp),
) -> Result<(), StoreError> {
    let was_replaced =
        Sql::join(&["select count(*) from ", of.history, " where id = $1 and superseded_at = $2"]);
    let kept = tx.query_one(was_replaced, &[id.into(), replaced.into()], |row| row.int(0))?;
    if kept == 0 || stands_since(tx, of, id)? != replaced {
        return Ok(());
    }
    tx.execute(of.keep(), &[day.into(), now.0.into(), id.into()])?;
    let columns = of.columns.iter().copied().chain(["valid_from", "source_file_id"]);
    let columns: Vec<&'static str> = columns.filter(|column| *column != "id").collect();
    let listed = || {
        let each = columns.iter().enumerate();
        each.flat_map(|(at, column)| [if at == 0 { "" } else { ", " }, *column])
    };
    let mut pieces = vec!["update ", of.table, " set ("];
    pieces.extend(listed());
    pieces.push(") = (select ");
    pieces.extend(listed());
    pieces.extend([" from ", of.history, " where id = $1 and superseded_at = $2)"]);
    pieces.push(", recorded_at = $3 where id = $1");
    let sql = Sql::join(&pieces);
    tx.execute(sql, &[id.into(), replaced.into(), now.0.into()]).map(|_| ())
}

/// Moves the version of a household that stands to its history; the caller writes another.
pub(crate) fn keep_household(
    tx: &Tx<'_>,
    id: i64,
    (day, now): (&str, Timestamp),
) -> Result<(), StoreError> {
    tx.execute(HOUSEHOLD.keep(), &[day.into(), now.0.into(), id.into()]).map(|_| ())
}

/// Changes the number of members that a household says it has; one that never said stays so.
pub(crate) fn recount(
    tx: &Tx<'_>,
    id: i64,
    more: i64,
    (day, now): (&str, Timestamp),
) -> Result<(), StoreError> {
    keep_household(tx, id, (day, now))?;
    let sql = "update household set member_count = member_count + $1, recorded_at = $2 \
               where id = $3";
    tx.execute(sql, &[more.into(), now.0.into(), id.into()]).map(|_| ())
}
