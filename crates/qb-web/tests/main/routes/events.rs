//! Events are stated from the household's page, wait in a queue, are decided and undone.

use qb_access::Role;
use qb_base::{Timestamp, env};
use qb_store::StoreError;

use crate::client::{Answer, get, post};
use crate::world::{OWN_TOWN, OWN_VILLAGE, Session, World, household_no};

const FORM: &str = "/households/1/events/birth";
const MINUTE_MS: i64 = 60_000;
const BIRTH: &[(&str, &str)] = &[
    ("happened_on", "2016-11-03"),
    ("f_name", "张小宝"),
    ("f_sex", "FEMALE"),
    ("f_birth_on", "2016-11-03"),
    ("f_relation", "DAUGHTER"),
    ("paper", "P320381-7"),
    ("reason", "村医证明"),
];

fn number(world: &World, sql: &'static str) -> i64 {
    let found: Result<i64, StoreError> =
        world.store().read(|conn| conn.query_one(sql, &[], |row| row.int(0)));
    found.unwrap()
}

fn members(world: &World) -> i64 {
    number(world, "select count(*) from person where household_id = 1")
}

fn clerk(world: &World) -> Session {
    world.sign_in(Role::VillageClerk, OWN_VILLAGE)
}

fn town(world: &World) -> Session {
    world.sign_in(Role::TownClerk, OWN_TOWN)
}

/// The village clerk states a birth; answers the address of the event.
fn stated(world: &World, others: &[(&str, &str)]) -> Answer {
    let other = |name: &str| others.iter().find(|(one, _)| *one == name).map(|(_, value)| *value);
    let fields: Vec<(&str, &str)> =
        BIRTH.iter().map(|(name, value)| (*name, other(name).unwrap_or(value))).collect();
    post(&world.router, FORM, Some(&clerk(world)), &fields)
}

#[test]
fn a_birth_is_stated_by_the_village_accepted_by_the_town_and_undone() {
    let world = World::make();
    let (village, town) = (clerk(&world), town(&world));
    let page = get(&world.router, "/households/1", Some(&village)).body;
    assert!(page.contains(FORM) && page.contains("出生"), "{page}");
    let form = get(&world.router, FORM, Some(&village)).body;
    assert!(form.contains("出生医学证明编号") && form.contains("乡镇"), "{form}");
    let answer = stated(&world, &[]);
    assert_eq!((answer.status, &*answer.location), (303, "/events/1"), "{}", answer.body);
    assert_eq!(members(&world), 2, "nothing is so before somebody decides");
    let own = get(&world.router, "/events/1", Some(&village)).body;
    assert!(own.contains("待核定") && !own.contains("/events/1/accept"), "{own}");
    assert!(own.contains("/events/1/reject"), "what one stated one may take back");
    let overview = get(&world.router, "/", Some(&town)).body;
    assert!(overview.contains("待核定的登记变动") && overview.contains("/events"), "{overview}");
    let queue = get(&world.router, "/events", Some(&town)).body;
    assert!(queue.contains(&household_no(1)) && queue.contains("张小宝"), "{queue}");
    let page = get(&world.router, "/events/1", Some(&town)).body;
    assert!(page.contains("P320381-7") && page.contains("村医证明"), "{page}");
    assert!(page.contains("/events/1/accept"), "{page}");
    let done = post(&world.router, "/events/1/accept", Some(&town), &[]);
    assert_eq!((done.status, members(&world)), (303, 3), "{}", done.body);
    let page = get(&world.router, "/households/1", Some(&village)).body;
    assert!(page.contains("张小宝") && page.contains("已生效"), "{page}");
    let twice = post(&world.router, "/events/1/accept", Some(&town), &[]);
    assert_eq!(twice.status, 422, "{}", twice.body);
    let undo = post(&world.router, "/events/1/undo", Some(&town), &[("reason", "重复申报")]);
    assert_eq!((undo.status, members(&world)), (303, 2), "{}", undo.body);
    let page = get(&world.router, "/events/1", Some(&town)).body;
    assert!(page.contains("已撤销") && page.contains("重复申报"), "{page}");
}

#[test]
fn a_form_that_is_not_as_it_should_be_comes_back_with_everything_that_was_typed() {
    let world = World::make();
    let wrong = [("f_name", "张3"), ("f_birth_on", "2099-01-01"), ("paper", "无")];
    let answer = stated(&world, &wrong);
    assert_eq!(answer.status, 422);
    let page = answer.body;
    for kept in ["张3", "2099-01-01", "P320381", "村医证明"] {
        let is_replaced = kept == "P320381";
        assert_eq!(page.contains(kept), !is_replaced, "{kept}: {page}");
    }
    assert!(page.contains("paper-fault") && page.contains("没有保存"), "{page}");
    assert_eq!(number(&world, "select count(*) from event"), 0);
    let english = post(
        &world.router,
        &format!("{FORM}?lang=en"),
        Some(&clerk(&world)),
        &[("happened_on", "2016-11-03")],
    );
    assert!(english.status == 422 && english.body.contains("Not saved"), "{}", english.body);
    assert!(!english.body.contains("没有"), "{}", english.body);
}

#[test]
fn several_events_are_accepted_at_once() {
    let world = World::make();
    for name in ["张小宝", "张小贝"] {
        assert_eq!(stated(&world, &[("f_name", name)]).status, 303);
    }
    let town = town(&world);
    let queue = get(&world.router, "/events", Some(&town)).body;
    assert_eq!(queue.matches("type=\"checkbox\"").count(), 2, "{queue}");
    let both = [("event", "1"), ("event", "2")];
    let answer = post(&world.router, "/events/accept", Some(&town), &both);
    assert_eq!((answer.status, members(&world)), (303, 4), "{}", answer.body);
    let queue = get(&world.router, "/events", Some(&town)).body;
    assert!(queue.contains("没有这样的变动"), "{queue}");
    let applied = get(&world.router, "/events?state=applied&lang=en", Some(&town)).body;
    assert!(applied.contains("birth") && applied.contains("张小贝"), "{applied}");
    assert_eq!(get(&world.router, "/events?state=gone", Some(&town)).status, 404);
}

#[test]
fn nobody_of_another_place_or_without_the_role_sees_or_decides_an_event() {
    let world = World::make();
    stated(&world, &[]);
    let beside = world.sign_in(Role::TownClerk, "320381101");
    for address in ["/events/1", FORM] {
        assert_eq!(get(&world.router, address, Some(&beside)).status, 404, "{address}");
    }
    assert!(!get(&world.router, "/events", Some(&beside)).body.contains(&household_no(1)));
    let accept = "/events/1/accept";
    assert_eq!(post(&world.router, accept, Some(&beside), &[]).status, 404);
    let village = world.sign_in_second(Role::VillageClerk, OWN_VILLAGE);
    assert_eq!(post(&world.router, accept, Some(&village), &[]).status, 422);
    let auditor = world.sign_in(Role::Auditor, "3203");
    assert_eq!(post(&world.router, accept, Some(&auditor), &[]).status, 403);
    let read = get(&world.router, "/events/1", Some(&auditor)).body;
    assert!(read.contains("张**") && !read.contains("张小宝"), "{read}");
    let helper = world.sign_in(Role::Helper, OWN_VILLAGE);
    assert_eq!(get(&world.router, FORM, Some(&helper)).status, 404, "not of their own");
    assert_eq!(members(&world), 2);
}

#[test]
fn a_number_that_was_stated_is_shown_to_nobody_in_full() {
    let world = World::make();
    let spouse = "110105194912310026";
    let fields = [
        ("happened_on", "2016-10-01"),
        ("f_name", "李四"),
        ("f_id_no", spouse),
        ("f_relation", "SON_IN_LAW"),
        ("paper", "J320381-9"),
        ("reason", "女儿结婚"),
    ];
    let form = "/households/1/events/marriage_in";
    let refused = post(&world.router, form, Some(&clerk(&world)), &fields);
    // Whether or not the number is one, no page but the form that was sent repeats it.
    assert!(matches!(refused.status, 303 | 422), "{}", refused.body);
    let first = &spouse[..17];
    let digit = char::from(qb_base::resident::check_digit(first.as_bytes()).unwrap());
    let valid = format!("{first}{digit}");
    let fields = fields.map(|(name, value)| match name {
        "f_id_no" => (name, valid.as_str()),
        _ => (name, value),
    });
    let answer = post(&world.router, form, Some(&clerk(&world)), &fields);
    assert_eq!(answer.status, 303, "{}", answer.body);
    for (session, address) in [
        (town(&world), answer.location.as_str()),
        (town(&world), "/events"),
        (clerk(&world), answer.location.as_str()),
    ] {
        let page = get(&world.router, address, Some(&session)).body;
        assert!(!page.contains(&valid) && page.contains("****"), "{page}");
    }
}

#[test]
fn the_register_is_judged_again_once_a_minute_went_by_without_a_decision() {
    let world = World::make();
    stated(&world, &[]);
    let runs = "select count(*) from target_run";
    let before = number(&world, runs);
    assert!(!world.state.judge_again().unwrap(), "nothing was decided");
    let accepted = post(&world.router, "/events/1/accept", Some(&town(&world)), &[]);
    assert_eq!(accepted.status, 303, "{}", accepted.body);
    let page = get(&world.router, "/households/1", Some(&clerk(&world))).body;
    assert!(page.contains("id=\"older\""), "verdicts say that they are older: {page}");
    let other = get(&world.router, "/households/2", Some(&clerk(&world))).body;
    assert!(!other.contains("id=\"older\""), "nothing happened to another household: {other}");
    assert!(!world.state.judge_again().unwrap(), "the clerk may be at the next");
    let later = Timestamp(env::now().0 + 2 * MINUTE_MS);
    assert!(world.state.judge_again_at(later).unwrap());
    assert!(!world.state.judge_again_at(later).unwrap(), "once is enough");
    assert_eq!(number(&world, runs), before + 1);
    let page = get(&world.router, "/households/1", Some(&clerk(&world))).body;
    assert!(!page.contains("id=\"older\""), "{page}");
}

#[test]
fn a_move_is_stated_by_village_and_waits_for_somebody_of_both() {
    let world = World::make();
    let form = "/households/1/events/move";
    let page = get(&world.router, form, Some(&clerk(&world))).body;
    let own = page.matches("<option value=\"32038").count();
    assert!(own > 1, "villages of the own town: {page}");
    let county = get(&world.router, &format!("{form}?within=320381"), Some(&clerk(&world))).body;
    assert!(county.contains("?within=320381"), "towns lead to their villages: {county}");
    let there = page.split("<option value=\"32038").nth(1).unwrap();
    let there = format!("32038{}", there.split('"').next().unwrap());
    let fields = [
        ("happened_on", "2016-10-01"),
        ("area", there.as_str()),
        ("paper", "Q320381-1"),
        ("reason", "搬到新村"),
    ];
    let answer = post(&world.router, form, Some(&clerk(&world)), &fields);
    assert_eq!(answer.status, 303, "{}", answer.body);
    let accepted = post(&world.router, "/events/1/accept", Some(&town(&world)), &[]);
    assert_eq!(accepted.status, 303, "{}", accepted.body);
    let lives = format!("select count(*) from household where id = 1 and area_code = '{there}'");
    let lives: &'static str = Box::leak(lives.into_boxed_str());
    assert_eq!(number(&world, lives), 1);
}

/// Household 1 splits: the spouse begins one of its own.
fn split(world: &World, more: &[(&str, &str)]) -> Answer {
    let mut fields = vec![
        ("happened_on", "2016-10-01"),
        ("f_household_no", "NEW-1"),
        ("paper", "F320381-1"),
        ("reason", "另立门户"),
    ];
    fields.extend(more);
    post(&world.router, "/households/1/events/split", Some(&clerk(world)), &fields)
}

#[test]
fn a_household_splits_and_joins_again_from_its_page() {
    let world = World::make();
    let (village, town) = (clerk(&world), town(&world));
    let page = get(&world.router, "/households/1", Some(&village)).body;
    let form = "/households/1/events/split";
    assert!(page.contains(form) && page.contains("/households/1/events/merge"), "{page}");
    let asked = get(&world.router, &format!("{form}?lang=en"), Some(&village)).body;
    assert!(asked.contains("name=\"go\" value=\"2\"") && asked.contains("name=\"rel_2\""));
    assert!(asked.contains("Number of the new household"), "{asked}");
    let refused = split(&world, &[]);
    assert_eq!(refused.status, 422, "nobody goes");
    assert!(refused.body.contains("members-fault") && refused.body.contains("NEW-1"));
    let event = split(&world, &[("go", "2"), ("rel_2", "HEAD")]);
    assert_eq!((event.status, &*event.location), (303, "/events/1"), "{}", event.body);
    let sides = get(&world.router, "/events/1", Some(&town)).body;
    assert!(sides.contains("NEW-1") && sides.contains("分出 · 户主"), "{sides}");
    let queue = get(&world.router, "/events?class=people", Some(&town)).body;
    assert!(queue.contains("NEW-1"), "{queue}");
    let accept = |id: i64| {
        let done = post(&world.router, &format!("/events/{id}/accept"), Some(&town), &[]);
        assert_eq!(done.status, 303, "{}", done.body);
    };
    accept(1);
    let new = number(&world, "select id from household where household_no = 'NEW-1'");
    let page = get(&world.router, &format!("/households/{new}"), Some(&village)).body;
    assert!(page.contains("从户") && page.contains("href=\"/households/1\""), "{page}");
    let list = || {
        let after = format!("{OWN_VILLAGE}.{}", new - 1);
        let address = format!("/households?area={OWN_VILLAGE}&after={after}");
        let page = get(&world.router, &address, Some(&village)).body;
        page.matches(&format!("href=\"/households/{new}\"")).count()
    };
    assert!(list() > 0);
    // It goes back into the household it came from.
    let fields = [
        ("happened_on", "2016-11-01"),
        ("f_household_no", &*household_no(1)),
        ("rel_2", "SPOUSE"),
        ("paper", "F320381-2"),
        ("reason", "重新合住"),
    ];
    let merge = format!("/households/{new}/events/merge");
    let form = get(&world.router, &merge, Some(&village)).body;
    assert!(!form.contains("name=\"go\"") && !form.contains("value=\"HEAD\""), "{form}");
    let event = post(&world.router, &merge, Some(&village), &fields);
    assert_eq!(&*event.location, "/events/2", "{}", event.body);
    accept(2);
    let page = get(&world.router, &format!("/households/{new}"), Some(&village)).body;
    assert!(page.contains("id=\"life\"") && page.contains("并入户"), "{page}");
    assert!(!page.contains("id=\"state\""), "nothing happens to it any more");
    assert_eq!(list(), 0, "it is in no list");
    let page = get(&world.router, "/households/1", Some(&village)).body;
    assert!(page.contains("/events/2"), "what joined it is among its events: {page}");
    assert_eq!(members(&world), 2);
    let rows = "select households from snapshot order by taken_at desc limit 1";
    let before = number(&world, rows);
    let later = Timestamp(env::now().0 + 2 * MINUTE_MS);
    assert!(world.state.judge_again_at(later).unwrap());
    assert_eq!(number(&world, rows), before, "no rule judges it");
}

#[test]
fn the_queue_is_filtered_by_class_and_accepted_so() {
    let world = World::make();
    assert_eq!(stated(&world, &[]).status, 303);
    let fields = [
        ("happened_on", "2016-11-03"),
        ("f_dangerous_house", "是"),
        ("paper", "Z320381-1"),
        ("reason", "鉴定"),
    ];
    let housing = "/households/1/events/housing";
    assert_eq!(post(&world.router, housing, Some(&clerk(&world)), &fields).status, 303);
    let town = town(&world);
    let queue = get(&world.router, "/events", Some(&town)).body;
    assert!(queue.contains("人口与户 1") && queue.contains("全部 2"), "{queue}");
    assert!(queue.contains("/events?state=proposed&#38;class=people"), "{queue}");
    let home = get(&world.router, "/events?class=home&lang=en", Some(&town)).body;
    assert_eq!(home.matches("type=\"checkbox\"").count(), 1, "{home}");
    assert!(home.contains("home and contact 1") && home.contains("/events/2"), "{home}");
    assert!(!home.contains("张小宝"), "{home}");
    let sent = [("event", "2"), ("class", "home")];
    let accepted = post(&world.router, "/events/accept", Some(&town), &sent);
    assert_eq!((accepted.status, &*accepted.location), (303, "/events?class=home"));
    let home = get(&world.router, &accepted.location, Some(&town)).body;
    assert!(home.contains("没有这样的变动"), "{home}");
    assert_eq!(get(&world.router, "/events?class=gone", Some(&town)).status, 404);
    let overview = get(&world.router, "/", Some(&town)).body;
    assert!(overview.contains("/events?class=people"), "{overview}");
}

#[test]
fn help_that_begins_is_offered_beside_the_events_and_goes_the_way_of_its_list() {
    let world = World::make();
    let page = get(&world.router, "/households/1", Some(&clerk(&world))).body;
    let listed = page.split("id=\"state\"").nth(1).unwrap().split("</details>").next().unwrap();
    assert!(listed.contains("/enter/household_measure?household=1"), "{listed}");
    assert!(listed.contains("新增帮扶举措"), "{listed}");
}

#[test]
fn a_form_asks_what_a_member_is_to_the_head_where_nobody_knows_it() {
    let world = World::make();
    let known = get(&world.router, "/households/1/events/health?person=2", Some(&clerk(&world)));
    assert!(!known.body.contains("f_relation"), "{}", known.body);
    // With a name that a file could hold, and without a number.
    let unknown = "update person set relation = null, name = '李四', name_key = '李四', \
                   id_sealed = null, id_blind = null where id = 2";
    world
        .store()
        .write::<_, StoreError>(|tx| {
            tx.execute(unknown, &[])?;
            tx.audit(&qb_store::AuditEntry {
                actor: "tester",
                action: "test.write",
                object: "register",
                before: None,
                after: None,
                reason: "a test",
            })
        })
        .unwrap();
    let form = "/households/1/events/health";
    let sent = [
        ("happened_on", "2016-11-03"),
        ("person", "2"),
        ("f_health", "CHRONIC"),
        ("paper", "Z1"),
        ("reason", "诊断"),
    ];
    let asked = post(&world.router, form, Some(&clerk(&world)), &sent);
    assert_eq!(asked.status, 422);
    assert!(asked.body.contains("f_relation-fault"), "{}", asked.body);
    assert!(!asked.body.contains("value=\"HEAD\""), "who is head changes by itself");
    let sent = [&sent[..], &[("f_relation", "SPOUSE")]].concat();
    let event = post(&world.router, form, Some(&clerk(&world)), &sent);
    assert_eq!(event.status, 303, "{}", event.body);
    let done = post(&world.router, "/events/1/accept", Some(&town(&world)), &[]);
    assert_eq!(done.status, 303, "{}", done.body);
    let told = "select count(*) from person where id = 2 and relation = 'SPOUSE'";
    assert_eq!(number(&world, told), 1);
}

#[test]
fn a_household_of_one_is_offered_no_split_and_no_other_head() {
    let world = World::make();
    assert_eq!(split(&world, &[("go", "2"), ("rel_2", "HEAD")]).status, 303);
    let accepted = post(&world.router, "/events/1/accept", Some(&town(&world)), &[]);
    assert_eq!(accepted.status, 303, "{}", accepted.body);
    let clerk = clerk(&world);
    let page = |id: i64| get(&world.router, &format!("/households/{id}"), Some(&clerk)).body;
    for kind in ["split", "head_change"] {
        let address = |id: i64| format!("/households/{id}/events/{kind}");
        assert!(!page(1).contains(&address(1)), "{kind} is offered");
        assert!(page(2).contains(&address(2)), "{kind} is not offered");
        assert_eq!(get(&world.router, &address(1), Some(&clerk)).status, 404, "{kind}");
    }
    assert!(page(1).contains("/households/1/events/merge"));
}

#[test]
fn a_form_that_comes_back_keeps_the_village_of_another_town() {
    let world = World::make();
    let (village, _) = world.foreign[0];
    let chosen = village.to_string();
    let fields = [
        ("happened_on", "2016-10-01"),
        ("area", chosen.as_str()),
        ("paper", "无"),
        ("reason", "搬到新村"),
    ];
    let form = "/households/1/events/move";
    let refused = post(&world.router, form, Some(&clerk(&world)), &fields);
    assert_eq!(refused.status, 422);
    let kept = format!("<option value=\"{village}\" selected>");
    assert!(refused.body.contains(&kept), "{}", refused.body);
}

#[test]
fn an_event_shows_what_else_waits_about_its_household_and_nothing_of_another() {
    let world = World::make();
    assert_eq!(stated(&world, &[]).status, 303);
    assert_eq!(stated(&world, &[("f_name", "张小贝")]).status, 303);
    let elsewhere = BIRTH.to_vec();
    let form = "/households/2/events/birth";
    assert_eq!(post(&world.router, form, Some(&clerk(&world)), &elsewhere).status, 303);
    let page = |id: i64| get(&world.router, &format!("/events/{id}"), Some(&town(&world))).body;
    assert!(page(1).contains("id=\"others\"") && page(1).contains("张小贝"), "{}", page(1));
    assert!(!page(3).contains("id=\"others\""), "{}", page(3));
    let accepted = post(&world.router, "/events/2/accept", Some(&town(&world)), &[]);
    assert_eq!(accepted.status, 303, "{}", accepted.body);
    assert!(!page(1).contains("id=\"others\""), "what applied waits no longer");
}
