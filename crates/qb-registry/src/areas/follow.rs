//! The register follows a merger, or no longer does: set by set, however many households there are.
//!
//! It is the same as if each household had moved: an event of its own, a spell of place that ends
//! and one that begins, a version that goes to the history. So everything that asks where a
//! household lived, or what was known of it, answers without knowing of mergers.

use qb_base::{Text, Timestamp, env};
use qb_store::{Conn, StoreError, Tx};

use super::merger::Merger;

/// What the events of households are called that a merger put elsewhere; no kind of the pack.
pub const KIND: &str = "area_merger";

/// What people read of such an event.
pub const LABEL: Text = Text::fixed("区划撤并", "areas merged");

const EVENTS: &str = include_str!("../sql/merger_event.sql");
const PLACES: &str = include_str!("../sql/merger_place.sql");
const VERSIONS: &str = include_str!("../sql/merger_version.sql");

/// What followed a merger.
pub(super) struct Followed {
    /// The instant from which it holds.
    pub(super) at: Timestamp,
    /// The first and the last of its events; none where nobody lived there.
    pub(super) events: Option<(i64, i64)>,
}

/// Lets the register follow a merger.
pub(super) fn apply(
    tx: &Tx<'_>,
    merger: &Merger,
    (actor, reason): (&str, &str),
) -> Result<Followed, StoreError> {
    let at = after(tx, merger)?;
    let first = tx.next_id("event")?;
    let values = [first.into(), actor.into(), at.0.into(), reason.into(), merger.id.into()];
    let households = i64::try_from(tx.execute(EVENTS, &values)?)
        .map_err(|_| StoreError::Broken("households are counted"))?;
    let events = (households > 0).then_some((first, first + households - 1));
    if let Some((first, last)) = events {
        step(tx, (first, last), "APPLIED", (actor, at, reason))?;
        let open = "update household_place set superseded_at = $1 where superseded_at is null \
                    and valid_to is null and household_id in \
                    (select household_id from event where id >= $2 and id <= $3)";
        let of = [at.0.into(), first.into(), last.into()];
        tx.execute(open, &of)?;
        tx.execute(PLACES, &of)?;
        let day = merger.happened_on.as_str();
        tx.execute(VERSIONS, &[day.into(), at.0.into(), first.into(), last.into()])?;
        let there = "update household set area_code = $1, recorded_at = $2 where id in \
                     (select household_id from event where id >= $3 and id <= $4)";
        let into = merger.into.as_str();
        tx.execute(there, &[into.into(), at.0.into(), first.into(), last.into()])?;
    }
    for part in &merger.parts {
        let ends = "insert into area_successor (code, successor_code, changed_on, recorded_at, \
                    merger_id) values ($1, $2, $3, $4, $5)";
        let (into, on) = (merger.into.as_str(), merger.happened_on.as_str());
        let values = [part.as_str().into(), into.into(), on.into(), at.0.into(), merger.id.into()];
        tx.execute(ends, &values)?;
    }
    Ok(Followed { at, events })
}

/// Takes back what a merger did: everybody is where they were, and what was known in between stays
/// on record.
pub(super) fn undo(
    tx: &Tx<'_>,
    merger: &Merger,
    (actor, reason): (&str, &str),
) -> Result<Timestamp, StoreError> {
    let applied = merger.applied_at.ok_or(StoreError::Broken("a merger was applied when"))?;
    let at = Timestamp(after(tx, merger)?.0.max(applied + 1));
    if let Some((first, last)) = merger.events {
        let of = [at.0.into(), first.into(), last.into()];
        let close = "update household_place set superseded_at = $1 where superseded_at is null \
                     and event_id >= $2 and event_id <= $3";
        tx.execute(close, &of)?;
        let reopen = "insert into household_place (household_id, area_code, valid_from, \
            reason_in, recorded_at, event_id) select household_id, area_code, valid_from, \
            reason_in, cast($1 as bigint), event_id from household_place where superseded_at = $2 \
            and valid_to is null and (event_id < $3 or event_id > $4) and household_id in \
            (select household_id from event where id >= $3 and id <= $4)";
        tx.execute(reopen, &[at.0.into(), applied.into(), first.into(), last.into()])?;
        let day = merger.happened_on.as_str();
        tx.execute(VERSIONS, &[day.into(), at.0.into(), first.into(), last.into()])?;
        let back = "update household set area_code = (select e.area_before from event e \
            where e.household_id = household.id and e.id >= $1 and e.id <= $2), recorded_at = $3 \
            where id in (select household_id from event where id >= $1 and id <= $2)";
        tx.execute(back, &[first.into(), last.into(), at.0.into()])?;
        let undone = "update event set state = 'UNDONE', decided_by = $1, decided_at = $2, \
                      decided_why = $3 where id >= $4 and id <= $5";
        let values = [actor.into(), at.0.into(), reason.into(), first.into(), last.into()];
        tx.execute(undone, &values)?;
        step(tx, (first, last), "UNDONE", (actor, at, reason))?;
    }
    let goes_on = "update area_successor set superseded_at = $1 where merger_id = $2 \
                   and superseded_at is null";
    tx.execute(goes_on, &[at.0.into(), merger.id.into()])?;
    Ok(at)
}

/// How many households of a merger are not where it put them any more: moved since, or of a split
/// or a merge of households since.
pub(super) fn moved_on(conn: &Conn, merger: &Merger) -> Result<i64, StoreError> {
    let Some((first, last)) = merger.events else { return Ok(0) };
    let sql = "select count(*) from event e where e.id >= $1 and e.id <= $2 and (not exists \
        (select 1 from household_place p where p.household_id = e.household_id \
        and p.event_id = e.id and p.superseded_at is null and p.valid_to is null) \
        or exists (select 1 from household_life l where l.superseded_at is null \
        and l.event_id > $2 and (l.ended_on is null or l.into_id is not null) \
        and (l.household_id = e.household_id or l.from_id = e.household_id)))";
    conn.query_one(sql, &[first.into(), last.into()], |row| row.int(0))
}

/// Notes the state that events came into.
fn step(
    tx: &Tx<'_>,
    (first, last): (i64, i64),
    state: &'static str,
    (actor, at, reason): (&str, Timestamp, &str),
) -> Result<(), StoreError> {
    let sql = "insert into event_step (event_id, seq, state, actor, stepped_at, reason) \
        select e.id, (select count(*) + 1 from event_step s where s.event_id = e.id), \
        cast($1 as text), cast($2 as text), cast($3 as bigint), cast($4 as text) \
        from event e where e.id >= $5 and e.id <= $6";
    let values =
        [state.into(), actor.into(), at.0.into(), reason.into(), first.into(), last.into()];
    tx.execute(sql, &values).map(|_| ())
}

/// An instant after everything that a merger changes, whatever the clock's steps are.
fn after(conn: &Conn, merger: &Merger) -> Result<Timestamp, StoreError> {
    let sql = "select cast(coalesce(max(at), 0) as bigint) from (\
        select h.recorded_at as at from household h join area_merger_part p \
        on p.area_code = h.area_code where p.merger_id = $1 \
        union all select h.recorded_at from household h where h.area_code = $2 \
        union all select l.recorded_at from household_place l join household h \
        on h.id = l.household_id join area_merger_part p on p.area_code = h.area_code \
        where p.merger_id = $1) of_all";
    let values = [merger.id.into(), merger.into.as_str().into()];
    let last = conn.query_one(sql, &values, |row| row.int(0))?;
    Ok(env::now().max(Timestamp(last.max(merger.known_at) + 1)))
}
