//! qb-city
