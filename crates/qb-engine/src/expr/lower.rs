//! Syntax tree to typed tree: everything the language does not have is refused here, by name and
//! place.

use datafusion::sql::sqlparser::ast::{
    self, BinaryOperator, Expr as Ast, Spanned, UnaryOperator, Value,
};

use super::fault::{ExprFault, FaultKind, Span};
use super::names::{Env, Purpose};
use super::parse::{self, Words};
use super::tree::{CompareOp, Kind, Literal, Node, Type};
use super::typing;
use crate::views::Level;

pub(crate) type Lowered = Result<Node, ExprFault>;

/// Deepest tree that is built.
const DEPTH_MAX: usize = 120;

/// Lowers one expression.
pub(crate) struct Lower<'e> {
    pub(crate) env: &'e mut dyn Env,
    pub(crate) level: Level,
    pub(crate) purpose: Purpose,
    /// Level of the rows an enclosing aggregate runs over.
    pub(crate) over: Option<Level>,
    /// Span of the enclosing node, for nodes whose own place the parser lost.
    around: Span,
    /// What the expression is written in, for the places that the parser gives too narrow.
    words: Words,
    depth: usize,
}

impl<'e> Lower<'e> {
    pub(crate) fn new(env: &'e mut dyn Env, level: Level, purpose: Purpose, words: Words) -> Self {
        Self { env, level, purpose, over: None, around: Span::default(), words, depth: 0 }
    }

    /// Lowers a syntax node and everything below it.
    pub(crate) fn lower(&mut self, ast: &Ast) -> Lowered {
        let span = parse::span(ast.span()).or(self.around);
        if self.depth >= DEPTH_MAX {
            return Err(ExprFault::new(
                FaultKind::Syntax,
                span,
                "表达式层数太多",
                "the expression is nested too deeply",
            ));
        }
        let outer = std::mem::replace(&mut self.around, span);
        self.depth += 1;
        let node = self.lower_here(ast, span);
        self.depth -= 1;
        self.around = outer;
        let node = node?;
        let span = self.whole(ast, &node);
        Ok(Node { span, ..node })
    }

    /// The place of a node with everything that belongs to it.
    fn whole(&self, ast: &Ast, node: &Node) -> Span {
        let children = node.children().into_iter().map(|child| child.span);
        let span = children.fold(node.span, Span::union);
        match ast {
            Ast::UnaryOp { .. } | Ast::TypedString(_) => self.words.with_before(span),
            Ast::Function(_) => self.words.with_brackets(span),
            Ast::IsNull(_) | Ast::IsNotNull(_) => self.words.until(span, &["null"]),
            Ast::IsUnknown(_) | Ast::IsNotUnknown(_) => self.words.until(span, &["unknown"]),
            Ast::IsTrue(_) | Ast::IsNotTrue(_) => self.words.until(span, &["true"]),
            Ast::IsFalse(_) | Ast::IsNotFalse(_) => self.words.until(span, &["false"]),
            _ => span,
        }
    }

    fn lower_here(&mut self, ast: &Ast, span: Span) -> Lowered {
        match ast {
            Ast::Nested(inner) => self.lower(inner),
            Ast::Identifier(name) => self.column(None, &name.value, span),
            Ast::CompoundIdentifier(parts) => match parts.as_slice() {
                [level, name] => self.column(Some(&level.value), &name.value, span),
                _ => Err(refused(span, "列名最多写一级前缀", "a column has at most one prefix")),
            },
            Ast::Value(value) => literal(&value.value, span),
            Ast::TypedString(typed) => date(typed, span),
            Ast::BinaryOp { left, op, right } => self.binary(left, op, right, ast, span),
            Ast::UnaryOp { op, expr } => self.unary(*op, expr, span),
            Ast::IsNull(x) | Ast::IsUnknown(x) => self.is_null(x, false, span),
            Ast::IsNotNull(x) | Ast::IsNotUnknown(x) => self.is_null(x, true, span),
            Ast::IsTrue(x) => self.is_truth(x, true, false, span),
            Ast::IsNotTrue(x) => self.is_truth(x, true, true, span),
            Ast::IsFalse(x) => self.is_truth(x, false, false, span),
            Ast::IsNotFalse(x) => self.is_truth(x, false, true, span),
            Ast::Between { expr, negated, low, high } => {
                let parts = vec![self.lower(expr)?, self.lower(low)?, self.lower(high)?];
                typing::between(parts, *negated, span)
            }
            Ast::InList { expr, list, negated } => self.in_list(expr, list, *negated, span),
            Ast::Case { operand, conditions, else_result, .. } => {
                self.case(operand.as_deref(), conditions, else_result.as_deref(), span)
            }
            Ast::Function(function) => self.function(function, span),
            Ast::Subquery(_) | Ast::Exists { .. } | Ast::InSubquery { .. } => Err(refused(
                span,
                "表达式中不能有子查询；请用汇总，例如 count(*) filter (where member.age < 16)",
                "subqueries are not allowed; use an aggregate such as count(*) filter (where member.age < 16)",
            )),
            Ast::Like { .. } | Ast::ILike { .. } | Ast::SimilarTo { .. } | Ast::RLike { .. } => {
                Err(refused(
                    span,
                    "不支持 like；请用 starts_with(列, '前缀') 或 in (…)",
                    "like is not supported; use starts_with(column, 'prefix') or in (…)",
                ))
            }
            Ast::Cast { .. } | Ast::Convert { .. } => {
                Err(refused(span, "不需要也不允许类型转换", "casts are neither needed nor allowed"))
            }
            _ => Err(refused(
                span,
                "表达式语言没有这种写法",
                "the expression language has no such construct",
            )),
        }
    }

    fn binary(
        &mut self,
        left: &Ast,
        op: &BinaryOperator,
        right: &Ast,
        whole: &Ast,
        span: Span,
    ) -> Lowered {
        let compare = match op {
            BinaryOperator::And | BinaryOperator::Or => return self.chain(whole, op, span),
            BinaryOperator::Eq => Some(CompareOp::Eq),
            BinaryOperator::NotEq => Some(CompareOp::NotEq),
            BinaryOperator::Lt => Some(CompareOp::Lt),
            BinaryOperator::LtEq => Some(CompareOp::LtEq),
            BinaryOperator::Gt => Some(CompareOp::Gt),
            BinaryOperator::GtEq => Some(CompareOp::GtEq),
            _ => None,
        };
        let (left, right) = (self.lower(left)?, self.lower(right)?);
        if let Some(op) = compare {
            self.check_code(&left, &right)?;
            self.check_code(&right, &left)?;
            return typing::compare(op, left, right, span);
        }
        match op {
            BinaryOperator::Plus => typing::add(left, right, false, span),
            BinaryOperator::Minus => typing::add(left, right, true, span),
            BinaryOperator::Multiply => typing::multiply(left, right, span),
            BinaryOperator::Divide => typing::divide(left, right, span),
            _ => {
                Err(refused(span, format!("没有运算符 {op}"), format!("there is no operator {op}")))
            }
        }
    }

    /// `a and b and c` becomes one node, however the brackets of the parser fell.
    fn chain(&mut self, whole: &Ast, op: &BinaryOperator, span: Span) -> Lowered {
        let mut parts = Vec::new();
        let mut rest = whole;
        while let Ast::BinaryOp { left, op: here, right } = rest {
            if here != op {
                break;
            }
            parts.push(right.as_ref());
            rest = left;
        }
        parts.push(rest);
        let nodes = parts.into_iter().rev().map(|part| typing::expect_bool(self.lower(part)?));
        let nodes = nodes.collect::<Result<Vec<_>, _>>()?;
        let kind = if *op == BinaryOperator::And { Kind::And(nodes) } else { Kind::Or(nodes) };
        Ok(Node { kind, ty: Type::Bool, span })
    }

    fn unary(&mut self, op: UnaryOperator, operand: &Ast, span: Span) -> Lowered {
        let node = self.lower(operand)?;
        match op {
            UnaryOperator::Not => Ok(Node {
                kind: Kind::Not(Box::new(typing::expect_bool(node)?)),
                ty: Type::Bool,
                span,
            }),
            UnaryOperator::Minus => typing::negate(node, span),
            UnaryOperator::Plus => typing::expect_number(node),
            _ => {
                Err(refused(span, format!("没有运算符 {op}"), format!("there is no operator {op}")))
            }
        }
    }

    fn is_null(&mut self, operand: &Ast, negated: bool, span: Span) -> Lowered {
        let node = self.lower(operand)?;
        Ok(Node { kind: Kind::IsNull(Box::new(node), negated), ty: Type::Bool, span })
    }

    fn is_truth(&mut self, operand: &Ast, truth: bool, negated: bool, span: Span) -> Lowered {
        let node = typing::expect_bool(self.lower(operand)?)?;
        Ok(Node { kind: Kind::IsTruth(Box::new(node), truth, negated), ty: Type::Bool, span })
    }

    fn in_list(&mut self, operand: &Ast, list: &[Ast], negated: bool, span: Span) -> Lowered {
        let node = self.lower(operand)?;
        let list = list.iter().map(|item| self.lower(item)).collect::<Result<Vec<_>, _>>()?;
        list.iter().try_for_each(|item| self.check_code(&node, item))?;
        typing::in_list(node, list, negated, span)
    }

    fn case(
        &mut self,
        operand: Option<&Ast>,
        branches: &[ast::CaseWhen],
        otherwise: Option<&Ast>,
        span: Span,
    ) -> Lowered {
        let operand = operand.map(|ast| self.lower(ast)).transpose()?;
        let mut conditions = Vec::with_capacity(branches.len());
        let mut results = Vec::with_capacity(branches.len() + 1);
        for branch in branches {
            let when = self.lower(&branch.condition)?;
            let place = when.span;
            conditions.push(match &operand {
                Some(operand) => {
                    self.check_code(operand, &when)?;
                    typing::compare(CompareOp::Eq, operand.clone(), when, place)?
                }
                None => typing::expect_bool(when)?,
            });
            results.push(self.lower_or_null(Some(&branch.result))?);
        }
        results.push(self.lower_or_null(otherwise)?);
        typing::case(conditions, results, span)
    }

    fn lower_or_null(&mut self, ast: Option<&Ast>) -> Result<Option<Node>, ExprFault> {
        match ast {
            None => Ok(None),
            Some(Ast::Value(value)) if value.value == Value::Null => Ok(None),
            Some(ast) => self.lower(ast).map(Some),
        }
    }
}

pub(crate) fn refused(span: Span, zh: impl Into<String>, en: impl Into<String>) -> ExprFault {
    ExprFault::new(FaultKind::Refused, span, zh, en)
}

fn literal(value: &Value, span: Span) -> Lowered {
    let literal = match value {
        Value::Number(text, false) => parse_number(text).ok_or_else(|| {
            refused(
                span,
                format!("{text} 不是精确的整数或小数；不能用科学记数法，最多38位"),
                format!(
                    "{text} is not an exact integer or decimal; no exponents, at most 38 digits"
                ),
            )
        })?,
        Value::SingleQuotedString(text) => Literal::Text(text.clone()),
        Value::Boolean(truth) => Literal::Bool(*truth),
        Value::Null => {
            return Err(refused(
                span,
                "与 null 比较永远未知；请写 is null 或 is not null",
                "comparing with null is always unknown; write is null or is not null",
            ));
        }
        _ => return Err(refused(span, "不支持这种常量", "this kind of constant is not supported")),
    };
    let ty = typing::literal_type(&literal);
    Ok(Node { kind: Kind::Literal(literal), ty, span })
}

/// Reads digits with at most one point; exponents and other notations are not exact numbers here.
pub(crate) fn parse_number(text: &str) -> Option<Literal> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit());
    if !all_digits || (whole.is_empty() && fraction.is_empty()) || whole.len() + fraction.len() > 38
    {
        return None;
    }
    let scale =
        u8::try_from(fraction.len()).ok().filter(|scale| *scale <= super::tree::SCALE_MAX)?;
    let unscaled: i128 = format!("{whole}{fraction}").parse().ok()?;
    Some(Literal::Number { unscaled: sign * unscaled, scale })
}

fn date(typed: &ast::TypedString, span: Span) -> Lowered {
    let text = match (&typed.data_type, &typed.value.value) {
        (ast::DataType::Date, Value::SingleQuotedString(text)) => text,
        _ => {
            return Err(refused(
                span,
                "带类型的常量只能是 date '年-月-日'",
                "the only typed constant is date 'year-month-day'",
            ));
        }
    };
    let date: qb_base::Date = text.parse().map_err(|_| {
        ExprFault::new(
            FaultKind::Type,
            span,
            format!("“{text}”不是日期，应写成 date '2016-12-31'"),
            format!("`{text}` is not a date; write date '2016-12-31'"),
        )
    })?;
    Ok(Node {
        kind: Kind::Literal(Literal::Date(crate::value::epoch_days(date))),
        ty: Type::Date,
        span,
    })
}
