//! Builds typed nodes: aligns scales and proves that no result can leave the exact range.

use super::fault::{ExprFault, FaultKind, Span};
use super::tree::{CompareOp, DECIMAL_MAX, Kind, Literal, Node, NumberType, SCALE_MAX, Type};

/// Least number of digits a quotient keeps after the point.
const QUOTIENT_SCALE_MIN: u8 = 6;
/// The set-wise engine's quotient has this many digits more than its dividend.
pub(crate) const DIGITS_ADDED: u8 = 4;
/// A quotient compared with a constant of up to this many digits after the point is never wrong.
const COMPARED_SCALE: u8 = 2;

type Built = Result<Node, ExprFault>;

/// The names of a type in Chinese and English.
pub(crate) fn type_name(ty: Type) -> (&'static str, &'static str) {
    match ty {
        Type::Bool => ("真假值", "a truth value"),
        Type::Number(_) => ("数值", "a number"),
        Type::Text => ("文字", "text"),
        Type::Date => ("日期", "a date"),
    }
}

/// The type of a constant.
pub(crate) fn literal_type(literal: &Literal) -> Type {
    match literal {
        Literal::Bool(_) => Type::Bool,
        Literal::Number { unscaled, scale } => {
            Type::Number(NumberType { scale: *scale, bound: unscaled.unsigned_abs() })
        }
        Literal::Text(_) => Type::Text,
        Literal::Date(_) => Type::Date,
    }
}

pub(crate) fn expect_bool(node: Node) -> Built {
    match node.ty {
        Type::Bool => Ok(node),
        other => Err(mismatch(node.span, Type::Bool, other)),
    }
}

pub(crate) fn expect_number(node: Node) -> Built {
    match node.ty {
        Type::Number(_) => Ok(node),
        other => Err(mismatch(node.span, Type::Number(NumberType { scale: 0, bound: 0 }), other)),
    }
}

fn mismatch(span: Span, wanted: Type, found: Type) -> ExprFault {
    let ((wzh, wen), (fzh, fen)) = (type_name(wanted), type_name(found));
    ExprFault::new(
        FaultKind::Type,
        span,
        format!("此处应为{wzh}，实为{fzh}"),
        format!("this must be {wen}, it is {fen}"),
    )
}

fn out_of_range(span: Span) -> ExprFault {
    ExprFault::new(
        FaultKind::Range,
        span,
        "结果可能超过38位数字，无法精确计算；请先缩小数值（例如先除后乘）",
        "the result could exceed 38 digits and would not be exact; make the numbers smaller first (for example divide before multiplying)",
    )
}

fn number(kind: Kind, scale: u8, bound: Option<u128>, span: Span) -> Built {
    let fits = bound.filter(|bound| *bound <= DECIMAL_MAX && scale <= SCALE_MAX);
    let bound = fits.ok_or_else(|| out_of_range(span))?;
    Ok(Node { kind, ty: Type::Number(NumberType { scale, bound }), span })
}

fn power(exponent: u8) -> Option<u128> {
    10_u128.checked_pow(exponent.into())
}

/// The same number with `scale` digits after the point; the scale never shrinks.
pub(crate) fn rescale(node: Node, scale: u8) -> Built {
    let from = node.number();
    if scale <= from.scale {
        return Ok(node);
    }
    let span = node.span;
    let factor = power(scale - from.scale).ok_or_else(|| out_of_range(span))?;
    let bound = from.bound.checked_mul(factor);
    let kind = match node.kind {
        Kind::Literal(Literal::Number { unscaled, .. }) => {
            let factor = i128::try_from(factor).map_err(|_| out_of_range(span))?;
            let unscaled = unscaled.checked_mul(factor).ok_or_else(|| out_of_range(span))?;
            Kind::Literal(Literal::Number { unscaled, scale })
        }
        kind => Kind::Rescale(Box::new(Node { kind, ty: node.ty, span })),
    };
    number(kind, scale, bound, span)
}

/// Brings nodes to one type; the list is not empty.
pub(crate) fn unify(nodes: Vec<Node>) -> Result<(Vec<Node>, Type), ExprFault> {
    let first = nodes.first().map_or(Type::Bool, |node| node.ty);
    if !matches!(first, Type::Number(_)) {
        return match nodes.iter().find(|node| node.ty != first) {
            Some(other) => Err(mismatch(other.span, first, other.ty)),
            None => Ok((nodes, first)),
        };
    }
    if let Some(other) = nodes.iter().find(|node| !matches!(node.ty, Type::Number(_))) {
        return Err(mismatch(other.span, first, other.ty));
    }
    let scale = nodes.iter().map(Node::scale).fold(0, u8::max);
    let nodes =
        nodes.into_iter().map(|node| rescale(node, scale)).collect::<Result<Vec<_>, _>>()?;
    let bound = nodes.iter().map(|node| node.number().bound).fold(0, u128::max);
    Ok((nodes, Type::Number(NumberType { scale, bound })))
}

fn unify_two(left: Node, right: Node) -> Result<(Box<Node>, Box<Node>, Type), ExprFault> {
    let (mut both, ty) = unify(vec![left, right])?;
    match (both.pop(), both.pop()) {
        (Some(right), Some(left)) => Ok((Box::new(left), Box::new(right), ty)),
        _ => Err(out_of_range(Span::default())),
    }
}

/// A comparison; only numbers and dates have an order.
pub(crate) fn compare(op: CompareOp, left: Node, right: Node, span: Span) -> Built {
    let (left, right, ty) = unify_two(left, right)?;
    let ordered = matches!(ty, Type::Number(_) | Type::Date);
    if !ordered && !matches!(op, CompareOp::Eq | CompareOp::NotEq) {
        let (zh, en) = type_name(ty);
        return Err(ExprFault::new(
            FaultKind::Type,
            span,
            format!("{zh}没有大小之分，只能用 = 或 <>"),
            format!("{en} has no order; use = or <>"),
        ));
    }
    Ok(Node { kind: Kind::Compare(op, left, right), ty: Type::Bool, span })
}

/// `x between low and high`.
pub(crate) fn between(parts: Vec<Node>, negated: bool, span: Span) -> Built {
    let (parts, ty) = unify(parts)?;
    if !matches!(ty, Type::Number(_) | Type::Date) {
        let (zh, en) = type_name(ty);
        return Err(ExprFault::new(
            FaultKind::Type,
            span,
            format!("{zh}没有大小之分"),
            format!("{en} has no order"),
        ));
    }
    let parts: [Node; 3] = parts.try_into().map_err(|_| out_of_range(span))?;
    Ok(Node { kind: Kind::Between(Box::new(parts), negated), ty: Type::Bool, span })
}

/// `x in (constants)`.
pub(crate) fn in_list(node: Node, list: Vec<Node>, negated: bool, span: Span) -> Built {
    let mut all = vec![node];
    all.extend(list);
    let (mut all, _) = unify(all)?;
    let node = all.remove(0);
    let list = all.into_iter().map(|item| match item.kind {
        Kind::Literal(literal) => Ok(literal),
        _ => Err(ExprFault::new(
            FaultKind::Refused,
            item.span,
            "in (…) 中只能写常量或参数",
            "only constants and parameters may stand in in (…)",
        )),
    });
    let list = list.collect::<Result<Vec<_>, _>>()?;
    Ok(Node { kind: Kind::InList(Box::new(node), list, negated), ty: Type::Bool, span })
}

pub(crate) fn negate(node: Node, span: Span) -> Built {
    let node = expect_number(node)?;
    let ty = node.number();
    if let Kind::Literal(Literal::Number { unscaled, scale }) = node.kind {
        return number(
            Kind::Literal(Literal::Number { unscaled: -unscaled, scale }),
            scale,
            Some(ty.bound),
            span,
        );
    }
    number(Kind::Neg(Box::new(node)), ty.scale, Some(ty.bound), span)
}

pub(crate) fn abs(node: Node, span: Span) -> Built {
    let node = expect_number(node)?;
    let ty = node.number();
    number(Kind::Abs(Box::new(node)), ty.scale, Some(ty.bound), span)
}

/// Sum or difference.
pub(crate) fn add(left: Node, right: Node, subtract: bool, span: Span) -> Built {
    let (left, right, _) = unify_two(expect_number(left)?, expect_number(right)?)?;
    let bound = left.number().bound.checked_add(right.number().bound);
    let scale = left.scale();
    let kind = if subtract { Kind::Sub(left, right) } else { Kind::Add(left, right) };
    number(kind, scale, bound, span)
}

/// Product; the scales add up.
pub(crate) fn multiply(left: Node, right: Node, span: Span) -> Built {
    let (left, right) = (expect_number(left)?, expect_number(right)?);
    let (a, b) = (left.number(), right.number());
    let bound = a.bound.checked_mul(b.bound);
    number(Kind::Mul(Box::new(left), Box::new(right)), a.scale.saturating_add(b.scale), bound, span)
}

/// Quotient, cut towards zero.
///
/// Two different quotients of whole numbers with divisor at most `b` lie at least `1/b` apart from
/// any whole number they are not equal to. So with as many digits as `b` has (and
/// [`COMPARED_SCALE`] more), comparing the cut quotient with a constant gives the same answer as
/// comparing the true one.
pub(crate) fn divide(left: Node, right: Node, span: Span) -> Built {
    let (left, right) = (expect_number(left)?, expect_number(right)?);
    let (a, b) = (left.number(), right.number());
    let divisor = match right.kind {
        Kind::Literal(Literal::Number { unscaled: 0, .. }) => {
            return Err(ExprFault::new(
                FaultKind::Range,
                right.span,
                "除数为0，结果永远未知",
                "the divisor is 0, so the result is always unknown",
            ));
        }
        Kind::Literal(Literal::Number { unscaled, .. }) => unscaled.unsigned_abs(),
        _ => 1,
    };
    // A number of 128 bits has at most 39 digits: they fit the lowest byte.
    let [digits, ..] = (b.bound.max(1).ilog10() + 1).to_le_bytes();
    let exact =
        digits.saturating_add(COMPARED_SCALE).saturating_add(a.scale.saturating_sub(b.scale));
    let least = QUOTIENT_SCALE_MIN.max(a.scale.saturating_add(DIGITS_ADDED));
    let most = exact.clamp(least, SCALE_MAX.max(least));
    let widened = |scale: u8| {
        power(scale - a.scale + b.scale)
            .and_then(|f| a.bound.checked_mul(f))
            .filter(|x| *x <= DECIMAL_MAX)
    };
    let found = (least..=most).rev().find_map(|scale| widened(scale).map(|bound| (scale, bound)));
    let (scale, bound) = found.ok_or_else(|| out_of_range(span))?;
    number(Kind::Div(Box::new(left), Box::new(right)), scale, Some(bound / divisor), span)
}

/// `greatest`, `least`, `coalesce`: one type for all.
pub(crate) fn same_type(nodes: Vec<Node>, make: fn(Vec<Node>) -> Kind, span: Span) -> Built {
    let (nodes, ty) = unify(nodes)?;
    Ok(Node { kind: make(nodes), ty, span })
}

/// `nullif(a, b)`.
pub(crate) fn null_if(left: Node, right: Node, span: Span) -> Built {
    let (left, right, ty) = unify_two(left, right)?;
    Ok(Node { kind: Kind::NullIf(left, right), ty, span })
}

/// `case`; a missing result is unknown.
pub(crate) fn case(conditions: Vec<Node>, results: Vec<Option<Node>>, span: Span) -> Built {
    let known: Vec<Node> = results.iter().flatten().cloned().collect();
    if known.is_empty() {
        return Err(ExprFault::new(
            FaultKind::Type,
            span,
            "case 的每个结果都是 null",
            "every result of this case is null",
        ));
    }
    let (known, ty) = unify(known)?;
    let mut known = known.into_iter();
    let mut filled = results.into_iter().map(|result| {
        let unknown = Node { kind: Kind::Null, ty, span };
        if result.is_some() { known.next().unwrap_or(unknown) } else { unknown }
    });
    let branches = conditions.into_iter().zip(filled.by_ref()).collect();
    let otherwise = filled.next().unwrap_or(Node { kind: Kind::Null, ty, span });
    Ok(Node { kind: Kind::Case(branches, Box::new(otherwise)), ty, span })
}
