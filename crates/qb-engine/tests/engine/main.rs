//! Behaviour of the engine, in one binary because linking is slow.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a helper of tests fails its test by panic")]

mod aggregates;
mod explaining;
mod figures;
mod messages;
mod packs;
mod random;
mod snapshots;
mod support;
mod tables;
mod traps;
