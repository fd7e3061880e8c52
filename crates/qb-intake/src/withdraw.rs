//! What is taken back: its file is gone from a folder that was imported before.
//!
//! Village ledgers and rows of datasets are withdrawn this way: each file is its sender's own
//! statement, and the folder is the current set of them. A register file that is missing takes
//! nobody off the register.

use std::collections::BTreeSet;

use qb_base::{Timestamp, env};
use qb_policy::{Layout, LayoutTarget, Pack};
use qb_registry::commands::{self, Withdrawing, WithdrawnRow};
use qb_store::{AuditEntry, Store, StoreError, Tx};

use crate::delivery;
use crate::plan::Listed;
use crate::report::{FileReport, FileState, WithdrawnBecause};

/// Of the files known in a folder, the share (one in so many) that must still be there; an
/// inbox that was emptied is no withdrawal.
const REMAINING_SHARE: usize = 2;

/// Who takes back, and in which import.
pub(crate) struct By<'a> {
    pub(crate) run: i64,
    /// The office whose files they are.
    pub(crate) sender: &'a str,
    pub(crate) actor: &'a str,
    /// Whether lists that decide wait for a second person: one alone takes nothing of them back.
    pub(crate) waits: bool,
}

/// A file whose content counts.
struct Current {
    file_id: i64,
    name: String,
    layout: String,
    is_ledger: bool,
    /// The counties it speaks for.
    counties: BTreeSet<String>,
}

/// The files of an office that count, with the counties they speak for.
const CURRENT: &str = "select f.id, f.name, f.layout, c.area_code from source_file f \
    left join source_file_county c on c.source_file_id = f.id \
    where f.state = 'imported' and f.ended_as is null and f.sender = $1 \
    and f.layout is not null order by f.name, f.id";

/// Supersedes ledgers and rows of datasets whose files are gone from a folder that still holds most
/// of its files of that kind, as far as those speak for the same counties.
pub(crate) fn missing_files(
    store: &Store,
    (listed, present): (&[Listed], &BTreeSet<i64>),
    pack: &Pack,
    by: &By<'_>,
) -> Result<Vec<FileReport>, StoreError> {
    let names: BTreeSet<&str> =
        listed.iter().filter(|file| file.root.is_some()).map(|file| file.name.as_str()).collect();
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let current = current(store, pack, by.sender)?;
    let is_there =
        |file: &Current| names.contains(file.name.as_str()) || present.contains(&file.file_id);
    let gone: Vec<&Current> = current
        .iter()
        .filter(|file| !is_there(file) && is_gone(file, &current, &is_there))
        .collect();
    let decides = |file: &&Current| pack.layout(&file.layout).is_some_and(Layout::decides);
    let (kept, gone): (Vec<_>, Vec<_>) =
        gone.into_iter().partition(|file| by.waits && decides(file));
    let kept: Vec<FileReport> = kept.into_iter().map(|file| report_kept(&file.name)).collect();
    if gone.is_empty() {
        return Ok(kept);
    }
    supersede(store, &gone, by)?;
    tracing::info!(run = by.run, files = gone.len(), "rows withdrawn with their files");
    Ok(gone.into_iter().map(|file| report(&file.name)).chain(kept).collect())
}

/// Files in folders that hold a ledger or rows of a dataset.
fn current(store: &Store, pack: &Pack, sender: &str) -> Result<Vec<Current>, StoreError> {
    let mut files: Vec<Current> = Vec::new();
    store.read::<_, StoreError>(|conn| {
        conn.each::<StoreError>(CURRENT, &[sender.into()], |row| {
            let (file_id, name, layout) = (row.int(0)?, row.text(1)?, row.text(2)?);
            let county = row.text_opt(3)?;
            let is_ledger = match pack.layout(&layout).map(|layout| layout.target) {
                Some(LayoutTarget::VillageLedger) => true,
                Some(LayoutTarget::Record) => false,
                _ => return Ok(()),
            };
            if top_folder(&name).is_none() {
                return Ok(());
            }
            if files.last().is_none_or(|last| last.file_id != file_id) {
                let counties = BTreeSet::new();
                files.push(Current { file_id, name, layout, is_ledger, counties });
            }
            if let Some(file) = files.last_mut() {
                file.counties.extend(county);
            }
            Ok(())
        })
    })?;
    Ok(files)
}

/// Whether a file that is not there is gone from a folder that still holds most of its kind: of the
/// files that speak for one of its counties. Those that are there must together speak for all of
/// them, or what is left of the folder says nothing about the rest.
fn is_gone(file: &Current, all: &[Current], is_there: &impl Fn(&Current) -> bool) -> bool {
    let folder = top_folder(&file.name);
    let of_its_kind = all.iter().filter(|other| {
        other.is_ledger == file.is_ledger
            && top_folder(&other.name) == folder
            && (other.file_id == file.file_id || !other.counties.is_disjoint(&file.counties))
    });
    let (mut known, mut still, mut spoken_for) = (0, 0, BTreeSet::new());
    for other in of_its_kind {
        known += 1;
        if is_there(other) {
            still += 1;
            spoken_for.extend(&other.counties);
        }
    }
    still > 0
        && still * REMAINING_SHARE >= known
        && file.counties.iter().all(|county| spoken_for.contains(county))
}

const NOTE: &str = "insert into withdrawn_row (import_run_id, reason, list, row_id, \
    source_file_id, source_row, area_code) values ($1, $2, $3, $4, $5, $6, $7)";
const OF_NAME: &str = "select id from source_file where name = $1 and sender = $2 order by id";

/// Keeps that an import took back a row of a list.
pub(crate) fn note_withdrawn(
    tx: &Tx<'_>,
    (run, because): (i64, WithdrawnBecause),
    (list, row): (&str, &WithdrawnRow),
) -> Result<(), StoreError> {
    let values = [
        run.into(),
        because.as_str().into(),
        list.into(),
        row.id.into(),
        row.file_id.into(),
        row.row.into(),
        (&row.area).into(),
    ];
    tx.execute(NOTE, &values).map(|_| ())
}

fn supersede(store: &Store, gone: &[&Current], by: &By<'_>) -> Result<(), StoreError> {
    let now = env::now();
    store.write(|tx| {
        for file in gone {
            withdraw(tx, file, by, now)?;
            tx.audit(&AuditEntry {
                actor: by.actor,
                action: "import.withdraw",
                object: &file.file_id.to_string(),
                before: None,
                after: None,
                reason: "the file is gone from its folder",
            })?;
            // The same file may come back later and counts again, as often as it likes.
            delivery::end(tx, file.file_id, "withdrawn", now)?;
        }
        Ok(())
    })
}

fn withdraw(tx: &Tx<'_>, file: &Current, by: &By<'_>, now: Timestamp) -> Result<(), StoreError> {
    let what = if file.is_ledger { Withdrawing::Ledgers } else { Withdrawing::Records };
    let named = [file.name.as_str().into(), by.sender.into()];
    let files = tx.query(OF_NAME, &named, |row| row.int(0))?;
    commands::withdraw(tx, (&files, what), now, &mut |row| {
        // A row of a dataset says its list itself.
        let list = row.dataset.as_deref().unwrap_or(&file.layout);
        note_withdrawn(tx, (by.run, WithdrawnBecause::Gone), (list, row))
    })
}

/// What is said of a list that decides and is gone from its folder.
fn report_kept(name: &str) -> FileReport {
    FileReport {
        state: FileState::Unchanged,
        message: Some(qb_base::Text::fixed(
            "作决定的名单已不在该文件夹中；撤回须由第二人确认，内容未撤回。",
            "a list that decides is gone from the folder; taking it back needs a second person, its \
             content stays",
        )),
        remedy: Some(qb_base::Text::fixed(
            "要撤回其中的行，请报送不含这些行的同名文件，由另一人确认。",
            "to take rows back, send a file of the same name without them, and have it confirmed",
        )),
        ..report(name)
    }
}

fn report(name: &str) -> FileReport {
    FileReport {
        message: Some(qb_base::Text::fixed(
            "文件已从该文件夹移除，其内容已撤回。",
            "the file is gone from its folder; its content was withdrawn",
        )),
        ..FileReport::new(name, FileState::Withdrawn)
    }
}

/// The folder of the import that holds the file, such as `村账/2016`.
fn top_folder(name: &str) -> Option<&str> {
    let second = name.match_indices('/').nth(1).or_else(|| name.match_indices('/').next())?;
    name.get(..second.0)
}
