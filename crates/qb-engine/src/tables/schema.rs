//! The published tables: what pack SQL may name, known without a snapshot.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch};
use datafusion::arrow::array::{
    BooleanBuilder, Date32Builder, Decimal128Builder, Int64Builder, StringBuilder,
};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use qb_base::{Date, Text};

use crate::error::EngineError;
use crate::value::epoch_days;

/// Digits of a decimal column of a dataset and of a parameter, and how many follow the point.
pub const DECIMAL: TableType = TableType::Decimal { precision: 20, scale: 6 };

/// What a column of a table holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableType {
    /// A whole number: counts, years, ids, money in fen.
    Integer,
    /// Text, a code, an area code, a month `YYYY-MM`.
    Text,
    /// True, false or unknown.
    Bool,
    /// A calendar day.
    Date,
    /// An exact decimal.
    Decimal {
        /// Digits in all, at most 38.
        precision: u8,
        /// Digits after the point.
        scale: i8,
    },
}

impl TableType {
    /// The arrow type the column is stored in.
    pub fn arrow(self) -> DataType {
        match self {
            Self::Integer => DataType::Int64,
            Self::Text => DataType::Utf8,
            Self::Bool => DataType::Boolean,
            Self::Date => DataType::Date32,
            Self::Decimal { precision, scale } => DataType::Decimal128(precision, scale),
        }
    }
}

impl TableType {
    /// The type of an arrow column.
    pub(super) fn of(kind: &DataType) -> Option<Self> {
        Some(match kind {
            DataType::Int64 => Self::Integer,
            DataType::Utf8 => Self::Text,
            DataType::Boolean => Self::Bool,
            DataType::Date32 => Self::Date,
            DataType::Decimal128(precision, scale) => {
                Self::Decimal { precision: *precision, scale: *scale }
            }
            _ => return None,
        })
    }
}

/// One column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableColumn {
    /// The name in SQL; money ends `_fen`, days end `_on`.
    pub name: String,
    /// What it holds.
    pub kind: TableType,
    /// Its head on pages and in workbooks.
    pub label: Text,
    /// The code list its values are codes of.
    pub codes: Option<String>,
}

/// The name and columns of a table, declared by the link that publishes it.
///
/// Checking a pack needs no more than this; a snapshot adds the rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableSchema {
    /// The name in SQL.
    pub name: String,
    /// Its columns in order.
    pub columns: Vec<TableColumn>,
    /// Whether the pack alone fills it, so that no imported row changes it.
    pub is_of_pack: bool,
}

impl TableSchema {
    /// A table without columns yet.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), columns: Vec::new(), is_of_pack: false }
    }

    /// Says that the pack alone fills the table.
    #[must_use]
    pub const fn of_pack(mut self) -> Self {
        self.is_of_pack = true;
        self
    }

    /// Adds a column.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, kind: TableType, label: Text) -> Self {
        self.columns.push(TableColumn { name: name.into(), kind, label, codes: None });
        self
    }

    /// Adds a column of codes of a list.
    #[must_use]
    pub fn with_code(mut self, name: impl Into<String>, list: &str, label: Text) -> Self {
        let codes = Some(list.to_owned());
        let kind = TableType::Text;
        self.columns.push(TableColumn { name: name.into(), kind, label, codes });
        self
    }

    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&TableColumn> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The arrow schema; every column may be unknown.
    pub fn arrow(&self) -> SchemaRef {
        let field = |column: &TableColumn| Field::new(&column.name, column.kind.arrow(), true);
        Arc::new(Schema::new(self.columns.iter().map(field).collect::<Vec<_>>()))
    }
}

/// A table with its rows, as a link hands it over for a snapshot.
#[derive(Clone, Debug)]
pub struct Table {
    /// The name in SQL.
    pub name: String,
    /// Its columns.
    pub schema: SchemaRef,
    /// Its rows, in an order that depends on nothing but their content.
    pub batches: Vec<RecordBatch>,
}

/// One value of a row under construction.
#[derive(Clone, Copy, Debug)]
pub enum TableCell<'a> {
    /// Not known.
    Unknown,
    /// A whole number.
    Int(i64),
    /// Text.
    Text(&'a str),
    /// A truth value.
    Bool(bool),
    /// A calendar day.
    Date(Date),
    /// The digits of a decimal, in the scale of its column.
    Decimal(i128),
}

impl<'a, T: Into<TableCell<'a>>> From<Option<T>> for TableCell<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Unknown, Into::into)
    }
}

impl From<i64> for TableCell<'_> {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<bool> for TableCell<'_> {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<Date> for TableCell<'_> {
    fn from(value: Date) -> Self {
        Self::Date(value)
    }
}

impl<'a> From<&'a str> for TableCell<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a String> for TableCell<'a> {
    fn from(value: &'a String) -> Self {
        Self::Text(value)
    }
}

enum Builder {
    Int(Int64Builder),
    Text(StringBuilder),
    Bool(BooleanBuilder),
    Date(Date32Builder),
    Decimal(Decimal128Builder),
}

/// Collects the rows of a table.
pub struct TableRows {
    schema: TableSchema,
    builders: Vec<Builder>,
    misfits: usize,
}

impl TableRows {
    /// Begins a table.
    pub fn new(schema: TableSchema) -> Self {
        let builders = schema.columns.iter().map(|column| Builder::new(column.kind)).collect();
        Self { schema, builders, misfits: 0 }
    }

    /// Adds a row; its values stand in the order of the columns, missing ones are unknown.
    pub fn push(&mut self, row: &[TableCell<'_>]) {
        for (at, builder) in self.builders.iter_mut().enumerate() {
            let cell = row.get(at).copied().unwrap_or(TableCell::Unknown);
            self.misfits += usize::from(!builder.push(cell));
        }
        self.misfits += row.len().saturating_sub(self.builders.len());
    }

    /// The table.
    ///
    /// # Errors
    /// When a value did not have the type of its column, which is a fault of the link.
    pub fn finish(self) -> Result<Table, EngineError> {
        if self.misfits > 0 {
            return Err(EngineError::internal("a row of a table does not fit its columns"));
        }
        let schema = self.schema.arrow();
        let columns: Result<Vec<ArrayRef>, EngineError> = self
            .builders
            .into_iter()
            .zip(&self.schema.columns)
            .map(|(builder, column)| builder.finish(column.kind))
            .collect();
        let batch = RecordBatch::try_new(Arc::clone(&schema), columns?)?;
        Ok(Table { name: self.schema.name, schema, batches: vec![batch] })
    }
}

impl Builder {
    fn new(kind: TableType) -> Self {
        match kind {
            TableType::Integer => Self::Int(Int64Builder::new()),
            TableType::Text => Self::Text(StringBuilder::new()),
            TableType::Bool => Self::Bool(BooleanBuilder::new()),
            TableType::Date => Self::Date(Date32Builder::new()),
            TableType::Decimal { .. } => Self::Decimal(Decimal128Builder::new()),
        }
    }

    /// Whether the value has the type of the column.
    fn push(&mut self, cell: TableCell<'_>) -> bool {
        match (&mut *self, cell) {
            (Self::Int(builder), TableCell::Int(value)) => builder.append_value(value),
            (Self::Text(builder), TableCell::Text(value)) => builder.append_value(value),
            (Self::Bool(builder), TableCell::Bool(value)) => builder.append_value(value),
            (Self::Date(builder), TableCell::Date(day)) => builder.append_value(epoch_days(day)),
            (Self::Decimal(builder), TableCell::Decimal(value)) => builder.append_value(value),
            (_, cell) => {
                self.push_unknown();
                return matches!(cell, TableCell::Unknown);
            }
        }
        true
    }

    fn push_unknown(&mut self) {
        match self {
            Self::Int(builder) => builder.append_null(),
            Self::Text(builder) => builder.append_null(),
            Self::Bool(builder) => builder.append_null(),
            Self::Date(builder) => builder.append_null(),
            Self::Decimal(builder) => builder.append_null(),
        }
    }

    fn finish(self, kind: TableType) -> Result<ArrayRef, EngineError> {
        Ok(match (self, kind) {
            (Self::Int(mut builder), _) => Arc::new(builder.finish()),
            (Self::Text(mut builder), _) => Arc::new(builder.finish()),
            (Self::Bool(mut builder), _) => Arc::new(builder.finish()),
            (Self::Date(mut builder), _) => Arc::new(builder.finish()),
            (Self::Decimal(mut builder), TableType::Decimal { precision, scale }) => {
                Arc::new(builder.finish().with_precision_and_scale(precision, scale)?)
            }
            (Self::Decimal(_), _) => {
                return Err(EngineError::internal("a decimal in a column of another type"));
            }
        })
    }
}
