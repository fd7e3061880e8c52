//! What is known beside what an event states, as both may be read.

use qb_access::Reveal;
use qb_base::{AreaCode, mask};
use qb_policy::{Column, ColumnKind};
use qb_registry::events::{self, Effect, Event, EventState};
use qb_registry::model::{Household, Member};
use qb_registry::queries;
use qb_store::StoreError;

use crate::fault::Fault;
use crate::format::yuan;
use crate::newest::{label, label_or_dash};
use crate::routes::event::list::layout;
use crate::visit::Visit;

/// What one column says before an event and by it.
pub(crate) struct Side {
    pub(crate) what: String,
    pub(crate) before: String,
    pub(crate) after: String,
}

/// What is known and what the event says, next to each other.
pub(crate) fn sides(
    visit: &Visit<'_>,
    event: &Event,
    household: &Household,
) -> Result<Vec<Side>, Fault> {
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
        Effect::Split | Effect::Merge => regrouped(visit, event)?,
    })
}

/// Of a household that splits or joins another: where everybody was and is, and what to the head.
fn regrouped(visit: &Visit<'_>, event: &Event) -> Result<Vec<Side>, Fault> {
    let (t, lang, pack, scope) = (visit.texts(), visit.lang(), &visit.app.pack, visit.scope()?);
    let (parts, people) = visit.app.store.read(|conn| {
        let parts = events::parts(conn, event.id)?;
        let ids: Vec<i64> = parts.iter().map(|part| part.person).collect();
        Ok::<_, StoreError>((parts, queries::persons(conn, scope, &ids)?))
    })?;
    let other = event.other_household_no.as_deref().unwrap_or("—");
    let is_split = event.effect == Effect::Split;
    let (what, goes) = match is_split {
        true => (t.event_new_no, t.event_goes),
        false => (t.event_into_no, t.event_goes_there),
    };
    let mut sides =
        vec![Side { what: what.to_owned(), before: "—".to_owned(), after: other.to_owned() }];
    if event.area_before != event.area_after {
        let index = visit.app.areas()?;
        let place = |code: &Option<String>| {
            let area = code.as_deref().and_then(|code| AreaCode::parse(code).ok());
            area.map_or_else(|| "—".to_owned(), |area| index.path_text(area))
        };
        let (before, after) = (place(&event.area_before), place(&event.area_after));
        sides.push(Side { what: t.event_place.to_owned(), before, after });
    }
    let relation =
        |code: &Option<String>| label_or_dash(pack, "relation", code.as_deref(), lang).to_owned();
    sides.extend(parts.iter().map(|part| {
        let name = people.iter().find(|person| person.person_id == part.person);
        let there = if part.goes { goes } else { t.event_stays };
        Side {
            what: name.map_or_else(|| "—".to_owned(), |person| person.name.clone()),
            before: relation(&part.relation_before),
            after: format!("{there} · {}", relation(&part.relation_after)),
        }
    }));
    Ok(sides)
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
pub(crate) fn known(
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
