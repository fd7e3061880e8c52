//! The whole chain through the binary: killed, fed with hostile files, run twice, on both stores.

mod chain;
mod commands;
mod hostile;
mod killed;
mod packs;
mod program;
mod random;
mod stores;
mod zip_bomb;
