//! What every request shares: the store, the pack, the indices kept in memory.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use qb_access::Reading;
use qb_case::Machines;
use qb_policy::Pack;
use qb_registry::events::EventRules;
use qb_store::{AuditEntry, Store};
use tokio::sync::Semaphore;

use crate::areas::AreaIndex;
use crate::assets::{Asset, Assets};
use crate::cache::Cached;
use crate::caller::Proxies;
use crate::day::OfficeClock;
use crate::fault::Fault;
use crate::jobs::{self, Bell, Following};
use crate::judging::JudgedAfter;
use crate::newest::Newest;
use crate::seen::Seen;
use crate::session::LastSeen;
use crate::upload::{Quota, UnderWay};

/// Requests that may be worked on or wait for a thread at once; more are told to come back. A
/// request counts once it has arrived whole.
const REQUESTS_MAX: usize = 512;
/// Sign-ins worked on at once: each keeps a core busy, and pages need the others.
const SIGN_INS_MAX: usize = 4;
/// Uploads that arrive at once, and those whose files are looked through at once.
const UPLOADS_MAX: usize = 16;
const READINGS_MAX: usize = 2;

/// What whoever runs the server decides.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// What stands between the server and its readers.
    pub proxies: Proxies,
    /// Bytes that uploads may take.
    pub quota: Quota,
}

/// How many requests of which kind are worked on at once.
pub(crate) struct Gates {
    /// Pages and forms.
    pub(crate) pages: Arc<Semaphore>,
    /// Passwords.
    pub(crate) sign_ins: Arc<Semaphore>,
    /// Uploads on their way in.
    pub(crate) uploads: Arc<Semaphore>,
    /// Uploads that are looked through.
    pub(crate) readings: Arc<Semaphore>,
}

impl Default for Gates {
    fn default() -> Self {
        let of = |permits| Arc::new(Semaphore::new(permits));
        Self {
            pages: of(REQUESTS_MAX),
            sign_ins: of(SIGN_INS_MAX),
            uploads: of(UPLOADS_MAX),
            readings: of(READINGS_MAX),
        }
    }
}

/// The running application, shared by all requests.
pub struct AppState {
    /// The store.
    pub(crate) store: Store,
    /// The policy pack.
    pub(crate) pack: Arc<Pack>,
    /// The machines of the pack, once a page needs them.
    pub(crate) machines: OnceLock<Machines>,
    /// Browser assets.
    pub(crate) assets: Assets,
    /// Areas with their search keys.
    pub(crate) area_index: Cached<AreaIndex>,
    /// What the chain has produced.
    pub(crate) newest: Newest,
    /// When each session last asked for something.
    pub(crate) last_seen: LastSeen,
    /// Uploads on their way in.
    pub(crate) receiving: UnderWay,
    /// What whoever runs the server decided.
    pub(crate) settings: Settings,
    /// Who reads whom, on its way into the store.
    pub(crate) seen: Seen,
    /// After which import the server judged last.
    pub(crate) judged_after: JudgedAfter,
    /// What day it is.
    pub(crate) office_clock: OfficeClock,
    /// Who may read which list, once a page needs it.
    reading: OnceLock<Reading>,
    /// What the pack says of events, once a page needs it.
    event_rules: OnceLock<EventRules>,
    /// How far the job at work is.
    pub(crate) following: Mutex<Option<Following>>,
    /// Wakes the worker of the queue.
    pub(crate) bell: Bell,
    /// The county map as the browser gets it.
    pub(crate) map: Option<Asset>,
    /// Bounds what is worked on at once.
    pub(crate) gates: Gates,
    is_ending: AtomicBool,
}

impl AppState {
    /// Takes an opened store and a loaded pack.
    ///
    /// `map` is the county map of the pack; `map.geojson` in the data directory wins over it.
    pub fn new(store: Store, pack: Arc<Pack>, map: Option<Vec<u8>>) -> Self {
        let own_map = std::fs::read(store.place().dir.map()).ok();
        let seen = Seen::new(store.clone());
        let map = own_map.or(map).map(|bytes| Asset::new(bytes, "application/geo+json"));
        Self {
            store,
            pack,
            machines: OnceLock::new(),
            assets: Assets::load(),
            area_index: Cached::default(),
            newest: Newest::default(),
            last_seen: LastSeen::default(),
            receiving: UnderWay::default(),
            settings: Settings::default(),
            seen,
            judged_after: JudgedAfter::default(),
            office_clock: OfficeClock::default(),
            reading: OnceLock::new(),
            event_rules: OnceLock::new(),
            following: Mutex::default(),
            bell: Bell::default(),
            map,
            gates: Gates::default(),
            is_ending: AtomicBool::new(false),
        }
    }

    /// The same application as somebody wants to run it.
    #[must_use]
    pub fn with_settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// Tells the worker of the queue to hand back what it works on.
    pub(crate) fn end(&self) {
        self.is_ending.store(true, Ordering::Relaxed);
        self.bell.ring();
    }

    /// Whether the server was told to end.
    pub(crate) fn is_ending(&self) -> bool {
        self.is_ending.load(Ordering::Relaxed)
    }

    /// Removes what nobody will ask for again: uploads, sessions, tries to sign in. The server does
    /// it again and again while it runs.
    ///
    /// # Errors
    /// Whatever the store says.
    pub fn clean(&self) -> Result<(), Fault> {
        jobs::clean_uploads(self)?;
        jobs::clean_sessions(self)
    }

    /// The areas, read again when the register changed.
    pub(crate) fn areas(&self) -> Result<Arc<AreaIndex>, Fault> {
        self.area_index.get(&self.store, self.newest.clock.now(&self.store)?, AreaIndex::read)
    }

    /// Who may read what, as the pack says.
    pub(crate) fn reading(&self) -> Result<&Reading, Fault> {
        if let Some(reading) = self.reading.get() {
            return Ok(reading);
        }
        let reading = Reading::of(&self.pack);
        let reading =
            reading.map_err(|faults| Fault::Link(qb_policy::faults_text(&faults).to_string()))?;
        Ok(self.reading.get_or_init(|| reading))
    }

    /// What becomes of events, as the pack says.
    pub(crate) fn event_rules(&self) -> Result<&EventRules, Fault> {
        if let Some(rules) = self.event_rules.get() {
            return Ok(rules);
        }
        let rules = EventRules::of(&self.pack)?;
        Ok(self.event_rules.get_or_init(|| rules))
    }

    /// Writes what was read and refused, as the server does behind the pages.
    ///
    /// # Errors
    /// When the store takes no rows; what was read then waits.
    pub fn write_seen(&self) -> Result<(), Fault> {
        Ok(self.seen.write()?)
    }

    /// Whether a page finds all that is kept in memory, and a free way to the store.
    pub(crate) fn is_ready(&self) -> bool {
        self.newest.clock.known().is_some_and(|now| {
            self.area_index.is_at(now) && self.newest.is_at(now) && self.store.has_free_reader()
        })
    }

    /// Computes what the first page would otherwise wait for.
    pub(crate) fn warm(&self) {
        self.newest.warm(&self.store, &self.pack);
    }

    /// Does what waits in the queue of jobs, as the server does on a thread of its own.
    ///
    /// # Errors
    /// When a job cannot be taken from the queue; one that fails is an answer, not an error.
    pub fn work_through(&self) -> Result<(), Fault> {
        jobs::take_up(self)?;
        jobs::work_through(self)
    }

    /// Where files wait between being handed in and being confirmed.
    pub(crate) fn uploads(&self) -> PathBuf {
        self.store.place().dir.path().join("uploads")
    }
}

/// An audit row about an object whose digest does not matter.
pub(crate) fn audit_entry<'a>(
    actor: &'a str,
    action: &'static str,
    object: &'a str,
    reason: &'a str,
) -> AuditEntry<'a> {
    AuditEntry { actor, action, object, before: None, after: None, reason }
}
