//! A village merges through the binary: what was true before stays, and later rosters that name it
//! go in.

use std::path::Path;

use super::program::{Answer, Folder, imported, qibang, raw, text};
use super::sheets::{Change, alter};
use serde_json::Value;

/// The day of the merger, and the one before it.
const DAY: &str = "2016-12-01";
const BEFORE: &str = "2016-11-30";

/// Makes an account, and beside the data a file with its password under its login.
fn account(folder: &Folder, login: &str, role: &str, area: &str) {
    let dir = folder.join("data");
    let words = ["user", "add", login, "--role", role, "--area", area, "--dir", &dir, "--json"];
    let made = qibang(&words).good().json();
    let password = made["password"].as_str().expect("a password");
    std::fs::write(folder.join(login), format!("{password}\n")).expect("a password file");
}

/// Figures of a day, by what they are and how much.
fn figures(dir: &str, day: &str) -> Vec<(Value, Value)> {
    let words = ["report", "figures", "--as-of", day, "--dir", dir, "--json"];
    let all = qibang(&words).good().json();
    let each = all.as_array().expect("a list of figures").iter();
    each.map(|one| (one["id"].clone(), one["exact"].clone())).collect()
}

fn one<T: rusqlite::types::FromSql>(folder: &Folder, sql: &str) -> T {
    let base = rusqlite::Connection::open(folder.join("data/qibang.sqlite")).expect("the store");
    base.query_row(sql, [], |row| row.get(0)).expect("a row")
}

/// Events that are not of the merger.
fn events(folder: &Folder) -> i64 {
    one(folder, "select count(*) from event where kind <> 'area_merger'")
}

#[test]
fn a_village_merges_and_a_later_roster_that_names_it_goes_in() {
    let folder = Folder::new("merger");
    let dir = imported(&folder);
    let old: String = one(
        &folder,
        "select area_code from household group by area_code order by count(*) desc limit 1",
    );
    let town = &old[..9];
    let new: String = one(
        &folder,
        &format!(
            "select code from area where parent_code = '{town}' and code <> '{old}' order by code \
             limit 1"
        ),
    );
    let county = &old[..6];
    account(&folder, "first", "COUNTY_OFFICER", county);
    account(&folder, "second", "COUNTY_OFFICER", county);
    account(&folder, "clerk", "TOWN_CLERK", town);
    let by = |login: &str, words: &[&str]| -> Answer {
        let secret = folder.join(login);
        let more = ["--by", login, "--password-file", &secret, "--dir", &dir, "--json"];
        qibang(&[words, &more].concat())
    };
    let lived: i64 =
        one(&folder, &format!("select count(*) from household where area_code = '{old}'"));
    let before = figures(&dir, BEFORE);
    let merge = ["area", "merge", &old, "--into", &new, "--on", DAY, "--paper", "P〔2016〕7"];
    let refused = by("clerk", &merge);
    assert!(refused.code == 1 && refused.err.contains("offices"), "{}", refused.err);
    let stated = by("first", &merge).good().json();
    let id = stated["id"].to_string();
    let own = by("first", &["area", "confirm", &id]);
    assert!(own.code == 1 && own.err.contains("another person"), "{}", own.err);
    assert_eq!(by("second", &["area", "confirm", &id]).good().json()["state"], "DECIDED");
    let there = |code: &str| -> i64 {
        one(&folder, &format!("select count(*) from household where area_code = '{code}'"))
    };
    assert_eq!(there(&old), 0);
    assert_eq!(figures(&dir, BEFORE), before, "the day before");
    let listed = qibang(&["area", "list", "--area", &old, "--dir", &dir, "--json"]).good().json();
    assert_eq!(listed["areas"][0]["end"]["successor"], new.as_str());

    // The roster comes again, changed in one cell so that it is read: it names the old village.
    let source = |what: &str| {
        format!(
            "select {what} from household h join source_file f on f.id = h.source_file_id \
             where h.area_code = '{new}' and h.household_no like '{old}%' order by h.id limit 1"
        )
    };
    let name: String = one(&folder, &source("f.name"));
    let number: String = one(&folder, &source("h.household_no"));
    let again = folder.path().join("again").join(&name);
    std::fs::create_dir_all(again.parent().expect("a folder")).expect("a folder");
    std::fs::copy(Path::new(raw()).join(&name), &again).expect("a copy");
    alter(&again, &[&number], Change::Set(1, "务工时间(月)", "7"));
    let refused = "select rows_rejected from source_file where layout is not null and name = ";
    let refused = format!("{refused}'{name}' order by id desc limit 1");
    let (rejected, events): (i64, i64) = (one(&folder, &refused), events(&folder));
    let sent = text(&folder.path().join("again"));
    qibang(&["import", &sent, "--dir", &dir, "--json"]).good();
    let times = format!("select count(*) from source_file where name = '{name}'");
    assert_eq!(one::<i64>(&folder, &times), 2, "it was read");
    assert_eq!(one::<i64>(&folder, &refused), rejected, "no row more is refused");
    assert_eq!(self::events(&folder), events, "nobody moves");
    assert_eq!(there(&old), 0);

    let undone = by("second", &["area", "undo", &id, "--reason", "void"]).good().json();
    assert_eq!((&undone["state"], there(&old)), (&Value::from("UNDONE"), lived));
}
