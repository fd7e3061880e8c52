//! The six traps of evaluating rules as SQL, each on both evaluators (a run fails when they
//! disagree).

use qb_engine::ClauseKind;
use qb_engine::expr::FaultKind;
use qb_engine::views::Level;

use crate::support::{City, V, clause, fault, fault_of, results, run, values, verdicts};

fn members(counts: &[Option<i64>]) -> City {
    let row = |count: &Option<i64>| {
        let mut row = vec![("wage_fen", V::I(1_000)), ("cost_fen", V::I(7))];
        row.extend(count.map(|count| ("member_count", V::I(count))));
        row
    };
    City::households(counts.iter().map(row).collect())
}

#[test]
fn dividing_by_zero_is_unknown_and_never_fails() {
    let city = members(&[Some(0), Some(4), None]);
    assert_eq!(values(&city, "wage_fen / member_count"), ["?", "250", "?"]);
    assert_eq!(values(&city, "1.5 / (member_count - 4)"), ["-0.375", "?", "?"]);
}

#[test]
fn guards_hold_in_any_order_of_evaluation() {
    let city = members(&[Some(0), Some(4), Some(2000 / 2)]);
    assert_eq!(
        verdicts(&city, "member_count <> 0 and wage_fen / member_count > 1"),
        ["false", "true", "false"]
    );
    assert_eq!(
        verdicts(&city, "wage_fen / member_count > 1 and member_count <> 0"),
        ["false", "true", "false"]
    );
    assert_eq!(
        verdicts(
            &city,
            "case when member_count = 0 then false else wage_fen / member_count > 1 end"
        ),
        ["false", "true", "false"]
    );
    assert_eq!(
        verdicts(&city, "case when member_count > 0 then wage_fen / member_count > 1 end"),
        ["?", "true", "false"]
    );
}

#[test]
fn quotients_of_integers_are_not_cut_to_integers() {
    let city = members(&[Some(3)]);
    assert_eq!(values(&city, "cost_fen / 2"), ["3.5"]);
    assert_eq!(values(&city, "7 / 2 * 2"), ["7"]);
    assert_eq!(values(&city, "-7 / member_count"), ["-2.333333"]);
}

#[test]
fn a_quotient_compares_exactly_with_a_line() {
    // 1,800,001 fen over 3 people is a third of a fen above 600,000.
    let home = |wage| vec![("wage_fen", V::I(wage)), ("member_count", V::I(3))];
    let city = City::households(vec![home(1_799_999), home(1_800_000), home(1_800_001)]);
    assert_eq!(
        verdicts(&city, "wage_fen / member_count <= param('line.exit')"),
        ["true", "true", "false"]
    );
    assert_eq!(
        verdicts(&city, "wage_fen / member_count < param('line.exit')"),
        ["true", "false", "false"]
    );
    assert_eq!(
        verdicts(&city, "wage_fen / member_count > param('line.exit')"),
        ["false", "false", "true"]
    );
    assert_eq!(verdicts(&city, "-wage_fen / member_count >= -600000"), ["true", "true", "false"]);
}

#[test]
fn a_quotient_by_large_numbers_still_compares_exactly() {
    let village =
        |one_off, total| vec![("one_off_fen", V::I(one_off)), ("total_prior_fen", V::I(total))];
    let city = City {
        villages: vec![
            (village(299_999_999_999, 999_999_999_999), vec![]),
            (village(300_000_000_000, 1_000_000_000_000), vec![]),
            (village(300_000_000_000, 999_999_999_999), vec![]),
        ],
    };
    let answers = results(
        &city,
        Level::Village,
        ClauseKind::Verdict,
        "one_off_fen / total_prior_fen <= param('share.one_off')",
    );
    assert_eq!(answers, ["true", "true", "false"]);
}

#[test]
fn integers_never_wrap() {
    let city = members(&[Some(1)]);
    assert_eq!(values(&city, "9223372036854775807 + member_count"), ["9223372036854775808"]);
    assert_eq!(
        values(&city, "9223372036854775807 * 9223372036854775807"),
        ["85070591730234615847396907784232501249"]
    );
    assert_eq!(values(&city, "wage_fen * wage_fen * wage_fen"), ["1000000000"]);
    assert_eq!(values(&city, "abs(-9223372036854775808)"), ["9223372036854775808"]);
}

#[test]
fn what_could_leave_38_digits_does_not_compile() {
    let fault =
        fault_of(Level::Household, ClauseKind::Value, "wage_fen * wage_fen * wage_fen * wage_fen");
    assert_eq!(fault.fault.kind, FaultKind::Range);
    let fault = fault_of(Level::Household, ClauseKind::Value, "wage_fen / 0");
    assert_eq!(fault.fault.kind, FaultKind::Range);
}

#[test]
fn unknown_is_a_third_answer() {
    let home = |safe: Option<bool>, short: Option<bool>| {
        let mut row = vec![];
        row.extend(safe.map(|b| ("water_safe", V::B(b))));
        row.extend(short.map(|b| ("water_short", V::B(b))));
        row
    };
    let city = City::households(vec![
        home(Some(true), Some(false)),
        home(None, Some(false)),
        home(None, Some(true)),
        home(Some(false), None),
        home(None, None),
    ]);
    assert_eq!(
        verdicts(&city, "water_safe and not water_short"),
        ["true", "?", "false", "false", "?"]
    );
    assert_eq!(verdicts(&city, "water_safe or water_short"), ["true", "?", "true", "?", "?"]);
    assert_eq!(verdicts(&city, "water_safe is null"), ["false", "true", "true", "false", "true"]);
    assert_eq!(
        verdicts(&city, "water_safe is not true"),
        ["false", "true", "true", "true", "true"]
    );
    assert_eq!(verdicts(&city, "water_safe = water_short"), ["false", "?", "?", "?", "?"]);
}

#[test]
fn an_unknown_bound_leaves_between_unknown_unless_the_other_bound_decides() {
    let home = |year: Option<i64>| year.map(|year| ("exit_year", V::I(year))).into_iter().collect();
    let city = City::households(vec![home(Some(2016)), home(Some(2020)), home(None)]);
    assert_eq!(verdicts(&city, "exit_year between 2014 and 2016"), ["true", "false", "?"]);
    assert_eq!(
        verdicts(&city, "exit_year not between 2014 and nullif(2016, 2016)"),
        ["?", "?", "?"]
    );
    assert_eq!(
        verdicts(&city, "exit_year between 2017 and nullif(2016, 2016)"),
        ["false", "?", "?"]
    );
    assert_eq!(verdicts(&city, "exit_year not in (2016, 2017)"), ["false", "true", "?"]);
}

#[test]
fn conditions_that_exclude_each_other_are_still_unknown_where_the_datum_is() {
    let home = |year: Option<i64>| year.map(|year| ("exit_year", V::I(year))).into_iter().collect();
    let city = City::households(vec![home(Some(2014)), home(None)]);
    for text in [
        "exit_year in (2014, 2015) and exit_year in (2016, 2017)",
        "exit_year in (2014, 2015) and exit_year not in (2014, 2015)",
        "exit_year = 2014 and exit_year = 2015",
        "exit_year = 2014 and exit_year in (2015, 2016)",
        "exit_year between 2016 and 2015",
        "exit_year > 2015 and exit_year < 2013",
        "exit_year <> exit_year",
        "exit_year * 0 = 1",
        "not (exit_year = 2014 or exit_year <> 2014)",
    ] {
        assert_eq!(verdicts(&city, text), ["false", "?"], "{text}");
    }
    assert_eq!(
        verdicts(&city, "exit_year not in (2014, 2015) or exit_year not in (2016, 2017)"),
        ["true", "?"]
    );
    assert_eq!(verdicts(&city, "exit_year = exit_year"), ["true", "?"]);
    assert_eq!(values(&city, "exit_year - exit_year"), ["0", "?"]);
}

#[test]
fn coalesce_is_for_values_only() {
    assert_eq!(fault("coalesce(water_safe, false)").fault.kind, FaultKind::Refused);
    let city = members(&[Some(2), None]);
    assert_eq!(values(&city, "coalesce(member_count, 0) + 0.5"), ["2.5", "0.5"]);
}

#[test]
fn brackets_of_the_author_are_kept() {
    let city = City::households(vec![vec![
        ("water_safe", V::B(true)),
        ("water_short", V::B(false)),
        ("dangerous_house", V::B(false)),
    ]]);
    assert_eq!(verdicts(&city, "not (water_safe or water_short) and dangerous_house"), ["false"]);
    assert_eq!(verdicts(&city, "not (water_safe or water_short and dangerous_house)"), ["false"]);
    assert_eq!(
        verdicts(&city, "(not water_safe) or not (water_short and dangerous_house)"),
        ["true"]
    );
}

#[test]
fn the_language_has_nothing_that_depends_on_time_chance_or_other_rows() {
    for text in [
        "random() > 0",
        "now() > date '2016-01-01'",
        "current_date > date '2016-01-01'",
        "member_count > (select 1)",
        "exists (select 1)",
        "sum(member.age) over () > 1",
        "member_count in (select 1)",
        "age(1) > 2",
        "cast(member_count as double) > 1",
        "member_count > 1e5",
        "household_class like 'A%'",
    ] {
        let kind = fault(text).fault.kind;
        assert!(matches!(kind, FaultKind::Refused | FaultKind::UnknownName), "{text}: {kind:?}");
    }
}

#[test]
fn types_are_checked_before_anything_runs() {
    for text in [
        "member_count < 'abc'",
        "household_class > 'A'",
        "water_safe + 1 > 2",
        "identified_on > 5",
        "member_count and water_safe",
        "case when water_safe then 1 else 'x' end = 1",
        "water_safe in (1)",
        "length(member_count) > 1",
        "member_count + 1",
    ] {
        assert_eq!(fault(text).fault.kind, FaultKind::Type, "{text}");
    }
    assert_eq!(
        fault_of(Level::Household, ClauseKind::Value, "water_safe").fault.kind,
        FaultKind::Type
    );
}

#[test]
fn clauses_build_on_clauses_of_all_levels() {
    let member = |age, insured| vec![("age", V::I(age)), ("medical_insured", V::B(insured))];
    let city = City::of(vec![
        (vec![("wage_fen", V::I(900_000))], vec![member(40, true), member(8, true)]),
        (vec![("wage_fen", V::I(1_300_000))], vec![member(70, false)]),
    ]);
    let run = run(
        &city,
        vec![
            clause(
                "village.poor",
                Level::Village,
                ClauseKind::Value,
                "count(*) filter (where clause('home.below'))",
            ),
            clause(
                "home.below",
                Level::Household,
                ClauseKind::Verdict,
                "clause('home.per_head') < param('line.exit')",
            ),
            clause(
                "home.insured",
                Level::Household,
                ClauseKind::Verdict,
                "every(clause('person.ok'))",
            ),
            clause(
                "person.ok",
                Level::Person,
                ClauseKind::Verdict,
                "medical_insured and clause('home.per_head') > 0 and household.wage_fen > 0",
            ),
            clause("home.per_head", Level::Household, ClauseKind::Value, "wage_fen / count(*)"),
        ],
    );
    let texts = |id: &str| -> Vec<String> {
        let column = run.column(id).unwrap();
        (0..column.len()).map(|row| column.value(row).to_string()).collect()
    };
    assert_eq!(texts("home.per_head"), ["450000", "1300000"]);
    assert_eq!(texts("home.below"), ["true", "false"]);
    assert_eq!(texts("person.ok"), ["true", "true", "false"]);
    assert_eq!(texts("home.insured"), ["true", "false"]);
    assert_eq!(texts("village.poor"), ["1"]);
}
