//! Handing in files: receive, show what was recognised, confirm, follow the import.

use std::path::{Path, PathBuf};

use askama::Template;
use qb_access::permission as may;
use qb_access::{Decision, Scope, decide};
use qb_intake::IntakeError;
use qb_policy::Pack;
use qb_store::{Job, JobState};

use crate::fault::Fault;
use crate::format::count;
use crate::jobs::{self, ImportOrder};
use crate::page::{Page, Section, render};
use crate::reply::Reply;
use crate::routes::imports;
use crate::state::audit_entry;
use crate::texts::put;
use crate::upload::{self, UPLOAD_BYTES_MAX};
use crate::visit::Visit;

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// File beside the uploaded ones that says who handed them in.
const OWNER: &str = "owner";
/// Characters a reason must have.
const REASON_CHARS_MIN: usize = 4;

#[derive(Template)]
#[template(path = "upload.html")]
struct UploadTemplate<'a> {
    page: &'a Page,
    help: String,
    /// What a department may hand in.
    lists: String,
    message: &'static str,
}

/// The form that takes files.
pub(crate) fn form(visit: &Visit<'_>) -> Result<Reply, Fault> {
    upload_form(visit, "")
}

fn upload_form(visit: &Visit<'_>, message: &'static str) -> Result<Reply, Fault> {
    let t = visit.texts();
    let page = Page::new(visit, Section::Data, t.upload_title);
    let lists = sent_lists(visit)?;
    let mb = (UPLOAD_BYTES_MAX / 1_048_576).to_string();
    let help = put(t.upload_help, &[("mb", &mb)]);
    render(&UploadTemplate { page: &page, help, lists, message })
}

/// The lists a department may hand in; blank for an office, which hands in any.
fn sent_lists(visit: &Visit<'_>) -> Result<String, Fault> {
    let role = visit.viewer()?.role;
    if !role.is_department() {
        return Ok(String::new());
    }
    let pack = visit.app.pack.for_sender(role.code());
    let titles: Vec<&str> =
        pack.layouts.iter().map(|layout| layout.title.get(visit.lang())).collect();
    Ok(put(visit.texts().upload_own, &[("lists", &titles.join(visit.texts().list_comma))]))
}

/// Keeps the received files until they are confirmed or discarded.
pub(crate) fn receive(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let batch = visit.incoming.upload.as_ref().ok_or(Fault::ForeignForm)?;
    if batch.files.is_empty() {
        batch.discard();
        return upload_form(visit, visit.texts().upload_none);
    }
    let owner = visit.viewer()?.user_id.to_string();
    std::fs::write(batch.folder.join(OWNER), owner).map_err(unwritable)?;
    let name = batch.folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    Ok(Reply::redirect(format!("/imports/pending/{name}")))
}

struct SheetRow {
    file: String,
    sheet: String,
    layout: String,
    encoding: String,
    rows: String,
    fault: String,
    remedy: String,
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
    let pack = order(visit)?.pack(&visit.app.pack);
    let mut rows = Vec::new();
    for path in &files {
        rows.extend(recognised(visit, &pack, path));
    }
    let t = visit.texts();
    let page = Page::new(visit, Section::Data, t.preview_title);
    let is_usable = rows.iter().any(|row| row.fault.is_empty());
    let batch = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    render(&PreviewTemplate { page: &page, batch, rows, is_usable })
}

fn recognised(visit: &Visit<'_>, pack: &Pack, path: &Path) -> Vec<SheetRow> {
    let lang = visit.lang();
    let file = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let empty = |fault: String, remedy: String| SheetRow {
        file: file.clone().unwrap_or_default(),
        sheet: String::new(),
        layout: "—".to_owned(),
        encoding: "—".to_owned(),
        rows: "—".to_owned(),
        fault,
        remedy,
    };
    match qb_intake::preview(pack, path) {
        Err(IntakeError::File(fault)) => {
            vec![empty(fault.message.get(lang).to_owned(), fault.remedy.get(lang).to_owned())]
        }
        Err(error) => {
            tracing::warn!(%error, "an uploaded file could not be previewed");
            vec![empty(visit.texts().preview_unusable.to_owned(), String::new())]
        }
        Ok(preview) => {
            let shown = preview.sheets.iter().filter(|sheet| !sheet.hidden);
            let row = |sheet: &qb_intake::SheetPreview| {
                let layout = sheet.layout.as_deref().and_then(|id| pack.layout(id));
                let fault = sheet.fault.as_ref();
                SheetRow {
                    sheet: sheet.name.clone(),
                    layout: layout.map_or("—", |layout| layout.title.get(lang)).to_owned(),
                    encoding: preview.encoding.clone(),
                    rows: count(i64::try_from(sheet.rows).unwrap_or(i64::MAX)),
                    ..empty(
                        fault.map_or("", |fault| fault.message.get(lang)).to_owned(),
                        fault.map_or("", |fault| fault.remedy.get(lang)).to_owned(),
                    )
                }
            };
            shown.map(row).collect()
        }
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
    order(visit)
}

fn order(visit: &Visit<'_>) -> Result<ImportOrder, Fault> {
    let viewer = visit.viewer()?;
    Ok(ImportOrder {
        batch: visit.param("batch").to_owned(),
        actor: viewer.actor(),
        within: visit.scope()?.area(),
        sender: Some(viewer.role).filter(|role| role.is_department()),
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
    ImportOrder::of(&job).filter(|order| order.actor == actor).ok_or(Fault::NotFound)?;
    let message = job.message.as_deref().unwrap_or_default();
    if job.state == JobState::Done {
        return Ok(Reply::redirect(format!("/imports/{message}")));
    }
    let following = jobs::following(visit.app, id);
    let is_waiting = following.is_none() && job.state != JobState::Failed;
    let following = following.unwrap_or_default();
    let page = Page::new(visit, Section::Data, visit.texts().progress_title);
    render(&ProgressTemplate {
        page: &page,
        is_waiting,
        file: &following.file,
        done: following.files_done,
        all: following.files_all,
        rows: count(i64::try_from(following.rows).unwrap_or(i64::MAX)),
        failed: if job.state == JobState::Failed { message } else { "" },
    })
}

/// Removes files that were not confirmed.
pub(crate) fn discard(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (folder, _) = own_batch(visit)?;
    if let Some(job) = own_order(visit)?.job(visit.app)? {
        return Ok(Reply::redirect(format!("/imports/progress/{job}")));
    }
    std::fs::remove_dir_all(&folder).map_err(unwritable)?;
    Ok(Reply::redirect("/imports/new"))
}

/// The folder and files of an upload that the reader handed in; somebody else's do not exist.
fn own_batch(visit: &Visit<'_>) -> Result<(PathBuf, Vec<PathBuf>), Fault> {
    let batch = visit.param("batch");
    if !upload::is_batch_name(batch) {
        return Err(Fault::NotFound);
    }
    let folder = visit.app.uploads().join(batch);
    let owner = std::fs::read_to_string(folder.join(OWNER)).map_err(|_| Fault::NotFound)?;
    if owner != visit.viewer()?.user_id.to_string() {
        return Err(Fault::NotFound);
    }
    let files = upload::files_in(&folder).map_err(unwritable)?;
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
    app.store.read(|conn| qb_intake::queries::run(conn, &scope, app.pack.area, run))?;
    let reason = visit.form("reason").trim();
    if reason.chars().count() < REASON_CHARS_MIN {
        let n = REASON_CHARS_MIN.to_string();
        return Err(Fault::Unusable(
            qb_base::Text::fixed(
                "请写明下载理由(至少 {n} 个字)",
                "Give a reason of at least {n} characters for the download",
            )
            .fill(&[("n", &n)]),
        ));
    }
    let object = format!("import:{run}");
    let actor = viewer.actor();
    app.store.write::<_, Fault>(|tx| {
        Ok(tx.audit(&audit_entry(&actor, "import.faults_download", &object, reason))?)
    })?;
    let bytes = qb_intake::fault_workbook(&app.store, &app.pack, run)?;
    Ok(Reply::download(format!("import-{run}-faults.xlsx"), XLSX, bytes))
}

/// Whether the reader may have the workbook of the refused rows of an import that a scope sees.
pub(crate) fn may_have_workbook(visit: &Visit<'_>, scope: &Scope) -> bool {
    let whole = Some(visit.app.pack.area);
    visit.reader().is_some() && decide(&may::DOWNLOAD_FAULTS, Some(scope), whole) == Decision::Allow
}

fn unwritable(error: std::io::Error) -> Fault {
    Fault::Link(format!("the folder of uploads cannot be used: {}", error.kind()))
}
