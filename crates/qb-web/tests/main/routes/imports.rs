//! Imports as pages, from the upload to the list of faults.

use qb_access::Role;

use crate::client::{get, post, upload};
use crate::world::World;

#[test]
fn a_county_sees_its_own_imports_and_another_county_does_not() {
    let world = World::shared();
    let own = world.sign_in(Role::CountyOfficer, "320381");
    let other = world.sign_in(Role::CountyOfficer, "320382");
    assert_eq!(get(&world.router, "/imports/1", Some(&own)).status, 200);
    assert_eq!(get(&world.router, "/imports/1", Some(&other)).status, 404);
    assert!(!get(&world.router, "/imports", Some(&other)).body.contains("/imports/1\""));
}

#[test]
fn faults_are_grouped_by_kind_and_listed_with_place_and_remedy() {
    let world = World::shared();
    let session = world.sign_in(Role::CountyOfficer, "320381");
    let page = get(&world.router, "/imports/1", Some(&session));
    assert!(page.body.contains("/imports/1?fault=F3"));
    let zh = get(&world.router, "/imports/1?fault=F3", Some(&session));
    for text in ["新沂市.csv", "证件号码 (4)", "号码有误", "请更正"] {
        assert!(zh.body.contains(text), "{text}");
    }
    let en = get(&world.router, "/imports/1?fault=F3&lang=en", Some(&session));
    assert!(en.body.contains("the number is wrong") && en.body.contains("correct it"));
}

#[test]
fn an_upload_is_previewed_and_nothing_is_written_before_it_is_confirmed() {
    let world = World::make();
    let session = world.sign_in(Role::CityOfficer, "3203");
    let runs = || {
        world
            .store()
            .read(|conn| conn.query_one("select count(*) from import_run", &[], |row| row.int(0)))
            .unwrap_or_else(|error: qb_store::StoreError| panic!("{error}"))
    };
    let answer =
        upload(&world.router, "/imports/new", Some(&session), "乱码.csv", b"\x00\x01\x02\xff\xfe");
    assert_eq!(answer.status, 303, "{}", answer.body);
    let preview = get(&world.router, &answer.location, Some(&session));
    assert_eq!(preview.status, 200);
    assert!(preview.body.contains("乱码.csv"));
    assert!(!preview.body.contains("/confirm"), "random bytes cannot be confirmed");
    assert_eq!(runs(), 1);
    let other = world.sign_in(Role::CountyOfficer, "320381");
    assert_eq!(get(&world.router, &answer.location, Some(&other)).status, 404);
    let discarded =
        post(&world.router, &format!("{}/discard", answer.location), Some(&session), &[]);
    assert_eq!(discarded.status, 303);
    assert_eq!(get(&world.router, &answer.location, Some(&session)).status, 404);
}

#[test]
fn an_upload_with_another_sessions_token_is_not_kept() {
    let world = World::make();
    let mut session = world.sign_in(Role::CityOfficer, "3203");
    session.csrf = "0".repeat(64);
    let answer = upload(&world.router, "/imports/new", Some(&session), "a.csv", b"a,b\n1,2\n");
    assert_eq!(answer.status, 403);
    let uploads = world.store().place().dir.path().join("uploads");
    let left = std::fs::read_dir(&uploads).map_or(0, |folders| folders.count());
    assert_eq!(left, 0);
}
