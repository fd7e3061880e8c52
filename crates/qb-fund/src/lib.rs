//! The fund ledger: every yuan from the budget to the project or household, in double entry.
//!
//! Step: seventh link of the chain. Input: rows of the funds' lists and the pack's `ledger.toml`.
//! Output: accounts, entries and postings; budgets, idle money, the thread of a yuan both ways.
//! Invariants: an entry's postings sum to zero; no account falls below its floor, so nothing is
//! allocated or paid beyond what was appropriated; a posting never changes, it is reversed once; an
//! entry is posted at most once under its client's id; a row that cannot be posted is kept with the
//! reason and changes no figure.

mod apply;
mod book;
pub mod commands;
mod error;
pub mod model;
pub mod queries;
pub mod rules;
mod seal;
mod source;
mod tables;
mod template;
mod verify;

pub use error::{FundError, Refusal};
pub use rules::check;
pub use tables::{schemas, tables};
pub use verify::verify;
