//! Lists of any dataset: a table, one row with its history and its file, and the list as a file.

use std::collections::HashMap;

use askama::Template;
use qb_base::text::shown;
use qb_base::{AreaCode, Fen};
use qb_policy::{Column, ColumnKind, Dataset, RULE_LIST};
use qb_registry::model::{Record, RecordFilter, RecordKeyset, RecordValue};
use qb_registry::queries::{self, Reader};

use crate::areas::AreaIndex;
use crate::export::{self, About, List};
use crate::fault::Fault;
use crate::find::{self, FIND};
use crate::format::{count, yuan};
use crate::newest::label;
use crate::page::{Page, render};
use crate::reply::Reply;
use crate::routes::record::entry;
use crate::routes::rooms;
use crate::seen::Shown;
use crate::texts::put;
use crate::url::with_query;
use crate::visit::Visit;

/// Characters of a cell that stays on one line.
const SHORT_CHARS_MAX: usize = 12;
/// Lines of one page.
const LINES: usize = 50;
/// The part of an address that names a row of a list about nobody by its number; numbers of rows
/// about persons travel sealed.
const NUMBER: &str = "no";

/// A cell of the table.
struct Cell {
    text: String,
    href: String,
    is_number: bool,
    /// Whether it stays on one line.
    is_short: bool,
}

struct Line {
    href: String,
    key: String,
    place: Cell,
    cells: Vec<Cell>,
}

#[derive(Template)]
#[template(path = "records.html")]
struct ListTemplate<'a> {
    page: &'a Page,
    title: &'a str,
    dataset: &'a str,
    source: &'a str,
    area: &'a str,
    q: Option<String>,
    total: String,
    heads: Vec<(String, bool)>,
    lines: Vec<Line>,
    next: String,
    first: String,
    export: String,
    asks_reason: bool,
    room: (&'static str, String),
    /// Where the reader types a row.
    entry: String,
}

/// One page of a dataset in an area.
pub(crate) fn list(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (app, lang) = (visit.app, visit.lang());
    let dataset = readable(visit)?;
    let scope = visit.chosen_area()?;
    let area = scope.area().unwrap_or(app.pack.area);
    let (filter, after) = (filter(visit, dataset)?, after(visit)?);
    let reader = Reader { scope: &scope, keyring: app.store.keyring(), reading: app.reading()? };
    let limit = qb_base::count(LINES + 1);
    let (found, total) = app.store.read(|conn| {
        let found = queries::records(conn, &reader, dataset, area, &filter, &after, limit)?;
        let total = queries::record_count(conn, &scope, dataset, area, &filter)?;
        Ok::<_, Fault>((found, total))
    })?;
    note(visit, dataset, found.iter().take(LINES))?;
    let index = app.areas()?;
    let columns = shown_columns(dataset);
    let shown = found.iter().take(LINES);
    let lines = shown.map(|record| line(visit, &index, dataset, &columns, record));
    let lines = lines.collect::<Result<Vec<_>, Fault>>()?;
    let t = visit.texts();
    let title = dataset.title.get(lang);
    let page = Page::new(visit, rooms::section(dataset.room), title).for_area(visit, area)?;
    let room = rooms::ROOMS.iter().find(|(_, room)| *room == dataset.room);
    let room_path = format!("/rooms/{}", room.map_or("data", |(name, _)| name));
    render(&ListTemplate {
        page: &page,
        title,
        dataset: &dataset.id,
        source: &dataset.source,
        area: area.as_str(),
        q: filter.key,
        total: put(t.records_count, &[("total", &count(total))]),
        heads: columns.iter().map(|(_, column)| head(visit, column)).collect(),
        lines,
        next: next(visit, &found),
        first: if after == RecordKeyset::default() {
            String::new()
        } else {
            address(visit, "", "")
        },
        export: with_query(
            &format!("/records/{}/export", dataset.id),
            &[("area", area.as_str()), (FIND, visit.query(FIND)), (NUMBER, visit.query(NUMBER))],
        ),
        asks_reason: is_about_persons(dataset),
        room: (rooms::title(t, dataset.room), with_query(&room_path, &[("area", area.as_str())])),
        entry: entry_of(visit, dataset, ("area", area.as_str())),
    })
}

/// Takes a search word that was posted to the list that shows what it finds.
pub(crate) fn search(visit: &Visit<'_>) -> Result<Reply, Fault> {
    find::redirect(visit, &format!("/records/{}", readable(visit)?.id), &["area"])
}

/// The list of the address; one whose readers the reader's role is not among is refused.
fn readable<'a>(visit: &Visit<'a>) -> Result<&'a Dataset, Fault> {
    let dataset = visit.app.pack.dataset(visit.param("dataset")).ok_or(Fault::NotFound)?;
    let may = visit.app.reading()?.reads(visit.scope()?, &dataset.id);
    if may { Ok(dataset) } else { Err(Fault::Refused) }
}

/// Notes the persons that rows are about before they are shown: a household, a member of one, or
/// somebody whom the row alone names.
pub(crate) fn note<'r>(
    visit: &Visit<'_>,
    dataset: &Dataset,
    rows: impl Iterator<Item = &'r Record> + Clone,
) -> Result<(), Fault> {
    if !is_about_persons(dataset) {
        return Ok(());
    }
    let alone = rows.clone().filter(|row| row.household_id.is_none());
    let persons: Vec<i64> = alone.filter_map(|row| row.person_id).collect();
    let homes = match persons.is_empty() {
        true => HashMap::new(),
        false => visit.app.store.read(|conn| queries::households_of(conn, persons))?,
    };
    let shown = rows.map(|row| Shown {
        household: row.household_id.or_else(|| homes.get(&row.person_id?).copied()),
        row: row.id,
        area: &row.area_code,
        persons: 1,
    });
    visit.shows(&dataset.id, &shown.collect::<Vec<_>>())
}

/// Where the rows of another list with a number are.
pub(crate) fn rows_numbered(visit: &Visit<'_>, dataset: &Dataset, number: &str) -> String {
    let area = ("area", visit.query("area"));
    let address = format!("/records/{}", dataset.id);
    if is_about_persons(dataset) {
        return with_query(&address, &[area, (FIND, &find::key(visit, number))]);
    }
    with_query(&address, &[area, (NUMBER, number)])
}

/// Where the reader types a row of a list; blank where it may not.
fn entry_of(visit: &Visit<'_>, dataset: &Dataset, about: (&str, &str)) -> String {
    let may = dataset.entry.as_ref().is_some_and(|entry| entry::may_type(visit, entry));
    if may { with_query(&entry::address(dataset), &[about]) } else { String::new() }
}

fn filter(visit: &Visit<'_>, dataset: &Dataset) -> Result<RecordFilter, Fault> {
    let mut key = find::word(visit)?;
    if key.is_empty() && !is_about_persons(dataset) {
        visit.query(NUMBER).clone_into(&mut key);
    }
    Ok(RecordFilter { key: (!key.is_empty()).then_some(key) })
}

/// The place after which a page begins: its key may be a household's number, so it is sealed.
fn after(visit: &Visit<'_>) -> Result<RecordKeyset, Fault> {
    Ok(RecordKeyset {
        area_code: visit.query("after_area").to_owned(),
        key: find::opened_or_told(visit, visit.query("after"))?,
    })
}

fn next(visit: &Visit<'_>, found: &[Record]) -> String {
    // One more than a page was asked for: where it came, another page follows.
    let Some([.., last, _]) = found.get(..=LINES) else { return String::new() };
    address(visit, &last.area_code, &last.key)
}

fn address(visit: &Visit<'_>, area: &str, key: &str) -> String {
    let parameters = [
        ("area", visit.query("area")),
        (FIND, visit.query(FIND)),
        (NUMBER, visit.query(NUMBER)),
        ("after_area", area),
        ("after", &find::key_of(visit, key)),
    ];
    with_query(&visit.incoming.path, &parameters)
}

/// The columns of a table with their places: areas are one column of their own, and a key of one
/// column stands at the left already.
pub(crate) fn shown_columns(dataset: &Dataset) -> Vec<(usize, &Column)> {
    let is_key = |column: &Column| {
        dataset.key == [column.id.as_str()] && column.id != qb_policy::dataset::HOUSEHOLD_LINK
    };
    let rest = dataset.columns.iter().enumerate();
    rest.filter(|(_, column)| !column.is_area() && !is_key(column)).collect()
}

/// The label of a column with its unit, and whether it holds quantities.
pub(crate) fn head(visit: &Visit<'_>, column: &Column) -> (String, bool) {
    let lang = visit.lang();
    let label = column.label.get(lang);
    let unit = column.unit.as_deref().map(|unit| label_of_unit(visit, unit));
    let text = match unit {
        Some(unit) if !label.contains(unit) => format!("{label}（{unit}）"),
        _ => label.to_owned(),
    };
    (text, is_quantity(column))
}

fn label_of_unit<'a>(visit: &Visit<'a>, unit: &'a str) -> &'a str {
    label(&visit.app.pack, "unit", unit, visit.lang())
}

/// Whether a column's values are quantities, which stand at the right.
fn is_quantity(column: &Column) -> bool {
    let money = matches!(column.kind, ColumnKind::MoneyYuan | ColumnKind::MoneyWanYuan);
    money || matches!(column.kind, ColumnKind::Integer | ColumnKind::Decimal)
}

/// Whether rows are about persons: they name some, or are matched with the register.
pub(crate) fn is_about_persons(dataset: &Dataset) -> bool {
    dataset.meets_register() || dataset.columns.iter().any(Column::is_sealed)
}

fn line(
    visit: &Visit<'_>,
    index: &AreaIndex,
    dataset: &Dataset,
    columns: &[(usize, &Column)],
    record: &Record,
) -> Result<Line, Fault> {
    let area = AreaCode::parse(&record.area_code)
        .map_err(|_| Fault::Link(format!("record {} lies in no area", record.id)))?;
    let cells = columns.iter().map(|(at, column)| {
        let text = text(visit, index, column, record.values.get(*at));
        Cell {
            is_short: text.chars().count() <= SHORT_CHARS_MAX,
            text,
            href: link(visit, dataset, *at, record),
            is_number: is_quantity(column),
        }
    });
    Ok(Line {
        href: format!("/records/{}/{}", dataset.id, record.id),
        key: record.key.replace('|', " · "),
        place: Cell {
            text: index.name(area),
            href: format!("/areas/{area}"),
            is_number: false,
            is_short: true,
        },
        cells: cells.collect(),
    })
}

/// Where a cell leads: to the household it names, to the rule, to the row of another list whose
/// number it is.
fn link(visit: &Visit<'_>, dataset: &Dataset, at: usize, record: &Record) -> String {
    let Some(column) = dataset.columns.get(at) else { return String::new() };
    let value = record.values.get(at).and_then(RecordValue::as_text);
    match (column.id.as_str(), &column.kind, record.household_id, value) {
        (qb_policy::dataset::HOUSEHOLD_LINK, _, Some(id), _) => format!("/households/{id}"),
        (_, ColumnKind::Code(list), _, Some(rule)) if list == RULE_LIST => {
            format!("/policy#{rule}")
        }
        (id, ColumnKind::Text, _, Some(number)) => {
            let others = visit.app.pack.datasets.iter();
            let other =
                others.filter(|other| other.id != dataset.id).find(|other| other.key == [id]);
            shown(other, |other| rows_numbered(visit, other, number))
        }
        _ => String::new(),
    }
}

/// A value as people read it.
pub(crate) fn text(
    visit: &Visit<'_>,
    index: &AreaIndex,
    column: &Column,
    value: Option<&RecordValue>,
) -> String {
    let (t, lang) = (visit.texts(), visit.lang());
    match (value, &column.kind) {
        (None | Some(RecordValue::Unknown), _) => "—".to_owned(),
        (Some(RecordValue::Hidden), _) => "＊".to_owned(),
        (Some(RecordValue::Bool(truth)), _) => (if *truth { t.yes } else { t.no }).to_owned(),
        (Some(RecordValue::Int(fen)), ColumnKind::MoneyYuan | ColumnKind::MoneyWanYuan) => {
            Fen::new(*fen).map_or_else(|| fen.to_string(), yuan)
        }
        (Some(RecordValue::Int(number)), ColumnKind::Year) => number.to_string(),
        (Some(RecordValue::Int(number)), _) => count(*number),
        (Some(RecordValue::Text(code)), ColumnKind::Code(list)) => {
            label(&visit.app.pack, list, code, lang).to_owned()
        }
        (Some(RecordValue::Text(code)), _) if column.is_area() => {
            AreaCode::parse(code).map_or_else(|_| code.clone(), |area| index.name(area))
        }
        (Some(RecordValue::Text(text)), _) => text.clone(),
    }
}

struct Version {
    recorded: String,
    file: String,
    row: String,
    is_current: bool,
    changes: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "record.html")]
struct RecordTemplate<'a> {
    page: &'a Page,
    title: &'a str,
    key: String,
    list: String,
    fields: Vec<(String, Cell)>,
    household: Option<String>,
    versions: Vec<Version>,
    /// Where the reader corrects it.
    entry: String,
}

/// One row: every field, the household it is about, the file it came from, what it was before.
pub(crate) fn show(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (app, lang) = (visit.app, visit.lang());
    let dataset = readable(visit)?;
    let id = visit.param_id("id")?;
    let scope = visit.scope()?;
    let reader = Reader { scope, keyring: app.store.keyring(), reading: app.reading()? };
    let (record, versions) = app.store.read(|conn| {
        let record = queries::record(conn, &reader, &app.pack, id)?;
        let versions = queries::record_versions(conn, &reader, dataset, &record.key)?;
        Ok::<_, Fault>((record, versions))
    })?;
    if record.dataset != dataset.id {
        return Err(Fault::NotFound);
    }
    note(visit, dataset, std::iter::once(&record))?;
    let index = app.areas()?;
    let area = AreaCode::parse(&record.area_code).map_err(|_| Fault::NotFound)?;
    let fields =
        dataset.columns.iter().zip(&record.values).enumerate().map(|(at, (column, value))| {
            let cell = Cell {
                text: text(visit, &index, column, Some(value)),
                href: link(visit, dataset, at, &record),
                is_number: false,
                is_short: false,
            };
            (head(visit, column).0, cell)
        });
    let title = dataset.title.get(lang);
    let mut page = Page::new(visit, rooms::section(dataset.room), title);
    if scope.covers(area) {
        page = page.for_area(visit, area)?;
    }
    render(&RecordTemplate {
        page: &page,
        title,
        key: record.key.replace('|', " · "),
        list: with_query(&format!("/records/{}", dataset.id), &[("area", area.as_str())]),
        fields: fields.collect(),
        household: record.household_id.map(|id| format!("/households/{id}")),
        versions: history(visit, &index, dataset, &versions)?,
        entry: match record.superseded_at {
            None => entry_of(visit, dataset, ("record", &record.id.to_string())),
            Some(_) => String::new(),
        },
    })
}

/// Each version with its file and what it changed against the one before.
fn history(
    visit: &Visit<'_>,
    index: &AreaIndex,
    dataset: &Dataset,
    versions: &[Record],
) -> Result<Vec<Version>, Fault> {
    let names = visit.app.store.read(|conn| {
        versions
            .iter()
            .map(|version| queries::source_name(conn, version.source_file_id))
            .collect::<Result<Vec<_>, _>>()
    })?;
    let changes = |newer: &Record, older: Option<&Record>| {
        let Some(older) = older else { return Vec::new() };
        let pairs = dataset.columns.iter().zip(newer.values.iter().zip(&older.values));
        pairs
            .filter(|(_, (new, old))| new != old)
            .map(|(column, (_, old))| {
                (head(visit, column).0, text(visit, index, column, Some(old)))
            })
            .collect()
    };
    let each = versions.iter().zip(names).enumerate().map(|(at, (version, name))| Version {
        recorded: qb_base::Timestamp(version.recorded_at).to_minute_in_china(),
        file: name,
        row: version.source_row.to_string(),
        is_current: version.superseded_at.is_none(),
        changes: changes(version, versions.get(at + 1)),
    });
    Ok(each.collect())
}

/// The list as a file, as the reader may read it; who took it and why is recorded.
pub(crate) fn export(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let dataset = readable(visit)?;
    let area = visit.chosen_area()?.area().unwrap_or(visit.app.pack.area);
    let object = format!("{} {area}", dataset.id);
    file(visit, dataset, area)?.reply(visit, &format!("{}-{area}", dataset.id), (&object, area))
}

fn file(visit: &Visit<'_>, dataset: &Dataset, area: AreaCode) -> Result<List, Fault> {
    let app = visit.app;
    let scope = visit.chosen_area()?;
    let reader = Reader { scope: &scope, keyring: app.store.keyring(), reading: app.reading()? };
    let index = app.areas()?;
    let heads: Vec<(String, bool)> =
        dataset.columns.iter().map(|column| head(visit, column)).collect();
    let about = if is_about_persons(dataset) { About::Persons } else { About::Nobody };
    let mut out = List::new(visit, about, &heads)?;
    let (mut after, filter) = (RecordKeyset::default(), filter(visit, dataset)?);
    while !out.is_full() {
        let found = app.store.read(|conn| {
            queries::records(conn, &reader, dataset, area, &filter, &after, export::ROWS_AT_ONCE)
        })?;
        let Some(last) = found.last() else { break };
        after = RecordKeyset { area_code: last.area_code.clone(), key: last.key.clone() };
        for record in &found {
            let cells: Vec<String> = dataset
                .columns
                .iter()
                .zip(&record.values)
                .map(|(column, value)| text(visit, &index, column, Some(value)))
                .collect();
            out.line(&cells)?;
        }
    }
    Ok(out)
}
