//! The synthetic city: a seeded generator of raw files as counties, villages and departments
//! would hand them over.
//!
//! Step: before intake. Input: the official areas, a seed and a scale. Output: a folder of raw
//! files with planted mistakes
//! and, beside it, a truth file that only tests read.
//! Invariants: the same options give the same bytes; after a correct import people, households,
//! exits and yields add up to the totals in `model/xuzhou-2016.toml` at the city's scale; what a
//! list adds up to is what its rows say, remainders included; a row of the register that is
//! refused for a mistake comes again, corrected; rows of lists come again as the office meant
//! them, or are withdrawn; offices work on working days; no number is given to two people.

mod apportion;
mod areas;
mod bureau;
mod calendar;
mod city_lists;
mod county;
mod damage;
mod desk;
mod dice;
mod error;
mod family;
mod faults;
mod generate;
mod ground;
mod household;
mod identity;
mod income;
mod income_sheet;
mod items;
mod ledger;
mod model;
mod money;
mod naming;
mod offices;
mod people;
mod person;
mod places;
mod plan;
mod planting;
mod register;
mod reviews;
mod services;
mod sheet;
#[cfg(test)]
mod tests;
mod trace;
mod truth;
mod villages;
mod works;
mod yields;

pub use areas::{Area, parse_areas};
pub use calendar::parse_calendar;
pub use desk::{ListTruth, Mistake, MistakeTruth};
pub use error::{CityError, Result};
pub use faults::{Expectation, Fault, Planted};
pub use generate::{FULL_SCALE_PPM, Options, generate};
pub use truth::{FileTruth, LedgerTruth, Summary, Totals, Truth, VillageTruth};
