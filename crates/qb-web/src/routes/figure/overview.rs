//! The first page: the reader's own area in ten figures, a map and a table.

use askama::Template;
use qb_base::AreaLevel;
use qb_targeting::queries;

use crate::fault::Fault;
use crate::format::count;
use crate::page::{Page, Section, render};
use crate::panel::{self, Children, FigureCell};
use crate::reply::Reply;
use crate::routes::waiting;
use crate::sheet::Table;
use crate::visit::Visit;

/// Places listed as lacking most evidence.
const OPEN_MAX: usize = 5;

struct OpenPlace {
    area: String,
    href: String,
    says: String,
    count: String,
}

#[derive(Template)]
#[template(path = "overview.html")]
struct OverviewTemplate<'a> {
    page: &'a Page,
    area_name: String,
    figures: Vec<FigureCell>,
    has_run: bool,
    children: Children,
    has_map: bool,
    /// Whether what waits for the reader stands above the figures.
    waits_first: bool,
    may_import: bool,
    open: Vec<OpenPlace>,
    tables: Vec<Table>,
}

/// Ten figures, the map of the areas below and its table, and where evidence is missing.
pub(crate) fn show(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let viewer = visit.viewer()?;
    let area = viewer.area;
    visit.reach(area)?;
    let app = visit.app;
    let totals = app.newest.totals(&app.store)?;
    let run = app.newest.run(&app.store)?;
    let page = Page::new(visit, Section::Overview, visit.texts().overview_title);
    let page = page.for_area(visit, area)?;
    let children = panel::children(visit, &totals, area)?;
    let (figures, open) = match run.as_ref() {
        Some(run) => (panel::key_figures(visit, run, area)?, open_places(visit, run, &children)?),
        None => (Vec::new(), Vec::new()),
    };
    let may_import =
        qb_access::decide(&qb_access::permission::UPLOAD_IMPORT, Some(&viewer.scope), Some(area))
            == qb_access::Decision::Allow;
    let has_map = app.map.is_some() && area.level() == AreaLevel::City && !children.rows.is_empty();
    render(&OverviewTemplate {
        page: &page,
        area_name: app.areas()?.name(area),
        figures,
        has_run: run.is_some(),
        has_map,
        waits_first: !has_map || viewer.role.is_department(),
        children,
        may_import,
        open,
        tables: waiting::tables(visit)?,
    })
}

/// The areas and rules with the most verdicts that cannot be told, each with the rows to complete.
fn open_places(
    visit: &Visit<'_>,
    run: &crate::newest::RunInfo,
    children: &Children,
) -> Result<Vec<OpenPlace>, Fault> {
    let scope = visit.scope()?;
    let pack = &visit.app.pack;
    let mut found: Vec<(i64, OpenPlace)> = Vec::new();
    visit.app.store.read(|conn| {
        for child in &children.rows {
            let Ok(area) = qb_base::AreaCode::parse(&child.code) else { continue };
            for outcome in queries::clauses_of_area(conn, scope, run.run.id, area)? {
                let Some(clause) = pack.clause(&outcome.clause) else { continue };
                // What a person lacks counts once, in the rule about its household.
                let is_counted = clause.kind == qb_policy::ClauseKind::Verdict
                    && clause.level != qb_policy::Level::Person;
                if outcome.n_unknown == 0 || !is_counted {
                    continue;
                }
                let place = OpenPlace {
                    area: child.name.clone(),
                    href: panel::rows_href(clause, area, "unknown"),
                    says: clause.says.get(visit.lang()).to_owned(),
                    count: count(outcome.n_unknown),
                };
                found.push((outcome.n_unknown, place));
            }
        }
        Ok::<(), Fault>(())
    })?;
    found.sort_by_key(|(n, _)| std::cmp::Reverse(*n));
    Ok(found.into_iter().take(OPEN_MAX).map(|(_, place)| place).collect())
}
