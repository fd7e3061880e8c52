//! The handle.

mod instant;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use qb_base::{Digest, Keyring, Text};

use crate::anchor::{self, Anchors, Found};
use crate::audit::{self, AuditEntry, AuditReport, AuditRow, Head};
use crate::conn::{Conn, Kind, Tx};
use crate::error::StoreError;
use crate::keys;
use crate::opening::{self, connect};
use crate::place::Place;
use crate::pool::Pool;
use crate::value::{Row, Value};
use crate::writeback::Writeback;

/// Names the advisory lock under which PostgreSQL writers of one database take turns.
const WRITER_LOCK: &str = "select pg_advisory_xact_lock(7111)";

/// A cheap handle over the database and the keys of one installation.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    place: Place,
    keyring: Keyring,
    writer: Mutex<Conn>,
    readers: Pool,
    anchors: Anchors,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Store({})", self.0.place.dir.path().display())
    }
}

impl Store {
    /// Opens an installation, making its directory, key, anchor and schema where it is a new one.
    ///
    /// # Errors
    /// When the directory or the database cannot be used, the key is missing or another one, or the
    /// schema is newer than this program. An audit chain that does not fit its anchor is no error:
    /// such a store can be read, see [`Self::trouble`].
    pub fn open(place: Place) -> Result<Self, StoreError> {
        let opened = opening::open(&place)?;
        let opener = place.clone();
        let readers = Pool::new(move || connect(&opener, false));
        let (keyring, anchors) = (opened.keyring, opened.anchors);
        let writer = Mutex::new(opened.writer);
        let store = Self(Arc::new(Inner { place, keyring, writer, readers, anchors }));
        if let Some(why) = store.trouble()? {
            tracing::error!(why = %why.en, "the store is read-only: {}", why.en);
        }
        Ok(store)
    }

    /// Why nothing can be written at the moment; nothing where the chain fits its anchors.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn trouble(&self) -> Result<Option<Text>, StoreError> {
        self.read(|conn| self.0.anchors.trouble(conn, &self.0.keyring))
    }

    /// Where the installation keeps its data.
    pub fn place(&self) -> &Place {
        &self.0.place
    }

    /// The keys of the installation.
    pub fn keyring(&self) -> &Keyring {
        &self.0.keyring
    }

    /// Reads in one consistent view of the data.
    ///
    /// # Errors
    /// Whatever the database or `work` says.
    pub fn read<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Conn) -> Result<T, E>,
    ) -> Result<T, E> {
        self.0.readers.with(|conn| {
            let begin = if conn.is_sqlite() {
                "begin"
            } else {
                "begin transaction isolation level repeatable read read only"
            };
            conn.execute(begin, &[])?;
            let result = work(conn);
            conn.execute("commit", &[])?;
            result
        })
    }

    /// Reads at most one row with one statement, which sees one state of the data by itself.
    ///
    /// # Errors
    /// Whatever the database or the mapping says.
    pub fn read_one<T>(
        &self,
        sql: &'static str,
        values: &[Value<'_>],
        map: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        self.0.readers.with(|conn| conn.query_opt(sql, values, map))
    }

    /// Whether a reader would be served at once; the answer may be old when it arrives.
    pub fn has_free_reader(&self) -> bool {
        self.0.readers.has_free()
    }

    /// Writes in one transaction: everything and its audit rows, or nothing.
    ///
    /// The commit decides the answer. An anchor that cannot be moved on afterwards is an alert, and
    /// later writes are refused until it can.
    ///
    /// # Errors
    /// Whatever the database or `work` says; [`StoreError::NoAudit`] when `work` left no audit row;
    /// [`StoreError::ReadOnly`] while the chain does not fit its anchors.
    pub fn write<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let (value, head) = self.commit(|tx| {
            if let Some(why) = self.0.anchors.trouble(tx, &self.0.keyring)? {
                return Err(StoreError::ReadOnly(why).into());
            }
            work(tx)
        })?;
        self.0.anchors.follow(&self.0.keyring, head);
        Ok(value)
    }

    /// Runs a transaction to its commit and answers its newest audit row.
    fn commit<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T, E>,
    ) -> Result<(T, Head), E> {
        let mut conn = self.0.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(&conn.0, Kind::Pg(pg) if pg.is_broken()) {
            *conn = connect(&self.0.place, true)?;
        }
        begin(&conn)?;
        let rollback = Rollback(&conn);
        let tx = Tx::new(&conn, &self.0.keyring);
        let value = work(&tx)?;
        let head = tx.head.get().ok_or(StoreError::NoAudit)?;
        conn.batch("commit")?;
        std::mem::forget(rollback);
        Ok((value, head))
    }

    /// Prepares SQLite for a first load by this process alone: until the answer is dropped, writes
    /// go through a rollback journal instead of the log, and other readers wait for them.
    ///
    /// A database that anyone else has open, and PostgreSQL, go on as they were.
    pub fn alone(&self) -> Alone<'_> {
        let writer = self.0.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let switched = match &writer.0 {
            Kind::Lite(lite) => self.0.readers.close_idle() && lite.leave_log(),
            Kind::Pg(_) => false,
        };
        let database = switched.then(|| self.0.place.dir.database());
        let writeback = database.and_then(|path| Writeback::of(&path));
        Alone { store: self, switched, writeback }
    }

    /// Verifies the audit chain against the anchors outside the database, or against the one in a
    /// file, such as a copy that somebody kept.
    ///
    /// # Errors
    /// Whatever the database says; a broken chain is an answer, not an error.
    pub fn audit_verify(&self, file: Option<&Path>) -> Result<AuditReport, StoreError> {
        let paths: Vec<&Path> = match file {
            Some(path) => vec![path],
            None => self.0.anchors.paths().iter().map(std::path::PathBuf::as_path).collect(),
        };
        // Anchors first: rows written meanwhile only make the chain longer than an anchor.
        let mut heads = Vec::new();
        let mut unfit = None;
        for path in paths {
            match anchor::read(path, &self.0.keyring)? {
                Found::Head(head) => heads.push(head),
                Found::Missing => unfit = unfit.or(Some(anchor::MISSING)),
                Found::Unfit(what) => unfit = unfit.or(Some(what)),
            }
        }
        let mut report = self.read(|conn| audit::verify(conn, &self.0.keyring, &heads))?;
        if let (None, Some(what)) = (&report.broken, unfit) {
            let what = Text::new(
                format!("库外的审计锚不可用：{}", what.zh),
                format!("the anchor outside the database cannot be used: {}", what.en),
            );
            report.broken = Some(crate::AuditBreak { seq: report.rows, what });
        }
        Ok(report)
    }

    /// Takes the chain as it stands for the right one and makes its anchors anew, in the name of
    /// two people; the caller knows that they are who they say and may do so.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is nothing to accept; whatever the database says.
    pub fn accept_anchor(&self, by: &str, and: &str) -> Result<Digest, StoreError> {
        let ((), head) = self.commit::<(), StoreError>(|tx| {
            let why = self.0.anchors.trouble(tx, &self.0.keyring)?.ok_or(StoreError::NotFound)?;
            let reason = format!("with {and}: {}", why.en);
            tx.audit(&AuditEntry {
                actor: by,
                action: "audit.anchor_accept",
                object: "audit",
                before: None,
                after: audit::head(tx)?.map(|head| head.hash),
                reason: &reason,
            })
        })?;
        self.0.anchors.replace(&self.0.keyring, head)?;
        Ok(head.hash)
    }

    /// The value by which this store knows its key again.
    pub fn key_check(&self) -> Digest {
        keys::check_value(&self.0.keyring)
    }

    /// Whether a file holds the key of this store.
    ///
    /// # Errors
    /// When the file cannot be read, or others can read it.
    pub fn is_key(&self, file: &Path) -> Result<bool, StoreError> {
        Ok(keys::check_value(&keys::read(file)?) == self.key_check())
    }

    /// Copies the key into a new file that only its owner can read.
    ///
    /// # Errors
    /// When the file is there already or cannot be written.
    pub fn copy_key(&self, out: &Path) -> Result<(), StoreError> {
        keys::copy(&self.0.place.dir.keys(), out)
    }

    /// The newest rows of the audit chain, newest first.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn audit_newest(&self, limit: i64) -> Result<Vec<AuditRow>, StoreError> {
        self.read(|conn| audit::newest(conn, limit))
    }

    /// The seal of the newest audit row, printed on reports.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn audit_head(&self) -> Result<Option<Digest>, StoreError> {
        self.read(|conn| Ok(audit::head(conn)?.map(|head| head.hash)))
    }
}

/// A first load under way; made by [`Store::alone`].
#[must_use = "the load ends when this is dropped"]
#[derive(Debug)]
pub struct Alone<'a> {
    store: &'a Store,
    switched: bool,
    writeback: Option<Writeback>,
}

impl Alone<'_> {
    /// Whether the database really is this process's alone.
    pub fn is_granted(&self) -> bool {
        self.switched
    }
}

impl Drop for Alone<'_> {
    fn drop(&mut self) {
        let writer = self.store.0.writer.lock().unwrap_or_else(PoisonError::into_inner);
        self.writeback = None;
        if let (true, Kind::Lite(lite)) = (self.switched, &writer.0) {
            // A reader that this process opened meanwhile would keep the old journal in use.
            self.store.0.readers.close_idle();
            lite.return_to_log();
        }
    }
}

/// Rolls back when a write ends early, by an error or by a panic.
struct Rollback<'a>(&'a Conn);

impl Drop for Rollback<'_> {
    fn drop(&mut self) {
        if let Err(error) = self.0.batch("rollback") {
            tracing::error!(%error, "a transaction could not be rolled back");
        }
    }
}

fn begin(conn: &Conn) -> Result<(), StoreError> {
    if conn.is_sqlite() {
        // IMMEDIATE, or a transaction that reads first and then writes fails when another process
        // wrote between.
        return conn.batch("begin immediate");
    }
    conn.batch("begin")?;
    conn.batch(WRITER_LOCK)
}
