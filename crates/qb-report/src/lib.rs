//! qb-report
