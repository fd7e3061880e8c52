//! Values as pages and files show them.

use std::fmt;

use qb_base::Date;
pub(crate) use qb_base::date::epoch_days;

/// An exact decimal: `unscaled × 10^-scale`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Exact {
    /// The digits.
    pub unscaled: i128,
    /// Digits after the point.
    pub scale: u8,
}

impl Exact {
    /// The number cut down to `scale` digits, rounded half away from zero; unchanged if it has no
    /// more.
    pub fn round(self, scale: u8) -> Self {
        if scale >= self.scale {
            return self;
        }
        let Some(step) = 10_i128.checked_pow(u32::from(self.scale - scale)) else { return self };
        let half = if self.unscaled < 0 { -(step / 2) } else { step / 2 };
        Self { unscaled: (self.unscaled + half) / step, scale }
    }

    /// The same number without zeros at the end.
    pub fn normalised(self) -> Self {
        let mut number = self;
        while number.scale > 0 && number.unscaled % 10 == 0 {
            number = Self { unscaled: number.unscaled / 10, scale: number.scale - 1 };
        }
        number
    }

    /// The number with exactly so many digits after the point, rounded half away from zero; `None`
    /// beyond 38 digits.
    pub(crate) fn at_scale(self, scale: u8) -> Option<Self> {
        let number = self.round(scale);
        let step = 10_i128.checked_pow(u32::from(scale - number.scale))?;
        Some(Self { unscaled: number.unscaled.checked_mul(step)?, scale })
    }

    /// The sum, or `None` beyond 38 digits.
    pub(crate) fn plus(self, other: Self) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        let (one, other) = (self.at_scale(scale)?, other.at_scale(scale)?);
        Some(Self { unscaled: one.unscaled.checked_add(other.unscaled)?, scale }.normalised())
    }

    /// The product, or `None` beyond 38 digits.
    pub fn times(self, other: Self) -> Option<Self> {
        let unscaled = self.unscaled.checked_mul(other.unscaled)?;
        Some(Self { unscaled, scale: self.scale.checked_add(other.scale)? }.normalised())
    }
}

impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.normalised();
        let width = usize::from(number.scale) + 1;
        let digits = format!("{:0>width$}", number.unscaled.unsigned_abs());
        let (whole, fraction) = digits.split_at(digits.len() - usize::from(number.scale));
        f.write_str(if number.unscaled < 0 { "-" } else { "" })?;
        f.write_str(whole)?;
        if fraction.is_empty() { Ok(()) } else { write!(f, ".{fraction}") }
    }
}

impl serde::Serialize for Exact {
    /// As text, so that no reader turns it into a float.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// One value of a row.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(untagged)]
pub enum Value {
    /// Not known.
    Unknown,
    /// A truth value.
    Bool(bool),
    /// An exact number.
    Number(Exact),
    /// Text or a code.
    Text(String),
    /// A calendar day.
    #[serde(serialize_with = "iso_date::serialize")]
    Date(Date),
}

impl fmt::Display for Value {
    /// `?` for unknown; else the value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("?"),
            Self::Bool(truth) => write!(f, "{truth}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
            Self::Date(date) => write!(f, "{date}"),
        }
    }
}

/// The day that lies so many days after 1970-01-01.
pub(crate) fn date_of(days: i32) -> Value {
    qb_base::date::date_from_epoch_days(i64::from(days)).map_or(Value::Unknown, Value::Date)
}

/// Dates as ISO text in files.
pub(crate) mod iso_date {
    use qb_base::Date;
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub(crate) fn serialize<S: Serializer>(date: &Date, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(date)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Date, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}
