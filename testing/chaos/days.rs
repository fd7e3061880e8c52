//! The office's day, and questions about other days.

use std::path::Path;

use super::program::{Folder, copy, imported, qibang, raw};
use super::sheets::{Change, alter};
use serde_json::{Value, json};

fn today(dir: &str) -> Value {
    qibang(&["today", "--dir", dir, "--json"]).good().json()
}

#[test]
fn a_synthetic_city_stands_at_its_day_and_moves_forward_only() {
    let folder = Folder::new("days");
    let dir = imported(&folder);
    assert_eq!(today(&dir), json!({ "today": "2016-12-31", "fixed": true }));
    for earlier in ["2016-12-31", "2016-02-29"] {
        let refused = qibang(&["today", earlier, "--dir", &dir]);
        assert_eq!(refused.code, 1, "{}", refused.out);
        assert!(refused.err.contains("forward only"), "{}", refused.err);
    }
    qibang(&["today", "2017-02-28", "--dir", &dir]).good();
    assert_eq!(today(&dir)["today"], "2017-02-28");
    let again = ["import", raw(), "--today", "2017-03-01", "--dir", &dir];
    let refused = qibang(&again);
    assert_eq!(refused.code, 1, "{}", refused.out);
    assert!(refused.err.contains("qibang today DATE"), "{}", refused.err);
}

#[test]
fn an_office_without_a_fixed_day_works_on_the_real_one() {
    let folder = Folder::new("real-day");
    let dir = folder.join("data");
    assert_eq!(today(&dir)["fixed"], false);
    let refused = qibang(&["today", "2017-01-01", "--dir", &dir]);
    assert_eq!(refused.code, 1, "{}", refused.out);
    assert!(refused.err.contains("real day"), "{}", refused.err);
}

#[test]
fn a_question_about_an_earlier_day_changes_no_page_and_opens_no_case() {
    let folder = Folder::new("earlier");
    let dir = imported(&folder);
    let figures = |more: &[&str]| {
        let words = ["report", "figures", "--dir", &dir, "--json"];
        qibang(&[&words, more].concat()).good().json()
    };
    let of = |figures: &Value, id: &str| {
        let all = figures.as_array().expect("a list of figures").iter();
        all.clone().find(|one| one["id"] == id).expect("the figure").clone()
    };
    let now = figures(&[]);
    let summer = ["--as-of", "2016-06-30"];
    let then = qibang(&[&["target", "run", "--dir", &dir, "--json"], &summer[..]].concat());
    assert_eq!(then.good().json()["leads"], 0);
    let then = figures(&summer);
    assert_eq!(
        (&of(&now, "G08")["as_of"], &of(&then, "G08")["as_of"]),
        (&json!("2016-12-31"), &json!("2016-06-30"))
    );
    // The roster is that of the day: nobody was paid for yet, few were taken off.
    let value = |id: &str| {
        let exact = of(&then, id)["exact"].as_str().expect("a number").to_owned();
        exact.parse::<i64>().expect("a whole number")
    };
    assert_eq!((value("H03"), value("H03.unpaid")), (0, value("H03.roster")));
    assert!(value("H03.roster") > 0 && value("H03.removed") < 40, "{}", value("H03.removed"));
    assert_eq!(value("B02") - value("G08"), value("H03.roster") + value("H03.removed"));
    assert_eq!(of(&then, "H03")["as_of"], "2016-06-30");
    // A list without days is not that of the day, and says so.
    assert_eq!(of(&then, "E01")["as_of"], "2016-12-31");
    assert_eq!(of(&now, "E01")["as_of"], "2016-12-31");
    // The document speaks of the end of its year.
    assert_eq!(of(&then, "G08")["published"], Value::Null);
    assert_eq!(figures(&[]), now);
    let later = qibang(&["target", "run", "--as-of", "2017-01-01", "--dir", &dir]);
    assert_eq!(later.code, 1, "{}", later.out);
    assert!(later.err.contains("2016-12-31"), "{}", later.err);
}

#[test]
fn a_pack_that_is_no_longer_in_force_says_so() {
    let folder = Folder::new("ended");
    let dir = imported(&folder);
    qibang(&["today", "2026-11-29", "--dir", &dir]).good();
    let run = qibang(&["target", "run", "--dir", &dir, "--json"]).good();
    assert!(run.err.contains("as of 2016-12-31"), "{}", run.err);
    let named = qibang(&["target", "run", "--as-of", "2026-11-29", "--dir", &dir]);
    assert_eq!(named.code, 1, "{}", named.out);
    assert!(named.err.contains("no longer in force"), "{}", named.err);
}

#[test]
fn a_run_is_explained_reported_and_replayed_with_its_own_pack_after_the_pack_was_edited() {
    let folder = Folder::new("kept-pack");
    let dir = imported(&folder);
    let pack = folder.join("pack");
    copy(
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../policy/xuzhou-2016")),
        Path::new(&pack),
    );
    let with =
        |words: &[&str]| qibang(&[words, &["--dir", &dir, "--pack", &pack, "--json"]].concat());
    let run = with(&["target", "run"]).good().json();
    let number = run["run"].to_string();
    let base = rusqlite::Connection::open(folder.join("data/qibang.sqlite")).expect("the store");
    let household: String = base
        .query_row("select household_no from household order by id limit 1", [], |row| row.get(0))
        .expect("a household");
    let explained = with(&["explain", &household]).good().out;
    let figures = with(&["report", "figures"]).good().out;
    let lines = format!("{pack}/lines.toml");
    let text = std::fs::read_to_string(&lines).expect("the lines");
    std::fs::write(&lines, text.replacen("value = 6000", "value = 3000", 1)).expect("an edit");
    let edited = with(&["target", "run"]).good().json();
    assert_ne!(run["digest"], edited["digest"]);
    let of_run = ["--run", number.as_str()];
    assert_eq!(with(&[&["explain", &household], &of_run[..]].concat()).good().out, explained);
    assert_eq!(with(&[&["report", "figures"], &of_run[..]].concat()).good().out, figures);
    assert_eq!(with(&["target", "replay", &number]).good().json()["same"], true);
}

/// What lists of the year say when they are sent again: somebody has not exited, somebody's house
/// is dangerous, a budget line came, a project is not there any more.
const LATER: &[(&str, &[&str], Change)] = &[
    (
        "登记/320321_丰县建档立卡低收入人口信息.csv",
        &["人数=1", "脱贫属性=已脱贫", "主要致贫原因=缺资金"],
        Change::Set(1, "危房户", "是"),
    ),
    (
        "登记/320321_丰县建档立卡低收入人口信息.csv",
        &["人数=1", "脱贫属性=已脱贫", "主要致贫原因=缺资金"],
        Change::Set(1, "脱贫属性", "未脱贫"),
    ),
    (
        "资金/扶贫资金预算安排表.xlsx",
        &["预算年度=2016", "市级", "市级专项扶贫资金"],
        Change::Again(&[("预算编号", "YS2016-901"), ("预算金额(元)", "1000")]),
    ),
    ("项目/320382_邳州市扶贫项目库.csv", &["XM2016-0016"], Change::Drop),
];

#[test]
fn what_was_known_on_a_day_is_answered_the_same_after_later_lists_and_events() {
    let folder = Folder::new("known-on");
    let dir = imported(&folder);
    let with = |words: &[&str]| qibang(&[words, &["--dir", &dir, "--json"]].concat()).good();
    let figures = |more: &[&str]| {
        let mut all = with(&[&["report", "figures"], more].concat()).json();
        for figure in all.as_array_mut().expect("a list of figures") {
            figure["known_by"].take();
        }
        all
    };
    let run = with(&["target", "run"]).json();
    let before = figures(&[]);
    with(&["today", "2017-02-10"]);
    // The lists of the year are sent again, with rows changed and left out.
    let lists = folder.join("later");
    copy(Path::new(raw()), Path::new(&lists));
    for (file, words, change) in LATER {
        alter(&Path::new(&lists).join(file), words, *change);
    }
    with(&["import", &lists]);
    let known = ["--as-of", "2016-12-31", "--known-on", "2016-12-31"];
    let then = with(&[&["target", "run"], &known[..]].concat()).json();
    assert_eq!((&then["snapshot"], &then["digest"]), (&run["snapshot"], &run["digest"]));
    assert_eq!(then["leads"], 0);
    assert_eq!(figures(&known), before);
    // What is known now of that day is something else, and pages show it.
    assert_ne!(figures(&["--as-of", "2016-12-31"]), before);
    let tomorrow = qibang(&["target", "run", "--known-on", "2017-02-11", "--dir", &dir]);
    assert_eq!(tomorrow.code, 1, "{}", tomorrow.out);
    assert!(tomorrow.err.contains("has not come yet"), "{}", tomorrow.err);
    let nothing = qibang(&["target", "run", "--known-on", "2016-12-30", "--dir", &dir]);
    assert_eq!(nothing.code, 1, "{}", nothing.out);
}
