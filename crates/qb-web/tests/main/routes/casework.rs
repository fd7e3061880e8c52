//! A case through its pages: opened, moved by several roles, objected to, put on a notice.

use qb_access::Role;
use qb_base::AreaCode;
use qb_store::{AuditEntry, StoreError};
use qb_web::accounts::{NewAccount, create};

use crate::client::{Answer, get, post};
use crate::world::{CANARY_NAME, OWN_TOWN, OWN_VILLAGE, Session, World, household_no};

/// The county of the town and village.
const COUNTY: &str = "320381";
/// Papers that steps of an exit ask for.
const PAPERS: [&str; 10] = [
    "evidence_CHECK_RECORD",
    "evidence_DECISION",
    "evidence_MINUTES",
    "evidence_SIGN_IN",
    "evidence_INCOME_SHEET",
    "evidence_SURVEY",
    "evidence_CONFIRMATION",
    "evidence_NOTICE_PHOTO",
    "evidence_REPORT",
    "evidence_APPLICATION",
];

/// The number of somebody of the village's team who goes along.
const SECOND: &str = "A-0002";

/// The number of a helper, who verifies nothing.
const HELPS: &str = "A-0003";

struct Office {
    world: World,
    clerk: Session,
    town: Session,
}

impl Office {
    fn new() -> Self {
        let world = World::make();
        let clerk = world.sign_in(Role::VillageClerk, OWN_VILLAGE);
        let town = world.sign_in(Role::TownClerk, OWN_TOWN);
        let along = |login, role, subject| NewAccount {
            login,
            display_name: login,
            role,
            area: AreaCode::parse(OWN_VILLAGE).unwrap(),
            subject: Some(subject),
        };
        for account in
            [along("along", Role::ResidentTeam, SECOND), along("beside", Role::Helper, HELPS)]
        {
            create(world.store(), "test", &account).unwrap();
        }
        Self { world, clerk, town }
    }

    fn send(&self, who: &Session, address: &str, fields: &[(&str, &str)]) -> Answer {
        let mut form: Vec<(&str, &str)> = PAPERS.iter().map(|paper| (*paper, "第1号")).collect();
        form.extend(fields);
        post(&self.world.router, address, Some(who), &form)
    }

    /// Opens an exit of the first household.
    fn open(&self) -> Answer {
        let fields = [("machine", "exit"), ("household", "1"), ("transition", "pre_exit")];
        self.send(&self.clerk, "/cases/new", &fields)
    }

    /// Takes a step as the page of the case offers it.
    fn step(&self, who: &Session, transition: &str) -> u16 {
        self.step_with(who, transition, SECOND).status
    }

    /// As [`Self::step`], together with somebody.
    fn step_with(&self, who: &Session, transition: &str, second: &str) -> Answer {
        let page = get(&self.world.router, "/cases/1", Some(who)).body;
        let version = page.split("name=\"version\" value=\"").nth(1).unwrap_or("\"");
        let version = version.split('"').next().unwrap();
        let fields = [
            ("version", version),
            ("transition", transition),
            ("present", "80"),
            ("entitled", "100"),
            ("second", second),
            // Steps that post no notice do not keep it.
            ("notice_until", "2017-01-20"),
        ];
        self.send(who, "/cases/1/step", &fields)
    }
}

#[test]
fn an_exit_goes_from_the_clerk_over_the_town_to_a_notice_that_masks_the_head() {
    let office = Office::new();
    let opened = office.open();
    assert_eq!((opened.status, opened.location.as_str()), (303, "/cases/1"));
    assert_eq!(office.step(&office.clerk, "assembly"), 303);
    assert_eq!(office.step(&office.clerk, "verify"), 422, "the clerk held the assembly");
    assert_eq!(office.step(&office.town, "verify"), 403, "no form offers the town this step");
    let team = office.world.sign_in(Role::ResidentTeam, OWN_VILLAGE);
    assert_eq!(office.step(&team, "verify"), 303);
    assert_eq!(office.step(&office.clerk, "consent"), 403, "nobody of the village agrees for it");
    assert_eq!(office.step(&office.town, "consent"), 303);
    assert_eq!(office.step(&office.clerk, "notice"), 303);
    let made = office.send(&office.clerk, "/cases/1/notice", &[]);
    assert_eq!((made.status, made.location.as_str()), (303, "/cases/1/notice"));
    let again = office.send(&office.clerk, "/cases/1/notice", &[]);
    assert_eq!(again.status, 422, "one step posts one notice");
    let notice = get(&office.world.router, "/cases/1/notice", Some(&office.clerk)).body;
    let text = notice.split("<article").nth(1).unwrap().split("</article>").next().unwrap();
    assert!(text.contains("金**") && text.contains("2017-01-20"), "{text}");
    assert!(!notice.contains(CANARY_NAME) && !text.contains(&household_no(1)));
}

#[test]
fn the_second_person_is_somebody_who_works_here_and_may_take_the_step() {
    let office = Office::new();
    assert_eq!(office.open().status, 303);
    assert_eq!(office.step(&office.clerk, "assembly"), 303);
    let team = office.world.sign_in(Role::ResidentTeam, OWN_VILLAGE);
    for stranger in ["A-9999", HELPS, "TOWN_CLERK-320381115"] {
        let refused = office.step_with(&team, "verify", stranger);
        assert_eq!(refused.status, 422, "{stranger}");
        assert!(refused.body.contains("没有可与您同办这一步的人"), "{}", refused.body);
    }
    // The clerk who held the assembly, by a login of that office's own.
    let clerk = format!("{}-{OWN_VILLAGE}", Role::VillageClerk.code());
    assert_eq!(office.step_with(&team, "verify", &clerk).status, 422, "held the assembly");
    assert_eq!(office.step_with(&team, "verify", SECOND).status, 303);
    let page = get(&office.world.router, "/cases/1", Some(&office.clerk)).body;
    assert!(!page.contains(SECOND), "one person has one name in a case: {page}");
}

#[test]
fn an_exit_that_the_exit_test_refuses_is_not_announced() {
    let office = Office::new();
    let county = office.world.sign_in(Role::CountyOfficer, COUNTY);
    let second = office.world.sign_in_second(Role::CountyOfficer, COUNTY);
    let team = office.world.sign_in(Role::ResidentTeam, OWN_VILLAGE);
    let town = office.world.sign_in_second(Role::TownClerk, OWN_TOWN);
    let begun = [("machine", "exit"), ("household", "1"), ("transition", "pre_exit")];
    let day = [("on", "2016-11-01")];
    assert_eq!(office.send(&office.clerk, "/cases/new", &[&begun[..], &day].concat()).status, 303);
    let take = |who: &Session, transition: &str, on: &str, reason: &str| {
        let page = get(&office.world.router, "/cases/1", Some(who)).body;
        let version = page.split("name=\"version\" value=\"").nth(1).unwrap_or("\"");
        let fields = [
            ("version", version.split('"').next().unwrap()),
            ("transition", transition),
            ("on", on),
            ("present", "80"),
            ("entitled", "100"),
            ("second", SECOND),
            ("sample", "20"),
            ("document", "2016-88"),
            ("reason", reason),
            ("notice_until", "2016-11-20"),
        ];
        office.send(who, "/cases/1/step", &fields)
    };
    for (who, transition, on) in [
        (&office.clerk, "assembly", "2016-11-02"),
        (&team, "verify", "2016-11-03"),
        (&office.town, "consent", "2016-11-04"),
        (&office.clerk, "notice", "2016-11-05"),
        (&town, "town_check", "2016-11-21"),
        (&county, "check", "2016-11-22"),
    ] {
        assert_eq!(take(who, transition, on, "as told").status, 303, "{transition}");
    }
    let page = get(&office.world.router, "/cases/1", Some(&second)).body;
    assert!(page.contains("符合退出条件"), "the page does not say which rule is asked");
    let unknown = take(&second, "announce", "2016-11-30", "");
    assert_eq!(unknown.status, 422, "data are missing and no reason stands there");
    assert!(unknown.body.contains("符合退出条件"), "{}", unknown.body);
    judged(&office.world, '0');
    let refused = take(&second, "announce", "2016-11-30", "as told");
    assert_eq!(refused.status, 422, "a reason does not help against a rule that is not met");
    judged(&office.world, '1');
    assert_eq!(take(&second, "announce", "2016-11-30", "").status, 303);
}

/// Lets the newest run say this of the first household's exit test.
fn judged(world: &World, sign: char) {
    let sql = "update verdict set verdicts = (select substr(verdict.verdicts, 1, c.position) \
               || $1 || substr(verdict.verdicts, c.position + 2) from clause_result c \
               where c.run_id = verdict.run_id and c.clause = 'exit.ready') \
               where level = 'household' and subject_id = 1";
    let sign = sign.to_string();
    world
        .store()
        .write::<_, StoreError>(|tx| {
            assert_eq!(tx.execute(sql, &[(&sign).into()])?, 1);
            tx.audit(&AuditEntry {
                actor: "tester",
                action: "test.write",
                object: "verdict",
                before: None,
                after: None,
                reason: "a test",
            })
        })
        .unwrap();
}

#[test]
fn a_second_case_on_the_same_household_is_refused_with_the_number_of_the_first() {
    let office = Office::new();
    office.open();
    let second = office.open();
    assert_eq!(second.status, 422);
    assert!(second.body.contains("第1号案件"), "{}", second.body);
}

#[test]
fn an_objection_is_answered_by_another_person_than_took_the_step() {
    let office = Office::new();
    office.open();
    let paper = [("channel", "LETTER"), ("document", "异议第3号"), ("on", "2016-12-31")];
    assert_eq!(office.send(&office.clerk, "/cases/1/objections", &paper).status, 303);
    let page = get(&office.world.router, "/cases/1", Some(&office.town)).body;
    assert!(page.contains("/cases/1/objections/1") && page.contains("异议第3号"));
    let answer = [("upheld", "0"), ("document", "复第4号"), ("on", "2016-12-31")];
    let own = office.send(&office.clerk, "/cases/1/objections/1", &answer);
    assert_eq!(own.status, 422, "whoever took the step does not answer");
    let auditor = office.world.sign_in(Role::Auditor, "320381");
    let seen = get(&office.world.router, "/cases/1", Some(&auditor)).body;
    assert!(!seen.contains("/cases/1/objections"), "a form is offered to a role without the duty");
    assert_eq!(office.send(&auditor, "/cases/1/objections", &paper).status, 422);
    assert_eq!(office.send(&auditor, "/cases/1/objections/1", &answer).status, 422);
    assert_eq!(office.send(&office.town, "/cases/1/objections/1", &answer).status, 303);
    let page = get(&office.world.router, "/cases/1", Some(&office.town)).body;
    assert!(page.contains("复第4号") && !page.contains("/cases/1/objections/1"));
}

#[test]
fn the_form_offers_what_the_role_may_open_about_a_household() {
    let office = Office::new();
    let form = |who: &Session, address: &str| get(&office.world.router, address, Some(who)).body;
    let offered = form(&office.clerk, "/cases/new?household=1");
    assert!(offered.contains("machine=exit") && offered.contains("machine=monitoring"));
    assert!(!offered.contains("machine=grievance"), "a grievance is about no household");
    assert!(form(&office.clerk, "/cases/new").contains("machine=grievance"));
    let unknown = get(&office.world.router, "/cases/new?machine=none", Some(&office.clerk));
    assert_eq!(unknown.status, 422);
}

#[test]
fn finance_takes_the_steps_of_its_budgets_and_sees_no_case_about_a_household() {
    let world = World::make();
    world.exit_of(1);
    world.budget_of(COUNTY);
    let finance = world.sign_in(Role::DeptFinance, COUNTY);
    let list = get(&world.router, "/cases", Some(&finance)).body;
    assert!(list.contains("/cases/2") && list.contains("YS1"), "{list}");
    assert!(!list.contains("/cases/1\"") && !list.contains(&household_no(1)), "{list}");
    assert_eq!(get(&world.router, "/cases/1", Some(&finance)).status, 404);
    assert_eq!(get(&world.router, "/cases/2", Some(&finance)).status, 200);
    let take = |case: &str, transition: &str| {
        let fields = [("version", "1"), ("transition", transition), ("on", "2016-02-03")];
        post(&world.router, &format!("/cases/{case}/step"), Some(&finance), &fields).status
    };
    assert_eq!((take("1", "assembly"), take("2", "receive")), (404, 303));
}
