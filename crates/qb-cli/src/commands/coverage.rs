//! `qibang coverage`.

use std::process::ExitCode;

use qb_base::{Lang, Text};
use qb_engine::{Page, Value};
use qb_policy::Coverage;
use qb_report::query_rows;
use qb_targeting::queries;
use serde_json::json;

use super::today;
use crate::args::{About, Global};
use crate::fail::Fail;
use crate::output;

/// Missing members that a coverage prints.
const MISSING_SHOWN: usize = 5;

/// Prints every coverage as a day sees it, with the first who are missing.
pub(crate) fn show(global: &Global, about: About) -> Result<ExitCode, Fail> {
    let pack = super::pack(global)?;
    let store = super::store(global, &pack)?;
    let run = today::run_about(global, &store, &pack, about)?;
    let pack = qb_targeting::pack_of(&store, &run, &pack)?;
    let outcomes = store.read(|conn| queries::coverages(conn, run.id))?;
    let known = |id: &str| pack.coverages.iter().find(|coverage| coverage.id == id);
    let lang = global.lang.as_deref().and_then(Lang::parse).unwrap_or(Lang::Zh);
    if global.json {
        let lines = outcomes.iter().map(|outcome| {
            let set = known(&outcome.coverage).map(|coverage| coverage.set.get(lang));
            json!({
                "id": outcome.coverage,
                "set": set,
                "total": outcome.total,
                "missing": outcome.missing,
            })
        });
        return output::json(&lines.collect::<Vec<_>>()).map(|()| ExitCode::SUCCESS);
    }
    let tables = query_rows::open(&store, &pack, &run)?;
    for outcome in &outcomes {
        let set = known(&outcome.coverage).map(|coverage| output::said(global, &coverage.set));
        let said = Text::new(
            format!("{total} 中缺 {missing}", total = outcome.total, missing = outcome.missing),
            format!(
                "{missing} of {total} missing",
                total = outcome.total,
                missing = outcome.missing
            ),
        );
        let said = output::said(global, &said);
        // The pack may have dropped a coverage since the run.
        let set = set.unwrap_or_else(|| "–".to_owned());
        output::line(format!("{:<28} {said}  {set}", outcome.coverage));
        if let Some(coverage) = known(&outcome.coverage).filter(|_| outcome.missing > 0) {
            print_missing(&tables, &pack, coverage)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn print_missing(
    tables: &qb_engine::Tables,
    pack: &qb_policy::Pack,
    coverage: &Coverage,
) -> Result<(), Fail> {
    let page = Page { offset: 0, limit: MISSING_SHOWN };
    let found = tables.missing(coverage, &pack.area, &page)?;
    for row in &found.rows {
        let [key, Value::Text(area)] = row.as_slice() else { continue };
        output::line(format!("    ✗ {key}  {}", query_rows::area_path(pack, area).zh));
    }
    if found.more {
        output::line("    …");
    }
    Ok(())
}
