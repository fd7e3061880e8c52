//! The worst files: a clear error, an exit code, and a store as before.

use super::program::{Answer, Folder, command, digest, files_below, imported, qibang, raw};
use super::random::Random;
use super::zip_bomb::bomb;
use qb_base::env::Stopwatch;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

/// Longer than a process takes to begin.
const PATIENCE: Duration = Duration::from_secs(30);

/// A data directory with the city in it, and the digest it must keep.
struct Register {
    folder: Folder,
    dir: String,
    before: String,
}

impl Register {
    fn new() -> Register {
        let folder = Folder::new("hostile");
        let dir = imported(&folder);
        let before = digest(&dir);
        Register { folder, dir, before }
    }

    /// Imports one file of these bytes; it must be refused by name, and nothing may change.
    fn refuses(&self, name: &str, bytes: &[u8]) -> Answer {
        let path = self.folder.join(name);
        std::fs::write(&path, bytes).expect("a file for the test");
        let answer = qibang(&["import", &path, "--dir", &self.dir, "--json"]);
        assert_eq!(answer.code, 1, "{name}: {}\n{}", answer.out, answer.err);
        let told = format!("{}{}", answer.out, answer.err);
        assert!(told.contains(name), "{name} is not named in: {told}");
        assert!(!told.contains("panicked"), "{told}");
        assert_eq!(digest(&self.dir), self.before, "{name} changed the register");
        qibang(&["audit", "verify", "--dir", &self.dir]).good();
        answer
    }
}

fn first_workbook() -> Vec<u8> {
    let files = files_below(Path::new(raw()));
    let workbook = files.iter().find(|file| file.extension().is_some_and(|kind| kind == "xlsx"));
    std::fs::read(workbook.expect("a workbook among the raw files")).expect("its bytes")
}

#[test]
fn a_hostile_file_is_refused_by_name_and_changes_nothing() {
    let register = Register::new();
    let mut random = Random::of_the_run();
    let workbook = first_workbook();
    for part in [1, 3, 7] {
        let cut = workbook.get(..workbook.len() * part / 8).expect("a part");
        register.refuses("截断.xlsx", cut);
    }
    register.refuses("honest-bomb.xlsx", &bomb(1 << 31));
    register.refuses("lying-bomb.xlsx", &bomb(1_000));
    let noise: Vec<u8> = (0..100_000).map(|_| random.next().to_le_bytes()[0]).collect();
    register.refuses("noise.csv", &noise);
    register.refuses("noise.xlsx", &noise);
    register.refuses("empty.csv", b"");
    register.refuses("empty.xlsx", b"");
    register.refuses("zeros.csv", &[0; 10_000]);
}

#[test]
fn a_file_with_another_years_layout_is_refused_with_what_was_expected() {
    let register = Register::new();
    let old = "贫困户登记表（2009年版）\n序号,户主,组别,承包地（亩）,人均口粮（斤）,帮扶措施\n\
               1,某某,三组,4.5,600,送化肥\n2,某某,一组,3.0,550,送鸡苗\n";
    let answer = register.refuses("旧版登记表.csv", old.as_bytes());
    let told = format!("{}{}", answer.out, answer.err);
    assert!(told.contains("登记"), "what was expected is not named: {told}");
}

#[test]
fn a_good_file_beside_a_bad_one_is_imported() {
    let folder = Folder::new("mixed");
    let expected = digest(&imported(&folder));
    let other = folder.join("other");
    let bad = folder.join("bad.xlsx");
    std::fs::write(&bad, b"PK\x03\x04 not a workbook").expect("a bad file");
    let answer = qibang(&["import", &bad, raw(), "--dir", &other, "--json"]);
    assert_eq!(answer.code, 1, "{}", answer.err);
    assert_eq!(digest(&other), expected);
}

#[test]
fn a_path_that_does_not_exist_is_an_error_that_names_it() {
    let folder = Folder::new("missing");
    let missing = folder.join("nowhere.xlsx");
    let answer = qibang(&["import", &missing, "--dir", &folder.join("data"), "--json"]);
    assert_eq!(answer.code, 1);
    assert!(format!("{}{}", answer.out, answer.err).contains("nowhere.xlsx"), "{}", answer.err);
}

/// An old workbook of four small rows, the last of which is moved to the last row and column that
/// can be written: whoever makes room for all between them needs a hundred gigabytes.
fn tiny_workbook_of_a_hundred_gigabytes() -> Vec<u8> {
    /// A cell of a shared string: its kind, its length, then row and column.
    const CELL: [u8; 4] = [0xfd, 0, 10, 0];
    let mut bytes =
        include_bytes!("../../crates/qb-intake/tests/books/days-since-1904.xls").to_vec();
    let last = bytes.windows(CELL.len()).rposition(|record| record == CELL).expect("a cell");
    let place = bytes.get_mut(last + 4..last + 8).expect("its row and column");
    place.fill(0xff);
    bytes
}

#[test]
fn an_old_workbook_that_asks_for_all_memory_is_refused_and_the_import_lives_on() {
    let register = Register::new();
    let answer = register.refuses("巨大.xls", &tiny_workbook_of_a_hundred_gigabytes());
    assert_eq!(answer.json()["files"][0]["state"], "refused", "{}", answer.out);
    assert!(answer.out.contains("file_too_large"), "{}", answer.out);
}

#[test]
fn the_process_that_reads_an_old_workbook_has_bounds_of_memory_and_time() {
    let mut reader = command(&["read-workbook"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("the program starts");
    let limits = format!("/proc/{}/limits", reader.id());
    let bound = |name: &str| {
        let limits = std::fs::read_to_string(&limits).unwrap_or_default();
        let line = limits.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next().map(str::to_owned)
    };
    let since = Stopwatch::start();
    let expected = ["1073741824", "120"].map(|bound| Some(bound.to_owned()));
    let found = || ["Max data size", "Max cpu time"].map(bound);
    // It takes a moment until the program has begun.
    while found() != expected && since.elapsed() < PATIENCE {
        std::thread::yield_now();
    }
    let found = found();
    reader.kill().and_then(|()| reader.wait()).expect("an end");
    assert_eq!(found, expected);
}
