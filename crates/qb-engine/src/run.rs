//! A run: every clause over every row, by both evaluators, counted for every area.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use qb_base::env::Stopwatch;
use qb_base::{AreaCode, AreaLevel, Digest, Digester};
use qb_policy::{Fact, Method, Pack};

use crate::engine::Engine;
use crate::error::EngineError;
use crate::expr::compile::{Compiled, Program};
use crate::figures::{self, Figure, FigureResult};
use crate::frame::Frame;
use crate::output::ClauseColumn;
use crate::snapshot::Snapshot;
use crate::tables::{self, CoverageResult, QueryFigure, Results, Tables};
use crate::views::Level;
use crate::window::parallel;

/// The result of one clause over everybody.
#[derive(Clone, Debug, serde::Serialize)]
pub struct ClauseResult {
    /// The clause.
    pub id: String,
    /// Its level.
    pub level: Level,
    /// Rows for which it is true; for a value, rows with a known value.
    #[serde(rename = "true")]
    pub n_true: u64,
    /// Rows for which it is false.
    #[serde(rename = "false")]
    pub n_false: u64,
    /// Rows for which it cannot be told.
    #[serde(rename = "unknown")]
    pub n_unknown: u64,
    /// Digest of all results by the set-wise evaluator.
    pub digest_setwise: Digest,
    /// Digest of all results by the row-wise evaluator; always the same, or the run fails.
    pub digest_rowwise: Digest,
    /// Its share of the time both evaluators took, by rows and size of the expression.
    pub seconds: f64,
}

/// Counts of one clause in one area.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct AreaCount {
    /// True, or known for a value.
    #[serde(rename = "true")]
    pub n_true: u64,
    /// False.
    #[serde(rename = "false")]
    pub n_false: u64,
    /// Cannot be told.
    #[serde(rename = "unknown")]
    pub n_unknown: u64,
}

/// A finished run: results per row, per area, per figure.
#[derive(Debug)]
pub struct RunResult {
    /// Name of the snapshot it ran over; none for rows in memory.
    pub snapshot: Option<Digest>,
    /// Digest of the pack.
    pub pack: Option<Digest>,
    /// Digest of all results; the same for the same snapshot and pack, forever.
    pub digest: Digest,
    /// One per clause, in pack order of need.
    pub clauses: Vec<ClauseResult>,
    /// One per fact that is computed from rows.
    pub figures: Vec<FigureResult>,
    /// Per area, one count per clause in the order of `clauses`.
    pub areas: BTreeMap<AreaCode, Vec<AreaCount>>,
    /// Seconds the set-wise evaluator took.
    pub seconds_setwise: f64,
    /// Seconds the row-wise evaluator took.
    pub seconds_rowwise: f64,
    /// One per fact that a query or a coverage gives.
    pub queries: Vec<QueryFigure>,
    /// One per coverage.
    pub coverages: Vec<CoverageResult>,
    pub(crate) program: Arc<Program>,
    pub(crate) frame: Arc<Frame>,
    pub(crate) columns: Arc<Vec<ClauseColumn>>,
}

impl RunResult {
    /// The rows the run was over.
    pub fn frame(&self) -> &Frame {
        &self.frame
    }

    /// The compiled rules.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// All results of a clause, in snapshot order of its level.
    pub fn column(&self, clause: &str) -> Option<&ClauseColumn> {
        self.program.slot(clause).and_then(|slot| self.columns.get(slot))
    }

    /// Rows behind a figure: those its filter lets in, in snapshot order, below an area if one is
    /// given.
    pub fn rows_of_figure<'a>(
        &'a self,
        fact: &str,
        area: Option<&'a AreaCode>,
    ) -> Option<(Level, impl Iterator<Item = usize> + 'a)> {
        let fact = self.program.facts.iter().find(|known| known.id == fact)?;
        let level = fact.level;
        let filter = fact.filter.and_then(|slot| self.columns.get(slot));
        let rows = (0..self.frame.rows(level)).filter(move |row| {
            let counted = filter.is_none_or(|column| column.verdict(*row) == Some(true));
            counted
                && area.is_none_or(|area| self.frame.area(level, *row).starts_with(area.as_str()))
        });
        Some((level, rows))
    }
}

/// Results of both evaluators, before they are compared.
pub(crate) struct Evaluated {
    pub(crate) setwise: Vec<ClauseColumn>,
    pub(crate) rowwise: Vec<ClauseColumn>,
    pub(crate) elapsed_setwise: Duration,
    pub(crate) elapsed_rowwise: Duration,
}

/// Compares both evaluators, counts, and computes the figures.
pub(crate) fn finish(
    program: Program,
    frame: Frame,
    evaluated: Evaluated,
) -> Result<RunResult, EngineError> {
    let Evaluated { setwise, rowwise, elapsed_setwise, elapsed_rowwise } = evaluated;
    let digests = compare(&program, &frame, &setwise, &rowwise)?;
    let columns = setwise;
    drop(rowwise);
    let work: Vec<u128> = program.columns.iter().map(|column| weight(column, &frame)).collect();
    let total = work.iter().sum::<u128>().max(1);
    let elapsed = (elapsed_setwise + elapsed_rowwise).as_nanos();
    let mut whole = Digester::new();
    let mut clauses = Vec::new();
    let parts = program.columns.iter().zip(&columns).zip(&digests).zip(&work);
    for (((column, results), (digest_setwise, digest_rowwise)), work) in parts {
        whole.raw(&digest_setwise.0);
        if !column.published {
            continue;
        }
        let count = count(results, 0..results.len());
        let share = elapsed * work / total;
        clauses.push(ClauseResult {
            id: column.id.clone(),
            level: column.level,
            n_true: count.n_true,
            n_false: count.n_false,
            n_unknown: count.n_unknown,
            digest_setwise: *digest_setwise,
            digest_rowwise: *digest_rowwise,
            // A part of what a stopwatch measured, so it fits.
            seconds: Duration::from_nanos_u128(share).as_secs_f64(),
        });
    }
    let areas = areas(&program, &frame, &columns);
    let figures = figures::compute(&program, &frame, &columns);
    let digest = whole.finish();
    Ok(RunResult {
        snapshot: None,
        pack: None,
        digest,
        clauses,
        figures,
        areas,
        seconds_setwise: elapsed_setwise.as_secs_f64(),
        seconds_rowwise: elapsed_rowwise.as_secs_f64(),
        queries: Vec::new(),
        coverages: Vec::new(),
        program: Arc::new(program),
        frame: Arc::new(frame),
        columns: Arc::new(columns),
    })
}

/// Computes the pack's queries over the snapshot: coverages and figures, which the run's digest
/// then covers. A pack without queries keeps the digest of its rules.
pub(crate) fn query(
    engine: &Engine,
    snapshot: &Snapshot,
    pack: &Pack,
    result: &mut RunResult,
) -> Result<(), EngineError> {
    let asks =
        |fact: &Fact| fact.method.sql().is_some() || matches!(fact.method, Method::Coverage(_));
    let facts: Vec<&Fact> = pack.facts.iter().filter(|fact| asks(fact)).collect();
    if facts.is_empty() && pack.coverages.is_empty() {
        return Ok(());
    }
    let tables = Tables::open(engine, snapshot, pack)?;
    tables.set_results(Results {
        program: Arc::clone(&result.program),
        frame: Arc::clone(&result.frame),
        columns: Arc::clone(&result.columns),
    });
    // A rule of later years misses nobody in an earlier one.
    let as_of = snapshot.manifest().as_of;
    let in_force = pack.coverages.iter().filter(|coverage| coverage.holds_on(as_of));
    let in_force: Vec<&qb_policy::Coverage> = in_force.collect();
    let coverages =
        parallel(&in_force, engine.threads(), |coverage| tables.coverage(pack, coverage));
    result.coverages = coverages.into_iter().collect::<Result<_, _>>()?;
    let figures = parallel(&facts, engine.threads(), |fact| match &fact.method {
        Method::Sql(query) | Method::Pack(query) => tables.figure(pack, &fact.id, query).map(Some),
        Method::Coverage(of) => Ok(tables::figure_of(&fact.id, of, &result.coverages)),
        _ => Ok(None),
    });
    for figure in figures {
        result.queries.extend(figure?);
    }
    result.digest = with_queries(result);
    Ok(())
}

/// The digest of the rules, then every figure and coverage with all its areas.
fn with_queries(result: &RunResult) -> Digest {
    let mut digest = Digester::new();
    digest.raw(&result.digest.0);
    for figure in &result.queries {
        digest.field(figure.id.as_bytes());
        put_figure(&mut digest, &figure.total);
        for (area, figure) in &figure.areas {
            digest.field(area.as_str().as_bytes());
            put_figure(&mut digest, figure);
        }
    }
    for coverage in &result.coverages {
        let all = std::iter::once(("", &coverage.count));
        let areas = coverage.areas.iter().map(|(area, count)| (area.as_str(), count));
        digest.field(coverage.id.as_bytes());
        for (area, count) in all.chain(areas) {
            digest.field(area.as_bytes());
            for number in [count.total, count.missing] {
                digest.raw(&number.to_le_bytes());
            }
        }
    }
    digest.finish()
}

fn put_figure(digest: &mut Digester, figure: &Figure) {
    let value = figure.value.map_or_else(|| "?".to_owned(), |value| value.to_string());
    digest.field(value.as_bytes()).raw(&figure.rows.to_le_bytes());
}

/// Nodes times rows: how a shared pass is divided among its clauses.
fn weight(column: &Compiled, frame: &Frame) -> u128 {
    let mut nodes = 0_usize;
    column.root.walk(&mut |_| nodes += 1);
    nodes as u128 * frame.rows(column.level) as u128
}

fn compare(
    program: &Program,
    frame: &Frame,
    setwise: &[ClauseColumn],
    rowwise: &[ClauseColumn],
) -> Result<Vec<(Digest, Digest)>, EngineError> {
    let digest = |columns: &[ClauseColumn]| -> Vec<Digest> {
        let parts = program.columns.iter().zip(columns);
        parts.map(|(of, column)| column.digest(of, frame.subjects(of.level))).collect()
    };
    let (left, right) = std::thread::scope(|scope| {
        let other = scope.spawn(|| digest(rowwise));
        let left = digest(setwise);
        (left, other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    for (slot, column) in program.columns.iter().enumerate() {
        if left.get(slot) != right.get(slot) || left.get(slot).is_none() {
            return Err(disagreement(column, frame, setwise.get(slot), rowwise.get(slot)));
        }
    }
    Ok(left.into_iter().zip(right).collect())
}

fn disagreement(
    column: &Compiled,
    frame: &Frame,
    setwise: Option<&ClauseColumn>,
    rowwise: Option<&ClauseColumn>,
) -> EngineError {
    let (Some(setwise), Some(rowwise)) = (setwise, rowwise) else {
        return EngineError::internal("an evaluator gave no result");
    };
    let subjects = frame.subjects(column.level).iter().enumerate();
    let mut differing = subjects.filter(|(row, _)| setwise.value(*row) != rowwise.value(*row));
    let Some((row, subject)) = differing.next() else {
        return EngineError::internal("results without a difference have different digests");
    };
    EngineError::Disagreement {
        clause: column.id.clone(),
        level: column.level.name(),
        subject: *subject,
        setwise: setwise.value(row).to_string(),
        rowwise: rowwise.value(row).to_string(),
    }
}

pub(crate) fn count(column: &ClauseColumn, rows: std::ops::Range<usize>) -> AreaCount {
    let mut count = AreaCount::default();
    match column {
        ClauseColumn::Verdict(verdicts) => {
            for verdict in &verdicts[rows] {
                match verdict {
                    1 => count.n_true += 1,
                    0 => count.n_false += 1,
                    _ => count.n_unknown += 1,
                }
            }
        }
        ClauseColumn::Number { known, .. } => {
            for known in &known[rows] {
                if *known { count.n_true += 1 } else { count.n_unknown += 1 }
            }
        }
    }
    count
}

/// Runs of rows that lie in one village; rows are ordered by area, so each village is one run per
/// level.
pub(crate) fn village_runs(frame: &Frame, level: Level) -> Vec<(AreaCode, std::ops::Range<usize>)> {
    let mut runs: Vec<(AreaCode, std::ops::Range<usize>)> = Vec::new();
    let mut start = 0;
    while start < frame.rows(level) {
        let area = frame.area(level, start);
        let mut end = start + 1;
        while end < frame.rows(level) && frame.area(level, end) == area {
            end += 1;
        }
        if let Ok(code) = AreaCode::parse(area) {
            runs.push((code, start..end));
        }
        start = end;
    }
    runs
}

/// The area itself and what lies above, down from the city.
pub(crate) fn areas_above(village: &AreaCode) -> impl Iterator<Item = AreaCode> + '_ {
    let levels = [AreaLevel::City, AreaLevel::County, AreaLevel::Town, AreaLevel::Village];
    levels.into_iter().filter_map(|level| village.at(level))
}

fn areas(
    program: &Program,
    frame: &Frame,
    columns: &[ClauseColumn],
) -> BTreeMap<AreaCode, Vec<AreaCount>> {
    let published: Vec<usize> =
        (0..program.columns.len()).filter(|slot| program.columns[*slot].published).collect();
    let mut areas: BTreeMap<AreaCode, Vec<AreaCount>> = BTreeMap::new();
    for level in Level::ALL {
        for (village, rows) in village_runs(frame, level) {
            for (at, slot) in published
                .iter()
                .enumerate()
                .filter(|(_, slot)| program.columns[**slot].level == level)
            {
                let Some(column) = columns.get(*slot) else { continue };
                let here = count(column, rows.clone());
                for area in areas_above(&village) {
                    let counts = areas
                        .entry(area)
                        .or_insert_with(|| vec![AreaCount::default(); published.len()]);
                    if let Some(total) = counts.get_mut(at) {
                        total.n_true += here.n_true;
                        total.n_false += here.n_false;
                        total.n_unknown += here.n_unknown;
                    }
                }
            }
        }
    }
    areas
}

/// Times a step.
pub(crate) fn timed<T>(
    work: impl FnOnce() -> Result<T, EngineError>,
) -> Result<(T, Duration), EngineError> {
    let watch = Stopwatch::start();
    work().map(|result| (result, watch.elapsed()))
}
