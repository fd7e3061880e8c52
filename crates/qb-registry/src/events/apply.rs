//! The register follows an event, or no longer does.

use qb_base::{AreaCode, Text, Timestamp};
use qb_store::{Conn, StoreError, Tx};

use super::model::{Effect, Event};
use super::spell::{self, Because, MemberNow, Otherwise};
use super::{life, regroup};
use crate::commands::register::versions;
use crate::draft::RELATION_HEAD;
use crate::error::RegistryError;

/// Lets the register follow an event; the household and its members are as the event expects them.
pub(crate) fn apply(tx: &Tx<'_>, event: &Event, now: Timestamp) -> Result<(), RegistryError> {
    let because = Because {
        event: event.id,
        day: &event.happened_on,
        now,
        reason: &event.kind,
        file_id: event.file_id,
    };
    let household = event.household;
    match event.effect {
        Effect::Move => {
            let areas = areas(event)?;
            spell::turn_place(tx, household, areas, because)?;
            let origin = (event.file_id, event.row);
            let day = event.happened_on.as_str();
            versions::move_household(tx, household, areas.1, (day, now), origin)?;
        }
        Effect::HeadChange => {
            if let Some(other) = event.other {
                let to = (household, event.other_after.as_deref());
                spell::turn_member(tx, other, Some(to), because)?;
            }
            let to = (household, event.relation_after.as_deref());
            spell::turn_member(tx, person(event)?, Some(to), because)?;
        }
        Effect::Left => {
            spell::turn_member(tx, person(event)?, None, because)?;
            recount(tx, event, -1, now)?;
        }
        Effect::Return => {
            let to = (household, event.relation_after.as_deref());
            spell::turn_member(tx, person(event)?, Some(to), because)?;
            recount(tx, event, 1, now)?;
        }
        Effect::Split | Effect::Merge => regroup::apply(tx, event, because)?,
        // These go in as a file of one row.
        Effect::Join | Effect::Change => {
            return Err(RegistryError::Invariant("an event without a file"));
        }
    }
    Ok(())
}

/// The number of members that the household says it has follows what a person states; a roster
/// states it itself.
fn recount(tx: &Tx<'_>, event: &Event, more: i64, now: Timestamp) -> Result<(), StoreError> {
    match event.file_id {
        Some(_) => Ok(()),
        None => versions::recount(tx, event.household, more, (&event.happened_on, now)),
    }
}

/// Takes back what an event did that was applied at an instant.
pub(super) fn undo(
    tx: &Tx<'_>,
    event: &Event,
    (applied, now): (i64, Timestamp),
) -> Result<(), RegistryError> {
    let at = (event.id, now);
    match event.effect {
        Effect::Move => {
            let (before, _) = areas(event)?;
            spell::restore_place(tx, event.household, (event.id, applied, now))?;
            let (day, origin) = (event.happened_on.as_str(), (event.file_id, event.row));
            versions::move_household(tx, event.household, before, (day, now), origin)?;
        }
        Effect::HeadChange => {
            let before = Otherwise::Stays(event.relation_before.as_deref());
            spell::restore_member(tx, person(event)?, at, before)?;
            if let Some(other) = event.other {
                let before = Otherwise::Stays(event.other_before.as_deref());
                spell::restore_member(tx, other, at, before)?;
            }
        }
        Effect::Left | Effect::Return => {
            spell::restore_member(tx, person(event)?, at, Otherwise::Nobody)?;
            let back = if event.effect == Effect::Left { 1 } else { -1 };
            recount(tx, event, back, now)?;
        }
        Effect::Split | Effect::Merge => regroup::undo(tx, event, (applied, now))?,
        Effect::Join => {
            spell::restore_member(tx, person(event)?, at, Otherwise::Nobody)?;
            let (household, day) = (event.household, event.happened_on.as_str());
            versions::restore(tx, &versions::HOUSEHOLD, (household, applied), (day, now))?;
        }
        Effect::Change => {
            let day = event.happened_on.as_str();
            if let Some(person) = event.person {
                versions::restore(tx, &versions::PERSON, (person, applied), (day, now))?;
                // What was told beside it nobody knows again.
                if event.relation_after.is_some() {
                    spell::restore_member(tx, person, at, Otherwise::Stays(None))?;
                }
            }
            versions::restore(tx, &versions::HOUSEHOLD, (event.household, applied), (day, now))?;
        }
    }
    Ok(())
}

/// Why an event cannot apply any more; nothing where it can.
pub(super) fn hindrance(conn: &Conn, event: &Event) -> Result<Option<Text>, StoreError> {
    // Nothing happens any more to one that went into another.
    if life::is_over(conn, event.household)? {
        return Ok(Some(CHANGED));
    }
    let household = Some(event.household);
    let member = |id: Option<i64>| id.map(|id| spell::member_now(conn, id)).transpose();
    let fits = match event.effect {
        Effect::Move => event.area_before.as_deref() == Some(event.area.as_str()),
        Effect::HeadChange => {
            let is_head = |one: &MemberNow| one.relation.as_deref() == Some(RELATION_HEAD);
            let other = member(event.other)?;
            other.is_none_or(|one| one.household == household && is_head(&one))
                && member(event.person)?.is_some_and(|one| one.household == household)
        }
        Effect::Left => member(event.person)?.is_some_and(|one| one.household == household),
        Effect::Return => member(event.person)?.is_some_and(|one| one.household.is_none()),
        Effect::Join => true,
        Effect::Split | Effect::Merge => regroup::fits(conn, event)?,
        Effect::Change => member(event.person)?.is_none_or(|one| one.household == household),
    };
    Ok((!fits).then_some(CHANGED))
}

/// Why an event that was applied at an instant cannot be undone; nothing where it can.
pub(super) fn undo_hindrance(
    tx: &Tx<'_>,
    event: &Event,
    applied: i64,
) -> Result<Option<Text>, StoreError> {
    if event.effect != Effect::Merge && life::is_over(tx, event.household)? {
        return Ok(Some(NEWER));
    }
    let untouched = |id: Option<i64>| -> Result<bool, StoreError> {
        let Some(id) = id else { return Ok(true) };
        let now = spell::member_now(tx, id)?;
        Ok(match event.effect {
            Effect::Left => now.household.is_none(),
            _ => now.household == Some(event.household) && now.recorded_at == Some(applied),
        })
    };
    let fits = match event.effect {
        Effect::Move => {
            spell::place_event(tx, event.household)? == Some(event.id)
                && event.area_after.as_deref() == Some(event.area.as_str())
        }
        // Somebody who came back meanwhile and left again has another event to undo first.
        Effect::Left => {
            untouched(event.person)? && spell::last_left(tx, event.person)? == Some(event.id)
        }
        Effect::HeadChange | Effect::Return | Effect::Join => {
            untouched(event.person)? && untouched(event.other)?
        }
        Effect::Split | Effect::Merge => regroup::is_newest(tx, event, applied)?,
        Effect::Change => {
            let person = match event.person {
                Some(person) => versions::stands_since(tx, &versions::PERSON, person)?,
                None => 0,
            };
            let household = versions::stands_since(tx, &versions::HOUSEHOLD, event.household)?;
            let is_told = event.relation_after.is_some();
            person.max(household) == applied && (!is_told || untouched(event.person)?)
        }
    };
    Ok((!fits).then_some(NEWER))
}

/// Whether a household has exactly one head, or no members.
pub(super) fn has_one_head(tx: &Tx<'_>, household: i64) -> Result<bool, StoreError> {
    let sql = "select count(*), cast(coalesce(sum(case when relation = 'HEAD' then 1 else 0 end), \
               0) as bigint) from person where household_id = $1";
    tx.query_one(sql, &[household.into()], |row| {
        let (members, heads) = (row.int(0)?, row.int(1)?);
        Ok(members == 0 || heads == 1)
    })
}

/// Whether somebody is head of a household beside another.
pub(super) fn is_second_head(tx: &Tx<'_>, person: i64) -> Result<bool, StoreError> {
    let sql = "select count(*) from person p join person o on o.household_id = p.household_id \
               where p.id = $1 and o.id <> p.id and p.relation = 'HEAD' and o.relation = 'HEAD'";
    tx.query_one(sql, &[person.into()], |row| Ok(row.int(0)? > 0))
}

fn person(event: &Event) -> Result<i64, RegistryError> {
    event.person.ok_or(RegistryError::Invariant("person of an event"))
}

fn areas(event: &Event) -> Result<(AreaCode, AreaCode), RegistryError> {
    let area = |code: &Option<String>| code.as_deref().and_then(|code| AreaCode::parse(code).ok());
    area(&event.area_before)
        .zip(area(&event.area_after))
        .ok_or(RegistryError::Invariant("places of a move"))
}

pub(super) const CHANGED: Text = Text::fixed(
    "登记自提出后已变化，此变动不再适用；请核对后驳回",
    "the register has changed since this was proposed and it no longer fits; look at it and reject it",
);
const NEWER: Text = Text::fixed(
    "此后又有新的变动，不能先撤销此项；请先处理较新的变动",
    "something newer rests on this event; undo that first",
);
