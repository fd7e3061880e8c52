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
        let result = work(&conn);
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
