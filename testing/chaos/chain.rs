//! What changes when the raw files change, and what must not.

use super::program::{Folder, copy, digest, files_below, imported, qibang, raw};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// Answers of every rule: true, false, unknown.
fn answers(dir: &str) -> BTreeMap<String, [i64; 3]> {
    let run = qibang(&["target", "run", "--dir", dir, "--json"]).good().json();
    let rules = run["rules"].as_array().expect("a list of rules");
    let number = |value: &Value| value.as_i64().expect("a count");
    let row = |rule: &Value| {
        assert_eq!(rule["digest_setwise"], rule["digest_rowwise"], "two evaluators, one answer");
        let id = rule["id"].as_str().expect("an id").to_owned();
        (id, [number(&rule["true"]), number(&rule["false"]), number(&rule["unknown"])])
    };
    rules.iter().map(row).collect()
}

#[test]
fn the_same_files_twice_add_nothing() {
    let folder = Folder::new("twice");
    let dir = imported(&folder);
    let before = digest(&dir);
    let again = qibang(&["import", raw(), "--dir", &dir, "--json"]).good().json();
    assert_eq!(again["rows_accepted"], 0, "{again}");
    assert_eq!(digest(&dir), before);
    qibang(&["audit", "verify", "--dir", &dir]).good();
}

#[test]
fn a_missing_village_ledger_changes_that_village_and_nothing_else() {
    let folder = Folder::new("ledger");
    let with = answers(&imported(&folder));
    let fewer = folder.path().join("fewer");
    copy(Path::new(raw()), &fewer);
    let ledgers = files_below(&fewer.join("村账"));
    std::fs::remove_file(ledgers.first().expect("a ledger")).expect("one file less");
    let other = folder.join("other");
    qibang(&["import", super::program::text(&fewer).as_str(), "--dir", &other, "--json"]).good();
    let without = answers(&other);
    let changed: Vec<&String> = with.keys().filter(|id| with[*id] != without[*id]).collect();
    assert!(!changed.is_empty(), "a missing ledger shows nowhere");
    for id in changed {
        let [before, after] = [with[id], without[id]];
        assert!(id.contains("village"), "{id} changed: {before:?} → {after:?}");
        // One village moved from one answer to another; none came or went.
        let moved: i64 = before.iter().zip(after).map(|(one, other)| (one - other).abs()).sum();
        assert_eq!(moved, 2, "{id}: {before:?} → {after:?}");
        assert_eq!(after.iter().sum::<i64>(), before.iter().sum::<i64>(), "{id}");
    }
}

#[test]
fn the_order_of_the_paths_does_not_matter() {
    let folder = Folder::new("order");
    let mut parts =
        ["外部数据", "村账", "收入", "登记", "名单"].map(|part| format!("{}/{part}", raw()));
    let one = import_all(&folder.join("one"), &parts);
    parts.reverse();
    assert_eq!(import_all(&folder.join("other"), &parts), one);
}

/// Imports these paths with one command; gives the digest.
fn import_all(dir: &str, paths: &[String]) -> String {
    let mut words = vec!["import", "--json", "--dir", dir];
    words.extend(paths.iter().map(String::as_str));
    qibang(&words).good();
    digest(dir)
}

#[test]
fn recorded_steps_without_person_or_paper_are_those_that_the_city_planted() {
    let folder = Folder::new("traced");
    let dir = imported(&folder);
    let truth = std::fs::read_to_string(format!("{}-truth.json", raw())).expect("the truth");
    let truth: Value = serde_json::from_str(&truth).expect("JSON");
    let files = truth["files"].as_array().expect("a list of files");
    let planted: i64 = files.iter().filter_map(|file| file["untraced"].as_i64()).sum();
    let base =
        rusqlite::Connection::open(Path::new(&dir).join("qibang.sqlite")).expect("the store");
    let sql = "select count(distinct e.case_id) from case_event e \
               join case_file c on c.id = e.case_id where c.superseded_at is null \
               and (e.irregular like '%nobody%' or e.irregular like '%no_paper%')";
    let found: i64 = base.query_row(sql, [], |row| row.get(0)).expect("a count");
    assert!(planted > 0, "nothing is planted at this scale");
    assert_eq!(found, planted);
}
