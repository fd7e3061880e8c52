//! Targeting: the rules of the pack over the whole register, and why each household is judged as it
//! is.
//!
//! Step: fourth link of the chain. Input: a snapshot of the register and a policy pack. Output:
//! runs: verdicts per household and village, counts and figures per area, and reasons for one
//! household. Invariants: both evaluators agree on everybody or there is no run; the same snapshot
//! and pack give the same digest years later; a verdict is true, false or "cannot tell"; a run is
//! stored whole or not at all.

mod error;
mod explain;
mod load;
pub mod model;
pub mod queries;
mod run;
mod save;

pub use error::TargetingError;
pub use explain::Explainer;
pub use load::pack_of;
pub use run::{Asked, Progress, replay, run};
