//! What each role finds first: what waits for it, or the lists it sends.

use qb_access::Role;

use qb_store::StoreError;

use crate::client::get;
use crate::world::{GRIEVANCE, HOUSEHOLDS_OWN, OWN_TOWN, OWN_VILLAGE, World, household_no};

#[test]
fn a_department_sees_the_lists_it_sends_and_no_other() {
    let world = World::shared();
    let first = |role| get(&world.router, "/", Some(&world.sign_in(role, "3203"))).body;
    let (claims, students) = ("医疗费用结算明细", "在籍学生名册");
    let health = first(Role::DeptHealth);
    assert!(health.contains("id=\"lists\"") && health.contains(claims));
    assert!(!health.contains(students));
    let at = |what: &str| health.find(what).unwrap();
    assert!(at("id=\"lists\"") < at("关键数字"), "its lists stand above the figures");
    let education = first(Role::DeptEducation);
    assert!(education.contains(students) && !education.contains(claims));
    assert!(!first(Role::Leader).contains("id=\"lists\""), "a leader sends no lists");
}

#[test]
fn an_office_sees_the_case_that_waits_for_it() {
    let world = World::make();
    world.receive_grievance();
    let first = |role, area| get(&world.router, "/", Some(&world.sign_in(role, area))).body;
    assert!(first(Role::TownClerk, OWN_TOWN).contains(GRIEVANCE));
    assert!(!first(Role::Helper, OWN_TOWN).contains(GRIEVANCE), "a helper takes no cases");
}

#[test]
fn a_run_opens_a_case_for_whoever_is_missing_and_no_second_one() {
    // Everybody of this world lacks a helper, of which its pack makes a lead.
    let world = World::make_changed();
    let clerk = world.sign_in(Role::VillageClerk, OWN_VILLAGE);
    let list = || get(&world.router, "/cases", Some(&clerk)).body;
    let first = list();
    assert!(first.contains(&household_no(1)) && first.contains("防返贫监测"));
    assert!(first.contains("2017-01-15"), "the clock of the decision does not run");
    let count = || {
        let sql = "select count(*) from case_file";
        let read =
            world.store().read::<_, StoreError>(|conn| conn.query_one(sql, &[], |r| r.int(0)));
        read.unwrap()
    };
    // Two villages outside the own one have a household each.
    assert_eq!(count(), HOUSEHOLDS_OWN + 2);
    world.run_rules();
    assert_eq!(count(), HOUSEHOLDS_OWN + 2, "a lead that is a case is found once");
}
