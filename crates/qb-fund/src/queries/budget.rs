//! Budgets, allocations and payments, summed.

use qb_access::Scope;
use qb_base::{AreaCode, Fen};
use qb_store::{Conn, StoreError, Value};
use serde::Serialize;

use super::fen;

const BY_PURPOSE: &str = include_str!("../sql/by_purpose.sql");
const BY_AREA: &str = include_str!("../sql/by_area.sql");

/// Which money is meant; what is blank does not restrict.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// The budget year.
    pub year: Option<i64>,
    /// The level that appropriates, a code.
    pub level: Option<String>,
    /// The kind of source, a code.
    pub source: Option<String>,
}

/// Money of one year, level, source and purpose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BudgetLine {
    /// The budget year.
    pub year: Option<i64>,
    /// The level that appropriates.
    pub level: Option<String>,
    /// The kind of source.
    pub source: Option<String>,
    /// What it is for.
    pub purpose: Option<String>,
    /// What was budgeted within the area.
    pub budget_fen: Fen,
    /// What was allocated to receivers within the area.
    pub allocated_fen: Fen,
    /// What was paid from those allocations.
    pub paid_fen: Fen,
}

/// Money of one area.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AreaLine {
    /// The area itself, nothing below it.
    pub area_code: String,
    /// What was budgeted.
    pub budget_fen: Fen,
    /// What was allocated to it.
    pub allocated_fen: Fen,
    /// What was paid from those allocations.
    pub paid_fen: Fen,
}

/// Budgets, allocations and payments by year, level, source and purpose.
///
/// # Errors
/// [`StoreError::NotFound`] when the area lies outside the scope.
pub fn by_purpose(
    conn: &Conn,
    scope: &Scope,
    area: AreaCode,
    filter: &Filter,
) -> Result<Vec<BudgetLine>, StoreError> {
    select(conn, scope, area, filter, BY_PURPOSE, |row| {
        Ok(BudgetLine {
            year: row.int_opt(0)?,
            level: row.text_opt(1)?,
            source: row.text_opt(2)?,
            purpose: row.text_opt(3)?,
            budget_fen: fen(row, 4)?,
            allocated_fen: fen(row, 5)?,
            paid_fen: fen(row, 6)?,
        })
    })
}

/// Budgets, allocations and payments by area.
///
/// # Errors
/// [`StoreError::NotFound`] when the area lies outside the scope.
pub fn by_area(
    conn: &Conn,
    scope: &Scope,
    area: AreaCode,
    filter: &Filter,
) -> Result<Vec<AreaLine>, StoreError> {
    select(conn, scope, area, filter, BY_AREA, |row| {
        Ok(AreaLine {
            area_code: row.text(0)?,
            budget_fen: fen(row, 1)?,
            allocated_fen: fen(row, 2)?,
            paid_fen: fen(row, 3)?,
        })
    })
}

fn select<T>(
    conn: &Conn,
    scope: &Scope,
    area: AreaCode,
    filter: &Filter,
    sql: &'static str,
    map: impl FnMut(&qb_store::Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let (low, high) = scope.within(area).ok_or(StoreError::NotFound)?.range();
    let values = [
        (&low).into(),
        (&high).into(),
        Value::int_or_any(filter.year),
        Value::text_or_any(filter.level.as_deref()),
        Value::text_or_any(filter.source.as_deref()),
    ];
    conn.query(sql, &values, map)
}
