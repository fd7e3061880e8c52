//! SQL of the pack over the tables of a snapshot.
//!
//! In: the views, datasets and tables of a snapshot, the results of a run, the queries of a pack.
//! Out: rows, figures with their areas, coverage. A verdict needs three-valued logic and the
//! reduced rules of the set-wise evaluator; a query filters, so here the query engine works as it
//! is. Invariants: a query reads and does nothing else; its numbers are exact; the same snapshot
//! and pack give the same answer on any day.

mod allowed;
mod check;
mod clauses;
mod collect;
mod constant;
mod coverage;
mod exact;
mod figures;
mod pages;
mod placeholders;
mod published;
mod queries;
mod read;
mod schema;

use std::collections::BTreeMap;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, OnceLock};

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::TableProvider;
use datafusion::datasource::{MemTable, ViewTable};
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::functions::datetime::planner::DatetimeFunctionPlanner;
use datafusion::functions::unicode::planner::UnicodeFunctionPlanner;
use datafusion::functions_aggregate::planner::AggregateFunctionPlanner;
use datafusion::functions_window::planner::WindowFunctionPlanner;
use datafusion::logical_expr::LogicalPlan;
use datafusion::prelude::{DataFrame, SessionConfig, SessionContext};
use qb_base::{AreaCode, Date};
use qb_policy::{Expression, Pack};

use self::clauses::ClauseTable;
use self::exact::ExactPlanner;
use self::placeholders::{Filled, Placeholders};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::expr::ExprFault;
use crate::rules::{RuleFault, Rules};
use crate::snapshot::Snapshot;

pub(crate) use self::clauses::Results;
pub(crate) use self::coverage::figure_of;
pub use self::coverage::{CoverageCount, CoverageResult};
pub use self::figures::QueryFigure;
pub use self::pages::{Page, RowPage};
pub use self::published::{area, code, of_dataset, param, published};
pub use self::queries::{check_queries, check_sql};
pub use self::schema::{DECIMAL, Table, TableCell, TableColumn, TableRows, TableSchema, TableType};

/// The tables of a snapshot and the views of a pack, ready to be queried.
pub struct Tables {
    engine: Engine,
    context: SessionContext,
    /// The area of the pack.
    whole: AreaCode,
    placeholders: Placeholders,
    /// Names a query may use, views included.
    names: Vec<String>,
    schemas: Vec<TableSchema>,
    /// The tables that each view reads, through other views, too.
    behind_views: BTreeMap<String, Vec<String>>,
    /// Results of the rules, computed when a query first needs them.
    results: Arc<OnceLock<Results>>,
    /// Where the results come from; none while a pack is checked.
    source: Option<(Snapshot, Rules)>,
    next: AtomicUsize,
}

impl std::fmt::Debug for Tables {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tables({} tables and views)", self.names.len())
    }
}

impl Tables {
    /// Opens the tables of a snapshot and the views of a pack over them.
    ///
    /// # Errors
    /// When a file is missing, or a view of the pack has a fault.
    pub fn open(engine: &Engine, snapshot: &Snapshot, pack: &Pack) -> Result<Self, EngineError> {
        let as_of = snapshot.manifest().as_of;
        let mut tables = Self::bare(engine, pack, as_of)?;
        for schema in published(pack) {
            let provider = read::provider(snapshot, &schema)?;
            tables.add(schema, provider)?;
        }
        for (name, manifest) in &snapshot.manifest().tables {
            if tables.names.contains(name) {
                continue;
            }
            let schema = read::schema_of(name, manifest)?;
            let provider = read::provider(snapshot, &schema)?;
            tables.add(schema, provider)?;
        }
        tables.source = Some((snapshot.clone(), Rules::of_pack(pack, as_of)));
        let faults = tables.add_views(pack);
        if faults.is_empty() { Ok(tables) } else { Err(EngineError::Rules(faults)) }
    }

    /// The published tables without rows, for checking queries; faults of views come along.
    pub(crate) fn empty(
        engine: &Engine,
        pack: &Pack,
        more: &[TableSchema],
    ) -> Result<(Self, Vec<RuleFault>), EngineError> {
        let mut tables = Self::bare(engine, pack, pack.cases_on)?;
        for schema in published(pack).into_iter().chain(more.iter().cloned()) {
            let provider = read::rows(schema.arrow(), Vec::new())?;
            tables.add(schema, provider)?;
        }
        let faults = tables.add_views(pack);
        Ok((tables, faults))
    }

    fn bare(engine: &Engine, pack: &Pack, as_of: Date) -> Result<Self, EngineError> {
        Ok(Self {
            engine: engine.clone(),
            context: session(engine)?,
            whole: pack.area,
            placeholders: Placeholders::of(pack, as_of),
            names: Vec::new(),
            schemas: Vec::new(),
            behind_views: BTreeMap::new(),
            results: Arc::default(),
            source: None,
            next: AtomicUsize::new(0),
        })
    }

    /// Adds a table; those of the clauses are filled from the results of the rules.
    fn add(
        &mut self,
        schema: TableSchema,
        provider: Arc<dyn TableProvider>,
    ) -> Result<(), EngineError> {
        let provider = match ClauseTable::named(&schema, &self.results) {
            Some(clauses) => Arc::new(clauses) as Arc<dyn TableProvider>,
            None => provider,
        };
        self.context.register_table(schema.name.as_str(), provider)?;
        self.names.push(schema.name.clone());
        self.schemas.push(schema);
        Ok(())
    }

    /// Adds the views of a pack in their order; what is wrong with each that is left out.
    fn add_views(&mut self, pack: &Pack) -> Vec<RuleFault> {
        let mut faults = Vec::new();
        for view in &pack.views {
            let owner = format!("view {}", view.id);
            if self.names.contains(&view.id) {
                let fault = queries::taken(&view.id);
                faults.push(RuleFault::in_query(&owner, &view.query, fault));
                continue;
            }
            match self.plan(&view.query) {
                Ok((plan, filled)) => {
                    let behind = self.tables_of(&filled.text);
                    self.behind_views.insert(view.id.clone(), behind);
                    let table = Arc::new(ViewTable::new(plan, None));
                    if self.context.register_table(view.id.as_str(), table).is_ok() {
                        self.names.push(view.id.clone());
                    }
                }
                Err(fault) => faults.push(RuleFault::in_query(&owner, &view.query, *fault)),
            }
        }
        faults
    }

    /// The tables that the pack alone fills.
    fn of_pack(&self) -> Vec<String> {
        let of_pack = self.schemas.iter().filter(|schema| schema.is_of_pack);
        of_pack.map(|schema| schema.name.clone()).collect()
    }

    /// Fills the placeholders of a query of the pack, checks it, and plans it.
    fn plan(&self, query: &Expression) -> Result<(LogicalPlan, Filled), Box<ExprFault>> {
        self.plan_among(query, &self.names)
    }

    /// The same over the tables of these names.
    fn plan_among(
        &self,
        query: &Expression,
        names: &[String],
    ) -> Result<(LogicalPlan, Filled), Box<ExprFault>> {
        let filled = self.placeholders.fill(&query.text)?;
        let state = self.context.state();
        let planned = check::plan(&state, &filled.text, names);
        match self.engine.runtime().block_on(planned) {
            Ok(plan) => Ok((plan, filled)),
            Err(fault) => Err(Box::new(filled.placed(fault))),
        }
    }

    /// Runs a query of the engine itself over the tables, or a plan made of checked queries.
    fn collect(&self, plan: LogicalPlan) -> Result<Vec<RecordBatch>, EngineError> {
        self.require_results(&plan)?;
        let frame = DataFrame::new(self.context.state(), plan);
        let pool = Arc::clone(&self.context.runtime_env().memory_pool);
        let bounded = collect::within(frame, &pool, self.engine.query_time());
        self.engine.runtime().block_on(bounded)
    }

    fn sql(&self, text: &str) -> Result<Vec<RecordBatch>, EngineError> {
        let state = self.context.state();
        let plan = self.engine.runtime().block_on(state.create_logical_plan(text))?;
        self.collect(plan)
    }

    /// Runs one query; answers at most so many rows, and whether there are more.
    ///
    /// The query is held to the same rules as those of a pack.
    ///
    /// # Errors
    /// When the query is refused or fails.
    pub fn query(&self, sql: &str, rows_max: usize) -> Result<RowPage, EngineError> {
        let query = Expression { text: sql.to_owned(), at: qb_policy::Position::file("query") };
        let (plan, _) =
            self.plan(&query).map_err(|fault| queries::refused("query", &query, *fault))?;
        pages::page(self, plan, &Page { offset: 0, limit: rows_max }, &[])
    }

    /// Holds rows in memory under a name of their own while something is computed from them.
    fn with_rows<T>(
        &self,
        schema: SchemaRef,
        batches: Vec<RecordBatch>,
        work: impl FnOnce(&str) -> Result<T, EngineError>,
    ) -> Result<T, EngineError> {
        let number = self.next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let name = format!("rows_behind_{number}");
        let table = MemTable::try_new(schema, vec![batches])?;
        self.context.register_table(name.as_str(), Arc::new(table))?;
        let done = work(&name);
        self.context.deregister_table(name.as_str())?;
        done
    }
}

/// A session of its own: the engine's memory limit, exact numbers, one partition, so that the order
/// of rows hangs on nothing but the data; queries run beside each other instead.
fn session(engine: &Engine) -> Result<SessionContext, EngineError> {
    let mut config = SessionConfig::new().with_target_partitions(1);
    let options = config.options_mut();
    options.sql_parser.parse_float_as_decimal = true;
    options.sql_parser.collect_spans = true;
    options.execution.parquet.schema_force_view_types = false;
    options.execution.collect_statistics = false;
    let state = SessionStateBuilder::new()
        .with_config(config)
        .with_runtime_env(engine.environment()?)
        .with_default_features()
        .with_expr_planners(vec![
            Arc::new(ExactPlanner),
            Arc::new(DatetimeFunctionPlanner),
            Arc::new(UnicodeFunctionPlanner),
            Arc::new(AggregateFunctionPlanner),
            Arc::new(WindowFunctionPlanner),
        ])
        .build();
    Ok(SessionContext::new_with_state(state))
}
