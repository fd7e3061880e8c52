//! What a file is to the store beside its bytes: whether it came before, and which earlier files of
//! its office it takes the place of.
//!
//! A file counts once for its content, the office that sent it and the rules it was read by. One
//! that comes again is read again under other rules, or where something of it was left open that
//! hangs on what else the store holds or on the day, and that is another one now; what came after
//! it stays as it is then. A newer version takes the place of an older one of the same name, office
//! and county.

use std::collections::BTreeSet;

use qb_base::{Date, Digest, Text, Timestamp};
use qb_registry::commands::{Counties, Delivery};
use qb_registry::queries;
use qb_store::{Conn, Row, Store, StoreError, Tx};

use crate::report::Came;

/// Who sends under which rules: with its content, what makes a file the same.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    /// The office.
    pub(crate) sender: String,
    /// Digest of the pack and of the names of areas that the installation knows besides.
    pub(crate) rules: String,
}

/// A file of the store with the content of one that is handed in.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    pub(crate) file_id: i64,
    /// The file in which the delivery first came.
    pub(crate) first_id: i64,
    pub(crate) run: i64,
    at: i64,
    rejected: i64,
    /// Whether reading it again could bring anything: the rules are other ones, or rows were
    /// refused or left without a link for what the store held or what day it was, and that is
    /// another one now; a limit that was spent is new the next day.
    pub(crate) is_open: bool,
}

const ARRIVAL: &str = include_str!("sql/arrival.sql");
const ENDED: &str = "select cast((select count(*) from withdrawn_row) as text) \
    || ' ' || cast((select count(*) from source_file where ended_as is not null) as text)";

/// What the register is now, as far as something may hang on it: two that differ were read before
/// and after a change, whoever made it.
pub(crate) fn register_mark(conn: &Conn) -> Result<String, StoreError> {
    let ended = conn.query_one(ENDED, &[], |row| row.text(0))?;
    Ok(format!("{} {ended}", queries::register_mark(conn)?))
}

impl Origin {
    /// The file of this content that counts, if one came before.
    pub(crate) fn arrival(
        &self,
        store: &Store,
        (digest, today): (Digest, Date),
    ) -> Result<Option<Arrival>, StoreError> {
        let digest = digest.to_string();
        let values = [(&digest).into(), (&self.sender).into()];
        store.read(|conn| {
            let found = conn.query_opt(ARRIVAL, &values, |row| {
                let arrival = Arrival {
                    file_id: row.int(0)?,
                    first_id: row.int(1)?,
                    run: row.int(2)?,
                    at: row.int(3)?,
                    rejected: row.int(4)?,
                    is_open: row.text(5)? != self.rules,
                };
                Ok((arrival, LeftOpen::read(row)?))
            })?;
            let Some((arrival, left)) = found else { return Ok(None) };
            let is_open = arrival.is_open || left.is_another(conn, today)?;
            Ok(Some(Arrival { is_open, ..arrival }))
        })
    }
}

/// What of a file was left open, and what it hung on.
struct LeftOpen {
    /// Faults for a limit of answers that was spent, for what the store held, for the day.
    spent: i64,
    hanging: i64,
    ahead: i64,
    /// What the register was when its import ended, and the day; none of an import that was
    /// interrupted.
    mark: Option<String>,
    worked_on: Option<String>,
    /// Whether a file of another import came since.
    is_followed: bool,
}

impl LeftOpen {
    fn read(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            spent: row.int(6)?,
            hanging: row.int(7)?,
            ahead: row.int(8)?,
            mark: row.text_opt(9)?,
            worked_on: row.text_opt(10)?,
            is_followed: row.int(11)? > 0,
        })
    }

    /// Whether what it hung on is another now.
    fn is_another(&self, conn: &Conn, today: Date) -> Result<bool, StoreError> {
        let is_later = || self.worked_on.as_ref().is_none_or(|day| *day < today.to_string());
        if self.spent > 0 || self.ahead > 0 && is_later() {
            return Ok(true);
        }
        if self.hanging == 0 {
            return Ok(false);
        }
        Ok(self.is_followed || self.mark.as_ref() != Some(&register_mark(conn)?))
    }
}

impl Arrival {
    /// When it came, for the report.
    pub(crate) fn came(&self) -> Came {
        let at = Timestamp(self.at).to_minute_in_china();
        Came { run: self.run, at, rows_rejected: self.rejected.unsigned_abs() }
    }
}

impl Came {
    /// Says of a file that is not read again when it came.
    pub(crate) fn unchanged(&self) -> Text {
        let text = match self.rows_rejected {
            0 => Text::fixed(
                "该文件已在第{run}批（{at}）导入，没有被拒收的行，本次未再读取。",
                "the file came with import {run} ({at}) and none of its rows was refused; it was not \
                 read again",
            ),
            _ => Text::fixed(
                "该文件已在第{run}批（{at}）导入，其中{rows}行被拒收，内容未更正，本次未再读取；请按该批的问题清单更正后发来。",
                "the file came with import {run} ({at}); {rows} of its rows were refused and are as \
                 they were, so it was not read again: correct them in that import's fault workbook \
                 and send it",
            ),
        };
        let (run, rows) = (self.run.to_string(), self.rows_rejected.to_string());
        text.fill(&[("run", &run), ("at", &self.at), ("rows", &rows)])
    }

    /// Says of a file that was read again when it came, and what is still refused.
    pub(crate) fn again(&self, rejected: u64) -> Text {
        let numbers = [self.run.to_string(), self.rows_rejected.to_string(), rejected.to_string()];
        let [run, before, still] = &numbers;
        Text::fixed(
            "该文件曾在第{run}批（{at}）导入，当时拒收{before}行；本次重新核对，仍拒收{still}行。",
            "the file came with import {run} ({at}), which refused {before} of its rows; it was \
             checked again and {still} rows are still refused",
        )
        .fill(&[("run", run), ("at", &self.at), ("before", before), ("still", still)])
    }
}

/// Opens a delivery; the newest file of one that comes again no longer counts.
pub(crate) fn open(
    tx: &Tx<'_>,
    arrival: Option<&Arrival>,
    now: Timestamp,
) -> Result<Delivery, StoreError> {
    let Some(arrival) = arrival else { return Ok(Delivery::default()) };
    let first = arrival.first_id;
    let files = tx.query(OF_DELIVERY, &[first.into()], |row| row.int(0))?;
    end(tx, arrival.file_id, "repeated", now)?;
    Ok(Delivery::again(first, files))
}

/// Notes that a file no longer counts.
pub(crate) fn end(
    tx: &Tx<'_>,
    file_id: i64,
    how: &'static str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql = "update source_file set ended_as = $1, ended_at = $2 \
               where id = $3 and ended_as is null";
    tx.execute(sql, &[how.into(), now.0.into(), file_id.into()])?;
    Ok(())
}

const EARLIER: &str = "select id, first_id from source_file \
    where name = $1 and sender = $2 and state = 'imported'";
const OF_DELIVERY: &str = "select id from source_file where id = $1 or first_id = $1";

/// Earlier files of a name from one office, also those that first came under another name; files
/// that lie beside this one in the same import are no earlier versions of it.
pub(crate) fn earlier(
    tx: &Tx<'_>,
    (name, sender): (&str, &str),
    (file_id, delivery): (i64, &Delivery),
    beside: &BTreeSet<i64>,
) -> Result<Vec<i64>, StoreError> {
    let named =
        tx.query(EARLIER, &[name.into(), sender.into()], |row| Ok((row.int(0)?, row.int_opt(1)?)))?;
    let mut earlier: BTreeSet<i64> = named.iter().map(|(id, _)| *id).collect();
    for first in named.iter().filter_map(|(_, first)| *first).collect::<BTreeSet<i64>>() {
        earlier.extend(tx.query(OF_DELIVERY, &[first.into()], |row| row.int(0))?);
    }
    earlier.remove(&file_id);
    let is_beside = |id: &i64| beside.contains(id) && !delivery.holds(*id);
    Ok(earlier.into_iter().filter(|id| !is_beside(id)).collect())
}

/// Notes the counties that a file speaks for, and that earlier files which speak for no other
/// county no longer count.
pub(crate) fn note_counties(
    tx: &Tx<'_>,
    counties: &Counties,
    (file_id, earlier): (i64, &[i64]),
    now: Timestamp,
) -> Result<(), StoreError> {
    let insert = "insert into source_file_county (source_file_id, area_code) values ($1, $2)";
    for county in counties.iter() {
        tx.execute(insert, &[file_id.into(), county.to_string().as_str().into()])?;
    }
    let known = "select area_code from source_file_county where source_file_id = $1";
    for earlier in earlier {
        let theirs = tx.query(known, &[(*earlier).into()], |row| row.text(0))?;
        if theirs.iter().all(|county| county.parse().is_ok_and(|c: u64| counties.holds(c))) {
            end(tx, *earlier, "replaced", now)?;
        }
    }
    Ok(())
}
