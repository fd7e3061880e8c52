//! Aggregates over members, empty sets and unknowns among them.

use qb_engine::ClauseKind;
use qb_engine::views::Level;

use crate::support::{City, V, results, values, verdicts};

fn person(age: Option<i64>, insured: Option<bool>) -> Vec<(&'static str, V)> {
    let mut row = vec![];
    row.extend(age.map(|age| ("age", V::I(age))));
    row.extend(insured.map(|insured| ("medical_insured", V::B(insured))));
    row
}

fn city() -> City {
    City::of(vec![
        (vec![], vec![]),
        (vec![], vec![person(Some(40), Some(true)), person(Some(8), Some(true))]),
        (vec![], vec![person(Some(40), Some(true)), person(None, None)]),
        (vec![], vec![person(Some(15), Some(false)), person(None, None)]),
        (vec![], vec![person(None, None)]),
    ])
}

#[test]
fn a_household_without_members_has_count_zero_and_no_sum() {
    assert_eq!(values(&city(), "count(*)"), ["0", "2", "2", "2", "1"]);
    assert_eq!(values(&city(), "count(member.age)"), ["0", "2", "1", "1", "0"]);
    assert_eq!(values(&city(), "sum(member.age)"), ["?", "48", "40", "15", "?"]);
    assert_eq!(values(&city(), "min(member.age)"), ["?", "8", "40", "15", "?"]);
    assert_eq!(values(&city(), "max(member.age * 1.5)"), ["?", "60", "60", "22.5", "?"]);
}

#[test]
fn every_and_any_keep_unknown() {
    assert_eq!(
        verdicts(&city(), "every(member.medical_insured)"),
        ["true", "true", "?", "false", "?"]
    );
    assert_eq!(
        verdicts(&city(), "any(member.medical_insured)"),
        ["false", "true", "true", "?", "?"]
    );
    assert_eq!(
        verdicts(&city(), "any(not member.medical_insured)"),
        ["false", "false", "?", "true", "?"]
    );
}

#[test]
fn bool_and_and_bool_or_leave_unknown_out_as_sql_does() {
    assert_eq!(
        verdicts(&city(), "bool_and(member.medical_insured)"),
        ["?", "true", "true", "false", "?"]
    );
    assert_eq!(
        verdicts(&city(), "bool_or(member.medical_insured)"),
        ["?", "true", "true", "false", "?"]
    );
}

#[test]
fn a_filter_lets_in_only_what_is_true() {
    assert_eq!(
        values(&city(), "count(*) filter (where member.age between 6 and 15)"),
        ["0", "1", "0", "1", "0"]
    );
    assert_eq!(
        values(&city(), "sum(member.age) filter (where member.medical_insured)"),
        ["?", "48", "40", "?", "?"]
    );
    assert_eq!(
        verdicts(&city(), "every(member.medical_insured) filter (where member.age < 16)"),
        ["true", "true", "true", "false", "true"]
    );
}

#[test]
fn a_filter_may_read_the_household_too() {
    let home = |line| vec![("member_count", V::I(line))];
    let city = City::of(vec![
        (home(10), vec![person(Some(8), None), person(Some(12), None)]),
        (home(20), vec![person(Some(12), None)]),
    ]);
    assert_eq!(values(&city, "count(*) filter (where member.age < member_count)"), ["1", "1"]);
}

#[test]
fn a_person_reads_its_household() {
    let city = City::of(vec![
        (vec![("exit_year", V::I(2016))], vec![person(Some(1), None)]),
        (vec![], vec![person(Some(2), None)]),
    ]);
    assert_eq!(
        results(&city, Level::Person, ClauseKind::Verdict, "household.exit_year = 2016"),
        ["true", "?"]
    );
}

#[test]
fn a_village_counts_its_households() {
    let home = |status| (vec![("exit_status", V::T(status))], vec![]);
    let city = City {
        villages: vec![
            (vec![], vec![home("EXITED"), home("NOT_EXITED")]),
            (vec![], vec![]),
            (vec![], vec![home("EXITED")]),
        ],
    };
    assert_eq!(
        results(
            &city,
            Level::Village,
            ClauseKind::Value,
            "count(*) filter (where household.exit_status = 'EXITED')"
        ),
        ["1", "0", "1"]
    );
}

#[test]
fn functions_mean_the_same_in_both_evaluators() {
    let home = |class, count: Option<i64>| {
        let mut row = vec![("household_class", V::T(class)), ("identified_on", V::D(16_000))];
        row.extend(count.map(|count| ("member_count", V::I(count))));
        row
    };
    let city = City::households(vec![home("一般户", Some(3)), home("", None)]);
    assert_eq!(values(&city, "length(household_class)"), ["3", "0"]);
    assert_eq!(verdicts(&city, "starts_with(household_class, '一般')"), ["true", "false"]);
    assert_eq!(verdicts(&city, "identified_on < date '2014-01-01'"), ["true", "true"]);
    assert_eq!(values(&city, "greatest(member_count, 2.5, 1)"), ["3", "?"]);
    assert_eq!(values(&city, "least(member_count, 2.5)"), ["2.5", "?"]);
    assert_eq!(values(&city, "abs(member_count - 5.5)"), ["2.5", "?"]);
    assert_eq!(
        values(&city, "case household_class when '一般户' then 1 else null end"),
        ["1", "?"]
    );
    assert_eq!(values(&city, "-(member_count - 5)"), ["2", "?"]);
}
