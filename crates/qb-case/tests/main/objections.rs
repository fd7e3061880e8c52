//! Objections stop a case until they are answered.

use qb_access::Role;
use qb_case::CaseError;
use qb_case::commands::{Answering, Objecting, answer_objection, object, reject, step};
use qb_store::Store;
use qb_store::testing::{TestStore, on_each_store};

use crate::common::{
    VILLAGE, actor, codes, day, desk, facts, machines, pack, posted, right_actor, walk,
};

fn channel() -> &'static str {
    &pack().code_list("grievance_channel").expect("the list of channels").codes[0].id
}

fn raise(store: &Store, case: i64) -> i64 {
    let town = right_actor("recheck");
    let what = Objecting { channel: channel(), document: "L-1", on: day("2016-10-12") };
    object(&desk(store, &town), case, &what).expect("an objection is taken")
}

fn answer(store: &Store, objection: i64, upheld: bool) -> Result<(), CaseError> {
    let county = right_actor("announce");
    let answer = Answering { upheld, document: "R-1", on: day("2016-10-14") };
    answer_objection(&desk(store, &county), objection, &answer)
}

#[test]
fn an_open_objection_stops_the_check_and_a_dismissed_one_does_not() {
    on_each_store(|store| {
        let at = posted(store, "a");
        let objection = raise(store, at.case);
        let town = right_actor("town_check");
        let check = |version| {
            step(&desk(store, &town), (at.case, version), "town_check", &facts("2016-10-18"))
        };
        assert_eq!(codes(check(at.version + 1)), ["objection_open"]);
        answer(store, objection, false).unwrap();
        assert_eq!(check(at.version + 2).unwrap().state, "TOWN_CHECKED");
    });
}

#[test]
fn an_upheld_objection_sends_the_case_back_before_it_goes_on() {
    on_each_store(|store| {
        let at = posted(store, "a");
        let objection = raise(store, at.case);
        answer(store, objection, true).unwrap();
        let town = right_actor("town_check");
        let case = (at.case, at.version + 2);
        let stopped = step(&desk(store, &town), case, "town_check", &facts("2016-10-18"));
        assert_eq!(codes(stopped), ["objection_upheld"]);
        let back = reject(&desk(store, &town), case, "town_check", &facts("2016-10-18")).unwrap();
        assert_eq!(back.state, "PRE_EXIT");
        let clerk = right_actor("assembly");
        let next = (back.case, back.version);
        step(&desk(store, &clerk), next, "assembly", &facts("2016-10-25")).unwrap();
    });
}

#[test]
fn whoever_took_the_step_does_not_answer_the_objection_to_it() {
    on_each_store(|store| {
        let at = posted(store, "a");
        let objection = raise(store, at.case);
        let clerk = right_actor("notice");
        let own = Answering { upheld: false, document: "R-1", on: day("2016-10-14") };
        let refused = answer_objection(&desk(store, &clerk), objection, &own);
        assert_eq!(codes(refused), ["actor", "same_person"]);
        let at = walk(store, posted(store, "b"), &[("town_check", facts("2016-10-18"))]);
        let late = Objecting { channel: channel(), document: "L-2", on: day("2016-10-19") };
        let objection = object(&desk(store, &right_actor("recheck")), at.case, &late).unwrap();
        let town = right_actor("town_check");
        let own = Answering { upheld: false, document: "R-2", on: day("2016-10-20") };
        let refused = answer_objection(&desk(store, &town), objection, &own);
        assert_eq!(codes(refused), ["same_person"]);
    });
}

#[test]
fn whoever_recorded_an_objection_does_not_answer_it() {
    on_each_store(|store| {
        let at = posted(store, "a");
        let objection = raise(store, at.case);
        let recorder = right_actor("recheck");
        let own = Answering { upheld: false, document: "R-1", on: day("2016-10-14") };
        let refused = answer_objection(&desk(store, &recorder), objection, &own);
        assert_eq!(codes(refused), ["same_person"]);
        let colleague = actor("town3", Role::TownClerk, "320381101");
        answer_objection(&desk(store, &colleague), objection, &own).unwrap();
    });
}

#[test]
fn objections_are_recorded_and_answered_by_the_roles_of_the_machine_only() {
    let test = TestStore::sqlite();
    let store = &test.store;
    let at = posted(store, "a");
    let rule = machines().get("exit").and_then(|exit| exit.objections.clone()).unwrap();
    let areas = ["3203", "320381", "320381101", VILLAGE];
    for (role, code) in Role::ALL.into_iter().flat_map(|role| areas.map(|code| (role, code))) {
        let person = actor(&format!("{role}{code}"), role, code);
        let held = (role, person.area.level());
        let what = Objecting { channel: channel(), document: "L-1", on: day("2016-10-12") };
        let recorded = object(&desk(store, &person), at.case, &what);
        match rule.recorded_by.contains(&held) {
            true => assert!(recorded.is_ok(), "{role} {code}"),
            false => assert_eq!(codes(recorded), ["actor"], "{role} {code}"),
        }
        let objection = raise(store, at.case);
        let reply = Answering { upheld: false, document: "R-1", on: day("2016-10-14") };
        let answered = answer_objection(&desk(store, &person), objection, &reply);
        match rule.answered_by.contains(&held) {
            true => assert!(answered.is_ok(), "{role} {code}"),
            false => assert_eq!(codes(answered), ["actor"], "{role} {code}"),
        }
    }
}

#[test]
fn an_objection_to_a_step_of_the_county_is_not_answered_below_it() {
    on_each_store(|store| {
        let at = walk(store, posted(store, "a"), &[("town_check", facts("2016-10-18"))]);
        let county = right_actor("announce");
        let on = facts("2016-10-18");
        step(&desk(store, &county), (at.case, at.version), "check", &on).unwrap();
        let what = Objecting { channel: channel(), document: "L-1", on: day("2016-10-19") };
        let objection = object(&desk(store, &right_actor("recheck")), at.case, &what).unwrap();
        let reply = Answering { upheld: false, document: "R-1", on: day("2016-10-20") };
        let town = actor("town3", Role::TownClerk, "320381101");
        let refused = answer_objection(&desk(store, &town), objection, &reply);
        assert_eq!(codes(refused), ["level"]);
        let other = actor("county2", Role::CountyOfficer, "320381");
        answer_objection(&desk(store, &other), objection, &reply).unwrap();
    });
}

#[test]
fn an_objection_is_answered_once_on_paper_and_not_before_it_came() {
    on_each_store(|store| {
        let at = posted(store, "a");
        let objection = raise(store, at.case);
        let county = right_actor("announce");
        let early = Answering { upheld: false, document: " ", on: day("2016-10-11") };
        let refused = answer_objection(&desk(store, &county), objection, &early);
        assert_eq!(codes(refused), ["day_order", "document"]);
        answer(store, objection, false).unwrap();
        assert!(matches!(answer(store, objection, true), Err(CaseError::NoObjection(_))));
    });
}
