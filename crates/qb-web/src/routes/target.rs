//! Responsibility: targets down the tree of areas, pledges that wait, promises that are due, and
//! the proposal for villages without a unit.

use qb_access::Scope;
use qb_base::AreaCode;
use qb_pairing::State;
use qb_pairing::commands::VISIT;
use qb_pairing::queries::{self, Asked, Gap, TargetLine, Task, TaskFilter, TaskKeyset};
use qb_pairing::rules::TargetRules;

use crate::areas::AreaIndex;
use crate::export::{self, About, List};
use crate::fault::Fault;
use crate::format::{count, quotient};
use crate::newest::{label, label_or_dash};
use crate::page::{Page, Section};
use crate::reply::Reply;
use crate::routes::fund::place;
use crate::seen::Shown;
use crate::sheet::{self, Cell, Exports, Sheet, Table};
use crate::texts::{Texts, put};
use crate::url::with_query;
use crate::visit::Visit;

/// Rows of one table.
const ROWS_MAX: usize = 100;
/// Parts of a unit in which targets are kept.
const MICRO: i64 = 1_000_000;

/// Targets and pledges of an area.
pub(crate) fn show(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (app, t) = (visit.app, visit.texts());
    let scope = visit.chosen_area()?;
    let area = scope.area().unwrap_or(app.pack.area);
    let page = Page::new(visit, Section::Responsibility, t.targets_title).for_area(visit, area)?;
    let mut sheet = Sheet {
        title: t.targets_title.to_owned(),
        lead: t.targets_lead.to_owned(),
        links: links(t, area),
        exports: Exports::Nobody,
        ..Sheet::default()
    };
    if let Some(rules) = rules(visit)? {
        let run = app.newest.run(&app.store)?;
        let run = run.as_ref().as_ref().map(|run| run.run.id);
        let year = i64::from(app.data_year()?);
        let asked = Asked { rules: &rules, run, on: app.today()?, year };
        let (progress, gaps) = app.store.read(|conn| {
            let progress = queries::progress(conn, &scope, &asked, area)?;
            Ok::<_, Fault>((progress, queries::gaps(conn, &scope, &asked, area)?))
        })?;
        let index = app.areas()?;
        sheet.tables.push(progress_table(visit, &index, &progress));
        sheet.tables.push(gap_table(visit, &index, &gaps));
    }
    sheet::show(visit, &page, sheet)
}

fn rules(visit: &Visit<'_>) -> Result<Option<TargetRules>, Fault> {
    TargetRules::of(&visit.app.pack).map_err(|error| Fault::Link(error.to_string()))
}

fn links(t: &'static Texts, area: AreaCode) -> Vec<(String, String)> {
    let at = |path: &str| with_query(path, &[("area", area.as_str())]);
    vec![
        (t.tasks_title.to_owned(), at("/tasks")),
        (t.proposal_title.to_owned(), at("/proposal")),
        (t.room_lists.to_owned(), at("/rooms/responsibility")),
    ]
}

fn progress_table(visit: &Visit<'_>, index: &AreaIndex, lines: &[TargetLine]) -> Table {
    let (t, lang) = (visit.texts(), visit.lang());
    let heads = [
        t.area_name,
        t.targets_item,
        &format!("#{}", t.targets_target),
        &format!("#{}", t.targets_below),
        &format!("#{}", t.targets_actual),
        &format!("#{}", t.targets_gap),
        t.targets_state,
    ];
    let mut table = Table::new("targets", t.targets_progress, &heads, t.targets_none);
    let micro = |value: Option<i64>| {
        Cell::number(value.map_or_else(|| "—".to_owned(), |value| quotient(value, MICRO, 0)))
    };
    table.lines = lines
        .iter()
        .map(|line| {
            let (state, class) = state(t, line.state);
            vec![
                place(index, line.line.area.as_str()),
                Cell::text(label(&visit.app.pack, "target_item", &line.line.item, lang)),
                micro(Some(line.line.target_micro)),
                micro(line.line.children_micro),
                micro(line.actual_micro),
                micro(line.gap_micro),
                Cell::tag(state, class),
            ]
        })
        .collect();
    table
}

const fn state(t: &'static Texts, state: State) -> (&'static str, &'static str) {
    match state {
        State::Met => (t.state_met, "is-good"),
        State::Ahead => (t.state_ahead, "is-good"),
        State::OnTime => (t.state_on_time, "is-good"),
        State::Behind => (t.state_behind, "is-open"),
        State::Overdue => (t.state_overdue, "is-bad"),
        State::Unknown => (t.verdict_unknown, "is-open"),
    }
}

fn gap_table(visit: &Visit<'_>, index: &AreaIndex, gaps: &[(TargetLine, Vec<Gap>)]) -> Table {
    let (t, lang) = (visit.texts(), visit.lang());
    let heads = [t.area_name, t.targets_item, t.records_key, t.targets_wrong];
    let mut table = Table::new("gaps", t.targets_gaps, &heads, t.targets_gaps_none);
    table.lead = format!("{} {}", count(qb_base::count(gaps.len())), t.room_rows);
    table.lines = gaps
        .iter()
        .take(export::lines_of(visit, ROWS_MAX))
        .map(|(line, gaps)| {
            let words: Vec<&str> = gaps.iter().map(|gap| gap_text(t, *gap)).collect();
            vec![
                place(index, line.line.area.as_str()),
                Cell::text(label(&visit.app.pack, "target_item", &line.line.item, lang)),
                Cell::text(&line.line.pledge_no),
                Cell::tag(words.join(t.list_comma), "is-bad"),
            ]
        })
        .collect();
    table
}

const fn gap_text(t: &'static Texts, gap: Gap) -> &'static str {
    match gap {
        Gap::NotCovered => t.gap_not_covered,
        Gap::OtherUnit => t.gap_other_unit,
        Gap::NoOwner => t.gap_no_owner,
        Gap::Unsigned => t.gap_unsigned,
    }
}

/// Promises made on visits that are not done, the earliest first.
pub(crate) fn tasks(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let t = visit.texts();
    let scope = visit.chosen_area()?;
    let area = scope.area().unwrap_or(visit.app.pack.area);
    let found = open_tasks(visit, &scope, area, ROWS_MAX + 1)?;
    let shown = found.get(..ROWS_MAX).unwrap_or(&found);
    note(visit, shown)?;
    let mut table = task_table(visit, shown, "")?;
    if let Some(last) = shown.last().filter(|_| found.len() > ROWS_MAX) {
        let record = last.record.to_string();
        let parameters = [
            ("area", visit.query("area")),
            ("after", last.promised_until.as_str()),
            ("record", record.as_str()),
        ];
        table.next = with_query(&visit.incoming.path, &parameters);
    }
    table.export = with_query("/tasks/export", &[("area", area.as_str())]);
    let page = Page::new(visit, Section::Responsibility, t.tasks_title).for_area(visit, area)?;
    let sheet = Sheet {
        title: t.tasks_title.to_owned(),
        lead: t.tasks_lead.to_owned(),
        tables: vec![table],
        ..Sheet::default()
    };
    sheet::show(visit, &page, sheet)
}

/// All promises of the area that are not done, as a file.
pub(crate) fn export_tasks(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let scope = visit.chosen_area()?;
    let area = scope.area().unwrap_or(visit.app.pack.area);
    let (on, filter) = ((area, visit.app.today()?), TaskFilter::default());
    let mut out = List::of(visit, About::Persons, &task_table(visit, &[], "")?)?;
    let mut after = TaskKeyset::default();
    while !out.is_full() {
        let found = visit
            .app
            .store
            .read(|conn| queries::tasks(conn, &scope, on, &filter, &after, export::ROWS_AT_ONCE))?;
        let Some(last) = found.last() else { break };
        after = TaskKeyset { promised_until: last.promised_until.clone(), record: last.record };
        out.lines(&task_table(visit, &found, "")?)?;
    }
    out.reply(visit, &format!("tasks-{area}"), (&format!("tasks {area}"), area))
}

/// Promises that are not done, from the place in the list that the query names.
pub(crate) fn open_tasks(
    visit: &Visit<'_>,
    scope: &Scope,
    area: AreaCode,
    limit: usize,
) -> Result<Vec<Task>, Fault> {
    let limit = qb_base::count(limit);
    let after = TaskKeyset {
        promised_until: visit.query("after").to_owned(),
        record: visit.place("record")?,
    };
    let (on, filter) = ((area, visit.app.today()?), TaskFilter::default());
    Ok(visit.app.store.read(|conn| queries::tasks(conn, scope, on, &filter, &after, limit))?)
}

/// Notes the households to whom something was promised before they are shown.
pub(crate) fn note(visit: &Visit<'_>, tasks: &[Task]) -> Result<(), Fault> {
    let shown = tasks.iter().map(|task| Shown {
        household: task.household,
        row: task.record,
        area: &task.area_code,
        persons: 1,
    });
    visit.shows("tasks", &shown.collect::<Vec<_>>())
}

/// Promises as lines of a table.
pub(crate) fn task_table(visit: &Visit<'_>, tasks: &[Task], title: &str) -> Result<Table, Fault> {
    let t = visit.texts();
    let index = visit.app.areas()?;
    let heads = [
        t.tasks_until,
        &format!("#{}", t.tasks_overdue),
        t.area_name,
        t.households_no,
        t.tasks_need,
        t.tasks_visited,
    ];
    let mut table = Table::new("tasks", title, &heads, t.tasks_none);
    let line = |task: &Task| {
        let household = task.household.map_or_else(
            || Cell::text(&task.household_no),
            |id| Cell::link(&task.household_no, format!("/households/{id}")),
        );
        let [overdue, need, visited] = told(visit, task);
        vec![
            Cell::link(&task.promised_until, format!("/records/{VISIT}/{}", task.record)),
            overdue,
            place(&index, &task.area_code),
            household,
            need,
            visited,
        ]
    };
    table.lines = tasks.iter().map(line).collect();
    Ok(table)
}

/// Days overdue, the need and the day of the visit.
pub(crate) fn told(visit: &Visit<'_>, task: &Task) -> [Cell; 3] {
    let need = label_or_dash(&visit.app.pack, "need_kind", task.need.as_deref(), visit.lang());
    let mut overdue = Cell::number(count(task.days_overdue.max(0)));
    overdue.class = if task.days_overdue > 0 { "is-bad" } else { "" };
    [overdue, Cell::text(need), Cell::text(&task.visited_on)]
}

/// Units proposed for villages that have none; people decide.
pub(crate) fn proposal(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (app, t, lang) = (visit.app, visit.texts(), visit.lang());
    let scope = visit.chosen_area()?;
    let area = scope.area().unwrap_or(app.pack.area);
    let page = Page::new(visit, Section::Responsibility, t.proposal_title).for_area(visit, area)?;
    let mut sheet = Sheet {
        title: t.proposal_title.to_owned(),
        lead: t.proposal_lead.to_owned(),
        exports: Exports::Nobody,
        ..Sheet::default()
    };
    if let Some(rules) = rules(visit)? {
        let today = app.today()?;
        let found = app.store.read(|conn| queries::proposal(conn, &scope, &rules, area, today))?;
        let index = app.areas()?;
        let heads =
            [t.area_name, t.proposal_unit, &format!("#{}", t.proposal_load), t.proposal_why];
        let mut table = Table::new("proposal", "", &heads, t.proposal_none);
        let (paired, villages) = (found.paired.to_string(), found.villages.to_string());
        table.lead = put(t.proposal_paired, &[("paired", &paired), ("villages", &villages)]);
        let proposed = found.proposals.iter().map(|one| {
            vec![
                place(&index, one.area.as_str()),
                Cell::text(&one.unit),
                Cell::number(one.villages.to_string()),
                Cell::text(one.why.get(lang)),
            ]
        });
        let without = found.unpaired.iter().map(|one| {
            let none = Cell::tag("—", "is-bad");
            let why = Cell::text(one.why.get(lang));
            vec![place(&index, one.area.as_str()), none, Cell::number(""), why]
        });
        table.lines = proposed.chain(without).collect();
        sheet.tables.push(table);
    }
    sheet::show(visit, &page, sheet)
}
