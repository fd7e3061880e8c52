//! What the parsing thread hands to the writer: drafts for the register, and beside them what is
//! wrong with rows, which stays here.

use qb_registry::FaultDraft;
use qb_registry::draft::{
    DesignationDraft, IncomeBatch, LedgerDraft, RecordBatch, ReferenceDraft, RegisterBatch,
};

use crate::read::batch::Copies;

/// The cells of a refused row in the order of the layout; sealed when they are kept.
#[derive(Debug)]
pub(crate) struct RefusedDraft {
    pub(crate) row: u32,
    pub(crate) cells: Vec<u8>,
}

/// Counts of a batch or a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) read: u64,
    pub(crate) rejected: u64,
    pub(crate) repaired: u64,
}

impl Counts {
    pub(crate) fn add(&mut self, other: Self) {
        self.read += other.read;
        self.rejected += other.rejected;
        self.repaired += other.repaired;
    }

    pub(crate) fn accepted(&self) -> u64 {
        self.read - self.rejected
    }
}

/// What batches of every kind carry.
#[derive(Debug, Default)]
pub(crate) struct Common {
    pub(crate) faults: Vec<FaultDraft>,
    pub(crate) refused: Vec<RefusedDraft>,
    pub(crate) counts: Counts,
}

/// Drafts with what goes with them.
#[derive(Debug, Default)]
pub(crate) struct Rows<B> {
    pub(crate) batch: B,
    pub(crate) common: Common,
    /// Rows as they were sent, of drafts that name theirs by place.
    pub(crate) copies: Copies,
}

impl Rows<RegisterBatch> {
    /// Empties the rows and keeps their memory for the next ones.
    pub(crate) fn clear(&mut self) {
        self.batch.clear();
        self.copies.clear();
        self.common = Common::default();
    }
}

/// What the parsing thread hands to the writer.
#[derive(Debug)]
pub(crate) enum Parsed {
    Register(Rows<RegisterBatch>),
    Income(Rows<IncomeBatch>),
    Ledger(Option<LedgerDraft>, Common),
    Designations(Vec<DesignationDraft>, Common),
    References(Vec<ReferenceDraft>, Common),
    Record(Rows<RecordBatch>),
}
