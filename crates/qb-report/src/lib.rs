//! The last link of the chain: figures that prove themselves.
//!
//! Step: report. Input: a policy pack with every published fact, the values computed from a
//! snapshot, outside statistics.
//! Output: an [`AnnualReport`] as plain data, and from it PDF, workbook and JSON in Chinese and
//! English.
//! Invariants: every fact of the pack is in the report with a verdict; numbers are exact decimals
//! and are rounded and
//! compared as their fact says; no sentence holds a typed number; no text leaves with a personal
//! number in it
//! ([`scan`]); no character is printed without a glyph ([`fonts`]); the same evidence gives the
//! same digest.

pub mod annual;
pub mod behind;
pub mod chart;
pub mod document_no;
pub mod docx;
pub mod error;
pub mod evidence;
pub mod files;
pub mod fonts;
pub mod gather;
mod judge;
pub mod model;
pub mod number;
pub mod pdf;
mod picture;
mod prose;
pub mod publish;
pub mod query_rows;
pub mod reasons;
pub mod render;
pub mod rows;
pub mod scan;
mod undated;
pub mod workbook;

#[cfg(test)]
mod canary;
#[cfg(test)]
mod tests;

pub use annual::annual;
pub use behind::RunRows;
pub use document_no::{DocumentNo, NoDocumentNo};
pub use docx::render_docx;
pub use error::ReportError;
pub use evidence::{Evidence, ReferenceValue, SYNTHETIC_MARK};
pub use files::{figures_json, from_json, to_json};
pub use fonts::Fonts;
pub use gather::{Gathered, gather};
pub use model::{
    AnnualReport, Chart, ChartKind, CountyValue, CountyValues, Figure, Note, NoteFigure, Paragraph,
    Part, Provenance, Run, Section, Verdict, VerdictCount, outcome_text,
};
pub use publish::{Published, draft, publish};
pub use render::{Look, render_pdf, typeset_report};
pub use rows::{Cell, NoRows, RowSheet, RowSource};
pub use workbook::render_xlsx;
