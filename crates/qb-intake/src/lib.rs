//! Intake: files become rows of the register, and every row that cannot be used gets its reason.
//!
//! Step: the first of the chain. Input: files as departments send them (XLSX, CSV in any usual
//! encoding, old
//! workbooks), a policy pack that declares layouts and lists, the store. Output: households,
//! persons, memberships,
//! registrations, income statements, ledgers, designations, reference values; a report; faults kept
//! by row.
//! Invariants: a file is imported whole or not at all; a file imported once adds nothing when it
//! comes again;
//! a good row is never lost because of a bad one; a repair is made only where it is safe, and is
//! recorded;
//! files are read in a fixed order, so that an interrupted import ends in the same tables when it
//! is run again;
//! memory is bounded whatever the size of the file; messages hold no personal value in full.

mod answers;
mod book;
mod delivery;
pub mod entry;
mod error;
pub mod events;
pub mod fields;
mod folder;
mod import;
mod installation;
pub mod layout;
mod leads;
mod one_row;
mod parse;
mod plan;
mod preview;
pub mod queries;
pub mod read;
mod report;
mod rows;
pub mod sender;
pub mod waiting;
mod withdraw;
mod words;
mod workbook;
mod write;

pub use error::{FileFault, IntakeError};
pub use import::{Deciding, ImportOptions, OnProgress, Progress, import};
pub use preview::{FileFaultText, Preview, SheetPreview, preview};
pub use report::{
    Came, Fault, FaultCount, FileReport, FileState, ImportReport, ImportState, Withdrawn,
    WithdrawnBecause,
};
pub use workbook::{WORKBOOK_ROWS_MAX, fault_workbook};

/// The faults of what a pack says about tables and about events.
pub fn check(pack: &qb_policy::Pack) -> Vec<qb_policy::Fault> {
    words::check(pack).into_iter().chain(qb_registry::events::check(pack)).collect()
}
