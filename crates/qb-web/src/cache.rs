//! Values computed from the store and kept until the store changes.

use std::sync::{Arc, Mutex};

use qb_store::{Conn, Store, StoreError};

use crate::fault::Fault;

/// Which state of the register something was computed from: imports finished and rules run.
///
/// Both tables only grow, so a pair of counts names a state. Signing in or out changes neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Generation {
    imports: i64,
    runs: i64,
}

impl Generation {
    /// The present state.
    pub(crate) fn read(conn: &Conn) -> Result<Self, StoreError> {
        conn.query_one(
            "select (select coalesce(max(finished_at), 0) from import_run), \
                    (select coalesce(max(id), 0) from target_run)",
            &[],
            |row| Ok(Self { imports: row.int(0)?, runs: row.int(1)? }),
        )
    }
}

/// One value and the state it was computed from.
pub(crate) struct Cached<T>(Mutex<Option<(Generation, Arc<T>)>>);

impl<T> Default for Cached<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T> Cached<T> {
    /// The value, computed again when the register changed.
    ///
    /// The lock is held while it is computed, so that many readers wait for one computation.
    pub(crate) fn get(
        &self,
        store: &Store,
        compute: impl FnOnce(&Conn) -> Result<T, Fault>,
    ) -> Result<Arc<T>, Fault> {
        let Ok(mut slot) = self.0.lock() else { return Err(Fault::Busy) };
        store.read(|conn| {
            let now = Generation::read(conn)?;
            if let Some((generation, value)) = slot.as_ref()
                && *generation == now
            {
                return Ok(Arc::clone(value));
            }
            let value = Arc::new(compute(conn)?);
            *slot = Some((now, Arc::clone(&value)));
            Ok(value)
        })
    }
}
