//! Events in the store.

use qb_access::Scope;
use qb_base::{AreaCode, Timestamp};
use qb_store::{Conn, Row, Sql, StoreError, Tx};

use super::model::{Doubt, Event, EventState, Kind, Proposal};

/// Who decided where an event applied at once.
pub(crate) const BY_RULE: &str = "rule";

const COLUMNS: &str = "select e.id, e.kind, e.state, e.household_id, h.household_no, \
    h.area_code, e.person_id, e.other_id, e.area_before, e.area_after, e.relation_before, \
    e.relation_after, e.other_before, e.other_after, e.happened_on, e.known_at, \
    e.source_file_id, f.name, e.source_row, e.doubt, e.proposed_by, e.decided_by, e.decided_at, \
    e.decided_why from register_event e join household h on h.id = e.household_id \
    join source_file f on f.id = e.source_file_id ";

/// Which events are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    /// Only those in this state.
    pub state: Option<EventState>,
    /// Only those of this household.
    pub household: Option<i64>,
    /// Only those before this one.
    pub before: Option<i64>,
    /// How many at most.
    pub limit: i64,
}

/// Events of households within a scope, the newest first.
///
/// # Errors
/// Whatever the store says.
pub fn list(conn: &Conn, scope: &Scope, wanted: Wanted) -> Result<Vec<Event>, StoreError> {
    let (low, high) = scope.range();
    let sql = Sql::join(&[
        COLUMNS,
        "where h.area_code >= $1 and h.area_code < $2 and ($3 = '' or e.state = $3) \
         and ($4 = 0 or e.household_id = $4) and ($5 = 0 or e.id < $5) \
         order by e.id desc limit $6",
    ]);
    let values = [
        (&low).into(),
        (&high).into(),
        qb_store::Value::text_or_any(wanted.state.map(EventState::code)),
        qb_store::Value::int_or_any(wanted.household),
        qb_store::Value::int_or_any(wanted.before),
        wanted.limit.into(),
    ];
    conn.query(sql, &values, read)
}

/// One event, if its household lies within a scope.
///
/// # Errors
/// Whatever the store says.
pub fn one(conn: &Conn, scope: &Scope, id: i64) -> Result<Option<Event>, StoreError> {
    let event = conn.query_opt(Sql::join(&[COLUMNS, "where e.id = $1"]), &[id.into()], read)?;
    let covers = |code: &str| AreaCode::parse(code).is_ok_and(|area| scope.covers(area));
    Ok(event.filter(|event| covers(&event.area)))
}

/// Where a file's events come from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin<'a> {
    pub(crate) file_id: i64,
    pub(crate) now: Timestamp,
    /// The day on which the office works.
    pub(crate) day: &'a str,
    pub(crate) actor: &'a str,
}

const INSERT: &str = "insert into register_event (id, kind, household_id, person_id, other_id, \
    area_before, area_after, relation_before, relation_after, other_before, other_after, \
    happened_on, known_at, source_file_id, source_row, doubt, proposed_by, state, decided_by, \
    decided_at, decided_why) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, \
    $14, $15, $16, $17, $18, $19, $20, $21)";

/// Keeps an event: applied where nothing speaks against it, else proposed.
pub(crate) fn insert(
    tx: &Tx<'_>,
    proposal: &Proposal,
    origin: Origin<'_>,
) -> Result<Event, StoreError> {
    let id = tx.next_id("register_event")?;
    let state = match proposal.doubt {
        None => EventState::Applied,
        Some(_) => EventState::Proposed,
    };
    let by_rule = (state == EventState::Applied).then_some(BY_RULE);
    let (before, after) = (
        proposal.areas.as_ref().map(|(before, _)| before.as_str()),
        proposal.areas.as_ref().map(|(_, after)| after.as_str()),
    );
    let doubt = proposal.doubt.map(Doubt::code);
    tx.execute(
        INSERT,
        &[
            id.into(),
            proposal.kind.code().into(),
            proposal.household.into(),
            proposal.person.into(),
            proposal.other.into(),
            before.into(),
            after.into(),
            proposal.relation.0.as_deref().into(),
            proposal.relation.1.as_deref().into(),
            proposal.other_relation.0.as_deref().into(),
            proposal.other_relation.1.as_deref().into(),
            origin.day.into(),
            origin.now.0.into(),
            origin.file_id.into(),
            i64::from(proposal.row).into(),
            doubt.into(),
            origin.actor.into(),
            state.code().into(),
            by_rule.into(),
            by_rule.map(|_| origin.now.0).into(),
            by_rule.into(),
        ],
    )?;
    step(tx, id, state, (origin.actor, origin.now, doubt.unwrap_or(BY_RULE)))?;
    tx.query_one(Sql::join(&[COLUMNS, "where e.id = $1"]), &[id.into()], read)
}

const STEP: &str = "insert into register_event_step (event_id, seq, state, actor, stepped_at, \
    reason) select cast($1 as bigint), cast(count(*) + 1 as bigint), cast($2 as text), cast($3 as text), \
    cast($4 as bigint), cast($5 as text) from register_event_step where event_id = $1";

fn step(
    tx: &Tx<'_>,
    id: i64,
    state: EventState,
    (actor, now, reason): (&str, Timestamp, &str),
) -> Result<(), StoreError> {
    let values = [id.into(), state.code().into(), actor.into(), now.0.into(), reason.into()];
    tx.execute(STEP, &values).map(|_| ())
}

/// Moves an event to another state.
pub(super) fn decide(
    tx: &Tx<'_>,
    id: i64,
    state: EventState,
    (actor, now, reason): (&str, Timestamp, &str),
) -> Result<(), StoreError> {
    tx.execute(
        "update register_event set state = $1, decided_by = $2, decided_at = $3, \
         decided_why = $4 where id = $5",
        &[state.code().into(), actor.into(), now.0.into(), reason.into(), id.into()],
    )?;
    step(tx, id, state, (actor, now, reason))
}

/// What became of the newest event that says the same: of the same kind, household, person and
/// places.
pub(crate) fn same(
    conn: &Conn,
    kind: Kind,
    (household, person, areas): (i64, Option<i64>, Option<(AreaCode, AreaCode)>),
) -> Result<Option<EventState>, StoreError> {
    let (before, after) = areas.unzip();
    let sql = "select state from register_event where household_id = $1 and kind = $2 \
               and coalesce(person_id, 0) = $3 and coalesce(area_before, '') = $4 \
               and coalesce(area_after, '') = $5 order by id desc limit 1";
    let values = [
        household.into(),
        kind.code().into(),
        qb_store::Value::int_or_any(person),
        qb_store::Value::text_or_any(before.as_ref().map(|area| area.as_str())),
        qb_store::Value::text_or_any(after.as_ref().map(|area| area.as_str())),
    ];
    let code = conn.query_opt(sql, &values, |row| row.text(0))?;
    Ok(code.as_deref().and_then(EventState::parse))
}

fn read(row: &Row<'_>) -> Result<Event, StoreError> {
    let unknown = |word: &str| StoreError::Database(format!("no such word of an event: {word}"));
    let (kind, state, doubt) = (row.text(1)?, row.text(2)?, row.text_opt(19)?);
    Ok(Event {
        id: row.int(0)?,
        kind: Kind::parse(&kind).ok_or_else(|| unknown(&kind))?,
        state: EventState::parse(&state).ok_or_else(|| unknown(&state))?,
        household: row.int(3)?,
        household_no: row.text(4)?,
        area: row.text(5)?,
        person: row.int_opt(6)?,
        other: row.int_opt(7)?,
        area_before: row.text_opt(8)?,
        area_after: row.text_opt(9)?,
        relation_before: row.text_opt(10)?,
        relation_after: row.text_opt(11)?,
        other_before: row.text_opt(12)?,
        other_after: row.text_opt(13)?,
        happened_on: row.text(14)?,
        known_at: row.int(15)?,
        file_id: row.int(16)?,
        file: row.text(17)?,
        row: row.int(18)?,
        doubt: doubt.as_deref().and_then(Doubt::parse),
        proposed_by: row.text(20)?,
        decided_by: row.text_opt(21)?,
        decided_at: row.int_opt(22)?,
        decided_why: row.text_opt(23)?,
    })
}
