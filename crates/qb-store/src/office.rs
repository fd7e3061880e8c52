//! The office's day: the real one, or the one a demonstration stands at.
//!
//! Everything that acts asks here what day it is. A day is fixed once, where a data directory is
//! made; afterwards it moves forward only.

use qb_base::{Date, Text, Timestamp, env};

use crate::audit::AuditEntry;
use crate::conn::{Conn, Tx};
use crate::error::StoreError;
use crate::store::Store;

/// The day on which the office works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfficeDay {
    /// The day, in Asia/Shanghai.
    pub day: Date,
    /// Whether it stands until somebody moves it, as in a demonstration.
    pub is_fixed: bool,
}

/// Why the office's day stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayRefused {
    /// The office works on the real day.
    NotFixed,
    /// It stands at a later day already.
    Earlier {
        /// That day.
        stands: Date,
    },
    /// It was fixed at another day.
    Fixed {
        /// That day.
        stands: Date,
    },
    /// There are imports already, made on real days.
    InUse,
}

impl DayRefused {
    /// The message for people.
    pub fn text(&self) -> Text {
        match self {
            Self::NotFixed => Text::fixed(
                "本数据目录按真实日期办公，没有固定的日期可移动；只有建目录时用--today固定过日期的演示可以移动",
                "this data directory works on the real day, there is no fixed day to move; a day is fixed only where a directory is made, with --today",
            ),
            Self::Earlier { stands } => Text::fixed(
                "办公日已到{day}，只能向后移动；请写更晚的日期",
                "the office's day stands at {day} and moves forward only; name a later day",
            )
            .fill(&[("day", &stands.to_string())]),
            Self::Fixed { stands } => Text::fixed(
                "本数据目录的办公日已固定为{day}；要移动请用 qibang today 日期",
                "the office's day of this data directory is fixed at {day} already; move it with qibang today DATE",
            )
            .fill(&[("day", &stands.to_string())]),
            Self::InUse => Text::fixed(
                "本数据目录已按真实日期导入过数据，不能再固定日期；请换一个新的--dir",
                "this data directory holds imports made on real days; a day can no longer be fixed: name a new --dir",
            ),
        }
    }
}

impl OfficeDay {
    /// What day it is.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn read(conn: &Conn) -> Result<Self, StoreError> {
        Ok(Self::of(fixed(conn)?))
    }

    fn of(fixed: Option<Date>) -> Self {
        let real = || Self { day: env::today(), is_fixed: false };
        fixed.map_or_else(real, |day| Self { day, is_fixed: true })
    }
}

/// The fixed day, of a demonstration.
fn fixed(conn: &Conn) -> Result<Option<Date>, StoreError> {
    let sql = "select day_on from office_day order by id desc limit 1";
    let day = conn.query_opt(sql, &[], |row| row.text(0))?;
    day.map(|day| day.parse().map_err(|_| StoreError::Broken("the office's day is a date")))
        .transpose()
}

/// The office's day begins to stand here.
fn stand(tx: &Tx<'_>, day: &str) -> Result<(), StoreError> {
    let values = [tx.next_id("office_day")?.into(), day.into(), env::now().0.into()];
    tx.execute("insert into office_day (id, day_on, since_at) values ($1, $2, $3)", &values)?;
    Ok(())
}

fn audit_entry<'a>(actor: &'a str, action: &'static str, day: &'a str) -> AuditEntry<'a> {
    AuditEntry { actor, action, object: "office day", before: None, after: None, reason: day }
}

/// Why the office's day was not changed.
#[derive(Debug, thiserror::Error)]
pub enum OfficeDayError {
    /// It stays, for a reason that whoever asked can do something about.
    #[error("{}", .0.text().en)]
    Refused(DayRefused),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl OfficeDayError {
    /// The message for people.
    pub fn text(&self) -> Text {
        match self {
            Self::Refused(why) => why.text(),
            Self::Store(error) => error.text(),
        }
    }
}

impl Store {
    /// What day it is in this office.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn office_day(&self) -> Result<OfficeDay, StoreError> {
        self.read(OfficeDay::read)
    }

    /// The office's day at an instant: where a demonstration stood then, else the real day.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn office_day_at(&self, at: Timestamp) -> Result<Date, StoreError> {
        let sql = "select day_on from office_day where since_at <= $1 order by id desc limit 1";
        let day = self.read(|conn| conn.query_opt(sql, &[at.0.into()], |row| row.text(0)))?;
        match day {
            Some(day) => day.parse().map_err(|_| StoreError::Broken("the office's day is a date")),
            None => Ok(at.date_in_china()),
        }
    }

    /// Fixes the day of a data directory in which nothing has been imported yet; the same day again
    /// changes nothing.
    ///
    /// # Errors
    /// A refusal, or whatever the database says; nothing is written then.
    pub fn fix_office_day(&self, actor: &str, day: Date) -> Result<(), OfficeDayError> {
        if self.read(fixed)? == Some(day) {
            return Ok(());
        }
        self.write(|tx| {
            if let Some(stands) = fixed(tx)? {
                return Err(OfficeDayError::Refused(DayRefused::Fixed { stands }));
            }
            let sql = "select id from import_run limit 1";
            if tx.query_opt(sql, &[], |row| row.int(0))?.is_some() {
                return Err(OfficeDayError::Refused(DayRefused::InUse));
            }
            let day = day.to_string();
            stand(tx, &day)?;
            Ok(tx.audit(&audit_entry(actor, "office_day.fix", &day))?)
        })
    }

    /// Moves a fixed day forward.
    ///
    /// # Errors
    /// A refusal, or whatever the database says; nothing is written then.
    pub fn move_office_day(&self, actor: &str, day: Date) -> Result<(), OfficeDayError> {
        self.write(|tx| {
            let stands = fixed(tx)?.ok_or(OfficeDayError::Refused(DayRefused::NotFixed))?;
            if day <= stands {
                return Err(OfficeDayError::Refused(DayRefused::Earlier { stands }));
            }
            let day = day.to_string();
            stand(tx, &day)?;
            Ok(tx.audit(&audit_entry(actor, "office_day.move", &day))?)
        })
    }
}

#[cfg(test)]
mod tests;
