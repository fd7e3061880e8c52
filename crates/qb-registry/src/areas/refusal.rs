//! Why what somebody wants of an area is refused: what, where, why, and what to do.

use qb_base::Text;

/// Why an area stays as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AreaRefusal {
    /// No area is named that ends.
    Nothing,
    /// More areas at once than anybody can look at.
    TooMany {
        /// How many may be named.
        max: usize,
    },
    /// No area has the code.
    Unknown {
        /// What was named.
        code: String,
    },
    /// An area would go into itself.
    Itself {
        /// The area.
        area: String,
    },
    /// The two are not of one level.
    Level {
        /// The one that ends.
        area: String,
        /// The one that goes on.
        into: String,
    },
    /// Only villages and towns merge here.
    TooHigh {
        /// The area.
        area: String,
    },
    /// The area ended.
    Ended {
        /// The area.
        area: String,
        /// The first day on which it is no more.
        on: String,
        /// The area that goes on.
        successor: String,
    },
    /// The area took over from others only later than the day.
    Before {
        /// The area.
        area: String,
        /// The day on which it did.
        on: String,
    },
    /// Another merger of it waits.
    Waits {
        /// The area.
        area: String,
        /// The merger.
        merger: i64,
    },
    /// Villages of the town go on.
    VillagesLeft {
        /// The town.
        area: String,
        /// How many.
        count: usize,
    },
    /// The day lies after the office's.
    Ahead {
        /// The day.
        on: String,
        /// The office's.
        today: String,
    },
    /// The year of the day is closed.
    Closed {
        /// The year.
        year: i16,
    },
    /// Households left one of the villages after the day.
    MovedSince {
        /// How many.
        count: i64,
    },
    /// Moves into or out of one of the villages wait for somebody to decide.
    MovesWait {
        /// How many.
        count: i64,
    },
    /// Something lies outside the person's area.
    Outside,
    /// The role keeps no areas.
    Role,
    /// Whoever stated it does not confirm it.
    SamePerson,
    /// The step does not fit how far it is.
    OtherState {
        /// How far it is.
        state: Text,
    },
    /// A newer merger rests on it.
    Newer {
        /// That merger.
        merger: i64,
    },
    /// Something newer rests on where some of the households live.
    Changed {
        /// How many of them.
        count: i64,
    },
    /// A paper or a reason is missing.
    Unsaid,
    /// A paper, a reason or a name holds somebody's number.
    Personal,
    /// A name that nobody would write, or a code.
    NoName,
    /// An area there is called so itself.
    IsName {
        /// The area.
        area: String,
    },
    /// The name is kept for another area.
    Taken {
        /// The area.
        area: String,
    },
    /// The name is kept for this area already.
    Kept,
    /// The area above is not the one of which such areas are parts.
    NotAbove {
        /// The area meant.
        area: String,
        /// The one named as the area above.
        parent: String,
    },
}

impl AreaRefusal {
    /// The message for people.
    pub fn text(&self) -> Text {
        let (said, values) = self.said();
        let values: Vec<(&str, &str)> =
            values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        said.fill(&values)
    }

    /// What is said, and what is put into it.
    fn said(&self) -> (Text, Vec<(&'static str, String)>) {
        match self {
            Self::Nothing => (NOTHING, vec![]),
            Self::TooMany { max } => (TOO_MANY, vec![("max", max.to_string())]),
            Self::Unknown { code } => (UNKNOWN, vec![("code", code.clone())]),
            Self::Itself { area } => (ITSELF, vec![("area", area.clone())]),
            Self::Level { area, into } => {
                (LEVEL, vec![("area", area.clone()), ("into", into.clone())])
            }
            Self::TooHigh { area } => (TOO_HIGH, vec![("area", area.clone())]),
            Self::Ended { area, on, successor } => (
                ENDED,
                vec![("area", area.clone()), ("on", on.clone()), ("into", successor.clone())],
            ),
            Self::Before { area, on } => (BEFORE, vec![("area", area.clone()), ("on", on.clone())]),
            Self::Waits { area, merger } => {
                (WAITS, vec![("area", area.clone()), ("id", merger.to_string())])
            }
            Self::VillagesLeft { area, count } => {
                (VILLAGES_LEFT, vec![("area", area.clone()), ("count", count.to_string())])
            }
            Self::Ahead { on, today } => {
                (AHEAD, vec![("on", on.clone()), ("today", today.clone())])
            }
            Self::Closed { year } => (CLOSED, vec![("year", year.to_string())]),
            Self::MovedSince { count } => (MOVED_SINCE, vec![("count", count.to_string())]),
            Self::MovesWait { count } => (MOVES_WAIT, vec![("count", count.to_string())]),
            Self::Outside => (OUTSIDE, vec![]),
            Self::Role => (ROLE, vec![]),
            Self::SamePerson => (SAME_PERSON, vec![]),
            Self::OtherState { state } => (
                Text::new(
                    OTHER_STATE.zh.replace("{state}", &state.zh),
                    OTHER_STATE.en.replace("{state}", &state.en),
                ),
                vec![],
            ),
            Self::Newer { merger } => (NEWER, vec![("id", merger.to_string())]),
            Self::Changed { count } => (CHANGED, vec![("count", count.to_string())]),
            Self::Unsaid => (UNSAID, vec![]),
            Self::Personal => (PERSONAL, vec![]),
            Self::NoName => (NO_NAME, vec![]),
            Self::IsName { area } => (IS_NAME, vec![("area", area.clone())]),
            Self::Taken { area } => (TAKEN, vec![("area", area.clone())]),
            Self::Kept => (KEPT, vec![]),
            Self::NotAbove { area, parent } => {
                (NOT_ABOVE, vec![("area", area.clone()), ("parent", parent.clone())])
            }
        }
    }
}

const NOTHING: Text = Text::fixed(
    "没有写明撤并的是哪些村或镇；请写它们的区划代码",
    "no area is named that ends; name the codes of the villages or towns",
);
const TOO_MANY: Text = Text::fixed(
    "一次最多撤并{max}个；请分几次办理",
    "at most {max} areas merge at once; take several steps",
);
const UNKNOWN: Text = Text::fixed(
    "没有区划代码“{code}”；请核对，新的代码须先写进策略包的区划表",
    "no area has the code `{code}`; check it, and put a new code into the pack's list of areas first",
);
const ITSELF: Text = Text::fixed(
    "{area}不能并入自己；请写并入的另一个村或镇",
    "{area} cannot go into itself; name the other area that goes on",
);
const LEVEL: Text = Text::fixed(
    "{area}与{into}不是同一级；村只能并入村，镇只能并入镇",
    "{area} and {into} are not of one level; a village goes into a village, a town into a town",
);
const TOO_HIGH: Text = Text::fixed(
    "{area}不是村或镇，不在这里撤并；县以上区划调整请换用新的策略包",
    "{area} is neither a village nor a town and does not merge here; for changes above that, use another pack",
);
const ENDED: Text = Text::fixed(
    "{area}已于{on}撤并，由{into}承接；请改写{into}",
    "{area} ended on {on} and {into} took over from it; name {into} instead",
);
const BEFORE: Text = Text::fixed(
    "{area}在{on}才承接别的村或镇，不能在这之前撤并；请写不早于{on}的日期",
    "{area} took over from others on {on} and cannot end before; name a day from {on} on",
);
const WAITS: Text = Text::fixed(
    "{area}的另一项撤并（{id}号）正待确认；请先确认或撤回它",
    "another merger of {area}, number {id}, waits; confirm it or take it back first",
);
const VILLAGES_LEFT: Text = Text::fixed(
    "{area}还有{count}个村没有撤并；村的代码随镇改变，请先逐村写明并入哪个村",
    "{count} villages of {area} go on; their codes change with the town, so say first for each village which one takes over",
);
const AHEAD: Text = Text::fixed(
    "{on}在办公日{today}之后，撤并还没有发生；请到那天再办",
    "{on} lies after the office's day {today}, the merger has not happened; come back on that day",
);
const CLOSED: Text = Text::fixed(
    "{year}年已结账，那一年的数字不再改变；请先重新开账，或按文件写{year}年以后的日期",
    "{year} is closed and its figures change no more; open it again first, or name a later day if the paper says so",
);
const MOVED_SINCE: Text = Text::fixed(
    "撤并日之后有{count}户从这些村迁出；请先撤销这些迁移，撤并确认后按承接的村重新申报",
    "{count} households moved out of these villages after the day; undo these moves first and state them again from the successor",
);
const MOVES_WAIT: Text = Text::fixed(
    "这些村有{count}项迁移、分户或并户待核定；请先核定或驳回",
    "{count} moves, splits or merges of households there wait; decide them first",
);
const OUTSIDE: Text = Text::fixed(
    "涉及您范围以外的地区；请由两地共同的上级办理",
    "this concerns a place outside your area; whoever answers for both places does it",
);
const ROLE: Text = Text::fixed(
    "区划由市、县（区）扶贫办维护；请用这样的账号",
    "areas are kept by the offices of the city and the counties: use such an account",
);
const SAME_PERSON: Text = Text::fixed(
    "此项撤并由您本人提出，须由另一人确认",
    "you stated this merger yourself; another person confirms it",
);
const OTHER_STATE: Text = Text::fixed(
    "此项撤并现在的状态是“{state}”，不能再这样办理；请刷新后查看",
    "the merger is now: {state}; the step cannot be taken, look at it again",
);
const NEWER: Text = Text::fixed(
    "{id}号撤并在它之后，以它为前提；请先撤销{id}号",
    "merger {id} is newer and rests on it; undo number {id} first",
);
const CHANGED: Text = Text::fixed(
    "其中{count}户此后又有迁移、分户或并户；请先撤销这些变动",
    "{count} of its households moved, split or joined others since; undo these events first",
);
const UNSAID: Text = Text::fixed("请写明依据的文件或理由", "say by which paper, or why");
const PERSONAL: Text = Text::fixed(
    "名称、文件和理由不能写证件号码、电话或银行卡号，请删去后重新提交",
    "a name, paper or reason holds no identity number, phone or bank card; take it out and send it again",
);
const NO_NAME: Text = Text::fixed(
    "这不是地名：请照文件中的写法写1到60个字，代码改变请办撤并",
    "this is no name: write it as files do, 1 to 60 characters; for a code that changed, state a merger",
);
const IS_NAME: Text = Text::fixed(
    "那里已有{area}叫这个名称；别名不会起作用，请核对",
    "{area} is called so itself, another meaning would have no effect; check it",
);
const TAKEN: Text = Text::fixed(
    "这个名称已指{area}；请先停用，再另行指定",
    "the name means {area} already; end that first",
);
const KEPT: Text =
    Text::fixed("这个别名已登记，无需再登记", "this name is kept already; nothing to do");
const NOT_ABOVE: Text = Text::fixed(
    "{parent}不是{area}所属一级的上级；村写镇，镇写县（区）",
    "{parent} is not of the level above {area}; for a village name a town, for a town a county",
);
