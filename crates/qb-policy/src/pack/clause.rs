//! Rules, their expressions and the cases that stand beside them.

use qb_base::{Date, Text};

use crate::error::Position;
use crate::number::decimal::Decimal;
use crate::pack::expression::Expression;

/// Which rows a clause is about.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize, serde::Serialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Persons.
    Person,
    /// Households.
    Household,
    /// Villages.
    Village,
}

/// What an expression gives.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Deserialize, serde::Serialize,
)]
#[serde(rename_all = "lowercase")]
pub enum ClauseKind {
    /// True, false, or cannot tell.
    #[default]
    Verdict,
    /// A number, or cannot tell.
    Value,
}

/// A rule.
#[derive(Clone, Debug)]
pub struct Clause {
    /// The rule's id; dots group rules (`exit.water`).
    pub id: String,
    /// The rows it is about.
    pub level: Level,
    /// What it gives.
    pub kind: ClauseKind,
    /// The unit of a value.
    pub unit: Option<String>,
    /// The rule in one sentence.
    pub says: Text,
    /// Where it comes from.
    pub source: String,
    /// First day it holds.
    pub effective_from: Date,
    /// Last day it holds.
    pub effective_until: Option<Date>,
    /// The clause it is an exception of.
    pub exception_of: Option<String>,
    /// The expression.
    pub expression: Expression,
    /// Examples with their answers.
    pub cases: Vec<Case>,
    /// Where it stands in the pack.
    pub at: Position,
}

impl Clause {
    /// Whether the clause holds on a day.
    pub fn holds_on(&self, on: Date) -> bool {
        self.effective_from <= on && self.effective_until.is_none_or(|until| on <= until)
    }
}

/// An example: given these columns, expect this answer. A column that isn't given is unknown.
#[derive(Clone, Debug)]
pub struct Case {
    /// The example in words.
    pub name: String,
    /// Columns of the row itself.
    pub given: Vec<Given>,
    /// Rows of the level below, each with its columns.
    pub members: Vec<Vec<Given>>,
    /// Columns of the row above (the household of a person).
    pub household: Vec<Given>,
    /// The day on which it is judged; the pack's day unless stated.
    pub on: Option<Date>,
    /// The answer.
    pub expect: Expect,
    /// Where it stands in the pack.
    pub at: Position,
}

/// A column with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// The column.
    pub column: String,
    /// Its value.
    pub value: GivenValue,
}

/// A value in a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GivenValue {
    /// A whole number.
    Integer(i64),
    /// Yes or no.
    Bool(bool),
    /// Text: a code, an area code, an ISO date.
    Text(String),
}

/// The answer of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// The verdict is yes.
    True,
    /// The verdict is no.
    False,
    /// It cannot be told.
    Unknown,
    /// The value, compared exactly after rounding to the digits written.
    Number(Decimal),
}
