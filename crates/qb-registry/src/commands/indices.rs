//! Access paths of the register are built after its first load, which is several times faster than
//! keeping them.

use qb_store::{AuditEntry, Sql, Store, StoreError};

/// The statements that make them; the same text that the migration ran.
const CREATE: &str = include_str!("../../../../migrations/0018_register_access.sql");
/// What SQLite is told before it sorts for the indices, and afterwards. The cache's size is also
/// that of the runs that are sorted at a time: they sort fastest where they fit the processor's
/// cache. A second thread sorts them while this one reads on.
const SQLITE_SORTS: (&str, &str) = (
    "pragma shrink_memory; pragma cache_size = -2048; pragma threads = 2",
    "pragma shrink_memory; pragma cache_size = -49152; pragma threads = 0",
);
/// The same for PostgreSQL, which sorts with several processes where each has its share of memory.
const POSTGRES_SORTS: (&str, &str) = (
    "set local maintenance_work_mem = '128MB'; set local max_parallel_maintenance_workers = 2",
    "reset maintenance_work_mem; reset max_parallel_maintenance_workers",
);
/// The setting that says they are missing.
const SETTING: &str = "intake.indices_missing";

/// Whether an earlier import ended before it built them.
///
/// # Errors
/// Whatever the store says.
pub fn are_missing(store: &Store) -> Result<bool, StoreError> {
    Ok(store.read(|conn| conn.setting(SETTING))?.is_some())
}

/// Drops them and notes it.
///
/// # Errors
/// Whatever the store says.
pub fn drop_all(store: &Store, actor: &str) -> Result<(), StoreError> {
    store.write(|tx| {
        for name in names() {
            tx.execute(Sql::join(&["drop index if exists ", name]), &[])?;
        }
        // Another first load may be at work: each builds them once its files are in.
        tx.add_setting(SETTING, "yes")?;
        tx.audit(&entry(actor, "import.indices_drop"))
    })
}

/// Builds them and removes the note.
///
/// # Errors
/// Whatever the store says.
pub fn build_all(store: &Store, actor: &str) -> Result<(), StoreError> {
    store.write(|tx| {
        let (before, after) = if tx.is_sqlite() { SQLITE_SORTS } else { POSTGRES_SORTS };
        tx.execute_batch(before)?;
        tx.execute_batch(CREATE)?;
        tx.execute_batch(after)?;
        tx.remove_setting(SETTING)?;
        tx.audit(&entry(actor, "import.indices_build"))
    })
}

fn entry<'a>(actor: &'a str, action: &'static str) -> AuditEntry<'a> {
    AuditEntry {
        actor,
        action,
        object: "register",
        before: None,
        after: None,
        reason: "first load",
    }
}

/// Names of the indices, as the migrations write them.
fn names() -> impl Iterator<Item = &'static str> {
    CREATE.lines().filter_map(|line| line.split_once(" index if not exists ")?.1.split(' ').next())
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_index_of_the_migrations_is_named() {
        assert_eq!(super::names().count(), super::CREATE.matches("create ").count());
        assert!(super::names().any(|name| name == "person_id_blind_unique"));
    }
}
