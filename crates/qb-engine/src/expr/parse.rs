//! Text to syntax tree; only faults of syntax arise here.

use datafusion::sql::sqlparser::ast::Expr;
use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
use datafusion::sql::sqlparser::parser::{Parser, ParserError};
use datafusion::sql::sqlparser::tokenizer::{Span as SqlSpan, Token};

use super::fault::{ExprFault, FaultKind, Place, Span};

/// Longest expression that is read.
const CHARS_MAX: usize = 8_000;
/// Deepest nesting that is read.
const NESTING_MAX: usize = 60;

/// Parses one expression and nothing after it.
pub(crate) fn parse(text: &str) -> Result<Expr, ExprFault> {
    if text.chars().count() > CHARS_MAX {
        return Err(ExprFault::new(
            FaultKind::Syntax,
            Span::default(),
            format!("表达式超过{CHARS_MAX}字，请拆成几条"),
            format!("the expression is longer than {CHARS_MAX} characters; split it into several clauses"),
        ));
    }
    let mut parser = Parser::new(&PostgreSqlDialect {})
        .with_recursion_limit(NESTING_MAX)
        .try_with_sql(text)
        .map_err(|e| syntax(text, &e))?;
    let expr = parser.parse_expr().map_err(|e| syntax(text, &e))?;
    let rest = parser.next_token();
    if rest.token == Token::EOF {
        return Ok(expr);
    }
    Err(ExprFault::new(
        FaultKind::Syntax,
        span(rest.span),
        format!("表达式到此应结束，却还有“{}”", rest.token),
        format!("the expression should end here, but `{}` follows", rest.token),
    ))
}

/// Our span from the parser's.
pub(crate) fn span(span: SqlSpan) -> Span {
    let place = |line: u64, column: u64| Place {
        line: u32::try_from(line).unwrap_or(0),
        column: u32::try_from(column).unwrap_or(0),
    };
    Span { start: place(span.start.line, span.start.column), end: place(span.end.line, span.end.column) }
}

fn syntax(text: &str, error: &ParserError) -> ExprFault {
    let (ParserError::ParserError(message) | ParserError::TokenizerError(message)) = error else {
        return ExprFault::new(FaultKind::Syntax, Span::default(), "括号嵌套太深", "the expression is nested too deeply");
    };
    let (what, place) = split_place(message).unwrap_or_else(|| (message.as_str(), end_of(text)));
    let end = Place { column: place.column + 1, ..place };
    ExprFault::new(FaultKind::Syntax, Span { start: place, end }, format!("语法错误：{what}"), format!("syntax error: {what}"))
}

/// The parser puts the place at the end of its message.
fn split_place(message: &str) -> Option<(&str, Place)> {
    let (what, place) = message.rsplit_once(" at Line: ")?;
    let (line, column) = place.split_once(", Column: ")?;
    Some((what, Place { line: line.trim().parse().ok()?, column: column.trim().parse().ok()? }))
}

fn end_of(text: &str) -> Place {
    let line = u32::try_from(text.matches('\n').count() + 1).unwrap_or(1);
    let last = text.rsplit('\n').next().unwrap_or_default();
    Place { line, column: u32::try_from(last.chars().count() + 1).unwrap_or(1) }
}
