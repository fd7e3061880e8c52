//! Readings as pages list them.

use qb_access::Scope;
use qb_store::{Conn, Row, StoreError};

const OF_HOUSEHOLD: &str = include_str!("../sql/readers_of_household.sql");
const OF_AREA: &str = include_str!("../sql/reads_of_area.sql");

/// A reading with who read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReadLine {
    pub(crate) id: i64,
    pub(crate) at: i64,
    pub(crate) user: i64,
    pub(crate) login: String,
    pub(crate) role: String,
    pub(crate) action: String,
    pub(crate) object: String,
    pub(crate) area: String,
    pub(crate) persons: i64,
}

/// Who looked at a household, newest first: on pages, by a number shown in full, in a list that
/// left with its village in it. `before` is the reading after which the page begins.
pub(crate) fn of_household(
    conn: &Conn,
    (household, village): (i64, &str),
    before: i64,
    limit: i64,
) -> Result<Vec<ReadLine>, StoreError> {
    let values = [household.into(), before.into(), village.into(), limit.into()];
    conn.query(OF_HOUSEHOLD, &values, read)
}

/// What accounts of a scope read, newest first.
pub(crate) fn of_area(
    conn: &Conn,
    scope: &Scope,
    (user, before): (i64, i64),
    limit: i64,
) -> Result<Vec<ReadLine>, StoreError> {
    let (low, high) = scope.range();
    let values = [(&low).into(), (&high).into(), user.into(), before.into(), limit.into()];
    conn.query(OF_AREA, &values, read)
}

fn read(row: &Row<'_>) -> Result<ReadLine, StoreError> {
    Ok(ReadLine {
        id: row.int(0)?,
        at: row.int(1)?,
        user: row.int(2)?,
        login: row.text(3)?,
        role: row.text(4)?,
        action: row.text(5)?,
        object: row.text(6)?,
        area: row.text(7)?,
        persons: row.int(8)?,
    })
}
