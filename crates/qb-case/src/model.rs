//! Cases as they are read.

use qb_base::Text;
use serde::Serialize;

use crate::error::RefusedGuard;

/// One line of a list of cases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CaseLine {
    /// Its number.
    pub case: i64,
    /// Its machine.
    pub machine: String,
    /// What its subject is: `household`, `project` …
    pub subject_kind: String,
    /// The subject's number.
    pub subject: String,
    /// The household, when the subject is one that is registered.
    pub household_id: Option<i64>,
    /// Where it lies.
    pub area: String,
    /// The state it is in.
    pub state: String,
    /// The day it was opened.
    pub opened: String,
    /// The day by which the next step is due.
    pub due: Option<String>,
    /// Whether a list of holidays that is still to come can move that day.
    pub due_provisional: bool,
    /// What is still to come, in words.
    pub due_note: Option<Text>,
    /// The day by which the store holds it due: the place of the line in a list.
    #[serde(skip)]
    pub(crate) listed_due: Option<String>,
    /// Whether the day by which the next step is due has passed.
    pub overdue: bool,
    /// Whether the matter is decided.
    pub decided: bool,
    /// Steps that did not pass a guard.
    pub irregular: i64,
    /// How often it changed; a step names the version it was taken on.
    pub version: i64,
}

/// A case with everything its page shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CaseDetail {
    /// Its line.
    #[serde(flatten)]
    pub line: CaseLine,
    /// Name of its machine.
    pub machine_label: Text,
    /// Name of its state.
    pub state_label: Text,
    /// The record that tells of it, for cases that were not made by hand.
    pub source_record: Option<i64>,
    /// Why another case stands in its place, if one does.
    pub superseded: Option<String>,
    /// Its steps in order.
    pub events: Vec<CaseEvent>,
    /// Objections, oldest first.
    pub objections: Vec<Objection>,
    /// Clocks that run, the nearest first.
    pub clocks: Vec<Clock>,
    /// The steps that lead on.
    pub next: Vec<NextStep>,
    /// Whether the reader may record an objection, by role and level.
    pub may_object: bool,
    /// Whether the reader may answer objections, by role and level.
    pub may_answer: bool,
    /// Whether the reader may publish the notice that the last step posted.
    pub may_publish: bool,
}

/// A step that was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CaseEvent {
    /// Its place in the case, from 1.
    pub seq: i64,
    /// The transition.
    pub transition: String,
    /// Its name.
    pub label: Text,
    /// Whether it was refused and the case sent back.
    pub rejected: bool,
    /// The state before; none for the step that opened the case.
    pub from: Option<String>,
    /// The state after.
    pub to: String,
    /// The day.
    pub on: String,
    /// Who, when a person took it here.
    pub actor: Option<String>,
    /// Their role.
    pub role: Option<String>,
    /// Their area.
    pub area: Option<String>,
    /// How many were present.
    pub present: Option<i64>,
    /// How many were entitled.
    pub entitled: Option<i64>,
    /// How many were in favour.
    pub votes: Option<i64>,
    /// Who took it together with the actor.
    pub second: Option<String>,
    /// The term in which whoever signed held the post.
    pub signatory: Option<String>,
    /// The share checked.
    pub sample: Option<String>,
    /// The last day of the notice.
    pub notice_until: Option<String>,
    /// Evidence as JSON.
    pub evidence: Option<String>,
    /// Number of the document.
    pub document: Option<String>,
    /// The reason.
    pub reason: Option<String>,
    /// Who took it, by the number of the office, when a record tells of it.
    pub told_by: Option<String>,
    /// The dossier of its papers, when a record tells of it.
    pub paper: Option<String>,
    /// Codes of the guards it did not pass.
    pub irregular: Vec<String>,
}

/// An objection to a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Objection {
    /// Its number.
    pub id: i64,
    /// How it came, a code of `grievance_channel`.
    pub channel: String,
    /// Number of the paper it stands on; its words stay there.
    pub document: String,
    /// The day.
    pub raised_on: String,
    /// `open`, `dismissed`, `upheld`, or `settled` once an upheld one has sent the case back.
    pub state: String,
    /// The day of the answer.
    pub answered_on: Option<String>,
    /// Number of the written answer.
    pub answer_document: Option<String>,
}

/// A clock that runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Clock {
    /// The transition that ends it.
    pub transition: String,
    /// Its name.
    pub label: Text,
    /// Its last day.
    pub due: String,
    /// Whether a list of holidays that is still to come can move that day.
    pub due_provisional: bool,
    /// What is still to come, in words.
    pub due_note: Option<Text>,
    /// Whether it has run out.
    pub overdue: bool,
}

/// A step that leads on from a case's state, with everything a form for it needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NextStep {
    /// The transition.
    pub transition: String,
    /// Its name.
    pub label: Text,
    /// The state it leads to.
    pub to: Text,
    /// Who may take it.
    pub who: Vec<Text>,
    /// Whether the reader may take it by role, level and area.
    pub mine: bool,
    /// Guards that stand in the way today, whatever is entered.
    pub blocked: Vec<RefusedGuard>,
    /// Evidence it asks for: kind and name.
    pub evidence: Vec<(String, Text)>,
    /// Whether it asks who was present.
    pub quorum: bool,
    /// Whether it asks how many were in favour.
    pub votes: bool,
    /// Whether it asks for a second person.
    pub second: bool,
    /// Whether it asks for the term of whoever signs.
    pub signatory: bool,
    /// What the clause says that the step asks for.
    pub clause: Option<Text>,
    /// Whether it asks for the share checked.
    pub sample: bool,
    /// The first day on which a notice posted today may end, for a step that posts one.
    pub notice_until: Option<String>,
    /// Whether it asks for a document number.
    pub document: bool,
    /// Whether it asks for a reason.
    pub reason: bool,
    /// The state to which the case may be sent back instead.
    pub reject_to: Option<Text>,
}

/// How many cases of a machine are in a state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StateCount {
    /// The machine.
    pub machine: String,
    /// The state.
    pub state: String,
    /// Cases.
    pub cases: i64,
    /// Of those, past their deadline.
    pub overdue: i64,
    /// Of those, with a step that did not pass a guard.
    pub irregular: i64,
}
