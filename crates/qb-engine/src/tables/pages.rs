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
        let heads = self.heads(of, &filled.text);
        self::page(self, plan, page, &heads.iter().collect::<Vec<_>>())
    }

    /// The columns of these rows.
    ///
    /// # Errors
    /// When the query has a fault.
    pub fn columns_of(&self, of: &SqlFigure) -> Result<Vec<TableColumn>, EngineError> {
        let refused = |fault| super::queries::refused("fact", &of.query, fault);
        let (plan, filled) = self.plan(&of.query).map_err(|fault| refused(*fault))?;
        let heads = self.heads(of, &filled.text);
        Ok(heads_of(&plan, &heads.iter().collect::<Vec<_>>()))
    }

    /// Where the columns of a query get their heads: what the fact says of them, then the table its
    /// rows come from, then the others it reads, also through views.
    fn heads(&self, of: &SqlFigure, sql: &str) -> Vec<TableSchema> {
        let told = of.labels.iter().fold(TableSchema::new("labels"), |schema, (name, label)| {
            schema.with(name, TableType::Text, label.clone())
        });
        let mut names: Vec<String> = of.source_table.iter().cloned().collect();
        names.extend(self.tables_of(sql));
        let known = |name: &String| self.schemas.iter().find(|schema| schema.name == *name);
        [told].into_iter().chain(names.iter().filter_map(known).cloned()).collect()
    }

    /// The tables a query reads, views replaced by what they read.
    pub(super) fn tables_of(&self, sql: &str) -> Vec<String> {
        let state = self.context.state();
        let named = check::parse(sql).ok().and_then(|query| check::tables(&state, &query).ok());
        let mut found = Vec::new();
        for name in named.into_iter().flatten() {
            match self.behind_views.get(&name) {
                Some(behind) => found.extend(behind.iter().cloned()),
                None => found.push(name),
            }
        }
        found
    }

    /// A column of the query whose head nobody tells.
    pub(super) fn column_without_head(
        &self,
        of: &SqlFigure,
        plan: &LogicalPlan,
        sql: &str,
    ) -> Option<String> {
        let heads = self.heads(of, sql);
        let names = plan.schema().fields().iter().map(|field| field.name());
        let mut bare = names.filter(|name| !heads.iter().any(|of| of.column(name).is_some()));
        bare.next().cloned()
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
        let name = field.name();
        let mut known = heads.iter().filter_map(|schema| schema.column(name));
        let label = known.clone().next().map(|column| column.label.clone());
        TableColumn {
            name: name.clone(),
            kind: TableType::of(field.data_type()).unwrap_or(TableType::Text),
            label: label.unwrap_or_else(|| Text::new(name.clone(), name.clone())),
            codes: known.find_map(|column| column.codes.clone()),
        }
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
