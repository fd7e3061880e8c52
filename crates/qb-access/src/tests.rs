//! The table, cell by cell: every permission × every role × every relation.

use qb_base::AreaCode;

use crate::permission::{self, Audience, TABLE};
use crate::{Decision, Permission, Reach, Relation, Reveal, Role, Scope, decide, relation};

fn area(code: &str) -> AreaCode {
    AreaCode::parse(code).unwrap()
}

/// A target in the given relation to the town 320381115.
fn target(relation: Relation) -> AreaCode {
    area(match relation {
        Relation::Own => "320381115",
        Relation::Above => "320381",
        Relation::Below => "320381115206",
        Relation::Sibling => "320381116",
        Relation::Other => "320382115",
    })
}

/// The expected cells, written by hand: letters are roles, in the order of [`Role::ALL`].
///
/// `#` may, `.` may not.
const EXPECTED: &[(&str, &str, Reach)] = &[
    ("session.close", "#####################", Reach::Any),
    ("account.view_own", "#####################", Reach::Any),
    ("overview.view", "#################.###", Reach::Own),
    ("household.view_mine", "..#..............#...", Reach::Any),
    ("case.object_own", ".................#...", Reach::Any),
    ("case.step_own", ".................#...", Reach::Any),
    ("area.find", "#################.###", Reach::Below),
    ("area.view", "#################.###", Reach::Below),
    ("area.keep", "....##...............", Reach::Below),
    ("area.decide", "....##...............", Reach::Below),
    ("household.list", "##.######............", Reach::Below),
    ("household.view", "##.######............", Reach::Below),
    ("person.reveal_identity", "#..###..#............", Reach::Below),
    ("import.list", "##.###.#########.....", Reach::Any),
    ("import.view", "##.###.#########.....", Reach::Below),
    ("import.view_others", "....##..#............", Reach::Below),
    ("import.faults", "##.###.#########.....", Reach::Below),
    ("import.upload", "##.###.#########.....", Reach::Below),
    ("import.confirm", "##.###.#########.....", Reach::Below),
    ("list.sent", ".........#######.....", Reach::Below),
    ("report.view", "#################.###", Reach::Any),
    ("report.download", "#################.###", Reach::Any),
    ("figure.view", "##.######............", Reach::Any),
    ("reading.explain", "#####################", Reach::Any),
    ("export.agree", "...####.#............", Reach::Below),
    ("household.readers", "...###..#...........#", Reach::Below),
    ("audit.view", "....................#", Reach::Below),
    ("room.view", "#################.###", Reach::Below),
    ("record.list", "##.######............", Reach::Below),
    ("record.view", "##.######............", Reach::Below),
    ("record.export", "##.######............", Reach::Below),
    ("record.enter", "######.##............", Reach::Below),
    ("event.list", "##.######............", Reach::Below),
    ("event.state", "######...............", Reach::Below),
    ("event.decide", "#..###...............", Reach::Below),
    ("coverage.view", "##.######............", Reach::Below),
    ("case.list", "##.######....####....", Reach::Below),
    ("case.view", "##.######....####....", Reach::Below),
    ("case.step", "##.######....####....", Reach::Below),
    ("case.open", "##.######....####....", Reach::Below),
    ("case.object", "##.######............", Reach::Below),
    ("case.notice", "##.######............", Reach::Below),
    ("target.view", "#################.###", Reach::Below),
    ("task.list", "##.######............", Reach::Below),
    ("fund.view", "#################.###", Reach::Below),
    ("fund.follow", "...####.#.....#......", Reach::Any),
    ("assessment.view", "....#####............", Reach::Below),
    ("assessment.decide", ".....#...............", Reach::Own),
    ("assessment.confirm", "......#..............", Reach::Own),
    ("assessment.appeal", "....#................", Reach::Own),
];

fn expected(reach: Reach, relation: Relation, may: bool) -> Decision {
    let reached = match (reach, relation) {
        (Reach::Any, _) | (_, Relation::Own) | (Reach::Below, Relation::Below) => true,
        (Reach::Own | Reach::Below, _) => false,
    };
    match (may, reached) {
        (false, _) => Decision::Refuse,
        (true, true) => Decision::Allow,
        (true, false) => Decision::Hide,
    }
}

#[test]
fn every_cell_of_the_table_is_as_written() {
    let mut cells = 0;
    for (action, roles, reach) in EXPECTED {
        let row = TABLE.iter().find(|row| row.action == *action).expect("the row exists");
        for (role, mark) in Role::ALL.into_iter().zip(roles.chars()) {
            let scope = Scope::new(role, area("320381115"));
            for relation in Relation::ALL {
                let decision = decide(row, Some(&scope), Some(target(relation)));
                let want = expected(*reach, relation, mark == '#');
                assert_eq!(decision, want, "{action} {role} {relation:?}");
                cells += 1;
            }
        }
    }
    assert_eq!(cells, EXPECTED.len() * Role::ALL.len() * Relation::ALL.len());
}

#[test]
fn the_expectation_covers_every_row_that_asks_for_a_role() {
    let asks = |row: &&Permission| row.audience != Audience::Anyone;
    let rows: Vec<&str> = TABLE.iter().filter(asks).map(|row| row.action).collect();
    let expected: Vec<&str> = EXPECTED.iter().map(|(action, _, _)| *action).collect();
    assert_eq!(rows, expected);
    assert!(EXPECTED.iter().all(|(_, roles, _)| roles.len() == Role::ALL.len()));
}

#[test]
fn whoever_is_not_signed_in_is_asked_to() {
    for row in TABLE {
        let want = match row.audience {
            Audience::Anyone => Decision::Allow,
            Audience::Roles(_) => Decision::SignIn,
        };
        assert_eq!(decide(row, None, Some(area("32"))), want, "{}", row.action);
    }
}

#[test]
fn the_target_relations_are_what_they_say() {
    for want in Relation::ALL {
        assert_eq!(relation(area("320381115"), target(want)), want);
    }
    assert_eq!(relation(area("32"), area("33")), Relation::Sibling);
}

#[test]
fn only_the_reveal_shows_a_number_in_full() {
    for role in Role::ALL {
        let shown = Scope::new(role, area("3203")).id_number("11010519491231002X");
        assert!(!shown.contains(|c: char| c.is_ascii_digit() && c != '2'), "{role}: {shown}");
        let phone = Scope::new(role, area("3203")).phone("13800000021");
        assert!(phone.trim_start_matches('*').len() <= 2, "{role}: {phone}");
    }
    assert_eq!(permission::REVEAL_IDENTITY.reveal, Reveal::Full);
}

#[test]
fn a_scope_is_raised_for_a_reveal_only_where_the_table_allows_it() {
    let raised = |role| Scope::new(role, area("320381")).revealing_identity();
    assert_eq!(raised(Role::CityOfficer).map(|scope| scope.reveal()), Some(Reveal::Full));
    assert_eq!(raised(Role::Leader), None);
    assert_eq!(raised(Role::SystemAdmin), None);
}

#[test]
fn only_households_and_helpers_have_rows_of_their_own() {
    let own = |role| Scope::new(role, area("320381")).of_ones_own().map(|scope| scope.reveal());
    for role in Role::ALL {
        let has_own = matches!(role, Role::Household | Role::Helper);
        assert_eq!(own(role), has_own.then_some(Reveal::Full), "{role}");
    }
}

#[test]
fn those_who_meet_the_household_read_its_name_and_the_rest_do_not() {
    let name = |role| Scope::new(role, area("3203")).name("张长乐");
    assert_eq!(name(Role::VillageClerk), "张长乐");
    assert_eq!(name(Role::Auditor), "张**");
    assert_eq!(name(Role::SystemAdmin), "");
    assert_eq!(Scope::system().name("张长乐"), "张**");
}

#[test]
fn masked_roles_see_the_year_of_birth_and_nothing_of_a_number() {
    let auditor = Scope::new(Role::Auditor, area("3203"));
    assert_eq!(auditor.birth("1949-12-31"), "1949");
    assert_eq!(
        (auditor.id_number("11010519491231002X"), auditor.phone("")),
        ("****".into(), "".into())
    );
    let clerk = Scope::new(Role::VillageClerk, area("3203"));
    assert_eq!(
        (clerk.birth("1949-12-31"), clerk.phone("13800000021")),
        ("1949-12-31", "*********21".into())
    );
    assert_eq!(Scope::new(Role::SystemAdmin, area("3203")).birth("1949-12-31"), "");
}

#[test]
fn a_role_without_person_data_holds_no_permission_that_shows_it_but_to_read_its_own() {
    let is_own = |row: &&Permission| row.action == permission::VIEW_MINE.action;
    let shows = |row: &&Permission| row.reveal != Reveal::None && !is_own(row);
    for row in TABLE.iter().filter(shows) {
        let Audience::Roles(roles) = row.audience else { panic!("{} is public", row.action) };
        // A department reads the files that it handed in itself.
        let handed_in = |role: &Role| role.is_department() && row.action.starts_with("import.");
        // A helper types what it saw at its own households, and states what happened there.
        let typed = [permission::ENTER_RECORD.action, permission::STATE_EVENT.action];
        let types = |role: &Role| *role == Role::Helper && typed.contains(&row.action);
        let reads = |role: &Role| role.reveal() != Reveal::None || handed_in(role) || types(role);
        assert!(roles.iter().all(reads), "{}", row.action);
    }
}

#[test]
fn the_operator_reaches_everything() {
    let everything = Scope::system();
    for row in TABLE {
        let decision = decide(row, Some(&everything), Some(area("320381")));
        let reached = row.reach != Reach::Own;
        assert_eq!(decision == Decision::Allow, reached, "{}", row.action);
    }
    let (low, high) = everything.range();
    assert!(low.as_str() < "320381115206" && "999999999999" < high.as_str());
}

#[test]
fn a_scope_narrows_but_never_widens() {
    let county = Scope::new(Role::CountyOfficer, area("320381"));
    assert_eq!(county.within(area("320381115")).unwrap().area(), Some(area("320381115")));
    assert_eq!(county.within(area("3203")), None);
    assert_eq!(county.within(area("320382")), None);
}

#[test]
fn role_codes_read_back() {
    for role in Role::ALL {
        assert_eq!(Role::parse(role.code()), Ok(role));
        let label = role.label();
        assert!(!label.zh.is_empty() && !label.en.is_empty());
    }
    assert!(Role::parse("village_clerk").is_err());
}

#[test]
fn actions_are_unique() {
    let mut actions: Vec<&str> = TABLE.iter().map(|row| row.action).collect();
    actions.sort_unstable();
    actions.dedup();
    assert_eq!(actions.len(), TABLE.len());
}
