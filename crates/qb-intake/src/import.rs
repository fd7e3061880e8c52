//! An import from the paths given to the report.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use qb_access::{Role, Scope, Sender};
use qb_base::{AreaCode, Date, Digest, Text, env};
use qb_policy::{IncomeCategory, Pack};
use qb_store::{AuditEntry, Store, StoreError, Value};

use crate::commit::indices;
use crate::commit::known::Known;
use crate::delivery::{Arrival, Origin};
use crate::error::{FileFault, IntakeError};
use crate::fields::area::{AreaIndex, KnownAs};
use crate::layout::LayoutIndex;
use crate::leads;
use crate::plan::{self, Listed, Planned};
use crate::queries;
use crate::report::{FaultCount, FileReport, FileState, ImportReport, ImportState};
use crate::rows::Shared;
use crate::rows::income::Sign;
use crate::sender;
use crate::words::{LeadRules, Words};
use crate::write::{self, Target};
use crate::{waiting, withdraw};

/// Bytes of files from which an import into a filled store reads all known numbers first.
const PRELOAD_BYTES_MIN: u64 = 8 << 20;
/// Bytes of files from which an import into an empty register builds the access paths afterwards.
const REBUILD_BYTES_MIN: u64 = 1 << 20;

/// Who imports, and within which bounds.
#[derive(Clone, Debug, Default)]
pub struct ImportOptions {
    /// Login of the person, or `system`; written into the audit chain.
    pub actor: String,
    /// The role the person works in: files that others send are refused; none for the operator at
    /// the command line, who hands in what offices sent.
    pub role: Option<Role>,
    /// Rows outside this area are refused, and nothing outside it is changed; none means
    /// everywhere.
    pub within: Option<AreaCode>,
    /// What becomes of files of lists that decide.
    pub deciding: Deciding,
    /// Nobody else needs the store meanwhile: a first load then writes each page once, and readers
    /// wait for it. Without effect while another process has the store open.
    pub alone: bool,
    /// The day on which the office works, after which nothing can have happened; none means today
    /// in China.
    pub today: Option<Date>,
    /// The one row a person typed: no patterns over whole files are looked for, and lists of
    /// imports leave it out.
    pub typed: Option<Replaces>,
    /// Ends the import with an error after so many written rows: for tests of interrupted imports.
    pub stop_after_rows: Option<u64>,
}

/// The row that a typed one takes the place of, as the person saw it; none for a new one.
///
/// What stands is compared with it in the transaction that writes, so that of two people who save
/// the same row one is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replaces(pub Option<i64>);

impl ImportOptions {
    /// Who sends; an area that holds the whole installation is everywhere.
    pub(crate) fn sender(&self, whole: AreaCode) -> Sender {
        let sender = Sender { role: self.role, area: self.within };
        if sender.is_everywhere(whole) { Sender { area: None, ..sender } } else { sender }
    }
}

/// What becomes of files of lists that decide: exits, money, findings, surveys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Deciding {
    /// They count at once: a first load, before anybody has an account who could confirm them.
    #[default]
    InitialLoad,
    /// They wait until a second person confirms them.
    Wait,
    /// This person confirmed them.
    Confirmed(String),
}

impl Deciding {
    /// What the audit chain says of an import that is opened.
    fn reason(&self) -> String {
        match self {
            Self::InitialLoad => "initial load".to_owned(),
            Self::Wait => String::new(),
            Self::Confirmed(actor) => format!("confirmed by {actor}"),
        }
    }
}

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress<'a> {
    /// The file being read.
    pub file: &'a str,
    /// Files done.
    pub files_done: usize,
    /// Files altogether.
    pub files_all: usize,
    /// Rows of this file so far.
    pub rows: u64,
}

/// Receives progress.
pub type OnProgress<'a> = dyn FnMut(Progress<'_>) + 'a;

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

/// What the parsers of an import know.
pub(crate) fn shared(
    store: &Store,
    pack: &Pack,
    options: &ImportOptions,
) -> Result<Shared, IntakeError> {
    Ok(Shared {
        no_document: Words::of(pack)?.no_document.clone(),
        areas: Arc::new(area_index(store, pack)?),
        lists: Arc::new(pack.code_lists.clone()),
        datasets: Arc::new(pack.datasets.clone()),
        keyring: store.keyring().clone(),
        as_of: pack.as_of,
        today: options.today.unwrap_or_else(|| env::today()),
        year: pack.year,
        within: options.sender(pack.area).area,
    })
}

/// A file that cannot be used.
type Unusable = (Listed, Option<(Digest, u64)>, FileFault);

/// An import under way.
struct Run<'a> {
    store: &'a Store,
    options: &'a ImportOptions,
    target: Target,
    layouts: Vec<LayoutIndex>,
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
    report: ImportReport,
    by_code: BTreeMap<(crate::fields::Severity, String), u64>,
}

impl<'a> Run<'a> {
    fn open(
        store: &'a Store,
        pack: &'a Pack,
        options: &'a ImportOptions,
    ) -> Result<Self, IntakeError> {
        let id = open_run(store, options)?;
        let shared = shared(store, pack, options)?;
        let items = pack
            .income_items
            .iter()
            .map(|item| (item.id.clone(), sign(item.category, item.counted)))
            .collect();
        let heaping_from =
            pack.param("line.exit", &pack.area, pack.as_of).and_then(|value| value.number.to_i64());
        Ok(Self {
            store,
            options,
            target: Target::new(pack, shared, options.sender(pack.area), items),
            layouts: LayoutIndex::all(pack)?,
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
            report: ImportReport { run: id, ..ImportReport::default() },
            by_code: BTreeMap::new(),
        })
    }

    /// Leaves out files that are in the store, recognises the others.
    fn plan(
        &mut self,
        listed: &[Listed],
        progress: &mut OnProgress<'_>,
    ) -> Result<(Vec<Planned>, Vec<Unusable>), IntakeError> {
        let (mut planned, mut refused): (Vec<Planned>, Vec<Unusable>) = (Vec::new(), Vec::new());
        for (done, file) in listed.iter().enumerate() {
            progress(Progress {
                file: &file.name,
                files_done: done,
                files_all: listed.len(),
                rows: 0,
            });
            let new = match listed {
                [only] => length_if_new(self.store, only)?,
                _ => None,
            };
            let read = || plan::digest(&file.path).map(|(digest, bytes)| (Some(digest), bytes));
            let taken = match new.map_or_else(read, |bytes| Ok((None, bytes))) {
                Ok(taken) => taken,
                Err(fault) => {
                    refused.push((file.clone(), None, fault));
                    continue;
                }
            };
            let arrival = match taken.0 {
                Some(digest) if planned.iter().any(|known| known.digest == Some(digest)) => {
                    self.report.files.push(plain_report(file, FileState::Unchanged));
                    continue;
                }
                Some(digest) => self.origin.arrival(self.store, digest)?,
                None => None,
            };
            if let Some(arrival) = &arrival
                && self.is_done(file, arrival)
            {
                continue;
            }
            let plan = plan::plan(file, taken, &self.layouts);
            // Who types rows of a list is said apart from who sends it, and asked before.
            let role = self.options.role.filter(|_| self.options.typed.is_none());
            match plan.and_then(|plan| sender::admit(plan, role)) {
                Ok(plan) if plan.decides() && self.options.deciding == Deciding::Wait => {
                    self.hold(&plan)?;
                }
                Ok(plan) => planned.push(Planned { arrival, ..plan }),
                Err(fault) => refused.push((file.clone(), digest_of(file, taken), fault)),
            }
        }
        Ok((planned, refused))
    }

    /// Whether nothing of a file that came before is left to try; that is noted for the report.
    fn is_done(&mut self, file: &Listed, arrival: &Arrival) -> bool {
        self.present.insert(arrival.file_id);
        let is_of_this = arrival.run == self.id;
        if arrival.is_open && !is_of_this {
            return false;
        }
        let came = arrival.came();
        if !is_of_this {
            self.known_files.push((write::stored_name(file), arrival.file_id));
        }
        self.report.files.push(FileReport {
            message: Some(came.unchanged()),
            came: Some(came),
            ..plain_report(file, FileState::Unchanged)
        });
        true
    }

    /// Takes back what files said that are gone from their folder.
    fn withdraw(&mut self, listed: &[Listed], pack: &Pack) -> Result<(), StoreError> {
        let sender = self.origin.sender.as_str();
        let waits = self.options.deciding == Deciding::Wait;
        let by = withdraw::By { run: self.id, sender, actor: &self.options.actor, waits };
        let gone = withdraw::missing_files(self.store, (listed, &self.present), pack, &by)?;
        self.report.files.extend(gone);
        Ok(())
    }

    /// Keeps a file until a second person confirms it.
    fn hold(&mut self, file: &Planned) -> Result<(), IntakeError> {
        let batch = waiting::hold(self.store, (self.id, self.options), file)?;
        let (message, remedy) = waiting::said(file, batch);
        self.report.files.push(FileReport {
            layout: file.detected().map(|detected| detected.columns.layout.id.clone()),
            encoding: Some(file.encoding.clone()),
            batch: Some(batch),
            message: Some(message),
            remedy: Some(remedy),
            ..plain_report(&file.listed, FileState::Waiting)
        });
        Ok(())
    }

    /// Chooses how known numbers are found, and whether access paths are built afterwards.
    fn prepare(&mut self, bytes: u64, nothing: bool) -> Result<Known, IntakeError> {
        let empty = self.store.read::<_, StoreError>(|conn| {
            Ok(conn.query_opt("select id from household limit 1", &[], |row| row.int(0))?.is_none())
        })?;
        // A typed row leaves the access paths to the first load that is at work meanwhile.
        self.rebuild = self.options.typed.is_none() && indices::are_missing(self.store)?;
        if empty && !self.rebuild && bytes >= REBUILD_BYTES_MIN {
            indices::drop_all(self.store, &self.options.actor)?;
            self.rebuild = true;
        }
        self.preload = !nothing && (self.rebuild || bytes >= PRELOAD_BYTES_MIN);
        match (empty, self.preload) {
            (true, _) => Ok(self.store.read(Known::nothing)?),
            (false, _) => self.known_again(),
        }
    }

    /// Reads what the store knows after a file was taken back.
    fn known_again(&self) -> Result<Known, IntakeError> {
        if !self.preload {
            return Ok(self.store.read(Known::lazy)?);
        }
        Ok(self.store.read(Known::load)?)
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
            ..plain_report(listed, FileState::Refused)
        });
        self.report.faults.push(crate::report::Fault {
            code: fault.code.to_owned(),
            severity: crate::fields::Severity::Refused,
            file: listed.name.clone(),
            sheet: String::new(),
            row: 0,
            column: None,
            column_label: None,
            message: fault.message.clone(),
            remedy: fault.remedy.clone(),
        });
        *self
            .by_code
            .entry((crate::fields::Severity::Refused, fault.code.to_owned()))
            .or_default() += 1;
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
        let (leads, people, households) = close_run(
            self.store,
            self.id,
            (self.heaping_from, self.lead),
            (complete, self.options),
        )?;
        for (name, lead) in leads {
            *self.by_code.entry((lead.severity, lead.issue.code().to_owned())).or_default() +=
                lead.rows;
            self.report.faults.push(crate::report::Fault::new(&name, "", &lead));
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
        report.files.sort_by(|a, b| a.name.cmp(&b.name));
        report.state = ImportState::of(&report.files);
        report.people = people.unsigned_abs();
        report.households = households.unsigned_abs();
        Ok(self.report)
    }
}

/// What is said of a file of a folder that is no table; one that is handed in by name is refused.
fn other_report(file: &Listed) -> FileReport {
    FileReport {
        message: Some(Text::fixed("不是表格文件，未读取。", "not a table; it was not read")),
        remedy: Some(Text::fixed("无需处理。", "nothing to do")),
        ..plain_report(file, FileState::NotATable)
    }
}

/// What is said of a file whose rows are in: that it came before, and what is wrong with sheets
/// that are not in.
fn used_report(file: &Planned, rejected: u64) -> FileReport {
    let mut report = plain_report(&file.listed, FileState::Imported);
    if let Some(arrival) = &file.arrival {
        let came = arrival.came();
        report.state = FileState::Retried;
        report.message = Some(came.again(rejected));
        report.came = Some(came);
    }
    for (name, fault) in file.faulty_sheets() {
        report.state = FileState::Partial;
        let said = plan::in_sheet(name, &fault.message);
        report.message = Some(match report.message {
            Some(text) => {
                Text::new(format!("{}{}", text.zh, said.zh), format!("{}; {}", text.en, said.en))
            }
            None => said,
        });
        report.remedy = Some(fault.remedy.clone());
    }
    report
}

/// A file of which nothing is to be said yet.
fn plain_report(file: &Listed, state: FileState) -> FileReport {
    FileReport {
        name: file.name.clone(),
        state,
        layout: None,
        encoding: None,
        rows_read: 0,
        rows_accepted: 0,
        rows_rejected: 0,
        rows_repaired: 0,
        came: None,
        batch: None,
        message: None,
        remedy: None,
    }
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

/// Takes up a run that was interrupted, or opens a new one.
fn open_run(store: &Store, options: &ImportOptions) -> Result<i64, StoreError> {
    store.write(|tx| {
        let open = "select id from import_run where state = 'running' and actor = $1 \
            and is_typed = $2 order by id desc limit 1";
        let own = [options.actor.as_str().into(), options.typed.is_some().into()];
        let interrupted = tx.query_opt(open, &own, |row| row.int(0))?;
        let id = match interrupted {
            Some(id) => id,
            None => {
                let id = tx.next_id("import_run")?;
                tx.execute(
                    "insert into import_run (id, actor, state, started_at, rows_read, \
                    rows_accepted, rows_rejected, rows_repaired, is_typed) \
                     values ($1, $2, 'running', $3, 0, 0, 0, 0, $4)",
                    &[
                        id.into(),
                        options.actor.as_str().into(),
                        env::now().0.into(),
                        options.typed.is_some().into(),
                    ],
                )?;
                id
            }
        };
        let reason = match (interrupted, options.typed) {
            (Some(_), _) => "taken up after an interruption".to_owned(),
            (None, Some(_)) => String::new(),
            (None, None) => options.deciding.reason(),
        };
        tx.audit(&AuditEntry {
            actor: &options.actor,
            action: "import.open",
            object: &id.to_string(),
            before: None,
            after: None,
            reason: &reason,
        })?;
        Ok(id)
    })
}

/// What closing a run finds: leads, people and households in the register.
type Closed = (Vec<(String, crate::rows::draft::FaultDraft)>, i64, i64);

/// Looks for leads and closes the run with the counts of all its files, those of an interrupted
/// part included.
fn close_run(
    store: &Store,
    id: i64,
    (heaping_from, lead): (Option<i64>, LeadRules),
    (complete, options): (bool, &ImportOptions),
) -> Result<Closed, StoreError> {
    let actor = options.actor.as_str();
    let state = if complete { "done" } else { "failed" };
    store.write(|tx| {
        let leads = if options.typed.is_some() {
            Vec::new()
        } else {
            leads::find(tx, id, heaping_from, lead)?
        };
        tx.execute(
            "update import_run set state = $1, finished_at = $2, \
             rows_read = (select cast(coalesce(sum(rows_read), 0) as bigint) from source_file \
             where import_run_id = $3), \
             rows_accepted = (select cast(coalesce(sum(rows_accepted), 0) as bigint) from \
             source_file where import_run_id = $3), \
             rows_rejected = (select cast(coalesce(sum(rows_rejected), 0) as bigint) from \
             source_file where import_run_id = $3), \
             rows_repaired = (select cast(coalesce(sum(rows_repaired), 0) as bigint) from \
             source_file where import_run_id = $3) \
             where id = $3",
            &[state.into(), env::now().0.into(), id.into()],
        )?;
        let count = |sql: &'static str| tx.query_one(sql, &[], |row| row.int(0));
        let (people, households) = (
            count("select count(*) from person")?,
            count(
                "select \
            count(*) from household",
            )?,
        );
        tx.audit(&AuditEntry {
            actor,
            action: "import.close",
            object: &id.to_string(),
            before: None,
            after: None,
            reason: state,
        })?;
        Ok((leads, people, households))
    })
}

/// Digest and length of a file that cannot be used, as far as it can be read.
fn digest_of(file: &Listed, taken: (Option<Digest>, u64)) -> Option<(Digest, u64)> {
    match taken {
        (Some(digest), bytes) => Some((digest, bytes)),
        (None, _) => plan::digest(&file.path).ok(),
    }
}

/// The length of a file if none of that length is in the store: its digest then need not be waited
/// for.
fn length_if_new(store: &Store, file: &Listed) -> Result<Option<u64>, StoreError> {
    let Ok(bytes) = plan::length(&file.path) else { return Ok(None) };
    let sql = "select id from source_file where byte_count = $1 and state = 'imported' limit 1";
    let length = Value::Int(qb_base::tally(bytes));
    let known = store.read::<_, StoreError>(|conn| conn.query_opt(sql, &[length], |r| r.int(0)))?;
    Ok(known.is_none().then_some(bytes))
}

/// Digest of what decides how a file is read: the pack, and the names of areas that the
/// installation knows besides.
fn rules(store: &Store, pack: &Pack) -> Result<Digest, StoreError> {
    let sql = "select parent_code || ' ' || name_key || ' ' || area_code from area_alias \
               union all select code || ' ' || successor_code from area_successor order by 1";
    let names = store.read(|conn| conn.query(sql, &[], |row| row.text(0)))?;
    if names.is_empty() {
        return Ok(pack.digest());
    }
    Ok(Digest::of(format!("{}\n{}", pack.digest(), names.join("\n")).as_bytes()))
}

/// The pack's areas with the aliases and successors that this installation knows.
fn area_index(store: &Store, pack: &Pack) -> Result<AreaIndex, StoreError> {
    let mut index = AreaIndex::new(pack);
    store.read::<_, StoreError>(|conn| {
        let aliases =
            conn.query("select parent_code, name_key, area_code from area_alias", &[], |row| {
                Ok((row.text(0)?, row.text(1)?, row.text(2)?))
            })?;
        for (parent, name_key, code) in aliases {
            if let (Ok(parent), Ok(code)) = (AreaCode::parse(&parent), AreaCode::parse(&code)) {
                index.add_alias(KnownAs { parent, name_key, code });
            }
        }
        let successors =
            conn.query("select code, successor_code from area_successor", &[], |row| {
                Ok((row.text(0)?, row.text(1)?))
            })?;
        for (code, successor) in successors {
            if let Ok(successor) = AreaCode::parse(&successor) {
                index.add_successor(&code, successor);
            }
        }
        Ok(())
    })?;
    Ok(index)
}
