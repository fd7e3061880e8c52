//! Values computed from the store and kept until the store changes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use qb_base::env::Stopwatch;
use qb_store::{Conn, Store, StoreError};

use crate::fault::Fault;

/// Which state of the register something was computed from: imports finished, rules run, and acts
/// about areas. A row that somebody typed changes no person, household or area.
///
/// Their tables only grow, so the counts name a state. Signing in or out changes none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Generation {
    imports: i64,
    runs: i64,
    areas: i64,
}

impl Generation {
    /// The present state.
    pub(crate) fn read(conn: &Conn) -> Result<Self, StoreError> {
        let areas = qb_registry::areas::known::acts(conn)?;
        conn.query_one(
            "select (select coalesce(max(finished_at), 0) from import_run where is_typed = false), \
                    (select coalesce(max(id), 0) from target_run)",
            &[],
            |row| Ok(Self { imports: row.int(0)?, runs: row.int(1)?, areas }),
        )
    }
}

/// How long a state that was read counts as the present one: a tenth of a second.
pub(crate) const FRESH_MS: u128 = 100;

/// The present state, read at most ten times a second however many requests ask.
#[derive(Default)]
pub(crate) struct Clock(Mutex<Option<(Stopwatch, Generation)>>);

impl Clock {
    /// The present state, if it is known without asking the store.
    pub(crate) fn known(&self) -> Option<Generation> {
        let known = free(&self.0)?;
        let (read, generation) = known.as_ref()?;
        (read.elapsed().as_millis() < FRESH_MS).then_some(*generation)
    }

    /// The present state of the register.
    pub(crate) fn now(&self, store: &Store) -> Result<Generation, Fault> {
        if let Some((read, generation)) = held(&self.0).as_ref()
            && read.elapsed().as_millis() < FRESH_MS
        {
            return Ok(*generation);
        }
        let generation = store.read(Generation::read)?;
        *held(&self.0) = Some((Stopwatch::start(), generation));
        Ok(generation)
    }

    /// Asks the store for the next reader: whoever changed something sees it on the next page.
    pub(crate) fn forget(&self) {
        *held(&self.0) = None;
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
        free(&self.0).is_some_and(|slot| slot.as_ref().is_some_and(|(at, _)| *at == now))
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
        let mut slot = held(&self.0);
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

/// The value behind a lock. A panic while it was held costs the reader who met it and nobody else:
/// what is kept here is put in whole, at the end of its computation.
pub(crate) fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The same, unless somebody else has it now.
fn free<T>(lock: &Mutex<T>) -> Option<MutexGuard<'_, T>> {
    match lock.try_lock() {
        Ok(value) => Some(value),
        Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use qb_store::testing::TestStore;

    use super::*;

    #[test]
    fn a_computation_that_panics_costs_one_reader_and_the_next_computes_it() {
        let (test, cached) = (TestStore::sqlite(), Cached::default());
        let now = Generation { imports: 1, runs: 1, areas: 0 };
        let broken = catch_unwind(AssertUnwindSafe(|| {
            cached.get(&test.store, now, |_| -> Result<i32, Fault> { panic!("breaks off") })
        }));
        assert!(broken.is_err());
        assert!(!cached.is_at(now));
        assert_eq!(*cached.get(&test.store, now, |_| Ok(7)).unwrap(), 7);
        assert!(cached.is_at(now));
    }
}
