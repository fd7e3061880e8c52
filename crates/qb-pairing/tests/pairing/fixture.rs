//! Records written row by row, and values with a legal default.

use std::sync::LazyLock;

use qb_access::{Role, Scope};
use qb_base::{AreaCode, Date};
use qb_pairing::rules::TargetRules;
use qb_policy::{Pack, PackSource};
use qb_store::{AuditEntry, Store, StoreError, Tx};
use serde_json::Value;

pub(crate) const CITY: &str = "3203";
pub(crate) const FENG: &str = "320321";
pub(crate) const PEI: &str = "320322";

pub(crate) static PACK: LazyLock<Pack> =
    LazyLock::new(|| Pack::load(PackSource::Embedded("xuzhou-2016")).unwrap());
pub(crate) static RULES: LazyLock<TargetRules> =
    LazyLock::new(|| TargetRules::of(&PACK).unwrap().unwrap());

pub(crate) fn area(code: &str) -> AreaCode {
    AreaCode::parse(code).unwrap()
}

pub(crate) fn day(text: &str) -> Date {
    text.parse().unwrap()
}

pub(crate) fn officer(code: &str) -> Scope {
    Scope::new(Role::CountyOfficer, area(code))
}

/// Writes a row of a dataset; an earlier one with the same key is superseded.
pub(crate) fn record(store: &Store, dataset: &str, key: &str, area: &str, fields: &Value) {
    let fields = fields.to_string();
    store
        .write::<_, StoreError>(|tx| {
            let sql = "update record set superseded_at = 2 where dataset = $1 \
                       and record_key = $2 and superseded_at is null";
            tx.execute(sql, &[dataset.into(), key.into()])?;
            let id = tx.next_id("record")?;
            let sql = "insert into record (id, dataset, record_key, area_code, fields, \
                       source_file_id, source_row, row_digest, recorded_at) \
                       values ($1, $2, $3, $4, $5, 1, 1, 1, 1)";
            let values = [id.into(), dataset.into(), key.into(), area.into(), (&fields).into()];
            tx.execute(sql, &values)?;
            audit(tx)
        })
        .unwrap();
}

pub(crate) fn audit(tx: &Tx<'_>) -> Result<(), StoreError> {
    tx.audit(&AuditEntry {
        actor: "tester",
        action: "test.write",
        object: "record",
        before: None,
        after: None,
        reason: "a test",
    })
}
