//! Rows that could not be posted.

use qb_access::Scope;
use qb_base::{AreaCode, Text};
use qb_store::{Conn, StoreError};

use crate::model::RefusedRow;

const REFUSALS: &str = "select record_id, dataset, record_key, area_code, code, message_zh, \
     message_en from ledger_refusal where area_code >= $1 and area_code < $2 and record_id > $3 \
     order by record_id limit $4";

/// Rows of the lists that could not be posted, by keyset of the record.
///
/// # Errors
/// [`StoreError::NotFound`] when the area lies outside the scope.
pub fn refusals(
    conn: &Conn,
    scope: &Scope,
    area: AreaCode,
    after: i64,
    limit: i64,
) -> Result<Vec<RefusedRow>, StoreError> {
    let (low, high) = scope.within(area).ok_or(StoreError::NotFound)?.range();
    let values = [(&low).into(), (&high).into(), after.into(), limit.into()];
    conn.query(REFUSALS, &values, |row| {
        Ok(RefusedRow {
            record: row.int(0)?,
            dataset: row.text(1)?,
            key: row.text(2)?,
            area_code: row.text(3)?,
            code: row.text(4)?,
            message: Text::new(row.text(5)?, row.text(6)?),
        })
    })
}
