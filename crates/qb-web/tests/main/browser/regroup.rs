//! A household splits on a phone and is joined again at the office.

use qb_access::Role;
use serde_json::json;

use super::desk::with_desks;
use crate::world::{CANARY_NAME, OWN_TOWN, OWN_VILLAGE, World, household_no};

const FORM: &str = "form.qb-form";
/// Where each line of members stands: its box and name, and its choice, from left to right.
const LINES: &str = "[...document.querySelectorAll('#members .qb-filter')].map(line => {\
    const at = e => e.getBoundingClientRect(); \
    const box = line.querySelector('[type=checkbox]'), select = line.querySelector('select'); \
    return [box ? at(box).width : 0, at(select).width, at(line).width]; })";

#[test]
fn a_household_splits_on_a_phone_and_joins_again_at_the_office() {
    let world = World::make();
    let village = world.sign_in(Role::VillageClerk, OWN_VILLAGE);
    let town = world.sign_in(Role::TownClerk, OWN_TOWN);
    with_desks(&world, async |office, phone| {
        phone.seat(&village, "/households/1/events/split").await;
        phone.shoot("#members", "phone-split-en").await;
        let lines = phone.says(LINES).await;
        let lines: Vec<Vec<f64>> = serde_json::from_value(lines).unwrap();
        assert_eq!(lines.len(), 2);
        for line in &lines {
            assert!(line[0] <= 20.0, "a box is as large as a box: {lines:?}");
            assert!(line[1] > 0.9 * line[2], "a choice fills the line of a phone: {lines:?}");
        }
        let form = phone.form(FORM).await;
        form.fill(&[("happened_on", "2016-10-01"), ("f_household_no", "NEW-1")]).await;
        form.fill(&[("paper", "F320381-1"), ("reason", "另立门户")]).await;
        let refused = form.send().await;
        assert!(refused.contains("nobody is chosen who goes"), "{refused}");
        phone.shoot("#members", "phone-split-refused-en").await;
        let form = phone.form(FORM).await;
        let stated = form.tick("go", "2").await.set("rel_2", "HEAD").await.send().await;
        assert!(stated.contains("goes · head"), "{stated}");
        phone.shoot("#sides", "phone-split-stated-en").await;

        let queue = office.seat(&town, "/events").await;
        assert!(queue.contains("NEW-1"), "{queue}");
        office.read("/events/1").await;
        office.press_access_key('a').await;
        office.seat(&village, "/households/1").await;
        let offered = "['split', 'head_change', 'merge'].map(kind => \
            document.querySelector(`#state a[href$='/events/${kind}']`) !== null)";
        let offered = office.says(offered).await;
        assert_eq!(offered, json!([false, false, true]), "what can happen to a household of one");

        let new = world.number("select id from household where household_no = 'NEW-1'");
        let merge = format!("/households/{new}/events/merge");
        office.read(&merge).await;
        office.shoot("#members", "merge-zh").await;
        let form = office.form(FORM).await;
        form.fill(&[("happened_on", "2016-11-01"), ("f_household_no", &household_no(1))]).await;
        form.fill(&[("rel_2", "SPOUSE"), ("paper", "F320381-2"), ("reason", "重新合住")]).await;
        let stated = form.send().await;
        assert!(stated.contains("并入 · 配偶"), "{stated}");
        office.shoot("#sides", "merge-stated-zh").await;
        phone.seat(&town, "/events").await;
        phone.follow("a[href='/events/2']").await;
        phone.shoot("#sides", "phone-merge-stated-en").await;
        phone.form("form[action='/events/2/accept']").await.enter().await;
        let over = phone.read(&format!("/households/{new}")).await;
        assert!(over.contains("joined household"), "{over}");
        let whole = office.read("/households/1").await;
        assert!(whole.contains(CANARY_NAME) && whole.contains("分户"), "{whole}");
    });
    let members = "select relation from person where household_id = 1 order by id";
    assert_eq!(world.texts(members), ["HEAD", "SPOUSE"]);
    let life = "select began_on || ' ' || coalesce(ended_on, '') from household_life \
                where superseded_at is null";
    assert_eq!(world.texts(life), ["2016-10-01 2016-11-01"]);
    let away = "select valid_from || ' ' || valid_to from membership_history where person_id = 2 \
                and valid_to is not null and superseded_at is null order by valid_from";
    assert_eq!(world.texts(away), ["2016-01-01 2016-10-01", "2016-10-01 2016-11-01"]);
    let steps = "select count(*) from event_step where state = 'APPLIED'";
    assert_eq!(world.number(steps), 2);
}
