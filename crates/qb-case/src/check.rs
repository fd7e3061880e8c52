//! The check of the pack's machines: every file reads, every example gives its answer.

use std::collections::BTreeMap;
use std::ops::Range;

use qb_access::Role;
use qb_base::{AreaCode, AreaLevel, Date, Text};
use qb_policy::{Dataset, Decimal, Fault, Opens, Pack, PartFile};
use toml::Spanned;

use crate::machine::{Machine, Machines, NoticeRule, Transition};
use crate::raw::{RawCase, RawStep, RawTruth};
use crate::read::{Examples, Reading, day, read};
use crate::step::{
    Actor, Attempt, Evidence, Judgement, LookedUp, Past, StepFacts, Told, Truth, add, judge,
};

/// An area below the pack's for examples; its digits stand for no real village.
const EXAMPLE_TAIL: &str = "99999999";

const NO_LIST: Text = Text::fixed(
    "calendar.toml没有任何一年的放假安排：按工作日计算的期限都是暂定的",
    "calendar.toml has no list of holidays: every deadline in working days is provisional",
);
const MISSING_YEARS: Text = Text::fixed(
    "calendar.toml缺少{years}年的放假安排：经过这些年份、按工作日计算的期限是暂定的",
    "calendar.toml lacks the lists of holidays of {years}: deadlines in working days that pass \
     them are provisional",
);
const LAST_LIST: Text = Text::fixed(
    "calendar.toml有{first}年至{last}年的放假安排：从{next}年起，按工作日计算的期限是暂定的",
    "calendar.toml has lists of holidays from {first} to {last}: from {next} on deadlines in \
     working days are provisional",
);

/// Checks the machines, the calendar and the datasets that name them; runs every example.
pub fn check(pack: &Pack) -> Vec<Fault> {
    let Reading { machines, examples, mut faults } = read(pack);
    if faults.is_empty() {
        for one in &examples {
            if let Some(machine) = machines.get(&one.machine) {
                Runner::new(pack, &machines, machine, one, &mut faults).run();
            }
        }
        for dataset in &pack.datasets {
            named(&machines, dataset, &mut faults);
        }
        let opens = pack.coverages.iter().filter_map(|coverage| coverage.opens.as_ref());
        faults.extend(opens.filter_map(|opens| opened(&machines, opens)));
    }
    faults
}

/// What whoever keeps the pack should know of its working days: years without a list of holidays.
/// Nothing where the machines have faults, which [`check`] names.
pub fn notes(pack: &Pack) -> Vec<Text> {
    let Ok(machines) = Machines::load(pack) else { return Vec::new() };
    let calendar = machines.calendar();
    let Some((first, last)) = calendar.years() else { return vec![NO_LIST] };
    let missing = calendar.missing_years();
    let mut notes = Vec::new();
    if !missing.is_empty() {
        let years: Vec<String> = missing.iter().map(ToString::to_string).collect();
        let en = MISSING_YEARS.fill(&[("years", &years.join(", "))]).en;
        let zh = MISSING_YEARS.fill(&[("years", &years.join("、"))]).zh;
        notes.push(Text { zh, en });
    }
    let years = [("first", first), ("last", last), ("next", last.saturating_add(1))];
    let years = years.map(|(name, year)| (name, year.to_string()));
    let years: Vec<(&str, &str)> = years.iter().map(|(name, year)| (*name, &**year)).collect();
    notes.push(LAST_LIST.fill(&years));
    notes
}

/// A dataset's case names a machine and transitions that exist.
fn named(machines: &Machines, dataset: &Dataset, faults: &mut Vec<Fault>) {
    let Some(case) = &dataset.case else { return };
    let Some(machine) = machines.get(&case.machine) else {
        faults.push(Fault::new(
            case.at.clone(),
            format!("没有名为“{}”的流程(machines/)", case.machine),
            format!("`{}` is no machine of the folder machines/", case.machine),
        ));
        return;
    };
    for step in case.steps.iter().filter(|step| machine.transition(&step.transition).is_none()) {
        let known: Vec<&str> = machine.transitions.iter().map(|way| way.id.as_str()).collect();
        let known = known.join(", ");
        faults.push(Fault::new(
            step.at.clone(),
            format!("流程“{}”没有步骤“{}”;有:{known}", machine.id, step.transition),
            format!("machine `{}` has no `{}`; it has: {known}", machine.id, step.transition),
        ));
    }
}

/// A coverage's leads become cases about households, by a step that opens one.
fn opened(machines: &Machines, opens: &Opens) -> Option<Fault> {
    let machine = machines.get(&opens.machine);
    let machine = machine.filter(|machine| machine.subject == "household");
    let way = machine.and_then(|machine| machine.transition(&opens.transition));
    if machine.zip(way).is_some_and(|(machine, way)| machine.leads(way, None)) {
        return None;
    }
    let (machine, step) = (&opens.machine, &opens.transition);
    Some(Fault::new(
        opens.at.clone(),
        format!("流程“{machine}”没有以“{step}”开始的户的案件(machines/)"),
        format!("no machine `{machine}` about households opens its cases by `{step}` (machines/)"),
    ))
}

/// Runs the examples of one machine.
struct Runner<'a> {
    machines: &'a Machines,
    machine: &'a Machine,
    examples: &'a Examples<'a>,
    village: AreaCode,
    pasts: BTreeMap<String, Past>,
    /// Transitions an example took.
    taken: Vec<bool>,
    faults: &'a mut Vec<Fault>,
}

impl<'a> Runner<'a> {
    fn new(
        pack: &Pack,
        machines: &'a Machines,
        machine: &'a Machine,
        examples: &'a Examples<'a>,
        faults: &'a mut Vec<Fault>,
    ) -> Self {
        let digits = AreaLevel::Village.digits();
        let own = pack.area.as_str();
        // A pack for one village has the whole code already: nothing is added.
        let tail = EXAMPLE_TAIL.get(EXAMPLE_TAIL.len() + own.len() - digits..).unwrap_or_default();
        let village = AreaCode::parse(&format!("{own}{tail}")).unwrap_or(pack.area);
        let taken = vec![false; machine.transitions.len()];
        Self { machines, machine, examples, village, pasts: BTreeMap::new(), taken, faults }
    }

    fn file(&self) -> &'a PartFile {
        self.examples.file
    }

    fn run(mut self) {
        let examples = self.examples;
        for history in &examples.histories {
            let start = history.after.as_ref().map(|after| after.as_ref());
            let mut past = self.past(start);
            for step in &history.steps {
                let Some((way, judged)) = self.attempt(&mut past, step) else { return };
                if !judged.refusals.is_empty() {
                    self.wrong(&step.transition.span(), &history.id, "allowed", &answer(&judged));
                    return;
                }
                self.taken[way] = true;
            }
            self.pasts.insert(history.id.clone(), past);
        }
        for case in &examples.cases {
            self.case(case);
        }
        self.untried();
    }

    fn case(&mut self, case: &RawCase) {
        let after = case.after.as_ref().map(|after| after.as_ref());
        if let Some(after) = case.after.as_ref().filter(|id| !self.pasts.contains_key(id.as_ref()))
        {
            self.faults.push(self.file().fault(
                &after.span(),
                "没有这个经过(history),请写在用例之前",
                "no history has this id; write it above the case",
            ));
            return;
        }
        let mut past = self.past(after);
        past.deadline = case.deadline.as_ref().and_then(day);
        let Some((way, judged)) = self.attempt(&mut past, &case.tried) else { return };
        let got = answer(&judged);
        if got == *case.expect.as_ref() {
            self.taken[way] |= judged.refusals.is_empty();
        } else {
            let (name, expected) = (case.name.as_str(), case.expect.as_ref());
            self.wrong(&case.expect.span(), name, expected, &got);
        }
    }

    fn past(&self, after: Option<&String>) -> Past {
        let known = after.and_then(|id| self.pasts.get(id)).cloned();
        known.unwrap_or_else(|| Past::none(self.village))
    }

    fn wrong(&mut self, span: &Range<usize>, name: &str, expected: &str, got: &str) {
        self.faults.push(self.file().fault(
            span,
            format!("用例“{name}”应得“{expected}”,实得“{got}”"),
            format!("the example `{name}` should give `{expected}`, it gives `{got}`"),
        ));
    }

    /// Every way of a machine is taken by an example, or nobody knows that it can be.
    fn untried(&mut self) {
        for (way, _) in self.machine.transitions.iter().zip(&self.taken).filter(|(_, done)| !**done)
        {
            self.faults.push(self.file().fault(
                &(0..0),
                format!("步骤“{}”没有一个走通的用例", way.id),
                format!("no example takes the transition `{}`", way.id),
            ));
        }
    }

    /// Tries one step of an example; what it leaves out is as the transition asks for.
    fn attempt(&mut self, past: &mut Past, step: &RawStep) -> Option<(usize, Judgement)> {
        let file = self.file();
        let Some(at) = self.machine.transition_index(step.transition.as_ref()) else {
            let span = step.transition.span();
            self.faults.push(file.fault(&span, "没有这个步骤", "the machine has no such step"));
            return None;
        };
        let Some(facts) = self.facts(&self.machine.transitions[at], step) else {
            let span = step.on.span();
            self.faults.push(file.fault(&span, "日期或比例不对", "a day or share cannot be read"));
            return None;
        };
        match step.objection.as_ref().map(|word| word.as_ref().as_str()) {
            Some("open") => past.open += 1,
            Some("upheld") => past.upheld += 1,
            _ => {}
        }
        if let Some(level) = step.at.filter(|_| past.state.is_none()) {
            past.area = self.village.at(level).unwrap_or(past.area);
        }
        let Some(actor) = self.actor(&self.machine.transitions[at], past, step) else {
            let span = step.transition.span();
            self.faults.push(file.fault(&span, "没有这个角色", "no role has this code"));
            return None;
        };
        let way = &self.machine.transitions[at];
        let tells: Vec<usize> = step.tells.iter().flatten().filter_map(|id| self.way(id)).collect();
        let attempt = Attempt {
            way: at,
            reject: step.reject,
            facts: &facts,
            actor: Some(&actor).filter(|_| step.tells.is_none()),
            told: if step.tells.is_none() { Told::EVERYTHING } else { RECORDED },
            tells: &tells,
            looked_up: looked_up(way, step),
            today: Date::MAX,
        };
        let judged = judge(self.machine, self.machines.calendar(), past, &attempt);
        past.take(&attempt, &judged);
        if judged.goes_back {
            past.upheld = 0;
        }
        Some((at, judged))
    }

    fn facts(&self, way: &Transition, step: &RawStep) -> Option<StepFacts> {
        let on = day(&step.on)?;
        let until = match &step.until {
            Some(until) => Some(day(until)?),
            None => way.notice.as_ref().and_then(|rule| self.shortest(rule, on)),
        };
        let sample = match &step.sample {
            Some(text) => Some(Decimal::parse(text.as_ref())?.shift(-2)?),
            None => Some(Decimal::whole(1)),
        };
        let kinds = way.evidence.iter().chain(&step.with);
        let kinds = kinds.filter(|kind| !step.without.contains(kind));
        let evidence = kinds.map(|kind| Evidence {
            kind: kind.clone(),
            digest: "example".to_owned(),
            pages: 1,
        });
        let paper = |name: &str| {
            (!step.without.iter().any(|kind| kind == name)).then(|| "example".to_owned())
        };
        Some(StepFacts {
            on,
            present: step.present.or(Some(1)),
            entitled: step.entitled.or(Some(1)),
            votes: step.votes.or(step.present).or(Some(1)),
            second: step
                .second
                .clone()
                .or_else(|| paper("second").map(|_| format!("with {}", way.id))),
            signatory: paper("signatory"),
            sample,
            notice_until: until,
            evidence: evidence.collect(),
            document: paper("document"),
            reason: paper("reason"),
            by: None,
            paper: None,
            office: None,
        })
    }

    fn way(&self, id: &Spanned<String>) -> Option<usize> {
        self.machine.transition_index(id.as_ref())
    }

    fn shortest(&self, rule: &NoticeRule, on: Date) -> Option<Date> {
        let last =
            add(self.machines.calendar(), rule.counts, on, rule.min.days(&self.village, on)?)?;
        Some(last.on)
    }

    /// The person of a step: the first that may, each time another one, unless the step says who.
    fn actor(&self, way: &Transition, past: &Past, step: &RawStep) -> Option<Actor> {
        let (mut role, mut level) = way.actors.first().copied()?;
        if let Some(code) = &step.role {
            role = Role::parse(code.as_ref()).ok()?;
            level = way.actors.iter().find(|(r, _)| *r == role).map_or(level, |(_, level)| *level);
        }
        let level = step.level.unwrap_or(level);
        let login = step.by.clone().unwrap_or_else(|| format!("p{}", past.steps.len()));
        Some(Actor { login, role, area: self.village.at(level)? })
    }
}

/// What a row of a file tells of a step.
const RECORDED: Told =
    Told { votes: false, second: false, papers: false, reason: false, ..Told::EVERYTHING };

/// What an example says of things outside the case; what it leaves out is as the step asks for.
fn looked_up(way: &Transition, step: &RawStep) -> LookedUp {
    let truth = match step.clause {
        None | Some(RawTruth::True) => Truth::True,
        Some(RawTruth::False) => Truth::False,
        Some(RawTruth::Unknown) => Truth::Unknown,
    };
    LookedUp {
        clause: way.clause.as_ref().map(|_| truth),
        holds_post: way.signatory.as_ref().map(|_| step.holds_post.unwrap_or(true)),
        // Examples name people who are nobody's accounts.
        second: None,
    }
}

/// The answer an example names: `allowed`, `late`, or the codes of the refusals in order.
fn answer(judged: &Judgement) -> String {
    let mut codes: Vec<&str> = judged.refusals.iter().map(|refusal| refusal.code()).collect();
    codes.extend(judged.late.map(|_| "late"));
    codes.sort_unstable();
    if codes.is_empty() { "allowed".to_owned() } else { codes.join(" ") }
}
