//! Snapshots: names by content, damage, bounds.

use std::path::{Path, PathBuf};
use std::slice::from_ref;
use std::sync::atomic::{AtomicU32, Ordering};

use qb_base::Date;
use qb_engine::arrow::array::RecordBatch;
use qb_engine::views::{HOUSEHOLD, Level, PERSON, REFERENCE, VILLAGE};
use qb_engine::{ClauseKind, EngineError, Frame, Snapshot, SnapshotWriter};

use crate::support::{City, ENGINE, V, batch, clause, rules};

/// A folder of its own that is removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name =
            format!("qb-engine-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        Self(std::env::temp_dir().join(name))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

fn city() -> City {
    let home = |wage| {
        (
            vec![("wage_fen", V::I(wage))],
            vec![vec![("age", V::I(wage % 90))], vec![("health", V::T("HEALTHY"))]],
        )
    };
    City {
        villages: vec![
            (vec![("weak", V::B(true))], vec![home(100), home(50)]),
            (vec![], vec![home(201)]),
        ],
    }
}

/// Writes the city in batches of some rows, divided among counties at a row or not at all.
fn write(folder: &Path, city: &City, rows: usize, split: bool) -> Snapshot {
    let [persons, homes, villages] = city.batches();
    let mut writer = SnapshotWriter::create(folder, Date::constant(2016, 12, 31)).unwrap();
    for (view, batch) in [(&PERSON, persons), (&HOUSEHOLD, homes), (&VILLAGE, villages)] {
        let mut at = 0;
        while at < batch.num_rows() {
            let part: RecordBatch = batch.slice(at, rows.min(batch.num_rows() - at));
            let county = if split && at > 0 { "320382" } else { "320381" };
            writer.write(view, county, &part).unwrap();
            at += rows;
        }
    }
    let reference =
        batch(&REFERENCE, &[vec![("fact_id", V::T("G03")), ("value_micro", V::I(7_500_000))]]);
    writer.write(&REFERENCE, "3203", &reference).unwrap();
    writer.finish().unwrap()
}

#[test]
fn the_name_depends_on_content_only() {
    let (one, two, other) = (Folder::new(), Folder::new(), Folder::new());
    let first = write(&one.0, &city(), 100, false);
    let second = write(&two.0, &city(), 1, true);
    assert_eq!(first.digest(), second.digest());
    assert_eq!(second.manifest().views["person"].files.len(), 2);
    let mut changed = city();
    changed.villages[1].1[0].0[0].1 = V::I(202);
    assert_ne!(write(&other.0, &changed, 100, false).digest(), first.digest());
}

#[test]
fn a_snapshot_gives_back_its_rows_and_can_be_evaluated() {
    let folder = Folder::new();
    let written = write(&folder.0, &city(), 2, true);
    let snapshot = Snapshot::named(&folder.0, written.digest()).unwrap();
    snapshot.verify().unwrap();
    let frame = snapshot.frame().unwrap();
    assert_eq!(Level::ALL.map(|level| frame.rows(level)), [6, 3, 2]);
    assert_eq!(snapshot.read(&REFERENCE).unwrap()[0].num_rows(), 1);
    let clauses = || {
        rules(vec![clause("it", Level::Household, ClauseKind::Value, "sum(member.age) + wage_fen")])
    };
    let from_disk = ENGINE.evaluate_frame(frame, &clauses()).unwrap();
    let from_memory = ENGINE.evaluate_frame(city().frame(), &clauses()).unwrap();
    assert_eq!(from_disk.digest, from_memory.digest);
}

#[test]
fn writing_the_same_snapshot_twice_keeps_the_first() {
    let folder = Folder::new();
    let first = write(&folder.0, &city(), 2, true);
    let second = write(&folder.0, &city(), 100, false);
    assert_eq!(first.folder(), second.folder());
    assert_eq!(second.manifest().views["person"].files.len(), 2);
    assert_eq!(std::fs::read_dir(&folder.0).unwrap().count(), 1);
}

#[test]
fn a_damaged_snapshot_is_refused() {
    let folder = Folder::new();
    let snapshot = write(&folder.0, &city(), 100, false);
    let file = snapshot.folder().join("person/county=320381.parquet");
    std::fs::write(&file, b"PAR1").unwrap();
    assert!(snapshot.frame().is_err());
    std::fs::write(snapshot.folder().join("manifest.json"), b"{").unwrap();
    assert!(matches!(Snapshot::open(snapshot.folder()), Err(EngineError::Snapshot { .. })));
}

#[test]
fn a_damaged_snapshot_is_made_again_and_a_whole_one_is_kept() {
    let folder = Folder::new();
    let first = write(&folder.0, &city(), 100, false);
    let file = first.folder().join("person/county=320381.parquet");
    let written = std::fs::metadata(&file).unwrap().modified().unwrap();
    write(&folder.0, &city(), 100, false);
    assert_eq!(std::fs::metadata(&file).unwrap().modified().unwrap(), written, "it was replaced");

    // What a power cut leaves: the manifest, and files cut short, or of their length but empty.
    let whole = std::fs::read(&file).unwrap();
    for damaged in [Vec::new(), whole[..whole.len() / 2].to_vec(), vec![0; whole.len()]] {
        std::fs::write(&file, damaged).unwrap();
        let again = write(&folder.0, &city(), 100, false);
        assert_eq!(again.digest(), first.digest());
        again.verify().unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), whole);
    }
    std::fs::write(first.folder().join("manifest.json"), b"").unwrap();
    write(&folder.0, &city(), 100, false).verify().unwrap();
    let left: Vec<_> = std::fs::read_dir(&folder.0).unwrap().flatten().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[test]
fn snapshots_written_at_once_do_not_meet() {
    let folder = Folder::new();
    let mut digests: Vec<_> = std::thread::scope(|scope| {
        let writers: Vec<_> =
            (0..4).map(|_| scope.spawn(|| write(&folder.0, &city(), 1, false).digest())).collect();
        writers.into_iter().map(|writer| writer.join().unwrap()).collect()
    });
    digests.dedup();
    assert_eq!(digests.len(), 1);
    Snapshot::named(&folder.0, digests[0]).unwrap().verify().unwrap();
}

#[test]
fn values_out_of_bounds_never_enter_a_snapshot() {
    let folder = Folder::new();
    let mut city = city();
    city.villages[0].1[0].1[0][0].1 = V::I(131);
    let [persons, ..] = city.batches();
    let mut writer = SnapshotWriter::create(&folder.0, Date::constant(2016, 12, 31)).unwrap();
    let error = writer.write(&PERSON, "320381", &persons).unwrap_err();
    assert!(error.to_string().starts_with("person row 0, column age"), "{error}");
}

#[test]
fn counties_out_of_order_are_refused() {
    let folder = Folder::new();
    let [persons, ..] = city().batches();
    let mut writer = SnapshotWriter::create(&folder.0, Date::constant(2016, 12, 31)).unwrap();
    writer.write(&PERSON, "320382", &persons).unwrap();
    assert!(writer.write(&PERSON, "320381", &persons).is_err());
    assert!(writer.write(&PERSON, "../../x", &persons).is_err());
}

#[test]
fn rows_out_of_order_and_persons_without_household_are_refused() {
    let [persons, homes, villages] = city().batches();
    let swapped = [homes.slice(1, 1), homes.slice(0, 1), homes.slice(2, 1)];
    assert!(Frame::from_batches(from_ref(&persons), &swapped, from_ref(&villages)).is_err());
    let error = Frame::from_batches(&[persons], &[homes.slice(0, 2)], &[villages]).unwrap_err();
    assert!(error.to_string().starts_with("person row 4, column household_id"), "{error}");
}
