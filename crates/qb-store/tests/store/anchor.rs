//! The anchor outside the database: what it finds, and when nothing is written.

use qb_base::Digest;
use qb_store::testing::{self, TestStore, on_each_store};
use qb_store::{Place, Store, StoreError};

use super::{below, filled, filled_from, put, settings};

fn read_only(store: &Store) -> String {
    match store.write(|tx| put(tx, "refused", "1")) {
        Err(StoreError::ReadOnly(why)) => why.en.into_owned(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn nothing_is_written_after_rows_were_cut_off_however_long_the_chain_was() {
    on_each_store(|store| {
        filled(store, 3);
        below(store, "delete from audit where seq > 1");
        assert!(read_only(store).contains("cut"));
        assert_eq!(settings(store).len(), 3, "reading goes on");
        assert_eq!(store.audit_verify(None).unwrap().broken.map(|broken| broken.seq), Some(1));
        let again = Store::open(store.place().clone()).unwrap();
        assert!(again.trouble().unwrap().is_some(), "a start compares too");
    });
}

#[test]
fn a_cut_chain_is_not_whole_again_with_a_forged_or_missing_anchor() {
    on_each_store(|store| {
        filled(store, 5);
        let anchor = store.place().dir.audit_anchor();
        let older = std::fs::read(&anchor).unwrap();
        below(store, "delete from audit where seq > 3");
        let sql = "select seq || ' ' || hash from audit order by seq desc limit 1";
        let head: String = store.read(|conn| conn.query_one(sql, &[], |row| row.text(0))).unwrap();
        let forged = [format!("{head}\n"), format!("{head} {}\n", Digest::of(b"x"))];
        for forged in forged {
            std::fs::write(&anchor, forged).unwrap();
            assert!(store.audit_verify(None).unwrap().broken.is_some());
            read_only(store);
        }
        std::fs::remove_file(&anchor).unwrap();
        assert!(store.audit_verify(None).unwrap().broken.is_some());
        assert!(read_only(store).contains("missing"));
        assert!(!anchor.exists(), "no anchor is made where rows exist");
        std::fs::write(&anchor, older).unwrap();
        assert!(read_only(store).contains("cut"));
    });
}

#[test]
fn a_damaged_anchor_never_makes_a_write_say_the_opposite_of_the_truth() {
    on_each_store(|store| {
        filled(store, 2);
        let anchor = store.place().dir.audit_anchor();
        let good = std::fs::read(&anchor).unwrap();
        // The anchor is damaged between the commit and its turn.
        let kept = store.write(|tx| {
            put(tx, "during", "1")?;
            std::fs::write(&anchor, "").unwrap();
            Ok::<_, StoreError>(())
        });
        kept.unwrap();
        assert_eq!(settings(store).len(), 3, "what was said to be kept is there");
        read_only(store);
        assert_eq!(settings(store).len(), 3, "what was refused is not");
        std::fs::write(&anchor, good).unwrap();
        store.write(|tx| put(tx, "after", "1")).unwrap();
        assert_eq!(store.audit_verify(None).unwrap().broken, None);
    });
}

#[test]
fn an_anchor_that_cannot_be_written_stops_writes_until_it_can() {
    let test = TestStore::sqlite();
    let store = &test.store;
    filled(store, 1);
    let part = store.place().dir.audit_anchor().with_extension("anchor.part");
    std::fs::create_dir(&part).unwrap();
    store.write(|tx| put(tx, "kept", "1")).unwrap();
    read_only(store);
    std::fs::remove_dir(&part).unwrap();
    store.write(|tx| put(tx, "later", "1")).unwrap();
    assert_eq!((settings(store).len(), store.audit_verify(None).unwrap().rows), (3, 3));
}

#[test]
fn a_second_anchor_finds_what_the_first_was_made_to_hide() {
    let folder = testing::scratch_dir("anchors");
    std::fs::create_dir_all(&folder).unwrap();
    let copy = folder.join("second.anchor");
    let place = Place { anchor_copy: Some(copy.clone()), ..Place::sqlite(folder.join("data")) };
    let store = Store::open(place.clone()).unwrap();
    filled(&store, 4);
    assert_eq!(std::fs::read(&copy).unwrap(), std::fs::read(place.dir.audit_anchor()).unwrap());
    let kept = folder.join("kept.anchor");
    std::fs::copy(&copy, &kept).unwrap();
    filled_from(&store, 4, 6);
    // An older store and its own anchor of that moment fit each other, and not the second place.
    std::fs::copy(&kept, place.dir.audit_anchor()).unwrap();
    below(&store, "delete from audit where seq > 4");
    assert_eq!(store.audit_verify(Some(&kept)).unwrap().broken, None);
    assert!(store.audit_verify(Some(&copy)).unwrap().broken.is_some());
    assert!(store.audit_verify(None).unwrap().broken.is_some());
    assert!(read_only(&store).contains("second.anchor"));
    drop(store);
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn an_accepted_chain_is_written_on_and_says_who_accepted_it() {
    on_each_store(|store| {
        filled(store, 3);
        assert!(matches!(store.accept_anchor("user:1", "user:2"), Err(StoreError::NotFound)));
        below(store, "delete from audit where seq > 2");
        store.accept_anchor("user:1", "user:2").unwrap();
        store.write(|tx| put(tx, "later", "1")).unwrap();
        assert_eq!(store.audit_verify(None).unwrap().broken, None);
        let rows = store.audit_newest(2).unwrap();
        assert_eq!(
            (rows[1].actor.as_str(), rows[1].action.as_str()),
            ("user:1", "audit.anchor_accept")
        );
        assert!(rows[1].reason.contains("user:2") && rows[1].reason.contains("cut"));
    });
}
