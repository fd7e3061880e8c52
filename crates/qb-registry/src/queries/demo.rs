//! What a demonstration shows first: a village that has something, and a household with a helper.

use qb_base::AreaCode;
use qb_store::{Conn, StoreError, Value};

/// A designated village with households, or any village with households.
///
/// # Errors
/// Whatever the store says.
pub fn demo_village(conn: &Conn) -> Result<Option<String>, StoreError> {
    let designated = conn.query_opt(
        "select d.area_code from designation d \
         where d.valid_to is null and d.superseded_at is null \
           and exists (select 1 from household h where h.area_code = d.area_code) \
         order by d.area_code desc limit 1",
        &[],
        |row| row.text(0),
    )?;
    if designated.is_some() {
        return Ok(designated);
    }
    conn.query_opt("select area_code from household order by area_code, id limit 1", &[], |row| {
        row.text(0)
    })
}

/// The open columns of the first row of a list about a household of a village, as a JSON object.
///
/// # Errors
/// Whatever the store says.
pub fn demo_record(
    conn: &Conn,
    list: &str,
    village: AreaCode,
) -> Result<Option<String>, StoreError> {
    let (low, high) = village.range();
    conn.query_opt(
        "select fields from record where dataset = $1 and superseded_at is null \
         and area_code >= $2 and area_code < $3 and household_id is not null \
         order by area_code, record_key limit 1",
        &[Value::Text(list), Value::from(&low), Value::from(&high)],
        |row| row.text(0),
    )
}
