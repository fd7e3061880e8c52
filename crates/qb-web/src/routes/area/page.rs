//! Areas: search, and the page of one area.

use askama::Template;
use qb_access::{Decision, Permission, decide};
use qb_base::{AreaCode, AreaLevel, Fen};
use qb_registry::model::LedgerLine;
use qb_registry::queries;

use crate::fault::Fault;
use crate::format::{MoneyUnit, count};
use crate::newest::{RunInfo, label};
use crate::page::{Page, Section, render};
use crate::panel::{self, Children, VerdictRow};
use crate::reply::Reply;
use crate::routes::area::life as area_life;
use crate::routes::rooms;
use crate::sheet::Table;
use crate::texts::{Texts, put};
use crate::visit::Visit;

/// Areas shown for one search.
const FOUND_MAX: usize = 20;

struct Found {
    code: String,
    path: String,
}

#[derive(Template)]
#[template(path = "areas.html")]
struct FindTemplate<'a> {
    page: &'a Page,
    found: Vec<Found>,
    empty: String,
}

#[derive(Template)]
#[template(path = "areas_found.html")]
struct FoundTemplate {
    found: Vec<Found>,
    empty: String,
}

/// Areas by name, pinyin, initials or code; as a list under the field when the field asks for it.
pub(crate) fn find(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (q, t) = (visit.query("q").trim(), visit.texts());
    let index = visit.app.areas()?;
    let found: Vec<Found> = index
        .find(visit.scope()?, q, FOUND_MAX)
        .into_iter()
        .map(|area| Found { code: area.code.to_string(), path: index.path_text(area.code) })
        .collect();
    let empty =
        if q.is_empty() { t.areas_prompt.to_owned() } else { put(t.areas_none, &[("q", q)]) };
    if visit.incoming.is_fragment {
        if q.is_empty() {
            return Ok(Reply::html(String::new()));
        }
        return render(&FoundTemplate { found, empty });
    }
    let mut page = Page::new(visit, Section::None, t.areas_title);
    q.clone_into(&mut page.area_query);
    render(&FindTemplate { page: &page, found, empty })
}

struct LedgerRow {
    item: String,
    amount: String,
    prior: String,
    one_off: String,
    evidence: String,
}

struct Ledger {
    year: String,
    unit: &'static str,
    rows: Vec<LedgerRow>,
}

#[derive(Template)]
#[template(path = "area.html")]
struct AreaTemplate<'a> {
    page: &'a Page,
    name: String,
    code: String,
    level: &'static str,
    households: String,
    people: String,
    statuses: Vec<(String, String)>,
    run_note: Option<String>,
    children: Children,
    is_village: bool,
    ledger: Option<Ledger>,
    ledger_missing: String,
    may_list: bool,
    lists: Vec<(String, String, String)>,
    rooms: Vec<(&'static str, String)>,
    /// Of one that ended: since when, and the page of the one that goes on.
    ended: Option<(String, String)>,
    /// Other names, and what it came of and went into.
    tables: Vec<Table>,
    may_keep: bool,
}

/// The page of one area: totals, verdicts, the areas below, and for a village its ledger.
pub(crate) fn show(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let code = AreaCode::parse(visit.param("code")).map_err(|_| Fault::NotFound)?;
    visit.reach(code)?;
    let (app, t) = (visit.app, visit.texts());
    let index = app.areas()?;
    if !index.contains(code) {
        return Err(Fault::NotFound);
    }
    let totals = app.newest.totals(&app.store)?;
    let run = app.newest.run(&app.store)?;
    let total = totals.of(code);
    let is_village = code.level() == AreaLevel::Village;
    let year = app.data_year()?.to_string();
    let name = index.name(code);
    let page = Page::new(visit, Section::Targeting, name.clone()).for_area(visit, code)?;
    let children = panel::children(visit, &totals, code)?;
    // The first two cells are households and people, which the strip shows by themselves.
    let statuses = children.status_heads.iter().zip(children.total.cells.iter().skip(2));
    render(&AreaTemplate {
        page: &page,
        name,
        code: code.to_string(),
        level: level_text(t, code.level()),
        households: count(total.households),
        people: count(total.people),
        statuses: statuses.map(|(head, n)| (head.clone(), n.text.clone())).collect(),
        run_note: run.as_ref().as_ref().map(|run| run_note(visit, run)),
        children,
        is_village,
        ledger: if is_village { ledger(visit, code)? } else { None },
        ledger_missing: put(t.ledger_none, &[("year", &year)]),
        may_list: may(visit, &qb_access::permission::LIST_HOUSEHOLDS),
        lists: rooms::lists_of_area(visit, code)?,
        rooms: rooms::rooms_of_area(visit, code),
        ended: area_life::ended(visit, code)?,
        tables: area_life::tables(visit, code)?,
        may_keep: may(visit, &qb_access::permission::KEEP_AREA),
    })
}

fn run_note(visit: &Visit<'_>, run: &RunInfo) -> String {
    let (date, pack) = (run.run.as_of.as_str(), visit.app.pack.title.get(visit.lang()));
    put(visit.texts().verdicts_note, &[("date", date), ("pack", pack)])
}

#[derive(Template)]
#[template(path = "verdicts.html")]
struct VerdictsTemplate<'a> {
    page: &'a Page,
    name: String,
    code: String,
    run_note: String,
    verdicts: Vec<VerdictRow>,
    may_list: bool,
}

#[derive(Template)]
#[template(path = "verdicts_table.html")]
struct VerdictsTable<'a> {
    page: &'a Page,
    verdicts: Vec<VerdictRow>,
    may_list: bool,
}

/// What every rule says of an area as a page; its table alone as a fragment.
pub(crate) fn verdicts(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let code = AreaCode::parse(visit.param("code")).map_err(|_| Fault::NotFound)?;
    visit.reach(code)?;
    let (app, t) = (visit.app, visit.texts());
    let index = app.areas()?;
    let run = app.newest.run(&app.store)?;
    let run = run.as_ref().as_ref().filter(|_| index.contains(code)).ok_or(Fault::NotFound)?;
    let verdicts = panel::verdicts(visit, run, code)?;
    let may_list = may(visit, &qb_access::permission::LIST_HOUSEHOLDS);
    let page = Page::new(visit, Section::Targeting, t.verdicts_title).for_area(visit, code)?;
    if visit.incoming.is_fragment {
        return render(&VerdictsTable { page: &page, verdicts, may_list });
    }
    render(&VerdictsTemplate {
        page: &page,
        name: index.name(code),
        code: code.to_string(),
        run_note: run_note(visit, run),
        verdicts,
        may_list,
    })
}

/// Whether the reader's role holds a permission in its own area.
fn may(visit: &Visit<'_>, permission: &Permission) -> bool {
    visit.reader().is_some_and(|viewer| {
        decide(permission, Some(&viewer.scope), Some(viewer.area)) == Decision::Allow
    })
}

fn ledger(visit: &Visit<'_>, code: AreaCode) -> Result<Option<Ledger>, Fault> {
    let scope = visit.scope()?;
    let found = visit.app.store.read(|conn| queries::village_ledger(conn, scope, code))?;
    let lang = visit.lang();
    Ok(found.map(|ledger| {
        let unit = MoneyUnit::for_largest(ledger.items.iter().map(|line| line.amount));
        let money = |amount: Option<Fen>| {
            amount.map_or_else(|| "—".to_owned(), |amount| unit.print(amount, lang))
        };
        let row = |line: &LedgerLine| LedgerRow {
            item: label(&visit.app.pack, "ledger_item", &line.item, lang).to_owned(),
            amount: unit.print(line.amount, lang),
            prior: money(line.amount_prior),
            one_off: money(line.one_off),
            evidence: line.evidence.clone().unwrap_or_else(|| "—".to_owned()),
        };
        Ledger {
            year: ledger.policy_year.to_string(),
            unit: unit.label(lang),
            rows: ledger.items.iter().map(row).collect(),
        }
    }))
}

const fn level_text(t: &'static Texts, level: AreaLevel) -> &'static str {
    match level {
        AreaLevel::Province => t.area_level_province,
        AreaLevel::City => t.area_level_city,
        AreaLevel::County => t.area_level_county,
        AreaLevel::Town => t.area_level_town,
        AreaLevel::Village => t.area_level_village,
    }
}
