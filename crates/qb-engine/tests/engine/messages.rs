//! What an author reads when an expression is wrong.

use qb_base::Lang;
use qb_engine::expr::FaultKind;
use qb_engine::views::Level;
use qb_engine::{ClauseKind, Program, Rules};

use crate::support::{clause, fact, fault, fault_of, rules};

#[test]
fn a_misspelt_column_gets_a_caret_and_a_suggestion() {
    let fault = fault("water_safe\n  and not watr_short");
    assert_eq!(
        fault.render(Lang::En),
        "targeting.toml:11:11: clause it: the household view has no column `watr_short`; did you mean `water_short`?\n  2:11 |   and not watr_short\n       |           ^^^^^^^^^^"
    );
    assert!(
        fault.render(Lang::Zh).contains("household视图没有“watr_short”列；是否想写“water_short”？")
    );
}

#[test]
fn the_place_in_the_file_counts_from_the_start_of_the_expression() {
    let fault = fault("water_safe and nothing_like_it");
    assert_eq!((fault.at.line, fault.at.column), (10, 30));
    assert_eq!(fault.fault.did_you_mean, None);
}

#[test]
fn a_member_column_outside_an_aggregate_says_where_it_belongs() {
    let out = fault("member.age > 16");
    assert_eq!(out.fault.kind, FaultKind::Level);
    let bare = fault("age > 16");
    assert_eq!(bare.fault.did_you_mean.as_deref(), Some("member.age"));
}

#[test]
fn names_of_parameters_clauses_functions_and_codes_are_suggested() {
    for (text, suggestion) in [
        ("wage_fen > param('line.exi')", "line.exit"),
        ("clause('itt')", "it"),
        ("cout(*) > 1", "count"),
        ("households.wage_fen > 1", "household"),
    ] {
        assert_eq!(fault(text).fault.did_you_mean.as_deref(), Some(suggestion), "{text}");
    }
    let code = fault_of(Level::Person, ClauseKind::Verdict, "health in ('HEALTHY', 'CRONIC')");
    assert_eq!(code.fault.did_you_mean.as_deref(), Some("CHRONIC"));
}

#[test]
fn syntax_faults_have_a_place() {
    for (text, column) in [
        ("water_safe and", 15),
        ("water_safe; drop table x", 11),
        ("(water_safe", 12),
        ("water_safe and )", 16),
    ] {
        let fault = fault(text);
        assert_eq!(
            (fault.fault.kind, fault.fault.span.start.line, fault.fault.span.start.column),
            (FaultKind::Syntax, 1, column),
            "{text}"
        );
    }
}

#[test]
fn comparing_with_null_says_what_to_write() {
    assert!(fault("water_safe = null").fault.message.en.contains("is null"));
}

#[test]
fn clauses_that_need_each_other_are_a_cycle() {
    let (program, faults) = Program::compile(&rules(vec![
        clause("a", Level::Household, ClauseKind::Verdict, "clause('b')"),
        clause("b", Level::Household, ClauseKind::Verdict, "not clause('a')"),
        clause("c", Level::Household, ClauseKind::Verdict, "water_safe"),
    ]));
    assert_eq!(program.columns.len(), 1);
    assert!(faults.iter().any(|fault| fault.fault.kind == FaultKind::Cycle));
}

#[test]
fn endless_expressions_are_refused_not_crashed_on() {
    let deep = format!("{}true{}", "(".repeat(3_000), ")".repeat(3_000));
    let long = format!("true{}", " and true".repeat(2_000));
    let sum = format!("1{} > 0", "+1".repeat(3_000));
    let nots = format!("{} true", "not ".repeat(1_500));
    for text in [deep, long, sum, nots] {
        assert_eq!(fault(&text).fault.kind, FaultKind::Syntax);
    }
    assert!(
        Program::compile(&rules(vec![clause(
            "it",
            Level::Household,
            ClauseKind::Verdict,
            &format!("true{}", " and true".repeat(450))
        )]))
        .1
        .is_empty()
    );
}

#[test]
fn a_figure_must_be_made_of_aggregates() {
    let facts = vec![
        fact("f", Level::Household, None, "wage_fen"),
        fact("g", Level::Household, Some("wage_fen"), "count(*)"),
    ];
    let rules = Rules { facts, ..Rules::default() };
    let (_, faults) = Program::compile(&rules);
    assert_eq!(
        faults.iter().map(|fault| fault.fault.kind).collect::<Vec<_>>(),
        [FaultKind::Level, FaultKind::Type]
    );
}
