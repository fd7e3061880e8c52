//! The register answers within a scope, masks names, and gives the same snapshot for the same rows.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails its test by panic")]

mod areas;
mod fixture;
mod queries;
mod records;
mod seals;
mod snapshots;
