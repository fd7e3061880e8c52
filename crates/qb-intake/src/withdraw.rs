//! What is taken back: its file is gone from a folder that was imported before.
//!
//! Village ledgers and rows of datasets are withdrawn this way: each file is its sender's own
//! statement, and the folder is the current set of them. A register file that is missing takes
//! nobody off the register.

use std::collections::BTreeSet;

use qb_base::env;
use qb_policy::Dataset;
use qb_store::{AuditEntry, Store, StoreError};

use crate::import::ImportOptions;
use crate::plan::Listed;
use crate::report::{FileReport, FileState};

/// Of the files known in a folder, the share (one in so many) that must still be there; an
/// inbox that was
/// emptied is no withdrawal.
const REMAINING_SHARE: usize = 2;

/// A file whose content counts, and what is withdrawn with it.
struct Current {
    content: Content,
    file_id: i64,
    name: String,
}

/// What a file brought.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Content {
    /// This ledger.
    Ledger(i64),
    /// Rows of a dataset.
    Records,
}

/// Supersedes ledgers and rows of datasets whose files are gone from a folder that still holds most
/// of its files of that kind.
pub(crate) fn missing_files(
    store: &Store,
    listed: &[Listed],
    datasets: &[Dataset],
    run_id: i64,
    options: &ImportOptions,
) -> Result<Vec<FileReport>, StoreError> {
    let present: BTreeSet<&str> =
        listed.iter().filter(|file| file.root.is_some()).map(|file| file.name.as_str()).collect();
    if present.is_empty() {
        return Ok(Vec::new());
    }
    let mut withdrawn = Vec::new();
    for current in [ledgers(store)?, records(store, datasets)?] {
        let in_folders: Vec<Current> =
            current.into_iter().filter(|file| top_folder(&file.name).is_some()).collect();
        let gone: Vec<&Current> =
            in_folders.iter().filter(|file| is_gone(file, &in_folders, &present)).collect();
        if gone.is_empty() {
            continue;
        }
        supersede(store, &gone, options)?;
        tracing::info!(run = run_id, files = gone.len(), "rows withdrawn with their files");
        withdrawn.extend(gone.into_iter().map(|file| report(&file.name)));
    }
    Ok(withdrawn)
}

fn ledgers(store: &Store) -> Result<Vec<Current>, StoreError> {
    let sql = "select l.id, f.id, f.name from village_ledger l \
               join source_file f on f.id = l.source_file_id \
               where l.superseded_at is null order by f.name";
    store.read(|conn| {
        conn.query(sql, &[], |row| {
            let content = Content::Ledger(row.int(0)?);
            Ok(Current { content, file_id: row.int(1)?, name: row.text(2)? })
        })
    })
}

/// The newest file of each name whose sheets were of a dataset; marked ones were withdrawn or
/// replaced before.
fn records(store: &Store, datasets: &[Dataset]) -> Result<Vec<Current>, StoreError> {
    let sql = "select id, name, layout from source_file where state = 'imported' \
               and layout is not null and digest not like '% %' order by name, id";
    let mut files: Vec<Current> = Vec::new();
    store.read::<_, StoreError>(|conn| {
        conn.each::<StoreError>(sql, &[], |row| {
            let (file_id, name, layout) = (row.int(0)?, row.text(1)?, row.text(2)?);
            if datasets.iter().any(|dataset| dataset.id == layout) {
                files.push(Current { content: Content::Records, file_id, name });
            }
            Ok(())
        })
    })?;
    Ok(files)
}

/// Whether the file is gone from a folder that still holds most of its kind.
fn is_gone(file: &Current, in_folders: &[Current], present: &BTreeSet<&str>) -> bool {
    if present.contains(file.name.as_str()) {
        return false;
    }
    let folder = top_folder(&file.name);
    let all = in_folders.iter().filter(|other| top_folder(&other.name) == folder);
    let (known, still) = all.fold((0, 0), |(known, still), other| {
        (known + 1, still + usize::from(present.contains(other.name.as_str())))
    });
    still * REMAINING_SHARE >= known && still > 0
}

/// Rows of a dataset that stand in files of one name, earlier versions included.
const RECORDS: &str = "update record set superseded_at = $1 where superseded_at is null \
    and area_code >= $2 and area_code < $3 \
    and source_file_id in (select id from source_file where name = $4)";

fn supersede(store: &Store, gone: &[&Current], options: &ImportOptions) -> Result<(), StoreError> {
    let now = env::now().0;
    let everywhere = || (String::new(), ":".to_owned());
    let (low, high) = options.within.map_or_else(everywhere, |area| area.range());
    store.write(|tx| {
        for file in gone {
            let id = file.file_id.to_string();
            match file.content {
                Content::Ledger(ledger) => tx.execute(
                    "update village_ledger set superseded_at = $1 where id = $2",
                    &[now.into(), ledger.into()],
                )?,
                Content::Records => tx.execute(
                    RECORDS,
                    &[now.into(), (&low).into(), (&high).into(), file.name.as_str().into()],
                )?,
            };
            tx.audit(&AuditEntry {
                actor: &options.actor,
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
                &[mark.as_str().into(), file.file_id.into()],
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
            "文件已从该文件夹移除，其内容已撤回。",
            "the file is gone from its folder; its content was withdrawn",
        )),
        remedy: None,
    }
}

/// The folder of the import that holds the file, such as `村账/2016`.
fn top_folder(name: &str) -> Option<&str> {
    let second = name.match_indices('/').nth(1).or_else(|| name.match_indices('/').next())?;
    name.get(..second.0)
}
