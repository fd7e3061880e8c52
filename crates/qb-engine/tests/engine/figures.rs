//! Figures, their rows and their areas.

use qb_base::AreaCode;
use qb_engine::views::Level;
use qb_engine::{ClauseKind, Figure};

use crate::support::{City, ENGINE, V, clause, fact, rules};

fn city() -> City {
    let home = |status: Option<&'static str>, wage: i64| {
        let mut row = vec![("wage_fen", V::I(wage))];
        row.extend(status.map(|status| ("exit_status", V::T(status))));
        (row, vec![vec![("age", V::I(30))], vec![]])
    };
    City {
        villages: vec![
            (vec![("weak", V::B(true))], vec![home(Some("EXITED"), 100), home(None, 50)]),
            (vec![], vec![home(Some("EXITED"), 201), home(Some("NOT_EXITED"), 7)]),
        ],
    }
}

fn figure(text: Option<&str>, rows: u64, rows_unknown: u64) -> (Option<String>, u64, u64) {
    (text.map(str::to_owned), rows, rows_unknown)
}

fn parts(figure: &Figure) -> (Option<String>, u64, u64) {
    (figure.value.map(|value| value.to_string()), figure.rows, figure.rows_unknown)
}

#[test]
fn a_figure_is_the_same_sum_at_every_area() {
    let mut rules = rules(vec![clause(
        "exited",
        Level::Household,
        ClauseKind::Verdict,
        "exit_status = 'EXITED'",
    )]);
    rules.facts = vec![
        fact("wages", Level::Household, Some("clause('exited')"), "sum(wage_fen) * 0.01"),
        fact(
            "share",
            Level::Household,
            None,
            "100 * count(*) filter (where clause('exited')) / count(*)",
        ),
        fact("people", Level::Person, Some("household.exit_status = 'EXITED'"), "count(age)"),
        fact("weak", Level::Village, Some("weak"), "count(*)"),
        fact("nothing", Level::Household, Some("wage_fen > 1000"), "sum(wage_fen) / count(*)"),
    ];
    let run = ENGINE.evaluate_frame(city().frame(), &rules).unwrap();
    let of = |id: &str| run.figures.iter().find(|figure| figure.id == id).unwrap();
    assert_eq!(parts(&of("wages").total), figure(Some("3.01"), 2, 1));
    let village = AreaCode::parse("320381100002").unwrap();
    assert_eq!(parts(&of("wages").areas[&village]), figure(Some("2.01"), 1, 0));
    assert_eq!(
        parts(&of("wages").areas[&AreaCode::parse("3203").unwrap()]),
        figure(Some("3.01"), 2, 1)
    );
    assert_eq!(parts(&of("share").total), figure(Some("50"), 4, 0));
    assert_eq!(parts(&of("people").total), figure(Some("2"), 4, 2));
    assert_eq!(parts(&of("weak").total), figure(Some("1"), 1, 1));
    assert_eq!(parts(&of("nothing").total), figure(None, 0, 0));
}

#[test]
fn a_figure_leads_to_its_rows() {
    let mut rules = rules(vec![]);
    rules.facts =
        vec![fact("exited", Level::Household, Some("exit_status = 'EXITED'"), "count(*)")];
    let run = ENGINE.evaluate_frame(city().frame(), &rules).unwrap();
    let (level, rows) = run.rows_of_figure("exited", None).unwrap();
    let ids: Vec<i64> = rows.filter_map(|row| run.frame().subject(level, row)).collect();
    assert_eq!(ids, [1, 3]);
    let village = AreaCode::parse("320381100002").unwrap();
    assert_eq!(run.rows_of_figure("exited", Some(&village)).unwrap().1.count(), 1);
}

#[test]
fn areas_count_every_verdict_at_every_height() {
    let run = crate::support::run(
        &city(),
        vec![clause("exited", Level::Household, ClauseKind::Verdict, "exit_status = 'EXITED'")],
    );
    let count = |code: &str| {
        let count = run.areas[&AreaCode::parse(code).unwrap()][0];
        (count.n_true, count.n_false, count.n_unknown)
    };
    assert_eq!(count("3203"), (2, 1, 1));
    assert_eq!(count("320381"), (2, 1, 1));
    assert_eq!(count("320381100001"), (1, 0, 1));
    let clause = &run.clauses[0];
    assert_eq!((clause.n_true, clause.n_false, clause.n_unknown), (2, 1, 1));
    assert_eq!(clause.digest_setwise, clause.digest_rowwise);
}

#[test]
fn a_run_replays_to_the_same_digest_and_another_city_does_not() {
    let clauses = || vec![clause("wages", Level::Household, ClauseKind::Value, "wage_fen / 3")];
    let first = crate::support::run(&city(), clauses());
    assert_eq!(first.digest, crate::support::run(&city(), clauses()).digest);
    let mut other = city();
    other.villages[0].1[0].0[0].1 = V::I(101);
    assert_ne!(first.digest, crate::support::run(&other, clauses()).digest);
}
