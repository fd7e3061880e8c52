//! Exact money.

use std::fmt;
use std::iter::Sum;

/// An amount of money in fen (1 yuan = 100 fen). Never a float.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(transparent)]
pub struct Fen(i64);

/// The largest amount the system accepts: 10 trillion yuan, so that sums of millions fit in 64
/// bits.
pub const FEN_MAX: i64 = 1_000_000_000_000_000;
/// Fen in ten thousand yuan.
const FEN_PER_WAN: u64 = 1_000_000;

/// Why an amount could not be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The result lies outside what the system accepts.
    #[error("amount outside ±{FEN_MAX} fen")]
    OutOfRange,
    /// There is nobody to split among.
    #[error("an amount cannot be split by weights that sum to zero or are negative")]
    NoWeight,
}

impl Fen {
    /// No money.
    pub const ZERO: Self = Self(0);

    /// Takes an amount in fen, or `None` outside ±[`FEN_MAX`].
    pub const fn new(fen: i64) -> Option<Self> {
        if fen >= -FEN_MAX && fen <= FEN_MAX { Some(Self(fen)) } else { None }
    }

    /// The amount in fen.
    pub const fn fen(self) -> i64 {
        self.0
    }

    /// Adds, refusing what lies out of range.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        self.0.checked_add(other.0).and_then(Self::new).ok_or(MoneyError::OutOfRange)
    }

    /// Subtracts, refusing what lies out of range.
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        self.0.checked_sub(other.0).and_then(Self::new).ok_or(MoneyError::OutOfRange)
    }

    /// Splits by weights with the largest remainder method; the parts sum to the amount exactly.
    ///
    /// Ties go to the earlier part, so the same input always gives the same parts.
    pub fn split(self, weights: &[u64]) -> Result<Vec<Self>, MoneyError> {
        let total: i128 = weights.iter().map(|w| i128::from(*w)).sum();
        if total == 0 {
            return Err(MoneyError::NoWeight);
        }
        let amount = i128::from(self.0);
        let exact: Vec<i128> = weights.iter().map(|w| amount * i128::from(*w)).collect();
        let mut parts: Vec<i128> = exact.iter().map(|e| e.div_euclid(total)).collect();
        let missing = amount - parts.iter().sum::<i128>();
        let mut order: Vec<usize> = (0..weights.len()).collect();
        order.sort_by_key(|&i| (-exact[i].rem_euclid(total), i));
        // What rounding down left over is less than one fen a share, and never negative.
        for (_, &i) in (0..missing).zip(&order) {
            parts[i] += 1;
        }
        parts
            .into_iter()
            .map(|p| i64::try_from(p).ok().and_then(Self::new).ok_or(MoneyError::OutOfRange))
            .collect()
    }

    /// Plain yuan with two decimals and no separators, for files: `-12.05`.
    pub fn to_plain(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        let fen = self.0.unsigned_abs();
        format!("{sign}{}.{:02}", fen / 100, fen % 100)
    }

    /// Plain ten thousand yuan, exact and without trailing zeros, for files: `-12.5`.
    pub fn to_plain_wan(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        let fen = self.0.unsigned_abs();
        let text = format!("{sign}{}.{:06}", fen / FEN_PER_WAN, fen % FEN_PER_WAN);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}

impl Sum for Fen {
    /// Sums in 64 bits; [`FEN_MAX`] leaves room for nine thousand extreme amounts.
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        Self(iter.fold(0_i64, |sum, fen| sum.saturating_add(fen.0)))
    }
}

impl fmt::Display for Fen {
    /// Yuan with thousands separators and two decimals: `1,234.50`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = self.to_plain();
        let (sign, rest) = plain.strip_prefix('-').map_or(("", plain.as_str()), |r| ("-", r));
        let (yuan, fen) = rest.split_once('.').unwrap_or((rest, "00"));
        write!(f, "{sign}{}.{fen}", group_thousands(yuan))
    }
}

/// Puts a comma between groups of three digits.
pub fn group_thousands(digits: &str) -> String {
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) && c.is_ascii_digit() {
            grouped.push(',');
        }
        grouped.push(c);
    }
    grouped
}

#[cfg(test)]
mod tests;
