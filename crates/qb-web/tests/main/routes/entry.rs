//! Rows that people type: by those the pack names, about what is theirs, with faults beside fields.

use qb_access::Role;
use qb_base::AreaCode;
use qb_store::StoreError;
use qb_web::accounts::{NewAccount, create};

use crate::client::{Answer, get, post};
use crate::world::{HELPER, OWN_TOWN, OWN_VILLAGE, Session, World, household_no};

/// A visit on which something was promised.
const VISIT: [(&str, &str); 4] = [
    ("f_helper_no", "ZR000009"),
    ("f_visited_on", "2016-12-01"),
    ("f_promise", "修井"),
    ("f_promised_until", "2016-12-20"),
];

fn clerk(world: &World) -> Session {
    world.sign_in(Role::VillageClerk, OWN_VILLAGE)
}

/// Sends a form about the first household, with other fields where they are given.
fn save(world: &World, session: &Session, others: &[(&str, &str)]) -> Answer {
    let no = household_no(1);
    let mut fields = vec![("household", no.as_str())];
    let usual = VISIT.iter().filter(|(name, _)| others.iter().all(|(other, _)| other != name));
    fields.extend(usual.chain(others));
    post(&world.router, "/enter/visit", Some(session), &fields)
}

fn count(world: &World, condition: &'static str) -> i64 {
    let sql = qb_store::Sql::join(&["select count(*) from record where ", condition]);
    world.store().read::<_, StoreError>(|conn| conn.query_one(sql, &[], |row| row.int(0))).unwrap()
}

#[test]
fn a_clerk_types_a_visit_and_corrects_it() {
    let world = World::make();
    let session = clerk(&world);
    let address = "/enter/visit?household=1".to_owned();
    let form = get(&world.router, &address, Some(&session));
    assert_eq!(form.status, 200);
    assert!(form.body.contains("name=\"f_promise\"") && form.body.contains("type=\"date\""));
    assert!(!form.body.contains("f_visit_no"), "nobody invents a number");
    assert!(form.body.contains(&format!("value=\"{}\" readonly", household_no(1))));
    let kept = save(&world, &session, &[("f_need_text", "缺水")]);
    assert_eq!(kept.status, 303, "{}", kept.body);
    let page = get(&world.router, &kept.location, Some(&session));
    assert!(
        page.body.contains("修井") && page.body.contains("缺水") && page.body.contains("20161231-")
    );
    let tasks = get(&world.router, "/tasks", Some(&session));
    assert!(tasks.body.contains("2016-12-20"), "the promise is no task");
    let id = kept.location.rsplit('/').next().unwrap();
    let correct = get(&world.router, &format!("/enter/visit?record={id}"), Some(&session));
    assert!(correct.body.contains("value=\"修井\"") && correct.body.contains("value=\"缺水\""));
    let done = [("record", id), ("f_done_on", "2016-12-10"), ("f_need_text", "缺水")];
    let again = save(&world, &session, &done);
    assert_eq!(again.status, 303, "{}", again.body);
    assert_eq!((count(&world, "superseded_at is null"), count(&world, "1 = 1")), (1, 2));
    let tasks = get(&world.router, "/tasks", Some(&session));
    assert!(!tasks.body.contains("2016-12-20"), "a promise that is kept waits no longer");
    let late = save(&world, &session, &done);
    assert_eq!(late.status, 422, "the row that was seen is no longer the newest");
    assert!(late.body.contains(&again.location), "the newest is not shown");
}

#[test]
fn what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost() {
    let world = World::make();
    let session = clerk(&world);
    let answer = save(&world, &session, &[("f_visited_on", "昨天"), ("f_promise", "修\"井")]);
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("id=\"f_visited_on-fault\""), "{}", answer.body);
    assert!(answer.body.contains("修&#34;井") || answer.body.contains("修&quot;井"));
    let blank = save(&world, &session, &[("f_visited_on", "")]);
    assert!(blank.status == 422 && blank.body.contains("id=\"f_visited_on-fault\""));
    let named = save(&world, &session, &[("f_promise", "给320381194912310026办证")]);
    assert!(named.status == 422 && named.body.contains("id=\"f_promise-fault\""));
    let none = post(&world.router, "/enter/visit", Some(&session), &VISIT);
    assert!(none.status == 422 && none.body.contains("id=\"f_household_no-fault\""));
    assert_eq!(count(&world, "1 = 1"), 0);
}

#[test]
fn a_helper_writes_about_its_households_under_its_own_number() {
    let world = World::make();
    world.pair_first_household();
    let account = NewAccount {
        login: "helper",
        display_name: "helper",
        role: Role::Helper,
        area: AreaCode::parse(OWN_VILLAGE).unwrap(),
        subject: Some(HELPER),
    };
    create(world.store(), "test", &account).unwrap();
    let session = world.session_of("helper");
    let own = get(&world.router, "/mine?household=1", Some(&session));
    assert!(own.body.contains("/enter/visit?household="), "the form is not offered");
    let other = "/enter/visit?household=2".to_owned();
    assert_eq!(get(&world.router, &other, Some(&session)).status, 404);
    assert_eq!(get(&world.router, "/enter/visit", Some(&session)).status, 404);
    let kept = save(&world, &session, &[]);
    assert_eq!(kept.status, 303, "{}", kept.body);
    assert!(kept.location.starts_with("/mine?household="), "{}", kept.location);
    assert_eq!(count(&world, "fields like '%ZR000009%'"), 0, "another helper's number was taken");
    assert_eq!(count(&world, "fields like '%ZR000001%' and dataset = 'visit'"), 1);
    let mine = get(&world.router, "/mine", Some(&session));
    assert!(mine.body.contains("/enter/visit?record="), "a promise cannot be marked as kept");
}

#[test]
fn only_those_whom_the_pack_names_type_a_list_and_only_in_their_area() {
    let world = World::make();
    let town = world.sign_in(Role::TownClerk, OWN_TOWN);
    let status =
        |address: &str, session: &Session| get(&world.router, address, Some(session)).status;
    assert_eq!(status("/enter/visit", &town), 403, "visits are typed by others");
    assert_eq!(status("/enter/project", &town), 403, "projects come in files");
    let pairing = "/enter/household_pairing?household=1".to_owned();
    assert_eq!(status(&pairing, &town), 200);
    let (village, household) = world.foreign[0];
    let foreign = format!("/enter/household_pairing?household={household}");
    assert_eq!(status(&foreign, &town), 404);
    assert_eq!(status(&format!("/enter/household_pairing?area={village}"), &town), 404);
    let sent = [("household", format!("{village}{household:06}"))];
    let sent: Vec<(&str, &str)> = sent.iter().map(|(name, value)| (*name, &**value)).collect();
    let answer = post(&world.router, "/enter/household_pairing", Some(&town), &sent);
    assert_eq!(answer.status, 404);
    let page = get(&world.router, "/records/household_pairing", Some(&town));
    assert!(page.body.contains("/enter/household_pairing?area="), "the list leads to no form");
    let leader = world.sign_in(Role::Leader, OWN_TOWN);
    let page = get(&world.router, "/records/household_pairing", Some(&leader));
    assert!(!page.body.contains("/enter/"), "a leader is offered a form");
}

#[test]
fn a_row_of_a_place_asks_for_the_place_first() {
    let world = World::make();
    let city = world.sign_in(Role::Assessor, "3203");
    let ask = get(&world.router, "/enter/finding", Some(&city));
    assert!(ask.body.contains("/enter/finding?area=320381") && !ask.body.contains("f_kind"));
    let form = get(&world.router, "/enter/finding?area=320381", Some(&city));
    assert!(form.body.contains("name=\"f_kind\"") && !form.body.contains("f_closed_on"));
    let kind = world.pack.code_list("finding_kind").unwrap().codes[0].id.clone();
    let fields = [
        ("area", "320381"),
        ("f_year", "2016"),
        ("f_kind", kind.as_str()),
        ("f_found_on", "2016-11-01"),
        ("f_due_on", "2016-12-30"),
        ("f_amount", "1200.5"),
        ("f_closed_on", "2016-11-02"),
    ];
    let sent = post(&world.router, "/enter/finding", Some(&city), &fields);
    assert_eq!(sent.status, 303, "{}", sent.body);
    confirmed_by_another(&world, &sent.location);
    assert_eq!(count(&world, "area_code = '320381' and fields like '%120050%'"), 1);
    assert_eq!(count(&world, "fields like '%2016-11-02%'"), 0, "a step is taken on the case");
    let cases = get(&world.router, "/cases", Some(&city));
    assert!(cases.body.contains("20161231-"), "the finding is no case");
}

/// The city office confirms what waits at an address.
fn confirmed_by_another(world: &World, batch: &str) {
    let other = world.sign_in(Role::CityOfficer, "3203");
    let answer = post(&world.router, &format!("{batch}/confirm"), Some(&other), &[]);
    assert_eq!(answer.status, 303, "{}", answer.body);
    world.state.work_through().unwrap();
}

const FINDING: [(&str, &str); 5] = [
    ("area", "320381"),
    ("f_year", "2016"),
    ("f_found_on", "2016-11-01"),
    ("f_due_on", "2016-12-30"),
    ("f_amount", "1200.5"),
];

#[test]
fn a_typed_finding_waits_for_a_second_person_like_a_sent_one() {
    let world = World::make();
    let auditor = world.sign_in(Role::Auditor, "320381");
    let kind = world.pack.code_list("finding_kind").unwrap().codes[0].id.clone();
    let fields: Vec<_> = FINDING.into_iter().chain([("f_kind", kind.as_str())]).collect();
    let before = count(&world, "dataset = 'finding'");
    let sent = post(&world.router, "/enter/finding", Some(&auditor), &fields);
    assert_eq!(sent.status, 303, "{}", sent.body);
    assert!(sent.location.starts_with("/imports/waiting/"), "{}", sent.location);
    assert_eq!(count(&world, "dataset = 'finding'"), before, "one person decided alone");
    let own = get(&world.router, &sent.location, Some(&auditor)).body;
    assert!(own.contains("1200.5") && !own.contains("/confirm"), "{own}");
    let confirm = format!("{}/confirm", sent.location);
    assert_eq!(post(&world.router, &confirm, Some(&auditor), &[]).status, 422);
    let county = world.sign_in(Role::CountyOfficer, "320381");
    assert_eq!(post(&world.router, &confirm, Some(&county), &[]).status, 404);
    let city = world.sign_in(Role::CityOfficer, "3203");
    let page = get(&world.router, &sent.location, Some(&city)).body;
    assert!(page.contains("1200.5") && page.contains("2016-12-30"), "{page}");
    assert_eq!(post(&world.router, &confirm, Some(&city), &[]).status, 303);
    world.state.work_through().unwrap();
    assert_eq!(count(&world, "dataset = 'finding'"), before + 1);
    assert_eq!(get(&world.router, &sent.location, Some(&city)).status, 404, "it waits no more");
}
