//! Imports as pages, from the upload to the list of faults.

use std::sync::Arc;

use axum::Router;
use qb_access::Role;
use qb_base::env;
use qb_policy::{Pack, PackSource};
use qb_store::StoreError;
use qb_web::{AppState, Quota, Settings};

use crate::client::{get, post, upload};
use crate::world::{OWN_TOWN, OWN_VILLAGE, Session, World, entry};

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
fn an_import_names_its_account_by_login_and_the_command_line_in_words() {
    let world = World::make();
    let officer = world.sign_in(Role::CountyOfficer, "320381");
    let by = |actor: String| {
        let update = "update import_run set actor = $1 where id = 1";
        let values = [actor.as_str().into()];
        let written = world.store().write(|tx| {
            tx.execute(update, &values)?;
            Ok::<_, StoreError>(tx.audit(&entry("import.open"))?)
        });
        written.unwrap();
        ["/imports", "/imports/1"].map(|path| get(&world.router, path, Some(&officer)).body)
    };
    let id = world.store().read(|conn| {
        let sql = "select id from app_user where role = 'COUNTY_OFFICER' and area_code = '320381'";
        conn.query_one(sql, &[], |row| row.int(0))
    });
    let id = id.unwrap_or_else(|error: StoreError| panic!("{error}"));
    for body in by(format!("user:{id}")) {
        assert!(body.contains("COUNTY_OFFICER-320381") && !body.contains("user:"), "{body}");
    }
    for body in by("os:clerk".to_owned()) {
        assert!(body.contains("命令行（clerk）") && !body.contains("os:"), "{body}");
    }
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
            .unwrap_or_else(|error: StoreError| panic!("{error}"))
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
fn a_list_of_more_than_two_megabytes_is_taken() {
    let world = World::make();
    let session = world.sign_in(Role::CityOfficer, "3203");
    let row = "丰县,欢口镇,某村,省定经济薄弱村,2016\n";
    let mut list = "县(市、区),乡(镇),行政村,类别,认定年度\n".to_owned();
    list.push_str(&row.repeat(5 * 1024 * 1024 / row.len()));
    let answer = upload(&world.router, "/imports/new", Some(&session), "名单.csv", list.as_bytes());
    assert_eq!(answer.status, 303, "{}", answer.body);
    let preview = get(&world.router, &answer.location, Some(&session));
    assert!(preview.status == 200 && preview.body.contains("/confirm"), "{}", preview.body);
}

#[test]
fn files_are_looked_through_once_and_waiting_ones_are_listed() {
    let world = World::make();
    let session = world.sign_in(Role::CityOfficer, "3203");
    let list = designation(&world);
    let sent = upload(&world.router, "/imports/new", Some(&session), "名单.csv", &list);
    let first = get(&world.router, &sent.location, Some(&session));
    // Whoever looked through the files again would find them gone.
    let name = sent.location.rsplit('/').next().unwrap();
    let folder = world.store().place().dir.path().join("uploads").join(name);
    std::fs::write(folder.join("0000").join("名单.csv"), b"changed").unwrap();
    let again = get(&world.router, &sent.location, Some(&session));
    assert!(first.body.contains("/confirm"));
    assert_eq!(first.body, again.body);
    let form = get(&world.router, "/imports/new", Some(&session));
    assert!(form.body.contains(&sent.location) && form.body.contains("名单.csv"));
    let other = world.sign_in(Role::CountyOfficer, "320381");
    assert!(!get(&world.router, "/imports/new", Some(&other)).body.contains(&sent.location));
}

#[test]
fn what_lies_here_unconfirmed_counts_against_account_and_area() {
    let quota = Quota::of_mb(2, 3);
    let world = World::make().with_settings(Settings { quota, ..Settings::default() });
    let send = |session: &Session| {
        let list = vec![b'a'; 1_200_000];
        upload(&world.router, "/imports/new", Some(session), "a.csv", &list)
    };
    let city = world.sign_in(Role::CityOfficer, "3203");
    let first = send(&city);
    assert_eq!(first.status, 303);
    let second = send(&city);
    assert!(second.status == 413 && second.body.contains("2 MB"), "{}", second.body);
    assert!(second.body.contains("请先在导入页面确认或放弃"), "{}", second.body);
    let colleague = world.sign_in(Role::DeptHealth, "3203");
    assert_eq!(send(&colleague).status, 303);
    let third = world.sign_in(Role::DeptCivil, "3203");
    let refused = send(&third);
    assert!(refused.status == 413 && refused.body.contains("3 MB"), "{}", refused.body);
    let county = world.sign_in(Role::CountyOfficer, "320381");
    assert_eq!(send(&county).status, 303, "another area has its own");
    post(&world.router, &format!("{}/discard", first.location), Some(&city), &[]);
    assert_eq!(send(&third).status, 303, "what was discarded counts no more");
}

#[test]
fn an_upload_nobody_confirmed_is_removed_after_a_week_while_the_server_runs() {
    let world = World::make();
    let session = world.sign_in(Role::CityOfficer, "3203");
    let old = upload(&world.router, "/imports/new", Some(&session), "a.csv", b"a,b\n1,2\n");
    let new = upload(&world.router, "/imports/new", Some(&session), "b.csv", b"a,b\n1,2\n");
    let name = old.location.rsplit('/').next().unwrap();
    let folder = world.store().place().dir.path().join("uploads").join(name);
    let week = std::time::Duration::from_secs(7 * 24 * 60 * 60 + 60);
    let then = std::time::UNIX_EPOCH
        + std::time::Duration::from_millis(env::now().0.unsigned_abs())
        - week;
    std::fs::File::open(&folder).unwrap().set_modified(then).unwrap();
    world.state.clean().unwrap();
    assert_eq!(get(&world.router, &old.location, Some(&session)).status, 404);
    assert_eq!(get(&world.router, &new.location, Some(&session)).status, 200);
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

/// A list of one designated village, complete and correct.
fn designation(world: &World) -> Vec<u8> {
    let name = |code: &str| {
        let code = code.to_owned();
        let sql = "select name from area where code = $1";
        let found: Result<String, StoreError> =
            world.store().read(|conn| conn.query_one(sql, &[(&code).into()], |row| row.text(0)));
        found.unwrap()
    };
    let [county, town, village] = ["320381", OWN_TOWN, OWN_VILLAGE].map(name);
    let head = "县(市、区),乡(镇),行政村,类别,认定年度";
    format!("{head}\n{county},{town},{village},省定经济薄弱村,2016\n").into_bytes()
}

/// Hands the list in, confirms it twice, and returns the page that follows the import.
fn confirmed(world: &World, session: &Session) -> String {
    let list = designation(world);
    let sent = upload(&world.router, "/imports/new", Some(session), "名单.csv", &list);
    let preview = get(&world.router, &sent.location, Some(session));
    assert!(preview.body.contains("/confirm"), "{}", preview.body);
    let confirm = || {
        let address = format!("{}/confirm", sent.location);
        let answer = post(&world.router, &address, Some(session), &[]);
        assert_eq!(answer.status, 303, "{}", answer.body);
        answer.location
    };
    let first = confirm();
    assert_eq!(first, confirm(), "the second confirmation finds the first");
    let discarded = post(&world.router, &format!("{}/discard", sent.location), Some(session), &[]);
    assert_eq!(discarded.location, first, "what is confirmed is not discarded");
    first
}

/// The same data directory after a restart: what was in memory is gone.
fn restarted(world: &World) -> (Arc<AppState>, Router) {
    let pack = Arc::new(Pack::load(PackSource::from_argument("xuzhou-2016")).unwrap());
    let state = Arc::new(AppState::new(world.store().clone(), pack, None));
    let (router, _) = qb_web::app(Arc::clone(&state));
    (state, router)
}

fn designated(world: &World) -> i64 {
    let sql = "select count(*) from designation where area_code = $1";
    let found: Result<i64, StoreError> =
        world.store().read(|conn| conn.query_one(sql, &[OWN_VILLAGE.into()], |row| row.int(0)));
    found.unwrap()
}

#[test]
fn a_confirmed_import_is_done_after_a_restart() {
    let world = World::make();
    let session = world.sign_in(Role::CityOfficer, "3203");
    let progress = confirmed(&world, &session);
    assert_eq!(designated(&world), 0);
    let (state, router) = restarted(&world);
    let waiting = get(&router, &progress, Some(&session));
    assert!(waiting.status == 200 && waiting.body.contains("排队等候"), "{}", waiting.body);
    state.work_through().unwrap();
    assert_eq!(designated(&world), 1);
    let done = get(&router, &progress, Some(&session));
    assert_eq!((done.status, done.location.as_str()), (303, "/imports/2"));
    let uploads = world.store().place().dir.path().join("uploads");
    assert_eq!(std::fs::read_dir(uploads).unwrap().count(), 0, "the files are gone");
}

#[test]
fn an_import_that_was_at_work_when_the_server_died_is_taken_up_again() {
    let world = World::make();
    let session = world.sign_in(Role::CityOfficer, "3203");
    let progress = confirmed(&world, &session);
    let sql = "update job set state = 'running', attempt = 1, lease_until_at = $1";
    world
        .store()
        .write::<_, StoreError>(|tx| {
            tx.execute(sql, &[i64::MAX.into()])?;
            tx.audit(&entry("test.kill"))
        })
        .unwrap();
    let (state, router) = restarted(&world);
    state.work_through().unwrap();
    state.work_through().unwrap();
    assert_eq!(designated(&world), 1);
    assert_eq!(get(&router, &progress, Some(&session)).location, "/imports/2");
}

#[test]
fn an_import_whose_files_are_gone_says_so_and_the_next_one_goes_on() {
    let world = World::make();
    let session = world.sign_in(Role::CityOfficer, "3203");
    let lost = confirmed(&world, &session);
    let uploads = world.store().place().dir.path().join("uploads");
    std::fs::remove_dir_all(uploads).unwrap();
    let next = confirmed(&world, &session);
    world.state.work_through().unwrap();
    let failed = get(&world.router, &lost, Some(&session));
    assert!(failed.status == 200 && failed.body.contains("导入没有完成"), "{}", failed.body);
    assert!(get(&world.router, &next, Some(&session)).location.starts_with("/imports/"));
}

#[test]
fn nobody_follows_the_import_of_somebody_else() {
    let world = World::make();
    let session = world.sign_in(Role::CityOfficer, "3203");
    let progress = confirmed(&world, &session);
    let other = world.sign_in(Role::CountyOfficer, "320381");
    assert_eq!(get(&world.router, &progress, Some(&other)).status, 404);
}

/// A list of one policy document of a county.
fn document(county: &str, title: &str) -> Vec<u8> {
    let head = "发文字号,文件标题,发文层级,县(市、区),成文日期,文件主题";
    format!("{head}\n扶贫〔2016〕1号,{title},县级,{county},2016-03-01,总体部署\n").into_bytes()
}

/// Hands a file in, lets it be imported, and returns the page of the import.
fn imported(world: &World, session: &Session, bytes: &[u8]) -> String {
    let sent = upload(&world.router, "/imports/new", Some(session), "文件.csv", bytes);
    let confirm = format!("{}/confirm", sent.location);
    let progress = post(&world.router, &confirm, Some(session), &[]).location;
    world.state.work_through().unwrap();
    let done = get(&world.router, &progress, Some(session)).location;
    let page = get(&world.router, &done, Some(session));
    assert_eq!(page.status, 200, "{done}");
    let faults = get(&world.router, &format!("{done}?fault=used_elsewhere"), Some(session));
    page.body + &faults.body
}

fn documents(world: &World) -> Vec<String> {
    let sql = "select cast(id as text) || area_code || fields || cast(source_file_id as text) \
               from record where dataset = 'policy_document' and superseded_at is null order by id";
    let rows = world.store().read::<_, StoreError>(|conn| conn.query(sql, &[], |row| row.text(0)));
    rows.unwrap()
}

#[test]
fn an_upload_of_one_county_leaves_the_rows_of_another_as_they_are() {
    let world = World::make();
    let theirs = world.sign_in(Role::CountyOfficer, "320381");
    imported(&world, &theirs, &document("新沂市", "甲"));
    let before = documents(&world);
    assert_eq!(before.len(), 1);
    let ours = world.sign_in(Role::CountyOfficer, "320382");
    let page = imported(&world, &ours, &document("邳州市", "乙"));
    assert_eq!(documents(&world), before);
    assert!(page.contains("已在您管辖范围之外使用") && !page.contains("新沂"), "{page}");
}

#[test]
fn the_page_of_an_import_says_of_a_file_that_had_come_when_it_came() {
    let world = World::make();
    let session = world.sign_in(Role::CountyOfficer, "320381");
    imported(&world, &session, &document("新沂市", "甲"));
    let page = imported(&world, &session, &document("新沂市", "甲"));
    assert!(page.contains("以前来过的文件") && page.contains("已在第 2 批"), "{page}");
}
