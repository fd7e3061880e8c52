//! The handle.

mod instant;

use std::fs;
use std::sync::{Arc, Mutex, PoisonError};

use qb_base::{Digest, Keyring};

use crate::audit::{self, AuditReport, AuditRow, Head};
use crate::conn::{Conn, Kind, Tx};
use crate::error::StoreError;
use crate::keys;
use crate::migrate;
use crate::place::{Place, failed, make_private_dir};
use crate::pool::Pool;
use crate::postgres::PgConn;
use crate::sqlite::LiteConn;
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
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Store({})", self.0.place.dir.path().display())
    }
}

impl Store {
    /// Opens an installation, making its directory, keys and schema where they are missing.
    ///
    /// # Errors
    /// When the directory or the database cannot be used, or the schema is newer than this program.
    pub fn open(place: Place) -> Result<Self, StoreError> {
        make_private_dir(place.dir.path())?;
        let keyring = keys::load_or_create(&place.dir.keys())?;
        let opener = place.clone();
        let writer = connect(&place, true)?;
        migrate::run(&writer)?;
        let readers = Pool::new(move || connect(&opener, false));
        Ok(Self(Arc::new(Inner { place, keyring, writer: Mutex::new(writer), readers })))
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
    /// # Errors
    /// Whatever the database or `work` says; [`StoreError::NoAudit`] when `work` left no audit row.
    pub fn write<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut conn = self.0.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(&conn.0, Kind::Pg(pg) if pg.is_broken()) {
            *conn = connect(&self.0.place, true)?;
        }
        begin(&conn)?;
        let rollback = Rollback(&conn);
        let tx = Tx::new(&conn, &self.0.keyring);
        let value = work(&tx)?;
        if !tx.is_audited() {
            return Err(StoreError::NoAudit.into());
        }
        let head = tx.head.get();
        conn.batch("commit")?;
        std::mem::forget(rollback);
        head.map_or(Ok(()), |head| self.write_anchor(head))?;
        Ok(value)
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

    /// Verifies the audit chain against the anchor outside the database.
    ///
    /// # Errors
    /// Whatever the database says; a broken chain is an answer, not an error.
    pub fn audit_verify(&self) -> Result<AuditReport, StoreError> {
        // Anchor first: rows written meanwhile only make the chain longer than the anchor.
        let anchor = self.read_anchor()?;
        let mut report = self.read(|conn| audit::verify(conn, &self.0.keyring, anchor))?;
        if anchor.is_none() && report.rows > 0 && report.broken.is_none() {
            let what = "the anchor outside the database is missing";
            report.broken = Some(crate::AuditBreak { seq: report.rows, what });
        }
        Ok(report)
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

    /// Notes the newest seal outside the database.
    ///
    /// The commit has ended by then, so writers of several processes meet here: they take turns,
    /// and an older seal never replaces a newer one.
    fn write_anchor(&self, head: Head) -> Result<(), StoreError> {
        let path = self.0.place.dir.audit_anchor();
        let lock = path.with_extension("anchor.lock");
        let turn = fs::File::create(&lock).map_err(|error| failed(&lock, &error))?;
        turn.lock().map_err(|error| failed(&lock, &error))?;
        if self.read_anchor()?.is_some_and(|known| known.seq >= head.seq) {
            return Ok(());
        }
        let part = path.with_extension("anchor.part");
        fs::write(&part, format!("{} {}\n", head.seq, head.hash))
            .and_then(|()| fs::rename(&part, &path))
            .map_err(|error| failed(&path, &error))
    }

    fn read_anchor(&self) -> Result<Option<Head>, StoreError> {
        let path = self.0.place.dir.audit_anchor();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(&path, &error)),
        };
        let parsed = text.trim().split_once(' ').and_then(|(seq, hash)| {
            Some(Head { seq: seq.parse().ok()?, hash: Digest::parse(hash)? })
        });
        parsed.map(Some).ok_or_else(|| failed(&path, &"the anchor cannot be read"))
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

fn connect(place: &Place, writer: bool) -> Result<Conn, StoreError> {
    Ok(Conn(match &place.postgres {
        Some(url) => Kind::Pg(Box::new(PgConn::open(url)?)),
        None if writer => Kind::Lite(LiteConn::open_writer(&place.dir.database())?),
        None => Kind::Lite(LiteConn::open_reader(&place.dir.database())?),
    }))
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
