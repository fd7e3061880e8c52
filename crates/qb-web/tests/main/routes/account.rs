//! Signing in, lockout, forms of other sessions, and roles that change.

use qb_access::Role;
use qb_base::AreaCode;
use qb_store::{AuditEntry, StoreError};
use qb_web::accounts::{NewAccount, create, create_demo_users};

use crate::client::{get, post};
use crate::world::{OWN_TOWN, Session, World};

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
    let first = create_demo_users(world.store()).unwrap();
    let again = create_demo_users(world.store()).unwrap();
    assert_eq!(first.len(), again.len());
    for (one, two) in first.iter().zip(&again) {
        assert_eq!((&one.login, one.area), (&two.login, two.area));
        assert_ne!(one.password, two.password, "{}", one.login);
    }
    let lowest = first.iter().map(|account| account.area).max_by_key(|a| a.as_str().len()).unwrap();
    assert!(first.iter().all(|account| account.area.contains(&lowest)));
}
