//! What intake asks of the register: how full it is, whether it changed, and what whole files show.
//! None of it leaves intake as it is, so no scope is asked for.

use qb_base::AreaCode;
use qb_store::{Conn, StoreError};

/// How many people and households are in the register.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RegisterSize {
    /// People.
    pub people: i64,
    /// Households that go on.
    pub households: i64,
}

/// How many people and households are in the register.
///
/// # Errors
/// Whatever the store says.
pub fn register_size(conn: &Conn) -> Result<RegisterSize, StoreError> {
    let count = |sql: &'static str| conn.query_one(sql, &[], |row| row.int(0));
    Ok(RegisterSize {
        people: count("select count(*) from person")?,
        households: count(
            "select count(*) from household h where not exists (select 1 from household_life l \
             where l.household_id = h.id and l.superseded_at is null \
             and l.ended_on is not null)",
        )?,
    })
}

/// Whether no household is in the register.
///
/// # Errors
/// Whatever the store says.
pub fn register_is_empty(conn: &Conn) -> Result<bool, StoreError> {
    Ok(conn.query_opt("select id from household limit 1", &[], |row| row.int(0))?.is_none())
}

/// What the register is now, as far as something may hang on it: two that differ were read before
/// and after a change, whoever made it.
///
/// # Errors
/// Whatever the store says.
pub fn register_mark(conn: &Conn) -> Result<String, StoreError> {
    conn.query_one(include_str!("../sql/register_mark.sql"), &[], |row| row.text(0))
}

/// Where the household of a number lives.
///
/// # Errors
/// Whatever the store says.
pub fn household_place(conn: &Conn, number: &str) -> Result<Option<AreaCode>, StoreError> {
    let sql = "select area_code from household where household_no = $1";
    let found = conn.query_opt(sql, &[number.into()], |row| row.text(0))?;
    Ok(found.and_then(|code| AreaCode::parse(&code).ok()))
}

/// The current row of a list under a key.
///
/// # Errors
/// Whatever the store says.
pub fn current_record(conn: &Conn, list: &str, key: &str) -> Result<Option<i64>, StoreError> {
    let sql = "select id from record where dataset = $1 and record_key = $2 \
               and superseded_at is null";
    conn.query_opt(sql, &[list.into(), key.into()], |row| row.int(0))
}

/// A statement that repeats the one of the year before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EqualYears {
    /// The file that brought it.
    pub file_id: i64,
    /// Its row there.
    pub row: i64,
    /// Where the household lives.
    pub area: String,
}

const EQUAL_YEARS: &str = "select a.source_file_id, a.source_row, h.area_code \
    from income_statement a \
    join income_statement b on b.household_id = a.household_id and b.policy_year = a.policy_year \
    - 1 \
      and b.row_digest = a.row_digest and b.superseded_at is null \
    join household h on h.id = a.household_id \
    where a.superseded_at is null and a.source_file_id >= $1 and a.source_file_id <= $2 \
      and exists (select 1 from income_item i where i.statement_id = a.id) \
    order by a.source_file_id, a.source_row";

/// Statements that files between two brought and that are equal to those of the year before.
///
/// # Errors
/// Whatever the store says.
pub fn equal_years(conn: &Conn, (first, last): (i64, i64)) -> Result<Vec<EqualYears>, StoreError> {
    conn.query(EQUAL_YEARS, &[first.into(), last.into()], |row| {
        Ok(EqualYears { file_id: row.int(0)?, row: row.int(1)?, area: row.text(2)? })
    })
}

/// Households of a file by their stated income: within a band above a line, and beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Band {
    /// The file that brought them.
    pub file_id: i64,
    /// How many lie within.
    pub inside: i64,
    /// How many lie in the bands beside it.
    pub beside: i64,
}

/// They are counted over all files: to ask for each household whether its file is of interest took
/// a second.
const BANDS: &str = "select h.source_file_id, \
    cast(sum(case when h.income_reported_fen < $1 then 1 else 0 end) as bigint), \
    cast(sum(case when h.income_reported_fen >= $2 then 1 else 0 end) as bigint) \
    from household h where h.income_reported_fen >= $3 and h.income_reported_fen < $4 \
    group by h.source_file_id order by h.source_file_id";

/// Households in the band from a line to its end, and in those from there to a far end, by file.
///
/// # Errors
/// Whatever the store says.
pub fn income_bands(
    conn: &Conn,
    (line, end, far): (i64, i64, i64),
) -> Result<Vec<Band>, StoreError> {
    conn.query(BANDS, &[end.into(), end.into(), line.into(), far.into()], |row| {
        Ok(Band { file_id: row.int(0)?, inside: row.int(1)?, beside: row.int(2)? })
    })
}
