//! Expressions over snapshots: what the pack says, about everybody, exactly and twice.
//!
//! Step: beside the chain; targeting and the report call it. Input: a snapshot (Parquet by county,
//! or rows in memory) and the clauses and facts of a policy pack on a day. Output: a verdict (true,
//! false, unknown) or an exact number per row and clause, counts and figures per area, reasons per
//! row.
//!
//! Invariants: the set-wise evaluator (a query plan) and the row-wise evaluator (an interpreter)
//! agree on every row, or the run fails and names the first row; what compiles cannot overflow,
//! divide by zero or fail on a row; unknown stays unknown; the same snapshot and pack give the same
//! digest on any machine; nothing here reads the clock to decide.
//!
//! Calls block; the engine keeps its own runtime inside.

mod check;
mod engine;
mod error;
mod explain;
pub mod expr;
mod figures;
mod frame;
mod gather;
mod length;
mod output;
mod plan;
mod resources;
mod rowwise;
mod rules;
mod run;
mod setwise;
pub mod snapshot;
pub mod tables;
mod tally;
mod value;
pub mod views;
mod window;

pub use check::{CaseFailure, CheckError, CheckReport};
pub use datafusion::arrow;
pub use engine::{Engine, compiled, explain, explain_row};
pub use error::EngineError;
pub use explain::{ClauseReason, Explanation, Input, Join, MemberInput, Missing, Reason};
pub use expr::compile::{Compiled, Program};
pub use figures::{Figure, FigureResult};
pub use frame::{Frame, arrow_schema, arrow_type};
pub use output::ClauseColumn;
pub use resources::{EngineOptions, Limits, limit};
pub use rules::{ClauseKind, ClauseSource, FactSource, RuleFault, Rules, SourcePlace};
pub use run::{AreaCount, ClauseResult, RunResult};
pub use snapshot::{Manifest, Snapshot, SnapshotWriter};
pub use tables::{
    CoverageCount, CoverageResult, DECIMAL, Page, QueryFigure, RowPage, Table, TableCell,
    TableColumn, TableRows, TableSchema, TableType, Tables, check_sql,
};
pub use value::{Exact, Value};
