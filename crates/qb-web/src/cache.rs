//! Values computed from the store and kept until the store changes.

use std::sync::{Arc, Mutex};

use qb_base::env::Stopwatch;
use qb_store::{Conn, Store, StoreError};

use crate::fault::Fault;

/// Which state of the register something was computed from: imports finished and rules run. A row
/// that somebody typed changes no person, household or area.
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
            "select (select coalesce(max(finished_at), 0) from import_run where is_typed = false), \
                    (select coalesce(max(id), 0) from target_run)",
            &[],
            |row| Ok(Self { imports: row.int(0)?, runs: row.int(1)? }),
        )
    }
}

/// How long a state that was read counts as the present one: a tenth of a second.
const FRESH_MS: u128 = 100;

/// The present state, read at most ten times a second however many requests ask.
#[derive(Default)]
pub(crate) struct Clock(Mutex<Option<(Stopwatch, Generation)>>);

impl Clock {
    /// The present state, if it is known without asking the store.
    pub(crate) fn known(&self) -> Option<Generation> {
        let known = self.0.try_lock().ok()?;
        let (read, generation) = known.as_ref()?;
        (read.elapsed().as_millis() < FRESH_MS).then_some(*generation)
    }

    /// The present state of the register.
    pub(crate) fn now(&self, store: &Store) -> Result<Generation, Fault> {
        if let Ok(known) = self.0.lock()
            && let Some((read, generation)) = known.as_ref()
            && read.elapsed().as_millis() < FRESH_MS
        {
            return Ok(*generation);
        }
        let generation = store.read(Generation::read)?;
        if let Ok(mut known) = self.0.lock() {
            *known = Some((Stopwatch::start(), generation));
        }
        Ok(generation)
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
    /// Whether the value of a state can be had without computing it.
    pub(crate) fn is_at(&self, now: Generation) -> bool {
        self.0.try_lock().is_ok_and(|slot| slot.as_ref().is_some_and(|(at, _)| *at == now))
    }

    /// The value, computed again when the register changed.
    ///
    /// The lock is held while it is computed, so that many readers wait for one computation.
    pub(crate) fn get(
        &self,
        store: &Store,
        now: Generation,
        compute: impl FnOnce(&Conn) -> Result<T, Fault>,
    ) -> Result<Arc<T>, Fault> {
        let Ok(mut slot) = self.0.lock() else { return Err(Fault::Busy) };
        if let Some((generation, value)) = slot.as_ref()
            && *generation == now
        {
            return Ok(Arc::clone(value));
        }
        let value = Arc::new(store.read(compute)?);
        *slot = Some((now, Arc::clone(&value)));
        Ok(value)
    }
}
