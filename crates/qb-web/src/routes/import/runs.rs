//! Imports: the list, one import with its files and faults, and the workbook of refused rows.

use std::collections::HashMap;

use askama::Template;
use qb_access::Scope;
use qb_access::permission::VIEW_OTHERS_IMPORTS;
use qb_base::{AreaCode, Lang, Timestamp};
use qb_intake::queries::{self, FaultKind, FaultLine, FileLine, KnownFile, RunLine};
use qb_intake::{Withdrawn, WithdrawnBecause};
use qb_policy::{Layout, LayoutTarget, Pack};

use crate::actor;
use crate::fault::Fault;
use crate::format::count;
use crate::page::{Page, Section, render};
use crate::reply::Reply;
use crate::routes::import::confirm;
use crate::routes::import::upload as uploads;
use crate::routes::record::list as records;
use crate::seen::Shown;
use crate::sheet::Table;
use crate::texts::{Texts, put};
use crate::url::with_query;
use crate::visit::Visit;

/// Imports listed.
const RUNS_MAX: i64 = 100;
/// Faults of one page.
const FAULTS: i64 = 100;

struct RunRow {
    id: i64,
    at: String,
    actor: String,
    state: &'static str,
    files: String,
    read: String,
    accepted: String,
    rejected: String,
    repaired: String,
}

#[derive(Template)]
#[template(path = "imports.html")]
struct ImportsTemplate<'a> {
    page: &'a Page,
    may_upload: bool,
    tables: Vec<Table>,
    runs: Vec<RunRow>,
}

/// All imports that brought files of the reader's area.
pub(crate) fn list(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (app, t, scope) = (visit.app, visit.texts(), visit.scope()?);
    let whole = app.pack.area;
    let viewer = visit.viewer()?;
    let runs = app.store.read(|conn| match visit.may(&VIEW_OTHERS_IMPORTS) {
        true => queries::runs(conn, scope, whole, RUNS_MAX),
        false => queries::runs_of(conn, &viewer.actor(), RUNS_MAX),
    })?;
    let names = names(visit, &runs)?;
    let page = Page::new(visit, Section::Data, t.imports_title);
    render(&ImportsTemplate {
        page: &page,
        may_upload: may(visit, &qb_access::permission::UPLOAD_IMPORT),
        tables: Some(confirm::table(visit)?)
            .filter(|one| !one.lines.is_empty())
            .into_iter()
            .collect(),
        runs: runs.iter().map(|run| run_row(t, run, &names)).collect(),
    })
}

/// What the reader sees of an import: all of what they handed in themselves; of others' those who
/// keep the register the files of their area, everybody else nothing.
pub(crate) fn scope_over(visit: &Visit<'_>, run: i64) -> Result<Scope, Fault> {
    let (app, viewer) = (visit.app, visit.viewer()?);
    if app.store.read(|conn| queries::is_of(conn, run, &viewer.actor()))? {
        Ok(Scope::new(viewer.role, app.pack.area))
    } else if visit.may(&VIEW_OTHERS_IMPORTS) {
        Ok(viewer.scope.clone())
    } else {
        Err(Fault::NotFound)
    }
}

fn may(visit: &Visit<'_>, permission: &qb_access::Permission) -> bool {
    visit.reader().is_some_and(|viewer| {
        qb_access::decide(permission, Some(&viewer.scope), None) == qb_access::Decision::Allow
    })
}

/// Who handed the imports in, by what the store calls them.
fn names(visit: &Visit<'_>, runs: &[RunLine]) -> Result<HashMap<String, String>, Fault> {
    let actors = runs.iter().map(|run| run.actor.as_str());
    Ok(visit.app.store.read(|conn| actor::names(conn, visit.lang(), actors))?)
}

fn run_row(t: &'static Texts, run: &RunLine, names: &HashMap<String, String>) -> RunRow {
    RunRow {
        id: run.id,
        at: Timestamp(run.started_at).to_minute_in_china(),
        actor: names.get(&run.actor).unwrap_or(&run.actor).clone(),
        state: match run.state.as_str() {
            "done" => t.import_state_done,
            "failed" => t.import_state_failed,
            _ => t.import_state_running,
        },
        files: count(run.files),
        read: count(run.rows_read),
        accepted: count(run.rows_accepted),
        rejected: count(run.rows_rejected),
        repaired: count(run.rows_repaired),
    }
}

struct FileRow {
    name: String,
    layout: String,
    encoding: String,
    size: String,
    read: String,
    accepted: String,
    rejected: String,
    repaired: String,
    message: Option<String>,
    is_refused: bool,
}

/// A file that had come before and was not read again, with when it came.
struct KnownRow {
    name: String,
    came: String,
    href: String,
}

/// Rows that were taken back.
struct WithdrawnRow {
    file: String,
    list: String,
    area: String,
    because: &'static str,
    rows: String,
    lines: String,
}

struct KindRow {
    code: String,
    severity: &'static str,
    count: String,
    example: String,
    href: String,
}

struct FaultRow {
    file: String,
    sheet: String,
    row: i64,
    column: String,
    severity: &'static str,
    message: String,
    remedy: String,
}

#[derive(Template)]
#[template(path = "import.html")]
struct ImportTemplate<'a> {
    page: &'a Page,
    run: RunRow,
    title: String,
    may_download: bool,
    kinds: Vec<KindRow>,
    chosen: String,
    faults: Vec<FaultRow>,
    next: String,
    files: Vec<FileRow>,
    known: Vec<KnownRow>,
    withdrawn: Vec<WithdrawnRow>,
}

/// One import: counts, faults grouped by kind, and its files.
pub(crate) fn show(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let id = visit.param_id("run")?;
    let (app, t, lang) = (visit.app, visit.texts(), visit.lang());
    let (whole, scope) = (app.pack.area, &scope_over(visit, id)?);
    let code = visit.query("fault");
    let after = visit.place("after")?;
    let (run, files, kinds, faults, known, withdrawn) = app.store.read(|conn| {
        let run = queries::run(conn, scope, whole, id)?;
        let files = queries::files(conn, scope, whole, id)?;
        let kinds = queries::fault_kinds(conn, scope, whole, id)?;
        let known = queries::known_files(conn, scope, whole, id)?;
        let withdrawn = queries::withdrawn(conn, scope, id)?;
        let faults = if code.is_empty() {
            Vec::new()
        } else {
            queries::faults(conn, scope, whole, id, code, after, FAULTS)?
        };
        Ok::<_, Fault>((run, files, kinds, faults, known, withdrawn))
    })?;
    note(visit, id, &faults)?;
    let title = put(t.import_run, &[("id", &id.to_string())]);
    let page = Page::new(visit, Section::Data, title.clone());
    let next = match faults.last() {
        Some(last) if faults.len() as i64 == FAULTS => {
            let after = last.id.to_string();
            with_query(&visit.incoming.path, &[("fault", code), ("after", &after)])
        }
        _ => String::new(),
    };
    let of_kind: i64 = kinds.iter().filter(|kind| kind.code == code).map(|kind| kind.count).sum();
    render(&ImportTemplate {
        page: &page,
        run: run_row(t, &run, &names(visit, std::slice::from_ref(&run))?),
        title,
        may_download: uploads::may_have_workbook(visit, scope) && run.rows_rejected > 0,
        kinds: kinds.iter().map(|kind| kind_row(t, lang, id, kind)).collect(),
        chosen: if code.is_empty() {
            String::new()
        } else {
            put(t.import_faults_of, &[("code", code), ("n", &count(of_kind))])
        },
        faults: faults.iter().map(|fault| fault_row(t, lang, fault)).collect(),
        next,
        files: files.iter().map(|file| file_row(visit, file)).collect(),
        known: known.iter().map(|file| known_row(t, file)).collect(),
        withdrawn: withdrawn.iter().map(|part| withdrawn_row(visit, part)).collect(),
    })
}

/// Notes the rows about persons whose faults the page tells, before it is shown.
fn note(visit: &Visit<'_>, run: i64, faults: &[FaultLine]) -> Result<(), Fault> {
    let pack = &visit.app.pack;
    let whole = visit.viewer()?.area.to_string();
    let is_about_nobody = |layout: &str| {
        let nobody = |dataset| !records::is_about_persons(dataset);
        pack.dataset(layout).map_or_else(|| is_about_places(pack, layout), nobody)
    };
    let told = faults.iter().filter(|fault| !fault.layout.as_deref().is_some_and(is_about_nobody));
    // Faults are no rows of lists: their numbers are told apart from those by their sign.
    let shown = told.map(|fault| Shown {
        household: None,
        row: -fault.id,
        area: fault.area.as_ref().unwrap_or(&whole),
        persons: 1,
    });
    visit.shows(&format!("import {run}"), &shown.collect::<Vec<_>>())
}

/// Whether a layout is none of the register or of incomes, whose rows are about persons.
fn is_about_places(pack: &Pack, layout: &str) -> bool {
    let about =
        |layout: &Layout| matches!(layout.target, LayoutTarget::Register | LayoutTarget::Income);
    pack.layout(layout).is_some_and(|layout| !about(layout))
}

fn known_row(t: &'static Texts, file: &KnownFile) -> KnownRow {
    let came = &file.came;
    let (run, rows) = (came.run.to_string(), came.rows_rejected.to_string());
    let text = if came.rows_rejected > 0 { t.import_known_refused } else { t.import_known_clean };
    KnownRow {
        name: file.name.clone(),
        came: put(text, &[("id", &run), ("at", &came.at), ("n", &rows)]),
        href: format!("/imports/{run}"),
    }
}

fn withdrawn_row(visit: &Visit<'_>, part: &Withdrawn) -> WithdrawnRow {
    let (app, t, lang) = (visit.app, visit.texts(), visit.lang());
    let list = app.pack.layout(&part.list).map(|layout| layout.title.get(lang));
    let area = AreaCode::parse(&part.county).ok().and_then(|code| app.pack.area(&code));
    let lines: Vec<String> = part.lines.iter().map(i64::to_string).collect();
    WithdrawnRow {
        file: part.file.clone(),
        list: list.unwrap_or(&part.list).to_owned(),
        area: area.map_or(&part.county, |area| &area.name).clone(),
        because: match part.because {
            WithdrawnBecause::Replaced => t.import_withdrawn_replaced,
            WithdrawnBecause::Gone => t.import_withdrawn_gone,
        },
        rows: count(qb_base::tally(part.rows)),
        lines: lines.join(t.list_comma),
    }
}

fn severity(t: &'static Texts, severity: &str) -> &'static str {
    match severity {
        "refused" => t.import_severity_refused,
        "repaired" => t.import_severity_repaired,
        "lead" => t.import_severity_lead,
        _ => t.import_severity_warning,
    }
}

fn pick(pair: &(String, String), lang: Lang) -> String {
    match lang {
        Lang::Zh => pair.0.clone(),
        Lang::En => pair.1.clone(),
    }
}

fn kind_row(t: &'static Texts, lang: Lang, run: i64, kind: &FaultKind) -> KindRow {
    KindRow {
        code: kind.code.clone(),
        severity: severity(t, &kind.severity),
        count: count(kind.count),
        example: pick(&kind.example, lang),
        href: with_query(&format!("/imports/{run}"), &[("fault", &kind.code)]),
    }
}

fn fault_row(t: &'static Texts, lang: Lang, fault: &FaultLine) -> FaultRow {
    let column = match (&fault.column_label, fault.column_no) {
        (Some(label), Some(number)) => format!("{label} ({number})"),
        (Some(label), None) => label.clone(),
        (None, Some(number)) => number.to_string(),
        (None, None) => "—".to_owned(),
    };
    FaultRow {
        file: fault.file.clone(),
        sheet: fault.sheet.clone(),
        row: fault.row_no,
        column,
        severity: severity(t, &fault.severity),
        message: pick(&fault.message, lang),
        remedy: pick(&fault.remedy, lang),
    }
}

fn file_row(visit: &Visit<'_>, file: &FileLine) -> FileRow {
    let lang = visit.lang();
    let layout = file
        .layout
        .as_deref()
        .map(|id| visit.app.pack.layout(id).map_or(id, |layout| layout.title.get(lang)).to_owned());
    FileRow {
        name: file.name.clone(),
        layout: layout.unwrap_or_else(|| "—".to_owned()),
        encoding: file.encoding.clone().unwrap_or_else(|| "—".to_owned()),
        size: crate::format::bytes(file.byte_count),
        read: count(file.rows_read),
        accepted: count(file.rows_accepted),
        rejected: count(file.rows_rejected),
        repaired: count(file.rows_repaired),
        message: file.message.as_ref().map(|message| pick(message, lang)),
        is_refused: file.state == "refused",
    }
}
