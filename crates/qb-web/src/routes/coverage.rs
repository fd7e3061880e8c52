//! Who of a named set lacks what: all coverages of an area, and the list behind one.

use super::figures::{QueryRows, shown_rows};
use super::rooms::{self, CoverageRow};
use crate::export;
use crate::fault::Fault;
use crate::page::{Page, Section, render};
use crate::reply::Reply;
use crate::texts::put;
use crate::url::with_query;
use crate::visit::Visit;
use askama::Template;

/// Lines of one page.
const LINES: usize = 50;

#[derive(Template)]
#[template(path = "coverages.html")]
struct AllTemplate<'a> {
    page: &'a Page,
    area_name: String,
    coverages: Vec<CoverageRow>,
}

/// Every coverage of an area.
pub(crate) fn list(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let scope = visit.chosen_area()?;
    let app = visit.app;
    let area = scope.area().unwrap_or(app.pack.area);
    let run = app.chain.run(&app.store)?;
    let coverages = match run.as_ref() {
        Some(run) => rooms::coverages(visit, run, area, None)?,
        None => Vec::new(),
    };
    let page = Page::new(visit, Section::Assessment, visit.texts().coverage_title);
    let page = page.for_area(visit, area)?;
    render(&AllTemplate { page: &page, area_name: app.areas()?.name(area), coverages })
}

#[derive(Template)]
#[template(path = "coverage.html")]
struct OneTemplate<'a> {
    page: &'a Page,
    says: &'a str,
    set: &'a str,
    note: String,
    is_complete: bool,
    query: QueryRows,
    next: String,
    export: String,
    asks_reason: bool,
}

/// The members of a set that nothing reaches.
pub(crate) fn show(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (app, t, lang) = (visit.app, visit.texts(), visit.lang());
    let coverage = app.pack.coverage(visit.param("id")).ok_or(Fault::NotFound)?;
    let scope = visit.chosen_area()?;
    let area = scope.area().unwrap_or(app.pack.area);
    let run = app.chain.run(&app.store)?;
    let outcome = match run.as_ref() {
        Some(run) => rooms::coverages(visit, run, area, None)?,
        None => Vec::new(),
    };
    let outcome = outcome.into_iter().find(|row| row.id == coverage.id);
    let offset: usize = visit.query("after").parse().unwrap_or_default();
    let tables = app.chain.tables(&app.store, &app.pack)?;
    let (mut query, mut next) = (QueryRows::default(), String::new());
    if let Some(tables) = tables.as_ref() {
        let page = qb_engine::Page { offset, limit: LINES };
        let found = tables.missing(coverage, &area, &page)?;
        if found.more {
            let after = (offset + LINES).to_string();
            let parameters = [("area", visit.query("area")), ("after", after.as_str())];
            next = with_query(&visit.incoming.path, &parameters);
        }
        query = shown_rows(visit, &found);
    }
    let page = Page::new(visit, Section::Assessment, t.coverage_title).for_area(visit, area)?;
    let note = outcome.as_ref().map_or_else(String::new, |row| {
        let values =
            [("missing", row.missing.as_str()), ("total", &row.total), ("share", &row.share)];
        put(t.coverage_note, &values)
    });
    render(&OneTemplate {
        page: &page,
        says: coverage.says.get(lang),
        set: coverage.set.get(lang),
        note,
        is_complete: outcome.is_some_and(|row| row.is_complete),
        query,
        next,
        export: with_query(
            &format!("/coverage/{}/export", coverage.id),
            &[("area", area.as_str())],
        ),
        asks_reason: false,
    })
}

/// Everyone who is missing, as a file.
pub(crate) fn export(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let app = visit.app;
    let coverage = app.pack.coverage(visit.param("id")).ok_or(Fault::NotFound)?;
    let area = visit.chosen_area()?.area().unwrap_or(app.pack.area);
    let tables = app.chain.tables(&app.store, &app.pack)?;
    let tables = tables.as_ref().as_ref().ok_or(Fault::NotFound)?;
    let page = qb_engine::Page { offset: 0, limit: export::ROWS_MAX };
    let found = tables.missing(coverage, &area, &page)?;
    export::whole(found.rows.len())?;
    let rows = shown_rows(visit, &found);
    let object = format!("{} {area}", coverage.id);
    rows.csv().reply(visit, &format!("{}-{area}", coverage.id), &object)
}
