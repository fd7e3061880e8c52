//! The typed tree as expressions of the query engine, every type explicit.

use datafusion::arrow::datatypes::DataType;
use datafusion::functions_aggregate::expr_fn::{count, max, min, sum};
use datafusion::logical_expr::expr::Like;
use datafusion::logical_expr::{
    Case, Expr, ExprFunctionExt, Operator, ScalarUDF, binary_expr, cast, lit, not,
};
use datafusion::prelude::ident;
use datafusion::scalar::ScalarValue;

use crate::error::EngineError;
use crate::expr::tree::{Aggregate, AggregateOp, CompareOp, Kind, Literal, Node, NumberType, Type};
use crate::views::Level;

type Built = Result<Expr, EngineError>;

/// Column names are unique over all levels, so joins need no qualifiers.
pub(crate) fn column_name(level: Level, index: usize) -> String {
    format!("{}_{index}", level.name())
}

pub(crate) fn clause_name(slot: usize) -> String {
    format!("clause_{slot}")
}

pub(crate) fn row_name(level: Level) -> String {
    format!("{}_row", level.name())
}

fn key_name(level: Level, key: &str) -> Result<String, EngineError> {
    let at = level.view().position(key);
    Ok(column_name(level, at.ok_or_else(|| EngineError::internal("a view lacks its key"))?))
}

/// The column that identifies a row of a level.
pub(crate) fn own_key(level: Level) -> Result<String, EngineError> {
    let key = match level {
        Level::Person => "person_id",
        Level::Household => "household_id",
        Level::Village => "area_code",
    };
    key_name(level, key)
}

/// The column of a level that holds the key of the level above.
pub(crate) fn owner_key(level: Level) -> Result<String, EngineError> {
    let key = match level {
        Level::Person => "household_id",
        Level::Household | Level::Village => "area_code",
    };
    key_name(level, key)
}

/// How a number is held: 64-bit integers where they are proven to suffice, else decimals of 38
/// digits.
pub(crate) fn physical(number: NumberType) -> DataType {
    if number.is_int64() { DataType::Int64 } else { decimal(number.scale) }
}

fn decimal(scale: u8) -> DataType {
    DataType::Decimal128(38, digits(scale))
}

/// A scale as Arrow counts it; none is above the 38 digits of a decimal.
pub(crate) fn digits(scale: u8) -> i8 {
    scale.cast_signed()
}

/// The distinct aggregates of a stage.
#[derive(Default)]
pub(crate) struct Aggregates<'a> {
    list: Vec<&'a Aggregate>,
}

impl<'a> Aggregates<'a> {
    pub(crate) fn add(&mut self, aggregate: &'a Aggregate) {
        if self.position(aggregate).is_none() {
            self.list.push(aggregate);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    fn position(&self, aggregate: &Aggregate) -> Option<usize> {
        self.list.iter().position(|other| *other == aggregate)
    }

    /// Whether an argument or filter reads a row of this level.
    pub(crate) fn read(&self, level: Level) -> bool {
        let mut found = false;
        for part in self
            .list
            .iter()
            .flat_map(|aggregate| aggregate.argument.iter().chain(&aggregate.filter))
        {
            part.walk(&mut |node| match node.kind {
                Kind::Column { level: of, .. } | Kind::Clause { level: of, .. } => {
                    found |= of == level
                }
                _ => {}
            });
        }
        found
    }

    /// The aggregate expressions of the grouped query.
    pub(crate) fn expressions(&self) -> Result<Vec<Expr>, EngineError> {
        let mut expressions = Vec::new();
        for (at, aggregate) in self.list.iter().enumerate() {
            let argument =
                aggregate.argument.as_ref().map(|node| expression(node, self)).transpose()?;
            let filter =
                aggregate.filter.as_ref().map(|node| expression(node, self)).transpose()?;
            let argument = argument.unwrap_or_else(|| lit(1_i64));
            for (part, function, condition) in parts(aggregate, argument) {
                let condition = match (filter.clone(), condition) {
                    (Some(filter), Some(condition)) => Some(filter.and(condition)),
                    (filter, condition) => filter.or(condition),
                };
                let function = match condition {
                    Some(condition) => function.filter(condition).build()?,
                    None => function,
                };
                expressions.push(function.alias(format!("aggregate_{at}_{part}")));
            }
        }
        Ok(expressions)
    }

    /// The value of an aggregate from the grouped columns; rows that own nothing have no group.
    fn value(&self, aggregate: &Aggregate) -> Built {
        let at = self
            .position(aggregate)
            .ok_or_else(|| EngineError::internal("an aggregate was not planned"))?;
        let part = |name: &str| ident(format!("aggregate_{at}_{name}"));
        let number = |name: &str| or_zero(part(name));
        let some = |name: &str| number(name).gt(lit(0_i64));
        let unknown = || lit(ScalarValue::Boolean(None));
        match aggregate.op {
            AggregateOp::CountAll | AggregateOp::Count => Ok(number("value")),
            AggregateOp::Sum | AggregateOp::Min | AggregateOp::Max => Ok(part("value")),
            AggregateOp::Every => {
                choose(vec![(some("false"), lit(false)), (some("unknown"), unknown())], lit(true))
            }
            AggregateOp::Any => {
                choose(vec![(some("true"), lit(true)), (some("unknown"), unknown())], lit(false))
            }
            AggregateOp::BoolAnd => {
                choose(vec![(some("false"), lit(false)), (some("true"), lit(true))], unknown())
            }
            AggregateOp::BoolOr => {
                choose(vec![(some("true"), lit(true)), (some("false"), lit(false))], unknown())
            }
        }
    }
}

/// The grouped columns an aggregate needs: name, function, extra condition on the rows.
fn parts(aggregate: &Aggregate, argument: Expr) -> Vec<(&'static str, Expr, Option<Expr>)> {
    let rows = || count(lit(1_i64));
    let is_true = argument.clone().is_true();
    let is_false = argument.clone().is_false();
    let is_unknown = argument.clone().is_unknown();
    match aggregate.op {
        AggregateOp::CountAll => vec![("value", rows(), None)],
        AggregateOp::Count => vec![("value", count(argument), None)],
        AggregateOp::Sum => vec![("value", sum(summand(aggregate, argument)), None)],
        AggregateOp::Min => vec![("value", min(argument), None)],
        AggregateOp::Max => vec![("value", max(argument), None)],
        AggregateOp::Every => {
            vec![("false", rows(), Some(is_false)), ("unknown", rows(), Some(is_unknown))]
        }
        AggregateOp::Any => {
            vec![("true", rows(), Some(is_true)), ("unknown", rows(), Some(is_unknown))]
        }
        AggregateOp::BoolAnd | AggregateOp::BoolOr => {
            vec![("true", rows(), Some(is_true)), ("false", rows(), Some(is_false))]
        }
    }
}

/// A sum of 64-bit integers wraps; so it runs over decimals unless the whole sum is proven to fit.
fn summand(aggregate: &Aggregate, argument: Expr) -> Expr {
    let number =
        aggregate.argument.as_ref().map_or(NumberType { scale: 0, bound: 0 }, Node::number);
    let owner = if aggregate.over == Level::Person { Level::Household } else { Level::Village };
    let bound = number.bound.saturating_mul(owner.members_max());
    match physical(NumberType { bound, ..number }) {
        DataType::Int64 => argument,
        wide => cast(argument, wide),
    }
}

fn or_zero(expression: Expr) -> Expr {
    Expr::Case(Case::new(
        None,
        vec![(Box::new(expression.clone().is_null()), Box::new(lit(0_i64)))],
        Some(Box::new(expression)),
    ))
}

fn choose(branches: Vec<(Expr, Expr)>, otherwise: Expr) -> Built {
    let branches =
        branches.into_iter().map(|(when, then)| (Box::new(when), Box::new(then))).collect();
    Ok(Expr::Case(Case::new(None, branches, Some(Box::new(otherwise)))))
}

/// The expression of a node; its type is the node's, a number's is [`physical`].
pub(crate) fn expression(node: &Node, aggregates: &Aggregates<'_>) -> Built {
    let build = |node: &Node| expression(node, aggregates);
    match &node.kind {
        Kind::Literal(literal) => constant(literal, node.ty),
        Kind::Null => null(node.ty),
        Kind::Column { level, index } => Ok(ident(column_name(*level, *index))),
        Kind::Clause { slot, .. } => Ok(ident(clause_name(*slot))),
        Kind::And(parts) => fold(parts, Operator::And, aggregates),
        Kind::Or(parts) => fold(parts, Operator::Or, aggregates),
        Kind::Not(x) => Ok(not(build(x)?)),
        Kind::IsNull(x, false) => Ok(build(x)?.is_null()),
        Kind::IsNull(x, true) => Ok(build(x)?.is_not_null()),
        Kind::IsTruth(x, wanted, negated) => {
            let x = build(x)?;
            Ok(match (wanted, negated) {
                (true, false) => x.is_true(),
                (true, true) => x.is_not_true(),
                (false, false) => x.is_false(),
                (false, true) => x.is_not_false(),
            })
        }
        Kind::Compare(op, a, b) => compare(*op, a, b, aggregates),
        Kind::Between(parts, negated) => {
            let [x, low, high] = parts.as_ref();
            let inside = compare(CompareOp::GtEq, x, low, aggregates)?.and(compare(
                CompareOp::LtEq,
                x,
                high,
                aggregates,
            )?);
            Ok(if *negated { not(inside) } else { inside })
        }
        Kind::InList(x, list, negated) => in_list(x, list, *negated, aggregates),
        Kind::StartsWith(x, prefix) => {
            let pattern = lit(format!("{}%", as_itself(prefix)));
            Ok(Expr::Like(Like::new(false, Box::new(build(x)?), Box::new(pattern), None, false)))
        }
        Kind::Case(branches, otherwise) => {
            let branches = branches
                .iter()
                .map(|(when, then)| Ok((build(when)?, as_type(then, node.ty, aggregates)?)));
            let branches = branches.collect::<Result<Vec<_>, EngineError>>()?;
            choose(branches, as_type(otherwise, node.ty, aggregates)?)
        }
        Kind::NullIf(a, b) => choose(
            vec![(compare(CompareOp::Eq, a, b, aggregates)?, null(node.ty)?)],
            as_type(a, node.ty, aggregates)?,
        ),
        Kind::Coalesce(parts) => coalesce(parts, node.ty, aggregates),
        Kind::Length(x) => {
            Ok(ScalarUDF::from(crate::length::Length::default()).call(vec![build(x)?]))
        }
        Kind::Aggregate(aggregate) => aggregates.value(aggregate),
        _ => arithmetic(node, aggregates),
    }
}

/// A text in which nothing is a wildcard of `like`.
fn as_itself(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern
}

fn arithmetic(node: &Node, aggregates: &Aggregates<'_>) -> Built {
    let to = physical(node.number());
    let operate = |op: Operator, a: &Node, b: &Node| {
        let (left, right) = (widened(a, &to, aggregates)?, widened(b, &to, aggregates)?);
        Ok(binary_expr(left, op, right))
    };
    match &node.kind {
        Kind::Rescale(x) => Ok(cast(expression(x, aggregates)?, to)),
        Kind::Neg(x) => Ok(Expr::Negative(Box::new(expression(x, aggregates)?))),
        Kind::Abs(x) => {
            let positive = expression(x, aggregates)?;
            let below = compare_to_zero(x, positive.clone())?;
            choose(vec![(below, Expr::Negative(Box::new(positive.clone())))], positive)
        }
        Kind::Add(a, b) => operate(Operator::Plus, a, b),
        Kind::Sub(a, b) => operate(Operator::Minus, a, b),
        Kind::Mul(a, b) => operate(Operator::Multiply, a, b),
        Kind::Div(a, b) => divide(node, a, b, aggregates),
        Kind::Greatest(parts) => {
            extreme(parts, node.ty, CompareOp::GtEq, CompareOp::Lt, aggregates)
        }
        Kind::Least(parts) => extreme(parts, node.ty, CompareOp::LtEq, CompareOp::Gt, aggregates),
        _ => Err(EngineError::internal("a node is not arithmetic")),
    }
}

/// An operand of arithmetic: integers stay where the result is an integer, else the operand becomes
/// a decimal of its own scale.
fn widened(node: &Node, to: &DataType, aggregates: &Aggregates<'_>) -> Built {
    let operand = expression(node, aggregates)?;
    Ok(if *to == DataType::Int64 || physical(node.number()) != DataType::Int64 {
        operand
    } else {
        cast(operand, decimal(node.scale()))
    })
}

/// The engine's quotient has four digits more than its dividend, so the dividend is cast to four
/// fewer than wanted.
fn divide(node: &Node, a: &Node, b: &Node, aggregates: &Aggregates<'_>) -> Built {
    let scale = node
        .scale()
        .checked_sub(crate::expr::typing::DIGITS_ADDED)
        .filter(|scale| *scale >= a.scale());
    let dividend = expression(a, aggregates)?;
    let divisor = cast(expression(b, aggregates)?, decimal(b.scale()));
    let zero = Literal::Number { unscaled: 0, scale: b.scale() };
    let zero = constant(&zero, Type::Number(NumberType { scale: b.scale(), bound: u128::MAX }))?;
    let no_zero = Expr::Case(Case::new(
        None,
        vec![(
            Box::new(divisor.clone().eq(zero)),
            Box::new(lit(ScalarValue::Decimal128(None, 38, digits(b.scale())))),
        )],
        Some(Box::new(divisor)),
    ));
    match scale {
        Some(scale) => Ok(cast(
            binary_expr(cast(dividend, decimal(scale)), Operator::Divide, no_zero),
            physical(node.number()),
        )),
        None => Err(EngineError::internal("a quotient has too few digits")),
    }
}

fn compare_to_zero(node: &Node, value: Expr) -> Built {
    let zero = constant(&Literal::Number { unscaled: 0, scale: node.scale() }, node.ty)?;
    Ok(value.lt(zero))
}

fn extreme(
    parts: &[Node],
    ty: Type,
    keep: CompareOp,
    replace: CompareOp,
    aggregates: &Aggregates<'_>,
) -> Built {
    let mut parts = parts.iter();
    let first = parts.next().ok_or_else(|| EngineError::internal("an empty list of arguments"))?;
    let mut best = as_type(first, ty, aggregates)?;
    for part in parts {
        let other = as_type(part, ty, aggregates)?;
        let stays = binary_expr(best.clone(), operator(keep), other.clone());
        let goes = binary_expr(best.clone(), operator(replace), other.clone());
        best = choose(vec![(stays, best), (goes, other)], null(ty)?)?;
    }
    Ok(best)
}

fn coalesce(parts: &[Node], ty: Type, aggregates: &Aggregates<'_>) -> Built {
    let mut parts = parts.iter().rev();
    let last = parts.next().ok_or_else(|| EngineError::internal("an empty list of arguments"))?;
    parts.try_fold(as_type(last, ty, aggregates)?, |rest, part| {
        let part = as_type(part, ty, aggregates)?;
        choose(vec![(part.clone().is_not_null(), part)], rest)
    })
}

fn fold(parts: &[Node], op: Operator, aggregates: &Aggregates<'_>) -> Built {
    let mut parts = parts.iter().map(|part| expression(part, aggregates));
    let first =
        parts.next().ok_or_else(|| EngineError::internal("an empty list of conditions"))??;
    parts.try_fold(first, |all, part| Ok(binary_expr(all, op, part?)))
}

fn compare(op: CompareOp, a: &Node, b: &Node, aggregates: &Aggregates<'_>) -> Built {
    let ty = common(a, b);
    Ok(binary_expr(as_type(a, ty, aggregates)?, operator(op), as_type(b, ty, aggregates)?))
}

fn operator(op: CompareOp) -> Operator {
    match op {
        CompareOp::Eq => Operator::Eq,
        CompareOp::NotEq => Operator::NotEq,
        CompareOp::Lt => Operator::Lt,
        CompareOp::LtEq => Operator::LtEq,
        CompareOp::Gt => Operator::Gt,
        CompareOp::GtEq => Operator::GtEq,
    }
}

/// Numbers side by side have one scale; the wider bound decides how they are held.
fn common(a: &Node, b: &Node) -> Type {
    match (a.ty, b.ty) {
        (Type::Number(a), Type::Number(b)) => {
            Type::Number(NumberType { scale: a.scale, bound: a.bound.max(b.bound) })
        }
        (ty, _) => ty,
    }
}

/// The expression of a node, held as the given type holds it.
fn as_type(node: &Node, ty: Type, aggregates: &Aggregates<'_>) -> Built {
    let (Type::Number(from), Type::Number(to)) = (node.ty, ty) else {
        return expression(node, aggregates);
    };
    if let Kind::Literal(literal) = &node.kind {
        return constant(literal, ty);
    }
    if node.kind == Kind::Null {
        return null(ty);
    }
    let value = expression(node, aggregates)?;
    Ok(if physical(from) == physical(to) { value } else { cast(value, physical(to)) })
}

fn in_list(x: &Node, list: &[Literal], negated: bool, aggregates: &Aggregates<'_>) -> Built {
    let mut ty = x.ty;
    for item in list {
        if let (Type::Number(number), Literal::Number { unscaled, .. }) = (&mut ty, item) {
            number.bound = number.bound.max(unscaled.unsigned_abs());
        }
    }
    let items = list.iter().map(|item| constant(item, ty)).collect::<Result<Vec<_>, _>>()?;
    Ok(as_type(x, ty, aggregates)?.in_list(items, negated))
}

/// A constant, held as the given type holds it.
fn constant(literal: &Literal, ty: Type) -> Built {
    let value = match (literal, ty) {
        (Literal::Bool(truth), _) => ScalarValue::Boolean(Some(*truth)),
        (Literal::Text(text), _) => ScalarValue::Utf8(Some(text.clone())),
        (Literal::Date(days), _) => ScalarValue::Date32(Some(*days)),
        (Literal::Number { unscaled, .. }, Type::Number(number)) if number.is_int64() => {
            ScalarValue::Int64(Some(
                i64::try_from(*unscaled)
                    .map_err(|_| EngineError::internal("a constant is too large"))?,
            ))
        }
        (Literal::Number { unscaled, scale }, _) => {
            ScalarValue::Decimal128(Some(*unscaled), 38, digits(*scale))
        }
    };
    Ok(lit(value))
}

fn null(ty: Type) -> Built {
    Ok(lit(match ty {
        Type::Bool => ScalarValue::Boolean(None),
        Type::Text => ScalarValue::Utf8(None),
        Type::Date => ScalarValue::Date32(None),
        Type::Number(number) if number.is_int64() => ScalarValue::Int64(None),
        Type::Number(number) => ScalarValue::Decimal128(None, 38, digits(number.scale)),
    }))
}
