//! `qibang policy`.

use std::process::ExitCode;

use qb_engine::{Engine, EngineOptions};
use qb_policy::{Pack, PackSource};
use serde_json::json;

use crate::args::Global;
use crate::fail::Fail;
use crate::output;

/// Parses, types and runs every case; exit code 1 when anything is wrong.
pub(crate) fn check(global: &Global, name: &str) -> Result<ExitCode, Fail> {
    let pack = match Pack::load(PackSource::from_argument(name)) {
        Ok(pack) => pack,
        Err(error) if global.json => {
            let faults: Vec<_> = error.faults().iter().map(ToString::to_string).collect();
            output::json(&json!({
                "clauses": 0, "cases_passed": 0, "cases_failed": [],
                "errors": if faults.is_empty() { vec![error.to_string()] } else { faults },
                "notes": [],
            }))?;
            return Ok(ExitCode::from(1));
        }
        Err(error) => return Err(error.into()),
    };
    let report = qb_settle::check(&Engine::new(EngineOptions::default())?, &pack)?;
    if global.json {
        output::json(&report)?;
    } else {
        output::line(format!(
            "{}: {} clauses, {} cases passed, {} failed, {} errors",
            pack.id,
            report.clauses,
            report.cases_passed,
            report.cases_failed.len(),
            report.errors.len()
        ));
        for failed in &report.cases_failed {
            output::line(format!(
                "✗ {} “{}”: expected {}, got {}",
                failed.clause, failed.case, failed.expected, failed.got
            ));
        }
        for error in &report.errors {
            output::line(format!("✗ {}", output::said(global, &error.message)));
        }
        for note in &report.notes {
            output::line(format!("· {}", output::said(global, note)));
        }
    }
    Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// Clauses, parameters and facts that differ between two packs.
pub(crate) fn diff(global: &Global, old: &str, new: &str) -> Result<ExitCode, Fail> {
    let old = Pack::load(PackSource::from_argument(old))?;
    let new = Pack::load(PackSource::from_argument(new))?;
    let mut changes = Vec::new();
    let clause = |c: &qb_policy::Clause| (c.id.clone(), c.expression.text.clone());
    compare("clause", &old.clauses, &new.clauses, clause, &mut changes);
    let param = |p: &qb_policy::Param| (p.id.clone(), format!("{:?}", p.values));
    compare("param", &old.params, &new.params, param, &mut changes);
    let fact = |f: &qb_policy::Fact| (f.id.clone(), format!("{:?}", f.published));
    compare("fact", &old.facts, &new.facts, fact, &mut changes);
    if global.json {
        output::json(&changes)?;
    } else {
        for change in &changes {
            output::line(format!(
                "{} {} {}: {} → {}",
                change["change"].as_str().unwrap_or("–"),
                change["kind"].as_str().unwrap_or("–"),
                change["id"].as_str().unwrap_or("–"),
                change["old"].as_str().unwrap_or("–"),
                change["new"].as_str().unwrap_or("–"),
            ));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Compares parts by id and text.
fn compare<T>(
    kind: &str,
    old: &[T],
    new: &[T],
    read: impl Fn(&T) -> (String, String),
    changes: &mut Vec<serde_json::Value>,
) {
    let old: std::collections::BTreeMap<_, _> = old.iter().map(&read).collect();
    let new: std::collections::BTreeMap<_, _> = new.iter().map(&read).collect();
    let ids: std::collections::BTreeSet<_> = old.keys().chain(new.keys()).collect();
    for id in ids {
        let change = match (old.get(id), new.get(id)) {
            (Some(a), Some(b)) if a == b => continue,
            (Some(_), Some(_)) => "changed",
            (Some(_), None) => "removed",
            _ => "added",
        };
        changes.push(json!({
            "kind": kind, "id": id, "change": change, "old": old.get(id), "new": new.get(id),
        }));
    }
}
