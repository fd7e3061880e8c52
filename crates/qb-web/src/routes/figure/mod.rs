//! Figures: overview, one figure, coverages, the report.

pub(crate) mod coverage;
pub(crate) mod overview;
pub(crate) mod page;
pub(crate) mod report;
