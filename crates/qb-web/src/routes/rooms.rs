//! A room of the menu: its figures, who lacks what, and the lists behind them, for one area.

use askama::Template;
use qb_base::{AreaCode, AreaLevel};
use qb_policy::{Coverage, Dataset, Fact, Method, Pack, Room};
use qb_registry::queries as registry;
use qb_targeting::queries;

use crate::fault::Fault;
use crate::format::{count, percent};
use crate::newest::RunInfo;
use crate::page::{Page, Section, render};
use crate::panel::{self, FigureCell};
use crate::reply::Reply;
use crate::texts::Texts;
use crate::url::with_query;
use crate::visit::Visit;

/// Width of a coverage bar in pixels.
const BAR_WIDTH: i64 = 96;
/// Views that build on each other; more is a mistake of the pack.
const VIEW_DEPTH_MAX: usize = 8;

/// A coverage in an area.
pub(crate) struct CoverageRow {
    pub(crate) id: String,
    pub(crate) says: String,
    pub(crate) set: String,
    pub(crate) total: String,
    pub(crate) missing: String,
    pub(crate) is_complete: bool,
    pub(crate) share: String,
    pub(crate) bar: i64,
    pub(crate) href: String,
}

/// A list of the room.
struct ListRow {
    title: String,
    rows: String,
    href: String,
    source: String,
}

#[derive(Template)]
#[template(path = "room.html")]
struct RoomTemplate<'a> {
    page: &'a Page,
    title: &'static str,
    area_name: String,
    figures: Vec<FigureCell>,
    coverages: Vec<CoverageRow>,
    lists: Vec<ListRow>,
    links: Vec<(&'static str, String)>,
    may_records: bool,
}

/// The rooms with their place in addresses, in the order of the menu.
pub(crate) const ROOMS: [(&str, Room); 9] = [
    ("responsibility", Room::Responsibility),
    ("targeting", Room::Targeting),
    ("measures", Room::Measures),
    ("funds", Room::Funds),
    ("villages", Room::Villages),
    ("services", Room::Services),
    ("assessment", Room::Assessment),
    ("report", Room::Report),
    ("data", Room::Data),
];

/// The name of a room.
pub(crate) const fn title(t: &'static Texts, room: Room) -> &'static str {
    match room {
        Room::Responsibility => t.room_responsibility,
        Room::Targeting => t.room_targeting,
        Room::Measures => t.room_measures,
        Room::Funds => t.room_funds,
        Room::Villages => t.room_villages,
        Room::Services => t.room_services,
        Room::Assessment => t.room_assessment,
        Room::Report => t.room_report,
        Room::Data => t.room_data,
    }
}

/// The section of the menu a room is marked under.
pub(crate) const fn section(room: Room) -> Section {
    match room {
        Room::Responsibility => Section::Responsibility,
        Room::Targeting => Section::Targeting,
        Room::Measures => Section::Measures,
        Room::Funds => Section::Funds,
        Room::Villages => Section::Villages,
        Room::Services => Section::Services,
        Room::Assessment => Section::Assessment,
        Room::Report => Section::Reports,
        Room::Data => Section::Data,
    }
}

/// The page of a room.
pub(crate) fn show(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let name = visit.param("room");
    let (_, room) = ROOMS.iter().find(|(known, _)| *known == name).ok_or(Fault::NotFound)?;
    let scope = visit.chosen_area()?;
    let (app, t) = (visit.app, visit.texts());
    let area = scope.area().unwrap_or(app.pack.area);
    let run = app.newest.run(&app.store)?;
    let (figures, coverages) = match run.as_ref() {
        Some(run) => (figures(visit, run, area, *room)?, coverages(visit, run, area, Some(*room))?),
        None => (Vec::new(), Vec::new()),
    };
    let page = Page::new(visit, section(*room), title(t, *room)).for_area(visit, area)?;
    render(&RoomTemplate {
        page: &page,
        title: title(t, *room),
        area_name: app.areas()?.name(area),
        figures,
        coverages,
        lists: lists(visit, area, *room)?,
        links: links(t, *room, area),
        may_records: visit.may(&qb_access::permission::LIST_RECORDS),
    })
}

/// Pages of their own that belong to a room.
fn links(t: &'static Texts, room: Room, area: AreaCode) -> Vec<(&'static str, String)> {
    let at = |path: &str| with_query(path, &[("area", area.as_str())]);
    match room {
        Room::Villages => vec![(t.villages_title, at("/villages"))],
        Room::Targeting => {
            vec![(t.households_title, at("/households")), (t.cases_title, at("/cases"))]
        }
        Room::Funds => vec![(t.funds_title, at("/funds"))],
        Room::Responsibility => vec![(t.targets_title, at("/targets"))],
        Room::Assessment => {
            vec![(t.assess_title, "/assessment".to_owned()), (t.coverage_title, at("/coverage"))]
        }
        _ => Vec::new(),
    }
}

fn figures(
    visit: &Visit<'_>,
    run: &RunInfo,
    area: AreaCode,
    room: Room,
) -> Result<Vec<FigureCell>, Fault> {
    let pack = &visit.app.pack;
    let cells = panel::figures(visit, run, area, |fact| room_of(pack, fact) == Some(room))?;
    Ok(cells.into_iter().filter(|cell| cell.value != panel::NO_VALUE).collect())
}

/// The room of a fact: that of the first dataset its rows come from.
fn room_of(pack: &Pack, fact: &Fact) -> Option<Room> {
    match &fact.method {
        Method::Sql(query) | Method::Pack(query) => {
            dataset_of(pack, &query.query.text, 0).map(|dataset| dataset.room)
        }
        Method::Coverage(of) => {
            let coverage = pack.coverage(&of.coverage)?;
            room_of_coverage(pack, coverage)
        }
        _ => None,
    }
}

fn room_of_coverage(pack: &Pack, coverage: &Coverage) -> Option<Room> {
    dataset_of(pack, &coverage.covered_query.text, 0).map(|dataset| dataset.room)
}

/// The first dataset that a query names, itself or through the views it names.
pub(crate) fn dataset_of<'p>(pack: &'p Pack, sql: &str, depth: usize) -> Option<&'p Dataset> {
    let words = sql.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.filter(|word| !word.is_empty()).find_map(|word| {
        pack.dataset(word).or_else(|| {
            let view = pack.views.iter().find(|view| view.id == word)?;
            if depth < VIEW_DEPTH_MAX {
                dataset_of(pack, &view.query.text, depth + 1)
            } else {
                None
            }
        })
    })
}

/// The coverages of an area, of one room or of all.
pub(crate) fn coverages(
    visit: &Visit<'_>,
    run: &RunInfo,
    area: AreaCode,
    room: Option<Room>,
) -> Result<Vec<CoverageRow>, Fault> {
    let (app, lang) = (visit.app, visit.lang());
    let scope = visit.scope()?;
    let whole = area == app.pack.area;
    let found = app.store.read(|conn| {
        if whole && scope.covers(area) {
            queries::coverages(conn, run.run.id)
        } else {
            queries::coverages_of_area(conn, scope, run.run.id, area)
        }
    })?;
    let wanted =
        |coverage: &&Coverage| room.is_none() || room_of_coverage(&app.pack, coverage) == room;
    let row = |coverage: &Coverage| {
        let outcome = found.iter().find(|outcome| outcome.coverage == coverage.id)?;
        let covered = outcome.total - outcome.missing;
        Some(CoverageRow {
            id: coverage.id.clone(),
            says: coverage.says.get(lang).to_owned(),
            set: coverage.set.get(lang).to_owned(),
            total: count(outcome.total),
            missing: count(outcome.missing),
            is_complete: outcome.missing == 0,
            share: percent(covered, outcome.total),
            bar: if outcome.total == 0 { 0 } else { covered * BAR_WIDTH / outcome.total },
            href: with_query(&format!("/coverage/{}", coverage.id), &[("area", area.as_str())]),
        })
    };
    Ok(app.pack.coverages.iter().filter(wanted).filter_map(row).collect())
}

fn lists(visit: &Visit<'_>, area: AreaCode, room: Room) -> Result<Vec<ListRow>, Fault> {
    let (app, lang) = (visit.app, visit.lang());
    let scope = visit.scope()?;
    let of_room = app.pack.datasets.iter().filter(|dataset| dataset.room == room);
    let counts =
        app.store.read(|conn| registry::record_counts(conn, scope, area, of_room.clone()))?;
    let row = |dataset: &Dataset| ListRow {
        title: dataset.title.get(lang).to_owned(),
        // A list without a row in the area is counted nowhere.
        rows: count(counts.get(dataset.id.as_str()).copied().unwrap_or_default()),
        href: with_query(&format!("/records/{}", dataset.id), &[("area", area.as_str())]),
        source: dataset.source.clone(),
    };
    Ok(of_room.map(row).collect())
}

/// Rows of each dataset that stand in an area, for the page of the area.
pub(crate) fn lists_of_area(
    visit: &Visit<'_>,
    area: AreaCode,
) -> Result<Vec<(String, String, String)>, Fault> {
    if area.level() == AreaLevel::Province {
        return Ok(Vec::new());
    }
    let (app, lang) = (visit.app, visit.lang());
    let scope = visit.scope()?;
    let all = &app.pack.datasets;
    let counts = app.store.read(|conn| registry::record_counts(conn, scope, area, all))?;
    let shown = |dataset: &Dataset| {
        let rows = counts.get(dataset.id.as_str()).copied().filter(|rows| *rows > 0)?;
        let href = with_query(&format!("/records/{}", dataset.id), &[("area", area.as_str())]);
        Some((dataset.title.get(lang).to_owned(), count(rows), href))
    };
    Ok(app.pack.datasets.iter().filter_map(shown).collect())
}

/// The rooms of an area, for the page of the area.
pub(crate) fn rooms_of_area(visit: &Visit<'_>, area: AreaCode) -> Vec<(&'static str, String)> {
    let t = visit.texts();
    let link = |(name, room): &(&str, Room)| {
        (title(t, *room), with_query(&format!("/rooms/{name}"), &[("area", area.as_str())]))
    };
    ROOMS.iter().map(link).collect()
}
