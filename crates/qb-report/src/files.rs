//! A report in a folder: stored once as JSON, with the documents made from it beside.

use std::fs;
use std::path::Path;

use qb_base::Lang;
use serde_json::{Value, json};

use crate::docx::render_docx;
use crate::error::ReportError;
use crate::model::{AnnualReport, FORMAT};
use crate::number;
use crate::render::{Look, render_pdf};
use crate::rows::RowSource;
use crate::scan;
use crate::workbook::render_xlsx;

/// Name of the stored report.
pub const STORED: &str = "annual.json";

/// Names of the documents beside it in one language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DocumentNames {
    /// The printed report.
    pub pdf: &'static str,
    /// The workbook with the rows.
    pub xlsx: &'static str,
    /// The report as a text to edit.
    pub docx: &'static str,
}

/// Names of the documents of a language.
pub const fn document_names(lang: Lang) -> DocumentNames {
    match lang {
        Lang::Zh => {
            DocumentNames { pdf: "annual-zh.pdf", xlsx: "annual-zh.xlsx", docx: "annual-zh.docx" }
        }
        Lang::En => {
            DocumentNames { pdf: "annual-en.pdf", xlsx: "annual-en.xlsx", docx: "annual-en.docx" }
        }
    }
}

/// Writes the stored report, and PDF and workbook in both languages; all of them or none.
///
/// # Errors
/// When a document cannot be made (then nothing is written) or the folder cannot be written.
pub fn write(
    report: &AnnualReport,
    look: &Look<'_>,
    rows: &(dyn RowSource + Sync),
    folder: &Path,
) -> Result<Vec<String>, ReportError> {
    let mut files = vec![(STORED, to_json(report)?.into_bytes())];
    let documents = |lang| {
        let names = document_names(lang);
        let pdf = (names.pdf, render_pdf(report, look, lang)?);
        let docx = (names.docx, render_docx(report, look, lang)?);
        Ok::<_, ReportError>([pdf, (names.xlsx, render_xlsx(report, rows, lang)?), docx])
    };
    let (english, chinese) = std::thread::scope(|scope| {
        let english = scope.spawn(|| documents(Lang::En));
        let chinese = documents(Lang::Zh);
        (english.join(), chinese)
    });
    files.extend(chinese?);
    files.extend(english.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
    let failed = |name: &str| {
        let file = name.to_owned();
        move |source| ReportError::File { file, source }
    };
    fs::create_dir_all(folder).map_err(failed(&folder.display().to_string()))?;
    for (name, bytes) in &files {
        fs::write(folder.join(format!("{name}.part")), bytes).map_err(failed(name))?;
    }
    for (name, _) in &files {
        fs::rename(folder.join(format!("{name}.part")), folder.join(name)).map_err(failed(name))?;
    }
    Ok(files.into_iter().map(|(name, _)| name.to_owned()).collect())
}

/// Reads the stored report of a folder; `None` when none was made yet.
///
/// # Errors
/// When the file cannot be read or is of another version.
pub fn read(folder: &Path) -> Result<Option<AnnualReport>, ReportError> {
    match fs::read_to_string(folder.join(STORED)) {
        Ok(text) => from_json(&text).map(Some),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(ReportError::File { file: STORED.to_owned(), source }),
    }
}

/// The report as JSON, after the scanner has seen every text of it.
///
/// # Errors
/// When a text holds a personal number.
pub fn to_json(report: &AnnualReport) -> Result<String, ReportError> {
    let value = serde_json::to_value(report)?;
    scan::check_json("report", &value)?;
    Ok(serde_json::to_string_pretty(&value)?)
}

/// Reads what [`to_json`] wrote.
///
/// # Errors
/// When the text is no report of this version.
pub fn from_json(text: &str) -> Result<AnnualReport, ReportError> {
    let report: AnnualReport = serde_json::from_str(text)?;
    if report.format == FORMAT {
        return Ok(report);
    }
    let detail = format!("format {} instead of {FORMAT}", report.format);
    Err(ReportError::Stored(serde::de::Error::custom(detail)))
}

/// The figures for scripts: `[{id, published, computed, unit, verdict, exact, rounding, compare,
/// reason}]`, numbers as JSON numbers, missing as null.
///
/// `known_by` is the instant up to which the rows were known, where that was asked for.
/// `computed` is rounded by `rounding`, as the comparison saw it; `exact` is a text, so that no
/// reader cuts its digits.
pub fn figures_json(report: &AnnualReport) -> Value {
    let known_by = report.provenance.known_at.map(|at| at.to_instant_in_china());
    let line = |figure: &crate::model::Figure| {
        json!({
            "id": figure.id,
            "published": figure.published.map(number::to_json),
            "computed": figure.computed.map(number::to_json),
            "unit": figure.unit,
            "verdict": figure.verdict.word(),
            "exact": figure.computed_exact.map(|value| value.to_string()),
            "rounding": figure.rounding.map(number::to_json),
            "compare": figure.compare,
            "published_text": figure.published_text,
            "reason": figure.reason,
            "as_of": figure.as_of,
            "known_by": known_by,
        })
    };
    report.figures.iter().map(line).collect()
}

#[cfg(test)]
mod tests;
