//! Lists of households as they were known, village by village: a page costs what its villages hold.

use qb_access::Scope;
use qb_base::{AreaCode, Date};
use qb_store::{Conn, Known, Sql, StoreError};

use super::households::{PAGE_MAX, line};
use crate::model::{HouseholdLine, Keyset};

const HOMES: &str = include_str!("../sql/known_home.sql");
const LINES: &str = include_str!("../sql/known_lines.sql");

/// Villages of a range that follow one, itself included; those that ended have lines of earlier
/// days.
const VILLAGES: &str = "\
select distinct code from area \
where level = 'village' and code >= $1 and code < $2 order by code limit $3";
/// Villages that are asked for at once.
const VILLAGES_AT_ONCE: i64 = 64;

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
        let values = [(&from).into(), (&high).into(), VILLAGES_AT_ONCE.into()];
        let villages = conn.query(VILLAGES, &values, |row| row.text(0))?;
        for village in &villages {
            let first = if *village == after.area_code { after.id } else { 0 };
            let (_, end) = AreaCode::parse(village).map_err(|_| NO_CODE)?.range();
            let rest = limit - qb_base::count(found.len());
            let values = [
                until.into(),
                (&day).into(),
                village.into(),
                (&end).into(),
                first.into(),
                rest.into(),
            ];
            found.extend(conn.query(Sql::join(&[HOMES, LINES]), &values, |row| line(&scope, row))?);
            if qb_base::count(found.len()) >= limit {
                return Ok(found);
            }
        }
        match villages.last() {
            Some(last) if qb_base::count(villages.len()) == VILLAGES_AT_ONCE => {
                from = AreaCode::parse(last).map_err(|_| NO_CODE)?.range().1;
            }
            _ => return Ok(found),
        }
    }
}
