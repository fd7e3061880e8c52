//! Areas merge: one or several end on a day and another goes on. A village that gets another code
//! is a merger of one.
//!
//! Somebody states it, by a paper; another person confirms it, and the register follows. Each is
//! one transaction with its audit row, and a step that stays. What was confirmed can be undone as
//! long as nothing newer rests on it; what waits can be taken back.

use qb_access::{Decision, Permission, Scope, decide, permission};
use qb_base::{AreaCode, Date, Text, Timestamp, env, personal};
use qb_store::{AuditEntry, Conn, OfficeDay, Period, Row, Sql, Store, StoreError, Tx};

use super::follow::{self, Followed};
use super::known;
use super::refusal::AreaRefusal;
use super::rules::{Picture, Wanted};
use crate::error::RegistryError;

/// Characters of a paper or a reason.
const WORDS_MAX: usize = 300;

/// Somebody who keeps areas.
#[derive(Clone, Debug)]
pub struct Keeper {
    /// As the audit chain names the person.
    pub actor: String,
    /// Role and area.
    pub scope: Scope,
}

impl Keeper {
    /// That the person may do something in every one of some areas.
    pub(super) fn may(
        &self,
        permission: &Permission,
        areas: impl IntoIterator<Item = AreaCode>,
    ) -> Result<(), AreaRefusal> {
        let decisions =
            areas.into_iter().map(|area| decide(permission, Some(&self.scope), Some(area)));
        for decision in decisions {
            match decision {
                Decision::Allow => {}
                Decision::Hide => return Err(AreaRefusal::Outside),
                Decision::Refuse | Decision::SignIn => return Err(AreaRefusal::Role),
            }
        }
        Ok(())
    }
}

/// How far a merger is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub enum MergerState {
    /// It waits for a second person.
    #[serde(rename = "STATED")]
    Stated,
    /// The register follows it.
    #[serde(rename = "DECIDED")]
    Decided,
    /// It was taken back before anybody confirmed it.
    #[serde(rename = "REJECTED")]
    Rejected,
    /// It was confirmed and undone.
    #[serde(rename = "UNDONE")]
    Undone,
}

impl MergerState {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Stated, Self::Decided, Self::Rejected, Self::Undone];

    /// The word that is stored.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Stated => "STATED",
            Self::Decided => "DECIDED",
            Self::Rejected => "REJECTED",
            Self::Undone => "UNDONE",
        }
    }

    /// What people read.
    pub const fn label(self) -> Text {
        match self {
            Self::Stated => Text::fixed("待确认", "waits"),
            Self::Decided => Text::fixed("已确认", "confirmed"),
            Self::Rejected => Text::fixed("已撤回", "taken back"),
            Self::Undone => Text::fixed("已撤销", "undone"),
        }
    }

    fn parse(code: &str) -> Result<Self, StoreError> {
        let found = Self::ALL.into_iter().find(|one| one.code() == code);
        found.ok_or(StoreError::Broken("a merger is in a state that nobody knows"))
    }
}

/// A merger as somebody states it.
#[derive(Clone, Copy, Debug)]
pub struct Stating<'a> {
    /// The areas that end.
    pub parts: &'a [AreaCode],
    /// The one that goes on.
    pub into: AreaCode,
    /// The first day on which they are one.
    pub on: Date,
    /// The paper that says so.
    pub paper: &'a str,
    /// What else there is to say; the paper stands for itself where this is blank.
    pub reason: &'a str,
}

/// A merger of areas.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Merger {
    /// Its number.
    pub id: i64,
    /// The areas that end.
    pub parts: Vec<String>,
    /// The one that goes on.
    pub into: String,
    /// The first day on which they are one.
    pub happened_on: String,
    /// The instant it was stated, in ms UTC.
    pub known_at: i64,
    /// The paper that says so.
    pub paper: String,
    /// Why it was stated.
    pub reason: String,
    /// Who stated it, as the audit chain names them.
    pub stated_by: String,
    /// How far it is.
    pub state: MergerState,
    /// Who decided last.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<i64>,
    /// The instant from which the register followed it.
    #[serde(skip)]
    pub(super) applied_at: Option<i64>,
    /// The events of its households, the first and the last.
    #[serde(skip)]
    pub(super) events: Option<(i64, i64)>,
}

impl Merger {
    /// How many households it put into the successor.
    pub fn households(&self) -> i64 {
        match self.events {
            Some((first, last)) => last - first + 1,
            // Nobody lived there, or nobody confirmed it yet.
            None => 0,
        }
    }

    pub(super) fn codes(&self) -> Result<(Vec<AreaCode>, AreaCode), StoreError> {
        let parse = |code: &String| {
            AreaCode::parse(code).map_err(|_| StoreError::Broken("a merger of areas without codes"))
        };
        let parts = self.parts.iter().map(parse).collect::<Result<_, _>>()?;
        Ok((parts, parse(&self.into)?))
    }
}

/// A state that a merger came into.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct MergerStep {
    /// The state.
    pub state: MergerState,
    /// Who brought it there.
    pub actor: String,
    /// When, in ms UTC.
    pub stepped_at: i64,
    /// Why.
    pub reason: String,
}

/// States that areas merge; a second person confirms it.
///
/// # Errors
/// [`RegistryError::Area`] with why where they cannot, or the person may not.
pub fn state(store: &Store, stating: &Stating<'_>, who: &Keeper) -> Result<Merger, RegistryError> {
    let (paper, reason) = (stating.paper.trim(), stating.reason.trim());
    said(paper)?;
    let reason = if reason.is_empty() { paper } else { reason };
    said(reason)?;
    let mut parts = stating.parts.to_vec();
    parts.sort_unstable();
    parts.dedup();
    store.write(|tx| {
        let wanted = Wanted {
            parts: &parts,
            into: stating.into,
            on: stating.on,
            today: OfficeDay::read(tx)?.day,
            waits_as: None,
        };
        who.may(&permission::KEEP_AREA, parts.iter().copied().chain([stating.into]))?;
        picture(tx)?.check(&wanted)?;
        hindrance(tx, &parts, &stating.on.to_string())?;
        let id = tx.next_id("area_merger")?;
        let now = env::now();
        let (on, into) = (stating.on.to_string(), stating.into.to_string());
        tx.execute(
            "insert into area_merger (id, into_code, happened_on, known_at, paper, reason, \
             stated_by, state) values ($1, $2, $3, $4, $5, $6, $7, 'STATED')",
            &[
                id.into(),
                (&into).into(),
                (&on).into(),
                now.0.into(),
                paper.into(),
                reason.into(),
                who.actor.as_str().into(),
            ],
        )?;
        for part in &parts {
            let sql = "insert into area_merger_part (merger_id, area_code) values ($1, $2)";
            tx.execute(sql, &[id.into(), part.as_str().into()])?;
        }
        let at = (who.actor.as_str(), now, reason);
        stepped(tx, (id, MergerState::Stated), "area.merge_state", at)?;
        Ok(one(tx, id)?)
    })
}

/// A second person confirms a merger: the register follows it.
///
/// # Errors
/// [`StoreError::NotFound`] where there is none; [`RegistryError::Area`] with why where it cannot
/// be confirmed any more, or not by this person.
pub fn confirm(
    store: &Store,
    id: i64,
    (who, reason): (&Keeper, &str),
) -> Result<Merger, RegistryError> {
    store.write(|tx| {
        let merger = seen(tx, (id, who))?;
        let (parts, into) = merger.codes()?;
        who.may(&permission::DECIDE_AREA, parts.iter().copied().chain([into]))?;
        in_state(&merger, MergerState::Stated)?;
        if merger.stated_by == who.actor {
            return Err(AreaRefusal::SamePerson.into());
        }
        let reason = reason.trim();
        let reason = if reason.is_empty() { &merger.paper } else { reason };
        said(reason)?;
        let on = day(&merger)?;
        let today = OfficeDay::read(tx)?.day;
        // What stood in nobody's way when it was stated may do so now.
        let wanted = Wanted { parts: &parts, into, on, today, waits_as: Some(id) };
        picture(tx)?.check(&wanted)?;
        hindrance(tx, &parts, &merger.happened_on)?;
        let followed = follow::apply(tx, &merger, (&who.actor, reason))?;
        let Followed { at, events } = followed;
        let (first, last) = events.unzip();
        tx.execute(
            "update area_merger set applied_at = $1, first_event_id = $2, last_event_id = $3 \
             where id = $4",
            &[at.0.into(), first.into(), last.into(), id.into()],
        )?;
        decided(tx, (id, MergerState::Decided), "area.merge_confirm", (&who.actor, at, reason))?;
        Ok(one(tx, id)?)
    })
}

/// Undoes a merger that was confirmed, or takes back one that waits.
///
/// # Errors
/// [`StoreError::NotFound`] where there is none; [`RegistryError::Area`] with why where it cannot
/// be undone, or not by this person.
pub fn undo(
    store: &Store,
    id: i64,
    (who, reason): (&Keeper, &str),
) -> Result<Merger, RegistryError> {
    let reason = reason.trim();
    said(reason)?;
    store.write(|tx| {
        let merger = seen(tx, (id, who))?;
        let (parts, into) = merger.codes()?;
        who.may(&permission::DECIDE_AREA, parts.iter().copied().chain([into]))?;
        if merger.state == MergerState::Stated {
            let at = (who.actor.as_str(), env::now(), reason);
            decided(tx, (id, MergerState::Rejected), "area.merge_reject", at)?;
            return Ok(one(tx, id)?);
        }
        in_state(&merger, MergerState::Decided)?;
        let year = day(&merger)?.year();
        if Period::closed(tx)?.contains(&year) {
            return Err(AreaRefusal::Closed { year }.into());
        }
        newer(tx, &merger)?;
        let at = follow::undo(tx, &merger, (&who.actor, reason))?;
        decided(tx, (id, MergerState::Undone), "area.merge_undo", (&who.actor, at, reason))?;
        Ok(one(tx, id)?)
    })
}

/// Which mergers are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct WantedMergers {
    /// Only those of this area: it ends by them, or goes on.
    pub area: Option<AreaCode>,
    /// Only those in this state.
    pub state: Option<MergerState>,
}

/// Mergers of which the successor or one of the areas that end lies within a scope, the newest
/// first.
///
/// # Errors
/// Whatever the store says.
pub fn list(conn: &Conn, scope: &Scope, of: WantedMergers) -> Result<Vec<Merger>, StoreError> {
    let (low, high) = scope.range();
    let sql = Sql::join(&[
        COLUMNS,
        "where ($1 = '' or m.state = $1) and ($2 = '' or m.into_code = $2 or exists (select 1 \
         from area_merger_part p where p.merger_id = m.id and p.area_code = $2)) \
         and ((m.into_code >= $3 and m.into_code < $4) or exists (select 1 from area_merger_part p \
         where p.merger_id = m.id and p.area_code >= $3 and p.area_code < $4)) \
         order by m.id desc",
    ]);
    let area = of.area.map(|area| area.to_string());
    let values = [
        qb_store::Value::text_or_any(of.state.map(MergerState::code)),
        qb_store::Value::text_or_any(area.as_deref()),
        (&low).into(),
        (&high).into(),
    ];
    let mut mergers = conn.query(sql, &values, read)?;
    mergers.iter_mut().try_for_each(|merger| with_parts(conn, merger))?;
    Ok(mergers)
}

/// Every state a merger was in, the first one first; that it may be seen the caller has to know.
///
/// # Errors
/// Whatever the store says.
pub fn steps(conn: &Conn, id: i64) -> Result<Vec<MergerStep>, StoreError> {
    let sql = "select state, actor, stepped_at, reason from area_merger_step \
               where merger_id = $1 order by seq";
    conn.query(sql, &[id.into()], |row| {
        Ok(MergerStep {
            state: MergerState::parse(&row.text(0)?)?,
            actor: row.text(1)?,
            stepped_at: row.int(2)?,
            reason: row.text(3)?,
        })
    })
}

const COLUMNS: &str = "select m.id, m.into_code, m.happened_on, m.known_at, m.paper, m.reason, \
    m.stated_by, m.state, m.decided_by, m.decided_at, m.applied_at, m.first_event_id, \
    m.last_event_id from area_merger m ";

fn read(row: &Row<'_>) -> Result<Merger, StoreError> {
    Ok(Merger {
        id: row.int(0)?,
        parts: Vec::new(),
        into: row.text(1)?,
        happened_on: row.text(2)?,
        known_at: row.int(3)?,
        paper: row.text(4)?,
        reason: row.text(5)?,
        stated_by: row.text(6)?,
        state: MergerState::parse(&row.text(7)?)?,
        decided_by: row.text_opt(8)?,
        decided_at: row.int_opt(9)?,
        applied_at: row.int_opt(10)?,
        events: row.int_opt(11)?.zip(row.int_opt(12)?),
    })
}

fn with_parts(conn: &Conn, merger: &mut Merger) -> Result<(), StoreError> {
    let sql = "select area_code from area_merger_part where merger_id = $1 order by area_code";
    merger.parts = conn.query(sql, &[merger.id.into()], |row| row.text(0))?;
    Ok(())
}

/// A merger whoever asks; what it says of areas is no personal data.
fn one(conn: &Conn, id: i64) -> Result<Merger, StoreError> {
    let sql = Sql::join(&[COLUMNS, "where m.id = $1"]);
    let mut merger = conn.query_one(sql, &[id.into()], read)?;
    with_parts(conn, &mut merger)?;
    Ok(merger)
}

/// A merger of which the person sees a part; others do not exist for it.
fn seen(conn: &Conn, (id, who): (i64, &Keeper)) -> Result<Merger, StoreError> {
    let merger = one(conn, id)?;
    let (parts, into) = merger.codes()?;
    let is_seen = parts.iter().chain([&into]).any(|area| who.scope.covers(*area));
    if is_seen { Ok(merger) } else { Err(StoreError::NotFound) }
}

fn day(merger: &Merger) -> Result<Date, StoreError> {
    merger.happened_on.parse().map_err(|_| StoreError::Broken("a merger has a day"))
}

fn in_state(merger: &Merger, state: MergerState) -> Result<(), AreaRefusal> {
    match merger.state == state {
        true => Ok(()),
        false => Err(AreaRefusal::OtherState { state: merger.state.label() }),
    }
}

/// That a paper or a reason says something, and nobody's number.
pub(super) fn said(text: &str) -> Result<(), AreaRefusal> {
    if text.is_empty() || text.chars().count() > WORDS_MAX {
        return Err(AreaRefusal::Unsaid);
    }
    match personal::find(text) {
        Some(_) => Err(AreaRefusal::Personal),
        None => Ok(()),
    }
}

/// All areas, the mergers that wait, and the closed years.
pub(super) fn picture(conn: &Conn) -> Result<Picture, StoreError> {
    let mut picture = Picture::of(&known::all(conn)?)?;
    let sql = "select p.area_code, m.id from area_merger m join area_merger_part p \
               on p.merger_id = m.id where m.state = 'STATED'";
    for (code, id) in conn.query(sql, &[], |row| Ok((row.text(0)?, row.int(1)?)))? {
        if let Ok(code) = AreaCode::parse(&code) {
            picture.waiting.insert(code, id);
        }
    }
    picture.closed = Period::closed(conn)?;
    Ok(picture)
}

/// What households of the areas stand in the way of a merger on a day.
fn hindrance(conn: &Conn, parts: &[AreaCode], day: &str) -> Result<(), RegistryError> {
    let (mut moved, mut wait) = (0, 0);
    for part in parts {
        let left = "select count(*) from household_place where area_code = $1 \
                    and superseded_at is null and valid_to > $2";
        moved += conn.query_one(left, &[part.as_str().into(), day.into()], |row| row.int(0))?;
        let proposed = "select count(*) from event where state = 'PROPOSED' \
                        and (area_before = $1 or area_after = $1)";
        wait += conn.query_one(proposed, &[part.as_str().into()], |row| row.int(0))?;
    }
    if moved > 0 {
        return Err(AreaRefusal::MovedSince { count: moved }.into());
    }
    match wait {
        0 => Ok(()),
        count => Err(AreaRefusal::MovesWait { count }.into()),
    }
}

/// That nothing newer rests on a merger.
fn newer(conn: &Conn, merger: &Merger) -> Result<(), RegistryError> {
    let (_, into) = merger.codes()?;
    let end = known::end_of(conn, &into)?;
    if let Some(newer) = end.and_then(|end| end.merger) {
        return Err(AreaRefusal::Newer { merger: newer }.into());
    }
    match follow::moved_on(conn, merger)? {
        0 => Ok(()),
        count => Err(AreaRefusal::Changed { count }.into()),
    }
}

/// Notes a step and its audit row.
fn stepped(
    tx: &Tx<'_>,
    (id, state): (i64, MergerState),
    action: &'static str,
    (actor, now, reason): (&str, Timestamp, &str),
) -> Result<(), StoreError> {
    let sql = "insert into area_merger_step (merger_id, seq, state, actor, stepped_at, reason) \
               select cast($1 as bigint), cast(count(*) + 1 as bigint), cast($2 as text), \
               cast($3 as text), cast($4 as bigint), cast($5 as text) from area_merger_step \
               where merger_id = $1";
    let values = [id.into(), state.code().into(), actor.into(), now.0.into(), reason.into()];
    tx.execute(sql, &values)?;
    let object = format!("area_merger:{id}");
    tx.audit(&AuditEntry { actor, action, object: &object, before: None, after: None, reason })
}

/// Moves a merger to another state.
fn decided(
    tx: &Tx<'_>,
    of: (i64, MergerState),
    action: &'static str,
    at: (&str, Timestamp, &str),
) -> Result<(), StoreError> {
    let (id, state) = of;
    let sql = "update area_merger set state = $1, decided_by = $2, decided_at = $3 where id = $4";
    tx.execute(sql, &[state.code().into(), at.0.into(), at.1.0.into(), id.into()])?;
    stepped(tx, of, action, at)
}
