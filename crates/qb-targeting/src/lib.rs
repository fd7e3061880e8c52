//! qb-targeting
