//! The values every link of the chain speaks: money, areas, identity numbers, dates, bilingual
//! text.
//!
//! Step: none, below the chain. Input: text and numbers at the edge. Output: checked types.
//! Invariants: no I/O except [`env`], which alone reads the clock and the system's randomness;
//! money is integer fen with checked arithmetic; an identity number prints masked.

pub mod area;
pub mod calendar;
pub mod count;
pub mod date;
pub mod digest;
pub mod env;
pub mod fold;
pub mod keyring;
pub mod mask;
pub mod money;
pub mod personal;
pub mod readings;
pub mod resident;
pub mod text;

pub use area::{AreaCode, AreaLevel};
pub use calendar::{Due, WorkingCalendar};
pub use count::{count, index, size, tally};
pub use date::{Date, PartialDate, PolicyYear, Timestamp};
pub use digest::{Digest, Digester};
pub use keyring::{BlindIndex, Keyring, Sealed};
pub use money::Fen;
pub use resident::{Normalised, Repair, ResidentNumber, ResidentNumberFault};
pub use text::{Lang, Text};

/// Returns `Err($error)` when an invariant is broken; stays on in release builds.
///
/// The message names the record by id, never by content.
#[macro_export]
macro_rules! invariant {
    ($condition:expr, $error:expr) => {
        if !$condition {
            return Err($error.into());
        }
    };
}
