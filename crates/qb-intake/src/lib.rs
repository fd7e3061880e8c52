//! qb-intake
