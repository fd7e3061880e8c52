//! Rows of datasets: again, changed, withdrawn, linked; an invented dataset needs no Rust.

use std::path::{Path, PathBuf};

use qb_base::AreaCode;
use qb_intake::{FileState, ImportOptions, ImportReport, import};
use qb_policy::{Pack, PackSource};
use qb_store::testing::{on_each_store, scratch_dir};
use qb_store::{AuditEntry, Store, StoreError};

use crate::files::{number, text};

pub(crate) fn pack() -> Pack {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/packs/orchard");
    Pack::load(PackSource::Folder(&folder)).unwrap()
}

/// A folder of files that is removed with the value.
pub(crate) struct Inbox(pub(crate) PathBuf);

impl Inbox {
    pub(crate) fn new() -> Self {
        let folder = scratch_dir("records");
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    pub(crate) fn write(&self, name: &str, rows: &[&str]) -> &Self {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let head = "果园编号,县(市、区),乡(镇),行政村,户编号,证件号码,果树种类,株数";
        std::fs::write(path, format!("{head}\n{}\n", rows.join("\n"))).unwrap();
        self
    }

    pub(crate) fn remove(&self, name: &str) -> &Self {
        std::fs::remove_file(self.0.join(name)).unwrap();
        self
    }

    pub(crate) fn import(&self, store: &Store) -> ImportReport {
        self.import_within(store, None)
    }

    pub(crate) fn import_within(&self, store: &Store, within: Option<&str>) -> ImportReport {
        let within = within.map(|code| AreaCode::parse(code).unwrap());
        let options = ImportOptions { actor: "tester".into(), within, ..ImportOptions::default() };
        import(store, &pack(), std::slice::from_ref(&self.0), &options, &mut |_| {}).unwrap()
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub(crate) const CURRENT: &str = "select count(*) from record where superseded_at is null";
pub(crate) const ALL: &str = "select count(*) from record";

pub(crate) fn keys(store: &Store) -> String {
    let sql = "select record_key from record where superseded_at is null order by record_key";
    let keys = store.read::<_, StoreError>(|conn| conn.query(sql, &[], |row| row.text(0)));
    keys.unwrap().join(" ")
}

const FENG: &str = "丰县,中阳里街道,刘邦店村委会";

pub(crate) fn row(key: &str, household: &str, trees: &str) -> String {
    format!("{key},{FENG},{household},,苹果,{trees}")
}

/// A household of 丰县 and one of its members, without a register file.
pub(crate) fn register(store: &Store) {
    store
        .write::<_, StoreError>(|tx| {
            tx.execute(
                "insert into household (id, household_no, area_code, valid_from, recorded_at, \
                 source_file_id, source_row, row_digest) \
                 values (7, 'H7', '320321100202', '2016-01-01', 1, 1, 1, 1)",
                &[],
            )?;
            let id = "110101198003070025";
            let blind =
                store.keyring().blind(qb_base::keyring::Purpose::ResidentNumber, id.as_bytes());
            tx.execute(
                "insert into person (id, person_no, name, name_key, id_blind, valid_from, \
                 recorded_at, source_file_id, source_row, row_digest, household_id, relation, \
                 member_from) values (70, 'P70', '张三', '张三', $1, '2016-01-01', 1, 1, 1, 1, 7, \
                 'HEAD', '2016-01-01')",
                &[blind.0.as_slice().into()],
            )?;
            tx.audit(&AuditEntry {
                actor: "tester",
                action: "test.write",
                object: "register",
                before: None,
                after: None,
                reason: "a test",
            })
        })
        .unwrap();
}

#[test]
fn an_invented_dataset_goes_in_without_any_code_of_its_own() {
    on_each_store(|store| {
        let inbox = Inbox::new();
        let report = inbox.write("果园/a.csv", &[&row("G1", "", "12"), &row("G2", "", "3")]);
        let report = report.import(store);
        assert!(report.is_complete(), "{:?}", report.faults);
        assert_eq!((report.rows_read, report.rows_accepted), (2, 2));
        assert_eq!(number(store, CURRENT), 2);
        let fields = text(store, "select fields from record where record_key = 'G1'");
        assert_eq!(fields, "{\"orchard_no\":\"G1\",\"tree\":\"APPLE\",\"trees\":12}");
        let place = text(store, "select area_code from record where record_key = 'G1'");
        assert_eq!(place, "320321100201");
        assert_eq!(text(store, "select layout from source_file"), "orchard");
    });
}

#[test]
fn the_same_content_again_adds_nothing() {
    on_each_store(|store| {
        let inbox = Inbox::new();
        let (first, second) = (row("G1", "", "12"), row("G2", "", "3"));
        inbox.write("果园/a.csv", &[&first, &second]).import(store);
        assert_eq!(inbox.import(store).files[0].state, FileState::Unchanged);
        // Other bytes, the same content: the rows come in another order.
        inbox.write("果园/a.csv", &[&second, &first]).import(store);
        assert_eq!((number(store, ALL), number(store, CURRENT)), (2, 2));
    });
}

#[test]
fn a_changed_row_replaces_the_old_one_which_stays_as_history() {
    on_each_store(|store| {
        let inbox = Inbox::new();
        inbox.write("果园/a.csv", &[&row("G1", "", "12"), &row("G2", "", "3")]).import(store);
        inbox.write("果园/a.csv", &[&row("G1", "", "13"), &row("G2", "", "3")]).import(store);
        assert_eq!((number(store, ALL), number(store, CURRENT)), (3, 2));
        let old = "select fields from record where superseded_at is not null";
        assert!(text(store, old).contains("\"trees\":12"));
    });
}

#[test]
fn rows_that_a_newer_version_of_the_file_lacks_are_withdrawn_and_may_come_back() {
    on_each_store(|store| {
        let inbox = Inbox::new();
        let (first, second) = (row("G1", "", "12"), row("G2", "", "3"));
        inbox.write("果园/a.csv", &[&first, &second]);
        inbox.write("果园/b.csv", &[&row("G9", "", "9")]).import(store);
        inbox.write("果园/a.csv", &[&first]).import(store);
        assert_eq!(keys(store), "G1 G9");
        inbox.write("果园/a.csv", &[&first, &second]).import(store);
        assert_eq!(keys(store), "G1 G2 G9");
    });
}

#[test]
fn a_row_that_is_refused_in_the_newer_version_keeps_its_older_one() {
    on_each_store(|store| {
        let inbox = Inbox::new();
        inbox.write("果园/a.csv", &[&row("G1", "", "12"), &row("G2", "", "3")]).import(store);
        let report =
            inbox.write("果园/a.csv", &[&row("G1", "", "一打"), &row("G2", "", "3")]).import(store);
        assert_eq!((report.rows_rejected, keys(store)), (1, "G1 G2".to_owned()));
    });
}

#[test]
fn a_correction_and_a_single_file_withdraw_nothing() {
    on_each_store(|store| {
        let inbox = Inbox::new();
        inbox.write("果园/补正/a.csv", &[&row("G1", "", "12"), &row("G2", "", "3")]);
        inbox.import(store);
        inbox.write("果园/补正/a.csv", &[&row("G1", "", "13")]).import(store);
        assert_eq!(keys(store), "G1 G2");
        let single = Inbox(inbox.0.join("果园/补正/a.csv"));
        std::fs::write(&single.0, "果园编号,果树种类,株数\nG3,桃,1\n").unwrap();
        single.import(store);
        assert_eq!(keys(store), "G1 G2 G3");
    });
}

#[test]
fn a_key_stands_once_in_a_file() {
    on_each_store(|store| {
        let inbox = Inbox::new();
        let report =
            inbox.write("果园/a.csv", &[&row("G1", "", "12"), &row("G1", "", "3")]).import(store);
        assert_eq!((report.rows_rejected, number(store, CURRENT)), (1, 1));
        let fault = &report.faults[0];
        assert_eq!((fault.code.as_str(), fault.row), ("F14", 3));
        assert!(fault.message.zh.contains("果园/a.csv #2"), "{}", fault.message.zh);
    });
}

#[test]
fn a_file_gone_from_its_folder_takes_its_rows_along_unless_most_are_gone() {
    on_each_store(|store| {
        let inbox = Inbox::new();
        for (name, key) in [("a", "G1"), ("b", "G2"), ("c", "G3")] {
            inbox.write(&format!("果园/{name}.csv"), &[&row(key, "", "1")]);
        }
        inbox.import(store);
        let report = inbox.remove("果园/b.csv").import(store);
        assert!(report.files.iter().any(|file| file.state == FileState::Withdrawn));
        assert_eq!(keys(store), "G1 G3");
        inbox.write("果园/b.csv", &[&row("G2", "", "1")]).import(store);
        assert_eq!(keys(store), "G1 G2 G3", "the same file may come back");
        inbox.remove("果园/a.csv").remove("果园/b.csv").import(store);
        assert_eq!(keys(store), "G1 G2 G3", "an inbox that was emptied is no withdrawal");
    });
}

#[test]
fn rows_link_to_households_and_people_and_unknown_ones_stay_with_a_warning() {
    on_each_store(|store| {
        register(store);
        let inbox = Inbox::new();
        let rows = [
            "G1,,,,H7,110101198003070025,苹果,1",
            "G2,,,,H8,320324197001010010,苹果,2",
            "G3,,,,,,苹果,3",
            "G4,,,,,110101198003070025,苹果,4",
        ];
        let report = inbox.write("果园/a.csv", &rows).import(store);
        assert_eq!((report.rows_rejected, number(store, CURRENT)), (0, 4), "{:?}", report.faults);
        let codes: Vec<&str> = report.faults.iter().map(|fault| fault.code.as_str()).collect();
        assert_eq!(codes, ["household_unlinked", "person_unlinked"]);
        let linked = "select count(*) from record where household_id = 7 and person_id = 70 \
                      and area_code = '320321100202'";
        assert_eq!(number(store, linked), 1, "a row without a place stands with its household");
        let open = "select count(*) from record where household_id is null and person_id is null \
                    and area_code = '3203'";
        assert_eq!(number(store, open), 2);
        let place = text(store, "select area_code from record where record_key = 'G4'");
        assert_eq!(place, "320321100202", "a row about a person stands where the person lives");
    });
}

#[test]
fn a_county_writes_and_withdraws_within_its_own_area_only() {
    on_each_store(|store| {
        register(store);
        let inbox = Inbox::new();
        let pei = "G2,沛县,安国镇,陈油坊村委会,,,苹果,2";
        inbox.write("果园/a.csv", &[&row("G1", "", "1"), pei]).import(store);
        let rows = ["G3,,,,H7,,苹果,1", "G4,沛县,安国镇,陈油坊村委会,,,苹果,2", "G5,,,,,,苹果,9"];
        let report = inbox.write("果园/a.csv", &rows).import_within(store, Some("320321"));
        assert_eq!((report.rows_accepted, report.rows_rejected), (1, 2), "{:?}", report.faults);
        assert_eq!(keys(store), "G1 G2 G3", "rows that another office sent stay");
        let report = inbox.write("果园/a.csv", &["G6,,,,H7,,苹果,1"]);
        report.import_within(store, Some("320321"));
        assert_eq!(keys(store), "G1 G2 G6", "its own row goes with its newer version");
    });
}

#[test]
fn an_import_that_stops_leaves_nothing_of_the_file() {
    on_each_store(|store| {
        let inbox = Inbox::new();
        inbox.write("果园/a.csv", &[&row("G1", "", "1")]).import(store);
        let more: Vec<String> = (0..3000).map(|n| row(&format!("K{n}"), "", "1")).collect();
        let more: Vec<&str> = more.iter().map(String::as_str).collect();
        inbox.write("果园/a.csv", &more);
        let options = ImportOptions {
            actor: "tester".into(),
            stop_after_rows: Some(1500),
            ..ImportOptions::default()
        };
        let stopped = import(store, &pack(), std::slice::from_ref(&inbox.0), &options, &mut |_| {});
        assert!(stopped.is_err());
        assert_eq!(keys(store), "G1");
        inbox.import(store);
        assert_eq!(number(store, CURRENT), 3000);
    });
}
