//! Pairing: who answers for what, who helps whom, and what was promised.
//!
//! Step: fifth link of the chain. Input: pledges and their targets, terms of office, pairings of
//! units and villages, visits, figures of a run, the pack's `targets.toml`. Output: the cascade of
//! targets with progress, signatures that are missing, a proposal for villages without a unit, and
//! promises as tasks. Invariants: the targets below an area cover the area's own, and where they do
//! not it shows; a proposal is the same for the same input and writes nothing; a promise stays a
//! task until it is done.

mod cascade;
pub mod commands;
mod error;
mod judge;
mod proposal;
pub mod queries;
pub mod rules;
mod source;
mod tables;

pub use cascade::{CascadeLine, Target, cascade};
pub use error::PairingError;
pub use judge::{Progress, State, judge};
pub use proposal::{Candidate, Proposal, Unpaired, Vacancy, propose};
pub use rules::check;
pub use source::{Pledge, Signature};
pub use tables::{schemas, tables};
