//! Arithmetic of pack SQL: `/` never truncates and never fails on zero, sums and products never
//! wrap, `avg` is a quotient, days are subtracted as whole numbers. Floats do not arise.

use std::sync::Arc;

use datafusion::arrow::datatypes::DataType;
use datafusion::common::{DFSchema, Result, ScalarValue};
use datafusion::functions::core::expr_fn::nullif;
use datafusion::functions_aggregate::count::count_udaf;
use datafusion::functions_aggregate::sum::sum_udaf;
use datafusion::logical_expr::expr::AggregateFunction;
use datafusion::logical_expr::planner::{
    ExprPlanner, PlannerResult, RawAggregateExpr, RawBinaryExpr,
};
use datafusion::logical_expr::{
    AggregateUDF, BinaryExpr, ColumnarValue, Expr, ExprSchemable, Operator, ScalarFunctionArgs,
    ScalarUDF, ScalarUDFImpl, Signature, Volatility, cast, lit,
};
use datafusion::sql::sqlparser::ast::BinaryOperator;

/// A whole number as a decimal that holds every one of them.
const WHOLE: DataType = DataType::Decimal128(20, 0);
/// Digits after the point that a dividend has at least; its quotient has four more.
const DIVIDEND_SCALE: i8 = 8;
/// Digits a decimal may have.
const DIGITS: u8 = 38;

/// Plans operators and aggregates exactly.
#[derive(Debug)]
pub(super) struct ExactPlanner;

impl ExprPlanner for ExactPlanner {
    fn plan_binary_op(
        &self,
        expr: RawBinaryExpr,
        schema: &DFSchema,
    ) -> Result<PlannerResult<RawBinaryExpr>> {
        let (Ok(left), Ok(right)) = (expr.left.get_type(schema), expr.right.get_type(schema))
        else {
            return Ok(PlannerResult::Original(expr));
        };
        let days = left == DataType::Date32 && right == DataType::Date32;
        Ok(match expr.op {
            BinaryOperator::Divide if is_exact(&left) && is_exact(&right) => {
                PlannerResult::Planned(quotient(expr.left, &left, expr.right, &right))
            }
            BinaryOperator::Multiply if left.is_integer() && right.is_integer() => {
                let (left, right) = (cast(expr.left, WHOLE), cast(expr.right, WHOLE));
                PlannerResult::Planned(binary(left, Operator::Multiply, right))
            }
            BinaryOperator::Minus if days => {
                let number = |day| cast(cast(day, DataType::Int32), DataType::Int64);
                let (left, right) = (number(expr.left), number(expr.right));
                PlannerResult::Planned(binary(left, Operator::Minus, right))
            }
            _ => PlannerResult::Original(expr),
        })
    }

    fn plan_aggregate(&self, expr: RawAggregateExpr) -> Result<PlannerResult<RawAggregateExpr>> {
        match (expr.func.name(), expr.args.as_slice()) {
            ("sum", [argument]) => {
                let argument = exact(argument.clone(), 0);
                let sum = aggregate(sum_udaf(), argument, expr);
                Ok(PlannerResult::Planned(sum))
            }
            ("avg", [argument]) => {
                let argument = argument.clone();
                let dividend = exact(argument.clone(), DIVIDEND_SCALE);
                let sum = aggregate(sum_udaf(), dividend, expr.clone());
                let count = cast(aggregate(count_udaf(), argument, expr), WHOLE);
                Ok(PlannerResult::Planned(binary(sum, Operator::Divide, or_unknown(count, 0))))
            }
            _ => Ok(PlannerResult::Original(expr)),
        }
    }
}

fn is_exact(kind: &DataType) -> bool {
    kind.is_integer() || matches!(kind, DataType::Decimal128(..))
}

fn binary(left: Expr, op: Operator, right: Expr) -> Expr {
    Expr::BinaryExpr(BinaryExpr::new(Box::new(left), op, Box::new(right)))
}

/// A quotient with twelve digits or more; unknown where the divisor is zero.
fn quotient(left: Expr, left_type: &DataType, right: Expr, right_type: &DataType) -> Expr {
    let left = match left_type {
        DataType::Decimal128(_, scale) if *scale >= DIVIDEND_SCALE => left,
        _ => cast(left, DataType::Decimal128(DIGITS, DIVIDEND_SCALE)),
    };
    let (right, scale) = match right_type {
        DataType::Decimal128(_, scale) => (right, *scale),
        _ => (cast(right, WHOLE), 0),
    };
    binary(left, Operator::Divide, or_unknown(right, scale))
}

/// The number, or unknown where it is zero.
fn or_unknown(number: Expr, scale: i8) -> Expr {
    nullif(number, lit(ScalarValue::Decimal128(Some(0), DIGITS, scale)))
}

fn aggregate(func: Arc<AggregateUDF>, argument: Expr, of: RawAggregateExpr) -> Expr {
    let RawAggregateExpr { distinct, filter, order_by, null_treatment, .. } = of;
    let arguments = vec![argument];
    let planned =
        AggregateFunction::new_udf(func, arguments, distinct, filter, order_by, null_treatment);
    Expr::AggregateFunction(planned)
}

fn exact(argument: Expr, scale: i8) -> Expr {
    ScalarUDF::new_from_impl(ToExact { scale, signature: Signature::any(1, Volatility::Immutable) })
        .call(vec![argument])
}

/// Turns whole numbers into decimals before they are added up; other values stay as they are.
#[derive(Debug, PartialEq, Eq, Hash)]
struct ToExact {
    scale: i8,
    signature: Signature,
}

impl ScalarUDFImpl for ToExact {
    /// Named by what it is for: a sum and a mean of one column stand beside each other.
    fn name(&self) -> &'static str {
        if self.scale == 0 { "exact" } else { "exact_dividend" }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arguments: &[DataType]) -> Result<DataType> {
        Ok(match arguments {
            [kind] if kind.is_integer() && self.scale == 0 => WHOLE,
            [kind] if kind.is_integer() => DataType::Decimal128(DIGITS, self.scale),
            [DataType::Decimal128(_, scale)] if *scale < self.scale => {
                DataType::Decimal128(DIGITS, self.scale)
            }
            [kind] => kind.clone(),
            _ => DataType::Null,
        })
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let to = arguments.return_type().clone();
        match arguments.args.first() {
            Some(value) if value.data_type() == to => Ok(value.clone()),
            Some(value) => value.cast_to(&to, None),
            None => Ok(ColumnarValue::Scalar(ScalarValue::Null)),
        }
    }
}
