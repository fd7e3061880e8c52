//! Lists of households as they were known, village by village: a page costs what its villages hold.

use qb_access::Scope;
use qb_base::{AreaCode, Date};
use qb_store::{Conn, Known, Sql, StoreError};

use super::households::{PAGE_MAX, line};
use crate::model::{HouseholdLine, Keyset};

const HOMES: &str = include_str!("../sql/known_home.sql");
const LINES: &str = include_str!("../sql/known_lines.sql");

/// The first village of a range that has or had households.
const VILLAGE: &str = "\
select min(code) from (\
select min(area_code) as code from household where area_code >= $1 and area_code < $2 \
union all select min(area_code) from household_history where area_code >= $1 and area_code < $2 \
union all select min(area_code) from household_place where area_code >= $1 and area_code < $2\
) of_all";

const NO_CODE: StoreError = StoreError::Broken("the code of a village is a code");

/// One page of the households that were known of an area on a day, after a keyset. Lines have no
/// verdicts: these are kept of the newest run only.
///
/// # Errors
/// [`StoreError::NotFound`] when the area lies outside the scope.
pub fn households_known(
    conn: &Conn,
    scope: &Scope,
    area: AreaCode,
    (day, known): (Date, Known),
    after: &Keyset,
    limit: i64,
) -> Result<Vec<HouseholdLine>, StoreError> {
    let scope = scope.within(area).ok_or(StoreError::NotFound)?;
    let (low, high) = scope.range();
    let limit = limit.clamp(1, PAGE_MAX);
    let (day, until) = (day.to_string(), known.until());
    let mut found: Vec<HouseholdLine> = Vec::new();
    let mut from = low.max(after.area_code.clone());
    loop {
        let values = [(&from).into(), (&high).into()];
        let village = conn.query_one(VILLAGE, &values, |row| row.text_opt(0))?;
        let Some(village) = village else { return Ok(found) };
        let first = if village == after.area_code { after.id } else { 0 };
        let (_, end) = AreaCode::parse(&village).map_err(|_| NO_CODE)?.range();
        let rest = limit - qb_base::count(found.len());
        let values = [
            until.into(),
            (&day).into(),
            (&village).into(),
            (&end).into(),
            first.into(),
            rest.into(),
        ];
        let sql = Sql::join(&[HOMES, LINES]);
        found.extend(conn.query(sql, &values, |row| line(&scope, row))?);
        if qb_base::count(found.len()) >= limit {
            return Ok(found);
        }
        from = end;
    }
}
