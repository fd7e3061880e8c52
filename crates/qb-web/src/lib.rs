//! qb-web
