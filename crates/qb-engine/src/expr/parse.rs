//! Text to syntax tree; only faults of syntax arise here.

use datafusion::sql::sqlparser::ast::Expr;
use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
use datafusion::sql::sqlparser::parser::{Parser, ParserError};
use datafusion::sql::sqlparser::tokenizer::{Span as SqlSpan, Token, TokenWithSpan, Tokenizer};

use super::fault::{ExprFault, FaultKind, Place, Span};

/// Longest expression that is read.
const CHARS_MAX: usize = 8_000;
/// Most words and signs an expression may have; a chain of operators is as deep a tree as it is
/// long.
const TOKENS_MAX: usize = 1_000;
/// Deepest nesting that is read.
const NESTING_MAX: usize = 60;

/// An expression with the words and signs it is written in.
pub(crate) struct Parsed {
    pub(crate) expr: Expr,
    pub(crate) words: Words,
}

/// The words and signs of an expression, without blanks, in order.
#[derive(Debug, Default)]
pub(crate) struct Words(Vec<(Span, Token)>);

impl Words {
    fn of(tokens: &[TokenWithSpan]) -> Self {
        let words = tokens.iter().filter(|token| !matches!(token.token, Token::Whitespace(_)));
        Self(words.map(|token| (span(token.span), token.token.clone())).collect())
    }

    /// The span with the word before it, brackets between them left out.
    ///
    /// The parser gives `not x` the place of `x`; a reader needs the whole.
    pub(crate) fn with_before(&self, inner: Span) -> Span {
        let mut before = self.0.iter().rev().filter(|(span, _)| span.end <= inner.start);
        let word = before.find(|(_, token)| *token != Token::LParen);
        word.map_or(inner, |(word, _)| Span { start: word.start, end: inner.end })
    }

    /// The span with the brackets that open right after it, as in `count(*)`.
    pub(crate) fn with_brackets(&self, inner: Span) -> Span {
        let mut after = self.0.iter().filter(|(span, _)| span.start >= inner.end);
        if after.next().is_none_or(|(_, token)| *token != Token::LParen) {
            return inner;
        }
        let close = after.find(|(_, token)| *token == Token::RParen);
        close.map_or(inner, |(close, _)| Span { start: inner.start, end: close.end })
    }

    /// The span up to the next of some words, as in `x is not null`.
    pub(crate) fn until(&self, inner: Span, ends: &[&str]) -> Span {
        let mut after = self.0.iter().filter(|(span, _)| span.start >= inner.end);
        let is_end = |token: &Token| match token {
            Token::Word(word) => ends.contains(&word.value.to_lowercase().as_str()),
            _ => false,
        };
        let word = after.find(|(_, token)| is_end(token));
        word.map_or(inner, |(word, _)| Span { start: inner.start, end: word.end })
    }
}

/// Parses one expression and nothing after it.
pub(crate) fn parse(text: &str) -> Result<Parsed, ExprFault> {
    if text.chars().count() > CHARS_MAX {
        return Err(too_long(CHARS_MAX));
    }
    let tokens = Tokenizer::new(&PostgreSqlDialect {}, text).tokenize_with_location();
    let tokens = tokens.map_err(|e| syntax(text, &e.into()))?;
    if tokens.iter().filter(|token| !matches!(token.token, Token::Whitespace(_))).count()
        > TOKENS_MAX
    {
        return Err(too_long(TOKENS_MAX));
    }
    let words = Words::of(&tokens);
    let mut parser = Parser::new(&PostgreSqlDialect {})
        .with_recursion_limit(NESTING_MAX)
        .with_tokens_with_locations(tokens);
    let expr = parser.parse_expr().map_err(|e| syntax(text, &e))?;
    let rest = parser.next_token();
    if rest.token == Token::EOF {
        return Ok(Parsed { expr, words });
    }
    Err(ExprFault::new(
        FaultKind::Syntax,
        span(rest.span),
        format!("表达式到此应结束，却还有“{}”", rest.token),
        format!("the expression should end here, but `{}` follows", rest.token),
    ))
}

fn too_long(max: usize) -> ExprFault {
    ExprFault::new(
        FaultKind::Syntax,
        Span::default(),
        format!("表达式超过{max}个字词，请拆成几条"),
        format!(
            "the expression has more than {max} words or characters; split it into several clauses"
        ),
    )
}

/// Our span from the parser's.
pub(crate) fn span(span: SqlSpan) -> Span {
    Span {
        start: Place::of(span.start.line, span.start.column),
        end: Place::of(span.end.line, span.end.column),
    }
}

pub(crate) fn syntax(text: &str, error: &ParserError) -> ExprFault {
    let (ParserError::ParserError(message) | ParserError::TokenizerError(message)) = error else {
        return ExprFault::new(
            FaultKind::Syntax,
            Span::default(),
            "括号嵌套太深",
            "the expression is nested too deeply",
        );
    };
    let (what, place) = split_place(message).unwrap_or_else(|| (message.as_str(), end_of(text)));
    let end = Place { column: place.column + 1, ..place };
    ExprFault::new(
        FaultKind::Syntax,
        Span { start: place, end },
        format!("语法错误：{what}"),
        format!("syntax error: {what}"),
    )
}

/// The parser puts the place at the end of its message.
fn split_place(message: &str) -> Option<(&str, Place)> {
    let (what, place) = message.rsplit_once(" at Line: ")?;
    let (line, column) = place.split_once(", Column: ")?;
    Some((what, Place { line: line.trim().parse().ok()?, column: column.trim().parse().ok()? }))
}

fn end_of(text: &str) -> Place {
    let last = text.rsplit_once('\n').map_or(text, |(_, last)| last);
    Place { line: text.matches('\n').count() + 1, column: last.chars().count() + 1 }
}
