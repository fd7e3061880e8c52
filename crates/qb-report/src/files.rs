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
mod tests {
    use super::*;
    use crate::fonts::Fonts;
    use crate::rows::NoRows;
    use crate::tests::report;

    #[test]
    fn a_stored_report_is_read_back_whole() {
        let report = report();
        assert_eq!(from_json(&to_json(&report).unwrap()).unwrap(), report);
    }

    #[test]
    fn a_report_of_another_version_is_refused() {
        let mut report = report();
        report.format = FORMAT + 1;
        assert!(from_json(&to_json(&report).unwrap()).is_err());
    }

    #[test]
    fn scripts_read_plain_numbers_and_words() {
        let lines = figures_json(&report());
        assert_eq!(
            lines[0],
            json!({
                "id": "G08", "published": 202_400, "computed": 202_400, "unit": "person",
                "verdict": "reproduced", "exact": "202367", "rounding": 100, "compare": "equal",
                "published_text": { "zh": "20.24万", "en": "202.4 thousand" }, "as_of": "2016-12-31", "known_by": null,
                "reason": {
                    "zh": "202,367按100取整为202,400，等于公布数",
                    "en": "202,367 rounded to 100 is 202,400, as published",
                },
            })
        );
        assert_eq!(lines[4]["computed"], Value::Null);
        assert_eq!(lines[4]["verdict"], "not yet computed");
    }

    #[test]
    fn documents_are_written_together_and_nothing_when_one_is_refused() {
        let folder = std::env::temp_dir().join(format!("qb-report-files-{}", std::process::id()));
        let fonts = Fonts::embedded();
        let look = Look { template: "#json(\"/data.json\").title", shapes: None, fonts: &fonts };
        let mut report = report();
        report.figures[0].source = "13812345678".to_owned();
        assert!(write(&report, &look, &NoRows, &folder).is_err());
        assert_eq!(read(&folder).unwrap(), None);
        report.figures[0].source = "x".to_owned();
        let names = write(&report, &look, &NoRows, &folder).unwrap();
        assert_eq!(names.len(), 7);
        assert_eq!(read(&folder).unwrap(), Some(report));
        fs::remove_dir_all(&folder).unwrap();
    }
}
