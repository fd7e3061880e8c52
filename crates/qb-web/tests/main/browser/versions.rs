//! Two people write about one household at the same time: neither overwrites the other unseen.

use qb_access::Role;

use super::desk::{Desk, with_desks};
use crate::world::{OWN_TOWN, OWN_VILLAGE, World};

const FORM: &str = "form.qb-form";

async fn state_income(desk: &Desk, yuan: &str) -> String {
    let form = desk.form(FORM).await;
    let fields = [("f_income_per_head", yuan), ("paper", "H320381-5"), ("reason", "重新核算")];
    form.fill(&fields).await.send().await
}

#[test]
fn two_who_state_another_income_both_see_both_versions() {
    let world = World::make();
    world.name_people();
    let village = world.sign_in(Role::VillageClerk, OWN_VILLAGE);
    let town = world.sign_in(Role::TownClerk, OWN_TOWN);
    let county = world.sign_in(Role::CountyOfficer, "320381");
    with_desks(&world, async |office, phone| {
        let form = "/households/6/events/income";
        let known = office.seat(&village, form).await;
        assert!(known.contains("6,000"), "{known}");
        phone.seat(&town, form).await;
        let alone = state_income(office, "3000").await;
        assert!(!alone.contains("本户其他待核定的变动"), "{alone}");
        let second = state_income(phone, "4000").await;
        for version in ["4000", "3000", "6,000", "Also waiting about this household"] {
            assert!(second.contains(version), "{version}: {second}");
        }
        phone.shoot("#sides", "phone-versions-en").await;
        let first = office.read("/events/1").await;
        for version in ["3000", "4000", "本户其他待核定的变动"] {
            assert!(first.contains(version), "{version}: {first}");
        }
        office.shoot("#sides", "versions-zh").await;
        office.seat(&county, "/events/2").await;
        office.press_access_key('a').await;
        // What the other rests on is what holds now.
        let first = office.seat(&village, "/events/1").await;
        assert!(first.contains("4,000") && first.contains("3000"), "{first}");
        assert!(!first.contains("6,000"), "{first}");
    });
    let now = "select income_reported_fen from household where id = 6";
    assert_eq!(world.number(now), 400_000);
    let was = "select income_reported_fen from household_history where id = 6";
    assert_eq!(world.number(was), 600_000);
    let states = "select state from event order by id";
    assert_eq!(world.texts(states), ["PROPOSED", "APPLIED"]);
}

#[test]
fn who_corrects_a_visit_that_another_has_corrected_sees_both_versions() {
    let world = World::make();
    let village = world.sign_in(Role::VillageClerk, OWN_VILLAGE);
    let team = world.sign_in(Role::ResidentTeam, OWN_VILLAGE);
    with_desks(&world, async |office, phone| {
        office.seat(&village, "/enter/visit?household=1").await;
        let form = office.form(FORM).await;
        form.fill(&[("f_helper_no", "ZR000009"), ("f_visited_on", "2016-12-01")]).await;
        form.fill(&[("f_promise", "修井"), ("f_promised_until", "2016-12-20")]).await.send().await;
        let record = office.path().await.rsplit('/').next().unwrap().to_owned();
        let correction = format!("/enter/visit?record={record}");
        office.read(&correction).await;
        phone.seat(&team, &correction).await;
        let form = office.form(FORM).await;
        form.set("f_promise", "修路").await.send().await;
        let form = phone.form(FORM).await;
        let refused = form.set("f_promise", "修桥").await.send().await;
        assert!(refused.contains("Not saved"), "{refused}");
        phone.shoot("main", "phone-taken-en").await;
        let typed = phone.says("document.querySelector('[name=f_promise]').value").await;
        assert_eq!(typed, "修桥", "what was typed is not lost");
        let newest = phone.follow("[role=alert] a").await;
        assert!(newest.contains("修路"), "{newest}");
    });
    let rows = "select count(*) from record where dataset = 'visit'";
    assert_eq!(world.number(rows), 2);
    let now = "select count(*) from record where dataset = 'visit' and superseded_at is null \
               and fields like '%修路%'";
    assert_eq!(world.number(now), 1);
}
