//! Spells of membership and of place: closed and opened, never overwritten.
//!
//! A change keeps three things: what was known before (a row with the instant at which it was
//! superseded), the spell that ended (with its last day), and the spell that holds.

use qb_base::{AreaCode, Timestamp};
use qb_store::{Conn, StoreError, Tx};

use crate::commands::REASON_REGISTERED;

/// The event for which spells change.
#[derive(Clone, Copy, Debug)]
pub(super) struct Because<'a> {
    pub(super) event: i64,
    /// The day from which it holds.
    pub(super) day: &'a str,
    pub(super) now: Timestamp,
    /// Why the old spell ends and the new one begins.
    pub(super) reason: &'a str,
    /// None where no file states it; the spell then keeps the file that its person came with.
    pub(super) file_id: Option<i64>,
}

const KEEP_MEMBER: &str = "insert into membership_history (person_id, household_id, relation, \
    valid_from, reason_in, recorded_at, superseded_at, source_file_id, event_id) \
    select id, household_id, relation, member_from, member_reason_in, member_recorded_at, \
    cast($1 as bigint), coalesce(member_file_id, source_file_id), cast($2 as bigint) from person \
    where id = $3 and household_id is not null and member_recorded_at < $1";
const END_MEMBER: &str = "insert into membership_history (person_id, household_id, relation, \
    valid_from, reason_in, valid_to, reason_out, recorded_at, source_file_id, event_id) \
    select id, household_id, relation, member_from, member_reason_in, cast($1 as text), \
    cast($2 as text), cast($3 as bigint), coalesce(member_file_id, source_file_id), \
    cast($4 as bigint) from person \
    where id = $5 and household_id is not null and member_from < $1 and member_recorded_at < $3";
/// As [`END_MEMBER`] for somebody who is of no household then: that there was a spell stays on
/// record, however short it was.
const LEAVE_MEMBER: &str = "insert into membership_history (person_id, household_id, relation, \
    valid_from, reason_in, valid_to, reason_out, recorded_at, source_file_id, event_id) \
    select id, household_id, relation, member_from, member_reason_in, \
    case when member_from < $1 then cast($1 as text) else member_from end, \
    cast($2 as text), cast($3 as bigint), coalesce(member_file_id, source_file_id), \
    cast($4 as bigint) from person \
    where id = $5 and household_id is not null";
const BEGIN_MEMBER: &str = "update person set household_id = $1, relation = $2, \
    member_reason_in = $3, member_from = case when member_from is null then $4 \
    when member_recorded_at < $5 and member_from < $4 then $4 else member_from end, \
    member_recorded_at = $5, member_file_id = coalesce($6, member_file_id, source_file_id) \
    where id = $7";
const NO_MEMBER: &str = "update person set household_id = null, relation = null, \
    member_from = null, member_reason_in = null, member_recorded_at = null, \
    member_file_id = null where id = $1";

/// Ends the spell of a member, if there is one, and begins another: of a household with a relation,
/// or of none. A membership that is recorded at this very instant is only completed.
pub(super) fn turn_member(
    tx: &Tx<'_>,
    person: i64,
    to: Option<(i64, Option<&str>)>,
    because: Because<'_>,
) -> Result<(), StoreError> {
    let Because { event, day, now, reason, file_id } = because;
    tx.execute(KEEP_MEMBER, &[now.0.into(), event.into(), person.into()])?;
    let end = [day.into(), reason.into(), now.0.into(), event.into(), person.into()];
    tx.execute(if to.is_some() { END_MEMBER } else { LEAVE_MEMBER }, &end)?;
    let Some((household, relation)) = to else {
        return tx.execute(NO_MEMBER, &[person.into()]).map(|_| ());
    };
    let begin = [
        household.into(),
        relation.into(),
        reason.into(),
        day.into(),
        now.0.into(),
        file_id.into(),
        person.into(),
    ];
    tx.execute(BEGIN_MEMBER, &begin).map(|_| ())
}

/// Where a person belongs now.
pub(super) struct MemberNow {
    pub(super) household: Option<i64>,
    pub(super) relation: Option<String>,
    /// The instant at which that was recorded.
    pub(super) recorded_at: Option<i64>,
}

/// Where a person belongs now.
pub(super) fn member_now(conn: &Conn, person: i64) -> Result<MemberNow, StoreError> {
    member_of(conn, person)?.ok_or(StoreError::NotFound)
}

/// Where a person belongs now; none where there is no such person.
pub(super) fn member_of(conn: &Conn, person: i64) -> Result<Option<MemberNow>, StoreError> {
    let sql = "select household_id, relation, member_recorded_at from person where id = $1";
    conn.query_opt(sql, &[person.into()], |row| {
        Ok(MemberNow {
            household: row.int_opt(0)?,
            relation: row.text_opt(1)?,
            recorded_at: row.int_opt(2)?,
        })
    })
}

const KEEP_UNDONE: &str = "insert into membership_history (person_id, household_id, relation, \
    valid_from, reason_in, recorded_at, superseded_at, source_file_id) \
    select id, household_id, relation, member_from, member_reason_in, \
    coalesce(member_recorded_at, recorded_at), cast($1 as bigint), \
    coalesce(member_file_id, source_file_id) from person where id = $2 \
    and household_id is not null";
const REOPEN_MEMBER: &str = "update membership_history set superseded_at = $1 \
    where event_id = $2 and person_id = $3 and superseded_at is null";
const FORMER_MEMBER: &str = "select household_id, relation, valid_from, reason_in, \
    source_file_id from membership_history \
    where event_id = $1 and person_id = $2 and valid_to is null and superseded_at is not null";
const ONLY_RELATION: &str =
    "update person set relation = $1, member_recorded_at = $2 where id = $3";
const RESTORE_MEMBER: &str = "update person set household_id = $1, relation = $2, \
    member_from = $3, member_reason_in = $4, member_recorded_at = $5, member_file_id = $6 \
    where id = $7";

/// What holds again of a member who had no spell before the event.
#[derive(Clone, Copy, Debug)]
pub(super) enum Otherwise<'a> {
    /// The person is of no household.
    Nobody,
    /// The person stays, with this relation.
    Stays(Option<&'a str>),
}

/// Takes back what an event did to a member: the former spell holds again.
pub(super) fn restore_member(
    tx: &Tx<'_>,
    person: i64,
    (event, now): (i64, Timestamp),
    otherwise: Otherwise<'_>,
) -> Result<(), StoreError> {
    tx.execute(KEEP_UNDONE, &[now.0.into(), person.into()])?;
    tx.execute(REOPEN_MEMBER, &[now.0.into(), event.into(), person.into()])?;
    let former = tx.query_opt(FORMER_MEMBER, &[event.into(), person.into()], |row| {
        Ok((row.int(0)?, row.text_opt(1)?, row.text(2)?, row.text(3)?, row.int(4)?))
    })?;
    let Some((household, relation, from, reason, file_id)) = former else {
        return match otherwise {
            Otherwise::Nobody => tx.execute(NO_MEMBER, &[person.into()]),
            Otherwise::Stays(relation) => {
                tx.execute(ONLY_RELATION, &[relation.into(), now.0.into(), person.into()])
            }
        }
        .map(|_| ());
    };
    let values = [
        household.into(),
        relation.as_deref().into(),
        (&from).into(),
        (&reason).into(),
        now.0.into(),
        file_id.into(),
        person.into(),
    ];
    tx.execute(RESTORE_MEMBER, &values).map(|_| ())
}

const OPEN_PLACE: &str = "select valid_from, reason_in, event_id from household_place \
    where household_id = $1 and superseded_at is null and valid_to is null";
const FIRST_PLACE: &str = "select valid_from from household where id = $1";
const SUPERSEDE_PLACE: &str = "update household_place set superseded_at = $1 \
    where household_id = $2 and superseded_at is null and valid_to is null";
const ADD_PLACE: &str = "insert into household_place (household_id, area_code, valid_from, \
    reason_in, valid_to, reason_out, recorded_at, event_id) \
    values ($1, $2, $3, $4, $5, $6, $7, $8)";

/// Ends the spell of a household in one place and begins one in another.
pub(super) fn turn_place(
    tx: &Tx<'_>,
    household: i64,
    (before, after): (AreaCode, AreaCode),
    because: Because<'_>,
) -> Result<(), StoreError> {
    let Because { event, day, now, reason, .. } = because;
    let open =
        tx.query_opt(OPEN_PLACE, &[household.into()], |row| Ok((row.text(0)?, row.text(1)?)))?;
    let (from, reason_in) = match open {
        Some(open) => open,
        // One that never moved lives where it does since it is registered.
        None => (
            tx.query_one(FIRST_PLACE, &[household.into()], |row| row.text(0))?,
            REASON_REGISTERED.to_owned(),
        ),
    };
    tx.execute(SUPERSEDE_PLACE, &[now.0.into(), household.into()])?;
    let add = |area: AreaCode, from: &str, reason_in: &str, to: Option<&str>| {
        let reason_out = to.map(|_| reason);
        let values = [
            household.into(),
            area.as_str().into(),
            from.into(),
            reason_in.into(),
            to.into(),
            reason_out.into(),
            now.0.into(),
            event.into(),
        ];
        tx.execute(ADD_PLACE, &values)
    };
    if from.as_str() < day {
        add(before, &from, &reason_in, Some(day))?;
        add(after, day, reason, None)?;
    } else {
        add(after, &from, reason, None)?;
    }
    Ok(())
}

/// The event that brought a household where it lives, if one did.
pub(super) fn place_event(conn: &Conn, household: i64) -> Result<Option<i64>, StoreError> {
    conn.query_opt(OPEN_PLACE, &[household.into()], |row| row.int(2))
}

const REOPEN_PLACE: &str = "update household_place set superseded_at = $1 \
    where event_id = $2 and superseded_at is null";
const RESTORE_PLACE: &str = "insert into household_place (household_id, area_code, valid_from, \
    reason_in, recorded_at, event_id) \
    select household_id, area_code, valid_from, reason_in, cast($1 as bigint), event_id \
    from household_place where household_id = $2 and valid_to is null and superseded_at = $3 \
    and event_id <> $4";

/// Takes back what an event did to a place; `applied` is the instant at which it applied.
pub(super) fn restore_place(
    tx: &Tx<'_>,
    household: i64,
    (event, applied, now): (i64, i64, Timestamp),
) -> Result<(), StoreError> {
    tx.execute(REOPEN_PLACE, &[now.0.into(), event.into()])?;
    let values = [now.0.into(), household.into(), applied.into(), event.into()];
    tx.execute(RESTORE_PLACE, &values).map(|_| ())
}

/// The event by which a person left last.
pub(super) fn last_left(conn: &Conn, person: Option<i64>) -> Result<Option<i64>, StoreError> {
    let sql = "select event_id from membership_history where person_id = $1 \
               and superseded_at is not null and event_id is not null \
               order by superseded_at desc, event_id desc limit 1";
    let found = conn.query_opt(sql, &[person.into()], |row| row.int_opt(0))?;
    Ok(found.flatten())
}
