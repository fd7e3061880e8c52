//! What may be done; each is one transaction.

use qb_policy::Pack;
use qb_store::{AuditEntry, Conn, Store, StoreError, Tx, Value};
use serde::Serialize;
use serde_json::Map;

use crate::error::PairingError;

/// The dataset of visits.
pub const VISIT: &str = "visit";
/// Names the newest record that was looked at.
const SEEN: &str = "pairing.visit_seen";

const FRESH: &str = include_str!("sql/fresh_visits.sql");
const GONE: &str = "select count(*) from visit_need n where exists \
     (select 1 from record r where r.id = n.record_id and r.superseded_at is not null)";
const DELETE_GONE: &str = "delete from visit_need where record_id in \
     (select n.record_id from visit_need n join record r on r.id = n.record_id \
      where r.superseded_at is not null)";
const NEWEST: &str = "select coalesce(max(id), 0) from record where dataset = $1";

/// What an application of the visits did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Applied {
    /// Visits with a need or a promise that are new or changed.
    pub added: u64,
    /// Those whose row was replaced or withdrawn.
    pub removed: u64,
}

/// Takes over needs and promises from visits that are new or changed since the last time.
///
/// # Errors
/// Whatever the store says.
pub fn apply(store: &Store, pack: &Pack, actor: &str) -> Result<Applied, PairingError> {
    if pack.dataset(VISIT).is_none() || store.read(is_level)? {
        return Ok(Applied::default());
    }
    store.write(|tx| {
        let newest = tx.query_one(NEWEST, &[VISIT.into()], |row| row.int(0))?;
        let removed = tx.execute(DELETE_GONE, &[])?;
        let added = add(tx, seen(tx)?, newest)?;
        tx.change_setting(SEEN, &newest.to_string())?;
        tx.audit(&AuditEntry {
            actor,
            action: "pairing.apply",
            object: VISIT,
            before: None,
            after: None,
            reason: "promises follow the visits",
        })?;
        Ok(Applied { added, removed })
    })
}

fn is_level(conn: &Conn) -> Result<bool, StoreError> {
    let newest = conn.query_one(NEWEST, &[VISIT.into()], |row| row.int(0))?;
    Ok(newest == seen(conn)? && conn.query_one(GONE, &[], |row| row.int(0))? == 0)
}

fn seen(conn: &Conn) -> Result<i64, StoreError> {
    // Before the first time no row was seen; rows are numbered from 1.
    let Some(text) = conn.setting(SEEN)? else { return Ok(0) };
    text.parse().map_err(|_| StoreError::Type { column: 0, expected: "the number of a row" })
}

fn add(tx: &Tx<'_>, after: i64, until: i64) -> Result<u64, StoreError> {
    let mut found: Vec<Need> = Vec::new();
    tx.each::<StoreError>(FRESH, &[VISIT.into(), after.into(), until.into()], |row| {
        let wrong = StoreError::Type { column: 3, expected: "a JSON object" };
        let fields: Map<String, serde_json::Value> =
            serde_json::from_str(&row.text(3)?).map_err(|_| wrong)?;
        let text = |column: &str| fields.get(column)?.as_str().map(str::to_owned);
        let required = |column: &'static str| {
            text(column).ok_or(StoreError::Type { column: 3, expected: "the fields of a visit" })
        };
        if text("need").is_some() || text("promised_until").is_some() {
            found.push(Need {
                record: row.int(0)?,
                household: row.int_opt(1)?,
                area_code: row.text(2)?,
                visit_no: required("visit_no")?,
                household_no: required("household_no")?,
                helper_no: required("helper_no")?,
                visited_on: required("visited_on")?,
                need: text("need"),
                promised_until: text("promised_until"),
                done_on: text("done_on"),
            });
        }
        Ok(())
    })?;
    let mut rows = tx.bulk("visit_need", COLUMNS)?;
    for need in &found {
        rows.push(&need.row())?;
    }
    rows.finish()?;
    Ok(found.len() as u64)
}

const COLUMNS: &[&str] = &[
    "record_id",
    "visit_no",
    "household_no",
    "household_id",
    "area_code",
    "helper_no",
    "visited_on",
    "need",
    "promised_until",
    "done_on",
];

/// A need or a promise of a visit.
struct Need {
    record: i64,
    visit_no: String,
    household_no: String,
    household: Option<i64>,
    area_code: String,
    helper_no: String,
    visited_on: String,
    need: Option<String>,
    promised_until: Option<String>,
    done_on: Option<String>,
}

impl Need {
    fn row(&self) -> [Value<'_>; 10] {
        [
            self.record.into(),
            (&self.visit_no).into(),
            (&self.household_no).into(),
            self.household.into(),
            (&self.area_code).into(),
            (&self.helper_no).into(),
            (&self.visited_on).into(),
            self.need.as_ref().into(),
            self.promised_until.as_ref().into(),
            self.done_on.as_ref().into(),
        ]
    }
}
