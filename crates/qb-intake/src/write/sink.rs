//! Receives what the parsing thread sends: drafts go to the register's commands, what is wrong
//! beside them into the book.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::Receiver;

use qb_policy::Layout;
use qb_registry::commands::{
    self, Constants, Differences, Differing, FileSource, FileWriter, IncomeWriter, Known, Lists,
    REASON_REGISTERED, RecordWriter, RegisterWriter, Versions,
};
use qb_registry::draft::{IncomeBatch, RecordBatch, RegisterBatch};
use qb_registry::{FaultDraft, Issue};
use qb_store::StoreError;

use super::{Job, Target};
use crate::answers;
use crate::book::{Book, FileResult};
use crate::delivery;
use crate::error::IntakeError;
use crate::parse::{Event, SheetFacts};
use crate::plan::{self, LeftOut, Unread};
use crate::read::batch::COLUMNS_MAX;
use crate::rows::parsed::{Parsed, Rows};

/// The writer of the kind of rows that is passing.
pub(super) enum Open<'t, 'k> {
    None,
    Register(Box<RegisterWriter<'t>>),
    Income(Box<IncomeWriter<'t, 'k>>),
}

/// What writes the rows of a file.
pub(super) struct Writers<'t, 'k> {
    pub(super) open: Open<'t, 'k>,
    /// Datasets of this file; what the file no longer holds is known at its end.
    pub(super) records: Vec<RecordWriter<'t>>,
    pub(super) versions: Versions,
}

/// Receives what the parsing thread sends.
pub(super) struct Sink<'t, 'k, 'a> {
    pub(super) target: &'k Target,
    pub(super) job: &'a Job<'a>,
    pub(super) known: &'a mut Known,
    pub(super) source: FileSource<'t>,
    pub(super) book: Book<'t>,
    pub(super) rows: Writers<'t, 'k>,
}

impl<'t, 'k> Sink<'t, 'k, '_> {
    pub(super) fn run(
        &mut self,
        (events, waiting): (&Receiver<Event>, &AtomicUsize),
        on_rows: &mut dyn FnMut(u64),
    ) -> Result<(), IntakeError> {
        self.opening_faults()?;
        let mut sheet = 0;
        let mut used = None;
        for event in events {
            match event {
                Event::Sheet(name, back) => {
                    self.book.sheet = name;
                    used = Some(back);
                }
                Event::Batch(parsed) => {
                    waiting.fetch_sub(1, Ordering::Relaxed);
                    let layout = self
                        .job
                        .file
                        .sheets
                        .get(sheet)
                        .map(|sheet| sheet.detected.columns.layout.clone());
                    let done = self.batch(*parsed, layout)?;
                    if let (Some(batch), Some(used)) = (done, &used) {
                        // The parser may be at its end; then the memory is not needed again.
                        let _ = used.send(batch);
                    }
                    on_rows(self.book.counts.read);
                    if self.job.rows_left.is_some_and(|left| self.book.counts.read >= left) {
                        return Err(IntakeError::Stopped);
                    }
                }
                Event::SheetEnd(facts) => {
                    self.close_sheet()?;
                    self.sheet_faults(facts)?;
                    sheet += 1;
                }
            }
        }
        Ok(())
    }

    /// Writes a batch; answers one whose memory can be used again.
    fn batch(
        &mut self,
        parsed: Parsed,
        layout: Option<Arc<Layout>>,
    ) -> Result<Option<Rows<RegisterBatch>>, IntakeError> {
        match parsed {
            Parsed::Register(mut rows) => {
                rows.batch.seal(self.source.keyring);
                self.register(&rows, layout)?;
                rows.clear();
                return Ok(Some(rows));
            }
            Parsed::Income(rows) => self.income(&rows)?,
            Parsed::Record(rows) => self.record(&rows, layout)?,
            Parsed::Ledger(draft, common) => {
                self.book.common(&common)?;
                if let Some(draft) = draft {
                    self.written(|file| commands::ledger(file, &draft))?;
                }
            }
            Parsed::Designations(rows, common) => {
                self.book.common(&common)?;
                let today = self.target.shared.today;
                self.written(|file| commands::designations(file, &rows, today))?;
            }
            Parsed::References(rows, common) => {
                self.book.common(&common)?;
                let whole = self.target.shared.areas.root();
                self.written(|file| commands::references(file, &rows, whole))?;
            }
        }
        Ok(None)
    }

    /// Lets a command write drafts that carry their cells themselves.
    fn written<E>(
        &mut self,
        command: impl FnOnce(&mut FileWriter<'_, 't>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut page = self.book.of(None);
        command(&mut FileWriter { source: &mut self.source, book: &mut page })
    }

    fn register(
        &mut self,
        rows: &Rows<RegisterBatch>,
        layout: Option<Arc<Layout>>,
    ) -> Result<(), IntakeError> {
        self.book.common(&rows.common)?;
        if !matches!(self.rows.open, Open::Register(_)) {
            let layout = layout.ok_or(IntakeError::Invariant("layout of a sheet"))?;
            self.rows.open = Open::Register(Box::new(self.register_writer(&layout)?));
        }
        let Open::Register(writer) = &mut self.rows.open else { return Ok(()) };
        let mut page = self.book.of(Some(&rows.copies));
        let mut file = FileWriter { source: &mut self.source, book: &mut page };
        Ok(writer.batch(self.known, &mut file, &rows.batch)?)
    }

    fn register_writer(&self, layout: &Layout) -> Result<RegisterWriter<'t>, StoreError> {
        let (shared, event) = (&self.target.shared, self.job.event);
        let constants = Constants {
            scheme: self.target.scheme.clone(),
            valid_from: event.map_or_else(
                || format!("{:04}-01-01", shared.year.0),
                |event| event.day.to_string(),
            ),
            reason_in: event
                .map_or_else(|| REASON_REGISTERED.to_owned(), |event| event.kind.clone()),
            today: event.map_or(shared.today, |event| event.day),
            is_event: event.is_some(),
        };
        let differing = Differing {
            rules: self.target.events.clone(),
            beside: self.job.beside.clone(),
            is_correction: self.job.file.is_correction() || event.is_some(),
            actor: self.job.actor.to_owned(),
            day: shared.today.to_string(),
        };
        RegisterWriter::new(
            self.source.tx,
            Lists::new(&shared.lists, layout),
            constants,
            Differences::new(self.source.tx, differing),
            ((self.source.file_id, self.source.now), self.job.stamp),
        )
    }

    fn income(&mut self, rows: &Rows<IncomeBatch>) -> Result<(), IntakeError> {
        self.book.common(&rows.common)?;
        if !matches!(self.rows.open, Open::Income(_)) {
            let writer = IncomeWriter::new(self.source.tx, &self.target.item_ids)?;
            self.rows.open = Open::Income(Box::new(writer));
        }
        let Open::Income(writer) = &mut self.rows.open else { return Ok(()) };
        let mut page = self.book.of(Some(&rows.copies));
        let mut file = FileWriter { source: &mut self.source, book: &mut page };
        Ok(writer.batch(self.known, &mut file, &rows.batch)?)
    }

    fn record(
        &mut self,
        rows: &Rows<RecordBatch>,
        layout: Option<Arc<Layout>>,
    ) -> Result<(), IntakeError> {
        self.book.common(&rows.common)?;
        let layout = layout.ok_or(IntakeError::Invariant("layout of a sheet"))?;
        let Writers { records, versions, .. } = &mut self.rows;
        let known = records.iter().position(|writer| writer.dataset() == layout.id);
        let at = match known {
            Some(at) => at,
            None => {
                let tx = self.source.tx;
                records.push(RecordWriter::new(tx, self.known, &layout.id, versions)?);
                records.len() - 1
            }
        };
        let Some(writer) = records.get_mut(at) else { return Ok(()) };
        let mut page = self.book.of(Some(&rows.copies));
        let mut file = FileWriter { source: &mut self.source, book: &mut page };
        Ok(writer.batch(self.known, &mut file, &rows.batch, versions)?)
    }

    fn close_sheet(&mut self) -> Result<(), IntakeError> {
        match std::mem::replace(&mut self.rows.open, Open::None) {
            Open::Register(writer) => {
                let mut page = self.book.of(None);
                let mut file = FileWriter { source: &mut self.source, book: &mut page };
                Ok(writer.finish(self.known, &mut file)?)
            }
            Open::Income(writer) => Ok(writer.finish()?),
            Open::None => Ok(()),
        }
    }

    /// What is to be said about the file before its rows.
    fn opening_faults(&mut self) -> Result<(), StoreError> {
        let file = self.job.file;
        if file.is_text && !file.encoding.contains("UTF-8") {
            let encoding = file.encoding.trim_start_matches("csv ");
            self.note(1, Issue::Encoding, 1, &[("value", encoding)])?;
        }
        for LeftOut { name, why } in &file.left_out {
            match why {
                Unread::Hidden => self.note(1, Issue::SheetHidden, 1, &[("value", name)])?,
                Unread::Unknown => self.note(1, Issue::SheetUnknown, 1, &[("value", name)])?,
                Unread::Faulty(fault) => self.book.fault(&FaultDraft {
                    message: plan::in_sheet(name, &fault.message),
                    remedy: fault.remedy.clone(),
                    ..draft(1, Issue::SheetRefused, 1, &[])
                })?,
                Unread::NotSent(fault) => {
                    self.book.sheet.clone_from(name);
                    self.book.fault(&FaultDraft {
                        message: fault.message.clone(),
                        remedy: fault.remedy.clone(),
                        ..draft(1, Issue::SheetNotSent, 1, &[])
                    })?;
                }
            }
        }
        for sheet in &file.sheets {
            self.book.sheet.clone_from(&sheet.name);
            for (_, label) in &sheet.detected.columns.unknown {
                self.note(
                    sheet.detected.head_last_row,
                    Issue::ColumnUnknown,
                    1,
                    &[("label", label)],
                )?;
            }
            for (label, unit) in &sheet.detected.unit_left_out {
                let fills = [("label", label.as_str()), ("value", unit.as_str())];
                self.note(sheet.detected.head_last_row, Issue::UnitLeftOut, 1, &fills)?;
            }
        }
        Ok(())
    }

    /// What is to be said about a sheet after its rows.
    fn sheet_faults(&mut self, facts: SheetFacts) -> Result<(), StoreError> {
        // A head of one row is what every table has.
        let left_out = facts.head_rows.saturating_sub(1) + facts.notes;
        if left_out > 0 {
            let count = (facts.head_rows + facts.notes).to_string();
            self.note(1, Issue::RowsLeftOut, 1, &[("count", &count)])?;
        }
        if facts.hidden_rows > 0 {
            self.note(
                facts.first_hidden,
                Issue::RowsHidden,
                facts.hidden_rows,
                &[("count", &facts.hidden_rows.to_string())],
            )?;
        }
        let last_column = COLUMNS_MAX.to_string();
        for (tally, issue) in [
            (facts.reader.beyond, Issue::CellsBeyond),
            (facts.reader.uncalculated, Issue::FormulasUncalculated),
        ] {
            if tally.cells > 0 {
                let count = tally.cells.to_string();
                let fills = [("count", count.as_str()), ("range", &last_column)];
                self.note(tally.first_row, issue, tally.cells, &fills)?;
            }
        }
        Ok(())
    }

    fn note(
        &mut self,
        row: u32,
        issue: Issue,
        rows: u64,
        fills: &[(&str, &str)],
    ) -> Result<(), StoreError> {
        self.book.fault(&draft(row, issue, rows, fills))
    }

    pub(super) fn finish(mut self) -> Result<FileResult, IntakeError> {
        let versions = self.rows.versions;
        for writer in self.rows.records {
            let mut page = self.book.of(None);
            let mut file = FileWriter { source: &mut self.source, book: &mut page };
            writer.finish(self.known, &mut file, &versions)?;
        }
        for sheet in &self.job.file.sheets {
            self.book.keep_top(sheet)?;
        }
        let FileSource { tx, file_id, now, authority, counties, events, .. } = self.source;
        let of = (file_id, versions.earlier.as_slice());
        delivery::note_counties(tx, &counties, of, now)?;
        answers::note(tx, (&authority, file_id), now)?;
        Ok(self.book.finish(events)?)
    }
}

/// A fault of a sheet or a file.
fn draft(row: u32, issue: Issue, rows: u64, fills: &[(&str, &str)]) -> FaultDraft {
    FaultDraft { rows, ..FaultDraft::new(row, issue, fills) }
}
