//! Households that split and join: members go from one household to another, one begins or ends.

use qb_base::Timestamp;
use qb_store::{Conn, StoreError, Tx};

use super::life;
use super::model::{Effect, Event, Part};
use super::spell::{self, Because, MemberNow, Otherwise};
use super::store;
use crate::commands::register::versions;
use crate::error::RegistryError;

/// A row for a household that begins; what it takes over follows.
const NEW: &str = "insert into household (id, household_no, area_code, valid_from, recorded_at, \
    source_file_id, source_row, row_digest) \
    select cast($1 as bigint), cast($2 as text), area_code, valid_from, cast($3 as bigint), \
    source_file_id, source_row, 0 from household where id = $4";
/// What a household takes over from the one it comes from: its registration and what holds of
/// everybody; what is known of a house only where it stays in the village. A phone is sealed for
/// the number of its household and stays there.
const TAKE_OVER: &str = include_str!("../sql/found_household.sql");
const KEEP_REGISTRATION: &str = "insert into registration_history (household_id, scheme, \
    valid_from, reason_in, identified_on, exit_status, exit_year, valid_to, reason_out, \
    recorded_at, superseded_at, source_file_id) \
    select id, scheme, registered_from, registered_reason_in, identified_on, exit_status, \
    exit_year, registered_to, registered_reason_out, \
    coalesce(registered_recorded_at, recorded_at), cast($1 as bigint), \
    coalesce(registered_file_id, source_file_id) from household where id = $2 and scheme is not null";

/// Lets members go to another household: one that begins, or the one that is joined.
pub(super) fn apply(tx: &Tx<'_>, event: &Event, because: Because<'_>) -> Result<(), RegistryError> {
    let parts = store::parts(tx, event.id)?;
    let going = count(&parts);
    let other = match event.effect {
        Effect::Split => {
            let new = found(tx, event, (going, because.now))?;
            store::began(tx, event.id, new)?;
            life::begin(tx, (new, event.household), because)?;
            new
        }
        _ => {
            let into = other(event)?;
            life::end(tx, (event.household, into), because)?;
            versions::recount(tx, into, going, (because.day, because.now))?;
            into
        }
    };
    for part in parts.iter().filter(|part| part.is_touched()) {
        let household = if part.goes { other } else { event.household };
        let to = (household, part.relation_after.as_deref());
        spell::turn_member(tx, part.person, Some(to), because)?;
    }
    Ok(versions::recount(tx, event.household, -going, (because.day, because.now))?)
}

/// The row of a household that begins; a number whose household never was gets its row again.
fn found(tx: &Tx<'_>, event: &Event, (going, now): (i64, Timestamp)) -> Result<i64, RegistryError> {
    let number = event.other_household_no.as_deref();
    let number = number.ok_or(RegistryError::Invariant("the number of a new household"))?;
    let area = event.area_after.as_deref();
    let area = area.ok_or(RegistryError::Invariant("the place of a new household"))?;
    let id = match life::numbered(tx, number)? {
        Some((id, _)) => {
            versions::keep_household(tx, id, (&event.happened_on, now))?;
            tx.execute(KEEP_REGISTRATION, &[now.0.into(), id.into()])?;
            id
        }
        None => {
            let id = tx.next_id("household")?;
            let values = [id.into(), number.into(), now.0.into(), event.household.into()];
            tx.execute(NEW, &values)?;
            id
        }
    };
    let values = [
        area.into(),
        going.into(),
        event.happened_on.as_str().into(),
        now.0.into(),
        event.kind.as_str().into(),
        event.household.into(),
        id.into(),
    ];
    tx.execute(TAKE_OVER, &values)?;
    Ok(id)
}

/// Takes back what was applied at an instant: everybody is where they were.
pub(super) fn undo(
    tx: &Tx<'_>,
    event: &Event,
    (applied, now): (i64, Timestamp),
) -> Result<(), RegistryError> {
    let parts = store::parts(tx, event.id)?;
    for part in parts.iter().filter(|part| part.is_touched()) {
        let before = Otherwise::Stays(part.relation_before.as_deref());
        spell::restore_member(tx, part.person, (event.id, now), before)?;
    }
    let (going, other) = (count(&parts), other(event)?);
    let at = (event.happened_on.as_str(), now);
    match event.effect {
        Effect::Split => life::unbegin(tx, other, (event.id, now.0))?,
        _ => life::resume(tx, event.household, (event.id, applied, now.0))?,
    }
    versions::recount(tx, other, -going, at)?;
    Ok(versions::recount(tx, event.household, going, at)?)
}

/// Whether the register is still as it was when the event was stated.
pub(super) fn fits(conn: &Conn, event: &Event) -> Result<bool, StoreError> {
    let stated = store::parts(conn, event.id)?;
    let known = members(conn, event.household)?;
    let are_same = stated.len() == known.len()
        && stated.iter().zip(&known).all(|(part, (id, relation, _))| {
            part.person == *id && part.relation_before == *relation
        });
    if !are_same || event.area_before.as_deref() != Some(event.area.as_str()) {
        return Ok(false);
    }
    match (event.effect, event.other_household_no.as_deref(), event.other_household) {
        (Effect::Split, Some(number), _) => {
            Ok(life::numbered(conn, number)?.is_none_or(|(_, never_was)| never_was))
        }
        (Effect::Merge, _, Some(other)) => {
            let sql = "select area_code from household where id = $1";
            let area = conn.query_opt(sql, &[other.into()], |row| row.text(0))?;
            Ok(area == event.area_after && !life::is_over(conn, other)?)
        }
        _ => Ok(false),
    }
}

/// Whether nothing newer rests on what was applied at an instant.
pub(super) fn is_newest(tx: &Tx<'_>, event: &Event, applied: i64) -> Result<bool, StoreError> {
    let Some(other) = event.other_household else { return Ok(false) };
    let parts = store::parts(tx, event.id)?;
    for part in parts.iter().filter(|part| part.is_touched()) {
        let MemberNow { household, recorded_at, .. } = spell::member_now(tx, part.person)?;
        let there = if part.goes { other } else { event.household };
        if household != Some(there) || recorded_at != Some(applied) {
            return Ok(false);
        }
    }
    let turned = if event.effect == Effect::Split { other } else { event.household };
    if life::Life::of(tx, turned)?.event != Some(event.id) {
        return Ok(false);
    }
    if event.effect != Effect::Split {
        return Ok(true);
    }
    // The new household is as it began: of nobody else, and nothing is written down about it.
    let written = "select (select count(*) from record where household_id = $1 \
                   and superseded_at is null) + (select count(*) from income_statement \
                   where household_id = $1 and superseded_at is null)";
    Ok(qb_base::count(members(tx, other)?.len()) == count(&parts)
        && versions::stands_since(tx, &versions::HOUSEHOLD, other)? == applied
        && tx.query_one(written, &[other.into()], |row| row.int(0))? == 0)
}

/// The newest instant at which anything was recorded that the event changes: what it does comes
/// after it, whatever the clock's steps are.
pub(super) fn latest(conn: &Conn, event: &Event) -> Result<i64, StoreError> {
    let sql = "select cast(coalesce(max(at), 0) as bigint) from (select recorded_at as at \
               from household where id in ($1, $2) union all select member_recorded_at \
               from person where household_id in ($1, $2)) of_both";
    let other = event.other_household.unwrap_or(event.household);
    conn.query_one(sql, &[event.household.into(), other.into()], |row| row.int(0))
}

/// Members of a household by id, each with its relation and since when it is one.
pub(super) type Members = Vec<(i64, Option<String>, String)>;

/// Who is of a household now.
pub(super) fn members(conn: &Conn, household: i64) -> Result<Members, StoreError> {
    let sql = "select id, relation, member_from from person where household_id = $1 order by id";
    conn.query(sql, &[household.into()], |row| Ok((row.int(0)?, row.text_opt(1)?, row.text(2)?)))
}

fn count(parts: &[Part]) -> i64 {
    qb_base::count(parts.iter().filter(|part| part.goes).count())
}

fn other(event: &Event) -> Result<i64, RegistryError> {
    event.other_household.ok_or(RegistryError::Invariant("the other household of an event"))
}
