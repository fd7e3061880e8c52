//! The key of an installation, and starts that meet.

use qb_store::testing::{self, TestStore, on_each_store};
use qb_store::{DataDir, Place, Store, StoreError};

use super::place::{mode_of, open_to_all};
use super::{filled, put};

fn key_fault(place: &Place) -> String {
    match Store::open(place.clone()) {
        Err(StoreError::Key(text)) => text.en.into_owned(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_missing_or_another_key_refuses_to_start_and_changes_nothing() {
    on_each_store(|store| {
        filled(store, 1);
        let (place, key) = (store.place(), store.place().dir.keys().join("master.key"));
        let kept = std::fs::read(&key).unwrap();
        std::fs::remove_file(&key).unwrap();
        assert!(key_fault(place).contains("backup"));
        assert!(!key.exists(), "no other key is made");
        private(&key, &[7; 32]);
        assert!(key_fault(place).contains("not the one"));
        std::fs::remove_file(&key).unwrap();
        private(&key, &kept);
        Store::open(place.clone()).unwrap();
    });
}

fn private(path: &std::path::Path, bytes: &[u8]) {
    std::fs::write(path, bytes).unwrap();
    open_to_all(path, 0o600);
}

#[test]
fn a_copy_of_the_key_is_private_is_known_again_and_replaces_nothing() {
    let test = TestStore::sqlite();
    let out = test.store.place().dir.path().join("keys").join("copy");
    test.store.copy_key(&out).unwrap();
    assert_eq!(mode_of(&out), 0o600);
    assert!(test.store.is_key(&out).unwrap());
    assert!(test.store.copy_key(&out).is_err());
    std::fs::remove_file(&out).unwrap();
    private(&out, &[7; 32]);
    assert!(!test.store.is_key(&out).unwrap());
}

#[test]
fn a_second_server_without_the_first_ones_key_refuses() {
    let Ok(server) = std::env::var("QIBANG_TEST_POSTGRES") else { return };
    let first = TestStore::postgres(&server);
    filled(&first.store, 1);
    let folder = testing::scratch_dir("second");
    let second = Place { dir: DataDir::new(&folder), ..first.store.place().clone() };
    assert!(key_fault(&second).contains("copy keys/"));
    std::fs::create_dir_all(second.dir.keys()).unwrap();
    let key = std::fs::read(first.store.place().dir.keys().join("master.key")).unwrap();
    private(&second.dir.keys().join("master.key"), &key);
    let store = Store::open(second.clone()).unwrap();
    assert!(store.trouble().unwrap().is_some(), "without an anchor it only reads");
    std::fs::copy(first.store.place().dir.audit_anchor(), second.dir.audit_anchor()).unwrap();
    store.write(|tx| put(tx, "second", "1")).unwrap();
    first.store.write(|tx| put(tx, "first", "1")).unwrap();
    assert_eq!(store.audit_verify(None).unwrap().broken, None);
    drop(store);
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn first_starts_at_once_end_with_one_key_one_schema_and_one_chain() {
    let folder = testing::scratch_dir("first");
    let place = Place::sqlite(folder.join("data"));
    std::thread::scope(|scope| {
        for start in 0..8_i64 {
            let place = &place;
            scope.spawn(move || {
                let store = Store::open(place.clone()).unwrap();
                store.write(|tx| put(tx, &start.to_string(), "1")).unwrap();
            });
        }
    });
    let report = Store::open(place).unwrap().audit_verify(None).unwrap();
    assert_eq!((report.rows, report.broken), (8, None));
    std::fs::remove_dir_all(&folder).unwrap();
}
