//! Cases over the pack of the programme and real stores.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper of tests fails its test by panic"
)]

mod apply;
mod calendar;
mod common;
mod desk;
mod faults;
mod leads;
mod machines;
mod model;
mod notice;
mod objections;
mod reading;
mod seal;
