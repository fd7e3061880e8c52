//! Lists of holidays come year by year: deadlines past the last one are provisional, and move when
//! it comes.

use std::fs;

use qb_access::{Role, Scope};
use qb_base::{Text, WorkingCalendar};
use qb_case::commands::{Desk, Opening, level, open, step};
use qb_case::model::CaseLine;
use qb_case::queries::{self, After, Filter};
use qb_case::{Machines, notes};
use qb_policy::{Pack, PackSource};
use qb_store::testing::{on_each_store, scratch_dir};
use qb_store::{Store, StoreError};

use crate::common::{VILLAGE, actor, area, day, facts, machines};

const HEAD: &str = "id = \"trial\"\nextends = \"xuzhou-2016\"\n";
const YEAR_2017: &str = "[[year]]\nyear = 2017\nsource = \"trial\"\n";
/// New Year 2018, and nothing else.
const YEAR_2018: &str = "[[year]]\nyear = 2018\nsource = \"trial\"\nholiday = [{ name = { zh = \
     \"元旦\", en = \"New Year\" }, from = 2018-01-01, until = 2018-01-01 }]\n";
const WORKING: &str = "max_days = 5, counts = \"working\"";

/// A machine of two steps, the second by a clock.
fn machine(clock: &str) -> String {
    format!(
        r#"id = "small"
label = {{ zh = "小流程", en = "small" }}
subject = "household"
source = "trial"
[[state]]
id = "BEGUN"
label = {{ zh = "已开始", en = "begun" }}
kind = "start"
[[state]]
id = "ENDED"
label = {{ zh = "已结束", en = "ended" }}
kind = "end"
[[transition]]
id = "begin"
label = {{ zh = "开始", en = "begin" }}
to = "BEGUN"
actors = [{{ role = "VILLAGE_CLERK", level = "village" }}]
[[transition]]
id = "end"
label = {{ zh = "结束", en = "end" }}
from = ["BEGUN"]
to = "ENDED"
actors = [{{ role = "TOWN_CLERK", level = "town" }}]
clock = {{ from = "begin", {clock} }}
"#
    )
}

/// The pack of the programme with a machine and a calendar of its own.
fn pack(clock: &str, calendar: &str) -> Result<Pack, String> {
    let folder = scratch_dir("calendar");
    fs::create_dir_all(folder.join("machines")).expect("a folder");
    for (path, text) in
        [("pack.toml", HEAD), ("machines/small.toml", &machine(clock)), ("calendar.toml", calendar)]
    {
        fs::write(folder.join(path), text).expect("a file");
    }
    let pack = Pack::load(PackSource::Folder(&folder)).map_err(|error| error.to_string());
    fs::remove_dir_all(&folder).expect("the folder goes");
    pack
}

fn rules(clock: &str, calendar: &str) -> Result<Machines, String> {
    let faults = |faults: Vec<qb_policy::Fault>| {
        faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    Machines::load(&pack(clock, calendar)?).map_err(faults)
}

fn begin(store: &Store, machines: &Machines, subject: &str, on: &str) -> i64 {
    let clerk = actor("clerk", Role::VillageClerk, VILLAGE);
    let desk = Desk {
        store,
        machines,
        actor: &clerk,
        today: day("2020-12-31"),
        clauses: None,
        people: None,
    };
    let opening = Opening {
        machine: "small",
        transition: "begin",
        subject,
        household_id: None,
        area: area(VILLAGE),
        deadline: None,
    };
    open(&desk, &opening, &facts(on)).expect("a case opens").case
}

fn listed(store: &Store, machines: &Machines) -> Vec<CaseLine> {
    let (scope, filter, after) = (Scope::system(), Filter::default(), After::default());
    let today = day("2018-01-01");
    store
        .read(|conn| queries::list(conn, machines, &scope, today, &filter, &after, 50))
        .expect("a list")
}

/// The due days that the store holds, in the order of the cases.
fn stored(store: &Store) -> String {
    let sql = "select due_on from case_file order by id";
    let days = store.read::<_, StoreError>(|conn| conn.query(sql, &[], |row| row.text(0)));
    days.expect("days").join(" ")
}

/// Fails unless a clock that begins on a day ends on another.
fn ends(clock: &str, calendar: &str, [on, expected]: [&str; 2]) {
    let machines = rules(clock, calendar).expect("a machine without faults");
    on_each_store(|store| {
        begin(store, &machines, "H1", on);
        assert_eq!(stored(store), expected, "{clock} from {on}");
    });
}

#[test]
fn a_deadline_past_the_last_list_is_provisional_on_list_and_page_and_names_the_year() {
    let machines = rules(WORKING, YEAR_2017).unwrap();
    on_each_store(|store| {
        let known = begin(store, &machines, "H1", "2017-12-22");
        let open = begin(store, &machines, "H2", "2017-12-25");
        let lines = listed(store, &machines);
        let found: Vec<_> = lines
            .iter()
            .map(|line| (line.case, line.due.as_deref(), line.due_provisional))
            .collect();
        let expected = [(known, Some("2017-12-29"), false), (open, Some("2018-01-01"), true)];
        assert_eq!(found, expected);
        let words = Text::new(
            "暂定：策略包还没有2018年的放假安排",
            "provisional: the pack has no list of holidays of 2018 yet",
        );
        assert_eq!(lines[1].due_note, Some(words.clone()));
        let scope = Scope::system();
        let page = store
            .read(|conn| queries::case(conn, &machines, &scope, day("2018-01-01"), open))
            .unwrap();
        assert_eq!(
            (page.clocks[0].due_provisional, &page.clocks[0].due_note),
            (true, &Some(words))
        );
        let json = serde_json::to_value(&page).unwrap();
        assert_eq!(json["due_provisional"], true);
        assert_eq!(json["due"], "2018-01-01");
    });
}

#[test]
fn a_longer_calendar_moves_the_due_day_of_the_same_case_wherever_it_stands() {
    let before = rules(WORKING, YEAR_2017).unwrap();
    let after = rules(WORKING, &[YEAR_2017, YEAR_2018].concat()).unwrap();
    on_each_store(|store| {
        begin(store, &before, "H1", "2017-12-25");
        let line = |machines| {
            let line = listed(store, machines).remove(0);
            (line.due.unwrap(), line.due_provisional, line.version)
        };
        assert_eq!(line(&before), ("2018-01-01".to_owned(), true, 1));
        assert_eq!(line(&after), ("2018-01-02".to_owned(), false, 1));
        assert_eq!(stored(store), "2018-01-01", "before it is brought level");
        assert_eq!(level(store, &after, "tester").unwrap(), 1);
        assert_eq!(stored(store), "2018-01-02");
        assert_eq!(level(store, &after, "tester").unwrap(), 0, "nothing is left to move");
        let sql = "select count(*) from audit where action = 'case.due'";
        let told = store.read::<_, StoreError>(|conn| conn.query_one(sql, &[], |row| row.int(0)));
        assert_eq!(told.unwrap(), 1);
    });
}

#[test]
fn a_list_goes_on_after_a_line_whose_day_has_moved() {
    let before = rules(WORKING, YEAR_2017).unwrap();
    let after = rules(WORKING, &[YEAR_2017, YEAR_2018].concat()).unwrap();
    on_each_store(|store| {
        for subject in ["H1", "H2", "H3"] {
            begin(store, &before, subject, "2017-12-25");
        }
        let (scope, filter) = (Scope::system(), Filter::default());
        let (mut place, mut seen) = (After::default(), Vec::new());
        loop {
            let page = store
                .read(|conn| {
                    let today = day("2018-01-01");
                    queries::list(conn, &after, &scope, today, &filter, &place, 1)
                })
                .unwrap();
            let Some(last) = page.last() else { break };
            place = After::line(last);
            seen.push(last.subject.clone());
        }
        assert_eq!(seen, ["H1", "H2", "H3"]);
    });
}

#[test]
fn an_ended_case_keeps_the_day_it_had() {
    let before = rules(WORKING, YEAR_2017).unwrap();
    let after = rules(WORKING, &[YEAR_2017, YEAR_2018].concat()).unwrap();
    on_each_store(|store| {
        let case = begin(store, &before, "H1", "2017-12-25");
        let town = actor("town", Role::TownClerk, "320381101");
        let today = day("2020-12-31");
        let desk =
            Desk { store, machines: &before, actor: &town, today, clauses: None, people: None };
        step(&desk, (case, 1), "end", &facts("2017-12-28")).unwrap();
        assert_eq!(level(store, &after, "tester").unwrap(), 0);
    });
}

#[test]
fn a_last_day_off_moves_only_where_the_pack_says_so() {
    let calendar = "[[year]]\nyear = 2016\nsource = \"trial\"\nworked = [2016-09-18]\nholiday = [{ \
         name = { zh = \"中秋节\", en = \"Mid-Autumn\" }, from = 2016-09-15, until = 2016-09-17 }]\n";
    let moves = "max_days = 1, ends_on_day_off = \"next_working_day\"";
    // Over the holiday to a Sunday that is worked, over a weekend, and on a working day.
    ends(moves, calendar, ["2016-09-14", "2016-09-18"]);
    ends(moves, calendar, ["2016-09-23", "2016-09-26"]);
    ends(moves, calendar, ["2016-09-20", "2016-09-21"]);
    ends("max_days = 1, ends_on_day_off = \"stays\"", calendar, ["2016-09-14", "2016-09-15"]);
    let month = "until_month = 2, ends_on_day_off = \"next_working_day\"";
    // A Monday, and a Saturday of a year without a list.
    ends(month, calendar, ["2016-01-05", "2016-02-29"]);
    ends(month, calendar, ["2015-01-05", "2015-03-02"]);
}

#[test]
fn a_clock_in_calendar_days_says_in_the_pack_what_becomes_of_a_day_off() {
    let fault = |clock: &str| rules(clock, YEAR_2017).expect_err("a fault");
    let silent = fault("max_days = 5");
    assert!(silent.contains("say what becomes of a last day that is a day off"), "{silent}");
    assert!(fault("until_month = 2").contains("say what becomes of a last day"));
    let unknown = fault("max_days = 5, ends_on_day_off = \"moves\"");
    assert!(unknown.contains("machines/small.toml:") && unknown.contains("moves"), "{unknown}");
    let idle = fault("min_days = 5, ends_on_day_off = \"stays\"");
    assert!(idle.contains("there is no last day to move"), "{idle}");
    assert!(rules("min_days = 5", YEAR_2017).is_ok(), "a clock without a last day");
    assert!(rules(WORKING, YEAR_2017).is_ok(), "working days end on none off");
}

#[test]
fn to_say_that_a_day_off_stays_judges_no_case_anew() {
    let digest = |clock: &str| {
        rules(clock, YEAR_2017).unwrap().get("small").expect("the machine").digest.to_string()
    };
    let silent = digest(WORKING);
    assert_eq!(digest(&format!("{WORKING}, ends_on_day_off = \"stays\"")), silent);
    assert_ne!(digest(&format!("{WORKING}, ends_on_day_off = \"next_working_day\"")), silent);
}

#[test]
fn a_year_stands_once_in_a_calendar() {
    let twice = rules(WORKING, &[YEAR_2017, YEAR_2017].concat()).expect_err("a fault");
    assert!(twice.contains("calendar.toml:5:8") && twice.contains("2017 stands twice"), "{twice}");
}

#[test]
fn a_check_names_years_without_a_list_and_from_when_on_days_are_provisional() {
    let said = |calendar: &str| -> Vec<String> {
        let pack = pack(WORKING, calendar).unwrap();
        notes(&pack).into_iter().map(|note| note.en.into_owned()).collect()
    };
    let year_2015 = YEAR_2017.replace("2017", "2015");
    let [missing, last] = said(&[&*year_2015, YEAR_2018].concat()).try_into().unwrap();
    assert!(missing.contains("lacks the lists of holidays of 2016, 2017:"), "{missing}");
    assert!(last.contains("from 2015 to 2018: from 2019 on deadlines"), "{last}");
    assert_eq!(said(YEAR_2017).len(), 1, "nothing is missing");
    assert!(said("")[0].contains("no list of holidays"));
}

fn works(calendar: &WorkingCalendar, days: &[&str]) -> Vec<bool> {
    days.iter().map(|on| calendar.is_working(day(on))).collect()
}

#[test]
fn the_calendar_of_the_programme_holds_what_was_changed_during_a_year() {
    let calendar = machines().calendar();
    let off = ["2015-09-03", "2015-09-04", "2020-01-31", "2020-02-01", "2019-05-02", "2019-05-03"];
    assert_eq!(works(calendar, &off), [false; 6]);
    let on = ["2015-09-06", "2020-02-03", "2019-04-28", "2019-05-05", "2011-12-31", "2018-12-29"];
    assert_eq!(works(calendar, &on), [true; 6]);
    assert_eq!(works(calendar, &["2018-12-31", "2025-10-08", "2026-02-23"]), [false; 3]);
    assert_eq!(calendar.due(day("2018-02-12"), 5), Some(qb_base::Due::certain(day("2018-02-24"))));
}

#[test]
fn weekend_days_worked_pay_for_all_days_off_but_the_statutory_ones() {
    // Eleven statutory days a year, thirteen since 2025. A weekend day worked in December for a
    // day off of January stands in the year it lies in (2011); 3 September 2015 was given beside
    // the eleven, and so were two days of the longer Spring Festival of 2020.
    let calendar = machines().calendar();
    assert_eq!((calendar.years(), calendar.missing_years()), (Some((2010, 2026)), Vec::new()));
    for year in 2010..=2026_i16 {
        let first = day(&format!("{year}-01-01"));
        let weekends = WorkingCalendar::default();
        let free: i32 = first
            .series(jiff::Span::new().days(1))
            .take_while(|on| on.year() == year)
            .map(|on| i32::from(weekends.is_working(on)) - i32::from(calendar.is_working(on)))
            .sum();
        let expected = match year {
            2011 => 10,
            2012 | 2015 => 12,
            2020 | 2025 | 2026 => 13,
            _ => 11,
        };
        assert_eq!(free, expected, "{year}");
    }
}
