use super::*;

#[test]
fn numbers_print_with_separators_and_units() {
    let number = |text: &str| Decimal::parse(text).unwrap();
    assert_eq!(grouped(number("-68164300.5")), "-68,164,300.5");
    assert_eq!(with_unit(&grouped(number("202400")), "人", Lang::Zh), "202,400人");
    assert_eq!(with_unit("202,400", "people", Lang::En), "202,400 people");
    assert_eq!(with_unit("9.2", "%", Lang::En), "9.2%");
}

#[test]
fn a_share_that_is_nearly_all_is_not_printed_as_all() {
    let number = |text: &str| readable(Decimal::parse(text).unwrap());
    assert_eq!(number("99.99956022"), "99.9996");
    assert_eq!(number("10.920337"), "10.92");
    assert_eq!(number("2374.8145"), "2,374.8145");
    assert_eq!(number("80893600"), "80,893,600");
}

#[test]
fn one_has_a_word_of_its_own_in_english() {
    let one = |unit: &str| unit_of(Decimal::whole(1), unit, Lang::En);
    let units = ["documents", "people", "entries", "practical works", "%", "km"];
    assert_eq!(units.map(one), ["document", "person", "entry", "practical work", "%", "km"]);
    assert_eq!(unit_of(Decimal::whole(2), "documents", Lang::En), "documents");
    assert_eq!(unit_of(Decimal::whole(1), "人", Lang::Zh), "人");
}

#[test]
fn scripts_get_numbers_not_texts() {
    assert_eq!(to_json(Decimal::whole(202_400)).to_string(), "202400");
    assert_eq!(to_json(Decimal::parse("2374.8").unwrap()).to_string(), "2374.8");
}
