//! The first page of those who stand for a household: the household itself, and its helper.

use qb_access::{Role, Scope};
use qb_base::{AreaCode, Date};
use qb_pairing::commands::VISIT;
use qb_pairing::queries::{Task, TaskFilter, TaskKeyset, tasks};
use qb_policy::dataset::HOUSEHOLD_LINK;
use qb_registry::model::{Household, Record, RecordValue};
use qb_registry::queries::{self, Reader};
use qb_store::StoreError;

use crate::accounts::HOUSEHOLD_PAIRING;
use crate::fault::Fault;
use crate::format::count;
use crate::page::{Page, Section};
use crate::reply::Reply;
use crate::routes::case::objection;
use crate::routes::event::list as events;
use crate::routes::household::help;
use crate::routes::household::list::status_text;
use crate::routes::household::page as household;
use crate::routes::record::entry;
use crate::routes::target as targets;
use crate::seen::Shown;
use crate::session::Viewer;
use crate::sheet::{self, Cell, Sheet, Table};
use crate::texts::put;
use crate::visit::Visit;

/// Promises shown at once.
const TASKS_MAX: i64 = 50;
/// The column that names the helper.
const HELPER: &str = "helper_no";
/// The end of a pairing.
const PAIRED_UNTIL: &str = "to_on";

/// What one receives, or whom one helps.
pub(crate) fn show(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (viewer, t) = (visit.viewer()?, visit.texts());
    let scope = viewer.scope.of_ones_own().ok_or(Fault::Refused)?;
    let page = Page::new(visit, Section::Mine, t.mine_title);
    let sheet = match (viewer.subject.as_deref(), viewer.role) {
        (None, _) => Sheet { lead: t.mine_unbound.to_owned(), ..Sheet::default() },
        (Some(no), Role::Household) => own_household(visit, &scope, no)?,
        (Some(no), _) => match visit.query("household") {
            "" => households_of(visit, viewer, &scope, no)?,
            household => one_of(visit, viewer, &scope, (no, household))?,
        },
    };
    let title = if sheet.title.is_empty() { t.mine_title.to_owned() } else { sheet.title };
    sheet::show(visit, &page, Sheet { title, ..sheet })
}

/// What a household receives, who helps it, and how it objects.
fn own_household(visit: &Visit<'_>, scope: &Scope, no: &str) -> Result<Sheet, Fault> {
    let t = visit.texts();
    let household = numbered(visit, scope, no)?;
    household::note(visit, &household)?;
    let mut tables = help::tables(visit, scope, &household)?;
    tables.push(objection::table(visit, scope, &household)?);
    Ok(Sheet {
        title: put(t.household_title, &[("no", no)]),
        lead: t.mine_object.to_owned(),
        strip: strip(visit, &household),
        tables,
        ..Sheet::default()
    })
}

/// The household the reader stands for.
pub(crate) fn of_reader(visit: &Visit<'_>) -> Result<(Scope, Household), Fault> {
    let viewer = visit.viewer()?;
    let scope = viewer.scope.of_ones_own().ok_or(Fault::Refused)?;
    let no = viewer.subject.as_deref().ok_or(Fault::NotFound)?;
    let household = numbered(visit, &scope, no)?;
    Ok((scope, household))
}

fn numbered(visit: &Visit<'_>, scope: &Scope, no: &str) -> Result<Household, Fault> {
    Ok(visit.app.store.read(|conn| {
        let id = queries::household_numbered(conn, scope, no)?;
        queries::household(conn, scope, id)
    })?)
}

/// Head, members and status.
fn summary(visit: &Visit<'_>, household: &Household) -> [(&'static str, String); 3] {
    let (t, pack) = (visit.texts(), &visit.app.pack);
    let head = household.members.first().map_or("—", |head| head.name.as_str());
    let status = household.registrations.first().map_or_else(
        || "—".to_owned(),
        |r| status_text(pack, visit.lang(), r.exit_status.as_deref(), r.exit_year),
    );
    [
        (t.households_head, head.to_owned()),
        (t.households_members, household.members.len().to_string()),
        (t.households_status, status),
    ]
}

fn strip(visit: &Visit<'_>, household: &Household) -> Vec<[String; 4]> {
    let cell = |(label, value): (&str, String)| {
        [label.to_owned(), value, String::new(), "#main".to_owned()]
    };
    summary(visit, household).map(cell).to_vec()
}

/// The households a helper is paired with, and what it promised them.
fn households_of(
    visit: &Visit<'_>,
    viewer: &Viewer,
    scope: &Scope,
    helper: &str,
) -> Result<Sheet, Fault> {
    let t = visit.texts();
    let paired = paired(visit, scope, helper)?;
    let promised = promised(visit, viewer, scope, helper)?;
    let overdue = promised.iter().filter(|task| task.days_overdue > 0).count();
    let figure = |label: &str, value: String, unit: &str, to: &str| {
        [label.to_owned(), value, unit.to_owned(), to.to_owned()]
    };
    let households = count(qb_base::count(paired.len()));
    let next = promised.iter().find(|task| task.days_overdue <= 0);
    Ok(Sheet {
        lead: t.mine_helper_lead.to_owned(),
        strip: vec![
            figure(t.mine_households, households, t.unit_households, "#mine"),
            figure(t.mine_promises, promised.len().to_string(), "", "#promises"),
            figure(t.mine_overdue, overdue.to_string(), "", "#promises"),
            figure(
                t.mine_next,
                next.map_or_else(|| "—".to_owned(), |task| task.promised_until.clone()),
                "",
                "#promises",
            ),
        ],
        tables: vec![promise_table(visit, &promised), household_table(visit, scope, &paired)?],
        ..Sheet::default()
    })
}

/// One of a helper's households; any other does not exist.
fn one_of(
    visit: &Visit<'_>,
    viewer: &Viewer,
    scope: &Scope,
    (helper, household): (&str, &str),
) -> Result<Sheet, Fault> {
    let t = visit.texts();
    let paired = paired(visit, scope, helper)?;
    let id = household.parse::<i64>().map_err(|_| Fault::NotFound)?;
    let found = visit.app.store.read(|conn| queries::household(conn, scope, id))?;
    let household = found.household_no.as_str();
    if !paired.iter().any(|(_, no)| no == household) {
        return Err(Fault::NotFound);
    }
    household::note(visit, &found)?;
    let promised = promised(visit, viewer, scope, helper)?;
    let of_household: Vec<Task> =
        promised.into_iter().filter(|task| task.household_no == household).collect();
    let mut tables = vec![promise_table(visit, &of_household)];
    tables.extend(help::tables(visit, scope, &found)?);
    Ok(Sheet {
        title: put(t.household_title, &[("no", household)]),
        links: entry::about_household(visit, found.id)
            .into_iter()
            .map(|(list, address)| (format!("{}: {list}", t.entry_about), address))
            .chain(events::stated(visit, &found)?)
            .chain([(t.mine_title.to_owned(), "/mine".to_owned())])
            .collect(),
        strip: strip(visit, &found),
        tables,
        ..Sheet::default()
    })
}

/// Whether the reader, a helper, is paired with a household.
pub(crate) fn helps(visit: &Visit<'_>, household: &str) -> Result<bool, Fault> {
    let viewer = visit.viewer()?;
    let scope = viewer.scope.of_ones_own().ok_or(Fault::Refused)?;
    let Some(helper) = viewer.subject.as_deref() else { return Ok(false) };
    Ok(paired(visit, &scope, helper)?.iter().any(|(_, no)| no == household))
}

/// The running pairings of a helper with the numbers of their households.
fn paired(visit: &Visit<'_>, scope: &Scope, helper: &str) -> Result<Vec<(Record, String)>, Fault> {
    let app = visit.app;
    let Some(dataset) = app.pack.dataset(HOUSEHOLD_PAIRING) else { return Ok(Vec::new()) };
    let at = |id: &str| dataset.columns.iter().position(|column| column.id == id);
    let (no, until) = (at(HOUSEHOLD_LINK), at(PAIRED_UNTIL));
    let reader = Reader { scope, keyring: app.store.keyring(), reading: app.reading()? };
    let found =
        app.store.read(|conn| queries::records_with(conn, &reader, dataset, (HELPER, helper)))?;
    let text = |record: &Record, at: Option<usize>| match at.and_then(|at| record.values.get(at)) {
        Some(RecordValue::Text(text)) => Some(text.clone()),
        _ => None,
    };
    let today = app.today()?;
    let runs = |record: &Record| {
        text(record, until).and_then(|day| day.parse::<Date>().ok()).is_none_or(|day| day >= today)
    };
    let running = found.into_iter().filter(runs);
    Ok(running.filter_map(|record| text(&record, no).map(|no| (record, no))).collect())
}

fn promised(
    visit: &Visit<'_>,
    viewer: &Viewer,
    scope: &Scope,
    helper: &str,
) -> Result<Vec<Task>, Fault> {
    let filter = TaskFilter { helper_no: Some(helper.to_owned()), is_overdue: false };
    let on = (viewer.area, visit.app.today()?);
    let after = TaskKeyset::default();
    Ok(visit.app.store.read(|conn| tasks(conn, scope, on, &filter, &after, TASKS_MAX))?)
}

fn promise_table(visit: &Visit<'_>, promised: &[Task]) -> Table {
    let t = visit.texts();
    let heads = [
        t.tasks_until,
        &format!("#{}", t.tasks_overdue),
        t.households_no,
        t.tasks_need,
        t.tasks_visited,
    ];
    let mut table = Table::new("promises", t.mine_promises, &heads, t.tasks_none);
    table.lines = promised
        .iter()
        .map(|task| {
            let [overdue, need, visited] = targets::told(visit, task);
            let address = entry::correcting(visit, VISIT, task.record);
            vec![
                match address {
                    Some(address) => Cell::link(&task.promised_until, address),
                    None => Cell::text(&task.promised_until),
                },
                overdue,
                household_link(&task.household_no, task.household),
                need,
                visited,
            ]
        })
        .collect();
    table
}

fn household_link(no: &str, id: Option<i64>) -> Cell {
    let to = |id: i64| crate::url::with_query("/mine", &[("household", &id.to_string())]);
    id.map_or_else(|| Cell::text(no), |id| Cell::link(no, to(id)))
}

fn household_table(
    visit: &Visit<'_>,
    scope: &Scope,
    paired: &[(Record, String)],
) -> Result<Table, Fault> {
    let t = visit.texts();
    let heads = [
        t.households_no,
        t.households_head,
        t.households_village,
        &format!("#{}", t.households_members),
        t.households_status,
    ];
    let mut table = Table::new("mine", t.mine_households, &heads, t.mine_none);
    let index = visit.app.areas()?;
    let mut homes = Vec::new();
    for (record, no) in paired {
        let Some(id) = record.household_id else { continue };
        let household = visit.app.store.read(|conn| queries::household(conn, scope, id));
        let household = match household {
            Ok(household) => household,
            // Paired in a file, and living where the account does not reach.
            Err(StoreError::NotFound) => continue,
            Err(error) => return Err(error.into()),
        };
        let [head, members, status] = summary(visit, &household).map(|(_, value)| value);
        let village = AreaCode::parse(&household.area_code);
        let village = village.map_or_else(|_| household.area_code.clone(), |area| index.name(area));
        table.lines.push(vec![
            household_link(no, Some(id)),
            Cell::text(head),
            Cell::text(village),
            Cell::number(members),
            Cell::text(status),
        ]);
        homes.push((id, household.area_code));
    }
    let shown =
        homes.iter().map(|(id, area)| Shown { household: Some(*id), row: *id, area, persons: 1 });
    visit.shows("mine", &shown.collect::<Vec<_>>())?;
    Ok(table)
}
