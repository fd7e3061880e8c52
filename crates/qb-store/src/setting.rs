//! Settings: single values that the program keeps about its own work, by name.

use crate::conn::{Conn, Tx};
use crate::error::StoreError;

const READ: &str = "select value from setting where name = $1";
const ADD: &str = "insert into setting (name, value) values ($1, $2) on conflict (name) do nothing";
const CHANGE: &str = "insert into setting (name, value) values ($1, $2) \
    on conflict (name) do update set value = excluded.value";
const REMOVE: &str = "delete from setting where name = $1";

impl Conn {
    /// The value of a setting; none where it was never set.
    ///
    /// # Errors
    /// Whatever the store says.
    pub fn setting(&self, name: &str) -> Result<Option<String>, StoreError> {
        self.query_opt(READ, &[name.into()], |row| row.text(0))
    }

    /// Reads from a table that every store has: whether it answers.
    ///
    /// # Errors
    /// Whatever the store says.
    pub fn probe(&self) -> Result<(), StoreError> {
        self.query_one("select count(*) from setting", &[], |row| row.int(0)).map(|_| ())
    }
}

impl Tx<'_> {
    /// Sets a setting; one that stands already stays as it is.
    ///
    /// # Errors
    /// Whatever the store says.
    pub fn add_setting(&self, name: &str, value: &str) -> Result<(), StoreError> {
        self.execute(ADD, &[name.into(), value.into()]).map(|_| ())
    }

    /// Sets a setting, whatever it was before.
    ///
    /// # Errors
    /// Whatever the store says.
    pub fn change_setting(&self, name: &str, value: &str) -> Result<(), StoreError> {
        self.execute(CHANGE, &[name.into(), value.into()]).map(|_| ())
    }

    /// Removes a setting.
    ///
    /// # Errors
    /// Whatever the store says.
    pub fn remove_setting(&self, name: &str) -> Result<(), StoreError> {
        self.execute(REMOVE, &[name.into()]).map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::on_each_store;
    use crate::{AuditEntry, StoreError};

    #[test]
    fn a_setting_is_added_once_changed_at_will_and_gone_when_removed() {
        on_each_store(|store| {
            let write = |work: &dyn Fn(&crate::Tx<'_>) -> Result<(), StoreError>| {
                let done = store.write::<_, StoreError>(|tx| {
                    work(tx)?;
                    tx.audit(&AuditEntry {
                        actor: "tester",
                        action: "test.write",
                        object: "setting",
                        before: None,
                        after: None,
                        reason: "a test",
                    })
                });
                done.unwrap();
                store.read(|conn| conn.setting("test.one")).unwrap()
            };
            assert_eq!(write(&|_| Ok(())), None);
            assert_eq!(write(&|tx| tx.add_setting("test.one", "a")).as_deref(), Some("a"));
            assert_eq!(write(&|tx| tx.add_setting("test.one", "b")).as_deref(), Some("a"));
            assert_eq!(write(&|tx| tx.change_setting("test.one", "c")).as_deref(), Some("c"));
            assert_eq!(write(&|tx| tx.remove_setting("test.one")), None);
            store.read(|conn| conn.probe()).unwrap();
        });
    }
}
