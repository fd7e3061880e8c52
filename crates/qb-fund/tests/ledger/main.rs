//! The ledger on both stores: posting, applying lists, reading, racing, tampering.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a helper of tests fails its test by panic")]

mod applying;
mod fixture;
mod posting;
mod racing;
mod random;
mod reading;
mod tampering;
