//! Numbers, money and shares as the pages print them.
//!
//! Money is stored in fen. A column or a figure chooses one [`MoneyUnit`] for all its values, so
//! that values beside each other can be compared at a glance.

use qb_base::money::group_thousands;
use qb_base::{Fen, Lang};

/// The unit a column of money is printed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MoneyUnit {
    /// 元 / yuan.
    Yuan,
    /// 万元 / ten thousand yuan; English prints thousands of yuan would differ, so it keeps yuan.
    WanYuan,
    /// 亿元 / hundred million yuan; English prints millions of yuan.
    YiYuan,
}

/// Decimals of a share at most.
const SHARE_DECIMALS_MAX: u32 = 6;
const FEN_PER_YUAN: i64 = 100;
const FEN_PER_WAN: i64 = 1_000_000;
const FEN_PER_YI: i64 = 10_000_000_000;
const FEN_PER_MILLION: i64 = 100_000_000;

impl MoneyUnit {
    /// The unit that fits the largest of the amounts.
    pub(crate) fn for_largest(amounts: impl IntoIterator<Item = Fen>) -> Self {
        let largest = amounts.into_iter().map(|fen| fen.fen().unsigned_abs()).fold(0, u64::max);
        if largest >= FEN_PER_YI.unsigned_abs() {
            Self::YiYuan
        } else if largest >= FEN_PER_WAN.unsigned_abs() {
            Self::WanYuan
        } else {
            Self::Yuan
        }
    }

    /// The unit in which people say a single amount: English goes from yuan to millions.
    pub(crate) fn for_one(amount: Fen, lang: Lang) -> Self {
        match (Self::for_largest([amount]), lang) {
            (Self::WanYuan, Lang::En)
                if amount.fen().unsigned_abs() >= FEN_PER_MILLION.unsigned_abs() =>
            {
                Self::YiYuan
            }
            (Self::WanYuan, Lang::En) => Self::Yuan,
            (unit, _) => unit,
        }
    }

    /// The unit as a column head names it.
    pub(crate) const fn label(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Self::Yuan, Lang::Zh) => "元",
            (Self::WanYuan, Lang::Zh) => "万元",
            (Self::YiYuan, Lang::Zh) => "亿元",
            (Self::Yuan | Self::WanYuan, Lang::En) => "yuan",
            (Self::YiYuan, Lang::En) => "million yuan",
        }
    }

    /// An amount in this unit with two decimals, rounded half away from zero, for display only.
    pub(crate) fn print(self, amount: Fen, lang: Lang) -> String {
        let per_unit = match (self, lang) {
            (Self::Yuan, _) | (Self::WanYuan, Lang::En) => FEN_PER_YUAN,
            (Self::WanYuan, Lang::Zh) => FEN_PER_WAN,
            (Self::YiYuan, Lang::Zh) => FEN_PER_YI,
            (Self::YiYuan, Lang::En) => FEN_PER_MILLION,
        };
        quotient(amount.fen(), per_unit, 2)
    }
}

/// An amount in yuan with thousands separators; whole yuan print without decimals.
pub(crate) fn yuan(amount: Fen) -> String {
    let text = amount.to_string();
    text.strip_suffix(".00").map(str::to_owned).unwrap_or(text)
}

/// A count with thousands separators.
pub(crate) fn count(value: i64) -> String {
    let digits = group_thousands(&value.unsigned_abs().to_string());
    if value < 0 { format!("-{digits}") } else { digits }
}

/// A share in percent with one decimal, or a dash when there is nothing to share; with as many more
/// as tell nearly all from all, and nearly none from none.
pub(crate) fn percent(part: i64, whole: i64) -> String {
    let Some(hundredfold) = part.checked_mul(100).filter(|_| whole > 0) else {
        return "—".to_owned();
    };
    let is_between = 0 < part && part < whole;
    let seems_whole = |text: &str| {
        let digits = text.trim_end_matches('0').trim_end_matches('.');
        digits == "100" || digits.is_empty() || digits == "0"
    };
    let mut texts = (1..=SHARE_DECIMALS_MAX).map(|decimals| quotient(hundredfold, whole, decimals));
    let fits = |text: &String| !(is_between && seems_whole(text));
    let last = quotient(hundredfold, whole, SHARE_DECIMALS_MAX);
    format!("{}%", texts.find(fits).unwrap_or(last))
}

/// A size in kB or MB, rounded up.
pub(crate) fn bytes(size: i64) -> String {
    const KILO: i64 = 1_000;
    const MEGA: i64 = 1_000_000;
    if size < MEGA {
        format!("{} kB", count((size + KILO - 1) / KILO))
    } else {
        format!("{} MB", quotient(size, MEGA, 1))
    }
}

/// `value / divisor` with so many decimals, rounded half away from zero, with separators.
pub(crate) fn quotient(value: i64, divisor: i64, decimals: u32) -> String {
    let scale = 10_i128.pow(decimals);
    let divisor = i128::from(divisor.max(1));
    let scaled = i128::from(value) * scale;
    let half = if scaled < 0 { -divisor / 2 } else { divisor / 2 };
    let rounded = (scaled + half) / divisor;
    let sign = if rounded < 0 { "-" } else { "" };
    let magnitude = rounded.unsigned_abs();
    let whole = group_thousands(&(magnitude / scale.unsigned_abs()).to_string());
    if decimals == 0 {
        return format!("{sign}{whole}");
    }
    let fraction = magnitude % scale.unsigned_abs();
    format!("{sign}{whole}.{fraction:0width$}", width = decimals as usize)
}

#[cfg(test)]
mod tests;
