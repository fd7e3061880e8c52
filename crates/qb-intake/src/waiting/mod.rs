//! Lists that decide something count only when a second person has confirmed them.
//!
//! Such a file is kept whole and sealed in the store; nothing of it is parsed into facts before.
//! Who confirms is neither who sent it nor of another area or role than the pack names. Confirming
//! takes the file in under the name, area and role it was handed in with.

mod model;
mod store;

use std::fs;

use qb_base::{Text, env};
use qb_policy::Pack;
use qb_store::{AuditEntry, Store, StoreError, Tx};

pub use model::{Second, WaitingFile};
pub use store::{all, of_run};

use crate::error::IntakeError;
use crate::folder::{Folder, listing};
use crate::import::{Deciding, ImportOptions, OnProgress, import_listed};
use crate::plan::{Listed, Planned};
use crate::report::ImportReport;
use crate::sender::roles;

/// Folder of the data directory into which confirmed files are written while they are read.
const FOLDER: &str = "waiting";

/// Keeps a file of an import until somebody confirms it; answers the batch it waits in.
///
/// The same content of the same sender's area waits once.
pub(crate) fn hold(
    store: &Store,
    (run, options): (i64, &ImportOptions),
    file: &Planned,
) -> Result<i64, IntakeError> {
    let (digest, bytes) = match file.digest {
        Some(digest) => (digest, file.bytes),
        None => crate::plan::digest(&file.listed.path)?,
    };
    let (digest, keyring) = (digest.to_string(), store.keyring());
    store.write(|tx| {
        let within = options.within;
        if let Some(earlier) = store::same(tx, &digest, within)? {
            audit(tx, &options.actor, "import.wait", earlier, "the same file waits already")?;
            return Ok(earlier);
        }
        let id = tx.next_id("waiting_file")?;
        let waiting = WaitingFile {
            id,
            run,
            name: file.listed.name.clone(),
            root: file.listed.root.clone(),
            digest: digest.clone(),
            byte_count: i64::try_from(bytes)
                .map_err(|_| IntakeError::Invariant("length of a file"))?,
            layouts: file.layouts(),
            actor: options.actor.clone(),
            sender: options.role,
            within,
            recorded_at: env::now().0,
            typed: options.typed,
            decided_by: None,
        };
        store::insert(tx, &waiting)?;
        store::keep(tx, keyring, id, &file.listed.path)?;
        audit(tx, &options.actor, "import.wait", run, "waits for a second person")?;
        Ok(run)
    })
}

/// What the report says of a file that waits.
pub(crate) fn said(file: &Planned, batch: i64) -> (Text, Text) {
    let deciding = file.sheets.iter().map(|sheet| &sheet.detected.columns.layout);
    let mut deciding = deciding.filter(|layout| layout.decides());
    let (title, who) = deciding.next().map_or_else(
        || (Text::fixed("", ""), Text::fixed("", "")),
        |layout| (layout.title.clone(), roles(&layout.confirmers)),
    );
    let batch = batch.to_string();
    let message = Text::new(
        format!("“{}”作出决定,须由另一人确认后才生效;在批次{batch}中等待确认。", title.zh),
        format!(
            "“{}” decides something: it waits in batch {batch} until another person confirms it",
            title.en
        ),
    );
    let remedy = Text::new(
        format!(
            "请由以下角色的另一人({})在“导入”页面确认,或运行:qibang import confirm {batch} --by 登录名",
            who.zh
        ),
        format!(
            "another person ({}) confirms it on the page of imports or with: qibang import confirm {batch} --by LOGIN",
            who.en
        ),
    );
    (message, remedy)
}

/// Takes in the files of a batch that a person may confirm.
///
/// Interrupted, it goes on where it ended when it is asked again.
///
/// # Errors
/// [`IntakeError::Refused`] with why where nothing waits or the person may confirm none of it.
pub fn confirm(
    store: &Store,
    pack: &Pack,
    run: i64,
    second: &Second,
    progress: &mut OnProgress<'_>,
) -> Result<ImportReport, IntakeError> {
    let files = confirmable(store, pack, run, second)?;
    let first = files.first().ok_or(IntakeError::Invariant("files to confirm"))?;
    store.write::<_, StoreError>(|tx| {
        files.iter().try_for_each(|file| store::confirm(tx, file.id, &second.actor))?;
        audit(tx, &second.actor, "import.confirm", run, &format!("{} files", files.len()))
    })?;
    let folder = Folder::make(store, FOLDER)?;
    let options = ImportOptions {
        actor: first.actor.clone(),
        within: first.within,
        role: first.sender,
        typed: first.typed,
        deciding: Deciding::Confirmed(second.actor.clone()),
        ..ImportOptions::default()
    };
    let listed =
        files.iter().map(|file| write_out(store, &folder, file)).collect::<Result<Vec<_>, _>>()?;
    let report = import_listed(store, pack, &listed, &options, progress)?;
    store.write::<_, StoreError>(|tx| {
        files.iter().try_for_each(|file| store::end(tx, file.id))?;
        let reason = format!("taken in by import {}", report.run);
        audit(tx, &second.actor, "import.taken", run, &reason)
    })?;
    Ok(report)
}

/// The waiting files of a batch that a person may confirm.
///
/// # Errors
/// As [`confirm`].
pub fn confirmable(
    store: &Store,
    pack: &Pack,
    run: i64,
    second: &Second,
) -> Result<Vec<WaitingFile>, IntakeError> {
    let files = store.read(|conn| of_run(conn, run))?;
    let why = files.first().map(|file| file.refusal(pack, second));
    let mine: Vec<WaitingFile> =
        files.into_iter().filter(|file| file.refusal(pack, second).is_none()).collect();
    match (mine.is_empty(), why.flatten()) {
        (false, _) => Ok(one_kind(mine)),
        (true, Some(why)) => Err(IntakeError::Refused(why)),
        (true, None) => Err(nothing_waits(run)),
    }
}

/// The files of a batch that go in together: a typed row goes in alone.
fn one_kind(mut files: Vec<WaitingFile>) -> Vec<WaitingFile> {
    match files.iter().position(|file| file.typed.is_some()) {
        Some(at) => vec![files.swap_remove(at)],
        None => files,
    }
}

/// What a typed row that waits says, for whoever decides about it: heads and values, those of
/// persons masked; nothing for a file.
///
/// # Errors
/// When the store or its folder cannot be used.
pub fn typed_row(
    store: &Store,
    pack: &Pack,
    file: &WaitingFile,
) -> Result<Vec<(String, String)>, IntakeError> {
    if file.typed.is_none() {
        return Ok(Vec::new());
    }
    let folder = Folder::make(store, FOLDER)?;
    let listed = write_out(store, &folder, file)?;
    let seen = crate::preview::preview(pack, &listed.path, None)?;
    let Some(sheet) = seen.sheets.into_iter().next() else { return Ok(Vec::new()) };
    let values = sheet.sample.into_iter().next().ok_or(IntakeError::Invariant("a typed row"))?;
    Ok(sheet.columns.into_iter().map(|(head, _)| head).zip(values).collect())
}

/// Lets go of the files of a batch that wait: whoever sent them may, and whoever might confirm.
///
/// # Errors
/// [`IntakeError::Refused`] where nothing waits that the person may let go.
pub fn discard(
    store: &Store,
    pack: &Pack,
    run: i64,
    who: &Second,
    reason: &str,
) -> Result<usize, IntakeError> {
    let files = store.read(|conn| of_run(conn, run))?;
    let is_own = |file: &WaitingFile| {
        file.decided_by.is_none() && (file.actor == who.actor || file.refusal(pack, who).is_none())
    };
    let mine: Vec<&WaitingFile> = files.iter().filter(|file| is_own(file)).collect();
    if mine.is_empty() {
        let why = files.first().and_then(|file| file.refusal(pack, who));
        return Err(why.map_or_else(|| nothing_waits(run), IntakeError::Refused));
    }
    store.write::<_, StoreError>(|tx| {
        mine.iter().try_for_each(|file| store::discard(tx, file.id, &who.actor, reason))?;
        audit(tx, &who.actor, "import.discard", run, reason)
    })?;
    Ok(mine.len())
}

fn nothing_waits(run: i64) -> IntakeError {
    IntakeError::Refused(
        Text::fixed(
            "批次{run}没有等待确认的文件:可能已确认、已放弃,或批次号有误;请在“导入”页面核对",
            "nothing waits in batch {run}: it was confirmed or discarded, or the number is another one; look at the page of imports",
        )
        .fill(&[("run", &run.to_string())]),
    )
}

fn audit(
    tx: &Tx<'_>,
    actor: &str,
    action: &'static str,
    run: i64,
    reason: &str,
) -> Result<(), StoreError> {
    let object = format!("import:{run}");
    tx.audit(&AuditEntry { actor, action, object: &object, before: None, after: None, reason })
}

/// Writes a file out and names it as it was named when it came.
fn write_out(store: &Store, folder: &Folder, file: &WaitingFile) -> Result<Listed, IntakeError> {
    let folder = folder.path().join(file.id.to_string());
    fs::create_dir_all(&folder).map_err(|error| listing(&folder, error))?;
    let base = file.name.rsplit('/').next().unwrap_or(&file.name);
    let path = folder.join(base);
    store::write_out(store, file.id, &path)?;
    Ok(Listed { path, name: file.name.clone(), root: file.root.clone() })
}
