//! Tables of a snapshot: one per dataset of the pack, and the pack's own areas, codes and
//! parameters.

use qb_base::{AreaCode, Date, PartialDate};
use qb_engine::tables;
use qb_engine::{Table, TableCell, TableRows, TableSchema, TableType};
use qb_policy::{Column, Dataset, Decimal, Pack, ParamUnit};
use qb_store::{Conn, Known, Row, StoreError};

use super::Asked;
use super::fields::{Field, read_fields};
use crate::areas::known::ended;
use crate::error::RegistryError;

const RECORDS: &str = include_str!("../sql/snapshot_record.sql");
const KNOWN_RECORDS: &str = include_str!("../sql/known_record.sql");

/// Digits after the point of a decimal column.
const SCALE: i32 = 6;

/// The rows of every dataset whose place lies within the bounds, one table each.
pub(super) fn records(
    conn: &Conn,
    asked: &Asked<'_>,
    (low, high): &(String, String),
) -> Result<Vec<Table>, RegistryError> {
    asked
        .pack
        .datasets
        .iter()
        .map(|dataset| {
            let mut rows = DatasetRows::new(dataset);
            each_record(conn, (&dataset.id, asked.known), (low, high), |row| {
                let (area, fields) = (row.text(1)?, row.text(4)?);
                let links = [Some(row.int(0)?), row.int_opt(2)?, row.int_opt(3)?];
                rows.push(links, &area, &fields)
            })?;
            Ok(rows.table.finish()?)
        })
        .collect()
}

/// Visits the rows of a dataset that are known, in the order of area and key.
pub(super) fn each_record(
    conn: &Conn,
    (dataset, known): (&str, Known),
    (low, high): (&String, &String),
    mut visit: impl FnMut(&Row<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut values = vec![dataset.into(), low.into(), high.into()];
    let sql = match known {
        Known::Everything => RECORDS,
        Known::By(instant) => {
            values.push(instant.0.into());
            KNOWN_RECORDS
        }
    };
    conn.each(sql, &values, |row| visit(row))
}

/// The columns of a dataset that its table has, and the table under construction.
struct DatasetRows {
    ids: Vec<String>,
    kinds: Vec<TableType>,
    table: TableRows,
}

impl DatasetRows {
    fn new(dataset: &Dataset) -> Self {
        let schema: TableSchema = tables::of_dataset(dataset);
        let shown = |column: &&Column| column.table_column().is_some();
        let ids = dataset.columns.iter().filter(shown).map(|column| column.id.clone()).collect();
        let own = qb_policy::dataset::TABLE_COLUMNS.len();
        let kinds = schema.columns.iter().skip(own).map(|column| column.kind).collect();
        Self { ids, kinds, table: TableRows::new(schema) }
    }

    /// Adds a row: its own id, household and person, its place, and its fields as JSON.
    fn push(
        &mut self,
        [id, household, person]: [Option<i64>; 3],
        area: &str,
        json: &str,
    ) -> Result<(), StoreError> {
        let mut fields: Vec<Field<'_>> = Vec::new();
        read_fields(json, &self.ids, &mut fields)
            .map_err(|_| StoreError::Type { column: 4, expected: "fields of a record" })?;
        let mut cells = Vec::with_capacity(fields.len() + 4);
        cells.extend([
            TableCell::from(id),
            TableCell::Text(area),
            TableCell::from(household),
            TableCell::from(person),
        ]);
        cells.extend(fields.iter().zip(&self.kinds).map(|(field, kind)| cell(field, *kind)));
        self.table.push(&cells);
        Ok(())
    }
}

/// A value as its column holds it; one that an earlier version of the pack stored as another type
/// is unknown.
fn cell<'a>(field: &'a Field<'_>, kind: TableType) -> TableCell<'a> {
    match (kind, field) {
        (TableType::Integer, Field::Int(value)) => TableCell::Int(*value),
        (TableType::Bool, Field::Bool(value)) => TableCell::Bool(*value),
        (TableType::Text, Field::Text(text)) => TableCell::Text(text),
        (TableType::Date, Field::Text(text)) => {
            day(text).map_or(TableCell::Unknown, TableCell::Date)
        }
        (TableType::Decimal { .. }, Field::Text(text)) => {
            let value = Decimal::parse(text).and_then(scaled);
            value.map_or(TableCell::Unknown, TableCell::Decimal)
        }
        _ => TableCell::Unknown,
    }
}

/// Month precision stands for the first day.
fn day(text: &str) -> Option<Date> {
    PartialDate::from_iso(text).map(|date| date.date)
}

/// The digits of a decimal in the scale of its column; a share with more is rounded.
fn scaled(value: Decimal) -> Option<i128> {
    let step = Decimal::new(1, SCALE.unsigned_abs())?;
    value.round_to(step)?.shift(SCALE)?.to_i64().map(i128::from)
}

/// The pack's areas that are there on a day, its codes and parameters.
pub(super) fn of_pack(conn: &Conn, asked: &Asked<'_>) -> Result<Vec<Table>, RegistryError> {
    let (pack, as_of) = (asked.pack, asked.as_of);
    let ended = ended(conn, as_of, asked.known)?;
    let areas = areas(pack, |code| !ended.contains_key(code));
    Ok(vec![areas.finish()?, codes(pack).finish()?, params(pack, as_of).finish()?])
}

fn areas(pack: &Pack, is_there: impl Fn(&AreaCode) -> bool) -> TableRows {
    let mut rows = TableRows::new(tables::area());
    let mut areas: Vec<_> = pack.areas.iter().filter(|area| is_there(&area.code)).collect();
    areas.sort_by_key(|area| area.code);
    for area in areas {
        let parent = area.parent.map(|code| code.to_string());
        rows.push(&[
            TableCell::Text(area.code.as_str()),
            TableCell::Text(area.level.as_str()),
            TableCell::Text(&area.name),
            TableCell::from(parent.as_ref()),
        ]);
    }
    rows
}

fn codes(pack: &Pack) -> TableRows {
    let mut rows = TableRows::new(tables::code());
    for list in &pack.code_lists {
        // Names that stand in for those to be confirmed come from nowhere.
        let source = (!list.to_be_confirmed).then_some(&list.source);
        for code in &list.codes {
            rows.push(&[
                TableCell::Text(&list.id),
                TableCell::Text(&code.id),
                TableCell::Text(&code.label.zh),
                TableCell::Text(&code.label.en),
                TableCell::from(code.group.as_ref()),
                TableCell::from(code.source.as_ref().or(source)),
            ]);
        }
    }
    rows
}

fn params(pack: &Pack, as_of: Date) -> TableRows {
    let mut rows = TableRows::new(tables::param());
    for param in &pack.params {
        let Some(value) = param.value(&pack.area, as_of) else { continue };
        let digits = scaled(value.number);
        rows.push(&[
            TableCell::Text(&param.id),
            digits.map_or(TableCell::Unknown, TableCell::Decimal),
            TableCell::Text(unit(param.unit)),
        ]);
    }
    rows
}

/// The unit of a parameter's value as expressions get it.
const fn unit(unit: ParamUnit) -> &'static str {
    match unit {
        ParamUnit::Yuan => "fen",
        ParamUnit::Percent => "share",
        ParamUnit::Count => "count",
        ParamUnit::Years => "years",
        ParamUnit::Months => "months",
    }
}
