//! Lists leave whole, as the reader may read them, and the taking out is recorded.

use qb_access::Role;

use crate::client::{Answer, get, post};
use crate::world::{CANARY_NAME, HOUSEHOLDS_OWN, OWN_TOWN, OWN_VILLAGE, World, household_no};

fn lines(answer: &Answer) -> Vec<&str> {
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body.trim_start_matches('\u{feff}').lines().collect()
}

#[test]
fn the_register_of_a_village_leaves_whole_and_with_a_reason() {
    let world = World::make();
    let clerk = world.sign_in(Role::TownClerk, OWN_TOWN);
    let address = format!("/households/export?area={OWN_VILLAGE}");
    assert_eq!(post(&world.router, &address, Some(&clerk), &[]).status, 422);
    let taken = post(&world.router, &address, Some(&clerk), &[("reason", "入户核查")]);
    let rows = lines(&taken);
    assert_eq!(rows.len() as i64, HOUSEHOLDS_OWN + 1, "a head and every household");
    assert!(rows.iter().any(|row| row.contains(&household_no(1)) && row.contains(CANARY_NAME)));
    let newest = world.store().audit_newest(1).unwrap();
    assert_eq!(
        (newest[0].action.as_str(), newest[0].reason.as_str()),
        ("record.export", "入户核查")
    );
    // Who counts and checks reads no full name, and need not say why.
    let auditor = world.sign_in(Role::Auditor, OWN_TOWN);
    let masked = post(&world.router, &address, Some(&auditor), &[]);
    assert!(!lines(&masked).iter().any(|row| row.contains(CANARY_NAME)));
}

#[test]
fn what_the_filter_hides_does_not_leave() {
    let world = World::shared();
    let clerk = world.sign_in(Role::TownClerk, OWN_TOWN);
    let address = format!("/households/export?q={}", household_no(7));
    let taken = post(&world.router, &address, Some(&clerk), &[("reason", "核查")]);
    assert_eq!(lines(&taken).len(), 2);
    assert!(lines(&taken)[1].starts_with(&household_no(7)));
}

#[test]
fn cases_coverage_figures_and_promises_leave_as_files() {
    let world = World::make_listed();
    let clerk = world.sign_in(Role::TownClerk, OWN_TOWN);
    let take = |address: &str| post(&world.router, address, Some(&clerk), &[]);
    let cases = take("/cases/export");
    assert!(lines(&cases).len() > 1, "{}", cases.body);
    let missing = take("/coverage/household.helper/export");
    assert_eq!(lines(&missing).len() as i64, HOUSEHOLDS_OWN + 1, "the only pairing has ended");
    let leader = world.sign_in(Role::Leader, "3203");
    for (address, rows) in [("/assessment?csv=ranks", 2), ("/funds?csv=budgets", 2)] {
        let taken = get(&world.router, address, Some(&leader));
        assert!(lines(&taken).len() >= rows && taken.body.contains(','), "{}", taken.body);
        assert!(taken.headers["content-type"].to_str().unwrap().starts_with("text/csv"));
    }
    for address in ["/figures/G08/export", "/tasks/export", "/villages/export"] {
        assert!(!lines(&take(address)).is_empty(), "{address}");
    }
}
