//! Tests mirror the routes they test.

mod account;
mod appraise;
mod area_life;
mod canary;
mod casework;
mod confirm;
mod entry;
mod events;
mod exports;
mod households;
mod imports;
mod masking;
mod matrix;
mod mine;
mod pages;
mod seen;
pub(crate) mod sent;
mod waiting;
mod worlds;
