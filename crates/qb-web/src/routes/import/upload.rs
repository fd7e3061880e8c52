//! Handing in files: receive, show what was recognised, confirm, follow the import.

use std::path::{Path, PathBuf};

use askama::Template;
use qb_access::permission as may;
use qb_access::{Decision, Role, Scope, decide};
use qb_base::{Date, Digest, Lang, Text, Timestamp};
use qb_intake::{FileFaultText, IntakeError, sender};
use qb_policy::Pack;
use qb_store::{Job, JobState};

use crate::fault::Fault;
use crate::format::count;
use crate::jobs::{self, ImportOrder};
use crate::page::{Page, Section, render};
use crate::reply::Reply;
use crate::routes::import::runs as imports;
use crate::seen::{self, What};
use crate::state::audit_entry;
use crate::texts::{Texts, put};
use crate::upload::{self, UPLOAD_BYTES_MAX};
use crate::visit::Visit;

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// File beside the uploaded ones that keeps what was recognised in them.
const PREVIEW: &str = "preview.json";

#[derive(Template)]
#[template(path = "upload.html")]
struct UploadTemplate<'a> {
    page: &'a Page,
    help: String,
    /// What the reader may hand in.
    lists: String,
    message: &'static str,
    /// What the reader has handed in and not confirmed yet.
    waiting: Vec<WaitingRow>,
}

struct WaitingRow {
    href: String,
    at: String,
    files: String,
    size: String,
}

/// The form that takes files.
pub(crate) fn form(visit: &Visit<'_>) -> Result<Reply, Fault> {
    upload_form(visit, "")
}

fn upload_form(visit: &Visit<'_>, message: &'static str) -> Result<Reply, Fault> {
    let t = visit.texts();
    let page = Page::new(visit, Section::Data, t.upload_title);
    let lists = sent_lists(visit)?;
    let mb = (UPLOAD_BYTES_MAX / upload::MB).to_string();
    let help = put(t.upload_help, &[("mb", &mb)]);
    let own = upload::waiting_of(visit.app, visit.viewer()?);
    let waiting = own.iter().map(|upload| waiting_row(t, upload)).collect();
    render(&UploadTemplate { page: &page, help, lists, message, waiting })
}

fn waiting_row(t: &'static Texts, upload: &upload::Waiting) -> WaitingRow {
    WaitingRow {
        href: format!("/imports/pending/{}", upload.name),
        at: Timestamp(upload.at_ms).to_minute_in_china(),
        files: upload.files.join(t.list_comma),
        size: crate::format::bytes(qb_base::tally(upload.bytes)),
    }
}

/// The lists the reader may hand in.
fn sent_lists(visit: &Visit<'_>) -> Result<String, Fault> {
    let role = visit.viewer()?.role.code();
    let titles: Vec<&str> =
        visit.app.pack.sent_by(role).map(|layout| layout.title.get(visit.lang())).collect();
    Ok(put(visit.texts().upload_own, &[("lists", &titles.join(visit.texts().list_comma))]))
}

/// Keeps the received files until they are confirmed or discarded.
pub(crate) fn receive(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let batch = visit.incoming.upload.as_ref().ok_or(Fault::ForeignForm)?;
    if batch.files.is_empty() {
        batch.discard();
        return upload_form(visit, visit.texts().upload_none);
    }
    let name = batch.folder.file_name().and_then(|name| name.to_str()).ok_or(Fault::NotFound)?;
    recognise(handed_in(visit)?, &batch.folder, &batch.files)?;
    Ok(Reply::redirect(format!("/imports/pending/{name}")))
}

/// A sheet as the page shows it.
struct SheetRow {
    file: String,
    sheet: String,
    layout: String,
    encoding: String,
    rows: String,
    fault: String,
    remedy: String,
}

/// What was recognised in a sheet, or why a file has none; kept beside the files in both languages.
#[derive(serde::Serialize, serde::Deserialize)]
struct Recognised {
    file: String,
    sheet: String,
    /// The id of its layout.
    layout: Option<String>,
    encoding: Option<String>,
    rows: Option<u64>,
    /// What stands against importing it, and what to do: Chinese and English.
    fault: Option<[(String, String); 2]>,
}

#[derive(Template)]
#[template(path = "preview.html")]
struct PreviewTemplate<'a> {
    page: &'a Page,
    batch: &'a str,
    rows: Vec<SheetRow>,
    is_usable: bool,
}

/// What was recognised in the files, before anything is written.
pub(crate) fn preview(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (folder, files) = own_batch(visit)?;
    let kept = std::fs::read(folder.join(PREVIEW)).ok();
    let kept = kept.and_then(|bytes| serde_json::from_slice::<Vec<Recognised>>(&bytes).ok());
    let found = match kept {
        Some(found) => found,
        // The server ended between receiving the files and looking through them.
        None => recognise(handed_in(visit)?, &folder, &files)?,
    };
    let t = visit.texts();
    let page = Page::new(visit, Section::Data, t.preview_title);
    let is_usable = found.iter().any(|sheet| sheet.fault.is_none());
    let rows = found.into_iter().map(|sheet| sheet_row(visit, sheet)).collect();
    render(&PreviewTemplate { page: &page, batch: visit.param("batch"), rows, is_usable })
}

/// Who hands files in, and when.
fn handed_in<'a>(visit: &Visit<'a>) -> Result<(&'a Pack, Role, Date), Fault> {
    Ok((&visit.app.pack, visit.viewer()?.role, visit.app.today()?))
}

/// Looks through the files once and keeps what was recognised.
fn recognise(
    by: (&Pack, Role, Date),
    folder: &Path,
    files: &[PathBuf],
) -> Result<Vec<Recognised>, Fault> {
    let found: Vec<Recognised> = files.iter().flat_map(|path| sheets_of(by, path)).collect();
    let bytes = serde_json::to_vec(&found).map_err(|error| Fault::Link(error.to_string()))?;
    std::fs::write(folder.join(PREVIEW), bytes).map_err(upload::unwritten)?;
    Ok(found)
}

fn sheets_of((pack, role, on): (&Pack, Role, Date), path: &Path) -> Vec<Recognised> {
    let file = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let empty = || Recognised {
        file: file.clone().unwrap_or_else(|| "—".to_owned()),
        sheet: String::new(),
        layout: None,
        encoding: None,
        rows: None,
        fault: None,
    };
    let both = |text: &Text| (text.get(Lang::Zh).to_owned(), text.get(Lang::En).to_owned());
    let preview = match qb_intake::preview(pack, path, Some(on)) {
        Ok(preview) => preview,
        Err(IntakeError::File(fault)) => {
            let fault = Some([both(&fault.message), both(&fault.remedy)]);
            return vec![Recognised { fault, ..empty() }];
        }
        Err(error) => {
            tracing::warn!(%error, "an uploaded file could not be previewed");
            let [zh, en] = [Lang::Zh, Lang::En].map(|lang| Texts::of(lang).preview_unusable);
            let fault = Some([(zh.to_owned(), en.to_owned()), Default::default()]);
            return vec![Recognised { fault, ..empty() }];
        }
    };
    let shown = preview.sheets.iter().filter(|sheet| !sheet.hidden);
    let of = |sheet: &qb_intake::SheetPreview| {
        let layout = sheet.layout.as_deref().and_then(|id| pack.layout(id));
        let not_sent = layout.and_then(|layout| sender::refusal(layout, role));
        let not_sent = not_sent.map(FileFaultText::from);
        let fault = sheet.fault.as_ref().or(not_sent.as_ref());
        Recognised {
            sheet: sheet.name.clone(),
            layout: sheet.layout.clone(),
            encoding: Some(preview.encoding.clone()),
            rows: Some(sheet.rows),
            fault: fault.map(|fault| [both(&fault.message), both(&fault.remedy)]),
            ..empty()
        }
    };
    shown.map(of).collect()
}

fn sheet_row(visit: &Visit<'_>, sheet: Recognised) -> SheetRow {
    let lang = visit.lang();
    let pick = |(zh, en): (String, String)| if lang == Lang::Zh { zh } else { en };
    let title =
        |id: &String| visit.app.pack.layout(id).map(|layout| layout.title.get(lang).to_owned());
    let none = || "—".to_owned();
    let (fault, remedy) = match sheet.fault {
        Some([fault, remedy]) => (pick(fault), pick(remedy)),
        None => (String::new(), String::new()),
    };
    SheetRow {
        file: sheet.file,
        sheet: sheet.sheet,
        layout: sheet.layout.as_ref().and_then(title).unwrap_or_else(none),
        encoding: sheet.encoding.unwrap_or_else(none),
        rows: sheet.rows.map_or_else(none, |rows| count(qb_base::tally(rows))),
        fault,
        remedy,
    }
}

/// Puts confirmed files into the queue of jobs.
pub(crate) fn confirm(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let job = own_order(visit)?.give(visit.app)?;
    Ok(Reply::redirect(format!("/imports/progress/{job}")))
}

/// The order to import an upload that the reader handed in.
fn own_order(visit: &Visit<'_>) -> Result<ImportOrder, Fault> {
    own_batch(visit)?;
    order(visit, visit.param("batch"))
}

fn order(visit: &Visit<'_>, batch: &str) -> Result<ImportOrder, Fault> {
    let viewer = visit.viewer()?;
    Ok(ImportOrder {
        batch: batch.to_owned(),
        actor: viewer.actor(),
        within: visit.scope()?.area(),
        sender: viewer.role,
    })
}

#[derive(Template)]
#[template(path = "progress.html")]
struct ProgressTemplate<'a> {
    page: &'a Page,
    is_waiting: bool,
    file: &'a str,
    done: usize,
    all: usize,
    rows: String,
    failed: &'a str,
}

/// How far an import is; leads to its page when it has ended. Somebody else's does not exist.
pub(crate) fn progress(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let id = visit.param_id("job")?;
    let job = visit.app.store.read(|conn| Job::find(conn, id))?.ok_or(Fault::NotFound)?;
    let actor = visit.viewer()?.actor();
    jobs::actor_of(&job).filter(|owner| *owner == actor).ok_or(Fault::NotFound)?;
    let unsaid = || Fault::Link(format!("job {id} ended without a word"));
    let message = match job.state {
        JobState::Done | JobState::Failed => job.message.as_deref().ok_or_else(unsaid)?,
        JobState::Queued | JobState::Running => "",
    };
    if job.state == JobState::Done {
        return Ok(Reply::redirect(format!("/imports/{message}")));
    }
    let following = jobs::following(visit.app, id);
    let is_waiting = following.is_none() && job.state != JobState::Failed;
    // Nothing is done yet while it waits.
    let following = following.unwrap_or_default();
    let page = Page::new(visit, Section::Data, visit.texts().progress_title);
    render(&ProgressTemplate {
        page: &page,
        is_waiting,
        file: &following.file,
        done: following.files_done,
        all: following.files_all,
        rows: count(qb_base::tally(following.rows)),
        failed: message,
    })
}

/// Removes files that were not confirmed.
pub(crate) fn discard(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (folder, _) = own_batch(visit)?;
    if let Some(job) = own_order(visit)?.job(visit.app)? {
        return Ok(Reply::redirect(format!("/imports/progress/{job}")));
    }
    std::fs::remove_dir_all(&folder).map_err(upload::unwritten)?;
    Ok(Reply::redirect("/imports/new"))
}

/// The folder and files of an upload that the reader handed in; somebody else's do not exist.
fn own_batch(visit: &Visit<'_>) -> Result<(PathBuf, Vec<PathBuf>), Fault> {
    let batch = visit.param("batch");
    if !upload::is_batch_name(batch) {
        return Err(Fault::NotFound);
    }
    let folder = visit.app.uploads().join(batch);
    if !upload::is_owned_by(&folder, visit.viewer()?.user_id) {
        return Err(Fault::NotFound);
    }
    let files = upload::files_in(&folder).map_err(upload::unwritten)?;
    Ok((folder, files))
}

/// The workbook of refused rows; they are personal data, so a reason is asked and recorded.
pub(crate) fn fault_workbook(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let run = visit.param_id("run")?;
    let (app, viewer) = (visit.app, visit.viewer()?);
    let scope = imports::scope_over(visit, run)?;
    // The workbook holds the rows of the whole import, so only who handed it in or answers for all
    // of it may have it.
    if !may_have_workbook(visit, &scope) {
        return Err(Fault::NotFound);
    }
    let known = app.store.read(|conn| qb_intake::queries::run(conn, &scope, app.pack.area, run))?;
    let reason = visit.form("reason").trim();
    let reading = app.reading()?;
    if !reading.is_reason(reason) {
        let n = reading.reason_chars_min().to_string();
        return Err(Fault::Unusable(
            Text::fixed(
                "请写明下载理由(至少 {n} 个字)",
                "Give a reason of at least {n} characters for the download",
            )
            .fill(&[("n", &n)]),
        ));
    }
    let bytes = qb_intake::fault_workbook(&app.store, &app.pack, run)?;
    let rows = known.rows_rejected;
    let object = format!("import:{run}: {rows} rows, {rows} persons, xlsx");
    let (actor, who) = (viewer.actor(), visit.who()?);
    let area = scope.area().unwrap_or(app.pack.area);
    app.store.write::<_, Fault>(|tx| {
        let what = What { action: visit.permission.action, object: &object };
        seen::list_left(tx, who, what, (area.as_str(), rows))?;
        let mut entry = audit_entry(&actor, "import.faults_download", &object, reason);
        entry.after = Some(Digest::of(&bytes));
        Ok(tx.audit(&entry)?)
    })?;
    app.seen.forget_hour(who.user);
    Ok(Reply::download(format!("import-{run}-faults.xlsx"), XLSX, bytes))
}

/// Whether the reader may have the workbook of the refused rows of an import that a scope sees.
pub(crate) fn may_have_workbook(visit: &Visit<'_>, scope: &Scope) -> bool {
    let whole = Some(visit.app.pack.area);
    visit.reader().is_some() && decide(&may::DOWNLOAD_FAULTS, Some(scope), whole) == Decision::Allow
}
