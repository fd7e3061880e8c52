//! What every file needs while it is written: its row in the store, its faults, its refused rows,
//! its counts.

use std::collections::{BTreeMap, BTreeSet};

use qb_base::keyring::Purpose;
use qb_base::{AreaCode, Keyring, Timestamp};
use qb_store::{Bulk, StoreError, Tx, Value};

use super::authority::Authority;
use crate::delivery::{Counties, Delivery};
use crate::error::IntakeError;
use crate::events::{Effect, EventState};
use crate::fields::{Issue, Severity};
use crate::parse::PlannedSheet;
use crate::report::{Fault, FaultCount};
use crate::rows::draft::{Common, Counts, FaultDraft, RefusedDraft};
use crate::rows::kept::{self, Sent};

const FAULT_COLUMNS: &[&str] = &[
    "id",
    "source_file_id",
    "code",
    "severity",
    "sheet",
    "row_no",
    "column_no",
    "column_label",
    "area_code",
    "message_zh",
    "message_en",
    "remedy_zh",
    "remedy_en",
];
const REFUSED_COLUMNS: &[&str] = &["source_file_id", "sheet", "row_no", "cells_sealed", "is_whole"];
/// Faults of one file that the report lists; all of them are in the store.
const REPORTED_MAX: usize = 20_000;

/// A file being written.
pub(crate) struct FileWriter<'t> {
    pub(crate) tx: &'t Tx<'t>,
    pub(crate) keyring: &'t Keyring,
    pub(crate) file_id: i64,
    pub(crate) now: Timestamp,
    pub(crate) name: String,
    pub(crate) sheet: String,
    pub(crate) counts: Counts,
    pub(crate) authority: Authority,
    /// The delivery the file belongs to, where it is tried again.
    pub(crate) delivery: Delivery,
    pub(crate) counties: Counties,
    faults: Bulk<'t>,
    refused: Bulk<'t>,
    next_fault: i64,
    reported: Vec<Fault>,
    by_code: BTreeMap<(Severity, &'static str), FaultCount>,
    /// Events that the file brought.
    pub(crate) events: BTreeMap<(Effect, EventState), u64>,
    /// Sheets with refused rows.
    kept: BTreeSet<String>,
}

impl<'t> FileWriter<'t> {
    pub(crate) fn new(
        tx: &'t Tx<'t>,
        keyring: &'t Keyring,
        file: (i64, String),
        (now, authority, delivery): (Timestamp, Authority, Delivery),
    ) -> Result<Self, StoreError> {
        Ok(Self {
            faults: tx.bulk("row_fault", FAULT_COLUMNS)?,
            refused: tx.bulk("refused_row", REFUSED_COLUMNS)?,
            next_fault: tx.next_id("row_fault")?,
            tx,
            keyring,
            file_id: file.0,
            name: file.1,
            now,
            authority,
            delivery,
            counties: Counties::default(),
            sheet: String::new(),
            counts: Counts::default(),
            reported: Vec::new(),
            by_code: BTreeMap::new(),
            events: BTreeMap::new(),
            kept: BTreeSet::new(),
        })
    }

    /// Takes what a batch carries beside its records.
    pub(crate) fn common(&mut self, common: &Common) -> Result<(), IntakeError> {
        self.counts.add(common.counts);
        for fault in &common.faults {
            self.fault(fault)?;
        }
        for row in &common.refused {
            self.keep(row)?;
        }
        Ok(())
    }

    /// Stores a fault and lists it in the report.
    pub(crate) fn fault(&mut self, fault: &FaultDraft) -> Result<(), StoreError> {
        let area = fault.area.map(|area| area.to_string());
        self.faults.push(&[
            Value::Int(self.next_fault),
            Value::Int(self.file_id),
            fault.issue.code().into(),
            fault.severity.as_str().into(),
            self.sheet.as_str().into(),
            Value::Int(i64::from(fault.row)),
            fault.column.map(i64::from).into(),
            fault.label.as_deref().into(),
            area.as_deref().into(),
            (&*fault.message.zh).into(),
            (&*fault.message.en).into(),
            (&*fault.remedy.zh).into(),
            (&*fault.remedy.en).into(),
        ])?;
        self.next_fault += 1;
        let count = self
            .by_code
            .entry((fault.severity, fault.issue.code()))
            .or_insert_with(|| FaultCount::new(fault));
        count.count += fault.rows;
        let listed = self.reported.len() < REPORTED_MAX || fault.severity == Severity::Refused;
        if listed {
            self.reported.push(Fault::new(&self.name, &self.sheet, fault));
        }
        Ok(())
    }

    /// Refuses a row that only the store could tell to be wrong; its batch had counted it as
    /// accepted.
    pub(crate) fn refuse(
        &mut self,
        row: u32,
        issue: Issue,
        fills: &[(&str, &str)],
        kept: (Option<AreaCode>, Sent<'_>),
    ) -> Result<(), IntakeError> {
        let (area, cells) = kept;
        self.counts.rejected += 1;
        self.fault(&FaultDraft {
            issue,
            severity: Severity::Refused,
            row,
            column: None,
            label: None,
            area,
            message: issue.message().fill(fills),
            remedy: issue.remedy(),
            rows: 1,
        })?;
        self.keep(&RefusedDraft { row, cells: cells.written() })?;
        Ok(())
    }

    /// Whether a row may be written; one that may not is refused. `touched` is where each row
    /// stands that it would replace or withdraw.
    pub(crate) fn permits(
        &mut self,
        row: u32,
        touched: &[Option<AreaCode>],
        kept: (Option<AreaCode>, Sent<'_>),
    ) -> Result<bool, IntakeError> {
        self.permits_attached(row, (touched, &[]), kept)
    }

    /// As [`FileWriter::permits`]; `attached` is where each row stands that it attaches to.
    pub(crate) fn permits_attached(
        &mut self,
        row: u32,
        (touched, attached): (&[Option<AreaCode>], &[AreaCode]),
        kept: (Option<AreaCode>, Sent<'_>),
    ) -> Result<bool, IntakeError> {
        let refusal = self.authority.refusal(kept.0, (touched, attached));
        self.is_clear(row, refusal, kept)
    }

    /// Whether a key that stands nowhere may be written; one that may not is refused.
    pub(crate) fn permits_new(
        &mut self,
        row: u32,
        kept: (Option<AreaCode>, Sent<'_>),
    ) -> Result<bool, IntakeError> {
        let refusal = self.authority.new_key_refusal();
        self.is_clear(row, refusal, kept)
    }

    fn is_clear(
        &mut self,
        row: u32,
        refusal: Option<Issue>,
        kept: (Option<AreaCode>, Sent<'_>),
    ) -> Result<bool, IntakeError> {
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
        let leaves = self.delivery.is_older_than(file_id);
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
        self.fault(&FaultDraft {
            issue,
            severity: issue.severity(),
            row,
            column: None,
            label: None,
            area,
            message: issue.message().fill(fills),
            remedy: issue.remedy(),
            rows: 1,
        })
    }

    fn keep(&mut self, row: &RefusedDraft) -> Result<(), StoreError> {
        if !self.kept.contains(&self.sheet) {
            self.kept.insert(self.sheet.clone());
        }
        let (file, number) = (self.file_id.to_string(), row.row.to_string());
        let whose = [file.as_str(), self.sheet.as_str(), number.as_str()];
        let sealed = self.keyring.seal(Purpose::RefusedRow, &whose, &row.cells);
        self.refused.push(&[
            Value::Int(self.file_id),
            self.sheet.as_str().into(),
            Value::Int(i64::from(row.row)),
            sealed.0.as_slice().into(),
            true.into(),
        ])
    }

    /// Keeps what stood above the refused rows of a sheet, if it has any.
    pub(crate) fn keep_top(&self, sheet: &PlannedSheet) -> Result<(), IntakeError> {
        if !self.kept.contains(&sheet.name) {
            return Ok(());
        }
        let detected = &sheet.detected;
        let half = sheet.halves.first().ok_or(IntakeError::Invariant("columns of a sheet"))?;
        let first = detected.halves.first().ok_or(IntakeError::Invariant("halves of a table"))?;
        let shift = half.start.saturating_sub(first.start);
        let count = |number: usize| Value::Int(qb_base::count(number));
        let (file, top) = (self.file_id.to_string(), kept::top(detected, half, shift));
        let whose = [file.as_str(), sheet.name.as_str()];
        let sealed = self.keyring.seal(Purpose::RefusedRow, &whose, &top).0;
        self.tx.execute(
            "insert into sent_sheet (source_file_id, sheet, layout, head_row, shift, top_sealed) \
             values ($1, $2, $3, $4, $5, $6)",
            &[
                self.file_id.into(),
                sheet.name.as_str().into(),
                detected.columns.layout.id.as_str().into(),
                count(detected.head_row),
                count(shift),
                sealed.as_slice().into(),
            ],
        )?;
        Ok(())
    }

    /// Where a row of the register came from, for messages: file and row, never a name.
    pub(crate) fn place_of(&self, file_id: i64, row: i64) -> Result<String, StoreError> {
        let sql = "select name from source_file where id = $1";
        let name = self.tx.query_one(sql, &[file_id.into()], |row| row.text(0))?;
        Ok(format!("{name} #{row}"))
    }

    /// Ends the file: what is buffered goes to the store, the counts go to the file's row.
    pub(crate) fn finish(self) -> Result<FileResult, StoreError> {
        self.authority.note(self.tx, self.file_id, self.now)?;
        self.faults.finish()?;
        self.refused.finish()?;
        let counts = self.counts;
        let count = |number: u64| Value::Int(qb_base::tally(number));
        self.tx.execute(
            "update source_file set rows_read = $1, rows_accepted = $2, rows_rejected = $3, \
            rows_repaired = $4 where id = $5",
            &[
                count(counts.read),
                count(counts.accepted()),
                count(counts.rejected),
                count(counts.repaired),
                self.file_id.into(),
            ],
        )?;
        Ok(FileResult {
            file_id: self.file_id,
            counts,
            faults: self.reported,
            fault_counts: self.by_code.into_values().collect(),
            events: self.events,
        })
    }
}

/// What a written file adds to the report.
pub(crate) struct FileResult {
    pub(crate) file_id: i64,
    pub(crate) counts: Counts,
    pub(crate) faults: Vec<Fault>,
    pub(crate) fault_counts: Vec<FaultCount>,
    pub(crate) events: BTreeMap<(Effect, EventState), u64>,
}
