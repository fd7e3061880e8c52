//! What is kept of a file beside its rows: its faults, its refused rows, its counts.

use std::collections::{BTreeMap, BTreeSet};

use qb_base::Keyring;
use qb_base::keyring::Purpose;
use qb_registry::commands::{FaultBook, FileMark, WithdrawnRow};
use qb_registry::draft::Sent;
use qb_registry::events::{Effect, EventState};
use qb_registry::{FaultDraft, Severity};
use qb_store::{Bulk, StoreError, Tx, Value};

use crate::error::IntakeError;
use crate::parse::PlannedSheet;
use crate::read::batch::Copies;
use crate::report::{Fault, FaultCount, WithdrawnBecause};
use crate::rows::kept;
use crate::rows::parsed::{Common, Counts, RefusedDraft};
use crate::withdraw::note_withdrawn;

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

/// What is kept of a file while it is written.
pub(crate) struct Book<'t> {
    tx: &'t Tx<'t>,
    keyring: &'t Keyring,
    file_id: i64,
    name: String,
    run: i64,
    pub(crate) sheet: String,
    pub(crate) counts: Counts,
    faults: Bulk<'t>,
    refused: Bulk<'t>,
    next_fault: i64,
    reported: Vec<Fault>,
    by_code: BTreeMap<(Severity, &'static str), FaultCount>,
    /// Sheets with refused rows.
    kept: BTreeSet<String>,
}

impl<'t> Book<'t> {
    pub(crate) fn new(
        tx: &'t Tx<'t>,
        keyring: &'t Keyring,
        (file_id, name, run): (i64, String, i64),
    ) -> Result<Self, StoreError> {
        Ok(Self {
            faults: tx.bulk("row_fault", FAULT_COLUMNS)?,
            refused: tx.bulk("refused_row", REFUSED_COLUMNS)?,
            next_fault: tx.next_id("row_fault")?,
            tx,
            keyring,
            file_id,
            name,
            run,
            sheet: String::new(),
            counts: Counts::default(),
            reported: Vec::new(),
            by_code: BTreeMap::new(),
            kept: BTreeSet::new(),
        })
    }

    /// The book for the drafts of a batch; `copies` are the rows that they name by place.
    pub(crate) fn of<'b>(&'b mut self, copies: Option<&'b Copies>) -> Page<'b, 't> {
        Page { book: self, copies }
    }

    /// Takes what a batch carries beside its drafts.
    pub(crate) fn common(&mut self, common: &Common) -> Result<(), StoreError> {
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

    /// Ends the file: what is buffered goes to the store, the counts go to the file's row.
    pub(crate) fn finish(
        self,
        events: BTreeMap<(Effect, EventState), u64>,
    ) -> Result<FileResult, StoreError> {
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
            events,
        })
    }
}

/// A book while the drafts of a batch are written.
pub(crate) struct Page<'b, 't> {
    book: &'b mut Book<'t>,
    copies: Option<&'b Copies>,
}

impl FaultBook for Page<'_, '_> {
    fn fault(&mut self, fault: &FaultDraft) -> Result<(), StoreError> {
        self.book.fault(fault)
    }

    /// The batch of the row had counted it as accepted.
    fn refuse(&mut self, fault: &FaultDraft, cells: Sent<'_>) -> Result<(), StoreError> {
        self.book.counts.rejected += 1;
        self.book.fault(fault)?;
        let cells = match (cells, self.copies) {
            (Sent::Written(bytes), _) => bytes.to_vec(),
            (Sent::Copied(at), Some(copies)) => kept::written(copies, at),
            (Sent::Copied(_), None) => return Err(StoreError::Broken("a row without its copies")),
        };
        self.book.keep(&RefusedDraft { row: fault.row, cells })
    }

    fn withdrawn(&mut self, row: &WithdrawnRow) -> Result<(), StoreError> {
        let (tx, run) = (self.book.tx, self.book.run);
        let list = row.dataset.as_deref().ok_or(StoreError::Broken("a row of no list"))?;
        note_withdrawn(tx, (run, WithdrawnBecause::Replaced), (list, row))
    }

    fn file(&self, file_id: i64) -> Result<FileMark, StoreError> {
        let sql = "select name, import_run_id from source_file where id = $1";
        self.book.tx.query_one(sql, &[file_id.into()], |row| {
            Ok(FileMark { name: row.text(0)?, run: row.int(1)? })
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
