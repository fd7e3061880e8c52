//! The register: households, persons, who lives with whom, incomes, village ledgers, outside
//! values.
//!
//! Step: third link of the chain. Input: rows that intake committed. Output: pages of households
//! and persons within a scope, and snapshots: Parquet views of the whole register at one instant,
//! which all set-wise work reads. Invariants: every query takes a scope; names leave masked unless
//! the scope reveals them; a snapshot is named by its content, holds pseudonymous ids only, and
//! lists members of a household side by side.

pub mod areas;
mod digest;
mod error;
pub mod model;
pub mod queries;
pub mod seal;
pub mod snapshot;
pub mod support;

pub use digest::digest;
pub use error::RegistryError;
