//! A list that decides waits on the page until a second person confirms it.

use qb_access::Role;
use qb_store::StoreError;

use crate::client::{get, post, upload};
use crate::world::{Session, World};

const SURVEY: &str = "县(市、区),调查年度,调查户数,满意户数,核查户数,识别准确户数,退出准确户数\n\
                      新沂市,2016,381,380,381,380,381\n";
const BATCH: &str = "/imports/waiting/2";

fn surveys(world: &World) -> i64 {
    let sql = "select count(*) from record where dataset = 'survey'";
    let found: Result<i64, StoreError> =
        world.store().read(|conn| conn.query_one(sql, &[], |row| row.int(0)));
    found.unwrap()
}

/// An assessor hands in a survey and confirms what was recognised.
fn sent(world: &World) -> Session {
    let assessor = world.sign_in(Role::Assessor, "320381");
    let batch =
        upload(&world.router, "/imports/new", Some(&assessor), "调查.csv", SURVEY.as_bytes());
    let answer = post(&world.router, &format!("{}/confirm", batch.location), Some(&assessor), &[]);
    assert_eq!(answer.status, 303, "{}", answer.body);
    world.state.work_through().unwrap();
    assessor
}

#[test]
fn a_survey_counts_once_another_person_of_the_right_role_and_area_confirms_it() {
    let world = World::make();
    let assessor = sent(&world);
    assert_eq!(surveys(&world), 0);
    assert!(get(&world.router, "/imports", Some(&assessor)).body.contains(BATCH));
    let own = get(&world.router, BATCH, Some(&assessor)).body;
    assert!(own.contains("/discard") && !own.contains("/confirm"), "{own}");
    let confirm = format!("{BATCH}/confirm");
    let own = post(&world.router, &confirm, Some(&assessor), &[]);
    assert!(own.status == 422 && own.body.contains("另一人"), "{}", own.body);
    for (role, area) in [
        (Role::CountyOfficer, "320381"),
        (Role::Assessor, "320382"),
        (Role::Auditor, "3203"),
        (Role::DeptFinance, "3203"),
    ] {
        let other = world.sign_in(role, area);
        assert_eq!(get(&world.router, BATCH, Some(&other)).status, 404, "{role} {area}");
        assert_eq!(post(&world.router, &confirm, Some(&other), &[]).status, 404, "{role} {area}");
    }
    let city = world.sign_in(Role::CityOfficer, "3203");
    assert!(get(&world.router, "/", Some(&city)).body.contains(BATCH), "the overview names it");
    let page = get(&world.router, BATCH, Some(&city)).body;
    assert!(page.contains("调查.csv") && page.contains("第三方评估调查表"), "{page}");
    let answer = post(&world.router, &confirm, Some(&city), &[]);
    assert_eq!(answer.status, 303, "{}", answer.body);
    world.state.work_through().unwrap();
    assert_eq!(surveys(&world), 1);
    assert_eq!(get(&world.router, &answer.location, Some(&city)).status, 303, "the job is done");
    assert_eq!(get(&world.router, BATCH, Some(&city)).status, 404, "nothing waits any more");
}

#[test]
fn what_waits_may_be_let_go_with_a_reason() {
    let world = World::make();
    let assessor = sent(&world);
    let discard = format!("{BATCH}/discard");
    let post = |reason: &str| {
        let fields = [("reason", reason)];
        post(&world.router, &discard, Some(&assessor), &fields).status
    };
    assert_eq!(post("x"), 422);
    assert_eq!(post("户主320381194912310026有误"), 422, "a reason holds nobody's number");
    assert_eq!(post("数据有误,重新报送"), 303);
    assert_eq!(get(&world.router, BATCH, Some(&assessor)).status, 404);
    assert_eq!(surveys(&world), 0);
}
