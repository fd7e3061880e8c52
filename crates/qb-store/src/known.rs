//! What a question may know: everything, or what the office knew at an instant.

use qb_base::date::end_in_china;
use qb_base::{Date, Text, Timestamp, env};

use crate::conn::Conn;
use crate::error::StoreError;

/// How much of what is stored a question knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Known {
    /// All of it.
    #[default]
    Everything,
    /// What was recorded by an instant, with the versions that stood then.
    By(Timestamp),
}

impl Known {
    /// The last instant of which something is known, in ms UTC.
    pub const fn until(self) -> i64 {
        match self {
            Self::Everything => i64::MAX,
            Self::By(instant) => instant.0,
        }
    }

    /// The instant; none where everything is known.
    pub const fn instant(self) -> Option<Timestamp> {
        match self {
            Self::Everything => None,
            Self::By(instant) => Some(instant),
        }
    }
}

/// Until when a question knows, as people write it: `2017-03-31`, or `2017-03-31T08:30` in China
/// for an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnownOn {
    /// The end of a day of the office.
    Day(Date),
    /// An instant.
    Instant(Timestamp),
}

impl KnownOn {
    /// What is known then: of a day that is not over yet, and of this instant, everything. None
    /// where it has not come.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn known(self, conn: &Conn) -> Result<Option<Known>, StoreError> {
        let day = match self {
            Self::Day(day) => day,
            Self::Instant(instant) => {
                return Ok((instant <= env::now()).then_some(Known::By(instant)));
            }
        };
        let sql = "select day_on, since_at from office_day order by id";
        let stood = conn.query(sql, &[], |row| {
            let stands = row.text(0)?.parse::<Date>();
            let stands = stands.map_err(|_| StoreError::Broken("the office's day is a date"))?;
            Ok((stands, row.int(1)?))
        })?;
        Ok(match stood.as_slice() {
            [] => on_real_days(day, env::now()),
            stood => on_fixed_days(day, stood),
        })
    }
}

impl std::str::FromStr for KnownOn {
    type Err = NoKnownOn;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // A day that is read from an instant would lose its time.
        let read = match text.contains('T') {
            true => qb_base::date::instant_in_china(text).map(Self::Instant),
            false => text.parse().ok().map(Self::Day),
        };
        read.ok_or(NoKnownOn)
    }
}

impl std::fmt::Display for KnownOn {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Day(day) => day.fmt(out),
            Self::Instant(instant) => out.write_str(&instant.to_instant_in_china()),
        }
    }
}

/// A text is neither a day nor an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoKnownOn;

impl NoKnownOn {
    /// The message for people.
    pub const TEXT: Text = Text::fixed(
        "写成如2017-03-31的日期，或如2017-03-31T08:30的时刻（北京时间）",
        "write a date such as 2017-03-31, or an instant in China such as 2017-03-31T08:30",
    );
}

/// The day of the calendar ends with it.
fn on_real_days(day: Date, now: Timestamp) -> Option<Known> {
    let today = now.date_in_china();
    if day > today {
        return None;
    }
    Some(if day < today { Known::By(end_in_china(day)) } else { Known::Everything })
}

/// The day of a demonstration ends when somebody moves it on. Nobody has been there before its
/// first day, so nothing was known.
fn on_fixed_days(day: Date, stood: &[(Date, i64)]) -> Option<Known> {
    let last = stood.last()?.0;
    if day > last {
        return None;
    }
    let next = stood.iter().find(|(stands, _)| *stands > day);
    Some(next.map_or(Known::Everything, |(_, since)| Known::By(Timestamp(since - 1))))
}

#[cfg(test)]
mod tests;
