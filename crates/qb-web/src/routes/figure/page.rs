//! The rows behind a number: of a published figure, or of a rule about persons.

use std::collections::BTreeMap;

use askama::Template;
use qb_access::Scope;
use qb_base::{AreaCode, Lang, Text};
use qb_engine::{RowPage, TableColumn, Value};
use qb_policy::{Clause, Fact, Level};
use qb_registry::model::{HouseholdFilter, Keyset};
use qb_registry::queries::{self, PersonLine};
use qb_report::{Cell, query_rows};
use qb_targeting::model::QUERY_LEVEL;
use qb_targeting::queries::subjects;

use crate::areas::AreaIndex;
use crate::export::{self, About, List};
use crate::fault::Fault;
use crate::format::count;
use crate::newest::{RunInfo, label_or_dash};
use crate::page::{Page, Section, render};
use crate::panel::figure_value;
use crate::question::Question;
use crate::reply::Reply;
use crate::routes::household::list::{self as households, ASKED, LINES, Line};
use crate::seen::Shown;
use crate::texts::{Texts, put};
use crate::url::with_query;
use crate::visit::Visit;

/// Columns of a query by which its rows are about households or persons.
const PERSON_COLUMNS: [&str; 2] = ["household_id", "person_id"];

pub(crate) struct PersonRow {
    name: String,
    pub(crate) sex: String,
    pub(crate) birth: String,
    pub(crate) relation: String,
    pub(crate) household: i64,
    pub(crate) no: String,
    village: String,
}

struct VillageLink {
    code: String,
    name: String,
    path: String,
}

/// A cell of a row that a query gives.
pub(crate) struct QueryCell {
    pub(crate) text: String,
    pub(crate) href: String,
    pub(crate) is_number: bool,
}

impl QueryCell {
    /// Words that lead nowhere.
    pub(crate) fn plain(text: String) -> Self {
        Self::link(text, String::new())
    }

    /// Words that lead somewhere.
    pub(crate) fn link(text: String, href: String) -> Self {
        Self { text, href, is_number: false }
    }
}

/// Rows that a query gives.
#[derive(Default)]
pub(crate) struct QueryRows {
    pub(crate) heads: Vec<(String, bool)>,
    pub(crate) lines: Vec<Vec<QueryCell>>,
}

impl QueryRows {
    /// The rows as a list on its way out.
    pub(crate) fn file(&self, visit: &Visit<'_>, about: About) -> Result<List, Fault> {
        let mut out = List::new(visit, about, &self.heads)?;
        for line in &self.lines {
            let cells: Vec<&str> = line.iter().map(|cell| cell.text.as_str()).collect();
            out.line(&cells)?;
        }
        Ok(out)
    }
}

/// Rows of whichever level a number counts.
#[derive(Default)]
struct Rows {
    households: Vec<Line>,
    persons: Vec<PersonRow>,
    villages: Vec<VillageLink>,
    query: QueryRows,
    next: String,
}

#[derive(Template)]
#[template(path = "figure.html")]
struct FigureTemplate<'a> {
    page: &'a Page,
    area: &'a str,
    id: &'a str,
    says: &'a str,
    facts: Vec<(&'static str, String)>,
    rows_note: String,
    rule_head: Option<&'a str>,
    rows: Rows,
    export: String,
    asks_reason: bool,
}

/// One published figure: what it is, what came out, and the rows it was counted from.
pub(crate) fn show(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let app = visit.app;
    let fact = app.pack.fact(visit.param("id")).ok_or(Fault::NotFound)?;
    let scope = visit.chosen_area()?;
    let area = scope.area().unwrap_or(app.pack.area);
    let question = Question::of(visit)?;
    let (t, lang) = (visit.texts(), visit.lang());
    let title = put(t.figure_title, &[("id", &fact.id)]);
    let mut rows = Rows::default();
    let mut rows_note = t.figure_no_rows.to_owned();
    let mut facts = definition(visit, &question, fact)?;
    let mut asks_reason = false;
    if let Some(run) = question.run()
        && let Some(figure) = run.figure(&fact.id)
    {
        let here = app
            .store
            .read(|conn| qb_targeting::queries::figures_of_area(conn, &scope, run.run.id, area))?;
        let here = here.into_iter().find(|outcome| outcome.fact == fact.id);
        let (n, value) =
            here.map_or((0, None), |here| (here.rows, figure_value(&app.pack, fact, &here, lang)));
        let (n, total) = (count(n), count(figure.rows));
        rows_note = put(t.figure_rows_scope, &[("n", &n), ("total", &total)]);
        let value = value.map_or_else(
            || "—".to_owned(),
            |(value, unit)| format!("{value} {unit}").trim_end().to_owned(),
        );
        facts.push((t.figure_here, value));
        if figure.level == QUERY_LEVEL {
            (rows, asks_reason) = query_rows_of(visit, &question, (fact, area))?;
        } else if !question.is_newest() {
            t.figure_rows_newest.clone_into(&mut rows_note);
        } else if let Some(level) = qb_policy_level(&figure.level) {
            rows = page_of(visit, run, &scope, area, level, (figure.position, '1'))?;
            asks_reason = level != Level::Village;
        }
    }
    let page = question.on(Page::new(visit, Section::Reports, title).for_area(visit, area)?);
    let path = format!("/figures/{}/export", fact.id);
    render(&FigureTemplate {
        page: &page,
        area: area.as_str(),
        id: &fact.id,
        says: fact.says.get(lang),
        facts,
        rows_note,
        rule_head: None,
        rows,
        export: question.address(&path, &[("area", area.as_str())]),
        asks_reason,
    })
}

/// The rows behind a figure as a file, without names.
pub(crate) fn export(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let app = visit.app;
    let fact = app.pack.fact(visit.param("id")).ok_or(Fault::NotFound)?;
    let scope = visit.chosen_area()?;
    let area = scope.area().unwrap_or(app.pack.area);
    let question = Question::of(visit)?;
    let run = question.run().ok_or(Fault::NotFound)?;
    let figure = run.figure(&fact.id).ok_or(Fault::NotFound)?;
    let level = qb_policy_level(&figure.level);
    if level.is_some() && !question.is_newest() {
        let [zh, en] = [Lang::Zh, Lang::En].map(|lang| Texts::of(lang).figure_rows_newest);
        return Err(Fault::NotYet(Text::fixed(zh, en)));
    }
    let list = match level {
        Some(Level::Household) => {
            let filter = HouseholdFilter { verdict: Some((figure.position, '1')), search: None };
            households::file(visit, (&scope, area), (run.run.id, &filter), |_| "—".to_owned())?
        }
        Some(Level::Person) => {
            persons_file(visit, run, &scope, area, ((figure.position, '1'), false))?
        }
        Some(Level::Village) => villages_file(visit, run, &scope, area, (figure.position, '1'))?,
        None => {
            let tables = question.tables(visit)?;
            let tables = tables.as_ref().as_ref().ok_or(Fault::NotFound)?;
            let page = qb_engine::Page { offset: 0, limit: export::ROWS_MAX };
            let found = query_rows::rows_of(tables, &app.pack, fact, &area, &page)?;
            let found = found.ok_or(Fault::NotFound)?;
            export::whole(found.rows.len())?;
            shown_rows(visit, &found).file(visit, about(&found))?
        }
    };
    let object = format!("{} {area}{}", fact.id, question.object());
    list.reply(visit, &format!("{}-{area}", fact.id), (&object, area))
}

/// Whether rows of a query are about persons or households.
pub(crate) fn about(found: &RowPage) -> About {
    let names = found.columns.iter().map(|column| column.name.as_str());
    let persons = names.into_iter().any(|name| PERSON_COLUMNS.contains(&name));
    if persons { About::Persons } else { About::Nobody }
}

/// The villages that a rule holds for.
fn villages_file(
    visit: &Visit<'_>,
    run: &RunInfo,
    scope: &Scope,
    area: AreaCode,
    verdict: (usize, char),
) -> Result<List, Fault> {
    let t = visit.texts();
    let index = visit.app.areas()?;
    let mut out = List::of_words(visit, About::Nobody, &[t.area_code, t.area_name])?;
    each_subject(visit, run, scope, area, ("village", verdict), |found| {
        for (code, _) in found {
            let name = AreaCode::parse(code).map_or_else(|_| String::new(), |at| index.name(at));
            out.line(&[code.as_str(), &name])?;
        }
        Ok(!out.is_full())
    })?;
    Ok(out)
}

/// The persons that a verdict holds for; without names they are told by year of birth only.
fn persons_file(
    visit: &Visit<'_>,
    run: &RunInfo,
    scope: &Scope,
    area: AreaCode,
    (verdict, is_named): ((usize, char), bool),
) -> Result<List, Fault> {
    let (app, t) = (visit.app, visit.texts());
    let index = app.areas()?;
    let mut heads = vec![
        t.area_code,
        t.households_village,
        t.households_no,
        t.member_relation,
        t.member_sex,
        t.member_birth,
    ];
    if is_named {
        heads.push(t.member_name);
    }
    let mut out = List::of_words(visit, About::Persons, &heads)?;
    each_subject(visit, run, scope, area, ("person", verdict), |found| {
        let ids: Vec<i64> = found.iter().map(|(_, id)| *id).collect();
        let persons = app.store.read(|conn| queries::persons(conn, scope, &ids))?;
        for person in persons {
            let row = person_row(visit, &index, &person);
            let birth =
                if is_named { &row.birth } else { row.birth.get(..4).unwrap_or(&row.birth) };
            let mut cells =
                vec![&*person.area_code, &row.village, &row.no, &row.relation, &row.sex, birth];
            if is_named {
                cells.push(&row.name);
            }
            out.line(&cells)?;
        }
        Ok(!out.is_full())
    })?;
    Ok(out)
}

/// Walks the subjects of a verdict page by page, while whoever takes them wants more.
fn each_subject(
    visit: &Visit<'_>,
    run: &RunInfo,
    scope: &Scope,
    area: AreaCode,
    (level, verdict): (&str, (usize, char)),
    mut take: impl FnMut(&[(String, i64)]) -> Result<bool, Fault>,
) -> Result<(), Fault> {
    let mut from = (String::new(), 0);
    loop {
        let page = (from.0.as_str(), from.1);
        let found = visit.app.store.read(|conn| {
            subjects(conn, scope, run.run.id, level, area, verdict, page, export::ROWS_AT_ONCE)
        })?;
        let Some(last) = found.last().cloned() else { return Ok(()) };
        if !take(&found)? {
            return Ok(());
        }
        from = last;
    }
}

/// What the report says of a fact, whatever the area.
fn definition(
    visit: &Visit<'_>,
    question: &Question,
    fact: &Fact,
) -> Result<Vec<(&'static str, String)>, Fault> {
    let (app, t, lang) = (visit.app, visit.texts(), visit.lang());
    let text = |text: &Option<Text>| {
        text.as_ref().map_or_else(|| "—".to_owned(), |text| text.get(lang).to_owned())
    };
    // The report that was written is about its own run.
    let of_run = question.run().map(|info| info.run.id.to_string());
    let report = app
        .newest
        .report(&app.store)?
        .filter(|report| question.is_newest() || report.provenance.run == of_run);
    let found = report.as_ref().and_then(|report| report.figure(&fact.id));
    Ok(vec![
        (t.report_definition, text(&fact.definition)),
        (t.report_denominator, text(&fact.denominator)),
        (t.report_published, text(&fact.published_text)),
        (
            t.report_computed,
            found.and_then(|figure| figure.shown(lang)).unwrap_or_else(|| "—".to_owned()),
        ),
        (
            t.report_verdict,
            found.map_or_else(
                || "—".to_owned(),
                |of| format!("{}: {}", of.verdict.text().get(lang), of.reason.get(lang)),
            ),
        ),
        (
            t.figure_source,
            found.map_or_else(|| fact.source.clone(), |of| of.source_text.get(lang).to_owned()),
        ),
    ])
}

#[derive(Template)]
#[template(path = "persons.html")]
struct PersonsTemplate<'a> {
    page: &'a Page,
    says: &'a str,
    verdict: &'static str,
    rule_head: Option<&'a str>,
    rows: Rows,
    export: String,
    asks_reason: bool,
}

/// What a list of persons is about.
struct Asked<'a> {
    clause: &'a Clause,
    area: AreaCode,
    scope: Scope,
    verdict: (usize, char),
}

/// The rule about persons and the verdict that the address names.
fn asked<'a>(visit: &Visit<'a>, run: Option<&RunInfo>) -> Result<Asked<'a>, Fault> {
    let app = visit.app;
    let scope = visit.chosen_area()?;
    let area = scope.area().unwrap_or(app.pack.area);
    let clause = app.pack.clause(visit.query("clause")).ok_or(Fault::NotFound)?;
    let sign = households::verdict_sign(visit.query("verdict")).ok_or(Fault::NotFound)?;
    let outcome = run.and_then(|run| run.clause(&clause.id));
    match outcome {
        Some(outcome) if clause.level == Level::Person => {
            Ok(Asked { clause, area, scope, verdict: (outcome.position, sign) })
        }
        _ => Err(Fault::NotFound),
    }
}

/// Persons with a verdict on a rule about persons.
pub(crate) fn persons(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let app = visit.app;
    let run = app.newest.run(&app.store)?;
    let run = run.as_ref().as_ref();
    let Asked { clause, area, scope, verdict } = asked(visit, run)?;
    let run = run.ok_or(Fault::NotFound)?;
    let rows = page_of(visit, run, &scope, area, Level::Person, verdict)?;
    let t = visit.texts();
    let page = Page::new(visit, Section::Targeting, t.persons_title).for_area(visit, area)?;
    let parameters = [
        ("area", area.as_str()),
        ("clause", visit.query("clause")),
        ("verdict", visit.query("verdict")),
    ];
    render(&PersonsTemplate {
        page: &page,
        says: clause.says.get(visit.lang()),
        verdict: households::Mark::of(t, Some(verdict.1)).word,
        rule_head: None,
        rows,
        export: with_query("/persons/export", &parameters),
        asks_reason: true,
    })
}

/// The same persons as a file; who took their names and why is recorded.
pub(crate) fn export_persons(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let app = visit.app;
    let run = app.newest.run(&app.store)?;
    let run = run.as_ref().as_ref();
    let Asked { clause, area, scope, verdict } = asked(visit, run)?;
    let run = run.ok_or(Fault::NotFound)?;
    let list = persons_file(visit, run, &scope, area, (verdict, true))?;
    let object = format!("persons {} {area}", clause.id);
    list.reply(visit, &format!("persons-{area}"), (&object, area))
}

fn qb_policy_level(name: &str) -> Option<Level> {
    match name {
        "household" => Some(Level::Household),
        "village" => Some(Level::Village),
        "person" => Some(Level::Person),
        _ => None,
    }
}

/// One keyset page of the subjects a verdict holds for.
fn page_of(
    visit: &Visit<'_>,
    run: &RunInfo,
    scope: &Scope,
    area: AreaCode,
    level: Level,
    verdict: (usize, char),
) -> Result<Rows, Fault> {
    let after = households::after(visit.query("after"))?;
    match level {
        Level::Household => household_rows(visit, run, scope, area, verdict, &after),
        Level::Person => person_rows(visit, run, scope, area, verdict, &after),
        Level::Village => village_rows(visit, run, scope, area, verdict, &after),
    }
}

/// One page of the rows that a query gives, counted from the first.
fn query_rows_of(
    visit: &Visit<'_>,
    question: &Question,
    (fact, area): (&Fact, AreaCode),
) -> Result<(Rows, bool), Fault> {
    let app = visit.app;
    let offset: usize = visit.place("after")?;
    let tables = question.tables(visit)?;
    let Some(tables) = tables.as_ref() else { return Ok((Rows::default(), false)) };
    let page = qb_engine::Page { offset, limit: LINES };
    let Some(found) = query_rows::rows_of(tables, &app.pack, fact, &area, &page)? else {
        return Ok((Rows::default(), false));
    };
    note_rows(visit, &fact.id, (area, &found))?;
    let query = shown_rows(visit, &found);
    let after = (offset + LINES).to_string();
    let next = match found.more {
        true => question.address(
            &visit.incoming.path,
            &[("area", visit.query("area")), ("after", after.as_str())],
        ),
        false => String::new(),
    };
    Ok((Rows { query, next, ..Rows::default() }, about(&found) == About::Persons))
}

/// Notes the households and persons of a query's rows before they are shown.
pub(crate) fn note_rows(
    visit: &Visit<'_>,
    object: &str,
    (area, found): (AreaCode, &RowPage),
) -> Result<(), Fault> {
    let at = |name: &str| found.columns.iter().position(|column| column.name == name);
    let [household, person] = PERSON_COLUMNS.map(at);
    if household.or(person).is_none() {
        return Ok(());
    }
    let id = |row: &[Value], at: Option<usize>| match at.and_then(|at| row.get(at)) {
        Some(Value::Number(number)) => number.to_string().parse::<i64>().ok(),
        _ => None,
    };
    let shown = found.rows.iter().filter_map(|row| {
        let (household, person) = (id(row, household), id(row, person));
        let row = household.or(person)?;
        Some(Shown { household, row, area: area.as_str(), persons: 1 })
    });
    visit.shows(object, &shown.collect::<Vec<_>>())
}

/// Rows of a query as a table shows them.
pub(crate) fn shown_rows(visit: &Visit<'_>, found: &RowPage) -> QueryRows {
    let lang = visit.lang();
    let heads = found.columns.iter().map(|column| {
        (query_rows::head(column).get(lang).to_owned(), query_rows::is_quantity(column))
    });
    let lines = found.rows.iter().map(|row| {
        let cells = found.columns.iter().zip(row);
        cells.map(|(column, value)| query_cell(visit, column, value)).collect()
    });
    QueryRows { heads: heads.collect(), lines: lines.collect() }
}

fn query_cell(visit: &Visit<'_>, column: &TableColumn, value: &Value) -> QueryCell {
    let (t, lang) = (visit.texts(), visit.lang());
    let cell = query_rows::cell(&visit.app.pack, column, value);
    let is_number = matches!(cell, Cell::Number(_));
    let text = match cell {
        Cell::Empty => "—".to_owned(),
        Cell::Text(text) => text,
        Cell::Label(label) => label.get(lang).to_owned(),
        Cell::Number(number) => qb_report::number::grouped(number),
        Cell::Bool(true) => t.yes.to_owned(),
        Cell::Bool(false) => t.no.to_owned(),
    };
    let href = match (column.name.as_str(), value) {
        ("area_code", Value::Text(code)) => format!("/areas/{code}"),
        ("household_id", Value::Number(id)) => format!("/households/{id}"),
        _ => String::new(),
    };
    QueryCell { text, href, is_number }
}

fn household_rows(
    visit: &Visit<'_>,
    run: &RunInfo,
    scope: &Scope,
    area: AreaCode,
    verdict: (usize, char),
    after: &Keyset,
) -> Result<Rows, Fault> {
    let app = visit.app;
    let filter = HouseholdFilter { verdict: Some(verdict), search: None };
    let found = app
        .store
        .read(|conn| queries::households(conn, scope, area, run.run.id, &filter, after, ASKED))?;
    households::note(visit, visit.param("id"), &found)?;
    let index = app.areas()?;
    let (t, lang) = (visit.texts(), visit.lang());
    let shown = found.iter().take(LINES);
    let lines: Vec<Line> =
        shown.map(|line| households::shown(&app.pack, &index, t, lang, line, None)).collect();
    let last = found.get(lines.len().wrapping_sub(1)).map(|l| (l.area_code.as_str(), l.id));
    let next = next(visit, found.len(), last);
    Ok(Rows { households: lines, next, ..Rows::default() })
}

fn person_rows(
    visit: &Visit<'_>,
    run: &RunInfo,
    scope: &Scope,
    area: AreaCode,
    verdict: (usize, char),
    after: &Keyset,
) -> Result<Rows, Fault> {
    let app = visit.app;
    let (ids, persons) = app.store.read(|conn| {
        let from = (after.area_code.as_str(), after.id);
        let ids = subjects(conn, scope, run.run.id, "person", area, verdict, from, ASKED)?;
        let only: Vec<i64> = ids.iter().take(LINES).map(|(_, id)| *id).collect();
        let persons = queries::persons(conn, scope, &only)?;
        Ok::<_, Fault>((ids, persons))
    })?;
    note_persons(visit, &persons)?;
    let index = app.areas()?;
    let rows = persons.iter().map(|person| person_row(visit, &index, person));
    let persons = rows.collect();
    let last = ids.get(LINES.wrapping_sub(1)).map(|(area, id)| (area.as_str(), *id));
    Ok(Rows { persons, next: next(visit, ids.len(), last), ..Rows::default() })
}

/// Notes persons before they are shown, by their households.
pub(crate) fn note_persons(visit: &Visit<'_>, persons: &[PersonLine]) -> Result<(), Fault> {
    let mut homes: BTreeMap<i64, (&str, i64)> = BTreeMap::new();
    for person in persons {
        homes.entry(person.household_id).or_insert((&person.area_code, 0)).1 += 1;
    }
    let shown = homes.into_iter().map(|(household, (area, persons))| Shown {
        household: Some(household),
        row: household,
        area,
        persons,
    });
    let object = [visit.param("id"), visit.query("clause")].concat();
    visit.shows(&object, &shown.collect::<Vec<_>>())
}

pub(crate) fn person_row(visit: &Visit<'_>, index: &AreaIndex, person: &PersonLine) -> PersonRow {
    let coded = |list, code: &Option<String>| {
        label_or_dash(&visit.app.pack, list, code.as_deref(), visit.lang()).to_owned()
    };
    PersonRow {
        name: person.name.clone(),
        sex: coded("sex", &person.sex),
        birth: person.birth_on.clone().unwrap_or_else(|| "—".to_owned()),
        relation: coded("relation", &person.relation),
        household: person.household_id,
        no: person.household_no.clone(),
        village: AreaCode::parse(&person.area_code)
            .map_or_else(|_| String::new(), |c| index.name(c)),
    }
}

fn village_rows(
    visit: &Visit<'_>,
    run: &RunInfo,
    scope: &Scope,
    area: AreaCode,
    verdict: (usize, char),
    after: &Keyset,
) -> Result<Rows, Fault> {
    let app = visit.app;
    let ids = app.store.read(|conn| {
        let from = (after.area_code.as_str(), after.id);
        subjects(conn, scope, run.run.id, "village", area, verdict, from, ASKED)
    })?;
    let index = app.areas()?;
    let link = |code: &str| {
        let code = AreaCode::parse(code).ok()?;
        let path = index.path_text(code.parent()?);
        Some(VillageLink { code: code.to_string(), name: index.name(code), path })
    };
    let villages = ids.iter().take(LINES).filter_map(|(code, _)| link(code)).collect();
    let last = ids.get(LINES.wrapping_sub(1)).map(|(area, id)| (area.as_str(), *id));
    Ok(Rows { villages, next: next(visit, ids.len(), last), ..Rows::default() })
}

fn next(visit: &Visit<'_>, found: usize, last: Option<(&str, i64)>) -> String {
    match last {
        Some((area, id)) if found > LINES => {
            let after = format!("{area}.{id}");
            let parameters = [
                ("area", visit.query("area")),
                ("clause", visit.query("clause")),
                ("verdict", visit.query("verdict")),
                ("after", after.as_str()),
            ];
            with_query(&visit.incoming.path, &parameters)
        }
        _ => String::new(),
    }
}
