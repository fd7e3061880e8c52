//! Years whose books are closed: what changes afterwards is booked in the open one.

use std::collections::BTreeSet;

use qb_base::{Text, env};

use crate::audit::AuditEntry;
use crate::conn::{Conn, Tx};
use crate::error::StoreError;
use crate::office::OfficeDay;
use crate::store::Store;

/// How a year stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PeriodState {
    /// Entries are made on its days.
    Open,
    /// Its days take no entry.
    Closed,
    /// Closed; one person asked to open it again, a second one may.
    ReopeningAsked,
}

/// A year that was closed at some time.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Period {
    /// The year.
    pub year: i16,
    /// How it stands.
    pub state: PeriodState,
    /// Who acted last.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// On which day of the office.
    pub on: String,
}

/// Why a period stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeriodRefused {
    /// It is not over.
    NotOver,
    /// It is closed already.
    Closed,
    /// It is open.
    Open,
    /// The reason is blank, or holds a number of a person.
    Reason,
    /// Whoever asked for the reopening cannot be the second person.
    SamePerson,
}

impl PeriodRefused {
    /// The message for people.
    pub const fn text(self) -> Text {
        match self {
            Self::NotOver => Text::fixed(
                "这一年还没有结束，到次年1月1日起才能结账",
                "the year is not over; it can be closed from 1 January of the next one on",
            ),
            Self::Closed => Text::fixed(
                "这一年已经结账；要更正请在开放的年度办理，或由两人重新开账",
                "the year is closed already; corrections are booked in the open year, or two people reopen this one",
            ),
            Self::Open => {
                Text::fixed("这一年没有结账，可直接更正", "the year is open and takes corrections")
            }
            Self::Reason => Text::fixed(
                "请写明理由，其中不能有证件号码、电话或银行卡号",
                "give a reason; it holds no identity number, phone or bank card",
            ),
            Self::SamePerson => Text::fixed(
                "重新开账要由第二个人同意：申请人不能自己同意",
                "a second person agrees to the reopening: not the one who asked",
            ),
        }
    }
}

/// An act on a period that was not done.
#[derive(Debug, thiserror::Error)]
pub enum PeriodError {
    /// The period stays, for a reason that whoever asked can do something about.
    #[error("{}", .0.text().en)]
    Refused(PeriodRefused),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl PeriodError {
    /// The message for people.
    pub fn text(&self) -> Text {
        match self {
            Self::Refused(why) => why.text(),
            Self::Store(error) => error.text(),
        }
    }
}

const ACTS: &str = "select policy_year, act, actor, reason, on_day from period_act \
     where id in (select max(id) from period_act group by policy_year) order by policy_year";

impl Period {
    /// Every year that was closed at some time, with how it stands now.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn all(conn: &Conn) -> Result<Vec<Self>, StoreError> {
        conn.query(ACTS, &[], |row| {
            let state = match row.text(1)?.as_str() {
                "close" => PeriodState::Closed,
                "ask" => PeriodState::ReopeningAsked,
                _ => PeriodState::Open,
            };
            let year = i16::try_from(row.int(0)?)
                .map_err(|_| StoreError::Type { column: 0, expected: "a year" })?;
            let (actor, reason, on) = (row.text(2)?, row.text(3)?, row.text(4)?);
            Ok(Self { year, state, actor, reason, on })
        })
    }

    /// The years on whose days no entry is made.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn closed(conn: &Conn) -> Result<BTreeSet<i16>, StoreError> {
        let all = Self::all(conn)?.into_iter();
        Ok(all.filter(|one| one.state != PeriodState::Open).map(|one| one.year).collect())
    }

    fn find(conn: &Conn, year: i16) -> Result<Option<Self>, StoreError> {
        Ok(Self::all(conn)?.into_iter().find(|one| one.year == year))
    }
}

impl Store {
    /// Closes the books of a year that is over.
    ///
    /// # Errors
    /// A refusal, or whatever the database says; nothing is written then.
    pub fn close_period(&self, actor: &str, year: i16, reason: &str) -> Result<(), PeriodError> {
        self.write(|tx| {
            if OfficeDay::read(tx)?.day.year() <= year {
                return Err(PeriodError::Refused(PeriodRefused::NotOver));
            }
            let standing = Period::find(tx, year)?;
            if standing.is_some_and(|one| one.state != PeriodState::Open) {
                return Err(PeriodError::Refused(PeriodRefused::Closed));
            }
            act(tx, (year, "close"), (actor, reason))?;
            Ok(tx.audit(&audit_entry(actor, "period.close", &year.to_string(), reason))?)
        })
    }

    /// Asks for a closed year to be opened again, or agrees to it as the second person; answers how
    /// it stands then.
    ///
    /// # Errors
    /// A refusal, or whatever the database says; nothing is written then.
    pub fn reopen_period(
        &self,
        actor: &str,
        year: i16,
        reason: &str,
    ) -> Result<PeriodState, PeriodError> {
        self.write(|tx| {
            let standing = Period::find(tx, year)?;
            let standing = standing.filter(|one| one.state != PeriodState::Open);
            let standing = standing.ok_or(PeriodError::Refused(PeriodRefused::Open))?;
            let name = year.to_string();
            if standing.state == PeriodState::Closed {
                act(tx, (year, "ask"), (actor, reason))?;
                tx.audit(&audit_entry(actor, "period.ask_reopening", &name, reason))?;
                return Ok(PeriodState::ReopeningAsked);
            }
            if standing.actor == actor {
                return Err(PeriodError::Refused(PeriodRefused::SamePerson));
            }
            act(tx, (year, "reopen"), (actor, reason))?;
            tx.audit(&audit_entry(actor, "period.reopen", &name, reason))?;
            Ok(PeriodState::Open)
        })
    }
}

fn act(
    tx: &Tx<'_>,
    (year, act): (i16, &str),
    (actor, reason): (&str, &str),
) -> Result<(), PeriodError> {
    if reason.trim().is_empty() || qb_base::personal::find(reason).is_some() {
        return Err(PeriodError::Refused(PeriodRefused::Reason));
    }
    let day = OfficeDay::read(tx)?.day.to_string();
    let values = [
        tx.next_id("period_act")?.into(),
        i64::from(year).into(),
        act.into(),
        actor.into(),
        reason.into(),
        day.as_str().into(),
        env::now().0.into(),
    ];
    let sql = "insert into period_act (id, policy_year, act, actor, reason, on_day, recorded_at) \
               values ($1, $2, $3, $4, $5, $6, $7)";
    tx.execute(sql, &values)?;
    Ok(())
}

fn audit_entry<'a>(
    actor: &'a str,
    action: &'static str,
    object: &'a str,
    reason: &'a str,
) -> AuditEntry<'a> {
    AuditEntry { actor, action, object, before: None, after: None, reason }
}

#[cfg(test)]
mod tests;
