//! Deadlines on the day before Spring Festival and on 29 February.

use qb_access::Role;

use super::desk::{Desk, Form, with_desks};
use crate::world::{OWN_TOWN, OWN_VILLAGE, World};

/// Of this office a grievance is taken up within five working days.
const WORKING: (&str, &str, &str) = (
    "machines/grievance.toml",
    "max_days = 15, ends_on_day_off = \"stays\"",
    "max_days = 5, counts = \"working\"",
);

/// Opens the case of a machine on the day that the form offers.
async fn open(desk: &Desk, query: &str, transition: &str, fields: &[(&str, &str)]) -> String {
    desk.read(&format!("/cases/new?{query}")).await;
    desk.form(&Form::step(transition)).await.fill(fields).await.send().await
}

#[test]
fn working_days_jump_spring_festival_and_february_has_its_last_day() {
    // A Saturday that is worked; the festival's days off end a week later, before a Sunday that is
    // worked too.
    let world = World::make_at(Some("2016-02-06"), &[WORKING]);
    let village = world.sign_in(Role::VillageClerk, OWN_VILLAGE);
    let team = world.sign_in(Role::ResidentTeam, OWN_VILLAGE);
    let town = world.sign_in(Role::TownClerk, OWN_TOWN);
    with_desks(&world, async |office, phone| {
        phone.seat(&village, "/").await;
        let received = open(
            phone,
            "machine=grievance",
            "receive",
            &[("subject", "XF2016-0009"), ("area", OWN_VILLAGE)],
        )
        .await;
        assert!(received.contains("2016-02-18"), "{received}");
        phone.shoot("main", "phone-grievance-en").await;
        phone.seat(&team, "/").await;
        let lead = open(phone, "machine=monitoring&household=1", "lead", &[]).await;
        // Fifteen days of the calendar end on a Sunday, and stay there.
        assert!(lead.contains("2016-02-21"), "{lead}");

        let queue = office.seat(&town, "/").await;
        assert!(queue.contains("2016-02-18") && queue.contains("XF2016-0009"), "{queue}");
        office.shoot("main", "overview-festival-zh").await;
        world.store().move_office_day("test", "2016-02-29".parse().unwrap()).unwrap();
        office.read_on("2016-02-29", "/cases").await;
        let over = "document.querySelectorAll('#cases .is-bad').length > 0";
        assert_eq!(office.says(over).await, true, "the deadline has passed");
        office.read("/cases/1").await;
        let assigned = office.form(&Form::step("assign")).await.send().await;
        // Sixty days of the calendar from the last of February.
        assert!(assigned.contains("2016-04-29"), "{assigned}");
        phone.seat(&village, "/").await;
        let lead = open(phone, "machine=monitoring&household=2", "lead", &[]).await;
        assert!(lead.contains("2016-03-15"), "{lead}");
    });
    let cases = "select machine || ' ' || opened_on || ' ' || due_on || ' ' || state \
                 from case_file order by id";
    assert_eq!(
        world.texts(cases),
        [
            "grievance 2016-02-06 2016-04-29 ASSIGNED",
            "monitoring 2016-02-06 2016-02-21 LEAD",
            "monitoring 2016-02-29 2016-03-15 LEAD",
        ]
    );
    let late = "select coalesce(irregular, '') from case_event where transition = 'assign'";
    assert!(world.texts(late)[0].contains("late"), "a step that came late is marked");
}
