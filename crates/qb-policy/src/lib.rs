//! qb-policy
