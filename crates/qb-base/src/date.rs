//! Calendar facts and instants.

pub use jiff::civil::Date;

/// An instant in milliseconds since 1970, UTC.
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
pub struct Timestamp(pub i64);

/// China keeps one time zone all year, eight hours before UTC.
const CHINA_OFFSET_MS: i64 = 8 * 3_600_000;
const DAY_MS: i64 = 86_400_000;

impl Timestamp {
    /// The calendar day in China.
    pub fn date_in_china(self) -> Date {
        let days = (self.0 + CHINA_OFFSET_MS).div_euclid(DAY_MS);
        // Instants come from the clock and from rows that it stamped: all within the calendar.
        date_from_epoch_days(days).unwrap_or(Date::ZERO)
    }

    /// `2016-12-31T08:30` in China, with seconds and milliseconds where there are any.
    pub fn to_instant_in_china(self) -> String {
        let millis = (self.0 + CHINA_OFFSET_MS).rem_euclid(DAY_MS);
        let (minutes, rest) = (millis / 60_000, millis % 60_000);
        let minute = format!("{}T{:02}:{:02}", self.date_in_china(), minutes / 60, minutes % 60);
        match (rest / 1000, rest % 1000) {
            (0, 0) => minute,
            (seconds, 0) => format!("{minute}:{seconds:02}"),
            (seconds, millis) => format!("{minute}:{seconds:02}.{millis:03}"),
        }
    }

    /// `2016-12-31 08:30` in China, as pages print it.
    pub fn to_minute_in_china(self) -> String {
        let minutes = (self.0 + CHINA_OFFSET_MS).rem_euclid(DAY_MS) / 60_000;
        format!("{} {:02}:{:02}", self.date_in_china(), minutes / 60, minutes % 60)
    }
}

/// An instant as it is written in China, to the minute, the second or the millisecond:
/// `2017-03-31T08:30`. None for anything else, such as another zone.
pub fn instant_in_china(text: &str) -> Option<Timestamp> {
    let written = text.parse::<jiff::civil::DateTime>().ok().filter(|_| text.contains('T'))?;
    // Nobody reads a zone into it: what is written is what is meant.
    let is_plain = text.chars().all(|c| c.is_ascii_digit() || "-T:.".contains(c));
    let midnight = start_in_china(written.date());
    let since = written.duration_since(written.date().to_datetime(jiff::civil::Time::midnight()));
    is_plain.then_some(Timestamp(midnight.0 + i64::try_from(since.as_millis()).ok()?))
}

/// The day that lies so many days after 1970-01-01, or `None` outside years −9999 … 9999.
pub fn date_from_epoch_days(days: i64) -> Option<Date> {
    let span = jiff::Span::new().try_days(days).ok()?;
    jiff::civil::date(1970, 1, 1).checked_add(span).ok()
}

/// Days since 1970-01-01; negative before it.
pub fn epoch_days(day: Date) -> i32 {
    // A span of days holds the whole calendar: the difference of two days never fails.
    (day - jiff::civil::date(1970, 1, 1)).get_days()
}

/// The instant at which a day begins in China.
pub fn start_in_china(day: Date) -> Timestamp {
    let since = day.duration_since(jiff::civil::date(1970, 1, 1));
    Timestamp(since.as_secs() * 1000 - CHINA_OFFSET_MS)
}

/// The last instant of a day in China.
pub fn end_in_china(day: Date) -> Timestamp {
    Timestamp(start_in_china(day).0 + DAY_MS - 1)
}

/// Full years from one day to another, as ages are counted; negative when the order is reversed.
pub fn years_between(from: Date, to: Date) -> i16 {
    let had_birthday = (to.month(), to.day()) >= (from.month(), from.day());
    to.year() - from.year() - i16::from(!had_birthday)
}

/// How much of a date is known; registers often hold only year and month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// Only the year.
    Year,
    /// Year and month.
    Month,
    /// The day.
    Day,
}

/// A date as far as it is known; the unknown parts hold 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PartialDate {
    /// First day of the known period.
    pub date: Date,
    /// What of it is known.
    pub precision: Precision,
}

impl PartialDate {
    /// A date known to the day.
    pub fn day(year: i16, month: i8, day: i8) -> Option<Self> {
        Some(Self { date: Date::new(year, month, day).ok()?, precision: Precision::Day })
    }

    /// A date known to the month.
    pub fn month(year: i16, month: i8) -> Option<Self> {
        Some(Self { date: Date::new(year, month, 1).ok()?, precision: Precision::Month })
    }

    /// A date known to the year.
    pub fn year(year: i16) -> Option<Self> {
        Some(Self { date: Date::new(year, 1, 1).ok()?, precision: Precision::Year })
    }

    /// ISO text that keeps the precision: `2016`, `2016-05`, `2016-05-01`.
    pub fn to_iso(self) -> String {
        let d = self.date;
        match self.precision {
            Precision::Year => format!("{:04}", d.year()),
            Precision::Month => format!("{:04}-{:02}", d.year(), d.month()),
            Precision::Day => d.to_string(),
        }
    }

    /// Reads what [`Self::to_iso`] wrote.
    pub fn from_iso(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let year = parts.next()?.parse().ok()?;
        match (parts.next(), parts.next(), parts.next()) {
            (None, _, _) => Self::year(year),
            (Some(month), None, _) => Self::month(year, month.parse().ok()?),
            (Some(month), Some(day), None) => {
                Self::day(year, month.parse().ok()?, day.parse().ok()?)
            }
            _ => None,
        }
    }
}

/// A year of policy, for which lines, rates and targets are set.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct PolicyYear(pub i16);

impl PolicyYear {
    /// The last day of the year, on which yearly figures stand.
    pub fn last_day(self) -> Date {
        // A pack's year is read with a day of it, so the calendar has it.
        Date::new(self.0, 12, 31).unwrap_or(Date::ZERO)
    }
}

#[cfg(test)]
mod tests;
