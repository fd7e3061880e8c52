//! Faults of an expression: where, what, why, and what to write instead.

use qb_base::{Lang, Text};

/// A place in an expression: line and column in characters, both from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default, serde::Serialize)]
pub struct Place {
    /// Line, from 1; 0 means unknown.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl Place {
    /// A place as the parser and the query engine count them.
    pub(crate) fn of(line: u64, column: u64) -> Self {
        let place = usize::try_from(line).ok().zip(usize::try_from(column).ok());
        let place = place.map(|(line, column)| Self { line, column });
        // A place beyond what memory can hold is none in a text of some thousand characters.
        place.unwrap_or_default()
    }
}

/// A stretch of an expression; the end is exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, serde::Serialize)]
pub struct Span {
    /// First character.
    pub start: Place,
    /// One past the last character.
    pub end: Place,
}

impl Span {
    /// Whether the parser knew the place.
    pub(crate) fn is_known(self) -> bool {
        self.start.line > 0
    }

    /// This span, or the other where this one is unknown.
    pub(crate) fn or(self, other: Self) -> Self {
        if self.is_known() { self } else { other }
    }

    /// The stretch from the first character of both to the last; an unknown one adds nothing.
    pub(crate) fn union(self, other: Self) -> Self {
        match (self.is_known(), other.is_known()) {
            (true, true) => {
                Self { start: self.start.min(other.start), end: self.end.max(other.end) }
            }
            (false, true) => other,
            _ => self,
        }
    }

    /// The characters of the span, widened so that brackets pair up.
    pub(crate) fn snippet(self, source: &str) -> String {
        let chars: Vec<char> = source.chars().collect();
        let Some((mut start, mut end)) = offset(&chars, self.start).zip(offset(&chars, self.end))
        else {
            return source.trim().to_owned();
        };
        let Some(inside) = chars.get(start..end) else { return source.trim().to_owned() };
        let (closing, opening) = unpaired(inside);
        for _ in 0..opening {
            match chars.get(end..).and_then(|rest| rest.iter().position(|c| *c == ')')) {
                Some(at) => end += at + 1,
                None => break,
            }
        }
        for _ in 0..closing {
            match chars.get(..start).and_then(|before| before.iter().rposition(|c| *c == '(')) {
                Some(at) => start = at,
                None => break,
            }
        }
        let text: String = chars[start..end].iter().collect();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// Closing brackets without an opening one, and opening ones without a closing one; brackets in
/// text do not count.
fn unpaired(chars: &[char]) -> (usize, usize) {
    let (mut closing, mut open, mut quoted) = (0, 0_usize, false);
    for c in chars {
        match c {
            '\'' => quoted = !quoted,
            '(' if !quoted => open += 1,
            ')' if !quoted && open > 0 => open -= 1,
            ')' if !quoted => closing += 1,
            _ => {}
        }
    }
    (closing, open)
}

fn offset(chars: &[char], place: Place) -> Option<usize> {
    if place.line == 0 || place.column == 0 {
        return None;
    }
    let mut start = 0;
    for _ in 1..place.line {
        start += chars.get(start..)?.iter().position(|c| *c == '\n')? + 1;
    }
    let at = start + place.column - 1;
    (at <= chars.len()).then_some(at)
}

/// A fault in one expression.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct ExprFault {
    /// A stable name of the kind of fault, for tests and machines.
    pub kind: FaultKind,
    /// What is wrong and what to do.
    pub message: Text,
    /// Where.
    pub span: Span,
    /// A name that exists and looks like the one written.
    pub did_you_mean: Option<String>,
}

/// The kinds of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// Not an expression at all.
    Syntax,
    /// Part of SQL that an expression may not use.
    Refused,
    /// No such column, clause, parameter, function or code.
    UnknownName,
    /// Operands do not fit together.
    Type,
    /// A value could leave the range that is computed exactly.
    Range,
    /// A column or clause of another level.
    Level,
    /// Clauses that need each other.
    Cycle,
}

impl ExprFault {
    pub(crate) fn new(
        kind: FaultKind,
        span: Span,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) -> Self {
        Self { kind, message: Text::new(zh, en), span, did_you_mean: None }
    }

    pub(crate) fn suggest<'a>(
        mut self,
        written: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        self.did_you_mean = nearest(written, known);
        self
    }

    /// The message with the line of the expression and a caret under the fault.
    pub fn render(&self, source: &str, lang: Lang) -> String {
        let mut out = self.message.get(lang).to_owned();
        if let Some(name) = &self.did_you_mean {
            out += &match lang {
                Lang::Zh => format!("；是否想写“{name}”？"),
                Lang::En => format!("; did you mean `{name}`?"),
            };
        }
        let line = self.span.start.line;
        let Some(text) = line.checked_sub(1).and_then(|at| source.lines().nth(at)) else {
            return out;
        };
        let start = self.span.start.column.max(1);
        let same_line = self.span.end.line == self.span.start.line;
        let end = if same_line { self.span.end.column } else { text.chars().count() + 1 };
        let before: String = text.chars().take(start - 1).map(blank).collect();
        let under: String =
            text.chars().skip(start - 1).take(end.saturating_sub(start)).map(caret).collect();
        let under = if under.is_empty() { "^" } else { &under };
        format!(
            "{out}\n  {line}:{start} | {text}\n  {} | {before}{under}",
            " ".repeat(format!("{line}:{start}").len())
        )
    }
}

/// Chinese characters take two cells, so the blank and the caret under them must too.
fn blank(c: char) -> &'static str {
    if is_wide(c) { "  " } else { " " }
}

fn caret(c: char) -> &'static str {
    if is_wide(c) { "^^" } else { "^" }
}

/// Scripts whose characters take two columns of a terminal.
fn is_wide(c: char) -> bool {
    matches!(
        u32::from(c),
        0x1100..=0x115F
            | 0x2E80..=0xA4CF
            | 0xAC00..=0xD7A3
            | 0xF900..=0xFAFF
            | 0xFE30..=0xFE4F
            | 0xFF00..=0xFF60
            | 0x20000..=0x3FFFD
    )
}

/// The known name with the smallest edit distance, if it is near enough to be a slip.
pub(crate) fn nearest<'a>(
    written: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    let limit = (written.chars().count() / 3).clamp(1, 3);
    let near =
        known.into_iter().map(|name| (distance(written, name), name)).min_by_key(|(d, _)| *d)?;
    (near.0 <= limit).then(|| near.1.to_owned())
}

fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = i;
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
        for (j, cb) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
