//! Money that lies still.

use qb_access::Scope;
use qb_base::{AreaCode, Date, Fen};
use qb_store::{Conn, StoreError};
use serde::Serialize;

use super::fen;
use crate::rules::LedgerRules;

const IDLE: &str = include_str!("../sql/idle.sql");

/// Money in an account that has lain still longer than a clock of the pack allows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IdleMoney {
    /// The account.
    pub account: String,
    /// Its kind.
    pub kind: String,
    /// Where it is.
    pub area_code: String,
    /// The level that appropriated it.
    pub level: Option<String>,
    /// The budget year.
    pub year: Option<i64>,
    /// The kind of source.
    pub source: Option<String>,
    /// What it is for.
    pub purpose: Option<String>,
    /// The day it came.
    pub since_on: String,
    /// Days since then.
    pub days: i64,
    /// What of it still lies there.
    pub left_fen: Fen,
    /// The longest clock of the pack that has run out.
    pub clock: String,
}

/// Money that lies still on a day, the oldest first.
///
/// # Errors
/// [`StoreError::NotFound`] when the area lies outside the scope.
pub fn idle(
    conn: &Conn,
    scope: &Scope,
    rules: &LedgerRules,
    area: AreaCode,
    as_of: Date,
) -> Result<Vec<IdleMoney>, StoreError> {
    let (low, high) = scope.within(area).ok_or(StoreError::NotFound)?.range();
    let day = as_of.to_string();
    let rows = conn.query(IDLE, &[(&day).into(), (&low).into(), (&high).into()], |row| {
        let (kind, since_on) = (row.text(1)?, row.text(7)?);
        let since: Date =
            since_on.parse().map_err(|_| StoreError::Type { column: 7, expected: "a day" })?;
        let days = i64::from((as_of - since).get_days());
        let ran_out = |c: &&crate::rules::IdleClock| *c.account.as_ref() == kind && c.days <= days;
        let Some(clock) = rules.idle.iter().filter(ran_out).max_by_key(|clock| clock.days) else {
            return Ok(None);
        };
        Ok(Some(IdleMoney {
            account: row.text(0)?,
            area_code: row.text(2)?,
            level: row.text_opt(3)?,
            year: row.int_opt(4)?,
            source: row.text_opt(5)?,
            purpose: row.text_opt(6)?,
            days,
            left_fen: fen(row, 8)?,
            clock: clock.id.clone(),
            kind,
            since_on,
        }))
    })?;
    Ok(rows.into_iter().flatten().collect())
}
