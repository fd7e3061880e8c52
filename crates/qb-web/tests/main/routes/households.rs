//! The table of households and the page of one.

use qb_access::Role;

use crate::client::{get, get_with};
use crate::world::{HOUSEHOLDS_OWN, OWN_TOWN, OWN_VILLAGE, Session, World};

/// Ids of the households a page lists.
fn listed(body: &str) -> Vec<i64> {
    let table = body.split("id=\"households\"").nth(1).unwrap_or_default();
    table
        .split("href=\"/households/")
        .skip(1)
        .filter_map(|rest| rest.split('"').next()?.parse().ok())
        .collect()
}

fn next(body: &str) -> Option<String> {
    let rest = body.split("rel=\"next\" href=\"").nth(1)?;
    Some(rest.split('"').next()?.replace("&#38;", "&").replace("&amp;", "&"))
}

#[test]
fn the_pages_of_a_list_hold_every_household_once() {
    let world = World::shared();
    let session = world.sign_in(Role::VillageClerk, OWN_VILLAGE);
    let mut address = Some("/households".to_owned());
    let mut seen = Vec::new();
    while let Some(page) = address {
        let answer = get(&world.router, &page, Some(&session));
        assert_eq!(answer.status, 200, "{page}");
        assert!(answer.body.contains(&format!("共 {HOUSEHOLDS_OWN} 户")));
        seen.extend(listed(&answer.body));
        address = next(&answer.body);
    }
    seen.sort_unstable();
    assert_eq!(seen, (1..=HOUSEHOLDS_OWN).collect::<Vec<i64>>());
}

#[test]
fn the_total_of_a_filter_is_the_number_of_rows_behind_it() {
    let world = World::shared();
    let session = world.sign_in(Role::TownClerk, OWN_TOWN);
    let area = get(&world.router, "/areas/320381115/verdicts", Some(&session));
    let mut checked = 0;
    for link in area.body.split("href=\"/households?").skip(1) {
        let (query, rest) = link.split_once('"').unwrap();
        if !query.contains("verdict") {
            continue;
        }
        let shown = rest.split('>').nth(1).unwrap().split('<').next().unwrap().replace(',', "");
        let query = query.replace("&#38;", "&").replace("&amp;", "&");
        let answer = get(&world.router, &format!("/households?{query}"), Some(&session));
        assert!(answer.body.contains(&format!("共 {shown} 户")), "{query}: {shown}");
        checked += 1;
    }
    assert!(checked > 3, "{checked}");
}

#[test]
fn a_household_is_found_by_its_number_and_by_its_heads_name() {
    let world = World::shared();
    let session = world.sign_in(Role::VillageClerk, OWN_VILLAGE);
    for q in ["320381115206000001", "%E9%87%91%E4%B8%9D%E9%9B%80"] {
        let answer = get(&world.router, &format!("/households?q={q}"), Some(&session));
        assert_eq!(listed(&answer.body), [1], "{q}");
    }
}

#[test]
fn a_name_is_found_by_its_beginning_only_by_those_who_read_names_in_full() {
    let world = World::shared();
    let clerk = world.sign_in(Role::VillageClerk, OWN_VILLAGE);
    let auditor = world.sign_in(Role::Auditor, OWN_TOWN);
    let (beginning, whole) = ("%E9%87%91%E4%B8%9D", "%E9%87%91%E4%B8%9D%E9%9B%80");
    let found = |session: &Session, q: &str| {
        listed(&get(&world.router, &format!("/households?q={q}"), Some(session)).body)
    };
    assert_eq!(found(&clerk, beginning), [1]);
    assert_eq!(found(&auditor, beginning), [0_i64; 0]);
    assert_eq!(found(&auditor, whole), [1]);
    assert_eq!(found(&clerk, "%E3%80%80%C2%B7"), [0_i64; 0], "marks alone find nobody");
}

#[test]
fn the_slip_gives_each_condition_with_its_mark() {
    let world = World::shared();
    let session = world.sign_in(Role::VillageClerk, OWN_VILLAGE);
    let all = get(&world.router, "/households/1/reasons", Some(&session));
    assert_eq!(all.status, 200);
    assert!(all.body.contains("qb-tree") && all.body.contains("exit.ready"));
    let one = "/households/1/reasons?clause=guarantee.water";
    let part = get_with(&world.router, one, Some(&session), &[("hx-request", "true")]);
    assert!(part.body.contains("guarantee.water") && !part.body.contains("<html"));
    assert!(part.body.contains('✓') || part.body.contains('✗') || part.body.contains('?'));
}

#[test]
fn a_clause_that_does_not_exist_filters_nothing_and_breaks_nothing() {
    let world = World::shared();
    let session = world.sign_in(Role::VillageClerk, OWN_VILLAGE);
    for query in ["clause=none&verdict=true", "after=320381115206.-9", "verdict=maybe"] {
        let answer = get(&world.router, &format!("/households?{query}"), Some(&session));
        assert_eq!(answer.status, 200, "{query}");
    }
}
