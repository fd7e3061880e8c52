//! Areas of the pack, loaded into the store as dated facts.

use qb_base::{Digester, fold};
use qb_policy::Pack;
use qb_store::{AuditEntry, Store, StoreError, Value};

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
    let known = store.read::<_, StoreError>(|conn| {
        let sql = "select code from area where valid_to is null order by code";
        conn.query(sql, &[], |row| row.text(0))
    })?;
    let missing: Vec<_> = pack
        .areas
        .iter()
        .filter(|area| known.binary_search_by(|c| c.as_str().cmp(area.code.as_str())).is_err())
        .collect();
    if missing.is_empty() {
        return Ok(0);
    }
    store.write(|tx| {
        let mut rows = tx.bulk("area", INSERT)?;
        let mut digest = Digester::new();
        for area in &missing {
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
        })?;
        Ok(missing.len())
    })
}
