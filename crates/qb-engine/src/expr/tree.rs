//! The typed tree both evaluators start from; from here on they share nothing.

use super::fault::Span;
use crate::views::Level;

/// Largest magnitude a decimal may reach: 38 digits.
pub(crate) const DECIMAL_MAX: u128 = 10_u128.pow(38) - 1;
/// Largest scale a number may have.
pub(crate) const SCALE_MAX: u8 = 30;

/// A number type: `unscaled × 10^-scale`, with a proven bound on the magnitude of the unscaled
/// value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NumberType {
    /// Digits after the point.
    pub scale: u8,
    /// No value of this type is larger in magnitude (unscaled).
    pub bound: u128,
}

impl NumberType {
    /// Whether a 64-bit integer holds every value.
    pub fn is_int64(self) -> bool {
        self.scale == 0 && self.bound <= i64::MAX.unsigned_abs().into()
    }
}

/// The type of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// True, false or unknown.
    Bool,
    /// An exact number.
    Number(NumberType),
    /// Text.
    Text,
    /// A calendar day.
    Date,
}

/// A constant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Literal {
    /// A truth value.
    Bool(bool),
    /// An exact number.
    Number {
        /// The digits.
        unscaled: i128,
        /// Digits after the point.
        scale: u8,
    },
    /// Text.
    Text(String),
    /// Days since 1970-01-01.
    Date(i32),
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompareOp {
    /// `=`
    Eq,
    /// `<>`
    NotEq,
    /// `<`
    Lt,
    /// `<=`
    LtEq,
    /// `>`
    Gt,
    /// `>=`
    GtEq,
}

/// An aggregate over the rows one row owns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AggregateOp {
    /// `count(*)`: all rows.
    CountAll,
    /// `count(x)`: rows where x is known.
    Count,
    /// Sum of known values; unknown when there are none.
    Sum,
    /// Smallest known value.
    Min,
    /// Largest known value.
    Max,
    /// Three-valued: false if one is false, else unknown if one is unknown, else true.
    Every,
    /// Three-valued: true if one is true, else unknown if one is unknown, else false.
    Any,
    /// SQL's `bool_and`: unknowns are left out; unknown when nothing is left.
    BoolAnd,
    /// SQL's `bool_or`: unknowns are left out; unknown when nothing is left.
    BoolOr,
}

/// A node: what it is, its type, and where the author wrote it.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// Its type.
    pub ty: Type,
    /// Where it stands in the text.
    pub span: Span,
}

/// What a node is. Numbers beside each other always have the same scale ([`Kind::Rescale`] sees to
/// it), except under `Mul` and `Div`, which say their own rule.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// A constant of the node's type (a number in the node's scale).
    Literal(Literal),
    /// Unknown.
    Null,
    /// A column of the current row of a level.
    Column {
        /// The level whose current row is read.
        level: Level,
        /// Position in the level's view.
        index: usize,
    },
    /// The result of another clause for the current row of its level.
    Clause {
        /// The level the clause lives on.
        level: Level,
        /// Its position in the program.
        slot: usize,
    },
    /// Three-valued conjunction.
    And(Vec<Node>),
    /// Three-valued disjunction.
    Or(Vec<Node>),
    /// Three-valued negation.
    Not(Box<Node>),
    /// `is [not] null`.
    IsNull(Box<Node>, Negated),
    /// `is [not] true`, `is [not] false`.
    IsTruth(Box<Node>, bool, Negated),
    /// A comparison of two operands of one type.
    Compare(CompareOp, Box<Node>, Box<Node>),
    /// `low <= x and x <= high`.
    Between(Box<[Node; 3]>, Negated),
    /// `x in (constants)`.
    InList(Box<Node>, Vec<Literal>, Negated),
    /// Text begins with a constant.
    StartsWith(Box<Node>, String),
    /// Conditions and results, then the result when none holds.
    Case(Vec<(Node, Node)>, Box<Node>),
    /// The same number with more digits after the point.
    Rescale(Box<Node>),
    /// `-x`.
    Neg(Box<Node>),
    /// Sum of two numbers.
    Add(Box<Node>, Box<Node>),
    /// Difference of two numbers.
    Sub(Box<Node>, Box<Node>),
    /// Product; scales add up.
    Mul(Box<Node>, Box<Node>),
    /// Quotient cut towards zero at the node's scale; unknown when the divisor is zero.
    Div(Box<Node>, Box<Node>),
    /// Magnitude.
    Abs(Box<Node>),
    /// The largest; unknown if one is unknown.
    Greatest(Vec<Node>),
    /// The smallest; unknown if one is unknown.
    Least(Vec<Node>),
    /// Unknown if both are equal, else the first.
    NullIf(Box<Node>, Box<Node>),
    /// The first that is known.
    Coalesce(Vec<Node>),
    /// Number of characters.
    Length(Box<Node>),
    /// An aggregate over the rows of `over` that the current row owns.
    Aggregate(Box<Aggregate>),
}

/// An aggregate: what over which rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Aggregate {
    /// How rows are put together.
    pub op: AggregateOp,
    /// The level of the rows.
    pub over: Level,
    /// The value per row; `count(*)` has none.
    pub argument: Option<Node>,
    /// Only rows for which this is true.
    pub filter: Option<Node>,
}

/// Whether a test was written with `not`.
pub type Negated = bool;

impl Node {
    /// The number type, or a boolean-sized stand-in for other types.
    pub(crate) fn number(&self) -> NumberType {
        match self.ty {
            Type::Number(number) => number,
            _ => NumberType { scale: 0, bound: 1 },
        }
    }

    /// The scale of a number, 0 for everything else.
    pub(crate) fn scale(&self) -> u8 {
        self.number().scale
    }

    /// The direct children, in the order they are written.
    pub(crate) fn children(&self) -> Vec<&Node> {
        match &self.kind {
            Kind::Literal(_) | Kind::Null | Kind::Column { .. } | Kind::Clause { .. } => Vec::new(),
            Kind::And(list)
            | Kind::Or(list)
            | Kind::Greatest(list)
            | Kind::Least(list)
            | Kind::Coalesce(list) => list.iter().collect(),
            Kind::Not(x)
            | Kind::IsNull(x, _)
            | Kind::IsTruth(x, ..)
            | Kind::InList(x, ..)
            | Kind::StartsWith(x, _)
            | Kind::Rescale(x)
            | Kind::Neg(x)
            | Kind::Abs(x)
            | Kind::Length(x) => vec![x],
            Kind::Compare(_, a, b)
            | Kind::Add(a, b)
            | Kind::Sub(a, b)
            | Kind::Mul(a, b)
            | Kind::Div(a, b)
            | Kind::NullIf(a, b) => vec![a, b],
            Kind::Between(parts, _) => parts.iter().collect(),
            Kind::Case(branches, otherwise) => branches
                .iter()
                .flat_map(|(when, then)| [when, then])
                .chain([otherwise.as_ref()])
                .collect(),
            Kind::Aggregate(aggregate) => {
                aggregate.argument.iter().chain(&aggregate.filter).collect()
            }
        }
    }

    /// Calls a function for this node and everything below it.
    pub(crate) fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a Node)) {
        visit(self);
        for child in self.children() {
            child.walk(visit);
        }
    }
}

impl Node {
    /// Calls a function for each direct child, which it may replace.
    pub(crate) fn children_mut(&mut self, visit: &mut impl FnMut(&mut Node)) {
        match &mut self.kind {
            Kind::Literal(_) | Kind::Null | Kind::Column { .. } | Kind::Clause { .. } => {}
            Kind::And(list)
            | Kind::Or(list)
            | Kind::Greatest(list)
            | Kind::Least(list)
            | Kind::Coalesce(list) => {
                list.iter_mut().for_each(visit);
            }
            Kind::Not(x)
            | Kind::IsNull(x, _)
            | Kind::IsTruth(x, ..)
            | Kind::InList(x, ..)
            | Kind::StartsWith(x, _)
            | Kind::Rescale(x)
            | Kind::Neg(x)
            | Kind::Abs(x)
            | Kind::Length(x) => visit(x),
            Kind::Compare(_, a, b)
            | Kind::Add(a, b)
            | Kind::Sub(a, b)
            | Kind::Mul(a, b)
            | Kind::Div(a, b)
            | Kind::NullIf(a, b) => {
                visit(a);
                visit(b);
            }
            Kind::Between(parts, _) => parts.iter_mut().for_each(visit),
            Kind::Case(branches, otherwise) => {
                for (when, then) in branches {
                    visit(when);
                    visit(then);
                }
                visit(otherwise);
            }
            Kind::Aggregate(aggregate) => {
                let Aggregate { argument, filter, .. } = aggregate.as_mut();
                argument.iter_mut().chain(filter).for_each(visit);
            }
        }
    }
}
