//! The contracts that scripts rely on: words, exit codes, JSON.

use super::program::{Folder, imported, qibang, raw, text};
use super::sheets::{Change, alter};
use serde_json::{Value, json};

/// Fails unless an object has exactly the keys a script may rely on, and maybe more.
fn has_keys(value: &Value, keys: &[&str]) {
    for key in keys {
        assert!(value.get(key).is_some(), "no \"{key}\" in {value}");
    }
}

#[test]
fn the_chain_keeps_its_json_contracts() {
    let folder = Folder::new("contracts");
    let dir = folder.join("data");
    let import = qibang(&["import", raw(), "--dir", &dir, "--json"]).good().json();
    let counts = ["rows_read", "rows_accepted", "rows_rejected", "rows_repaired"];
    has_keys(&import, &counts);
    has_keys(&import, &["files", "people", "households", "faults"]);
    let fault = &import["faults"][0];
    has_keys(fault, &["code", "file", "sheet", "row", "column", "message"]);
    let run = qibang(&["target", "run", "--dir", &dir, "--json"]).good().json();
    has_keys(&run, &["people", "households", "rules"]);
    assert_eq!(run["people"], import["people"]);
    assert_eq!(run["households"], import["households"]);
    let rule = &run["rules"][0];
    has_keys(rule, &["id", "true", "false", "unknown"]);
    has_keys(rule, &["digest_setwise", "digest_rowwise", "seconds"]);
    qibang(&["report", "annual", "--dir", &dir]).good();
    let figures = qibang(&["report", "figures", "--dir", &dir, "--json"]).good().json();
    let figures = figures.as_array().expect("a list of figures");
    let verdicts = ["reproduced", "reference", "contradiction", "not yet computed"];
    for figure in figures {
        has_keys(figure, &["id", "published", "computed", "unit", "verdict"]);
        let verdict = figure["verdict"].as_str().expect("a verdict");
        assert!(verdicts.contains(&verdict), "{figure}");
    }
    assert!(figures.len() > 50, "only {} figures", figures.len());
}

#[test]
fn the_demo_is_the_four_steps_together() {
    let folder = Folder::new("demo");
    let dir = folder.join("data");
    let demo = qibang(&["demo", "--no-serve", "--scale", "0.004", "--dir", &dir]).good();
    assert!(!demo.out.trim().is_empty(), "the demo says where everything is");
    qibang(&["audit", "verify", "--dir", &dir]).good();
    let figures = qibang(&["report", "figures", "--dir", &dir, "--json"]).good().json();
    assert!(figures.as_array().is_some_and(|figures| !figures.is_empty()));
    let pdfs = super::program::files_below(&folder.path().join("data/reports"));
    let pdf = pdfs.iter().find(|file| file.extension().is_some_and(|kind| kind == "pdf"));
    let bytes = std::fs::read(pdf.expect("a PDF of the report")).expect("its bytes");
    assert!(bytes.starts_with(b"%PDF-"));
    // Figures are those of the newest run, whether or not its report has been written.
    let raw = folder.path().join("data/raw");
    alter(&raw.join("外部数据/外部数据.csv"), &["G07"], Change::Cell("9.2", "9.3"));
    qibang(&["import", &text(&raw), "--dir", &dir, "--json"]).good();
    qibang(&["target", "run", "--dir", &dir, "--json"]).good();
    let after = qibang(&["report", "figures", "--dir", &dir, "--json"]).good().json();
    let computed = |figures: &Value| {
        let of = |figure: &&Value| figure["id"] == "G07";
        figures.as_array().and_then(|all| all.iter().find(of)).map(|one| one["computed"].clone())
    };
    assert_eq!((computed(&figures), computed(&after)), (Some(json!(9.2)), Some(json!(9.3))));
}

#[test]
fn a_command_on_an_empty_directory_says_what_to_do_first() {
    let folder = Folder::new("empty");
    let dir = folder.join("data");
    for words in [["report", "figures"], ["target", "run"]] {
        let answer = qibang(&[words[0], words[1], "--dir", &dir]);
        assert_ne!(answer.code, 0, "{words:?}: {}", answer.out);
        assert!(answer.err.contains("import") || answer.err.contains("target"), "{}", answer.err);
    }
}

#[test]
fn words_that_are_not_understood_exit_with_2() {
    assert_eq!(qibang(&["improt"]).code, 2);
    assert_eq!(qibang(&["city", "generate"]).code, 2);
}

#[test]
fn a_changed_audit_row_is_found_and_named() {
    let folder = Folder::new("audit");
    let dir = imported(&folder);
    qibang(&["audit", "verify", "--dir", &dir]).good();
    let base = rusqlite::Connection::open(folder.join("data/qibang.sqlite")).expect("the store");
    base.execute("drop trigger audit_no_update", []).expect("a trigger");
    let changed = base.execute("update audit set action = action || 'x' where seq = 2", []);
    assert_eq!(changed.expect("one row"), 1);
    drop(base);
    let answer = qibang(&["audit", "verify", "--dir", &dir]);
    assert_eq!(answer.code, 1, "{}", answer.out);
    assert!(format!("{}{}", answer.out, answer.err).contains('2'), "the place: {}", answer.err);
}
