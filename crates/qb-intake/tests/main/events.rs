//! A newer roster is a difference: what it says otherwise than the register becomes an event.

use std::path::Path;

use qb_access::{Role, Scope};
use qb_base::AreaCode;
use qb_intake::{ImportOptions, ImportReport, IntakeError, import};
use qb_policy::Pack;
use qb_registry::events::{
    self, Decider, Doubt, Effect, Event, EventState, Placing, Stated, Stating, Step, Wanted,
};
use qb_store::testing::{on_each_store, scratch_dir};
use qb_store::{Store, StoreError};

use crate::files::{
    self, COUNTY, HOUSEHOLD_NO, ID_NO, INCOME, MEMBER_COUNT, NAME, RELATION, Row, VILLAGE, csv,
    households, id_no, number, person, text,
};

const TOWN: usize = 1;
const PERSON_NO: usize = 4;
const VILLAGE_CODE: &str = "select area_code from household where household_no = 'H000001'";
const HEADS: &str = "select count(*) from person where relation = 'HEAD' and \
                     household_id is not null";

/// A store with a first roster, and an inbox for newer ones.
struct Office<'a> {
    store: &'a Store,
    pack: Pack,
    inbox: std::path::PathBuf,
    sent: usize,
}

impl<'a> Office<'a> {
    fn new(store: &'a Store, rows: &[Row]) -> Self {
        let inbox = scratch_dir("events");
        std::fs::create_dir_all(&inbox).unwrap();
        let mut office = Self { store, pack: files::pack(), inbox, sent: 0 };
        assert_eq!(office.roster(rows).rows_rejected, 0);
        office
    }

    /// A newer roster, of the operator.
    fn roster(&mut self, rows: &[Row]) -> ImportReport {
        self.of("", rows, None)
    }

    /// A roster that somebody sends, in a folder.
    fn of(&mut self, folder: &str, rows: &[Row], within: Option<&str>) -> ImportReport {
        self.sent += 1;
        let path = self.inbox.join(folder).join(format!("{}.csv", self.sent));
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).unwrap();
        std::fs::write(&path, csv(rows)).unwrap();
        let within = within.map(|area| AreaCode::parse(area).unwrap());
        let today = qb_base::PartialDate::from_iso("2017-03-05").map(|day| day.date);
        let options = ImportOptions { within, today, ..files::options() };
        // What is named alone stands for itself, a folder for all that lies in it.
        let root = folder.split('/').next().filter(|root| !root.is_empty());
        let path = root.map_or(path, |root| self.inbox.join(root));
        import(self.store, &self.pack, &[path], &options, &mut |_| {}).unwrap()
    }

    fn events(&self) -> Vec<Event> {
        let wanted = Wanted { limit: 100, ..Wanted::default() };
        let mut all = self
            .store
            .read::<_, StoreError>(|conn| events::list(conn, &Scope::system(), wanted))
            .unwrap();
        all.reverse();
        all
    }

    fn said(&self) -> Vec<(Effect, EventState)> {
        self.events().iter().map(|event| (event.effect, event.state)).collect()
    }

    /// The first household splits or joins another, and that is accepted.
    fn regroup(&self, (kind, number): (&str, &str), members: &[(i64, bool, &str)]) {
        let placed = members.iter().map(|(person, goes, relation)| {
            let (person, goes, relation) = (*person, *goes, (*relation).to_owned());
            Placing { person, goes, relation }
        });
        let stating = Stating {
            kind,
            household: 1,
            person: None,
            area: None,
            happened_on: qb_base::PartialDate::from_iso("2016-12-30").unwrap().date,
            values: &[("household_no".to_owned(), number.to_owned())],
            members: &placed.collect::<Vec<_>>(),
            paper: "P7",
            reason: "as the village says",
        };
        let who = Decider { actor: "tester".into(), role: None, scope: Scope::system() };
        match qb_intake::events::state(self.store, &self.pack, &stating, &who).unwrap() {
            Stated::Kept(event) => self.take(event.id, Step::Accept).unwrap(),
            Stated::Refused(faults) => panic!("{faults:?}"),
        };
    }

    fn take(&self, id: i64, step: Step) -> Result<Event, IntakeError> {
        let who = Decider { actor: "tester".into(), role: None, scope: Scope::system() };
        qb_intake::events::take(self.store, &self.pack, (id, step), (&who, "as the village says"))
    }
}

impl Drop for Office<'_> {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.inbox);
    }
}

/// The rows in another village of the same town.
fn in_another_village(mut rows: Vec<Row>) -> Vec<Row> {
    rows.iter_mut().for_each(|row| row[VILLAGE] = "兴国村委会".into());
    rows
}

/// The spouse alone, as head.
fn widow() -> Vec<Row> {
    let mut row = person(1, 1, 1);
    row[RELATION] = "户主".into();
    vec![row]
}

#[test]
fn a_household_stated_whole_in_another_village_moves_with_its_history() {
    on_each_store(|store| {
        let mut office = Office::new(store, &households(2));
        let before = text(store, VILLAGE_CODE);
        let report = office.roster(&in_another_village(households(1)));
        assert_eq!(report.rows_rejected, 0, "{:?}", report.faults);
        assert!(report.faults.is_empty(), "{:?}", report.faults);
        let [moved] = report.events[..] else { panic!("{:?}", report.events) };
        assert_eq!((moved.kind, moved.count, moved.state), (Effect::Move, 1, EventState::Applied));
        assert_ne!(text(store, VILLAGE_CODE), before);
        assert_eq!(text(store, "select area_code from household_history"), before);
        let spells = "select count(*) from household_place where superseded_at is null";
        assert_eq!(number(store, spells), 2);
        let ended = "select area_code from household_place where valid_to = '2017-03-05'";
        assert_eq!(text(store, ended), before);
        let begun = "select area_code from household_place where valid_from = '2017-03-05' \
                     and valid_to is null";
        assert_eq!(text(store, begun), text(store, VILLAGE_CODE));
        // The same roster once more says nothing new.
        let mut rows = in_another_village(households(1));
        rows[0][9] = "初中".into();
        assert!(office.roster(&rows).events.is_empty());
    });
}

#[test]
fn a_new_head_replaces_one_whom_the_roster_no_longer_names_and_who_then_waits() {
    on_each_store(|store| {
        let mut office = Office::new(store, &households(1));
        let report = office.roster(&widow());
        assert_eq!((report.rows_rejected, report.faults.len()), (0, 0), "{:?}", report.faults);
        let said =
            [(Effect::HeadChange, EventState::Applied), (Effect::Left, EventState::Proposed)];
        assert_eq!(office.said(), said);
        assert_eq!(number(store, HEADS), 1);
        assert_eq!(text(store, "select relation from person where id = 2"), "HEAD");
        assert_eq!(number(store, "select count(*) from person where household_id = 1"), 2);
        let ended = "select relation from membership_history where person_id = 1 \
                     and valid_to = '2017-03-05' and superseded_at is null";
        assert_eq!(text(store, ended), "HEAD");
    });
}

#[test]
fn who_left_is_gone_once_that_is_accepted_and_comes_back_with_a_later_roster() {
    on_each_store(|store| {
        let mut office = Office::new(store, &households(1));
        office.roster(&widow());
        office.take(2, Step::Accept).unwrap();
        let members = "select count(*) from person where household_id = 1";
        assert_eq!(number(store, members), 1);
        let mut rows = households(1);
        rows[0][RELATION] = "配偶".into();
        rows[1][RELATION] = "户主".into();
        let report = office.roster(&rows);
        assert_eq!(report.rows_rejected, 0, "{:?}", report.faults);
        assert_eq!(office.said()[2..], [(Effect::Return, EventState::Applied)]);
        assert_eq!((number(store, members), number(store, HEADS)), (2, 1));
        assert_eq!(text(store, "select relation from person where id = 1"), "SPOUSE");
    });
}

#[test]
fn what_was_undone_waits_the_next_time_and_what_was_rejected_is_not_asked_again() {
    on_each_store(|store| {
        let mut office = Office::new(store, &households(1));
        office.roster(&widow());
        office.take(2, Step::Reject).unwrap();
        office.take(1, Step::Undo).unwrap();
        assert_eq!(text(store, "select relation from person where id = 1"), "HEAD");
        assert_eq!(text(store, "select relation from person where id = 2"), "SPOUSE");
        let mut rows = widow();
        rows[0][9] = "初中".into();
        let report = office.roster(&rows);
        let [again] = report.events[..] else { panic!("{:?}", report.events) };
        assert_eq!((again.kind, again.state), (Effect::HeadChange, EventState::Proposed));
        assert_eq!(office.events()[2].doubt, Some(Doubt::UndoneBefore));
        assert_eq!(number(store, HEADS), 1);
        assert_eq!(text(store, "select relation from person where id = 1"), "HEAD");
        office.take(3, Step::Accept).unwrap();
        assert_eq!(text(store, "select relation from person where id = 2"), "HEAD");
        assert_eq!(number(store, HEADS), 1);
    });
}

#[test]
fn a_move_is_undone_with_its_spells() {
    on_each_store(|store| {
        let mut office = Office::new(store, &households(1));
        let before = text(store, VILLAGE_CODE);
        office.roster(&in_another_village(households(1)));
        office.take(1, Step::Undo).unwrap();
        assert_eq!(text(store, VILLAGE_CODE), before);
        let spells = "select count(*) from household_place where superseded_at is null";
        assert_eq!(number(store, spells), 0);
        assert_eq!(number(store, "select count(*) from household_history"), 2);
        let again = office.take(1, Step::Undo).unwrap_err().to_string();
        assert!(again.contains("undone"), "{again}");
    });
}

#[test]
fn a_household_whose_head_or_members_differ_waits_with_its_move() {
    let mut other_head = in_another_village(households(1));
    other_head[0][ID_NO] = id_no(901);
    let mut one_less = in_another_village(vec![person(1, 0, 2)]);
    one_less[0][MEMBER_COUNT] = "1".into();
    for (rows, doubt) in [(other_head, Doubt::HeadDiffers), (one_less, Doubt::MembersMissing)] {
        on_each_store(|store| {
            let mut office = Office::new(store, &households(1));
            let before = text(store, VILLAGE_CODE);
            let report = office.roster(&rows);
            assert_eq!(report.rows_rejected, 0, "{:?}", report.faults);
            let first = office.events().remove(0);
            assert_eq!((first.effect, first.doubt), (Effect::Move, Some(doubt)));
            assert_eq!((first.state, text(store, VILLAGE_CODE)), (EventState::Proposed, before));
            let said = office.said();
            office.roster(&[rows.clone(), households(0)].concat());
            assert_eq!(office.said(), said, "asked once");
            office.take(first.id, Step::Accept).unwrap();
            assert_eq!(Some(text(store, VILLAGE_CODE)), first.area_after);
        });
    }
}

#[test]
fn a_number_of_another_household_is_refused_and_so_is_a_second_place_in_one_import() {
    on_each_store(|store| {
        let mut office = Office::new(store, &households(1));
        let before = text(store, VILLAGE_CODE);
        let mut strangers = in_another_village(households(1));
        for (row, serial) in strangers.iter_mut().zip(800..) {
            row[PERSON_NO] = row[PERSON_NO].replace('P', "Q");
            row[NAME] = "李四".into();
            row[ID_NO] = id_no(serial);
        }
        assert_eq!(office.roster(&strangers).rows_rejected, 2);
        // A folder that holds both says two things at once.
        let mut first = households(1);
        first.iter_mut().for_each(|row| row[INCOME] = "7000".into());
        office.of("both", &first, None);
        assert_eq!(office.of("both", &in_another_village(households(1)), None).rows_rejected, 2);
        assert!(office.said().is_empty());
        assert_eq!(text(store, VILLAGE_CODE), before);
    });
}

#[test]
fn a_household_moves_between_counties_only_for_whoever_answers_for_both() {
    on_each_store(|store| {
        let mut office = Office::new(store, &households(1));
        let place = ["丰县", "中阳里街道", "古丰社区居委会"];
        let mut rows = households(1);
        for row in &mut rows {
            for (at, name) in [COUNTY, TOWN, VILLAGE].into_iter().zip(place) {
                row[at] = name.into();
            }
        }
        let report = office.of("", &rows, Some("320321"));
        let codes: Vec<&str> = report.faults.iter().map(|fault| &*fault.code).collect();
        assert_eq!(codes, ["used_elsewhere"; 2]);
        assert!(office.said().is_empty());
        rows[0][9] = "初中".into();
        assert_eq!(office.of("", &rows, Some("3203")).rows_rejected, 0);
        assert_eq!(office.said(), [(Effect::Move, EventState::Applied)]);
        assert!(text(store, VILLAGE_CODE).starts_with("320321"));
    });
}

#[test]
fn an_event_is_decided_by_the_roles_of_the_pack_within_their_area() {
    on_each_store(|store| {
        let mut office = Office::new(store, &households(1));
        let mut rows = in_another_village(households(1));
        rows[0][ID_NO] = id_no(901);
        office.roster(&rows);
        let take = |role, area: &str| {
            let scope = Scope::new(role, AreaCode::parse(area).unwrap());
            let who = Decider { actor: "tester".into(), role: Some(role), scope };
            let taken =
                qb_intake::events::take(store, &office.pack, (1, Step::Accept), (&who, "a reason"));
            taken.map(|event| event.state)
        };
        let village = text(store, VILLAGE_CODE);
        let refused = |taken| matches!(taken, Err(IntakeError::Refused(_)));
        assert!(refused(take(Role::TownClerk, &village)), "only one of the two places");
        assert!(refused(take(Role::Assessor, "3203")));
        let hidden = take(Role::CountyOfficer, "320321");
        assert!(matches!(hidden, Err(IntakeError::Store(StoreError::NotFound))));
        assert_eq!(take(Role::TownClerk, &village[..9]).unwrap(), EventState::Applied);
        let audit = "select count(*) from audit where action = 'event.accept'";
        assert_eq!(number(store, audit), 1);
        let steps = "select count(*) from event_step where event_id = 1";
        assert_eq!(number(store, steps), 2);
    });
}

#[test]
fn a_correction_makes_nobody_head_in_anothers_stead_and_misses_nobody() {
    on_each_store(|store| {
        let mut office = Office::new(store, &households(1));
        let report = office.of("登记/补正", &widow(), None);
        assert_eq!(report.rows_rejected, 0, "{:?}", report.faults);
        assert!(office.said().is_empty());
        assert!(report.faults.iter().any(|fault| fault.code == "F12"));
    });
}

#[test]
fn a_pack_that_knows_no_events_refuses_a_household_of_another_village() {
    on_each_store(|store| {
        let mut office = Office::new(store, &households(1));
        office.pack.part_files.remove("events.toml");
        let report = office.roster(&in_another_village(households(1)));
        assert_eq!(report.rows_rejected, 2);
        assert!(report.faults.iter().all(|fault| fault.code == "F12"));
    });
}

#[test]
fn a_newcomer_is_head_in_the_stead_of_one_who_is_no_longer_named() {
    on_each_store(|store| {
        let mut office = Office::new(store, &households(1));
        let mut rows = vec![person(1, 1, 2), person(1, 2, 2)];
        rows[1][RELATION] = "户主".into();
        let report = office.roster(&rows);
        assert_eq!((report.rows_rejected, report.faults.len()), (0, 0), "{:?}", report.faults);
        assert_eq!(number(store, HEADS), 1);
        assert_eq!(text(store, "select relation from person where id = 3"), "HEAD");
        office.take(1, Step::Undo).unwrap();
        assert_eq!(number(store, HEADS), 1);
        assert_eq!(text(store, "select relation from person where id = 1"), "HEAD");
        assert_eq!(number(store, "select household_id from person where id = 3"), 1);
    });
}

#[test]
fn a_roster_knows_households_that_split_and_is_refused_for_those_that_are_over() {
    on_each_store(|store| {
        let mut office = Office::new(store, &households(2));
        office.regroup(("split", "H000009"), &[(2, true, "HEAD")]);
        let alone = |mut row: Row, household: &str| {
            row[HOUSEHOLD_NO] = household.into();
            row[MEMBER_COUNT] = "1".into();
            row[RELATION] = "户主".into();
            row
        };
        let mut rows = [alone(person(1, 0, 1), "H000001"), alone(person(1, 1, 1), "H000009")];
        let report = office.roster(&rows);
        assert_eq!(report.rows_rejected, 0, "{:?}", report.faults);
        assert!(report.events.is_empty(), "{:?}", report.events);
        assert_eq!(number(store, "select count(*) from household"), 3);
        // An older one names the spouse where she was.
        let report = office.roster(&households(1));
        assert_eq!(report.rows_rejected, 1, "{:?}", report.faults);
        office.regroup(("merge", "H000002"), &[(1, true, "SIBLING")]);
        rows[0][9] = "初中".into();
        let report = office.roster(&rows);
        assert_eq!(report.rows_rejected, 1, "{:?}", report.faults);
        let said = report.faults.iter().any(|fault| fault.message.zh.contains("已并入其他户"));
        assert!(said, "{:?}", report.faults);
        let empty = "select count(*) from person where household_id = 1";
        assert_eq!(number(store, empty), 0);
    });
}
