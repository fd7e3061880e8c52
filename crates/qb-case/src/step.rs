//! The one mechanism: whether a step may be taken, and what is due next. Pure.

use jiff::ToSpan;
use qb_access::Role;
use qb_base::{AreaCode, AreaLevel, Date, Due, WorkingCalendar};
use qb_policy::Decimal;

use crate::machine::{ClockRule, Counts, DayOff, Machine, NoticeRule, Share, Transition};
use crate::refusal::{Beside, Refusal};

/// The word by which a clock says that a reason is enough; it is no kind of evidence.
pub(crate) const REASON: &str = "reason";

/// Who takes a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The name signed in with.
    pub login: String,
    /// The role.
    pub role: Role,
    /// The area worked for.
    pub area: AreaCode,
}

/// A piece of evidence: what it is and what it looks like, never what it says.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// Its kind, a code of `evidence_kind`.
    pub kind: String,
    /// Digest of the file.
    pub digest: String,
    /// Pages.
    pub pages: u32,
}

/// What is told of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepFacts {
    /// The day.
    pub on: Date,
    /// How many were present.
    pub present: Option<i64>,
    /// How many are entitled.
    pub entitled: Option<i64>,
    /// How many of those present were in favour.
    pub votes: Option<i64>,
    /// The person who took the step together with the actor, by login or staff number.
    pub second: Option<String>,
    /// The number of the term in which whoever signs holds the post.
    pub signatory: Option<String>,
    /// The share that was checked, from 0 to 1.
    pub sample: Option<Decimal>,
    /// The last day of the public notice.
    pub notice_until: Option<Date>,
    /// The evidence that lies with it.
    pub evidence: Vec<Evidence>,
    /// The number of the document.
    pub document: Option<String>,
    /// The reason.
    pub reason: Option<String>,
    /// Who took it, by the number of the office, where a record tells of the step.
    pub by: Option<String>,
    /// The number under which its papers are kept, where a record tells of the step.
    pub paper: Option<String>,
    /// The area whoever took it works for, where a record tells of the step and of its level.
    pub office: Option<AreaCode>,
}

impl StepFacts {
    /// A step of which only the day is known.
    pub const fn on(on: Date) -> Self {
        Self {
            on,
            present: None,
            entitled: None,
            votes: None,
            second: None,
            signatory: None,
            sample: None,
            notice_until: None,
            evidence: Vec::new(),
            document: None,
            reason: None,
            by: None,
            paper: None,
            office: None,
        }
    }
}

/// Which facts whoever reports a step could have told; the others cannot be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) quorum: bool,
    pub(crate) votes: bool,
    pub(crate) second: bool,
    pub(crate) sample: bool,
    pub(crate) notice: bool,
    pub(crate) document: bool,
    pub(crate) reason: bool,
    /// Evidence: only people at their desks add it.
    pub(crate) papers: bool,
    /// Who took the step and where its papers are: records tell it, people at their desks show it.
    pub(crate) trace: bool,
}

impl Told {
    pub(crate) const EVERYTHING: Self = Self {
        quorum: true,
        votes: true,
        second: true,
        sample: true,
        notice: true,
        document: true,
        reason: true,
        papers: true,
        trace: false,
    };
    /// Nothing but the day: a look at what stands in the way whatever is entered.
    pub(crate) const NOTHING: Self = Self {
        quorum: false,
        votes: false,
        second: false,
        sample: false,
        notice: false,
        document: false,
        reason: false,
        papers: false,
        trace: false,
    };
}

/// What was looked up outside the case for a step; nothing is judged that was not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LookedUp {
    /// What the clause says that the step asks for.
    pub(crate) clause: Option<Truth>,
    /// Whether whoever signs holds the post on the day.
    pub(crate) holds_post: Option<bool>,
    /// Whether the second person is one who may take the step.
    pub(crate) second: Option<bool>,
}

/// What a clause says of a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Truth {
    /// It holds.
    True,
    /// It does not.
    False,
    /// Data are missing to tell.
    Unknown,
}

impl From<Option<bool>> for Truth {
    fn from(verdict: Option<bool>) -> Self {
        match verdict {
            Some(true) => Self::True,
            Some(false) => Self::False,
            None => Self::Unknown,
        }
    }
}

/// A step that someone wants to take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempt<'a> {
    /// The transition.
    pub(crate) way: usize,
    /// Whether it is refused and the case sent back.
    pub(crate) reject: bool,
    pub(crate) facts: &'a StepFacts,
    /// The person; `None` when a record tells of the step.
    pub(crate) actor: Option<&'a Actor>,
    pub(crate) told: Told,
    /// The steps that the list of a record has columns for.
    pub(crate) tells: &'a [usize],
    pub(crate) looked_up: LookedUp,
    pub(crate) today: Date,
}

impl<'a> Attempt<'a> {
    /// The area whoever takes the step works for.
    pub(crate) fn office(&self) -> Option<&'a AreaCode> {
        self.actor.map(|actor| &actor.area).or(self.facts.office.as_ref())
    }
}

/// A step that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PastStep {
    pub(crate) way: usize,
    pub(crate) rejected: bool,
    pub(crate) on: Date,
    pub(crate) login: Option<String>,
    /// Who took it together with that person.
    pub(crate) second: Option<String>,
    /// The level of the area it was taken for, where a person took it here or a record tells it.
    pub(crate) level: Option<AreaLevel>,
    pub(crate) notice_until: Option<Date>,
}

/// Everything about a case that a guard looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Past {
    pub(crate) area: AreaCode,
    /// The state; `None` before the case is open.
    pub(crate) state: Option<usize>,
    pub(crate) steps: Vec<PastStep>,
    /// The case's own deadline.
    pub(crate) deadline: Option<Date>,
    /// Objections not yet answered.
    pub(crate) open: i64,
    /// Objections upheld since the case was last sent back.
    pub(crate) upheld: i64,
}

impl Past {
    /// A case that is not open yet.
    pub(crate) const fn none(area: AreaCode) -> Self {
        Self { area, state: None, steps: Vec::new(), deadline: None, open: 0, upheld: 0 }
    }

    /// Adds a step that was taken.
    pub(crate) fn take(&mut self, attempt: &Attempt<'_>, judged: &Judgement) {
        self.state = Some(judged.to);
        self.steps.push(PastStep {
            way: attempt.way,
            rejected: attempt.reject,
            on: attempt.facts.on,
            login: attempt.actor.map(|actor| actor.login.clone()),
            second: judged.second.clone(),
            level: attempt.office().map(AreaCode::level),
            notice_until: judged.notice_until,
        });
    }

    /// Where a transition was last taken.
    fn place(&self, way: usize) -> Option<usize> {
        self.steps.iter().rposition(|step| step.way == way && !step.rejected)
    }

    /// Where the last of some transitions was taken.
    fn latest(&self, ways: &[usize]) -> Option<usize> {
        ways.iter().filter_map(|way| self.place(*way)).max()
    }

    /// The last of some steps with the level on which it was taken: the actor's, or for a step
    /// that a record tells of the lowest that may.
    fn level_of(&self, machine: &Machine, ways: &[usize]) -> Option<(usize, AreaLevel)> {
        let step = &self.steps[self.latest(ways)?];
        let lowest = machine.transitions[step.way].actors.iter().map(|(_, level)| *level).max();
        Some((step.way, step.level.or(lowest)?))
    }

    /// The day on which the days of a calendar year are used up by spans that begin with a clock
    /// and end with the step that stops it, when the last one began on a day.
    fn year_used_up(
        &self,
        (rule, way): (&ClockRule, usize),
        start: Date,
        max: u16,
    ) -> Option<Date> {
        let year = start.year();
        let (mut used, mut begun) = (0, None);
        for step in self.steps.iter().filter(|step| !step.rejected) {
            if rule.from.contains(&step.way) {
                begun = Some(step.on);
            } else if step.way == way
                && let Some(from) = begun.take()
            {
                used += days_in(year, from, step.on)?;
            }
        }
        let left = (i64::from(max) - used).max(0);
        let due = start.checked_add(left.days()).ok()?;
        let last = Date::new(year, 12, 31).ok()?;
        // Whoever is still away at the turn of the year begins on the days of the next.
        if due <= last { Some(due) } else { last.checked_add(i64::from(max).days()).ok() }
    }

    /// Whether a transition was not taken, or the case was sent back since.
    fn is_owed(&self, way: usize) -> bool {
        let back = self.steps.iter().rposition(|step| step.rejected);
        self.place(way).is_none_or(|done| back.is_some_and(|back| back > done))
    }
}

/// What the mechanism says of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Judgement {
    /// The state it leads to.
    pub(crate) to: usize,
    /// Whether the case goes back; upheld objections are then settled.
    pub(crate) goes_back: bool,
    /// The last day of the notice it posts.
    pub(crate) notice_until: Option<Date>,
    /// Who took it together with the actor, where two take it.
    pub(crate) second: Option<String>,
    /// The guards it does not pass.
    pub(crate) refusals: Vec<Refusal>,
    /// The day it should have been taken by, when that has passed.
    pub(crate) late: Option<Date>,
}

/// Judges one attempt against everything the transition asks for.
pub(crate) fn judge(
    machine: &Machine,
    calendar: &WorkingCalendar,
    past: &Past,
    attempt: &Attempt<'_>,
) -> Judgement {
    let way = &machine.transitions[attempt.way];
    let mut found = Vec::new();
    if past.state.is_none() && !machine.effective.holds_on(attempt.facts.on) {
        found.push(Refusal::NotInForce { effective: machine.effective });
    }
    order(machine, past, attempt, &mut found);
    let to = if attempt.reject {
        way.reject_to.unwrap_or_else(|| {
            found.push(Refusal::NoReject { transition: attempt.way });
            way.to
        })
    } else {
        way.to
    };
    if let Some(actor) = attempt.actor {
        people(machine, (attempt.way, past), actor, &mut found);
    }
    days(past, attempt, &mut found);
    papers(way, attempt, &mut found);
    together(machine, past, attempt, &mut found);
    let mut late = None;
    if !attempt.reject {
        let rules = Guards { calendar, past, attempt };
        rules.numbers(way, &mut found);
        rules.notice(way, &mut found);
        rules.objections(way, &mut found);
        rules.asked(way, &mut found);
        late = rules.clock(way, &mut found);
    }
    // Only a step that posts a notice has an end of one, whatever else a form sends along.
    let posts = !attempt.reject && way.notice.is_some();
    let notice_until = attempt.facts.notice_until.filter(|_| posts);
    let goes_back = attempt.reject || way.returns;
    let second = attempt.facts.second.clone().filter(|_| way.persons > 1);
    Judgement { to, goes_back, notice_until, second, refusals: found, late }
}

/// Whether the step follows where the case is.
fn order(machine: &Machine, past: &Past, attempt: &Attempt<'_>, found: &mut Vec<Refusal>) {
    let way = &machine.transitions[attempt.way];
    if machine.leads(way, past.state) {
        if let Some((step, times)) = way.after.filter(|_| !attempt.reject) {
            let done = past.steps.iter().filter(|s| s.way == step && !s.rejected).count();
            if done < usize::from(times) {
                found.push(Refusal::StepsMissing { step, done, times });
            }
        }
        return;
    }
    let is_record = attempt.actor.is_none();
    match past.state.filter(|state| is_record && way.skips_from.contains(state)) {
        Some(state) => {
            let between = machine.between(attempt.way, state);
            let owed = between.into_iter().find(|step| attempt.tells.contains(step));
            found.extend(owed.map(|step| Refusal::Skipped { step }));
        }
        None => found.push(Refusal::OutOfOrder { transition: attempt.way, state: past.state }),
    }
}

/// The second person of a step that two take: named, another one, and none who took a step that
/// this one may not follow by the same hand.
fn together(machine: &Machine, past: &Past, attempt: &Attempt<'_>, found: &mut Vec<Refusal>) {
    let way = &machine.transitions[attempt.way];
    if way.persons < 2 || attempt.reject || !attempt.told.second {
        return;
    }
    let second = attempt.facts.second.as_deref().map(str::trim).filter(|name| !name.is_empty());
    let Some(second) = second else {
        found.push(Refusal::SecondUnknown);
        return;
    };
    if attempt.actor.is_some_and(|actor| actor.login == second) {
        found.push(Refusal::SecondSame);
    }
    if attempt.looked_up.second == Some(false) {
        found.push(Refusal::SecondStranger);
    }
    found.extend(conflict(way, past, second));
}

/// The step that a person took before and that this one may not follow by the same hand.
fn conflict(way: &Transition, past: &Past, who: &str) -> Option<Refusal> {
    let step = past.steps.iter().rev().find(|step| {
        let hands = [step.login.as_deref(), step.second.as_deref()];
        way.incompatible.contains(&step.way) && hands.contains(&Some(who))
    })?;
    Some(Refusal::SamePerson { with: step.way, on: step.on })
}

/// Whether the actor's level fits: its own, not below one step, above another.
fn level(machine: &Machine, way: &Transition, past: &Past, own: AreaLevel) -> Option<Refusal> {
    if way.own_level && own != past.area.level() {
        return Some(Refusal::OtherLevel { level: past.area.level() });
    }
    let found = past.level_of(machine, way.level_of.as_slice());
    if let Some((step, level)) = found.filter(|(_, level)| own > *level) {
        return Some(Refusal::BelowFinder { step, level });
    }
    let replied = past.level_of(machine, &way.above);
    let (step, level) = replied.filter(|(_, level)| own >= *level)?;
    Some(Refusal::NotAbove { step, level })
}

/// Whether a person may have a hand in a step: role, level and area, and no incompatible step
/// before.
pub(crate) fn people(
    machine: &Machine,
    (transition, past): (usize, &Past),
    actor: &Actor,
    found: &mut Vec<Refusal>,
) {
    let way = &machine.transitions[transition];
    if !way.actors.contains(&(actor.role, actor.area.level())) {
        found.push(Refusal::Actor { transition });
    }
    if !actor.area.contains(&past.area) {
        found.push(Refusal::Area { own: actor.area });
    }
    found.extend(level(machine, way, past, actor.area.level()));
    found.extend(conflict(way, past, &actor.login));
}

fn days(past: &Past, attempt: &Attempt<'_>, found: &mut Vec<Refusal>) {
    let on = attempt.facts.on;
    if let Some(last) = past.steps.last().filter(|last| on < last.on) {
        found.push(Refusal::DayOrder { last: last.on });
    }
    if on > attempt.today {
        found.push(Refusal::FutureDay { today: attempt.today });
    }
}

fn is_blank(text: &Option<String>) -> bool {
    text.as_ref().is_none_or(|text| text.trim().is_empty())
}

fn papers(way: &Transition, attempt: &Attempt<'_>, found: &mut Vec<Refusal>) {
    let needs_reason = attempt.reject || way.returns || way.reason;
    if needs_reason && attempt.told.reason && is_blank(&attempt.facts.reason) {
        found.push(Refusal::Reason);
    }
    if attempt.told.trace && is_blank(&attempt.facts.by) {
        found.push(Refusal::Nobody);
    }
    if attempt.told.trace && is_blank(&attempt.facts.paper) {
        found.push(Refusal::NoPaper);
    }
    if attempt.reject {
        return;
    }
    if way.document && attempt.told.document && is_blank(&attempt.facts.document) {
        found.push(Refusal::Document);
    }
    if attempt.told.papers {
        let missing = missing_evidence(way, &attempt.facts.evidence);
        if !missing.is_empty() {
            found.push(Refusal::Evidence { missing });
        }
    }
}

/// The kinds of evidence a transition asks for and does not have.
fn missing_evidence(way: &Transition, evidence: &[Evidence]) -> Vec<String> {
    let has = |kind: &&String| evidence.iter().any(|piece| piece.kind == **kind && piece.pages > 0);
    way.evidence.iter().filter(|kind| !has(kind)).cloned().collect()
}

/// The guards that look at numbers, days and objections.
struct Guards<'a> {
    calendar: &'a WorkingCalendar,
    past: &'a Past,
    attempt: &'a Attempt<'a>,
}

impl Guards<'_> {
    fn fraction(&self, share: &Share, found: &mut Vec<Refusal>) -> Option<(i128, i128)> {
        let fraction = share.fraction(&self.past.area, self.attempt.facts.on);
        if fraction.is_none() {
            found.push(Refusal::NoRule);
        }
        fraction
    }

    fn numbers(&self, way: &Transition, found: &mut Vec<Refusal>) {
        let (facts, told) = (self.attempt.facts, self.attempt.told);
        if let Some(quorum) = way.quorum.as_ref().filter(|_| told.quorum)
            && let Some(fraction) = self.fraction(quorum, found)
        {
            found.extend(quorum_refusal(facts.present, facts.entitled, fraction));
        }
        if let Some(share) = way.votes.as_ref().filter(|_| told.votes)
            && let Some(fraction) = self.fraction(share, found)
        {
            found.extend(votes_refusal(facts.votes, facts.present, fraction));
        }
        if let Some(sample) = way.sample.as_ref().filter(|_| told.sample)
            && let Some(fraction) = self.fraction(sample, found)
        {
            found.extend(sample_refusal(facts.sample, fraction));
        }
    }

    fn notice(&self, way: &Transition, found: &mut Vec<Refusal>) {
        let on = self.attempt.facts.on;
        let standing = self.past.steps.last().and_then(|step| step.notice_until);
        if let Some(until) = standing.filter(|until| on <= *until && !way.returns) {
            found.push(Refusal::NoticeRunning { until });
        }
        let Some(rule) = way.notice.as_ref().filter(|_| self.attempt.told.notice) else { return };
        match self.attempt.facts.notice_until {
            None => found.push(Refusal::NoticeUnknown),
            Some(until) => found.extend(self.notice_length(rule, until)),
        }
    }

    fn notice_length(&self, rule: &NoticeRule, until: Date) -> Option<Refusal> {
        let (area, on) = (&self.past.area, self.attempt.facts.on);
        let end = |days| Some(add(self.calendar, rule.counts, on, days)?.on);
        let Some(earliest) = rule.min.days(area, on).and_then(end) else {
            return Some(Refusal::NoRule);
        };
        if until < earliest {
            return Some(Refusal::NoticeShort { earliest });
        }
        let latest = rule.max.as_ref().and_then(|max| max.days(area, on)).and_then(end)?;
        (until > latest).then_some(Refusal::NoticeLong { latest })
    }

    fn objections(&self, way: &Transition, found: &mut Vec<Refusal>) {
        if !way.no_open_objection {
            return;
        }
        if self.past.open > 0 {
            found.push(Refusal::ObjectionOpen);
        }
        if self.past.upheld > 0 {
            found.push(Refusal::ObjectionUpheld);
        }
    }

    /// What was looked up outside the case: a clause, and whether whoever signs holds the post.
    fn asked(&self, way: &Transition, found: &mut Vec<Refusal>) {
        let looked_up = self.attempt.looked_up;
        let refused = || way.clause.as_ref().map(|clause| clause.says.clone());
        match looked_up.clause {
            Some(Truth::False) => found.extend(refused().map(|says| Refusal::Clause { says })),
            Some(Truth::Unknown) if is_blank(&self.attempt.facts.reason) => {
                found.extend(refused().map(|says| Refusal::ClauseUnknown { says }));
            }
            _ => {}
        }
        if looked_up.holds_post == Some(false) {
            found.push(Refusal::Signatory);
        }
    }

    /// Refuses what comes too early; answers the deadline of what comes too late.
    fn clock(&self, way: &Transition, found: &mut Vec<Refusal>) -> Option<Date> {
        let own = self.past.deadline.filter(|due| way.deadline && self.attempt.facts.on > *due);
        self.since(way, found).into_iter().chain(own).min()
    }

    fn since(&self, way: &Transition, found: &mut Vec<Refusal>) -> Option<Date> {
        let rule = way.clock.as_ref()?;
        let start = self.past.steps[self.past.latest(&rule.from)?].on;
        let on = self.attempt.facts.on;
        if let Some(min) = rule.min.as_ref().filter(|_| !self.need_not_wait(rule)) {
            let days = min.days(&self.past.area, start);
            match days.and_then(|days| add(self.calendar, rule.counts, start, days)) {
                None => found.push(Refusal::NoRule),
                Some(first) if on < first.on => {
                    found.push(Refusal::TooEarly { earliest: first.on });
                }
                Some(_) => {}
            }
        }
        let due = deadline(self.calendar, self.past, (rule, self.attempt.way), start);
        let due = due.map(|due| due.on).filter(|due| on > *due)?;
        if rule.strict {
            found.push(Refusal::TooLate { due });
            return None;
        }
        Some(due)
    }

    /// Whether a paper lies there with which nobody waits; what papers there were a record does
    /// not tell.
    fn need_not_wait(&self, rule: &ClockRule) -> bool {
        let Some(kind) = &rule.unless else { return false };
        if kind == REASON {
            return !self.attempt.told.reason || !is_blank(&self.attempt.facts.reason);
        }
        let evidence = &self.attempt.facts.evidence;
        !self.attempt.told.papers
            || evidence.iter().any(|piece| piece.kind == *kind && piece.pages > 0)
    }
}

fn quorum_refusal(
    present: Option<i64>,
    entitled: Option<i64>,
    (part, whole): (i128, i128),
) -> Option<Refusal> {
    let (Some(present), Some(entitled)) = (present, entitled) else {
        return Some(Refusal::QuorumUnknown);
    };
    if entitled <= 0 || present < 0 || present > entitled || whole <= 0 {
        return Some(Refusal::QuorumUnknown);
    }
    let (here, all) = (i128::from(present), i128::from(entitled));
    if here * whole >= all * part {
        return None;
    }
    // Rounded up: two thirds of 31 are 21.
    let needed = (all * part + whole - 1) / whole;
    Some(Refusal::Quorum { present, entitled, needed: i64::try_from(needed).unwrap_or(entitled) })
}

/// A majority: more than the share of those present.
fn votes_refusal(
    votes: Option<i64>,
    present: Option<i64>,
    (part, whole): (i128, i128),
) -> Option<Refusal> {
    let (Some(votes), Some(present)) = (votes, present) else {
        return Some(Refusal::VotesUnknown);
    };
    if votes < 0 || votes > present || whole <= 0 {
        return Some(Refusal::VotesUnknown);
    }
    let (yes, all) = (i128::from(votes), i128::from(present));
    if yes * whole > all * part {
        return None;
    }
    let needed = all * part / whole + 1;
    Some(Refusal::Votes { votes, needed: i64::try_from(needed).unwrap_or(present) })
}

fn sample_refusal(sample: Option<Decimal>, (part, whole): (i128, i128)) -> Option<Refusal> {
    let scaled = |share: Decimal| Some((share.mantissa(), 10_i128.checked_pow(share.scale())?));
    let Some((checked, all)) = sample.and_then(scaled) else { return Some(Refusal::SampleUnknown) };
    if checked < 0 || checked > all || whole <= 0 {
        return Some(Refusal::SampleUnknown);
    }
    match (checked.checked_mul(whole), all.checked_mul(part)) {
        (Some(checked), Some(needed)) if checked >= needed => None,
        _ => Some(Refusal::Sample { needed: percent(part, whole) }),
    }
}

/// A fraction in percent, rounded up to a tenth where it has no shorter form.
fn percent(part: i128, whole: i128) -> String {
    let tenths = (part * 1000 + whole - 1) / whole;
    match (tenths / 10, tenths % 10) {
        (full, 0) => format!("{full}%"),
        (full, tenth) => format!("{full}.{tenth}%"),
    }
}

/// The day a number of days after a start; the count begins the day after it.
pub(crate) fn add(
    calendar: &WorkingCalendar,
    counts: Counts,
    start: Date,
    days: u16,
) -> Option<Due> {
    match counts {
        Counts::Calendar => start.checked_add(i64::from(days).days()).ok().map(Due::certain),
        Counts::Working => calendar.due(start, days),
    }
}

/// The last day on which a clock that began on a day is kept.
fn deadline(
    calendar: &WorkingCalendar,
    past: &Past,
    (rule, way): (&ClockRule, usize),
    start: Date,
) -> Option<Due> {
    let max = rule.max.as_ref().and_then(|max| max.days(&past.area, start));
    let counted = max.and_then(|max| {
        if rule.per_year {
            return past.year_used_up((rule, way), start, max).map(Due::certain);
        }
        add(calendar, rule.counts, start, max)
    });
    let named = rule.until_month.and_then(|month| last_of_month(month, start)).map(Due::certain);
    let due = counted.into_iter().chain(named).min()?;
    match rule.day_off {
        DayOff::Stays => Some(due),
        DayOff::NextWorkingDay => {
            let moved = calendar.working_from(due.on)?;
            Some(Due { unlisted: due.unlisted.or(moved.unlisted), ..moved })
        }
    }
}

/// The first last day of a month that does not lie before a day.
fn last_of_month(month: i8, start: Date) -> Option<Date> {
    let of = |year| Date::new(year, month, 1).ok().map(Date::last_of_month);
    of(start.year()).filter(|day| *day >= start).or_else(|| of(start.year() + 1))
}

/// Days from one day to another that lie in a year; the first day does not count.
fn days_in(year: i16, from: Date, until: Date) -> Option<i64> {
    let (first, last) = (Date::new(year - 1, 12, 31).ok()?, Date::new(year, 12, 31).ok()?);
    let (from, until) = (from.max(first), until.min(last));
    Some(i64::from((until - from).get_days()).max(0))
}

/// A clock that runs: the transition that ends it and its last day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RunningClock {
    pub(crate) way: usize,
    pub(crate) due: Due,
}

/// The clocks of a case that still run, the nearest first.
pub(crate) fn clocks(
    machine: &Machine,
    calendar: &WorkingCalendar,
    past: &Past,
) -> Vec<RunningClock> {
    let Some(state) = past.state else { return Vec::new() };
    let mut running: Vec<RunningClock> = machine
        .transitions
        .iter()
        .enumerate()
        .filter(|(_, transition)| machine.is_ahead(transition, state))
        .filter_map(|(way, transition)| {
            let since = transition.clock.as_ref().and_then(|rule| {
                let start = past.latest(&rule.from)?;
                // A clock that was kept after it last began does not run.
                let kept = past.place(way).is_some_and(|done| done > start);
                let on = past.steps[start].on;
                if kept { None } else { deadline(calendar, past, (rule, way), on) }
            });
            let own = past.deadline.filter(|_| transition.deadline && past.is_owed(way));
            let own = own.map(Due::certain);
            Some(RunningClock { way, due: since.into_iter().chain(own).min()? })
        })
        .collect();
    running.sort_by_key(|clock| clock.due);
    running
}

/// The day by which the next step of a case must be taken.
pub(crate) fn due(machine: &Machine, calendar: &WorkingCalendar, past: &Past) -> Option<Date> {
    clocks(machine, calendar, past).first().map(|clock| clock.due.on)
}

/// Whether a person may record or answer an objection to a case: role and level, and for an
/// answer not below the level of the step it is against.
pub(crate) fn beside(
    machine: &Machine,
    past: &Past,
    what: Beside,
    (role, own): (Role, &AreaCode),
) -> Option<Refusal> {
    let Some(rule) = &machine.objections else { return Some(Refusal::NoObjections) };
    let holders = match what {
        Beside::Object => &rule.recorded_by,
        Beside::Answer => &rule.answered_by,
    };
    if !holders.contains(&(role, own.level())) {
        return Some(Refusal::Beside { what, holders: holders.clone() });
    }
    let last = past.steps.last().filter(|_| what == Beside::Answer)?;
    let lowest = machine.transitions[last.way].actors.iter().map(|(_, level)| *level).max();
    // A step that a record tells of was taken at least on the lowest level that may.
    let level = last.level.or(lowest)?;
    (own.level() > level).then_some(Refusal::BelowStep { step: last.way, level })
}

/// What a person may do next with a case, before anything else is known of the step.
pub(crate) fn may_take(
    machine: &Machine,
    (way, past): (&Transition, &Past),
    role: Option<Role>,
    own: &AreaCode,
) -> bool {
    role.is_some_and(|role| way.actors.contains(&(role, own.level())))
        && own.contains(&past.area)
        && level(machine, way, past, own.level()).is_none()
}
