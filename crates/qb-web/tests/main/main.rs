//! Pages through the router, in one binary: permissions cell by cell, masking, sessions, pages, the
//! browser.

mod browser;
mod client;
mod texts;
mod world;

mod routes {
    mod account;
    mod households;
    mod imports;
    mod masking;
    mod matrix;
    mod pages;
}
