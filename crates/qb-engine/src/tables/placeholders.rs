//! Placeholders of pack SQL: dates and parameters, filled in before the query is parsed.

use std::collections::BTreeMap;

use qb_base::Date;
use qb_policy::Pack;

use crate::expr::{ExprFault, FaultKind, Place, Span};

/// What stands for each placeholder on one day.
#[derive(Clone, Debug, Default)]
pub(super) struct Placeholders {
    values: BTreeMap<String, String>,
}

/// A query whose placeholders are filled, and where they stood.
#[derive(Clone, Debug)]
pub(super) struct Filled {
    /// The SQL.
    pub(super) text: String,
    original: String,
    /// Characters of the filled text, and of the original, that each placeholder takes.
    moved: Vec<Moved>,
}

#[derive(Clone, Copy, Debug)]
struct Moved {
    filled: (usize, usize),
    original: (usize, usize),
}

impl Placeholders {
    /// The day, its year, the year before, the area, and every parameter of the pack there.
    pub(super) fn of(pack: &Pack, as_of: Date) -> Self {
        let year = as_of.year();
        let mut values = BTreeMap::from([
            ("year".to_owned(), year.to_string()),
            ("prior_year".to_owned(), (year - 1).to_string()),
            ("as_of".to_owned(), format!("date '{as_of}'")),
            ("area".to_owned(), format!("'{}'", pack.area)),
        ]);
        for param in &pack.params {
            if let Some(value) = param.value(&pack.area, as_of) {
                values.insert(param.id.clone(), value.number.to_string());
            }
        }
        Self { values }
    }

    /// Fills the placeholders of a query.
    pub(super) fn fill(&self, query: &str) -> Result<Filled, ExprFault> {
        let mut text = String::with_capacity(query.len());
        let (mut moved, mut filled_at, mut at, mut rest) = (Vec::new(), 0, 0, query);
        while let Some((before, after)) = rest.split_once('{') {
            let Some((name, tail)) = after.split_once('}') else { break };
            let start = at + before.chars().count();
            let end = start + name.chars().count() + 2;
            let value = self.values.get(name).ok_or_else(|| {
                let span = Span { start: place_of(query, start), end: place_of(query, end) };
                self.unknown(name, span)
            })?;
            let filled_start = filled_at + before.chars().count();
            filled_at = filled_start + value.chars().count();
            text.push_str(before);
            text.push_str(value);
            moved.push(Moved { filled: (filled_start, filled_at), original: (start, end) });
            (at, rest) = (end, tail);
        }
        text.push_str(rest);
        Ok(Filled { text, original: query.to_owned(), moved })
    }

    fn unknown(&self, name: &str, span: Span) -> ExprFault {
        let fault = ExprFault::new(
            FaultKind::UnknownName,
            span,
            format!("没有占位符“{{{name}}}”；可用 year、prior_year、as_of、area 和参数编号"),
            format!(
                "there is no placeholder `{{{name}}}`; year, prior_year, as_of, area and the ids of parameters are known"
            ),
        );
        fault.suggest(name, self.values.keys().map(String::as_str))
    }
}

impl Filled {
    /// A place of the filled text as a place of the text the author wrote.
    fn back(&self, place: Place) -> Place {
        let Some(at) = offset_of(&self.text, place) else { return place };
        let mut shift = 0_isize;
        for moved in &self.moved {
            if at < moved.filled.0 {
                break;
            }
            if at < moved.filled.1 {
                return place_of(&self.original, moved.original.0);
            }
            shift = moved.original.1 as isize - moved.filled.1 as isize;
        }
        place_of(&self.original, at.saturating_add_signed(shift))
    }

    /// A fault found in the filled text, placed in the author's.
    pub(super) fn placed(&self, mut fault: ExprFault) -> ExprFault {
        if fault.span.start.line > 0 {
            fault.span =
                Span { start: self.back(fault.span.start), end: self.back(fault.span.end) };
        }
        fault
    }
}

/// The place of a character of a text.
pub(super) fn place_of(text: &str, offset: usize) -> Place {
    let (mut line, mut column) = (1, 1);
    for c in text.chars().take(offset) {
        if c == '\n' {
            (line, column) = (line + 1, 1);
        } else {
            column += 1;
        }
    }
    Place { line, column }
}

fn offset_of(text: &str, place: Place) -> Option<usize> {
    let line = place.line.checked_sub(1)?;
    let before: usize = text.split('\n').take(line).map(|line| line.chars().count() + 1).sum();
    Some(before + place.column.saturating_sub(1))
}

#[cfg(test)]
mod tests;
