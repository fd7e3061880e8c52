//! The whole chain through the binary: killed, fed with hostile or altered files, run twice, on
//! both stores.

mod altered;
mod chain;
mod commands;
mod hostile;
mod killed;
mod packs;
mod program;
mod random;
mod sheets;
mod stores;
mod zip_bomb;
