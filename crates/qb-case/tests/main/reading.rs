//! Lists, queues and pages of cases.

use qb_access::{Role, Scope};
use qb_case::CaseError;
use qb_case::commands::{Opening, open};
use qb_case::queries::{self, After, Filter};
use qb_store::testing::on_each_store;

use crate::common::{
    VILLAGE, area, day, desk, facts, machines, open_exit, posted, right_actor, walk,
};

fn open_monitoring(store: &qb_store::Store, subject: &str, on: &str) -> i64 {
    let clerk = right_actor("pre_exit");
    let opening = Opening {
        machine: "monitoring",
        transition: "lead",
        subject,
        household_id: Some(7),
        area: area(VILLAGE),
        deadline: None,
    };
    open(&desk(store, &clerk), &opening, &facts(on)).expect("a case opens").case
}

#[test]
fn overdue_cases_come_first_and_then_the_nearest_deadline() {
    on_each_store(|store| {
        let exit = open_exit(store, "x", "2016-03-01").case;
        let later = open_monitoring(store, "m", "2016-05-10");
        let overdue = open_monitoring(store, "n", "2016-05-01");
        let scope = Scope::new(Role::VillageClerk, area(VILLAGE));
        let queue = store
            .read(|conn| queries::queue(conn, machines(), &scope, day("2016-05-17"), 10))
            .unwrap();
        let order: Vec<(i64, bool)> = queue.iter().map(|line| (line.case, line.overdue)).collect();
        assert_eq!(order, [(overdue, true), (later, false), (exit, false)]);
        assert_eq!(queue[0].due.as_deref(), Some("2016-05-16"));
    });
}

#[test]
fn a_queue_holds_only_what_its_reader_may_take() {
    on_each_store(|store| {
        posted(store, "a");
        let queue = |role, code: &str| {
            let scope = Scope::new(role, area(code));
            let today = day("2016-10-20");
            store.read(|conn| queries::queue(conn, machines(), &scope, today, 10)).unwrap().len()
        };
        assert_eq!(queue(Role::TownClerk, "320381101"), 1);
        assert_eq!(queue(Role::VillageClerk, VILLAGE), 0);
        assert_eq!(queue(Role::TownClerk, "320381102"), 0);
    });
}

#[test]
fn lists_stay_within_the_scope_and_follow_their_filters() {
    on_each_store(|store| {
        posted(store, "a");
        open_exit(store, "b", "2016-03-01");
        open_monitoring(store, "m", "2016-05-10");
        let count = |code: &str, filter: &Filter| {
            let scope = Scope::new(Role::CountyOfficer, area(code));
            let today = day("2016-06-01");
            let after = After::default();
            store
                .read(|conn| queries::list(conn, machines(), &scope, today, filter, &after, 50))
                .unwrap()
                .len()
        };
        assert_eq!(count("320381", &Filter::default()), 3);
        assert_eq!(count("320382", &Filter::default()), 0);
        let machine = Filter { machine: Some("exit".to_owned()), ..Filter::default() };
        assert_eq!(count("320381", &machine), 2);
        assert_eq!(count("320381", &Filter { overdue: true, ..Filter::default() }), 1);
        let state = Filter { state: Some("NOTICE".to_owned()), ..Filter::default() };
        assert_eq!(count("320381", &state), 1);
        assert_eq!(count("320381", &Filter { irregular: true, ..Filter::default() }), 0);
    });
}

#[test]
fn pages_follow_each_other_without_gap_or_double() {
    on_each_store(|store| {
        for subject in ["a", "b", "c", "d", "e"] {
            open_exit(store, subject, "2016-03-01");
        }
        let (scope, filter) = (Scope::system(), Filter::default());
        let (mut after, mut seen) = (After::default(), Vec::new());
        loop {
            let page = store
                .read(|conn| {
                    queries::list(conn, machines(), &scope, day("2016-06-01"), &filter, &after, 2)
                })
                .unwrap();
            let Some(last) = page.last() else { break };
            after = After::line(last);
            seen.extend(page.iter().map(|line| line.subject.clone()));
        }
        assert_eq!(seen, ["a", "b", "c", "d", "e"]);
    });
}

#[test]
fn a_page_says_what_may_be_done_next_by_whom_and_with_what() {
    on_each_store(|store| {
        let at = posted(store, "a");
        let scope = Scope::new(Role::TownClerk, area("320381101"));
        let page = |today: &str| {
            let today = day(today);
            store.read(|conn| queries::case(conn, machines(), &scope, today, at.case)).unwrap()
        };
        let early = page("2016-10-12");
        let check = early.next.iter().find(|next| next.transition == "town_check").unwrap();
        assert!(check.mine && check.sample && !check.quorum);
        assert_eq!(check.blocked[0].code, "notice_running");
        assert_eq!(check.evidence[0].0, "CHECK_RECORD");
        let later = page("2016-10-18");
        assert!(later.next.iter().all(|next| next.blocked.is_empty()));
        let mine: Vec<&str> = later
            .next
            .iter()
            .filter(|next| next.mine)
            .map(|next| next.transition.as_str())
            .collect();
        assert_eq!(mine, ["town_check", "recheck"]);
        assert_eq!(later.events.len(), 5);
    });
}

#[test]
fn a_page_outside_the_scope_does_not_exist() {
    on_each_store(|store| {
        let at = posted(store, "a");
        let scope = Scope::new(Role::TownClerk, area("320381102"));
        let page =
            store.read(|conn| queries::case(conn, machines(), &scope, day("2016-10-12"), at.case));
        assert!(matches!(page, Err(CaseError::NoCase(_))));
    });
}

#[test]
fn counts_tell_machines_states_and_what_is_overdue() {
    on_each_store(|store| {
        posted(store, "a");
        open_monitoring(store, "m", "2016-05-10");
        open_monitoring(store, "n", "2016-05-31");
        let counts =
            store.read(|conn| queries::counts(conn, &Scope::system(), day("2016-06-01"))).unwrap();
        let seen: Vec<(&str, i64, i64)> =
            counts.iter().map(|c| (c.state.as_str(), c.cases, c.overdue)).collect();
        assert_eq!(seen, [("NOTICE", 1, 0), ("LEAD", 2, 1)]);
    });
}

#[test]
fn a_household_shows_its_cases() {
    on_each_store(|store| {
        let case = open_monitoring(store, "m", "2016-05-10");
        let lines = store
            .read(|conn| {
                queries::of_household(conn, machines(), &Scope::system(), day("2016-06-01"), 7)
            })
            .unwrap();
        assert_eq!(lines.iter().map(|line| line.case).collect::<Vec<_>>(), [case]);
    });
}

#[test]
fn a_decided_exit_waits_for_nobody() {
    on_each_store(|store| {
        let at = posted(store, "a");
        walk(
            store,
            at,
            &[
                ("town_check", facts("2016-10-18")),
                ("check", facts("2016-10-18")),
                ("announce", facts("2016-11-30")),
            ],
        );
        let scope = Scope::new(Role::CountyOfficer, area("320381"));
        let queue = store
            .read(|conn| queries::queue(conn, machines(), &scope, day("2016-12-31"), 10))
            .unwrap();
        assert!(queue.is_empty());
    });
}
