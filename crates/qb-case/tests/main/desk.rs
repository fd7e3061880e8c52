//! People at their desks.

use qb_access::Role;
use qb_base::{AreaCode, AreaLevel};
use qb_case::commands::{Clauses, Desk, Opening, People, open, reject, step};
use qb_case::{Actor, CaseError, StepFacts};
use qb_store::testing::on_each_store;
use qb_store::{AuditEntry, Conn, StoreError, Tx};
use serde_json::json;

use crate::apply::{record, run};
use crate::common::{
    VILLAGE, actor, area, codes, desk, facts, machines, open_exit, posted, right_actor, until, walk,
};

#[test]
fn an_exit_goes_from_the_mark_to_the_announcement() {
    on_each_store(|store| {
        let at = posted(store, "a");
        let end = walk(
            store,
            at,
            &[
                ("town_check", facts("2016-10-18")),
                ("check", facts("2016-10-18")),
                ("announce", facts("2016-11-30")),
            ],
        );
        assert_eq!((end.state.as_str(), end.version), ("EXITED", 8));
        assert!(store.audit_verify(None).unwrap().broken.is_none());
    });
}

/// Clauses that all say the same of everybody.
#[derive(Debug)]
struct Say(Option<bool>);

impl Clauses for Say {
    fn truth(&self, _: &Conn, _: &str, _: AreaCode, _: i64) -> Result<Option<bool>, StoreError> {
        Ok(self.0)
    }
}

#[test]
fn an_exit_is_announced_when_the_exit_test_holds_or_a_reason_stands_for_missing_data() {
    on_each_store(|store| {
        let county = right_actor("announce");
        for (subject, says, reason, expected) in [
            ("a", Some(true), None, None),
            ("b", Some(false), Some("as told"), Some("clause")),
            ("c", None, None, Some("clause_unknown")),
            ("d", None, Some("looked at by the county"), None),
        ] {
            let clerk = right_actor("pre_exit");
            let opening = Opening {
                machine: "exit",
                transition: "pre_exit",
                subject,
                household_id: Some(1),
                area: area(VILLAGE),
                deadline: None,
            };
            let at = open(&desk(store, &clerk), &opening, &facts("2016-03-01")).unwrap();
            let steps = [
                ("assembly", facts("2016-09-05")),
                ("verify", facts("2016-09-20")),
                ("consent", facts("2016-09-21")),
                ("notice", until("2016-10-10", "2016-10-17")),
                ("town_check", facts("2016-10-18")),
                ("check", facts("2016-10-19")),
            ];
            let at = walk(store, at, &steps);
            let say = Say(says);
            let desk = Desk { clauses: Some(&say), ..desk(store, &county) };
            let told = StepFacts { reason: reason.map(str::to_owned), ..facts("2016-11-30") };
            let announced = step(&desk, (at.case, at.version), "announce", &told);
            match expected {
                None => assert_eq!(announced.unwrap().state, "EXITED", "{subject}"),
                Some(code) => assert_eq!(codes(announced), [code], "{subject}"),
            }
        }
    });
}

#[test]
fn what_a_recorded_finding_says_of_its_finder_decides_who_verifies_it() {
    on_each_store(|store| {
        let found = |key: &str, level: Option<&str>| {
            let fields = json!({
                "finding_no": key, "found_on": "2016-04-01", "assigned_on": "2016-04-05",
                "due_on": "2016-09-30", "rectified_on": "2016-06-01", "found_level": level,
            });
            record(store, "finding", key, &fields);
        };
        found("by-city", Some("CITY"));
        found("by-county", Some("COUNTY"));
        found("by-nobody", None);
        run(store);
        let county = actor("county", Role::CountyOfficer, "320381");
        let city = actor("city", Role::CityOfficer, "3203");
        let verify = |subject: &str, who: &Actor| {
            let sql = "select id, version from case_file where subject = $1";
            let at = store.read(|conn| {
                conn.query_one(sql, &[subject.into()], |row| Ok((row.int(0)?, row.int(1)?)))
            });
            step(&desk(store, who), at.unwrap(), "verify", &facts("2016-06-10"))
        };
        assert_eq!(codes(verify("by-city", &county)), ["level"], "the city found it");
        assert_eq!(verify("by-city", &city).unwrap().state, "VERIFIED");
        assert_eq!(verify("by-county", &county).unwrap().state, "VERIFIED");
        let lowest = verify("by-nobody", &county).unwrap();
        assert_eq!(lowest.state, "VERIFIED", "the lowest level that finds anything counts");
    });
}

#[derive(Debug)]
struct Staff(Option<&'static str>);

impl People for Staff {
    fn login(
        &self,
        _: &Conn,
        _: &str,
        _: &[(Role, AreaLevel)],
        _: AreaCode,
    ) -> Result<Option<String>, StoreError> {
        Ok(self.0.map(str::to_owned))
    }
}

#[test]
fn the_second_person_is_known_here_and_stands_in_the_case_by_login() {
    on_each_store(|store| {
        let opened = open_exit(store, "h1", "2016-03-01");
        let at = walk(store, opened, &[("assembly", facts("2016-09-05"))]);
        let team = actor("team", Role::ResidentTeam, VILLAGE);
        let verify = |staff: &Staff| {
            let desk = Desk { people: Some(staff), ..desk(store, &team) };
            step(&desk, (at.case, at.version), "verify", &facts("2016-09-20"))
        };
        assert_eq!(codes(verify(&Staff(None))), ["second_unknown"]);
        assert_eq!(codes(verify(&Staff(Some("team")))), ["same_person"], "by another number");
        assert_eq!(codes(verify(&Staff(Some("clerk")))), ["same_person"], "held the assembly");
        verify(&Staff(Some("helper"))).unwrap();
        let sql = "select second from case_event where case_id = $1 and transition = 'verify'";
        let kept = store.read(|c| c.query_one(sql, &[at.case.into()], |row| row.text(0)));
        assert_eq!(kept.unwrap(), "helper");
    });
}

#[test]
fn a_pledge_is_signed_by_the_secretary_in_office_there_and_then() {
    on_each_store(|store| {
        let term = |key: &str, post: &str, from: &str, to: Option<&str>| {
            let fields = json!({ "post": post, "from_on": from, "to_on": to });
            record(store, "post_term", key, &fields);
        };
        term("now", "PARTY_SECRETARY", "2016-02-01", None);
        term("gone", "PARTY_SECRETARY", "2013-01-01", Some("2016-02-01"));
        term("other", "VILLAGE_DIRECTOR", "2016-02-01", None);
        let town = actor("town", Role::Leader, "320381101");
        let opening = Opening {
            machine: "pledge",
            transition: "sign_upper",
            subject: "p1",
            household_id: None,
            area: area(VILLAGE),
            deadline: None,
        };
        let signed =
            |number: &str, on| StepFacts { signatory: Some(number.to_owned()), ..facts(on) };
        let elsewhere = open(&desk(store, &town), &opening, &signed("now", "2016-02-20"));
        assert_eq!(codes(elsewhere), ["signatory"], "the term is the village's, not the town's");
        let move_term = "update record set area_code = '320381101' where record_key = 'gone'";
        store.write::<_, StoreError>(|tx| tx.execute(move_term, &[]).map(|_| note(tx))).unwrap();
        let upper = open(&desk(store, &town), &opening, &signed("gone", "2016-01-31")).unwrap();
        let village = actor("village", Role::Leader, VILLAGE);
        let at = (upper.case, upper.version);
        for wrong in ["gone", "other", "nobody", ""] {
            let refused =
                step(&desk(store, &village), at, "sign_lower", &signed(wrong, "2016-02-21"));
            assert_eq!(codes(refused), ["signatory"], "{wrong}");
        }
        let early = step(&desk(store, &village), at, "sign_lower", &signed("now", "2016-01-31"));
        assert_eq!(codes(early), ["signatory"], "before the term");
        step(&desk(store, &village), at, "sign_lower", &signed("now", "2016-02-21")).unwrap();
        assert_eq!(qb_case::verify(store, machines()).unwrap(), []);
    });
}

/// A test changes rows only with a row in the audit.
fn note(tx: &Tx<'_>) {
    let (actor, action, object) = ("test", "test.record", "term");
    let entry = AuditEntry { actor, action, object, before: None, after: None, reason: "test" };
    tx.audit(&entry).unwrap();
}

#[test]
fn a_refused_step_changes_nothing_and_names_every_guard() {
    on_each_store(|store| {
        let at = posted(store, "a");
        let early = until("2016-10-12", "2016-10-13");
        let clerk = right_actor("assembly");
        let found = codes(step(&desk(store, &clerk), (at.case, at.version), "announce", &early));
        assert_eq!(found, ["actor", "notice_running", "out_of_order"]);
        let state = store.read::<_, StoreError>(|conn| {
            let sql = "select state, (select count(*) from case_event) from case_file";
            conn.query_one(sql, &[], |row| Ok((row.text(0)?, row.int(1)?)))
        });
        assert_eq!(state.unwrap(), ("NOTICE".to_owned(), 5));
    });
}

#[test]
fn a_step_taken_on_an_old_version_is_a_conflict() {
    on_each_store(|store| {
        let opened = open_exit(store, "a", "2016-03-01");
        let person = right_actor("assembly");
        let take =
            || step(&desk(store, &person), (opened.case, 1), "assembly", &facts("2016-09-05"));
        assert_eq!(take().unwrap().version, 2);
        assert!(matches!(take(), Err(CaseError::Conflict { seen: 1, now: 2, .. })));
    });
}

#[test]
fn a_case_outside_ones_area_does_not_exist() {
    on_each_store(|store| {
        let opened = open_exit(store, "a", "2016-03-01");
        let stranger = actor("other", Role::VillageClerk, "320381101202");
        let at = (opened.case, opened.version);
        let answer = step(&desk(store, &stranger), at, "assembly", &facts("2016-09-05"));
        assert!(matches!(answer, Err(CaseError::NoCase(_))));
    });
}

#[test]
fn nobody_opens_a_case_in_another_area() {
    on_each_store(|store| {
        let stranger = actor("other", Role::VillageClerk, "320381101202");
        let opening = Opening {
            machine: "exit",
            transition: "pre_exit",
            subject: "a",
            household_id: None,
            area: area(VILLAGE),
            deadline: None,
        };
        assert_eq!(codes(open(&desk(store, &stranger), &opening, &facts("2016-03-01"))), ["area"]);
    });
}

#[test]
fn a_subject_has_one_open_case_of_a_machine() {
    on_each_store(|store| {
        let first = open_exit(store, "a", "2016-03-01");
        let clerk = right_actor("pre_exit");
        let opening = Opening {
            machine: "exit",
            transition: "pre_exit",
            subject: "a",
            household_id: None,
            area: area(VILLAGE),
            deadline: None,
        };
        let again = open(&desk(store, &clerk), &opening, &facts("2016-03-02"));
        assert!(matches!(again, Err(CaseError::AlreadyOpen(case)) if case == first.case));
    });
}

#[test]
fn sending_back_leads_to_the_named_state() {
    on_each_store(|store| {
        let at = posted(store, "a");
        let town = right_actor("town_check");
        let back =
            reject(&desk(store, &town), (at.case, at.version), "town_check", &facts("2016-10-18"));
        assert_eq!(back.unwrap().state, "PRE_EXIT");
    });
}

#[test]
fn a_step_of_a_day_to_come_waits() {
    on_each_store(|store| {
        let opened = open_exit(store, "a", "2016-03-01");
        let person = right_actor("assembly");
        let at = (opened.case, opened.version);
        let found = codes(step(&desk(store, &person), at, "assembly", &facts("2018-01-01")));
        assert_eq!(found, ["future_day"]);
    });
}

#[test]
fn the_text_of_a_refusal_says_what_to_do_in_both_languages() {
    on_each_store(|store| {
        let at = posted(store, "a");
        let town = right_actor("town_check");
        let error =
            step(&desk(store, &town), (at.case, at.version), "town_check", &facts("2016-10-17"))
                .unwrap_err();
        assert_eq!(error.text().zh, "公示到2016-10-17才结束;请在次日或以后办理");
        assert_eq!(
            error.text().en,
            "the public notice stands until 2016-10-17; take the step on a later day"
        );
    });
}

#[test]
fn a_step_once_written_cannot_be_changed() {
    on_each_store(|store| {
        open_exit(store, "a", "2016-03-01");
        for sql in ["update case_event set done_on = '2016-01-01'", "delete from case_event"] {
            let answer = store.write::<_, StoreError>(|tx| tx.execute(sql, &[]));
            assert!(answer.is_err(), "{sql} went through");
        }
    });
}
