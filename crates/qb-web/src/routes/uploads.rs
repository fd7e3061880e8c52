//! Handing in files: receive, show what was recognised, confirm, follow the import.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use askama::Template;
use qb_access::permission as may;
use qb_access::{Decision, decide};
use qb_intake::{ImportOptions, IntakeError};

use crate::fault::Fault;
use crate::format::count;
use crate::page::{Page, Section, render};
use crate::reply::Reply;
use crate::state::{AppState, audit_entry};
use crate::texts::put;
use crate::upload::{self, UPLOAD_BYTES_MAX};
use crate::visit::Visit;

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// File beside the uploaded ones that says who handed them in.
const OWNER: &str = "owner";
/// Characters a reason must have.
const REASON_CHARS_MIN: usize = 4;

/// How far an import started from a page is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Following {
    files_done: usize,
    files_all: usize,
    rows: u64,
    file: String,
    ended: Option<Result<i64, String>>,
}

#[derive(Template)]
#[template(path = "upload.html")]
struct UploadTemplate<'a> {
    page: &'a Page,
    help: String,
    message: &'static str,
}

/// The form that takes files.
pub(crate) fn form(visit: &Visit<'_>) -> Result<Reply, Fault> {
    upload_form(visit, "")
}

fn upload_form(visit: &Visit<'_>, message: &'static str) -> Result<Reply, Fault> {
    let t = visit.texts();
    let page = Page::new(visit, Section::Data, t.upload_title);
    let mb = (UPLOAD_BYTES_MAX / 1_048_576).to_string();
    render(&UploadTemplate { page: &page, help: put(t.upload_help, &[("mb", &mb)]), message })
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
    let mut rows = Vec::new();
    for path in &files {
        rows.extend(recognised(visit, path));
    }
    let t = visit.texts();
    let page = Page::new(visit, Section::Data, t.preview_title);
    let is_usable = rows.iter().any(|row| row.fault.is_empty());
    let batch = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    render(&PreviewTemplate { page: &page, batch, rows, is_usable })
}

fn recognised(visit: &Visit<'_>, path: &Path) -> Vec<SheetRow> {
    let (pack, lang) = (&visit.app.pack, visit.lang());
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

/// Starts the import of confirmed files on a thread of its own.
pub(crate) fn confirm(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (folder, files) = own_batch(visit)?;
    let batch = visit.param("batch").to_owned();
    let options = ImportOptions {
        actor: visit.viewer()?.actor(),
        within: visit.scope()?.area(),
        stop_after_rows: None,
        alone: false,
    };
    let app = Arc::clone(visit.shared);
    {
        let Ok(mut followed) = app.imports.lock() else { return Err(Fault::Busy) };
        if followed.contains_key(&batch) {
            return Ok(Reply::redirect(format!("/imports/progress/{batch}")));
        }
        let start = Following { files_all: files.len(), ..Following::default() };
        followed.insert(batch.clone(), start);
    }
    let name = batch.clone();
    std::thread::Builder::new()
        .name("import".to_owned())
        .spawn(move || run(&app, &name, &folder, &files, &options))
        .map_err(unwritable)?;
    Ok(Reply::redirect(format!("/imports/progress/{batch}")))
}

fn run(app: &AppState, batch: &str, folder: &Path, files: &[PathBuf], options: &ImportOptions) {
    let note = |change: &dyn Fn(&mut Following)| {
        if let Ok(mut followed) = app.imports.lock()
            && let Some(following) = followed.get_mut(batch)
        {
            change(following);
        }
    };
    let outcome = qb_intake::import(&app.store, &app.pack, files, options, &mut |progress| {
        note(&|following: &mut Following| {
            following.files_done = progress.files_done;
            following.files_all = progress.files_all;
            following.rows = progress.rows;
            progress.file.clone_into(&mut following.file);
        });
    });
    let ended = match outcome {
        Ok(report) => Ok(report.run),
        Err(error) => {
            tracing::error!(%error, "an import started from a page failed");
            Err(error.to_string())
        }
    };
    note(&|following: &mut Following| following.ended = Some(ended.clone()));
    // What stays behind is removed with the next cleaning of the uploads.
    let _ = std::fs::remove_dir_all(folder);
}

#[derive(Template)]
#[template(path = "progress.html")]
struct ProgressTemplate<'a> {
    page: &'a Page,
    file: &'a str,
    done: usize,
    all: usize,
    rows: String,
    failed: &'a str,
}

/// How far an import is; leads to its page when it has ended.
pub(crate) fn progress(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let batch = visit.param("batch");
    let following = {
        let Ok(followed) = visit.app.imports.lock() else { return Err(Fault::Busy) };
        followed.get(batch).cloned().ok_or(Fault::NotFound)?
    };
    if let Some(Ok(run)) = &following.ended {
        return Ok(Reply::redirect(format!("/imports/{run}")));
    }
    let t = visit.texts();
    let page = Page::new(visit, Section::Data, t.progress_title);
    render(&ProgressTemplate {
        page: &page,
        file: &following.file,
        done: following.files_done,
        all: following.files_all,
        rows: count(i64::try_from(following.rows).unwrap_or(i64::MAX)),
        failed: match &following.ended {
            Some(Err(message)) => message,
            _ => "",
        },
    })
}

/// Removes files that were not confirmed.
pub(crate) fn discard(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (folder, _) = own_batch(visit)?;
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
    let mut files = Vec::new();
    for place in std::fs::read_dir(&folder).map_err(unwritable)?.flatten() {
        if place.path().is_dir() {
            let inner = std::fs::read_dir(place.path()).map_err(unwritable)?;
            files.extend(inner.flatten().map(|file| file.path()));
        }
    }
    files.sort();
    Ok((folder, files))
}

/// The workbook of refused rows; they are personal data, so a reason is asked and recorded.
pub(crate) fn fault_workbook(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let run = visit.param_id("run")?;
    let (app, viewer) = (visit.app, visit.viewer()?);
    // The workbook holds the rows of the whole import, so only who answers for all of it may have
    // it.
    visit.reach(app.pack.area)?;
    let scope = &viewer.scope;
    app.store.read(|conn| qb_intake::queries::run(conn, scope, app.pack.area, run))?;
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

/// Whether the reader may have the workbook of refused rows.
pub(crate) fn may_have_workbook(visit: &Visit<'_>) -> bool {
    visit.reader().is_some_and(|viewer| {
        let area = Some(visit.app.pack.area);
        decide(&may::DOWNLOAD_FAULTS, Some(&viewer.scope), area) == Decision::Allow
    })
}

fn unwritable(error: std::io::Error) -> Fault {
    Fault::Link(format!("the folder of uploads cannot be used: {}", error.kind()))
}
