//! The register answers within a scope, masks names, and gives the same snapshot for the same rows.

mod fixture;
mod queries;
mod records;
mod snapshots;
