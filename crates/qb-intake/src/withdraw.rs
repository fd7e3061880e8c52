//! A form that is taken back: its file is gone from a folder that was imported before.
//!
//! Only village ledgers are withdrawn this way: each file is one village's own statement, and the
//! folder is the
//! current set of them. A register file that is missing takes nobody off the register.

use std::collections::BTreeSet;

use qb_base::env;
use qb_store::{AuditEntry, Store, StoreError};

use crate::import::ImportOptions;
use crate::plan::Listed;
use crate::report::{FileReport, FileState};

/// Of the ledger files known in a folder, the share (one in so many) that must still be there; an
/// inbox that was
/// emptied is no withdrawal.
const REMAINING_SHARE: usize = 2;

/// A current ledger and its file.
struct Current {
    ledger_id: i64,
    file_id: i64,
    name: String,
}

/// Supersedes ledgers whose files are gone from a folder that still holds most of its ledgers.
pub(crate) fn missing_ledgers(
    store: &Store,
    listed: &[Listed],
    run_id: i64,
    options: &ImportOptions,
) -> Result<Vec<FileReport>, StoreError> {
    let present: BTreeSet<&str> =
        listed.iter().filter(|file| file.root.is_some()).map(|file| file.name.as_str()).collect();
    if present.is_empty() {
        return Ok(Vec::new());
    }
    let current = store.read(|conn| {
        conn.query(
            "select l.id, f.id, f.name from village_ledger l join source_file f on f.id = \
            l.source_file_id \
             where l.superseded_at is null order by f.name",
            &[],
            |row| Ok(Current { ledger_id: row.int(0)?, file_id: row.int(1)?, name: row.text(2)? }),
        )
    })?;
    let in_folders: Vec<Current> =
        current.into_iter().filter(|ledger| top_folder(&ledger.name).is_some()).collect();
    let gone: Vec<&Current> =
        in_folders.iter().filter(|ledger| is_gone(ledger, &in_folders, &present)).collect();
    if gone.is_empty() {
        return Ok(Vec::new());
    }
    supersede(store, &gone, &options.actor)?;
    tracing::info!(run = run_id, ledgers = gone.len(), "ledgers withdrawn with their files");
    Ok(gone.into_iter().map(|ledger| report(&ledger.name)).collect())
}

/// Whether the file is gone from a folder that still holds most of its ledgers.
fn is_gone(ledger: &Current, in_folders: &[Current], present: &BTreeSet<&str>) -> bool {
    if present.contains(ledger.name.as_str()) {
        return false;
    }
    let folder = top_folder(&ledger.name);
    let all = in_folders.iter().filter(|other| top_folder(&other.name) == folder);
    let (known, still) = all.fold((0, 0), |(known, still), other| {
        (known + 1, still + usize::from(present.contains(other.name.as_str())))
    });
    still * REMAINING_SHARE >= known && still > 0
}

fn supersede(store: &Store, gone: &[&Current], actor: &str) -> Result<(), StoreError> {
    let now = env::now().0;
    store.write(|tx| {
        for ledger in gone {
            let id = ledger.file_id.to_string();
            tx.execute(
                "update village_ledger set superseded_at = $1 where id = $2",
                &[now.into(), ledger.ledger_id.into()],
            )?;
            tx.audit(&AuditEntry {
                actor,
                action: "import.withdraw",
                object: &id,
                before: None,
                after: None,
                reason: "the file is gone from its folder",
            })?;
            // The same file may come back later and counts again, as often as it likes.
            let mark = format!(" withdrawn {id}");
            tx.execute(
                "update source_file set digest = digest || $1 where id = $2",
                &[mark.as_str().into(), ledger.file_id.into()],
            )?;
        }
        Ok(())
    })
}

fn report(name: &str) -> FileReport {
    FileReport {
        name: name.to_owned(),
        state: FileState::Withdrawn,
        layout: None,
        encoding: None,
        rows_read: 0,
        rows_accepted: 0,
        rows_rejected: 0,
        rows_repaired: 0,
        message: Some(qb_base::Text::fixed(
            "文件已从该文件夹移除，其台账已撤回。",
            "the file is gone from its folder; its ledger was withdrawn",
        )),
        remedy: None,
    }
}

/// The folder of the import that holds the file, such as `村账/2016`.
fn top_folder(name: &str) -> Option<&str> {
    let second = name.match_indices('/').nth(1).or_else(|| name.match_indices('/').next())?;
    name.get(..second.0)
}
