//! Rows of accounts, entries and postings.

use std::collections::HashMap;

use qb_base::{Digest, env};
use qb_store::{Row, StoreError, Tx, Value};

use crate::model::Attributes;

/// Reads accounts; a condition may follow.
pub(super) const SELECT_ACCOUNTS: &str = "select a.id, a.code, a.kind, a.area_code, a.level, \
     a.year, a.source, a.purpose, a.project_no, a.household_no, a.since_on, b.balance_fen, b.floor_fen \
     from ledger_account a join ledger_balance b on b.account_id = a.id ";
const KEEP_VERSION: &str = include_str!("../sql/keep_version.sql");
const UPDATE_ACCOUNT: &str = "update ledger_account set area_code = $1, level = $2, year = $3, \
     source = $4, purpose = $5, since_on = $6 where id = $7";

/// An account of the book.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(super) id: i64,
    pub(super) kind: String,
    pub(crate) attributes: Attributes,
    pub(super) balance: i64,
    pub(super) floor: Option<i64>,
    pub(super) is_stored: bool,
    pub(super) is_moved: bool,
    pub(super) is_described: bool,
}

/// An entry that is not yet in the database.
pub(super) struct Stored {
    pub(super) id: i64,
    pub(super) client_id: String,
    pub(super) kind: String,
    pub(super) on_day: String,
    pub(super) reason: String,
    pub(super) reverses: Option<i64>,
    pub(super) source_record: Option<i64>,
    pub(super) describes: Option<String>,
    pub(super) content: Digest,
    pub(super) chain: Digest,
    pub(super) postings: Vec<(i64, i64)>,
}

/// Writes accounts that are new, moved or described anew.
pub(super) fn write_accounts(
    tx: &Tx<'_>,
    accounts: &HashMap<String, Held>,
) -> Result<(), StoreError> {
    let mut opened: Vec<(&String, &Held)> =
        accounts.iter().filter(|(_, held)| !held.is_stored).collect();
    opened.sort_by_key(|(_, held)| held.id);
    let mut rows = tx.bulk("ledger_account", ACCOUNT_COLUMNS)?;
    for (code, held) in &opened {
        rows.push(&account_row(code, held))?;
    }
    rows.finish()?;
    let columns = &["account_id", "balance_fen", "floor_fen"];
    let mut rows = tx.bulk("ledger_balance", columns)?;
    for (_, held) in &opened {
        rows.push(&[held.id.into(), held.balance.into(), Value::from(held.floor)])?;
    }
    rows.finish()?;
    let update = "update ledger_balance set balance_fen = $1 where account_id = $2";
    for held in accounts.values().filter(|held| held.is_stored) {
        if held.is_moved {
            tx.execute(update, &[held.balance.into(), held.id.into()])?;
        }
        if held.is_described {
            let at = &held.attributes;
            let values = [
                (&at.area_code).into(),
                at.level.as_ref().into(),
                at.year.into(),
                at.source.as_ref().into(),
                at.purpose.as_ref().into(),
                at.since_on.as_ref().into(),
                held.id.into(),
            ];
            tx.execute(KEEP_VERSION, &[env::now().0.into(), held.id.into()])?;
            tx.execute(UPDATE_ACCOUNT, &values)?;
        }
    }
    Ok(())
}

/// Writes entries with their postings.
pub(super) fn write_entries(tx: &Tx<'_>, entries: &[Stored], now: i64) -> Result<(), StoreError> {
    let mut rows = tx.bulk("ledger_entry", ENTRY_COLUMNS)?;
    for entry in entries {
        let (content, chain) = (entry.content.to_string(), entry.chain.to_string());
        rows.push(&[
            entry.id.into(),
            (&entry.client_id).into(),
            (&entry.kind).into(),
            (&entry.on_day).into(),
            (&entry.reason).into(),
            entry.reverses.into(),
            entry.source_record.into(),
            entry.describes.as_ref().into(),
            (&content).into(),
            (&chain).into(),
            now.into(),
        ])?;
    }
    rows.finish()?;
    let columns = &["entry_id", "seq", "account_id", "amount_fen"];
    let mut rows = tx.bulk("ledger_posting", columns)?;
    for entry in entries {
        for (seq, (account, amount)) in (1_i64..).zip(&entry.postings) {
            rows.push(&[entry.id.into(), seq.into(), (*account).into(), (*amount).into()])?;
        }
    }
    rows.finish()
}

const ACCOUNT_COLUMNS: &[&str] = &[
    "id",
    "code",
    "kind",
    "area_code",
    "level",
    "year",
    "source",
    "purpose",
    "project_no",
    "household_no",
    "since_on",
];

const ENTRY_COLUMNS: &[&str] = &[
    "id",
    "client_id",
    "kind",
    "on_day",
    "reason",
    "reverses_id",
    "source_record",
    "describes",
    "content_digest",
    "chain_digest",
    "recorded_at",
];

fn account_row<'h>(code: &'h String, held: &'h Held) -> [Value<'h>; 11] {
    let at = &held.attributes;
    [
        held.id.into(),
        code.into(),
        (&held.kind).into(),
        (&at.area_code).into(),
        at.level.as_ref().into(),
        at.year.into(),
        at.source.as_ref().into(),
        at.purpose.as_ref().into(),
        at.project_no.as_ref().into(),
        at.household_no.as_ref().into(),
        at.since_on.as_ref().into(),
    ]
}

/// An account with its code, as [`SELECT_ACCOUNTS`] reads it.
pub(super) fn read_account(row: &Row<'_>) -> Result<(String, Held), StoreError> {
    let attributes = Attributes {
        area_code: row.text(3)?,
        level: row.text_opt(4)?,
        year: row.int_opt(5)?,
        source: row.text_opt(6)?,
        purpose: row.text_opt(7)?,
        project_no: row.text_opt(8)?,
        household_no: row.text_opt(9)?,
        since_on: row.text_opt(10)?,
    };
    let held = Held {
        id: row.int(0)?,
        kind: row.text(2)?,
        attributes,
        balance: row.int(11)?,
        floor: row.int_opt(12)?,
        is_stored: true,
        is_moved: false,
        is_described: false,
    };
    Ok((row.text(1)?, held))
}
