//! Rows of datasets: keyset pages within a scope, and what is known about one household or person.

use std::collections::HashMap;

use qb_access::{Reading, Reveal, Scope};
use qb_base::keyring::Purpose;
use qb_base::{AreaCode, Keyring};
use qb_policy::{Column, ColumnKind, Dataset, Pack};
use qb_store::{Conn, Row, Sql, StoreError, Value};

use super::household_area;
use crate::model::{Record, RecordFilter, RecordKeyset, RecordValue, UnmatchedRecord};
use crate::snapshot::fields::{Field, read_fields};

const COLUMNS: &str = "\
select id, record_key, area_code, household_id, person_id, fields, sealed, source_file_id, \
  source_row, recorded_at, superseded_at, dataset from record ";
const OF_AREA: &str = "where dataset = $1 and superseded_at is null and area_code >= $2 \
  and area_code < $3 and (area_code, record_key) > ($4, $5) ";
const BY_KEY: &str = "and substr(record_key, 1, length($6)) = $6 ";
const ORDER: &str = "order by area_code, record_key ";
/// A row that names both the household and a member is one row.
const OF_HOUSEHOLD: &str = "where id in (\
select r.id from record r where r.household_id = $1 and r.superseded_at is null \
union select r.id from person p join record r on r.person_id = p.id \
and r.superseded_at is null where p.household_id = $1) order by dataset, record_key limit $2";
const VERSIONS: &str = "where dataset = $1 and record_key = $2 order by id desc limit $3";

/// Lines that one page may hold.
const PAGE_MAX: i64 = 500;

/// Who asks, with the keys that open sealed values for masking.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    /// What may be read.
    pub scope: &'a Scope,
    /// The keys of the installation.
    pub keyring: &'a Keyring,
    /// Who may read which list, as the pack says.
    pub reading: &'a Reading,
}

impl Reader<'_> {
    /// A list the reader may not read does not exist for it.
    fn may_read(&self, dataset: &Dataset) -> Result<(), StoreError> {
        let may = self.reading.reads(self.scope, &dataset.id);
        if may { Ok(()) } else { Err(StoreError::NotFound) }
    }
}

/// One page of rows of a dataset in an area, after a keyset.
///
/// # Errors
/// [`StoreError::NotFound`] when the area lies outside the scope.
pub fn records(
    conn: &Conn,
    reader: &Reader<'_>,
    dataset: &Dataset,
    area: AreaCode,
    filter: &RecordFilter,
    after: &RecordKeyset,
    limit: i64,
) -> Result<Vec<Record>, StoreError> {
    reader.may_read(dataset)?;
    let scope = reader.scope.within(area).ok_or(StoreError::NotFound)?;
    let (low, high) = scope.range();
    let mut values: Vec<Value<'_>> = vec![
        dataset.id.as_str().into(),
        (&low).into(),
        (&high).into(),
        (&after.area_code).into(),
        (&after.key).into(),
    ];
    let (condition, limit_at) = match &filter.key {
        Some(key) => {
            values.push(key.into());
            (BY_KEY, "limit $7")
        }
        None => ("", "limit $6"),
    };
    values.push(limit.clamp(1, PAGE_MAX).into());
    let sql = Sql::join(&[COLUMNS, OF_AREA, condition, ORDER, limit_at]);
    conn.query(sql, &values, |row| read_record(reader, dataset, row))
}

/// Rows of a dataset within the scope whose open text column holds a value, in the order of area
/// and key; all rows of the scope are looked through.
///
/// # Errors
/// [`StoreError::NotFound`] when the dataset has no such column.
pub fn records_with(
    conn: &Conn,
    reader: &Reader<'_>,
    dataset: &Dataset,
    (column, wanted): (&str, &str),
) -> Result<Vec<Record>, StoreError> {
    reader.may_read(dataset)?;
    let at = dataset.columns.iter().position(|known| known.id == column);
    let at = at.ok_or(StoreError::NotFound)?;
    let (low, high) = reader.scope.range();
    let values = [dataset.id.as_str().into(), (&low).into(), (&high).into(), "".into(), "".into()];
    let sql = Sql::join(&[COLUMNS, OF_AREA, ORDER]);
    let mut found = Vec::new();
    conn.each::<StoreError>(sql, &values, |row| {
        // Only rows in which the value stands anywhere are opened.
        if row.text(5)?.contains(wanted) {
            let record = read_record(reader, dataset, row)?;
            if record.values.get(at).is_some_and(|value| value.is_text(wanted)) {
                found.push(record);
            }
        }
        Ok(())
    })?;
    Ok(found)
}

/// Every current row of a list that is short by nature, within the scope, in the order of area and
/// key.
pub(super) fn all_records(
    conn: &Conn,
    reader: &Reader<'_>,
    dataset: &Dataset,
) -> Result<Vec<Record>, StoreError> {
    reader.may_read(dataset)?;
    let (low, high) = reader.scope.range();
    let values = [dataset.id.as_str().into(), (&low).into(), (&high).into(), "".into(), "".into()];
    let sql = Sql::join(&[COLUMNS, OF_AREA, ORDER]);
    conn.query(sql, &values, |row| read_record(reader, dataset, row))
}

/// How many rows of a dataset in an area pass a filter.
///
/// # Errors
/// [`StoreError::NotFound`] when the area lies outside the scope.
pub fn record_count(
    conn: &Conn,
    scope: &Scope,
    dataset: &Dataset,
    area: AreaCode,
    filter: &RecordFilter,
) -> Result<i64, StoreError> {
    let scope = scope.within(area).ok_or(StoreError::NotFound)?;
    let (low, high) = scope.range();
    let mut values: Vec<Value<'_>> =
        vec![dataset.id.as_str().into(), (&low).into(), (&high).into(), "".into(), "".into()];
    let condition = match &filter.key {
        Some(key) => {
            values.push(key.into());
            BY_KEY
        }
        None => "",
    };
    let sql = Sql::join(&["select count(*) from record ", OF_AREA, condition]);
    conn.query_one(sql, &values, |row| row.int(0))
}

/// How many current rows each of these datasets has in an area, by the dataset's id.
///
/// One count a dataset: the index is by dataset and area, and a single statement over all of them
/// would read every row of the city for a village.
///
/// # Errors
/// [`StoreError::NotFound`] when the area lies outside the scope.
pub fn record_counts<'d>(
    conn: &Conn,
    scope: &Scope,
    area: AreaCode,
    datasets: impl IntoIterator<Item = &'d Dataset>,
) -> Result<HashMap<&'d str, i64>, StoreError> {
    let scope = scope.within(area).ok_or(StoreError::NotFound)?;
    let (low, high) = scope.range();
    let sql = "select count(*) from record where dataset = $1 and superseded_at is null \
               and area_code >= $2 and area_code < $3";
    let mut counts = HashMap::new();
    for dataset in datasets {
        let values = [dataset.id.as_str().into(), (&low).into(), (&high).into()];
        counts.insert(dataset.id.as_str(), conn.query_one(sql, &values, |row| row.int(0))?);
    }
    Ok(counts)
}

/// How the current rows of a dataset within a scope meet the register.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Matches {
    /// Rows.
    pub rows: i64,
    /// Those about a registered household or person.
    pub matched: i64,
    /// When the newest of them became known, in ms UTC.
    pub newest: Option<i64>,
}

/// Counts the rows of a dataset within a scope and those that meet the register.
///
/// # Errors
/// Whatever the store says.
pub fn record_matches(
    conn: &Conn,
    scope: &Scope,
    dataset: &Dataset,
) -> Result<Matches, StoreError> {
    let (low, high) = scope.range();
    let sql = "select count(*), count(coalesce(household_id, person_id)), max(recorded_at) \
               from record where dataset = $1 and superseded_at is null and area_code >= $2 \
               and area_code < $3";
    let values = [dataset.id.as_str().into(), (&low).into(), (&high).into()];
    conn.query_one(sql, &values, |row| {
        Ok(Matches { rows: row.int(0)?, matched: row.int(1)?, newest: row.int_opt(2)? })
    })
}

/// A page of the rows of a dataset within a scope that meet no person and no household.
///
/// # Errors
/// Whatever the store says.
pub fn unmatched_records(
    conn: &Conn,
    scope: &Scope,
    dataset: &Dataset,
    after: &RecordKeyset,
    limit: i64,
) -> Result<Vec<UnmatchedRecord>, StoreError> {
    let (low, high) = scope.range();
    let values: [Value<'_>; 6] = [
        dataset.id.as_str().into(),
        (&low).into(),
        (&high).into(),
        (&after.area_code).into(),
        (&after.key).into(),
        limit.clamp(1, PAGE_MAX).into(),
    ];
    conn.query(include_str!("../sql/unmatched_records.sql"), &values, |row| {
        Ok(UnmatchedRecord {
            area_code: row.text(0)?,
            key: row.text(1)?,
            file: row.text(2)?,
            source_row: row.int(3)?,
        })
    })
}

/// One row of a dataset, current or replaced; one outside the scope does not exist.
///
/// # Errors
/// [`StoreError::NotFound`] when there is no such row within the scope, or the pack has no such
/// dataset.
pub fn record(
    conn: &Conn,
    reader: &Reader<'_>,
    pack: &Pack,
    id: i64,
) -> Result<Record, StoreError> {
    let sql = Sql::join(&[COLUMNS, "where id = $1"]);
    let found = conn.query_one(sql, &[id.into()], |row| of_pack(reader, pack, row))?;
    let found = found.ok_or(StoreError::NotFound)?;
    if !may_read(conn, reader.scope, &found)? {
        return Err(StoreError::NotFound);
    }
    Ok(found)
}

/// All versions of a row of a dataset within the scope, newest first.
///
/// # Errors
/// Whatever the store says.
pub fn record_versions(
    conn: &Conn,
    reader: &Reader<'_>,
    dataset: &Dataset,
    key: &str,
) -> Result<Vec<Record>, StoreError> {
    reader.may_read(dataset)?;
    let sql = Sql::join(&[COLUMNS, VERSIONS]);
    let values = [dataset.id.as_str().into(), key.into(), PAGE_MAX.into()];
    let found = conn.query(sql, &values, |row| read_record(reader, dataset, row))?;
    let mut versions = Vec::with_capacity(found.len());
    for version in found {
        if may_read(conn, reader.scope, &version)? {
            versions.push(version);
        }
    }
    Ok(versions)
}

/// Current rows about a household or one of its members, of all datasets, each once; a household
/// outside the scope has none.
///
/// # Errors
/// Whatever the store says.
pub fn household_records(
    conn: &Conn,
    reader: &Reader<'_>,
    pack: &Pack,
    household_id: i64,
) -> Result<Vec<Record>, StoreError> {
    if !covers_household(conn, reader.scope, household_id)? {
        return Ok(Vec::new());
    }
    let sql = Sql::join(&[COLUMNS, OF_HOUSEHOLD]);
    let values = [household_id.into(), PAGE_MAX.into()];
    let found = conn.query(sql, &values, |row| of_pack(reader, pack, row))?;
    Ok(found.into_iter().flatten().collect())
}

/// A row may be read where it stands, and with the household or person it is about.
fn may_read(conn: &Conn, scope: &Scope, record: &Record) -> Result<bool, StoreError> {
    if AreaCode::parse(&record.area_code).is_ok_and(|area| scope.covers(area)) {
        return Ok(true);
    }
    if let Some(household) = record.household_id
        && covers_household(conn, scope, household)?
    {
        return Ok(true);
    }
    record.person_id.map_or(Ok(false), |person| covers_person(conn, scope, person))
}

fn covers_household(conn: &Conn, scope: &Scope, id: i64) -> Result<bool, StoreError> {
    Ok(household_area(conn, id)?.is_some_and(|area| scope.covers(area)))
}

fn covers_person(conn: &Conn, scope: &Scope, id: i64) -> Result<bool, StoreError> {
    let sql = "select household_id from person where id = $1";
    let household = conn.query_opt(sql, &[id.into()], |row| row.int_opt(0))?.flatten();
    household.map_or(Ok(false), |household| covers_household(conn, scope, household))
}

/// A row of a dataset that the pack has and the reader may read.
fn of_pack(reader: &Reader<'_>, pack: &Pack, row: &Row<'_>) -> Result<Option<Record>, StoreError> {
    let dataset = pack.dataset(&row.text(11)?);
    let dataset = dataset.filter(|dataset| reader.may_read(dataset).is_ok());
    dataset.map(|dataset| read_record(reader, dataset, row)).transpose()
}

fn read_record(
    reader: &Reader<'_>,
    dataset: &Dataset,
    row: &Row<'_>,
) -> Result<Record, StoreError> {
    let wrong = |column| StoreError::Type { column, expected: "fields of a record" };
    let area_code = row.text(2)?;
    let (open, sealed) = (row.text(5)?, opened(reader.keyring, &dataset.id, row)?);
    let ids: Vec<String> = dataset.columns.iter().map(|column| column.id.clone()).collect();
    let (mut plain, mut secret) = (Vec::new(), Vec::new());
    read_fields(&open, &ids, &mut plain).map_err(|_| wrong(5))?;
    read_fields(&sealed, &ids, &mut secret).map_err(|_| wrong(6))?;
    let values = dataset.columns.iter().zip(plain.iter().zip(&secret));
    let values = values.map(|(column, (plain, secret))| {
        if column.is_area() {
            area_value(column, &area_code)
        } else if column.is_sealed() {
            masked(reader, &dataset.id, column, secret)
        } else {
            value(plain)
        }
    });
    Ok(Record {
        id: row.int(0)?,
        dataset: dataset.id.clone(),
        key: row.text(1)?,
        values: values.collect(),
        area_code,
        household_id: row.int_opt(3)?,
        person_id: row.int_opt(4)?,
        source_file_id: row.int(7)?,
        source_row: row.int(8)?,
        recorded_at: row.int(9)?,
        superseded_at: row.int_opt(10)?,
    })
}

/// The sealed fields as JSON; an empty object where there are none.
fn opened(keyring: &Keyring, dataset: &str, row: &Row<'_>) -> Result<String, StoreError> {
    let Some(sealed) = row.blob_opt(6)? else { return Ok("{}".to_owned()) };
    let opened = keyring.open(Purpose::Record, &[dataset, &row.text(1)?], &sealed);
    let opened = opened.map_err(|error| StoreError::Database(error.to_string()))?;
    Ok(String::from_utf8_lossy(&opened).into_owned())
}

/// The area of a column's level that the row stands in.
fn area_value(column: &Column, area_code: &str) -> RecordValue {
    let area = AreaCode::parse(area_code).ok().zip(column.area_level());
    let area = area.and_then(|(area, level)| area.at(level));
    area.map_or(RecordValue::Unknown, |area| RecordValue::Text(area.to_string()))
}

fn value(field: &Field<'_>) -> RecordValue {
    match field {
        Field::Unknown => RecordValue::Unknown,
        Field::Int(number) => RecordValue::Int(*number),
        Field::Bool(truth) => RecordValue::Bool(*truth),
        Field::Text(text) => RecordValue::Text(text.clone().into_owned()),
    }
}

/// A personal value as the scope may read it; identity numbers and phones are masked for everybody.
fn masked(reader: &Reader<'_>, dataset: &str, column: &Column, field: &Field<'_>) -> RecordValue {
    let scope = reader.scope;
    if !reader.reading.reads_column(scope, dataset, column) {
        return if *field == Field::Unknown { RecordValue::Unknown } else { RecordValue::Hidden };
    }
    let Field::Text(text) = field else {
        return match (scope.reveal(), field) {
            (Reveal::Full, known) => value(known),
            (_, Field::Unknown) => RecordValue::Unknown,
            _ => RecordValue::Hidden,
        };
    };
    match (&column.kind, scope.reveal()) {
        (_, Reveal::None) => RecordValue::Hidden,
        (ColumnKind::Name, _) => RecordValue::Text(scope.name(text)),
        (ColumnKind::ResidentId, _) => RecordValue::Text(scope.id_number(text)),
        (ColumnKind::Phone, _) => RecordValue::Text(scope.phone(text)),
        (_, Reveal::Full) => value(field),
        (_, Reveal::Masked) => RecordValue::Hidden,
    }
}

/// The name of a file that was imported.
///
/// # Errors
/// [`StoreError::NotFound`] when there is none of that number.
pub fn source_name(conn: &Conn, source_file_id: i64) -> Result<String, StoreError> {
    let sql = "select name from source_file where id = $1";
    conn.query_one(sql, &[source_file_id.into()], |row| row.text(0))
}
