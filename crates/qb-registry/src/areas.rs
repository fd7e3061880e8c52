//! Areas: those of the pack, loaded into the store as dated facts, and what becomes of them there:
//! other names, mergers, successors.
//!
//! An area ends where another took over from it, and in no other way: `area_successor` says since
//! when and since when that is known. Its row stays, and so does whatever was written down for it.

pub mod alias;
mod follow;
pub mod known;
pub mod merger;
pub mod refusal;
mod rules;

pub use follow::{KIND as MERGER_KIND, LABEL as MERGER_LABEL};

use qb_base::{AreaCode, Digester, fold};
use qb_policy::{Area, Pack};
use qb_store::{AuditEntry, Conn, Store, StoreError, Tx, Value};

/// The pack does not say since when a code is in force; ranges then begin here.
const SINCE_EVER: &str = "1900-01-01";

const INSERT: &[&str] = &["code", "name", "name_key", "level", "parent_code", "valid_from"];

/// Puts the areas of a pack into the store; areas that are there already stay as they are.
///
/// Returns how many were added.
///
/// # Errors
/// Whatever the store says.
pub fn load(store: &Store, pack: &Pack, actor: &str) -> Result<usize, StoreError> {
    if store.read(|conn| missing(conn, pack))?.is_empty() {
        return Ok(0);
    }
    let loaded = store.write(|tx| {
        // Another program may have loaded them since: two first starts are both served.
        let missing = missing(tx, pack)?;
        if missing.is_empty() {
            return Err(Loading::Done);
        }
        insert(tx, pack, &missing, actor)?;
        Ok(missing.len())
    });
    match loaded {
        Ok(count) => Ok(count),
        Err(Loading::Done) => Ok(0),
        Err(Loading::Failed(error)) => Err(error),
    }
}

/// Why loading ended without a write.
enum Loading {
    Done,
    Failed(StoreError),
}

impl From<StoreError> for Loading {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

/// The newest name of an area; none where the store does not have it.
///
/// # Errors
/// Whatever the store says.
pub fn name(conn: &Conn, area: AreaCode) -> Result<Option<String>, StoreError> {
    let sql = "select name from area where code = $1 order by valid_from desc limit 1";
    conn.query_opt(sql, &[area.as_str().into()], |row| row.text(0))
}

/// A name by which an area is known besides the pack's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    /// The area above it.
    pub parent: String,
    /// The name as it is compared.
    pub name_key: String,
    /// The area.
    pub code: String,
}

/// Names that this installation knows besides the pack's.
///
/// # Errors
/// Whatever the store says.
pub fn aliases(conn: &Conn) -> Result<Vec<Alias>, StoreError> {
    let sql = "select parent_code, name_key, area_code from area_alias where superseded_at is null";
    conn.query(sql, &[], |row| {
        Ok(Alias { parent: row.text(0)?, name_key: row.text(1)?, code: row.text(2)? })
    })
}

/// Codes that are no longer in force, each with the one that took its place, and since when.
///
/// # Errors
/// Whatever the store says.
pub fn successors(conn: &Conn) -> Result<Vec<(String, String, String)>, StoreError> {
    let sql =
        "select code, successor_code, changed_on from area_successor where superseded_at is null";
    conn.query(sql, &[], |row| Ok((row.text(0)?, row.text(1)?, row.text(2)?)))
}

/// Both as lines of text in a fixed order, for digests.
///
/// # Errors
/// Whatever the store says.
pub fn known_besides(conn: &Conn) -> Result<Vec<String>, StoreError> {
    let sql = "select parent_code || ' ' || name_key || ' ' || area_code from area_alias \
               where superseded_at is null \
               union all select code || ' ' || successor_code || ' ' || changed_on \
               from area_successor where superseded_at is null order by 1";
    conn.query(sql, &[], |row| row.text(0))
}

/// The areas of the pack that the store does not have; one that ended is there.
fn missing<'p>(conn: &Conn, pack: &'p Pack) -> Result<Vec<&'p Area>, StoreError> {
    let sql = "select distinct code from area order by code";
    let known = conn.query(sql, &[], |row| row.text(0))?;
    let is_new = |code: &str| known.binary_search_by(|known| known.as_str().cmp(code)).is_err();
    Ok(pack.areas.iter().filter(|area| is_new(area.code.as_str())).collect())
}

fn insert(tx: &Tx<'_>, pack: &Pack, missing: &[&Area], actor: &str) -> Result<(), StoreError> {
    let mut rows = tx.bulk("area", INSERT)?;
    let mut digest = Digester::new();
    for area in missing {
        let key = fold::key(&area.name);
        let parent = area.parent.map(|code| code.to_string());
        digest.field(area.code.as_str().as_bytes()).field(area.name.as_bytes());
        rows.push(&[
            area.code.as_str().into(),
            area.name.as_str().into(),
            (&key).into(),
            area.level.as_str().into(),
            Value::from(parent.as_ref()),
            SINCE_EVER.into(),
        ])?;
    }
    rows.finish()?;
    tx.audit(&AuditEntry {
        actor,
        action: "area.load",
        object: &pack.id,
        before: None,
        after: Some(digest.finish()),
        reason: "areas of the policy pack",
    })
}
