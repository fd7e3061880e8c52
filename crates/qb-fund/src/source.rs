//! Reads what the ledger is made from: rows of the pack's datasets in table `record`.

use std::collections::HashMap;

use qb_store::{Conn, StoreError};
use serde_json::{Map, Value};

use crate::template::SourceRow;

const PENDING: &str = include_str!("sql/pending.sql");
const STALE: &str = include_str!("sql/stale.sql");
const STANDING: &str = include_str!("sql/standing.sql");
const PROJECTS: &str = "select record_key, area_code from record \
     where dataset = $1 and superseded_at is null";

/// An entry whose row was replaced or withdrawn.
pub(crate) struct StaleEntry {
    pub(crate) client_id: String,
    pub(crate) record: i64,
    pub(crate) dataset: String,
    pub(crate) key: String,
    pub(crate) area_code: String,
    pub(crate) on_day: String,
}

/// The entry of a row that stands.
pub(crate) struct StandingEntry {
    pub(crate) client_id: String,
    /// What it moves, in fen.
    pub(crate) amount: i64,
}

/// Where projects stand, by number.
pub(crate) fn projects(conn: &Conn, dataset: &str) -> Result<HashMap<String, String>, StoreError> {
    let pairs = conn.query(PROJECTS, &[dataset.into()], |row| Ok((row.text(0)?, row.text(1)?)))?;
    Ok(pairs.into_iter().collect())
}

/// Rows of a dataset that have no entry yet.
pub(crate) fn pending(
    conn: &Conn,
    dataset: &str,
    projects: &HashMap<String, String>,
) -> Result<Vec<SourceRow>, StoreError> {
    conn.query(PENDING, &[dataset.into()], |row| {
        let wrong = StoreError::Type { column: 3, expected: "a JSON object" };
        let fields: Map<String, Value> = serde_json::from_str(&row.text(3)?).map_err(|_| wrong)?;
        let project = fields.get("project_no").and_then(Value::as_str);
        Ok(SourceRow {
            id: row.int(0)?,
            key: row.text(1)?,
            area_code: row.text(2)?,
            project_area: project.and_then(|number| projects.get(number)).cloned(),
            fields,
        })
    })
}

/// Entries whose row was replaced or withdrawn and that still stand.
pub(crate) fn stale(conn: &Conn) -> Result<Vec<StaleEntry>, StoreError> {
    conn.query(STALE, &[], |row| {
        Ok(StaleEntry {
            client_id: row.text(0)?,
            record: row.int(1)?,
            dataset: row.text(2)?,
            key: row.text(3)?,
            area_code: row.text(4)?,
            on_day: row.text(5)?,
        })
    })
}

/// The entry of the current version of a row.
pub(crate) fn standing(
    conn: &Conn,
    dataset: &str,
    key: &str,
) -> Result<Option<StandingEntry>, StoreError> {
    conn.query_opt(STANDING, &[dataset.into(), key.into()], |row| {
        Ok(StandingEntry { client_id: row.text(0)?, amount: row.int(1)? })
    })
}

/// A round of the programme.
#[derive(Clone, Debug)]
pub(crate) struct Round {
    /// Its name; one without is shown by its years.
    pub(crate) label: Option<String>,
    pub(crate) starts_year: i64,
    pub(crate) ends_year: i64,
}

/// The rounds of the programme, as far as they are listed.
pub(crate) fn rounds(conn: &Conn, dataset: &str) -> Result<Vec<Round>, StoreError> {
    let sql = "select fields from record where dataset = $1 and superseded_at is null \
               order by record_key";
    let rounds = conn.query(sql, &[dataset.into()], |row| {
        let wrong = |_| StoreError::Type { column: 0, expected: "fields of a record" };
        let fields: Map<String, Value> = serde_json::from_str(&row.text(0)?).map_err(wrong)?;
        let year = |column: &str| fields.get(column).and_then(Value::as_i64);
        let label = fields.get("label").and_then(Value::as_str).map(str::to_owned);
        Ok(year("starts_year").zip(year("ends_year")).map(|(starts_year, ends_year)| Round {
            label,
            starts_year,
            ends_year,
        }))
    })?;
    Ok(rounds.into_iter().flatten().collect())
}
