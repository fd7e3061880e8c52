//! Events in the store.

use qb_access::Scope;
use qb_base::keyring::Purpose;
use qb_base::{AreaCode, Keyring, Timestamp};
use qb_store::{Conn, Row, Sql, Store, StoreError, Tx};

use super::model::{Doubt, Effect, Event, EventState, Part, Proposal};
use crate::error::RegistryError;

/// Who decided where an event applied at once.
pub const BY_RULE: &str = "rule";

/// Events first, then their households: a store that goes through the households of a city for the
/// events of one takes a thousand times as long, and SQLite keeps the order of a cross join.
const COLUMNS: &str = "select e.id, e.kind, e.state, e.household_id, h.household_no, \
    h.area_code, e.person_id, e.other_id, e.area_before, e.area_after, e.relation_before, \
    e.relation_after, e.other_before, e.other_after, e.happened_on, e.known_at, \
    e.source_file_id, f.name, e.source_row, e.doubt, e.proposed_by, e.decided_by, e.decided_at, \
    e.decided_why, e.effect, e.paper, e.proposed_why, e.other_household_id, \
    e.other_household_no from event e cross join household h \
    left join source_file f on f.id = e.source_file_id where h.id = e.household_id ";

/// Each of the two has an index of its own.
const OF_HOUSEHOLD: &str = "and e.id in (select id from event where household_id = $4 \
    union all select id from event where other_household_id = $4) ";

/// Which events are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted<'a> {
    /// Only those in this state.
    pub state: Option<EventState>,
    /// Only those of these kinds: their words, each between commas.
    pub kinds: Option<&'a str>,
    /// Only those of this household, also where it is the other one.
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
pub fn list(conn: &Conn, scope: &Scope, wanted: Wanted<'_>) -> Result<Vec<Event>, StoreError> {
    let (low, high) = scope.range();
    // What is asked for stands alone in the statement, so that its index is used.
    let sql = Sql::join(&[
        COLUMNS,
        "and h.area_code >= $1 and h.area_code < $2 ",
        if wanted.state.is_some() { "and e.state = $3 " } else { "and $3 = '' " },
        if wanted.household.is_some() { OF_HOUSEHOLD } else { "and $4 = 0 " },
        "and ($5 = 0 or e.id < $5) \
         and ($6 = '' or replace($6, ',' || e.kind || ',', '') <> $6) \
         order by e.id desc limit $7",
    ]);
    let values = [
        (&low).into(),
        (&high).into(),
        qb_store::Value::text_or_any(wanted.state.map(EventState::code)),
        qb_store::Value::int_or_any(wanted.household),
        qb_store::Value::int_or_any(wanted.before),
        qb_store::Value::text_or_any(wanted.kinds),
        wanted.limit.into(),
    ];
    conn.query(sql, &values, read)
}

/// How many events of each kind are in a state within a scope.
///
/// # Errors
/// Whatever the store says.
pub fn counts(
    conn: &Conn,
    scope: &Scope,
    state: EventState,
) -> Result<Vec<(String, i64)>, StoreError> {
    let (low, high) = scope.range();
    let sql = "select e.kind, count(*) from event e cross join household h \
               where h.id = e.household_id and e.state = $1 and h.area_code >= $2 \
               and h.area_code < $3 group by e.kind order by e.kind";
    let values = [state.code().into(), (&low).into(), (&high).into()];
    conn.query(sql, &values, |row| Ok((row.text(0)?, row.int(1)?)))
}

/// When somebody decided last about an event, in ms UTC; 0 before the first.
///
/// # Errors
/// Whatever the store says.
pub fn last_decided(conn: &Conn) -> Result<i64, StoreError> {
    conn.query_one("select coalesce(max(decided_at), 0) from event", &[], |row| row.int(0))
}

/// When the register last followed an event, or no longer did, in ms UTC; 0 before the first.
///
/// # Errors
/// Whatever the store says.
pub fn last_turned(conn: &Conn) -> Result<i64, StoreError> {
    let sql = "select coalesce(max(decided_at), 0) from event where state in ('APPLIED', 'UNDONE')";
    conn.query_one(sql, &[], |row| row.int(0))
}

/// What a person filled in of an event, by column of the register's file, of households within a
/// scope; nothing where a file stated it.
///
/// # Errors
/// [`StoreError::NotFound`] where there is none; else what the store says.
pub fn filled_in(
    store: &Store,
    scope: &Scope,
    id: i64,
) -> Result<Vec<(String, String)>, RegistryError> {
    store.read(|conn| {
        one(conn, scope, id)?.ok_or(StoreError::NotFound)?;
        stated(conn, store.keyring(), id)
    })
}

/// One event, if its household lies within a scope.
///
/// # Errors
/// Whatever the store says.
pub fn one(conn: &Conn, scope: &Scope, id: i64) -> Result<Option<Event>, StoreError> {
    let event = conn.query_opt(Sql::join(&[COLUMNS, "and e.id = $1"]), &[id.into()], read)?;
    let covers = |code: &str| AreaCode::parse(code).is_ok_and(|area| scope.covers(area));
    Ok(event.filter(|event| covers(&event.area)))
}

/// Where an event comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin<'a> {
    /// None where a person states it.
    pub(crate) file_id: Option<i64>,
    pub(crate) now: Timestamp,
    /// The day from which it holds.
    pub(crate) day: &'a str,
    pub(crate) actor: &'a str,
    /// What a person states beside it.
    pub(crate) by_hand: Option<ByHand<'a>>,
}

/// What a person states beside an event.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ByHand<'a> {
    pub(crate) paper: Option<&'a str>,
    pub(crate) why: &'a str,
    /// What it filled in, as it is sealed; none where nothing is filled in.
    pub(crate) stated: &'a [(String, String)],
    pub(crate) keyring: &'a Keyring,
}

const INSERT: &str = "insert into event (id, kind, effect, household_id, person_id, other_id, \
    area_before, area_after, relation_before, relation_after, other_before, other_after, \
    happened_on, known_at, source_file_id, source_row, doubt, proposed_by, paper, proposed_why, \
    stated_sealed, state, decided_by, decided_at, decided_why, other_household_id, \
    other_household_no) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, \
    $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27)";
const INSERT_PART: &str = "insert into event_part (event_id, person_id, goes, relation_before, \
    relation_after) values ($1, $2, $3, $4, $5)";

/// Keeps an event: applied where a file states it and nothing speaks against it, else proposed.
pub(crate) fn insert(
    tx: &Tx<'_>,
    proposal: &Proposal,
    origin: Origin<'_>,
) -> Result<Event, StoreError> {
    let id = tx.next_id("event")?;
    let state = match (proposal.doubt, origin.by_hand) {
        (None, None) => EventState::Applied,
        _ => EventState::Proposed,
    };
    let sealed = origin.by_hand.map(|by| seal(id, &by)).transpose()?.flatten();
    let by_rule = (state == EventState::Applied).then_some(BY_RULE);
    let (before, after) = (
        proposal.areas.as_ref().map(|(before, _)| before.as_str()),
        proposal.areas.as_ref().map(|(_, after)| after.as_str()),
    );
    let doubt = proposal.doubt.map(Doubt::code);
    let regroup = proposal.regroup.as_ref();
    tx.execute(
        INSERT,
        &[
            id.into(),
            proposal.kind.as_str().into(),
            proposal.effect.code().into(),
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
            proposal.row.map(i64::from).into(),
            doubt.into(),
            origin.actor.into(),
            origin.by_hand.and_then(|by| by.paper).into(),
            origin.by_hand.map(|by| by.why).into(),
            sealed.as_deref().into(),
            state.code().into(),
            by_rule.into(),
            by_rule.map(|_| origin.now.0).into(),
            by_rule.into(),
            regroup.and_then(|regroup| regroup.other).into(),
            regroup.map(|regroup| regroup.other_no.as_str()).into(),
        ],
    )?;
    for part in regroup.iter().flat_map(|regroup| &regroup.parts) {
        let (before, after) = (part.relation_before.as_deref(), part.relation_after.as_deref());
        let values = [id.into(), part.person.into(), part.goes.into(), before.into(), after.into()];
        tx.execute(INSERT_PART, &values)?;
    }
    let why = origin.by_hand.map(|by| by.why);
    step(tx, id, state, (origin.actor, origin.now, why.or(doubt).unwrap_or(BY_RULE)))?;
    tx.query_one(Sql::join(&[COLUMNS, "and e.id = $1"]), &[id.into()], read)
}

/// What a person filled in, by column, sealed for the event.
fn seal(id: i64, by: &ByHand<'_>) -> Result<Option<Vec<u8>>, StoreError> {
    if by.stated.is_empty() {
        return Ok(None);
    }
    let text = serde_json::to_vec(by.stated)
        .map_err(|error| StoreError::Database(format!("what an event states: {error}")))?;
    Ok(Some(by.keyring.seal(Purpose::Event, &[&id.to_string()], &text).0))
}

/// What a person filled in; nothing where nothing was. That its household may be read the caller
/// has to know.
///
/// # Errors
/// Whatever the store says, or a broken invariant.
pub fn stated(
    conn: &Conn,
    keyring: &Keyring,
    id: i64,
) -> Result<Vec<(String, String)>, RegistryError> {
    let sql = "select stated_sealed from event where id = $1";
    let sealed = conn.query_one(sql, &[id.into()], |row| row.blob_opt(0))?;
    let Some(sealed) = sealed else { return Ok(Vec::new()) };
    let text = keyring.open(Purpose::Event, &[&id.to_string()], &sealed);
    let text = text.map_err(|_| RegistryError::Invariant("the seal of an event"))?;
    serde_json::from_slice(&text).map_err(|_| RegistryError::Invariant("what an event states"))
}

/// Notes who joined by an event.
pub(crate) fn joined(tx: &Tx<'_>, id: i64, person: i64) -> Result<(), StoreError> {
    let sql = "update event set person_id = $1 where id = $2";
    tx.execute(sql, &[person.into(), id.into()]).map(|_| ())
}

/// Notes the household that an event let begin.
pub(super) fn began(tx: &Tx<'_>, id: i64, household: i64) -> Result<(), StoreError> {
    let sql = "update event set other_household_id = $1 where id = $2";
    tx.execute(sql, &[household.into(), id.into()]).map(|_| ())
}

/// What becomes of each member where a household splits or joins another, in the order of their
/// ids; that its household may be read the caller has to know.
///
/// # Errors
/// Whatever the store says.
pub fn parts(conn: &Conn, id: i64) -> Result<Vec<Part>, StoreError> {
    let sql = "select person_id, goes, relation_before, relation_after from event_part \
               where event_id = $1 order by person_id";
    conn.query(sql, &[id.into()], |row| {
        Ok(Part {
            person: row.int(0)?,
            goes: row.bool(1)?,
            relation_before: row.text_opt(2)?,
            relation_after: row.text_opt(3)?,
        })
    })
}

/// A state that an event came into.
#[derive(Clone, Debug, serde::Serialize)]
pub struct EventStep {
    /// The state.
    pub state: EventState,
    /// Who brought it there, as the audit chain names them.
    pub actor: String,
    /// When, in ms UTC.
    pub stepped_at: i64,
    /// Why.
    pub reason: String,
}

/// Every state an event was in, the first one first; that its household may be read the caller has
/// to know.
///
/// # Errors
/// Whatever the store says.
pub fn steps(conn: &Conn, id: i64) -> Result<Vec<EventStep>, StoreError> {
    let sql = "select state, actor, stepped_at, reason from event_step where event_id = $1 \
               order by seq";
    conn.query(sql, &[id.into()], |row| {
        let state = row.text(0)?;
        let unknown = || StoreError::Database(format!("no such state of an event: {state}"));
        Ok(EventStep {
            state: EventState::parse(&state).ok_or_else(unknown)?,
            actor: row.text(1)?,
            stepped_at: row.int(2)?,
            reason: row.text(3)?,
        })
    })
}

const STEP: &str = "insert into event_step (event_id, seq, state, actor, stepped_at, \
    reason) select cast($1 as bigint), cast(count(*) + 1 as bigint), cast($2 as text), cast($3 as text), \
    cast($4 as bigint), cast($5 as text) from event_step where event_id = $1";

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
pub(crate) fn decide(
    tx: &Tx<'_>,
    id: i64,
    state: EventState,
    (actor, now, reason): (&str, Timestamp, &str),
) -> Result<(), StoreError> {
    tx.execute(
        "update event set state = $1, decided_by = $2, decided_at = $3, \
         decided_why = $4 where id = $5",
        &[state.code().into(), actor.into(), now.0.into(), reason.into(), id.into()],
    )?;
    step(tx, id, state, (actor, now, reason))
}

/// What became of the newest event that says the same: of the same kind, household, person and
/// places.
pub(crate) fn same(
    conn: &Conn,
    kind: &str,
    (household, person, areas): (i64, Option<i64>, Option<(AreaCode, AreaCode)>),
) -> Result<Option<EventState>, StoreError> {
    let (before, after) = areas.unzip();
    let sql = "select state from event where household_id = $1 and kind = $2 \
               and coalesce(person_id, 0) = $3 and coalesce(area_before, '') = $4 \
               and coalesce(area_after, '') = $5 order by id desc limit 1";
    let values = [
        household.into(),
        kind.into(),
        qb_store::Value::int_or_any(person),
        qb_store::Value::text_or_any(before.as_ref().map(|area| area.as_str())),
        qb_store::Value::text_or_any(after.as_ref().map(|area| area.as_str())),
    ];
    let code = conn.query_opt(sql, &values, |row| row.text(0))?;
    Ok(code.as_deref().and_then(EventState::parse))
}

fn read(row: &Row<'_>) -> Result<Event, StoreError> {
    let unknown = |word: &str| StoreError::Database(format!("no such word of an event: {word}"));
    let (effect, state, doubt) = (row.text(24)?, row.text(2)?, row.text_opt(19)?);
    Ok(Event {
        id: row.int(0)?,
        kind: row.text(1)?,
        effect: Effect::parse(&effect).ok_or_else(|| unknown(&effect))?,
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
        other_household: row.int_opt(27)?,
        other_household_no: row.text_opt(28)?,
        happened_on: row.text(14)?,
        known_at: row.int(15)?,
        file_id: row.int_opt(16)?,
        file: row.text_opt(17)?,
        row: row.int_opt(18)?,
        paper: row.text_opt(25)?,
        proposed_why: row.text_opt(26)?,
        doubt: doubt.as_deref().and_then(Doubt::parse),
        proposed_by: row.text(20)?,
        decided_by: row.text_opt(21)?,
        decided_at: row.int_opt(22)?,
        decided_why: row.text_opt(23)?,
    })
}
