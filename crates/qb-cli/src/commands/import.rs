//! `qibang import`.

use std::path::PathBuf;
use std::process::ExitCode;

use qb_base::Text;
use qb_intake::{
    Deciding, FileReport, FileState, ImportOptions, ImportReport, Withdrawn, WithdrawnBecause,
    waiting,
};
use qb_policy::Pack;
use qb_store::Store;
use qb_web::accounts::{self, Person};

use super::place::actor;
use super::today;
use crate::args::{By, Global, Import, Second};
use crate::by;
use crate::fail::Fail;
use crate::output;
use crate::progress::Progress;

/// Files that had come before, and parts that were taken back, that a person reads of each.
const FILES_SHOWN: usize = 20;
/// Kinds of faults that a person at a terminal reads.
const KINDS_SHOWN: usize = 20;

pub(crate) fn run(global: &Global, words: &Import) -> Result<ExitCode, Fail> {
    let pack = super::pack(global)?;
    if words.preview {
        return preview(global, &pack, &words.paths);
    }
    let store = super::store(global, &pack)?;
    match &words.second {
        Some(Second::Confirm { batch, by }) => return confirm(global, (&store, &pack), *batch, by),
        Some(Second::Discard { batch, reason, by }) => {
            return discard(global, (&store, &pack), (*batch, reason), by);
        }
        Some(Second::Waiting) => return waiting(global, &store),
        None => {}
    }
    let person = by::person(&store, &words.by)?;
    today::fix(&store, words.fixed.today, &words.paths)?;
    let report = import(global, &store, &pack, &words.paths, person.as_ref())?;
    if let Some(path) = &words.fault_workbook {
        std::fs::write(path, qb_intake::fault_workbook(&store, &pack, report.run)?)?;
    }
    told(global, &report)
}

fn told(global: &Global, report: &ImportReport) -> Result<ExitCode, Fail> {
    if global.json {
        output::json(report)?;
    } else {
        print(global, report);
    }
    Ok(if report.is_complete() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

pub(crate) fn import(
    global: &Global,
    store: &Store,
    pack: &Pack,
    paths: &[PathBuf],
    person: Option<&Person>,
) -> Result<ImportReport, Fail> {
    // Lists that decide need a second person as soon as there can be one.
    let deciding = match accounts::exist(store)? {
        true => Deciding::Wait,
        false => Deciding::InitialLoad,
    };
    let options = ImportOptions {
        actor: person.map_or_else(|| actor().to_owned(), |person| person.actor.clone()),
        role: person.map(|person| person.role),
        within: person.map(|person| person.area),
        deciding,
        alone: true,
        ..ImportOptions::default()
    };
    let mut progress = Progress::new(global);
    let mut on_progress = |at: qb_intake::Progress<'_>| {
        progress.at("导入 import", at.files_done as u64, at.files_all as u64);
    };
    let report = qb_intake::import(store, pack, paths, &options, &mut on_progress)?;
    qb_settle::settle(store, pack, &options.actor)?;
    Ok(report)
}

fn second(store: &Store, by: &By) -> Result<waiting::Second, Fail> {
    let person = by::required(store, by)?;
    Ok(waiting::Second { actor: person.actor, role: person.role, area: person.area })
}

/// A second person confirms what waits in a batch.
fn confirm(
    global: &Global,
    (store, pack): (&Store, &Pack),
    batch: i64,
    by: &By,
) -> Result<ExitCode, Fail> {
    let second = second(store, by)?;
    let mut progress = Progress::new(global);
    let mut on_progress = |at: qb_intake::Progress<'_>| {
        progress.at("导入 import", at.files_done as u64, at.files_all as u64);
    };
    let report = waiting::confirm(store, pack, batch, &second, &mut on_progress)?;
    qb_settle::settle(store, pack, &second.actor)?;
    told(global, &report)
}

/// Somebody lets go of what waits in a batch.
fn discard(
    global: &Global,
    (store, pack): (&Store, &Pack),
    (batch, reason): (i64, &str),
    by: &By,
) -> Result<ExitCode, Fail> {
    let files = waiting::discard(store, pack, batch, &second(store, by)?, reason)?;
    if global.json {
        output::json(&serde_json::json!({ "batch": batch, "discarded": files }))?;
    } else {
        let said = Text::fixed(
            "批次{batch}:已放弃{files}个文件",
            "batch {batch}: {files} files discarded",
        );
        let said = said.fill(&[("batch", &batch.to_string()), ("files", &files.to_string())]);
        output::line(output::said(global, &said));
    }
    Ok(ExitCode::SUCCESS)
}

/// Everything that waits for a second person.
fn waiting(global: &Global, store: &Store) -> Result<ExitCode, Fail> {
    let files = store.read(waiting::all)?;
    if global.json {
        output::json(&files)?;
        return Ok(ExitCode::SUCCESS);
    }
    for file in files {
        output::line(format!(
            "{:>6}  {}  {}  {}",
            file.run,
            file.layouts.join(","),
            file.actor,
            file.name
        ));
    }
    Ok(ExitCode::SUCCESS)
}

/// What was recognised, without storing anything.
fn preview(global: &Global, pack: &Pack, paths: &[PathBuf]) -> Result<ExitCode, Fail> {
    let previews = paths
        .iter()
        .map(|path| qb_intake::preview(pack, path, None))
        .collect::<Result<Vec<_>, _>>()?;
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
    let is_at_fault =
        |file: &&FileReport| matches!(file.state, FileState::Refused | FileState::Partial);
    for file in report.files.iter().filter(is_at_fault) {
        print_file(global, "✗", file);
    }
    for file in report.files.iter().filter(|file| !is_at_fault(file)).take(FILES_SHOWN) {
        print_file(global, "·", file);
    }
    for part in report.withdrawn.iter().take(FILES_SHOWN) {
        output::line(format!("− {}", output::said(global, &taken_back(part))));
    }
}

/// What is to be said about a file, if anything is.
fn print_file(global: &Global, mark: &str, file: &FileReport) {
    let Some(message) = &file.message else { return };
    let mut words = vec![format!("{mark} {}: {}", file.name, output::said(global, message))];
    words.extend(file.remedy.as_ref().map(|text| output::said(global, text).to_string()));
    output::line(words.join(" "));
}

/// Rows that were taken back, in one sentence.
fn taken_back(part: &Withdrawn) -> Text {
    let because = match part.because {
        WithdrawnBecause::Replaced => {
            Text::fixed("新版文件中已没有", "the newer version no longer holds them")
        }
        WithdrawnBecause::Gone => Text::fixed("文件已移除", "the file is gone"),
    };
    let (rows, lines) = (part.rows.to_string(), part.lines.iter().map(i64::to_string));
    let lines = lines.collect::<Vec<_>>().join(", ");
    let fills = [
        ("file", part.file.as_str()),
        ("list", part.list.as_str()),
        ("county", part.county.as_str()),
        ("rows", rows.as_str()),
        ("lines", lines.as_str()),
    ];
    Text::new(
        format!(
            "{{file}}（{{list}}，{{county}}）：撤回 {{rows}} 行（第 {{lines}} 行），{}",
            because.zh
        ),
        format!(
            "{{file}} ({{list}}, {{county}}): {{rows}} rows taken back (rows {{lines}}): {}",
            because.en
        ),
    )
    .fill(&fills)
}

pub(crate) fn done(report: &ImportReport) -> Text {
    let numbers = [
        ("files", report.files.len() as u64),
        ("read", report.rows_read),
        ("accepted", report.rows_accepted),
        ("rejected", report.rows_rejected),
        ("repaired", report.rows_repaired),
        ("withdrawn", report.rows_withdrawn),
        ("people", report.people),
        ("households", report.households),
    ];
    let values = numbers.map(|(name, number)| (name, number.to_string()));
    let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
    Text::fixed(
        "{files} 个文件,读 {read} 行:导入 {accepted},拒收 {rejected},修复 {repaired},撤回 {withdrawn};现有 {households} 户 {people} 人",
        "{files} files, {read} rows read: {accepted} accepted, {rejected} refused, {repaired} repaired, {withdrawn} taken back; \
         the register holds {households} households, {people} people",
    )
    .fill(&values)
}
