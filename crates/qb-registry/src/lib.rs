//! The register: households, persons, who lives with whom, incomes, village ledgers, outside
//! values.
//!
//! Step: second link of the chain. Input: drafts of rows that intake read, and events that people
//! state. Output: the register's rows with their history, pages of households and persons within a
//! scope, and snapshots: Parquet views of the whole register at one instant, which all set-wise
//! work reads. Invariants: nobody else writes or names the register's tables; a row that changes
//! leaves its former version behind; every query takes a scope; names leave masked unless the scope
//! reveals them; a snapshot is named by its content, holds pseudonymous ids only, and lists members
//! of a household side by side.

pub mod areas;
pub mod commands;
mod digest;
pub mod draft;
mod error;
pub mod events;
mod fault;
pub mod hash;
pub mod issue;
pub mod model;
pub mod queries;
pub mod seal;
pub mod snapshot;
pub mod support;

pub use digest::digest;
pub use error::RegistryError;
pub use fault::{FaultDraft, REQUIRED, TypedFault};
pub use issue::{Issue, Severity};
