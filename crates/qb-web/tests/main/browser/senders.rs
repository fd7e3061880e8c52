//! A village hands in a list from a phone, and the office sees what became of it.

use std::path::PathBuf;

use fantoccini::Locator;
use qb_access::Role;

use super::desk::with_desks;
use crate::world::{OWN_TOWN, OWN_VILLAGE, World, household_no};

/// A visit to a household of the own village, and one to a household of another.
fn visits(foreign: &str) -> String {
    let head = "走访编号,户编号,走访人编号,走访日期,承诺事项,承诺期限";
    let row =
        |no: &str, household: &str| format!("{no},{household},ZR000009,2016-12-01,修井,2017-01-20");
    format!("{head}\n{}\n{}\n", row("V1", &household_no(1)), row("V2", foreign))
}

#[test]
fn a_village_hands_in_its_visits_from_a_phone_and_no_row_of_another_village() {
    let world = World::make();
    let village = world.sign_in(Role::VillageClerk, OWN_VILLAGE);
    let team = world.sign_in(Role::ResidentTeam, OWN_VILLAGE);
    let town = world.sign_in(Role::TownClerk, OWN_TOWN);
    let (area, household) = world.foreign[0];
    let list = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("browser-visits.csv");
    std::fs::write(&list, visits(&format!("{area}{household:06}"))).unwrap();
    with_desks(&world, async |office, phone| {
        let lists = phone.seat(&village, "/imports/new").await;
        assert!(lists.contains("visits"), "the lists of a village are not named: {lists}");
        let field = phone.client.find(Locator::Id("files")).await.unwrap();
        field.send_keys(list.to_str().unwrap()).await.unwrap();
        phone.form("form[action='/imports/new']").await.send().await;
        phone.shoot("main", "phone-preview-village-en").await;
        assert_eq!(world.number("select count(*) from import_run"), 1, "nothing before it is so");
        phone.form("form[action$='/confirm']").await.send().await;
        world.state.work_through().unwrap();
        phone.read("/imports/2").await;
        phone.follow("a[href^='/imports/2?fault=']").await;
        phone.shoot("main", "phone-import-village-en").await;
        // What was promised waits for the village, and its town sees it.
        let tasks = office.seat(&team, "/tasks").await;
        assert!(tasks.contains("2017-01-20") && tasks.contains(&household_no(1)), "{tasks}");
        let visits = office.seat(&town, "/records/visit").await;
        assert!(visits.contains("V1") && !visits.contains("V2"), "{visits}");
    });
    let rows = "select record_key || ' ' || household_id from record where dataset = 'visit'";
    assert_eq!(world.texts(rows), ["V1 1"]);
    let run = "select rows_read || ' ' || rows_accepted || ' ' || rows_rejected from import_run \
               where id = 2";
    assert_eq!(world.texts(run), ["2 1 1"]);
    let audit = "select count(*) from audit a join app_user u on a.actor = 'user:' || u.id \
                 where a.action = 'import.file' and u.role = 'VILLAGE_CLERK'";
    assert_eq!(world.number(audit), 1);
}
