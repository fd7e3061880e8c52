//! One snapshot in memory: flat columns per level, and which rows own which.
//!
//! Rows are ordered by area, household, person, so a household's members and a village's households
//! are runs of rows. Everything the compiler's proofs rest on is checked here: types, bounds,
//! required values, order, sizes of runs.

use std::ops::Range;
use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, BooleanArray, Date32Array, Int64Array, RecordBatch, StringArray,
    new_null_array,
};
use datafusion::arrow::compute::{cast, concat};
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use qb_base::AreaCode;

use crate::error::EngineError;
use crate::value::{Exact, Value, date_of};
use crate::views::{Column, ColumnType, Level, View};

/// A column of a frame.
#[derive(Clone, Debug)]
pub(crate) enum ColumnData {
    Bool(BooleanArray),
    Int(Int64Array),
    Text(StringArray),
    Date(Date32Array),
}

impl ColumnData {
    pub(crate) fn array(&self) -> ArrayRef {
        match self {
            Self::Bool(array) => Arc::new(array.clone()),
            Self::Int(array) => Arc::new(array.clone()),
            Self::Text(array) => Arc::new(array.clone()),
            Self::Date(array) => Arc::new(array.clone()),
        }
    }

    fn value(&self, row: usize) -> Value {
        match self {
            Self::Bool(array) if array.is_valid(row) => Value::Bool(array.value(row)),
            Self::Int(array) if array.is_valid(row) => {
                Value::Number(Exact { unscaled: array.value(row).into(), scale: 0 })
            }
            Self::Text(array) if array.is_valid(row) => Value::Text(array.value(row).to_owned()),
            Self::Date(array) if array.is_valid(row) => date_of(array.value(row)),
            _ => Value::Unknown,
        }
    }
}

/// The rows of one level.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) rows: usize,
    /// In the order of the view; `None` where the column was not read.
    pub(crate) columns: Vec<Option<ColumnData>>,
    /// The id of each row; a village's is its area code as a number.
    pub(crate) subjects: Vec<i64>,
    /// The village of each row.
    areas: StringArray,
}

/// A snapshot in memory.
#[derive(Clone, Debug)]
pub struct Frame {
    pub(crate) tables: [Table; 3],
    /// Start of each household's members, and the end of the last.
    members: Vec<usize>,
    /// Households of each village.
    households: Vec<Range<usize>>,
    /// The household of each person.
    household_of: Vec<usize>,
}

/// The arrow type a view column is stored in.
pub fn arrow_type(kind: ColumnType) -> DataType {
    match kind {
        ColumnType::Id | ColumnType::Int { .. } => DataType::Int64,
        ColumnType::Bool => DataType::Boolean,
        ColumnType::Text | ColumnType::Code(_) => DataType::Utf8,
        ColumnType::Date => DataType::Date32,
    }
}

/// The arrow schema of a view.
pub fn arrow_schema(view: &View) -> Arc<Schema> {
    let field =
        |column: &Column| Field::new(column.name, arrow_type(column.kind), !column.required);
    Arc::new(Schema::new(view.columns.iter().map(field).collect::<Vec<_>>()))
}

impl Frame {
    /// Builds a frame from rows in memory, ordered by area, household, person.
    ///
    /// A column that no batch has is left out; a clause that names it is then an error.
    ///
    /// # Errors
    /// When rows break a view's types or bounds, are out of order, or a person has no household.
    pub fn from_batches(
        person: &[RecordBatch],
        household: &[RecordBatch],
        village: &[RecordBatch],
    ) -> Result<Self, EngineError> {
        let tables = [
            table(Level::Person, person)?,
            table(Level::Household, household)?,
            table(Level::Village, village)?,
        ];
        let [persons, homes, villages] = &tables;
        let (members, household_of) = member_runs(persons, homes)?;
        let households = household_runs(homes, villages)?;
        Ok(Self { tables, members, households, household_of })
    }

    /// Number of rows on a level.
    pub fn rows(&self, level: Level) -> usize {
        self.table(level).rows
    }

    /// The id of a row; a village's is its area code as a number.
    pub fn subject(&self, level: Level, row: usize) -> Option<i64> {
        self.table(level).subjects.get(row).copied()
    }

    /// The ids of all rows of a level, in snapshot order.
    pub fn subjects(&self, level: Level) -> &[i64] {
        &self.table(level).subjects
    }

    /// The row with an id.
    pub fn row_of(&self, level: Level, subject: i64) -> Option<usize> {
        self.subjects(level).iter().position(|id| *id == subject)
    }

    /// The village a row lies in; every row of a level has one.
    pub fn area(&self, level: Level, row: usize) -> &str {
        self.table(level).areas.value(row)
    }

    /// One value of a row, for pages.
    pub fn value(&self, level: Level, row: usize, column: &str) -> Value {
        let data = level.view().position(column).and_then(|index| self.column(level, index));
        data.filter(|_| row < self.rows(level)).map_or(Value::Unknown, |data| data.value(row))
    }

    pub(crate) fn table(&self, level: Level) -> &Table {
        let [person, household, village] = &self.tables;
        match level {
            Level::Person => person,
            Level::Household => household,
            Level::Village => village,
        }
    }

    pub(crate) fn column(&self, level: Level, index: usize) -> Option<&ColumnData> {
        self.table(level).columns.get(index).and_then(Option::as_ref)
    }

    /// The rows of the level below that a row owns.
    pub(crate) fn owned(&self, level: Level, row: usize) -> Range<usize> {
        match level {
            Level::Person => 0..0,
            Level::Household => self.members[row]..self.members[row + 1],
            Level::Village => self.households[row].clone(),
        }
    }

    /// The household of a person.
    pub(crate) fn household_of(&self, person: usize) -> usize {
        self.household_of[person]
    }
}

fn table(level: Level, batches: &[RecordBatch]) -> Result<Table, EngineError> {
    let view = level.view();
    let rows = batches.iter().map(RecordBatch::num_rows).sum();
    let columns = view
        .columns
        .iter()
        .map(|column| read_column(view, column, batches, rows))
        .collect::<Result<Vec<_>, _>>()?;
    let area = view.position("area_code").and_then(|at| columns.get(at)).and_then(Option::as_ref);
    let areas = match area {
        Some(ColumnData::Text(array)) => array.clone(),
        // Without the column there is no row: it is a required one.
        _ => StringArray::new_null(rows),
    };
    let area = area_numbers(view, &areas)?;
    let subjects = match (level, columns.first().and_then(Option::as_ref)) {
        (Level::Person | Level::Household, Some(ColumnData::Int(ids))) => ids.values().to_vec(),
        _ => area,
    };
    Ok(Table { rows, columns, subjects, areas })
}

fn area_numbers(view: &'static View, array: &StringArray) -> Result<Vec<i64>, EngineError> {
    let number = |(row, text): (usize, Option<&str>)| {
        let village = text
            .and_then(|text| AreaCode::parse(text).ok())
            .filter(|code| code.as_str().len() == 12);
        village.and_then(|code| code.as_str().parse().ok()).ok_or_else(|| {
            EngineError::data(
                view.name,
                row,
                "area_code",
                "应为12位村(居)代码",
                "must be a village code of 12 digits",
            )
        })
    };
    array.iter().enumerate().map(number).collect()
}

/// One column of all batches, in the type of the view and within its bounds.
fn read_column(
    view: &'static View,
    column: &Column,
    batches: &[RecordBatch],
    rows: usize,
) -> Result<Option<ColumnData>, EngineError> {
    let wanted = arrow_type(column.kind);
    let mut arrays = Vec::with_capacity(batches.len());
    for batch in batches {
        match batch.column_by_name(column.name) {
            Some(array) if *array.data_type() == wanted => arrays.push(Arc::clone(array)),
            Some(array) => arrays.push(cast(array, &wanted)?),
            None => {}
        }
    }
    if arrays.len() < batches.len() || batches.is_empty() {
        let missing = column.required && rows > 0 || !arrays.is_empty();
        if missing {
            return Err(EngineError::data(
                view.name,
                0,
                column.name,
                "缺少该列",
                "the column is missing",
            ));
        }
        let empty = if batches.is_empty() { Some(new_null_array(&wanted, 0)) } else { None };
        return empty.map(|array| typed(&array)).transpose();
    }
    let parts: Vec<&dyn Array> = arrays.iter().map(AsRef::as_ref).collect();
    let data =
        typed(&(if let [one] = arrays.as_slice() { Arc::clone(one) } else { concat(&parts)? }))?;
    check_column(view, column, &data)?;
    Ok(Some(data))
}

pub(crate) fn typed(array: &ArrayRef) -> Result<ColumnData, EngineError> {
    let any = array.as_any();
    let data = match array.data_type() {
        DataType::Boolean => any.downcast_ref().cloned().map(ColumnData::Bool),
        DataType::Int64 => any.downcast_ref().cloned().map(ColumnData::Int),
        DataType::Utf8 => any.downcast_ref().cloned().map(ColumnData::Text),
        DataType::Date32 => any.downcast_ref().cloned().map(ColumnData::Date),
        _ => None,
    };
    data.ok_or_else(|| EngineError::internal("a view column has an unexpected arrow type"))
}

/// Refuses values the compiler has been promised not to meet.
pub(crate) fn check_column(
    view: &'static View,
    column: &Column,
    data: &ColumnData,
) -> Result<(), EngineError> {
    let array = data.array();
    if column.required
        && array.null_count() > 0
        && let Some(row) = (0..array.len()).find(|row| array.is_null(*row))
    {
        return Err(EngineError::data(
            view.name,
            row,
            column.name,
            "不能为空",
            "must not be empty",
        ));
    }
    let (min, max) = match column.kind {
        ColumnType::Int { min, max } => (min, max),
        ColumnType::Id => (1, i64::MAX),
        _ => return Ok(()),
    };
    let ColumnData::Int(ints) = data else { return Ok(()) };
    let outside =
        |(row, value): (usize, Option<i64>)| value.filter(|v| *v < min || *v > max).map(|_| row);
    match ints.iter().enumerate().find_map(outside) {
        None => Ok(()),
        Some(row) => Err(EngineError::data(
            view.name,
            row,
            column.name,
            format!("应在{min}到{max}之间"),
            format!("must lie between {min} and {max}"),
        )),
    }
}

/// Walks persons and households side by side; both are in the same order.
fn member_runs(persons: &Table, homes: &Table) -> Result<(Vec<usize>, Vec<usize>), EngineError> {
    check_order(homes, Level::Household)?;
    let at = Level::Person
        .view()
        .position("household_id")
        .and_then(|at| persons.columns.get(at))
        .and_then(Option::as_ref);
    let owner: &[i64] = match at {
        Some(ColumnData::Int(ids)) => ids.values(),
        _ => &[],
    };
    let mut members = Vec::with_capacity(homes.rows + 1);
    let mut household_of = Vec::with_capacity(persons.rows);
    members.push(0);
    for (home, id) in homes.subjects.iter().enumerate() {
        let first = household_of.len();
        while owner.get(household_of.len()) == Some(id) {
            household_of.push(home);
        }
        let size = household_of.len() - first;
        check_size(Level::Household, home, size)?;
        members.push(household_of.len());
    }
    match household_of.len() == persons.rows {
        true => Ok((members, household_of)),
        false => Err(EngineError::data(
            "person",
            household_of.len(),
            "household_id",
            "该户不存在，或人员没有按户相邻排列",
            "there is no such household, or persons are not in the order of households",
        )),
    }
}

fn household_runs(homes: &Table, villages: &Table) -> Result<Vec<Range<usize>>, EngineError> {
    check_order(villages, Level::Village)?;
    let at = Level::Household
        .view()
        .position("area_code")
        .and_then(|at| homes.columns.get(at))
        .and_then(Option::as_ref);
    let codes = match (at, villages.rows) {
        (Some(ColumnData::Text(codes)), 1..) => area_numbers(Level::Household.view(), codes)?,
        _ => Vec::new(),
    };
    let mut runs = Vec::with_capacity(villages.rows);
    for (row, village) in villages.subjects.iter().enumerate() {
        let start = codes.partition_point(|code| code < village);
        let end = codes.partition_point(|code| code <= village);
        check_size(Level::Village, row, end - start)?;
        runs.push(start..end);
    }
    Ok(runs)
}

fn check_size(level: Level, row: usize, size: usize) -> Result<(), EngineError> {
    if size as u128 <= level.members_max() {
        return Ok(());
    }
    let max = level.members_max();
    Err(EngineError::data(
        level.name(),
        row,
        "*",
        format!("下级超过{max}行"),
        format!("owns more than {max} rows"),
    ))
}

/// Households ascend by area and id, villages by area; no row comes twice.
fn check_order(table: &Table, level: Level) -> Result<(), EngineError> {
    let at = level.view().position("area_code");
    let areas = match at.and_then(|at| table.columns.get(at)).and_then(Option::as_ref) {
        Some(ColumnData::Text(areas)) => areas,
        _ => return Ok(()),
    };
    let key = |row: usize| (areas.value(row), table.subjects[row]);
    match (1..table.rows).find(|row| key(row - 1) >= key(*row)) {
        None => Ok(()),
        Some(row) => Err(EngineError::data(
            level.name(),
            row,
            "area_code",
            "各行应按地区、户号升序排列且不重复",
            "rows must ascend by area and id, each once",
        )),
    }
}
