//! qb-access
