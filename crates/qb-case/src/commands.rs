//! What people do with cases; each command is one transaction with its audit row.

use qb_access::Role;
use qb_base::{AreaCode, AreaLevel, Date, Digest, Text, env};
use qb_store::{AuditEntry, Conn, Store, StoreError, Tx, Value};

pub use crate::apply::{Applied, apply};
pub use crate::due::level;
use crate::error::{CaseError, RefusedGuard};
pub use crate::leads::{Leads, open_leads};
use crate::load::{Loaded, load};
use crate::machine::{Machine, Machines, StateKind, Transition};
use crate::notice::{NoticeFacts, PublicNotice};
use crate::refusal::{Beside, Refusal};
use crate::save::{self, EventRow, FileRow};
use crate::step::{
    Actor, Attempt, Judgement, LookedUp, Past, PastStep, StepFacts, Told, Truth, beside, due,
    judge, people,
};

/// The list of terms of office, whose holders sign.
const TERMS: &str = "post_term";

/// Who works on cases, by which rules, on which day.
#[derive(Clone, Copy, Debug)]
pub struct Desk<'a> {
    /// The store.
    pub store: &'a Store,
    /// The rules.
    pub machines: &'a Machines,
    /// The person.
    pub actor: &'a Actor,
    /// Today.
    pub today: Date,
    /// Who knows what the clauses say; nobody: they cannot tell.
    pub clauses: Option<&'a dyn Clauses>,
    /// Who knows the people who work here; nobody: whoever is named as a second person passes.
    pub people: Option<&'a dyn People>,
}

/// The people who may be named as the second of two.
pub trait People: std::fmt::Debug {
    /// How cases name whoever has that login or number of their own and one of these roles on its
    /// level, for an area that contains the case's.
    ///
    /// # Errors
    /// Whatever the store says.
    fn login(
        &self,
        conn: &Conn,
        who: &str,
        actors: &[(Role, AreaLevel)],
        area: AreaCode,
    ) -> Result<Option<String>, StoreError>;
}

/// What the clauses of the pack say of households, as the newest run found it.
pub trait Clauses: std::fmt::Debug {
    /// Whether a clause holds; nothing when data are missing or no run has judged the household.
    ///
    /// # Errors
    /// Whatever the store says.
    fn truth(
        &self,
        conn: &Conn,
        clause: &str,
        area: AreaCode,
        household: i64,
    ) -> Result<Option<bool>, StoreError>;
}

/// A case about to be opened.
#[derive(Clone, Copy, Debug)]
pub struct Opening<'a> {
    /// Its machine.
    pub machine: &'a str,
    /// The transition that opens it.
    pub transition: &'a str,
    /// The subject's number.
    pub subject: &'a str,
    /// The household, when the subject is one that is registered.
    pub household_id: Option<i64>,
    /// Where it lies.
    pub area: AreaCode,
    /// The case's own deadline, for machines that ask for one.
    pub deadline: Option<Date>,
}

/// What a case looks like after a command.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct After {
    /// Its number.
    pub case: i64,
    /// Its version.
    pub version: i64,
    /// Its state.
    pub state: String,
    /// The day by which the next step is due.
    pub due: Option<String>,
    /// Whether the step came after its deadline.
    pub late: bool,
}

/// Opens a case by the first step of its machine.
///
/// # Errors
/// [`CaseError::Refused`] with every guard that fails; [`CaseError::AlreadyOpen`] while another
/// case on the subject has not ended.
pub fn open(desk: &Desk<'_>, opening: &Opening<'_>, facts: &StepFacts) -> Result<After, CaseError> {
    let unknown = |id: &str| CaseError::Unknown(id.to_owned());
    let machine = desk.machines.get(opening.machine).ok_or_else(|| unknown(opening.machine))?;
    let way = machine.transition_index(opening.transition);
    let way = way.ok_or_else(|| unknown(opening.transition))?;
    let mut past = Past { deadline: opening.deadline, ..Past::none(opening.area) };
    desk.store.write(|tx| {
        let subject = (opening.area, opening.household_id);
        let (looked_up, facts) = desk.look_up(tx, &machine.transitions[way], subject, facts)?;
        let attempt = desk.attempt(way, false, &facts, looked_up);
        let sql = "select id from case_file where machine = $1 and subject = $2 \
                   and is_ended = false and superseded_at is null";
        let values = [opening.machine.into(), opening.subject.into()];
        if let Some(id) = tx.query_opt(sql, &values, |row| row.int(0))? {
            return Err(CaseError::AlreadyOpen(id));
        }
        let judged = desk.judge(machine, &past, &attempt)?;
        let id = tx.next_id("case_file")?;
        past.take(&attempt, &judged);
        let due = due(machine, desk.machines.calendar(), &past);
        let now = env::now().0;
        let file = FileRow {
            id,
            subject: opening.subject,
            household_id: opening.household_id,
            area: &opening.area,
            opened_on: facts.on,
            due,
            irregular: 0,
            version: 1,
            source_record: None,
            parts_seen: None,
            recorded_at: now,
        };
        let mut rows = save::files(tx)?;
        file.push(machine, &machine.subject, &past, &mut rows)?;
        rows.finish()?;
        let event = (1, None, judged.to, None);
        let seal = write_event(tx, machine, id, event, &attempt)?;
        desk.audit(tx, "case.open", (machine, way), (id, seal))?;
        Ok(after(machine, id, 1, &past, due, false)?)
    })
}

/// Takes a step of a case, as the person saw it at a version.
///
/// # Errors
/// [`CaseError::Refused`] with every guard that fails, and nothing changes;
/// [`CaseError::Conflict`] when the case moved on meanwhile.
pub fn step(
    desk: &Desk<'_>,
    (case, version): (i64, i64),
    transition: &str,
    facts: &StepFacts,
) -> Result<After, CaseError> {
    advance(desk, (case, version), transition, facts, false)
}

/// Refuses a step and sends the case back to the state the transition names, with a reason.
///
/// # Errors
/// As [`step`].
pub fn reject(
    desk: &Desk<'_>,
    (case, version): (i64, i64),
    transition: &str,
    facts: &StepFacts,
) -> Result<After, CaseError> {
    advance(desk, (case, version), transition, facts, true)
}

fn advance(
    desk: &Desk<'_>,
    (case, version): (i64, i64),
    transition: &str,
    facts: &StepFacts,
    reject: bool,
) -> Result<After, CaseError> {
    desk.store.write(|tx| {
        let mut loaded = load(tx, desk.machines, &desk.actor.area, case)?;
        if loaded.version != version {
            return Err(CaseError::Conflict { case, seen: version, now: loaded.version });
        }
        let machine = loaded.machine;
        let way = machine.transition_index(transition);
        let way = way.ok_or_else(|| CaseError::Unknown(transition.to_owned()))?;
        let subject = (loaded.past.area, loaded.household_id);
        let (looked_up, facts) = desk.look_up(tx, &machine.transitions[way], subject, facts)?;
        let attempt = desk.attempt(way, reject, &facts, looked_up);
        let judged = desk.judge(machine, &loaded.past, &attempt)?;
        let from = loaded.past.state;
        loaded.past.take(&attempt, &judged);
        if judged.goes_back {
            settle(tx, case)?;
            loaded.past.upheld = 0;
        }
        let late = judged.late.map(|_| "late".to_owned());
        let seq = tx.query_one(NEXT_SEQ, &[case.into()], |row| row.int(0))?;
        let seal = write_event(tx, machine, case, (seq, from, judged.to, late), &attempt)?;
        let due = due(machine, desk.machines.calendar(), &loaded.past);
        update(tx, &loaded, due, judged.late.is_some())?;
        let action = if reject { "case.reject" } else { "case.step" };
        desk.audit(tx, action, (machine, way), (case, seal))?;
        Ok(after(machine, case, version + 1, &loaded.past, due, judged.late.is_some())?)
    })
}

const NEXT_SEQ: &str = "select coalesce(max(seq), 0) + 1 from case_event where case_id = $1";
const UPDATE: &str = "update case_file set state = $1, due_on = $2, is_decided = $3, \
     is_ended = $4, irregular_count = $5, version = $6, machine_digest = $7 where id = $8";
const SETTLE: &str =
    "update case_objection set state = 'settled' where case_id = $1 and state = 'upheld'";

fn settle(tx: &Tx<'_>, case: i64) -> Result<(), StoreError> {
    tx.execute(SETTLE, &[case.into()]).map(|_| ())
}

fn update(
    tx: &Tx<'_>,
    loaded: &Loaded<'_>,
    due: Option<Date>,
    is_late: bool,
) -> Result<(), StoreError> {
    let machine = loaded.machine;
    let state = machine.state_of(&loaded.past)?;
    let (due, digest) = (due.map(|day| day.to_string()), machine.digest.to_string());
    let values = [
        state.id.as_str().into(),
        Value::from(due.as_ref()),
        state.decided.into(),
        (state.kind == StateKind::End).into(),
        (loaded.irregular + i64::from(is_late)).into(),
        (loaded.version + 1).into(),
        (&digest).into(),
        loaded.id.into(),
    ];
    save::keep_version(tx, loaded.id)?;
    tx.execute(UPDATE, &values).map(|_| ())
}

fn write_event(
    tx: &Tx<'_>,
    machine: &Machine,
    case: i64,
    (seq, from, to, irregular): (i64, Option<usize>, usize, Option<String>),
    attempt: &Attempt<'_>,
) -> Result<Digest, StoreError> {
    let row = EventRow { case, seq, from, to, attempt, irregular, recorded_at: env::now().0 };
    let mut rows = save::events(tx)?;
    let seal = row.push(machine, &mut rows)?;
    rows.finish()?;
    Ok(seal)
}

fn after(
    machine: &Machine,
    case: i64,
    version: i64,
    past: &Past,
    due: Option<Date>,
    late: bool,
) -> Result<After, StoreError> {
    let state = machine.state_of(past)?.id.clone();
    Ok(After { case, version, state, due: due.map(|day| day.to_string()), late })
}

impl<'a> Desk<'a> {
    fn attempt(
        &self,
        way: usize,
        reject: bool,
        facts: &'a StepFacts,
        looked_up: LookedUp,
    ) -> Attempt<'a> {
        let (told, actor, today) = (Told::EVERYTHING, Some(self.actor), self.today);
        Attempt { way, reject, facts, actor, told, tells: &[], looked_up, today }
    }

    /// What a step asks of things that stand outside its case, and its facts with the second person
    /// by login.
    fn look_up(
        &self,
        conn: &Conn,
        way: &Transition,
        (area, household): (AreaCode, Option<i64>),
        facts: &StepFacts,
    ) -> Result<(LookedUp, StepFacts), StoreError> {
        let clause = match (&way.clause, self.clauses, household) {
            (None, ..) => None,
            (Some(clause), Some(clauses), Some(household)) => {
                Some(clauses.truth(conn, &clause.id, area, household)?.into())
            }
            (Some(_), ..) => Some(Truth::Unknown),
        };
        let holds_post = match &way.signatory {
            None => None,
            Some(post) => Some(self.holds(conn, post, facts)?),
        };
        let mut facts = facts.clone();
        let who = facts.second.as_deref().map(str::trim).filter(|who| !who.is_empty());
        let second = match (self.people, who.filter(|_| way.persons > 1)) {
            (Some(people), Some(who)) => {
                let login = people.login(conn, who, &way.actors, area)?;
                let is_known = login.is_some();
                // One person has one name here, whichever way another one named them.
                facts.second = login.or(facts.second.take());
                Some(is_known)
            }
            _ => None,
        };
        Ok((LookedUp { clause, holds_post, second }, facts))
    }

    /// Whether the term that a step names is one of the post, in the actor's area, on the day.
    fn holds(&self, conn: &Conn, post: &str, facts: &StepFacts) -> Result<bool, StoreError> {
        let sql = "select fields from record where dataset = $1 and record_key = $2 \
                   and area_code = $3 and superseded_at is null";
        let Some(term) = facts.signatory.as_deref().map(str::trim) else { return Ok(false) };
        let values = [TERMS.into(), term.into(), self.actor.area.as_str().into()];
        let fields = conn.query_opt(sql, &values, |row| row.text(0))?;
        let fields = fields.and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok());
        let Some(fields) = fields else { return Ok(false) };
        let word = |id: &str| fields.get(id).and_then(serde_json::Value::as_str);
        let day = |id: &str| word(id).and_then(|text| text.parse::<Date>().ok());
        let is_in_office = day("from_on").is_some_and(|from| from <= facts.on)
            && day("to_on").is_none_or(|to| facts.on < to);
        Ok(word("post") == Some(post) && is_in_office)
    }

    fn judge(
        &self,
        machine: &Machine,
        past: &Past,
        attempt: &Attempt<'_>,
    ) -> Result<Judgement, CaseError> {
        let judged = judge(machine, self.machines.calendar(), past, attempt);
        if judged.refusals.is_empty() {
            return Ok(judged);
        }
        Err(refused(self.machines, machine, &judged.refusals))
    }

    fn audit(
        &self,
        tx: &Tx<'_>,
        action: &'static str,
        (machine, way): (&Machine, usize),
        (case, seal): (i64, Digest),
    ) -> Result<(), StoreError> {
        let way = &machine.transitions[way];
        tx.audit(&AuditEntry {
            actor: &self.actor.login,
            action,
            object: &case.to_string(),
            before: Some(machine.digest),
            after: Some(seal),
            reason: &format!("{}.{}", machine.id, way.id),
        })
    }
}

pub(crate) fn refused(machines: &Machines, machine: &Machine, refusals: &[Refusal]) -> CaseError {
    CaseError::Refused(guards(machines, machine, refusals))
}

pub(crate) fn guards(
    machines: &Machines,
    machine: &Machine,
    refusals: &[Refusal],
) -> Vec<RefusedGuard> {
    let guard = |refusal: &Refusal| RefusedGuard {
        code: refusal.code(),
        text: refusal.text(machines, machine),
    };
    refusals.iter().map(guard).collect()
}

/// Who takes a step of a process whose states another link keeps.
#[derive(Clone, Copy, Debug)]
pub struct Duty<'a> {
    /// The rules.
    pub machines: &'a Machines,
    /// The machine.
    pub machine: &'a str,
    /// The area the matter lies in.
    pub area: AreaCode,
    /// The steps taken so far: transition, login and day.
    pub taken: &'a [(String, String, Date)],
}

impl Duty<'_> {
    /// Asks whether a person may take a step, by role, level, area and incompatible duties.
    ///
    /// # Errors
    /// [`CaseError::Refused`] with every guard that fails, [`CaseError::Unknown`] for a machine or
    /// step that the pack does not have.
    pub fn take(&self, transition: &str, actor: &Actor) -> Result<(), CaseError> {
        let (machine, past) = self.past()?;
        let way = machine.transition_index(transition);
        let way = way.ok_or_else(|| CaseError::Unknown(transition.to_owned()))?;
        let mut found = Vec::new();
        people(machine, (way, &past), actor, &mut found);
        self.answer(machine, &found)
    }

    /// Asks whether a person may answer an objection, by role and level.
    ///
    /// # Errors
    /// As [`Self::take`].
    pub fn answer_objection(&self, actor: &Actor) -> Result<(), CaseError> {
        let (machine, past) = self.past()?;
        let found = beside(machine, &past, Beside::Answer, (actor.role, &actor.area));
        self.answer(machine, found.as_slice())
    }

    fn past(&self) -> Result<(&Machine, Past), CaseError> {
        let unknown = || CaseError::Unknown(self.machine.to_owned());
        let machine = self.machines.get(self.machine).ok_or_else(unknown)?;
        let mut past = Past::none(self.area);
        for (transition, login, on) in self.taken {
            if let Some(way) = machine.transition_index(transition) {
                past.steps.push(PastStep {
                    way,
                    rejected: false,
                    on: *on,
                    login: Some(login.clone()),
                    second: None,
                    level: None,
                    notice_until: None,
                });
            }
        }
        Ok((machine, past))
    }

    fn answer(&self, machine: &Machine, found: &[Refusal]) -> Result<(), CaseError> {
        if found.is_empty() { Ok(()) } else { Err(refused(self.machines, machine, found)) }
    }
}

/// An objection as it comes in; its words stay on paper.
#[derive(Clone, Copy, Debug)]
pub struct Objecting<'a> {
    /// How it came, a code of `grievance_channel`.
    pub channel: &'a str,
    /// Number of the paper it stands on.
    pub document: &'a str,
    /// The day.
    pub on: Date,
}

/// Records an objection to a case; steps that objections stop then wait for its answer.
///
/// # Errors
/// [`CaseError::NoCase`] outside the scope, [`CaseError::Refused`] for a role that records none, a
/// case that has ended, a day to come, or a paper without number.
pub fn object(desk: &Desk<'_>, case: i64, what: &Objecting<'_>) -> Result<i64, CaseError> {
    if !desk.machines.has_channel(what.channel) {
        return Err(CaseError::Unknown(what.channel.to_owned()));
    }
    let sql = "insert into case_objection (id, case_id, channel, document, raised_on, raised_by, \
               state) values ($1, $2, $3, $4, $5, $6, 'open')";
    desk.store.write(|tx| {
        let loaded = load(tx, desk.machines, &desk.actor.area, case)?;
        let mut found = dated(desk, &loaded.past, what.on, what.document);
        found.extend(desk.beside(&loaded, Beside::Object));
        found.extend(ended(&loaded));
        if !found.is_empty() {
            return Err(refused(desk.machines, loaded.machine, &found));
        }
        let id = tx.next_id("case_objection")?;
        let on = what.on.to_string();
        let values = [
            id.into(),
            case.into(),
            what.channel.into(),
            what.document.into(),
            (&on).into(),
            desk.actor.login.as_str().into(),
        ];
        tx.execute(sql, &values)?;
        bump(tx, &loaded)?;
        desk.note(tx, "case.object", case, what.channel)?;
        Ok(id)
    })
}

/// An answer to an objection.
#[derive(Clone, Copy, Debug)]
pub struct Answering<'a> {
    /// Whether the objection is right; the case must then be sent back.
    pub upheld: bool,
    /// Number of the written answer.
    pub document: &'a str,
    /// The day.
    pub on: Date,
}

/// Answers an objection; whoever recorded it or took the step it is against may not.
///
/// # Errors
/// [`CaseError::NoObjection`] when there is none to answer within the scope, [`CaseError::Refused`]
/// for a role that answers none, a level below the step, those two persons, a day out of order, or
/// an answer without paper.
pub fn answer_objection(
    desk: &Desk<'_>,
    objection: i64,
    answer: &Answering<'_>,
) -> Result<(), CaseError> {
    let read = "select case_id, raised_on, raised_by from case_objection \
                where id = $1 and state = 'open'";
    let sql = "update case_objection set state = $1, answered_on = $2, answered_by = $3, \
               answer_document = $4 where id = $5";
    desk.store.write(|tx| {
        let row = tx.query_opt(read, &[objection.into()], |row| {
            Ok((row.int(0)?, row.text(1)?, row.text(2)?))
        })?;
        let (case, raised, recorder) = row.ok_or(CaseError::NoObjection(objection))?;
        let loaded =
            load(tx, desk.machines, &desk.actor.area, case).map_err(|error| match error {
                CaseError::NoCase(_) => CaseError::NoObjection(objection),
                other => other,
            })?;
        let mut found = dated(desk, &loaded.past, answer.on, answer.document);
        found.extend(desk.beside(&loaded, Beside::Answer));
        if recorder == desk.actor.login {
            found.push(Refusal::Recorder);
        }
        if let Some(last) = raised.parse().ok().filter(|raised| answer.on < *raised) {
            found.push(Refusal::DayOrder { last });
        }
        if let Some(step) = loaded.past.steps.last()
            && loaded.last_actor.as_ref() == Some(&desk.actor.login)
        {
            found.push(Refusal::SamePerson { with: step.way, on: step.on });
        }
        if !found.is_empty() {
            return Err(refused(desk.machines, loaded.machine, &found));
        }
        let (state, on) =
            (if answer.upheld { "upheld" } else { "dismissed" }, answer.on.to_string());
        let login = desk.actor.login.as_str();
        let values =
            [state.into(), (&on).into(), login.into(), answer.document.into(), objection.into()];
        tx.execute(sql, &values)?;
        bump(tx, &loaded)?;
        desk.note(tx, "case.answer", case, state)?;
        Ok(())
    })
}

/// The guards on papers that come beside the steps.
fn dated(desk: &Desk<'_>, past: &Past, on: Date, document: &str) -> Vec<Refusal> {
    let mut found = Vec::new();
    if on > desk.today {
        found.push(Refusal::FutureDay { today: desk.today });
    }
    if let Some(first) = past.steps.first().filter(|first| on < first.on) {
        found.push(Refusal::DayOrder { last: first.on });
    }
    if document.trim().is_empty() {
        found.push(Refusal::Document);
    }
    found
}

/// A case that has ended takes no more objections; a new case corrects it.
fn ended(loaded: &Loaded<'_>) -> Option<Refusal> {
    let state = loaded.past.state?;
    let way = loaded.past.steps.last()?.way;
    let is_end = loaded.machine.states[state].kind == StateKind::End;
    is_end.then_some(Refusal::OutOfOrder { transition: way, state: Some(state) })
}

/// What stands beside the steps changes the case too: a step seen before must look again.
fn bump(tx: &Tx<'_>, loaded: &Loaded<'_>) -> Result<(), StoreError> {
    let sql = "update case_file set version = $1 where id = $2";
    tx.execute(sql, &[(loaded.version + 1).into(), loaded.id.into()]).map(|_| ())
}

impl Desk<'_> {
    fn beside(&self, loaded: &Loaded<'_>, what: Beside) -> Option<Refusal> {
        beside(loaded.machine, &loaded.past, what, (self.actor.role, &self.actor.area))
    }

    fn note(
        &self,
        tx: &Tx<'_>,
        action: &'static str,
        case: i64,
        reason: &str,
    ) -> Result<(), StoreError> {
        let (actor, object) = (self.actor.login.as_str(), case.to_string());
        tx.audit(&AuditEntry { actor, action, object: &object, before: None, after: None, reason })
    }
}

/// Records the public notice that a case's last step posted, ready to be printed.
///
/// # Errors
/// [`CaseError::NoNotice`] when the last step posted none, [`CaseError::Refused`] for a role that
/// may not take that step, [`CaseError::NotPublic`] when a field holds what a notice may not.
pub fn publish_notice(
    desk: &Desk<'_>,
    case: i64,
    facts: &NoticeFacts<'_>,
) -> Result<PublicNotice, CaseError> {
    let sql = "insert into public_notice (id, case_id, event_seq, area_code, group_name, \
               head_masked, household_size, posted_on, until_on, object_at) \
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let taken = "select seq from case_event e where case_id = $1 \
         and seq = (select max(seq) from case_event m where m.case_id = e.case_id) \
         and not exists (select 1 from public_notice n where n.case_id = e.case_id \
         and n.event_seq = e.seq)";
    desk.store.write(|tx| {
        let loaded = load(tx, desk.machines, &desk.actor.area, case)?;
        let last = loaded.past.steps.last().ok_or(CaseError::NoNotice(case))?;
        let until = last.notice_until.ok_or(CaseError::NoNotice(case))?;
        let mut found = Vec::new();
        people(loaded.machine, (last.way, &loaded.past), desk.actor, &mut found);
        if !found.is_empty() {
            return Err(refused(desk.machines, loaded.machine, &found));
        }
        let seq = tx.query_opt(taken, &[case.into()], |row| row.int(0))?;
        let seq = seq.ok_or(CaseError::NoNotice(case))?;
        let purpose: Text = loaded.machine.label.clone();
        let notice = PublicNotice::new(loaded.past.area, purpose, (last.on, until), facts)
            .map_err(CaseError::NotPublic)?;
        let id = tx.next_id("public_notice")?;
        let (posted, until) = (last.on.to_string(), until.to_string());
        let area = notice.area();
        let values = [
            id.into(),
            case.into(),
            seq.into(),
            area.as_str().into(),
            Value::from(notice.group()),
            notice.head().into(),
            i64::from(notice.household_size()).into(),
            (&posted).into(),
            (&until).into(),
            notice.object_at().into(),
        ];
        tx.execute(sql, &values)?;
        desk.note(tx, "case.notice", case, &Digest::of(notice.head().as_bytes()).short())?;
        Ok(notice)
    })
}
