//! An import that stops anywhere and is run again ends in the same tables as one that was not
//! disturbed.

use qb_intake::{ImportOptions, IntakeError, import};

use crate::files::{self, Bench, ID_NO, csv, digest, households, import_into, pack};
use qb_store::testing::TestStore;

/// Rows of one file of the folder.
const HOUSEHOLDS: u32 = 60;

fn write_folder(bench: &Bench) {
    let all = households(HOUSEHOLDS * 3);
    for (at, rows) in all.chunks((HOUSEHOLDS * 2) as usize).enumerate() {
        let mut rows = rows.to_vec();
        rows[5][ID_NO] = "3.20324E+17".into();
        bench.write(&format!("{at}.csv"), csv(&rows));
    }
    bench.write("broken.xlsx", b"PK\x03\x04 cut off");
}

#[test]
fn rerun_after_a_stop_at_any_row_gives_the_same_tables() {
    let bench = Bench::new();
    write_folder(&bench);
    bench.import();
    let expected = digest(&bench.store.store);
    for stop in [1, 60, 119, 120, 121, 240, 300, 360] {
        let disturbed = TestStore::sqlite();
        let options = ImportOptions { stop_after_rows: Some(stop), ..files::options() };
        let stopped = import(
            &disturbed.store,
            &bench.pack,
            std::slice::from_ref(&bench.folder),
            &options,
            &mut |_| {},
        );
        assert!(matches!(stopped, Err(IntakeError::Stopped)), "stop at {stop}");
        let report = import_into(&disturbed.store, &bench.pack, &bench.folder);
        assert_eq!(report.people, u64::from(HOUSEHOLDS) * 6 - 3);
        assert_eq!(digest(&disturbed.store), expected, "stop at {stop}");
    }
}

#[test]
fn a_first_load_alone_ends_in_the_same_tables_stopped_or_not() {
    let bench = Bench::new();
    for (at, rows) in households(4_000).chunks(4_000).enumerate() {
        bench.write(&format!("{at}.csv"), csv(rows));
    }
    bench.import();
    let expected = digest(&bench.store.store);
    let folder = std::slice::from_ref(&bench.folder);
    for stops in [&[][..], &[1], &[5_000, 1]] {
        let store = TestStore::sqlite();
        let load = |stop_after_rows| {
            let options = ImportOptions { stop_after_rows, alone: true, ..files::options() };
            import(&store.store, &bench.pack, folder, &options, &mut |_| {})
        };
        for stop in stops {
            assert!(matches!(load(Some(*stop)), Err(IntakeError::Stopped)));
        }
        load(None).unwrap();
        assert_eq!(digest(&store.store), expected, "stops at {stops:?}");
        let indices = "select count(*) from sqlite_master where name = 'person_no_unique'";
        assert_eq!(files::number(&store.store, indices), 1);
        let broken = "select count(*) from pragma_integrity_check where integrity_check <> 'ok'";
        assert_eq!(files::number(&store.store, broken), 0);
    }
}

#[test]
fn a_file_goes_in_whole_or_not_at_all() {
    let bench = Bench::new();
    write_folder(&bench);
    let options = ImportOptions { stop_after_rows: Some(1), ..files::options() };
    let stopped = import(
        &bench.store.store,
        &pack(),
        std::slice::from_ref(&bench.folder),
        &options,
        &mut |_| {},
    );
    assert!(stopped.is_err());
    assert_eq!(files::number(&bench.store.store, "select count(*) from person"), 0);
    assert_eq!(files::number(&bench.store.store, "select count(*) from source_file"), 0);
}
