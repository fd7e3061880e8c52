//! What may not be read does not appear, whoever asks.

use qb_access::{Reveal, Role, Scope};
use qb_base::AreaCode;

use crate::client::{get, get_with, post, sought};
use crate::world::{CANARY_NAME, CANARY_NUMBER, OWN_TOWN, OWN_VILLAGE, World};

const PAGES: &[&str] = &[
    "/",
    "/me",
    "/areas/320381115206",
    "/households",
    "/households/1",
    "/households/1/reasons",
    "/households/1/persons/1/identity",
    "/villages",
    "/figures/G08",
    "/persons?clause=guarantee.person_health&verdict=true",
    "/imports/1?fault=F3",
];

#[test]
fn no_page_shows_an_identity_number_and_names_show_only_to_those_who_read_them() {
    let world = World::shared();
    for role in Role::ALL {
        let session = world.sign_in(role, OWN_TOWN);
        let reads_names =
            Scope::new(role, AreaCode::parse(OWN_TOWN).unwrap()).reveal() == Reveal::Full;
        for page in PAGES {
            let answer = get(&world.router, page, Some(&session));
            assert!(!answer.body.contains(CANARY_NUMBER), "{page} as {role}");
            assert!(!answer.body.contains("19491231"), "{page} as {role}");
            assert!(reads_names || !answer.body.contains(CANARY_NAME), "{page} as {role}");
            assert!(reads_names || !answer.body.contains("1950-01-01"), "{page} as {role}");
        }
    }
}

#[test]
fn the_clerk_reads_the_name_and_the_auditor_only_the_family_name() {
    let world = World::shared();
    let clerk = world.sign_in(Role::VillageClerk, OWN_VILLAGE);
    let auditor = world.sign_in(Role::Auditor, OWN_TOWN);
    assert!(get(&world.router, "/households/1", Some(&clerk)).body.contains(CANARY_NAME));
    assert!(get(&world.router, "/households/1", Some(&auditor)).body.contains("金**"));
}

#[test]
fn a_number_is_shown_once_with_a_reason_and_the_reading_is_recorded() {
    let world = World::make();
    let session = world.sign_in(Role::TownClerk, OWN_TOWN);
    let address = "/households/1/persons/1/identity";
    let without = post(&world.router, address, Some(&session), &[("reason", "x")]);
    assert!(!without.body.contains(CANARY_NUMBER));
    let with = post(&world.router, address, Some(&session), &[("reason", "核对医保参保信息")]);
    assert!(with.body.contains(CANARY_NUMBER), "{}", with.status);
    assert_eq!(with.headers["cache-control"], "no-store");
    let shown = qb_store::AuditFilter { action: "id.reveal".into(), ..Default::default() };
    let shown = world.store().audit_list(&shown, 2).unwrap();
    assert_eq!((shown.len(), shown[0].reason.as_str()), (1, "核对医保参保信息"));
    assert!(!shown[0].object.contains(CANARY_NUMBER));
}

#[test]
fn every_page_with_data_is_stored_nowhere_and_guarded() {
    let world = World::shared();
    let session = world.sign_in(Role::CityOfficer, OWN_TOWN);
    for page in PAGES.iter().filter(|page| page.is_ascii()) {
        let answer = get(&world.router, page, Some(&session));
        assert_eq!(answer.headers["cache-control"], "no-store", "{page}");
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{page}");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        assert_eq!(answer.headers["x-frame-options"], "DENY");
    }
}

#[test]
fn no_page_holds_inline_code_or_loads_from_elsewhere() {
    let world = World::shared();
    let session = world.sign_in(Role::CityOfficer, OWN_TOWN);
    for page in PAGES.iter().filter(|page| page.is_ascii()) {
        let body = get(&world.router, page, Some(&session)).body;
        for mark in
            ["<script>", " onclick=", " onload=", " style=\"", "javascript:", "http://", "https://"]
        {
            assert!(!body.contains(mark), "{page} holds {mark}");
        }
    }
}

#[test]
fn what_a_person_types_comes_back_as_text() {
    let world = World::shared();
    let session = world.sign_in(Role::TownClerk, OWN_TOWN);
    for payload in [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' or 1=1 --",
        "{{ 7*7 }}",
        "\u{202e}gnp.exe",
    ] {
        let encoded: String = payload.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let households = sought(&world.router, "/households", &session, payload);
        for address in [households, format!("/areas?q={encoded}")] {
            let answer = get_with(&world.router, &address, Some(&session), &[]);
            assert_eq!(answer.status, 200, "{payload}");
            assert!(!answer.body.contains("<script>alert"), "{payload}");
            assert!(!answer.body.contains("<img src=x"), "{payload}");
        }
    }
}
