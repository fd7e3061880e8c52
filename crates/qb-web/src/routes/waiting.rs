//! What waits for the reader: cases, promises, and the lists of its department.

use qb_access::permission::{LIST_CASES, LIST_TASKS};
use qb_base::Timestamp;
use qb_registry::queries;

use crate::fault::Fault;
use crate::format::count;
use crate::routes::area::life as area_life;
use crate::routes::case::page as cases;
use crate::routes::event::list as events;
use crate::routes::import::confirm;
use crate::routes::target as targets;
use crate::sheet::{Cell, Table};
use crate::visit::Visit;

/// Lines of one table.
const LINES: usize = 5;

/// The tables of the first page that hold something.
pub(crate) fn tables(visit: &Visit<'_>) -> Result<Vec<Table>, Fault> {
    let (app, t, scope) = (visit.app, visit.texts(), visit.scope()?);
    let mut tables =
        vec![confirm::table(visit)?, events::waiting(visit)?, area_life::waiting(visit)?];
    if visit.may(&LIST_CASES) {
        let (machines, today) = (cases::machines(visit)?, app.today()?);
        let mine =
            app.store.read(|conn| qb_case::queries::queue(conn, machines, scope, today, LINES))?;
        cases::note(visit, "cases", mine.iter())?;
        let index = app.areas()?;
        let table = cases::line_table(visit, &index, machines, mine.iter(), t.cases_mine);
        tables.push(Table { href: "/cases".to_owned(), ..table });
    }
    if visit.may(&LIST_TASKS) {
        let found = targets::open_tasks(visit, scope, visit.viewer()?.area, LINES)?;
        targets::note(visit, &found)?;
        let table = targets::task_table(visit, &found, t.tasks_title)?;
        tables.push(Table { href: "/tasks".to_owned(), ..table });
    }
    tables.push(lists(visit)?);
    tables.retain(|table| !table.lines.is_empty());
    Ok(tables)
}

/// The lists that the reader's department sends: rows, those that meet the register, the others.
fn lists(visit: &Visit<'_>) -> Result<Table, Fault> {
    let (app, t, viewer) = (visit.app, visit.texts(), visit.viewer()?);
    let heads = [
        t.room_list,
        &format!("#{}", t.room_rows),
        &format!("#{}", t.waiting_matched),
        &format!("#{}", t.waiting_unmatched),
        t.waiting_received,
    ];
    let mut table = Table::new("lists", t.waiting_lists, &heads, "");
    table.actions = vec![(t.imports_new, "/imports/new".to_owned())];
    if !viewer.role.is_department() {
        return Ok(table);
    }
    let role = viewer.role.code();
    let sent = app.pack.datasets.iter().filter(|one| one.senders.iter().any(|code| code == role));
    for dataset in sent {
        let found = app.store.read(|conn| queries::record_matches(conn, &viewer.scope, dataset))?;
        let meets = dataset.meets_register();
        let number = |n: i64| Cell::number(if meets { count(n) } else { "—".to_owned() });
        let newest = found.newest.map(|at| Timestamp(at).to_minute_in_china());
        table.lines.push(vec![
            Cell::link(dataset.title.get(visit.lang()), format!("/sent/{}", dataset.id)),
            Cell::number(count(found.rows)),
            number(found.matched),
            number(found.rows - found.matched),
            Cell::text(newest.unwrap_or_else(|| t.waiting_never.to_owned())),
        ]);
    }
    Ok(table)
}
