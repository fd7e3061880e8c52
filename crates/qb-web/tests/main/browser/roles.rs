//! A morning of every role on the real day, whatever day that is: only relations are asserted.

use std::path::PathBuf;

use fantoccini::Locator;
use qb_access::Role;
use qb_base::env;
use qb_policy::ColumnKind;

use super::desk::{Desk, Form, with_desks};
use crate::world::{
    CANARY_NAME, CANARY_NUMBER, GRIEVANCE, HELPER, OWN_TOWN, OWN_VILLAGE, World, household_no,
};

const COUNTY: &str = "320381";
const CITY: &str = "3203";
const FORM: &str = "form.qb-form";
/// The day that the frame of a page names, as the office's.
const DAY: &str = "document.querySelector('.qb-asof').innerText.match(/\\d{4}-\\d{2}-\\d{2}/)[0]";

/// A world of the real day: a paired household that was paid, a grievance, an exit.
fn world() -> World {
    let world = World::make_at(None, &[]);
    world.name_people();
    world.pair_first_household();
    world.pay_first_household();
    world.receive_grievance();
    world.exit_of(1);
    world
}

/// Opens a case by the form that the reader's role is offered.
async fn open(desk: &Desk, query: &str, transition: &str, fields: &[(&str, &str)]) -> String {
    desk.read(&format!("/cases/new?{query}")).await;
    desk.form(&Form::step(transition)).await.fill(fields).await.send().await
}

/// Takes a step of a case, and reads the case then.
async fn step(desk: &Desk, case: &str, transition: &str, fields: &[(&str, &str)]) -> String {
    desk.read(case).await;
    desk.form(&Form::step(transition)).await.fill(fields).await.send().await
}

/// The address of the case about a subject, as the list of cases leads to it.
async fn case_of(desk: &Desk, subject: &str) -> String {
    desk.read("/cases").await;
    let find = format!(
        "[...document.querySelectorAll('a[href^=\"/cases/\"]')]\
         .find(link => link.textContent === '{subject}').getAttribute('href')"
    );
    desk.says(&find).await.as_str().unwrap().to_owned()
}

#[test]
fn those_who_keep_the_register_work_on_the_real_day() {
    let world = world();
    let village = world.sign_in(Role::VillageClerk, OWN_VILLAGE);
    let helper = world.sign_in_for(Role::Helper, OWN_VILLAGE, HELPER);
    let team = world.sign_in(Role::ResidentTeam, OWN_VILLAGE);
    let own = world.sign_in_for(Role::Household, OWN_VILLAGE, &household_no(1));
    let town = world.sign_in(Role::TownClerk, OWN_TOWN);
    let county = world.sign_in(Role::CountyOfficer, COUNTY);
    with_desks(&world, async |office, phone| {
        office.seat(&village, "/households/2/events/birth").await;
        let today = office.says(DAY).await.as_str().unwrap().to_owned();
        let form = office.form(FORM).await;
        let born = [("f_name", "张小宝"), ("f_sex", "FEMALE"), ("f_birth_on", today.as_str())];
        form.fill(&born).await;
        let fields = [("f_relation", "DAUGHTER"), ("paper", "P320381-7"), ("reason", "村医证明")];
        form.fill(&fields).await.send().await;

        phone.seat(&helper, "/mine").await;
        phone.follow("a[href='/mine?household=1']").await;
        phone.follow("a[href='/households/1/events/health']").await;
        let form = phone.form(FORM).await;
        form.fill(&[("person", "2"), ("f_health", "CHRONIC"), ("paper", "Z320381-2")]).await;
        form.set("reason", "县医院诊断").await.send().await;
        assert_eq!(phone.path().await, "/mine", "a helper comes back to its household");

        phone.seat(&team, "/").await;
        let lead = open(phone, "machine=monitoring&household=3", "lead", &[]).await;
        assert!(lead.contains("lead"), "{lead}");
        phone.seat(&own, "/mine").await;
        phone.follow("a[href^='/mine/objection?case=']").await;
        phone.form("form[action='/mine/objection']").await.send().await;

        office.seat(&town, "/events").await;
        let form = office.form("form[action='/events/accept']").await;
        form.tick("event", "1").await.tick("event", "2").await.enter().await;
        let exit = case_of(office, &household_no(1)).await;
        office.read(&exit).await;
        let form = office.form("form.qb-inline").await;
        form.set("document", "复第4号").await.press("[value='0'][type=submit]").await;
        office.seat(&county, "/").await;
        let case = case_of(office, &household_no(3)).await;
        step(office, &case, "dismiss", &[("reason", "已有稳定收入")]).await;
    });
    assert_kept(&world);
}

fn assert_kept(world: &World) {
    let events = "select e.kind || ' ' || e.state from event e order by id";
    assert_eq!(world.texts(events), ["birth APPLIED", "health APPLIED"]);
    let born = "select count(*) from event e join person p on p.household_id = 2 \
                and p.birth_on = e.happened_on and p.member_from = e.happened_on \
                where e.kind = 'birth'";
    assert_eq!(world.number(born), 1, "born on the day it happened");
    let lead = "select count(*) from case_file where machine = 'monitoring' and is_ended \
                and opened_on = (select happened_on from event where kind = 'birth')";
    assert_eq!(world.number(lead), 1);
    let answered = "select count(*) from case_objection where state = 'dismissed' \
                    and answered_on = raised_on";
    assert_eq!(world.number(answered), 1);
    let early = "select count(*) from case_event e where e.recorded_at > 0 and e.done_on > \
                 (select happened_on from event where kind = 'birth')";
    assert_eq!(world.number(early), 0, "nothing is dated after the day it was done");
}

#[test]
fn those_who_lead_and_watch_work_on_the_real_day() {
    let world = world();
    world.seat_secretary();
    world.run_rules();
    let city = world.sign_in(Role::CityOfficer, CITY);
    let leader = world.sign_in(Role::Leader, CITY);
    let assessor = world.sign_in(Role::Assessor, CITY);
    let auditor = world.sign_in(Role::Auditor, CITY);
    world.sign_in_second(Role::Auditor, CITY);
    let unit = world.sign_in(Role::HelpUnit, COUNTY);
    let watching = [Role::SystemAdmin, Role::SecurityAdmin].map(|role| world.sign_in(role, CITY));
    let log = world.sign_in(Role::AuditAdmin, CITY);
    with_desks(&world, async |office, phone| {
        office.seat(&city, "/").await;
        let today = office.says(DAY).await.as_str().unwrap().to_owned();
        let grievance = case_of(office, GRIEVANCE).await;
        step(office, &grievance, "assign", &[]).await;
        phone.seat(&auditor, "/").await;
        let second = format!("{}-{CITY}-2", Role::Auditor.code());
        let papers = [("second", second.as_str()), ("evidence_CHECK_RECORD", "第1号")];
        step(phone, &grievance, "investigate", &papers).await;

        office.seat(&leader, "/").await;
        // The figures stand on the year of the programme, whatever day it is.
        let figure = office.follow("a.qb-figure").await;
        assert!(figure.contains(&today) && figure.contains("2016-12-31"), "{figure}");
        let pledge = [("subject", "ZRZ-1"), ("area", CITY), ("signatory", "RZ1")];
        let pledge = [&pledge[..], &[("evidence_PLEDGE", "第1号")]].concat();
        open(office, "machine=pledge", "sign_upper", &pledge).await;
        phone.seat(&unit, "/").await;
        let posting = [("subject", "PZ-1"), ("area", COUNTY)];
        open(phone, "machine=posting", "nominate", &posting).await;

        office.seat(&assessor, "/enter/finding?area=320381").await;
        let kind = "document.querySelector('[name=f_kind] option:nth-child(2)').value";
        let kind = office.says(kind).await;
        let form = office.form(FORM).await;
        form.fill(&[("f_year", &today[..4]), ("f_kind", kind.as_str().unwrap())]).await;
        form.fill(&[("f_found_on", &today), ("f_due_on", &today)]).await.send().await;
        let waits = office.path().await;
        let first = office.seat(&city, "/").await;
        assert!(first.contains("第三方评估") || first.contains("问题"), "{first}");
        office.read(&waits).await;
        office.form(&format!("form[action='{waits}/confirm']")).await.send().await;
        world.state.work_through().unwrap();

        for session in &watching {
            let first = phone.seat(session, "/").await;
            assert!(!first.contains(CANARY_NAME), "{first}");
            let register = "document.querySelector('[href=\"/households\"]') === null";
            assert_eq!(phone.says(register).await, true, "no way into the register");
        }
        let log = phone.seat(&log, "/log").await;
        assert!(log.contains("320381") || log.contains("case"), "{log}");
    });
    let cases = "select machine || ' ' || state from case_file where machine in \
                 ('finding', 'grievance', 'pledge', 'posting') order by machine";
    assert_eq!(
        world.texts(cases),
        ["finding FOUND", "grievance INVESTIGATED", "pledge UPPER_SIGNED", "posting NOMINATED"]
    );
    let opened = "select count(distinct opened_on) from case_file \
                  where machine in ('finding', 'pledge', 'posting')";
    assert_eq!(world.number(opened), 1, "all of one morning");
    let found = "select count(*) from case_file where machine = 'finding' \
                 and deadline_on = opened_on";
    assert_eq!(world.number(found), 1, "the deadline that was written down");
}

/// One row of the first list that a department sends, with its heads; everything in it is of today.
/// Nothing of a department from which the pack asks for none.
fn list_of(world: &World, role: Role) -> Option<String> {
    let today = env::today();
    let sent = |code: &String| code == role.code();
    let mut lists = world.pack.datasets.iter();
    let list = lists.find(|list| list.senders.iter().any(sent))?;
    let (mut heads, mut cells) = (Vec::new(), Vec::new());
    for column in &list.columns {
        let cell = match &column.kind {
            ColumnKind::Text if column.id == "household_no" => household_no(1),
            ColumnKind::Text => format!("{}-1", column.id),
            ColumnKind::Name => CANARY_NAME.to_owned(),
            ColumnKind::ResidentId => CANARY_NUMBER.to_owned(),
            ColumnKind::AreaCounty => COUNTY.to_owned(),
            ColumnKind::AreaTown => OWN_TOWN.to_owned(),
            ColumnKind::AreaVillage => OWN_VILLAGE.to_owned(),
            ColumnKind::Year => today.year().to_string(),
            ColumnKind::Month | ColumnKind::Date => today.to_string(),
            ColumnKind::Code(codes) => {
                world.pack.code_list(codes).unwrap().codes[0].label.zh.to_string()
            }
            ColumnKind::Bool => "是".to_owned(),
            _ => "7".to_owned(),
        };
        heads.push(column.label.zh.to_string());
        cells.push(cell);
    }
    Some(format!("{}\n{}\n", heads.join(","), cells.join(",")))
}

#[test]
fn every_department_hands_in_a_list_on_the_real_day() {
    let world = World::make_at(None, &[]);
    let departments = Role::DEPARTMENTS.map(|role| (role, world.sign_in(role, CITY)));
    let city = world.sign_in(Role::CityOfficer, CITY);
    with_desks(&world, async |office, phone| {
        let mut runs = 1;
        for (at, (role, session)) in departments.iter().enumerate() {
            let desk = if at % 2 == 0 { office } else { phone };
            let Some(list) = list_of(&world, *role) else {
                let first = desk.seat(session, "/").await;
                assert!(!first.contains("/sent/"), "{first}");
                continue;
            };
            runs += 1;
            let file = format!("browser-{}.csv", role.code());
            let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(file);
            std::fs::write(&file, list).unwrap();
            desk.seat(session, "/").await;
            desk.read("/imports/new").await;
            let field = desk.client.find(Locator::Id("files")).await.unwrap();
            field.send_keys(file.to_str().unwrap()).await.unwrap();
            desk.form("form[action='/imports/new']").await.send().await;
            desk.form("form[action$='/confirm']").await.send().await;
            world.state.work_through().unwrap();
            desk.read(&format!("/imports/{runs}")).await;
            desk.read("/").await;
        }
        // What finance decides about money waits for another person.
        let first = office.seat(&city, "/").await;
        assert!(first.contains(Role::DeptFinance.code()), "{first}");
        let waits = office.follow("a[href^='/imports/waiting/']").await;
        assert!(waits.contains("browser-DEPT_FIN.csv"), "{waits}");
        office.form("form[action$='/confirm']").await.send().await;
        world.state.work_through().unwrap();
    });
    // What waits is read once it is confirmed.
    let runs = "select u.role || ' ' || r.state || ' ' || sum(r.rows_read) || ' ' || \
                sum(r.rows_accepted + r.rows_rejected) from import_run r \
                join app_user u on r.actor = 'user:' || u.id \
                group by u.role, r.state order by min(r.id)";
    let senders = departments.iter().filter(|(role, _)| list_of(&world, *role).is_some());
    let whole: Vec<String> = senders.map(|(role, _)| format!("{} done 1 1", role.code())).collect();
    assert_eq!(world.texts(runs), whole, "every row is accounted for");
    let kept = "select count(*) from record";
    let taken = "select sum(rows_accepted) from import_run where id > 1";
    assert_eq!(world.number(kept), world.number(taken), "what was taken in is there");
}
