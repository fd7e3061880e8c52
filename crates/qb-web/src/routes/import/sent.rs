//! What became of a list, for the department that sends it: counts, and the rows that meet nobody.

use qb_base::Timestamp;
use qb_policy::Dataset;
use qb_registry::model::{RecordKeyset, UnmatchedRecord};
use qb_registry::queries;

use crate::export::{self, About, List};
use crate::fault::Fault;
use crate::format::count;
use crate::page::{Page, Section};
use crate::reply::Reply;
use crate::routes::fund::place;
use crate::sheet::{self, Cell, Sheet, Table};
use crate::url::with_query;
use crate::visit::Visit;

/// Rows of a page.
const ROWS: i64 = 100;

/// The list named in the address, if the reader's department sends it.
fn own_list<'a>(visit: &Visit<'a>) -> Result<&'a Dataset, Fault> {
    let role = visit.viewer()?.role.code();
    let found = visit.app.pack.dataset(visit.param("dataset"));
    let sends = |dataset: &&Dataset| dataset.senders.iter().any(|code| code == role);
    found.filter(sends).ok_or(Fault::NotFound)
}

/// The page of a list.
pub(crate) fn show(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (app, t, scope) = (visit.app, visit.texts(), visit.chosen_area()?);
    let dataset = own_list(visit)?;
    let after = RecordKeyset {
        area_code: visit.query("at").to_owned(),
        key: visit.query("after").to_owned(),
    };
    let (found, rows) = app.store.read(|conn| {
        let found = queries::record_matches(conn, &scope, dataset)?;
        let rows = match dataset.meets_register() {
            true => queries::unmatched_records(conn, &scope, dataset, &after, ROWS)?,
            false => Vec::new(),
        };
        Ok::<_, Fault>((found, rows))
    })?;
    let newest = found.newest.map(|at| Timestamp(at).to_minute_in_china());
    let figure =
        |label: &str, value: String| [label.to_owned(), value, String::new(), "#main".to_owned()];
    let mut strip = vec![
        figure(t.room_rows, count(found.rows)),
        figure(t.waiting_received, newest.unwrap_or_else(|| t.waiting_never.to_owned())),
    ];
    if dataset.meets_register() {
        let matched = figure(t.waiting_matched, count(found.matched));
        strip.splice(
            1..1,
            [matched, figure(t.waiting_unmatched, count(found.rows - found.matched))],
        );
    }
    let title = dataset.title.get(visit.lang());
    let page = Page::new(visit, Section::Data, title);
    let sheet = Sheet {
        title: title.to_owned(),
        lead: t.sent_lead.to_owned(),
        links: vec![(t.imports_title.to_owned(), "/imports".to_owned())],
        strip,
        tables: vec![table(visit, dataset, &rows)?],
        ..Sheet::default()
    };
    sheet::show(visit, &page, sheet)
}

fn table(visit: &Visit<'_>, dataset: &Dataset, rows: &[UnmatchedRecord]) -> Result<Table, Fault> {
    let t = visit.texts();
    let index = visit.app.areas()?;
    let heads = [t.records_key, t.area_name, t.import_file, &format!("#{}", t.import_row)];
    let empty = if dataset.meets_register() { t.sent_none } else { t.sent_unlinked };
    let mut table = Table::new("unmatched", t.sent_unmatched, &heads, empty);
    table.actions = vec![(t.imports_new, "/imports/new".to_owned())];
    if !rows.is_empty() {
        table.export = format!("/sent/{}/export", dataset.id);
    }
    if let Some(last) = rows.last().filter(|_| rows.len() as i64 == ROWS) {
        let to = [("at", last.area_code.as_str()), ("after", last.key.as_str())];
        table.next = with_query(&visit.incoming.path, &to);
    }
    let line = |row: &UnmatchedRecord| {
        vec![
            Cell::text(row.key.replace('|', " · ")),
            place(&index, &row.area_code),
            Cell::text(&row.file),
            Cell::number(row.source_row.to_string()),
        ]
    };
    table.lines = rows.iter().map(line).collect();
    Ok(table)
}

/// The rows that meet nobody, as a file: their keys may be numbers of persons.
pub(crate) fn export(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (dataset, scope) = (own_list(visit)?, visit.chosen_area()?);
    let area = scope.area().unwrap_or(visit.app.pack.area);
    let mut out = List::of(visit, About::Persons, &table(visit, dataset, &[])?)?;
    let mut after = RecordKeyset::default();
    while dataset.meets_register() && !out.is_full() {
        let rows = visit.app.store.read(|conn| {
            queries::unmatched_records(conn, &scope, dataset, &after, export::ROWS_AT_ONCE)
        })?;
        let Some(last) = rows.last() else { break };
        after = RecordKeyset { area_code: last.area_code.clone(), key: last.key.clone() };
        out.lines(&table(visit, dataset, &rows)?)?;
    }
    let object = format!("{} unmatched {area}", dataset.id);
    out.reply(visit, &format!("{}-unmatched", dataset.id), (&object, area))
}
