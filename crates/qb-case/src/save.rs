//! Steps and cases written into the store.

use qb_base::{AreaCode, Date, Digest, env};
use qb_store::{Bulk, StoreError, Tx, Value};

use crate::machine::{Machine, State, StateKind};
use crate::seal;
use crate::step::{Attempt, Past, StepFacts};

/// Columns of a step, in the order of [`EventRow::values`].
const EVENT_COLUMNS: &[&str] = &[
    "case_id",
    "seq",
    "transition",
    "is_reject",
    "from_state",
    "to_state",
    "done_on",
    "actor",
    "actor_role",
    "actor_area",
    "present",
    "entitled",
    "sample_share",
    "notice_until_on",
    "evidence",
    "document",
    "reason",
    "irregular",
    "recorded_at",
    "told_by",
    "paper",
    "votes",
    "second",
    "signatory",
];

/// Columns of a case, in the order of [`FileRow::push`].
const FILE_COLUMNS: &[&str] = &[
    "id",
    "machine",
    "machine_digest",
    "subject_kind",
    "subject",
    "household_id",
    "area_code",
    "state",
    "opened_on",
    "deadline_on",
    "due_on",
    "is_decided",
    "is_ended",
    "irregular_count",
    "version",
    "source_record",
    "parts_seen",
    "recorded_at",
];

const KEEP_VERSION: &str = include_str!("sql/keep_version.sql");

/// Keeps how a case stands, before it changes in its own row.
pub(crate) fn keep_version(tx: &Tx<'_>, case: i64) -> Result<(), StoreError> {
    tx.execute(KEEP_VERSION, &[env::now().0.into(), case.into()]).map(|_| ())
}

/// Opens the table of cases for many rows.
pub(crate) fn files<'a>(tx: &Tx<'a>) -> Result<Bulk<'a>, StoreError> {
    tx.bulk("case_file", FILE_COLUMNS)
}

/// Opens the table of steps for many rows.
pub(crate) fn events<'a>(tx: &Tx<'a>) -> Result<Bulk<'a>, StoreError> {
    tx.bulk("case_event", EVENT_COLUMNS)
}

/// A step about to be written.
pub(crate) struct EventRow<'a> {
    pub(crate) case: i64,
    pub(crate) seq: i64,
    pub(crate) from: Option<usize>,
    pub(crate) to: usize,
    pub(crate) attempt: &'a Attempt<'a>,
    pub(crate) irregular: Option<String>,
    pub(crate) recorded_at: i64,
}

impl EventRow<'_> {
    /// Writes the step and answers its seal.
    pub(crate) fn push(
        &self,
        machine: &Machine,
        rows: &mut Bulk<'_>,
    ) -> Result<Digest, StoreError> {
        let facts: &StepFacts = self.attempt.facts;
        let on = facts.on.to_string();
        let sample = facts.sample.map(|share| share.to_string());
        let way = &machine.transitions[self.attempt.way];
        let posts = way.notice.is_some() && !self.attempt.reject;
        let until = facts.notice_until.filter(|_| posts).map(|day| day.to_string());
        let evidence = evidence_json(facts);
        let actor = self.attempt.actor;
        let state = |at: usize| machine.states[at].id.as_str();
        let values: [Value<'_>; EVENT_COLUMNS.len()] = [
            self.case.into(),
            self.seq.into(),
            way.id.as_str().into(),
            self.attempt.reject.into(),
            Value::from(self.from.map(state)),
            state(self.to).into(),
            (&on).into(),
            Value::from(actor.map(|actor| actor.login.as_str())),
            Value::from(actor.map(|actor| actor.role.code())),
            Value::from(self.attempt.office().map(AreaCode::as_str)),
            Value::from(facts.present),
            Value::from(facts.entitled),
            Value::from(sample.as_ref()),
            Value::from(until.as_ref()),
            Value::from(evidence.as_ref()),
            Value::from(facts.document.as_ref()),
            Value::from(facts.reason.as_ref()),
            Value::from(self.irregular.as_ref()),
            self.recorded_at.into(),
            Value::from(facts.by.as_ref()),
            Value::from(facts.paper.as_ref()),
            // A form may send along what the step does not ask for.
            Value::from(facts.votes.filter(|_| way.votes.is_some())),
            Value::from(facts.second.as_ref().filter(|_| way.persons > 1)),
            Value::from(facts.signatory.as_ref().filter(|_| way.signatory.is_some())),
        ];
        rows.push(&values)?;
        Ok(seal::of_step(&values))
    }
}

fn evidence_json(facts: &StepFacts) -> Option<String> {
    if facts.evidence.is_empty() {
        return None;
    }
    serde_json::to_string(&facts.evidence).ok()
}

/// A case about to be written.
pub(crate) struct FileRow<'a> {
    pub(crate) id: i64,
    pub(crate) subject: &'a str,
    pub(crate) household_id: Option<i64>,
    pub(crate) area: &'a AreaCode,
    pub(crate) opened_on: Date,
    pub(crate) due: Option<Date>,
    pub(crate) irregular: i64,
    pub(crate) version: i64,
    pub(crate) source_record: Option<i64>,
    pub(crate) parts_seen: Option<&'a str>,
    pub(crate) recorded_at: i64,
}

impl Machine {
    /// The state a case stands in: it is written after its first step, so it has one.
    pub(crate) fn state_of(&self, past: &Past) -> Result<&State, StoreError> {
        let state = past.state.and_then(|at| self.states.get(at));
        state.ok_or(StoreError::Broken("a case was to be written without a step"))
    }
}

impl FileRow<'_> {
    pub(crate) fn push(
        &self,
        machine: &Machine,
        subject_kind: &str,
        past: &Past,
        rows: &mut Bulk<'_>,
    ) -> Result<(), StoreError> {
        let state = machine.state_of(past)?;
        let (opened, digest) = (self.opened_on.to_string(), machine.digest.to_string());
        let due = self.due.map(|day| day.to_string());
        let deadline = past.deadline.map(|day| day.to_string());
        rows.push(&[
            self.id.into(),
            machine.id.as_str().into(),
            (&digest).into(),
            subject_kind.into(),
            self.subject.into(),
            Value::from(self.household_id),
            self.area.as_str().into(),
            state.id.as_str().into(),
            (&opened).into(),
            Value::from(deadline.as_ref()),
            Value::from(due.as_ref()),
            state.decided.into(),
            (state.kind == StateKind::End).into(),
            self.irregular.into(),
            self.version.into(),
            Value::from(self.source_record),
            Value::from(self.parts_seen),
            self.recorded_at.into(),
        ])
    }
}
