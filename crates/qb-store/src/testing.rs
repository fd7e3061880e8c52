//! Stores for tests: each test body runs on SQLite and, when `QIBANG_TEST_POSTGRES` names a server,
//! on PostgreSQL.
//!
//! `cargo xtask test` always names one, so there nothing is left out. Migrations run once a process
//! (SQLite) or once a server (PostgreSQL); a fresh store is a copy of what they made.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use postgres::Client;

use crate::address::PgAddress;
use crate::error::StoreError;
use crate::migrate;
use crate::opening;
use crate::place::{Place, failed, make_private_dir};
use crate::store::Store;

static NEXT: AtomicU64 = AtomicU64::new(0);

/// Lets one process at a time make the template of a server.
const TEMPLATE_LOCK: &str = "select pg_advisory_lock(7112)";
const TEMPLATE_UNLOCK: &str = "select pg_advisory_unlock(7112)";
/// How often a server is asked whether a closed connection has ended, before it is cut.
const CLOSED_ATTEMPTS_MAX: u32 = 1_000;

/// An installation that disappears with the value.
pub struct TestStore {
    /// The store.
    pub store: Store,
    // After the store, so that its connections are closed before their database is removed.
    _left: Left,
}

/// The files of a SQLite installation, of which others are made without filling each anew.
pub struct Template(Vec<(PathBuf, Vec<u8>)>);

/// What a store leaves behind: its directory and its database, removed with this value.
struct Left {
    dir: PathBuf,
    database: Option<(Mutex<Client>, String)>,
}

/// Runs a test body on a fresh store of each kind.
pub fn on_each_store(body: impl Fn(&Store)) {
    body(&TestStore::sqlite().store);
    if let Ok(server) = std::env::var("QIBANG_TEST_POSTGRES") {
        body(&TestStore::postgres(&server).store);
    }
}

/// A folder of a test, named so that tests do not meet.
///
/// It lies in the folder that `QIBANG_TEST_FOLDER` names, which `cargo xtask test` makes in memory.
pub fn scratch_dir(name: &str) -> PathBuf {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let parent = std::env::var_os("QIBANG_TEST_FOLDER").map(PathBuf::from);
    parent
        .unwrap_or_else(std::env::temp_dir)
        .join(format!("qibang-{name}-{}-{number}", std::process::id()))
}

impl TestStore {
    /// A fresh SQLite installation.
    #[expect(clippy::expect_used, reason = "a test helper fails its test by panic")]
    #[expect(clippy::missing_panics_doc, reason = "a test helper fails its test by panic")]
    pub fn sqlite() -> Self {
        static EMPTY: OnceLock<Template> = OnceLock::new();
        EMPTY.get_or_init(|| make_empty().expect("a fresh directory takes a database")).copy()
    }

    /// A fresh database on a PostgreSQL server.
    #[expect(clippy::expect_used, reason = "a test helper fails its test by panic")]
    #[expect(clippy::missing_panics_doc, reason = "a test helper fails its test by panic")]
    pub fn postgres(server: &str) -> Self {
        let dir = scratch_dir("store");
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("qibang_test_{}_{number}", std::process::id());
        let server = PgAddress::parse(server, None).expect("QIBANG_TEST_POSTGRES names a server");
        let mut admin = server.connect().expect("the server runs");
        let template = template(&server, &mut admin).expect("a template is made");
        admin
            .batch_execute(&format!("create database {name} template {template}"))
            .expect("a database is made");
        let place = beside(&server, &dir, &name);
        let left = Left { dir, database: Some((Mutex::new(admin), name)) };
        let store = Store::open(place).expect("a fresh database opens");
        Self { store, _left: left }
    }

    /// Closes a SQLite installation and keeps its files, keys included.
    ///
    /// Clones of the store must be gone, or what they have not written yet is missing.
    #[expect(clippy::expect_used, reason = "a test helper fails its test by panic")]
    #[expect(clippy::missing_panics_doc, reason = "a test helper fails its test by panic")]
    pub fn into_template(self) -> Template {
        let Self { store, _left: left } = self;
        // The last connection folds the log into the database when it closes.
        drop(store);
        Template::of(&left.dir).expect("the files of a closed store can be read")
    }
}

impl Template {
    /// A new installation with the same files.
    #[expect(clippy::expect_used, reason = "a test helper fails its test by panic")]
    #[expect(clippy::missing_panics_doc, reason = "a test helper fails its test by panic")]
    pub fn copy(&self) -> TestStore {
        let left = Left { dir: scratch_dir("store"), database: None };
        self.write(&left.dir).expect("a fresh directory takes files");
        let store = Store::open(Place::sqlite(&left.dir)).expect("a copied directory opens");
        TestStore { store, _left: left }
    }

    fn of(dir: &Path) -> io::Result<Self> {
        let (mut files, mut folders) = (Vec::new(), vec![PathBuf::new()]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(dir.join(&folder))? {
                let entry = entry?;
                let name = folder.join(entry.file_name());
                if entry.file_type()?.is_dir() {
                    folders.push(name);
                } else {
                    files.push((name, fs::read(entry.path())?));
                }
            }
        }
        Ok(Self(files))
    }

    /// Writes files as their owner's alone: a key that others can read is refused.
    fn write(&self, dir: &Path) -> Result<(), StoreError> {
        for (name, bytes) in &self.0 {
            let path = dir.join(name);
            make_private_dir(path.parent().unwrap_or(dir))?;
            let mut options = fs::OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let written = options.open(&path).and_then(|mut file| file.write_all(bytes));
            written.map_err(|error| failed(&path, &error))?;
        }
        Ok(())
    }
}

impl Drop for Left {
    fn drop(&mut self) {
        // What cannot be removed is left to the next cleaning of the temporary folder.
        let _ = fs::remove_dir_all(&self.dir);
        if let Some((admin, name)) = &mut self.database {
            let _ = remove(admin.get_mut().unwrap_or_else(PoisonError::into_inner), name);
        }
    }
}

/// A migrated database without rows; each copy gets keys of its own.
fn make_empty() -> Result<Template, StoreError> {
    let left = Left { dir: scratch_dir("empty"), database: None };
    let place = Place::sqlite(&left.dir);
    opening::migrate_only(&place)?;
    Template::of(&left.dir).map_err(|error| failed(&left.dir, &error))
}

/// Names the migrated database of a server and makes it where it is missing.
///
/// It is named after the schema and stays on the server: other processes copy it as well.
fn template(server: &PgAddress, admin: &mut Client) -> Result<String, StoreError> {
    static READY: Mutex<Vec<PgAddress>> = Mutex::new(Vec::new());
    let name = format!("qibang_template_{}", migrate::postgres_schema().short());
    let mut ready = READY.lock().unwrap_or_else(PoisonError::into_inner);
    if !ready.iter().any(|known| known == server) {
        admin.batch_execute(TEMPLATE_LOCK)?;
        make_template(server, admin, &name)?;
        admin.batch_execute(TEMPLATE_UNLOCK)?;
        ready.push(server.clone());
    }
    Ok(name)
}

/// Migrates under another name, so that whoever finds the template finds it whole.
fn make_template(server: &PgAddress, admin: &mut Client, name: &str) -> Result<(), StoreError> {
    let known = "select from pg_database where datname = $1";
    if admin.query_opt(known, &[&name])?.is_some() {
        return Ok(());
    }
    let part = format!("{name}_part");
    remove(admin, &part)?;
    admin.batch_execute(&format!("create database {part}"))?;
    let left = Left { dir: scratch_dir("template"), database: None };
    opening::migrate_only(&beside(server, &left.dir, &part))?;
    wait_until_closed(admin, &part)?;
    Ok(admin.batch_execute(&format!("alter database {part} rename to {name}"))?)
}

/// The place of a database of a server.
fn beside(server: &PgAddress, dir: &Path, name: &str) -> Place {
    Place { postgres: Some(server.database(name)), ..Place::sqlite(dir) }
}

fn remove(admin: &mut Client, name: &str) -> Result<(), StoreError> {
    wait_until_closed(admin, name)?;
    Ok(admin.batch_execute(&format!("drop database if exists {name} with (force)"))?)
}

/// Waits for the server to notice that connections to a database were closed: while it has not,
/// removing the database takes a tenth of a second more.
fn wait_until_closed(admin: &mut Client, name: &str) -> Result<(), StoreError> {
    let open = "select from pg_stat_activity where datname = $1 limit 1";
    for _ in 0..CLOSED_ATTEMPTS_MAX {
        if admin.query_opt(open, &[&name])?.is_none() {
            break;
        }
    }
    Ok(())
}
