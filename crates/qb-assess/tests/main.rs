//! Schemes of the pack: their cases, and frozen scores with appeals on both stores.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a helper of tests fails its test by panic")]

#[path = "over_rows/mod.rs"]
mod over_rows;

use qb_access::{Role, Scope};
use qb_assess::commands::{self, Appeal, Asked, Decision};
use qb_assess::model::ObjectScore;
use qb_assess::{AssessError, Source, SourceRow, queries};
use qb_base::{AreaCode, Lang};
use qb_case::Actor;
use qb_engine::{Engine, EngineOptions};
use qb_policy::{Decimal, Pack, PackSource, Ratio};
use qb_store::testing::{TestStore, on_each_store};
use qb_store::{Store, StoreError};

fn pack() -> Pack {
    Pack::load(PackSource::Embedded("xuzhou-2016")).unwrap()
}

/// A source without rows: a worked example brings its own values.
struct Nothing;

impl Source for Nothing {
    fn rows(&self, _: &str) -> Result<Vec<SourceRow>, AssessError> {
        Ok(Vec::new())
    }
}

/// Two counties: 320321 with 9 of 10 by every query, 320322 with 8 of 10; nothing is found.
struct TwoCounties;

impl Source for TwoCounties {
    fn rows(&self, sql: &str) -> Result<Vec<SourceRow>, AssessError> {
        if sql.contains("from finding") {
            return Ok(Vec::new());
        }
        let row = |code: &str, value| SourceRow {
            area: AreaCode::parse(code).unwrap(),
            value: Ratio::new(value, 1),
            of: Ratio::new(10, 1),
        };
        Ok(vec![row("320321", 900), row("320322", 800)])
    }
}

/// Somebody of the city in a role.
fn person(role: Role) -> Actor {
    Actor { login: role.to_string(), role, area: AreaCode::parse("3203").unwrap() }
}

fn freeze_example(store: &Store, pack: &Pack) -> i64 {
    let city = person(Role::CityOfficer);
    let asked = Asked { actor: &city, pack };
    commands::freeze(store, &asked, "worked-example", "none", &Nothing).unwrap().run
}

fn sheets(store: &Store, scope: &Scope, run: i64) -> Vec<ObjectScore> {
    store
        .read::<_, StoreError>(|conn| {
            let run = queries::run(conn, run)?.unwrap();
            queries::sheets(conn, scope, &run)
        })
        .unwrap()
}

fn totals(sheets: &[ObjectScore]) -> Vec<(String, String, Option<u32>)> {
    let row = |sheet: &ObjectScore| {
        let total = sheet.total.map(|total| total.to_string()).unwrap_or_default();
        (sheet.object.clone(), total, sheet.rank)
    };
    sheets.iter().map(row).collect()
}

fn expected(rows: [(&str, &str, u32); 3]) -> Vec<(String, String, Option<u32>)> {
    rows.map(|(object, total, rank)| (object.to_owned(), total.to_owned(), Some(rank))).to_vec()
}

#[test]
fn every_case_of_the_schemes_gives_its_answer() {
    let faults: Vec<String> = qb_assess::check(&pack()).iter().map(ToString::to_string).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_query_of_the_schemes_holds_over_the_published_tables() {
    let engine = Engine::new(EngineOptions::default()).unwrap();
    let faults = qb_assess::check_queries(&engine, &pack(), &qb_case::schemas()).unwrap();
    let lines: Vec<String> = faults.iter().map(|fault| fault.render(Lang::En)).collect();
    assert!(lines.is_empty(), "{}", lines.join("\n"));
}

#[test]
fn a_frozen_score_is_read_back_as_it_was_scored() {
    let pack = pack();
    on_each_store(|store| {
        let city = person(Role::CityOfficer);
        let asked = Asked { actor: &city, pack: &pack };
        let frozen = commands::freeze(store, &asked, "worked-example", "none", &Nothing).unwrap();
        let mut scored = frozen.scores.clone();
        scored.sort_by_key(|score| score.rank);
        assert_eq!(sheets(store, &Scope::system(), frozen.run), scored);
    });
}

#[test]
fn freezing_the_same_values_twice_keeps_one_score() {
    let pack = pack();
    on_each_store(|store| {
        assert_eq!(freeze_example(store, &pack), freeze_example(store, &pack));
    });
}

#[test]
fn the_worked_example_ranks_the_vetoed_county_last() {
    let pack = pack();
    on_each_store(|store| {
        let run = freeze_example(store, &pack);
        let rows = [("甲", "93.63", 1), ("乙", "68.35", 2), ("丙", "94", 3)];
        assert_eq!(totals(&sheets(store, &Scope::system(), run)), expected(rows));
    });
}

#[test]
fn the_dearest_item_comes_first_in_what_each_item_cost() {
    let pack = pack();
    on_each_store(|store| {
        let run = freeze_example(store, &pack);
        let sheets = sheets(store, &Scope::system(), run);
        let second = sheets.iter().find(|sheet| sheet.object == "乙").unwrap();
        let costs: Vec<_> = second.by_cost().iter().map(|item| item.id.as_str()).collect();
        assert_eq!(costs.first(), Some(&"A3"));
        assert_eq!(costs.last(), Some(&"A4"));
    });
}

#[test]
fn an_accepted_appeal_scores_everybody_again_in_a_revision() {
    let pack = pack();
    on_each_store(|store| {
        let run = freeze_example(store, &pack);
        let appeal = Appeal { run, object: "甲", item: "B2", reason: "99.5 should be 99.7" };
        let appeal = commands::appeal(store, "county", &appeal).unwrap();
        let city = person(Role::CityOfficer);
        let asked = Asked { actor: &city, pack: &pack };
        let value = Ratio::of(Decimal::parse("99.7").unwrap()).unwrap();
        commands::decide(store, &asked, appeal, Decision::Accepted(value), "checked").unwrap();
        let rows = [("甲", "94.63", 1), ("乙", "68.35", 2), ("丙", "94", 3)];
        assert_eq!(totals(&sheets(store, &Scope::system(), run)), expected(rows));
        let kept = store
            .read(|conn| {
                let sql = "select count(*) from score_total where run_id = $1";
                conn.query_one(sql, &[run.into()], |row| row.int(0))
            })
            .unwrap();
        assert_eq!(kept, 6, "both revisions are kept");
    });
}

#[test]
fn a_rejected_appeal_changes_nothing() {
    let pack = pack();
    on_each_store(|store| {
        let run = freeze_example(store, &pack);
        let before = sheets(store, &Scope::system(), run);
        let appeal = Appeal { run, object: "乙", item: "A3", reason: "growth was 9.3" };
        let appeal = commands::appeal(store, "county", &appeal).unwrap();
        let city = person(Role::CityOfficer);
        let asked = Asked { actor: &city, pack: &pack };
        commands::decide(store, &asked, appeal, Decision::Rejected, "the survey stands").unwrap();
        assert_eq!(sheets(store, &Scope::system(), run), before);
        let again = commands::decide(store, &asked, appeal, Decision::Rejected, "again");
        assert!(matches!(again, Err(AssessError::Appeal(_))));
    });
}

#[test]
fn nothing_is_confirmed_while_an_appeal_is_open() {
    let pack = pack();
    on_each_store(|store| {
        let run = freeze_example(store, &pack);
        let appeal = Appeal { run, object: "乙", item: "A3", reason: "growth was 9.3" };
        let appeal = commands::appeal(store, "county", &appeal).unwrap();
        let leader = person(Role::Leader);
        let leader = Asked { actor: &leader, pack: &pack };
        let refused = commands::confirm(store, &leader, run);
        assert!(matches!(refused, Err(AssessError::OpenAppeals { open: 1, .. })));
        let city = person(Role::CityOfficer);
        let asked = Asked { actor: &city, pack: &pack };
        commands::decide(store, &asked, appeal, Decision::Rejected, "no").unwrap();
        commands::confirm(store, &leader, run).unwrap();
        assert_eq!(codes(commands::publish(store, &asked, run)), ["same_person"], "it scored");
        let second = second_officer();
        commands::publish(store, &Asked { actor: &second, pack: &pack }, run).unwrap();
    });
}

#[test]
fn a_confirmed_score_takes_no_appeal_and_an_unconfirmed_one_is_not_published() {
    let pack = pack();
    on_each_store(|store| {
        let run = freeze_example(store, &pack);
        let (city, leader) = (person(Role::CityOfficer), person(Role::Leader));
        let early = commands::publish(store, &Asked { actor: &city, pack: &pack }, run);
        assert!(matches!(early, Err(AssessError::State { .. })));
        commands::confirm(store, &Asked { actor: &leader, pack: &pack }, run).unwrap();
        let appeal = Appeal { run, object: "甲", item: "A1", reason: "late" };
        let late = commands::appeal(store, "county", &appeal);
        assert!(matches!(late, Err(AssessError::State { .. })));
    });
}

/// Another officer of the city than the one who scores.
fn second_officer() -> Actor {
    Actor { login: "second".to_owned(), ..person(Role::CityOfficer) }
}

/// The codes of the guards that somebody did not pass.
fn codes<T: std::fmt::Debug>(refused: Result<T, AssessError>) -> Vec<&'static str> {
    match refused.unwrap_err() {
        AssessError::Duty(qb_case::CaseError::Refused(guards)) => {
            guards.iter().map(|guard| guard.code).collect()
        }
        other => panic!("refused for another reason: {other}"),
    }
}

#[test]
fn scores_are_frozen_answered_confirmed_and_published_by_the_roles_of_the_machine_only() {
    let pack = pack();
    for role in Role::ALL {
        let test = TestStore::sqlite();
        let store = &test.store;
        let appeal = |run| {
            let appeal = Appeal { run, object: "乙", item: "A3", reason: "growth was 9.3" };
            commands::appeal(store, "county", &appeal).unwrap()
        };
        let (who, leader) = (person(role), person(Role::Leader));
        let asked = Asked { actor: &who, pack: &pack };
        let run = freeze_example(store, &pack);
        let others = Actor { login: "other".to_owned(), ..leader };
        let by_leader = Asked { actor: &others, pack: &pack };
        let (open, no) = (appeal(run), Decision::Rejected);
        let is_city = role == Role::CityOfficer;
        let answered = commands::decide(store, &asked, open, no, "no");
        let frozen = commands::freeze(store, &asked, "worked-example", "none", &Nothing);
        assert_eq!((answered.is_ok(), frozen.is_ok()), (is_city, is_city), "{role}");
        if !is_city {
            assert_eq!((codes(answered), codes(frozen)), (vec!["actor"], vec!["actor"]));
            let city = person(Role::CityOfficer);
            let city = Asked { actor: &city, pack: &pack };
            commands::decide(store, &city, open, no, "no").unwrap();
        }
        if role == Role::Leader {
            commands::confirm(store, &asked, run).unwrap();
        } else {
            assert!(codes(commands::confirm(store, &asked, run)).contains(&"actor"), "{role}");
            commands::confirm(store, &by_leader, run).unwrap();
        }
        // Whoever scored does not publish.
        let publisher = Actor { login: "publisher".to_owned(), ..who.clone() };
        match commands::publish(store, &Asked { actor: &publisher, pack: &pack }, run) {
            Ok(()) => assert!(is_city, "{role}"),
            refused => assert_eq!(codes(refused), ["actor"], "{role}"),
        }
    }
}

#[test]
fn whoever_scored_does_not_confirm() {
    let pack = pack();
    on_each_store(|store| {
        let run = freeze_example(store, &pack);
        // The same person in another role: a login is one person.
        let leader = Actor { login: person(Role::CityOfficer).login, ..person(Role::Leader) };
        let asked = Asked { actor: &leader, pack: &pack };
        assert_eq!(codes(commands::confirm(store, &asked, run)), ["same_person"]);
    });
}

#[test]
fn an_appeal_names_a_reason_and_an_item_of_the_score() {
    let pack = pack();
    on_each_store(|store| {
        let run = freeze_example(store, &pack);
        for appeal in [
            Appeal { run, object: "甲", item: "A1", reason: "  " },
            Appeal { run, object: "甲", item: "Z9", reason: "wrong" },
            Appeal { run, object: "子", item: "A1", reason: "wrong" },
        ] {
            let refused = commands::appeal(store, "county", &appeal);
            assert!(matches!(refused, Err(AssessError::Appeal(_))), "{appeal:?}");
        }
    });
}

#[test]
fn a_county_sees_its_own_sheet_only() {
    let pack = pack();
    on_each_store(|store| {
        let city = person(Role::CityOfficer);
        let asked = Asked { actor: &city, pack: &pack };
        let frozen = commands::freeze(store, &asked, "county-2016", "none", &TwoCounties).unwrap();
        let all = sheets(store, &Scope::system(), frozen.run);
        let own = Scope::new(Role::CountyOfficer, AreaCode::parse("320322").unwrap());
        let seen = sheets(store, &own, frozen.run);
        assert_eq!(all.len(), 2);
        assert_eq!(seen.iter().map(|sheet| sheet.object.as_str()).collect::<Vec<_>>(), ["320322"]);
    });
}

#[test]
fn the_other_appraisals_take_over_their_share_of_the_total() {
    let pack = pack();
    let scheme = qb_assess::scheme_of_year(&pack, 2016).unwrap();
    let objects = qb_assess::gather(&pack, &scheme, &TwoCounties).unwrap();
    let scores = qb_assess::score(&scheme, &objects).unwrap();
    let rows = queries::feeds(&scheme, &scores);
    assert_eq!(rows.len(), 4);
    for row in rows {
        let share = Ratio::of(row.total.unwrap()).unwrap();
        let weight = Ratio::of(row.weight.unwrap()).unwrap();
        let exact = share.multiply(weight).unwrap().divide(Ratio::new(100, 1).unwrap()).unwrap();
        assert_eq!(row.points, exact.round_to(scheme.step));
    }
}

#[test]
fn an_area_without_any_value_is_not_assessed() {
    let pack = pack();
    let scheme = qb_assess::scheme_of_year(&pack, 2016).unwrap();
    let objects = qb_assess::gather(&pack, &scheme, &TwoCounties).unwrap();
    let ids: Vec<&str> = objects.iter().map(|object| object.id.as_str()).collect();
    assert_eq!(ids, ["320321", "320322"]);
    let nobody = qb_assess::gather(&pack, &scheme, &Nothing).unwrap();
    assert!(nobody.is_empty());
}

#[test]
fn two_rows_for_one_object_are_refused() {
    struct Twice;
    impl Source for Twice {
        fn rows(&self, _: &str) -> Result<Vec<SourceRow>, AssessError> {
            let area = AreaCode::parse("320321").unwrap();
            let row = SourceRow { area, value: Ratio::new(1, 1), of: None };
            Ok(vec![row, row])
        }
    }
    let pack = pack();
    let scheme = qb_assess::scheme_of_year(&pack, 2016).unwrap();
    let refused = qb_assess::gather(&pack, &scheme, &Twice);
    assert!(matches!(refused, Err(AssessError::Rows { .. })));
}
