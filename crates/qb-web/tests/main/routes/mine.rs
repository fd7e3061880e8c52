//! Those who stand for a household see it and no other.

use std::sync::OnceLock;

use qb_access::Role;
use qb_store::StoreError;
use qb_web::accounts::{NewAccount, create};

use crate::client::{get, post};
use crate::world::{
    CANARY_NAME, CANARY_NUMBER, HELPER, OWN_VILLAGE, Session, World, entry, household_no,
};

/// A world in which the first household is paired with [`HELPER`].
fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let world = World::make();
        world.pair_first_household();
        world
    })
}

/// Signs in somebody who stands for the household or helper of that number.
fn stand_for(role: Role, subject: &str) -> Session {
    let world = world();
    let session = world.sign_in(role, OWN_VILLAGE);
    let login = format!("{}-{OWN_VILLAGE}", role.code());
    world
        .store()
        .write::<_, StoreError>(|tx| {
            let sql = "update app_user set subject = $1 where login = $2";
            tx.execute(sql, &[subject.into(), (&login).into()])?;
            tx.audit(&entry("test.subject"))
        })
        .unwrap();
    session
}

#[test]
fn a_household_sees_its_members_and_its_helper_and_opens_no_other_page() {
    let session = stand_for(Role::Household, &household_no(1));
    let page = get(&world().router, "/mine", Some(&session));
    assert_eq!(page.status, 200);
    assert!(page.body.contains(CANARY_NAME) && page.body.contains(HELPER));
    assert!(!page.body.contains(CANARY_NUMBER));
    for closed in ["/", "/households", "/households/1", "/households/2/help", "/cases"] {
        assert_eq!(get(&world().router, closed, Some(&session)).status, 403, "{closed}");
    }
}

#[test]
fn a_helper_opens_the_households_it_is_paired_with_and_no_other() {
    let session = stand_for(Role::Helper, HELPER);
    let list = get(&world().router, "/mine", Some(&session));
    assert!(list.body.contains(&household_no(1)) && list.body.contains(CANARY_NAME));
    assert!(!list.body.contains(&household_no(2)));
    let open = |id: &str| {
        let address = format!("/mine?household={id}");
        get(&world().router, &address, Some(&session)).status
    };
    assert_eq!((open("1"), open("2"), open(&household_no(1))), (200, 404, 404));
    assert_eq!(get(&world().router, "/households/1", Some(&session)).status, 403);
}

#[test]
fn an_account_without_a_number_is_told_whom_to_ask() {
    let world = World::shared();
    let session = world.sign_in(Role::Household, OWN_VILLAGE);
    let page = get(&world.router, "/mine?lang=en", Some(&session));
    assert_eq!(page.status, 200);
    assert!(page.body.contains("stands for no household or helper yet"));
}

#[test]
fn the_page_of_a_household_shows_who_helps_it() {
    let session = world().sign_in(Role::VillageClerk, OWN_VILLAGE);
    let page = get(&world().router, "/households/1/help", Some(&session));
    assert!(page.body.contains("DW-CANARY") && page.body.contains("/records/household_pairing/1"));
    assert!(
        get(&world().router, "/households/1", Some(&session)).body.contains("/households/1/help")
    );
    // A page that only reads takes no form.
    assert_eq!(post(&world().router, "/households/1/help", Some(&session), &[]).status, 405);
}

#[test]
fn a_household_objects_to_its_own_case_and_to_no_other() {
    let world = World::make();
    world.exit_of(1);
    world.exit_of(2);
    let login = NewAccount {
        login: "own",
        display_name: "own",
        role: Role::Household,
        area: qb_base::AreaCode::parse(OWN_VILLAGE).unwrap(),
        subject: Some(&household_no(1)),
    };
    create(world.store(), "test", &login).unwrap();
    let session = world.session_of("own");
    let ask = |case: i64| {
        let address = format!("/mine/objection?case={case}");
        get(&world.router, &address, Some(&session)).status
    };
    assert_eq!((ask(1), ask(2)), (200, 404));
    let object = |case: &str| {
        post(&world.router, "/mine/objection", Some(&session), &[("case", case)]).status
    };
    assert_eq!((object("2"), object("1")), (404, 303));
    let page = get(&world.router, "/mine", Some(&session));
    assert!(page.body.contains("待答复"), "{}", page.body);
    assert!(!page.body.contains("/mine/objection?case=1"), "one objection at a time");
    let clerk = world.sign_in(Role::VillageClerk, OWN_VILLAGE);
    let case = get(&world.router, "/cases/1", Some(&clerk));
    assert!(case.body.contains("农户自行提出"), "the village does not see it");
}

#[test]
fn a_household_takes_the_step_of_its_own_exit_that_is_left_to_it() {
    let world = World::make();
    world.verified_exit_of(1);
    world.verified_exit_of(2);
    let login = NewAccount {
        login: "own",
        display_name: "own",
        role: Role::Household,
        area: qb_base::AreaCode::parse(OWN_VILLAGE).unwrap(),
        subject: Some(&household_no(1)),
    };
    create(world.store(), "test", &login).unwrap();
    let session = world.session_of("own");
    let take = |case: &str| {
        let fields = [
            ("case", case),
            ("version", "3"),
            ("transition", "consent"),
            ("evidence_CONFIRMATION", "第1号"),
        ];
        post(&world.router, "/mine/step", Some(&session), &fields).status
    };
    let mine = get(&world.router, "/mine", Some(&session)).body;
    assert!(mine.contains("/mine/step?case=1") && mine.contains("农户认可"), "{mine}");
    let form = get(&world.router, "/mine/step?case=1", Some(&session));
    assert!(form.body.contains("农户不认可") && form.body.contains("待您办理"), "{}", form.body);
    assert_eq!(get(&world.router, "/mine/step?case=2", Some(&session)).status, 404);
    assert_eq!((take("2"), take("1")), (404, 303));
    let mine = get(&world.router, "/mine", Some(&session)).body;
    assert!(!mine.contains("/mine/step?case=1"), "nothing more is left to it: {mine}");
    let clerk = world.sign_in(Role::VillageClerk, OWN_VILLAGE);
    let case = get(&world.router, "/cases/1", Some(&clerk)).body;
    assert!(case.contains("id=\"state\">农户认可<"), "{case}");
}
