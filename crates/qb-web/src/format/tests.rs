use super::*;

fn fen(value: i64) -> Fen {
    Fen::new(value).unwrap()
}

#[test]
fn nearly_all_is_not_all_and_nearly_none_not_none() {
    assert_eq!(percent(460_785, 461_000), "99.95%");
    assert_eq!(percent(262_808, 262_838), "99.99%");
    assert_eq!(percent(1, 262_838), "0.0004%");
    assert_eq!((percent(3, 3), percent(0, 3)), ("100.0%".to_owned(), "0.0%".to_owned()));
    assert_eq!((percent(234, 269), percent(1, 0)), ("87.0%".to_owned(), "—".to_owned()));
}

#[test]
fn one_amount_takes_the_unit_people_say_it_in() {
    let said = |amount: i64, lang| {
        let unit = MoneyUnit::for_one(fen(amount), lang);
        (unit.print(fen(amount), lang), unit.label(lang))
    };
    assert_eq!(said(3_038_000_000, Lang::Zh), ("3,038.00".to_owned(), "万元"));
    assert_eq!(said(3_038_000_000, Lang::En), ("30.38".to_owned(), "million yuan"));
    assert_eq!(said(99_999_999, Lang::En), ("999,999.99".to_owned(), "yuan"));
    assert_eq!(said(100_000_000, Lang::En), ("1.00".to_owned(), "million yuan"));
    assert_eq!(said(999_999, Lang::Zh), ("9,999.99".to_owned(), "元"));
    assert_eq!(said(592_700_000_000, Lang::Zh), ("59.27".to_owned(), "亿元"));
}

#[test]
fn a_column_takes_the_unit_of_its_largest_amount() {
    assert_eq!(MoneyUnit::for_largest([fen(999_999)]), MoneyUnit::Yuan);
    assert_eq!(MoneyUnit::for_largest([fen(1), fen(18_000_000)]), MoneyUnit::WanYuan);
    assert_eq!(MoneyUnit::for_largest([fen(10_000_000_000)]), MoneyUnit::YiYuan);
}

#[test]
fn money_prints_in_the_unit_with_two_decimals() {
    assert_eq!(MoneyUnit::WanYuan.print(fen(18_005_000), Lang::Zh), "18.01");
    assert_eq!(MoneyUnit::YiYuan.print(fen(-15_100_000_000), Lang::Zh), "-1.51");
    assert_eq!(MoneyUnit::YiYuan.print(fen(15_100_000_000), Lang::En), "151.00");
    assert_eq!(yuan(fen(580_000)), "5,800");
    assert_eq!(yuan(fen(580_001)), "5,800.01");
}

#[test]
fn a_share_of_nothing_is_a_dash() {
    assert_eq!(percent(1, 3), "33.3%");
    assert_eq!(percent(2, 3), "66.7%");
    assert_eq!(percent(0, 0), "—");
}

#[test]
fn counts_are_grouped() {
    assert_eq!(count(262_838), "262,838");
    assert_eq!(count(-1_000), "-1,000");
}
