//! The annual report: every published figure with what came out, the notes, and the files.

use askama::Template;
use qb_base::Lang;
use qb_policy::{Method, Pack};
use qb_report::{AnnualReport, Figure, Note, Verdict, files, outcome_text};

use crate::fault::Fault;
use crate::page::{Page, Section, render};
use crate::reply::Reply;
use crate::texts::{Texts, put};
use crate::visit::Visit;

const PDF: &str = "application/pdf";
const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

struct FigureRow {
    id: String,
    says: String,
    published: String,
    computed: String,
    reason: String,
    verdict: String,
    verdict_class: &'static str,
    value_class: &'static str,
    definition: Option<String>,
    denominator: Option<String>,
    remark: Option<String>,
    source: String,
    rows: Option<String>,
    notes: Vec<String>,
}

struct NoteRow {
    id: String,
    says: String,
    finding: String,
    verdict: String,
    outcome: String,
    outcome_class: &'static str,
}

#[derive(Template)]
#[template(path = "report.html")]
struct ReportTemplate<'a> {
    page: &'a Page,
    title: &'a str,
    issuer: &'a str,
    as_of: String,
    older: String,
    counts: Vec<(String, usize, &'static str)>,
    figures: Vec<FigureRow>,
    notes: Vec<NoteRow>,
    may_rows: bool,
    is_synthetic: bool,
}

/// The report as a page; every figure links to its rows.
pub(crate) fn show(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (app, t, lang) = (visit.app, visit.texts(), visit.lang());
    let report = app.newest.report(&app.store)?;
    let Some(report) = report else {
        return Err(Fault::NotYet(qb_base::Text::fixed(
            "年度报告尚未生成(命令:qibang report annual)",
            "There is no annual report yet (command: qibang report annual)",
        )));
    };
    let page = Page::new(visit, Section::Reports, t.report_title);
    let viewer = visit.viewer()?;
    let rows = qb_access::permission::VIEW_FIGURE;
    let may_rows =
        qb_access::decide(&rows, Some(&viewer.scope), None) == qb_access::Decision::Allow;
    render(&ReportTemplate {
        page: &page,
        title: report.title.get(lang),
        issuer: report.issuer.get(lang),
        as_of: put(t.as_of, &[("date", &report.as_of)]),
        older: older(visit, &report)?,
        counts: counts(&report, lang),
        figures: report
            .figures
            .iter()
            .map(|figure| figure_row(t, lang, figure, is_pending(&app.pack, figure)))
            .collect(),
        notes: report.notes.iter().map(|note| note_row(lang, note)).collect(),
        may_rows,
        is_synthetic: report.provenance.is_synthetic,
    })
}

/// What to know when rules were run after the report was written; nothing otherwise.
fn older(visit: &Visit<'_>, report: &AnnualReport) -> Result<String, Fault> {
    let newest = visit.app.newest.run(&visit.app.store)?;
    let newest = newest.as_ref().as_ref().map(|info| info.run.id.to_string());
    let (Some(run), Some(of)) = (&newest, &report.provenance.run) else { return Ok(String::new()) };
    let is_newest = run == of;
    let said = || put(visit.texts().report_older, &[("report", of), ("run", run)]);
    Ok(if is_newest { String::new() } else { said() })
}

fn counts(report: &AnnualReport, lang: Lang) -> Vec<(String, usize, &'static str)> {
    Verdict::ALL
        .into_iter()
        .map(|verdict| (verdict.text().get(lang).to_owned(), report.count(verdict), class(verdict)))
        .collect()
}

const fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Reproduced => "is-good",
        Verdict::Contradiction => "is-bad",
        Verdict::NotYetComputed => "is-open",
        _ => "",
    }
}

/// Whether the remark of a figure says what is missing; a statement's says what is done about it.
fn is_pending(pack: &Pack, figure: &Figure) -> bool {
    pack.fact(&figure.id).is_some_and(|fact| matches!(fact.method, Method::Pending { .. }))
}

fn figure_row(t: &'static Texts, lang: Lang, figure: &Figure, is_pending: bool) -> FigureRow {
    let text = |text: &Option<qb_base::Text>| text.as_ref().map(|text| text.get(lang).to_owned());
    let published = figure.published_as_written().map_or("—", |words| words.get(lang));
    FigureRow {
        id: figure.id.clone(),
        says: figure.says.get(lang).to_owned(),
        published: published.to_owned(),
        computed: figure.shown(lang).unwrap_or_else(|| "—".to_owned()),
        reason: figure.reason.get(lang).to_owned(),
        verdict: figure.verdict.text().get(lang).to_owned(),
        verdict_class: class(figure.verdict),
        value_class: match figure.verdict {
            Verdict::Reference => "qb-reference",
            Verdict::NotYetComputed => "qb-pending",
            _ => "qb-computed",
        },
        definition: text(&figure.definition),
        denominator: text(&figure.denominator),
        remark: if is_pending {
            text(&figure.remark).map(|what| put(t.report_missing, &[("what", &what)]))
        } else {
            text(&figure.remark)
        },
        source: figure.source_text.get(lang).to_owned(),
        rows: figure.rows.clone(),
        notes: figure.notes.clone(),
    }
}

fn note_row(lang: Lang, note: &Note) -> NoteRow {
    NoteRow {
        id: note.id.clone(),
        says: note.says.get(lang).to_owned(),
        finding: note.finding.get(lang).to_owned(),
        verdict: note.verdict.get(lang).to_owned(),
        outcome: outcome_text(note.outcome).get(lang).to_owned(),
        outcome_class: match note.outcome {
            qb_policy::Outcome::Consistent => "is-good",
            qb_policy::Outcome::Contradiction => "is-bad",
            qb_policy::Outcome::Open | qb_policy::Outcome::NotYetComputed => "is-open",
        },
    }
}

/// The report as PDF in the page's language.
pub(crate) fn pdf(visit: &Visit<'_>) -> Result<Reply, Fault> {
    document(visit, files::document_names(visit.lang()).pdf, PDF)
}

/// The report as a workbook in the page's language.
pub(crate) fn xlsx(visit: &Visit<'_>) -> Result<Reply, Fault> {
    document(visit, files::document_names(visit.lang()).xlsx, XLSX)
}

/// The report as a text document in the page's language.
pub(crate) fn docx(visit: &Visit<'_>) -> Result<Reply, Fault> {
    document(visit, files::document_names(visit.lang()).docx, DOCX)
}

fn document(visit: &Visit<'_>, name: &'static str, mime: &'static str) -> Result<Reply, Fault> {
    let path = visit.app.store.place().dir.reports().join(name);
    match std::fs::read(&path) {
        Ok(bytes) => Ok(Reply::download(name, mime, bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(Fault::NotFound),
        Err(error) => Err(Fault::Link(format!("{name} could not be read: {}", error.kind()))),
    }
}
