//! `qibang report`.

use std::process::ExitCode;

use qb_base::Text;
use qb_policy::Pack;
use qb_report::{AnnualReport, DocumentNo, Published};
use qb_store::Store;
use qb_targeting::model::Run;

use super::place::actor;
use super::today;
use crate::args::{About, Annual, Global};
use crate::fail::Fail;
use crate::output;

pub(crate) fn annual(global: &Global, asked: &Annual) -> Result<ExitCode, Fail> {
    let pack = super::pack(global)?;
    let store = super::store(global, &pack)?;
    let run = today::run_about(global, &store, &pack, asked.about)?;
    let published = publish(&store, &pack, run, asked.document_no.as_ref())?;
    if global.json {
        output::json(&published.report)?;
    } else {
        output::line(output::said(global, &done(&store, &published)));
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes the annual report of a run, under a number if the office gave one.
pub(crate) fn publish(
    store: &Store,
    pack: &Pack,
    run: Run,
    number: Option<&DocumentNo>,
) -> Result<Published, Fail> {
    Ok(qb_report::publish(store, pack, run, (actor(), number))?)
}

pub(crate) fn done(store: &Store, published: &Published) -> Text {
    let folder = store.place().dir.reports();
    let files = published.files.join(", ");
    Text::new(
        format!("年度报告已写入 {}:{files}", folder.display()),
        format!("the annual report is in {}: {files}", folder.display()),
    )
}

/// Prints the figures as a day sees them, whether or not its report has been written.
pub(crate) fn figures(global: &Global, about: About) -> Result<ExitCode, Fail> {
    let pack = super::pack(global)?;
    let store = super::store(global, &pack)?;
    let run = today::run_about(global, &store, &pack, about)?;
    let report = qb_report::draft(&store, &pack, Some(run))?;
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
