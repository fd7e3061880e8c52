//! Objections stop a case until they are answered.

use qb_case::CaseError;
use qb_case::commands::{Answering, Objecting, answer_objection, object, reject, step};
use qb_store::Store;
use qb_store::testing::on_each_store;

use crate::common::{codes, day, desk, facts, pack, posted, right_actor};

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
        let town = right_actor("check");
        let check =
            |version| step(&desk(store, &town), (at.case, version), "check", &facts("2016-10-18"));
        assert_eq!(codes(check(at.version + 1)), ["objection_open"]);
        answer(store, objection, false).unwrap();
        assert_eq!(check(at.version + 2).unwrap().state, "CHECKED");
    });
}

#[test]
fn an_upheld_objection_sends_the_case_back_before_it_goes_on() {
    on_each_store(|store| {
        let at = posted(store, "a");
        let objection = raise(store, at.case);
        answer(store, objection, true).unwrap();
        let town = right_actor("check");
        let case = (at.case, at.version + 2);
        let stopped = step(&desk(store, &town), case, "check", &facts("2016-10-18"));
        assert_eq!(codes(stopped), ["objection_upheld"]);
        let back = reject(&desk(store, &town), case, "check", &facts("2016-10-18")).unwrap();
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
        assert_eq!(codes(refused), ["same_person"]);
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
