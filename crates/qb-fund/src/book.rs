//! The book: posts entries inside one transaction, with every invariant checked before a row is
//! written.

mod rows;

use std::collections::{HashMap, HashSet};

use qb_base::money::FEN_MAX;
use qb_base::{Digest, Fen, env};
use qb_store::{AuditEntry, StoreError, Tx};

pub(crate) use self::rows::Held;
use self::rows::{SELECT_ACCOUNTS, Stored, read_account};
use crate::error::{FundError, Refusal};
use crate::model::{AccountSpec, NewEntry, Posted};
use crate::rules::LedgerRules;
use crate::seal::{self, Content};

/// The action under which the head of the chain is anchored in the audit.
pub(crate) const AUDIT_POST: &str = "ledger.post";

/// Entries kept in memory before they are written.
const BUFFERED_ENTRIES: usize = 5_000;

const SELECT_ENTRY: &str = "select e.id, e.content_digest, \
     (select r.id from ledger_entry r where r.reverses_id = e.id), e.reverses_id \
     from ledger_entry e where e.client_id = $1";
const SELECT_POSTINGS: &str = "select a.code, p.amount_fen from ledger_posting p \
     join ledger_account a on a.id = p.account_id where p.entry_id = $1 order by p.seq";

/// An open book.
pub(crate) struct Book<'t, 'a> {
    tx: &'t Tx<'a>,
    rules: &'t LedgerRules,
    accounts: HashMap<String, Held>,
    entries: Vec<Stored>,
    client_ids: HashSet<String>,
    next_account: i64,
    next_entry: i64,
    first: i64,
    before: Digest,
    head: Digest,
    now: i64,
}

/// An account, and what it gains or loses.
type Posting = (String, i64);

/// An entry with what it needs from the database.
struct Resolved<'e> {
    entry: &'e NewEntry,
    reverses: Option<i64>,
    postings: Vec<Posting>,
    describes: Option<String>,
    content: Digest,
}

impl<'t, 'a> Book<'t, 'a> {
    /// Opens the book where the last transaction left it.
    pub(crate) fn open(tx: &'t Tx<'a>, rules: &'t LedgerRules) -> Result<Self, FundError> {
        let newest = "select id, chain_digest from ledger_entry order by id desc limit 1";
        let newest = tx.query_opt(newest, &[], |row| Ok((row.int(0)?, row.text(1)?)))?;
        let (last, head) = match newest {
            None => (0, seal::genesis()),
            Some((id, hex)) => (id, digest(&hex, 1)?),
        };
        Ok(Self {
            tx,
            rules,
            accounts: HashMap::new(),
            entries: Vec::new(),
            client_ids: HashSet::new(),
            next_account: tx.next_id("ledger_account")?,
            next_entry: last + 1,
            first: last + 1,
            before: head,
            head,
            now: env::now().0,
        })
    }

    /// Reads all accounts at once, before many entries.
    pub(crate) fn load_all(&mut self) -> Result<(), FundError> {
        self.tx.each::<FundError>(SELECT_ACCOUNTS, &[], |row| {
            let (code, held) = read_account(row)?;
            self.accounts.entry(code).or_insert(held);
            Ok(())
        })
    }

    /// An account, from memory or from the database.
    pub(crate) fn account(&mut self, code: &str) -> Result<Option<&Held>, FundError> {
        if !self.accounts.contains_key(code) {
            let sql = qb_store::Sql::join(&[SELECT_ACCOUNTS, "where a.code = $1"]);
            if let Some((code, held)) = self.tx.query_opt(sql, &[code.into()], read_account)? {
                self.accounts.insert(code, held);
            }
        }
        Ok(self.accounts.get(code))
    }

    /// Posts an entry at most once under its client's id.
    pub(crate) fn post(&mut self, entry: &NewEntry) -> Result<Posted, FundError> {
        if let Some((stands, content, _)) = self.entry(&entry.client_id)? {
            let same = self.resolve(entry, true)?.content == content;
            let other = || Refusal::OtherContent(entry.client_id.clone());
            qb_base::invariant!(same, other());
            return Ok(Posted { entry: stands, stood_before: true });
        }
        self.write(std::slice::from_ref(entry))?;
        Ok(Posted { entry: self.next_entry - 1, stood_before: false })
    }

    /// Posts entries that are new, all or none; balances are checked after the last of them.
    pub(crate) fn write(&mut self, entries: &[NewEntry]) -> Result<(), FundError> {
        let mut resolved = Vec::with_capacity(entries.len());
        for entry in entries {
            resolved.push(self.resolve(entry, false)?);
        }
        self.require_room(&resolved)?;
        for entry in resolved {
            self.push(&entry)?;
        }
        if self.entries.len() >= BUFFERED_ENTRIES { self.flush() } else { Ok(()) }
    }

    /// Writes everything out and anchors the head of the chain in the audit; answers how many
    /// entries were posted.
    pub(crate) fn close(mut self, actor: &str, reason: &str) -> Result<i64, FundError> {
        self.flush()?;
        let posted = self.next_entry - self.first;
        if posted > 0 {
            let object = format!("{}-{}", self.first, self.next_entry - 1);
            self.tx.audit(&AuditEntry {
                actor,
                action: AUDIT_POST,
                object: &object,
                before: Some(self.before),
                after: Some(self.head),
                reason,
            })?;
        }
        Ok(posted)
    }

    /// The connection, after everything posted so far was written out.
    pub(crate) fn flushed(&mut self) -> Result<&Tx<'a>, FundError> {
        self.flush()?;
        Ok(self.tx)
    }

    /// An entry that stands: its number, its content, and whether it can still be reversed.
    fn entry(&mut self, id: &str) -> Result<Option<(i64, Digest, bool)>, FundError> {
        if self.client_ids.contains(id) {
            self.flush()?;
        }
        let read = |row: &qb_store::Row<'_>| {
            let is_closed = row.int_opt(2)?.is_some() || row.int_opt(3)?.is_some();
            Ok((row.int(0)?, digest(&row.text(1)?, 1)?, !is_closed))
        };
        Ok(self.tx.query_opt(SELECT_ENTRY, &[id.into()], read)?)
    }

    fn resolve<'e>(&mut self, entry: &'e NewEntry, again: bool) -> Result<Resolved<'e>, FundError> {
        let (reverses, postings) = match &entry.reverses {
            None => (None, moved(entry)?),
            Some(original) => self.taken_back(original, again)?,
        };
        let describes = match entry.describes.as_slice() {
            [] => None,
            specs => Some(serde_json::to_string(specs).map_err(|error| {
                StoreError::Database(format!("accounts cannot be written as JSON: {error}"))
            })?),
        };
        let content = Content {
            kind: &entry.kind,
            on_day: &entry.on_day.to_string(),
            reason: &entry.reason,
            reverses: entry.reverses.as_deref(),
            source_record: entry.source_record,
            describes: describes.as_deref(),
            postings: &postings,
        };
        let content = content.digest();
        Ok(Resolved { entry, reverses, postings, describes, content })
    }

    /// The postings that take an entry back.
    fn taken_back(
        &mut self,
        original: &str,
        again: bool,
    ) -> Result<(Option<i64>, Vec<Posting>), FundError> {
        let Some((id, _, is_open)) = self.entry(original)? else {
            return Err(Refusal::NoEntry(original.to_owned()).into());
        };
        let before = || Refusal::ReversedBefore(original.to_owned());
        qb_base::invariant!(again || is_open, before());
        let postings =
            self.tx.query(SELECT_POSTINGS, &[id.into()], |row| Ok((row.text(0)?, -row.int(1)?)))?;
        Ok((Some(id), postings))
    }

    /// Refuses what would take an account below its floor, name an unknown account, or not sum to
    /// zero.
    fn require_room(&mut self, entries: &[Resolved<'_>]) -> Result<(), FundError> {
        let mut changes: Vec<(&str, i64)> = Vec::new();
        let mut place: HashMap<&str, usize> = HashMap::new();
        for (account, amount) in entries.iter().flat_map(|entry| &entry.postings) {
            let at = *place.entry(account).or_insert_with(|| {
                changes.push((account, 0));
                changes.len() - 1
            });
            if let Some((_, change)) = changes.get_mut(at) {
                *change = change.checked_add(*amount).ok_or(Refusal::OutOfRange)?;
            }
        }
        let sum: i64 = changes.iter().map(|(_, change)| *change).sum();
        qb_base::invariant!(sum == 0, Refusal::Unbalanced { sum_fen: sum });
        for spec in entries.iter().flat_map(|entry| &entry.entry.describes) {
            self.floor_of(&spec.kind)?;
        }
        for (code, change) in changes {
            let opened = entries.iter().flat_map(|e| &e.entry.describes).find(|s| s.code == code);
            let (held, floor) = match (self.account(code)?, opened) {
                (Some(held), _) => (held.balance, held.floor),
                (None, Some(spec)) => (0, self.floor_of(&spec.kind)?),
                (None, None) => return Err(Refusal::NoAccount(code.to_owned()).into()),
            };
            require_floor(code, held, change, floor)?;
        }
        Ok(())
    }

    fn floor_of(&self, kind: &str) -> Result<Option<i64>, Refusal> {
        let known = self.rules.account(kind).ok_or(Refusal::UnknownKind(kind.to_owned()))?;
        Ok(known.floor())
    }

    fn push(&mut self, resolved: &Resolved<'_>) -> Result<(), FundError> {
        for spec in &resolved.entry.describes {
            self.describe(spec)?;
        }
        let mut postings = Vec::with_capacity(resolved.postings.len());
        for (code, amount) in &resolved.postings {
            let unknown = || Refusal::NoAccount(code.clone());
            let held = self.accounts.get_mut(code).ok_or_else(unknown)?;
            held.balance = held.balance.checked_add(*amount).ok_or(Refusal::OutOfRange)?;
            held.is_moved = true;
            postings.push((held.id, *amount));
        }
        let entry = resolved.entry;
        let id = self.next_entry;
        self.head = seal::chained(self.head, id, &entry.client_id, resolved.content, self.now);
        self.next_entry += 1;
        self.client_ids.insert(entry.client_id.clone());
        self.entries.push(Stored {
            id,
            client_id: entry.client_id.clone(),
            kind: entry.kind.clone(),
            on_day: entry.on_day.to_string(),
            reason: entry.reason.clone(),
            reverses: resolved.reverses,
            source_record: entry.source_record,
            describes: resolved.describes.clone(),
            content: resolved.content,
            chain: self.head,
            postings,
        });
        Ok(())
    }

    /// Opens an account, or takes over what it now stands for.
    fn describe(&mut self, spec: &AccountSpec) -> Result<(), FundError> {
        let floor = self.floor_of(&spec.kind)?;
        if let Some(held) = self.accounts.get_mut(&spec.code) {
            held.attributes = spec.attributes.clone();
            held.is_described = true;
            return Ok(());
        }
        let held = Held {
            id: self.next_account,
            kind: spec.kind.clone(),
            attributes: spec.attributes.clone(),
            balance: 0,
            floor,
            is_stored: false,
            is_moved: true,
            is_described: false,
        };
        self.next_account += 1;
        self.accounts.insert(spec.code.clone(), held);
        Ok(())
    }

    fn flush(&mut self) -> Result<(), FundError> {
        rows::write_accounts(self.tx, &self.accounts)?;
        rows::write_entries(self.tx, &self.entries, self.now)?;
        for held in self.accounts.values_mut() {
            held.is_stored = true;
            held.is_moved = false;
            held.is_described = false;
        }
        self.entries.clear();
        self.client_ids.clear();
        Ok(())
    }
}

/// The postings of an entry that reverses nothing; a single one or a zero is refused.
fn moved(entry: &NewEntry) -> Result<Vec<(String, i64)>, Refusal> {
    let zero = entry.postings.iter().find(|posting| posting.amount == Fen::ZERO);
    if let Some(posting) = zero {
        return Err(Refusal::NotAnAmount(posting.account.clone()));
    }
    let sum: i64 = entry.postings.iter().map(|posting| posting.amount.fen()).sum();
    qb_base::invariant!(
        sum == 0 && !entry.postings.is_empty(),
        Refusal::Unbalanced { sum_fen: sum }
    );
    Ok(entry.postings.iter().map(|p| (p.account.clone(), p.amount.fen())).collect())
}

fn require_floor(code: &str, held: i64, change: i64, floor: Option<i64>) -> Result<(), Refusal> {
    let after = held.checked_add(change).ok_or(Refusal::OutOfRange)?;
    qb_base::invariant!(after.abs() <= FEN_MAX, Refusal::OutOfRange);
    if floor.is_none_or(|floor| after >= floor || change >= 0) {
        return Ok(());
    }
    let fen = |amount: i64| Fen::new(amount).ok_or(Refusal::OutOfRange);
    Err(Refusal::Overdrawn {
        account: code.to_owned(),
        holds: fen(held)?,
        takes: fen(change.checked_neg().ok_or(Refusal::OutOfRange)?)?,
    })
}

fn digest(hex: &str, column: usize) -> Result<Digest, StoreError> {
    Digest::parse(hex).ok_or(StoreError::Type { column, expected: "digest" })
}
