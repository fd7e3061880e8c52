//! What each role finds first: what waits for it, or the lists it sends.

use qb_access::Role;

use crate::client::get;
use crate::world::{GRIEVANCE, OWN_TOWN, World};

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
