//! The store: one handle over SQLite or PostgreSQL, with the same SQL text on both.
//!
//! Step: none, below the chain. Input: statements with `$1 …` placeholders and typed values.
//! Output: typed rows. Invariants: a write is one transaction with at least one audit row, or
//! nothing; the audit chain is sealed in the order it is written; writers run one after another;
//! SQL is fixed when the program is compiled.

mod address;
mod anchor;
mod audit;
mod audit_list;
mod bulk;
mod conn;
mod copy_binary;
mod error;
mod job;
mod keys;
mod known;
mod migrate;
mod office;
mod opening;
mod period;
mod place;
mod pool;
mod postgres;
mod setting;
mod sqlite;
mod store;
pub mod testing;
mod upgrade;
mod value;
mod writeback;

pub use address::PgAddress;
pub use audit::{AuditBreak, AuditEntry, AuditReport, AuditRow};
pub use audit_list::{AuditFilter, audit_rows};
pub use bulk::{Bulk, Constant};
pub use conn::{Conn, Tx};
pub use error::StoreError;
pub use job::{Job, JobState};
pub use known::{Known, KnownOn, NoKnownOn};
pub use office::{DayRefused, OfficeDay, OfficeDayError};
pub use period::{Period, PeriodError, PeriodRefused, PeriodState};
pub use place::{DataDir, Place};
pub use store::{Alone, Store};
pub use value::{Row, Sql, Value};
