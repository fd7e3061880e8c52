//! The worker does by itself what it is there for.

use qb_policy::{Pack, PackSource};
use qb_store::testing::TestStore;

use super::*;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// Puts an upload of more than a week ago into its place.
fn upload_of_last_week(app: &AppState, name: &str) -> std::path::PathBuf {
    let folder = app.uploads().join(name);
    std::fs::create_dir_all(&folder).unwrap();
    let then = Duration::from_millis((env::now().0 - UPLOAD_KEPT_MS - 60_000).unsigned_abs());
    let folder_file = File::open(&folder).unwrap();
    folder_file.set_modified(std::time::UNIX_EPOCH + then).unwrap();
    folder
}

/// Adds a session that was over long ago.
fn session_of_last_year(app: &AppState) {
    let user = "insert into app_user (id, login, display_name, role, area_code, \
                password_hash, created_at) values (1, 'a', 'a', 'AUDITOR', '3203', 'none', 0)";
    let session = "insert into session (token_hash, user_id, csrf_token, created_at, seen_at) \
                   values ('a', 1, 'a', 1, 1)";
    let added = app.store.write::<_, StoreError>(|tx| {
        tx.execute(user, &[])?;
        tx.execute(session, &[])?;
        tx.audit(&audit_entry("test", "test.age", "session", "a test"))
    });
    added.unwrap();
}

fn sessions(app: &AppState) -> i64 {
    let sql = "select count(*) from session";
    let count = app.store.read(|conn| conn.query_one(sql, &[], |row| row.int(0)));
    count.unwrap_or_else(|error: StoreError| panic!("{error}"))
}

/// Rings until it is so, as long as anything here takes.
fn until(app: &AppState, what: &str, is_so: impl Fn() -> bool) {
    let since = Stopwatch::start();
    while !is_so() {
        assert!(since.elapsed() < PATIENCE, "{what}");
        app.bell.ring();
        std::thread::yield_now();
    }
}

#[test]
fn the_worker_removes_what_is_over_at_its_start_and_again_while_it_runs() {
    let kept = TestStore::sqlite();
    let pack = Pack::load(PackSource::from_argument("xuzhou-2016")).unwrap();
    let app = Arc::new(AppState::new(kept.store.clone(), Arc::new(pack), None));
    session_of_last_year(&app);
    let first = upload_of_last_week(&app, &"0".repeat(16));
    let worker = start(&app).unwrap();
    until(&app, "the first upload stays", || !first.exists());
    until(&app, "the session stays", || sessions(&app) == 0);
    let second = upload_of_last_week(&app, &"1".repeat(16));
    until(&app, "the second upload stays", || !second.exists());
    app.end();
    assert!(worker.wait_at_most(PATIENCE));
}
