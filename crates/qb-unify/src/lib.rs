//! Nothing but a list of features: see `Cargo.toml`. Compiled once, so that a build of one crate
//! and of all share everything.
