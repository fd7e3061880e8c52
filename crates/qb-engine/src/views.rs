//! The published views as data: every column a clause, a fact or a page may name.
//!
//! The registry writes these columns, expressions are typed against them, pages print their labels.
//! A column's bounds are checked when a snapshot is written, which is what lets the compiler prove
//! that arithmetic never overflows.

use qb_base::Text;

/// A level a clause lives on; each level above the person owns a run of adjacent rows of the level
/// below.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// One row per person.
    Person,
    /// One row per household; its members are person rows.
    Household,
    /// One row per village; its households are household rows.
    Village,
}

impl Level {
    /// All levels, lowest first.
    pub const ALL: [Self; 3] = [Self::Person, Self::Household, Self::Village];

    /// The name in packs and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Household => "household",
            Self::Village => "village",
        }
    }

    /// Reads the name in a pack.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name() == name)
    }

    /// The level whose rows this level may aggregate.
    pub const fn below(self) -> Option<Self> {
        match self {
            Self::Person => None,
            Self::Household => Some(Self::Person),
            Self::Village => Some(Self::Household),
        }
    }

    /// The level whose columns a row of this level may read directly.
    pub const fn above(self) -> Option<Self> {
        match self {
            Self::Person => Some(Self::Household),
            Self::Household | Self::Village => None,
        }
    }

    /// The largest number of rows one row of this level may own.
    pub const fn members_max(self) -> u128 {
        match self {
            Self::Person => 1,
            Self::Household => 1_000,
            Self::Village => 100_000,
        }
    }

    /// The view that holds the rows of this level.
    pub const fn view(self) -> &'static View {
        match self {
            Self::Person => &PERSON,
            Self::Household => &HOUSEHOLD,
            Self::Village => &VILLAGE,
        }
    }

    pub(crate) const fn index(self) -> usize {
        match self {
            Self::Person => 0,
            Self::Household => 1,
            Self::Village => 2,
        }
    }
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// A pseudonymous identifier, a positive 64-bit integer.
    Id,
    /// True, false or unknown.
    Bool,
    /// An integer within bounds, both included.
    Int {
        /// Smallest legal value.
        min: i64,
        /// Largest legal value.
        max: i64,
    },
    /// Free text.
    Text,
    /// A code of the named list of the pack.
    Code(&'static str),
    /// A calendar day.
    Date,
}

/// The unit a number is shown in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// No unit.
    None,
    /// 分; pages show 元.
    Fen,
    /// 人.
    People,
    /// Years of age.
    Age,
    /// A calendar year.
    Year,
    /// Months of one year.
    Months,
    /// Millionths of the value.
    Micro,
}

/// One column of a view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The name in expressions and files.
    pub name: &'static str,
    /// What it holds.
    pub kind: ColumnType,
    /// What pages call it.
    pub label: Text,
    /// The unit of a number.
    pub unit: Unit,
    /// Whether unknown (NULL) is refused.
    pub required: bool,
}

/// A view: a name and its columns, in file order.
#[derive(Debug)]
pub struct View {
    /// The name in files and messages.
    pub name: &'static str,
    /// The columns.
    pub columns: &'static [Column],
}

impl View {
    /// The position of a column.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// A column by name.
    pub fn column(&self, name: &str) -> Option<&'static Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// All views of a snapshot, in the order they enter its digest.
    pub const ALL: [&'static View; 4] = [&PERSON, &HOUSEHOLD, &VILLAGE, &REFERENCE];

    /// A view by name.
    pub fn named(name: &str) -> Option<&'static View> {
        Self::ALL.into_iter().find(|view| view.name == name)
    }
}

/// Money of one household, person or village in a year: ten billion yuan, in fen.
const MONEY_MAX: i64 = 1_000_000_000_000;

const fn column(
    name: &'static str,
    kind: ColumnType,
    zh: &'static str,
    en: &'static str,
) -> Column {
    Column { name, kind, label: Text::fixed(zh, en), unit: Unit::None, required: false }
}

const fn required(mut column: Column) -> Column {
    column.required = true;
    column
}

const fn int(
    name: &'static str,
    max: i64,
    unit: Unit,
    zh: &'static str,
    en: &'static str,
) -> Column {
    let mut column = column(name, ColumnType::Int { min: 0, max }, zh, en);
    column.unit = unit;
    column
}

const fn year(name: &'static str, zh: &'static str, en: &'static str) -> Column {
    let mut column = column(name, ColumnType::Int { min: 1900, max: 2200 }, zh, en);
    column.unit = Unit::Year;
    column
}

/// Money may be negative: a loss, a correction.
const fn money(name: &'static str, zh: &'static str, en: &'static str) -> Column {
    let kind = ColumnType::Int { min: -MONEY_MAX, max: MONEY_MAX };
    let mut column = column(name, kind, zh, en);
    column.unit = Unit::Fen;
    column
}

const fn micro(name: &'static str, zh: &'static str, en: &'static str) -> Column {
    let kind = ColumnType::Int { min: i64::MIN, max: i64::MAX };
    let mut column = column(name, kind, zh, en);
    column.unit = Unit::Micro;
    column
}

const fn truth(name: &'static str, zh: &'static str, en: &'static str) -> Column {
    column(name, ColumnType::Bool, zh, en)
}

const fn code(
    name: &'static str,
    list: &'static str,
    zh: &'static str,
    en: &'static str,
) -> Column {
    column(name, ColumnType::Code(list), zh, en)
}

const fn id(name: &'static str, zh: &'static str, en: &'static str) -> Column {
    required(column(name, ColumnType::Id, zh, en))
}

const AREA: Column = required(column("area_code", ColumnType::Text, "村(居)代码", "village code"));

/// One row per registered person.
pub static PERSON: View = View {
    name: "person",
    columns: &[
        id("person_id", "人编号", "person"),
        id("household_id", "户编号", "household"),
        AREA,
        int("age", 130, Unit::Age, "年龄", "age"),
        code("sex", "sex", "性别", "sex"),
        code("ethnicity", "ethnicity", "民族", "ethnicity"),
        code("relation", "relation", "与户主关系", "relation to head"),
        code("education", "education", "文化程度", "education"),
        code("school_status", "school_status", "在校生状况", "school status"),
        code("out_of_school_reason", "out_of_school_reason", "未上学原因", "reason out of school"),
        code("health", "health", "健康状况", "health"),
        code("labour", "labour", "劳动能力", "ability to work"),
        code("work_place", "work_place", "务工区域", "place of work"),
        int("work_months", 12, Unit::Months, "务工月数", "months worked"),
        truth("medical_insured", "参加基本医疗保险", "has basic medical insurance"),
        truth("critical_ill_insured", "参加大病保险", "has critical-illness insurance"),
        int("birth_month", 12, Unit::Months, "出生月份", "month of birth"),
    ],
};

/// One row per registered household; money is the household's year, `_prior` the year before.
pub static HOUSEHOLD: View = View {
    name: "household",
    columns: &[
        id("household_id", "户编号", "household"),
        AREA,
        int("member_count", 1_000, Unit::People, "家庭人口(填报)", "members as declared"),
        code("household_class", "household_class", "贫困户属性", "household class"),
        code("exit_status", "exit_status", "脱贫属性", "exit status"),
        year("exit_year", "脱贫年度", "year of exit"),
        column("identified_on", ColumnType::Date, "识别日期", "identified on"),
        code("cause_main", "cause", "主要致贫原因", "main cause of poverty"),
        code("cause_other", "cause", "其他致贫原因", "other cause of poverty"),
        truth("dangerous_house", "住房是危房", "house is dangerous"),
        truth("water_safe", "饮水安全", "drinking water is safe"),
        truth("water_short", "饮水困难", "drinking water is short"),
        money("income_reported_fen", "填报人均纯收入", "net income per head as declared"),
        truth("statement_present", "有当年收入核算表", "income statement of the year present"),
        money("wage_fen", "工资性收入", "wages"),
        money("business_fen", "生产经营性收入", "business income"),
        money("property_fen", "财产性收入", "property income"),
        money("transfer_fen", "转移性收入(计入)", "transfers that count"),
        money("transfer_uncounted_fen", "转移性收入(不计入)", "transfers that do not count"),
        money("cost_fen", "生产经营性支出", "business costs"),
        money("self_paid_fen", "合规自付支出", "eligible self-paid spending"),
        money("project_yield_fen", "项目收益分红", "project yield"),
        truth(
            "statement_prior_present",
            "有上年收入核算表",
            "income statement of the year before present",
        ),
        money("wage_prior_fen", "上年工资性收入", "wages, year before"),
        money("business_prior_fen", "上年生产经营性收入", "business income, year before"),
        money("property_prior_fen", "上年财产性收入", "property income, year before"),
        money("transfer_prior_fen", "上年转移性收入(计入)", "transfers that count, year before"),
        money(
            "transfer_uncounted_prior_fen",
            "上年转移性收入(不计入)",
            "transfers that do not count, year before",
        ),
        money("cost_prior_fen", "上年生产经营性支出", "business costs, year before"),
        money(
            "self_paid_prior_fen",
            "上年合规自付支出",
            "eligible self-paid spending, year before",
        ),
        money("project_yield_prior_fen", "上年项目收益分红", "project yield, year before"),
        truth(TOLD[0], "不愁吃", "has enough to eat"),
        truth(TOLD[1], "不愁穿", "has enough to wear"),
        truth(TOLD[2], "收入稳定", "income is stable"),
    ],
};

/// The last columns of the household view: no register holds them. A list of the pack with one row
/// for each household tells them, by a column of the same name.
pub const TOLD: [&str; 3] = ["food_secure", "clothing_secure", "income_stable"];

/// One row per village that is designated or has a ledger.
pub static VILLAGE: View = View {
    name: "village",
    columns: &[
        AREA,
        truth("weak", "经济薄弱村", "designated weak village"),
        year("designated_year", "认定年度", "year of designation"),
        truth("ledger_present", "有当年村账", "ledger of the year present"),
        money("operating_fen", "经营收入", "operating income"),
        money("contract_rent_fen", "发包及上交收入", "contract and rent income"),
        money("investment_fen", "投资收益", "investment income"),
        money("operating_cost_fen", "经营支出", "operating costs"),
        money("overhead_fen", "管理费用", "overheads"),
        money("subsidy_fen", "补助收入", "subsidies"),
        money("other_fen", "其他收入", "other income"),
        money("other_cost_fen", "其他支出", "other costs"),
        money("one_off_fen", "其中一次性", "of which one-off"),
        money("total_prior_fen", "上年总收入", "total income, year before"),
    ],
};

/// Outside statistics that are cited, never computed.
pub static REFERENCE: View = View {
    name: "reference",
    columns: &[
        required(column("fact_id", ColumnType::Text, "事实编号", "fact")),
        column("area_code", ColumnType::Text, "地区代码", "area"),
        year("year", "年份", "year"),
        micro("value_micro", "数值(百万分之一)", "value in millionths"),
        column("unit", ColumnType::Text, "单位", "unit"),
        column("source", ColumnType::Text, "出处", "source"),
    ],
};
