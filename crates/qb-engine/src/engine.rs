//! The handle: one runtime, one memory limit, plain blocking calls.

use std::sync::Arc;
use std::time::Duration;

use datafusion::execution::runtime_env::RuntimeEnv;
use qb_base::Date;
use qb_policy::Pack;

use crate::check::{self, CheckReport};
use crate::error::EngineError;
use crate::explain::{self, Explanation};
use crate::expr::compile::Program;
use crate::frame::Frame;
use crate::output::ClauseColumn;
use crate::resources::{self, EngineOptions};
use crate::rowwise;
use crate::rules::Rules;
use crate::run::{self, Evaluated, RunResult, timed};
use crate::setwise::{self, Resources};
use crate::snapshot::Snapshot;
use crate::tables::TableSchema;
use crate::views::Level;

/// Evaluates packs over snapshots; clones share one runtime.
#[derive(Clone, Debug)]
pub struct Engine {
    workers: Arc<Workers>,
    options: EngineOptions,
}

/// The threads queries run on.
#[derive(Debug)]
struct Workers {
    handle: tokio::runtime::Handle,
    runtime: Option<tokio::runtime::Runtime>,
}

impl Drop for Workers {
    /// Lets the threads end by themselves: whoever drops the engine may itself not wait.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Engine {
    /// Starts an engine.
    ///
    /// # Errors
    /// When the operating system gives no threads.
    pub fn new(options: EngineOptions) -> Result<Self, EngineError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(options.threads.max(1))
            .thread_name("qb-engine")
            .enable_time()
            .build()
            .map_err(|source| EngineError::File { path: "threads".to_owned(), source })?;
        let workers = Workers { handle: runtime.handle().clone(), runtime: Some(runtime) };
        Ok(Self { workers: Arc::new(workers), options })
    }

    pub(crate) fn runtime(&self) -> &tokio::runtime::Handle {
        &self.workers.handle
    }

    pub(crate) fn threads(&self) -> usize {
        self.options.threads.max(1)
    }

    /// A place for queries to work in, within the limit of memory.
    pub(crate) fn environment(&self) -> Result<Arc<RuntimeEnv>, EngineError> {
        resources::environment(self.options.memory_bytes)
    }

    pub(crate) fn query_time(&self) -> Duration {
        self.options.query_time
    }

    fn resources(&self) -> Resources {
        Resources {
            threads: self.options.threads.max(1),
            memory_bytes: self.options.memory_bytes,
            window_rows: self.options.window_rows,
        }
    }

    /// Runs every clause and fact of the pack over a snapshot, by both evaluators.
    ///
    /// # Errors
    /// When expressions do not compile, the snapshot is damaged, or the evaluators disagree.
    pub fn evaluate(
        &self,
        snapshot: &Snapshot,
        pack: &Pack,
        as_of: Date,
    ) -> Result<RunResult, EngineError> {
        let rules = Rules::of_pack(pack, as_of);
        let mut result = self.evaluate_frame(snapshot.frame()?, &rules)?;
        result.snapshot = Some(snapshot.digest());
        run::query(self, snapshot, pack, &mut result)?;
        Ok(result)
    }

    /// The same over rows in memory.
    ///
    /// # Errors
    /// As [`Self::evaluate`].
    pub fn evaluate_frame(&self, frame: Frame, rules: &Rules) -> Result<RunResult, EngineError> {
        let program = compiled(rules)?;
        let (setwise, elapsed_setwise) = timed(|| self.setwise(&program, &frame))?;
        let (rowwise, elapsed_rowwise) = timed(|| self.rowwise(&program, &frame))?;
        let evaluated = Evaluated { setwise, rowwise, elapsed_setwise, elapsed_rowwise };
        let mut result = run::finish(program, frame, evaluated)?;
        result.pack = rules.digest;
        Ok(result)
    }

    /// Only the set-wise evaluator; results are not cross-checked.
    ///
    /// # Errors
    /// When the query engine fails or data lack a column.
    pub fn setwise(
        &self,
        program: &Program,
        frame: &Frame,
    ) -> Result<Vec<ClauseColumn>, EngineError> {
        setwise::run(program, frame, self.resources(), self.runtime())
    }

    /// Only the row-wise evaluator; results are not cross-checked.
    ///
    /// # Errors
    /// When a column was not computed, which is a fault of the engine.
    pub fn rowwise(
        &self,
        program: &Program,
        frame: &Frame,
    ) -> Result<Vec<ClauseColumn>, EngineError> {
        rowwise::run(program, frame, self.options.threads)
    }

    /// Compiles every clause and fact of a pack, runs every case through both evaluators, and plans
    /// every query over the tables of a snapshot and those that later links publish.
    ///
    /// # Errors
    /// Only for faults of the engine; faults of the pack are in the report.
    pub fn check_pack(
        &self,
        pack: &Pack,
        tables: &[TableSchema],
    ) -> Result<CheckReport, EngineError> {
        check::check(self, pack, tables)
    }
}

/// Compiles rules, or says what is wrong with them.
///
/// # Errors
/// With every fault, when there is one.
pub fn compiled(rules: &Rules) -> Result<Program, EngineError> {
    let (program, faults) = Program::compile(rules);
    if faults.is_empty() { Ok(program) } else { Err(EngineError::Rules(faults)) }
}

/// Explains every clause of one row's level.
///
/// # Errors
/// When there is no such row.
pub fn explain(
    program: &Program,
    frame: &Frame,
    level: Level,
    subject: i64,
) -> Result<Explanation, EngineError> {
    let row = frame
        .row_of(level, subject)
        .ok_or(EngineError::NoSuchRow { level: level.name(), subject })?;
    explain::explain(program, frame, level, row)
}

/// The same for a row whose place in the snapshot is known, without searching for it.
///
/// # Errors
/// When there is no such row.
pub fn explain_row(
    program: &Program,
    frame: &Frame,
    level: Level,
    row: usize,
) -> Result<Explanation, EngineError> {
    if row >= frame.rows(level) {
        return Err(EngineError::NoSuchRow { level: level.name(), subject: qb_base::count(row) });
    }
    explain::explain(program, frame, level, row)
}
