//! A department hands in its own lists and gets back what met nobody.

use qb_access::Role;
use qb_store::StoreError;

use crate::client::{get, post, upload};
use crate::world::{CANARY_NUMBER, Session, World};

/// A valid number of nobody in the register.
const STRANGER: &str = "320381195001027718";

/// Two payments: one to a person of the register, one to a stranger.
pub(crate) fn payments() -> String {
    let head = "发放流水号,学籍号,证件号码,资助学段,资助项目,资助金额(元),发放日期";
    let row = |no: &str, number: &str| format!("{no},X{no},{number},小学,生活补助,500,2016-09-10");
    format!("{head}\n{}\n{}\n", row("F0001", CANARY_NUMBER), row("F0002", STRANGER))
}

fn hand_in(world: &World, session: &Session, name: &str, text: &str) -> String {
    let sent = upload(&world.router, "/imports/new", Some(session), name, text.as_bytes());
    assert_eq!(sent.status, 303, "{}", sent.body);
    sent.location
}

fn import(world: &World, session: &Session, name: &str, text: &str) {
    let batch = hand_in(world, session, name, text);
    let answer = post(&world.router, &format!("{batch}/confirm"), Some(session), &[]);
    assert_eq!(answer.status, 303, "{}", answer.body);
    world.state.work_through().unwrap();
}

#[test]
fn a_department_gets_back_the_rows_that_meet_nobody() {
    let world = World::make();
    let school = world.sign_in(Role::DeptEducation, "3203");
    import(&world, &school, "资助.csv", &payments());
    let page = get(&world.router, "/sent/student_aid", Some(&school));
    assert_eq!(page.status, 200);
    assert!(page.body.contains("F0002") && page.body.contains("资助.csv"), "{}", page.body);
    assert!(!page.body.contains("F0001"), "a row that was matched is shown");
    let file = post(
        &world.router,
        "/sent/student_aid/export",
        Some(&school),
        &[("reason", "核对未匹配的名单")],
    );
    assert!(file.body.contains("F0002") && !file.body.contains(STRANGER), "{}", file.body);
    // Its own import, with its faults, and nobody else's.
    assert!(get(&world.router, "/imports", Some(&school)).body.contains("/imports/2"));
    assert_eq!(get(&world.router, "/imports/2", Some(&school)).status, 200);
    assert_eq!(get(&world.router, "/imports/1", Some(&school)).status, 404);
    let health = world.sign_in(Role::DeptHealth, "3203");
    assert_eq!(get(&world.router, "/imports/2", Some(&health)).status, 404);
    assert!(!get(&world.router, "/imports", Some(&health)).body.contains("/imports/2"));
    assert_eq!(get(&world.router, "/sent/student_aid", Some(&health)).status, 404);
}

#[test]
fn a_list_of_another_department_is_refused() {
    let world = World::make();
    let health = world.sign_in(Role::DeptHealth, "3203");
    let batch = hand_in(&world, &health, "资助.csv", &payments());
    let preview = get(&world.router, &batch, Some(&health));
    assert!(!preview.body.contains("/confirm"), "a foreign list can be confirmed");
    // Whoever confirms it all the same brings nothing in.
    post(&world.router, &format!("{batch}/confirm"), Some(&health), &[]);
    world.state.work_through().unwrap();
    let school = world.sign_in(Role::DeptEducation, "3203");
    let page = get(&world.router, "/sent/student_aid", Some(&school));
    assert!(page.body.contains("还没有收到"), "{}", page.body);
}

#[test]
fn an_office_does_not_send_what_auditors_and_surveys_find() {
    let world = World::make();
    let county = world.sign_in(Role::CountyOfficer, "320381");
    let survey = "县(市、区),调查年度,调查户数,满意户数,核查户数,识别准确户数,退出准确户数\n\
                  新沂市,2016,381,381,381,381,381\n";
    let finding = "问题编号,县(市、区),问题年度,问题类型,发现日期,整改时限\n\
                   WT2016-022,新沂市,2016,资金使用不规范,2016-03-01,2016-06-01\n";
    for (name, text, sender) in
        [("survey", survey, "第三方评估"), ("finding", finding, "审计、纪检")]
    {
        let batch = hand_in(&world, &county, &format!("{name}.csv"), text);
        let preview = get(&world.router, &batch, Some(&county));
        assert!(preview.body.contains(sender), "who sends it is said: {}", preview.body);
        assert!(!preview.body.contains("/confirm"), "another's list can be confirmed");
        post(&world.router, &format!("{batch}/confirm"), Some(&county), &[]);
        world.state.work_through().unwrap();
        let sql = "select count(*) from record where dataset = $1";
        let rows: Result<i64, StoreError> =
            world.store().read(|conn| conn.query_one(sql, &[name.into()], |row| row.int(0)));
        assert_eq!(rows.unwrap(), 0, "{name}");
    }
}

#[test]
fn the_form_says_which_lists_a_department_may_hand_in() {
    let world = World::shared();
    let form = |role| get(&world.router, "/imports/new", Some(&world.sign_in(role, "3203"))).body;
    assert!(form(Role::DeptEducation).contains("在籍学生名册"));
    assert!(!form(Role::DeptHealth).contains("在籍学生名册"));
    let office = form(Role::CityOfficer);
    assert!(office.contains("登记名册") && !office.contains("在籍学生名册"), "{office}");
}
