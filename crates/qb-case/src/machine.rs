//! State machines as the pack declares them, checked.

use std::collections::BTreeMap;

use qb_access::Role;
use qb_base::{AreaCode, AreaLevel, Date, Digest, Text, WorkingCalendar};
use qb_policy::{Decimal, Effective, Param};

/// All machines of a pack, with the calendar their clocks run by.
#[derive(Clone, Debug, Default)]
pub struct Machines {
    pub(crate) machines: BTreeMap<String, Machine>,
    pub(crate) calendar: WorkingCalendar,
    /// Names of the kinds of evidence.
    pub(crate) evidence: BTreeMap<String, Text>,
    /// Ways in which an objection comes.
    pub(crate) channels: BTreeMap<String, Text>,
    /// The one by which a household objects itself.
    pub(crate) own_channel: Option<String>,
}

impl Machines {
    /// The machine of that id.
    pub fn get(&self, id: &str) -> Option<&Machine> {
        self.machines.get(id)
    }

    /// All machines in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &Machine> {
        self.machines.values()
    }

    /// The machines in which somebody of a role takes a step, by id.
    pub fn naming(&self, role: Role) -> impl Iterator<Item = &str> {
        let takes = move |way: &Transition| way.actors.iter().any(|(named, _)| *named == role);
        let named = move |machine: &&Machine| machine.transitions.iter().any(takes);
        self.machines.values().filter(named).map(|machine| machine.id.as_str())
    }

    /// The name of a kind of evidence; its code where the pack has no name for it.
    pub fn evidence_label(&self, kind: &str) -> Text {
        self.evidence.get(kind).cloned().unwrap_or_else(|| Text::new(kind, kind))
    }

    /// Whether objections come this way.
    pub fn has_channel(&self, channel: &str) -> bool {
        self.channels.contains_key(channel)
    }

    /// The way in which a household objects by itself, if the list of channels marks one.
    pub fn own_channel(&self) -> Option<&str> {
        self.own_channel.as_deref()
    }

    /// The ways in which objections come, for forms.
    pub fn channels(&self) -> impl Iterator<Item = (&str, &Text)> {
        self.channels.iter().map(|(code, label)| (code.as_str(), label))
    }

    /// The working days of the pack.
    pub fn calendar(&self) -> &WorkingCalendar {
        &self.calendar
    }
}

/// One process: its states, and the only ways between them.
#[derive(Clone, Debug)]
pub struct Machine {
    /// Its id, such as `exit`.
    pub id: String,
    /// Its name.
    pub label: Text,
    /// What its cases are about: `household`, `village`, `project` …
    pub subject: String,
    /// Where it comes from.
    pub source: String,
    /// The days on which cases are opened by it; one that is open goes on.
    pub effective: Effective,
    /// Its states.
    pub states: Vec<State>,
    /// Its transitions.
    pub transitions: Vec<Transition>,
    /// Who records and who answers objections; a machine without takes none.
    pub objections: Option<ObjectionRule>,
    /// Digest of what it says; a case keeps it as the version of its rules.
    pub digest: Digest,
    /// Per state, the states that can still be reached from it, itself included.
    pub(crate) reach: Vec<Vec<bool>>,
}

/// A state of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// Its id, such as `NOTICE`.
    pub id: String,
    /// Its name.
    pub label: Text,
    /// Whether cases begin, go on or end there.
    pub kind: StateKind,
    /// Whether the matter is decided there, though later steps may follow.
    pub decided: bool,
}

/// What a state is in the course of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StateKind {
    /// A case begins there.
    Start,
    /// A case goes on from there.
    Open,
    /// A case ends there.
    End,
}

/// One way from states to a state, and everything it asks for.
#[derive(Clone, Debug)]
pub struct Transition {
    /// Its id, such as `assembly`.
    pub id: String,
    /// Its name.
    pub label: Text,
    /// Where it comes from.
    pub source: String,
    /// The states it leads from; none: it opens a case.
    pub from: Vec<usize>,
    /// States before those, from which only rows of old files lead: what lies between is not
    /// dated there. A row that could have told of a step between and does not is marked.
    pub skips_from: Vec<usize>,
    /// The state it leads to.
    pub to: usize,
    /// Who may take it: role and the level of their area.
    pub actors: Vec<(Role, AreaLevel)>,
    /// Whether each level acts on what is its own: the actor's level is that of the case.
    pub own_level: bool,
    /// A step of the same case below whose level nobody takes this one.
    pub level_of: Option<usize>,
    /// Steps of the same case above whose level this one is taken: the last of them counts.
    pub above: Vec<usize>,
    /// How many persons take it together, the actor among them.
    pub persons: u16,
    /// The post that whoever signs must hold on the day, a code of `post_kind`.
    pub signatory: Option<String>,
    /// The clause that must not refuse the case's subject; where it cannot tell, a reason is told.
    pub clause: Option<AskedClause>,
    /// Steps that must have been taken so many times since the case was last sent back.
    pub after: Option<(usize, u16)>,
    /// Kinds of evidence that must lie with it, codes of `evidence_kind`.
    pub evidence: Vec<String>,
    /// The least share of those entitled who must be present.
    pub quorum: Option<Share>,
    /// The share of those present that must be in favour; just so many are not enough.
    pub votes: Option<Share>,
    /// The least share that must be checked again.
    pub sample: Option<Share>,
    /// Whether an objection stops it.
    pub no_open_objection: bool,
    /// The public notice it begins.
    pub notice: Option<NoticeRule>,
    /// The clock it must keep.
    pub clock: Option<ClockRule>,
    /// Transitions of the same case whose actor must be another person.
    pub incompatible: Vec<usize>,
    /// The state to which whoever may take it may send the case back instead.
    pub reject_to: Option<usize>,
    /// Whether the case's own deadline, which its row or its opening brings, ends with it.
    pub deadline: bool,
    /// Whether it leads back: it needs a reason and settles upheld objections.
    pub returns: bool,
    /// Whether it needs the number of a document.
    pub document: bool,
    /// Whether it needs a reason.
    pub reason: bool,
}

/// Who deals with objections to cases of a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectionRule {
    /// Who records one: role and the level of their area.
    pub recorded_by: Vec<(Role, AreaLevel)>,
    /// Who answers one.
    pub answered_by: Vec<(Role, AreaLevel)>,
}

/// How long a public notice stands.
#[derive(Clone, Debug)]
pub struct NoticeRule {
    /// The least number of days, counted from the day after posting.
    pub min: Number,
    /// The greatest number of days, if there is one.
    pub max: Option<Number>,
    /// Which days count.
    pub counts: Counts,
}

/// A clause that a step asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedClause {
    /// Its id, such as `exit.ready`.
    pub id: String,
    /// What it says.
    pub says: Text,
}

/// How long after an earlier step a transition comes.
#[derive(Clone, Debug)]
pub struct ClockRule {
    /// The transitions from whose day the clock runs; it begins anew whenever one is taken.
    pub from: Vec<usize>,
    /// The last day on which it is in time.
    pub max: Option<Number>,
    /// The month whose last day is the last one in time, the first such day after the clock began.
    pub until_month: Option<i8>,
    /// Whether a step that comes too late is refused; else it stands and is recorded as late.
    pub strict: bool,
    /// Whether `max` is for all spans of a calendar year together, as with days of leave.
    pub per_year: bool,
    /// The days that must pass first; an earlier step is refused.
    pub min: Option<Number>,
    /// Evidence with which nobody waits for those days, such as a written consent.
    pub unless: Option<String>,
    /// Which days count.
    pub counts: Counts,
    /// What becomes of a last day on which offices do not work.
    pub day_off: DayOff,
}

/// What becomes of a clock whose last day is a day off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayOff {
    /// It ends on that day all the same.
    Stays,
    /// It ends on the next day on which offices work.
    NextWorkingDay,
}

/// Which days a clock counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Counts {
    /// Every day.
    #[default]
    Calendar,
    /// Days on which offices work.
    Working,
}

/// A number of days: fixed, or a param of the pack that depends on day and area.
#[derive(Clone, Debug)]
pub enum Number {
    /// The same everywhere.
    Fixed(u16),
    /// As the param says on the day, in the area.
    Param(Box<Param>),
}

/// A least share: a fraction, or a param of the pack that depends on day and area.
#[derive(Clone, Debug)]
pub enum Share {
    /// Numerator and denominator.
    Fraction(u32, u32),
    /// As the param says on the day, in the area.
    Param(Box<Param>),
}

impl Number {
    /// The number of days on a day in an area; `None` where the param has no value.
    pub fn days(&self, area: &AreaCode, on: Date) -> Option<u16> {
        match self {
            Self::Fixed(days) => Some(*days),
            Self::Param(param) => {
                let number = param.value(area, on)?.number.to_i64()?;
                u16::try_from(number).ok()
            }
        }
    }
}

impl Share {
    /// Numerator and denominator on a day in an area; `None` where the param has no value.
    pub fn fraction(&self, area: &AreaCode, on: Date) -> Option<(i128, i128)> {
        match self {
            Self::Fraction(part, whole) => Some((i128::from(*part), i128::from(*whole))),
            Self::Param(param) => {
                let share: Decimal = param.value(area, on)?.number;
                Some((share.mantissa(), 10_i128.checked_pow(share.scale())?))
            }
        }
    }
}

impl Machine {
    /// The place of a state among [`Self::states`].
    pub fn state_index(&self, id: &str) -> Option<usize> {
        self.states.iter().position(|state| state.id == id)
    }

    /// The place of a transition among [`Self::transitions`].
    pub fn transition_index(&self, id: &str) -> Option<usize> {
        self.transitions.iter().position(|transition| transition.id == id)
    }

    /// The transition of that id.
    pub fn transition(&self, id: &str) -> Option<&Transition> {
        self.transitions.iter().find(|transition| transition.id == id)
    }

    /// The state of that id.
    pub fn state(&self, id: &str) -> Option<&State> {
        self.states.iter().find(|state| state.id == id)
    }

    /// Whether a transition may be taken from a state; `None` is a case not yet open.
    pub(crate) fn leads(&self, transition: &Transition, from: Option<usize>) -> bool {
        from.map_or(transition.from.is_empty(), |state| transition.from.contains(&state))
    }

    /// The transitions that lead from a state to one from which a transition leads on, without
    /// going back or round: what a row leaves out that goes from the one to the other at once.
    pub(crate) fn between(&self, transition: usize, state: usize) -> Vec<usize> {
        let ahead = &self.transitions[transition].from;
        let leads_there =
            |way: &Transition| !way.returns && ahead.iter().any(|from| self.reach[way.to][*from]);
        let mut found = Vec::new();
        let mut states = vec![state];
        while let Some(at) = states.pop() {
            for (place, way) in self.ways(Some(at)) {
                if place != transition && leads_there(way) && !found.contains(&place) {
                    found.push(place);
                    states.push(way.to);
                }
            }
        }
        found.sort_unstable();
        found
    }

    /// Whether a list of holidays can move the day by which a case is due.
    pub(crate) fn asks_calendar(&self) -> bool {
        let mut clocks = self.transitions.iter().filter_map(|way| way.clock.as_ref());
        clocks
            .any(|clock| clock.counts == Counts::Working || clock.day_off == DayOff::NextWorkingDay)
    }

    /// The transitions that lead on from a state.
    pub(crate) fn ways(&self, from: Option<usize>) -> impl Iterator<Item = (usize, &Transition)> {
        self.transitions.iter().enumerate().filter(move |(_, way)| self.leads(way, from))
    }

    /// Whether a transition can still come up after a state.
    pub(crate) fn is_ahead(&self, transition: &Transition, state: usize) -> bool {
        transition.from.iter().any(|from| self.reach[state][*from])
    }
}

/// Per state, which states its transitions can lead to, in any number of steps.
pub(crate) fn reach(states: usize, transitions: &[Transition]) -> Vec<Vec<bool>> {
    let mut reach: Vec<Vec<bool>> =
        (0..states).map(|state| (0..states).map(|other| other == state).collect()).collect();
    let edges: Vec<(usize, usize)> =
        transitions.iter().flat_map(|way| way.from.iter().map(|from| (*from, way.to))).collect();
    // Each pass follows one more step; no path is longer than the number of states.
    for _ in 0..states {
        for row in &mut reach {
            for (from, to) in &edges {
                row[*to] |= row[*from];
            }
        }
    }
    reach
}
