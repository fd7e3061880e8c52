//! The set-wise evaluator: every clause of a level in one query plan.
//!
//! The plan is the obvious SQL: rows of the level, joined with what owns them, left-joined with
//! aggregates of what they own (grouped by the owner's key), and one projection that computes all
//! clauses. It joins by the keys in the data and does not use the order of rows, so it also checks
//! that the order is right. Every cast is explicit; no operation can fail on a row, so the
//! optimizer may reorder as it likes.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, Int64Array, RecordBatch};
use datafusion::arrow::datatypes::{Field, Schema};
use datafusion::common::JoinType;
use datafusion::dataframe::DataFrame;
use datafusion::datasource::MemTable;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::logical_expr::Expr;
use datafusion::optimizer::OptimizerRule;
use datafusion::optimizer::common_subexpr_eliminate::CommonSubexprEliminate;
use datafusion::optimizer::optimize_projections::OptimizeProjections;
use datafusion::prelude::{SessionConfig, SessionContext, ident};
use tokio::runtime::Handle;

use crate::error::EngineError;
use crate::expr::compile::{Program, Stage};
use crate::expr::tree::{Kind, Node};
use crate::frame::Frame;
use crate::gather::{BATCH_ROWS, clause_array, gather_column, slices};
use crate::output::ClauseColumn;
use crate::plan::{self, Aggregates};
use crate::resources;
use crate::views::Level;
use crate::window::{Window, parallel, windows};

/// How the set-wise evaluator may use the machine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Resources {
    pub(crate) threads: usize,
    pub(crate) memory_bytes: usize,
    pub(crate) window_rows: usize,
}

/// Evaluates every column of the program for all rows.
///
/// Rows are cut into windows at the owners' borders, as a cluster cuts them by county: no household
/// is divided, so each window is a query of its own, and its hash tables stay small.
pub(crate) fn run(
    program: &Program,
    frame: &Frame,
    resources: Resources,
    runtime: &Handle,
) -> Result<Vec<ClauseColumn>, EngineError> {
    let environment = resources::environment(resources.memory_bytes)?;
    let mut results: Vec<Option<ClauseColumn>> = vec![None; program.columns.len()];
    for stage in program.stages(false) {
        let windows = windows(frame, stage.level, resources);
        let query = Query { program, frame, stage: &stage, known: &results };
        let parts = parallel(&windows, resources.threads, |window| {
            let context = session(Arc::clone(&environment));
            runtime.block_on(query.run(&context, window))
        });
        let mut whole: Vec<ClauseColumn> = query
            .roots()
            .map(|(_, root)| ClauseColumn::with_capacity(root.ty, frame.rows(stage.level)))
            .collect();
        for part in parts {
            whole.iter_mut().zip(part?).for_each(|(column, more)| column.append(more));
        }
        for (slot, column) in stage.slots.iter().zip(whole) {
            results[*slot] = Some(column);
        }
    }
    results
        .into_iter()
        .map(|column| column.ok_or_else(|| EngineError::internal("a column was not computed")))
        .collect()
}

/// A new session: tables of one window live and die with it. One partition each; windows run beside
/// each other.
fn session(environment: Arc<RuntimeEnv>) -> SessionContext {
    let mut config = SessionConfig::new().with_target_partitions(1).with_batch_size(BATCH_ROWS);
    // The planner's two halves disagree about which `case` may be null; every column of ours may
    // be, so the check says nothing.
    config.options_mut().execution.skip_physical_aggregate_schema_check = true;
    let state = SessionStateBuilder::new()
        .with_config(config)
        .with_runtime_env(environment)
        .with_default_features()
        .with_optimizer_rules(optimizer_rules())
        .build();
    SessionContext::new_with_state(state)
}

/// The two rewrites that matter to our plans: read only what is needed, compute nothing twice.
///
/// The others are left out for correctness, not for speed: the simplifier turns `x in (1) and x in
/// (2)` into false even where x is unknown. A filter cannot tell the difference, a verdict must.
fn optimizer_rules() -> Vec<Arc<dyn OptimizerRule + Send + Sync>> {
    vec![Arc::new(CommonSubexprEliminate::new()), Arc::new(OptimizeProjections::new())]
}

struct Query<'a> {
    program: &'a Program,
    frame: &'a Frame,
    stage: &'a Stage,
    /// Results of earlier stages, in row order.
    known: &'a [Option<ClauseColumn>],
}

/// Columns that the expressions of a stage read from one level.
#[derive(Default)]
struct Reads {
    columns: Vec<(Level, usize)>,
    clauses: Vec<(Level, usize)>,
}

impl Query<'_> {
    async fn run(
        &self,
        context: &SessionContext,
        window: &Window,
    ) -> Result<Vec<ClauseColumn>, EngineError> {
        let frame = self.source(context, window).await?;
        let frame = self.project(frame)?;
        let batches = frame.collect().await?;
        self.gather(&batches, window)
    }

    fn roots(&self) -> impl Iterator<Item = (usize, &Node)> {
        self.stage
            .slots
            .iter()
            .filter_map(|slot| Some((*slot, &self.program.columns.get(*slot)?.root)))
    }

    fn reads(&self) -> Reads {
        let mut reads = Reads::default();
        for (_, root) in self.roots() {
            root.walk(&mut |node| match node.kind {
                Kind::Column { level, index } if !reads.columns.contains(&(level, index)) => {
                    reads.columns.push((level, index))
                }
                Kind::Clause { level, slot }
                    if !self.stage.slots.contains(&slot)
                        && !reads.clauses.contains(&(level, slot)) =>
                {
                    reads.clauses.push((level, slot));
                }
                _ => {}
            });
        }
        reads
    }

    /// Rows of the level with everything the clauses read: own columns, the owner's columns,
    /// aggregates of the owned.
    async fn source(
        &self,
        context: &SessionContext,
        window: &Window,
    ) -> Result<DataFrame, EngineError> {
        let level = self.stage.level;
        let reads = self.reads();
        for other in Level::ALL {
            context.register_table(other.name(), Arc::new(self.table(other, &reads, window)?))?;
        }
        let mut own = context.table(level.name()).await?;
        if let Some(above) = level.above().filter(|above| reads.touches(*above)) {
            let owner = context.table(above.name()).await?;
            own = own.join(
                owner,
                JoinType::Left,
                &[&plan::owner_key(level)?],
                &[&plan::own_key(above)?],
                None,
            )?;
        }
        let aggregates = self.aggregates();
        let (Some(below), false) = (level.below(), aggregates.is_empty()) else { return Ok(own) };
        let mut rows = context.table(below.name()).await?;
        if aggregates.read(level) {
            let owner = context.table(level.name()).await?;
            rows = rows.join(
                owner,
                JoinType::Inner,
                &[&plan::owner_key(below)?],
                &[&plan::own_key(level)?],
                None,
            )?;
        }
        if let Some(above) =
            below.above().filter(|above| *above != level && aggregates.read(*above))
        {
            let owner = context.table(above.name()).await?;
            rows = rows.join(
                owner,
                JoinType::Left,
                &[&plan::owner_key(below)?],
                &[&plan::own_key(above)?],
                None,
            )?;
        }
        let rows = rows.aggregate(
            vec![ident(plan::owner_key(below)?).alias(GROUP)],
            aggregates.expressions()?,
        )?;
        Ok(own.join(rows, JoinType::Left, &[&plan::own_key(level)?], &[GROUP], None)?)
    }

    fn aggregates(&self) -> Aggregates<'_> {
        let mut aggregates = Aggregates::default();
        for (_, root) in self.roots() {
            root.walk(&mut |node| {
                if let Kind::Aggregate(aggregate) = &node.kind {
                    aggregates.add(aggregate);
                }
            });
        }
        aggregates
    }

    /// One projection per depth of references between clauses of the stage; nothing is computed
    /// twice.
    fn project(&self, mut frame: DataFrame) -> Result<DataFrame, EngineError> {
        let aggregates = self.aggregates();
        let depths = self.depths();
        let deepest = depths.iter().copied().fold(0, usize::max);
        for depth in 0..=deepest {
            let last = depth == deepest;
            let mut expressions: Vec<Expr> = if last {
                vec![ident(plan::row_name(self.stage.level))]
            } else {
                frame.schema().fields().iter().map(|field| ident(field.name())).collect()
            };
            for ((slot, root), at) in self.roots().zip(&depths) {
                if *at == depth {
                    expressions
                        .push(plan::expression(root, &aggregates)?.alias(plan::clause_name(slot)));
                } else if last {
                    expressions.push(ident(plan::clause_name(slot)));
                }
            }
            frame = frame.select(expressions)?;
        }
        Ok(frame)
    }

    /// For each clause of the stage, the longest chain of clauses of the stage below it.
    fn depths(&self) -> Vec<usize> {
        let mut depths: Vec<usize> = Vec::with_capacity(self.stage.slots.len());
        for (_, root) in self.roots() {
            let mut depth = 0;
            root.walk(&mut |node| {
                if let Kind::Clause { slot, .. } = node.kind {
                    let below = self
                        .stage
                        .slots
                        .iter()
                        .position(|other| *other == slot)
                        .and_then(|at| depths.get(at));
                    // A clause of an earlier stage is a column already and adds no step.
                    if let Some(below) = below {
                        depth = depth.max(below + 1);
                    }
                }
            });
            depths.push(depth);
        }
        depths
    }

    /// A table of one level with its keys, its row number and what the clauses read.
    fn table(&self, level: Level, reads: &Reads, window: &Window) -> Result<MemTable, EngineError> {
        let rows = window[level.index()].clone();
        let numbers = Int64Array::from_iter_values(rows.clone().map(qb_base::count));
        let mut fields = vec![(plan::row_name(level), Arc::new(numbers) as ArrayRef)];
        let view = level.view();
        let keys = ["person_id", "household_id", "area_code"]
            .into_iter()
            .filter_map(|key| view.position(key));
        let wanted = keys
            .chain(reads.columns.iter().filter(|(of, _)| *of == level).map(|(_, index)| *index));
        for index in wanted {
            let name = plan::column_name(level, index);
            if fields.iter().any(|(taken, _)| *taken == name) {
                continue;
            }
            let data = self.frame.column(level, index).ok_or_else(|| self.missing(level, index))?;
            fields.push((name, data.array().slice(rows.start, rows.len())));
        }
        for (_, slot) in reads.clauses.iter().filter(|(of, _)| *of == level) {
            let known =
                self.known.get(*slot).and_then(Option::as_ref).zip(self.program.columns.get(*slot));
            let (column, of) =
                known.ok_or_else(|| EngineError::internal("a clause came too early"))?;
            fields
                .push((plan::clause_name(*slot), clause_array(column, of.root.ty, rows.clone())?));
        }
        let schema = fields
            .iter()
            .map(|(name, array)| Field::new(name, array.data_type().clone(), true))
            .collect::<Vec<_>>();
        let schema = Arc::new(Schema::new(schema));
        let whole = RecordBatch::try_new(
            Arc::clone(&schema),
            fields.into_iter().map(|(_, array)| array).collect(),
        )?;
        Ok(MemTable::try_new(schema, vec![slices(&whole)])?)
    }

    fn missing(&self, level: Level, index: usize) -> EngineError {
        let reads = |root: &Node| {
            let mut found = false;
            root.walk(&mut |node| found |= node.kind == (Kind::Column { level, index }));
            found
        };
        let clause = self
            .stage
            .slots
            .iter()
            .filter_map(|slot| self.program.columns.get(*slot))
            .find(|column| reads(&column.root));
        match clause.zip(level.view().columns.get(index)) {
            Some((clause, column)) => EngineError::ColumnMissing {
                clause: clause.id.clone(),
                column: column.name.to_owned(),
            },
            None => EngineError::internal("no clause reads the column that is missing"),
        }
    }

    /// Puts the results of a window back into row order.
    fn gather(
        &self,
        batches: &[RecordBatch],
        window: &Window,
    ) -> Result<Vec<ClauseColumn>, EngineError> {
        let rows = window[self.stage.level.index()].clone();
        let mut seen = vec![false; rows.len()];
        let mut order: Vec<Vec<usize>> = Vec::with_capacity(batches.len());
        for batch in batches {
            let numbers = batch.column(0).as_any().downcast_ref::<Int64Array>();
            let numbers = numbers.ok_or_else(|| EngineError::internal("row numbers are lost"))?;
            let mut targets = Vec::with_capacity(numbers.len());
            for number in numbers.values() {
                let row = usize::try_from(*number).ok().and_then(|row| row.checked_sub(rows.start));
                match row.and_then(|row| Some((row, seen.get_mut(row)?))) {
                    Some((row, seen)) if !*seen => {
                        *seen = true;
                        targets.push(row);
                    }
                    _ => {
                        return Err(EngineError::internal(
                            "a join has doubled a row: keys are not unique",
                        ));
                    }
                }
            }
            order.push(targets);
        }
        if seen.contains(&false) {
            return Err(EngineError::internal("a join has lost a row"));
        }
        let results = self
            .roots()
            .enumerate()
            .map(|(at, (_, root))| gather_column(root.ty, rows.len(), batches, &order, at + 1));
        results.collect()
    }
}

/// The name of the group key beside the aggregates.
const GROUP: &str = "group_key";

impl Reads {
    fn touches(&self, level: Level) -> bool {
        self.columns.iter().chain(&self.clauses).any(|(of, _)| *of == level)
    }
}
