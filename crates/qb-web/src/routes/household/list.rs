//! The table of households.

use askama::Template;
use qb_access::Scope;
use qb_base::{AreaCode, Lang};
use qb_policy::{ClauseKind, Level, Pack};
use qb_registry::model::{HouseholdFilter, HouseholdLine, Keyset};
use qb_registry::queries;
use qb_store::Conn;

use crate::areas::AreaIndex;
use crate::export::{self, About, List};
use crate::fault::Fault;
use crate::find::{self, FIND};
use crate::format::count;
use crate::newest::{RunInfo, label, label_or_dash};
use crate::page::{Page, Section, render};
use crate::question::{When, says_when};
use crate::reply::Reply;
use crate::seen::Shown;
use crate::texts::{Texts, put};
use crate::url::with_query;
use crate::visit::Visit;

/// Lines of one page.
pub(crate) const LINES: usize = 50;
/// The same with one more, which tells that a page follows.
pub(crate) const ASKED: i64 = qb_base::count(LINES + 1);
/// What the filters of the list are called in its address.
const FILTERS: [&str; 3] = ["area", "clause", "verdict"];
/// What a list of an earlier day is told by.
const OF_A_DAY: [&str; 3] = ["area", "as_of", "known_on"];

/// One line of the table.
pub(crate) struct Line {
    pub(crate) id: i64,
    pub(crate) no: String,
    pub(crate) head: String,
    pub(crate) village: String,
    pub(crate) members: String,
    pub(crate) class: String,
    pub(crate) cause: String,
    pub(crate) status: String,
    pub(crate) mark: Mark,
}

/// A verdict as a sign, a class and a word.
#[derive(Clone, Copy)]
pub(crate) struct Mark {
    pub(crate) sign: &'static str,
    pub(crate) class: &'static str,
    pub(crate) word: &'static str,
}

impl Mark {
    /// The mark of a stored verdict; nothing where there is none.
    pub(crate) fn of(t: &'static Texts, verdict: Option<char>) -> Self {
        match verdict {
            Some('1') => Self { sign: "✓", class: "true", word: t.verdict_true },
            Some('0') => Self { sign: "✗", class: "false", word: t.verdict_false },
            Some('?') => Self { sign: "?", class: "unknown", word: t.verdict_unknown },
            _ => Self { sign: "", class: "none", word: "" },
        }
    }
}

/// A choice of a list, and whether it is chosen.
pub(crate) struct Choice<'a> {
    pub(crate) value: &'a str,
    pub(crate) text: &'a str,
    pub(crate) is_chosen: bool,
}

#[derive(Template)]
#[template(path = "households.html")]
struct ListTemplate<'a> {
    page: &'a Page,
    total: String,
    area: &'a str,
    q: Option<&'a str>,
    rules: Vec<Choice<'a>>,
    verdicts: Vec<Choice<'a>>,
    is_filtered: bool,
    /// Whether the list is of another day than today, when nothing of it is filtered.
    is_known: bool,
    rule_head: Option<&'a str>,
    lines: Vec<Line>,
    next: String,
    first: String,
    export: String,
    asks_reason: bool,
}

/// What the address asks for.
struct Asked<'a> {
    clause: &'a str,
    verdict: &'a str,
    filter: HouseholdFilter,
    shown_position: Option<usize>,
}

/// One page of households of an area, filtered by rule, verdict, number or name.
pub(crate) fn list(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let scope = visit.chosen_area()?;
    let area = scope.area().unwrap_or(visit.app.pack.area);
    let app = visit.app;
    if let Some(when) = When::of(visit)? {
        return known(visit, &scope, area, &when);
    }
    let run = app.newest.run(&app.store)?;
    let asked = asked(visit, run.as_ref().as_ref())?;
    let after = after(visit.query("after"))?;
    let run_id = run_id(run.as_ref().as_ref());
    let found = app.store.read(|conn| {
        queries::households(conn, &scope, area, run_id, &asked.filter, &after, ASKED)
    })?;
    let total = total(visit, run.as_ref().as_ref(), &scope, area, &asked, &found, &after)?;
    note(visit, "households", &found)?;
    let next = next_page(visit, &found);
    let index = app.areas()?;
    let (t, lang) = (visit.texts(), visit.lang());
    let lines = found
        .iter()
        .take(LINES)
        .map(|line| shown(&app.pack, &index, t, lang, line, asked.shown_position))
        .collect();
    let page = Page::new(visit, Section::Register, t.households_title).for_area(visit, area)?;
    let clause = app.pack.clause(asked.clause);
    render(&ListTemplate {
        page: &page,
        total: put(t.households_count, &[("total", &count(total))]),
        area: area.as_str(),
        q: asked.filter.search.as_deref(),
        rules: rules(&app.pack, lang, asked.clause),
        verdicts: verdict_choices(t, asked.verdict),
        is_filtered: !asked.clause.is_empty() || asked.filter.search.is_some(),
        is_known: false,
        rule_head: clause.map(|clause| clause.says.get(lang)),
        lines,
        next,
        first: if after == Keyset::default() { String::new() } else { this_page(visit, "") },
        export: with_query(
            "/households/export",
            &["area", "clause", "verdict", FIND].map(|name| (name, visit.query(name))),
        ),
        asks_reason: true,
    })
}

/// One page of the households that an area had on a day, as was known then. How many there are in
/// all would cost a walk over them all, and is said where they are on one page.
fn known(visit: &Visit<'_>, scope: &Scope, area: AreaCode, when: &When) -> Result<Reply, Fault> {
    let app = visit.app;
    let after = after(visit.query("after"))?;
    let found = app.store.read(|conn| {
        let asked = (when.day, when.known(conn)?);
        Ok::<_, Fault>(queries::households_known(conn, scope, area, asked, &after, ASKED)?)
    })?;
    note(visit, "households", &found)?;
    let is_first = after == Keyset::default();
    let is_whole = is_first && found.len() <= LINES;
    let index = app.areas()?;
    let (t, lang) = (visit.texts(), visit.lang());
    let lines = found.iter().take(LINES);
    let lines = lines.map(|line| shown(&app.pack, &index, t, lang, line, None)).collect();
    let page = Page::new(visit, Section::Register, t.households_title).for_area(visit, area)?;
    let total = count(qb_base::count(found.len()));
    let address = |path: &str| with_query(path, &OF_A_DAY.map(|name| (name, visit.query(name))));
    render(&ListTemplate {
        page: &says_when(page, when.texts()),
        total: if is_whole { put(t.households_count, &[("total", &total)]) } else { String::new() },
        area: area.as_str(),
        q: None,
        rules: Vec::new(),
        verdicts: Vec::new(),
        is_filtered: false,
        is_known: true,
        rule_head: None,
        lines,
        next: next_page(visit, &found),
        first: if is_first { String::new() } else { address("/households") },
        export: address("/households/export"),
        asks_reason: true,
    })
}

/// Takes a search word that was posted to the list that shows what it finds.
pub(crate) fn search(visit: &Visit<'_>) -> Result<Reply, Fault> {
    find::redirect(visit, "/households", &FILTERS)
}

/// Notes the households of a page: each line names one person.
pub(crate) fn note(visit: &Visit<'_>, object: &str, found: &[HouseholdLine]) -> Result<(), Fault> {
    let lines = found.iter().take(LINES);
    let shown = lines.map(|line| Shown {
        household: Some(line.id),
        row: line.id,
        area: &line.area_code,
        persons: 1,
    });
    visit.shows(object, &shown.collect::<Vec<_>>())
}

/// The households that the filter lets through, as a file; whoever takes it says why.
pub(crate) fn export(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (app, scope) = (visit.app, visit.chosen_area()?);
    let area = scope.area().unwrap_or(app.pack.area);
    let head = |line: &mut Line| std::mem::take(&mut line.head);
    if let Some(when) = When::of(visit)? {
        let out = pages(visit, head, |conn, after| {
            let asked = (when.day, when.known(conn)?);
            let at_once = export::ROWS_AT_ONCE;
            Ok(queries::households_known(conn, &scope, area, asked, after, at_once)?)
        })?;
        let [as_of, known_on] = when.texts();
        let object = format!("households {area} as of {as_of} {known_on}");
        return out.reply(visit, &format!("households-{area}-{as_of}"), (object.trim(), area));
    }
    let run = app.newest.run(&app.store)?;
    let asked = asked(visit, run.as_ref().as_ref())?;
    let run_id = run_id(run.as_ref().as_ref());
    let out = file(visit, (&scope, area), (run_id, &asked.filter), head)?;
    let object = format!("households {area} {}", asked.clause);
    out.reply(visit, &format!("households-{area}"), (object.trim(), area))
}

/// Households as a list on its way out; `head` says what stands for the head's name.
pub(crate) fn file(
    visit: &Visit<'_>,
    (scope, area): (&Scope, AreaCode),
    (run, filter): (i64, &HouseholdFilter),
    head: impl Fn(&mut Line) -> String,
) -> Result<List, Fault> {
    pages(visit, head, |conn, after| {
        let at_once = export::ROWS_AT_ONCE;
        Ok(queries::households(conn, scope, area, run, filter, after, at_once)?)
    })
}

/// A list of households on its way out, page by page.
fn pages(
    visit: &Visit<'_>,
    head: impl Fn(&mut Line) -> String,
    read: impl Fn(&Conn, &Keyset) -> Result<Vec<HouseholdLine>, Fault>,
) -> Result<List, Fault> {
    let (app, t) = (visit.app, visit.texts());
    let index = app.areas()?;
    let heads = [
        (t.households_no, false),
        (t.households_head, false),
        (t.households_village, false),
        (t.households_members, true),
        (t.households_class, false),
        (t.households_cause, false),
        (t.households_status, false),
    ];
    let mut out = List::new(visit, About::Persons, &heads)?;
    let mut after = Keyset::default();
    while !out.is_full() {
        let found = app.store.read(|conn| read(conn, &after))?;
        let Some(last) = found.last() else { break };
        after = Keyset { area_code: last.area_code.clone(), id: last.id };
        for line in &found {
            let mut row = shown(&app.pack, &index, t, visit.lang(), line, None);
            let name = head(&mut row);
            out.line(&[row.no, name, row.village, row.members, row.class, row.cause, row.status])?;
        }
    }
    Ok(out)
}

fn asked<'a>(visit: &Visit<'a>, run: Option<&RunInfo>) -> Result<Asked<'a>, Fault> {
    let clause = visit.query("clause");
    let verdict = visit.query("verdict");
    let position = run.and_then(|run| run.clause(clause)).map(|outcome| outcome.position);
    let search = find::word(visit)?;
    let filter = HouseholdFilter {
        verdict: position.zip(verdict_sign(verdict)),
        search: (!search.is_empty()).then_some(search),
    };
    Ok(Asked { clause, verdict, filter, shown_position: position })
}

/// The stored sign of a verdict in an address.
pub(crate) fn verdict_sign(verdict: &str) -> Option<char> {
    match verdict {
        "true" => Some('1'),
        "false" => Some('0'),
        "unknown" => Some('?'),
        _ => None,
    }
}

/// The number of a run, as lists ask for its verdicts.
fn run_id(run: Option<&RunInfo>) -> i64 {
    // Runs are numbered from 1: before the first there is no verdict to find.
    run.map_or(0, |run| run.run.id)
}

/// How many households there are in all; from what is kept in memory where that is possible.
fn total(
    visit: &Visit<'_>,
    run: Option<&RunInfo>,
    scope: &Scope,
    area: AreaCode,
    asked: &Asked<'_>,
    found: &[HouseholdLine],
    after: &Keyset,
) -> Result<i64, Fault> {
    let app = visit.app;
    let is_whole = *after == Keyset::default() && found.len() <= LINES;
    if is_whole {
        return Ok(found.len() as i64);
    }
    match (&asked.filter.search, asked.filter.verdict, run) {
        (None, None, _) => Ok(app.newest.totals(&app.store)?.of(area).households),
        (None, Some((_, sign)), Some(run)) => {
            let outcomes = app.store.read(|conn| {
                qb_targeting::queries::clauses_of_area(conn, scope, run.run.id, area)
            })?;
            let outcome = outcomes.into_iter().find(|outcome| outcome.clause == asked.clause);
            // An area without households has no row of outcomes.
            let Some(outcome) = outcome else { return Ok(0) };
            Ok(match sign {
                '1' => outcome.n_true,
                '0' => outcome.n_false,
                _ => outcome.n_unknown,
            })
        }
        _ => {
            let run_id = run_id(run);
            Ok(app
                .store
                .read(|conn| queries::household_count(conn, scope, area, run_id, &asked.filter))?)
        }
    }
}

/// Reads `AREA.ID`, the place after which a page begins; without one it begins at the first row.
pub(crate) fn after(text: &str) -> Result<Keyset, Fault> {
    if text.is_empty() {
        return Ok(Keyset::default());
    }
    let parsed = text.split_once('.').and_then(|(area, id)| {
        Some(Keyset { area_code: AreaCode::parse(area).ok()?.to_string(), id: id.parse().ok()? })
    });
    parsed.ok_or(Fault::Unreadable)
}

fn next_page(visit: &Visit<'_>, found: &[HouseholdLine]) -> String {
    // One more than a page was asked for: where it came, another page follows.
    let Some([.., last, _]) = found.get(..=LINES) else { return String::new() };
    this_page(visit, &format!("{}.{}", last.area_code, last.id))
}

/// This page's address with another place to begin.
pub(crate) fn this_page(visit: &Visit<'_>, after: &str) -> String {
    let names = ["area", "clause", "verdict", "as_of", "known_on", FIND];
    let mut parameters: Vec<(&str, &str)> =
        names.iter().map(|name| (*name, visit.query(name))).collect();
    parameters.push(("after", after));
    with_query(&visit.incoming.path, &parameters)
}

/// A line as the table shows it.
pub(crate) fn shown(
    pack: &Pack,
    index: &AreaIndex,
    t: &'static Texts,
    lang: Lang,
    line: &HouseholdLine,
    position: Option<usize>,
) -> Line {
    let village = AreaCode::parse(&line.area_code);
    let status = label_or_dash(pack, "exit_status", line.exit_status.as_deref(), lang);
    Line {
        id: line.id,
        no: line.household_no.clone(),
        head: line.head_name.clone().unwrap_or_else(|| "—".to_owned()),
        village: village.map_or_else(|_| line.area_code.clone(), |code| index.name(code)),
        members: line.member_count.map_or_else(|| "—".to_owned(), |n| n.to_string()),
        class: label_or_dash(pack, "household_class", line.household_class.as_deref(), lang)
            .to_owned(),
        cause: label_or_dash(pack, "cause", line.cause_main.as_deref(), lang).to_owned(),
        status: match line.exit_year {
            Some(year) => format!("{status} {year}"),
            None => status.to_owned(),
        },
        mark: Mark::of(
            t,
            position.and_then(|at| line.verdicts.as_bytes().get(at)).map(|b| char::from(*b)),
        ),
    }
}

fn rules<'a>(pack: &'a Pack, lang: Lang, chosen: &str) -> Vec<Choice<'a>> {
    pack.clauses
        .iter()
        .filter(|clause| clause.level == Level::Household && clause.kind == ClauseKind::Verdict)
        .map(|clause| Choice {
            value: &clause.id,
            text: clause.says.get(lang),
            is_chosen: clause.id == chosen,
        })
        .collect()
}

/// The three verdicts as choices.
pub(crate) fn verdict_choices(t: &'static Texts, chosen: &str) -> Vec<Choice<'static>> {
    [("true", t.verdict_true), ("false", t.verdict_false), ("unknown", t.verdict_unknown)]
        .into_iter()
        .map(|(value, text)| Choice { value, text, is_chosen: value == chosen })
        .collect()
}

/// The label of a household's status, for other pages.
pub(crate) fn status_text(
    pack: &Pack,
    lang: Lang,
    status: Option<&str>,
    year: Option<i64>,
) -> String {
    let status = status.map_or("—", |status| label(pack, "exit_status", status, lang));
    year.map_or_else(|| status.to_owned(), |year| format!("{status} {year}"))
}
