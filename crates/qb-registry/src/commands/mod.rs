//! What writes the register: persons and households, incomes, rows of datasets, ledgers,
//! designations, figures from outside.
//!
//! Whoever reads files hands over drafts ([`crate::draft`]) and keeps what is wrong with them
//! ([`FaultBook`]); the rows are written here, all of a file in the transaction of its caller.

mod authority;
mod delivery;
mod incomes;
pub mod indices;
mod known;
mod records;
mod references;
pub(crate) mod register;
mod villages;
mod withdraw;
mod writer;

pub use authority::Authority;
pub use delivery::{Counties, Delivery};
pub use incomes::IncomeWriter;
pub use known::Known;
pub use records::{RecordWriter, Replaces, Versions};
pub use references::references;
pub use register::{Constants, Differences, Differing, Lists, REASON_REGISTERED, RegisterWriter};
pub use villages::{designations, ledger};
pub use withdraw::{Withdrawing, WithdrawnRow, withdraw};
pub use writer::{FaultBook, FileMark, FileSource, FileWriter};
