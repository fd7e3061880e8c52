//! Lists, counts and totals are the same whether or not there is anything outside one's area.

use std::collections::BTreeSet;
use std::thread;

use qb_access::Role;

use crate::client::get;
use crate::world::{CANARY_NAME, OWN_TOWN, OWN_VILLAGE, World};

/// The own village filled in every list, and nothing outside the own town.
fn world_without_others() -> World {
    let world = World::make_before_run(false);
    world.fill_every_list((OWN_VILLAGE, 1), "own", 1);
    world.run_rules();
    world
}

/// What an area's people read of it. The annual report and its figures are left out: they are
/// published for all.
pub(crate) fn pages(world: &World) -> Vec<String> {
    let mut pages: Vec<String> = [
        "/",
        "/areas?q=a",
        "/households",
        "/households?name=张",
        "/villages",
        "/coverage",
        "/cases",
        "/targets",
        "/tasks",
        "/proposal",
        "/funds",
        "/assessment",
        "/imports",
        "/policy/documents",
        "/policy/lists",
        "/persons?clause=guarantee.person_health&verdict=true",
    ]
    .map(str::to_owned)
    .to_vec();
    pages.push(format!("/areas/{OWN_TOWN}"));
    pages.push(format!("/areas/{OWN_TOWN}/verdicts"));
    pages.push(format!("/areas/{OWN_VILLAGE}"));
    for room in
        ["responsibility", "targeting", "measures", "funds", "villages", "services", "assessment"]
    {
        pages.push(format!("/rooms/{room}"));
    }
    for dataset in &world.pack.datasets {
        pages.push(format!("/records/{}", dataset.id));
        pages.push(format!("/sent/{}", dataset.id));
    }
    pages.extend(world.pack.coverages.iter().map(|one| format!("/coverage/{}", one.id)));
    pages
}

/// The first lines in which two pages differ. Tokens, digests and times of day do not count: they
/// differ from one process to the next.
fn difference(a: &str, b: &str) -> Option<(Option<String>, Option<String>)> {
    let mut lines = [a, b].map(|page| page.split('\n'));
    loop {
        let [a, b] = lines.each_mut().map(Iterator::next);
        if a.is_none() && b.is_none() {
            return None;
        }
        if a != b && a.map(plain) != b.map(plain) {
            return Some([a, b].map(|line| line.map(str::to_owned)).into());
        }
    }
}

/// A line without what differs from one process to the next.
fn plain(line: &str) -> String {
    let is_random = |word: &&str| word.len() >= 16 && word.contains(|c: char| c.is_alphabetic());
    let is_time = |word: &&str| word.len() == 5 && word.as_bytes().get(2) == Some(&b':');
    let words = line.split_inclusive(|c: char| !c.is_ascii_hexdigit() && c != ':');
    let kept = words.filter(|word| {
        let bare = word.trim_end_matches(|c: char| !c.is_ascii_hexdigit());
        !is_random(&bare) && !is_time(&bare)
    });
    kept.collect()
}

/// Reads every page of both worlds as somebody and counts those that were shown.
fn pages_read_alike(with: &World, without: &World, role: Role, area: &str) -> usize {
    let sessions = [with, without].map(|world| world.sign_in(role, area));
    let mut seen = 0;
    for page in pages(with) {
        let [a, b] = [(with, &sessions[0]), (without, &sessions[1])]
            .map(|(world, session)| get(&world.router, &page, Some(session)));
        assert_eq!(a.status, b.status, "{page} as {role}");
        assert_eq!(difference(&a.body, &b.body), None, "{page} as {role}");
        seen += usize::from(a.status == 200);
    }
    seen
}

#[test]
fn what_lies_outside_ones_area_changes_no_page() {
    let (with, without) = thread::scope(|scope| {
        let without = scope.spawn(world_without_others);
        (World::make_listed(), without.join().unwrap())
    });
    let seen: usize = thread::scope(|scope| {
        let readers = [
            (Role::TownClerk, OWN_TOWN),
            (Role::VillageClerk, OWN_VILLAGE),
            (Role::Auditor, OWN_TOWN),
            (Role::Leader, OWN_TOWN),
            (Role::DeptFinance, OWN_TOWN),
            (Role::HelpUnit, OWN_TOWN),
        ]
        .map(|(role, area)| {
            let (with, without) = (&with, &without);
            scope.spawn(move || pages_read_alike(with, without, role, area))
        });
        readers.map(|reader| reader.join().unwrap()).iter().sum()
    });
    assert!(seen > 300, "only {seen} pages were read");
    // The two worlds do differ, for those who see them whole.
    let whole = |world: &World| {
        let session = world.sign_in(Role::CityOfficer, "3203");
        get(&world.router, "/records/project", Some(&session)).body
    };
    assert_ne!(difference(&whole(&with), &whole(&without)), None);
}

/// Where the links and forms of a page lead.
fn addresses(body: &str) -> impl Iterator<Item = String> {
    let parts = ["href=\"", "action=\"", "hx-get=\"", "hx-post=\"", "src=\""];
    let all = parts.into_iter().flat_map(|part| body.split(part).skip(1));
    all.filter_map(|rest| rest.split('"').next()).map(|link| link.replace("&#38;", "&"))
}

/// An address without what tells one row from another: pages of one kind have one shape.
fn shape(address: &str) -> String {
    let address = address.split('#').next().unwrap();
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let names = query.split('&').filter_map(|pair| pair.split('=').next());
    let of_row = |part: &&str| part.contains(|c: char| c.is_ascii_digit());
    let path: Vec<&str> =
        path.split('/').map(|part| if of_row(&part) { "#" } else { part }).collect();
    format!("{}?{}", path.join("/"), names.collect::<Vec<_>>().join("&"))
}

#[test]
fn no_address_on_any_page_holds_the_number_of_a_household_or_a_name() {
    let world = World::make_listed();
    let encoded: String = CANARY_NAME.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let holds_household = |address: &str| {
        let after = address.split(OWN_VILLAGE).skip(1);
        after.map(|rest| rest.bytes().take_while(u8::is_ascii_digit).count()).any(|more| more >= 6)
    };
    let clean = |address: &str, of: &str| {
        assert!(!holds_household(address), "the number of a household in {address} of {of}");
        assert!(!address.contains(CANARY_NAME) && !address.contains(&encoded), "{address} of {of}");
    };
    // More exits than one page shows: the link to the next one knows where this one ended.
    world.exits_of(40..100);
    let session = world.sign_in(Role::TownClerk, OWN_TOWN);
    let mut waiting = pages(&world);
    let more = ["/households/1", "/funds/thread", "/mine", "/enter/visit"];
    waiting.extend(more.map(str::to_owned));
    let mut shapes: BTreeSet<String> = waiting.iter().map(|page| shape(page)).collect();
    let mut seen = 0;
    while let Some(page) = waiting.pop() {
        let answer = get(&world.router, &page, Some(&session));
        seen += usize::from(answer.status == 200);
        clean(&answer.location, &page);
        for address in addresses(&answer.body) {
            clean(&address, &page);
            let shape = shape(&address);
            // In the other language the links are the same.
            let is_other = shape.ends_with("lang") || !address.starts_with('/');
            if !is_other && shapes.insert(shape) {
                waiting.push(address);
            }
        }
    }
    let next =
        |shape: &String| shape.starts_with("/records/exit_") && shape.ends_with("after_area&after");
    assert!(shapes.iter().any(next), "no list went on");
    assert!(seen > 150, "only {seen} pages were read");
}
