//! What may be read from the ledger. Every query takes a scope and answers only within it.

mod budget;
mod flow;
mod idle;
mod refusal;
mod round;
mod thread;

pub use budget::{AreaLine, BudgetLine, Filter, by_area, by_purpose};
pub use flow::{FlowLink, ProjectFlow, flows, paid_to_projects};
pub use idle::{IdleMoney, idle};
pub use refusal::refusals;
pub use round::{RoundComparison, RoundSum, rounds};
pub use thread::{Direction, Thread, ThreadHousehold, ThreadStep, thread};

use qb_base::Fen;
use qb_store::{Row, StoreError};

fn fen(row: &Row<'_>, column: usize) -> Result<Fen, StoreError> {
    Fen::new(row.int(column)?).ok_or(StoreError::Type { column, expected: "fen" })
}
