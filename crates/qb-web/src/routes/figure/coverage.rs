//! Who of a named set lacks what: all coverages of an area, and the list behind one.

use std::collections::HashMap;

use crate::export::{self, About};
use crate::fault::Fault;
use crate::page::{Page, Section, render};
use crate::question::Question;
use crate::reply::Reply;
use crate::routes::figure::page::{PersonRow, QueryCell, QueryRows, person_row, shown_rows};
use crate::routes::record::list::rows_numbered;
use crate::routes::rooms::{self, CoverageRow};
use crate::seen::Shown;
use crate::texts::put;
use crate::visit::Visit;
use askama::Template;
use qb_base::AreaCode;
use qb_engine::{RowPage, Value};
use qb_policy::{Coverage, Keys, RULE_LIST};
use qb_registry::queries;

/// Lines of one page.
const LINES: usize = 50;

#[derive(Template)]
#[template(path = "coverages.html")]
struct AllTemplate<'a> {
    page: &'a Page,
    area: &'a str,
    area_name: String,
    coverages: Vec<CoverageRow>,
}

/// Every coverage of an area.
pub(crate) fn list(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let scope = visit.chosen_area()?;
    let app = visit.app;
    let area = scope.area().unwrap_or(app.pack.area);
    let question = Question::of(visit)?;
    let mut coverages = match question.run() {
        Some(run) => rooms::coverages(visit, run, area, None)?,
        None => Vec::new(),
    };
    for row in &mut coverages {
        row.href = question.address(&format!("/coverage/{}", row.id), &[("area", area.as_str())]);
    }
    let page = Page::new(visit, Section::Assessment, visit.texts().coverage_title);
    let page = question.on(page.for_area(visit, area)?);
    let area_name = app.areas()?.name(area);
    render(&AllTemplate { page: &page, area: area.as_str(), area_name, coverages })
}

#[derive(Template)]
#[template(path = "coverage.html")]
struct OneTemplate<'a> {
    page: &'a Page,
    area: &'a str,
    says: &'a str,
    set: &'a str,
    note: Option<String>,
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
    let question = Question::of(visit)?;
    let outcome = match question.run() {
        Some(run) => rooms::coverages(visit, run, area, None)?,
        None => Vec::new(),
    };
    let outcome = outcome.into_iter().find(|row| row.id == coverage.id);
    let offset: usize = visit.place("after")?;
    let tables = question.tables(visit)?;
    let (mut query, mut next) = (QueryRows::default(), String::new());
    if let Some(tables) = tables.as_ref() {
        let page = qb_engine::Page { offset, limit: LINES };
        let found = tables.missing(coverage, &area, &page)?;
        if found.more {
            let after = (offset + LINES).to_string();
            let parameters = [("area", visit.query("area")), ("after", after.as_str())];
            next = question.address(&visit.incoming.path, &parameters);
        }
        note(visit, coverage, (area, &found))?;
        query = named(visit, coverage, &found)?;
    }
    let page = Page::new(visit, Section::Assessment, t.coverage_title).for_area(visit, area)?;
    let page = question.on(page);
    let note = outcome.as_ref().map(|row| {
        let values =
            [("missing", row.missing.as_str()), ("total", &row.total), ("share", &row.share)];
        put(t.coverage_note, &values)
    });
    render(&OneTemplate {
        page: &page,
        area: area.as_str(),
        says: coverage.says.get(lang),
        set: coverage.set.get(lang),
        note,
        is_complete: outcome.is_some_and(|row| row.is_complete),
        query,
        next,
        export: question
            .address(&format!("/coverage/{}/export", coverage.id), &[("area", area.as_str())]),
        asks_reason: about(coverage.keys) == About::Persons,
    })
}

/// The members of a list by the names people know them by, with the pages they have; persons by
/// their household, their relation in it, sex and year of birth.
fn named(visit: &Visit<'_>, coverage: &Coverage, found: &RowPage) -> Result<QueryRows, Fault> {
    let (app, t, scope) = (visit.app, visit.texts(), visit.scope()?);
    let mut rows = shown_rows(visit, found);
    match coverage.keys {
        Keys::Number => {
            let list = rooms::dataset_of(&app.pack, &coverage.set_query.text, 0);
            rename(&mut rows, |key| {
                Some(QueryCell::link(key.to_owned(), rows_numbered(visit, list?, key)))
            });
        }
        Keys::Area => {
            // The area stands in a column of its own.
            rows.heads.remove(0);
            rows.lines.iter_mut().for_each(|line| drop(line.remove(0)));
        }
        Keys::Household => {
            let numbers =
                app.store.read(|conn| queries::household_numbers(conn, scope, ids(&rows)))?;
            rename(&mut rows, |key| {
                let id = key.parse().ok()?;
                Some(QueryCell::link(numbers.get(&id)?.clone(), format!("/households/{id}")))
            });
            rows.heads.splice(..1, [(t.households_no.to_owned(), false)]);
        }
        Keys::Person => name_persons(visit, &mut rows)?,
        Keys::Rule => {
            let list = app.pack.code_list(RULE_LIST);
            rename(&mut rows, |key| {
                let rule = list?.code(key)?;
                let says = rule.label.get(visit.lang()).to_owned();
                Some(QueryCell::link(says, format!("/policy#{key}")))
            });
        }
    }
    Ok(rows)
}

/// Whom the missing of a coverage are.
const fn about(keys: Keys) -> About {
    match keys {
        Keys::Household | Keys::Person => About::Persons,
        Keys::Area | Keys::Number | Keys::Rule => About::Nobody,
    }
}

/// Notes the households and persons that are missing before they are shown.
fn note(
    visit: &Visit<'_>,
    coverage: &Coverage,
    (area, found): (AreaCode, &RowPage),
) -> Result<(), Fault> {
    if about(coverage.keys) == About::Nobody {
        return Ok(());
    }
    let ids = found.rows.iter().filter_map(|row| match row.first() {
        Some(Value::Number(id)) => id.to_string().parse::<i64>().ok(),
        _ => None,
    });
    let shown = ids.map(|id| Shown {
        household: (coverage.keys == Keys::Household).then_some(id),
        row: id,
        area: area.as_str(),
        persons: 1,
    });
    visit.shows(&coverage.id, &shown.collect::<Vec<_>>())
}

/// The keys that are inner ids.
fn ids(rows: &QueryRows) -> impl Iterator<Item = i64> {
    rows.lines.iter().filter_map(|line| line.first()?.text.parse().ok())
}

/// Puts household, relation, sex and year of birth in the place of a person's id.
fn name_persons(visit: &Visit<'_>, rows: &mut QueryRows) -> Result<(), Fault> {
    let (app, t, scope) = (visit.app, visit.texts(), visit.scope()?);
    let ids: Vec<i64> = ids(rows).collect();
    let people = app.store.read(|conn| queries::persons(conn, scope, &ids))?;
    let index = app.areas()?;
    let by_id: HashMap<String, PersonRow> = people
        .iter()
        .map(|person| (person.person_id.to_string(), person_row(visit, &index, person)))
        .collect();
    let unknown = || QueryCell::plain("—".to_owned());
    for line in &mut rows.lines {
        let person = line.first().and_then(|key| by_id.get(&key.text));
        let cells = match person {
            None => [unknown(), unknown(), unknown(), unknown()],
            Some(person) => [
                QueryCell::link(person.no.clone(), format!("/households/{}", person.household)),
                QueryCell::plain(person.relation.clone()),
                QueryCell::plain(person.sex.clone()),
                QueryCell::plain(person.birth.get(..4).unwrap_or(&person.birth).to_owned()),
            ],
        };
        line.splice(..1, cells);
    }
    let heads = [t.households_no, t.member_relation, t.member_sex, t.member_birth];
    rows.heads.splice(..1, heads.map(|head| (head.to_owned(), false)));
    Ok(())
}

/// Puts the name in the place of the key, where one is known.
fn rename(rows: &mut QueryRows, name: impl Fn(&str) -> Option<QueryCell>) {
    for key in rows.lines.iter_mut().filter_map(|line| line.first_mut()) {
        if let Some(cell) = name(&key.text) {
            *key = cell;
        }
    }
}

/// Everyone who is missing, as a file.
pub(crate) fn export(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let app = visit.app;
    let coverage = app.pack.coverage(visit.param("id")).ok_or(Fault::NotFound)?;
    let area = visit.chosen_area()?.area().unwrap_or(app.pack.area);
    let question = Question::of(visit)?;
    let tables = question.tables(visit)?;
    let tables = tables.as_ref().as_ref().ok_or(Fault::NotFound)?;
    let page = qb_engine::Page { offset: 0, limit: export::ROWS_MAX };
    let found = tables.missing(coverage, &area, &page)?;
    export::whole(found.rows.len())?;
    let rows = named(visit, coverage, &found)?;
    let object = format!("{} {area}{}", coverage.id, question.object());
    let list = rows.file(visit, about(coverage.keys))?;
    list.reply(visit, &format!("{}-{area}", coverage.id), (&object, area))
}
