//! Cases: one mechanism that moves households, villages, projects, pledges and complaints along the
//! ways the pack draws.
//!
//! Step: beside the store, below the links. Input: the machines and the calendar of a pack; steps
//! that people take; records that tell of steps taken long ago. Output: cases with their steps,
//! deadlines, objections and public notices. Invariants: a case moves only along a transition of
//! its machine; a person's step that fails one guard changes nothing and is told every guard it
//! fails; a record's step that fails is kept and marked, never dropped; steps are only added; a
//! public notice has no place for a number, an account or an illness.

mod apply;
mod check;
pub mod commands;
mod due;
mod error;
mod leads;
mod load;
pub mod machine;
pub mod model;
pub mod notice;
pub mod queries;
mod raw;
mod read;
mod refusal;
mod save;
mod seal;
mod step;
mod tables;

pub use check::{check, notes};
pub use error::{CaseError, RefusedGuard};
pub use machine::{Machine, Machines};
pub use refusal::{Beside, Refusal};
pub use seal::{CaseBreak, verify};
pub use step::{Actor, Evidence, StepFacts};
pub use tables::{schemas, tables};
