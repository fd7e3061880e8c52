//! Behaviour of the engine, in one binary because linking is slow.

mod aggregates;
mod checks;
mod explaining;
mod figures;
mod messages;
mod random;
mod snapshots;
mod support;
mod traps;
