//! The rules of the house, each a test that lists every place where it does not hold.

#![expect(clippy::expect_used, reason = "a helper of tests fails its test by panic")]

mod common;
mod dependencies;
mod documents;
mod files;
mod licences;
mod policy_numbers;
mod rust;
mod shape;
mod silent_defaults;
mod sql;
mod tables;
