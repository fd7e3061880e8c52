//! Stores for tests: each test body runs on SQLite and, when `QIBANG_TEST_POSTGRES` names a server,
//! on PostgreSQL.
//!
//! `cargo xtask test` always names one, so there nothing is left out.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::place::{DataDir, Place};
use crate::store::Store;

static NEXT: AtomicU64 = AtomicU64::new(0);

/// An installation that disappears with the value.
pub struct TestStore {
    /// The store.
    pub store: Store,
    dir: PathBuf,
    drop_database: Option<(String, String)>,
}

/// Runs a test body on a fresh store of each kind.
#[expect(clippy::missing_panics_doc, reason = "a test helper fails its test by panic")]
pub fn on_each_store(body: impl Fn(&Store)) {
    body(&TestStore::sqlite().store);
    if let Ok(server) = std::env::var("QIBANG_TEST_POSTGRES") {
        body(&TestStore::postgres(&server).store);
    }
}

/// A folder of a test, named so that tests do not meet.
pub fn scratch_dir(name: &str) -> PathBuf {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    std::env::temp_dir().join(format!("qibang-{name}-{}-{number}", std::process::id()))
}

impl TestStore {
    /// A fresh SQLite installation.
    #[expect(clippy::expect_used, reason = "a test helper fails its test by panic")]
    #[expect(clippy::missing_panics_doc, reason = "a test helper fails its test by panic")]
    pub fn sqlite() -> Self {
        let dir = scratch_dir("store");
        let store = Store::open(Place::sqlite(&dir)).expect("a fresh directory opens");
        Self { store, dir, drop_database: None }
    }

    /// A fresh database on a PostgreSQL server.
    #[expect(clippy::expect_used, reason = "a test helper fails its test by panic")]
    #[expect(clippy::missing_panics_doc, reason = "a test helper fails its test by panic")]
    pub fn postgres(server: &str) -> Self {
        let dir = scratch_dir("store");
        let name =
            format!("qibang_test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let mut admin = postgres::Client::connect(server, postgres::NoTls)
            .expect("QIBANG_TEST_POSTGRES names a running server");
        admin.batch_execute(&format!("create database {name}")).expect("a database is made");
        let (base, _) = server.rsplit_once('/').unwrap_or((server, ""));
        let place = Place { dir: DataDir::new(&dir), postgres: Some(format!("{base}/{name}")) };
        let store = Store::open(place).expect("a fresh database opens");
        Self { store, dir, drop_database: Some((server.to_owned(), name)) }
    }
}

impl Drop for TestStore {
    fn drop(&mut self) {
        // What cannot be removed is left to the next cleaning of the temporary folder.
        let _ = std::fs::remove_dir_all(&self.dir);
        if let Some((server, name)) = &self.drop_database
            && let Ok(mut admin) = postgres::Client::connect(server, postgres::NoTls)
        {
            let _ = admin.batch_execute(&format!("drop database {name} with (force)"));
        }
    }
}
