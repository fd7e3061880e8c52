//! Aggregates in expressions: what they may run over, and the bounds of their results.

use datafusion::sql::sqlparser::ast::Expr as Ast;

use super::fault::{ExprFault, FaultKind, Span};
use super::lower::{Lower, Lowered, refused};
use super::names::Purpose;
use super::tree::{Aggregate, AggregateOp, Kind, Node, NumberType, Type};
use super::typing;

impl Lower<'_> {
    pub(crate) fn aggregate(
        &mut self,
        name: &str,
        arguments: &[Option<&Ast>],
        filter: Option<&Ast>,
        span: Span,
    ) -> Lowered {
        if self.over.is_some() {
            return Err(refused(
                span,
                "汇总里不能再套汇总；请把内层写成一条数值条款",
                "an aggregate cannot hold another; make the inner one a value clause",
            ));
        }
        let figure = self.purpose == Purpose::Figure;
        let Some(over) = (if figure { Some(self.level) } else { self.level.below() }) else {
            return Err(ExprFault::new(
                FaultKind::Level,
                span,
                "人员一级没有下级，不能汇总",
                "a person has no members to aggregate",
            ));
        };
        self.over = Some(over);
        let lowered = self.aggregate_parts(name, arguments, filter, span);
        self.over = None;
        let (op, argument, filter) = lowered?;
        let rows_max = if figure { FIGURE_ROWS_MAX } else { self.level.members_max() };
        let ty = aggregate_type(op, argument.as_ref(), rows_max, span)?;
        let aggregate = Aggregate { op, over, argument, filter };
        Ok(Node { kind: Kind::Aggregate(Box::new(aggregate)), ty, span })
    }

    fn aggregate_parts(
        &mut self,
        name: &str,
        arguments: &[Option<&Ast>],
        filter: Option<&Ast>,
        span: Span,
    ) -> Result<(AggregateOp, Option<Node>, Option<Node>), ExprFault> {
        let filter = filter.map(|ast| typing::expect_bool(self.lower(ast)?)).transpose()?;
        let op = match (name, arguments) {
            ("count", [None]) => return Ok((AggregateOp::CountAll, None, filter)),
            ("count", [Some(_)]) => AggregateOp::Count,
            ("sum", [Some(_)]) => AggregateOp::Sum,
            ("min", [Some(_)]) => AggregateOp::Min,
            ("max", [Some(_)]) => AggregateOp::Max,
            ("any", [Some(_)]) => AggregateOp::Any,
            ("every", [Some(_)]) => AggregateOp::Every,
            ("bool_and", [Some(_)]) => AggregateOp::BoolAnd,
            ("bool_or", [Some(_)]) => AggregateOp::BoolOr,
            _ => {
                return Err(refused(
                    span,
                    format!("{name} 的参数个数不对"),
                    format!("wrong number of arguments for {name}"),
                ));
            }
        };
        let argument = arguments.iter().flatten().next().map(|ast| self.lower(ast)).transpose()?;
        Ok((op, argument, filter))
    }
}

/// Most rows a figure may run over.
const FIGURE_ROWS_MAX: u128 = 10_000_000_000;

fn aggregate_type(
    op: AggregateOp,
    argument: Option<&Node>,
    rows_max: u128,
    span: Span,
) -> Result<Type, ExprFault> {
    let argument_type = argument.map(|node| node.ty);
    match (op, argument_type) {
        (AggregateOp::CountAll | AggregateOp::Count, _) => {
            Ok(Type::Number(NumberType { scale: 0, bound: rows_max }))
        }
        (AggregateOp::Sum, Some(Type::Number(number))) => {
            let bound = number
                .bound
                .checked_mul(rows_max)
                .filter(|bound| *bound <= super::tree::DECIMAL_MAX);
            let bound = bound.ok_or_else(|| {
                ExprFault::new(
                    FaultKind::Range,
                    span,
                    "合计可能超过38位数字",
                    "the sum could exceed 38 digits",
                )
            })?;
            Ok(Type::Number(NumberType { scale: number.scale, bound }))
        }
        (AggregateOp::Min | AggregateOp::Max, Some(ty @ (Type::Number(_) | Type::Date))) => Ok(ty),
        (
            AggregateOp::Any | AggregateOp::Every | AggregateOp::BoolAnd | AggregateOp::BoolOr,
            Some(Type::Bool),
        ) => Ok(Type::Bool),
        (_, found) => {
            let (zh, en) = typing::type_name(found.unwrap_or(Type::Bool));
            Err(ExprFault::new(
                FaultKind::Type,
                span,
                format!("不能这样汇总{zh}"),
                format!("this aggregate does not take {en}"),
            ))
        }
    }
}
