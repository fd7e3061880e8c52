//! Who reads whom is recorded behind the page, counted, and shown to those who watch.

use qb_access::Role;
use qb_store::{AuditFilter, AuditRow};

use crate::client::{Answer, get, post};
use crate::world::{CANARY_NAME, HOUSEHOLDS_OWN, OWN_TOWN, OWN_VILLAGE, Session, World};

fn logged(world: &World, action: &str) -> Vec<AuditRow> {
    world.state.write_seen().unwrap();
    let filter = AuditFilter { action: action.to_owned(), ..AuditFilter::default() };
    world.store().audit_list(&filter, 100).unwrap()
}

fn page(world: &World, number: i64, session: &Session) -> Answer {
    let after = match number {
        0 => String::new(),
        _ => format!("?after={OWN_VILLAGE}.{}", number * 50),
    };
    get(&world.router, &format!("/households{after}"), Some(session))
}

#[test]
fn a_page_costs_no_write_and_is_found_at_the_household_afterwards() {
    let world = World::make();
    let clerk = world.sign_in(Role::VillageClerk, OWN_VILLAGE);
    let before = world.store().audit_newest(1).unwrap();
    for address in ["/households/1", "/households/1", "/households/1/reasons", "/households"] {
        assert_eq!(get(&world.router, address, Some(&clerk)).status, 200);
    }
    assert_eq!(world.store().audit_newest(1).unwrap(), before, "a page wrote");
    let batches = logged(&world, "person.read");
    assert_eq!(batches.len(), 1);
    assert!(batches[0].after.is_some() && batches[0].object.starts_with("person_read 1-"));
    assert!(logged(&world, "person.read").len() == 1, "nothing is written twice");
    let town = world.sign_in(Role::TownClerk, OWN_TOWN);
    let shown = get(&world.router, "/households/1/readers", Some(&town));
    assert_eq!(shown.status, 200);
    assert!(shown.body.contains("VILLAGE_CLERK-320381115206"), "{}", shown.body);
    assert_eq!(shown.body.matches(">农户页<").count(), 1, "one reading in ten minutes");
    assert!(!shown.body.contains(CANARY_NAME));
    let other = get(&world.router, "/households/119/readers", Some(&town));
    assert!(!other.body.contains("VILLAGE_CLERK-"), "it was on no page that was read");
    assert_eq!(get(&world.router, "/households/1/readers", Some(&clerk)).status, 403);
    let found = qb_web::readers::of_household(world.store(), &crate::world::household_no(1));
    assert_eq!(found.unwrap().unwrap()[0].role, "VILLAGE_CLERK");
}

#[test]
fn above_the_limit_of_an_hour_a_page_asks_why_alerts_and_a_restart_forgets_nothing() {
    let world = World::make_limited(&[("persons_per_hour = 500", "persons_per_hour = 50")]);
    let clerk = world.sign_in(Role::VillageClerk, OWN_VILLAGE);
    assert_eq!(page(&world, 0, &clerk).status, 200);
    assert_eq!(page(&world, 0, &clerk).status, 200, "the same persons count once");
    let over = page(&world, 1, &clerk);
    assert_eq!(over.status, 429);
    assert!(over.body.contains("action=\"/reading/reason\"") && !over.body.contains("张某"));
    let back = [("back", "/households?after=320381115206.50")];
    for filler in ["", "x", "测试测试"] {
        let sent = [back[0], ("reason", filler)];
        let refused = post(&world.router, "/reading/reason", Some(&clerk), &sent);
        assert_eq!(refused.status, 422, "{filler}");
    }
    assert_eq!(page(&world, 1, &clerk).status, 429);
    let sent = [back[0], ("reason", "年底逐户核对名册")];
    let kept = post(&world.router, "/reading/reason", Some(&clerk), &sent);
    assert_eq!((kept.status, kept.location.as_str()), (303, back[0].1));
    assert_eq!(page(&world, 1, &clerk).status, 200);
    let alerts = logged(&world, "reading.alert");
    assert_eq!((alerts.len(), alerts[0].reason.as_str()), (1, "年底逐户核对名册"));
    let restarted = world.router_after_restart();
    let third = format!("/households?after={OWN_VILLAGE}.100");
    assert_eq!(get(&restarted, &third, Some(&clerk)).status, 429, "the restart forgot");
    assert_eq!(get(&restarted, "/households", Some(&clerk)).status, 200);
    // Where the reader goes on stays on this server.
    let elsewhere = [("back", "//elsewhere.example"), ("reason", "年底逐户核对名册")];
    let kept = post(&restarted, "/reading/reason", Some(&clerk), &elsewhere);
    assert_eq!(kept.location, "/");
}

#[test]
fn a_thread_of_money_counts_the_households_it_names() {
    let world = World::make();
    world.pay_first_household();
    let town = world.sign_in(Role::TownClerk, OWN_TOWN);
    let officer = world.sign_in(Role::CityOfficer, "3203");
    let read = || get(&world.router, "/households/1/readers", Some(&town)).body;
    let number = crate::world::household_no(1);
    assert!(!read().contains("资金追踪"));
    let funds = get(&world.router, "/funds", Some(&officer)).body;
    let mut links = funds.split("href=\"").filter_map(|rest| rest.split('"').next());
    let thread = links.find(|link| link.starts_with("/funds/thread")).expect("idle money");
    let page = get(&world.router, &thread.replace("&amp;", "&"), Some(&officer));
    assert!(page.status == 200 && page.body.contains(&number), "{}", page.body);
    world.state.write_seen().unwrap();
    assert!(read().contains("资金追踪"), "{}", read());
}

#[test]
fn a_number_shown_in_full_counts_like_a_page() {
    let world = World::make_limited(&[("persons_per_hour = 1500", "persons_per_hour = 4")]);
    let town = world.sign_in(Role::TownClerk, OWN_TOWN);
    let reveal = |household: i64, person: i64| {
        let address = format!("/households/{household}/persons/{person}/identity");
        post(&world.router, &address, Some(&town), &[("reason", "核对医保参保信息")]).status
    };
    // Two persons of the household, then one number, then another.
    assert_eq!((reveal(1, 1), reveal(1, 2), reveal(2, 3)), (200, 200, 429));
    let numbers = logged(&world, "id.reveal");
    assert_eq!(numbers.len(), 2);
}

#[test]
fn a_long_list_about_persons_leaves_only_when_a_second_person_agrees_and_once() {
    let changes = [("second_person_above = 5000", "second_person_above = 50")];
    let world = World::make_limited(&changes);
    let clerk = world.sign_in(Role::TownClerk, OWN_TOWN);
    let take = || {
        let address = format!("/households/export?area={OWN_VILLAGE}");
        post(&world.router, &address, Some(&clerk), &[("reason", "年底逐户核对名册")])
    };
    let first = take();
    assert_eq!(first.status, 409, "{}", first.body);
    assert!(!first.body.contains("张某"));
    assert_eq!(take().status, 409);
    let alert = &logged(&world, "export.alert")[0];
    assert!(alert.object.contains("120 persons"), "{}", alert.object);
    assert_eq!(logged(&world, "record.export").len(), 0);
    let decide = |session: &Session| {
        post(&world.router, "/exports/1", Some(session), &[("decision", "agree")]).status
    };
    assert_eq!(decide(&clerk), 404, "nobody agrees to what is asked for by oneself");
    let elsewhere = world.sign_in(Role::CountyOfficer, "320382");
    assert_eq!(decide(&elsewhere), 404, "another county's list does not exist");
    let officer = world.sign_in(Role::CountyOfficer, "320381");
    let waiting = get(&world.router, "/exports", Some(&officer));
    assert!(waiting.body.contains("年底逐户核对名册"), "{}", waiting.body);
    assert_eq!(waiting.body.matches("action=\"/exports/").count(), 1, "asked for twice, kept once");
    assert_eq!((decide(&officer), decide(&officer)), (303, 404));
    let taken = take();
    assert_eq!(taken.status, 200);
    assert_eq!(taken.body.lines().count() as i64, HOUSEHOLDS_OWN + 1);
    assert_eq!(logged(&world, "record.export").len(), 1);
    assert_eq!(take().status, 409, "an agreement is used once");
    // The list is found at every household of the village.
    let shown = get(&world.router, "/households/119/readers", Some(&officer));
    assert!(shown.body.contains("农户名单"), "{}", shown.body);
}

#[test]
fn refused_pages_are_in_the_log_of_the_audit_administrator_of_the_area() {
    let world = World::make();
    let clerk = world.sign_in(Role::VillageClerk, OWN_VILLAGE);
    let (_, foreign) = world.foreign[0];
    assert_eq!(get(&world.router, &format!("/households/{foreign}"), Some(&clerk)).status, 404);
    assert_eq!(get(&world.router, "/assessment", Some(&clerk)).status, 403);
    let typed = "/records/110105194912310020";
    assert_eq!(get(&world.router, typed, Some(&clerk)).status, 404);
    let refused = logged(&world, "page.refused");
    let said: Vec<String> =
        refused.iter().map(|row| format!("{} {}", row.object, row.reason)).collect();
    assert_eq!(refused.len(), 3, "{said:?}");
    assert!(said.contains(&format!("household.view id {foreign} 404")), "{said:?}");
    assert!(said.contains(&"assessment.view 403".to_owned()), "{said:?}");
    assert!(!said.iter().any(|line| line.contains("110105")), "{said:?}");
    let own = world.sign_in(Role::AuditAdmin, "320381");
    let page = get(&world.router, "/log?action=page.refused", Some(&own));
    assert!(page.body.matches(">拒绝访问</a>").count() >= 3, "{}", page.body);
    assert!(page.body.contains(&format!("农户页 id {foreign}")), "{}", page.body);
    assert!(page.body.contains("VILLAGE_CLERK-320381115206"));
    let other = world.sign_in(Role::AuditAdmin, "320382");
    let page = get(&world.router, "/log", Some(&other));
    assert!(page.status == 200 && !page.body.contains("VILLAGE_CLERK-"), "{}", page.body);
    let reads = get(&world.router, "/log/reads?lang=en", Some(&own));
    assert!(reads.status == 200 && reads.body.contains("Who read whom"));
    for role in Role::ALL.into_iter().filter(|role| *role != Role::AuditAdmin) {
        let session = world.sign_in(role, OWN_TOWN);
        assert_eq!(get(&world.router, "/log", Some(&session)).status, 403, "{role}");
    }
}

#[test]
fn lists_of_the_log_go_on_where_a_page_ends() {
    let world = World::make();
    for village in 0..3 {
        for role in Role::ALL {
            let session = world.sign_in(role, OWN_TOWN);
            post(&world.router, "/logout", Some(&session), &[]);
            assert!(village < 3);
        }
    }
    let admin = world.sign_in(Role::AuditAdmin, "320381");
    let mut address = "/log?action=session.close".to_owned();
    let mut rows = 0;
    loop {
        let page = get(&world.router, &address, Some(&admin));
        rows += page.body.matches(">退出登录</a>").count();
        let Some(rest) = page.body.split("rel=\"next\" href=\"").nth(1) else { break };
        address = rest.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&");
    }
    // One link to the action stands above each page.
    assert_eq!(rows, 3 * Role::ALL.len());
}

fn reads(world: &World, object: &str) -> i64 {
    world.state.write_seen().unwrap();
    let sql = "select count(*) from person_read where object = $1";
    let found: Result<i64, qb_store::StoreError> =
        world.store().read(|conn| conn.query_one(sql, &[object.into()], |row| row.int(0)));
    found.unwrap()
}

#[test]
fn pages_of_cases_and_imports_that_name_persons_are_readings_within_the_limit() {
    let world = World::make_limited(&[("persons_per_hour = 500", "persons_per_hour = 2")]);
    let clerk = world.sign_in(Role::VillageClerk, OWN_VILLAGE);
    let fields = [("machine", "exit"), ("household", "1"), ("transition", "pre_exit")];
    assert_eq!(post(&world.router, "/cases/new", Some(&clerk), &fields).status, 303);
    assert_eq!(reads(&world, "cases"), 0);
    let cases = get(&world.router, "/cases", Some(&clerk));
    assert!(cases.body.contains("/cases/1\""), "{}", cases.body);
    assert_eq!(reads(&world, "cases"), 1, "the list names a household");
    assert_eq!(get(&world.router, "/cases/1", Some(&clerk)).status, 200, "the same one");
    // One person is read; the next household has two.
    assert_eq!(get(&world.router, "/households/2", Some(&clerk)).status, 429);
    let other = world.sign_in(Role::TownClerk, OWN_TOWN);
    assert_eq!(get(&world.router, "/cases/1", Some(&other)).status, 200);
    assert_eq!(reads(&world, "case 1"), 1, "the page of a case names its household");
    let officer = world.sign_in(Role::CountyOfficer, "320381");
    assert_eq!(get(&world.router, "/imports/1?fault=F3", Some(&officer)).status, 200);
    assert!(reads(&world, "import 1") > 0, "faults tell of persons' rows");
}

#[test]
fn two_servers_on_one_store_agree_about_the_limit_of_a_reader() {
    let world = World::make_limited(&[("persons_per_hour = 500", "persons_per_hour = 60")]);
    let other = world.router_after_restart();
    let clerk = world.sign_in(Role::VillageClerk, OWN_VILLAGE);
    // Both know the reader's hour.
    assert_eq!(get(&other, "/households/1", Some(&clerk)).status, 200);
    assert_eq!(page(&world, 0, &clerk).status, 200);
    world.state.write_seen().unwrap();
    let next = format!("/households?after={OWN_VILLAGE}.50");
    assert_eq!(get(&other, &next, Some(&clerk)).status, 429, "each server has a limit of its own");
    assert_eq!(get(&other, "/households", Some(&clerk)).status, 200, "what was read counts once");
}
