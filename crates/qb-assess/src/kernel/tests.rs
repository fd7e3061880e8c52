use super::*;
use crate::model::Missing;
use proptest::prelude::*;
use qb_base::Text;
use qb_policy::{Decimal, Position};

fn r(text: &str) -> Ratio {
    Ratio::of(Decimal::parse(text).unwrap()).unwrap()
}

fn item(weight: &str, direction: Direction, kernel: Kernel) -> Item {
    Item {
        id: "X".to_owned(),
        weight: r(weight),
        says: Text::fixed("指标", "an item"),
        source: "test".to_owned(),
        department: Text::fixed("部门", "an office"),
        unit: "percent".to_owned(),
        query: None,
        direction,
        kernel,
        missing: Missing::Zero,
        at: Position::default(),
    }
}

fn more(weight: &str, kernel: Kernel) -> Item {
    item(weight, Direction::More, kernel)
}

fn gives(item: &Item, cases: &[(&str, &str)]) {
    for (value, expected) in cases {
        assert_eq!(points(item, r(value), &[]), Some(r(expected)), "{value}");
    }
}

#[test]
fn one_person_short_of_the_plan_gives_nothing_of_fifteen() {
    let plan = more("15", Kernel::FullOrZero { at: r("9000") });
    gives(&plan, &[("8999", "0"), ("9000", "15"), ("9001", "15")]);
    let late = item("15", Direction::Less, Kernel::FullOrZero { at: r("0") });
    gives(&late, &[("0", "15"), ("0.1", "0")]);
}

#[test]
fn each_tenth_short_of_a_hundred_costs_a_point_and_no_more_than_all() {
    let kernel = |whole_units| Kernel::StepDeduct {
        at: r("100"),
        unit: r("0.1"),
        points: r("1"),
        whole_units,
    };
    let exact = more("5", kernel(false));
    gives(&exact, &[("100", "5"), ("100.5", "5"), ("99.95", "4.5"), ("99.5", "0")]);
    gives(&exact, &[("99.49", "0"), ("0", "0")]);
    let begun = more("5", kernel(true));
    gives(&begun, &[("100", "5"), ("99.99", "4"), ("99.9", "4"), ("99.89", "3")]);
}

#[test]
fn a_line_gives_nothing_below_it_and_all_above() {
    let spent = more("15", Kernel::Linear { lo: r("60"), hi: r("92") });
    gives(&spent, &[("59.9", "0"), ("60", "0"), ("88", "13.125"), ("92", "15"), ("95", "15")]);
    let late = more("10", Kernel::Linear { lo: r("30"), hi: r("0") });
    gives(&late, &[("0", "10"), ("15", "5"), ("30", "0"), ("31", "0"), ("-1", "10")]);
}

#[test]
fn a_table_is_joined_by_straight_lines() {
    let table = vec![(r("7.2"), r("0")), (r("9.2"), r("0.6")), (r("9.7"), r("1"))];
    let growth = more("15", Kernel::Piecewise { table });
    gives(&growth, &[("7", "0"), ("7.2", "0"), ("8.2", "4.5"), ("9.2", "9"), ("9.6", "13.8")]);
    gives(&growth, &[("9.7", "15"), ("12", "15")]);
}

#[test]
fn bands_end_on_their_last_value() {
    let table = vec![(r("1"), r("10")), (r("3"), r("6")), (r("9"), r("2"))];
    let late = more("10", Kernel::Bands { table, beyond: r("0") });
    gives(&late, &[("0", "10"), ("1", "10"), ("1.01", "6"), ("9", "2"), ("9.01", "0")]);
}

#[test]
fn each_place_behind_costs_the_step_and_equals_share_a_place() {
    let rank = more("1", Kernel::Rank { step: r("0.25") });
    let all = ["9", "8", "8", "7", "6", "5"].map(r);
    let of = |value: &str| points(&rank, r(value), &all).unwrap();
    let places = ["9", "8", "7", "6", "5"].map(of);
    assert_eq!(places, ["1", "0.75", "0.25", "0", "0"].map(r));
    let least = item("1", Direction::Less, Kernel::Rank { step: r("0.25") });
    assert_eq!(points(&least, r("5"), &all), Some(r("1")));
}

#[test]
fn one_more_gives_a_point_and_one_fewer_costs_two() {
    let kernel = Kernel::PerUnit { at: r("10"), start: r("6"), plus: r("1"), minus: r("2") };
    let done = more("8", kernel);
    gives(&done, &[("10", "6"), ("11", "7"), ("13", "8"), ("9", "4"), ("7", "0"), ("2", "0")]);
}

fn any_kernel() -> impl Strategy<Value = Kernel> {
    let whole = |n: i64| Ratio::new(i128::from(n), 1).unwrap();
    (0..5_u8, 1..100_i64, 1..20_i64).prop_map(move |(kind, at, unit)| match kind {
        0 => Kernel::FullOrZero { at: whole(at) },
        1 => Kernel::StepDeduct {
            at: whole(at),
            unit: whole(unit),
            points: whole(1),
            whole_units: at % 2 == 0,
        },
        2 => Kernel::Linear { lo: whole(at), hi: whole(at + unit) },
        3 => Kernel::Piecewise {
            table: vec![(whole(at), Ratio::ZERO), (whole(at + unit), Ratio::ONE)],
        },
        _ => Kernel::PerUnit { at: whole(at), start: whole(5), plus: whole(1), minus: whole(unit) },
    })
}

proptest! {
    #[test]
    fn points_stay_within_the_weight_and_never_fall_as_the_value_rises(
        kernel in any_kernel(),
        value in -50_000..200_000_i64,
        more_by in 0..10_000_i64,
    ) {
        let item = more("10", kernel);
        let at = |thousandths: i64| {
            points(&item, Ratio::new(i128::from(thousandths), 1_000).unwrap(), &[]).unwrap()
        };
        let (low, high) = (at(value), at(value + more_by));
        prop_assert!(Ratio::ZERO <= low && low <= high && high <= item.weight);
    }
}
