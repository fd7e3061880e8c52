//! What every request shares: the store, the pack, the indices kept in memory.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock};

use qb_case::Machines;
use qb_policy::Pack;
use qb_store::{AuditEntry, Store};
use tokio::sync::Semaphore;

use crate::accounts::Addresses;
use crate::areas::AreaIndex;
use crate::assets::{Asset, Assets};
use crate::cache::Cached;
use crate::chain::Chain;
use crate::fault::Fault;
use crate::jobs::{self, Bell, Following};
use crate::limit::ReadLimit;
use crate::session::LastSeen;

/// Requests that may be worked on or wait for a thread at once; more are told to come back.
const REQUESTS_MAX: usize = 512;

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
    pub(crate) chain: Chain,
    /// When each session last asked for something.
    pub(crate) last_seen: LastSeen,
    /// Failed sign-ins by address.
    pub(crate) addresses: Addresses,
    /// How often each person reads full identity numbers.
    pub(crate) reveals: ReadLimit,
    /// How far the job at work is.
    pub(crate) following: Mutex<Option<Following>>,
    /// Wakes the worker of the queue.
    pub(crate) bell: Bell,
    /// The county map as the browser gets it.
    pub(crate) map: Option<Asset>,
    /// Bounds the requests in flight.
    pub(crate) gate: Arc<Semaphore>,
}

impl AppState {
    /// Takes an opened store and a loaded pack.
    ///
    /// `map` is the county map of the pack; `map.geojson` in the data directory wins over it.
    pub fn new(store: Store, pack: Arc<Pack>, map: Option<Vec<u8>>) -> Self {
        let own_map = std::fs::read(store.place().dir.map()).ok();
        let map = own_map.or(map).map(|bytes| Asset::new(bytes, "application/geo+json"));
        Self {
            store,
            pack,
            machines: OnceLock::new(),
            assets: Assets::load(),
            area_index: Cached::default(),
            chain: Chain::default(),
            last_seen: LastSeen::default(),
            addresses: Addresses::default(),
            reveals: ReadLimit::default(),
            following: Mutex::default(),
            bell: Bell::default(),
            map,
            gate: Arc::new(Semaphore::new(REQUESTS_MAX)),
        }
    }

    /// The areas, read again when the register changed.
    pub(crate) fn areas(&self) -> Result<Arc<AreaIndex>, Fault> {
        self.area_index.get(&self.store, self.chain.clock.now(&self.store)?, AreaIndex::read)
    }

    /// Whether a page finds all that is kept in memory, and a free way to the store.
    pub(crate) fn is_ready(&self) -> bool {
        self.chain.clock.known().is_some_and(|now| {
            self.area_index.is_at(now) && self.chain.is_at(now) && self.store.has_free_reader()
        })
    }

    /// Computes what the first page would otherwise wait for.
    pub(crate) fn warm(&self) {
        self.chain.warm(&self.store, &self.pack);
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
