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
    let verdicts = [
        "reproduced",
        "reference",
        "contradiction",
        "statement",
        "from the pack",
        "not yet computed",
    ];
    for figure in figures {
        has_keys(figure, &["id", "published", "computed", "unit", "verdict"]);
        has_keys(figure, &["exact", "rounding", "reason"]);
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
    let again = qibang(&["demo", "--no-serve", "--scale", "0.004", "--dir", &dir]);
    assert_eq!(again.code, 1, "{}", again.out);
    assert!(again.err.contains("qibang serve"), "the demo there is offered: {}", again.err);
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
fn a_demo_never_mixes_with_what_is_in_a_directory() {
    let folder = Folder::new("used");
    let dir = imported(&folder);
    let refused = qibang(&["demo", "--no-serve", "--scale", "0.004", "--dir", &dir]);
    assert_eq!(refused.code, 1, "{}", refused.out);
    assert!(refused.err.contains("choose a new directory"), "{}", refused.err);
    assert!(!folder.path().join("data/raw").exists(), "files were written");
    let add = ["user", "add", "city", "--role", "CITY_OFFICER", "--area", "3203", "--dir", &dir];
    qibang(&add).good();
}

#[test]
fn a_user_is_never_replaced_in_silence() {
    let folder = Folder::new("taken");
    let dir = folder.join("data");
    let add = |role: &str, area: &str, more: &[&str]| {
        let words = ["user", "add", "w", "--role", role, "--area", area, "--dir", &dir, "--json"];
        qibang(&[&words, more].concat())
    };
    let first = add("COUNTY_OFFICER", "320381", &[]).good().json();
    for (role, area) in [("COUNTY_OFFICER", "320381"), ("CITY_OFFICER", "3203")] {
        let again = add(role, area, &[]);
        assert_eq!(again.code, 1, "{}", again.out);
        assert!(again.err.contains("--renew-password"), "{}", again.err);
    }
    let other = add("CITY_OFFICER", "3203", &["--renew-password"]);
    assert_eq!(other.code, 1, "a new password is no new role: {}", other.out);
    let renewed = add("COUNTY_OFFICER", "320381", &["--renew-password"]).good().json();
    assert_ne!(first["password"], renewed["password"]);
    let base = rusqlite::Connection::open(folder.join("data/qibang.sqlite")).expect("the store");
    let kept = "select role, area_code from app_user";
    let kept = base.query_row(kept, [], |row| Ok((row.get(0)?, row.get(1)?))).expect("one account");
    assert_eq!(kept, ("COUNTY_OFFICER".to_owned(), "320381".to_owned()));
    let renewals = "select count(*) from audit where action = 'account.renew'";
    assert_eq!(base.query_row(renewals, [], |row| row.get::<_, i64>(0)).expect("a count"), 1);
}

#[test]
fn a_first_password_that_stays_is_accepted_and_audited() {
    let folder = Folder::new("first-password");
    let dir = folder.join("data");
    let words = ["user", "add", "w", "--role", "CITY_OFFICER", "--area", "3203", "--dir", &dir];
    let made = qibang(&[&words[..], &["--no-first-change", "--json"]].concat()).good().json();
    assert_eq!(made["login"], "w");
    assert!(made["password"].as_str().is_some_and(|password| password.len() > 15), "{made}");
    let base = rusqlite::Connection::open(folder.join("data/qibang.sqlite")).expect("the store");
    let told = "select reason from audit where action = 'account.create'";
    let told = base.query_row(told, [], |row| row.get::<_, String>(0)).expect("an audit row");
    assert!(told.ends_with("; the first password stays"), "{told}");
}

/// A survey of one county.
const SURVEY: &str = "县(市、区),调查年度,调查户数,满意户数,核查户数,识别准确户数,退出准确户数\n\
                      新沂市,2016,381,380,381,380,381\n";

#[test]
fn a_list_that_decides_waits_for_a_second_person_at_the_command_line() {
    let folder = Folder::new("second");
    let dir = folder.join("data");
    std::fs::create_dir_all(folder.path()).expect("a folder");
    let file = folder.join("survey.csv");
    std::fs::write(&file, SURVEY).expect("a file");
    for (login, role, area) in [
        ("outside", "ASSESSOR", "320381"),
        ("city", "CITY_OFFICER", "3203"),
        ("county", "COUNTY_OFFICER", "320381"),
    ] {
        let words = ["user", "add", login, "--role", role, "--area", area, "--dir", &dir, "--json"];
        let made = qibang(&words).good().json();
        let password = made["password"].as_str().expect("a password");
        std::fs::write(folder.join(login), format!("{password}\n")).expect("a password file");
    }
    let by = |login: &str, words: &[&str]| {
        let secret = folder.join(login);
        let more = ["--by", login, "--password-file", &secret, "--dir", &dir, "--json"];
        qibang(&[words, &more].concat())
    };
    let wrong = by("county", &["import", &file]);
    assert_eq!(wrong.code, 1, "a county does not send what a survey found: {}", wrong.out);
    let sent = by("outside", &["import", &file]).good().json();
    assert_eq!(
        (&sent["state"], &sent["files"][0]["state"]),
        (&json!("waiting"), &json!("waiting"))
    );
    let batch = sent["files"][0]["batch"].to_string();
    for login in ["outside", "county"] {
        let refused = by(login, &["import", "confirm", &batch]);
        assert_eq!(refused.code, 1, "{login}: {}", refused.out);
    }
    let nobody = qibang(&["import", "confirm", &batch, "--dir", &dir]);
    assert!(nobody.code == 1 && nobody.err.contains("--by"), "{}", nobody.err);
    let count = || {
        let base =
            rusqlite::Connection::open(folder.join("data/qibang.sqlite")).expect("the store");
        let sql = "select count(*) from record where dataset = 'survey'";
        base.query_row(sql, [], |row| row.get::<_, i64>(0)).expect("a count")
    };
    assert_eq!(count(), 0);
    // The operator of the machine hands in what was sent; in a store with accounts it waits too.
    let other = folder.join("other.csv");
    std::fs::write(&other, SURVEY.replace("380", "379")).expect("a file");
    let waits = qibang(&["import", &other, "--dir", &dir, "--json"]).good().json();
    assert_eq!(waits["state"], json!("waiting"));
    let done = by("city", &["import", "confirm", &batch]).good().json();
    assert_eq!((&done["state"], &done["rows_accepted"]), (&json!("done"), &json!(1)));
    assert_eq!(count(), 1);
    std::fs::write(folder.join("outside"), "wrong").expect("a password file");
    let unknown = by("outside", &["import", &file]);
    assert_eq!(unknown.code, 1, "{}", unknown.out);
    qibang(&["audit", "verify", "--dir", &dir]).good();
}

#[test]
fn an_unknown_role_is_answered_with_all_there_are() {
    let folder = Folder::new("roles");
    let dir = folder.join("data");
    let add = ["user", "add", "w", "--role", "VILLAGE", "--area", "3203", "--dir", &dir];
    let answer = qibang(&add);
    assert_eq!(answer.code, 1);
    for code in ["VILLAGE_CLERK", "COUNTY_OFFICER", "DEPT_FIN"] {
        assert!(answer.err.contains(code), "{}", answer.err);
    }
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

fn store(folder: &Folder) -> rusqlite::Connection {
    rusqlite::Connection::open(folder.join("data/qibang.sqlite")).expect("the store")
}

/// Makes an account, and beside the data a file with its password under its login.
fn account(folder: &Folder, login: &str, role: &str, area: &str) {
    let dir = folder.join("data");
    let words = ["user", "add", login, "--role", role, "--area", area, "--dir", &dir, "--json"];
    let made = qibang(&words).good().json();
    let password = made["password"].as_str().expect("a password");
    std::fs::write(folder.join(login), format!("{password}\n")).expect("a password file");
}

#[test]
fn an_account_or_an_exit_changed_outside_the_program_is_told_by_audit_verify() {
    let folder = Folder::new("outside");
    let dir = imported(&folder);
    account(&folder, "county", "COUNTY_OFFICER", "320381");
    qibang(&["audit", "verify", "--dir", &dir]).good();
    for (spoil, mend, told) in [
        (
            "update app_user set role = 'CITY_OFFICER'",
            "update app_user set role = 'COUNTY_OFFICER'",
            "account county",
        ),
        (
            "update household set exit_status = exit_status || '!' where id = \
             (select min(id) from household where exit_status is not null)",
            "update household set exit_status = replace(exit_status, '!', '') \
             where exit_status like '%!'",
            "exit status",
        ),
    ] {
        assert_eq!(store(&folder).execute(spoil, []).expect("a change"), 1);
        let answer = qibang(&["audit", "verify", "--lang", "en", "--dir", &dir]);
        assert_eq!(answer.code, 1, "{}", answer.out);
        assert!(answer.err.contains(told), "{told}: {}", answer.err);
        assert_eq!(store(&folder).execute(mend, []).expect("a change"), 1);
        qibang(&["audit", "verify", "--dir", &dir]).good();
    }
}

#[test]
fn the_rows_of_the_chain_are_listed_with_who_and_what() {
    let folder = Folder::new("listed");
    account(&folder, "w", "CITY_OFFICER", "3203");
    let list = |more: &[&str]| {
        let dir = folder.join("data");
        qibang(&[&["audit", "list", "--dir", &dir, "--action", "account.create"], more].concat())
    };
    let rows = list(&["--json"]).good().json();
    assert_eq!(rows.as_array().map(Vec::len), Some(1), "{rows}");
    has_keys(&rows[0], &["seq", "at", "actor", "action", "object", "reason"]);
    assert!(rows[0]["actor"].as_str().is_some_and(|actor| actor.starts_with("os:")), "{rows}");
    let said = list(&[]).good().out;
    assert!(said.contains("account.create") && said.contains("os:"), "{said}");
    assert_eq!(list(&["--actor", "user:7", "--json"]).good().json(), json!([]));
}

#[test]
fn a_cut_chain_is_accepted_by_two_administrators_and_not_by_one_twice() {
    let folder = Folder::new("accepted");
    let dir = folder.join("data");
    for (login, role) in [("one", "ADMIN_SYSTEM"), ("two", "ADMIN_AUDIT"), ("city", "CITY_OFFICER")]
    {
        account(&folder, login, role, "3203");
    }
    let accept = |by: &str, and: &str| {
        let (first, second) = (folder.join(by), folder.join(and));
        let who = ["audit", "anchor", "--accept", "--by", by, "--and", and, "--dir", &dir];
        let with = ["--by-password-file", &first, "--and-password-file", &second];
        qibang(&[&who[..], &with].concat())
    };
    assert_eq!(accept("one", "two").code, 1, "there is nothing to accept");
    let base = store(&folder);
    base.execute("drop trigger audit_no_delete", []).expect("a trigger");
    let cut = base.execute("delete from audit where seq = (select max(seq) from audit)", []);
    assert_eq!(cut.expect("a row"), 1);
    drop(base);
    for (by, and) in [("one", "one"), ("one", "city"), ("city", "two")] {
        let refused = accept(by, and);
        assert_eq!(refused.code, 1, "{by} {and}: {}", refused.out);
        assert_eq!(qibang(&["audit", "verify", "--dir", &dir]).code, 1);
    }
    accept("one", "two").good();
    let rows =
        qibang(&["audit", "list", "--action", "audit.anchor_accept", "--dir", &dir, "--json"]);
    assert_eq!(rows.good().json().as_array().map(Vec::len), Some(1));
}

#[test]
fn a_copy_of_the_key_is_made_and_known_again_and_another_key_is_not() {
    let folder = Folder::new("key");
    let dir = folder.join("data");
    let other = folder.join("other");
    let copy = folder.join("copy.key");
    let foreign = folder.join("foreign.key");
    let made = qibang(&["key", "backup", "--out", &copy, "--dir", &dir, "--json"]).good().json();
    qibang(&["key", "backup", "--out", &foreign, "--dir", &other]).good();
    let check =
        |more: &[&str]| qibang(&[&["key", "check", "--dir", &dir, "--json"], more].concat());
    let known = check(&["--file", &copy]).good().json();
    assert_eq!((&known["key"], &known["fits"]), (&made["key"], &json!(true)));
    assert_eq!(check(&[]).good().json()["key"], made["key"]);
    let refused = check(&["--file", &foreign]);
    assert_eq!(refused.code, 1, "{}", refused.out);
    assert!(refused.err.contains("foreign.key"), "{}", refused.err);
    let before = std::fs::read(&copy).expect("the copy");
    let again = qibang(&["key", "backup", "--out", &copy, "--dir", &dir]);
    assert_eq!(again.code, 1, "a file that is there is not replaced: {}", again.out);
    assert_eq!(std::fs::read(&copy).expect("the copy"), before);
}

#[test]
fn what_commands_read_of_a_household_or_a_person_is_in_the_chain() {
    let folder = Folder::new("read");
    let dir = imported(&folder);
    qibang(&["target", "run", "--dir", &dir, "--json"]).good();
    let sql = "select household_no, person_no, h.id, p.id from household h join person p \
               on p.household_id = h.id order by h.id, p.id limit 1";
    let (household, person, household_id, person_id) = store(&folder)
        .query_row(sql, [], |row| {
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, String>(1)?,
                row.get::<_, i64>(2)?,
                row.get::<_, i64>(3)?,
            ))
        })
        .expect("a household and its member");
    let read = || {
        let words = ["audit", "list", "--action", "person.read", "--dir", &dir, "--json"];
        qibang(&words).good().json().as_array().cloned().expect("rows")
    };
    assert_eq!(read(), [] as [Value; 0]);
    for (words, object) in [
        (vec!["explain", &household], format!("household {household_id}")),
        (vec!["suggest", &household], format!("household {household_id}")),
        (vec!["benefit", "slip", &person], format!("person {person_id}")),
    ] {
        let before = read().len();
        qibang(&[&words[..], &["--dir", &dir, "--json"]].concat()).good();
        let rows = read();
        assert_eq!(rows.len(), before + 1, "{words:?}");
        assert_eq!(rows[0]["object"], object.as_str(), "{}", rows[0]);
        let command = words[..words.len() - 1].join(" ");
        assert_eq!(rows[0]["reason"], format!("qibang {command}"));
        assert!(rows[0]["actor"].as_str().is_some_and(|actor| actor.starts_with("os:")));
    }
    for words in [["explain", "H-none"], ["suggest", "H-none"]] {
        assert_ne!(qibang(&[&words[..], &["--dir", &dir]].concat()).code, 0);
    }
    assert_eq!(read().len(), 3, "what is not there is not read");
}
