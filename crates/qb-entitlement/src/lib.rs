//! Entitlement: what a person is due from each payer, step by step.
//!
//! Step: after pairing, before funds. Input: benefit clauses (`benefits/*.toml` of the pack) and
//! the facts of a claim, a pupil, a station or a loan. Output: slips: each step with its base,
//! rate, result, clause and source; suggested measures; the published table of rules. Invariants:
//! money is whole fen, each payment rounded half up once; nothing is negative; payers and own share
//! add up to the total exactly; a greater eligible cost never lowers what is paid; what the pack
//! does not say is refused with a reason, never guessed.

pub mod aid;
mod answer;
mod check;
pub mod claim;
mod error;
pub mod interest;
pub mod model;
pub mod person;
pub mod pool;
mod raw;
mod read;
pub mod rules_table;
pub mod slip;
mod suggest;

pub use check::check;
pub use error::EntitlementError;
pub use read::benefits;
pub use suggest::{Suggestion, suggest};
