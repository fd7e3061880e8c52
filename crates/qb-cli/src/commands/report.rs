//! `qibang report`.

use std::process::ExitCode;

use qb_base::Text;
use qb_policy::Pack;
use qb_report::{AnnualReport, Published};
use qb_store::Store;

use super::place::actor;
use crate::args::Global;
use crate::fail::Fail;
use crate::output;

pub(crate) fn annual(global: &Global) -> Result<ExitCode, Fail> {
    let pack = super::pack(global)?;
    let store = super::store(global, &pack)?;
    let published = publish(&store, &pack)?;
    if global.json {
        output::json(&published.report)?;
    } else {
        output::line(output::said(global, &done(&store, &published)));
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes the annual report of the newest run.
pub(crate) fn publish(store: &Store, pack: &Pack) -> Result<Published, Fail> {
    require_run(store)?;
    Ok(qb_report::publish(store, pack, actor())?)
}

pub(crate) fn done(store: &Store, published: &Published) -> Text {
    let folder = store.place().dir.reports();
    let files = published.files.join(", ");
    Text::new(
        format!("年度报告已写入 {}:{files}", folder.display()),
        format!("the annual report is in {}: {files}", folder.display()),
    )
}

/// Prints the figures of the newest run, whether or not its report has been written.
pub(crate) fn figures(global: &Global) -> Result<ExitCode, Fail> {
    let pack = super::pack(global)?;
    let store = super::store(global, &pack)?;
    require_run(&store)?;
    let report = qb_report::draft(&store, &pack)?;
    let figures = qb_report::figures_json(&report);
    if global.json {
        output::json(&figures)?;
    } else {
        print(&report, &figures);
    }
    Ok(ExitCode::SUCCESS)
}

fn print(report: &AnnualReport, figures: &serde_json::Value) {
    let text = |figure: &serde_json::Value, key: &str| {
        figure[key].as_str().map_or_else(|| figure[key].to_string(), str::to_owned)
    };
    for figure in figures.as_array().into_iter().flatten() {
        output::line(format!(
            "{:<8} {:>20} {:>20} {:<10} {}",
            text(figure, "id"),
            text(figure, "published"),
            text(figure, "computed"),
            text(figure, "unit"),
            text(figure, "verdict"),
        ));
    }
    output::line(format!("{}", report.digest));
}

/// A report stands on a run; without one there is nothing to report.
fn require_run(store: &Store) -> Result<(), Fail> {
    if store.read(qb_targeting::queries::newest_run)?.is_none() {
        return Err(qb_targeting::TargetingError::NoRun.into());
    }
    Ok(())
}
