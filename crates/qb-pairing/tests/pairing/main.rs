//! Pairing: the cascade, progress, the proposal, pledges and promises.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails its test by panic")]

mod cascading;
mod fixture;
mod judging;
mod pledging;
mod promising;
mod proposing;
