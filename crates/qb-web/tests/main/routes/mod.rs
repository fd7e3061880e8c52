//! Tests mirror the routes they test.

mod account;
mod casework;
mod households;
mod imports;
mod masking;
mod matrix;
mod mine;
mod pages;
mod waiting;
