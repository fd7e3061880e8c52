//! Long work that pages hand over: one thread of the server does it, one job after another.
//!
//! A job is in the store before its page answers, and its files lie in the data directory, so a
//! restart loses neither. Whoever holds the lock of the data directory is its only worker, and
//! begins with what an earlier one left behind.

use std::fs::{File, TryLockError};
use std::io::{ErrorKind, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use qb_access::Role;
use qb_base::env::Stopwatch;
use qb_base::{AreaCode, env};
use qb_intake::waiting::{self, Second};
use qb_intake::{Deciding, ImportOptions};
use qb_store::{Job, StoreError};
use serde_json::{Value, json};

use crate::fault::Fault;
use crate::state::{AppState, audit_entry};
use crate::{session, sign_in, upload};

/// What the kind of a job begins with that imports an upload; the rest names the data directory
/// its files lie in, because several servers may share one store.
const IMPORT: &str = "import@";
/// File of the data directory that holds its random name.
const NAME: &str = "jobs.name";
/// Hexadecimal digits of that name.
const NAME_DIGITS: usize = 16;
/// File of the data directory that its only worker holds locked.
const LOCK: &str = "jobs.lock";
/// How long a job may wait that another process put into the queue.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How long an upload that nobody confirms is kept: a week.
const UPLOAD_KEPT_MS: i64 = 7 * 24 * 60 * 60 * 1000;
/// How often sessions and tries to sign in are looked through.
const SESSIONS_EVERY: Duration = Duration::from_secs(60);
/// How the audit chain names the server and its worker.
pub(crate) const WORKER: &str = "server";

/// Wakes the worker when a job was put into the queue.
#[derive(Default)]
pub(crate) struct Bell {
    is_rung: Mutex<bool>,
    changed: Condvar,
}

impl Bell {
    /// Wakes whoever waits.
    pub(crate) fn ring(&self) {
        *self.is_rung.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }

    /// Waits until it is rung, but not longer than a time; whether it was.
    fn wait(&self, time: Duration) -> bool {
        let is_rung = self.is_rung.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.changed.wait_timeout_while(is_rung, time, |is_rung| !*is_rung);
        let (mut is_rung, _) = waited.unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *is_rung)
    }
}

/// How far the job at work is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Following {
    job: i64,
    pub(crate) files_done: usize,
    pub(crate) files_all: usize,
    pub(crate) rows: u64,
    pub(crate) file: String,
}

/// An import that somebody confirmed: whose it is, where the files lie, whose rows they may hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ImportOrder {
    /// The folder of the upload.
    pub(crate) batch: String,
    /// Who confirmed it.
    pub(crate) actor: String,
    /// Rows outside this area are refused.
    pub(crate) within: Option<AreaCode>,
    /// The role of whoever handed it in: lists that others send are refused.
    pub(crate) sender: Role,
}

impl ImportOrder {
    /// The order of a job, if it is one.
    pub(crate) fn of(job: &Job) -> Option<Self> {
        let payload: Value = serde_json::from_str(&job.payload).ok()?;
        let text = |name: &str| payload.get(name).and_then(Value::as_str);
        let within = match text("within") {
            Some(code) => Some(AreaCode::parse(code).ok()?),
            None => None,
        };
        let batch = text("batch").filter(|batch| upload::is_batch_name(batch))?;
        let actor = text("actor")?.to_owned();
        let sender = Role::parse(text("sender")?).ok()?;
        let batch = batch.to_owned();
        job.kind.starts_with(IMPORT).then_some(Self { batch, actor, within, sender })
    }

    fn payload(&self) -> String {
        let within = self.within.map(|area| area.to_string());
        let sender = self.sender.code();
        let (batch, actor) = (&self.batch, &self.actor);
        json!({ "batch": batch, "actor": actor, "within": within, "sender": sender }).to_string()
    }

    /// The job of this order, if it was given.
    pub(crate) fn job(&self, app: &AppState) -> Result<Option<i64>, Fault> {
        let (kind, payload) = (kind(app)?, self.payload());
        Ok(app.store.read(|conn| Job::with_payload(conn, &kind, &payload))?)
    }

    /// Puts the order into the queue once, however often it is confirmed.
    pub(crate) fn give(&self, app: &AppState) -> Result<i64, Fault> {
        enqueue(app, &self.payload(), &self.actor)
    }
}

/// What a second person confirmed: a batch that waited in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ConfirmOrder {
    /// The batch.
    pub(crate) run: i64,
    /// Who confirmed it.
    pub(crate) second: Second,
}

impl ConfirmOrder {
    /// The order of a job, if it is one.
    pub(crate) fn of(job: &Job) -> Option<Self> {
        let payload: Value = serde_json::from_str(&job.payload).ok()?;
        let text = |name: &str| payload.get(name).and_then(Value::as_str);
        let second = Second {
            actor: text("actor")?.to_owned(),
            role: Role::parse(text("role")?).ok()?,
            area: AreaCode::parse(text("area")?).ok()?,
        };
        let run = payload.get("confirm")?.as_i64()?;
        job.kind.starts_with(IMPORT).then_some(Self { run, second })
    }

    /// Puts the order into the queue once, however often it is confirmed.
    pub(crate) fn give(&self, app: &AppState) -> Result<i64, Fault> {
        let second = &self.second;
        let payload = json!({
            "confirm": self.run,
            "actor": second.actor,
            "role": second.role.code(),
            "area": second.area,
        });
        enqueue(app, &payload.to_string(), &second.actor)
    }

    fn run(&self, app: &AppState, job: i64) -> Result<String, String> {
        let report =
            waiting::confirm(&app.store, &app.pack, self.run, &self.second, &mut |progress| {
                follow(app, job, progress)
            });
        let run = report.map(|report| report.run.to_string()).map_err(|error| error.to_string())?;
        let settled = qb_settle::settle(&app.store, &app.pack, &self.second.actor);
        settled.map(|_| run).map_err(|error| error.to_string())
    }
}

/// Who a job works for.
pub(crate) fn actor_of(job: &Job) -> Option<String> {
    let import = ImportOrder::of(job).map(|order| order.actor);
    import.or_else(|| ConfirmOrder::of(job).map(|order| order.second.actor))
}

fn enqueue(app: &AppState, payload: &str, actor: &str) -> Result<i64, Fault> {
    let kind = kind(app)?;
    let id = app.store.write::<_, StoreError>(|tx| {
        let id = match Job::with_payload(tx, &kind, payload)? {
            Some(id) => id,
            None => tx.job_enqueue(&kind, payload)?,
        };
        let object = format!("job:{id}");
        tx.audit(&audit_entry(actor, "import.confirm", &object, "files confirmed"))?;
        Ok(id)
    })?;
    app.bell.ring();
    Ok(id)
}

/// The kind of the imports of this data directory; the first use names the directory.
fn kind(app: &AppState) -> Result<String, Fault> {
    let path = app.store.place().dir.path().join(NAME);
    let unusable = |error: std::io::Error| Fault::Link(format!("{NAME}: {}", error.kind()));
    if let Ok(mut file) = File::create_new(&path) {
        file.write_all(upload::random_name()?.as_bytes()).map_err(unusable)?;
        file.sync_all().map_err(unusable)?;
    }
    let name = std::fs::read_to_string(&path).map_err(unusable)?;
    if name.len() == NAME_DIGITS { Ok(format!("{IMPORT}{name}")) } else { Err(Fault::Busy) }
}

/// How far a job is, while this process works on it.
pub(crate) fn following(app: &AppState, job: i64) -> Option<Following> {
    let followed = app.following.lock().unwrap_or_else(PoisonError::into_inner);
    followed.as_ref().filter(|following| following.job == job).cloned()
}

/// The thread that works through the queue.
pub(crate) struct Worker(Arc<Bell>);

impl Worker {
    /// Waits until it has handed back what it worked on; whether it did in time.
    pub(crate) fn wait_at_most(&self, time: Duration) -> bool {
        self.0.wait(time)
    }
}

/// Starts the thread that works through the queue until the server ends.
pub(crate) fn start(app: &Arc<AppState>) -> std::io::Result<Worker> {
    let (app, done) = (Arc::clone(app), Arc::new(Bell::default()));
    let worker = Worker(Arc::clone(&done));
    let through = move || {
        work(&app);
        done.ring();
    };
    std::thread::Builder::new().name("jobs".to_owned()).spawn(through).map(|_| worker)
}

fn work(app: &AppState) {
    let lock = match hold(app) {
        Ok(lock) => Some(lock),
        // Without a lock the lease of each job keeps two workers apart, only more slowly.
        Err(error) => {
            tracing::warn!(%error, "{LOCK} cannot be locked");
            None
        }
    };
    if lock.is_some()
        && let Err(error) = take_up(app)
    {
        tracing::error!(%error, "jobs left by an earlier run wait for their lease");
    }
    let mut since_sessions = None;
    while !app.is_ending() {
        if let Err(error) = work_through(app) {
            tracing::error!(%error, "a job could not be taken from the queue");
        }
        if lock.is_some()
            && let Err(error) = app.judge_again()
        {
            tracing::error!(%error, "what was imported could not be judged: {error}");
        }
        if lock.is_some() {
            clean(app, &mut since_sessions);
        }
        app.bell.wait(LOOK_EVERY);
    }
}

/// Removes what is over: files at each look, sessions once a minute.
fn clean(app: &AppState, since_sessions: &mut Option<Stopwatch>) {
    let mut cleaned = clean_uploads(app);
    let is_due = since_sessions.is_none_or(|since| since.elapsed() >= SESSIONS_EVERY);
    if cleaned.is_ok() && is_due {
        *since_sessions = Some(Stopwatch::start());
        cleaned = clean_sessions(app);
    }
    if let Err(error) = cleaned {
        tracing::warn!(%error, "what is over could not be removed; the next look tries again");
    }
}

/// Removes sessions and tries to sign in that are over.
pub(crate) fn clean_sessions(app: &AppState) -> Result<(), Fault> {
    session::clean(&app.store, &app.last_seen)?;
    sign_in::clean(&app.store)?;
    Ok(())
}

/// Removes uploads that nobody confirmed within a week.
pub(crate) fn clean_uploads(app: &AppState) -> Result<(), Fault> {
    let old = upload::folders_before(app, env::now().0 - UPLOAD_KEPT_MS);
    if old.is_empty() {
        return Ok(());
    }
    let kind = kind(app)?;
    let open = app.store.read(|conn| Job::open(conn, &kind))?;
    let needed: Vec<String> =
        open.iter().filter_map(ImportOrder::of).map(|order| order.batch).collect();
    for (name, folder) in old {
        if !needed.contains(&name)
            && let Err(error) = std::fs::remove_dir_all(&folder)
        {
            tracing::warn!(%error, "an old upload could not be removed");
        }
    }
    Ok(())
}

/// Waits until this process is the only worker of the data directory.
fn hold(app: &AppState) -> std::io::Result<File> {
    let path = app.store.place().dir.path().join(LOCK);
    let file = File::options().create(true).truncate(false).write(true).open(path)?;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            // Ended while waiting: there is nothing to work on for a moment.
            Err(TryLockError::WouldBlock) if app.is_ending() => {
                return Err(ErrorKind::WouldBlock.into());
            }
            Err(TryLockError::WouldBlock) => drop(app.bell.wait(LOOK_EVERY)),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
}

/// Puts back what an earlier worker left running.
pub(crate) fn take_up(app: &AppState) -> Result<(), Fault> {
    let kind = kind(app)?;
    let open = app.store.read(|conn| Job::open(conn, &kind))?;
    if !open.is_empty() {
        app.store.write::<_, StoreError>(|tx| {
            tx.job_release(&kind)?;
            tx.audit(&audit_entry(WORKER, "job.release", "job", "the server was started"))
        })?;
    }
    Ok(())
}

/// Does what waits in the queue, one job after another.
pub(crate) fn work_through(app: &AppState) -> Result<(), Fault> {
    let kind = kind(app)?;
    while !app.is_ending() && app.store.read(|conn| Job::is_waiting(conn, &kind))? {
        let claimed = app.store.write::<_, StoreError>(|tx| {
            tx.audit(&audit_entry(WORKER, "job.claim", "job", "a job waits"))?;
            tx.job_claim(&kind)
        })?;
        if let Some(job) = claimed {
            run(app, &job)?;
        }
    }
    Ok(())
}

/// What unwinds an import at one of its reports of progress when the server was told to end: the
/// file at work is rolled back, whole files stay in.
struct HandBack;

fn run(app: &AppState, job: &Job) -> Result<(), StoreError> {
    let work = || {
        if let Some(order) = ImportOrder::of(job) {
            return import(app, job.id, &order);
        }
        let order = ConfirmOrder::of(job).ok_or("the order of this job cannot be read")?;
        order.run(app, job.id)
    };
    let outcome = match catch_unwind(AssertUnwindSafe(work)) {
        Ok(outcome) => outcome,
        Err(reason) if reason.is::<HandBack>() => return hand_back(app, job),
        Err(_) => Err("the work broke off; nothing of its last file was kept".to_owned()),
    };
    *app.following.lock().unwrap_or_else(PoisonError::into_inner) = None;
    if let Err(error) = &outcome {
        tracing::error!(job.id = job.id, error, "job {} failed: {error}", job.id);
    }
    let object = format!("job:{}", job.id);
    app.store.write::<_, StoreError>(|tx| match &outcome {
        Ok(message) => {
            tx.job_finish(job.id, message)?;
            tx.audit(&audit_entry(WORKER, "job.finish", &object, "done"))
        }
        Err(message) => {
            tx.job_fail(job.id, message)?;
            tx.audit(&audit_entry(WORKER, "job.fail", &object, "given up"))
        }
    })?;
    if let Some(order) = ImportOrder::of(job) {
        // What stays behind is removed with the next cleaning of the uploads.
        let _ = std::fs::remove_dir_all(app.uploads().join(order.batch));
    }
    Ok(())
}

/// Puts a job that was begun back into the queue, as if it had not been.
fn hand_back(app: &AppState, job: &Job) -> Result<(), StoreError> {
    let object = format!("job:{}", job.id);
    app.store.write::<_, StoreError>(|tx| {
        tx.job_hand_back(job.id)?;
        tx.audit(&audit_entry(WORKER, "job.hand_back", &object, "the server ends"))
    })
}

/// Imports the files of an upload; files that an interrupted attempt brought in are passed over.
fn import(app: &AppState, job: i64, order: &ImportOrder) -> Result<String, String> {
    let files = upload::files_in(&app.uploads().join(&order.batch))
        .map_err(|error| format!("the uploaded files cannot be read: {}", error.kind()))?;
    let options = ImportOptions {
        actor: order.actor.clone(),
        role: Some(order.sender),
        deciding: Deciding::Wait,
        within: order.within,
        ..ImportOptions::default()
    };
    let report = qb_intake::import(&app.store, &app.pack, &files, &options, &mut |progress| {
        follow(app, job, progress);
    });
    let run = report.map(|report| report.run.to_string()).map_err(|error| error.to_string())?;
    let settled = qb_settle::settle(&app.store, &app.pack, &order.actor);
    settled.map(|_| run).map_err(|error| error.to_string())
}

/// Notes how far a job is; hands it back where the server was told to end.
fn follow(app: &AppState, job: i64, progress: qb_intake::Progress<'_>) {
    if app.is_ending() {
        resume_unwind(Box::new(HandBack));
    }
    *app.following.lock().unwrap_or_else(PoisonError::into_inner) = Some(Following {
        job,
        files_done: progress.files_done,
        files_all: progress.files_all,
        rows: progress.rows,
        file: progress.file.to_owned(),
    });
}

#[cfg(test)]
mod tests;
