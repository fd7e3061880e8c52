//! From the pack's files to checked machines, with the place of every fault.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use jiff::ToSpan;
use qb_access::Role;
use qb_base::{AreaLevel, Date, Digest, WorkingCalendar};
use qb_policy::{ClauseKind, Effective, Fault, Level, Pack, PartFile};
use toml::Spanned;
use toml::value::Datetime;

use crate::machine::{
    AskedClause, ClockRule, Counts, DayOff, Machine, Machines, NoticeRule, Number, ObjectionRule,
    Share, State, StateKind, Transition, reach,
};
use crate::raw::{
    RawActor, RawCalendar, RawCase, RawClock, RawDays, RawHistory, RawMachine, RawNotice,
    RawNumber, RawState, RawSteps, RawTransition,
};
use crate::step::REASON;

/// Folder of the machines.
const FOLDER: &str = "machines/";
/// The file of holidays and worked weekends.
const CALENDAR: &str = "calendar.toml";
/// The list of kinds of evidence.
const EVIDENCE: &str = "evidence_kind";
/// The list of ways in which objections come.
const CHANNELS: &str = "grievance_channel";
/// Group of the channel by which a household objects itself.
const OWN_CHANNEL: &str = "household";
/// The list of posts whose holders sign.
const POSTS: &str = "post_kind";
/// One form has room for one more person beside the actor.
const PERSONS_MAX: u16 = 2;
/// The word of a clock on a last day that is a day off.
const DAY_OFF: &str = "ends_on_day_off";
/// A holiday longer than this is a slip of the pen.
const HOLIDAY_DAYS_MAX: i32 = 31;

/// The examples of one machine, with the file their faults point into.
pub(crate) struct Examples<'a> {
    pub(crate) file: &'a PartFile,
    pub(crate) machine: String,
    pub(crate) histories: Vec<RawHistory>,
    pub(crate) cases: Vec<RawCase>,
}

/// Everything the pack says about cases.
pub(crate) struct Reading<'a> {
    pub(crate) machines: Machines,
    pub(crate) examples: Vec<Examples<'a>>,
    pub(crate) faults: Vec<Fault>,
}

impl Machines {
    /// Reads the machines of a pack.
    ///
    /// # Errors
    /// All faults of the files, when there are any; the examples beside the machines are run by
    /// [`crate::check`] only.
    pub fn load(pack: &Pack) -> Result<Self, Vec<Fault>> {
        let reading = read(pack);
        if reading.faults.is_empty() { Ok(reading.machines) } else { Err(reading.faults) }
    }
}

pub(crate) fn read(pack: &Pack) -> Reading<'_> {
    let mut machines = Machines {
        evidence: labels(pack, EVIDENCE),
        channels: labels(pack, CHANNELS),
        own_channel: own_channel(pack),
        ..Machines::default()
    };
    let mut faults = Vec::new();
    let mut examples = Vec::new();
    for (_, file) in pack.part_files_in(CALENDAR) {
        match file.parse::<RawCalendar>() {
            Ok(raw) => machines.calendar = calendar(file, &raw, &mut faults),
            Err(fault) => faults.push(fault),
        }
    }
    for (_, file) in pack.part_files_in(FOLDER) {
        let raw = match file.parse::<RawMachine>() {
            Ok(raw) => raw,
            Err(fault) => {
                faults.push(fault);
                continue;
            }
        };
        let mut reader = Reader { pack, file, evidence: &machines.evidence, faults: &mut faults };
        let (machine, own) = reader.machine(raw);
        if machines.machines.contains_key(&machine.id) {
            reader.fault(
                &(0..0),
                format!("流程“{}”已在另一个文件中", machine.id),
                format!("machine `{}` stands in another file already", machine.id),
            );
        }
        examples.push(own);
        machines.machines.insert(machine.id.clone(), machine);
    }
    Reading { machines, examples, faults }
}

fn labels(pack: &Pack, list: &str) -> BTreeMap<String, qb_base::Text> {
    let codes = pack.code_list(list).into_iter().flat_map(|list| &list.codes);
    codes.map(|code| (code.id.clone(), code.label.clone())).collect()
}

fn own_channel(pack: &Pack) -> Option<String> {
    let codes = &pack.code_list(CHANNELS)?.codes;
    let own = codes.iter().find(|code| code.group.as_deref() == Some(OWN_CHANNEL))?;
    Some(own.id.clone())
}

fn calendar(file: &PartFile, raw: &RawCalendar, faults: &mut Vec<Fault>) -> WorkingCalendar {
    let (mut off, mut on, mut years) = (Vec::new(), Vec::new(), BTreeSet::new());
    for year in &raw.year {
        if !years.insert(*year.year.as_ref()) {
            let number = year.year.as_ref();
            faults.push(file.fault(
                &year.year.span(),
                format!("{number}年出现两次"),
                format!("{number} stands twice"),
            ));
        }
        let stray = |day: &Spanned<Datetime>| {
            file.fault(
                &day.span(),
                format!("这里要写{}年的日期", year.year.as_ref()),
                format!("write a day of {} here", year.year.as_ref()),
            )
        };
        let day = |value: &Spanned<Datetime>, faults: &mut Vec<Fault>| {
            let day = day(value).filter(|day| day.year() == *year.year.as_ref());
            if day.is_none() {
                faults.push(stray(value));
            }
            day
        };
        if year.source.as_ref().trim().is_empty() {
            faults.push(no_source(file, &year.source.span()));
        }
        for RawDays { from, until, .. } in &year.holiday {
            if let (Some(first), Some(last)) = (day(from, faults), day(until, faults)) {
                let days = (last - first).get_days();
                if !(0..HOLIDAY_DAYS_MAX).contains(&days) {
                    faults.push(stray(until));
                }
                off.extend(first.series(1.day()).take_while(|day| *day <= last));
            }
        }
        on.extend(year.worked.iter().filter_map(|worked| day(worked, faults)));
    }
    WorkingCalendar::new(years, off, on)
}

/// A TOML day without a time.
pub(crate) fn day(value: &Spanned<Datetime>) -> Option<Date> {
    let value = value.as_ref();
    let date = value.date.filter(|_| value.time.is_none() && value.offset.is_none())?;
    let part = |number: u8| i8::try_from(number).ok();
    Date::new(i16::try_from(date.year).ok()?, part(date.month)?, part(date.day)?).ok()
}

/// A machine without what only people read, and without a word that says what held before it could
/// be said: a clock whose last day stays judges as one that says nothing of days off.
fn judging(mut machine: toml::Table) -> toml::Table {
    machine.remove("case");
    machine.remove("history");
    // A case that is open goes on by the rules it was opened with.
    machine.remove("effective_from");
    machine.remove("effective_until");
    let silent = |table: &mut toml::Table| {
        table.remove("label");
        table.remove("source");
    };
    silent(&mut machine);
    for part in ["state", "transition"] {
        let parts = machine.get_mut(part).and_then(toml::Value::as_array_mut).into_iter().flatten();
        for table in parts.filter_map(toml::Value::as_table_mut) {
            silent(table);
            let clock = table.get_mut("clock").and_then(toml::Value::as_table_mut);
            if let Some(clock) = clock.filter(|c| c.get(DAY_OFF).is_some_and(stays)) {
                clock.remove(DAY_OFF);
            }
        }
    }
    machine
}

fn stays(word: &toml::Value) -> bool {
    word.as_str() == Some("stays")
}

fn no_source(file: &PartFile, span: &Range<usize>) -> Fault {
    file.fault(span, "出处不能空白", "the source may not be blank")
}

struct Reader<'a, 'b> {
    pack: &'a Pack,
    file: &'a PartFile,
    evidence: &'b BTreeMap<String, qb_base::Text>,
    faults: &'b mut Vec<Fault>,
}

impl<'a> Reader<'a, '_> {
    fn fault(&mut self, span: &Range<usize>, zh: impl Into<String>, en: impl Into<String>) {
        self.faults.push(self.file.fault(span, zh, en));
    }

    fn machine(&mut self, raw: RawMachine) -> (Machine, Examples<'a>) {
        let digest = self.digest();
        let states: Vec<State> = raw.state.iter().map(State::from).collect();
        let names: Vec<&Spanned<String>> = raw.transition.iter().map(|way| &way.id).collect();
        self.twice(raw.state.iter().map(|state| &state.id));
        self.twice(names.iter().copied());
        if raw.source.as_ref().trim().is_empty() {
            let fault = no_source(self.file, &raw.source.span());
            self.faults.push(fault);
        }
        let index = Names { states: &states, ways: &names };
        let read = |way: &RawTransition| self.transition(way, raw.source.as_ref(), &index);
        let transitions: Vec<Transition> = raw.transition.iter().map(read).collect();
        self.shape(&raw, &states, &transitions);
        let objections = self.objections(&raw);
        let effective = self.effective(&raw);
        let reach = reach(states.len(), &transitions);
        let id = raw.id.into_inner();
        let examples = Examples {
            file: self.file,
            machine: id.clone(),
            histories: raw.history,
            cases: raw.case,
        };
        let source = raw.source.into_inner();
        let (label, subject) = (raw.label, raw.subject);
        let machine = Machine {
            id,
            label,
            subject,
            source,
            effective,
            states,
            transitions,
            objections,
            digest,
            reach,
        };
        (machine, examples)
    }

    /// The days on which cases are opened by a machine.
    fn effective(&mut self, raw: &RawMachine) -> Effective {
        let mut read = |value: &Option<Spanned<Datetime>>| {
            let value = value.as_ref()?;
            let found = day(value);
            if found.is_none() {
                let (zh, en) = ("这里要写日期", "write a day here");
                self.fault(&value.span(), zh, en);
            }
            found
        };
        let effective =
            Effective { from: read(&raw.effective_from), until: read(&raw.effective_until) };
        let is_reversed =
            matches!(effective, Effective { from: Some(from), until: Some(until) } if until < from);
        if let (true, Some(until)) = (is_reversed, &raw.effective_until) {
            let (zh, en) = ("截止日早于起始日", "the last day lies before the first");
            self.fault(&until.span(), zh, en);
        }
        effective
    }

    /// Who deals with objections; a machine whose steps wait for their answers has to say so.
    fn objections(&mut self, raw: &RawMachine) -> Option<ObjectionRule> {
        let Some(rule) = &raw.objection else {
            if let Some(way) = raw.transition.iter().find(|way| way.no_open_objection) {
                self.fault(
                    &way.id.span(),
                    "这一步要等异议答复，流程却没有写谁记录、谁答复：请加上[objection]",
                    "this step waits for answers to objections, and nothing says who records and \
                     who answers them: add [objection]",
                );
            }
            return None;
        };
        let recorded_by = self.actors(&rule.recorded_by);
        Some(ObjectionRule { recorded_by, answered_by: self.actors(&rule.answered_by) })
    }

    /// The digest of what judges a case: without comments, blanks, examples, names and sources, so
    /// that a mended label judges no case anew.
    fn digest(&self) -> Digest {
        match self.file.text.parse::<toml::Table>() {
            Ok(table) => Digest::of(judging(table).to_string().as_bytes()),
            Err(_) => Digest::of(self.file.text.as_bytes()),
        }
    }

    fn twice<'s>(&mut self, ids: impl Iterator<Item = &'s Spanned<String>>) {
        let mut seen = Vec::new();
        for id in ids {
            if seen.contains(&id.as_ref()) {
                self.fault(
                    &id.span(),
                    format!("“{}”出现两次", id.as_ref()),
                    format!("`{}` stands twice", id.as_ref()),
                );
            }
            seen.push(id.as_ref());
        }
    }

    fn transition(&mut self, raw: &RawTransition, source: &str, names: &Names<'_>) -> Transition {
        let own = raw.source.as_ref().map_or(source, |source| source.as_ref());
        if own.trim().is_empty() {
            let fault = no_source(self.file, &raw.id.span());
            self.faults.push(fault);
        }
        for kind in &raw.evidence {
            self.is_evidence(kind);
        }
        Transition {
            id: raw.id.as_ref().clone(),
            label: raw.label.clone(),
            source: own.to_owned(),
            from: self.from(&raw.from, names),
            skips_from: raw.skips_from.iter().filter_map(|id| self.state(id, names)).collect(),
            // An unknown state is a fault already, and a pack with faults does not load.
            to: self.state(&raw.to, names).unwrap_or_default(),
            actors: self.actors(&raw.actors),
            own_level: raw.own_level,
            level_of: raw.level_of.as_ref().and_then(|id| self.way(id, names)),
            above: raw.above.iter().flat_map(|steps| self.ways(steps, names)).collect(),
            persons: self.persons(raw.persons.as_ref()),
            signatory: raw.signatory.as_ref().and_then(|post| self.post(post)),
            clause: raw.clause.as_ref().and_then(|id| self.clause(id)),
            after: raw.after.as_ref().and_then(|rule| {
                Some((self.way(&rule.step, names)?, rule.times)).filter(|(_, times)| *times > 0)
            }),
            evidence: raw.evidence.iter().map(|kind| kind.as_ref().clone()).collect(),
            quorum: raw.quorum.as_ref().and_then(|share| self.share(share)),
            votes: raw.votes.as_ref().and_then(|share| self.share(share)),
            sample: raw.sample.as_ref().and_then(|share| self.share(share)),
            no_open_objection: raw.no_open_objection,
            notice: raw.notice.as_ref().and_then(|notice| self.notice(notice)),
            clock: raw.clock.as_ref().and_then(|clock| self.clock(clock, names)),
            incompatible: raw.incompatible.iter().filter_map(|id| self.way(id, names)).collect(),
            reject_to: raw.reject_to.as_ref().and_then(|state| self.state(state, names)),
            deadline: raw.deadline,
            returns: raw.returns,
            document: raw.document,
            reason: raw.reason,
        }
    }

    /// The states a transition leads from; `*` is every state in which a case is not at its end.
    fn from(&mut self, raw: &[Spanned<String>], names: &Names<'_>) -> Vec<usize> {
        if raw.iter().any(|id| id.as_ref() == "*") {
            let open = names.states.iter().enumerate();
            return open.filter(|(_, s)| s.kind != StateKind::End).map(|(at, _)| at).collect();
        }
        raw.iter().filter_map(|id| self.state(id, names)).collect()
    }

    fn state(&mut self, id: &Spanned<String>, names: &Names<'_>) -> Option<usize> {
        let found = names.states.iter().position(|state| state.id == *id.as_ref());
        if found.is_none() {
            self.unknown(id, "状态", "state of the machine");
        }
        found
    }

    fn way(&mut self, id: &Spanned<String>, names: &Names<'_>) -> Option<usize> {
        let found = names.ways.iter().position(|way| way.as_ref() == id.as_ref());
        if found.is_none() {
            self.unknown(id, "步骤", "transition of the machine");
        }
        found
    }

    fn ways(&mut self, steps: &Spanned<RawSteps>, names: &Names<'_>) -> Vec<usize> {
        let ids = steps.as_ref().ids().iter().map(|id| Spanned::new(steps.span(), id.clone()));
        ids.filter_map(|id| self.way(&id, names)).collect()
    }

    fn unknown(&mut self, id: &Spanned<String>, zh: &str, en: &str) {
        self.fault(
            &id.span(),
            format!("没有名为“{}”的{zh}", id.as_ref()),
            format!("`{}` is no {en}", id.as_ref()),
        );
    }

    fn actors(&mut self, raw: &Spanned<Vec<RawActor>>) -> Vec<(Role, AreaLevel)> {
        if raw.as_ref().is_empty() {
            self.fault(&raw.span(), "至少写一种办理人", "name at least one actor");
        }
        let mut actors = Vec::new();
        for actor in raw.as_ref() {
            match Role::parse(actor.role.as_ref()) {
                Ok(role) => actors.push((role, actor.level)),
                Err(_) => self.unknown(&actor.role, "角色", "role"),
            }
        }
        actors
    }

    fn notice(&mut self, raw: &RawNotice) -> Option<NoticeRule> {
        let max = raw.max_days.as_ref().and_then(|days| self.number(days));
        Some(NoticeRule { min: self.number(&raw.min_days)?, max, counts: raw.counts })
    }

    fn clock(&mut self, raw: &RawClock, names: &Names<'_>) -> Option<ClockRule> {
        let max = raw.max_days.as_ref().and_then(|days| self.number(days));
        let min = raw.min_days.as_ref().and_then(|days| self.number(days));
        let span = raw.from.span();
        if raw.max_days.is_none() && raw.min_days.is_none() && raw.until_month.is_none() {
            self.fault(
                &span,
                "期限要写max_days、min_days或until_month",
                "a clock needs max_days, min_days or until_month",
            );
        }
        if raw.per_year && raw.max_days.is_none() {
            self.fault(
                &span,
                "按年累计(per_year)要写max_days",
                "a sum of a year (per_year) needs max_days",
            );
        }
        self.day_off(raw);
        let month = raw.until_month.as_ref().map(|month| (*month.as_ref(), month.span()));
        if let Some((_, span)) = month.as_ref().filter(|(month, _)| !(1..=12).contains(month)) {
            self.fault(span, "月份要写1到12", "a month is written 1 to 12");
        }
        let is_known = |kind: &&Spanned<String>| kind.as_ref() == REASON || self.is_evidence(kind);
        let unless = raw.unless.as_ref().filter(is_known);
        let from = self.ways(&raw.from, names);
        Some(ClockRule {
            from: Some(from).filter(|from| !from.is_empty())?,
            max,
            until_month: month.map(|(month, _)| month),
            strict: raw.strict,
            per_year: raw.per_year,
            min,
            unless: unless.map(|kind| kind.as_ref().clone()),
            counts: raw.counts,
            // A clock of working days and one without a last day have no day off to end on; of
            // any other a missing word is a fault, and a pack with faults does not load.
            day_off: raw.ends_on_day_off.as_ref().map_or(DayOff::Stays, |word| *word.as_ref()),
        })
    }

    /// A last day counted in calendar days can be a day off: the pack says what becomes of it.
    fn day_off(&mut self, raw: &RawClock) {
        let ends = raw.max_days.is_some() || raw.until_month.is_some();
        let counted = raw.counts == Counts::Working && raw.until_month.is_none();
        match &raw.ends_on_day_off {
            None if ends && !counted => self.fault(
                &raw.from.span(),
                "请写明期限最后一天不上班时怎么办：ends_on_day_off = \"stays\"或\"next_working_day\"",
                "say what becomes of a last day that is a day off: ends_on_day_off = \"stays\" or \
                 \"next_working_day\"",
            ),
            Some(word) if !ends => self.fault(
                &word.span(),
                "没有max_days或until_month，就没有最后一天可顺延",
                "without max_days or until_month there is no last day to move",
            ),
            _ => {}
        }
    }

    fn persons(&mut self, raw: Option<&Spanned<u16>>) -> u16 {
        let Some(persons) = raw else { return 1 };
        if !(1..=PERSONS_MAX).contains(persons.as_ref()) {
            self.fault(&persons.span(), "人数要写1或2", "write 1 or 2 persons");
        }
        *persons.as_ref()
    }

    fn post(&mut self, post: &Spanned<String>) -> Option<String> {
        let known = self.pack.code_list(POSTS).and_then(|list| list.code(post.as_ref()));
        if known.is_none() {
            self.unknown(post, "职务", "post (codes/post_kind.toml)");
        }
        known.map(|code| code.id.clone())
    }

    fn clause(&mut self, id: &Spanned<String>) -> Option<AskedClause> {
        let clause = self.pack.clause(id.as_ref());
        let clause =
            clause.filter(|c| c.level == Level::Household && c.kind == ClauseKind::Verdict);
        if clause.is_none() {
            self.unknown(id, "户的判定规则", "verdict on households (clauses/)");
        }
        clause.map(|clause| AskedClause { id: clause.id.clone(), says: clause.says.clone() })
    }

    fn is_evidence(&mut self, kind: &Spanned<String>) -> bool {
        let is_known = self.evidence.contains_key(kind.as_ref());
        if !is_known {
            self.unknown(kind, "材料种类", "kind of evidence (codes/evidence_kind.toml)");
        }
        is_known
    }

    fn number(&mut self, raw: &Spanned<RawNumber>) -> Option<Number> {
        match raw.as_ref() {
            RawNumber::Days(days) => Some(Number::Fixed(*days)),
            RawNumber::Param(id) => {
                let found = self.pack.param_series(id).cloned();
                if found.is_none() {
                    let id = Spanned::new(raw.span(), id.clone());
                    self.unknown(&id, "参数", "param of the pack");
                }
                found.map(|param| Number::Param(Box::new(param)))
            }
        }
    }

    /// `2/3`, `20%`, or the id of a param.
    fn share(&mut self, raw: &Spanned<String>) -> Option<Share> {
        let text = raw.as_ref();
        if let Some(param) = self.pack.param_series(text) {
            return Some(Share::Param(Box::new(param.clone())));
        }
        let percent = text.strip_suffix('%').map(|part| (part, "100"));
        let parts = percent.or_else(|| text.split_once('/'));
        let number = |part: &str| part.trim().parse::<u32>().ok();
        let read = parts.and_then(|(part, whole)| Some((number(part)?, number(whole)?)));
        match read {
            Some((part, whole)) if part > 0 && part <= whole => Some(Share::Fraction(part, whole)),
            _ => {
                self.fault(
                    &raw.span(),
                    format!("“{text}”不是比例:请写成“2/3”或“20%”,或写参数名"),
                    format!("`{text}` is no share: write `2/3`, `20%`, or the id of a param"),
                );
                None
            }
        }
    }

    /// What no reading of single lines shows: a way in, a way out, states nobody reaches.
    fn shape(&mut self, raw: &RawMachine, states: &[State], ways: &[Transition]) {
        for (at, (state, spelled)) in states.iter().zip(&raw.state).enumerate() {
            let span = spelled.id.span();
            let opens = ways.iter().any(|way| way.from.is_empty() && way.to == at);
            let entered = ways.iter().any(|way| way.to == at || way.reject_to == Some(at));
            let left = ways.iter().any(|way| way.from.contains(&at));
            if opens != (state.kind == StateKind::Start) {
                self.fault(
                    &span,
                    "立案步骤(没有from)到达的状态、且只有这些状态,写kind = \"start\"",
                    "kind is \"start\" exactly where a transition without `from` leads",
                );
            }
            if !entered {
                self.fault(&span, "没有步骤到达这个状态", "no transition leads to this state");
            }
            if left == (state.kind == StateKind::End) {
                self.fault(
                    &span,
                    "终止状态不能再有步骤,其他状态要有步骤离开",
                    "an end has no way on, every other state has one",
                );
            }
        }
    }
}

/// Ids a transition may name.
struct Names<'a> {
    states: &'a [State],
    ways: &'a [&'a Spanned<String>],
}

impl From<&RawState> for State {
    fn from(raw: &RawState) -> Self {
        Self {
            id: raw.id.as_ref().clone(),
            label: raw.label.clone(),
            kind: raw.kind,
            decided: raw.decided || raw.kind == StateKind::End,
        }
    }
}
