//! The row-wise evaluator: walks the typed tree for one row at a time, over flat columns, without
//! allocating.
//!
//! It shares nothing with the set-wise evaluator but the tree. The arithmetic is plain `i128`: the
//! compiler has proven from the views' bounds, which every frame has been checked against, that no
//! operation leaves 38 digits.

use std::cmp::Ordering;
use std::ops::Range;

use datafusion::arrow::array::Array;

use crate::error::EngineError;
use crate::expr::compile::{Program, Stage};
use crate::expr::tree::{Aggregate, CompareOp, Kind, Literal, Node};
use crate::frame::{ColumnData, Frame};
use crate::output::ClauseColumn;
use crate::tally::{Tally, order};
use crate::views::Level;

/// A value while a row is evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cell<'a> {
    Unknown,
    Bool(bool),
    Number(i128),
    Text(&'a str),
    Date(i32),
}

/// Results of earlier stages for a window of rows per level.
pub(crate) struct Outputs {
    /// By slot.
    pub(crate) columns: Vec<Option<ClauseColumn>>,
    /// First row of the window on each level.
    pub(crate) base: [usize; 3],
}

/// The rows that are current while a node is evaluated, and what is known about them.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    pub(crate) frame: &'a Frame,
    pub(crate) outputs: &'a Outputs,
    /// The current row of each level, where there is one.
    pub(crate) at: [usize; 3],
    /// Results of this stage for the current row, by position in the stage.
    pub(crate) fresh: &'a [Cell<'a>],
    /// Position of each slot in the stage, or [`NOT_HERE`].
    pub(crate) position: &'a [usize],
}

pub(crate) const NOT_HERE: usize = usize::MAX;

/// Evaluates every column of the program for all rows, on some threads.
pub(crate) fn run(
    program: &Program,
    frame: &Frame,
    threads: usize,
) -> Result<Vec<ClauseColumn>, EngineError> {
    let whole = [
        0..frame.rows(Level::Person),
        0..frame.rows(Level::Household),
        0..frame.rows(Level::Village),
    ];
    let outputs = run_windows(program, frame, &whole, threads, false)?;
    outputs
        .columns
        .into_iter()
        .map(|column| column.ok_or_else(|| EngineError::internal("a column was not computed")))
        .collect()
}

/// Evaluates the program for a window of rows per level; the windows own each other.
pub(crate) fn run_windows(
    program: &Program,
    frame: &Frame,
    windows: &[Range<usize>; 3],
    threads: usize,
    only_published: bool,
) -> Result<Outputs, EngineError> {
    let mut outputs = Outputs {
        columns: vec![None; program.columns.len()],
        base: windows.each_ref().map(|window| window.start),
    };
    let mut position = vec![NOT_HERE; program.columns.len()];
    for stage in program.stages(only_published) {
        position.fill(NOT_HERE);
        for (at, slot) in stage.slots.iter().enumerate() {
            if let Some(place) = position.get_mut(*slot) {
                *place = at;
            }
        }
        let window = windows[stage.level.index()].clone();
        let job = Job { program, frame, outputs: &outputs, stage: &stage, position: &position };
        let columns = job.run(window, threads);
        for (slot, column) in stage.slots.iter().zip(columns) {
            if let Some(place) = outputs.columns.get_mut(*slot) {
                *place = Some(column);
            }
        }
    }
    Ok(outputs)
}

struct Job<'a> {
    program: &'a Program,
    frame: &'a Frame,
    outputs: &'a Outputs,
    stage: &'a Stage,
    position: &'a [usize],
}

/// Fewer rows than this are not worth a thread.
const ROWS_PER_THREAD_MIN: usize = 4_096;

impl Job<'_> {
    fn run(&self, window: Range<usize>, threads: usize) -> Vec<ClauseColumn> {
        let chunk = window.len().div_ceil(threads.max(1)).max(ROWS_PER_THREAD_MIN);
        if window.len() <= chunk {
            return self.rows(window);
        }
        let starts: Vec<usize> = window.clone().step_by(chunk).collect();
        std::thread::scope(|scope| {
            let parts = starts.iter().map(|start| *start..window.end.min(start + chunk));
            let handles: Vec<_> = parts.map(|part| scope.spawn(move || self.rows(part))).collect();
            let mut whole: Vec<ClauseColumn> = Vec::new();
            for handle in handles {
                let part = handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                if whole.is_empty() {
                    whole = part;
                } else {
                    whole.iter_mut().zip(part).for_each(|(column, more)| column.append(more));
                }
            }
            whole
        })
    }

    /// A panic in a thread leaves its column short; the comparison of lengths with the set-wise
    /// result then fails the run.
    fn rows(&self, rows: Range<usize>) -> Vec<ClauseColumn> {
        let columns: Vec<_> =
            self.stage.slots.iter().filter_map(|slot| self.program.columns.get(*slot)).collect();
        let mut results: Vec<_> = columns
            .iter()
            .map(|column| ClauseColumn::with_capacity(column.root.ty, rows.len()))
            .collect();
        let mut fresh: Vec<Cell<'_>> = Vec::with_capacity(columns.len());
        for row in rows {
            fresh.clear();
            for column in &columns {
                let here = Row {
                    frame: self.frame,
                    outputs: self.outputs,
                    at: current(self.frame, self.stage.level, row),
                    fresh: &fresh,
                    position: self.position,
                };
                let cell = settle(here.eval(&column.root));
                fresh.push(cell);
            }
            results.iter_mut().zip(&fresh).for_each(|(result, cell)| result.push(*cell));
        }
        results
    }
}

/// A result holds no text, so it does not borrow from the row.
fn settle<'b>(cell: Cell<'_>) -> Cell<'b> {
    match cell {
        Cell::Bool(truth) => Cell::Bool(truth),
        Cell::Number(number) => Cell::Number(number),
        Cell::Unknown | Cell::Text(_) | Cell::Date(_) => Cell::Unknown,
    }
}

/// The rows that can be read from a row: itself and what owns it.
pub(crate) fn current(frame: &Frame, level: Level, row: usize) -> [usize; 3] {
    match level {
        Level::Person => [row, frame.household_of(row), 0],
        Level::Household => [0, row, 0],
        Level::Village => [0, 0, row],
    }
}

impl ClauseColumn {
    pub(crate) fn push(&mut self, cell: Cell<'_>) {
        match self {
            Self::Verdict(verdicts) => verdicts.push(match cell {
                Cell::Bool(truth) => i8::from(truth),
                _ => -1,
            }),
            Self::Number { unscaled, known, .. } => {
                let (number, is_known) = match cell {
                    Cell::Number(number) => (number, true),
                    _ => (0, false),
                };
                unscaled.push(number);
                known.push(is_known);
            }
        }
    }

    pub(crate) fn cell<'a>(&self, row: usize) -> Cell<'a> {
        match self {
            Self::Verdict(verdicts) => match verdicts.get(row) {
                Some(0) => Cell::Bool(false),
                Some(1) => Cell::Bool(true),
                _ => Cell::Unknown,
            },
            Self::Number { unscaled, known, .. } => match (known.get(row), unscaled.get(row)) {
                (Some(true), Some(number)) => Cell::Number(*number),
                _ => Cell::Unknown,
            },
        }
    }
}

fn truth<'a>(truth: Option<bool>) -> Cell<'a> {
    truth.map_or(Cell::Unknown, Cell::Bool)
}

impl<'a> Row<'a> {
    /// The value of a node for the current rows.
    pub(crate) fn eval(&self, node: &'a Node) -> Cell<'a> {
        match &node.kind {
            Kind::Literal(literal) => constant(literal),
            Kind::Null => Cell::Unknown,
            Kind::Column { level, index } => self.column(*level, *index),
            Kind::Clause { level, slot } => self.clause(*level, *slot),
            Kind::And(parts) => self.all(parts, false),
            Kind::Or(parts) => self.all(parts, true),
            Kind::Not(x) => truth(self.bool(x).map(|t| !t)),
            Kind::IsNull(x, negated) => Cell::Bool((self.eval(x) == Cell::Unknown) != *negated),
            Kind::IsTruth(x, wanted, negated) => {
                Cell::Bool((self.eval(x) == Cell::Bool(*wanted)) != *negated)
            }
            Kind::Compare(op, a, b) => {
                truth(order(self.eval(a), self.eval(b)).map(|order| holds(*op, order)))
            }
            Kind::Between(parts, negated) => self.between(parts, *negated),
            Kind::InList(x, list, negated) => match self.eval(x) {
                Cell::Unknown => Cell::Unknown,
                cell => Cell::Bool(list.iter().any(|item| constant(item) == cell) != *negated),
            },
            Kind::StartsWith(x, prefix) => match self.eval(x) {
                Cell::Text(text) => Cell::Bool(text.starts_with(prefix.as_str())),
                _ => Cell::Unknown,
            },
            Kind::Case(branches, otherwise) => {
                let hit = branches.iter().find(|(when, _)| self.bool(when) == Some(true));
                self.eval(hit.map_or(otherwise, |(_, then)| then))
            }
            Kind::NullIf(a, b) => {
                let first = self.eval(a);
                if first == self.eval(b) { Cell::Unknown } else { first }
            }
            Kind::Coalesce(parts) => parts
                .iter()
                .map(|part| self.eval(part))
                .find(|cell| *cell != Cell::Unknown)
                .unwrap_or(Cell::Unknown),
            Kind::Length(x) => match self.eval(x) {
                Cell::Text(text) => Cell::Number(qb_base::count(text.chars().count()).into()),
                _ => Cell::Unknown,
            },
            Kind::Aggregate(aggregate) => self.aggregate(aggregate),
            _ => self.arithmetic(node).map_or(Cell::Unknown, Cell::Number),
        }
    }

    fn bool(&self, node: &'a Node) -> Option<bool> {
        match self.eval(node) {
            Cell::Bool(truth) => Some(truth),
            _ => None,
        }
    }

    fn number(&self, node: &'a Node) -> Option<i128> {
        match self.eval(node) {
            Cell::Number(number) => Some(number),
            _ => None,
        }
    }

    fn arithmetic(&self, node: &'a Node) -> Option<i128> {
        match &node.kind {
            Kind::Rescale(x) => Some(self.number(x)? * power(node.scale() - x.scale())),
            Kind::Neg(x) => Some(-self.number(x)?),
            Kind::Abs(x) => Some(self.number(x)?.abs()),
            Kind::Add(a, b) => Some(self.number(a)? + self.number(b)?),
            Kind::Sub(a, b) => Some(self.number(a)? - self.number(b)?),
            Kind::Mul(a, b) => Some(self.number(a)? * self.number(b)?),
            Kind::Div(a, b) => {
                let (dividend, divisor) = (self.number(a)?, self.number(b)?);
                let widened = dividend * power(node.scale() + b.scale() - a.scale());
                widened.checked_div(divisor)
            }
            Kind::Greatest(parts) => self.extreme(parts, Ord::max),
            Kind::Least(parts) => self.extreme(parts, Ord::min),
            _ => None,
        }
    }

    fn extreme(&self, parts: &'a [Node], pick: fn(i128, i128) -> i128) -> Option<i128> {
        let (first, rest) = parts.split_first()?;
        rest.iter().try_fold(self.number(first)?, |best, part| Some(pick(best, self.number(part)?)))
    }

    fn column(&self, level: Level, index: usize) -> Cell<'a> {
        let row = self.at[level.index()];
        match self.frame.column(level, index) {
            Some(ColumnData::Bool(array)) if array.is_valid(row) => Cell::Bool(array.value(row)),
            Some(ColumnData::Int(array)) if array.is_valid(row) => {
                Cell::Number(array.value(row).into())
            }
            Some(ColumnData::Text(array)) if array.is_valid(row) => Cell::Text(array.value(row)),
            Some(ColumnData::Date(array)) if array.is_valid(row) => Cell::Date(array.value(row)),
            _ => Cell::Unknown,
        }
    }

    fn clause(&self, level: Level, slot: usize) -> Cell<'a> {
        match self.position.get(slot) {
            Some(at) if *at != NOT_HERE => self.fresh.get(*at).copied().unwrap_or(Cell::Unknown),
            _ => {
                let row = self.at[level.index()] - self.outputs.base[level.index()];
                self.outputs
                    .columns
                    .get(slot)
                    .and_then(Option::as_ref)
                    .map_or(Cell::Unknown, |column| column.cell(row))
            }
        }
    }

    /// `and` with `decided = false`, `or` with `decided = true`.
    fn all(&self, parts: &'a [Node], decided: bool) -> Cell<'a> {
        let mut unknown = false;
        for part in parts {
            match self.bool(part) {
                Some(truth) if truth == decided => return Cell::Bool(decided),
                Some(_) => {}
                None => unknown = true,
            }
        }
        if unknown { Cell::Unknown } else { Cell::Bool(!decided) }
    }

    /// Three-valued: one bound that fails decides, even if the other is unknown.
    fn between(&self, [x, low, high]: &'a [Node; 3], negated: bool) -> Cell<'a> {
        let x = self.eval(x);
        let above = order(x, self.eval(low)).map(Ordering::is_ge);
        let below = order(x, self.eval(high)).map(Ordering::is_le);
        let inside = match (above, below) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        };
        truth(inside.map(|inside| inside != negated))
    }

    fn aggregate(&self, aggregate: &'a Aggregate) -> Cell<'a> {
        let level = aggregate.over;
        let owner = if level == Level::Person { Level::Household } else { Level::Village };
        let mut total = Tally::new(aggregate.op);
        for row in self.frame.owned(owner, self.at[owner.index()]) {
            let mut inner = *self;
            inner.at[level.index()] = row;
            if aggregate.filter.as_ref().is_none_or(|filter| inner.bool(filter) == Some(true)) {
                total.add(
                    aggregate
                        .argument
                        .as_ref()
                        .map_or(Cell::Unknown, |argument| inner.eval(argument)),
                );
            }
        }
        total.finish()
    }
}

fn constant(literal: &Literal) -> Cell<'_> {
    match literal {
        Literal::Bool(truth) => Cell::Bool(*truth),
        Literal::Number { unscaled, .. } => Cell::Number(*unscaled),
        Literal::Text(text) => Cell::Text(text),
        Literal::Date(days) => Cell::Date(*days),
    }
}

fn holds(op: CompareOp, order: Ordering) -> bool {
    match op {
        CompareOp::Eq => order.is_eq(),
        CompareOp::NotEq => order.is_ne(),
        CompareOp::Lt => order.is_lt(),
        CompareOp::LtEq => order.is_le(),
        CompareOp::Gt => order.is_gt(),
        CompareOp::GtEq => order.is_ge(),
    }
}

fn power(exponent: u8) -> i128 {
    10_i128.pow(exponent.into())
}
