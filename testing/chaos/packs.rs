//! Packs in a folder of one's own.

use super::program::{Folder, qibang};

/// A pack that extends the Xuzhou pack by one clause.
fn pack(expect: &str) -> Folder {
    let folder = Folder::new("pack");
    let head = "id = \"small\"\nextends = \"xuzhou-2016\"\n\
                title = { zh = \"试验\", en = \"trial\" }\nsource = \"trial\"\n";
    let clause = format!(
        "[[clause]]\nid = \"household.large\"\nlevel = \"household\"\n\
         says = {{ zh = \"五口以上\", en = \"five people or more\" }}\nsource = \"trial\"\n\
         effective_from = 2016-01-01\nexpression = \"member_count >= 5\"\n\
         [[clause.case]]\nname = \"five is enough\"\ngiven = {{ member_count = 5 }}\nexpect = {expect}\n\
         [[clause.case]]\nname = \"four is not\"\ngiven = {{ member_count = 4 }}\nexpect = false\n\
         [[clause.case]]\nname = \"not declared\"\ngiven = {{ }}\nexpect = \"unknown\"\n"
    );
    std::fs::write(folder.path().join("pack.toml"), head).expect("a pack");
    let clauses = folder.path().join("clauses");
    std::fs::create_dir(&clauses).expect("a folder for clauses");
    std::fs::write(clauses.join("own.toml"), clause).expect("its clause");
    folder
}

#[test]
fn a_pack_that_extends_another_is_checked_with_all_cases() {
    let base = qibang(&["policy", "check", "xuzhou-2016", "--json"]).good().json();
    let folder = pack("true");
    let own = qibang(&["policy", "check", &folder.join(""), "--json"]).good().json();
    let count = |value: &serde_json::Value, key: &str| value[key].as_u64().expect("a count");
    assert_eq!(count(&own, "clauses"), count(&base, "clauses") + 1);
    assert_eq!(count(&own, "cases_passed"), count(&base, "cases_passed") + 3);
    assert_eq!(own["cases_failed"].as_array().map(Vec::len), Some(0));
}

#[test]
fn a_case_that_fails_is_named_with_what_was_expected_and_what_came() {
    let folder = pack("false");
    let answer = qibang(&["policy", "check", &folder.join(""), "--json"]);
    assert_eq!(answer.code, 1, "{}", answer.err);
    let failed = answer.json()["cases_failed"][0].clone();
    assert_eq!(failed["clause"], "household.large");
    assert_eq!(failed["case"], "five is enough");
    for key in ["expected", "got"] {
        assert!(failed.get(key).is_some(), "{failed}");
    }
}

#[test]
fn a_check_says_from_which_year_on_deadlines_are_provisional() {
    let answer = qibang(&["policy", "check", "xuzhou-2016", "--json"]).good().json();
    let notes: Vec<&str> = answer["notes"]
        .as_array()
        .expect("notes")
        .iter()
        .filter_map(|note| note["en"].as_str())
        .collect();
    let expected = "calendar.toml has lists of holidays from 2010 to 2026: from 2027 on deadlines \
                    in working days are provisional";
    assert_eq!(notes, [expected]);
}
