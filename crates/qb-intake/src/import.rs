//! An import from the paths given to the report.

mod options;
mod planning;
mod run_row;
mod said;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use qb_access::{Scope, Sender};
use qb_base::{Date, Digest, env};
use qb_policy::{IncomeCategory, Pack};
use qb_registry::Severity;
use qb_registry::commands::{Known, indices};
use qb_registry::events::{Effect, EventCount, EventState};
use qb_registry::queries::register_is_empty;
use qb_store::{AuditEntry, Conn, Store, StoreError, Value};

pub use options::{Deciding, ImportOptions, OnProgress, Progress};
use planning::digest_of;
use run_row::{close_run, open_run};
use said::{other_report, used_report};

use crate::delivery::Origin;
use crate::error::{FileFault, IntakeError};
use crate::installation::{rules, shared};
use crate::layout::LayoutIndex;
use crate::plan::{self, Listed, Planned};
use crate::queries;
use crate::report::{Fault, FaultCount, FileReport, FileState, ImportReport, ImportState};
use crate::rows::income::Sign;
use crate::words::{LeadRules, Words};
use crate::write::{self, Target};

/// Bytes of files from which an import into a filled store reads all known numbers first.
const PRELOAD_BYTES_MIN: u64 = 8 << 20;
/// Bytes of files from which an import into an empty register builds the access paths afterwards.
const REBUILD_BYTES_MIN: u64 = 1 << 20;

/// Imports files and folders.
///
/// Each file goes in whole or not at all; a file that cannot be used is reported and the others go
/// in. An import that
/// was interrupted is taken up where it ended: files that are in already are left out.
///
/// # Errors
/// When the store or a path cannot be used; what is wrong with a file or a row is in the report.
pub fn import(
    store: &Store,
    pack: &Pack,
    paths: &[PathBuf],
    options: &ImportOptions,
    progress: &mut OnProgress<'_>,
) -> Result<ImportReport, IntakeError> {
    import_listed(store, pack, &plan::list(paths)?, options, progress)
}

/// Imports files that were listed before.
pub(crate) fn import_listed(
    store: &Store,
    pack: &Pack,
    listed: &[Listed],
    options: &ImportOptions,
    progress: &mut OnProgress<'_>,
) -> Result<ImportReport, IntakeError> {
    let mut run = Run::open(store, pack, options)?;
    let (mut planned, refused) = run.plan(listed, progress)?;
    // Files that were confirmed are no whole folder: what is not among them is not gone.
    if !matches!(options.deciding, Deciding::Confirmed(_)) {
        run.withdraw(listed, pack)?;
    }
    planned.sort_by(|a, b| a.rank().cmp(&b.rank()));
    let bytes: u64 = planned.iter().map(|file| file.bytes).sum();
    let mut known = run.prepare(bytes, planned.is_empty())?;
    let alone = (options.alone && run.rebuild).then(|| store.alone());
    let all = planned.len();
    let mut late = refused;
    for (done, file) in planned.iter().enumerate() {
        let mut on_rows = |rows| {
            progress(Progress { file: &file.listed.name, files_done: done, files_all: all, rows })
        };
        if !file.is_first_load() {
            run.build_indices()?;
        }
        match run.file(file, &mut known, &mut on_rows) {
            Ok(()) => {}
            Err(IntakeError::File(fault)) => {
                let digest = digest_of(&file.listed, (file.digest, file.bytes));
                late.push((file.listed.clone(), digest, fault));
                known = run.known_again()?;
            }
            Err(other) => return Err(other),
        }
    }
    // Unusable files are noted last: their numbers then never depend on where an import was
    // interrupted.
    late.sort_by(|a, b| a.0.name.cmp(&b.0.name));
    for (listed, digest, fault) in late {
        if listed.is_other() {
            run.report.files.push(other_report(&listed));
        } else {
            run.refuse(&listed, digest, &fault)?;
        }
    }
    drop(known);
    let report = run.finish();
    drop(alone);
    report
}

/// An import under way.
struct Run<'a> {
    store: &'a Store,
    options: &'a ImportOptions,
    target: Target,
    /// Of what is sent today, and of what is sent on other days.
    layouts: Vec<LayoutIndex>,
    other_layouts: Vec<LayoutIndex>,
    id: i64,
    origin: Origin,
    /// Files of the store that lie in this import: those it brought, and those it repeats.
    present: BTreeSet<i64>,
    /// Files that had come before and are not read again.
    known_files: Vec<(String, i64)>,
    stamp: u32,
    rebuild: bool,
    preload: bool,
    rows_written: u64,
    heaping_from: Option<i64>,
    lead: LeadRules,
    /// The day on which the office works.
    today: Date,
    report: ImportReport,
    by_code: BTreeMap<(Severity, String), u64>,
    events: BTreeMap<(Effect, EventState), u64>,
}

impl<'a> Run<'a> {
    fn open(
        store: &'a Store,
        pack: &'a Pack,
        options: &'a ImportOptions,
    ) -> Result<Self, IntakeError> {
        let id = open_run(store, options)?;
        let shared = shared(store, pack, options)?;
        let today = shared.today;
        let items = pack
            .income_items
            .iter()
            .map(|item| (item.id.clone(), sign(item.category, item.counted)))
            .collect();
        // A pack that is no longer in force has the line of its own year.
        let line_on = pack.ended_before(today).map_or(today, |_| pack.year.last_day());
        let heaping_from =
            pack.param("line.exit", &pack.area, line_on).and_then(|value| value.number.to_i64());
        let (layouts, other_layouts) = LayoutIndex::all(pack)?
            .into_iter()
            .partition(|index| index.layout.effective.holds_on(today));
        Ok(Self {
            store,
            options,
            target: Target::new(pack, shared, options.sender(pack.area), items)?,
            layouts,
            other_layouts,
            id,
            origin: Origin {
                sender: Sender { role: options.role, area: options.within }.office(),
                rules: rules(store, pack)?.to_string(),
            },
            present: BTreeSet::new(),
            known_files: Vec::new(),
            stamp: 0,
            rebuild: false,
            preload: false,
            rows_written: 0,
            heaping_from,
            lead: Words::of(pack)?.lead,
            today,
            report: ImportReport { run: id, ..ImportReport::default() },
            by_code: BTreeMap::new(),
            events: BTreeMap::new(),
        })
    }

    /// Chooses how known numbers are found, and whether access paths are built afterwards.
    fn prepare(&mut self, bytes: u64, nothing: bool) -> Result<Known, IntakeError> {
        let empty = self.store.read(register_is_empty)?;
        // A typed row leaves the access paths to the first load that is at work meanwhile.
        self.rebuild = self.options.typed.is_none() && indices::are_missing(self.store)?;
        if empty && !self.rebuild && bytes >= REBUILD_BYTES_MIN {
            indices::drop_all(self.store, &self.options.actor)?;
            self.rebuild = true;
        }
        self.preload = !nothing && (self.rebuild || bytes >= PRELOAD_BYTES_MIN);
        match (empty, self.preload) {
            (true, _) => Ok(self.store.read(|conn| Known::nothing(conn, newest_file(conn)?))?),
            (false, _) => self.known_again(),
        }
    }

    /// Reads what the store knows after a file was taken back.
    fn known_again(&self) -> Result<Known, IntakeError> {
        Ok(self.store.read(|conn| {
            let newest = newest_file(conn)?;
            if self.preload { Known::load(conn, newest) } else { Known::lazy(conn, newest) }
        })?)
    }

    /// Notes which files had come before, so that the page of the import can say when.
    fn note_known_files(&mut self) -> Result<(), StoreError> {
        let known = std::mem::take(&mut self.known_files);
        if known.is_empty() {
            return Ok(());
        }
        let sql = "insert into known_file (import_run_id, name, source_file_id) \
                   values ($1, $2, $3) on conflict (import_run_id, name) do nothing";
        self.store.write(|tx| {
            for (name, file_id) in &known {
                tx.execute(sql, &[self.id.into(), name.into(), (*file_id).into()])?;
            }
            tx.audit(&AuditEntry {
                actor: &self.options.actor,
                action: "import.known",
                object: &self.id.to_string(),
                before: None,
                after: None,
                reason: "files that had come before",
            })
        })
    }

    fn file(
        &mut self,
        file: &Planned,
        known: &mut Known,
        on_rows: &mut dyn FnMut(u64),
    ) -> Result<(), IntakeError> {
        self.stamp += 1;
        let job = write::Job {
            file,
            run_id: self.id,
            origin: &self.origin,
            beside: &self.present,
            stamp: self.stamp,
            actor: &self.options.actor,
            replaces: self.options.typed,
            event: self.options.event.as_ref(),
            rows_left: self
                .options
                .stop_after_rows
                .map(|stop| stop.saturating_sub(self.rows_written)),
        };
        let result = write::file(self.store, &self.target, &job, known, on_rows)?;
        self.rows_written += result.counts.read;
        self.present.insert(result.file_id);
        self.report.files.push(FileReport {
            layout: file.detected().map(|detected| detected.columns.layout.id.clone()),
            encoding: Some(file.encoding.clone()),
            rows_read: result.counts.read,
            rows_accepted: result.counts.accepted(),
            rows_rejected: result.counts.rejected,
            rows_repaired: result.counts.repaired,
            ..used_report(file, result.counts.rejected)
        });
        for count in result.fault_counts {
            *self.by_code.entry((count.severity, count.code)).or_default() += count.count;
        }
        for (event, count) in result.events {
            *self.events.entry(event).or_default() += count;
        }
        self.report.faults.extend(result.faults);
        Ok(())
    }

    /// Notes a file that cannot be used.
    fn refuse(
        &mut self,
        listed: &Listed,
        digest: Option<(Digest, u64)>,
        fault: &FileFault,
    ) -> Result<(), IntakeError> {
        let name = write::stored_name(listed);
        self.store.write::<_, StoreError>(|tx| {
            let id = tx.next_id("source_file")?;
            let (digest, bytes) =
                digest.map_or((String::new(), 0), |(digest, bytes)| (digest.to_string(), bytes));
            tx.execute(
                "insert into source_file (id, import_run_id, name, digest, byte_count, state, \
                rows_read, rows_accepted, \
                 rows_rejected, rows_repaired, message_zh, message_en, recorded_at, sender, \
                 rules_digest) values ($1, $2, $3, $4, $5, 'refused', 0, 0, 0, 0, $6, $7, $8, $9, \
                 $10)",
                &[
                    id.into(),
                    self.id.into(),
                    name.as_str().into(),
                    digest.as_str().into(),
                    Value::Int(qb_base::tally(bytes)),
                    (&*fault.message.zh).into(),
                    (&*fault.message.en).into(),
                    env::now().0.into(),
                    (&self.origin.sender).into(),
                    (&self.origin.rules).into(),
                ],
            )?;
            tx.audit(&AuditEntry {
                actor: &self.options.actor,
                action: "import.refuse",
                object: &id.to_string(),
                before: None,
                after: None,
                reason: fault.code,
            })
        })?;
        self.report.files.push(FileReport {
            message: Some(fault.message.clone()),
            remedy: Some(fault.remedy.clone()),
            ..FileReport::new(&listed.name, FileState::Refused)
        });
        self.report.faults.push(Fault {
            code: fault.code.to_owned(),
            severity: Severity::Refused,
            file: listed.name.clone(),
            sheet: String::new(),
            row: 0,
            column: None,
            column_label: None,
            message: fault.message.clone(),
            remedy: fault.remedy.clone(),
        });
        *self.by_code.entry((Severity::Refused, fault.code.to_owned())).or_default() += 1;
        Ok(())
    }

    /// Builds the access paths that the first load went without; what comes after it looks rows up.
    fn build_indices(&mut self) -> Result<(), IntakeError> {
        if std::mem::take(&mut self.rebuild) {
            indices::build_all(self.store, &self.options.actor)?;
        }
        Ok(())
    }

    /// Builds what was left for last, looks for patterns, closes the run.
    fn finish(mut self) -> Result<ImportReport, IntakeError> {
        self.build_indices()?;
        self.note_known_files()?;
        let taken_back = |conn: &_| queries::withdrawn(conn, &Scope::system(), self.id);
        self.report.withdrawn = self.store.read(taken_back)?;
        self.report.rows_withdrawn = self.report.withdrawn.iter().map(|part| part.rows).sum();
        let complete = self.report.is_complete();
        let (leads, size) = close_run(
            self.store,
            self.id,
            (self.heaping_from, self.lead),
            (complete, self.options, self.today),
        )?;
        for (name, lead) in leads {
            *self.by_code.entry((lead.severity, lead.issue.code().to_owned())).or_default() +=
                lead.rows;
            self.report.faults.push(Fault::new(&name, "", &lead));
        }
        let report = &mut self.report;
        for file in &report.files {
            report.rows_read += file.rows_read;
            report.rows_accepted += file.rows_accepted;
            report.rows_rejected += file.rows_rejected;
            report.rows_repaired += file.rows_repaired;
        }
        report.fault_counts = std::mem::take(&mut self.by_code)
            .into_iter()
            .map(|((severity, code), count)| FaultCount { code, severity, count })
            .collect();
        report.events = std::mem::take(&mut self.events)
            .into_iter()
            .map(|((kind, state), count)| EventCount { kind, count, state })
            .collect();
        report.files.sort_by(|a, b| a.name.cmp(&b.name));
        report.state = ImportState::of(&report.files);
        report.people = size.people.unsigned_abs();
        report.households = size.households.unsigned_abs();
        Ok(self.report)
    }
}

/// The newest file of the store; 0 where none came yet.
fn newest_file(conn: &Conn) -> Result<i64, StoreError> {
    let sql = "select cast(coalesce(max(id), 0) as bigint) from source_file";
    conn.query_one(sql, &[], |row| row.int(0))
}

/// How an item counts towards the net income that a sheet may state.
fn sign(category: IncomeCategory, counted: bool) -> Sign {
    match category {
        IncomeCategory::Cost => Sign::Minus,
        IncomeCategory::SelfPaid => Sign::Aside,
        _ if counted => Sign::Plus,
        _ => Sign::Aside,
    }
}
