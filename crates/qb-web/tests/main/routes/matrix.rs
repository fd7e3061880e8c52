//! Every route × every role × every relation: what the router answers is what the table says.

use axum::http::Method;
use qb_access::permission::Audience;
use qb_access::{Decision, Role, Scope, decide};
use qb_base::AreaCode;
use qb_web::RouteSpec;

use crate::client::{Answer, get, post, upload};
use crate::world::{CANARY_HOUSEHOLD, OWN_TOWN, OWN_VILLAGE, Session, World};

/// One request to a route: its address, and the area of what it asks for.
struct Try {
    address: String,
    target: Option<AreaCode>,
    /// Whether the thing exists at all; what does not is hidden from those who may.
    exists: bool,
}

fn area(code: &str) -> AreaCode {
    AreaCode::parse(code).unwrap()
}

fn to(address: impl Into<String>, target: Option<AreaCode>) -> Try {
    Try { address: address.into(), target, exists: true }
}

fn absent(address: impl Into<String>) -> Try {
    Try { address: address.into(), target: None, exists: false }
}

/// Areas in every relation to [`OWN_TOWN`].
fn areas(world: &World) -> Vec<AreaCode> {
    let own = area(OWN_TOWN);
    let beside = world.foreign[0].0;
    let elsewhere = world.foreign[1].0;
    vec![own, own.parent().unwrap(), area(OWN_VILLAGE), beside.parent().unwrap(), elsewhere]
}

/// A household below, beside and elsewhere.
fn homes(world: &World) -> Vec<(AreaCode, i64)> {
    let mut homes = vec![(area(OWN_VILLAGE), CANARY_HOUSEHOLD)];
    homes.extend(world.foreign);
    homes
}

fn by_query(world: &World, path: &str) -> Vec<Try> {
    areas(world).into_iter().map(|code| to(format!("{path}area={code}"), Some(code))).collect()
}

/// What is tried on a route; a new route has no row here and fails the test.
#[expect(clippy::too_many_lines, reason = "one row a route")]
fn tries(world: &World, spec: &RouteSpec) -> Vec<Try> {
    let own = Some(area(OWN_TOWN));
    let home = |suffix: &str| -> Vec<Try> {
        let address =
            |(code, id): (AreaCode, i64)| to(format!("/households/{id}{suffix}"), Some(code));
        homes(world).into_iter().map(address).collect()
    };
    let person = || -> Vec<Try> {
        // Two people a household: the head of household N is person 2N − 1.
        let address = |(code, id): (AreaCode, i64)| {
            to(format!("/households/{id}/persons/{}/identity", 2 * id - 1), Some(code))
        };
        let mut tries: Vec<Try> = homes(world).into_iter().map(address).collect();
        let (_, foreign) = world.foreign[0];
        tries.push(absent(format!("/households/1/persons/{}/identity", 2 * foreign - 1)));
        tries
    };
    match spec.path {
        "/healthz" | "/login" => vec![to(spec.path, None)],
        "/assets/{name}" => vec![absent("/assets/none.css")],
        "/" | "/map.geojson" => vec![to(spec.path, own)],
        "/me" | "/mine" | "/logout" | "/imports" => vec![to(spec.path, None)],
        // Nobody of this world stands for a household; see the tests of one's own pages.
        "/mine/objection" => vec![absent("/mine/objection?case=1")],
        "/mine/step" => vec![absent("/mine/step?case=1")],
        "/areas" => vec![to("/areas?q=a", None)],
        "/areas/{code}" => {
            areas(world).into_iter().map(|code| to(format!("/areas/{code}"), Some(code))).collect()
        }
        "/areas/{code}/verdicts" => areas(world)
            .into_iter()
            .map(|code| to(format!("/areas/{code}/verdicts"), Some(code)))
            .collect(),
        "/areas/{code}/life"
        | "/areas/{code}/names"
        | "/areas/{code}/names/end"
        | "/areas/{code}/mergers"
        | "/areas/{code}/mergers/{id}/{step}" => {
            let rest = spec.path.replace("{id}", "9").replace("{step}", "confirm");
            // No name is kept and no merger stated in this world.
            let exists = !rest.ends_with("/end") && !rest.ends_with("/confirm");
            let of = |code: AreaCode| rest.replace("{code}", code.as_str());
            let one = |code| Try { exists, ..to(of(code), Some(code)) };
            areas(world).into_iter().map(one).collect()
        }
        "/households" => by_query(world, "/households?"),
        "/households/search" => vec![to(spec.path, None)],
        "/records/{dataset}/search" => vec![to("/records/project/search", None)],
        "/reading/reason" | "/exports" => vec![to(spec.path, None)],
        "/exports/{id}" => vec![absent("/exports/1")],
        "/log" | "/log/reads" => by_query(world, &format!("{}?", spec.path)),
        "/households/{id}/readers" => home("/readers"),
        "/funds/thread/export" => vec![absent("/funds/thread/export")],
        "/households/export" => by_query(world, "/households/export?"),
        "/villages" => by_query(world, "/villages?"),
        "/villages/export" => by_query(world, "/villages/export?"),
        "/persons" => by_query(world, "/persons?clause=guarantee.person_health&verdict=true&"),
        "/persons/export" => {
            by_query(world, "/persons/export?clause=guarantee.person_health&verdict=true&")
        }
        "/figures/{id}" | "/figures/{id}/export" => {
            let path = |id: &str| spec.path.replace("{id}", id);
            let mut tries = by_query(world, &format!("{}?", path("G08")));
            tries.push(absent(path("none")));
            // Outside one's area the figure's page does not exist, whatever the permission reaches.
            tries.iter_mut().for_each(|t| t.exists = t.exists && within(t.target));
            tries
        }
        "/households/{id}" => home(""),
        "/households/{id}/reasons" => home("/reasons"),
        "/households/{id}/help" => home("/help"),
        "/households/{id}/persons/{person}/identity" => person(),
        "/imports/{run}" => vec![absent("/imports/1"), absent("/imports/9")],
        "/imports/{run}/faults.xlsx" => {
            vec![absent("/imports/1/faults.xlsx"), absent("/imports/9/faults.xlsx")]
        }
        "/imports/new" | "/policy" | "/policy/documents" | "/policy/lists" => {
            vec![to(spec.path, None)]
        }
        "/imports/pending/{batch}" => vec![absent("/imports/pending/0123456789abcdef")],
        "/imports/pending/{batch}/confirm" => {
            vec![absent("/imports/pending/0123456789abcdef/confirm")]
        }
        "/imports/pending/{batch}/discard" => {
            vec![absent("/imports/pending/0123456789abcdef/discard")]
        }
        "/imports/waiting/{run}" => vec![absent("/imports/waiting/9")],
        "/imports/waiting/{run}/confirm" => vec![absent("/imports/waiting/9/confirm")],
        "/imports/waiting/{run}/discard" => vec![absent("/imports/waiting/9/discard")],
        "/imports/progress/{job}" => vec![absent("/imports/progress/9")],
        // No report was made in this world.
        "/report" => vec![to("/report", None)],
        "/report/annual.pdf" | "/report/annual.xlsx" | "/report/annual.docx" => {
            vec![absent(spec.path)]
        }
        "/rooms/{room}" => by_query(world, "/rooms/villages?"),
        // Each list has one sender; see the tests of what is sent.
        "/sent/{dataset}" => vec![absent("/sent/none")],
        "/sent/{dataset}/export" => vec![absent("/sent/none/export")],
        "/records/{dataset}" => by_query(world, "/records/project?"),
        "/records/{dataset}/{id}" => vec![absent("/records/project/1")],
        "/records/{dataset}/export" => by_query(world, "/records/project/export?"),
        // Each list is typed by some of those who may; see the tests of typed rows.
        "/enter/{dataset}" => vec![absent("/enter/none")],
        "/events" => by_query(world, "/events?"),
        "/events/accept" => vec![to(spec.path, None)],
        "/events/{id}" => vec![absent("/events/1")],
        "/events/{id}/{step}" => vec![absent("/events/1/accept")],
        // Each kind is stated by some of those who may; see the tests of events.
        "/households/{id}/events/{kind}" => vec![absent("/households/1/events/none")],
        "/coverage" => by_query(world, "/coverage?"),
        "/coverage/{id}" => by_query(world, "/coverage/village.unit?"),
        "/coverage/{id}/export" => by_query(world, "/coverage/village.unit/export?"),
        "/cases" => by_query(world, "/cases?"),
        "/cases/export" => by_query(world, "/cases/export?"),
        "/cases/{id}" => vec![absent("/cases/1")],
        "/cases/{id}/step" => vec![absent("/cases/1/step")],
        "/cases/new" if spec.method == Method::POST => vec![to("/cases/new", None)],
        "/cases/new" => by_query(world, "/cases/new?"),
        "/cases/{id}/objections" => vec![absent("/cases/1/objections")],
        "/cases/{id}/objections/{objection}" => vec![absent("/cases/1/objections/1")],
        "/cases/{id}/notice" => vec![absent("/cases/1/notice")],
        "/targets" => by_query(world, "/targets?"),
        "/tasks" => by_query(world, "/tasks?"),
        "/tasks/export" => by_query(world, "/tasks/export?"),
        "/proposal" => by_query(world, "/proposal?"),
        "/funds" => by_query(world, "/funds?"),
        "/funds/thread" => vec![absent("/funds/thread")],
        "/assessment" => vec![to("/assessment", None)],
        // Counties are scored; the town everybody works in has no score of its own.
        "/assessment/{object}" => areas(world)
            .into_iter()
            .map(|code| Try { exists: false, ..to(format!("/assessment/{code}"), Some(code)) })
            .collect(),
        "/assessment/freeze" => vec![to(spec.path, None)],
        // Nobody of a town freezes a score, so there is none to confirm or appeal against.
        "/assessment/confirm" | "/assessment/publish" => vec![absent(spec.path)],
        "/assessment/{object}/appeals" => areas(world)
            .into_iter()
            .map(|code| Try {
                exists: false,
                ..to(format!("/assessment/{code}/appeals"), Some(code))
            })
            .collect(),
        "/assessment/appeals/{appeal}" => vec![absent("/assessment/appeals/1")],
        other => panic!("route {other} has no row in the matrix"),
    }
}

fn within(target: Option<AreaCode>) -> bool {
    target.is_none_or(|target| area(OWN_TOWN).contains(&target))
}

fn ask(world: &World, spec: &RouteSpec, address: &str, session: Option<&Session>) -> Answer {
    if spec.method == Method::GET {
        get(&world.router, address, session)
    } else if spec.path == "/imports/new" {
        upload(&world.router, address, session, "", b"")
    } else {
        post(&world.router, address, session, &[("reason", "test of the matrix")])
    }
}

fn is_as_told(decision: Decision, exists: bool, answer: &Answer) -> bool {
    match (decision, exists) {
        (Decision::SignIn, _) => answer.status == 303 && answer.location.starts_with("/login"),
        (Decision::Refuse, _) => answer.status == 403,
        (Decision::Hide, _) | (Decision::Allow, false) => answer.status == 404,
        (Decision::Allow, true) => {
            matches!(answer.status, 200 | 409 | 422)
                || (answer.status == 303 && !answer.location.starts_with("/login?"))
        }
    }
}

#[test]
fn every_route_answers_every_role_and_relation_as_the_table_says() {
    let world = World::make();
    let sign_in = || Role::ALL.map(|role| (role, world.sign_in(role, OWN_TOWN)));
    let mut sessions = sign_in();
    let mut cells = 0;
    for spec in &world.specs {
        // Handing in a wrong name and password is answered by itself; see the tests of accounts.
        if spec.path == "/login" && spec.method == Method::POST {
            continue;
        }
        for one in tries(&world, spec) {
            for (role, session) in &sessions {
                let scope = Scope::new(*role, area(OWN_TOWN));
                let decision = decide(&spec.permission, Some(&scope), one.target);
                let answer = ask(&world, spec, &one.address, Some(session));
                assert!(
                    is_as_told(decision, one.exists, &answer),
                    "{} {} as {role}: {decision:?}, got {} {}",
                    spec.method,
                    one.address,
                    answer.status,
                    answer.location,
                );
                cells += 1;
            }
            // What is sent may end a session, as signing out does.
            if spec.method != Method::GET {
                sessions = sign_in();
            }
            let answer = ask(&world, spec, &one.address, None);
            let decision = decide(&spec.permission, None, one.target);
            assert!(
                is_as_told(decision, one.exists, &answer),
                "{} {} as nobody: got {}",
                spec.method,
                one.address,
                answer.status
            );
            cells += 1;
        }
    }
    println!("{cells} cells of {} routes", world.specs.len());
    assert!(cells > 1_000, "{cells}");
}

#[test]
fn every_permission_of_the_table_is_used_by_a_route() {
    let world = World::shared();
    // What of others' imports the pages of imports show is asked inside them.
    let inside = qb_access::permission::VIEW_OTHERS_IMPORTS.action;
    for row in qb_access::permission::TABLE.iter().filter(|row| row.action != inside) {
        assert!(
            world.specs.iter().any(|spec| spec.permission.action == row.action),
            "{} is used by no route",
            row.action
        );
    }
}

#[test]
fn only_the_sign_in_page_assets_and_the_health_check_are_for_anyone() {
    let open: Vec<&str> = World::shared()
        .specs
        .iter()
        .filter(|spec| spec.permission.audience == Audience::Anyone)
        .map(|spec| spec.path)
        .collect();
    assert_eq!(open, ["/healthz", "/assets/{name}", "/login", "/login"]);
}

#[test]
fn a_foreign_id_answers_as_one_that_does_not_exist() {
    let world = World::shared();
    let session = world.sign_in(Role::TownClerk, OWN_TOWN);
    let (_, foreign) = world.foreign[0];
    let there = get(&world.router, &format!("/households/{foreign}"), Some(&session));
    let nowhere = get(&world.router, "/households/987654321", Some(&session));
    // The language switch names the address; apart from it the two answers are the same. The
    // token of the forms may hold the digits of an id.
    let plain = |body: &str, id: &str| body.replace(&session.csrf, "").replace(id, "ID");
    assert_eq!(there.status, 404);
    assert_eq!(
        plain(&there.body, &foreign.to_string()).len(),
        plain(&nowhere.body, "987654321").len()
    );
}
