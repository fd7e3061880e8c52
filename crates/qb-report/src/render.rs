//! The annual report as PDF: the pack's template, the report as JSON, drawings as SVG.

use std::collections::BTreeMap;

use qb_base::{Lang, Text};
use qb_policy::{Decimal, Pack};
use serde_json::{Value, json};

use crate::chart;
use crate::error::ReportError;
use crate::fonts::Fonts;
use crate::model::{
    AnnualReport, Figure, Note, Paragraph, Part, Run, Section, Verdict, outcome_text,
};
use crate::number;
use crate::pdf::{Job, Typeset, typeset};
use crate::scan;

/// Where a pack keeps the template.
pub const TEMPLATE: &str = "report/annual.typ";

/// What a report is drawn with besides its data.
pub struct Look<'a> {
    /// The template's text.
    pub template: &'a str,
    /// Shapes of the counties as GeoJSON; without them there is no map.
    pub shapes: Option<&'a str>,
    /// The fonts.
    pub fonts: &'a Fonts,
}

impl<'a> Look<'a> {
    /// The look that a pack gives its reports.
    ///
    /// # Errors
    /// When the pack has no template.
    pub fn of_pack(pack: &'a Pack, fonts: &'a Fonts) -> Result<Self, ReportError> {
        let template = pack.report_files.get(TEMPLATE).ok_or_else(|| ReportError::Template {
            file: TEMPLATE.to_owned(),
            detail: Text::fixed("文件不存在", "the file does not exist").to_string(),
        })?;
        Ok(Self { template, shapes: pack.county_shapes.as_deref(), fonts })
    }
}

/// Renders the report in one language as PDF bytes.
///
/// # Errors
/// When a text holds a personal number, a character has no glyph, or the template is wrong.
pub fn render_pdf(
    report: &AnnualReport,
    look: &Look<'_>,
    lang: Lang,
) -> Result<Vec<u8>, ReportError> {
    typeset_report(report, look, lang)?.pdf()
}

/// Typesets the report in one language.
///
/// # Errors
/// As [`render_pdf`].
pub fn typeset_report(
    report: &AnnualReport,
    look: &Look<'_>,
    lang: Lang,
) -> Result<Typeset, ReportError> {
    let (drawings, names) = drawings(report, look, lang);
    let data = data(report, &names, lang);
    scan::check_json("report", &data)?;
    let texts = drawings.values().map(String::as_str).chain([look.template]);
    look.fonts.check(texts)?;
    look.fonts.check([data.to_string().as_str()])?;
    let mut files: BTreeMap<String, Vec<u8>> =
        drawings.into_iter().map(|(name, svg)| (name, svg.into_bytes())).collect();
    files.insert("/data.json".to_owned(), serde_json::to_vec(&data)?);
    let job = Job {
        template_name: TEMPLATE,
        template: look.template,
        files,
        date: report.provenance.made_at.date_in_china(),
        identifier: format!("{}-{}-{}", report.digest, report.provenance.made_at.0, lang.code()),
    };
    let typeset = typeset(job, look.fonts)?;
    for (page, runs) in typeset.text_runs().iter().enumerate() {
        runs.iter().try_for_each(|run| scan::check(&format!("PDF {}", page + 1), run))?;
    }
    Ok(typeset)
}

/// The drawings by file name, and the names by section, part and chart; a chart without data has
/// none.
type Names = Vec<Vec<Vec<Option<String>>>>;

fn drawings(
    report: &AnnualReport,
    look: &Look<'_>,
    lang: Lang,
) -> (BTreeMap<String, String>, Names) {
    let mut files = BTreeMap::new();
    let mut names = Vec::new();
    for (s, section) in report.sections.iter().enumerate() {
        let mut of_section = Vec::new();
        for (p, part) in section.parts.iter().enumerate() {
            let mut of_part = Vec::new();
            for (c, chart) in part.charts.iter().enumerate() {
                let drawn = chart::svg(report, look.shapes, chart, lang);
                of_part.push(drawn.map(|svg| {
                    let name = format!("/chart-{s}-{p}-{c}.svg");
                    files.insert(name.clone(), svg);
                    name
                }));
            }
            of_section.push(of_part);
        }
        names.push(of_section);
    }
    (files, names)
}

fn data(report: &AnnualReport, names: &Names, lang: Lang) -> Value {
    let sections: Vec<Value> = report
        .sections
        .iter()
        .zip(names)
        .map(|(section, names)| section_data(report, section, names, lang))
        .collect();
    let figures: Vec<Value> =
        report.figures.iter().map(|figure| figure_data(figure, lang)).collect();
    json!({
        "lang": lang.code(),
        "title": report.title.get(lang),
        "issuer": report.issuer.get(lang),
        "area": report.area_name,
        "year": report.year,
        "as_of": report.as_of,
        "made_on": report.provenance.made_at.date_in_china().to_string(),
        "counts": counts(report, lang),
        "sections": sections,
        "figures": figures,
        "notes": report.notes.iter().map(|note| note_data(note, lang)).collect::<Vec<_>>(),
        "provenance": provenance_data(report),
    })
}

/// How many numbers have each verdict, and how many statements there are.
fn counts(report: &AnnualReport, lang: Lang) -> Vec<Value> {
    let mut labels: Vec<Text> = Verdict::ALL.iter().map(|verdict| verdict.text()).collect();
    labels.extend(
        report.figures.iter().find(|figure| figure.is_statement()).map(Figure::verdict_text),
    );
    let count = |label: &Text| {
        let alike = report.figures.iter().filter(|figure| figure.verdict_text() == *label);
        json!({ "label": label.get(lang), "count": alike.count() })
    };
    labels.iter().map(count).collect()
}

fn section_data(
    report: &AnnualReport,
    section: &Section,
    names: &[Vec<Option<String>>],
    lang: Lang,
) -> Value {
    let parts: Vec<Value> = section
        .parts
        .iter()
        .zip(names)
        .map(|(part, names)| part_data(report, part, names, lang))
        .collect();
    json!({
        "heading": section.heading.get(lang),
        "paragraphs": paragraphs(report, &section.paragraphs, lang),
        "parts": parts,
    })
}

fn part_data(report: &AnnualReport, part: &Part, names: &[Option<String>], lang: Lang) -> Value {
    let charts: Vec<Value> = part
        .charts
        .iter()
        .zip(names)
        .filter_map(|(chart, name)| {
            Some(json!({ "title": chart.title.get(lang), "file": name.as_deref()? }))
        })
        .collect();
    json!({
        "heading": part.heading.get(lang),
        "paragraphs": paragraphs(report, &part.paragraphs, lang),
        "figures": part.figures,
        "charts": charts,
    })
}

/// Runs with the verdict of their figure: what the rows gave, what is quoted and what disagrees
/// look different.
fn paragraphs(report: &AnnualReport, paragraphs: &[Paragraph], lang: Lang) -> Vec<Value> {
    let run = |run: &Run| {
        let figure = run.figure.as_deref().and_then(|id| report.figure(id));
        let verdict = figure.map(|figure| figure.verdict.word());
        json!({ "text": run.text, "figure": run.figure, "verdict": verdict })
    };
    paragraphs
        .iter()
        .map(|paragraph| paragraph.runs(lang).iter().map(run).collect::<Vec<_>>().into())
        .collect()
}

fn figure_data(figure: &Figure, lang: Lang) -> Value {
    let text = |text: &Option<Text>| text.as_ref().map(|text| text.get(lang).to_owned());
    let grouped = |value: Option<Decimal>| value.map(number::grouped);
    json!({
        "id": figure.id,
        "says": figure.says.get(lang),
        "unit": text(&figure.unit_label),
        "definition": text(&figure.definition),
        "denominator": text(&figure.denominator),
        "published": grouped(figure.stated()),
        "published_text": text(&figure.published_text),
        "computed": grouped(figure.computed),
        "verdict": figure.verdict.word(),
        "verdict_label": figure.verdict_text().get(lang),
        "remark": text(&figure.remark),
        "source": figure.source,
        "rows": figure.rows,
        "notes": figure.notes,
    })
}

fn note_data(note: &Note, lang: Lang) -> Value {
    json!({
        "id": note.id,
        "says": note.says.get(lang),
        "finding": note.finding.get(lang),
        "verdict": note.verdict.get(lang),
        "outcome": note.outcome,
        "outcome_label": outcome_text(note.outcome).get(lang),
        "facts": note.facts,
    })
}

fn provenance_data(report: &AnnualReport) -> Value {
    let from = &report.provenance;
    json!({
        "pack": from.pack,
        "pack_digest": from.pack_digest,
        "snapshot": from.snapshot,
        "run": from.run,
        "program": from.program,
        "audit_head": from.audit_head,
        "audit_entries": from.audit_entries,
        "report_digest": report.digest,
    })
}

#[cfg(test)]
mod tests;
