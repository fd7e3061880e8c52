//! Verifies the whole ledger: every entry, every balance, every account with the floor that the
//! pack gives its kind, and the head of the chain against the audit.

use std::collections::HashMap;

use qb_base::{Digest, Text};
use qb_store::{Conn, Row, Store, StoreError};

use crate::book::AUDIT_POST;
use crate::error::FundError;
use crate::model::{AccountSpec, Attributes, BREAKS_MAX, LedgerBreak, LedgerReport};
use crate::rules::LedgerRules;
use crate::seal::{self, Content};

const ENTRIES: &str = include_str!("sql/verify.sql");
const ACCOUNTS: &str = "select a.code, a.kind, a.area_code, a.level, a.year, a.source, \
     a.purpose, a.project_no, a.household_no, a.since_on, b.balance_fen, b.floor_fen \
     from ledger_account a left join ledger_balance b on b.account_id = a.id order by a.id";

/// Reads the whole ledger and says where it does not fit; a break is an answer, not an error.
///
/// # Errors
/// Whatever the store says.
pub fn verify(store: &Store, rules: &LedgerRules) -> Result<LedgerReport, FundError> {
    store.read(|conn| {
        let mut reading = Reading::new(rules);
        conn.each::<FundError>(ENTRIES, &[], |row| reading.row(row))?;
        reading.end_entry();
        reading.anchor(conn)?;
        conn.each::<FundError>(ACCOUNTS, &[], |row| reading.account(row))?;
        let head = reading.head.to_string();
        let Reading { entries, postings, accounts, broken, .. } = reading;
        Ok(LedgerReport { entries, postings, accounts, head, broken })
    })
}

/// An entry while its postings are read.
struct Entry {
    id: i64,
    client_id: String,
    kind: String,
    on_day: String,
    reason: String,
    reverses: Option<String>,
    source_record: Option<i64>,
    describes: Option<String>,
    content: String,
    chain: String,
    recorded_at: i64,
    postings: Vec<(String, i64)>,
    has_orphan: bool,
}

struct Reading<'a> {
    rules: &'a LedgerRules,
    entry: Option<Entry>,
    head: Digest,
    sums: HashMap<String, i64>,
    described: HashMap<String, AccountSpec>,
    entries: u64,
    postings: u64,
    accounts: u64,
    broken: Vec<LedgerBreak>,
}

impl<'a> Reading<'a> {
    fn new(rules: &'a LedgerRules) -> Self {
        Self {
            rules,
            entry: None,
            head: seal::genesis(),
            sums: HashMap::new(),
            described: HashMap::new(),
            entries: 0,
            postings: 0,
            accounts: 0,
            broken: Vec::new(),
        }
    }

    fn fault(&mut self, entry: Option<i64>, account: Option<&str>, what: Text) {
        if self.broken.len() < BREAKS_MAX {
            self.broken.push(LedgerBreak { entry, account: account.map(str::to_owned), what });
        }
    }

    fn row(&mut self, row: &Row<'_>) -> Result<(), FundError> {
        let id = row.int(0)?;
        if self.entry.as_ref().is_none_or(|entry| entry.id != id) {
            self.end_entry();
            self.entry = Some(read_entry(row)?);
        }
        let Some(entry) = &mut self.entry else { return Ok(()) };
        match (row.text_opt(11)?, row.int_opt(12)?) {
            (Some(account), Some(amount)) => entry.postings.push((account, amount)),
            (None, None) => {}
            _ => entry.has_orphan = true,
        }
        Ok(())
    }

    /// Judges the entry that was read.
    fn end_entry(&mut self) {
        let Some(entry) = self.entry.take() else { return };
        self.entries += 1;
        self.postings += entry.postings.len() as u64;
        let sum: i128 = entry.postings.iter().map(|(_, amount)| i128::from(*amount)).sum();
        let mut faults = Vec::new();
        if sum != 0 || entry.has_orphan || entry.postings.len() < 2 {
            faults.push(Text::new(
                format!("各账户变动合计 {sum} 分，应为零"),
                format!("its postings sum to {sum} fen instead of zero"),
            ));
        }
        let content = entry.digest();
        if content.to_string() != entry.content {
            faults.push(Text::fixed(
                "内容与记账时不同：有人改过这笔账",
                "it differs from what was posted: somebody changed it",
            ));
        }
        self.head =
            seal::chained(self.head, entry.id, &entry.client_id, content, entry.recorded_at);
        if self.head.to_string() != entry.chain && faults.is_empty() {
            faults.push(Text::fixed(
                "与前一笔账不相接：前面有账被删除、插入或改动",
                "it is not chained to the entry before: one was removed, inserted or changed",
            ));
        }
        // Later entries are judged by themselves and not for the break before them.
        self.head = Digest::parse(&entry.chain).unwrap_or(self.head);
        for what in faults {
            self.fault(Some(entry.id), None, what);
        }
        self.take_over(&entry);
    }

    fn take_over(&mut self, entry: &Entry) {
        for (account, amount) in &entry.postings {
            let sum = self.sums.entry(account.clone()).or_default();
            *sum = sum.saturating_add(*amount);
        }
        let Some(json) = &entry.describes else { return };
        match serde_json::from_str::<Vec<AccountSpec>>(json) {
            Ok(specs) => {
                self.described.extend(specs.into_iter().map(|spec| (spec.code.clone(), spec)));
            }
            Err(_) => {
                let what = Text::fixed(
                    "这笔账对账户的说明读不懂",
                    "what it says of its accounts cannot be read",
                );
                self.fault(Some(entry.id), None, what);
            }
        }
    }

    /// Compares the newest entry with what the audit knows of it.
    fn anchor(&mut self, conn: &Conn) -> Result<(), StoreError> {
        let known = conn.audit_newest_of(AUDIT_POST)?.and_then(|row| row.after);
        let expected = known.unwrap_or_else(|| seal::genesis().to_string());
        if expected != self.head.to_string() {
            let what = Text::fixed(
                "最后一笔账与审计链记载的不同：末尾有账被删除、增加或整体改写",
                "the newest entry is not the one the audit chain knows: entries at the end were \
                 removed, added or rewritten",
            );
            self.fault(None, None, what);
        }
        Ok(())
    }

    fn account(&mut self, row: &Row<'_>) -> Result<(), FundError> {
        self.accounts += 1;
        let code = row.text(0)?;
        let kind = row.text(1)?;
        let attributes = Attributes {
            area_code: row.text(2)?,
            level: row.text_opt(3)?,
            year: row.int_opt(4)?,
            source: row.text_opt(5)?,
            purpose: row.text_opt(6)?,
            project_no: row.text_opt(7)?,
            household_no: row.text_opt(8)?,
            since_on: row.text_opt(9)?,
        };
        let (balance, floor) = (row.int_opt(10)?, row.int_opt(11)?);
        // An account that no entry names holds nothing.
        let sum = self.sums.get(&code).copied().unwrap_or_default();
        if balance != Some(sum) {
            let held = balance.map_or_else(|| "?".to_owned(), |fen| fen.to_string());
            let what = Text::new(
                format!("余额为 {held} 分，各笔账合计 {sum} 分"),
                format!("it holds {held} fen, its postings sum to {sum}"),
            );
            self.fault(None, Some(&code), what);
        }
        self.floor(&code, &kind, (sum, floor));
        let stands = AccountSpec { code: code.clone(), kind, attributes };
        if self.described.get(&code) != Some(&stands) {
            let what = Text::fixed(
                "账户的地区、来源或用途与记账时不同",
                "its area, source or purpose differs from what was posted",
            );
            self.fault(None, Some(&code), what);
        }
        Ok(())
    }
}

/// The floor of an account is the pack's: what the row says may have been changed with it.
impl Reading<'_> {
    fn floor(&mut self, code: &str, kind: &str, (sum, stored): (i64, Option<i64>)) {
        let Some(known) = self.rules.account(kind) else {
            let what = Text::fixed("策略包里没有这一类账户", "the pack has no account of its kind");
            return self.fault(None, Some(code), what);
        };
        let floor = known.floor();
        if floor.is_some_and(|floor| sum < floor) {
            let what = Text::fixed("余额低于下限", "it holds less than it may");
            self.fault(None, Some(code), what);
        }
        if floor != stored {
            let what = Text::fixed(
                "下限不是策略包为这类账户规定的",
                "its floor is not the one that the pack gives its kind",
            );
            self.fault(None, Some(code), what);
        }
    }
}

impl Entry {
    fn digest(&self) -> Digest {
        let content = Content {
            kind: &self.kind,
            on_day: &self.on_day,
            reason: &self.reason,
            reverses: self.reverses.as_deref(),
            source_record: self.source_record,
            describes: self.describes.as_deref(),
            postings: &self.postings,
        };
        content.digest()
    }
}

fn read_entry(row: &Row<'_>) -> Result<Entry, StoreError> {
    Ok(Entry {
        id: row.int(0)?,
        client_id: row.text(1)?,
        kind: row.text(2)?,
        on_day: row.text(3)?,
        reason: row.text(4)?,
        reverses: row.text_opt(5)?,
        source_record: row.int_opt(6)?,
        describes: row.text_opt(7)?,
        content: row.text(8)?,
        chain: row.text(9)?,
        recorded_at: row.int(10)?,
        postings: Vec::new(),
        has_orphan: false,
    })
}
