//! qb-base
