//! What every command needs while a file is written: where its rows come from, who sends them, and
//! where to say what is wrong with them.

use std::collections::BTreeMap;

use qb_base::{AreaCode, Keyring, Timestamp};
use qb_store::{StoreError, Tx};

use super::{Authority, Counties, Delivery, WithdrawnRow};
use crate::draft::Sent;
use crate::events::{Effect, EventState};
use crate::fault::FaultDraft;
use crate::issue::{Issue, Severity};

/// Where a row of the register came from, as far as messages and rules need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileMark {
    /// The name of the file.
    pub name: String,
    /// The import that brought it.
    pub run: i64,
}

/// Who keeps files and what is wrong with them: the commands say it there, row by row, so that no
/// list of faults grows with the file.
pub trait FaultBook {
    /// Keeps a fault of a row that is written.
    ///
    /// # Errors
    /// Whatever the store says.
    fn fault(&mut self, fault: &FaultDraft) -> Result<(), StoreError>;

    /// Keeps why a row is refused that only the store could tell to be wrong, and its cells.
    ///
    /// # Errors
    /// Whatever the store says.
    fn refuse(&mut self, fault: &FaultDraft, cells: Sent<'_>) -> Result<(), StoreError>;

    /// Keeps that a row is taken back which a newer version of its file no longer holds.
    ///
    /// # Errors
    /// Whatever the store says.
    fn withdrawn(&mut self, row: &WithdrawnRow) -> Result<(), StoreError>;

    /// What is known of a file.
    ///
    /// # Errors
    /// Whatever the store says.
    fn file(&self, file_id: i64) -> Result<FileMark, StoreError>;
}

/// The file whose rows are written.
pub struct FileSource<'t> {
    /// The transaction of the file.
    pub tx: &'t Tx<'t>,
    /// What opens and seals columns.
    pub keyring: &'t Keyring,
    /// The file, as rows name it.
    pub file_id: i64,
    /// Its name.
    pub name: String,
    /// The import that brings it.
    pub run: i64,
    /// The instant at which its rows are recorded.
    pub now: Timestamp,
    /// Who sends it, and what they may be told.
    pub authority: Authority,
    /// The delivery the file belongs to, where it is tried again.
    pub delivery: Delivery,
    /// The counties that its rows speak for.
    pub counties: Counties,
    /// Events that the file brought.
    pub events: BTreeMap<(Effect, EventState), u64>,
}

/// A file while rows of it are written, and where to say what is wrong with them.
pub struct FileWriter<'a, 't> {
    /// The file.
    pub source: &'a mut FileSource<'t>,
    /// Who keeps what is wrong with its rows.
    pub book: &'a mut dyn FaultBook,
}

impl FileWriter<'_, '_> {
    /// Refuses a row that only the store could tell to be wrong.
    pub(crate) fn refuse(
        &mut self,
        row: u32,
        issue: Issue,
        fills: &[(&str, &str)],
        (area, cells): (Option<AreaCode>, Sent<'_>),
    ) -> Result<(), StoreError> {
        let severity = Severity::Refused;
        let fault = FaultDraft { severity, area, ..FaultDraft::new(row, issue, fills) };
        self.book.refuse(&fault, cells)
    }

    /// Whether a row may be written; one that may not is refused. `touched` is where each row
    /// stands that it would replace or withdraw.
    pub(crate) fn permits(
        &mut self,
        row: u32,
        touched: &[Option<AreaCode>],
        kept: (Option<AreaCode>, Sent<'_>),
    ) -> Result<bool, StoreError> {
        self.permits_attached(row, (touched, &[]), kept)
    }

    /// As [`FileWriter::permits`]; `attached` is where each row stands that it attaches to.
    pub(crate) fn permits_attached(
        &mut self,
        row: u32,
        (touched, attached): (&[Option<AreaCode>], &[AreaCode]),
        kept: (Option<AreaCode>, Sent<'_>),
    ) -> Result<bool, StoreError> {
        let refusal = self.source.authority.refusal(kept.0, (touched, attached));
        self.is_clear(row, refusal, kept)
    }

    /// Whether a key that stands nowhere may be written; one that may not is refused.
    pub(crate) fn permits_new(
        &mut self,
        row: u32,
        kept: (Option<AreaCode>, Sent<'_>),
    ) -> Result<bool, StoreError> {
        let refusal = self.source.authority.new_key_refusal();
        self.is_clear(row, refusal, kept)
    }

    fn is_clear(
        &mut self,
        row: u32,
        refusal: Option<Issue>,
        kept: (Option<AreaCode>, Sent<'_>),
    ) -> Result<bool, StoreError> {
        match refusal {
            None => Ok(true),
            Some(issue) => self.refuse(row, issue, &[], kept).map(|()| false),
        }
    }

    /// Whether the row of a file stays as it is, because it came after the delivery that is tried
    /// again; that is noted.
    pub(crate) fn leaves(
        &mut self,
        row: u32,
        file_id: i64,
        area: Option<AreaCode>,
    ) -> Result<bool, StoreError> {
        let leaves = self.source.delivery.is_older_than(file_id);
        if leaves {
            self.note(row, Issue::NewerStands, &[], area)?;
        }
        Ok(leaves)
    }

    /// Notes something about a row that stays.
    pub(crate) fn note(
        &mut self,
        row: u32,
        issue: Issue,
        fills: &[(&str, &str)],
        area: Option<AreaCode>,
    ) -> Result<(), StoreError> {
        self.book.fault(&FaultDraft { area, ..FaultDraft::new(row, issue, fills) })
    }

    /// Where a row of the register came from, for messages: file and row, never a name.
    pub(crate) fn place_of(&self, file_id: i64, row: i64) -> Result<String, StoreError> {
        Ok(format!("{} #{row}", self.book.file(file_id)?.name))
    }
}
