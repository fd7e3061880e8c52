//! What may be read of imports: runs, files, faults. Files of a county are seen by that county and
//! above.

use qb_access::Scope;
use qb_base::{AreaCode, Timestamp};
use qb_store::{Conn, Row, Sql, StoreError};

use crate::report::{Came, Withdrawn, WithdrawnBecause};

/// One import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunLine {
    /// Its number.
    pub id: i64,
    /// Who imported.
    pub actor: String,
    /// `running`, `done` or `failed`.
    pub state: String,
    /// When it began, in ms UTC.
    pub started_at: i64,
    /// When it ended, in ms UTC.
    pub finished_at: Option<i64>,
    /// Files within the scope.
    pub files: i64,
    /// Rows read from them.
    pub rows_read: i64,
    /// Rows accepted.
    pub rows_accepted: i64,
    /// Rows refused.
    pub rows_rejected: i64,
    /// Rows repaired.
    pub rows_repaired: i64,
}

/// One file of an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileLine {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Its size.
    pub byte_count: i64,
    /// The layout it was recognised as.
    pub layout: Option<String>,
    /// Its encoding.
    pub encoding: Option<String>,
    /// What became of it, a word of the schema.
    pub state: String,
    /// Rows read.
    pub rows_read: i64,
    /// Rows accepted.
    pub rows_accepted: i64,
    /// Rows refused.
    pub rows_rejected: i64,
    /// Rows repaired.
    pub rows_repaired: i64,
    /// Why it could not be used, in Chinese and English.
    pub message: Option<(String, String)>,
}

/// How often one kind of fault occurred in an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultKind {
    /// Code of the fault.
    pub code: String,
    /// What became of the rows.
    pub severity: String,
    /// How often.
    pub count: i64,
    /// One of its messages as an example, in Chinese and English.
    pub example: (String, String),
}

/// One fault of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultLine {
    /// Its id, by which pages go on.
    pub id: i64,
    /// The file.
    pub file: String,
    /// The sheet.
    pub sheet: String,
    /// The row.
    pub row_no: i64,
    /// The column.
    pub column_no: Option<i64>,
    /// The column's head.
    pub column_label: Option<String>,
    /// What became of the row.
    pub severity: String,
    /// What is wrong, in Chinese and English.
    pub message: (String, String),
    /// What to do, in Chinese and English.
    pub remedy: (String, String),
    /// The layout of the file, where it has one.
    pub layout: Option<String>,
    /// Where the row stands, where it is known.
    pub area: Option<String>,
}

/// Faults that one page may hold.
pub const FAULTS_MAX: i64 = 200;

const RUNS: &str = "\
select r.id, r.actor, r.state, r.started_at, r.finished_at, count(f.id), \
  cast(coalesce(sum(f.rows_read), 0) as bigint), \
  cast(coalesce(sum(f.rows_accepted), 0) as bigint), \
  cast(coalesce(sum(f.rows_rejected), 0) as bigint), \
  cast(coalesce(sum(f.rows_repaired), 0) as bigint) \
from import_run r left join source_file f on f.import_run_id = r.id \
  and f.area_code >= $1 and f.area_code < $2 ";
const RUNS_OF_ALL: &str = "\
select r.id, r.actor, r.state, r.started_at, r.finished_at, count(f.id), \
  cast(coalesce(sum(f.rows_read), 0) as bigint), \
  cast(coalesce(sum(f.rows_accepted), 0) as bigint), \
  cast(coalesce(sum(f.rows_rejected), 0) as bigint), \
  cast(coalesce(sum(f.rows_repaired), 0) as bigint) \
from import_run r left join source_file f on f.import_run_id = r.id ";
const FILE_COLUMNS: &str = "\
select id, name, byte_count, layout, encoding, state, rows_read, rows_accepted, rows_rejected, \
  rows_repaired, message_zh, message_en from source_file where import_run_id = $1 ";
const FILES_WITHIN: &str = "and area_code >= $2 and area_code < $3 ";
const KINDS: &str = "\
select e.code, e.severity, count(*), min(e.message_zh), min(e.message_en) \
from row_fault e join source_file f on f.id = e.source_file_id where f.import_run_id = $1 ";
const FAULTS: &str = "\
select e.id, f.name, e.sheet, e.row_no, e.column_no, e.column_label, e.severity, e.message_zh, \
  e.message_en, e.remedy_zh, e.remedy_en, f.layout, e.area_code \
from row_fault e join source_file f on f.id = e.source_file_id \
where f.import_run_id = $1 and e.code = $2 and e.id > $3 ";

/// Whether a scope sees every file, also those that name no area.
fn sees_all(scope: &Scope, whole: AreaCode) -> bool {
    scope.area().is_none_or(|area| area.contains(&whole))
}

/// Imports that brought files of the scope, newest first; `whole` is the area of the installation.
///
/// # Errors
/// Whatever the store says.
pub fn runs(
    conn: &Conn,
    scope: &Scope,
    whole: AreaCode,
    limit: i64,
) -> Result<Vec<RunLine>, StoreError> {
    if sees_all(scope, whole) {
        let rest = "where r.is_typed = false group by r.id order by r.id desc limit $1";
        let sql = Sql::join(&[RUNS_OF_ALL, rest]);
        return conn.query(sql, &[limit.into()], read_run);
    }
    let (low, high) = scope.range();
    let rest = "where r.is_typed = false group by r.id having count(f.id) > 0 \
                order by r.id desc limit $3";
    let sql = Sql::join(&[RUNS, rest]);
    conn.query(sql, &[(&low).into(), (&high).into(), limit.into()], read_run)
}

/// Imports that somebody handed in, newest first, with all their files.
///
/// # Errors
/// Whatever the store says.
pub fn runs_of(conn: &Conn, actor: &str, limit: i64) -> Result<Vec<RunLine>, StoreError> {
    let own = "where r.actor = $1 and r.is_typed = false group by r.id order by r.id desc limit $2";
    conn.query(Sql::join(&[RUNS_OF_ALL, own]), &[actor.into(), limit.into()], read_run)
}

/// Whether anything was ever imported here.
///
/// # Errors
/// Whatever the store says.
pub fn has_runs(conn: &Conn) -> Result<bool, StoreError> {
    Ok(conn.query_opt("select id from import_run limit 1", &[], |row| row.int(0))?.is_some())
}

/// Whether somebody handed an import in.
///
/// # Errors
/// Whatever the store says.
pub fn is_of(conn: &Conn, run: i64, actor: &str) -> Result<bool, StoreError> {
    let sql = "select count(*) from import_run where id = $1 and actor = $2";
    Ok(conn.query_one(sql, &[run.into(), actor.into()], |row| row.int(0))? > 0)
}

/// One import; without files of the scope it does not exist.
///
/// # Errors
/// [`StoreError::NotFound`] when there is none within the scope.
pub fn run(conn: &Conn, scope: &Scope, whole: AreaCode, id: i64) -> Result<RunLine, StoreError> {
    if sees_all(scope, whole) {
        let sql = Sql::join(&[RUNS_OF_ALL, "where r.id = $1 group by r.id"]);
        return conn.query_one(sql, &[id.into()], read_run);
    }
    let (low, high) = scope.range();
    let sql = Sql::join(&[RUNS, "where r.id = $3 group by r.id having count(f.id) > 0"]);
    conn.query_one(sql, &[(&low).into(), (&high).into(), id.into()], read_run)
}

/// The files of an import within the scope.
///
/// # Errors
/// Whatever the store says.
pub fn files(
    conn: &Conn,
    scope: &Scope,
    whole: AreaCode,
    run: i64,
) -> Result<Vec<FileLine>, StoreError> {
    if sees_all(scope, whole) {
        let sql = Sql::join(&[FILE_COLUMNS, "order by id"]);
        return conn.query(sql, &[run.into()], read_file);
    }
    let (low, high) = scope.range();
    let sql = Sql::join(&[FILE_COLUMNS, FILES_WITHIN, "order by id"]);
    conn.query(sql, &[run.into(), (&low).into(), (&high).into()], read_file)
}

/// A file of an import that had come before and was not read again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownFile {
    /// Its name in this import.
    pub name: String,
    /// When it came, and what was refused then.
    pub came: Came,
}

const KNOWN_FILES: &str = "select k.name, f.import_run_id, f.recorded_at, f.rows_rejected \
    from known_file k join source_file f on f.id = k.source_file_id where k.import_run_id = $1 ";

/// The files of an import within the scope that had come before and were not read again.
///
/// # Errors
/// Whatever the store says.
pub fn known_files(
    conn: &Conn,
    scope: &Scope,
    whole: AreaCode,
    run: i64,
) -> Result<Vec<KnownFile>, StoreError> {
    let read = |row: &Row<'_>| {
        let at = Timestamp(row.int(2)?).to_minute_in_china();
        let came = Came { run: row.int(1)?, at, rows_rejected: row.int(3)?.unsigned_abs() };
        Ok(KnownFile { name: row.text(0)?, came })
    };
    if sees_all(scope, whole) {
        return conn.query(Sql::join(&[KNOWN_FILES, "order by k.name"]), &[run.into()], read);
    }
    let (low, high) = scope.range();
    let within = "and f.area_code >= $2 and f.area_code < $3 order by k.name";
    let values = [run.into(), (&low).into(), (&high).into()];
    conn.query(Sql::join(&[KNOWN_FILES, within]), &values, read)
}

const WITHDRAWN: &str = "select f.name, w.list, substr(w.area_code, 1, 6), w.reason, w.source_row \
    from withdrawn_row w join source_file f on f.id = w.source_file_id \
    where w.import_run_id = $1 and w.area_code >= $2 and w.area_code < $3 \
    order by f.name, w.list, substr(w.area_code, 1, 6), w.reason, w.source_row, w.row_id";
/// Rows named singly of those that were taken back of one file, list and county.
const LINES_MAX: usize = 100;

/// Rows within the scope that an import took back, by file, list and county.
///
/// # Errors
/// Whatever the store says.
pub fn withdrawn(conn: &Conn, scope: &Scope, run: i64) -> Result<Vec<Withdrawn>, StoreError> {
    let (low, high) = scope.range();
    let mut parts: Vec<Withdrawn> = Vec::new();
    let values = [run.into(), (&low).into(), (&high).into()];
    conn.each::<StoreError>(WITHDRAWN, &values, |row| {
        let because = match row.text(3)?.as_str() {
            "gone" => WithdrawnBecause::Gone,
            _ => WithdrawnBecause::Replaced,
        };
        let (file, list, county) = (row.text(0)?, row.text(1)?, row.text(2)?);
        let line = row.int(4)?;
        let one = Withdrawn { file, list, county, because, rows: 0, lines: Vec::new() };
        let is_same = |last: &Withdrawn| {
            (&last.file, &last.list, &last.county, last.because)
                == (&one.file, &one.list, &one.county, one.because)
        };
        if !parts.last().is_some_and(is_same) {
            parts.push(one);
        }
        if let Some(part) = parts.last_mut() {
            part.rows += 1;
            if part.lines.len() < LINES_MAX {
                part.lines.push(line);
            }
        }
        Ok(())
    })?;
    Ok(parts)
}

/// The kinds of fault of an import with their counts, most frequent first.
///
/// # Errors
/// Whatever the store says.
pub fn fault_kinds(
    conn: &Conn,
    scope: &Scope,
    whole: AreaCode,
    run: i64,
) -> Result<Vec<FaultKind>, StoreError> {
    let group = "group by e.code, e.severity order by count(*) desc, e.code, e.severity";
    if sees_all(scope, whole) {
        return conn.query(Sql::join(&[KINDS, group]), &[run.into()], read_kind);
    }
    let (low, high) = scope.range();
    let sql = Sql::join(&[KINDS, "and f.area_code >= $2 and f.area_code < $3 ", group]);
    conn.query(sql, &[run.into(), (&low).into(), (&high).into()], read_kind)
}

/// One page of the faults of a kind, after a fault's id.
///
/// # Errors
/// Whatever the store says.
pub fn faults(
    conn: &Conn,
    scope: &Scope,
    whole: AreaCode,
    run: i64,
    code: &str,
    after: i64,
    limit: i64,
) -> Result<Vec<FaultLine>, StoreError> {
    let limit = limit.clamp(1, FAULTS_MAX);
    if sees_all(scope, whole) {
        let sql = Sql::join(&[FAULTS, "order by e.id limit $4"]);
        return conn.query(sql, &[run.into(), code.into(), after.into(), limit.into()], read_fault);
    }
    let (low, high) = scope.range();
    let within = "and f.area_code >= $4 and f.area_code < $5 order by e.id limit $6";
    let values =
        [run.into(), code.into(), after.into(), (&low).into(), (&high).into(), limit.into()];
    conn.query(Sql::join(&[FAULTS, within]), &values, read_fault)
}

fn read_run(row: &Row<'_>) -> Result<RunLine, StoreError> {
    Ok(RunLine {
        id: row.int(0)?,
        actor: row.text(1)?,
        state: row.text(2)?,
        started_at: row.int(3)?,
        finished_at: row.int_opt(4)?,
        files: row.int(5)?,
        rows_read: row.int(6)?,
        rows_accepted: row.int(7)?,
        rows_rejected: row.int(8)?,
        rows_repaired: row.int(9)?,
    })
}

fn read_file(row: &Row<'_>) -> Result<FileLine, StoreError> {
    Ok(FileLine {
        id: row.int(0)?,
        name: row.text(1)?,
        byte_count: row.int(2)?,
        layout: row.text_opt(3)?,
        encoding: row.text_opt(4)?,
        state: row.text(5)?,
        rows_read: row.int(6)?,
        rows_accepted: row.int(7)?,
        rows_rejected: row.int(8)?,
        rows_repaired: row.int(9)?,
        message: row.text_opt(10)?.zip(row.text_opt(11)?),
    })
}

fn read_kind(row: &Row<'_>) -> Result<FaultKind, StoreError> {
    Ok(FaultKind {
        code: row.text(0)?,
        severity: row.text(1)?,
        count: row.int(2)?,
        example: (row.text(3)?, row.text(4)?),
    })
}

fn read_fault(row: &Row<'_>) -> Result<FaultLine, StoreError> {
    Ok(FaultLine {
        id: row.int(0)?,
        file: row.text(1)?,
        sheet: row.text(2)?,
        row_no: row.int(3)?,
        column_no: row.int_opt(4)?,
        column_label: row.text_opt(5)?,
        severity: row.text(6)?,
        message: (row.text(7)?, row.text(8)?),
        remedy: (row.text(9)?, row.text(10)?),
        layout: row.text_opt(11)?,
        area: row.text_opt(12)?,
    })
}
