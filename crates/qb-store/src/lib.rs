//! qb-store
