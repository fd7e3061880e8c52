//! One row that a person types: checked like a row of a file, kept like one.
//!
//! The row goes into a small file with the heads of its dataset and takes the road of every file,
//! so that a typed row and a sent one cannot differ in what is allowed, recorded or found again.

use std::fs;
use std::path::{Path, PathBuf};

use qb_base::{AreaCode, Text};
use qb_policy::dataset::HOUSEHOLD_LINK;
use qb_policy::{Column, Dataset, Pack};
use qb_registry::commands::Replaces;
use qb_registry::queries;
use qb_registry::{Issue, REQUIRED, Severity, TypedFault};
use qb_store::{Conn, Store, StoreError};

use crate::error::{FileFault, IntakeError};
use crate::fields::key::key;
use crate::folder::listing;
use crate::import::{Deciding, ImportOptions, import};
use crate::installation;
use crate::one_row;
use crate::read::batch::Value;
use crate::rows::Shared;
use crate::rows::parsed::Parsed;

/// A row as it was typed.
#[derive(Clone, Copy, Debug)]
pub struct TypedRow<'a> {
    /// The dataset it belongs to.
    pub dataset: &'a Dataset,
    /// Ids of columns with what was typed; columns left out are blank.
    pub values: &'a [(String, String)],
    /// The row it takes the place of, as the person saw it; none for a new one.
    pub replaces: Option<i64>,
    /// What tells this file from every other: the same row may be typed again after another one.
    pub token: &'a str,
}

/// What became of a typed row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typed {
    /// It is not as it should be; nothing was written.
    Refused(Vec<TypedFault>),
    /// Another row has its key, or took the place of the one that was seen; nothing was written.
    Taken(i64),
    /// It is in the store under this id.
    Kept(i64),
    /// It decides something: it waits in this batch until a second person confirms it.
    Waiting(i64),
}

/// Checks a typed row and keeps it; `folder` takes its file for as long as that lasts.
///
/// # Errors
/// When the store or the folder cannot be used; what is wrong with the row is in the answer.
pub fn enter(
    store: &Store,
    pack: &Pack,
    row: &TypedRow<'_>,
    folder: &Path,
    options: &ImportOptions,
) -> Result<Typed, IntakeError> {
    let blank = blank_columns(row);
    if !blank.is_empty() {
        return Ok(Typed::Refused(blank));
    }
    let path = write_file(row, folder)?;
    let outcome = keep(store, pack, row, &path, options);
    // What stays behind is removed with the next cleaning of the folder.
    let _ = fs::remove_file(&path);
    outcome
}

fn keep(
    store: &Store,
    pack: &Pack,
    row: &TypedRow<'_>,
    path: &Path,
    options: &ImportOptions,
) -> Result<Typed, IntakeError> {
    let shared = installation::shared(store, pack, options)?;
    let (key, faults) = read(pack, row, path, &shared)?;
    let unlinked = store.read(|conn| unlinked(conn, row, options.within))?;
    let faults: Vec<TypedFault> = faults.into_iter().chain(unlinked).collect();
    let Some(key) = key.filter(|_| faults.is_empty()) else { return Ok(Typed::Refused(faults)) };
    let decides = !row.dataset.confirmers.is_empty() && options.deciding == Deciding::Wait;
    if decides && let Some(taken) = taken(store, row, &key)? {
        return Ok(Typed::Taken(taken));
    }
    let typed = ImportOptions { typed: Some(Replaces(row.replaces)), ..options.clone() };
    let report = import(store, pack, &[path.to_owned()], &typed, &mut |_| {})?;
    if let Some(batch) = report.files.first().and_then(|file| file.batch) {
        return Ok(Typed::Waiting(batch));
    }
    let current = || store.read(|conn| queries::current_record(conn, &row.dataset.id, &key));
    let refused = report.faults.iter().filter(|fault| fault.severity == Severity::Refused);
    if refused.clone().any(|fault| fault.code == Issue::RowChanged.code()) {
        // Withdrawn meanwhile, there is no other row to look at: the one that was seen is history.
        let taken = current()?.or(row.replaces);
        return taken.map(Typed::Taken).ok_or(IntakeError::Invariant("the row that changed"));
    }
    let faults: Vec<TypedFault> = refused
        .map(|fault| fault_of(row.dataset, fault.column, &fault.message, &fault.remedy))
        .collect();
    if !faults.is_empty() {
        return Ok(Typed::Refused(faults));
    }
    current()?.map(Typed::Kept).ok_or(IntakeError::Invariant("the row that was just typed"))
}

/// The row that stands where a typed one would, if it is not the one that was seen: whoever waits
/// for a second person hears of it before. What is confirmed is compared again in its transaction.
fn taken(store: &Store, row: &TypedRow<'_>, key: &str) -> Result<Option<i64>, StoreError> {
    let stands = store.read(|conn| queries::current_record(conn, &row.dataset.id, key))?;
    Ok(if stands == row.replaces { None } else { stands.or(row.replaces) })
}

/// Required columns without a value; a place is filled in by whoever asks for the row.
fn blank_columns(row: &TypedRow<'_>) -> Vec<TypedFault> {
    let is_blank =
        |column: &&Column| value(row, &column.id).is_none_or(|text| text.trim().is_empty());
    let required = row.dataset.columns.iter().filter(|column| column.required);
    required
        .filter(is_blank)
        .map(|column| TypedFault {
            column: Some(column.id.clone()),
            message: REQUIRED.0,
            remedy: REQUIRED.1,
        })
        .collect()
}

/// What was typed for a column, if anything was.
fn value<'a>(row: &TypedRow<'a>, column: &str) -> Option<&'a str> {
    row.values.iter().find(|(id, _)| id == column).map(|(_, value)| value.as_str())
}

/// Writes the file of the row.
fn write_file(row: &TypedRow<'_>, folder: &Path) -> Result<PathBuf, IntakeError> {
    fs::create_dir_all(folder).map_err(|error| listing(folder, error))?;
    let of = (row.dataset.id.as_str(), &*row.dataset.title.zh, row.token);
    let columns = row.dataset.columns.iter();
    one_row::write(folder, of, columns.map(|column| (&*column.label.zh, value(row, &column.id))))
}

/// The key of the row, and what refuses it.
fn read(
    pack: &Pack,
    row: &TypedRow<'_>,
    path: &Path,
    shared: &Shared,
) -> Result<(Option<String>, Vec<TypedFault>), IntakeError> {
    let (mut key, mut faults) = (None, Vec::new());
    one_row::read(pack, &row.dataset.id, path, shared, &mut |parsed| {
        let Parsed::Record(rows) = parsed else { return };
        if let Some(record) = rows.batch.records.first() {
            key = Some(rows.batch.arena.text(record.key).to_owned());
        }
        let refused = rows.common.faults.iter().filter(|f| f.severity == Severity::Refused);
        faults.extend(
            refused.map(|fault| fault_of(row.dataset, fault.column, &fault.message, &fault.remedy)),
        );
    })?;
    if key.is_none() && faults.is_empty() {
        return Err(IntakeError::File(FileFault::empty()));
    }
    Ok((key, faults))
}

/// A fault under the id of its column, which stands in the file where it stands in the dataset.
fn fault_of(dataset: &Dataset, number: Option<u32>, message: &Text, remedy: &Text) -> TypedFault {
    let at = number.and_then(|number| usize::try_from(number).ok()?.checked_sub(1));
    let column = at.and_then(|at| dataset.columns.get(at));
    TypedFault {
        column: column.map(|column| column.id.clone()),
        message: message.clone(),
        remedy: remedy.clone(),
    }
}

/// A household that is not in the register, or lives where the person does not work: whoever types
/// can look it up, so it is no mere warning as in a file.
fn unlinked(
    conn: &Conn,
    row: &TypedRow<'_>,
    within: Option<AreaCode>,
) -> Result<Option<TypedFault>, StoreError> {
    let Some(written) = value(row, HOUSEHOLD_LINK) else { return Ok(None) };
    let Some(number) = key(Value::text(written.trim())).value() else { return Ok(None) };
    let number: &str = &number;
    if row.dataset.column(HOUSEHOLD_LINK).is_none() || number.is_empty() {
        return Ok(None);
    }
    let issue = match queries::household_place(conn, number)? {
        Some(area) if within.is_none_or(|within| within.contains(&area)) => return Ok(None),
        // A household outside one's area is as unknown as one that does not exist.
        _ => Issue::HouseholdUnknown,
    };
    Ok(Some(TypedFault {
        column: Some(HOUSEHOLD_LINK.to_owned()),
        message: issue.message().fill(&[("value", number)]),
        remedy: issue.remedy(),
    }))
}
