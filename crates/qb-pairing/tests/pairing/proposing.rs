//! The proposal: balanced, capped, in the own county, the same every time.

use std::collections::HashMap;

use proptest::prelude::*;
use qb_base::AreaLevel;
use qb_pairing::rules::{Cap, PairingRules};
use qb_pairing::{Candidate, Vacancy, propose, queries};
use qb_store::testing::on_each_store;
use qb_store::{Store, StoreError};
use serde_json::json;

use crate::fixture::{CITY, FENG, PACK, PEI, RULES, area, audit, day, officer, record};

fn rules(city: u32, county: u32) -> PairingRules {
    let cap = |level: &str, villages| Cap { level: level.to_owned(), villages };
    PairingRules {
        cap: vec![cap("CITY", city), cap("COUNTY", county)],
        own_county: vec!["COUNTY".to_owned()],
        ..RULES.pairing.clone()
    }
}

fn unit(number: &str, county: Option<&str>, villages: u32) -> Candidate {
    Candidate {
        unit_no: number.to_owned(),
        unit: format!("单位{number}"),
        level: if county.is_some() { "COUNTY" } else { "CITY" }.to_owned(),
        county: county.map(area),
        villages,
    }
}

fn villages(county: &str, count: usize) -> Vec<Vacancy> {
    (0..count).map(|n| Vacancy { area: area(&format!("{county}1002{n:02}")) }).collect()
}

/// Numbers of the units proposed, in the order of the villages.
fn proposed(vacancies: &[Vacancy], units: &[Candidate], rules: &PairingRules) -> Vec<String> {
    propose(vacancies, units, rules).0.into_iter().map(|proposal| proposal.unit_no).collect()
}

#[test]
fn the_unit_with_the_fewest_villages_comes_first() {
    let units = [unit("a", None, 2), unit("b", None, 1)];
    assert_eq!(proposed(&villages(FENG, 3), &units, &rules(9, 9)), ["b", "a", "b"]);
}

#[test]
fn of_equals_the_one_of_the_same_county_comes_first() {
    let units = [unit("a", None, 1), unit("b", Some(FENG), 1)];
    let (proposals, _) = propose(&villages(FENG, 1), &units, &rules(9, 9));
    assert_eq!((proposals[0].unit_no.as_str(), proposals[0].is_same_county), ("b", true));
    assert!(proposals[0].why.zh.contains("现挂钩 1 个村") && proposals[0].why.en.contains("cap"));
}

#[test]
fn a_unit_of_another_county_is_not_asked() {
    let units = [unit("a", Some(PEI), 0)];
    let (proposals, unpaired) = propose(&villages(FENG, 1), &units, &rules(9, 9));
    assert_eq!((proposals.len(), unpaired.len()), (0, 1));
}

#[test]
fn a_unit_at_its_cap_is_full_and_one_below_has_room_for_one() {
    let (full, room) = ([unit("a", None, 3)], [unit("a", None, 2)]);
    assert_eq!(propose(&villages(FENG, 2), &full, &rules(3, 9)).1.len(), 2);
    let (proposals, unpaired) = propose(&villages(FENG, 2), &room, &rules(3, 9));
    assert_eq!((proposals.len(), unpaired.len()), (1, 1));
}

#[test]
fn a_level_without_a_cap_takes_nobody() {
    let mut unit = unit("a", None, 0);
    unit.level = "PROVINCE".to_owned();
    assert_eq!(propose(&villages(FENG, 1), &[unit], &rules(9, 9)).0.len(), 0);
}

fn some_units() -> impl Strategy<Value = Vec<Candidate>> {
    let county = prop::option::of(prop::sample::select(vec![FENG, PEI]));
    prop::collection::vec((county, 0_u32..6), 0..12).prop_map(|units| {
        let numbered = units.into_iter().enumerate();
        numbered.map(|(n, (county, load))| unit(&format!("u{n:02}"), county, load)).collect()
    })
}

proptest! {
    #[test]
    fn every_village_gets_one_unit_or_a_reason_and_no_cap_is_passed(
        units in some_units(), feng in 0_usize..12, pei in 0_usize..12,
    ) {
        let vacancies: Vec<Vacancy> =
            villages(FENG, feng).into_iter().chain(villages(PEI, pei)).collect();
        let rules = rules(4, 3);
        let (proposals, unpaired) = propose(&vacancies, &units, &rules);
        prop_assert_eq!(proposals.len() + unpaired.len(), vacancies.len());
        let mut loads: HashMap<&str, u32> =
            units.iter().map(|unit| (unit.unit_no.as_str(), unit.villages)).collect();
        for proposal in &proposals {
            let unit = units.iter().find(|unit| unit.unit_no == proposal.unit_no).unwrap();
            let load = loads.get_mut(proposal.unit_no.as_str()).unwrap();
            *load += 1;
            prop_assert_eq!(*load, proposal.villages);
            let cap = if unit.level == "CITY" { 4 } else { 3 };
            prop_assert!(*load <= cap);
            let county = proposal.area.at(AreaLevel::County);
            prop_assert!(unit.county.is_none() || unit.county == county);
        }
        let (mut villages, mut candidates) = (vacancies.clone(), units.clone());
        villages.reverse();
        candidates.reverse();
        prop_assert_eq!(propose(&villages, &candidates, &rules), (proposals, unpaired));
    }
}

fn designate(store: &Store, village: &str) {
    store
        .write::<_, StoreError>(|tx| {
            let id = tx.next_id("designation")?;
            let sql = "insert into designation (id, area_code, kind, designated_year, valid_from, \
                       reason_in, recorded_at, source_file_id, source_row) \
                       values ($1, $2, 'WEAK_ECONOMY', 2015, '2015-01-01', 'listed', 1, 1, 1)";
            tx.execute(sql, &[id.into(), village.into()])?;
            audit(tx)
        })
        .unwrap();
}

fn pair(store: &Store, unit: &str, village: &str, to_on: Option<&str>) {
    let fields = json!({ "unit_no": unit, "unit": unit, "level": "CITY",
        "from_on": "2016-01-01", "to_on": to_on });
    record(store, "unit_pairing", &format!("{unit}|{village}"), village, &fields);
}

#[test]
fn only_designated_villages_without_a_unit_on_the_day_are_proposed() {
    on_each_store(|store| {
        qb_registry::areas::load(store, &PACK, "tester").unwrap();
        let [one, two, three] = ["320321100201", "320321100202", "320321100203"];
        for village in [one, two, three] {
            designate(store, village);
        }
        pair(store, "u1", one, None);
        pair(store, "u2", two, Some("2016-07-01"));
        let sheet = |on: &str| {
            store
                .read::<_, StoreError>(|conn| {
                    queries::proposal(conn, &officer(CITY), &RULES, area(CITY), day(on))
                })
                .unwrap()
        };
        assert_eq!(sheet("2016-06-30").paired, 2);
        let after = sheet("2016-07-01");
        assert_eq!((after.villages, after.paired), (3, 1));
        let units: Vec<&str> = after.proposals.iter().map(|p| p.unit_no.as_str()).collect();
        assert_eq!(units, ["u2", "u1"]);
    });
}
