//! Results of the rules as tables: made while they are read, clause by clause.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use datafusion::arrow::array::{
    ArrayRef, Decimal128Builder, Int64Builder, RecordBatch, StringBuilder,
};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::error::ArrowError;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DataFusionError, Result, ScalarValue};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{
    Expr, LogicalPlan, Operator, TableProviderFilterPushDown, TableType as Kind,
};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};

use super::Tables;
use super::published::CLAUSE_TABLES;
use super::schema::{TableSchema, TableType};
use crate::engine::compiled;
use crate::error::EngineError;
use crate::expr::compile::Program;
use crate::frame::Frame;
use crate::output::ClauseColumn;

/// Rows made at a time.
const CHUNK_ROWS: usize = 8_192;

/// The results of the rules over a snapshot.
#[derive(Clone)]
pub(crate) struct Results {
    pub(crate) program: Arc<Program>,
    pub(crate) frame: Arc<Frame>,
    pub(crate) columns: Arc<Vec<ClauseColumn>>,
}

impl Tables {
    /// Gives the results of a run, so that they are not computed again.
    pub(crate) fn set_results(&self, results: Results) {
        // Whoever came first computed the same from the same snapshot.
        let _ = self.results.set(results);
    }

    /// Computes the results of the rules when a plan reads them and nobody has given them.
    pub(super) fn require_results(&self, plan: &LogicalPlan) -> Result<(), EngineError> {
        let mut needed = false;
        plan.apply_with_subqueries(|node| {
            if let LogicalPlan::TableScan(scan) = node {
                needed |= CLAUSE_TABLES.contains(&scan.table_name.table());
            }
            Ok(TreeNodeRecursion::Continue)
        })?;
        let Some((snapshot, rules)) = self.source.as_ref().filter(|_| needed) else {
            return Ok(());
        };
        if self.results.get().is_none() {
            let program = compiled(rules)?;
            let frame = snapshot.frame()?;
            let columns = self.engine.setwise(&program, &frame)?;
            self.set_results(Results {
                program: Arc::new(program),
                frame: Arc::new(frame),
                columns: Arc::new(columns),
            });
        }
        Ok(())
    }
}

/// `clause_true` or `clause_value`.
pub(super) struct ClauseTable {
    schema: SchemaRef,
    /// Digits after the point of a value; none for the table of verdicts.
    scale: Option<i8>,
    results: Arc<OnceLock<Results>>,
}

impl std::fmt::Debug for ClauseTable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.scale.is_some() { "clause_value" } else { "clause_true" })
    }
}

impl ClauseTable {
    /// The table when the schema is that of one.
    pub(super) fn named(schema: &TableSchema, results: &Arc<OnceLock<Results>>) -> Option<Self> {
        CLAUSE_TABLES.contains(&schema.name.as_str()).then(|| Self {
            schema: schema.arrow(),
            scale: schema.column("value").and_then(|column| match column.kind {
                TableType::Decimal { scale, .. } => Some(scale),
                _ => None,
            }),
            results: Arc::clone(results),
        })
    }
}

#[async_trait]
impl TableProvider for ClauseTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> Kind {
        Kind::Base
    }

    async fn scan(
        &self,
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let Some(results) = self.results.get() else {
            let rows: Vec<Arc<dyn PartitionStream>> = Vec::new();
            let schema = Arc::clone(&self.schema);
            let none = StreamingTableExec::try_new(schema, rows, projection, [], false, limit)?;
            return Ok(Arc::new(none));
        };
        let wanted = filters.iter().filter_map(named_clauses).reduce(|a, b| &a & &b);
        let computed = results.program.columns.iter().zip(results.columns.iter());
        let slots = computed.enumerate().filter(|(_, (column, values))| {
            let verdicts = matches!(values, ClauseColumn::Verdict(_));
            column.published
                && verdicts == self.scale.is_none()
                && wanted.as_ref().is_none_or(|ids| ids.contains(&column.id))
        });
        let rows = ClauseRows {
            schema: Arc::clone(&self.schema),
            scale: self.scale,
            results: results.clone(),
            slots: slots.map(|(slot, (_, values))| (slot, values.len())).collect(),
        };
        let schema = Arc::clone(&self.schema);
        let rows: Vec<Arc<dyn PartitionStream>> = vec![Arc::new(rows)];
        Ok(Arc::new(StreamingTableExec::try_new(schema, rows, projection, [], false, limit)?))
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>> {
        let support = |filter: &&Expr| match named_clauses(filter) {
            Some(_) => TableProviderFilterPushDown::Inexact,
            None => TableProviderFilterPushDown::Unsupported,
        };
        Ok(filters.iter().map(support).collect())
    }
}

/// The clauses that `clause = 'id'` or `clause in ('a', 'b')` let through.
fn named_clauses(filter: &Expr) -> Option<BTreeSet<String>> {
    let is_clause = |expr: &Expr| matches!(expr, Expr::Column(column) if column.name == "clause");
    match filter {
        Expr::BinaryExpr(binary) if binary.op == Operator::Eq => {
            let (left, right) = (&*binary.left, &*binary.right);
            let literal = if is_clause(left) { right } else { left };
            let named = is_clause(left) || is_clause(right);
            named.then(|| text_of(literal)).flatten().map(|id| BTreeSet::from([id]))
        }
        Expr::InList(list) if !list.negated && is_clause(&list.expr) => {
            list.list.iter().map(text_of).collect()
        }
        _ => None,
    }
}

fn text_of(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Literal(
            ScalarValue::Utf8(text) | ScalarValue::Utf8View(text) | ScalarValue::LargeUtf8(text),
            _,
        ) => text.clone(),
        _ => None,
    }
}

/// The rows of some clauses.
struct ClauseRows {
    schema: SchemaRef,
    scale: Option<i8>,
    results: Results,
    /// The clauses with the number of their rows.
    slots: Vec<(usize, usize)>,
}

impl std::fmt::Debug for ClauseRows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ClauseRows({} clauses)", self.slots.len())
    }
}

impl PartitionStream for ClauseRows {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let (schema, scale) = (Arc::clone(&self.schema), self.scale);
        let results = self.results.clone();
        let chunks =
            self.slots.clone().into_iter().flat_map(|(slot, rows)| {
                (0..rows).step_by(CHUNK_ROWS).map(move |start| (slot, start))
            });
        let of_batch = Arc::clone(&schema);
        let batches = chunks.map(move |(slot, start)| {
            chunk(&results, slot, start, scale, &of_batch).map_err(DataFusionError::from)
        });
        Box::pin(RecordBatchStreamAdapter::new(schema, futures::stream::iter(batches)))
    }
}

/// A stretch of one clause's rows.
fn chunk(
    results: &Results,
    slot: usize,
    start: usize,
    scale: Option<i8>,
    schema: &SchemaRef,
) -> Result<RecordBatch, ArrowError> {
    let (Some(of), Some(column)) = (results.program.columns.get(slot), results.columns.get(slot))
    else {
        return Err(ArrowError::ComputeError(format!("clause {slot} was not computed")));
    };
    let (mut clauses, mut levels, mut areas) =
        (StringBuilder::new(), StringBuilder::new(), StringBuilder::new());
    let (mut subjects, mut values) = (Int64Builder::new(), Decimal128Builder::new());
    for row in start..column.len().min(start + CHUNK_ROWS) {
        match scale {
            None if column.verdict(row) == Some(true) => {}
            Some(scale) => match column.number(row) {
                Some(number) => {
                    let shown = u8::try_from(scale).ok().and_then(|scale| number.at_scale(scale));
                    values.append_option(shown.map(|number| number.unscaled));
                }
                None => continue,
            },
            None => continue,
        }
        clauses.append_value(&of.id);
        levels.append_value(of.level.name());
        subjects.append_option(results.frame.subject(of.level, row));
        areas.append_value(results.frame.area(of.level, row));
    }
    let mut arrays: Vec<ArrayRef> = vec![
        Arc::new(clauses.finish()),
        Arc::new(levels.finish()),
        Arc::new(subjects.finish()),
        Arc::new(areas.finish()),
    ];
    if let Some(field) = schema.fields().get(arrays.len()) {
        arrays.push(Arc::new(values.finish().with_data_type(field.data_type().clone())));
    }
    RecordBatch::try_new(Arc::clone(schema), arrays)
}
