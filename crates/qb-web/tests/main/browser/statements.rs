//! A village states what happened, the town and the county decide, each what is theirs.

use qb_access::Role;

use super::desk::{Desk, with_desks};
use crate::world::{OWN_TOWN, OWN_VILLAGE, World};

/// The form of an event.
const FORM: &str = "form.qb-form";
/// Of the events that stand in the queue, those with a box to tick.
const BOXES: &str = "[...document.querySelectorAll('[name=event]')].map(box => box.value).join()";

/// A child of household 2 that has no identity number yet.
async fn state_birth(desk: &Desk, day: &str) -> String {
    desk.read("/households/2").await;
    desk.follow("a[href='/households/2/events/birth']").await;
    let form = desk.form(FORM).await;
    let fields = [("happened_on", day), ("f_name", "张小宝"), ("f_sex", "FEMALE")];
    form.fill(&fields).await;
    let fields = [("f_birth_on", day), ("f_relation", "DAUGHTER"), ("paper", "P320381-7")];
    form.fill(&fields).await;
    form.set("reason", "村医证明").await.send().await;
    desk.path().await
}

/// A household moves into the first village offered, of the own town or of another.
async fn state_move(desk: &Desk, household: i64, is_far: bool) -> String {
    desk.read(&format!("/households/{household}/events/move")).await;
    if is_far {
        // From the town to the county, and from there to the first town that is another.
        desk.follow("a[href$='?within=320381']").await;
        let other = format!("details a[href*='?within=320381']:not([href$='{OWN_TOWN}'])");
        desk.follow(&other).await;
    }
    let village = "document.querySelector('[name=area] option:nth-child(2)').value";
    let village = desk.says(village).await;
    let form = desk.form(FORM).await;
    form.set("happened_on", "2016-12-30").await;
    form.set("area", village.as_str().unwrap()).await;
    form.fill(&[("paper", "Q320381-1"), ("reason", "搬到新村")]).await.send().await;
    desk.path().await
}

/// The name of the head of household 5 was written wrongly.
async fn state_correction(desk: &Desk) -> String {
    desk.read("/households/5/events/identity").await;
    let form = desk.form(FORM).await;
    form.fill(&[("happened_on", "2016-12-31"), ("person", "9"), ("f_name", "章正")]).await;
    form.fill(&[("paper", "S320381-3"), ("reason", "户口簿为准")]).await.send().await;
    desk.path().await
}

/// Events of a state with who took the last step, in the order of their numbers.
fn standing(world: &World) -> Vec<String> {
    world.texts(
        "select e.kind || ' ' || e.state || ' ' || u.role from event e join event_step s \
         on s.event_id = e.id and s.seq = (select max(seq) from event_step o \
         where o.event_id = e.id) join app_user u on s.actor = 'user:' || u.id order by e.id",
    )
}

#[test]
fn a_village_states_and_town_and_county_each_decide_what_is_theirs() {
    let world = World::make();
    world.name_people();
    let village = world.sign_in(Role::VillageClerk, OWN_VILLAGE);
    let town = world.sign_in(Role::TownClerk, OWN_TOWN);
    let county = world.sign_in(Role::CountyOfficer, "320381");
    with_desks(&world, async |office, phone| {
        office.seat(&village, "/households").await;
        assert_eq!(state_birth(office, "2016-12-31").await, "/events/1");
        assert_eq!(state_move(office, 3, false).await, "/events/2");
        assert_eq!(state_move(office, 4, true).await, "/events/3");
        assert_eq!(state_correction(office).await, "/events/4");
        let own = office.read("/events/1").await;
        assert!(own.contains("待核定") && own.contains("张小宝"), "{own}");
        assert_eq!(world.number("select count(*) from event where state = 'PROPOSED'"), 4);

        let first = phone.seat(&town, "/").await;
        assert!(first.contains("Events that wait") && first.contains("birth"), "{first}");
        let queue = phone.follow("a[href='/events']").await;
        assert!(queue.contains("home and contact 2"), "{queue}");
        assert_eq!(phone.says(BOXES).await, "2,1", "the town's own, the newest first");
        phone.shoot("main", "phone-events-town-en").await;
        let form = phone.form("form[action='/events/accept']").await;
        form.tick("event", "1").await.tick("event", "2").await.enter().await;
        assert_eq!(phone.says(BOXES).await, "");
        let far = phone.read("/events/3").await;
        assert!(far.contains("whoever answers for both places"), "{far}");
        let identity = phone.read("/events/4").await;
        assert!(!identity.contains("Accept"), "{identity}");

        let first = office.seat(&county, "/").await;
        assert!(first.contains("待核定的登记变动") && first.contains("更正身份信息"), "{first}");
        office.read("/events/3").await;
        let moved = office.press_access_key('a').await;
        assert!(moved.contains("已生效"), "{moved}");
        let identity = office.follow("a[rel=next]").await;
        assert!(identity.contains("章正"), "{identity}");
        office.form("form[action='/events/4/accept']").await.enter().await;
        let queue = office.read("/events").await;
        assert!(queue.contains("没有这样的变动"), "{queue}");
    });
    assert_register(&world);
}

/// The register follows what was decided, and tells what it was before.
fn assert_register(world: &World) {
    let by = ["birth APPLIED TOWN_CLERK", "move APPLIED TOWN_CLERK", "move APPLIED COUNTY_OFFICER"];
    assert_eq!(standing(world), [&by[..], &["identity APPLIED COUNTY_OFFICER"]].concat());
    let born = "select count(*) from person where household_id = 2 and birth_on = '2016-12-31' \
                and id_sealed is null and id_blind is null and member_reason_in = 'birth' \
                and member_from = '2016-12-31'";
    assert_eq!(world.number(born), 1);
    let left = "select count(*) from household_place p join household h on h.id = p.household_id \
                where p.household_id in (3, 4) and p.area_code = '320381115206' \
                and p.valid_to = '2016-12-30' and p.superseded_at is null \
                and h.area_code <> p.area_code";
    assert_eq!(world.number(left), 2, "where they lived is a spell that ended");
    let far = "select count(*) from household where id = 4 and area_code like '320381%' \
               and area_code not like '320381115%'";
    assert_eq!(world.number(far), 1);
    let named = "select count(*) from person where id = 9 and name = '章正' and household_id = 5";
    assert_eq!(world.number(named), 1);
    let was = "select count(*) from person_history where id = 9 and name = '李壬'";
    assert_eq!(world.number(was), 1, "the name it had is kept");
    let audit = "select action || ' ' || count(*) from audit where action like 'event.%' \
                 group by action order by action";
    assert_eq!(world.texts(audit), ["event.accept 4", "event.state 4"]);
}

/// A number of somebody born on 29 February 2016, in the county, a girl.
fn number_of_child() -> String {
    let first = "32038120160229002";
    let digit = qb_base::resident::check_digit(first.as_bytes()).unwrap();
    format!("{first}{}", char::from(digit))
}

#[test]
fn a_child_of_the_last_of_february_has_its_number_later() {
    let world = World::make_at(Some("2016-02-29"), &[]);
    world.name_people();
    let village = world.sign_in(Role::VillageClerk, OWN_VILLAGE);
    let town = world.sign_in(Role::TownClerk, OWN_TOWN);
    let county = world.sign_in(Role::CountyOfficer, "320381");
    let number = number_of_child();
    with_desks(&world, async |office, phone| {
        let page = phone.seat(&village, "/households/2").await;
        assert!(page.contains("2016-02-29"), "{page}");
        assert_eq!(state_birth(phone, "2016-02-29").await, "/events/1");
        phone.shoot("#sides", "phone-event-born-en").await;
        office.seat(&town, "/events/1").await;
        office.press_access_key('a').await;
        let child = "[...document.querySelectorAll('[name=person] option')]\
                     .find(one => one.textContent.includes('张小宝')).value";
        phone.read("/households/2/events/identity").await;
        let child = phone.says(child).await;
        let form = phone.form(FORM).await;
        form.set("person", child.as_str().unwrap()).await.set("f_id_no", &number).await;
        form.fill(&[("paper", "S320381-4"), ("reason", "户口簿")]).await.send().await;
        let page = office.seat(&county, "/events/2").await;
        assert!(page.contains("****") && !page.contains(&number), "{page}");
        office.press_access_key('a').await;
    });
    let born = "select birth_on || ' ' || member_from || ' ' || (id_blind is not null) \
                from person where household_id = 2 and member_reason_in = 'birth'";
    assert_eq!(world.texts(born), ["2016-02-29 2016-02-29 1"]);
}
