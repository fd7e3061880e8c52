//! Pages of rows, for people.

use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Date32Type, FieldRef};
use datafusion::common::Column;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, lit};
use qb_base::{AreaCode, Text};
use qb_policy::SqlFigure;

use super::figures::{AREA, exact};
use super::schema::{TableColumn, TableSchema, TableType};
use super::{Tables, check};
use crate::error::EngineError;
use crate::value::{Value, date_of};

/// Which rows of a list are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Rows that are passed over.
    pub offset: usize,
    /// Most rows to answer.
    pub limit: usize,
}

/// Some rows of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowPage {
    /// The columns, with the heads their tables give them.
    pub columns: Vec<TableColumn>,
    /// The rows.
    pub rows: Vec<Vec<Value>>,
    /// Whether rows follow.
    pub more: bool,
}

impl Tables {
    /// Rows behind the figure of a fact, in an area: by area, then by their columns from the first.
    ///
    /// A query that does not say where its rows stand gives them for the whole area only: nobody
    /// sees rows of a place that is not theirs.
    ///
    /// # Errors
    /// When the query fails.
    pub fn rows_of(
        &self,
        of: &SqlFigure,
        area: &AreaCode,
        page: &Page,
    ) -> Result<RowPage, EngineError> {
        let refused = |fault| super::queries::refused("fact", &of.query, fault);
        let (plan, filled) = self.plan(&of.query).map_err(|fault| refused(*fault))?;
        let columns = plan.schema().columns();
        let area_at = columns.iter().find(|column| column.name == AREA);
        let mut order: Vec<&Column> = area_at.into_iter().collect();
        order.extend(columns.iter().filter(|column| column.name != AREA));
        let order = order.into_iter().map(|c| Expr::Column(c.clone()).sort(true, true));
        let order: Vec<_> = order.collect();
        let mut rows = LogicalPlanBuilder::from(plan);
        let within = match area_at {
            Some(at) => {
                let ((low, high), at) = (area.range(), Expr::Column(at.clone()));
                at.clone().gt_eq(lit(low)).and(at.lt(lit(high)))
            }
            None => lit(area.contains(&self.whole)),
        };
        rows = rows.filter(within)?;
        let plan = rows.sort(order)?.build()?;
        let named = self.tables_behind(&filled.text, of.source_table.as_deref());
        self::page(self, plan, page, &named)
    }

    /// The columns of these rows.
    ///
    /// # Errors
    /// When the query has a fault.
    pub fn columns_of(&self, of: &SqlFigure) -> Result<Vec<TableColumn>, EngineError> {
        let refused = |fault| super::queries::refused("fact", &of.query, fault);
        let (plan, filled) = self.plan(&of.query).map_err(|fault| refused(*fault))?;
        let named = self.tables_behind(&filled.text, of.source_table.as_deref());
        Ok(heads_of(&plan, &named))
    }

    /// The tables a query names, the one its rows come from first, then all others: where a column
    /// gets its head.
    fn tables_behind(&self, sql: &str, source: Option<&str>) -> Vec<&TableSchema> {
        let state = self.context.state();
        let named = check::parse(sql).ok().and_then(|query| check::tables(&state, &query).ok());
        let mut names: Vec<&str> = source.into_iter().collect();
        names.extend(named.iter().flatten().map(String::as_str));
        let known = |name: &&str| self.schemas.iter().find(|schema| schema.name == **name);
        let mut found: Vec<&TableSchema> = names.iter().filter_map(known).collect();
        found.extend(self.schemas.iter());
        found
    }
}

/// One page of a plan.
pub(super) fn page(
    tables: &Tables,
    plan: LogicalPlan,
    page: &Page,
    heads: &[&TableSchema],
) -> Result<RowPage, EngineError> {
    let columns = heads_of(&plan, heads);
    let limited =
        LogicalPlanBuilder::from(plan).limit(page.offset, Some(page.limit + 1))?.build()?;
    let mut rows = values(&tables.collect(limited)?)?;
    let more = rows.len() > page.limit;
    rows.truncate(page.limit);
    Ok(RowPage { columns, rows, more })
}

/// The columns of a plan; heads come from the first of the tables that has a column of that name.
fn heads_of(plan: &LogicalPlan, heads: &[&TableSchema]) -> Vec<TableColumn> {
    let head = |field: &FieldRef| {
        let known = heads.iter().find_map(|schema| schema.column(field.name()));
        known.cloned().unwrap_or_else(|| TableColumn {
            name: field.name().clone(),
            kind: TableType::of(field.data_type()).unwrap_or(TableType::Text),
            label: Text::new(field.name().clone(), field.name().clone()),
            codes: None,
        })
    };
    plan.schema().fields().iter().map(head).collect()
}

/// The values of batches, row by row.
pub(super) fn values(batches: &[RecordBatch]) -> Result<Vec<Vec<Value>>, EngineError> {
    let mut rows = Vec::with_capacity(batches.iter().map(RecordBatch::num_rows).sum());
    for batch in batches {
        let columns = batch.columns().iter().map(column_values).collect::<Result<Vec<_>, _>>()?;
        let mut columns: Vec<_> = columns.into_iter().map(Vec::into_iter).collect();
        for _ in 0..batch.num_rows() {
            rows.push(columns.iter_mut().filter_map(Iterator::next).collect());
        }
    }
    Ok(rows)
}

fn column_values(array: &ArrayRef) -> Result<Vec<Value>, EngineError> {
    let all = 0..array.len();
    Ok(match array.data_type() {
        DataType::Boolean => {
            let array = array.as_boolean();
            array.iter().map(|truth| truth.map_or(Value::Unknown, Value::Bool)).collect()
        }
        DataType::Date32 => {
            let array = array.as_primitive::<Date32Type>();
            array.iter().map(|day| day.map_or(Value::Unknown, date_of)).collect()
        }
        DataType::Null | DataType::Decimal128(..) => numbers(array, all)?,
        kind if kind.is_integer() => numbers(array, all)?,
        _ => {
            let text = cast(array, &DataType::Utf8)?;
            let text = text.as_string::<i32>();
            text.iter()
                .map(|text| text.map_or(Value::Unknown, |text| Value::Text(text.to_owned())))
                .collect()
        }
    })
}

fn numbers(array: &ArrayRef, rows: std::ops::Range<usize>) -> Result<Vec<Value>, EngineError> {
    let numbers = exact(array)?;
    Ok(rows.map(|row| numbers.at(row).map_or(Value::Unknown, Value::Number)).collect())
}
