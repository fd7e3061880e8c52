//! Exact decimals in JSON.

use qb_policy::{Decimal, Ratio};
use serde::{Serialize, Serializer};

/// Digits that a value keeps where it is shown or stored.
const RAW_STEP_SCALE: u32 = 6;

/// A fraction as it is shown and stored: to six digits.
pub(crate) fn shown(value: Ratio) -> Option<Decimal> {
    value.round_to(Decimal::new(1, RAW_STEP_SCALE)?)
}

/// A decimal as a JSON number with the same digits.
pub(crate) fn decimal<S: Serializer>(value: &Decimal, to: S) -> Result<S::Ok, S::Error> {
    match value.to_string().parse::<serde_json::Number>() {
        Ok(number) => number.serialize(to),
        Err(error) => Err(serde::ser::Error::custom(error)),
    }
}

/// The same, or null.
#[expect(clippy::ref_option, reason = "serde hands over a reference to the field")]
pub(crate) fn decimal_opt<S: Serializer>(
    value: &Option<Decimal>,
    to: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => decimal(value, to),
        None => to.serialize_none(),
    }
}
