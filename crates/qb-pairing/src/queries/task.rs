//! Promises as tasks, and what became of needs.

use qb_access::Scope;
use qb_base::{AreaCode, Date};
use qb_store::{Conn, StoreError, Value};
use serde::Serialize;

const TASKS: &str = include_str!("../sql/tasks.sql");
const NEEDS: &str = include_str!("../sql/needs.sql");
const BY_HELPER: &str = "select helper_no, count(*), \
     cast(sum(case when promised_until < $1 then 1 else 0 end) as bigint), min(promised_until) \
     from visit_need where promised_until is not null and done_on is null \
     and area_code >= $2 and area_code < $3 group by helper_no \
     order by 3 desc, helper_no limit $4";
const BY_VILLAGE: &str = "select area_code, count(*), \
     cast(sum(case when promised_until < $1 then 1 else 0 end) as bigint), min(promised_until) \
     from visit_need where promised_until is not null and done_on is null \
     and area_code >= $2 and area_code < $3 group by area_code \
     order by 3 desc, area_code limit $4";

/// Tasks that one page may hold.
const PAGE_MAX: i64 = 500;

/// A promise that is not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Task {
    /// The record of the visit.
    pub record: i64,
    /// The visit.
    pub visit_no: String,
    /// The household as the visit names it.
    pub household_no: String,
    /// The household in the register, if it is known.
    pub household: Option<i64>,
    /// Where it is.
    pub area_code: String,
    /// Who promised.
    pub helper_no: String,
    /// The day of the visit.
    pub visited_on: String,
    /// The kind of need, a code.
    pub need: Option<String>,
    /// The day by which it was promised.
    pub promised_until: String,
    /// Days since then; below zero while there is time.
    pub days_overdue: i64,
}

/// Which tasks are meant.
#[derive(Clone, Debug, Default)]
pub struct TaskFilter {
    /// Those of one helper.
    pub helper_no: Option<String>,
    /// Those whose day has passed.
    pub is_overdue: bool,
}

/// Where a page of tasks begins: after this day and record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskKeyset {
    /// The day promised.
    pub promised_until: String,
    /// The record.
    pub record: i64,
}

/// Open tasks of a helper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HelperTasks {
    /// The helper.
    pub helper_no: String,
    /// Promises that are not done.
    pub open: i64,
    /// Those among them whose day has passed.
    pub overdue: i64,
    /// The earliest day promised.
    pub earliest_on: String,
}

/// Open tasks of a village.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VillageTasks {
    /// The village.
    pub area_code: String,
    /// Promises that are not done.
    pub open: i64,
    /// Those among them whose day has passed.
    pub overdue: i64,
    /// The earliest day promised.
    pub earliest_on: String,
}

/// What became of one kind of need.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NeedOutcome {
    /// The kind, a code; blank for promises without a kind.
    pub need: String,
    /// Visits that found it.
    pub found: i64,
    /// Those with a promise.
    pub promised: i64,
    /// Done by the day promised.
    pub done_in_time: i64,
    /// Done later.
    pub done_late: i64,
    /// Not done, and there is time.
    pub open: i64,
    /// Not done, and the day has passed.
    pub overdue: i64,
}

/// Promises within an area that are not done, the longest overdue first, by keyset.
///
/// A promise is overdue on the day after the one promised.
///
/// # Errors
/// [`StoreError::NotFound`] when the area lies outside the scope.
pub fn tasks(
    conn: &Conn,
    scope: &Scope,
    (area, on): (AreaCode, Date),
    filter: &TaskFilter,
    after: &TaskKeyset,
    limit: i64,
) -> Result<Vec<Task>, StoreError> {
    let (low, high) = scope.within(area).ok_or(StoreError::NotFound)?.range();
    // `:` lies after every digit, so no day is left out.
    let before = if filter.is_overdue { on.to_string() } else { ":".to_owned() };
    let values = [
        (&low).into(),
        (&high).into(),
        (&before).into(),
        Value::text_or_any(filter.helper_no.as_deref()),
        (&after.promised_until).into(),
        after.record.into(),
        limit.clamp(1, PAGE_MAX).into(),
    ];
    conn.query(TASKS, &values, |row| {
        let promised_until = row.text(8)?;
        let wrong = StoreError::Type { column: 8, expected: "a day" };
        let until: Date = promised_until.parse().map_err(|_| wrong)?;
        Ok(Task {
            record: row.int(0)?,
            visit_no: row.text(1)?,
            household_no: row.text(2)?,
            household: row.int_opt(3)?,
            area_code: row.text(4)?,
            helper_no: row.text(5)?,
            visited_on: row.text(6)?,
            need: row.text_opt(7)?,
            promised_until,
            days_overdue: i64::from((on - until).get_days()),
        })
    })
}

/// Open tasks by helper, those with most overdue first.
///
/// # Errors
/// [`StoreError::NotFound`] when the area lies outside the scope.
pub fn tasks_by_helper(
    conn: &Conn,
    scope: &Scope,
    area: AreaCode,
    on: Date,
    limit: i64,
) -> Result<Vec<HelperTasks>, StoreError> {
    grouped(conn, scope, (area, on), BY_HELPER, limit, |helper_no, open, overdue, earliest_on| {
        HelperTasks { helper_no, open, overdue, earliest_on }
    })
}

/// Open tasks by village, those with most overdue first.
///
/// # Errors
/// [`StoreError::NotFound`] when the area lies outside the scope.
pub fn tasks_by_village(
    conn: &Conn,
    scope: &Scope,
    area: AreaCode,
    on: Date,
    limit: i64,
) -> Result<Vec<VillageTasks>, StoreError> {
    grouped(conn, scope, (area, on), BY_VILLAGE, limit, |area_code, open, overdue, earliest_on| {
        VillageTasks { area_code, open, overdue, earliest_on }
    })
}

fn grouped<T>(
    conn: &Conn,
    scope: &Scope,
    (area, on): (AreaCode, Date),
    sql: &'static str,
    limit: i64,
    make: impl Fn(String, i64, i64, String) -> T,
) -> Result<Vec<T>, StoreError> {
    let (low, high) = scope.within(area).ok_or(StoreError::NotFound)?.range();
    let day = on.to_string();
    let limit = limit.clamp(1, PAGE_MAX);
    let values = [(&day).into(), (&low).into(), (&high).into(), limit.into()];
    conn.query(sql, &values, |row| Ok(make(row.text(0)?, row.int(1)?, row.int(2)?, row.text(3)?)))
}

/// What became of the needs found on visits within an area, as known on a day.
///
/// # Errors
/// [`StoreError::NotFound`] when the area lies outside the scope.
pub fn needs(
    conn: &Conn,
    scope: &Scope,
    area: AreaCode,
    on: Date,
) -> Result<Vec<NeedOutcome>, StoreError> {
    let (low, high) = scope.within(area).ok_or(StoreError::NotFound)?.range();
    let day = on.to_string();
    conn.query(NEEDS, &[(&day).into(), (&low).into(), (&high).into()], |row| {
        Ok(NeedOutcome {
            need: row.text(0)?,
            found: row.int(1)?,
            promised: row.int(2)?,
            done_in_time: row.int(3)?,
            done_late: row.int(4)?,
            open: row.int(5)?,
            overdue: row.int(6)?,
        })
    })
}
