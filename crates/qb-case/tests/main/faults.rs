//! Faults of machine files are named with their place and what to do.

use std::fs;

use proptest::prelude::*;
use qb_policy::{Pack, PackSource};
use qb_store::testing::scratch_dir;

const HEAD: &str = r#"id = "small"
label = { zh = "小流程", en = "small" }
subject = "household"
source = "project"
"#;
const STATES: &str = r#"
[[state]]
id = "BEGUN"
label = { zh = "已开始", en = "begun" }
kind = "start"
[[state]]
id = "ENDED"
label = { zh = "已结束", en = "ended" }
kind = "end"
"#;
const WAYS: &str = r#"
[[transition]]
id = "begin"
label = { zh = "开始", en = "begin" }
to = "BEGUN"
actors = [{ role = "VILLAGE_CLERK", level = "village" }]
[[transition]]
id = "end"
label = { zh = "结束", en = "end" }
from = ["BEGUN"]
to = "ENDED"
actors = [{ role = "TOWN_CLERK", level = "town" }]
quorum = "2/3"
clock = { from = "begin", max_days = 5, counts = "working" }
"#;
const CASES: &str = r#"
[[history]]
id = "begun"
steps = [{ do = "begin", on = 2016-09-14 }]
[[case]]
name = "five working days over the Mid-Autumn holiday"
after = "begun"
try = { do = "end", on = 2016-09-22 }
expect = "allowed"
[[case]]
name = "the sixth is late"
after = "begun"
try = { do = "end", on = 2016-09-23 }
expect = "late"
"#;

fn whole() -> String {
    [HEAD, STATES, WAYS, CASES].concat()
}

/// The faults of a pack whose only own file is this one.
fn faults_of(path: &str, text: &str) -> Vec<String> {
    let folder = scratch_dir("machines");
    fs::create_dir_all(folder.join("machines")).expect("a folder");
    let head = "id = \"trial\"\nextends = \"xuzhou-2016\"\n";
    fs::write(folder.join("pack.toml"), head).expect("a head");
    fs::write(folder.join(path), text).expect("a file");
    let pack = Pack::load(PackSource::Folder(&folder));
    let faults = match &pack {
        Ok(pack) => qb_case::check(pack).iter().map(ToString::to_string).collect(),
        Err(error) => error.faults().iter().map(ToString::to_string).collect(),
    };
    fs::remove_dir_all(&folder).expect("the folder goes");
    faults
}

fn faults(from: &str, to: &str) -> String {
    let text = whole();
    assert!(text.contains(from), "the machine has no {from}");
    faults_of("machines/small.toml", &text.replacen(from, to, 1)).join("\n")
}

#[test]
fn a_machine_without_faults_has_none() {
    assert_eq!(faults_of("machines/small.toml", &whole()), Vec::<String>::new());
}

#[test]
fn what_a_machine_names_must_exist() {
    let cases = [
        ("TOWN_CLERK", "TOWN_CLERKS", "is no role"),
        ("from = [\"BEGUN\"]", "from = [\"BEGAN\"]", "is no state of the machine"),
        ("from = \"begin\", max", "from = \"started\", max", "is no transition of the machine"),
        ("quorum = \"2/3\"", "evidence = [\"RUMOUR\"]", "is no kind of evidence"),
        ("max_days = 5", "max_days = \"days.none\"", "is no param of the pack"),
        ("max_days = 5", "min_days = 5, unless = \"RUMOUR\"", "is no kind of evidence"),
        ("quorum = \"2/3\"", "signatory = \"KING\"", "is no post"),
        ("quorum = \"2/3\"", "clause = \"income.net\"", "is no verdict on households"),
        ("quorum = \"2/3\"", "above = [\"begin\", \"no\"]", "is no transition of the machine"),
        ("quorum = \"2/3\"", "after = { step = \"no\", times = 1 }", "is no transition"),
        ("after = \"begun\"", "after = \"began\"", "no history has this id"),
        ("do = \"end\"", "do = \"stop\"", "the machine has no such step"),
    ];
    for (from, to, expected) in cases {
        let found = faults(from, to);
        assert!(found.contains(expected), "{to}: {found}");
    }
}

#[test]
fn what_cannot_be_is_refused() {
    let cases = [
        ("quorum = \"2/3\"", "quorum = \"3/2\"", "is no share"),
        ("quorum = \"2/3\"", "quorum = \"most\"", "is no share"),
        ("max_days = 5, ", "", "a clock needs max_days, min_days or until_month"),
        ("max_days = 5", "until_month = 13", "a month is written 1 to 12"),
        ("max_days = 5", "per_year = true, min_days = 5", "needs max_days"),
        ("quorum = \"2/3\"", "persons = 3", "write 1 or 2 persons"),
        ("source = \"project\"", "source = \" \"", "the source may not be blank"),
        ("id = \"end\"", "id = \"begin\"", "stands twice"),
        ("kind = \"end\"", "kind = \"open\"", "an end has no way on"),
        ("kind = \"start\"", "kind = \"open\"", "exactly where a transition without"),
        ("[{ role = \"TOWN_CLERK\", level = \"town\" }]", "[]", "at least one actor"),
        ("to = \"ENDED\"", "to = \"ENDED\"\ncolour = \"red\"", "unknown key `colour`"),
    ];
    for (from, to, expected) in cases {
        let found = faults(from, to);
        assert!(found.contains(expected), "{to}: {found}");
    }
}

#[test]
fn an_example_with_another_answer_is_a_fault_at_its_line() {
    let found = faults("expect = \"late\"", "expect = \"allowed\"");
    assert!(found.contains("machines/small.toml:41:10"), "{found}");
    assert!(found.contains("`the sixth is late` should give `allowed`, it gives `late`"));
}

#[test]
fn a_transition_that_no_example_takes_is_a_fault() {
    let text = [HEAD, STATES, WAYS].concat();
    let found = faults_of("machines/small.toml", &text).join("\n");
    assert!(found.contains("no example takes the transition `begin`"), "{found}");
}

#[test]
fn a_calendar_holds_days_of_its_years() {
    let year = |days: &str| {
        let text = format!("[[year]]\nyear = 2016\nsource = \"project\"\n{days}\n");
        faults_of("calendar.toml", &text).join("\n")
    };
    assert!(year("worked = [2017-02-04]").contains("write a day of 2016 here"));
    let long = "holiday = [{ name = { zh = \"假\", en = \"off\" }, from = 2016-02-07, until = 2016-12-31 }]";
    assert!(year(long).contains("write a day of 2016 here"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn no_damage_to_a_file_makes_its_reading_fail_without_a_place(
        at in 0_usize..1_400,
        with in "[a-z0-9\"\\[\\]={},. \n-]{0,4}",
    ) {
        let mut text = whole();
        let mut at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        text.insert_str(at, &with);
        for fault in faults_of("machines/small.toml", &text) {
            prop_assert!(fault.contains(".toml"), "{fault}");
        }
    }
}
