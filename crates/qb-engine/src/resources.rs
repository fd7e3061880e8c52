//! How much of the machine the engine uses: by itself a share of what the machine or its control
//! group has, or what the program was told.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use datafusion::execution::memory_pool::{FairSpillPool, TrackConsumersPool};
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};

use crate::error::EngineError;

/// How the engine may use the machine.
#[derive(Clone, Copy, Debug)]
pub struct EngineOptions {
    /// Threads of a query.
    pub threads: usize,
    /// Limit of a query's working memory and of its rows while they are collected; beyond it
    /// operators write to temporary files. The snapshot's columns in memory are not part of it.
    pub memory_bytes: usize,
    /// Rows a query aims at; large enough to be worth planning, small enough for hash tables to
    /// stay in the cache.
    pub window_rows: usize,
    /// Longest time of one query of a pack.
    pub query_time: Duration,
}

/// What the one who starts the program says about the machine; what is left out follows it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    /// Working memory of queries.
    pub memory_bytes: Option<usize>,
    /// Longest time of one query of a pack.
    pub query_time: Option<Duration>,
}

static LIMITS: OnceLock<Limits> = OnceLock::new();

/// Sets the limits of this program's engines; counts before the first engine is made, and once.
pub fn limit(limits: Limits) {
    LIMITS.get_or_init(|| limits);
}

impl Default for EngineOptions {
    fn default() -> Self {
        let limits = LIMITS.get_or_init(Limits::default);
        let memory = limits.memory_bytes.unwrap_or_else(|| machine_bytes() / SHARE_OF_MACHINE);
        Self {
            // A system that does not say how many processors it has has one.
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            memory_bytes: memory.max(MEMORY_BYTES_MIN),
            window_rows: WINDOW_ROWS,
            query_time: limits.query_time.unwrap_or(QUERY_TIME),
        }
    }
}

/// One part of so many of the machine's memory is for queries; the rest is for columns, the store
/// and the system.
const SHARE_OF_MACHINE: usize = 3;
/// Below this even a small county does not run.
const MEMORY_BYTES_MIN: usize = 256 << 20;
const WINDOW_ROWS: usize = 131_072;
/// A prefecture's longest query takes seconds; one that runs longer than this is a mistake.
const QUERY_TIME: Duration = Duration::from_secs(20 * 60);

/// The memory of the machine, or of the control group that the program runs in.
fn machine_bytes() -> usize {
    static BYTES: OnceLock<usize> = OnceLock::new();
    *BYTES.get_or_init(|| {
        let mut system = sysinfo::System::new();
        system.refresh_memory();
        let group = system.cgroup_limits().map_or(u64::MAX, |limits| limits.total_memory);
        let bytes = system.total_memory().min(group);
        // An address space smaller than the memory holds what it can hold.
        usize::try_from(bytes).unwrap_or(usize::MAX)
    })
}

/// A place for queries to work in, within a limit of memory; what does not fit goes to temporary
/// files that end with it.
pub(crate) fn environment(memory_bytes: usize) -> Result<Arc<RuntimeEnv>, EngineError> {
    let largest = std::num::NonZeroUsize::MIN.saturating_add(CONSUMERS_NAMED);
    let pool = TrackConsumersPool::new(FairSpillPool::new(memory_bytes), largest);
    Ok(RuntimeEnvBuilder::new().with_memory_pool(Arc::new(pool)).build_arc()?)
}

/// How many of those who hold most memory an error names.
const CONSUMERS_NAMED: usize = 2;
