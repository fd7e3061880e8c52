//! What the pages hold, in both languages.

use qb_access::Role;
use qb_base::env;
use qb_policy::{Fact, Method};
use qb_report::AnnualReport;
use qb_store::{AuditEntry, Known, StoreError, Tx};

use crate::client::{get, get_with, post};
use crate::world::{
    CANARY_HOUSEHOLD, CANARY_NAME, CANARY_NUMBER, OWN_TOWN, OWN_VILLAGE, World, entry, household_no,
};

const PAGES: &[&str] = &[
    "/",
    "/me",
    "/areas?q=a",
    "/areas/320381",
    "/areas/320381115",
    "/areas/320381115/verdicts",
    "/areas/320381115206",
    "/households",
    "/households/1",
    "/households/1/reasons",
    "/villages",
    "/figures/G08",
    "/policy",
    "/policy/documents",
    "/policy/lists",
    "/imports",
    "/imports/1",
    "/imports/new",
    "/rooms/villages",
    "/rooms/funds",
    "/records/project",
    "/coverage",
    "/cases",
    "/targets",
    "/tasks",
    "/proposal",
    "/funds",
    "/assessment",
    "/enter/meeting?area=320381",
];

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}')
}

/// The words of a page without its tags, form values and the language switch.
fn words(body: &str) -> String {
    let main = body.split("<main").nth(1).unwrap_or(body);
    let mut text = String::new();
    let mut inside = false;
    for c in main.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            _ if !inside => text.push(c),
            _ => {}
        }
    }
    text
}

#[test]
fn every_page_answers_in_both_languages() {
    let world = World::shared();
    let session = world.sign_in(Role::CountyOfficer, "320381");
    for page in PAGES {
        let joint = if page.contains('?') { '&' } else { '?' };
        let zh = get(&world.router, &format!("{page}{joint}lang=zh"), Some(&session));
        let en = get(&world.router, &format!("{page}{joint}lang=en"), Some(&session));
        assert_eq!((zh.status, en.status), (200, 200), "{page}");
        assert!(zh.body.contains("lang=\"zh-CN\"") && en.body.contains("lang=\"en\""), "{page}");
        assert!(zh.cookies.is_empty() || zh.cookies[0].starts_with("qb_lang=zh"));
        assert!(en.cookies[0].starts_with("qb_lang=en"));
        assert_ne!(words(&zh.body), words(&en.body), "{page}");
    }
}

#[test]
fn headings_and_column_heads_of_the_english_pages_hold_no_chinese() {
    let world = World::shared();
    let session = world.sign_in(Role::CountyOfficer, "320381");
    for page in PAGES {
        let joint = if page.contains('?') { '&' } else { '?' };
        let body = get(&world.router, &format!("{page}{joint}lang=en"), Some(&session)).body;
        for part in body.split("<th scope=\"col\"").skip(1) {
            let head = part.split("</th>").next().unwrap_or_default();
            assert!(!head.chars().any(is_han), "{page}: {head}");
        }
    }
}

#[test]
fn the_language_is_remembered() {
    let world = World::shared();
    let session = world.sign_in(Role::CountyOfficer, "320381");
    let cookie = format!("{}; qb_lang=en", session.cookie);
    let answer = get_with(&world.router, "/me", None, &[("cookie", &cookie)]);
    assert!(answer.body.contains("My account"));
}

#[test]
fn a_page_stays_below_thirty_kilobytes() {
    let world = World::shared();
    let session = world.sign_in(Role::CountyOfficer, "320381");
    // The slip of all rules is made for the printer.
    for page in PAGES.iter().filter(|page| !page.ends_with("/reasons")) {
        let size = get(&world.router, page, Some(&session)).body.len();
        assert!(size < 30_000, "{page} has {size} bytes");
    }
}

#[test]
fn an_area_is_found_by_initials_and_only_within_ones_own() {
    let world = World::shared();
    let county = world.sign_in(Role::CountyOfficer, "320381");
    let other = world.sign_in(Role::CountyOfficer, "320382");
    assert!(
        get(&world.router, "/areas?q=lianma", Some(&county)).body.contains("/areas/320381115206")
    );
    assert!(
        !get(&world.router, "/areas?q=lianma", Some(&other)).body.contains("/areas/320381115206")
    );
}

#[test]
fn an_error_says_what_and_what_next_in_the_readers_language() {
    let world = World::shared();
    let session = world.sign_in(Role::TownClerk, OWN_TOWN);
    let zh = get(&world.router, "/households/999999", Some(&session));
    assert!(zh.status == 404 && zh.body.contains("下一步"));
    let en = get(&world.router, "/nowhere?lang=en", Some(&session));
    assert!(en.status == 404 && en.body.contains("What next"));
}

#[test]
fn an_asset_is_kept_for_good_and_sent_compressed() {
    let world = World::shared();
    let page = get(&world.router, "/login", None).body;
    let address = page.split("href=\"/assets/tabler").nth(1).unwrap().split('"').next().unwrap();
    let address = format!("/assets/tabler{address}");
    let plain = get(&world.router, &address, None);
    assert!(plain.headers["cache-control"].to_str().unwrap().contains("immutable"));
    let packed = get_with(&world.router, &address, None, &[("accept-encoding", "gzip")]);
    assert_eq!(packed.headers["content-encoding"], "gzip");
    let tag = plain.headers["etag"].to_str().unwrap().to_owned();
    let again = get_with(&world.router, &address, None, &[("if-none-match", &tag)]);
    assert_eq!((again.status, again.body.len()), (304, 0));
}

#[test]
fn a_report_older_than_the_newest_run_says_so() {
    let world = World::make();
    let session = world.sign_in(Role::TownClerk, OWN_TOWN);
    let folder = world.store().place().dir.reports();
    std::fs::create_dir_all(&folder).unwrap();
    let page = |report: &AnnualReport| {
        let stored = qb_report::to_json(report).unwrap();
        std::fs::write(folder.join(qb_report::files::STORED), stored).unwrap();
        get(&world.router, "/report", Some(&session)).body
    };
    let newest = world.store().read(qb_targeting::queries::newest_run).unwrap();
    let mut report = qb_report::draft(world.store(), &world.pack, newest).unwrap();
    let newest = page(&report);
    assert!(newest.contains("id=\"G08\"") && !newest.contains("id=\"older\""));
    report.provenance.run = Some("0".to_owned());
    assert!(page(&report).contains("id=\"older\""));
}

#[test]
fn the_health_check_tells_nothing_but_that_it_is_well() {
    let answer = get(&World::shared().router, "/healthz", None);
    assert_eq!((answer.status, answer.body.as_str()), (200, "{\"status\":\"ok\"}"));
}

#[test]
fn what_is_to_be_confirmed_and_what_departs_from_a_rule_is_said() {
    let world = World::make_changed();
    let session = world.sign_in(Role::TownClerk, OWN_TOWN);
    let page = |address: &str| get(&world.router, address, Some(&session)).body;
    let (rules, lists) = (page("/policy"), page("/policy/lists"));
    let row = |page: &str, id: &str| {
        let (_, rest) = page.split_once(&format!("id=\"{id}\"")).unwrap();
        rest.split_once("</tr>").unwrap().0.to_owned()
    };
    assert!(row(&rules, "guarantee.water").contains("href=\"#exit.ready\""));
    assert!(!row(&rules, "guarantee.housing").contains("href=\"#"));
    assert!(row(&lists, "list-risk").contains("待确认"));
    assert!(!row(&lists, "list-cause").contains("待确认"));
    let slip = get(&world.router, "/households/1/reasons?clause=guarantee.water", Some(&session));
    assert!(slip.body.contains("href=\"/policy#exit.ready\""));
}

#[test]
fn a_rule_names_its_documents_and_a_document_its_rules_wherever_the_reader_works() {
    let world = World::make();
    world.issue_documents();
    let session = world.sign_in(Role::VillageClerk, OWN_VILLAGE);
    let page = |address: &str| get(&world.router, address, Some(&session)).body;
    let documents = page("/policy/documents");
    assert!(
        documents.contains("示发〔2016〕5号") && documents.contains("href=\"/policy#exit.ready\"")
    );
    assert_eq!(documents.matches("class=\"qb-tag is-open\"").count(), 1, "one is repealed");
    let rules = page("/policy");
    let of_rule = |id: &str| {
        let (_, rest) = rules.split_once(&format!("<tr id=\"{id}\"")).unwrap();
        rest.split_once("</tr>").unwrap().0.to_owned()
    };
    let (exit, machine) = (of_rule("exit.ready"), of_rule("machines/exit"));
    assert!(exit.contains("第十一条") && exit.contains("示发〔2016〕5号"));
    assert!(exit.find("〔2016〕5号") < exit.find("〔2015〕3号"), "what is in force stands first");
    assert!(machine.contains("示发〔2016〕5号"));
    assert!(!of_rule("guarantee.water").contains("示发"));
    let slip = page("/households/1/reasons?clause=exit.ready");
    let (_, anchor) = slip.split_once("href=\"/policy/documents#").unwrap();
    let (anchor, _) = anchor.split_once('"').unwrap();
    assert!(documents.contains(&format!("id=\"{anchor}\"")));
}

#[test]
fn a_list_of_the_missing_names_and_opens_them() {
    let world = World::make_changed();
    let session = world.sign_in(Role::VillageClerk, OWN_VILLAGE);
    let page = |id: &str| get(&world.router, &format!("/coverage/{id}"), Some(&session)).body;
    let households = page("household.helper");
    let link = format!("<a href=\"/households/{CANARY_HOUSEHOLD}\">{}</a>", household_no(1));
    assert!(households.contains(&link), "a household that lacks a helper is named and opened");
    let persons = page("roster.premium");
    let (_, table) = persons.split_once("<tbody>").unwrap();
    assert!(table.contains(&link) && table.contains("户主") && table.contains("1950"), "{table}");
    assert!(!persons.contains(CANARY_NAME) && !persons.contains(CANARY_NUMBER));
    let villages = page("village.unit");
    assert!(!villages.contains(&format!("<td>{OWN_VILLAGE}</td>")), "an area is told once");
    let city = world.sign_in(Role::CityOfficer, "3203");
    let rules = get(&world.router, "/coverage/rule.document", Some(&city)).body;
    assert!(rules.contains("<a href=\"/policy#exit.ready\">符合退出条件"));
    let actions = get(&world.router, "/coverage/meeting.action?area=3203", Some(&city)).body;
    assert!(actions.contains("<a href=\"/records/meeting_action?area=3203&#38;no=SX1\">SX1</a>"));
}

#[test]
fn figures_and_coverages_are_asked_as_they_were_known_on_a_day() {
    let world = World::make();
    let store = world.store();
    let session = world.sign_in(Role::CityOfficer, "3203");
    let page = |path: &str| get(&world.router, path, Some(&session));
    let instant = env::now();
    store
        .write::<_, StoreError>(|tx| {
            // It came later.
            let sql = "update household set recorded_at = $1 where id = 1";
            tx.execute(sql, &[(instant.0 + 1).into()])?;
            tx.audit(&entry("test.write"))
        })
        .unwrap();
    let known = instant.to_instant_in_china();
    let asked = format!("area=3203&as_of=2016-12-31&known_on={known}");
    let missing = page(&format!("/figures/B01?{asked}"));
    assert_ne!(missing.status, 200, "nobody has asked that yet");
    let command = format!("qibang target run --as-of 2016-12-31 --known-on {known}");
    assert!(missing.body.contains(&command), "{}", missing.body);
    let when = ("test", world.pack.cases_on, Known::By(instant));
    let leads = qb_settle::run(store, &world.pack, when, &mut |_| {}).unwrap().leads;
    assert_eq!(leads, 0);
    let here = |body: &str| {
        let (_, rest) = body.split_once("本地区</dt>").expect("the value here");
        rest.split("</dd>").next().unwrap().to_owned()
    };
    let (now, then) = (page("/figures/B01?area=3203"), page(&format!("/figures/B01?{asked}")));
    assert_ne!(here(&now.body), here(&then.body), "{}", then.body);
    let said = format!("按 {known} 所掌握");
    assert!(then.body.contains(&said) && !now.body.contains(&said), "{}", then.body);
    let export = format!("/figures/B01/export?{}", asked.replace(':', "%3A").replace('&', "&#38;"));
    assert!(then.body.contains(&export), "{}", then.body);
    // Its links ask the same.
    let list = page(&format!("/coverage?{asked}")).body;
    assert!(list.contains(&format!("known_on={}", known.replace(':', "%3A"))), "{list}");
    for wrong in ["as_of=2016-02-30", "as_of=x", "known_on=2016", "known_on=2999-01-01"] {
        assert_eq!(page(&format!("/coverage?{wrong}")).status, 422, "{wrong}");
    }
}

#[test]
fn a_place_in_a_list_that_no_link_has_is_told_to_be_unreadable() {
    let world = World::shared();
    let session = world.sign_in(Role::CityOfficer, "3203");
    let listed = |page: &&str| get(&world.router, page, Some(&session)).status == 200;
    let coverage = world.pack.coverages.iter().map(|row| format!("/coverage/{}?after=", row.id));
    let is_query = |fact: &&Fact| matches!(fact.method, Method::Sql(_));
    let figures = world.pack.facts.iter().filter(is_query);
    let figures = figures.map(|fact| format!("/figures/{}?after=", fact.id));
    let mut lists: Vec<String> = coverage.take(3).chain(figures.take(3)).collect();
    let fixed = ["/cases?after=", "/households?after=", "/imports/1?after=", "/tasks?record="];
    lists.extend(fixed.map(str::to_owned));
    assert!(lists.iter().map(String::as_str).all(|page| listed(&page)), "{lists:?}");
    for list in lists {
        for place in ["18446744073709551615", "9223372036854775808", "-1", "a"] {
            let answer = get(&world.router, &format!("{list}{place}"), Some(&session));
            assert_eq!(answer.status, 400, "{list}{place}");
            assert!(answer.body.contains("写法有误"), "{list}{place}");
        }
    }
    for address in ["/households?area=%00", "/records/visit?q=%00", "/areas/%00"] {
        assert_eq!(get(&world.router, address, Some(&session)).status, 400, "{address}");
    }
}

#[test]
fn a_full_disk_is_told_in_words_and_nothing_else_stops() {
    let world = World::make();
    let session = world.sign_in(Role::TownClerk, OWN_TOWN);
    let full = |tx: &Tx<'_>| {
        tx.execute_batch("pragma max_page_count = 1")?;
        tx.audit(&entry("test.full"))
    };
    world.store().write::<_, StoreError>(full).unwrap();
    let long = "x".repeat(4_000);
    for reason in [long.as_str(), "x"] {
        let row = AuditEntry { reason, ..entry("test.full") };
        let error = loop {
            if let Err(error) = world.store().write::<_, StoreError>(|tx| tx.audit(&row)) {
                break error;
            }
        };
        assert!(matches!(error, StoreError::DiskFull), "{error}");
    }
    let answer = post(&world.router, "/login", None, &[("login", "a"), ("password", "b")]);
    assert_eq!(answer.status, 503, "{}", answer.body);
    assert!(answer.body.contains("磁盘已满") && answer.body.contains("E-"), "{}", answer.body);
    assert_eq!(get(&world.router, "/me", Some(&session)).status, 200);
}
