//! Pages through the router, in one binary: permissions cell by cell, masking, sessions, pages, the
//! browser.

mod browser;
mod client;
mod routes;
mod texts;
mod world;
