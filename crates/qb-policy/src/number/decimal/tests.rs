use super::*;

fn d(text: &str) -> Decimal {
    Decimal::parse(text).unwrap()
}

#[test]
fn a_decimal_prints_as_it_was_written_without_trailing_zeros() {
    for (given, printed) in
        [("6000", "6000"), ("-0.50", "-0.5"), ("0.005", "0.005"), ("12.30", "12.3")]
    {
        assert_eq!(d(given).to_string(), printed);
    }
    for bad in ["", "1e5", "1,000", ".5", "5.", "--1", "1.2.3", "１", "1234567890123456789"] {
        assert_eq!(Decimal::parse(bad), None, "{bad}");
    }
}

#[test]
fn yuan_become_fen_and_percent_become_shares() {
    assert_eq!(d("6000").shift(2), Some(d("600000")));
    assert_eq!(d("12.345").shift(2), Some(d("1234.5")));
    assert_eq!(d("30").shift(-2), Some(d("0.3")));
}

#[test]
fn rounding_goes_half_away_from_zero() {
    assert_eq!(d("202449.9").round_to(d("100")), Some(d("202400")));
    assert_eq!(d("202450").round_to(d("100")), Some(d("202500")));
    assert_eq!(d("-0.05").round_to(d("0.1")), Some(d("-0.1")));
    assert_eq!(d("1").round_to(d("0")), None);
}

#[test]
fn the_same_value_is_equal_at_any_scale() {
    assert_eq!(d("1.50"), d("1.5"));
    assert!(d("0.3") < d("0.31") && d("-1") < d("0"));
}
