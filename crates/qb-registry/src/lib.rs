//! qb-registry
