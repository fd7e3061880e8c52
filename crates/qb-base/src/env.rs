//! The only place that reads the clock and the system's randomness.

use crate::date::{Date, Timestamp};

/// The present instant.
#[expect(clippy::disallowed_methods, reason = "the one place that may read the clock")]
pub fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    // Milliseconds fit for 292 million years to either side of 1970.
    let millis = |span: std::time::Duration| i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
    Timestamp(since.map_or_else(|early| -millis(early.duration()), millis))
}

/// How long ago an instant of the file system was; none where it lies ahead.
#[expect(clippy::disallowed_methods, reason = "the one place that may read the clock")]
pub fn age(at: std::time::SystemTime) -> Option<std::time::Duration> {
    std::time::SystemTime::now().duration_since(at).ok()
}

/// Today in China, where every date of the register lives.
pub fn today() -> Date {
    now().date_in_china()
}

/// A monotonic stopwatch for progress and timings that are printed, never decided upon.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(std::time::Instant);

impl Stopwatch {
    /// Starts counting.
    #[expect(clippy::disallowed_methods, reason = "the one place that may read the clock")]
    pub fn start() -> Self {
        Self(std::time::Instant::now())
    }

    /// Seconds since the start.
    pub fn seconds(&self) -> f64 {
        self.0.elapsed().as_secs_f64()
    }

    /// Time since the start.
    pub fn elapsed(&self) -> std::time::Duration {
        self.0.elapsed()
    }
}

/// Fills a buffer with randomness fit for keys and tokens.
///
/// # Errors
/// When the operating system gives none.
#[expect(clippy::disallowed_methods, reason = "the one place that may ask for chance")]
pub fn fill_random(buffer: &mut [u8]) -> Result<(), RandomnessMissing> {
    getrandom::fill(buffer).map_err(|_| RandomnessMissing)
}

/// The operating system gave no randomness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gave no randomness")]
pub struct RandomnessMissing;
