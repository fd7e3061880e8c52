//! What may be done to the ledger; each is one transaction.

use qb_policy::Pack;
use qb_store::{AuditEntry, Store};

use crate::apply;
use crate::book::Book;
use crate::error::FundError;
use crate::model::{Applied, NewEntry, Posted};
use crate::rules::LedgerRules;

/// Posts one entry at most once under its client's id.
///
/// # Errors
/// [`FundError::Refused`] when it may not be posted; nothing is written then.
pub fn post(
    store: &Store,
    rules: &LedgerRules,
    actor: &str,
    entry: &NewEntry,
) -> Result<Posted, FundError> {
    store.write(|tx| {
        let mut book = Book::open(tx, rules)?;
        let posted = book.post(entry)?;
        if book.close(actor, &entry.reason)? == 0 {
            note(tx, actor, "ledger.repeat", &posted.entry.to_string())?;
        }
        Ok(posted)
    })
}

/// Brings the ledger level with the rows of the lists, at most once for each version of a row.
///
/// # Errors
/// When the pack's `ledger.toml` has faults or the store fails; a row that may not be posted is no
/// error but a refusal, kept for [`crate::queries::refusals`].
pub fn apply(store: &Store, pack: &Pack, actor: &str) -> Result<Applied, FundError> {
    let rules = LedgerRules::of(pack)?;
    if !store.read(|conn| apply::is_behind(conn, &rules))? {
        return Ok(Applied::default());
    }
    store.write(|tx| {
        let applied = apply::level(tx, &rules, actor)?;
        note(tx, actor, "ledger.apply", &pack.id)?;
        Ok(applied)
    })
}

fn note(
    tx: &qb_store::Tx<'_>,
    actor: &str,
    action: &'static str,
    object: &str,
) -> Result<(), FundError> {
    let reason = "the ledger follows the lists";
    let (before, after) = (None, None);
    Ok(tx.audit(&AuditEntry { actor, action, object, before, after, reason })?)
}
