//! Targets down a tree of areas: those below cover those above, and where they do not it shows.

use proptest::prelude::*;
use qb_base::AreaCode;
use qb_pairing::{CascadeLine, Target, cascade};

use crate::fixture::area;

fn target(code: &str, amount: i64) -> Target {
    Target {
        year: 2016,
        item: "EXIT_PEOPLE".to_owned(),
        area: area(code),
        pledge_no: format!("Z{code}"),
        unit: "人".to_owned(),
        target_micro: amount * 1_000_000,
    }
}

fn line<'l>(lines: &'l [CascadeLine], code: &str) -> &'l CascadeLine {
    lines.iter().find(|line| line.area == area(code)).unwrap()
}

#[test]
fn children_that_add_up_cover_their_parent() {
    let lines = cascade(&[target("3203", 10), target("320321", 4), target("320322", 6)]);
    let city = line(&lines, "3203");
    assert_eq!((city.children, city.stretch_micro), (2, Some(0)));
    assert!(city.is_covered());
}

#[test]
fn one_person_short_is_not_covered() {
    let lines = cascade(&[target("3203", 10), target("320321", 4), target("320322", 5)]);
    assert_eq!(line(&lines, "3203").stretch_micro, Some(-1_000_000));
    assert!(!line(&lines, "3203").is_covered());
}

#[test]
fn a_stretch_is_covered_and_shown() {
    let lines = cascade(&[target("3203", 10), target("320321", 11)]);
    assert_eq!(line(&lines, "3203").stretch_micro, Some(1_000_000));
    assert!(line(&lines, "3203").is_covered());
}

#[test]
fn a_level_without_a_target_is_passed_over() {
    let lines = cascade(&[target("320321", 3), target("320321100201", 3)]);
    assert_eq!(line(&lines, "320321100201").parent, Some(area("320321")));
    assert!(line(&lines, "320321").is_covered());
}

#[test]
fn a_leaf_covers_itself() {
    let lines = cascade(&[target("320321100201", 3)]);
    assert_eq!(lines[0].children_micro, None);
    assert!(lines[0].is_covered());
}

#[test]
fn another_unit_below_is_seen_at_the_parent() {
    let mut child = target("320321", 10);
    child.unit = "户".to_owned();
    let lines = cascade(&[target("3203", 10), child]);
    assert!(!line(&lines, "3203").is_unit_same);
}

#[test]
fn items_and_years_do_not_mix() {
    let mut other_year = target("320321", 10);
    other_year.year = 2017;
    let mut other_item = target("320322", 10);
    other_item.item = "CENTRES".to_owned();
    let lines = cascade(&[target("3203", 10), other_year, other_item]);
    assert!(lines.iter().all(|line| line.children == 0));
}

/// A tree in which each area passes its target on with some stretch, and the areas of its inner
/// nodes.
fn tree() -> impl Strategy<Value = (Vec<Target>, Vec<AreaCode>)> {
    let county = prop::collection::vec((1_i64..500, 0_i64..20), 1..6);
    prop::collection::vec(county, 1..5).prop_map(|counties| {
        let mut targets = Vec::new();
        let mut inner = vec![area("3203")];
        let mut sum = 0;
        for (c, towns) in counties.iter().enumerate() {
            let code = format!("32032{c}");
            let own: i64 = towns.iter().map(|(amount, _)| *amount).sum();
            for (t, (amount, stretch)) in towns.iter().enumerate() {
                targets.push(target(&format!("{code}10{t}"), amount + stretch));
            }
            targets.push(target(&code, own));
            inner.push(area(&code));
            sum += own;
        }
        targets.push(target("3203", sum));
        (targets, inner)
    })
}

proptest! {
    #[test]
    fn what_is_passed_on_with_stretch_is_covered_everywhere((targets, inner) in tree()) {
        let lines = cascade(&targets);
        prop_assert_eq!(lines.len(), targets.len());
        prop_assert!(lines.iter().all(CascadeLine::is_covered));
        // Covered at each node, so the leaves cover the root.
        let leaves: i64 =
            lines.iter().filter(|line| line.children == 0).map(|line| line.target_micro).sum();
        prop_assert!(leaves >= line(&lines, "3203").target_micro);
        let passed_on = lines.iter().filter(|line| line.children > 0);
        prop_assert_eq!(passed_on.map(|line| line.area).collect::<Vec<_>>(), inner);
    }

    #[test]
    fn what_is_not_passed_on_shows_at_exactly_its_node((targets, inner) in tree(),
                                                       pick in any::<prop::sample::Index>()) {
        let missed = *pick.get(&inner);
        let mut targets = targets;
        let covered = cascade(&targets);
        let room = line(&covered, missed.as_str()).stretch_micro.unwrap();
        // The node itself is asked for more than those below took.
        for target in targets.iter_mut().filter(|target| target.area == missed) {
            target.target_micro += room + 1;
        }
        let broken: Vec<AreaCode> =
            cascade(&targets).iter().filter(|l| !l.is_covered()).map(|l| l.area).collect();
        prop_assert_eq!(broken, vec![missed]);
    }

    #[test]
    fn the_order_of_the_rows_does_not_matter((targets, _) in tree()) {
        let mut turned = targets.clone();
        turned.reverse();
        prop_assert_eq!(cascade(&targets), cascade(&turned));
    }
}
