//! Why a step is refused, and what to do about it.

use qb_access::Role;
use qb_base::{AreaCode, AreaLevel, Date, Text};
use qb_policy::Effective;

use crate::machine::{Machine, Machines};

/// One guard that a step did not pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The transition does not lead from the case's state.
    OutOfOrder {
        /// The transition tried.
        transition: usize,
        /// The state the case is in; `None` before it is open.
        state: Option<usize>,
    },
    /// The transition has no state to send the case back to.
    NoReject {
        /// The transition tried.
        transition: usize,
    },
    /// The actor's role and level are not among those who may.
    Actor {
        /// The transition tried.
        transition: usize,
    },
    /// Only rows of old files leave steps out, and this one could have told of them.
    Skipped {
        /// The first step left out.
        step: usize,
    },
    /// A step was not taken as often as this one needs.
    StepsMissing {
        /// The step.
        step: usize,
        /// How often it was taken.
        done: usize,
        /// How often it must be.
        times: u16,
    },
    /// Each level acts on what is its own, and the actor works on another one.
    OtherLevel {
        /// The level of the case.
        level: AreaLevel,
    },
    /// The actor works below the level of a step that this one needs at least.
    BelowFinder {
        /// The step.
        step: usize,
        /// The level it was taken on.
        level: AreaLevel,
    },
    /// The actor does not work above the level of a step.
    NotAbove {
        /// The step.
        step: usize,
        /// The level it was taken on.
        level: AreaLevel,
    },
    /// It is not said who took the step together with the actor.
    SecondUnknown,
    /// The second person is the actor.
    SecondSame,
    /// Nobody with that number may take the step.
    SecondStranger,
    /// Whoever signs does not hold the post on the day in the area.
    Signatory,
    /// The clause that the step asks for does not hold.
    Clause {
        /// What the clause says.
        says: Text,
    },
    /// The clause cannot tell, and no reason is given.
    ClauseUnknown {
        /// What the clause says.
        says: Text,
    },
    /// It is not said how many were in favour, or the numbers cannot be.
    VotesUnknown,
    /// Too few were in favour.
    Votes {
        /// How many were.
        votes: i64,
        /// How many must be.
        needed: i64,
    },
    /// The last day on which the step may be taken has passed.
    TooLate {
        /// That day.
        due: Date,
    },
    /// The case lies outside the actor's area.
    Area {
        /// The actor's area.
        own: AreaCode,
    },
    /// The actor took a step that needs another person.
    SamePerson {
        /// The step the actor took before.
        with: usize,
        /// Its day.
        on: Date,
    },
    /// The machine takes no objections.
    NoObjections,
    /// The actor's role and level are not among those who do this beside the steps.
    Beside {
        /// What is done.
        what: Beside,
        /// Those who may.
        holders: Vec<(Role, AreaLevel)>,
    },
    /// The actor recorded the objection; another person answers it.
    Recorder,
    /// The step the objection is against was taken above the actor's level.
    BelowStep {
        /// The step.
        step: usize,
        /// The level it was taken on.
        level: AreaLevel,
    },
    /// Evidence is missing.
    Evidence {
        /// The kinds that are missing.
        missing: Vec<String>,
    },
    /// It is not said how many were present and entitled, or the numbers cannot be.
    QuorumUnknown,
    /// Too few were present.
    Quorum {
        /// How many were.
        present: i64,
        /// How many are entitled.
        entitled: i64,
        /// How many must be.
        needed: i64,
    },
    /// It is not said which share was checked, or it cannot be.
    SampleUnknown,
    /// Too small a share was checked.
    Sample {
        /// The least share, in percent as text.
        needed: String,
    },
    /// The last day of the notice is not given.
    NoticeUnknown,
    /// The notice does not stand long enough.
    NoticeShort {
        /// The first day that may be its last.
        earliest: Date,
    },
    /// The notice stands too long.
    NoticeLong {
        /// The last day that may be its last.
        latest: Date,
    },
    /// The notice still stands.
    NoticeRunning {
        /// Its last day.
        until: Date,
    },
    /// An objection is not yet answered.
    ObjectionOpen,
    /// An objection was upheld and the case was not sent back since.
    ObjectionUpheld,
    /// Days that must pass have not passed.
    TooEarly {
        /// The first day on which the step may be taken.
        earliest: Date,
    },
    /// The day lies before the step before.
    DayOrder {
        /// The day of the step before.
        last: Date,
    },
    /// The day has not come.
    FutureDay {
        /// Today.
        today: Date,
    },
    /// A record does not tell who took the step.
    Nobody,
    /// A record does not tell where the papers of the step are.
    NoPaper,
    /// The number of the document is missing.
    Document,
    /// The reason is missing.
    Reason,
    /// A param of the rules has no value on the day in the area.
    NoRule,
    /// No case is opened by the machine on the day.
    NotInForce {
        /// The days on which cases are.
        effective: Effective,
    },
}

/// What people do with a case beside its steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// An objection is recorded.
    Object,
    /// An objection is answered.
    Answer,
}

impl Refusal {
    /// The short name by which files, figures and tests know it.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::OutOfOrder { .. } => "out_of_order",
            Self::NoReject { .. } => "no_reject",
            Self::NoObjections => "no_objections",
            Self::Actor { .. } | Self::Beside { .. } => "actor",
            Self::BelowStep { .. }
            | Self::OtherLevel { .. }
            | Self::BelowFinder { .. }
            | Self::NotAbove { .. } => "level",
            Self::Skipped { .. } => "skipped",
            Self::StepsMissing { .. } => "steps_missing",
            Self::SecondUnknown | Self::SecondStranger => "second_unknown",
            Self::Signatory => "signatory",
            Self::Clause { .. } => "clause",
            Self::ClauseUnknown { .. } => "clause_unknown",
            Self::VotesUnknown => "votes_unknown",
            Self::Votes { .. } => "votes",
            Self::TooLate { .. } => "too_late",
            Self::Area { .. } => "area",
            Self::SamePerson { .. } | Self::Recorder | Self::SecondSame => "same_person",
            Self::Evidence { .. } => "evidence",
            Self::QuorumUnknown => "quorum_unknown",
            Self::Quorum { .. } => "quorum",
            Self::SampleUnknown => "sample_unknown",
            Self::Sample { .. } => "sample",
            Self::NoticeUnknown => "notice_unknown",
            Self::NoticeShort { .. } => "notice_short",
            Self::NoticeLong { .. } => "notice_long",
            Self::NoticeRunning { .. } => "notice_running",
            Self::ObjectionOpen => "objection_open",
            Self::ObjectionUpheld => "objection_upheld",
            Self::TooEarly { .. } => "too_early",
            Self::DayOrder { .. } => "day_order",
            Self::FutureDay { .. } => "future_day",
            Self::Nobody => "nobody",
            Self::NoPaper => "no_paper",
            Self::Document => "document",
            Self::Reason => "reason",
            Self::NoRule => "no_rule",
            Self::NotInForce { .. } => "not_in_force",
        }
    }

    /// What failed and what to do.
    pub fn text(&self, machines: &Machines, machine: &Machine) -> Text {
        match self {
            Self::OutOfOrder { transition, state } => out_of_order(machine, *transition, *state),
            Self::NoReject { transition } => label(machine, *transition, NO_REJECT),
            Self::Actor { transition } => actor(machine, *transition),
            Self::NoObjections => NO_OBJECTIONS,
            Self::Beside { what, holders } => beside(*what, holders),
            Self::Recorder => RECORDER,
            Self::BelowStep { step, level } => {
                both(label(machine, *step, BELOW_STEP), "level", &level_label(*level))
            }
            Self::Skipped { step } => label(machine, *step, SKIPPED),
            Self::StepsMissing { step, done, times } => label(machine, *step, STEPS_MISSING)
                .fill(&[("done", &done.to_string()), ("times", &times.to_string())]),
            Self::OtherLevel { level } => both(OTHER_LEVEL, "level", &level_label(*level)),
            Self::BelowFinder { step, level } => {
                both(label(machine, *step, BELOW_FINDER), "level", &level_label(*level))
            }
            Self::NotAbove { step, level } => {
                both(label(machine, *step, NOT_ABOVE), "level", &level_label(*level))
            }
            Self::Clause { says } => both(CLAUSE, "rule", says),
            Self::ClauseUnknown { says } => both(CLAUSE_UNKNOWN, "rule", says),
            Self::Votes { votes, needed } => {
                VOTES.fill(&[("votes", &votes.to_string()), ("needed", &needed.to_string())])
            }
            Self::TooLate { due } => TOO_LATE.fill(&[("day", &due.to_string())]),
            Self::SecondUnknown => SECOND_UNKNOWN,
            Self::SecondSame => SECOND_SAME,
            Self::SecondStranger => SECOND_STRANGER,
            Self::Signatory => SIGNATORY,
            Self::VotesUnknown => VOTES_UNKNOWN,
            Self::Area { own } => AREA.fill(&[("own", own.as_str())]),
            Self::SamePerson { with, on } => {
                label(machine, *with, SAME_PERSON).fill(&[("on", &on.to_string())])
            }
            Self::Evidence { missing } => evidence(machines, missing),
            Self::Quorum { present, entitled, needed } => QUORUM.fill(&[
                ("present", &present.to_string()),
                ("entitled", &entitled.to_string()),
                ("needed", &needed.to_string()),
            ]),
            Self::Sample { needed } => SAMPLE.fill(&[("needed", needed)]),
            Self::NoticeShort { earliest: day } => NOTICE_SHORT.fill(&[("day", &day.to_string())]),
            Self::NoticeLong { latest: day } => NOTICE_LONG.fill(&[("day", &day.to_string())]),
            Self::NoticeRunning { until: day } => NOTICE_RUNNING.fill(&[("day", &day.to_string())]),
            Self::TooEarly { earliest: day } => TOO_EARLY.fill(&[("day", &day.to_string())]),
            Self::DayOrder { last: day } => DAY_ORDER.fill(&[("day", &day.to_string())]),
            Self::FutureDay { today: day } => FUTURE_DAY.fill(&[("day", &day.to_string())]),
            Self::QuorumUnknown => QUORUM_UNKNOWN,
            Self::SampleUnknown => SAMPLE_UNKNOWN,
            Self::NoticeUnknown => NOTICE_UNKNOWN,
            Self::ObjectionOpen => OBJECTION_OPEN,
            Self::ObjectionUpheld => OBJECTION_UPHELD,
            Self::Nobody => NOBODY,
            Self::NoPaper => NO_PAPER,
            Self::Document => DOCUMENT,
            Self::Reason => REASON,
            Self::NoRule => NO_RULE,
            Self::NotInForce { effective } => both(NOT_IN_FORCE, "days", &effective.text()),
        }
    }
}

const NO_REJECT: Text = Text::fixed(
    "“{step}”这一步不能退回;请改办这一步,或另选可办的一步",
    "“{step}” cannot be sent back; take the step, or another one that is possible now",
);
const SKIPPED: Text = Text::fixed(
    "表中有“{step}”一栏而没有填写;请补填该步的日期",
    "the list has a column for “{step}” and the row leaves it blank; enter its day",
);
const STEPS_MISSING: Text = Text::fixed(
    "“{step}”应办{times}次,已办{done}次;请先办完",
    "“{step}” must be taken {times} times and was taken {done}; finish it first",
);
const OTHER_LEVEL: Text = Text::fixed(
    "本案属{level},由同级办理;请转给该级",
    "the case is one of the {level} and is dealt with there; pass it to that level",
);
const BELOW_FINDER: Text = Text::fixed(
    "“{step}”由{level}办理,须由同级或上级办理这一步;请上报",
    "“{step}” was taken by the {level}; the same level or one above takes this step, pass it up",
);
const NOT_ABOVE: Text = Text::fixed(
    "上一次“{step}”由{level}办理,须由其上级办理这一步;请上报",
    "“{step}” was last taken by the {level}; a level above takes this step, pass it up",
);
const SECOND_UNKNOWN: Text = Text::fixed(
    "这一步由两人办理,没有写明另一人;请填写其账号或工号",
    "two persons take this step and the second is not named; enter the login or staff number",
);
const SECOND_STRANGER: Text = Text::fixed(
    "没有可与您同办这一步的人用这个账号或编号;请填同办人自己的登录名或编号",
    "nobody who may take this step has that login or number; enter the second person's own",
);
const SECOND_SAME: Text =
    Text::fixed("两名办理人是同一人;请填写另一人", "both persons are the same; name another one");
const SIGNATORY: Text = Text::fixed(
    "签字人当天没有在本地担任这一职务;请填写在任者的任职编号",
    "whoever signs does not hold the post here on that day; enter the number of the term in office",
);
const CLAUSE: Text = Text::fixed(
    "规则“{rule}”的结果为否,不能办理;请先解决,或退回",
    "the rule “{rule}” is refused, so the step cannot be taken; settle it first or send the case back",
);
const CLAUSE_UNKNOWN: Text = Text::fixed(
    "规则“{rule}”缺少数据,不能判定;请补齐数据,或写明理由",
    "data are missing for the rule “{rule}”; complete them, or give the reason",
);
const VOTES_UNKNOWN: Text = Text::fixed(
    "没有写明赞成票数,或数字不合理;请按会议记录填写",
    "the votes in favour are missing or impossible; enter them from the minutes",
);
const VOTES: Text = Text::fixed(
    "赞成{votes}票,至少要{needed}票;没有通过",
    "{votes} votes were in favour, {needed} must be; it is not passed",
);
const TOO_LATE: Text = Text::fixed(
    "期限已过:最晚在{day}办理",
    "the period has passed: the step may be taken until {day}",
);
const AREA: Text = Text::fixed(
    "您的范围是{own},本案不在其中;请转给案件所在地办理",
    "your area is {own} and this case lies outside it; pass it to the office of its area",
);
const SAME_PERSON: Text = Text::fixed(
    "您在{on}已办理“{step}”;这一步须由另一人办理,请转给同事",
    "you took “{step}” on {on}; this step needs another person, pass it to a colleague",
);
const NO_OBJECTIONS: Text = Text::fixed(
    "这类案件不受理异议;请按信访渠道登记",
    "cases of this kind take no objections; record a grievance instead",
);
const RECORDER: Text = Text::fixed(
    "这条异议由您记录,须由另一人答复;请转给同事",
    "you recorded this objection; another person answers it, pass it to a colleague",
);
const BELOW_STEP: Text = Text::fixed(
    "异议针对的“{step}”由{level}办理,须由同级或上级答复;请上报",
    "the objection is against “{step}”, taken on the level of the {level}; the same level or one above answers it, pass it up",
);
const QUORUM_UNKNOWN: Text = Text::fixed(
    "没有写明应到和实到人数,或数字不合理;请按签到表填写",
    "the numbers entitled and present are missing or impossible; enter them from the sign-in sheet",
);
const QUORUM: Text = Text::fixed(
    "应到{entitled}人,实到{present}人,至少要到{needed}人;请重新召开会议",
    "{present} of {entitled} were present, {needed} must be; hold the meeting again",
);
const SAMPLE_UNKNOWN: Text = Text::fixed(
    "没有写明抽查比例,或超出0到100%;请按抽查记录填写",
    "the share that was checked is missing or not between 0 and 100%; enter it from the record",
);
const SAMPLE: Text = Text::fixed(
    "抽查比例至少{needed};请补查后再办",
    "at least {needed} must be checked; check more and try again",
);
const NOTICE_UNKNOWN: Text = Text::fixed(
    "没有写明公示的最后一天;请填写",
    "the last day of the public notice is missing; enter it",
);
const NOTICE_SHORT: Text = Text::fixed(
    "公示天数不足:最早公示到{day}(张贴次日起算)",
    "the public notice is too short: it stands until {day} at least, counted from the day after posting",
);
const NOTICE_LONG: Text = Text::fixed(
    "公示时间过长:最晚公示到{day}",
    "the public notice is too long: it stands until {day} at most",
);
const NOTICE_RUNNING: Text = Text::fixed(
    "公示到{day}才结束;请在次日或以后办理",
    "the public notice stands until {day}; take the step on a later day",
);
const OBJECTION_OPEN: Text = Text::fixed(
    "有异议还没有答复;请先核实并答复",
    "an objection is not yet answered; verify and answer it first",
);
const OBJECTION_UPHELD: Text =
    Text::fixed("有异议成立;请先退回重办", "an objection was upheld; send the case back first");
const TOO_EARLY: Text = Text::fixed(
    "期限未满:最早在{day}办理",
    "the period has not passed: the step may be taken from {day}",
);
const DAY_ORDER: Text = Text::fixed(
    "日期早于上一步({day});请核对日期",
    "the day lies before the step before ({day}); check the day",
);
const FUTURE_DAY: Text = Text::fixed(
    "日期在今天({day})之后;请办完再填",
    "the day lies after today ({day}); record the step once it is done",
);
const NOBODY: Text = Text::fixed(
    "没有写明经办人;请补填经办人工号",
    "nobody is named who took the step; enter the staff number",
);
const NO_PAPER: Text = Text::fixed(
    "没有写明材料在哪个案卷;请补填案卷号",
    "the papers of the step are in no dossier; enter its number",
);
const DOCUMENT: Text =
    Text::fixed("没有填写文号;请填写", "the document's number is missing; enter it");
const REASON: Text = Text::fixed("没有写明理由;请填写", "the reason is missing; enter it");
const NOT_IN_FORCE: Text = Text::fixed(
    "这一天不按本流程立案（{days}）;请核对日期，或改用那时施行的流程",
    "no case is opened by this process on that day ({days}); check the day, or use the process in force then",
);
const NO_RULE: Text = Text::fixed(
    "策略包没有规定这一天、这一地的标准;请联系维护策略包的人",
    "the pack has no rule for this day and area; ask whoever keeps the pack",
);

/// The name of a level of areas.
pub(crate) const fn level_label(level: AreaLevel) -> Text {
    match level {
        AreaLevel::Province => Text::fixed("省级", "province"),
        AreaLevel::City => Text::fixed("市级", "city"),
        AreaLevel::County => Text::fixed("县级", "county"),
        AreaLevel::Town => Text::fixed("乡镇级", "town"),
        AreaLevel::Village => Text::fixed("村级", "village"),
    }
}

fn label(machine: &Machine, transition: usize, text: Text) -> Text {
    both(text, "step", &machine.transitions[transition].label)
}

/// Fills a placeholder with a text that has its own words in each language.
pub(crate) fn both(template: Text, name: &str, value: &Text) -> Text {
    let zh = template.fill(&[(name, value.zh.as_ref())]).zh;
    let en = template.fill(&[(name, value.en.as_ref())]).en;
    Text { zh, en }
}

/// Joins texts with each language's own comma.
fn list(texts: &[Text]) -> Text {
    let join =
        |get: fn(&Text) -> &str, comma: &str| texts.iter().map(get).collect::<Vec<_>>().join(comma);
    Text::new(join(|text| text.zh.as_ref(), "、"), join(|text| text.en.as_ref(), ", "))
}

fn out_of_order(machine: &Machine, transition: usize, state: Option<usize>) -> Text {
    let ways: Vec<Text> = machine.ways(state).map(|(_, way)| way.label.clone()).collect();
    let template = match (state, ways.is_empty()) {
        (Some(_), false) => Text::fixed(
            "案件处于“{state}”,不能办理“{step}”;现在可办:{ways}",
            "the case is at “{state}”, which “{step}” does not follow; possible now: {ways}",
        ),
        (Some(_), true) => Text::fixed(
            "案件已在“{state}”办结,不能再办理“{step}”;如需更正,请另立新案",
            "the case ended at “{state}”; “{step}” is too late, open a new case to correct it",
        ),
        (None, _) => Text::fixed(
            "立案不能从“{step}”开始;请从以下一步开始:{ways}",
            "a case does not begin with “{step}”; begin with: {ways}",
        ),
    };
    let text = both(label(machine, transition, template), "ways", &list(&ways));
    match state {
        Some(state) => both(text, "state", &machine.states[state].label),
        None => text,
    }
}

fn actor(machine: &Machine, transition: usize) -> Text {
    let way = &machine.transitions[transition];
    let who: Vec<Text> = way.actors.iter().map(|(role, level)| holder(*role, *level)).collect();
    let template = Text::fixed(
        "“{step}”由以下人员办理:{who};请转给他们",
        "“{step}” is taken by: {who}; pass the case to them",
    );
    both(label(machine, transition, template), "who", &list(&who))
}

fn beside(what: Beside, holders: &[(Role, AreaLevel)]) -> Text {
    let who: Vec<Text> = holders.iter().map(|(role, level)| holder(*role, *level)).collect();
    let template = match what {
        Beside::Object => Text::fixed(
            "异议由以下人员记录:{who};请转给他们",
            "objections are recorded by: {who}; pass it to them",
        ),
        Beside::Answer => Text::fixed(
            "异议由以下人员答复:{who};请转给他们",
            "objections are answered by: {who}; pass it to them",
        ),
    };
    both(template, "who", &list(&who))
}

/// A role at a level, such as 乡镇级·乡镇扶贫站.
pub(crate) fn holder(role: Role, level: AreaLevel) -> Text {
    let (role, level) = (role.label(), level_label(level));
    Text::new(format!("{}·{}", level.zh, role.zh), format!("{} ({})", role.en, level.en))
}

fn evidence(machines: &Machines, missing: &[String]) -> Text {
    let names: Vec<Text> = missing.iter().map(|kind| machines.evidence_label(kind)).collect();
    let template = Text::fixed("缺少材料:{kinds};请补齐", "evidence is missing: {kinds}; add it");
    both(template, "kinds", &list(&names))
}
