//! `qibang ledger`, `qibang pair`.

use std::process::ExitCode;

use qb_access::Scope;
use qb_fund::queries::{self, Direction, Thread};
use qb_fund::rules::LedgerRules;
use qb_pairing::rules::TargetRules;
use qb_store::StoreError;

use super::place::actor;
use crate::args::Global;
use crate::fail::Fail;
use crate::output;

/// Brings the ledger level with the lists.
pub(crate) fn apply(global: &Global) -> Result<ExitCode, Fail> {
    let pack = super::pack(global)?;
    let store = super::store(global, &pack)?;
    let applied = qb_fund::commands::apply(&store, &pack, actor())?;
    if global.json {
        output::json(&applied)?;
    } else {
        output::line(format!(
            "{} posted, {} reversed, {} refused, {} waiting",
            applied.posted, applied.reversed, applied.refused, applied.waiting
        ));
        let scope = Scope::system();
        let refused = store.read(|conn| queries::refusals(conn, &scope, pack.area, 0, REFUSALS))?;
        for row in refused {
            let message = output::said(global, &row.message);
            output::line(format!("✗ {} {}: {message}", row.dataset, row.key));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Refused rows that a person at a terminal reads.
const REFUSALS: i64 = 20;

/// Exit code 1 and the places when the ledger does not fit.
pub(crate) fn verify(global: &Global) -> Result<ExitCode, Fail> {
    let pack = super::pack(global)?;
    let store = super::store(global, &pack)?;
    let report = qb_fund::verify(&store, &LedgerRules::of(&pack)?)?;
    if global.json {
        output::json(&report)?;
    } else {
        output::line(format!(
            "{} entries, {} postings, {} accounts, head {}",
            report.entries, report.postings, report.accounts, report.head
        ));
    }
    for broken in report.broken.iter().filter(|_| !global.json) {
        let entry = broken.entry.map(|entry| format!("#{entry}"));
        let place: Vec<&str> =
            [entry.as_deref(), broken.account.as_deref()].into_iter().flatten().collect();
        output::line(format!("✗ {}: {}", place.join(" "), output::said(global, &broken.what)));
    }
    Ok(if report.broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// Where money came from and where it went.
pub(crate) fn thread(global: &Global, reference: &str) -> Result<ExitCode, Fail> {
    let pack = super::pack(global)?;
    let store = super::store(global, &pack)?;
    let rules = LedgerRules::of(&pack)?;
    let scope = Scope::system();
    let found = store.read(|conn| queries::thread(conn, &scope, &rules, reference));
    let thread = found.map_err(|error| match error {
        StoreError::NotFound => Fail::new(
            format!("账本里没有“{reference}”:可写预算、下达、支付、项目或户的编号"),
            format!(
                "the ledger holds nothing of {reference}: name a budget, allocation, payment, \
                 project or household"
            ),
        ),
        other => other.into(),
    })?;
    if global.json {
        output::json(&thread)?;
    } else {
        print(&thread);
    }
    Ok(ExitCode::SUCCESS)
}

fn print(thread: &Thread) {
    for step in &thread.steps {
        let arrow = if step.direction == Direction::Up { "↑" } else { "↓" };
        let amount = step.amount_fen.map_or("–".to_owned(), |fen| fen.to_string());
        let day = step.on_day.as_deref().unwrap_or("          ");
        let indent = "  ".repeat(usize::from(step.depth.saturating_sub(1)));
        output::line(format!("{arrow} {day} {indent}{} → {}  {amount}", step.from, step.to));
    }
    if thread.is_cut {
        output::line("…");
    }
}

/// Proposes a unit for each designated village without one; people decide.
pub(crate) fn propose(global: &Global) -> Result<ExitCode, Fail> {
    let pack = super::pack(global)?;
    let store = super::store(global, &pack)?;
    let Some(rules) = TargetRules::of(&pack)? else {
        return Err(Fail::new("策略包没有 targets.toml", "the pack has no targets.toml"));
    };
    let scope = Scope::system();
    let today = store.office_day()?.day;
    let sheet =
        store.read(|conn| qb_pairing::queries::proposal(conn, &scope, &rules, pack.area, today))?;
    if global.json {
        output::json(&sheet)?;
    } else {
        output::line(format!("{} villages, {} paired", sheet.villages, sheet.paired));
        for proposal in &sheet.proposals {
            let why = output::said(global, &proposal.why);
            output::line(format!(
                "{} ← {} {}: {why}",
                proposal.area, proposal.unit_no, proposal.unit
            ));
        }
        for village in &sheet.unpaired {
            output::line(format!("{} ✗ {}", village.area, output::said(global, &village.why)));
        }
    }
    Ok(ExitCode::SUCCESS)
}
