//! People at their desks.

use qb_access::Role;
use qb_case::CaseError;
use qb_case::commands::{Opening, open, reject, step};
use qb_store::StoreError;
use qb_store::testing::on_each_store;

use crate::common::{
    VILLAGE, actor, area, codes, desk, facts, open_exit, posted, right_actor, until, walk,
};

#[test]
fn an_exit_goes_from_the_mark_to_the_announcement() {
    on_each_store(|store| {
        let at = posted(store, "a");
        let end =
            walk(store, at, &[("check", facts("2016-10-18")), ("announce", facts("2016-11-30"))]);
        assert_eq!((end.state.as_str(), end.version), ("EXITED", 7));
        assert!(store.audit_verify(None).unwrap().broken.is_none());
    });
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
        let town = right_actor("check");
        let back =
            reject(&desk(store, &town), (at.case, at.version), "check", &facts("2016-10-18"));
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
        let town = right_actor("check");
        let error = step(&desk(store, &town), (at.case, at.version), "check", &facts("2016-10-17"))
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
