//! Scores: the sheet, and what people do with it.

pub(crate) mod appraisal;
pub(crate) mod sheet;
