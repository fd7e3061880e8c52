//! Events of the register: what waits for the reader, what one says beside what is known, and
//! accepting, rejecting or undoing it.

use std::collections::HashMap;

use askama::Template;
use qb_access::permission::{DECIDE_EVENT, LIST_EVENTS, STATE_EVENT};
use qb_access::{Reveal, Scope};
use qb_base::{AreaCode, Timestamp, mask};
use qb_intake::events::{
    self, Decider, Doubt, Effect, Event, EventRules, EventState, Step, Wanted, may_take,
};
use qb_policy::{Column, ColumnKind, Layout, LayoutTarget};
use qb_registry::model::{Household, Member};
use qb_registry::queries;
use qb_store::StoreError;

use super::household;
use crate::actor;
use crate::chain::label;
use crate::fault::Fault;
use crate::format::yuan;
use crate::page::{Page, Section, render};
use crate::reply::Reply;
use crate::sheet::{Cell, Table};
use crate::texts::put;
use crate::url::with_query;
use crate::visit::Visit;

/// Events shown at once.
const LINES: usize = 50;
/// Events of a household that its page shows.
const OF_HOUSEHOLD: i64 = 20;
/// The field that names the events of a batch.
const CHOSEN: &str = "event";
/// States in the order of the tabs; the first is shown where none is asked for.
const STATES: [EventState; 4] =
    [EventState::Proposed, EventState::Applied, EventState::Rejected, EventState::Undone];

/// What one column says before an event and by it.
struct Side {
    what: String,
    before: String,
    after: String,
}

struct Line {
    id: i64,
    kind: String,
    household: String,
    number: String,
    place: String,
    happened_on: String,
    sides: Vec<Side>,
    doubt: Option<String>,
    by: String,
    may_accept: bool,
}

struct Tab {
    label: String,
    href: String,
    is_here: bool,
}

#[derive(Template)]
#[template(path = "events.html")]
struct EventsTemplate<'a> {
    page: &'a Page,
    tabs: Vec<Tab>,
    lines: Vec<Line>,
    /// Whether something among the lines can be accepted.
    may_accept: bool,
    area: &'a str,
    next: Option<String>,
}

struct Deed {
    submit: &'static str,
    to: String,
    lead: &'static str,
    is_main: bool,
}

#[derive(Template)]
#[template(path = "event.html")]
struct EventTemplate<'a> {
    page: &'a Page,
    kind: String,
    state: &'a str,
    household: String,
    number: &'a str,
    place: String,
    facts: Vec<(&'static str, String)>,
    sides: Vec<Side>,
    steps: Vec<[String; 4]>,
    deeds: Vec<Deed>,
    /// Why the reader cannot decide, where nothing can be done.
    why_not: Option<String>,
    /// The event that waits next.
    next: Option<i64>,
}

/// The reader as somebody who decides.
pub(super) fn decider(visit: &Visit<'_>) -> Result<Decider, Fault> {
    let viewer = visit.viewer()?;
    let scope = visit.scope()?.clone();
    Ok(Decider { actor: viewer.actor(), role: Some(viewer.role), scope })
}

/// The rules of the pack about events.
pub(super) fn rules<'a>(visit: &Visit<'a>) -> Result<&'a EventRules, Fault> {
    visit.app.event_rules()
}

/// The register's file, whose columns events state.
pub(super) fn layout<'a>(visit: &Visit<'a>) -> Result<&'a Layout, Fault> {
    let layouts = &visit.app.pack.layouts;
    let register = layouts.iter().find(|layout| layout.target == LayoutTarget::Register);
    register.ok_or(Fault::NotFound)
}

/// Events of the reader's area by how far they are, the newest first.
pub(crate) fn list(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (app, t) = (visit.app, visit.texts());
    let asked = visit.query("state").to_ascii_uppercase();
    let state = match asked.as_str() {
        "" => EventState::Proposed,
        word => EventState::parse(word).ok_or(Fault::NotFound)?,
    };
    let scope = visit.chosen_area()?;
    let before: i64 = visit.place("before")?;
    let wanted = Wanted {
        state: Some(state),
        household: None,
        before: (before > 0).then_some(before),
        limit: qb_base::count(LINES + 1),
    };
    let found = app.store.read(|conn| events::list(conn, &scope, wanted))?;
    let shown = &found[..found.len().min(LINES)];
    let lines = lines(visit, &scope, shown)?;
    let page = Page::new(visit, Section::Todo, t.events_title);
    let address = |state: &str, before: i64| {
        let before = if before > 0 { before.to_string() } else { String::new() };
        with_query(
            "/events",
            &[("state", state), ("area", visit.query("area")), ("before", &before)],
        )
    };
    let code = state.code().to_ascii_lowercase();
    render(&EventsTemplate {
        page: &page,
        tabs: STATES
            .into_iter()
            .map(|one| Tab {
                label: one.label().get(visit.lang()).to_owned(),
                href: address(&one.code().to_ascii_lowercase(), 0),
                is_here: one == state,
            })
            .collect(),
        may_accept: lines.iter().any(|line| line.may_accept),
        lines,
        area: visit.query("area"),
        next: match shown.last() {
            Some(last) if found.len() > LINES => Some(address(&code, last.id)),
            _ => None,
        },
    })
}

fn lines(visit: &Visit<'_>, scope: &Scope, found: &[Event]) -> Result<Vec<Line>, Fault> {
    let (app, lang) = (visit.app, visit.lang());
    let (rules, who, index) = (rules(visit)?, decider(visit)?, app.areas()?);
    let actors = found.iter().map(|event| event.proposed_by.as_str());
    let names = app.store.read(|conn| actor::names(conn, lang, actors))?;
    let may = visit.may(&DECIDE_EVENT);
    let each = found.iter().map(|event| {
        let household = app.store.read(|conn| queries::household(conn, scope, event.household))?;
        household::note(visit, &household)?;
        let can = may && event.state == EventState::Proposed;
        Ok(Line {
            id: event.id,
            kind: rules.label(event).get(lang).to_owned(),
            household: format!("/households/{}", event.household),
            number: event.household_no.clone(),
            place: AreaCode::parse(&event.area)
                .map(|area| index.name(area))
                .map_err(|_| Fault::NotFound)?,
            happened_on: event.happened_on.clone(),
            sides: sides(visit, event, &household)?,
            doubt: doubt(visit, event),
            by: names.get(&event.proposed_by).unwrap_or(&event.proposed_by).clone(),
            may_accept: can && may_take(rules, event, Step::Accept, &who).is_none(),
        })
    });
    each.collect()
}

fn doubt(visit: &Visit<'_>, event: &Event) -> Option<String> {
    event.doubt.map(|doubt| doubt.label().get(visit.lang()).to_owned())
}

/// What is known and what the event says, next to each other.
fn sides(visit: &Visit<'_>, event: &Event, household: &Household) -> Result<Vec<Side>, Fault> {
    let (t, lang, pack) = (visit.texts(), visit.lang(), &visit.app.pack);
    let dash = || "—".to_owned();
    let relation = |code: &Option<String>| match code {
        Some(code) => label(pack, "relation", code, lang).to_owned(),
        None => dash(),
    };
    let name = |id: Option<i64>| named(visit, household, id);
    let one = |what: &str, before: String, after: String| {
        vec![Side { what: what.to_owned(), before, after }]
    };
    Ok(match event.effect {
        Effect::Move => {
            let index = visit.app.areas()?;
            let place = |code: &Option<String>| {
                let area = code.as_deref().and_then(|code| AreaCode::parse(code).ok());
                area.map_or_else(dash, |area| index.path_text(area))
            };
            one(t.event_place, place(&event.area_before), place(&event.area_after))
        }
        Effect::HeadChange => {
            let mut sides = one(t.event_head, name(event.other)?, name(event.person)?);
            if event.other.is_some() {
                let (before, after) = (relation(&event.other_before), relation(&event.other_after));
                sides.extend(one(&name(event.other)?, before, after));
            }
            sides
        }
        Effect::Left => one(&name(event.person)?, relation(&event.relation_before), dash()),
        Effect::Return => one(&name(event.person)?, dash(), relation(&event.relation_after)),
        Effect::Join | Effect::Change => filled_in(visit, event, household)?,
    })
}

/// The name of somebody of the household, or of somebody who left it.
fn named(visit: &Visit<'_>, household: &Household, id: Option<i64>) -> Result<String, Fault> {
    let Some(id) = id else { return Ok("—".to_owned()) };
    if let Some(member) = household.members.iter().find(|member| member.person_id == id) {
        return Ok(member.name.clone());
    }
    let scope = visit.scope()?;
    let former = |conn: &_| queries::former_members(conn, scope, household.id);
    let former = visit.app.store.read(former)?;
    let found = former.into_iter().find(|former| former.person_id == id);
    Ok(found.map_or_else(|| "—".to_owned(), |former| former.name))
}

/// What a person filled in beside what is known.
fn filled_in(visit: &Visit<'_>, event: &Event, household: &Household) -> Result<Vec<Side>, Fault> {
    let (app, scope) = (visit.app, visit.scope()?);
    let stated = events::filled_in(&app.store, scope, event.id)?;
    let layout = layout(visit)?;
    let member = household.members.iter().find(|one| Some(one.person_id) == event.person);
    // What has applied is known now; before and after it are in the history.
    let is_open = event.state == EventState::Proposed;
    let mut sides = Vec::new();
    if let (Some(member), Effect::Change) = (member, event.effect) {
        let (what, name) = (visit.texts().member_name.to_owned(), member.name.clone());
        sides.push(Side { what, before: name.clone(), after: name });
    }
    for (id, value) in stated {
        let Some(column) = layout.column(&id).filter(|_| !value.trim().is_empty()) else {
            continue;
        };
        let before = match event.effect {
            Effect::Change if is_open => known(visit, column, household, member)?,
            _ => "—".to_owned(),
        };
        let after = shown(visit, column, &value)?;
        sides.push(Side { what: column.label.get(visit.lang()).to_owned(), before, after });
    }
    Ok(sides)
}

/// A value as it may be read.
fn shown(visit: &Visit<'_>, column: &Column, value: &str) -> Result<String, Fault> {
    let (scope, lang, t) = (visit.scope()?, visit.lang(), visit.texts());
    if !visit.app.reading()?.reads_field(scope, &column.id) {
        return Ok("＊".to_owned());
    }
    let in_full = scope.reveal() == Reveal::Full;
    Ok(match &column.kind {
        ColumnKind::ResidentId => mask::id_number(value),
        ColumnKind::Phone if !in_full => mask::phone(value),
        ColumnKind::Name if !in_full => mask::name(value),
        ColumnKind::Date if !in_full => mask::birth(value).to_owned(),
        ColumnKind::Code(list) => label(&visit.app.pack, list, value, lang).to_owned(),
        ColumnKind::Bool if value == "是" => t.yes.to_owned(),
        ColumnKind::Bool if value == "否" => t.no.to_owned(),
        ColumnKind::MoneyYuan => format!("{value} {}", t.unit_yuan),
        _ => value.to_owned(),
    })
}

/// What the register knows of a column.
pub(super) fn known(
    visit: &Visit<'_>,
    column: &Column,
    household: &Household,
    member: Option<&Member>,
) -> Result<String, Fault> {
    let (t, lang, pack) = (visit.texts(), visit.lang(), &visit.app.pack);
    let dash = || "—".to_owned();
    if !visit.app.reading()?.reads_field(visit.scope()?, &column.id) {
        return Ok("＊".to_owned());
    }
    let of_member =
        |value: fn(&Member) -> &Option<String>| member.and_then(|one| value(one).clone());
    let code = match column.id.as_str() {
        "name" => return Ok(member.map_or_else(dash, |member| member.name.clone())),
        "id_no" => {
            let has = member.is_some_and(|member| member.has_id);
            return Ok(if has { mask::HIDDEN.to_owned() } else { dash() });
        }
        "relation" => of_member(|one| &one.relation),
        "ethnicity" => of_member(|one| &one.ethnicity),
        "education" => of_member(|one| &one.education),
        "school_status" => of_member(|one| &one.school_status),
        "health" => of_member(|one| &one.health),
        "labour" => of_member(|one| &one.labour),
        "work_place" => of_member(|one| &one.work_place),
        "work_months" => {
            let months = member.and_then(|member| member.work_months);
            return Ok(months.map_or_else(dash, |months| months.to_string()));
        }
        "medical_insured"
        | "critical_ill_insured"
        | "dangerous_house"
        | "water_safe"
        | "water_short" => {
            let value = match column.id.as_str() {
                "medical_insured" => member.and_then(|member| member.medical_insured),
                "critical_ill_insured" => member.and_then(|member| member.critical_ill_insured),
                "dangerous_house" => household.dangerous_house,
                "water_safe" => household.water_safe,
                _ => household.water_short,
            };
            return Ok(match value {
                Some(true) => t.yes.to_owned(),
                Some(false) => t.no.to_owned(),
                None => dash(),
            });
        }
        "cause_main" => household.cause_main.clone(),
        "cause_other" => household.cause_other.clone(),
        "income_per_head" => {
            let income = household.income_reported;
            return Ok(income.map_or_else(dash, |fen| format!("{} {}", yuan(fen), t.unit_yuan)));
        }
        "group" => return Ok(household.group_name.clone().unwrap_or_else(dash)),
        _ => None,
    };
    Ok(match (code, &column.kind) {
        (Some(code), ColumnKind::Code(list)) => label(pack, list, &code, lang).to_owned(),
        _ => dash(),
    })
}

/// One event: both sides, where it comes from, every step it took, and what the reader may do.
pub(crate) fn show(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (app, lang) = (visit.app, visit.lang());
    let (id, scope) = (visit.param_id("id")?, visit.scope()?);
    let (event, household, steps, next) = app.store.read(|conn| {
        let event = events::one(conn, scope, id)?.ok_or(Fault::NotFound)?;
        let household = queries::household(conn, scope, event.household)?;
        let wanted = Wanted { state: Some(EventState::Proposed), limit: 2, ..Wanted::default() };
        let next = events::list(conn, scope, wanted)?.into_iter().find(|one| one.id != id);
        Ok::<_, Fault>((event, household, events::steps(conn, id)?, next))
    })?;
    household::note(visit, &household)?;
    let area = AreaCode::parse(&event.area).map_err(|_| Fault::NotFound)?;
    let (rules, who) = (rules(visit)?, decider(visit)?);
    let actors: Vec<&str> = std::iter::once(event.proposed_by.as_str())
        .chain(steps.iter().map(|step| step.actor.as_str()))
        .collect();
    let names = app.store.read(|conn| actor::names(conn, lang, actors))?;
    let kind = rules.label(&event).get(lang).to_owned();
    let page = Page::new(visit, Section::Todo, kind.clone()).for_area(visit, area)?;
    let (deeds, why_not) = deeds(visit, rules, &event, &who);
    let state = event.state.label();
    render(&EventTemplate {
        page: &page,
        kind,
        state: state.get(lang),
        household: format!("/households/{}", event.household),
        number: &event.household_no,
        place: app.areas()?.path_text(area),
        facts: facts(visit, &event, &names),
        sides: sides(visit, &event, &household)?,
        steps: steps
            .iter()
            .map(|step| {
                [
                    Timestamp(step.stepped_at).to_minute_in_china(),
                    step.state.label().get(lang).to_owned(),
                    names.get(&step.actor).unwrap_or(&step.actor).clone(),
                    why(visit, &step.reason),
                ]
            })
            .collect(),
        deeds,
        why_not,
        next: next.map(|next| next.id),
    })
}

/// Why a step was taken: what a person wrote, or what the program found.
fn why(visit: &Visit<'_>, reason: &str) -> String {
    let doubt = Doubt::parse(reason);
    match doubt {
        Some(doubt) => doubt.label().get(visit.lang()).to_owned(),
        None if reason == events::BY_RULE => visit.texts().event_by_rule.to_owned(),
        None => reason.to_owned(),
    }
}

fn facts(
    visit: &Visit<'_>,
    event: &Event,
    names: &HashMap<String, String>,
) -> Vec<(&'static str, String)> {
    let t = visit.texts();
    let from = match (&event.file, event.row) {
        (Some(file), Some(row)) => {
            Some(put(t.event_row, &[("file", file.as_str()), ("row", &row.to_string())]))
        }
        _ => None,
    };
    let by = names.get(&event.proposed_by).unwrap_or(&event.proposed_by).clone();
    let all = [
        (t.event_happened, Some(event.happened_on.clone())),
        (t.event_known, Some(Timestamp(event.known_at).to_minute_in_china())),
        (t.event_from, from),
        (t.event_by, Some(by)),
        (t.event_paper, event.paper.clone()),
        (t.event_reason, event.proposed_why.clone()),
        (t.event_doubt, doubt(visit, event)),
    ];
    all.into_iter().filter_map(|(what, value)| value.map(|value| (what, value))).collect()
}

/// What the reader may do with an event, and else why nothing.
fn deeds(
    visit: &Visit<'_>,
    rules: &EventRules,
    event: &Event,
    who: &Decider,
) -> (Vec<Deed>, Option<String>) {
    let t = visit.texts();
    let steps: &[(Step, &'static str, &'static str, &'static str)] = match event.state {
        EventState::Proposed => &[
            (Step::Accept, t.event_accept, "accept", t.event_accept_lead),
            (Step::Reject, t.event_reject, "reject", t.event_reject_lead),
        ],
        EventState::Applied => &[(Step::Undo, t.event_undo, "undo", t.event_undo_lead)],
        EventState::Rejected | EventState::Undone => return (Vec::new(), None),
    };
    if !visit.may(&DECIDE_EVENT) {
        return (Vec::new(), None);
    }
    let mut why_not = None;
    let mut deeds = Vec::new();
    for (step, submit, word, lead) in steps {
        match may_take(rules, event, *step, who) {
            None => deeds.push(Deed {
                submit,
                to: format!("/events/{}/{word}", event.id),
                lead,
                is_main: *step == Step::Accept,
            }),
            Some(why) => why_not = Some(why.get(visit.lang()).to_owned()),
        }
    }
    (deeds, why_not)
}

/// Takes a step with one event.
pub(crate) fn decide(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let id = visit.param_id("id")?;
    let step = match visit.param("step") {
        "accept" => Step::Accept,
        "reject" => Step::Reject,
        "undo" => Step::Undo,
        _ => return Err(Fault::NotFound),
    };
    let reason = match (step, visit.form("reason").trim()) {
        // To agree needs no words; whoever accepts has seen both sides.
        (Step::Accept, "") => visit.texts().event_agreed,
        (_, reason) => reason,
    };
    take(visit, id, step, reason)?;
    settle(visit)?;
    Ok(Reply::redirect(format!("/events/{id}")))
}

/// Accepts every chosen event that the reader may accept; the first that cannot be stops it and is
/// shown with why, those before it stay accepted.
pub(crate) fn accept(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let chosen = visit.incoming.form.iter().filter(|(name, _)| name == CHOSEN);
    let chosen: Vec<i64> = chosen
        .map(|(_, id)| id.parse().map_err(|_| Fault::Unreadable))
        .collect::<Result<_, _>>()?;
    let mut refused = None;
    for id in chosen.into_iter().take(LINES) {
        if let Err(fault) = take(visit, id, Step::Accept, visit.texts().event_agreed) {
            refused = Some(fault);
            break;
        }
    }
    settle(visit)?;
    match refused {
        Some(fault) => Err(fault),
        None => Ok(Reply::redirect(with_query("/events", &[("area", visit.form("area"))]))),
    }
}

fn take(visit: &Visit<'_>, id: i64, step: Step, reason: &str) -> Result<Event, Fault> {
    let (app, who) = (visit.app, decider(visit)?);
    Ok(events::take(&app.store, &app.pack, (id, step), (&who, reason))?)
}

/// Brings level what rests on the register.
pub(super) fn settle(visit: &Visit<'_>) -> Result<(), Fault> {
    let (app, actor) = (visit.app, visit.viewer()?.actor());
    qb_chain::settle(&app.store, &app.pack, &actor)?;
    Ok(())
}

/// How many events wait for the reader, by kind.
pub(super) fn waiting(visit: &Visit<'_>) -> Result<Table, Fault> {
    if !visit.may(&DECIDE_EVENT) || !visit.may(&LIST_EVENTS) {
        return Ok(Table::default());
    }
    let (app, t, scope, role) = (visit.app, visit.texts(), visit.scope()?, visit.viewer()?.role);
    let rules = rules(visit)?;
    let counts = app.store.read(|conn| events::waiting(conn, scope))?;
    let heads = [t.event_kind, &format!("#{}", t.event_count)];
    let mut table = Table::new("events", t.events_waiting, &heads, t.events_none);
    for (kind, count) in counts {
        let Some(rule) = rules.get(&kind).filter(|rule| rule.is_decided_by(role)) else { continue };
        table.lines.push(vec![
            Cell::link(rule.says.get(visit.lang()), "/events"),
            Cell::number(crate::format::count(count)),
        ]);
    }
    table.href = "/events".to_owned();
    Ok(table)
}

/// The events of a household for its page: when, what, how far, and where one is read whole.
pub(super) fn of_household(
    visit: &Visit<'_>,
    household: i64,
) -> Result<Vec<(String, String, String, String)>, Fault> {
    if !visit.may(&LIST_EVENTS) {
        return Ok(Vec::new());
    }
    let (rules, lang, scope) = (rules(visit)?, visit.lang(), visit.scope()?);
    let wanted = Wanted { household: Some(household), limit: OF_HOUSEHOLD, ..Wanted::default() };
    let found = visit.app.store.read::<_, StoreError>(|conn| events::list(conn, scope, wanted))?;
    let each = found.iter().map(|event| {
        (
            event.happened_on.clone(),
            rules.label(event).get(lang).to_owned(),
            event.state.label().get(lang).to_owned(),
            format!("/events/{}", event.id),
        )
    });
    Ok(each.collect())
}

/// The kinds of events that the reader states about a household, with where.
pub(super) fn stated(visit: &Visit<'_>, household: i64) -> Result<Vec<(String, String)>, Fault> {
    if !visit.may(&STATE_EVENT) {
        return Ok(Vec::new());
    }
    let (rules, role) = (rules(visit)?, visit.viewer()?.role);
    let each = rules.stated_by(role).map(|rule| {
        let address = format!("/households/{household}/events/{}", rule.id);
        (rule.says.get(visit.lang()).to_owned(), address)
    });
    Ok(each.collect())
}
