//! A small pool of reading connections.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::conn::{Conn, Kind};
use crate::error::StoreError;

/// More readers than this wait for a free connection.
const READERS_MAX: usize = 8;

pub(crate) struct Pool {
    state: Mutex<PoolState>,
    freed: Condvar,
    open: Box<dyn Fn() -> Result<Conn, StoreError> + Send + Sync>,
}

struct PoolState {
    free: Vec<Conn>,
    opened: usize,
}

impl Pool {
    pub(crate) fn new(open: impl Fn() -> Result<Conn, StoreError> + Send + Sync + 'static) -> Self {
        let state = Mutex::new(PoolState { free: Vec::new(), opened: 0 });
        Self { state, freed: Condvar::new(), open: Box::new(open) }
    }

    /// Lends a connection to `work` and takes it back, broken ones excepted.
    pub(crate) fn with<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Conn) -> Result<T, E>,
    ) -> Result<T, E> {
        let conn = self.take()?;
        let lost = Lost(self);
        let result = work(&conn);
        std::mem::forget(lost);
        self.give_back(conn);
        result
    }

    /// Whether a connection can be had without waiting for another to be given back.
    pub(crate) fn has_free(&self) -> bool {
        let state = self.lock();
        !state.free.is_empty() || state.opened < READERS_MAX
    }

    /// Closes all connections; false, and nothing closed, while one is lent.
    pub(crate) fn close_idle(&self) -> bool {
        let mut state = self.lock();
        if state.free.len() < state.opened {
            return false;
        }
        state.opened = 0;
        state.free.clear();
        true
    }

    fn lock(&self) -> MutexGuard<'_, PoolState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Result<Conn, StoreError> {
        let mut state = self.lock();
        loop {
            if let Some(conn) = state.free.pop() {
                return Ok(conn);
            }
            if state.opened < READERS_MAX {
                state.opened += 1;
                drop(state);
                return (self.open)().inspect_err(|_| self.forget());
            }
            state = self.freed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn give_back(&self, conn: Conn) {
        if matches!(&conn.0, Kind::Pg(pg) if pg.is_broken()) {
            return self.forget();
        }
        self.lock().free.push(conn);
        self.freed.notify_one();
    }

    fn forget(&self) {
        self.lock().opened -= 1;
        self.freed.notify_one();
    }
}

/// Frees the place of a connection when the work on it ends by a panic. Nobody knows what it is in
/// the middle of, so the connection itself is closed.
struct Lost<'a>(&'a Pool);

impl Drop for Lost<'_> {
    fn drop(&mut self) {
        self.0.forget();
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::READERS_MAX;
    use crate::error::StoreError;
    use crate::testing::TestStore;

    #[test]
    fn a_reader_that_panics_costs_one_reading_and_no_connection() {
        let test = TestStore::sqlite();
        for _ in 0..=READERS_MAX {
            let broken = catch_unwind(AssertUnwindSafe(|| {
                test.store.read::<(), StoreError>(|_| panic!("a reader breaks off"))
            }));
            assert!(broken.is_err());
        }
        assert!(test.store.has_free_reader());
        let one = test.store.read(|conn| conn.query_one("select 1", &[], |row| row.int(0)));
        assert!(matches!(one, Ok::<i64, StoreError>(1)));
    }

    #[test]
    fn a_reading_that_fails_gives_its_connection_back() {
        let test = TestStore::sqlite();
        for _ in 0..=READERS_MAX {
            let failed = test.store.read::<(), StoreError>(|_| Err(StoreError::NotFound));
            assert!(failed.is_err());
        }
        assert!(test.store.has_free_reader());
    }
}
