//! Exact numbers: decimals as people write them, fractions, and arithmetic over figures.

pub mod arithmetic;
pub mod decimal;
mod ratio;

pub use ratio::Ratio;
