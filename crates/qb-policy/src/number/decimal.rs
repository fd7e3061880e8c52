//! Exact decimal numbers as a pack writes them.

use std::fmt;

/// Digits after the point that a pack may write.
pub const SCALE_MAX: u32 = 12;

/// An exact decimal: `mantissa` × 10^-`scale`; never a float.
#[derive(Clone, Copy, Debug)]
pub struct Decimal {
    mantissa: i128,
    scale: u32,
}

impl Decimal {
    /// A whole number.
    pub const fn whole(value: i64) -> Self {
        Self { mantissa: value as i128, scale: 0 }
    }

    /// `mantissa` × 10^-`scale`, without trailing zeros; `None` beyond [`SCALE_MAX`].
    pub fn new(mantissa: i128, scale: u32) -> Option<Self> {
        let (mut mantissa, mut scale) = (mantissa, scale);
        while scale > 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            scale -= 1;
        }
        (scale <= SCALE_MAX).then_some(Self { mantissa, scale })
    }

    /// Reads `-12.50`, `6000`, `0.3`; no exponent, no thousands separators.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let numeric = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !numeric(whole) || !numeric(fraction) || whole.len() > 18 || fraction.len() > 12 {
            return None;
        }
        let mantissa: i128 = format!("{whole}{fraction}").parse().ok()?;
        let scale = u32::try_from(fraction.len()).ok()?;
        Self::new(if negative { -mantissa } else { mantissa }, scale)
    }

    /// The number before the power of ten.
    pub const fn mantissa(self) -> i128 {
        self.mantissa
    }

    /// How many digits stand after the point.
    pub const fn scale(self) -> u32 {
        self.scale
    }

    /// Moves the point: × 10^`places`, for 元 → 分 and percent → share.
    pub fn shift(self, places: i32) -> Option<Self> {
        let step = places.unsigned_abs();
        if places < 0 {
            return Self::new(self.mantissa, self.scale.checked_add(step)?);
        }
        if step <= self.scale {
            return Self::new(self.mantissa, self.scale - step);
        }
        let factor = 10_i128.checked_pow(step - self.scale)?;
        Self::new(self.mantissa.checked_mul(factor)?, 0)
    }

    /// The sum; `None` beyond 128 bits.
    pub fn plus(self, other: Self) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        let lift =
            |number: Self| number.mantissa.checked_mul(10_i128.checked_pow(scale - number.scale)?);
        Self::new(lift(self)?.checked_add(lift(other)?)?, scale)
    }

    /// The value as a whole number, or `None` if it has a fraction or is too large.
    pub fn to_i64(self) -> Option<i64> {
        if self.scale == 0 { i64::try_from(self.mantissa).ok() } else { None }
    }

    /// Rounds half away from zero to a multiple of `step`, as published figures are rounded.
    pub fn round_to(self, step: Self) -> Option<Self> {
        let scale = self.scale.max(step.scale);
        let value = self.mantissa.checked_mul(10_i128.checked_pow(scale - self.scale)?)?;
        let step = step.mantissa.checked_mul(10_i128.checked_pow(scale - step.scale)?)?;
        if step <= 0 {
            return None;
        }
        let half = value.checked_abs()?.checked_mul(2)?.checked_add(step)? / step.checked_mul(2)?;
        Self::new(half.checked_mul(step)?.checked_mul(value.signum())?, scale)
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Decimal {}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    /// Compares by value; mantissas parsed from text fit with room for the common scale.
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let scale = self.scale.max(other.scale);
        let lift = |d: &Self| d.mantissa.saturating_mul(10_i128.pow(scale - d.scale));
        lift(self).cmp(&lift(other))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.scale == 0 {
            return write!(f, "{}", self.mantissa);
        }
        let width = qb_base::index(self.scale) + 1;
        let digits = format!("{:0>width$}", self.mantissa.unsigned_abs());
        let (whole, fraction) = digits.split_at(digits.len() + 1 - width);
        let sign = if self.mantissa < 0 { "-" } else { "" };
        write!(f, "{sign}{whole}.{fraction}")
    }
}

/// A number as a file writes it: a whole one, or in quotes, so that nothing is lost.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(untagged)]
pub enum WrittenNumber {
    /// A whole number.
    Whole(i64),
    /// A decimal, or what else the reader of the file takes.
    Text(String),
}

impl WrittenNumber {
    /// The number; `None` where the text is no decimal.
    pub fn decimal(&self) -> Option<Decimal> {
        match self {
            Self::Whole(whole) => Some(Decimal::whole(*whole)),
            Self::Text(text) => Decimal::parse(text),
        }
    }
}

#[cfg(test)]
mod tests;
