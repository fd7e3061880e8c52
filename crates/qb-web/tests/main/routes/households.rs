//! The table of households and the page of one.

use qb_access::Role;

use crate::client::{get, get_with, sought};
use crate::world::{CANARY_NAME, HOUSEHOLDS_OWN, OWN_TOWN, OWN_VILLAGE, Session, World};

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
    for q in ["320381115206000001", CANARY_NAME] {
        let address = sought(&world.router, "/households", &session, q);
        let answer = get(&world.router, &address, Some(&session));
        assert_eq!(listed(&answer.body), [1], "{q}");
    }
}

#[test]
fn a_name_is_found_by_its_beginning_only_by_those_who_read_names_in_full() {
    let world = World::shared();
    let clerk = world.sign_in(Role::VillageClerk, OWN_VILLAGE);
    let auditor = world.sign_in(Role::Auditor, OWN_TOWN);
    let (beginning, whole) = ("金丝", CANARY_NAME);
    let found = |session: &Session, q: &str| {
        let address = sought(&world.router, "/households", session, q);
        listed(&get(&world.router, &address, Some(session)).body)
    };
    assert_eq!(found(&clerk, beginning), [1]);
    assert_eq!(found(&auditor, beginning), [0_i64; 0]);
    assert_eq!(found(&auditor, whole), [1]);
    assert_eq!(found(&clerk, "\u{3000}·"), [0_i64; 0], "marks alone find nobody");
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

#[test]
fn a_search_word_stands_in_no_address_and_its_key_opens_for_its_reader_only() {
    let world = World::shared();
    let clerk = world.sign_in(Role::VillageClerk, OWN_VILLAGE);
    let address = sought(&world.router, "/households", &clerk, CANARY_NAME);
    assert!(address.starts_with("/households?find=") && !address.contains('%'), "{address}");
    let page = get(&world.router, &address, Some(&clerk));
    let links = page.body.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let links: Vec<&str> = links.collect();
    assert!(links.iter().all(|link| !link.contains("q=") && !link.contains(CANARY_NAME)));
    let other = world.sign_in(Role::TownClerk, OWN_TOWN);
    assert_eq!(get(&world.router, &address, Some(&other)).status, 422);
    let last = if address.ends_with('0') { '1' } else { '0' };
    let broken = format!("{}{last}", &address[..address.len() - 1]);
    for wrong in [broken.as_str(), "/households?find=xyz", "/households?find=00"] {
        assert_eq!(get(&world.router, wrong, Some(&clerk)).status, 422, "{wrong}");
    }
}
