//! When households begin and end by events: a spell of its own, closed and opened, never
//! overwritten. A household without one began before there were events and has not ended.

use qb_store::{Conn, StoreError, Tx, Value};

use super::spell::Because;

const CURRENT: &str = "select began_on, from_id, ended_on, into_id, event_id \
    from household_life where household_id = $1 and superseded_at is null";
const SUPERSEDE: &str = "update household_life set superseded_at = $1 \
    where household_id = $2 and superseded_at is null";
const ADD: &str = "insert into household_life (household_id, began_on, from_id, ended_on, into_id, \
    recorded_at, event_id) values ($1, $2, $3, $4, $5, $6, $7)";
/// What held of a household until an event superseded it at an instant.
const FORMER: &str = "select began_on, from_id, ended_on, into_id, event_id from household_life \
    where household_id = $1 and superseded_at = $2 and event_id <> $3";

/// How a household began and ended.
#[derive(Clone, Debug)]
pub(super) struct Life {
    pub(super) began_on: Option<String>,
    from: Option<i64>,
    ended_on: Option<String>,
    into: Option<i64>,
    /// The event that says so; none of a household that no event speaks of.
    pub(super) event: Option<i64>,
}

impl Life {
    /// Of a household that no event speaks of.
    const UNTOLD: Self =
        Self { began_on: None, from: None, ended_on: None, into: None, event: None };

    /// What is known of a household now.
    pub(super) fn of(conn: &Conn, household: i64) -> Result<Self, StoreError> {
        let known = conn.query_opt(CURRENT, &[household.into()], Self::read)?;
        // One that no event speaks of goes on as it always did.
        Ok(known.unwrap_or(Self::UNTOLD))
    }

    fn read(row: &qb_store::Row<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            began_on: row.text_opt(0)?,
            from: row.int_opt(1)?,
            ended_on: row.text_opt(2)?,
            into: row.int_opt(3)?,
            event: row.int_opt(4)?,
        })
    }

    /// Whether the household went into another, or never was.
    pub(super) fn is_over(&self) -> bool {
        self.ended_on.is_some()
    }

    /// Whether the split it came of was undone.
    fn never_was(&self) -> bool {
        self.is_over() && self.began_on == self.ended_on && self.into.is_none()
    }

    fn add(&self, tx: &Tx<'_>, household: i64, (event, now): (i64, i64)) -> Result<(), StoreError> {
        tx.execute(SUPERSEDE, &[now.into(), household.into()])?;
        let values: [Value<'_>; 7] = [
            household.into(),
            self.began_on.as_deref().into(),
            self.from.into(),
            self.ended_on.as_deref().into(),
            self.into.into(),
            now.into(),
            event.into(),
        ];
        tx.execute(ADD, &values).map(|_| ())
    }
}

/// Whether a household went into another, or never was.
pub(super) fn is_over(conn: &Conn, household: i64) -> Result<bool, StoreError> {
    Ok(Life::of(conn, household)?.is_over())
}

/// The household that has a number, and whether it never was.
pub(super) fn numbered(conn: &Conn, number: &str) -> Result<Option<(i64, bool)>, StoreError> {
    let sql = "select id from household where household_no = $1";
    let Some(id) = conn.query_opt(sql, &[number.into()], |row| row.int(0))? else {
        return Ok(None);
    };
    Ok(Some((id, Life::of(conn, id)?.never_was())))
}

/// A household begins out of another.
pub(super) fn begin(
    tx: &Tx<'_>,
    (household, from): (i64, i64),
    because: Because<'_>,
) -> Result<(), StoreError> {
    let (began_on, from) = (Some(because.day.to_owned()), Some(from));
    let life = Life { began_on, from, ..Life::UNTOLD };
    life.add(tx, household, (because.event, because.now.0))
}

/// A household goes into another.
pub(super) fn end(
    tx: &Tx<'_>,
    (household, into): (i64, i64),
    because: Because<'_>,
) -> Result<(), StoreError> {
    let (ended_on, into) = (Some(because.day.to_owned()), Some(into));
    let life = Life { ended_on, into, ..Life::of(tx, household)? };
    life.add(tx, household, (because.event, because.now.0))
}

/// A household that an event let begin never was.
pub(super) fn unbegin(
    tx: &Tx<'_>,
    household: i64,
    (event, now): (i64, i64),
) -> Result<(), StoreError> {
    let life = Life::of(tx, household)?;
    let ended_on = life.began_on.clone();
    Life { ended_on, ..life }.add(tx, household, (event, now))
}

/// A household that an event ended at an instant goes on: what was known before holds again.
pub(super) fn resume(
    tx: &Tx<'_>,
    household: i64,
    (event, applied, now): (i64, i64, i64),
) -> Result<(), StoreError> {
    let values = [household.into(), applied.into(), event.into()];
    match tx.query_opt(FORMER, &values, Life::read)? {
        Some(former) => {
            let of = former.event.ok_or(StoreError::Broken("a life without its event"))?;
            former.add(tx, household, (of, now))
        }
        None => tx.execute(SUPERSEDE, &[now.into(), household.into()]).map(|_| ()),
    }
}
