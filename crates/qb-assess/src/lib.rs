//! Assessment: a year's work scored by a scheme of the pack.
//!
//! Step: after delivery, before the report. Input: a scheme (`schemes/*.toml` of the pack) and the
//! values its queries find in a snapshot. Output: points per indicator, totals, grades and places;
//! frozen scores with appeals. Invariants: points are exact fractions until the scheme's rounding;
//! the same values under the same scheme give the same digest; a frozen score keeps its values, and
//! an accepted appeal adds a revision; nothing is confirmed while an appeal is open.

mod check;
pub mod commands;
mod duty;
mod error;
mod find;
mod kernel;
pub mod model;
mod number;
pub mod queries;
mod raw;
mod read;
mod save;
mod score;
mod source;
pub mod tables;

pub use check::{check, check_queries};
pub use error::AssessError;
pub use find::{scheme, scheme_of_year};
pub use read::schemes;
pub use score::score;
pub use source::{Source, SourceRow, gather, not_assessed};
