//! Who reads whom: noted by pages in memory, written behind them in batches, and counted against a
//! limit of persons an hour.
//!
//! A page costs no write, and asks the store what other servers wrote of its reader: two on one
//! store agree about the limit but for what waits to be written. A crash loses what was noted since
//! the last writing: at most what came within [`WRITE_EVERY`]. Numbers shown in full and lists that
//! leave are written before they are answered. A store that takes no rows stops pages of persons
//! once [`WAITING_MAX`] notes wait, instead of forgetting them.

mod hour;
pub(crate) mod list;
mod write;

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use qb_base::env;
use qb_store::{Store, StoreError, Tx};

use crate::state::AppState;
pub(crate) use hour::Over;
use hour::{Hour, Key};

/// How long a note waits at most.
const WRITE_EVERY: Duration = Duration::from_secs(2);
/// Notes after which they are written at once.
const WRITE_AT: usize = 2_000;
/// Notes that wait at most; whoever comes then writes them.
const WAITING_MAX: usize = 20_000;
/// Readers whose hour is kept in memory; the hours of others are read again when they come.
const READERS_MAX: usize = 4_096;

/// A household as a page shows it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shown<'a> {
    /// The household; none where a row names somebody who is not in the register.
    pub(crate) household: Option<i64>,
    /// The number of the row that names somebody, where there is no household; that of a fault of
    /// an import stands below zero.
    pub(crate) row: i64,
    /// Where it lies.
    pub(crate) area: &'a str,
    /// Persons of it that the page names.
    pub(crate) persons: i64,
}

/// Who reads, and how many persons an hour without saying why.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Who {
    pub(crate) user: i64,
    pub(crate) limit: i64,
}

/// What is read, and by which permission.
#[derive(Clone, Copy, Debug)]
pub(crate) struct What<'a> {
    pub(crate) action: &'static str,
    /// The list or the household, by its id.
    pub(crate) object: &'a str,
}

/// A reading that waits to be written.
#[derive(Clone, Debug)]
struct Read {
    at: i64,
    user: i64,
    action: &'static str,
    object: String,
    area: String,
    household: Option<i64>,
    person: Option<i64>,
    /// The row that names somebody, where there is no household.
    row: Option<i64>,
    persons: i64,
}

/// Something that was refused and waits to be written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Refusal {
    actor: String,
    action: &'static str,
    object: String,
    reason: String,
}

#[derive(Default)]
struct State {
    reads: Vec<Read>,
    refusals: Vec<Refusal>,
    hours: HashMap<i64, Hour>,
}

/// What was read and refused, until it is written.
pub(crate) struct Seen {
    store: Store,
    state: Mutex<State>,
    changed: Condvar,
}

impl Seen {
    pub(crate) fn new(store: Store) -> Self {
        Self { store, state: Mutex::default(), changed: Condvar::new() }
    }

    /// Notes what a page shows before it is shown; refuses it above the reader's limit.
    pub(crate) fn page(
        &self,
        who: Who,
        what: What<'_>,
        shown: &[Shown<'_>],
    ) -> Result<Result<(), Over>, StoreError> {
        let now = env::now().0;
        let mut state = self.with_hour(who.user, now)?;
        let State { reads, hours, .. } = &mut *state;
        let hour = hours.entry(who.user).or_default();
        let counted = shown.iter().map(|one| (Key::of(one.household, one.row), one.persons));
        if let Err(over) = hour.admit(now, who.limit, counted.clone()) {
            return Ok(Err(over));
        }
        for (one, (key, persons)) in shown.iter().zip(counted) {
            if hour.note(now, key, persons) {
                reads.push(Read {
                    at: now,
                    user: who.user,
                    action: what.action,
                    object: what.object.to_owned(),
                    area: one.area.to_owned(),
                    household: one.household,
                    person: None,
                    row: one.household.is_none().then_some(one.row),
                    persons: one.persons,
                });
            }
        }
        let waiting = reads.len();
        drop(state);
        self.after(waiting)?;
        Ok(Ok(()))
    }

    /// Whether a reader may read that many persons more within its limit.
    pub(crate) fn admits(&self, who: Who, persons: i64) -> Result<Result<(), Over>, StoreError> {
        let now = env::now().0;
        self.write()?;
        let mut state = self.lock();
        state.hours.remove(&who.user);
        drop(state);
        let mut state = self.with_hour(who.user, now)?;
        let hour = state.hours.entry(who.user).or_default();
        Ok(hour.admit(now, who.limit, std::iter::once((Key::Left(0), persons))))
    }

    /// Notes that a number was shown in full, and writes it.
    pub(crate) fn number(
        &self,
        who: Who,
        what: What<'_>,
        (area, household, person): (&str, i64, i64),
    ) -> Result<(), StoreError> {
        let now = env::now().0;
        let mut state = self.with_hour(who.user, now)?;
        state.hours.entry(who.user).or_default().note(now, Key::Number(person), 1);
        state.reads.push(Read {
            at: now,
            user: who.user,
            action: what.action,
            object: what.object.to_owned(),
            area: area.to_owned(),
            household: Some(household),
            person: Some(person),
            row: None,
            persons: 1,
        });
        drop(state);
        self.write()
    }

    /// Notes that a page was refused, or a sign-in failed.
    pub(crate) fn refused(
        &self,
        actor: impl Into<String>,
        action: &'static str,
        object: impl Into<String>,
        reason: impl Into<String>,
    ) -> Result<(), StoreError> {
        let mut state = self.lock();
        state.refusals.push(Refusal {
            actor: actor.into(),
            action,
            object: object.into(),
            reason: reason.into(),
        });
        let waiting = state.refusals.len();
        drop(state);
        self.after(waiting)
    }

    /// Reads a reader's hour anew when it comes next: the store knows more of it now.
    pub(crate) fn forget_hour(&self, user: i64) {
        self.lock().hours.remove(&user);
    }

    /// Writes everything that waits.
    pub(crate) fn write(&self) -> Result<(), StoreError> {
        let mut state = self.lock();
        let (reads, refusals) =
            (std::mem::take(&mut state.reads), std::mem::take(&mut state.refusals));
        drop(state);
        if reads.is_empty() && refusals.is_empty() {
            return Ok(());
        }
        let written = write::write(&self.store, &reads, &refusals);
        if written.is_err() {
            let mut state = self.lock();
            state.reads.splice(0..0, reads);
            state.refusals.splice(0..0, refusals);
        }
        written
    }

    /// The state, with the reader's hour in it, as far as any server wrote it.
    fn with_hour(&self, user: i64, now: i64) -> Result<MutexGuard<'_, State>, StoreError> {
        // Readings are numbered from 1: of a reader not met yet, all of the hour are asked for.
        let known = self.lock().hours.get(&user).map_or(0, Hour::last);
        let stored = write::hour(&self.store, (user, known), now)?;
        let mut state = self.lock();
        if state.hours.len() >= READERS_MAX && !state.hours.contains_key(&user) {
            // What of them is not written yet is counted when it is.
            state.hours.clear();
        }
        state.hours.entry(user).or_default().join(stored);
        Ok(state)
    }

    fn after(&self, waiting: usize) -> Result<(), StoreError> {
        if waiting >= WAITING_MAX {
            return self.write();
        }
        if waiting >= WRITE_AT {
            self.changed.notify_one();
        }
        Ok(())
    }

    fn wait(&self) {
        let state = self.lock();
        let enough =
            |state: &mut State| state.reads.len() < WRITE_AT && state.refusals.len() < WRITE_AT;
        let waited = self.changed.wait_timeout_while(state, WRITE_EVERY, enough);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    /// A reader that broke off while it noted leaves whole notes behind.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seen {
    /// A server that ends leaves nothing unwritten.
    fn drop(&mut self) {
        report(self.write());
    }
}

/// Writes behind the pages for as long as the application lives.
///
/// # Errors
/// When no thread can be started.
pub(crate) fn start(app: &Arc<AppState>) -> std::io::Result<()> {
    let app = Arc::downgrade(app);
    let work = move || {
        while let Some(app) = Weak::upgrade(&app) {
            app.seen.wait();
            report(app.seen.write());
        }
    };
    std::thread::Builder::new().name("seen".to_owned()).spawn(work).map(|_| ())
}

/// Notes a list that leaves as a file, in the transaction that records it.
pub(crate) fn list_left(
    tx: &Tx<'_>,
    who: Who,
    what: What<'_>,
    (area, persons): (&str, i64),
) -> Result<(), StoreError> {
    write::reads(
        tx,
        &[Read {
            at: env::now().0,
            user: who.user,
            action: what.action,
            object: what.object.to_owned(),
            area: area.to_owned(),
            household: None,
            person: None,
            row: None,
            persons,
        }],
    )
}

fn report(written: Result<(), StoreError>) {
    if let Err(error) = written {
        tracing::error!(%error, "what was read could not be written; it waits");
    }
}
