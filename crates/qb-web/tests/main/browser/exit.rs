//! An exit over the end of a year: village, team, household, town and county, each at its step.

use qb_access::Role;

use super::desk::{Desk, Form, with_desks};
use crate::world::{OWN_TOWN, OWN_VILLAGE, World, household_no};

/// Names every paper that a step asks for.
const PAPERS: &str = "[...document.querySelectorAll('.qb-form [name^=evidence_]')]\
    .map(field => field.name).filter((name, at, all) => all.indexOf(name) === at).join()";

/// Takes a step whose form the page offers, with its papers and these fields.
async fn step(desk: &Desk, transition: &str, fields: &[(&str, &str)]) -> String {
    let css = Form::step(transition);
    let form = desk.form(&css).await;
    let papers = PAPERS.replace(".qb-form", &css);
    let papers = desk.says(&papers).await;
    for paper in papers.as_str().unwrap().split(',').filter(|name| !name.is_empty()) {
        form.set(paper, "第1号").await;
    }
    form.fill(fields).await.send().await
}

#[test]
fn an_exit_goes_over_the_end_of_the_year_past_an_objection() {
    let world = World::make();
    let village = world.sign_in(Role::VillageClerk, OWN_VILLAGE);
    let team = world.sign_in(Role::ResidentTeam, OWN_VILLAGE);
    world.sign_in_second(Role::ResidentTeam, OWN_VILLAGE);
    let second = format!("{}-{OWN_VILLAGE}-2", Role::ResidentTeam.code());
    let own = world.sign_in_for(Role::Household, OWN_VILLAGE, &household_no(1));
    let town = world.sign_in(Role::TownClerk, OWN_TOWN);
    let county = world.sign_in(Role::CountyOfficer, "320381");
    with_desks(&world, async |office, phone| {
        office.seat(&village, "/cases/new?machine=exit&household=1").await;
        step(office, "pre_exit", &[]).await;
        assert_eq!(office.path().await, "/cases/1");
        step(office, "assembly", &[("present", "80"), ("entitled", "100")]).await;

        let queue = phone.seat(&team, "/cases").await;
        assert!(queue.contains(&household_no(1)), "the team's queue: {queue}");
        phone.follow("a[href='/cases/1']").await;
        step(phone, "verify", &[("second", &second)]).await;

        phone.seat(&own, "/mine").await;
        phone.follow("a[href='/mine/objection?case=1']").await;
        phone.form("form[action='/mine/objection']").await.send().await;
        phone.follow("a[href='/mine/step?case=1']").await;
        phone.shoot("main", "phone-mine-step-en").await;
        step(phone, "consent", &[]).await;

        // Whoever took a step before does not answer, and is offered no form.
        office.read("/cases/1").await;
        let early = step(office, "notice", &[("notice_until", "2017-01-06")]).await;
        assert!(early.contains("最早公示到2017-01-07"), "{early}");
        office.read("/cases/1").await;
        let until = "document.querySelector('[name=notice_until]').value";
        assert_eq!(office.says(until).await, "2017-01-07", "seven days, over the end of the year");
        step(office, "notice", &[]).await;
        let printed = office.form("form[action='/cases/1/notice']").await.send().await;
        assert!(printed.contains("金**") && printed.contains("2017-01-07"), "{printed}");

        let case = office.seat(&town, "/cases/1").await;
        assert!(case.contains("农户自行提出"), "{case}");
        answer(office).await;
        let mine = phone.seat(&own, "/mine").await;
        assert!(mine.contains("2016-12-31 dismissed"), "{mine}");
        world.store().move_office_day("test", "2017-01-07".parse().unwrap()).unwrap();
        office.read_on("2017-01-07", "/cases/1").await;
        // The reason stands with the step, which is folded away until it can be taken.
        let running = "document.body.textContent.includes('公示到2017-01-07才结束')";
        assert_eq!(office.says(running).await, true);
        world.store().move_office_day("test", "2017-01-08".parse().unwrap()).unwrap();
        office.read_on("2017-01-08", "/cases/1").await;
        step(office, "town_check", &[("sample", "20")]).await;
        let queue = phone.seat(&county, "/").await;
        assert!(queue.contains(&household_no(1)), "the county's queue: {queue}");
    });
    assert_case(&world);
}

/// The town says that the objection is not right.
async fn answer(desk: &Desk) {
    let form = desk.form("form[action='/cases/1/objections/1']").await;
    form.set("document", "复第4号").await.press("[value='0'][type=submit]").await;
}

fn assert_case(world: &World) {
    let steps = "select e.transition || ' ' || e.done_on || ' ' || u.role from case_event e \
                 join app_user u on e.actor = 'user:' || u.id where e.case_id = 1 order by e.seq";
    assert_eq!(
        world.texts(steps),
        [
            "pre_exit 2016-12-31 VILLAGE_CLERK",
            "assembly 2016-12-31 VILLAGE_CLERK",
            "verify 2016-12-31 RESIDENT_TEAM",
            "consent 2016-12-31 HOUSEHOLD",
            "notice 2016-12-31 VILLAGE_CLERK",
            "town_check 2017-01-08 TOWN_CLERK",
        ]
    );
    let objection = "select state || ' ' || answer_document from case_objection";
    assert_eq!(world.texts(objection), ["dismissed 复第4号"]);
    let posted = "select posted_on || ' ' || until_on from public_notice";
    assert_eq!(world.texts(posted), ["2016-12-31 2017-01-07"]);
    let seal = "select count(*) from case_event where case_id = 1 and irregular is not null \
                and irregular <> ''";
    assert_eq!(world.number(seal), 0);
}
