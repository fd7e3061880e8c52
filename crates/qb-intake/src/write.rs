//! One file into the store: a parsing thread and this one, one transaction.

mod sink;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicUsize;
use std::sync::mpsc::sync_channel;
use std::thread;

use qb_access::Sender;
use qb_base::env;
use qb_policy::Pack;
use qb_registry::commands::{Counties, FileSource, Known, Replaces, Versions};
use qb_registry::events::{Applying, EventRules};
use qb_store::{AuditEntry, Store, StoreError, Tx, Value};

use self::sink::{Open, Sink, Writers};
use crate::answers;
use crate::book::{Book, FileResult};
use crate::delivery::{self, Origin};
use crate::error::IntakeError;
use crate::events;
use crate::parse::{Items, Outlet, parse};
use crate::plan::{self, Listed, Planned};
use crate::rows::Shared;
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
        known.turn(tx, tx.next_id("source_file")?)?;
        let (source, book) = open(tx, store, target, job)?;
        let (id, now) = (source.file_id, source.now);
        let waiting = AtomicUsize::new(0);
        let (result, digest) = thread::scope(|scope| {
            let (events_in, events) = sync_channel(BATCHES_AHEAD);
            let outlet = Outlet { events: events_in, waiting: &waiting };
            let (path, sheets) = (&job.file.listed.path, &job.file.sheets);
            let items: &Items = &target.items;
            let digest = job.file.digest.ok_or_else(|| scope.spawn(|| plan::digest(path)));
            let parser = scope.spawn(move || parse(path, sheets, &target.shared, items, &outlet));
            let versions = versions(target, job, known, &source)?;
            let rows = Writers { open: Open::None, records: Vec::new(), versions };
            let mut sink = Sink { target, job, known, source, book, rows };
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
        if let Some(arrival) = &job.file.arrival {
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

/// Opens a file in the store: where its rows come from, and what is kept beside them.
fn open<'t>(
    tx: &'t Tx<'t>,
    store: &'t Store,
    target: &Target,
    job: &Job<'_>,
) -> Result<(FileSource<'t>, Book<'t>), StoreError> {
    let now = env::now();
    let authority = answers::authority(tx, (target.sender, target.answers_max), now)?;
    let delivery = delivery::open(tx, job.file.arrival.as_ref(), now)?;
    let (file_id, name) = (insert_source_file(tx, job)?, job.file.listed.name.clone());
    let book = Book::new(tx, store.keyring(), (file_id, name.clone(), job.run_id))?;
    let source = FileSource {
        tx,
        keyring: store.keyring(),
        file_id,
        name,
        run: job.run_id,
        now,
        authority,
        delivery,
        counties: Counties::default(),
        events: BTreeMap::new(),
    };
    Ok((source, book))
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
    source: &FileSource<'_>,
) -> Result<Versions, StoreError> {
    let file = job.file;
    let name = stored_name(&file.listed);
    let of = (name.as_str(), job.origin.sender.as_str());
    let this = (source.file_id, &source.delivery);
    let replaces = file.has_records() && file.listed.root.is_some() && !file.is_correction();
    Ok(Versions {
        earlier: match replaces {
            true => delivery::earlier(source.tx, of, this, job.beside)?,
            false => Vec::new(),
        },
        root: target.shared.areas.root(),
        replaces: job.replaces,
        many: known.is_complete() || file.bytes >= RECORDS_BYTES_MIN,
    })
}
