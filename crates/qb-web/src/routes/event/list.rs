//! Events of the register: what waits for the reader, what one says beside what is known, and
//! accepting, rejecting or undoing it.

use std::collections::HashMap;

use askama::Template;
use qb_access::Scope;
use qb_access::permission::{DECIDE_EVENT, LIST_EVENTS, STATE_EVENT};
use qb_base::{AreaCode, Text, Timestamp};
use qb_policy::{Layout, LayoutTarget};
use qb_registry::events::{
    self, Decider, Doubt, Effect, Event, EventRules, EventState, KindRule, Step, Wanted, may_take,
};
use qb_registry::model::Household;
use qb_registry::{areas, queries};
use qb_store::StoreError;

use crate::actor;
use crate::fault::Fault;
use crate::page::{Page, Section, render};
use crate::reply::Reply;
use crate::routes::event::sides::{Side, sides};
use crate::routes::household::page as household;
use crate::routes::record::entry;
use crate::sheet::{Cell, Table};
use crate::texts::put;
use crate::url::with_query;
use crate::visit::Visit;

/// Events shown at once.
const LINES: usize = 50;
/// Events of a household that its page shows.
const OF_HOUSEHOLD: i64 = 20;
/// The relation of the head.
pub(crate) const HEAD: &str = "HEAD";
/// The field that names the events of a batch.
const CHOSEN: &str = "event";
/// States in the order of the tabs; the first is shown where none is asked for.
const STATES: [EventState; 4] =
    [EventState::Proposed, EventState::Applied, EventState::Rejected, EventState::Undone];

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
    /// Classes with how many there are in each; the first is all.
    classes: Vec<Tab>,
    class: &'a str,
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
    /// What else waits about the household.
    others: Vec<Line>,
    /// The event that waits next.
    next: Option<i64>,
}

/// The reader as somebody who decides.
pub(crate) fn decider(visit: &Visit<'_>) -> Result<Decider, Fault> {
    let viewer = visit.viewer()?;
    let scope = visit.scope()?.clone();
    Ok(Decider { actor: viewer.actor(), role: Some(viewer.role), scope })
}

/// The rules of the pack about events.
pub(crate) fn rules<'a>(visit: &Visit<'a>) -> Result<&'a EventRules, Fault> {
    visit.app.event_rules()
}

/// The register's file, whose columns events state.
pub(crate) fn layout<'a>(visit: &Visit<'a>) -> Result<&'a Layout, Fault> {
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
    let class = visit.query("class");
    let kinds = match class {
        "" => None,
        class => Some(rules(visit)?.of_class(class).ok_or(Fault::NotFound)?),
    };
    let wanted = Wanted {
        state: Some(state),
        kinds: kinds.as_deref(),
        household: None,
        before: (before > 0).then_some(before),
        limit: qb_base::count(LINES + 1),
    };
    let (found, counts) = app.store.read::<_, StoreError>(|conn| {
        Ok((events::list(conn, &scope, wanted)?, events::counts(conn, &scope, state)?))
    })?;
    let shown = &found[..found.len().min(LINES)];
    let lines = lines(visit, &scope, shown)?;
    let page = Page::new(visit, Section::Todo, t.events_title);
    let address = |state: &str, class: &str, before: i64| {
        let before = if before > 0 { before.to_string() } else { String::new() };
        let area = visit.query("area");
        let asked = [("state", state), ("class", class), ("area", area), ("before", &before)];
        with_query("/events", &asked)
    };
    let code = state.code().to_ascii_lowercase();
    render(&EventsTemplate {
        page: &page,
        tabs: STATES
            .into_iter()
            .map(|one| Tab {
                label: one.label().get(visit.lang()).to_owned(),
                href: address(&one.code().to_ascii_lowercase(), class, 0),
                is_here: one == state,
            })
            .collect(),
        classes: classes(visit, (class, &counts), &|class| address(&code, class, 0))?,
        class,
        may_accept: lines.iter().any(|line| line.may_accept),
        lines,
        area: visit.query("area"),
        next: match shown.last() {
            Some(last) if found.len() > LINES => Some(address(&code, class, last.id)),
            _ => None,
        },
    })
}

/// All events and those of each class, with how many there are.
fn classes(
    visit: &Visit<'_>,
    (here, counts): (&str, &[(String, i64)]),
    address: &dyn Fn(&str) -> String,
) -> Result<Vec<Tab>, Fault> {
    let (rules, t, lang) = (rules(visit)?, visit.texts(), visit.lang());
    let tab = |label: &str, class: &str, count: i64| Tab {
        label: format!("{label} {}", crate::format::count(count)),
        href: address(class),
        is_here: class == here,
    };
    let sum = |of: &dyn Fn(&str) -> bool| {
        counts.iter().filter(|(kind, _)| of(kind)).map(|(_, count)| count).sum::<i64>()
    };
    let all = tab(t.events_all, "", sum(&|_| true));
    let each = rules.classes.iter().map(|class| {
        let is_of = |kind: &str| rules.get(kind).is_some_and(|rule| rule.class == class.id);
        tab(class.says.get(lang), &class.id, sum(&is_of))
    });
    Ok(std::iter::once(all).chain(each).collect())
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
            kind: label(rules, event).get(lang).to_owned(),
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

/// What an event is called; that a village merged is no kind of the pack.
fn label(rules: &EventRules, event: &Event) -> Text {
    match event.kind == areas::MERGER_KIND {
        true => areas::MERGER_LABEL,
        false => rules.label(event),
    }
}

fn doubt(visit: &Visit<'_>, event: &Event) -> Option<String> {
    event.doubt.map(|doubt| doubt.label().get(visit.lang()).to_owned())
}

/// One event: both sides, where it comes from, every step it took, and what the reader may do.
pub(crate) fn show(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (app, lang) = (visit.app, visit.lang());
    let (id, scope) = (visit.param_id("id")?, visit.scope()?);
    let (event, household, steps, next, others) = app.store.read(|conn| {
        let event = events::one(conn, scope, id)?.ok_or(Fault::NotFound)?;
        let household = queries::household(conn, scope, event.household)?;
        let waits = Wanted { state: Some(EventState::Proposed), limit: 2, ..Wanted::default() };
        let next = events::list(conn, scope, waits)?.into_iter().find(|one| one.id != id);
        let about = Wanted { household: Some(event.household), limit: OF_HOUSEHOLD, ..waits };
        let mut others = events::list(conn, scope, about)?;
        others.retain(|one| one.id != id);
        Ok::<_, Fault>((event, household, events::steps(conn, id)?, next, others))
    })?;
    household::note(visit, &household)?;
    let area = AreaCode::parse(&event.area).map_err(|_| Fault::NotFound)?;
    let (rules, who) = (rules(visit)?, decider(visit)?);
    let actors: Vec<&str> = std::iter::once(event.proposed_by.as_str())
        .chain(steps.iter().map(|step| step.actor.as_str()))
        .collect();
    let names = app.store.read(|conn| actor::names(conn, lang, actors))?;
    let kind = label(rules, &event).get(lang).to_owned();
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
        others: lines(visit, scope, &others)?,
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
        None => {
            let asked = [("class", visit.form("class")), ("area", visit.form("area"))];
            Ok(Reply::redirect(with_query("/events", &asked)))
        }
    }
}

fn take(visit: &Visit<'_>, id: i64, step: Step, reason: &str) -> Result<Event, Fault> {
    let (app, who) = (visit.app, decider(visit)?);
    Ok(qb_intake::events::take(&app.store, &app.pack, (id, step), (&who, reason))?)
}

/// Brings level what rests on the register.
pub(crate) fn settle(visit: &Visit<'_>) -> Result<(), Fault> {
    let (app, actor) = (visit.app, visit.viewer()?.actor());
    qb_settle::settle(&app.store, &app.pack, &actor)?;
    Ok(())
}

/// How many events wait for the reader, by kind.
pub(crate) fn waiting(visit: &Visit<'_>) -> Result<Table, Fault> {
    if !visit.may(&DECIDE_EVENT) || !visit.may(&LIST_EVENTS) {
        return Ok(Table::default());
    }
    let (app, t, scope, role) = (visit.app, visit.texts(), visit.scope()?, visit.viewer()?.role);
    let rules = rules(visit)?;
    let counts = app.store.read(|conn| events::counts(conn, scope, EventState::Proposed))?;
    let heads = [t.event_kind, &format!("#{}", t.event_count)];
    let mut table = Table::new("events", t.events_waiting, &heads, t.events_none);
    for (kind, count) in counts {
        let Some(rule) = rules.get(&kind).filter(|rule| rule.is_decided_by(role)) else { continue };
        table.lines.push(vec![
            Cell::link(
                rule.says.get(visit.lang()),
                with_query("/events", &[("class", &rule.class)]),
            ),
            Cell::number(crate::format::count(count)),
        ]);
    }
    table.href = "/events".to_owned();
    Ok(table)
}

/// The events of a household for its page: when, what, how far, and where one is read whole.
pub(crate) fn of_household(
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
            label(rules, event).get(lang).to_owned(),
            event.state.label().get(lang).to_owned(),
            format!("/events/{}", event.id),
        )
    });
    Ok(each.collect())
}

/// The kinds of events that the reader states about a household, with where.
pub(crate) fn stated(
    visit: &Visit<'_>,
    household: &Household,
) -> Result<Vec<(String, String)>, Fault> {
    if !visit.may(&STATE_EVENT) {
        return Ok(Vec::new());
    }
    let (rules, role) = (rules(visit)?, visit.viewer()?.role);
    let possible = rules.stated_by(role).filter(|rule| can_happen(rule, household));
    let each = possible.map(|rule| {
        let address = format!("/households/{}/events/{}", household.id, rule.id);
        (rule.says.get(visit.lang()).to_owned(), address)
    });
    // What a row of a list tells goes the way of the list.
    let rows = rules.rows.iter().filter_map(|row| {
        let address = entry::typing(visit, &row.dataset, household.id)?;
        Some((row.says.get(visit.lang()).to_owned(), address))
    });
    Ok(each.chain(rows).collect())
}

/// Whether something can happen to a household at all: of one member nobody goes while another
/// stays, and nobody takes a head's place.
pub(crate) fn can_happen(rule: &KindRule, household: &Household) -> bool {
    let mut members = household.members.iter();
    match rule.effect {
        Effect::Split => household.members.len() > 1,
        Effect::HeadChange => members.any(|one| one.relation.as_deref() != Some(HEAD)),
        _ => true,
    }
}
