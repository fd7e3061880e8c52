//! Pairing: the cascade, progress, the proposal, pledges and promises.

mod cascading;
mod fixture;
mod judging;
mod pledging;
mod promising;
mod proposing;
