//! `kill -9` at random points: run again, and the end is the same.

use super::program::{Folder, copy, digest, files_below, imported, qibang, raw, start, text};
use super::random::Random;
use qb_base::env::Stopwatch;
use std::path::Path;
use std::time::Duration;

const POINTS: u32 = 20;
const LEDGERS_KEPT: usize = 12;
/// Every kind of target: registers, incomes, ledgers, sets, outside values, and lists of datasets.
const FOLDERS_KEPT: [&str; 6] = ["登记", "收入", "村账", "名单", "外部数据", "交通"];

#[test]
fn an_import_killed_at_twenty_random_points_ends_as_if_undisturbed() {
    let calm = Folder::new("undisturbed");
    let (raw, dir) = (fewer_files(&calm), calm.join("data"));
    let watch = Stopwatch::start();
    qibang(&["import", &raw, "--dir", &dir, "--json"]).good();
    let mut whole = watch.elapsed();
    let expected = digest(&dir);
    let mut random = Random::of_the_run();
    for point in 0..POINTS {
        // One point in each twentieth of the run, so that every phase is hit.
        let part = point * 1_000 + per_mille(&mut random);
        let (folder, moment) = loop {
            let moment = whole * part / (POINTS * 1_000);
            let folder = Folder::new("killed");
            if kill_after(moment, &raw, &folder.join("data")) {
                break (folder, moment);
            }
            // It had ended: imports run faster now than the one that was measured.
            whole = whole * 3 / 4;
        };
        let dir = folder.join("data");
        let verify = qibang(&["audit", "verify", "--dir", &dir]);
        assert!(verify.code == 0 || nothing_there(&folder), "after {moment:?}: {}", verify.err);
        qibang(&["import", &raw, "--dir", &dir, "--json"]).good();
        assert_eq!(digest(&dir), expected, "killed after {moment:?} of {whole:?}");
        qibang(&["audit", "verify", "--dir", &dir]).good();
    }
}

/// The whole register, one year's incomes, a few ledgers and lists: every kind, few of each.
fn fewer_files(folder: &Folder) -> String {
    let fewer = folder.path().join("fewer");
    copy(Path::new(raw()), &fewer);
    std::fs::remove_dir_all(fewer.join("收入/2015")).expect("a year less");
    for folder in std::fs::read_dir(&fewer).expect("the folders").flatten() {
        let name = folder.file_name().into_string().expect("folders of tests are UTF-8");
        if !FOLDERS_KEPT.contains(&name.as_str()) {
            std::fs::remove_dir_all(folder.path()).expect("a folder less");
        }
    }
    for ledger in files_below(&fewer.join("村账")).iter().skip(LEDGERS_KEPT) {
        std::fs::remove_file(ledger).expect("a ledger less");
    }
    text(&fewer)
}

/// Starts an import and kills it; tells whether it was still running.
#[expect(clippy::disallowed_methods, reason = "the moment of the kill is what is tested")]
fn kill_after(moment: Duration, raw: &str, dir: &str) -> bool {
    let mut import = start(&["import", raw, "--dir", dir, "--json"]);
    std::thread::sleep(moment);
    import.kill().expect("a kill");
    let status = import.wait().expect("an end");
    !status.success()
}

/// Whether the kill came before the store existed.
fn nothing_there(folder: &Folder) -> bool {
    !folder.path().join("data/qibang.sqlite").exists() || !folder.path().join("data/keys").exists()
}

#[test]
fn a_target_run_that_was_killed_leaves_no_trace_and_runs_again() {
    let folder = Folder::new("killed-run");
    let dir = imported(&folder);
    let watch = Stopwatch::start();
    let expected = rules(&qibang(&["target", "run", "--dir", &dir, "--json"]).good().json());
    let whole = watch.elapsed();
    let mut random = Random::of_the_run();
    for _ in 0..3 {
        kill_run(whole * per_mille(&mut random) / 1_000, &dir);
        let again = rules(&qibang(&["target", "run", "--dir", &dir, "--json"]).good().json());
        assert_eq!(again, expected);
    }
    qibang(&["audit", "verify", "--dir", &dir]).good();
}

#[expect(clippy::disallowed_methods, reason = "the moment of the kill is what is tested")]
fn kill_run(moment: Duration, dir: &str) {
    let mut run = start(&["target", "run", "--dir", dir, "--json"]);
    std::thread::sleep(moment);
    run.kill().expect("a kill");
    run.wait().expect("an end");
}

/// Id and digests of every rule.
fn rules(run: &serde_json::Value) -> Vec<String> {
    let rules = run["rules"].as_array().expect("a list of rules");
    assert!(!rules.is_empty());
    let line = |rule: &serde_json::Value| {
        format!("{} {} {}", rule["id"], rule["digest_setwise"], rule["digest_rowwise"])
    };
    rules.iter().map(line).collect()
}

fn per_mille(random: &mut Random) -> u32 {
    u32::try_from(random.below(1_000)).expect("below a thousand")
}
