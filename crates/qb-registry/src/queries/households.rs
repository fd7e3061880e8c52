//! Lists of households: keyset pages within a scope.

use qb_access::Scope;
use qb_base::{AreaCode, fold};
use qb_store::{Conn, Row, Sql, StoreError, Value};

use super::name_for;
use crate::model::{HouseholdFilter, HouseholdLine, Keyset};

const COLUMNS: &str = "\
select h.id, h.household_no, h.area_code, p.name, h.member_count, h.household_class, h.cause_main, \
  r.exit_status, r.exit_year, coalesce(v.verdicts, '') ";
const TABLES: &str = "\
from household h \
left join registration r on r.household_id = h.id and r.superseded_at is null \
left join membership m on m.household_id = h.id and m.relation = 'HEAD' \
  and m.valid_to is null and m.superseded_at is null \
left join person p on p.id = m.person_id \
left join verdict v on v.run_id = $1 and v.level = 'household' and v.area_code = h.area_code \
  and v.subject_id = h.id \
where h.area_code >= $2 and h.area_code < $3 and (h.area_code, h.id) > ($4, $5) ";
const BY_VERDICT: &str = "and substr(v.verdicts, $6, 1) = $7 ";
const BY_SEARCH: &str = "and (substr(h.household_no, 1, length($6)) = $6 or exists (\
select 1 from membership n join person q on q.id = n.person_id \
where n.household_id = h.id and n.superseded_at is null and q.name_key = $7)) ";
const BY_BOTH: &str = "and substr(v.verdicts, $6, 1) = $7 \
and (substr(h.household_no, 1, length($8)) = $8 or exists (\
select 1 from membership n join person q on q.id = n.person_id \
where n.household_id = h.id and n.superseded_at is null and q.name_key = $9)) ";
const ORDER: &str = "order by h.area_code, h.id ";

/// Lines that one page may hold.
const PAGE_MAX: i64 = 500;

/// One page of households of an area, after a keyset; `run` is the run whose verdicts are shown and
/// filtered by.
///
/// # Errors
/// [`StoreError::NotFound`] when the area lies outside the scope.
pub fn households(
    conn: &Conn,
    scope: &Scope,
    area: AreaCode,
    run: i64,
    filter: &HouseholdFilter,
    after: &Keyset,
    limit: i64,
) -> Result<Vec<HouseholdLine>, StoreError> {
    let scope = scope.within(area).ok_or(StoreError::NotFound)?;
    let (low, high) = scope.range();
    let search_key = filter.search.as_deref().map(fold::key);
    let position = filter.verdict.map(|(position, _)| position as i64 + 1);
    let verdict = filter.verdict.map(|(_, verdict)| verdict.to_string());
    let mut values: Vec<Value<'_>> =
        vec![run.into(), (&low).into(), (&high).into(), (&after.area_code).into(), after.id.into()];
    if let (Some(position), Some(verdict)) = (position, verdict.as_ref()) {
        values.extend([Value::from(position), verdict.into()]);
    }
    if let (Some(search), Some(key)) = (filter.search.as_ref(), search_key.as_ref()) {
        values.extend([Value::from(search), key.into()]);
    }
    values.push(limit.clamp(1, PAGE_MAX).into());
    let sql = Sql::join(&[COLUMNS, TABLES, condition(filter), ORDER, limit_at(values.len())]);
    conn.query(sql, &values, |row| line(&scope, row))
}

/// How many households of an area pass a filter.
///
/// # Errors
/// [`StoreError::NotFound`] when the area lies outside the scope.
pub fn household_count(
    conn: &Conn,
    scope: &Scope,
    area: AreaCode,
    run: i64,
    filter: &HouseholdFilter,
) -> Result<i64, StoreError> {
    let scope = scope.within(area).ok_or(StoreError::NotFound)?;
    let (low, high) = scope.range();
    let search_key = filter.search.as_deref().map(fold::key);
    let position = filter.verdict.map(|(position, _)| position as i64 + 1);
    let verdict = filter.verdict.map(|(_, verdict)| verdict.to_string());
    let mut values: Vec<Value<'_>> =
        vec![run.into(), (&low).into(), (&high).into(), "".into(), 0.into()];
    if let (Some(position), Some(verdict)) = (position, verdict.as_ref()) {
        values.extend([Value::from(position), verdict.into()]);
    }
    if let (Some(search), Some(key)) = (filter.search.as_ref(), search_key.as_ref()) {
        values.extend([Value::from(search), key.into()]);
    }
    let sql = Sql::join(&["select count(*) ", TABLES, condition(filter)]);
    conn.query_one(sql, &values, |row| row.int(0))
}

fn condition(filter: &HouseholdFilter) -> &'static str {
    match (filter.verdict.is_some(), filter.search.is_some()) {
        (false, false) => "",
        (true, false) => BY_VERDICT,
        (false, true) => BY_SEARCH,
        (true, true) => BY_BOTH,
    }
}

fn limit_at(position: usize) -> &'static str {
    match position {
        6 => "limit $6",
        8 => "limit $8",
        _ => "limit $10",
    }
}

fn line(scope: &Scope, row: &Row<'_>) -> Result<HouseholdLine, StoreError> {
    Ok(HouseholdLine {
        id: row.int(0)?,
        household_no: row.text(1)?,
        area_code: row.text(2)?,
        head_name: row.text_opt(3)?.map(|name| name_for(scope, name)),
        member_count: row.int_opt(4)?,
        household_class: row.text_opt(5)?,
        cause_main: row.text_opt(6)?,
        exit_status: row.text_opt(7)?,
        exit_year: row.int_opt(8)?,
        verdicts: row.text(9)?,
    })
}
