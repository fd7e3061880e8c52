//! The ledger on both stores: posting, applying lists, reading, racing, tampering.

mod applying;
mod fixture;
mod posting;
mod racing;
mod random;
mod reading;
mod tampering;
