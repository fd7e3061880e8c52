//! What may be read of runs.

use qb_access::Scope;
use qb_base::{AreaCode, Date};
use qb_registry::areas::known::merged_at;
use qb_registry::events;
use qb_store::{Conn, Known, Row, StoreError};

use crate::model::{ClauseOutcome, CoverageOutcome, FigureOutcome, Run};

const RUN_COLUMNS: &str = "select id, snapshot_digest, pack_id, pack_digest, engine_version, \
     as_of_on, started_at, finished_at, digest, known_at from target_run ";

/// The run that pages show: the newest of those that stand on the latest day. A question about an
/// earlier day, or about what was known on one, changes no page.
///
/// # Errors
/// Whatever the store says.
pub fn newest_run(conn: &Conn) -> Result<Option<Run>, StoreError> {
    let sql = qb_store::Sql::join(&[
        RUN_COLUMNS,
        "where known_at is null order by as_of_on desc, id desc limit 1",
    ]);
    conn.query_opt(sql, &[], read_run)
}

/// The newest run of a pack that stands on a day and knows what is asked: everything imported until
/// now, or what was known at an instant.
///
/// # Errors
/// Whatever the store says.
pub fn run_on(
    conn: &Conn,
    (as_of, known): (Date, Known),
    pack: &str,
) -> Result<Option<Run>, StoreError> {
    let as_of = as_of.to_string();
    if let Known::By(instant) = known {
        let rest = "where as_of_on = $1 and pack_digest = $2 and known_at = $3 \
                    order by id desc limit 1";
        let values = [(&as_of).into(), pack.into(), instant.0.into()];
        return conn.query_opt(qb_store::Sql::join(&[RUN_COLUMNS, rest]), &values, read_run);
    }
    let sql = qb_store::Sql::join(&[
        RUN_COLUMNS,
        "where as_of_on = $1 and pack_digest = $2 and known_at is null and started_at >= (select \
         coalesce(max(finished_at), 0) from import_run) and started_at >= $3 \
         order by id desc limit 1",
    ]);
    let decided = events::last_decided(conn)?.max(merged_at(conn)?);
    conn.query_opt(sql, &[(&as_of).into(), pack.into(), decided.into()], read_run)
}

/// What came after the run that pages show.
#[derive(Clone, Debug)]
pub struct Overtaken {
    /// That run.
    pub run: Run,
    /// When the newest import of files ended, in ms UTC; 0 before the first.
    pub imported_at: i64,
    /// When somebody decided last about an event of the register or that areas are one, in ms UTC;
    /// 0 before the first.
    pub decided_at: i64,
}

/// The run that pages show and what came after it; none where that knows everything.
///
/// # Errors
/// Whatever the store says.
pub fn overtaken(conn: &Conn) -> Result<Option<Overtaken>, StoreError> {
    let Some(run) = newest_run(conn)? else { return Ok(None) };
    let newest = "select coalesce(max(finished_at), 0) from import_run where is_typed = false";
    let imported_at = conn.query_one(newest, &[], |row| row.int(0))?;
    let decided_at = events::last_turned(conn)?.max(merged_at(conn)?);
    let is_overtaken = imported_at.max(decided_at) > run.started_at;
    Ok(is_overtaken.then_some(Overtaken { run, imported_at, decided_at }))
}

/// Whether anything may have changed since an instant: an import, of a typed row as well, ended or
/// is at work, or somebody decided about an event or about areas.
///
/// # Errors
/// Whatever the store says.
pub fn may_have_changed(conn: &Conn, since: i64) -> Result<bool, StoreError> {
    let sql = "select exists (select 1 from import_run where finished_at > $1) \
               or exists (select 1 from import_run where finished_at is null)";
    let imported = conn.query_one(sql, &[since.into()], |row| row.bool(0))?;
    Ok(imported || events::last_decided(conn)?.max(merged_at(conn)?) > since)
}

/// When the last import before an instant ended; none when nothing was imported until then.
///
/// # Errors
/// Whatever the store says.
pub fn imported_before(conn: &Conn, at: i64) -> Result<Option<i64>, StoreError> {
    let sql = "select max(finished_at) from import_run where finished_at <= $1";
    conn.query_one(sql, &[at.into()], |row| row.int_opt(0))
}

/// A run by its number.
///
/// # Errors
/// [`StoreError::NotFound`] when there is none.
pub fn run(conn: &Conn, id: i64) -> Result<Run, StoreError> {
    conn.query_one(qb_store::Sql::join(&[RUN_COLUMNS, "where id = $1"]), &[id.into()], read_run)
}

/// All runs, newest first.
///
/// # Errors
/// Whatever the store says.
pub fn runs(conn: &Conn, limit: i64) -> Result<Vec<Run>, StoreError> {
    let sql = qb_store::Sql::join(&[RUN_COLUMNS, "order by id desc limit $1"]);
    conn.query(sql, &[limit.into()], read_run)
}

/// What a run says of each clause, over everything.
///
/// # Errors
/// Whatever the store says.
pub fn clauses(conn: &Conn, run: i64) -> Result<Vec<ClauseOutcome>, StoreError> {
    let sql = "select clause, level, position, true_count, false_count, unknown_count \
               from clause_result where run_id = $1 order by level, position";
    conn.query(sql, &[run.into()], read_clause)
}

/// What a run says of each clause within an area.
///
/// # Errors
/// [`StoreError::NotFound`] when the area lies outside the scope.
pub fn clauses_of_area(
    conn: &Conn,
    scope: &Scope,
    run: i64,
    area: AreaCode,
) -> Result<Vec<ClauseOutcome>, StoreError> {
    if !scope.covers(area) {
        return Err(StoreError::NotFound);
    }
    let sql = "select c.clause, c.level, c.position, coalesce(a.true_count, 0), \
               coalesce(a.false_count, 0), coalesce(a.unknown_count, 0) from clause_result c \
               left join clause_area a on a.run_id = c.run_id and a.clause = c.clause \
               and a.area_code = $1 where c.run_id = $2 order by c.level, c.position";
    conn.query(sql, &[area.as_str().into(), run.into()], read_clause)
}

/// The figures of a run, over everything.
///
/// # Errors
/// Whatever the store says.
pub fn figures(conn: &Conn, run: i64) -> Result<Vec<FigureOutcome>, StoreError> {
    let sql = "select fact, level, position, value_unscaled, value_scale, row_count, \
               unknown_count from figure_result where run_id = $1 order by fact";
    conn.query(sql, &[run.into()], read_figure)
}

/// The figures of a run within an area.
///
/// # Errors
/// [`StoreError::NotFound`] when the area lies outside the scope.
pub fn figures_of_area(
    conn: &Conn,
    scope: &Scope,
    run: i64,
    area: AreaCode,
) -> Result<Vec<FigureOutcome>, StoreError> {
    if !scope.covers(area) {
        return Err(StoreError::NotFound);
    }
    let sql = "select f.fact, f.level, f.position, a.value_unscaled, coalesce(a.value_scale, 0), \
               coalesce(a.row_count, 0), coalesce(a.unknown_count, 0) from figure_result f \
               left join figure_area a on a.run_id = f.run_id and a.fact = f.fact \
               and a.area_code = $1 where f.run_id = $2 order by f.fact";
    conn.query(sql, &[area.as_str().into(), run.into()], read_figure)
}

/// The coverages of a run, over everything.
///
/// # Errors
/// Whatever the store says.
pub fn coverages(conn: &Conn, run: i64) -> Result<Vec<CoverageOutcome>, StoreError> {
    let sql = "select coverage, total, missing from coverage_result where run_id = $1 \
               order by coverage";
    conn.query(sql, &[run.into()], read_coverage)
}

/// The coverages of a run within an area; a set without members there has none.
///
/// # Errors
/// [`StoreError::NotFound`] when the area lies outside the scope.
pub fn coverages_of_area(
    conn: &Conn,
    scope: &Scope,
    run: i64,
    area: AreaCode,
) -> Result<Vec<CoverageOutcome>, StoreError> {
    if !scope.covers(area) {
        return Err(StoreError::NotFound);
    }
    let sql = "select coverage, total, missing from coverage_area where run_id = $1 \
               and area_code = $2 order by coverage";
    conn.query(sql, &[run.into(), area.as_str().into()], read_coverage)
}

/// Subjects (households, villages or persons) among the rows of a figure or with a verdict on a
/// clause, by keyset.
///
/// Answers `(area, subject)` in order of both; `position` and `verdict` are those of
/// [`ClauseOutcome`] and [`FigureOutcome`].
///
/// # Errors
/// [`StoreError::NotFound`] when the area lies outside the scope.
#[expect(clippy::too_many_arguments, reason = "a keyset page within a scope needs each of them")]
pub fn subjects(
    conn: &Conn,
    scope: &Scope,
    run: i64,
    level: &str,
    area: AreaCode,
    (position, verdict): (usize, char),
    after: (&str, i64),
    limit: i64,
) -> Result<Vec<(String, i64)>, StoreError> {
    let (low, high) = scope.within(area).ok_or(StoreError::NotFound)?.range();
    let sql = "select area_code, subject_id from verdict where run_id = $1 and level = $2 \
               and area_code >= $3 and area_code < $4 and (area_code, subject_id) > ($5, $6) \
               and substr(verdicts, $7, 1) = $8 order by area_code, subject_id limit $9";
    let verdict = verdict.to_string();
    let values = [
        run.into(),
        level.into(),
        (&low).into(),
        (&high).into(),
        after.0.into(),
        after.1.into(),
        (position as i64 + 1).into(),
        (&verdict).into(),
        limit.into(),
    ];
    conn.query(sql, &values, |row| Ok((row.text(0)?, row.int(1)?)))
}

/// The verdicts of one subject, one character per clause and figure of its level; `None` when the
/// run has none.
///
/// # Errors
/// [`StoreError::NotFound`] when the subject's area lies outside the scope.
pub fn verdicts_of(
    conn: &Conn,
    scope: &Scope,
    run: i64,
    level: &str,
    area: AreaCode,
    subject: i64,
) -> Result<Option<String>, StoreError> {
    if !scope.covers(area) {
        return Err(StoreError::NotFound);
    }
    let sql = "select verdicts from verdict where run_id = $1 and level = $2 and area_code = $3 \
               and subject_id = $4";
    conn.query_opt(sql, &[run.into(), level.into(), area.as_str().into(), subject.into()], |row| {
        row.text(0)
    })
}

/// Verdicts of all subjects of a level within an area, for levels that have few (villages).
///
/// # Errors
/// [`StoreError::NotFound`] when the area lies outside the scope.
pub fn verdicts_within(
    conn: &Conn,
    scope: &Scope,
    run: i64,
    level: &str,
    area: AreaCode,
    limit: i64,
) -> Result<Vec<(String, String)>, StoreError> {
    let (low, high) = scope.within(area).ok_or(StoreError::NotFound)?.range();
    let sql = "select area_code, verdicts from verdict where run_id = $1 and level = $2 \
               and area_code >= $3 and area_code < $4 order by area_code, subject_id limit $5";
    let values = [run.into(), level.into(), (&low).into(), (&high).into(), limit.into()];
    conn.query(sql, &values, |row| Ok((row.text(0)?, row.text(1)?)))
}

fn read_run(row: &Row<'_>) -> Result<Run, StoreError> {
    Ok(Run {
        id: row.int(0)?,
        snapshot: row.text(1)?,
        pack_id: row.text(2)?,
        pack: row.text(3)?,
        engine_version: row.text(4)?,
        as_of: row.text(5)?,
        started_at: row.int(6)?,
        finished_at: row.int(7)?,
        digest: row.text(8)?,
        known_at: row.int_opt(9)?,
    })
}

fn read_clause(row: &Row<'_>) -> Result<ClauseOutcome, StoreError> {
    Ok(ClauseOutcome {
        clause: row.text(0)?,
        level: row.text(1)?,
        position: row.size(2)?,
        n_true: row.int(3)?,
        n_false: row.int(4)?,
        n_unknown: row.int(5)?,
    })
}

fn read_figure(row: &Row<'_>) -> Result<FigureOutcome, StoreError> {
    Ok(FigureOutcome {
        fact: row.text(0)?,
        level: row.text(1)?,
        position: row.size(2)?,
        value: decimal(row, 3)?,
        rows: row.int(5)?,
        rows_unknown: row.int(6)?,
    })
}

fn read_coverage(row: &Row<'_>) -> Result<CoverageOutcome, StoreError> {
    Ok(CoverageOutcome { coverage: row.text(0)?, total: row.int(1)?, missing: row.int(2)? })
}

/// An exact decimal in two columns: digits as text and scale.
fn decimal(row: &Row<'_>, column: usize) -> Result<Option<(i128, u8)>, StoreError> {
    let wrong = || StoreError::Type { column, expected: "decimal digits" };
    let Some(digits) = row.text_opt(column)? else { return Ok(None) };
    let unscaled = digits.parse().map_err(|_| wrong())?;
    let scale = u8::try_from(row.int(column + 1)?).map_err(|_| wrong())?;
    Ok(Some((unscaled, scale)))
}
