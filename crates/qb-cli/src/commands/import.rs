//! `qibang import`.

use std::path::PathBuf;
use std::process::ExitCode;

use qb_base::Text;
use qb_intake::{FileState, ImportOptions, ImportReport};
use qb_policy::Pack;
use qb_store::Store;

use super::OPERATOR;
use crate::args::{Global, Import};
use crate::fail::Fail;
use crate::output;
use crate::progress::Progress;

/// Kinds of faults that a person at a terminal reads.
const KINDS_SHOWN: usize = 20;

pub(crate) fn run(global: &Global, words: &Import) -> Result<ExitCode, Fail> {
    let pack = super::pack(global)?;
    if words.preview {
        return preview(global, &pack, &words.paths);
    }
    let store = super::store(global, &pack)?;
    let report = import(global, &store, &pack, &words.paths)?;
    if let Some(path) = &words.fault_workbook {
        std::fs::write(path, qb_intake::fault_workbook(&store, &pack, report.run)?)?;
    }
    if global.json {
        output::json(&report)?;
    } else {
        print(global, &report);
    }
    Ok(if report.is_complete() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

pub(crate) fn import(
    global: &Global,
    store: &Store,
    pack: &Pack,
    paths: &[PathBuf],
) -> Result<ImportReport, Fail> {
    let options =
        ImportOptions { actor: OPERATOR.to_owned(), alone: true, ..ImportOptions::default() };
    let mut progress = Progress::new(global);
    let mut on_progress = |at: qb_intake::Progress<'_>| {
        progress.at("导入 import", at.files_done as u64, at.files_all as u64);
    };
    let report = qb_intake::import(store, pack, paths, &options, &mut on_progress)?;
    qb_chain::settle(store, pack, OPERATOR)?;
    Ok(report)
}

/// What was recognised, without storing anything.
fn preview(global: &Global, pack: &Pack, paths: &[PathBuf]) -> Result<ExitCode, Fail> {
    let previews =
        paths.iter().map(|path| qb_intake::preview(pack, path)).collect::<Result<Vec<_>, _>>()?;
    if global.json {
        output::json(&previews)?;
    } else {
        for preview in &previews {
            output::line(format!("{preview:#?}"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn print(global: &Global, report: &ImportReport) {
    output::line(output::said(global, &done(report)));
    for count in report.fault_counts.iter().take(KINDS_SHOWN) {
        output::line(format!("  {:<24} {:?} {}", count.code, count.severity, count.count));
    }
    for file in report.files.iter().filter(|file| file.message.is_some()) {
        let message = file.message.as_ref().map(|text| output::said(global, text));
        let remedy = file.remedy.as_ref().map(|text| output::said(global, text));
        let mark = if file.state == FileState::NotATable { "–" } else { "✗" };
        output::line(format!(
            "{mark} {}: {} {}",
            file.name,
            message.unwrap_or_default(),
            remedy.unwrap_or_default()
        ));
    }
}

pub(crate) fn done(report: &ImportReport) -> Text {
    let numbers = [
        ("files", report.files.len() as u64),
        ("read", report.rows_read),
        ("accepted", report.rows_accepted),
        ("rejected", report.rows_rejected),
        ("repaired", report.rows_repaired),
        ("people", report.people),
        ("households", report.households),
    ];
    let values = numbers.map(|(name, number)| (name, number.to_string()));
    let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
    Text::fixed(
        "{files} 个文件,读 {read} 行:导入 {accepted},拒收 {rejected},修复 {repaired};现有 {households} 户 {people} 人",
        "{files} files, {read} rows read: {accepted} accepted, {rejected} refused, {repaired} repaired; \
         the register holds {households} households, {people} people",
    )
    .fill(&values)
}
