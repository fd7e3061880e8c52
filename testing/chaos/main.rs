//! The whole chain through the binary: killed, fed with hostile or altered files, run twice, on
//! both stores.

#![expect(clippy::expect_used, clippy::panic, reason = "a helper of tests fails its test by panic")]

mod altered;
mod areas;
mod chain;
mod commands;
mod crowd;
mod days;
mod hostile;
mod killed;
mod packs;
mod program;
mod random;
mod sheets;
mod stores;
mod upgrade;
mod zip_bomb;
