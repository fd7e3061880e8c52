//! Names and mergers of areas: stated on the page of an area, confirmed by somebody else, undone.

use qb_access::Role;
use qb_store::StoreError;

use crate::client::{get, post};
use crate::world::{OWN_TOWN, OWN_VILLAGE, Session, World};

/// 阿湖村委会, of the same town.
const NEXT: &str = "320381115201";
const COUNTY: &str = "320381";
const MERGE: &[(&str, &str)] =
    &[("into", NEXT), ("on", "2016-06-01"), ("paper", "新政发〔2016〕31号")];

fn number(world: &World, sql: &'static str) -> i64 {
    let found: Result<i64, StoreError> =
        world.store().read(|conn| conn.query_one(sql, &[], |row| row.int(0)));
    found.unwrap()
}

fn people(world: &World) -> (Session, Session) {
    let first = world.sign_in(Role::CountyOfficer, COUNTY);
    (first, world.sign_in_second(Role::CountyOfficer, COUNTY))
}

fn own(rest: &str) -> String {
    format!("/areas/{OWN_VILLAGE}{rest}")
}

#[test]
fn a_village_merges_by_two_people_and_comes_apart_again() {
    let world = World::make();
    let (first, second) = people(&world);
    let there = "select count(*) from household where area_code = '320381115206'";
    let before = number(&world, there);
    assert!(before > 0);
    let form = get(&world.router, &own("/life"), Some(&first)).body;
    assert!(form.contains(&own("/mergers")) && form.contains("阿湖村委会"), "{form}");
    let stated = post(&world.router, &own("/mergers"), Some(&first), MERGE);
    assert_eq!((stated.status, &*stated.location), (303, &*own("/life")), "{}", stated.body);
    assert_eq!(number(&world, there), before, "nothing is so before somebody confirms it");
    let mine = get(&world.router, &own("/life"), Some(&first)).body;
    assert!(mine.contains("新政发〔2016〕31号") && !mine.contains("/1/confirm"), "{mine}");
    let own_confirm = post(&world.router, &own("/mergers/1/confirm"), Some(&first), &[]);
    assert_eq!(own_confirm.status, 422, "{}", own_confirm.body);
    let overview = get(&world.router, "/", Some(&second)).body;
    assert!(overview.contains("待确认的区划撤并"), "{overview}");
    let page = get(&world.router, &own("/life"), Some(&second)).body;
    assert!(page.contains("/mergers/1/confirm"), "{page}");
    let done = post(&world.router, &own("/mergers/1/confirm"), Some(&second), &[]);
    assert_eq!((done.status, number(&world, there)), (303, 0), "{}", done.body);

    let old = get(&world.router, &own(""), Some(&first)).body;
    assert!(old.contains("已于2016-06-01撤并") && old.contains(&format!("/areas/{NEXT}")), "{old}");
    let english = get(&world.router, &own("?lang=en"), Some(&first)).body;
    assert!(english.contains("ended on 2016-06-01"), "{english}");
    let new = get(&world.router, &format!("/areas/{NEXT}"), Some(&first)).body;
    assert!(new.contains("练马村") && new.contains("2016-06-01"), "{new}");
    let town = get(&world.router, &format!("/areas/{OWN_TOWN}"), Some(&first)).body;
    let children = town.split("id=\"children\"").nth(1).unwrap();
    let children = children.split("</table>").next().unwrap();
    assert!(!children.contains(&own("")) && children.contains(NEXT), "{children}");
    let found = get(&world.router, "/areas?q=练马", Some(&first)).body;
    assert!(found.contains(NEXT) && !found.contains(OWN_VILLAGE), "{found}");
    let household = get(&world.router, "/households/1", Some(&first)).body;
    assert!(household.contains("阿湖村") && household.contains("区划撤并"), "{household}");

    let undo =
        post(&world.router, &own("/mergers/1/undo"), Some(&second), &[("reason", "批文作废")]);
    assert_eq!((undo.status, number(&world, there)), (303, before), "{}", undo.body);
    let old = get(&world.router, &own(""), Some(&first)).body;
    assert!(!old.contains("已于2016-06-01撤并") && old.contains("已撤销"), "{old}");
}

#[test]
fn nobody_comes_to_live_in_a_village_that_ended() {
    let world = World::make();
    let (first, second) = people(&world);
    let next = format!("/areas/{NEXT}/mergers");
    let into = [("into", OWN_VILLAGE), ("on", "2016-06-01"), ("paper", "新政发〔2016〕31号")];
    assert_eq!(post(&world.router, &next, Some(&first), &into).status, 303);
    let confirm = format!("{next}/1/confirm");
    assert_eq!(post(&world.router, &confirm, Some(&second), &[]).status, 303);
    let clerk = world.sign_in(Role::VillageClerk, OWN_VILLAGE);
    let form = get(&world.router, "/households/1/events/move", Some(&clerk)).body;
    assert!(!form.contains(NEXT) && form.contains("320381115202"), "{form}");
    let fields =
        [("area", NEXT), ("happened_on", "2016-11-03"), ("paper", "P7"), ("reason", "搬家")];
    let refused = post(&world.router, "/households/1/events/move", Some(&clerk), &fields);
    assert_eq!(refused.status, 422, "{}", refused.body);
    assert!(refused.body.contains("撤并") && number(&world, "select count(*) from event") == 0);
}

#[test]
fn another_name_is_kept_and_ended_on_the_page_by_an_office() {
    let world = World::make();
    let (first, _) = people(&world);
    let fields = [("name", "练马大队"), ("source", "乡镇来函")];
    let kept = post(&world.router, &own("/names"), Some(&first), &fields);
    assert_eq!(kept.status, 303, "{}", kept.body);
    let page = get(&world.router, &own(""), Some(&first)).body;
    assert!(page.contains("练马大队") && page.contains("乡镇来函"), "{page}");
    let found = get(&world.router, "/areas?q=练马大队", Some(&first)).body;
    assert!(found.contains(OWN_VILLAGE), "{found}");
    let again = post(&world.router, &own("/names"), Some(&first), &fields);
    assert!(again.status == 422 && again.body.contains("无需再登记"), "{}", again.body);
    let clerk = world.sign_in(Role::TownClerk, OWN_TOWN);
    assert_eq!(post(&world.router, &own("/names"), Some(&clerk), &fields).status, 403);
    let seen = get(&world.router, &own("/life"), Some(&clerk)).body;
    assert!(seen.contains("练马大队") && !seen.contains("/names"), "{seen}");
    let end = [("alias", "1"), ("reason", "不再使用")];
    assert_eq!(post(&world.router, &own("/names/end"), Some(&first), &end).status, 303);
    let found = get(&world.router, "/areas?q=练马大队", Some(&first)).body;
    assert!(!found.contains(OWN_VILLAGE), "{found}");
}

#[test]
fn what_is_wrong_with_a_merger_is_said_with_what_to_do() {
    let world = World::make();
    let (first, _) = people(&world);
    for (field, value, said) in [
        ("on", "六月", "2016-06-01"),
        ("on", "2099-01-01", "办公日"),
        ("into", "", "承接"),
        ("into", OWN_VILLAGE, "自己"),
        ("into_code", OWN_TOWN, "同一级"),
        ("into_code", "320382100201", "范围"),
        ("paper", " ", "文件"),
    ] {
        let fields: Vec<(&str, &str)> = MERGE
            .iter()
            .filter(|(name, _)| *name != field)
            .copied()
            .chain([(field, value)])
            .collect();
        let answer = post(&world.router, &own("/mergers"), Some(&first), &fields);
        assert_eq!(answer.status, 422, "{field} {value}: {}", answer.body);
        assert!(answer.body.contains(said), "{field} {value}: {}", answer.body);
    }
    assert_eq!(number(&world, "select count(*) from area_merger"), 0);
}
