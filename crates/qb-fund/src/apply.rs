//! Brings the ledger level with the lists: new rows are posted, changed ones reversed and posted
//! anew, withdrawn ones reversed, and what cannot be posted is kept with the reason.

use std::collections::{BTreeSet, HashMap};

use qb_base::{Date, env};
use qb_store::{OfficeDay, Period, StoreError, Tx};

use crate::book::Book;
use crate::error::{FundError, Refusal};
use crate::model::{Applied, NewEntry};
use crate::rules::{EntryRule, LedgerRules};
use crate::source::{self, StaleEntry};
use crate::template::{self, Drawn, SourceRow};

/// Rows above which all accounts are read at once.
const LOAD_ALL_ROWS: usize = 1_000;

/// Reasons of reversals that the lists cause.
const REPLACED: &str = "row replaced";
const WITHDRAWN: &str = "row withdrawn";

/// Something to bring level.
struct Item<'r> {
    dataset: String,
    rule: Option<&'r EntryRule>,
    stale: Option<StaleEntry>,
    row: Option<SourceRow>,
    refusal: Option<Refusal>,
}

/// What became of an item in a pass.
enum Outcome {
    Done { posted: u64, reversed: u64 },
    Waits,
    Refused(Refusal),
}

/// Whether anything of the lists is not in the ledger yet, or was refused before.
pub(crate) fn is_behind(tx: &qb_store::Conn, rules: &LedgerRules) -> Result<bool, FundError> {
    let refused = tx.query_one("select count(*) from ledger_refusal", &[], |row| row.int(0))?;
    if refused > 0 || !source::stale(tx)?.is_empty() {
        return Ok(true);
    }
    for rule in &rules.entries {
        let rows = source::pending(tx, rule.dataset.as_ref(), &HashMap::new())?;
        if rows.iter().any(|row| !matches!(row.day(&rule.day), Ok(None))) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Posts everything that can be posted, in one transaction.
pub(crate) fn level(tx: &Tx<'_>, rules: &LedgerRules, actor: &str) -> Result<Applied, FundError> {
    let mut items = items(tx, rules)?;
    let mut book = Book::open(tx, rules)?;
    let open = OpenDays::read(tx)?;
    if items.len() > LOAD_ALL_ROWS {
        book.load_all()?;
    }
    let mut applied = Applied::default();
    // A shrunken row can only be posted after the rows below it shrank: each pass may free the one
    // above.
    for _ in 0..=rules.entries.len() {
        let before = items.len();
        let mut left = Vec::new();
        for mut item in items {
            match attempt(&mut book, (rules, &open), &item)? {
                Outcome::Done { posted, reversed } => {
                    applied.posted += posted;
                    applied.reversed += reversed;
                }
                Outcome::Waits => applied.waiting += 1,
                Outcome::Refused(refusal) => {
                    item.refusal = Some(refusal);
                    left.push(item);
                }
            }
        }
        items = left;
        if items.is_empty() || items.len() == before {
            break;
        }
    }
    applied.refused = items.len() as u64;
    book.close(actor, "rows of the lists")?;
    keep_refusals(tx, &items)?;
    Ok(applied)
}

/// What is to be done, in the order of the pack's entries, each by day and key.
fn items<'r>(tx: &Tx<'_>, rules: &'r LedgerRules) -> Result<Vec<Item<'r>>, FundError> {
    let projects = source::projects(tx, &rules.lists.projects)?;
    let mut stale: HashMap<(String, String), StaleEntry> = HashMap::new();
    let mut alone = Vec::new();
    for entry in source::stale(tx)? {
        // A row has one entry that stands; a second could only come from another installation.
        if let Some(second) = stale.insert((entry.dataset.clone(), entry.key.clone()), entry) {
            alone.push(second);
        }
    }
    let mut items = Vec::new();
    for rule in &rules.entries {
        let dataset = rule.dataset.as_ref();
        let mut rows = source::pending(tx, dataset, &projects)?;
        rows.sort_by_cached_key(|row| (row.day(&rule.day).ok().flatten(), row.key.clone()));
        for row in rows {
            let stale = stale.remove(&(dataset.clone(), row.key.clone()));
            let (dataset, row) = (dataset.clone(), Some(row));
            items.push(Item { dataset, rule: Some(rule), stale, row, refusal: None });
        }
    }
    alone.extend(stale.into_values());
    alone.sort_by_key(|a| a.record);
    items.extend(alone.into_iter().map(|stale| {
        let dataset = stale.dataset.clone();
        Item { dataset, rule: None, stale: Some(stale), row: None, refusal: None }
    }));
    Ok(items)
}

/// Which days take entries: those of a closed year do not, what belongs to them is booked today.
struct OpenDays {
    closed: BTreeSet<i16>,
    today: Date,
}

impl OpenDays {
    fn read(tx: &Tx<'_>) -> Result<Self, StoreError> {
        Ok(Self { closed: Period::closed(tx)?, today: OfficeDay::read(tx)?.day })
    }

    /// Moves an entry of a closed year to today; its reason tells the day it belongs to.
    fn place(&self, entry: &mut NewEntry) {
        if self.closed.contains(&entry.on_day.year()) {
            entry.reason = format!("{} ({}, closed)", entry.reason, entry.on_day);
            entry.on_day = self.today;
        }
    }
}

fn attempt(
    book: &mut Book<'_, '_>,
    rules: (&LedgerRules, &OpenDays),
    item: &Item<'_>,
) -> Result<Outcome, FundError> {
    match try_item(book, rules, item) {
        Err(FundError::Refused(refusal)) => Ok(Outcome::Refused(refusal)),
        other => other,
    }
}

fn try_item(
    book: &mut Book<'_, '_>,
    (rules, open): (&LedgerRules, &OpenDays),
    item: &Item<'_>,
) -> Result<Outcome, FundError> {
    let mut entries = Vec::new();
    if let Some(stale) = &item.stale {
        let reason = if item.row.is_some() { REPLACED } else { WITHDRAWN };
        let id = format!("reverse/{}", stale.client_id);
        let wrong = |_| StoreError::Type { column: 0, expected: "the day of an entry" };
        let on_day: Date = stale.on_day.parse().map_err(wrong)?;
        entries.push(NewEntry::reversal(id, &stale.client_id, on_day, reason));
    }
    let reversed = entries.len() as u64;
    if let (Some(rule), Some(row)) = (item.rule, &item.row) {
        match template::draw(book, rules, rule, row)? {
            Drawn::Entry(entry) => entries.push(*entry),
            Drawn::TakesBack { key, named, on_day } => {
                entries.push(taken_back(book, item, row, &key, named.fen(), on_day)?);
            }
            Drawn::Waits => {}
        }
    }
    if entries.is_empty() {
        return Ok(Outcome::Waits);
    }
    entries.iter_mut().for_each(|entry| open.place(entry));
    let posted = entries.len() as u64 - reversed;
    book.write(&entries)?;
    Ok(Outcome::Done { posted, reversed })
}

/// The reversal that a row of the list itself asks for.
fn taken_back(
    book: &mut Book<'_, '_>,
    item: &Item<'_>,
    row: &SourceRow,
    key: &str,
    named: i64,
    on_day: Date,
) -> Result<NewEntry, FundError> {
    let standing = source::standing(book.flushed()?, &item.dataset, key)?;
    let original = standing.ok_or_else(|| Refusal::NoEntry(key.to_owned()))?;
    if original.amount != named {
        let fen = |amount| qb_base::Fen::new(amount).ok_or(Refusal::OutOfRange);
        let (posted, named) = (fen(original.amount)?, fen(named)?);
        return Err(Refusal::OtherAmount { posted, named }.into());
    }
    let id = template::client_id(&item.dataset, &row.key, row.id);
    let reason = format!("{} {}", item.dataset, row.key);
    let mut entry = NewEntry::reversal(id, &original.client_id, on_day, &reason);
    entry.source_record = Some(row.id);
    Ok(entry)
}

fn keep_refusals(tx: &Tx<'_>, items: &[Item<'_>]) -> Result<(), FundError> {
    tx.execute("delete from ledger_refusal", &[])?;
    let columns = &[
        "record_id",
        "dataset",
        "record_key",
        "area_code",
        "code",
        "message_zh",
        "message_en",
        "recorded_at",
    ];
    let now = env::now().0;
    let mut rows = tx.bulk("ledger_refusal", columns)?;
    for item in items {
        let Some(refusal) = &item.refusal else { continue };
        let place = match (&item.row, &item.stale) {
            (Some(row), _) => (row.id, &row.key, &row.area_code),
            (None, Some(stale)) => (stale.record, &stale.key, &stale.area_code),
            (None, None) => continue,
        };
        let text = refusal.text();
        rows.push(&[
            place.0.into(),
            (&item.dataset).into(),
            place.1.into(),
            place.2.into(),
            refusal.code().into(),
            (&*text.zh).into(),
            (&*text.en).into(),
            now.into(),
        ])?;
    }
    Ok(rows.finish()?)
}
