//! Records become cases.

use qb_access::Role;
use qb_access::Scope;
use qb_case::commands::{Applied, apply, step};
use qb_case::queries::{self, After, Filter};
use qb_store::testing::on_each_store;
use qb_store::{AuditEntry, Known, Store, StoreError};
use serde_json::{Value, json};

use crate::common::{VILLAGE, actor, day, desk, facts, machines, pack};

/// A row of the exits in which everything is in order.
pub(crate) fn an_exit() -> Value {
    json!({
        "household_no": "h1",
        "pre_exit_on": "2016-03-01",
        "assembly_on": "2016-09-05", "assembly_present": 20, "assembly_entitled": 30,
        "verified_on": "2016-09-20",
        "consented_on": "2016-09-21",
        "notice_from": "2016-10-10", "notice_until": "2016-10-17",
        "checked_on": "2016-10-18", "sample_share": "10",
        "announced_on": "2016-11-30", "document_no": "2016-88",
    })
}

fn with(changes: &Value) -> Value {
    let mut row = an_exit();
    for (column, value) in changes.as_object().expect("an object") {
        row[column] = value.clone();
    }
    row
}

/// Puts a row into the store as an import does: one of the same key is superseded.
pub(crate) fn record(store: &Store, dataset: &str, key: &str, fields: &Value) {
    let insert = "insert into record (id, dataset, record_key, area_code, fields, source_file_id, \
                  source_row, row_digest, recorded_at) values ($1, $2, $3, $4, $5, 1, 1, 1, 1)";
    store
        .write::<_, StoreError>(|tx| {
            withdraw(tx, dataset, key)?;
            let mut fields = fields.clone();
            for column in ["handled_by", "dossier_no"] {
                let told = fields.as_object_mut().expect("an object").entry(column);
                told.or_insert_with(|| json!("1-A"));
            }
            let (id, text) = (tx.next_id("record")?, fields.to_string());
            let values = [id.into(), dataset.into(), key.into(), VILLAGE.into(), (&text).into()];
            tx.execute(insert, &values).map(|_| ())
        })
        .expect("a record is stored");
}

fn withdraw(tx: &qb_store::Tx<'_>, dataset: &str, key: &str) -> Result<(), StoreError> {
    let sql = "update record set superseded_at = 1 where dataset = $1 and record_key = $2 \
               and superseded_at is null";
    tx.execute(sql, &[dataset.into(), key.into()])?;
    let (actor, action, object) = ("test", "test.record", key);
    tx.audit(&AuditEntry { actor, action, object, before: None, after: None, reason: "test" })
}

pub(crate) fn run(store: &Store) -> Applied {
    apply(store, pack(), "test").expect("records are applied")
}

fn lines(store: &Store) -> Vec<qb_case::model::CaseLine> {
    let (filter, after) = (Filter::default(), After::default());
    let today = day("2017-01-01");
    store
        .read(|conn| queries::list(conn, machines(), &Scope::system(), today, &filter, &after, 50))
        .expect("a list")
}

fn detail(store: &Store, case: i64) -> qb_case::model::CaseDetail {
    let today = day("2017-01-01");
    store
        .read(|conn| queries::case(conn, machines(), &Scope::system(), today, case))
        .expect("a case")
}

/// The steps that are marked, with their marks.
fn marks(fields: &Value) -> Vec<(String, String)> {
    let test = qb_store::testing::TestStore::sqlite();
    record(&test.store, "exit_decision", "h1", fields);
    run(&test.store);
    let case = lines(&test.store)[0].case;
    let events = detail(&test.store, case).events.into_iter();
    let marked = events.filter(|event| !event.irregular.is_empty());
    marked.map(|event| (event.transition, event.irregular.join(" "))).collect()
}

fn mark(step: &str, code: &str) -> Vec<(String, String)> {
    vec![(step.to_owned(), code.to_owned())]
}

#[test]
fn a_recorded_step_without_a_person_or_a_paper_is_irregular() {
    for (column, code) in [("handled_by", "nobody"), ("dossier_no", "no_paper")] {
        for blank in [Value::Null, json!(""), json!("  ")] {
            let found = marks(&with(&json!({ column: blank })));
            assert_eq!(found.len(), 7, "{found:?}");
            assert!(found.iter().all(|(_, marks)| marks == code), "{found:?}");
        }
    }
    let neither = marks(&with(&json!({ "handled_by": null, "dossier_no": null })));
    assert!(neither.iter().all(|(_, marks)| marks == "nobody no_paper"), "{neither:?}");
}

#[test]
fn a_row_in_order_becomes_a_decided_case_without_marks() {
    on_each_store(|store| {
        record(store, "exit_decision", "h1", &an_exit());
        assert_eq!(run(store), Applied { made: 1, superseded: 0, irregular: 0 });
        let line = lines(store).remove(0);
        assert_eq!((line.state.as_str(), line.decided, line.irregular), ("EXITED", true, 0));
        assert_eq!((line.subject.as_str(), line.opened.as_str()), ("h1", "2016-03-01"));
        assert_eq!(detail(store, line.case).events.len(), 7);
    });
}

#[test]
fn applying_again_changes_nothing() {
    on_each_store(|store| {
        record(store, "exit_decision", "h1", &an_exit());
        run(store);
        let audit = store.audit_head().unwrap();
        assert_eq!(run(store), Applied::default());
        assert_eq!(store.audit_head().unwrap(), audit);
    });
}

#[test]
fn a_short_notice_is_kept_and_marked() {
    assert_eq!(
        marks(&with(&json!({ "notice_until": "2016-10-16" }))),
        mark("notice", "notice_short")
    );
    assert_eq!(marks(&an_exit()), []);
}

#[test]
fn a_missing_quorum_is_kept_and_marked() {
    assert_eq!(marks(&with(&json!({ "assembly_present": 19 }))), mark("assembly", "quorum"));
    let blank = with(&json!({ "assembly_present": null }));
    assert_eq!(marks(&blank), mark("assembly", "quorum_unknown"));
}

#[test]
fn a_check_before_the_notice_ended_is_kept_and_marked() {
    assert_eq!(
        marks(&with(&json!({ "checked_on": "2016-10-17" }))),
        mark("check", "notice_running")
    );
}

#[test]
fn a_step_left_out_marks_the_one_after_it() {
    assert_eq!(marks(&with(&json!({ "verified_on": null }))), mark("consent", "out_of_order"));
}

#[test]
fn a_small_sample_and_a_missing_document_are_marked() {
    assert_eq!(marks(&with(&json!({ "sample_share": "9.5" }))), mark("check", "sample"));
    assert_eq!(marks(&with(&json!({ "document_no": null }))), mark("announce", "document"));
}

#[test]
fn days_out_of_order_are_marked() {
    let row = with(&json!({ "verified_on": "2016-09-01" }));
    assert_eq!(marks(&row), mark("verify", "day_order"));
}

#[test]
fn a_row_that_goes_on_gives_a_running_case() {
    on_each_store(|store| {
        let row = with(&json!({ "checked_on": null, "announced_on": null }));
        record(store, "exit_decision", "h1", &row);
        run(store);
        let line = lines(store).remove(0);
        assert_eq!((line.state.as_str(), line.decided), ("NOTICE", false));
    });
}

#[test]
fn a_changed_record_rebuilds_its_case_and_the_old_one_says_why() {
    on_each_store(|store| {
        record(store, "exit_decision", "h1", &with(&json!({ "notice_until": "2016-10-12" })));
        run(store);
        let old = lines(store).remove(0);
        record(store, "exit_decision", "h1", &an_exit());
        assert_eq!(run(store), Applied { made: 1, superseded: 1, irregular: 0 });
        let new = lines(store);
        assert_eq!((new.len(), new[0].irregular), (1, 0));
        let old = detail(store, old.case);
        assert_eq!(old.superseded.as_deref(), Some("record_changed"));
        assert!(old.next.is_empty());
    });
}

#[test]
fn a_withdrawn_record_takes_its_case_away() {
    on_each_store(|store| {
        record(store, "exit_decision", "h1", &an_exit());
        run(store);
        store.write::<_, StoreError>(|tx| withdraw(tx, "exit_decision", "h1")).unwrap();
        assert_eq!(run(store), Applied { made: 0, superseded: 1, irregular: 0 });
        assert!(lines(store).is_empty());
    });
}

#[test]
fn what_people_did_is_put_on_top_of_a_changed_record() {
    on_each_store(|store| {
        let running = with(&json!({ "checked_on": null, "announced_on": null }));
        record(store, "exit_decision", "h1", &running);
        run(store);
        let line = lines(store).remove(0);
        let town = actor("town", Role::TownClerk, "320381101");
        let at = (line.case, line.version);
        step(&desk(store, &town), at, "town_check", &facts("2016-10-18")).unwrap();
        let corrected = with(&json!({
            "assembly_present": 25, "checked_on": null, "announced_on": null
        }));
        record(store, "exit_decision", "h1", &corrected);
        run(store);
        let new = lines(store).remove(0);
        let events = detail(store, new.case).events;
        assert_eq!(new.state, "TOWN_CHECKED");
        assert_eq!(events[1].present, Some(25));
        assert_eq!(events.last().unwrap().actor.as_deref(), Some("town"));
    });
}

/// A centre in the plan, with the days of its milestones.
fn centre(store: &Store, milestones: &[(&str, &str)]) {
    record(store, "centre", "c1", &json!({ "centre_no": "c1", "planned_on": "2016-01-04" }));
    for (code, on) in milestones {
        milestone(store, code, on);
    }
}

fn milestone(store: &Store, code: &str, on: &str) {
    let key = format!("c1|{code}");
    record(store, "centre_milestone", &key, &json!({ "milestone": code, "actual_on": on }));
}

#[test]
fn a_case_is_told_of_by_the_parts_of_its_record() {
    on_each_store(|store| {
        let gates = [("FUNCTIONS_CHECKED", "2016-01-20"), ("DESIGN_APPROVED", "2016-01-10")];
        centre(store, &gates);
        // Another centre's milestone, and one whose number begins alike.
        record(store, "centre_milestone", "c10|STARTED", &json!({ "actual_on": "2016-02-01" }));
        assert_eq!(run(store), Applied { made: 1, superseded: 0, irregular: 0 });
        let line = lines(store).remove(0);
        assert_eq!((line.state.as_str(), line.subject.as_str()), ("FUNCTIONS_SET", "c1"));
        assert_eq!(run(store), Applied::default());
    });
}

#[test]
fn a_part_that_comes_changes_or_goes_rebuilds_the_case() {
    on_each_store(|store| {
        centre(store, &[("DESIGN_APPROVED", "2016-01-10")]);
        run(store);
        let again = Applied { made: 1, superseded: 1, irregular: 0 };
        milestone(store, "FUNCTIONS_CHECKED", "2016-01-20");
        assert_eq!(run(store), again);
        milestone(store, "FUNCTIONS_CHECKED", "2016-01-21");
        assert_eq!(run(store), again);
        assert_eq!(detail(store, lines(store)[0].case).events[2].on, "2016-01-21");
        let gone = "c1|FUNCTIONS_CHECKED";
        store.write::<_, StoreError>(|tx| withdraw(tx, "centre_milestone", gone)).unwrap();
        assert_eq!(run(store), again);
        assert_eq!(lines(store)[0].state, "DESIGNED");
        assert_eq!(run(store), Applied::default());
    });
}

#[test]
fn what_people_did_is_put_on_top_of_changed_parts() {
    on_each_store(|store| {
        centre(store, &[("DESIGN_APPROVED", "2016-01-10")]);
        run(store);
        let line = lines(store).remove(0);
        let county = actor("county", Role::CountyOfficer, "320381");
        let at = (line.case, line.version);
        step(&desk(store, &county), at, "functions", &facts("2016-02-01")).unwrap();
        milestone(store, "DESIGN_APPROVED", "2016-01-12");
        run(store);
        let new = lines(store).remove(0);
        let events = detail(store, new.case).events;
        assert_eq!((new.state.as_str(), events[1].on.as_str()), ("FUNCTIONS_SET", "2016-01-12"));
        assert_eq!(events.last().unwrap().actor.as_deref(), Some("county"));
    });
}

#[test]
fn works_without_money_are_kept_and_marked() {
    on_each_store(|store| {
        let days = [("DESIGN_APPROVED", "2016-01-10"), ("STARTED", "2016-02-01")];
        centre(store, &days);
        assert_eq!(run(store), Applied { made: 1, superseded: 0, irregular: 1 });
        let events = detail(store, lines(store)[0].case).events;
        assert_eq!(events[2].irregular, ["out_of_order"]);
    });
}

#[test]
fn an_application_that_was_rejected_has_ended() {
    on_each_store(|store| {
        let row = json!({
            "application_no": "a1", "applied_on": "2016-03-01", "visited_on": "2016-03-04",
            "rejected_on": "2016-03-20", "reject_reason": "above the line",
        });
        record(store, "application", "a1", &row);
        run(store);
        let line = lines(store).remove(0);
        assert_eq!((line.state.as_str(), line.irregular), ("REJECTED", 0));
    });
}

#[test]
fn a_finding_is_due_on_its_own_day_and_late_after_it() {
    on_each_store(|store| {
        let row = json!({
            "finding_no": "f1", "year": 2016, "kind": "AUDIT", "found_on": "2016-04-01",
            "assigned_on": "2016-04-05", "due_on": "2016-05-01",
        });
        record(store, "finding", "f1", &row);
        run(store);
        let line = lines(store).remove(0);
        assert_eq!((line.due.as_deref(), line.overdue), (Some("2016-05-01"), true));
        let mut row = row;
        row["rectified_on"] = json!("2016-05-02");
        record(store, "finding", "f1", &row);
        run(store);
        let line = lines(store).remove(0);
        assert_eq!((line.due.as_deref(), line.irregular), (None, 1));
        let events = detail(store, line.case).events;
        assert_eq!(events.last().unwrap().irregular, ["late"]);
    });
}

#[test]
fn cases_become_tables_of_the_snapshot() {
    on_each_store(|store| {
        record(store, "exit_decision", "h1", &with(&json!({ "notice_until": "2016-10-16" })));
        run(store);
        let tables = store.read(|conn| qb_case::tables(conn, Known::Everything)).unwrap();
        let rows: Vec<(&str, usize)> = tables
            .iter()
            .map(|table| (table.name.as_str(), table.batches.iter().map(|b| b.num_rows()).sum()))
            .collect();
        assert_eq!(rows, [("case_file", 1), ("case_event", 7)]);
        let declared: Vec<String> =
            qb_case::schemas().into_iter().map(|schema| schema.name).collect();
        assert_eq!(declared, ["case_file", "case_event"]);
    });
}

const EXIT: &str = include_str!("../../../../policy/xuzhou-2016/machines/exit.toml");

/// The pack with one word of the machine of exits changed.
fn pack_with_exit(from: &str, to: &str) -> qb_policy::Pack {
    assert!(EXIT.contains(from), "the machine has no {from}");
    let folder = qb_store::testing::scratch_dir("mended-machine");
    std::fs::create_dir_all(folder.join("machines")).expect("a folder");
    let head = "id = \"trial\"\nextends = \"xuzhou-2016\"\n";
    std::fs::write(folder.join("pack.toml"), head).expect("a head");
    std::fs::write(folder.join("machines/exit.toml"), EXIT.replacen(from, to, 1)).expect("a file");
    let pack = qb_policy::Pack::load(qb_policy::PackSource::Folder(&folder)).expect("a pack");
    std::fs::remove_dir_all(&folder).expect("the folder goes");
    pack
}

#[test]
fn a_mended_label_judges_no_case_anew() {
    let mended = pack_with_exit("农户认可", "农户签字认可");
    on_each_store(|store| {
        record(store, "exit_decision", "h1", &with(&json!({ "announced_on": null })));
        run(store);
        let audit = store.audit_head().unwrap();
        assert_eq!(apply(store, &mended, "test").expect("applied"), Applied::default());
        assert_eq!(store.audit_head().unwrap(), audit);
    });
}

#[test]
fn a_process_that_has_ended_opens_no_case_and_those_that_are_open_go_on() {
    let from = "source = \"exit-2016\"";
    let ended = pack_with_exit(from, &format!("{from}\neffective_until = 2016-01-01"));
    on_each_store(|store| {
        record(store, "exit_decision", "h1", &with(&json!({ "announced_on": null })));
        run(store);
        let audit = store.audit_head().unwrap();
        assert_eq!(apply(store, &ended, "test").expect("applied"), Applied::default());
        assert_eq!(store.audit_head().unwrap(), audit, "no case is judged anew");
        record(store, "exit_decision", "h2", &with(&json!({ "household_no": "h2" })));
        apply(store, &ended, "test").expect("applied");
        let late = lines(store).into_iter().find(|line| line.subject == "h2").expect("a case");
        let irregular = &detail(store, late.case).events[0].irregular;
        assert!(irregular.iter().any(|code| code == "not_in_force"), "{irregular:?}");
    });
}

#[test]
fn a_changed_guard_judges_open_cases_anew_and_decided_ones_never() {
    let stricter = pack_with_exit("quorum = \"2/3\"", "quorum = \"1/1\"");
    on_each_store(|store| {
        record(store, "exit_decision", "h1", &an_exit());
        record(store, "exit_decision", "h2", &with(&json!({ "announced_on": null })));
        run(store);
        let again = apply(store, &stricter, "test").expect("applied");
        assert_eq!(again, Applied { made: 1, superseded: 1, irregular: 1 });
        let irregular: Vec<(String, i64)> =
            lines(store).into_iter().map(|line| (line.subject, line.irregular)).collect();
        assert!(irregular.contains(&("h1".to_owned(), 0)), "a decided case was judged anew");
        assert_eq!(apply(store, &stricter, "test").expect("applied"), Applied::default());
    });
}
