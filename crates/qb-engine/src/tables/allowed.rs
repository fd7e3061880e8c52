//! The functions and operators that SQL of a pack may use: what each value costs is bounded by what
//! it is made of, and the answer is the same every time.

use datafusion::common::ScalarValue;
use datafusion::logical_expr::expr::WindowFunctionDefinition;
use datafusion::logical_expr::{Expr, Operator};

/// Functions of one row. None makes a text longer than those it is given, none takes a number for
/// a length, none reads anything but its arguments.
const SCALAR: [&str; 25] = [
    "abs",
    "btrim",
    "character_length",
    "coalesce",
    "date_part",
    "date_trunc",
    "ends_with",
    // Made by the planner of exact arithmetic.
    "exact",
    "exact_dividend",
    "greatest",
    "least",
    "left",
    "lower",
    "ltrim",
    "make_date",
    "nullif",
    "octet_length",
    "right",
    "rtrim",
    "signum",
    "starts_with",
    "strpos",
    "substr",
    "translate",
    "upper",
];

/// Aggregates whose answer hangs neither on the order of rows nor on a guess.
const AGGREGATE: [&str; 10] =
    ["avg", "bit_and", "bit_or", "bool_and", "bool_or", "count", "grouping", "max", "min", "sum"];

/// Functions over a window whose answer is the same for equal rows.
const WINDOW: [&str; 2] = ["dense_rank", "rank"];

/// Longest text that may stand in a query, in characters.
pub(super) const TEXT_CHARS_MAX: usize = 1_000;

/// What a pack may not use, by its name.
pub(super) enum NotAllowed {
    /// A function that is not on the list.
    Function(String),
    /// An operator that is not on the list.
    Operator(String),
    /// A text that is too long.
    LongText,
}

/// Whether a part of a query is one that packs may use.
pub(super) fn examine(part: &Expr) -> Option<NotAllowed> {
    let function = |name: &str| Some(NotAllowed::Function(name.to_owned()));
    match part {
        Expr::ScalarFunction(call) if !SCALAR.contains(&call.name()) => function(call.name()),
        Expr::AggregateFunction(call) if !is_aggregate(call.func.name()) => {
            function(call.func.name())
        }
        Expr::WindowFunction(call) => match &call.fun {
            WindowFunctionDefinition::AggregateUDF(of) if is_aggregate(of.name()) => None,
            WindowFunctionDefinition::WindowUDF(of) if WINDOW.contains(&of.name()) => None,
            other => function(other.name()),
        },
        Expr::Unnest(_) => function("unnest"),
        Expr::SimilarTo(_) => Some(NotAllowed::Operator("similar to".to_owned())),
        Expr::BinaryExpr(operation) if !is_operator(operation.op) => {
            Some(NotAllowed::Operator(operation.op.to_string()))
        }
        Expr::Literal(value, _) if is_long(value) => Some(NotAllowed::LongText),
        _ => None,
    }
}

fn is_aggregate(name: &str) -> bool {
    AGGREGATE.contains(&name)
}

fn is_operator(operator: Operator) -> bool {
    matches!(
        operator,
        Operator::Eq
            | Operator::NotEq
            | Operator::Lt
            | Operator::LtEq
            | Operator::Gt
            | Operator::GtEq
            | Operator::Plus
            | Operator::Minus
            | Operator::Multiply
            | Operator::Divide
            | Operator::Modulo
            | Operator::And
            | Operator::Or
            | Operator::IsDistinctFrom
            | Operator::IsNotDistinctFrom
    )
}

fn is_long(value: &ScalarValue) -> bool {
    match value {
        ScalarValue::Utf8(Some(text))
        | ScalarValue::LargeUtf8(Some(text))
        | ScalarValue::Utf8View(Some(text)) => text.chars().count() > TEXT_CHARS_MAX,
        _ => false,
    }
}
