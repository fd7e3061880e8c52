//! What a cell of a list holds, before a hand writes it down.

use qb_base::Date;
use qb_base::date::{date_from_epoch_days, epoch_days};

/// A value of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Blank,
    Text(String),
    Int(i64),
    /// Money in fen under a head in yuan.
    Fen(i64),
    /// Money in fen under a head in ten thousand yuan.
    Wan(i64),
    /// A number with decimals, exact.
    Decimal(String),
    Day(Date),
    Flag(bool),
}

impl Value {
    /// A text, blank when empty.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::Blank } else { Self::Text(text) }
    }

    /// A day that may not have come yet.
    pub(crate) fn day(day: Option<Date>) -> Self {
        day.map_or(Self::Blank, Self::Day)
    }

    /// Money that is left blank when there is none.
    pub(crate) fn some_fen(fen: i64) -> Self {
        if fen == 0 { Self::Blank } else { Self::Fen(fen) }
    }

    /// The text of a value that is one.
    pub(crate) fn as_text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            _ => "",
        }
    }
}

/// Days since 1970.
pub(crate) fn day_number(day: Date) -> i64 {
    i64::from(epoch_days(day))
}

/// The day so many days later.
pub(crate) fn later(day: Date, days: i64) -> Date {
    date_from_epoch_days(day_number(day) + days).unwrap_or(day)
}

/// The day so many days after New Year; day 1 is New Year.
pub(crate) fn day_of(year: i16, day: i64) -> Date {
    later(Date::constant(year, 1, 1), day - 1)
}

/// A whole number of thousandths as a decimal.
pub(crate) fn thousandths(number: u64) -> String {
    let text = format!("{}.{:03}", number / 1000, number % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
