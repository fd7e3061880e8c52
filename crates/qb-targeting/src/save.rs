//! Writes a run into the store: whole, in one transaction.

use std::collections::BTreeMap;

use qb_base::{AreaCode, Digest, Timestamp};
use qb_engine::views::Level;
use qb_engine::{AreaCount, Exact, Figure, RunResult};
use qb_store::{AuditEntry, Known, Store, StoreError, Tx, Value};

use crate::model::QUERY_LEVEL;
use crate::queries;

/// Levels whose subjects' verdicts are stored.
const STORED_LEVELS: [Level; 3] = [Level::Person, Level::Household, Level::Village];

/// What is known of a run beside its results.
pub(crate) struct RunFacts<'a> {
    pub(crate) actor: &'a str,
    pub(crate) snapshot: &'a str,
    pub(crate) pack_id: &'a str,
    pub(crate) pack_digest: &'a str,
    pub(crate) as_of: &'a str,
    pub(crate) known: Known,
    pub(crate) started_at: Timestamp,
    pub(crate) finished_at: Timestamp,
}

/// Stores a run and returns its number.
pub(crate) fn save(
    store: &Store,
    facts: &RunFacts<'_>,
    result: &RunResult,
) -> Result<i64, StoreError> {
    store.write(|tx| {
        let run = tx.next_id("target_run")?;
        let digest = result.digest.to_string();
        insert_run(tx, run, facts, &digest)?;
        insert_clauses(tx, run, result)?;
        insert_areas(tx, run, result)?;
        insert_figures(tx, run, result)?;
        insert_figure_areas(tx, run, result)?;
        insert_coverages(tx, run, result)?;
        // The verdicts in the store are those of the run that pages show.
        if queries::newest_run(tx)?.is_some_and(|shown| shown.id == run) {
            tx.execute("delete from verdict where run_id <> $1", &[run.into()])?;
            for level in STORED_LEVELS {
                insert_verdicts(tx, run, level, result)?;
            }
        }
        tx.audit(&AuditEntry {
            actor: facts.actor,
            action: "target.run",
            object: &run.to_string(),
            before: Digest::parse(facts.snapshot),
            after: Some(result.digest),
            reason: "rules evaluated over the register",
        })?;
        Ok(run)
    })
}

fn insert_run(tx: &Tx<'_>, run: i64, facts: &RunFacts<'_>, digest: &str) -> Result<(), StoreError> {
    let sql = "insert into target_run (id, snapshot_digest, pack_id, pack_digest, engine_version, \
               as_of_on, started_at, finished_at, digest, known_at) \
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let values = [
        run.into(),
        facts.snapshot.into(),
        facts.pack_id.into(),
        facts.pack_digest.into(),
        env!("CARGO_PKG_VERSION").into(),
        facts.as_of.into(),
        facts.started_at.0.into(),
        facts.finished_at.0.into(),
        digest.into(),
        facts.known.instant().map(|at| at.0).into(),
    ];
    tx.execute(sql, &values).map(|_| ())
}

fn insert_clauses(tx: &Tx<'_>, run: i64, result: &RunResult) -> Result<(), StoreError> {
    let columns = &[
        "run_id",
        "position",
        "clause",
        "level",
        "true_count",
        "false_count",
        "unknown_count",
        "digest_setwise",
        "digest_rowwise",
        "milliseconds",
    ];
    let mut rows = tx.bulk("clause_result", columns)?;
    for clause in &result.clauses {
        let (setwise, rowwise) =
            (clause.digest_setwise.to_string(), clause.digest_rowwise.to_string());
        rows.push(&[
            run.into(),
            int(clause_position(result, clause.level, &clause.id)),
            clause.id.as_str().into(),
            clause.level.name().into(),
            int(clause.n_true),
            int(clause.n_false),
            int(clause.n_unknown),
            (&setwise).into(),
            (&rowwise).into(),
            int(milliseconds(clause.seconds)),
        ])?;
    }
    rows.finish()
}

fn insert_areas(tx: &Tx<'_>, run: i64, result: &RunResult) -> Result<(), StoreError> {
    let columns = &["run_id", "area_code", "clause", "true_count", "false_count", "unknown_count"];
    let mut rows = tx.bulk("clause_area", columns)?;
    for (area, counts) in &result.areas {
        for (clause, count) in result.clauses.iter().zip(counts) {
            if *count == AreaCount::default() {
                continue;
            }
            rows.push(&[
                run.into(),
                area.as_str().into(),
                clause.id.as_str().into(),
                int(count.n_true),
                int(count.n_false),
                int(count.n_unknown),
            ])?;
        }
    }
    rows.finish()
}

/// A figure of the rules or of a query, as it is stored.
struct StoredFigure<'a> {
    id: &'a str,
    level: &'a str,
    position: u64,
    total: &'a Figure,
    areas: &'a BTreeMap<AreaCode, Figure>,
}

fn stored_figures(result: &RunResult) -> impl Iterator<Item = StoredFigure<'_>> {
    let of_rules = result.figures.iter().map(|figure| StoredFigure {
        id: &figure.id,
        level: figure.level.name(),
        position: figure_position(result, figure.level, &figure.id),
        total: &figure.total,
        areas: &figure.areas,
    });
    let of_queries = result.queries.iter().map(|figure| StoredFigure {
        id: &figure.id,
        level: QUERY_LEVEL,
        position: 0,
        total: &figure.total,
        areas: &figure.areas,
    });
    of_rules.chain(of_queries)
}

fn insert_figures(tx: &Tx<'_>, run: i64, result: &RunResult) -> Result<(), StoreError> {
    let columns = &[
        "run_id",
        "fact",
        "level",
        "position",
        "value_unscaled",
        "value_scale",
        "row_count",
        "unknown_count",
    ];
    let mut rows = tx.bulk("figure_result", columns)?;
    for figure in stored_figures(result) {
        let digits = digits(figure.total.value);
        rows.push(&[
            run.into(),
            figure.id.into(),
            figure.level.into(),
            int(figure.position),
            Value::from(digits.as_ref()),
            scale(figure.total.value),
            int(figure.total.rows),
            int(figure.total.rows_unknown),
        ])?;
    }
    rows.finish()
}

fn insert_figure_areas(tx: &Tx<'_>, run: i64, result: &RunResult) -> Result<(), StoreError> {
    let columns = &[
        "run_id",
        "area_code",
        "fact",
        "value_unscaled",
        "value_scale",
        "row_count",
        "unknown_count",
    ];
    let mut rows = tx.bulk("figure_area", columns)?;
    for figure in stored_figures(result) {
        for (area, at) in figure.areas {
            let digits = digits(at.value);
            rows.push(&[
                run.into(),
                area.as_str().into(),
                figure.id.into(),
                Value::from(digits.as_ref()),
                scale(at.value),
                int(at.rows),
                int(at.rows_unknown),
            ])?;
        }
    }
    rows.finish()
}

fn insert_coverages(tx: &Tx<'_>, run: i64, result: &RunResult) -> Result<(), StoreError> {
    let mut rows = tx.bulk("coverage_result", &["run_id", "coverage", "total", "missing"])?;
    for coverage in &result.coverages {
        let count = coverage.count;
        let id = coverage.id.as_str();
        rows.push(&[run.into(), id.into(), int(count.total), int(count.missing)])?;
    }
    rows.finish()?;
    let columns = &["run_id", "area_code", "coverage", "total", "missing"];
    let mut rows = tx.bulk("coverage_area", columns)?;
    for coverage in &result.coverages {
        for (area, count) in &coverage.areas {
            rows.push(&[
                run.into(),
                area.as_str().into(),
                coverage.id.as_str().into(),
                int(count.total),
                int(count.missing),
            ])?;
        }
    }
    rows.finish()
}

/// One text per subject: a character per clause of the level, then a character per figure of the
/// level.
fn insert_verdicts(
    tx: &Tx<'_>,
    run: i64,
    level: Level,
    result: &RunResult,
) -> Result<(), StoreError> {
    let frame = result.frame();
    let clauses: Vec<_> = clauses_of(result, level).filter_map(|id| result.column(id)).collect();
    let figures: Vec<Vec<bool>> = figures_of(result, level)
        .filter_map(|id| result.rows_of_figure(id, None))
        .map(|(_, rows)| {
            let mut among = vec![false; frame.rows(level)];
            rows.for_each(|row| among[row] = true);
            among
        })
        .collect();
    if clauses.is_empty() && figures.is_empty() {
        return Ok(());
    }
    let mut text = String::with_capacity(clauses.len() + figures.len());
    let columns = &["run_id", "level", "area_code", "subject_id", "verdicts"];
    let mut rows = tx.bulk("verdict", columns)?;
    for (row, subject) in frame.subjects(level).iter().enumerate() {
        text.clear();
        text.extend(clauses.iter().map(|column| verdict(column, row)));
        text.extend(figures.iter().map(|among| if among[row] { '1' } else { '0' }));
        let area = frame.area(level, row);
        let values =
            [run.into(), level.name().into(), area.into(), (*subject).into(), text.as_str().into()];
        rows.push(&values)?;
    }
    rows.finish()
}

fn verdict(column: &qb_engine::ClauseColumn, row: usize) -> char {
    let truth = match column {
        qb_engine::ClauseColumn::Verdict(_) => column.verdict(row),
        // A value is "true" where it is known.
        qb_engine::ClauseColumn::Number { .. } => column.number(row).map(|_| true),
    };
    match truth {
        Some(true) => '1',
        Some(false) => '0',
        None => '?',
    }
}

fn clauses_of(result: &RunResult, level: Level) -> impl Iterator<Item = &str> {
    result.clauses.iter().filter(move |c| c.level == level).map(|c| c.id.as_str())
}

fn figures_of(result: &RunResult, level: Level) -> impl Iterator<Item = &str> {
    result.figures.iter().filter(move |f| f.level == level).map(|f| f.id.as_str())
}

fn clause_position(result: &RunResult, level: Level, id: &str) -> u64 {
    clauses_of(result, level).take_while(|known| *known != id).count() as u64
}

fn figure_position(result: &RunResult, level: Level, id: &str) -> u64 {
    let clauses = clauses_of(result, level).count();
    (clauses + figures_of(result, level).take_while(|known| *known != id).count()) as u64
}

fn digits(value: Option<Exact>) -> Option<String> {
    value.map(|exact| exact.unscaled.to_string())
}

fn scale(value: Option<Exact>) -> Value<'static> {
    Value::Int(match value {
        Some(exact) => i64::from(exact.scale),
        // The tables have a scale in each row; without digits nobody reads it.
        None => 0,
    })
}

fn int(count: u64) -> Value<'static> {
    Value::Int(qb_base::tally(count))
}

#[expect(clippy::cast_possible_truncation, reason = "a duration that is only printed")]
#[expect(clippy::cast_sign_loss, reason = "a duration is never negative")]
#[expect(clippy::float_arithmetic, reason = "a duration that is only printed")]
fn milliseconds(seconds: f64) -> u64 {
    (seconds * 1000.0).round() as u64
}
