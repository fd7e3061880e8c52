use super::*;
use proptest::prelude::*;

#[test]
fn amounts_print_with_separators() {
    assert_eq!(Fen(123_456_789).to_string(), "1,234,567.89");
    assert_eq!(Fen(-5).to_string(), "-0.05");
    assert_eq!(Fen(100_000).to_string(), "1,000.00");
}

#[test]
fn ten_thousand_yuan_lose_no_fen() {
    assert_eq!(Fen(12_500_000).to_plain_wan(), "12.5");
    assert_eq!(Fen(-1).to_plain_wan(), "-0.000001");
    assert_eq!(Fen(10_000_000).to_plain_wan(), "10");
    assert_eq!(Fen(0).to_plain_wan(), "0");
}

#[test]
fn an_amount_above_the_limit_is_refused() {
    assert_eq!(Fen::new(FEN_MAX).map(Fen::fen), Some(FEN_MAX));
    assert_eq!(Fen::new(FEN_MAX + 1), None);
    assert_eq!(Fen(FEN_MAX).plus(Fen(1)), Err(MoneyError::OutOfRange));
}

#[test]
fn nobody_to_split_among_is_an_error() {
    assert_eq!(Fen(100).split(&[0, 0]), Err(MoneyError::NoWeight));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn a_split_keeps_the_sum(fen in -FEN_MAX..=FEN_MAX,
                             weights in prop::collection::vec(0_u64..1_000_000, 1..40)) {
        prop_assume!(weights.iter().any(|w| *w > 0));
        let parts = Fen(fen).split(&weights).unwrap();
        prop_assert_eq!(parts.iter().map(|p| p.fen()).sum::<i64>(), fen);
    }
}
