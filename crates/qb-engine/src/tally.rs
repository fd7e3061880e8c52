//! Aggregates of the row-wise evaluator, while rows come in.

use std::cmp::Ordering;

use crate::expr::tree::AggregateOp;
use crate::rowwise::Cell;

/// An aggregate while rows come in.
pub(crate) struct Tally<'a> {
    op: AggregateOp,
    rows: i128,
    known: i128,
    trues: i128,
    best: Cell<'a>,
    sum: i128,
}

impl<'a> Tally<'a> {
    pub(crate) fn new(op: AggregateOp) -> Self {
        Self { op, rows: 0, known: 0, trues: 0, best: Cell::Unknown, sum: 0 }
    }

    pub(crate) fn add(&mut self, cell: Cell<'a>) {
        self.rows += 1;
        if cell == Cell::Unknown {
            return;
        }
        self.known += 1;
        match (self.op, cell) {
            (AggregateOp::Sum, Cell::Number(number)) => self.sum += number,
            (AggregateOp::Min, cell) => self.keep(cell, Ordering::Less),
            (AggregateOp::Max, cell) => self.keep(cell, Ordering::Greater),
            (_, Cell::Bool(true)) => self.trues += 1,
            _ => {}
        }
    }

    /// Adds the rows another tally of the same aggregate has seen.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.rows += other.rows;
        self.known += other.known;
        self.trues += other.trues;
        self.sum += other.sum;
        match self.op {
            AggregateOp::Min => self.keep(other.best, Ordering::Less),
            AggregateOp::Max => self.keep(other.best, Ordering::Greater),
            _ => {}
        }
    }

    fn keep(&mut self, cell: Cell<'a>, better: Ordering) {
        if self.best == Cell::Unknown || order(cell, self.best) == Some(better) {
            self.best = cell;
        }
    }

    pub(crate) fn finish(&self) -> Cell<'a> {
        let (unknowns, falses) = (self.rows - self.known, self.known - self.trues);
        match self.op {
            AggregateOp::CountAll => Cell::Number(self.rows),
            AggregateOp::Count => Cell::Number(self.known),
            AggregateOp::Sum if self.known == 0 => Cell::Unknown,
            AggregateOp::Sum => Cell::Number(self.sum),
            AggregateOp::Min | AggregateOp::Max => self.best,
            AggregateOp::Every if falses > 0 => Cell::Bool(false),
            AggregateOp::Any if self.trues > 0 => Cell::Bool(true),
            AggregateOp::Every | AggregateOp::Any if unknowns > 0 => Cell::Unknown,
            AggregateOp::Every => Cell::Bool(true),
            AggregateOp::Any => Cell::Bool(false),
            AggregateOp::BoolAnd | AggregateOp::BoolOr if self.known == 0 => Cell::Unknown,
            AggregateOp::BoolAnd => Cell::Bool(falses == 0),
            AggregateOp::BoolOr => Cell::Bool(self.trues > 0),
        }
    }
}

/// The order of two known values of one type.
pub(crate) fn order(a: Cell<'_>, b: Cell<'_>) -> Option<Ordering> {
    match (a, b) {
        (Cell::Number(a), Cell::Number(b)) => Some(a.cmp(&b)),
        (Cell::Bool(a), Cell::Bool(b)) => Some(a.cmp(&b)),
        (Cell::Text(a), Cell::Text(b)) => Some(a.cmp(b)),
        (Cell::Date(a), Cell::Date(b)) => Some(a.cmp(&b)),
        _ => None,
    }
}
