//! SQLite and PostgreSQL give the same register and the same answers.

use super::program::{Folder, imported, qibang, raw};
use serde_json::Value;

/// A fresh database in the PostgreSQL that the test run started.
pub(crate) fn database(name: &str) -> String {
    let server = std::env::var("QIBANG_TEST_POSTGRES")
        .expect("QIBANG_TEST_POSTGRES: run this through `cargo xtask test`");
    let mut client = postgres::Client::connect(&server, postgres::NoTls).expect("the server");
    let name = format!("{name}_{}", std::process::id());
    client.batch_execute(&format!("create database {name}")).expect("a database");
    let (address, _) = server.rsplit_once('/').expect("an address with a database");
    format!("{address}/{name}")
}

fn rules(run: &Value) -> Vec<Value> {
    let rules = run["rules"].as_array().expect("a list of rules");
    rules.iter().map(|rule| serde_json::json!([rule["id"], rule["digest_setwise"]])).collect()
}

#[test]
fn both_stores_hold_the_same_register_and_give_the_same_answers() {
    let folder = Folder::new("stores");
    let (lite, large) = (imported(&folder), folder.join("large"));
    let url = database("chaos_stores");
    let on_lite = qibang(&["target", "run", "--dir", &lite, "--json"]).good().json();
    let shared = ["--dir", large.as_str(), "--database", url.as_str()];
    let with = |words: &[&str]| {
        let words: Vec<&str> = words.iter().chain(&shared).copied().collect();
        qibang(&words).good()
    };
    with(&["import", raw(), "--json"]);
    let on_large = with(&["target", "run", "--json"]).json();
    assert_eq!(rules(&on_lite), rules(&on_large));
    assert_eq!(qibang(&["digest", "--dir", &lite]).good().out, with(&["digest"]).out);
    with(&["audit", "verify"]);
}
