use super::*;
use crate::tests::{decimal, pack};

fn judged(change: impl Fn(&mut Fact), value: &str) -> Judgement {
    let mut fact = pack().fact("G08").unwrap().clone();
    change(&mut fact);
    judge(&fact, decimal(value), Some(1_203))
}

#[test]
fn somewhat_more_than_a_number_ends_at_its_next_step() {
    let over = |fact: &mut Fact| fact.compare = Compare::Over;
    for (value, expected) in [
        ("202399.99", Verdict::Contradiction),
        ("202400", Verdict::Reproduced),
        ("202499.99", Verdict::Reproduced),
        ("202500", Verdict::Contradiction),
        ("200000000", Verdict::Contradiction),
    ] {
        assert_eq!(judged(over, value).verdict, expected, "{value}");
    }
}

#[test]
fn all_of_a_set_is_not_reached_by_rounding() {
    let all = |fact: &mut Fact| {
        fact.compare = Compare::All;
        fact.published = Some(decimal("100"));
        fact.rounding = Some(decimal("0.1"));
    };
    assert_eq!(judged(all, "100").verdict, Verdict::Reproduced);
    let nearly = judged(all, "99.99995601");
    assert_eq!(nearly.verdict, Verdict::Contradiction);
    assert!(nearly.reason.zh.contains("缺1,203个"), "{}", nearly.reason.zh);
}

#[test]
fn what_publishes_no_number_is_a_statement_whatever_the_rows_hold() {
    let stated = |fact: &mut Fact| {
        fact.published = None;
        fact.rounding = None;
    };
    for value in ["0", "7"] {
        assert_eq!(judged(stated, value).verdict, Verdict::Statement);
    }
}

#[test]
fn a_whole_number_is_not_said_to_be_rounded() {
    assert_eq!(&*judged(|_| {}, "202400").reason.zh, "等于公布数");
    assert_eq!(&*judged(|_| {}, "202500").reason.zh, "计算为202,500，公布的是202,400");
}

#[test]
fn names_of_a_list_are_no_published_number() {
    let named = |fact: &mut Fact| {
        fact.compare = Compare::Named;
        fact.published = Some(decimal("4"));
        fact.rounding = None;
    };
    assert_eq!(&*judged(named, "4").reason.zh, "与文件所列名称的个数相同");
    assert_eq!(judged(named, "3").verdict, Verdict::Contradiction);
}

#[test]
fn a_number_entered_again_is_not_compared_with_itself() {
    let fact = pack().fact("P14").unwrap().clone();
    let judged = judge(&fact, fact.published.unwrap(), None);
    assert_eq!(judged.verdict, Verdict::Reference);
    assert_eq!(&*judged.reason.zh, "引自外部数据，登记资料不能核对");
}

#[test]
fn the_reason_names_the_exact_value_the_step_and_what_comes_out() {
    let reason = judged(|_| {}, "202367").reason;
    assert_eq!(&*reason.zh, "202,367按100取整为202,400，等于公布数");
    assert_eq!(&*reason.en, "202,367 rounded to 100 is 202,400, as published");
}
