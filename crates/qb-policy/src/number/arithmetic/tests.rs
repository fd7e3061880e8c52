use super::*;

fn value(text: &str, step: &str) -> Option<String> {
    let mut figure = |operand: Operand<'_>| match operand {
        Operand::Published("P14") => Decimal::parse("68164300"),
        Operand::Published("P15") => Decimal::parse("2374.8"),
        Operand::Param(_) => Some(Decimal::whole(0)),
        _ => None,
    };
    let ratio = evaluate(text, &mut figure).unwrap()?;
    ratio.round_to(Decimal::parse(step).unwrap()).map(|number| number.to_string())
}

#[test]
fn figures_are_combined_exactly() {
    assert_eq!(value("published('P14') / published('P15')", "1").as_deref(), Some("28703"));
    assert_eq!(value("1 - 2 * (3 + 4) / 8", "0.01").as_deref(), Some("-0.75"));
    assert_eq!(value("1/3*3", "0.000001").as_deref(), Some("1"));
}

#[test]
fn fractions_are_compared_and_cut_exactly() {
    let ratio = |n: i128, d: i128| Ratio::new(n, d).unwrap();
    assert!(ratio(1, 3) < ratio(1, 2) && ratio(-1, 2) < ratio(-1, 3));
    assert!(ratio(i128::MAX / 2, 3) > ratio(i128::MAX / 2, 4));
    assert_eq!(ratio(14, 15).cmp(&ratio(28, 30)), std::cmp::Ordering::Equal);
    assert!(ratio(7, 2) > ratio(3, 1) && ratio(3, 1) < ratio(7, 2));
    assert_eq!((ratio(7, 2).floor(), ratio(7, 2).ceil(), ratio(4, 1).ceil()), (3, 4, 4));
    assert_eq!((ratio(-7, 2).floor(), ratio(-7, 2).ceil()), (-4, -3));
    assert_eq!(Ratio::ONE.divide(Ratio::ZERO), None);
}

#[test]
fn a_missing_figure_and_a_division_by_zero_give_no_value() {
    assert_eq!(value("1 + computed('X')", "1"), None);
    assert_eq!(value("1 / param('zero')", "1"), None);
}

#[test]
fn a_fault_names_its_place() {
    let place = |text| evaluate(text, &mut |_| None).unwrap_err().offset;
    assert_eq!(place("1 + "), 4);
    assert_eq!(place("(1"), 2);
    assert_eq!(place("1 2"), 2);
    assert_eq!(place("1 + now()"), 4);
    assert_eq!(place("published('G08"), 0);
    assert_eq!(place(&"(".repeat(100)), 33);
}
