//! What an area is called besides, what it came of and what it went into: shown on its page, kept
//! up on a page of its own, and confirmed there by a second person.

use std::collections::HashMap;

use qb_access::permission::{DECIDE_AREA, KEEP_AREA};
use qb_access::{Decision, Permission};
use qb_base::{AreaCode, AreaLevel, Date, Text};
use qb_registry::areas::alias::{self, Alias, Naming};
use qb_registry::areas::merger::{self, Keeper, Merger, MergerState, Stating, WantedMergers};

use crate::actor;
use crate::areas::AreaIndex;
use crate::fault::Fault;
use crate::format::count;
use crate::page::{Page, Section};
use crate::reply::Reply;
use crate::sheet::{self, Cell, Field, Form, Sheet, Table};
use crate::texts::put;
use crate::visit::Visit;

/// Fields of the forms.
const NAME: &str = "name";
const SOURCE: &str = "source";
const ALIAS: &str = "alias";
const INTO: &str = "into";
const INTO_CODE: &str = "into_code";
const DAY: &str = "on";
const PAPER: &str = "paper";
const REASON: &str = "reason";

/// What is known of an area's names and of what it came of.
struct Life {
    aliases: Vec<Alias>,
    mergers: Vec<Merger>,
    names: HashMap<String, String>,
}

impl Life {
    fn read(visit: &Visit<'_>, area: AreaCode) -> Result<Self, Fault> {
        let (lang, scope) = (visit.lang(), visit.reach(area)?);
        visit.app.store.read(|conn| {
            let aliases = alias::list(conn, &scope, None)?;
            let mergers = merger::list(conn, &scope, WantedMergers::default())?;
            let actors = aliases.iter().map(|alias| alias.recorded_by.as_str());
            let stated = mergers.iter().map(|merger| merger.stated_by.as_str());
            let decided = mergers.iter().filter_map(|merger| merger.decided_by.as_deref());
            let names = actor::names(conn, lang, actors.chain(stated).chain(decided))?;
            Ok(Self { aliases, mergers, names })
        })
    }

    fn actor(&self, actor: &str) -> String {
        // Whoever acted has a name, if only the one the store knows.
        self.names.get(actor).map_or_else(|| actor.to_owned(), Clone::clone)
    }
}

/// The tables on the page of an area; those without lines are left out.
pub(crate) fn tables(visit: &Visit<'_>, area: AreaCode) -> Result<Vec<Table>, Fault> {
    let life = Life::read(visit, area)?;
    let index = visit.app.areas()?;
    let mut tables = vec![
        name_table(visit, &index, &life),
        merger_table(visit, (&index, &life), life.mergers.iter()),
    ];
    tables.retain(|table| !table.lines.is_empty());
    Ok(tables)
}

/// Since when an area is no more and which one took over, as its page says; with where that is.
pub(crate) fn ended(visit: &Visit<'_>, area: AreaCode) -> Result<Option<(String, String)>, Fault> {
    let index = visit.app.areas()?;
    Ok(index.end(area).map(|end| {
        let into = index.goes_on(area);
        let values =
            [("area", &*index.name(area)), ("on", &end.on), ("into", &*index.path_text(into))];
        (put(visit.texts().place_ended, &values), format!("/areas/{into}"))
    }))
}

/// Mergers that wait for somebody to confirm them, for those who may.
pub(crate) fn waiting(visit: &Visit<'_>) -> Result<Table, Fault> {
    if !visit.may(&DECIDE_AREA) {
        return Ok(Table::default());
    }
    let life = Life::read_own(visit)?;
    let index = visit.app.areas()?;
    let waits = life.mergers.iter().filter(|merger| merger.state == MergerState::Stated);
    let table = merger_table(visit, (&index, &life), waits);
    let href = format!("/areas/{}/life", visit.viewer()?.area);
    Ok(Table { id: "area_mergers", title: visit.texts().place_waiting.to_owned(), href, ..table })
}

impl Life {
    /// Of the whole area that the reader answers for.
    fn read_own(visit: &Visit<'_>) -> Result<Self, Fault> {
        let (lang, scope) = (visit.lang(), visit.scope()?);
        visit.app.store.read(|conn| {
            let of = WantedMergers { area: None, state: Some(MergerState::Stated) };
            let mergers = merger::list(conn, scope, of)?;
            let stated = mergers.iter().map(|merger| merger.stated_by.as_str());
            let names = actor::names(conn, lang, stated)?;
            Ok(Self { aliases: Vec::new(), mergers, names })
        })
    }
}

fn name_table(visit: &Visit<'_>, index: &AreaIndex, life: &Life) -> Table {
    let t = visit.texts();
    let heads =
        [t.place_name, t.place_means, t.place_since, t.place_until, t.place_source, t.event_who];
    let mut table = Table::new("names", t.place_names, &heads, t.place_names_none);
    let line = |alias: &Alias| {
        vec![
            Cell::text(&alias.name),
            place(index, &alias.means),
            Cell::whole(&alias.since_on),
            Cell::whole(alias.until_on.as_deref().unwrap_or("—")),
            Cell::text(&alias.source),
            Cell::text(life.actor(&alias.recorded_by)),
        ]
    };
    table.lines = life.aliases.iter().map(line).collect();
    table
}

fn merger_table<'m>(
    visit: &Visit<'_>,
    (index, life): (&AreaIndex, &Life),
    mergers: impl Iterator<Item = &'m Merger>,
) -> Table {
    let (t, lang) = (visit.texts(), visit.lang());
    let heads = [
        t.place_number,
        t.place_parts,
        t.place_into,
        t.place_on,
        t.place_source,
        t.place_state,
        &format!("#{}", t.place_households),
        t.place_stated_by,
        t.place_decided_by,
    ];
    let mut table = Table::new("mergers", t.place_mergers, &heads, t.place_mergers_none);
    let line = |merger: &Merger| {
        // One area has a page to go to, several are named.
        let parts = match merger.parts.as_slice() {
            [one] => place(index, one),
            several => Cell::text(named(index, several, t.list_comma)),
        };
        let class = match merger.state {
            MergerState::Stated => "is-open",
            MergerState::Decided => "is-good",
            MergerState::Rejected | MergerState::Undone => "",
        };
        vec![
            Cell::whole(merger.id.to_string()),
            parts,
            place(index, &merger.into),
            Cell::whole(&merger.happened_on),
            Cell::text(&merger.paper),
            Cell::tag(merger.state.label().get(lang), class),
            Cell::number(count(merger.households())),
            Cell::text(life.actor(&merger.stated_by)),
            Cell::text(
                merger.decided_by.as_deref().map_or_else(|| "—".to_owned(), |by| life.actor(by)),
            ),
        ]
    };
    table.lines = mergers.map(line).collect();
    table
}

/// An area with its page; its code where nobody has a name for it.
fn place(index: &AreaIndex, code: &str) -> Cell {
    match AreaCode::parse(code) {
        Ok(area) => Cell::link(index.name(area), format!("/areas/{area}")),
        Err(_) => Cell::text(code),
    }
}

fn named(index: &AreaIndex, codes: &[String], comma: &str) -> String {
    let name = |code: &String| {
        AreaCode::parse(code).map_or_else(|_| code.clone(), |area| index.name(area))
    };
    codes.iter().map(name).collect::<Vec<_>>().join(comma)
}

/// The page on which names and mergers are kept up.
pub(crate) fn show(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let area = area(visit)?;
    let (index, t) = (visit.app.areas()?, visit.texts());
    let life = Life::read(visit, area)?;
    let title = put(t.place_of, &[("area", &index.name(area))]);
    let page = Page::new(visit, Section::Targeting, title.clone()).for_area(visit, area)?;
    let mut forms = Vec::new();
    if may(visit, &KEEP_AREA, area) && index.end(area).is_none() {
        forms.extend(keeping(visit, &index, &life, area));
    }
    if visit.may(&DECIDE_AREA) {
        forms.extend(life.mergers.iter().flat_map(|one| deciding(visit, &index, one, area)));
    }
    let tables = vec![
        name_table(visit, &index, &life),
        merger_table(visit, (&index, &life), life.mergers.iter()),
    ];
    let links = vec![(index.name(area), format!("/areas/{area}"))];
    let lead = match ended(visit, area)? {
        Some((said, _)) => said,
        None => t.place_lead.to_owned(),
    };
    sheet::show(visit, &page, Sheet { title, lead, links, tables, forms, ..Sheet::default() })
}

/// Forms for a name and a merger of the area itself.
fn keeping(visit: &Visit<'_>, index: &AreaIndex, life: &Life, area: AreaCode) -> Vec<Form> {
    let t = visit.texts();
    let form = |title: &'static str, lead: String, step: &str, fields, submit| Form {
        title: title.to_owned(),
        lead,
        action: format!("/areas/{area}/{step}"),
        fields,
        submit,
    };
    let name = index.name(area);
    let mut forms = Vec::new();
    if area.level() != AreaLevel::Province && may_above(visit, area) {
        let fields = vec![Field::words(NAME, t.place_name), Field::words(SOURCE, t.place_source)];
        let lead = put(t.place_add_lead, &[("area", &name)]);
        forms.push(form(t.place_add, lead, "names", fields, t.place_add));
    }
    let own = area.to_string();
    let kept = life.aliases.iter().filter(|one| one.until_on.is_none() && one.means == own);
    let kept: Vec<_> = kept.map(|one| (one.id.to_string(), one.name.clone())).collect();
    if !kept.is_empty() {
        let which = Field { options: kept, ..choice(ALIAS, t.place_name) };
        let fields = vec![which, Field::words(REASON, t.place_reason)];
        forms.push(form(t.place_end, String::new(), "names/end", fields, t.place_end_do));
    }
    if matches!(area.level(), AreaLevel::Village | AreaLevel::Town) {
        let beside = area.parent().map(|above| index.children(above));
        let beside = beside.into_iter().flatten().filter(|one| one.code != area);
        let mut options = vec![(String::new(), "—".to_owned())];
        options.extend(beside.map(|one| (one.code.to_string(), one.name.clone())));
        let code =
            Field { name: INTO_CODE, label: t.place_into_code.to_owned(), ..Field::default() };
        let fields = vec![
            Field { options, ..choice(INTO, t.place_into) },
            code,
            Field::words(DAY, t.place_day),
            Field::words(PAPER, t.place_paper),
        ];
        let lead = put(t.place_merge_lead, &[("area", &name)]);
        forms.push(form(t.place_merge, lead, "mergers", fields, t.place_merge));
    }
    forms
}

fn choice(name: &'static str, label: &str) -> Field {
    Field { name, label: label.to_owned(), ..Field::default() }
}

/// Forms for what the reader may decide about a merger.
fn deciding(visit: &Visit<'_>, index: &AreaIndex, merger: &Merger, area: AreaCode) -> Vec<Form> {
    let t = visit.texts();
    let codes = merger.parts.iter().chain([&merger.into]).map(|code| AreaCode::parse(code));
    let answers_for_all =
        codes.into_iter().all(|code| code.is_ok_and(|code| may(visit, &DECIDE_AREA, code)));
    if !answers_for_all {
        return Vec::new();
    }
    let id = merger.id.to_string();
    let form = |title: &str, lead: String, step: &str, fields, submit| Form {
        title: put(title, &[("id", &id)]),
        lead,
        action: format!("/areas/{area}/mergers/{id}/{step}"),
        fields,
        submit,
    };
    let reason = || vec![Field::words(REASON, t.place_reason)];
    match merger.state {
        MergerState::Stated => {
            let is_own = visit.reader().is_some_and(|one| one.actor() == merger.stated_by);
            let into = named(index, std::slice::from_ref(&merger.into), "");
            let values = [
                ("parts", &*named(index, &merger.parts, t.list_comma)),
                ("on", &merger.happened_on),
                ("into", &into),
                ("paper", &merger.paper),
            ];
            let lead = put(t.place_confirm_lead, &values);
            let confirm = (!is_own)
                .then(|| form(t.place_confirm, lead, "confirm", Vec::new(), t.place_confirm_do));
            let back = form(t.place_back, String::new(), "undo", reason(), t.place_back_do);
            confirm.into_iter().chain([back]).collect()
        }
        MergerState::Decided => {
            let lead = t.place_undo_lead.to_owned();
            vec![form(t.place_undo, lead, "undo", reason(), t.place_undo_do)]
        }
        MergerState::Rejected | MergerState::Undone => Vec::new(),
    }
}

/// Gives the area another name.
pub(crate) fn name(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let area = area(visit)?;
    let naming =
        Naming { under: None, name: visit.form(NAME), means: area, source: visit.form(SOURCE) };
    alias::add(&visit.app.store, &naming, &keeper(visit)?)?;
    Ok(back(visit, area))
}

/// Ends another name of the area.
pub(crate) fn end_name(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let area = area(visit)?;
    let id = visit.form(ALIAS).parse().map_err(|_| Fault::NotFound)?;
    alias::end(&visit.app.store, id, (&keeper(visit)?, visit.form(REASON)))?;
    Ok(back(visit, area))
}

/// States that the area goes into another.
pub(crate) fn state(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let area = area(visit)?;
    let day = visit.form(DAY).trim();
    let on: Date = day.parse().map_err(|_| Fault::Unusable(NO_DAY.fill(&[("day", day)])))?;
    let typed = visit.form(INTO_CODE).trim();
    let into = if typed.is_empty() { visit.form(INTO) } else { typed };
    let into = AreaCode::parse(into).map_err(|_| Fault::Unusable(NO_INTO))?;
    let parts = [area];
    let stating = Stating { parts: &parts, into, on, paper: visit.form(PAPER), reason: "" };
    merger::state(&visit.app.store, &stating, &keeper(visit)?)?;
    Ok(back(visit, area))
}

/// Confirms a merger, undoes it, or takes it back.
pub(crate) fn decide(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (area, id, who) = (area(visit)?, visit.param_id("id")?, keeper(visit)?);
    let store = &visit.app.store;
    match visit.param("step") {
        "confirm" => merger::confirm(store, id, (&who, visit.form(REASON)))?,
        "undo" => merger::undo(store, id, (&who, visit.form(REASON)))?,
        _ => return Err(Fault::NotFound),
    };
    qb_settle::settle(store, &visit.app.pack, &who.actor)?;
    Ok(back(visit, area))
}

const NO_DAY: Text = Text::fixed(
    "生效日“{day}”不是日期；请写如 2016-06-01",
    "“{day}” is no day; write it such as 2016-06-01",
);
const NO_INTO: Text = Text::fixed(
    "没有选承接的地区，或代码不对；请选一个，或填它的代码",
    "no area that goes on was chosen, or its code is wrong; choose one, or write its code",
);

/// The page again, with what was just done.
fn back(visit: &Visit<'_>, area: AreaCode) -> Reply {
    visit.app.newest.clock.forget();
    Reply::redirect(format!("/areas/{area}/life"))
}

/// The area of the address, if the reader may reach it.
fn area(visit: &Visit<'_>) -> Result<AreaCode, Fault> {
    let code = AreaCode::parse(visit.param("code")).map_err(|_| Fault::NotFound)?;
    visit.reach(code)?;
    if visit.app.areas()?.contains(code) { Ok(code) } else { Err(Fault::NotFound) }
}

fn keeper(visit: &Visit<'_>) -> Result<Keeper, Fault> {
    let viewer = visit.viewer()?;
    Ok(Keeper { actor: viewer.actor(), scope: viewer.scope.clone() })
}

/// Whether the reader holds a permission in an area.
fn may(visit: &Visit<'_>, permission: &Permission, area: AreaCode) -> bool {
    let decision = |scope| qb_access::decide(permission, Some(scope), Some(area));
    visit.reader().is_some_and(|one| decision(&one.scope) == Decision::Allow)
}

/// Whether the reader keeps areas in the one above too, where names hold.
fn may_above(visit: &Visit<'_>, area: AreaCode) -> bool {
    area.parent().is_some_and(|above| may(visit, &KEEP_AREA, above))
}
