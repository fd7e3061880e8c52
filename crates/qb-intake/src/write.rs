//! One file into the store: a parsing thread and this one, one transaction.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use qb_access::Sender;
use qb_base::env;
use qb_policy::{Layout, Pack};
use qb_store::{AuditEntry, Store, StoreError, Tx, Value};

use crate::commit::authority::Authority;
use crate::commit::difference::{Differences, Differing};
use crate::commit::file::{FileResult, FileWriter};
use crate::commit::income::IncomeWriter;
use crate::commit::known::Known;
use crate::commit::record::{RecordWriter, Versions};
use crate::commit::register::RegisterWriter;
use crate::commit::register_rows::{Constants, Lists, REASON_REGISTERED};
use crate::commit::short;
use crate::delivery::{self, Delivery, Origin};
use crate::error::IntakeError;
use crate::events::{self, Applying, EventRules};
use crate::fields::Issue;
use crate::import::Replaces;
use crate::parse::{Event, Items, Outlet, SheetFacts, parse};
use crate::plan::{self, LeftOut, Listed, Planned, Unread};
use crate::read::batch::COLUMNS_MAX;
use crate::rows::Shared;
use crate::rows::draft::{FaultDraft, IncomeBatch, Parsed, RecordBatch, RegisterBatch};
use crate::rows::income::Sign;

/// Batches the parsing thread may be ahead.
const BATCHES_AHEAD: usize = 4;

/// Bytes of a file of datasets from which all known rows are read first.
const RECORDS_BYTES_MIN: u64 = 1 << 20;

/// The parameter of the pack that bounds how often an area is told a day that a key is used
/// elsewhere; a pack without it sets no bound.
const ANSWERS_MAX: &str = "import.elsewhere_a_day";

/// What all files of an import share.
pub(crate) struct Target {
    shared: Shared,
    /// Who sends, without an area where they write everywhere.
    sender: Sender,
    /// Answers about what stands elsewhere that an area gets a day.
    answers_max: Option<u64>,
    items: Vec<(String, Sign)>,
    item_ids: Vec<String>,
    scheme: String,
    /// What becomes of differences of a newer roster.
    events: EventRules,
}

impl Target {
    pub(crate) fn new(
        pack: &Pack,
        shared: Shared,
        sender: Sender,
        items: Vec<(String, Sign)>,
    ) -> Result<Self, IntakeError> {
        let item_ids = items.iter().map(|(id, _)| id.clone()).collect();
        let limit = pack.param(ANSWERS_MAX, &pack.area, shared.today);
        let answers_max = limit.and_then(|limit| limit.number.to_i64()).map(i64::unsigned_abs);
        let (scheme, events) = (pack.id.clone(), EventRules::of(pack)?);
        Ok(Self { shared, sender, answers_max, items, item_ids, scheme, events })
    }
}

/// One file to write.
pub(crate) struct Job<'a> {
    pub(crate) file: &'a Planned,
    pub(crate) run_id: i64,
    pub(crate) origin: &'a Origin,
    /// Files of the store that lie beside this one in the import.
    pub(crate) beside: &'a BTreeSet<i64>,
    pub(crate) stamp: u32,
    pub(crate) actor: &'a str,
    /// What a typed row takes the place of; none for rows of files.
    pub(crate) replaces: Option<Replaces>,
    /// The event that its row applies.
    pub(crate) event: Option<&'a Applying>,
    /// Rows after which a test wants the import to stop.
    pub(crate) rows_left: Option<u64>,
}

/// Writes a file whole, or nothing of it.
pub(crate) fn file(
    store: &Store,
    target: &Target,
    job: &Job<'_>,
    known: &mut Known,
    on_rows: &mut dyn FnMut(u64),
) -> Result<FileResult, IntakeError> {
    store.write(|tx| {
        known.turn(tx)?;
        let now = env::now();
        let authority = Authority::open(tx, target.sender, target.answers_max, now)?;
        let arrival = job.file.arrival.as_ref();
        let delivery = Delivery::open(tx, arrival, now)?;
        let id = insert_source_file(tx, job)?;
        let named = (id, job.file.listed.name.clone());
        let writer = FileWriter::new(tx, store.keyring(), named, (now, authority, delivery))?;
        let waiting = AtomicUsize::new(0);
        let (result, digest) = thread::scope(|scope| {
            let (events_in, events) = sync_channel(BATCHES_AHEAD);
            let outlet = Outlet { events: events_in, waiting: &waiting };
            let (path, sheets) = (&job.file.listed.path, &job.file.sheets);
            let items: &Items = &target.items;
            let digest = job.file.digest.ok_or_else(|| scope.spawn(|| plan::digest(path)));
            let parser = scope.spawn(move || parse(path, sheets, &target.shared, items, &outlet));
            let versions = versions(target, job, known, &writer)?;
            let (open, records) = (Open::None, Vec::new());
            let mut sink = Sink { tx, target, job, known, file: writer, open, records, versions };
            let written = sink.run((&events, &waiting), on_rows);
            drop(events);
            let parsed = parser.join().map_err(|_| IntakeError::Worker)?;
            // A file that turns out damaged explains whatever the writer met.
            parsed?;
            written?;
            let digest = match digest {
                Ok(digest) => digest,
                Err(taking) => {
                    let taken = taking.join().map_err(|_| IntakeError::Worker)?;
                    taken.map_err(IntakeError::File)?.0
                }
            };
            sink.finish().map(|result| (result, digest))
        })?;
        if let Some(event) = job.event {
            events::settle(tx, event, (id, now), &result.faults)?;
        }
        if let Some(arrival) = arrival {
            let message = arrival.came().again(result.counts.rejected);
            let sql = "update source_file set message_zh = $1, message_en = $2 where id = $3";
            tx.execute(sql, &[(&*message.zh).into(), (&*message.en).into(), id.into()])?;
        }
        if job.file.digest.is_none() {
            let sql = "update source_file set digest = $1 where id = $2";
            tx.execute(sql, &[digest.to_string().as_str().into(), id.into()])?;
        }
        tx.audit(&AuditEntry {
            actor: job.actor,
            action: "import.file",
            object: &id.to_string(),
            before: None,
            after: Some(digest),
            reason: &job.file.encoding,
        })?;
        Ok(result)
    })
}

/// The name under which the store knows a file: below its folder.
pub(crate) fn stored_name(listed: &Listed) -> String {
    listed.name.clone()
}

fn insert_source_file(tx: &Tx<'_>, job: &Job<'_>) -> Result<i64, StoreError> {
    let id = tx.next_id("source_file")?;
    let file = job.file;
    let detected = file.detected();
    let layout = detected.map(|detected| detected.columns.layout.id.as_str());
    let year = detected.and_then(|detected| detected.title_year).map(i64::from);
    tx.execute(
        "insert into source_file (id, import_run_id, name, digest, byte_count, layout, encoding, \
        policy_year, state, rows_read, \
         rows_accepted, rows_rejected, rows_repaired, recorded_at, sender, rules_digest, first_id) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, 'imported', 0, 0, 0, 0, $9, $10, $11, $12)",
        &[
            id.into(),
            job.run_id.into(),
            stored_name(&file.listed).as_str().into(),
            // A digest that is taken while the file goes in follows at its end.
            file.digest.map(|digest| digest.to_string()).unwrap_or_default().as_str().into(),
            Value::Int(qb_base::tally(file.bytes)),
            layout.into(),
            file.encoding.as_str().into(),
            year.into(),
            env::now().0.into(),
            (&job.origin.sender).into(),
            (&job.origin.rules).into(),
            file.arrival.as_ref().map(|arrival| arrival.first_id).into(),
        ],
    )?;
    Ok(id)
}

/// Which files a file of datasets replaces: those of its name, where it was found in a folder.
///
/// A single file that is handed in adds rows and replaces those of the same key, and so does a
/// correction; neither says that a row is gone.
fn versions(
    target: &Target,
    job: &Job<'_>,
    known: &Known,
    writer: &FileWriter<'_>,
) -> Result<Versions, StoreError> {
    let file = job.file;
    let name = stored_name(&file.listed);
    let of = (name.as_str(), job.origin.sender.as_str());
    let this = (writer.file_id, &writer.delivery);
    let replaces = file.has_records() && file.listed.root.is_some() && !file.is_correction();
    Ok(Versions {
        earlier: match replaces {
            true => delivery::earlier(writer.tx, of, this, job.beside)?,
            false => Vec::new(),
        },
        run: job.run_id,
        root: target.shared.areas.root(),
        replaces: job.replaces,
        many: known.is_complete() || file.bytes >= RECORDS_BYTES_MIN,
    })
}

/// The writer of the kind of rows that is passing.
enum Open<'t, 'k> {
    None,
    Register(Box<RegisterWriter<'t>>),
    Income(Box<IncomeWriter<'t, 'k>>),
}

/// Receives what the parsing thread sends.
struct Sink<'t, 'k, 'a> {
    tx: &'t Tx<'t>,
    target: &'k Target,
    job: &'a Job<'a>,
    known: &'a mut Known,
    file: FileWriter<'t>,
    open: Open<'t, 'k>,
    /// Datasets of this file; what the file no longer holds is known at its end.
    records: Vec<RecordWriter<'t>>,
    versions: Versions,
}

impl<'t, 'k> Sink<'t, 'k, '_> {
    fn run(
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
                    self.file.sheet = name;
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
                    let done = self.batch(parsed, layout)?;
                    if let (Some(batch), Some(used)) = (done, &used) {
                        // The parser may be at its end; then the memory is not needed again.
                        let _ = used.send(batch);
                    }
                    on_rows(self.file.counts.read);
                    if self.job.rows_left.is_some_and(|left| self.file.counts.read >= left) {
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
    ) -> Result<Option<RegisterBatch>, IntakeError> {
        match parsed {
            Parsed::Register(mut batch) => {
                batch.seal(self.file.keyring);
                self.register(&batch, layout)?;
                batch.clear();
                return Ok(Some(batch));
            }
            Parsed::Income(batch) => self.income(&batch)?,
            Parsed::Ledger(draft, common) => {
                self.file.common(&common)?;
                if let Some(draft) = draft {
                    short::ledger(self.tx, &mut self.file, &draft)?;
                }
            }
            Parsed::Designations(rows, common) => {
                self.file.common(&common)?;
                short::designations(self.tx, &mut self.file, &rows, self.target.shared.today)?;
            }
            Parsed::Record(batch) => self.record(&batch, layout)?,
            Parsed::References(rows, common) => {
                self.file.common(&common)?;
                let whole = self.target.shared.areas.root();
                short::references(self.tx, &mut self.file, &rows, whole)?;
            }
        }
        Ok(None)
    }

    fn register(
        &mut self,
        batch: &RegisterBatch,
        layout: Option<Arc<Layout>>,
    ) -> Result<(), IntakeError> {
        self.file.common(&batch.common)?;
        if !matches!(self.open, Open::Register(_)) {
            let layout = layout.ok_or(IntakeError::Invariant("layout of a sheet"))?;
            let shared = &self.target.shared;
            let event = self.job.event;
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
            let writer = RegisterWriter::new(
                self.tx,
                Lists::new(shared, &layout),
                constants,
                Differences::new(self.tx, differing),
                ((self.file.file_id, self.file.now), self.job.stamp),
            )?;
            self.open = Open::Register(Box::new(writer));
        }
        match &mut self.open {
            Open::Register(writer) => writer.batch(self.known, &mut self.file, batch),
            _ => Ok(()),
        }
    }

    fn income(&mut self, batch: &IncomeBatch) -> Result<(), IntakeError> {
        self.file.common(&batch.common)?;
        if !matches!(self.open, Open::Income(_)) {
            self.open = Open::Income(Box::new(IncomeWriter::new(self.tx, &self.target.item_ids)?));
        }
        match &mut self.open {
            Open::Income(writer) => writer.batch(self.known, &mut self.file, batch),
            _ => Ok(()),
        }
    }

    fn record(
        &mut self,
        batch: &RecordBatch,
        layout: Option<Arc<Layout>>,
    ) -> Result<(), IntakeError> {
        self.file.common(&batch.common)?;
        let layout = layout.ok_or(IntakeError::Invariant("layout of a sheet"))?;
        let known = self.records.iter().position(|writer| writer.dataset() == layout.id);
        let at = match known {
            Some(at) => at,
            None => {
                let writer = RecordWriter::new(self.tx, self.known, &layout.id, &self.versions)?;
                self.records.push(writer);
                self.records.len() - 1
            }
        };
        match self.records.get_mut(at) {
            Some(writer) => writer.batch(self.known, &mut self.file, batch, &self.versions),
            None => Ok(()),
        }
    }

    fn close_sheet(&mut self) -> Result<(), IntakeError> {
        match std::mem::replace(&mut self.open, Open::None) {
            Open::Register(writer) => writer.finish(self.known, &mut self.file),
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
                Unread::Faulty(fault) => self.file.fault(&FaultDraft {
                    message: plan::in_sheet(name, &fault.message),
                    remedy: fault.remedy.clone(),
                    ..draft(1, Issue::SheetRefused, 1, &[])
                })?,
                Unread::NotSent(fault) => {
                    self.file.sheet.clone_from(name);
                    self.file.fault(&FaultDraft {
                        message: fault.message.clone(),
                        remedy: fault.remedy.clone(),
                        ..draft(1, Issue::SheetNotSent, 1, &[])
                    })?;
                }
            }
        }
        for sheet in &file.sheets {
            self.file.sheet.clone_from(&sheet.name);
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
        self.file.fault(&draft(row, issue, rows, fills))
    }

    fn finish(mut self) -> Result<FileResult, IntakeError> {
        for writer in std::mem::take(&mut self.records) {
            writer.finish(self.known, &mut self.file, &self.versions)?;
        }
        for sheet in &self.job.file.sheets {
            self.file.keep_top(sheet)?;
        }
        let of = (self.file.file_id, self.versions.earlier.as_slice());
        self.file.counties.note(self.tx, of, self.file.now)?;
        Ok(self.file.finish()?)
    }
}

/// A fault of a sheet or a file.
fn draft(row: u32, issue: Issue, rows: u64, fills: &[(&str, &str)]) -> FaultDraft {
    FaultDraft {
        issue,
        severity: issue.severity(),
        row,
        column: None,
        label: None,
        area: None,
        message: issue.message().fill(fills),
        remedy: issue.remedy(),
        rows,
    }
}
