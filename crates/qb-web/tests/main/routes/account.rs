//! Signing in, lockout, forms of other sessions, and roles that change.

use qb_access::Role;
use qb_base::AreaCode;
use qb_store::{AuditEntry, Row, StoreError};
use qb_web::account_seal;
use qb_web::accounts::{
    AccountError, FirstPassword, NewAccount, create, create_demo_users, create_with, renew,
};

use crate::client::{Answer, get, post};
use crate::world::{OWN_TOWN, Session, World, entry};

fn account(world: &World, login: &str) -> String {
    let area = AreaCode::parse(OWN_TOWN).unwrap();
    let account =
        NewAccount { login, display_name: login, role: Role::TownClerk, area, subject: None };
    create(world.store(), "test", &account).unwrap()
}

fn session_of(cookies: &[String]) -> Session {
    let line = cookies.iter().find(|line| line.starts_with("qb_session=")).unwrap();
    let (cookie, _) = line.split_once(';').unwrap();
    Session { cookie: cookie.to_owned(), csrf: String::new() }
}

#[test]
fn a_name_and_its_password_open_a_session_and_signing_out_ends_it() {
    let world = World::make();
    let password = account(&world, "clerk");
    let fields = [("login", "clerk"), ("password", password.as_str()), ("next", "/households")];
    let answer = post(&world.router, "/login", None, &fields);
    assert_eq!((answer.status, answer.location.as_str()), (303, "/households"));
    let line = &answer.cookies[0];
    assert!(line.contains("HttpOnly") && line.contains("SameSite=Lax"), "{line}");
    let mut session = session_of(&answer.cookies);
    let page = get(&world.router, "/me", Some(&session));
    assert_eq!(page.status, 200);
    let csrf = page.body.split("name=\"csrf\" value=\"").nth(1).unwrap();
    session.csrf = csrf.split('"').next().unwrap().to_owned();
    assert_eq!(post(&world.router, "/logout", Some(&session), &[]).status, 303);
    assert_eq!(get(&world.router, "/me", Some(&session)).status, 303);
}

#[test]
fn after_five_failures_even_the_right_password_has_to_wait() {
    let world = World::make();
    let password = account(&world, "locked");
    for _ in 0..5 {
        let answer =
            post(&world.router, "/login", None, &[("login", "locked"), ("password", "no")]);
        assert_eq!(answer.status, 403);
    }
    let fields = [("login", "locked"), ("password", password.as_str())];
    let answer = post(&world.router, "/login", None, &fields);
    assert_eq!(answer.status, 403);
    assert!(answer.cookies.is_empty());
}

/// Tries a password that is not theirs.
fn guess(world: &World, login: &str) -> Answer {
    post(&world.router, "/login", None, &[("login", login), ("password", "no")])
}

fn counts(world: &World) -> (i64, i64) {
    let sql = "select cast(coalesce(sum(looked_count), 0) as bigint), \
               cast(coalesce(sum(refused_count), 0) as bigint) from sign_in_try";
    let read = |row: &Row<'_>| Ok((row.int(0)?, row.int(1)?));
    let found: Result<_, StoreError> = world.store().read(|conn| conn.query_one(sql, &[], read));
    found.unwrap()
}

#[test]
fn fourteen_guesses_at_once_count_fourteen_and_five_are_looked_at() {
    let world = World::make();
    account(&world, "guessed");
    std::thread::scope(|threads| {
        for _ in 0..14 {
            threads.spawn(|| guess(&world, "guessed"));
        }
    });
    assert_eq!(counts(&world), (5, 9));
}

#[test]
fn a_name_that_nobody_has_answers_and_waits_like_one_that_somebody_has() {
    let world = World::make();
    account(&world, "somebody");
    let answers = |login: &str| {
        let of = |_| {
            let answer = guess(&world, login);
            let alert = answer.body.split("id=\"login-error\">").nth(1).unwrap().to_owned();
            (answer.status, alert.split('<').next().unwrap().replace("29", "30"))
        };
        (0..7).map(of).collect::<Vec<_>>()
    };
    let (known, unknown) = (answers("somebody"), answers("nobody"));
    assert_eq!(known, unknown);
    assert!(known[4].1.contains("不对") && known[5].1.contains("失败次数过多"), "{known:?}");
}

#[test]
fn ones_own_sign_in_does_not_give_back_guesses_at_others() {
    let world = World::make();
    account(&world, "victim");
    let password = account(&world, "own");
    for _ in 0..5 {
        guess(&world, "victim");
        let fields = [("login", "own"), ("password", password.as_str())];
        assert_eq!(post(&world.router, "/login", None, &fields).status, 303);
    }
    assert_eq!(counts(&world), (5, 0), "only the failures at the other name are left");
    assert!(guess(&world, "victim").body.contains("失败次数过多"));
}

#[test]
fn many_failures_at_an_address_refuse_nobody_there_who_did_not_fail() {
    let world = World::make();
    let password = account(&world, "colleague");
    std::thread::scope(|threads| {
        for at in 0..16 {
            let world = &world;
            threads.spawn(move || assert_eq!(guess(world, &format!("nobody-{at}")).status, 403));
        }
    });
    assert_eq!(counts(&world), (16, 0));
    let fields = [("login", "colleague"), ("password", password.as_str())];
    let answer = post(&world.router, "/login", None, &fields);
    assert_eq!((answer.status, answer.location.as_str()), (303, "/"), "{}", answer.body);
}

#[test]
fn a_browser_that_signed_in_before_is_not_shut_out_by_others_at_its_address() {
    let world = World::make();
    let password = account(&world, "shared");
    let fields = [("login", "shared"), ("password", password.as_str())];
    let first = post(&world.router, "/login", None, &fields);
    let device = first.cookies.iter().find(|line| line.starts_with("qb_device=")).unwrap();
    let (cookie, _) = device.split_once(';').unwrap();
    (0..6).for_each(|_| drop(guess(&world, "shared")));
    assert_eq!(post(&world.router, "/login", None, &fields).status, 403);
    let known = Session { cookie: cookie.to_owned(), csrf: String::new() };
    assert_eq!(post(&world.router, "/login", Some(&known), &fields).status, 303);
}

#[test]
fn a_try_is_in_the_audit_chain_without_the_name_that_was_typed() {
    let world = World::make();
    guess(&world, "canary-secret");
    let sql = "select action, object, reason, actor from audit order by seq desc limit 1";
    let read = |row: &Row<'_>| Ok([row.text(0)?, row.text(1)?, row.text(2)?, row.text(3)?]);
    let found: Result<_, StoreError> = world.store().read(|conn| conn.query_one(sql, &[], read));
    let row = found.unwrap();
    assert_eq!(row[0], "session.try");
    assert!(row[1].starts_with("name:") && !row.join(" ").contains("canary"), "{row:?}");
}

#[test]
fn an_account_has_eight_sessions_at_most_and_the_oldest_ends() {
    let world = World::make();
    let password = account(&world, "many");
    let fields = [("login", "many"), ("password", password.as_str())];
    let sessions: Vec<Session> =
        (0..9).map(|_| session_of(&post(&world.router, "/login", None, &fields).cookies)).collect();
    let is_open = |session: &Session| get(&world.router, "/me", Some(session)).status == 200;
    assert_eq!(sessions.iter().filter(|session| is_open(session)).count(), 8);
    assert!(is_open(&sessions[8]));
}

#[test]
fn sessions_that_are_over_are_removed_while_the_server_runs() {
    let world = World::make();
    let kept = world.sign_in(Role::TownClerk, OWN_TOWN);
    world.sign_in(Role::CountyOfficer, "320381");
    let old = "update session set created_at = 1, seen_at = 1 where user_id = \
               (select id from app_user where login = 'COUNTY_OFFICER-320381')";
    world
        .store()
        .write::<_, StoreError>(|tx| {
            tx.execute(old, &[])?;
            tx.audit(&entry("test.age"))
        })
        .unwrap();
    world.state.clean().unwrap();
    let sql = "select count(*) from session";
    let left: Result<i64, StoreError> =
        world.store().read(|conn| conn.query_one(sql, &[], |row| row.int(0)));
    assert_eq!(left.unwrap(), 1);
    assert_eq!(get(&world.router, "/me", Some(&kept)).status, 200);
}

#[test]
fn the_page_after_signing_in_is_one_of_ours() {
    let world = World::make();
    let password = account(&world, "next");
    for next in ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example"] {
        let fields = [("login", "next"), ("password", password.as_str()), ("next", next)];
        assert_eq!(post(&world.router, "/login", None, &fields).location, "/", "{next}");
    }
}

#[test]
fn a_form_without_the_sessions_token_changes_nothing() {
    let world = World::make();
    let session = world.sign_in(Role::TownClerk, OWN_TOWN);
    let other = world.sign_in(Role::CountyOfficer, "320381");
    for token in ["", "0", &other.csrf] {
        let answer = post(&world.router, "/logout", Some(&session), &[("csrf", token)]);
        assert_eq!(answer.status, 403);
    }
    assert_eq!(get(&world.router, "/me", Some(&session)).status, 200);
}

#[test]
fn a_changed_role_or_a_disabled_account_works_on_the_next_request() {
    let world = World::make();
    let session = world.sign_in(Role::CountyOfficer, "320381");
    assert_eq!(get(&world.router, "/households", Some(&session)).status, 200);
    let change = |sql: &'static str| {
        let entry = AuditEntry {
            actor: "test",
            action: "test.change",
            object: "user",
            before: None,
            after: None,
            reason: "test",
        };
        world
            .store()
            .write::<_, StoreError>(|tx| {
                tx.execute(sql, &[])?;
                tx.audit(&entry)
            })
            .unwrap();
    };
    change("update app_user set role = 'DEPT_EDU' where login = 'COUNTY_OFFICER-320381'");
    assert_eq!(get(&world.router, "/households", Some(&session)).status, 403);
    change("update app_user set disabled_at = 1 where login = 'COUNTY_OFFICER-320381'");
    assert_eq!(get(&world.router, "/households", Some(&session)).status, 303);
}

#[test]
fn a_made_up_token_is_nobody() {
    let world = World::shared();
    for token in ["", "0", &"0".repeat(64), &"f".repeat(65), "../../etc/passwd"] {
        let session = Session { cookie: format!("qb_session={token}"), csrf: String::new() };
        assert_eq!(get(&world.router, "/me", Some(&session)).status, 303, "{token}");
    }
}

#[test]
fn the_demonstration_accounts_lie_on_one_path_and_none_has_a_fixed_password() {
    let world = World::make();
    let first = create_demo_users(world.store(), "os:tester").unwrap();
    let taken = create_demo_users(world.store(), "os:tester");
    assert!(matches!(taken, Err(AccountError::Taken { .. })), "an account is never replaced");
    let again = create_demo_users(World::make().store(), "os:tester").unwrap();
    assert_eq!(first.len(), again.len());
    for (one, two) in first.iter().zip(&again) {
        assert_eq!((&one.login, one.area), (&two.login, two.area));
        assert_ne!(one.password, two.password, "{}", one.login);
    }
    let lowest = first.iter().map(|account| account.area).max_by_key(|a| a.as_str().len()).unwrap();
    assert!(first.iter().all(|account| account.area.contains(&lowest)));
}

#[test]
fn a_role_or_area_changed_outside_the_program_differs_from_what_the_chain_says() {
    let world = World::make();
    let area = AreaCode::parse(OWN_TOWN).unwrap();
    let of = |login| NewAccount {
        login,
        display_name: login,
        role: Role::TownClerk,
        area,
        subject: None,
    };
    let store = world.store();
    let before = account_seal::verify(store).unwrap();
    create(store, "test", &of("plain")).unwrap();
    create_with(store, "test", &of("stays"), FirstPassword::Stays).unwrap();
    for login in ["plain", "stays"] {
        renew(store, "test", &of(login), FirstPassword::Stays).unwrap();
    }
    assert_eq!(account_seal::verify(store).unwrap(), before, "what the program made fits");
    for (set, login) in [("role = 'CITY_OFFICER'", "plain"), ("area_code = '3203'", "stays")] {
        let sql = qb_store::Sql::join(&["update app_user set ", set, " where login = $1"]);
        let outcome = store.write::<_, StoreError>(|tx| {
            tx.execute(sql, &[login.into()])?;
            tx.audit(&entry("app_user"))
        });
        outcome.unwrap();
        assert!(account_seal::verify(store).unwrap().contains(&login.to_owned()), "{set}");
    }
}
