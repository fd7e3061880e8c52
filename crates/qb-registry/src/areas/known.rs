//! What is known of areas: which there are, which ended and into which, on which day and since when
//! we know it.

use std::collections::BTreeMap;

use qb_base::{AreaCode, Date};
use qb_store::{Conn, Known, Row, StoreError};

/// Steps from an area to the one that goes on today: mergers one after another. No real area has
/// nearly as many, and a circle is never followed for ever.
const STEPS_MAX: usize = 32;

/// The end of an area.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct End {
    /// The first day on which it is no more.
    pub on: String,
    /// The area that took over.
    pub successor: String,
    /// The merger by which; none of one that was there before mergers were kept.
    pub merger: Option<i64>,
}

/// An area that the store holds.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct AreaRow {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The area above.
    pub parent: Option<String>,
    /// How it ended; none of one that goes on.
    pub end: Option<End>,
}

/// Every area, also those that ended, by code. Areas are no personal data and the same for all who
/// may see any: callers keep what lies within a scope.
///
/// # Errors
/// Whatever the store says.
pub fn all(conn: &Conn) -> Result<Vec<AreaRow>, StoreError> {
    let sql = "select a.code, a.name, a.parent_code, s.changed_on, s.successor_code, s.merger_id \
               from area a left join area_successor s on s.code = a.code \
               and s.superseded_at is null order by a.code, a.valid_from";
    let mut rows: Vec<AreaRow> = Vec::new();
    for row in conn.query(sql, &[], read)? {
        // The newest of its rows says what it is called.
        match rows.last_mut().filter(|last| last.code == row.code) {
            Some(last) => *last = row,
            None => rows.push(row),
        }
    }
    Ok(rows)
}

fn read(row: &Row<'_>) -> Result<AreaRow, StoreError> {
    let end = match (row.text_opt(3)?, row.text_opt(4)?) {
        (Some(on), Some(successor)) => Some(End { on, successor, merger: row.int_opt(5)? }),
        _ => None,
    };
    Ok(AreaRow { code: row.text(0)?, name: row.text(1)?, parent: row.text_opt(2)?, end })
}

/// How an area ended, as is known now; none of one that goes on or that is unknown.
///
/// # Errors
/// Whatever the store says.
pub fn end_of(conn: &Conn, code: &AreaCode) -> Result<Option<End>, StoreError> {
    let sql = "select changed_on, successor_code, merger_id from area_successor where code = $1 \
               and superseded_at is null";
    conn.query_opt(sql, &[code.as_str().into()], |row| {
        Ok(End { on: row.text(0)?, successor: row.text(1)?, merger: row.int_opt(2)? })
    })
}

/// The areas that are no more on a day, as far as is known, each with the one that took over.
///
/// # Errors
/// Whatever the store says.
pub fn ended(
    conn: &Conn,
    on: Date,
    known: Known,
) -> Result<BTreeMap<AreaCode, AreaCode>, StoreError> {
    let sql = "select code, successor_code from area_successor where changed_on <= $1 \
               and recorded_at <= $2 and (superseded_at is null or superseded_at > $2)";
    let day = on.to_string();
    let expected = StoreError::Type { column: 0, expected: "an area code" };
    let rows = conn.query(sql, &[(&day).into(), known.until().into()], |row| {
        Ok((AreaCode::parse(&row.text(0)?), AreaCode::parse(&row.text(1)?)))
    })?;
    let pairs = rows.into_iter().map(|(code, successor)| code.ok().zip(successor.ok()));
    pairs.collect::<Option<_>>().ok_or(expected)
}

/// The area that goes on from one, over as many mergers as there were; itself where it goes on.
pub fn follow(successors: &BTreeMap<AreaCode, AreaCode>, code: AreaCode) -> AreaCode {
    let next = |code: &AreaCode| successors.get(code).copied();
    std::iter::successors(Some(code), next).take(STEPS_MAX).last().unwrap_or(code)
}

/// When areas last became one or were taken apart again, in ms UTC; 0 before the first.
///
/// # Errors
/// Whatever the store says.
pub fn merged_at(conn: &Conn) -> Result<i64, StoreError> {
    let sql = "select coalesce(max(decided_at), 0) from area_merger \
               where state in ('DECIDED', 'UNDONE')";
    conn.query_one(sql, &[], |row| row.int(0))
}

/// How many acts about areas there were: whoever keeps areas in memory reads them again when it
/// grows.
///
/// # Errors
/// Whatever the store says.
pub fn acts(conn: &Conn) -> Result<i64, StoreError> {
    let sql = "select (select count(*) from area_merger_step) + \
               (select count(*) + count(superseded_at) from area_alias)";
    conn.query_one(sql, &[], |row| row.int(0))
}
