//! Rows of one view, gathered column by column.

use std::sync::Arc;

use qb_base::date::epoch_days;
use qb_base::{Date, PartialDate};
use qb_engine::arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, Int64Builder, RecordBatch, StringBuilder,
};
use qb_engine::views::{ColumnType, View};

/// One value of a row.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cell<'a> {
    /// Unknown.
    Unknown,
    /// A number, an id, fen.
    Int(i64),
    /// A truth value.
    Bool(bool),
    /// Text or a code.
    Text(&'a str),
    /// A calendar day.
    Day(Date),
}

impl From<Option<i64>> for Cell<'_> {
    fn from(value: Option<i64>) -> Self {
        value.map_or(Self::Unknown, Self::Int)
    }
}

impl From<Option<bool>> for Cell<'_> {
    fn from(value: Option<bool>) -> Self {
        value.map_or(Self::Unknown, Self::Bool)
    }
}

impl<'a> From<&'a Option<String>> for Cell<'a> {
    fn from(value: &'a Option<String>) -> Self {
        value.as_deref().map_or(Self::Unknown, Self::Text)
    }
}

/// The day an ISO text begins with; month precision stands for the first day.
pub(super) fn day(text: &Option<String>) -> Cell<'static> {
    text.as_deref().and_then(PartialDate::from_iso).map_or(Cell::Unknown, |d| Cell::Day(d.date))
}

enum Builder {
    Int(Int64Builder),
    Bool(BooleanBuilder),
    Text(StringBuilder),
    Day(Date32Builder),
}

/// Rows of a view under construction.
pub(super) struct Rows {
    view: &'static View,
    builders: Vec<Builder>,
}

impl Rows {
    pub(super) fn new(view: &'static View) -> Self {
        let builder = |kind: &ColumnType| match kind {
            ColumnType::Id | ColumnType::Int { .. } => Builder::Int(Int64Builder::new()),
            ColumnType::Bool => Builder::Bool(BooleanBuilder::new()),
            ColumnType::Text | ColumnType::Code(_) => Builder::Text(StringBuilder::new()),
            ColumnType::Date => Builder::Day(Date32Builder::new()),
        };
        Self { view, builders: view.columns.iter().map(|c| builder(&c.kind)).collect() }
    }

    /// Adds a row; values stand in the order of the view's columns, a value of another type counts
    /// as unknown.
    pub(super) fn push(&mut self, cells: &[Cell<'_>]) {
        debug_assert_eq!(cells.len(), self.builders.len(), "{}", self.view.name);
        for (builder, cell) in self.builders.iter_mut().zip(cells) {
            match (builder, cell) {
                (Builder::Int(b), Cell::Int(value)) => b.append_value(*value),
                (Builder::Bool(b), Cell::Bool(value)) => b.append_value(*value),
                (Builder::Text(b), Cell::Text(value)) => b.append_value(value),
                (Builder::Day(b), Cell::Day(value)) => b.append_value(epoch_days(*value)),
                (Builder::Int(b), _) => b.append_null(),
                (Builder::Bool(b), _) => b.append_null(),
                (Builder::Text(b), _) => b.append_null(),
                (Builder::Day(b), _) => b.append_null(),
            }
        }
    }

    /// The rows as one batch.
    pub(super) fn finish(self) -> Result<RecordBatch, qb_engine::EngineError> {
        let columns: Vec<ArrayRef> = self
            .builders
            .into_iter()
            .map(|builder| -> ArrayRef {
                match builder {
                    Builder::Int(mut b) => Arc::new(b.finish()),
                    Builder::Bool(mut b) => Arc::new(b.finish()),
                    Builder::Text(mut b) => Arc::new(b.finish()),
                    Builder::Day(mut b) => Arc::new(b.finish()),
                }
            })
            .collect();
        Ok(RecordBatch::try_new(qb_engine::arrow_schema(self.view), columns)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_stands_for_its_first_day() {
        let cell = day(&Some("2014-05".to_owned()));
        assert!(matches!(cell, Cell::Day(d) if d == Date::constant(2014, 5, 1)));
        assert!(matches!(day(&Some("五月".to_owned())), Cell::Unknown));
    }
}
