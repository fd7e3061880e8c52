//! What the rules of the house look at: the checkout's files and the shape of Rust sources.
//!
//! Step: none of the chain; this crate watches over it. In: the files git knows. Out: faults, each
//! with file, line and remedy, collected so that one run shows all of them. Invariants: nothing is
//! written, nothing is fetched, and a rule reads the same list everybody else reads (`deny.toml`,
//! the packs) rather than a copy.

pub mod checkout;
pub mod fault;
pub mod licence;
pub mod rust_source;
