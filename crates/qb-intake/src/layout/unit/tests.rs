use super::*;

fn words() -> UnitWords {
    let pack = qb_policy::Pack::load(qb_policy::PackSource::Embedded("xuzhou-2016")).unwrap();
    std::sync::Arc::into_inner(crate::words::Words::of(&pack).unwrap()).unwrap().units
}

fn above(cells: &[&str]) -> Said {
    Said::by(words().above(cells))
}

#[test]
fn a_unit_above_the_table_is_found_in_every_usual_form() {
    for cells in [
        &["单位：万元"][..],
        &["（单位:万元）"],
        &["单 位 ： 万 元"],
        &["金额单位：人民币万元"],
        &["", "单位：", "", "万元"],
        &["单位", "万元"],
        &["2016年收支表（万元）"],
        &["2016年收支表(单位:万元、个)"],
        &["资金表 单位：万元 2016年12月31日"],
        &["（万元）"],
        &["填报单位：某村", "单位：万元"],
        &["单位：户、人、万元"],
        &["单位：万元/年"],
    ] {
        assert_eq!(above(cells), Said::Power(4), "{cells:?}");
    }
    assert_eq!(above(&["金额单位：元"]), Said::Power(0));
    assert_eq!(above(&["单位：千元"]), Said::Power(3));
}

#[test]
fn what_is_no_unit_of_money_says_nothing() {
    for cells in [
        &["填报单位：元宝村"][..],
        &["帮扶单位：", "万元店村"],
        &["总投资1000万元的项目"],
        &["单位（盖章）：", ""],
        &["全县共投入3.2亿元。"],
        &["年度：2016"],
    ] {
        assert_eq!(above(cells), Said::Nothing, "{cells:?}");
    }
    assert_eq!(above(&["单位：人"]), Said::Other);
    let stems = words().stems("养殖户");
    assert_eq!(stems, [("养殖户".to_owned(), Said::Nothing)], "a word that ends like a unit");
}

#[test]
fn two_units_or_a_foreign_one_are_unclear() {
    for cells in [&["单位：元、万元"][..], &["单位：万美元"], &["单位：元", "单位：万元"]]
    {
        assert_eq!(above(cells), Said::Unclear, "{cells:?}");
    }
}

#[test]
fn a_head_is_read_with_and_without_its_unit() {
    let words = words();
    for (head, stem, said) in [
        ("支付金额(万元)", "支付金额", Said::Power(4)),
        ("支付金额（单位：万元）", "支付金额", Said::Power(4)),
        ("支付金额(元)**", "支付金额", Said::Power(0)),
        ("支付金额[千元]", "支付金额", Said::Power(3)),
        ("支付金额万元", "支付金额", Said::Power(4)),
        ("支付金额：元", "支付金额", Said::Power(0)),
        ("人均纯收入(元/人)", "人均纯收入", Said::Power(0)),
        ("户数(户)", "户数", Said::Other),
        ("资金(含省级)(万元)", "资金(含省级)", Said::Power(4)),
        ("金额(元、万元)", "金额", Said::Unclear),
    ] {
        let stems = words.stems(&fold::key(head));
        assert!(stems.iter().any(|(s, u)| s == stem && *u == said), "{head}: {stems:?}");
    }
}
