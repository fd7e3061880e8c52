//! Behaviour of the engine, in one binary because linking is slow.

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
