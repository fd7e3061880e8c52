//! Reasons: each leaf with its inputs, its truth and what is missing.

use qb_base::env::Stopwatch;
use qb_engine::views::Level;
use qb_engine::{ClauseKind, Explanation, Join, Program, explain};

use crate::support::{City, V, clause, rules, shown};

fn city() -> City {
    let member = |age, insured: Option<bool>| {
        let mut row = vec![("age", V::I(age))];
        row.extend(insured.map(|insured| ("medical_insured", V::B(insured))));
        row
    };
    City::of(vec![
        (
            vec![("wage_fen", V::I(700_000)), ("water_safe", V::B(true))],
            vec![member(30, Some(true))],
        ),
        (
            vec![("wage_fen", V::I(1_000_000)), ("cost_fen", V::I(0))],
            vec![member(40, Some(true)), member(9, None)],
        ),
    ])
}

fn explained(household: i64) -> Explanation {
    let (program, faults) = Program::compile(&rules(vec![
        clause("per_head", Level::Household, ClauseKind::Value, "(wage_fen - cost_fen) / count(*)"),
        clause(
            "exit",
            Level::Household,
            ClauseKind::Verdict,
            "clause('per_head') >= param('line.exit') and (water_safe or not every(member.medical_insured))",
        ),
    ]));
    assert!(faults.is_empty());
    explain(&program, &city().frame(), Level::Household, household).unwrap()
}

#[test]
fn a_reason_is_the_tree_the_author_wrote() {
    let reason = &explained(2).clauses[1].reason;
    assert_eq!((reason.join, shown(&reason.result).as_str()), (Join::And, "false"));
    assert_eq!(reason.children[0].text, "clause('per_head') >= param('line.exit')");
    assert_eq!(shown(&reason.children[0].result), "false");
    assert_eq!(
        (
            reason.children[0].inputs[0].name.as_str(),
            shown(&reason.children[0].inputs[0].value).as_str()
        ),
        ("per_head", "500000")
    );
    let either = &reason.children[1];
    assert_eq!((either.join, shown(&either.result).as_str()), (Join::Or, "?"));
    assert_eq!(either.children[0].inputs[0].label.as_ref().unwrap().en, "drinking water is safe");
    let every = &either.children[1].children[0];
    assert_eq!(every.text, "every(member.medical_insured)");
    let members: Vec<(i64, String)> = every.inputs[0]
        .members
        .iter()
        .map(|member| (member.subject, shown(&member.value)))
        .collect();
    assert_eq!(members, [(2, "true".to_owned()), (3, "?".to_owned())]);
}

#[test]
fn what_is_missing_is_named_down_to_the_row_and_column() {
    let exit = &explained(1).clauses[1];
    assert_eq!(shown(&exit.result), "?");
    let missing: Vec<_> = exit
        .missing
        .iter()
        .map(|missing| (missing.level, missing.subject, missing.column))
        .collect();
    assert_eq!(missing, [(Level::Household, 1, "cost_fen")]);
}

#[test]
fn every_part_is_shown_whole() {
    let expression = "not water_safe or (wage_fen is null) or not (wage_fen > 1 and water_safe) \
        or case when water_safe then 1 else -wage_fen end > 5 or water_safe is not true \
        or identified_on < date '2016-01-01' or count(*) > 1";
    let rule = clause("whole", Level::Household, ClauseKind::Verdict, expression);
    let (program, faults) = Program::compile(&rules(vec![rule]));
    assert!(faults.is_empty());
    let explained = explain(&program, &city().frame(), Level::Household, 2).unwrap();
    let parts = explained.clauses[0].reason.children.iter().map(|part| part.text.clone());
    assert_eq!(
        parts.collect::<Vec<_>>(),
        [
            "not water_safe",
            "wage_fen is null",
            "not (wage_fen > 1 and water_safe)",
            "case when water_safe then 1 else -wage_fen end > 5",
            "water_safe is not true",
            "identified_on < date '2016-01-01'",
            "count(*) > 1",
        ]
    );
    let count = &explained.clauses[0].reason.children[6].inputs[0];
    assert_eq!(count.name, "count(*)");
    assert_eq!(
        explained.clauses[0].reason.text,
        expression.split_whitespace().collect::<Vec<_>>().join(" ")
    );
}

#[test]
fn an_unknown_row_is_an_error() {
    let (program, _) = Program::compile(&rules(vec![]));
    let error = explain(&program, &city().frame(), Level::Household, 99).unwrap_err();
    assert_eq!(error.to_string(), "there is no household 99");
}

#[test]
fn one_household_is_explained_in_far_less_than_a_millisecond() {
    let (program, _) = Program::compile(&rules(
        (0..20)
            .map(|at| {
                clause(
                    &format!("rule{at}"),
                    Level::Household,
                    ClauseKind::Verdict,
                    "wage_fen / count(*) >= 600000 and every(member.medical_insured)",
                )
            })
            .collect(),
    ));
    let frame = city().frame();
    let watch = Stopwatch::start();
    for _ in 0..100 {
        explain(&program, &frame, Level::Household, 2).unwrap();
    }
    // Unoptimised test builds are some twenty times slower than the product.
    assert!(watch.seconds() / 100.0 < 0.02, "{} s", watch.seconds() / 100.0);
}
