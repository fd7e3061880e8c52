//! Figures: facts computed from the rows, for every area.
//!
//! The filter and the arguments of a figure are columns of the run, checked by both evaluators;
//! what is left is to add them up. Sums are `i128`, so a figure is exact, and an area's figure is
//! made of the same rows as its parts'.

use std::collections::BTreeMap;

use qb_base::AreaCode;

use crate::expr::Type;
use crate::expr::compile::{CompiledFact, FactPart, Program};
use crate::frame::Frame;
use crate::output::ClauseColumn;
use crate::rowwise::{Cell, NOT_HERE, Outputs, Row};
use crate::run::{areas_above, village_runs};
use crate::tally::Tally;
use crate::value::Exact;
use crate::views::Level;

/// A figure over all rows and for every area.
#[derive(Clone, Debug, serde::Serialize)]
pub struct FigureResult {
    /// The fact.
    pub id: String,
    /// The level of its rows.
    pub level: Level,
    /// The figure over all rows.
    pub total: Figure,
    /// The figure of every city, county, town and village that has rows.
    pub areas: BTreeMap<AreaCode, Figure>,
}

/// A figure.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Figure {
    /// The exact value; `None` when it cannot be told.
    pub value: Option<Exact>,
    /// Rows the filter let in.
    pub rows: u64,
    /// Rows for which the filter could not be told; they are not counted.
    pub rows_unknown: u64,
}

impl Figure {
    /// No rows, and nothing known.
    pub(crate) const fn none() -> Self {
        Self { value: None, rows: 0, rows_unknown: 0 }
    }

    /// Adds the figure of a part; beyond 38 digits the sum is unknown.
    pub(crate) fn add(&mut self, part: &Self) {
        self.rows += part.rows;
        self.rows_unknown += part.rows_unknown;
        self.value = match (self.value, part.value) {
            (Some(whole), Some(part)) => whole.plus(part),
            (whole, part) => whole.or(part),
        };
    }
}

struct Sums {
    rows: u64,
    rows_unknown: u64,
    tallies: Vec<Tally<'static>>,
}

/// Computes every fact.
pub(crate) fn compute(
    program: &Program,
    frame: &Frame,
    columns: &[ClauseColumn],
) -> Vec<FigureResult> {
    let runs = Level::ALL.map(|level| village_runs(frame, level));
    let figure = |fact: &CompiledFact| {
        let mut total = Sums::new(&fact.parts);
        let mut areas: BTreeMap<AreaCode, Sums> = BTreeMap::new();
        for (village, rows) in &runs[fact.level.index()] {
            let here = Sums::over(fact, columns, rows.clone());
            total.merge(&here);
            for area in areas_above(village) {
                areas.entry(area).or_insert_with(|| Sums::new(&fact.parts)).merge(&here);
            }
        }
        FigureResult {
            id: fact.id.clone(),
            level: fact.level,
            total: total.figure(fact, frame),
            areas: areas.into_iter().map(|(area, sums)| (area, sums.figure(fact, frame))).collect(),
        }
    };
    program.facts.iter().map(figure).collect()
}

impl Sums {
    fn new(parts: &[FactPart]) -> Self {
        Self {
            rows: 0,
            rows_unknown: 0,
            tallies: parts.iter().map(|part| Tally::new(part.op)).collect(),
        }
    }

    fn over(fact: &CompiledFact, columns: &[ClauseColumn], rows: std::ops::Range<usize>) -> Self {
        let column = |slot: Option<usize>| slot.and_then(|slot| columns.get(slot));
        let mut sums = Self::new(&fact.parts);
        let filter = column(fact.filter);
        let parts: Vec<_> =
            fact.parts.iter().map(|part| (column(part.argument), column(part.filter))).collect();
        for row in rows {
            match filter.map_or(Some(true), |filter| filter.verdict(row)) {
                Some(true) => sums.rows += 1,
                Some(false) => continue,
                None => {
                    sums.rows_unknown += 1;
                    continue;
                }
            }
            for (tally, (argument, only)) in sums.tallies.iter_mut().zip(&parts) {
                if only.is_none_or(|only| only.verdict(row) == Some(true)) {
                    tally.add(argument.map_or(Cell::Unknown, |column| column.cell(row)));
                }
            }
        }
        sums
    }

    fn merge(&mut self, other: &Self) {
        self.rows += other.rows;
        self.rows_unknown += other.rows_unknown;
        self.tallies.iter_mut().zip(&other.tallies).for_each(|(tally, more)| tally.merge(more));
    }

    /// The value's expression over one row whose columns are the aggregates.
    fn figure(&self, fact: &CompiledFact, frame: &Frame) -> Figure {
        let mut columns = Vec::with_capacity(self.tallies.len());
        for (tally, part) in self.tallies.iter().zip(&fact.parts) {
            let mut column = ClauseColumn::with_capacity(part.ty, 1);
            column.push(tally.finish());
            columns.push(Some(column));
        }
        let outputs = Outputs { columns, base: [0; 3] };
        let position = vec![NOT_HERE; self.tallies.len()];
        let row = Row { frame, outputs: &outputs, at: [0; 3], fresh: &[], position: &position };
        let value = match (row.eval(&fact.value), fact.value.ty) {
            (Cell::Number(unscaled), Type::Number(number)) => {
                Some(Exact { unscaled, scale: number.scale }.normalised())
            }
            _ => None,
        };
        Figure { value, rows: self.rows, rows_unknown: self.rows_unknown }
    }
}
