//! Pages through the router, in one binary: permissions cell by cell, masking, sessions, pages, the
//! browser.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper of tests fails its test by panic"
)]

mod browser;
mod client;
mod routes;
mod texts;
mod wire;
mod world;
