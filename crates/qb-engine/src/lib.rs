//! qb-engine
