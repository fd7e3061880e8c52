//! Scores from freezing to publishing: a county appeals, the city answers before it confirms.

use qb_access::Role;

use crate::client::{get, post};
use crate::world::{Session, World};

const COUNTY: &str = "320381";

fn act(world: &World, session: &Session, address: &str, fields: &[(&str, &str)]) -> u16 {
    post(&world.router, address, Some(session), fields).status
}

#[test]
fn a_score_is_frozen_appealed_answered_confirmed_and_published() {
    let world = World::make_changed();
    let city = world.sign_in(Role::CityOfficer, "3203");
    let county = world.sign_in(Role::CountyOfficer, COUNTY);
    let sheet = format!("/assessment/{COUNTY}");
    let trial = get(&world.router, &sheet, Some(&county));
    assert!(trial.status == 200 && !trial.body.contains("/appeals"), "a trial takes no appeal");
    assert!(get(&world.router, "/assessment", Some(&city)).body.contains("/assessment/freeze"));
    assert_eq!(act(&world, &city, "/assessment/freeze", &[]), 303);
    let frozen = get(&world.router, &sheet, Some(&county));
    assert!(frozen.body.contains("/assessment/320381/appeals"), "a county cannot appeal");
    let (_, items) = frozen.body.split_once("name=\"item\"><option value=\"").unwrap();
    let item = items.split('"').next().unwrap();
    let appeals = format!("{sheet}/appeals");
    assert_eq!(act(&world, &county, &appeals, &[("item", item), ("reason", " ")]), 422);
    let named = [("item", item), ("reason", "应计320381194912310026一人")];
    assert_eq!(act(&world, &county, &appeals, &named), 422, "a reason holds nobody's number");
    let reason = [("item", item), ("reason", "漏计一批")];
    assert_eq!(act(&world, &county, "/assessment/320382/appeals", &reason), 404, "not one's own");
    assert_eq!(act(&world, &county, &appeals, &reason), 303);
    let leader = world.sign_in(Role::Leader, "3203");
    assert_eq!(act(&world, &city, "/assessment/confirm", &[]), 403, "the city scored");
    assert_eq!(act(&world, &leader, "/assessment/freeze", &[]), 403, "a leader scores nothing");
    assert_eq!(act(&world, &leader, "/assessment/confirm", &[]), 422, "an appeal waits");
    let open = get(&world.router, "/assessment", Some(&city));
    assert!(open.body.contains("漏计一批") && open.body.contains("/assessment/appeals/1"));
    let answer = |fields: &[(&str, &str)]| act(&world, &city, "/assessment/appeals/1", fields);
    assert_eq!(answer(&[("value", "x"), ("answer", "已核")]), 422, "no number");
    assert_eq!(answer(&[("value", ""), ("answer", "")]), 422, "no answer");
    assert_eq!(answer(&[("value", "3"), ("answer", "已核")]), 303);
    assert_eq!(answer(&[("value", "4"), ("answer", "已核")]), 422, "it is answered");
    let seen = get(&world.router, "/assessment", Some(&leader)).body;
    assert!(seen.contains("/assessment/confirm") && !seen.contains("/assessment/freeze"));
    assert_eq!(act(&world, &leader, "/assessment/confirm", &[]), 303);
    assert_eq!(act(&world, &leader, "/assessment/publish", &[]), 403, "the city publishes");
    assert_eq!(act(&world, &county, &appeals, &reason), 422, "confirmed scores take no appeal");
    let confirmed = get(&world.router, &sheet, Some(&county));
    assert!(!confirmed.body.contains("/appeals"));
    assert_eq!(act(&world, &city, "/assessment/publish", &[]), 422, "whoever scored");
    let second = world.sign_in_second(Role::CityOfficer, "3203");
    assert_eq!(act(&world, &second, "/assessment/publish", &[]), 303);
    let published = get(&world.router, "/assessment", Some(&county));
    assert!(published.body.contains("已采纳"), "the county does not see what became of it");
    assert!(!published.body.contains("/assessment/freeze"), "a county freezes nothing");
}
