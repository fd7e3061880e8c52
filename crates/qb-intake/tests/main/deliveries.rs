//! Files that come again, that lie side by side under one name, and what is taken back with them.

use std::path::Path;

use qb_intake::{FileState, ImportOptions, ImportReport, WithdrawnBecause, import, queries};
use qb_policy::{Pack, PackSource};
use qb_store::Store;
use qb_store::testing::{on_each_store, scratch_dir};

use crate::files::{self, csv, households, number, text};
use crate::records::{ALL, CURRENT, Inbox, keys, pack, register, row};

/// A row of 沛县, beside [`row`] of 丰县.
fn pei(key: &str, trees: &str) -> String {
    format!("{key},沛县,安国镇,陈油坊村委会,,,苹果,{trees}")
}

fn state(report: &ImportReport) -> FileState {
    report.files[0].state
}

/// Imports several folders at once, as `import A B` does.
fn import_all(store: &Store, folders: &[&Inbox]) -> ImportReport {
    let paths: Vec<_> = folders.iter().map(|inbox| inbox.0.clone()).collect();
    import(store, &pack(), &paths, &files::options(), &mut |_| {}).unwrap()
}

/// Lines of the rows that were taken back, and why.
fn withdrawn(report: &ImportReport) -> Vec<(&str, &str, WithdrawnBecause, &[i64])> {
    let parts = report.withdrawn.iter();
    parts.map(|part| (&*part.file, &*part.county, part.because, &*part.lines)).collect()
}

#[test]
fn what_one_office_could_not_write_another_brings_with_the_same_file() {
    on_each_store(|store| {
        let inbox = Inbox::new();
        inbox.write("果园/a.csv", &[&row("G1", "", "1"), &pei("G2", "2")]);
        let report = inbox.import_within(store, Some("320322"));
        assert_eq!((report.rows_accepted, report.rows_rejected), (1, 1));
        let report = inbox.import(store);
        assert_eq!((state(&report), keys(store)), (FileState::Imported, "G1 G2".to_owned()));
        assert_eq!(report.rows_withdrawn, 0);
    });
}

#[test]
fn what_was_left_open_is_tried_again_once_the_register_is_another() {
    on_each_store(|store| {
        let inbox = Inbox::new();
        inbox.write("果园/a.csv", &[&row("G1", "H7", "1"), &row("G2", "", "一打")]).import(store);
        // Nothing that could matter changed: trying again would bring nothing.
        assert_eq!(state(&inbox.import(store)), FileState::Unchanged);
        // A household that came in no file.
        register(store);
        let report = inbox.import(store);
        assert_eq!(state(&report), FileState::Retried);
        assert_eq!(number(store, "select household_id from record where superseded_at is null"), 7);
        let file = &report.files[0];
        assert_eq!((file.rows_rejected, file.came.as_ref().unwrap().rows_rejected), (1, 1));
        let said = file.message.as_ref().unwrap();
        assert!(said.zh.contains("第1批") && said.zh.contains("仍拒收1行"), "{}", said.zh);
        let kept = "select message_en from source_file where id = 2";
        assert_eq!(text(store, kept), said.en, "the page of the import says so too");
        assert_eq!(report.faults.iter().filter(|fault| fault.row == 3).count(), 1);
    });
}

#[test]
fn what_another_office_took_back_lets_a_refused_number_in_with_the_same_file() {
    on_each_store(|store| {
        let all = Inbox::new();
        all.write("果园/一/a.csv", &[&pei("G1", "1")]);
        all.write("果园/一/b.csv", &[&pei("P2", "2")]).import(store);
        let ours = Inbox::new();
        ours.write("果园/a.csv", &[&row("G1", "", "1")]);
        assert_eq!(ours.import_within(store, Some("320321")).rows_rejected, 1);
        assert_eq!(state(&ours.import_within(store, Some("320321"))), FileState::Unchanged);
        all.remove("果园/一/a.csv");
        assert_eq!(all.import(store).rows_withdrawn, 1);
        let report = ours.import_within(store, Some("320321"));
        assert_eq!((state(&report), keys(store)), (FileState::Retried, "G1 P2".to_owned()));
    });
}

#[test]
fn a_day_that_lay_ahead_goes_in_once_it_has_come_with_the_same_file() {
    let bench = files::Bench::new();
    let mut rows = households(1);
    rows.iter_mut().for_each(|row| row[files::IDENTIFIED] = "2016-05-03".into());
    bench.write("登记/a.csv", csv(&rows));
    let on = |day: &str| {
        let today = day.parse().ok();
        let options = ImportOptions { today, ..files::options() };
        let paths = [bench.folder.clone()];
        import(&bench.store.store, &bench.pack, &paths, &options, &mut |_| {}).unwrap()
    };
    let identified = "select identified_on from household where id = 1";
    on("2016-05-01");
    assert_eq!(text(&bench.store.store, identified), "");
    assert_eq!(state(&on("2016-05-01")), FileState::Unchanged);
    assert_eq!(state(&on("2016-05-03")), FileState::Retried);
    assert_eq!(text(&bench.store.store, identified), "2016-05-03");
}

#[test]
fn a_file_of_which_nothing_is_open_is_not_read_again_and_says_when_it_came() {
    on_each_store(|store| {
        let inbox = Inbox::new();
        inbox.write("果园/a.csv", &[&row("G1", "", "1")]).import(store);
        let report = inbox.import(store);
        let file = &report.files[0];
        assert_eq!((file.state, file.rows_read), (FileState::Unchanged, 0));
        assert_eq!(file.came.as_ref().map(|came| came.run), Some(1));
        assert!(file.message.as_ref().unwrap().en.contains("import 1 ("));
        let faulty = Inbox::new();
        faulty.write("果园/b.csv", &[&row("G2", "", "一打")]).import(store);
        let file = faulty.import(store).files.remove(0);
        assert_eq!(file.came.as_ref().map(|came| (came.run, came.rows_rejected)), Some((3, 1)));
        assert!(file.message.unwrap().zh.contains("1行被拒收"));
        let (scope, whole) = (qb_access::Scope::system(), pack().area);
        let known =
            |run| store.read(|conn| queries::known_files(conn, &scope, whole, run)).unwrap();
        assert!(known(1).is_empty());
        assert_eq!((&*known(2)[0].name, known(2)[0].came.run), ("果园/a.csv", 1));
    });
}

/// The orchards' pack with a word more in its list of trees, or without it.
fn pack_with_alias(alias: &str) -> Pack {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/packs/orchard");
    let folder = scratch_dir("pack");
    files::copy(&from, &folder);
    let list = folder.join("codes/tree.toml");
    let known = std::fs::read_to_string(&list).unwrap();
    let more = format!(
        "{known}\n[[code]]\nid = \"KIWI\"\nlabel = {{ zh = \"{alias}\", en = \"kiwi\" }}\n"
    );
    std::fs::write(&list, more).unwrap();
    let pack = Pack::load(PackSource::Folder(&folder)).unwrap();
    let _ = std::fs::remove_dir_all(&folder);
    pack
}

/// The orchards' pack with days on which its list is sent.
fn pack_in_force(days: &str) -> Pack {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/packs/orchard");
    let folder = scratch_dir("pack");
    files::copy(&from, &folder);
    let list = folder.join("datasets/orchard.toml");
    let known = std::fs::read_to_string(&list).unwrap();
    std::fs::write(&list, known.replacen("key = [", &format!("{days}\nkey = ["), 1)).unwrap();
    let pack = Pack::load(PackSource::Folder(&folder)).unwrap();
    let _ = std::fs::remove_dir_all(&folder);
    pack
}

#[test]
fn a_list_is_taken_on_the_days_on_which_it_is_in_force() {
    let [before, today, after] = ["2017-02-28", "2017-03-01", "2017-03-02"];
    let options = ImportOptions {
        today: qb_base::PartialDate::from_iso(today).map(|day| day.date),
        ..files::options()
    };
    let cases = [
        (format!("effective_from = {today}\neffective_until = {today}"), true),
        (format!("effective_until = {before}"), false),
        (format!("effective_from = {after}"), false),
    ];
    on_each_store(|store| {
        for (at, (days, is_taken)) in cases.iter().enumerate() {
            let inbox = Inbox::new();
            inbox.write(&format!("果园/{at}.csv"), &[&row(&format!("G{at}"), "", "1")]);
            let (pack, paths) = (pack_in_force(days), [inbox.0.clone()]);
            let report = import(store, &pack, &paths, &options, &mut |_| {}).unwrap();
            let file = &report.files[0];
            assert_eq!(file.state == FileState::Imported, *is_taken, "{days}");
            let says = file.message.as_ref().is_some_and(|message| message.en.contains("in force"));
            assert_eq!(says, !is_taken, "{days}");
        }
        assert_eq!(keys(store), "G0");
    });
}

fn import_under(store: &Store, pack: &Pack, inbox: &Inbox) -> ImportReport {
    let paths = [inbox.0.clone()];
    import(store, pack, &paths, &files::options(), &mut |_| {}).unwrap()
}

#[test]
fn a_mended_list_of_the_pack_lets_refused_rows_in_with_the_same_file() {
    on_each_store(|store| {
        let inbox = Inbox::new();
        let kiwi = row("G1", "", "1").replace("苹果", "奇异果");
        inbox.write("果园/a.csv", &[&kiwi, &row("G2", "", "2")]);
        let report = import_under(store, &pack_with_alias("猕猴桃"), &inbox);
        assert_eq!((report.rows_rejected, keys(store)), (1, "G2".to_owned()));
        let mended = pack_with_alias("奇异果");
        let report = import_under(store, &mended, &inbox);
        assert_eq!((state(&report), keys(store)), (FileState::Retried, "G1 G2".to_owned()));
        let report = import_under(store, &mended, &inbox);
        assert_eq!((state(&report), number(store, ALL)), (FileState::Unchanged, 2));
    });
}

#[test]
fn a_file_that_is_tried_again_takes_back_nothing_that_came_later() {
    on_each_store(|store| {
        let inbox = Inbox::new();
        let first = [row("G1", "", "1"), row("G2", "", "2"), row("G3", "H9", "3")];
        let first: Vec<&str> = first.iter().map(String::as_str).collect();
        inbox.write("果园/a.csv", &first).import(store);
        let later = Inbox::new();
        later.write("果园/补正/a.csv", &[&row("G1", "", "11")]).import(store);
        let report = inbox.import(store);
        assert_eq!(state(&report), FileState::Retried);
        let fields = text(
            store,
            "select fields from record where record_key = 'G1' and \
                          superseded_at is null",
        );
        assert!(fields.contains("\"trees\":11"), "{fields}");
        assert!(report.faults.iter().any(|fault| fault.code == "newer_stands"));
        assert_eq!((number(store, CURRENT), number(store, ALL)), (3, 4));
    });
}

#[test]
fn a_register_that_is_tried_again_takes_back_no_correction() {
    let bench = files::Bench::new();
    let store = &bench.store.store;
    let mut rows = households(2);
    rows[3][files::ID_NO] = rows[0][files::ID_NO].clone();
    bench.write("登记/a.csv", csv(&rows)).import();
    let mut better = rows[..2].to_vec();
    better.iter_mut().for_each(|row| row[files::INCOME] = "7000".into());
    better[1][9] = "初中".into();
    let folder = scratch_dir("later");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("b.csv"), csv(&better)).unwrap();
    files::import_into(store, &bench.pack, &folder);
    let report = bench.import();
    assert_eq!((state(&report), report.rows_rejected), (FileState::Retried, 1));
    assert_eq!(number(store, "select income_reported_fen from household where id = 1"), 700_000);
    assert_eq!(text(store, "select education from person where id = 2"), "JUNIOR");
    let _ = std::fs::remove_dir_all(&folder);
}

#[test]
fn two_counties_files_of_one_name_live_side_by_side() {
    on_each_store(|store| {
        let (ours, theirs) = (Inbox::new(), Inbox::new());
        ours.write("农村公路.csv", &[&row("G1", "", "1"), &row("G2", "", "2")]);
        theirs.write("农村公路.csv", &[&pei("P1", "1"), &pei("P2", "2")]);
        let report = import_all(store, &[&ours, &theirs]);
        assert_eq!((keys(store), report.rows_withdrawn), ("G1 G2 P1 P2".to_owned(), 0));
        // One after the other, and each again: nobody's rows go.
        theirs.write("农村公路.csv", &[&pei("P1", "1"), &pei("P3", "3")]);
        let report = theirs.import(store);
        assert_eq!(keys(store), "G1 G2 P1 P3");
        let expected: &[i64] = &[3];
        let replaced = WithdrawnBecause::Replaced;
        assert_eq!(withdrawn(&report), [("农村公路.csv", "320322", replaced, expected)]);
        assert_eq!(state(&ours.import(store)), FileState::Unchanged, "our file still counts");
        assert_eq!(keys(store), "G1 G2 P1 P3");
    });
}

#[test]
fn files_that_lie_in_two_folders_of_one_import_are_no_versions_of_each_other() {
    on_each_store(|store| {
        let (one, other) = (Inbox::new(), Inbox::new());
        one.write("a.csv", &[&row("G1", "", "1")]);
        other.write("a.csv", &[&row("G2", "", "2")]);
        import_all(store, &[&one, &other]);
        assert_eq!(keys(store), "G1 G2");
        one.write("a.csv", &[&row("G1", "", "5")]);
        let report = import_all(store, &[&one, &other]);
        assert_eq!((keys(store), report.rows_withdrawn), ("G1 G2".to_owned(), 0));
    });
}

#[test]
fn a_file_of_another_office_is_no_newer_version() {
    on_each_store(|store| {
        let inbox = Inbox::new();
        inbox.write("果园/a.csv", &[&row("G1", "", "1"), &row("G2", "", "2")]).import(store);
        inbox.write("果园/a.csv", &[&row("G1", "", "1"), &row("G3", "", "3")]);
        let within = qb_base::AreaCode::parse("320321").ok();
        let role = Some(qb_access::Role::DeptAgriculture);
        let options = ImportOptions { within, role, ..files::options() };
        let paths = [inbox.0.clone()];
        let report = import(store, &pack(), &paths, &options, &mut |_| {}).unwrap();
        assert_eq!((keys(store), report.rows_withdrawn), ("G1 G2 G3".to_owned(), 0));
    });
}

#[test]
fn a_folder_of_one_county_takes_back_no_file_of_another() {
    on_each_store(|store| {
        let all = Inbox::new();
        all.write("果园/一/a.csv", &[&row("G1", "", "1")]);
        all.write("果园/一/b.csv", &[&row("G2", "", "2")]);
        all.write("果园/一/c.csv", &[&pei("P1", "1")]);
        all.write("果园/一/d.csv", &[&pei("P2", "2")]).import(store);
        let ours = Inbox::new();
        ours.write("果园/一/a.csv", &[&row("G1", "", "1")]);
        let report = ours.import(store);
        assert_eq!(keys(store), "G1 P1 P2");
        let (expected, gone): (&[i64], _) = (&[2], WithdrawnBecause::Gone);
        assert_eq!(withdrawn(&report), [("果园/一/b.csv", "320321", gone, expected)]);
        assert_eq!(report.rows_withdrawn, 1);
        let scope = qb_access::Scope::system();
        let stored = store.read(|conn| queries::withdrawn(conn, &scope, report.run)).unwrap();
        assert_eq!(stored, report.withdrawn);
    });
}

#[test]
fn a_renamed_file_is_not_gone_and_its_next_version_takes_its_place() {
    on_each_store(|store| {
        let inbox = Inbox::new();
        inbox.write("果园/一/a.csv", &[&row("G1", "", "1"), &row("G2", "", "2")]);
        inbox.write("果园/一/b.csv", &[&row("G9", "", "9")]).import(store);
        inbox.remove("果园/一/a.csv");
        inbox.write("果园/一/c.csv", &[&row("G1", "", "1"), &row("G2", "", "2")]);
        assert_eq!(inbox.import(store).rows_withdrawn, 0);
        inbox.write("果园/一/c.csv", &[&row("G1", "", "1")]).import(store);
        assert_eq!(keys(store), "G1 G9");
    });
}

#[test]
fn two_first_imports_at_once_both_go_in_and_know_each_other() {
    on_each_store(|store| {
        let pack = files::pack();
        let folder = scratch_dir("twice");
        std::fs::create_dir_all(&folder).unwrap();
        let rows = households(40);
        for (name, part) in [("a.csv", &rows[..]), ("b.csv", &rows[20..])] {
            std::fs::write(folder.join(name), csv(part)).unwrap();
        }
        let barrier = std::sync::Barrier::new(2);
        let bring = |name: &str| {
            let path = folder.join(name);
            barrier.wait();
            let options = ImportOptions { actor: name.into(), ..ImportOptions::default() };
            import(store, &pack, &[path], &options, &mut |_| {}).unwrap()
        };
        let reports = std::thread::scope(|scope| {
            let other = scope.spawn(|| bring("b.csv"));
            [bring("a.csv"), other.join().unwrap()]
        });
        assert!(reports.iter().all(|report| report.is_complete() && report.rows_rejected == 0));
        assert_eq!(number(store, "select count(*) from person"), 80);
        assert_eq!(number(store, "select count(*) from household"), 40);
        let _ = std::fs::remove_dir_all(&folder);
    });
}
