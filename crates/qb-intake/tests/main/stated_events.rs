//! Events that people state: births and deaths, marriages, moves, corrections of what is known.

use qb_access::{Role, Scope};
use qb_base::{AreaCode, PartialDate};
use qb_intake::events::{state, take};
use qb_intake::{ImportOptions, IntakeError, import};
use qb_policy::Pack;
use qb_registry::events::{
    self, Decider, Doubt, Event, EventState, Placing, Stated, Stating, Step,
};
use qb_store::testing::{on_each_store, scratch_dir};
use qb_store::{Store, StoreError};

use crate::files::{self, csv, households, id_no, number, text};

const MEMBERS: &str = "select count(*) from person where household_id = 1";
const DECLARED: &str = "select member_count from household where id = 1";

/// A store with a roster of two households of two, and an office.
struct Office<'a> {
    store: &'a Store,
    pack: Pack,
}

/// What the tests state, with legal values where nothing is said.
#[derive(Clone, Copy)]
struct Says<'a> {
    kind: &'a str,
    household: i64,
    /// Who goes to another household or stays, and what they are to the head then.
    members: &'a [(i64, bool, &'a str)],
    person: Option<i64>,
    area: Option<&'a str>,
    on: &'a str,
    values: &'a [(&'a str, &'a str)],
    paper: &'a str,
}

const SAYS: Says<'static> = Says {
    kind: "",
    household: 1,
    members: &[],
    person: None,
    area: None,
    on: "2016-12-30",
    values: &[],
    paper: "证2016-7",
};

fn clerk() -> Decider {
    Decider { actor: "user:1".into(), role: Some(Role::VillageClerk), scope: Scope::system() }
}

fn town() -> Decider {
    Decider { actor: "user:2".into(), role: Some(Role::TownClerk), scope: Scope::system() }
}

impl<'a> Office<'a> {
    fn new(store: &'a Store) -> Self {
        let (pack, folder) = (files::pack(), scratch_dir("stated"));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("roster.csv");
        std::fs::write(&path, csv(&households(2))).unwrap();
        let report = import(store, &pack, &[path], &files::options(), &mut |_| {}).unwrap();
        assert_eq!(report.rows_rejected, 0, "{:?}", report.faults);
        std::fs::remove_dir_all(&folder).unwrap();
        Self { store, pack }
    }

    fn by(&self, says: &Says<'_>, who: &Decider) -> Result<Stated, IntakeError> {
        let values: Vec<(String, String)> =
            says.values.iter().map(|(id, value)| ((*id).into(), (*value).into())).collect();
        let members: Vec<Placing> = says
            .members
            .iter()
            .map(|(person, goes, relation)| {
                let (person, goes, relation) = (*person, *goes, (*relation).to_owned());
                Placing { person, goes, relation }
            })
            .collect();
        let stating = Stating {
            kind: says.kind,
            household: says.household,
            members: &members,
            person: says.person,
            area: says.area.map(|code| AreaCode::parse(code).unwrap()),
            happened_on: PartialDate::from_iso(says.on).unwrap().date,
            values: &values,
            paper: says.paper,
            reason: "as the village knows",
        };
        state(self.store, &self.pack, &stating, who)
    }

    /// States something that is as it should be.
    fn state(&self, says: &Says<'_>) -> Event {
        match self.by(says, &clerk()).unwrap() {
            Stated::Kept(event) => *event,
            Stated::Refused(faults) => panic!("{faults:?}"),
        }
    }

    /// The columns with which something is wrong.
    fn refused(&self, says: &Says<'_>) -> Vec<String> {
        let events = number(self.store, "select count(*) from event");
        let faults = match self.by(says, &clerk()).unwrap() {
            Stated::Refused(faults) => faults,
            Stated::Kept(event) => panic!("{event:?}"),
        };
        assert_eq!(number(self.store, "select count(*) from event"), events, "nothing is written");
        let columns = faults.into_iter().map(|fault| {
            assert!(!fault.message.zh.is_empty() && !fault.remedy.en.is_empty());
            fault.column.unwrap_or_default()
        });
        columns.collect()
    }

    fn take(&self, id: i64, step: Step) -> Result<Event, IntakeError> {
        take(self.store, &self.pack, (id, step), (&town(), "as the papers say"))
    }

    fn accept(&self, says: &Says<'_>) -> Event {
        let event = self.state(says);
        assert_eq!(event.state, EventState::Proposed);
        // Who somebody is the county says.
        let role = if says.kind == "identity" { Role::CountyOfficer } else { Role::TownClerk };
        let who = Decider { role: Some(role), ..town() };
        let (step, reason) = ((event.id, Step::Accept), "as the papers say");
        let event = take(self.store, &self.pack, step, (&who, reason)).unwrap();
        assert_eq!(event.state, EventState::Applied);
        event
    }
}

fn birth(values: &'static [(&'static str, &'static str)]) -> Says<'static> {
    Says { kind: "birth", on: "2016-11-03", values, ..SAYS }
}

const BABY: &[(&str, &str)] =
    &[("name", "张小宝"), ("sex", "FEMALE"), ("birth_on", "2016-11-03"), ("relation", "DAUGHTER")];

#[test]
fn a_child_is_born_before_it_has_a_number_and_gets_one_later() {
    on_each_store(|store| {
        let office = Office::new(store);
        let born = office.accept(&birth(BABY));
        let child = born.person.unwrap();
        assert_eq!((number(store, MEMBERS), number(store, DECLARED)), (3, 3));
        let of = |sql: &'static str| text(store, sql);
        assert_eq!(of("select birth_on from person where name = '张小宝'"), "2016-11-03");
        assert_eq!(of("select sex from person where name = '张小宝'"), "FEMALE");
        assert_eq!(of("select relation from person where name = '张小宝'"), "DAUGHTER");
        assert_eq!(of("select member_from from person where name = '张小宝'"), "2016-11-03");
        assert_eq!(of("select member_reason_in from person where name = '张小宝'"), "birth");
        // A later roster without the column takes neither away.
        office.accept(&Says {
            kind: "health",
            person: Some(child),
            values: &[("health", "HEALTHY")],
            ..SAYS
        });
        assert_eq!(of("select birth_on from person where name = '张小宝'"), "2016-11-03");
        let number_of_child = "110105201611030022".to_owned();
        let digits = format!(
            "{}{}",
            &number_of_child[..17],
            char::from(qb_base::resident::check_digit(&number_of_child.as_bytes()[..17]).unwrap())
        );
        let values = [("id_no", digits.as_str())];
        office.accept(&Says { kind: "identity", person: Some(child), values: &values, ..SAYS });
        assert_eq!(number(store, "select count(*) from person where id_blind is not null"), 5);
        let kept = "select count(*) from person_history where name = '张小宝'";
        assert_eq!(number(store, kept), 2, "each version is kept");
    });
}

#[test]
fn what_is_wrong_with_a_statement_is_said_by_column_and_nothing_is_written() {
    on_each_store(|store| {
        let office = Office::new(store);
        let refused = |says: &Says<'_>| office.refused(says);
        assert_eq!(refused(&birth(&[("name", "张小宝")])), ["sex", "birth_on", "relation"]);
        let late = Says { on: "2099-01-02", ..birth(BABY) };
        assert_eq!(refused(&late), ["happened_on"]);
        assert_eq!(refused(&Says { paper: "无", ..birth(BABY) }), ["paper"]);
        assert_eq!(refused(&Says { paper: &id_no(77), ..birth(BABY) }), ["paper"]);
        let wrong = [("name", "李四"), ("id_no", "110105194912310021"), ("relation", "SPOUSE")];
        let wrong = Says { kind: "marriage_in", values: &wrong, ..SAYS };
        assert_eq!(refused(&wrong), ["id_no"]);
        let taken = id_no(20);
        let known = [("name", "李四"), ("id_no", taken.as_str()), ("relation", "SON_IN_LAW")];
        // That somebody else has the number only the store can tell, when it is accepted.
        let event = office.state(&Says { kind: "marriage_in", values: &known, ..SAYS });
        let said = office.take(event.id, Step::Accept).unwrap_err().to_string();
        assert!(!said.is_empty() && !said.contains(&taken), "{said}");
        assert_eq!((number(store, MEMBERS), number(store, DECLARED)), (2, 2));
        let open = "select count(*) from event where state = 'PROPOSED'";
        assert_eq!(number(store, open), 1, "it waits still");
        let months =
            Says { kind: "work", person: Some(2), values: &[("work_months", "13")], ..SAYS };
        assert_eq!(refused(&months), ["work_months"]);
        assert_eq!(refused(&Says { kind: "work", person: Some(2), ..SAYS }), [""]);
        let foreign =
            Says { kind: "health", person: Some(3), values: &[("health", "CHRONIC")], ..SAYS };
        assert_eq!(refused(&foreign)[0], "person");
        let column = Says { kind: "work", person: Some(2), values: &[("name", "王五")], ..SAYS };
        assert_eq!(refused(&column), ["name"]);
    });
}

#[test]
fn the_head_dies_after_another_member_is_head() {
    on_each_store(|store| {
        let office = Office::new(store);
        let death = Says { kind: "death", person: Some(1), ..SAYS };
        assert_eq!(office.refused(&death), ["person"]);
        // A town clerk who states a change of head may apply it at once; a village clerk may not.
        let head = Says {
            kind: "head_change",
            person: Some(2),
            values: &[("relation", "SPOUSE")],
            paper: "",
            ..SAYS
        };
        let nothing = Says { values: &[], ..head };
        assert_eq!(office.refused(&nothing), ["relation"], "the former head stays as somebody");
        let waits = office.state(&head);
        assert_eq!(waits.state, EventState::Proposed);
        office.take(waits.id, Step::Reject).unwrap();
        let Stated::Kept(head) = office.by(&head, &town()).unwrap() else { panic!("refused") };
        assert_eq!(head.state, EventState::Applied);
        assert_eq!(text(store, "select relation from person where id = 1"), "SPOUSE");
        let dead = office.accept(&death);
        assert_eq!((number(store, MEMBERS), number(store, DECLARED)), (1, 1));
        let out = "select reason_out from membership_history where person_id = 1 \
                   and valid_to is not null and superseded_at is null and reason_out = 'death'";
        assert_eq!(text(store, out), "death");
        // Undone, everything is as before.
        office.take(dead.id, Step::Undo).unwrap();
        assert_eq!((number(store, MEMBERS), number(store, DECLARED)), (2, 2));
        assert_eq!(text(store, "select relation from person where id = 1"), "SPOUSE");
    });
}

#[test]
fn somebody_who_moved_away_comes_back() {
    on_each_store(|store| {
        let office = Office::new(store);
        let back = Says { kind: "return", person: Some(2), paper: "", ..SAYS };
        assert_eq!(office.refused(&back), ["relation", "person"], "nobody left");
        office.accept(&Says { kind: "moved_away", person: Some(2), on: "2016-06-01", ..SAYS });
        assert_eq!(number(store, MEMBERS), 1);
        let back = Says { values: &[("relation", "SPOUSE")], ..back };
        office.accept(&back);
        assert_eq!((number(store, MEMBERS), number(store, DECLARED)), (2, 2));
        let spells = "select count(*) from membership_history where person_id = 2 \
                      and valid_to = '2016-06-01' and superseded_at is null";
        assert_eq!(number(store, spells), 1);
        assert_eq!(text(store, "select member_from from person where id = 2"), "2016-12-30");
    });
}

#[test]
fn a_household_moves_where_somebody_answers_for_both_places() {
    on_each_store(|store| {
        let office = Office::new(store);
        let here = text(store, "select area_code from household where id = 1");
        let there = "select code from area where code like '320324%' and length(code) = 12 \
                     and code not in (select area_code from household) order by code limit 1";
        let there = office
            .pack
            .areas
            .iter()
            .map(|area| area.code.to_string())
            .find(|code| code.len() == 12 && code[..9] == here[..9] && *code != here)
            .unwrap_or_else(|| there.to_owned());
        let says = Says { kind: "move", area: Some(&there), ..SAYS };
        assert_eq!(office.refused(&Says { area: None, ..says }), ["area"]);
        assert_eq!(office.refused(&Says { area: Some(&here), ..says }), ["area"]);
        let says = Says { kind: "move", area: Some(&there), ..SAYS };
        let event = office.state(&says);
        let of_village = Scope::new(Role::TownClerk, AreaCode::parse(&here).unwrap());
        let half = Decider { scope: of_village, ..town() };
        let refused = take(store, &office.pack, (event.id, Step::Accept), (&half, "as it is"));
        assert!(matches!(refused, Err(IntakeError::Refused(_))), "{refused:?}");
        office.take(event.id, Step::Accept).unwrap();
        assert_eq!(text(store, "select area_code from household where id = 1"), there);
        office.take(event.id, Step::Undo).unwrap();
        assert_eq!(text(store, "select area_code from household where id = 1"), here);
    });
}

#[test]
fn facts_change_with_their_day_and_change_back_when_that_is_undone() {
    on_each_store(|store| {
        let office = Office::new(store);
        let values = [("dangerous_house", "是"), ("water_safe", "否")];
        let event =
            office.accept(&Says { kind: "housing", on: "2016-09-01", values: &values, ..SAYS });
        let house = "select count(*) from household where id = 1 and dangerous_house = true \
                     and water_safe = false and valid_from = '2016-09-01' and member_count = 2";
        assert_eq!(number(store, house), 1);
        let before = "select count(*) from household_history where id = 1 \
                      and dangerous_house = false and valid_to = '2016-09-01'";
        assert_eq!(number(store, before), 1);
        assert_eq!(text(store, "select name from person where id = 1"), "张三");
        assert_eq!(number(store, "select count(*) from person_history"), 0, "nobody else changed");
        office.take(event.id, Step::Undo).unwrap();
        let as_before = "select count(*) from household where id = 1 and dangerous_house = false \
                         and water_safe is null and valid_from = '2016-01-01'";
        assert_eq!(number(store, as_before), 1);
        // A day before what is known began to hold is refused.
        let early = Says { kind: "housing", on: "2015-12-31", values: &values, ..SAYS };
        assert_eq!(office.refused(&early), ["happened_on"]);
        let work = [("work_place", "OUTSIDE"), ("work_months", "9")];
        let work = Says { kind: "work", person: Some(2), values: &work, paper: "", ..SAYS };
        let event = office.accept(&work);
        let known = "select count(*) from person where id = 2 and work_months = 9";
        assert_eq!(number(store, known), 1);
        office.take(event.id, Step::Undo).unwrap();
        let known = "select count(*) from person where id = 2 and work_months = 6";
        assert_eq!(number(store, known), 1);
        // What was undone cannot be undone again, and the newest comes first.
        assert!(office.take(event.id, Step::Undo).is_err());
    });
}

#[test]
fn a_household_without_a_head_gets_one_before_it_says_anything_of_itself() {
    on_each_store(|store| {
        let office = Office::new(store);
        let without = "update person set relation = 'SPOUSE' where household_id = 1";
        store
            .write::<_, StoreError>(|tx| {
                tx.execute(without, &[])?;
                tx.audit(&qb_store::AuditEntry {
                    actor: "test",
                    action: "test",
                    object: "1",
                    before: None,
                    after: None,
                    reason: "test",
                })
            })
            .unwrap();
        let says = Says { kind: "housing", values: &[("water_safe", "是")], ..SAYS };
        assert_eq!(office.refused(&says), [""]);
        office.accept(&Says { kind: "head_change", person: Some(2), ..SAYS });
        office.accept(&says);
        let safe = "select count(*) from household where id = 1 and water_safe = true";
        assert_eq!(number(store, safe), 1);
    });
}

#[test]
fn a_newcomer_whose_event_is_undone_is_of_no_household() {
    on_each_store(|store| {
        let office = Office::new(store);
        let born = office.accept(&birth(BABY));
        office.take(born.id, Step::Undo).unwrap();
        assert_eq!((number(store, MEMBERS), number(store, DECLARED)), (2, 2));
        let nobody = "select count(*) from person where household_id is null";
        assert_eq!(number(store, nobody), 1);
        let never = "select count(*) from membership_history where superseded_at is null";
        assert_eq!(number(store, never), 0, "no spell stays that never was");
        // The same child may be stated again.
        office.accept(&birth(BABY));
        assert_eq!(number(store, MEMBERS), 3);
    });
}

#[test]
fn nobody_decides_about_what_they_stated_and_everybody_may_take_it_back() {
    on_each_store(|store| {
        let office = Office::new(store);
        let Stated::Kept(own) = office.by(&birth(BABY), &town()).unwrap() else { panic!() };
        assert!(matches!(office.take(own.id, Step::Accept), Err(IntakeError::Refused(_))));
        let other = Decider { actor: "user:3".into(), ..town() };
        let reason = "as the papers say";
        take(store, &office.pack, (own.id, Step::Accept), (&other, reason)).unwrap();
        let waits = office.state(&birth(BABY));
        let role = take(store, &office.pack, (waits.id, Step::Accept), (&clerk(), reason));
        assert!(matches!(role, Err(IntakeError::Refused(_))), "a village clerk does not decide");
        let back =
            take(store, &office.pack, (waits.id, Step::Reject), (&clerk(), "twice")).unwrap();
        assert_eq!(back.state, EventState::Rejected);
        let helper = Decider { role: Some(Role::Helper), ..clerk() };
        let says =
            Says { kind: "identity", person: Some(2), values: &[("name", "李四")], ..SAYS };
        assert!(matches!(office.by(&says, &helper), Err(IntakeError::Refused(_))));
        let elsewhere = AreaCode::parse("320301100202").unwrap();
        let far = Decider { scope: Scope::new(Role::VillageClerk, elsewhere), ..clerk() };
        let unseen = office.by(&birth(BABY), &far);
        assert!(matches!(unseen, Err(IntakeError::Store(StoreError::NotFound))), "{unseen:?}");
    });
}

#[test]
fn what_is_stated_is_sealed_and_leaves_no_file_behind() {
    on_each_store(|store| {
        let office = Office::new(store);
        let new = id_no(77);
        let values = [("name", "李四"), ("id_no", new.as_str()), ("relation", "SON_IN_LAW")];
        let event = office.state(&Says { kind: "marriage_in", values: &values, ..SAYS });
        let sealed = store
            .read::<_, StoreError>(|conn| {
                conn.query_one("select stated_sealed from event", &[], |row| row.blob(0))
            })
            .unwrap();
        assert!(!sealed.windows(6).any(|window| window == "李四".as_bytes()));
        assert!(!sealed.windows(18).any(|window| window == new.as_bytes()));
        let filled = events::filled_in(store, &Scope::system(), event.id).unwrap();
        assert_eq!(filled.len(), 3);
        office.take(event.id, Step::Accept).unwrap();
        assert_eq!(number(store, MEMBERS), 3);
        let left = store.place().dir.path().join("stated");
        assert_eq!(std::fs::read_dir(left).map_or(0, Iterator::count), 0);
        let typed = "select count(*) from import_run where is_typed = true and state = 'done'";
        assert_eq!(number(store, typed), 1, "it took the road of every file");
    });
}

#[test]
fn two_people_who_accept_the_same_event_apply_it_once() {
    on_each_store(|store| {
        let office = Office::new(store);
        let event = office.state(&birth(BABY));
        let both: Vec<bool> = std::thread::scope(|scope| {
            let take = || {
                scope.spawn(|| {
                    let pack = files::pack();
                    take(store, &pack, (event.id, Step::Accept), (&town(), "as it is")).is_ok()
                })
            };
            [take(), take()].map(|one| one.join().unwrap()).into()
        });
        assert_eq!(both.iter().filter(|ok| **ok).count(), 1, "{both:?}");
        assert_eq!((number(store, MEMBERS), number(store, DECLARED)), (3, 3));
    });
}

#[test]
fn a_phone_is_written_down_at_once_by_whoever_may_decide() {
    on_each_store(|store| {
        let office = Office::new(store);
        let says = Says { kind: "contact", values: &[("phone", "13800000021")], paper: "", ..SAYS };
        let event = office.state(&says);
        assert_eq!(event.state, EventState::Applied);
        let sealed = "select count(*) from household where phone_sealed is not null";
        assert_eq!(number(store, sealed), 1);
        let options = ImportOptions::default();
        assert!(options.event.is_none(), "files of offices apply no event");
    });
}

/// The spouse of the first household begins one of its own.
const SPLIT: Says<'static> = Says {
    kind: "split",
    members: &[(2, true, "HEAD")],
    values: &[("household_no", "H000009")],
    ..SAYS
};
/// The first household joins the second.
const MERGE: Says<'static> = Says {
    kind: "merge",
    members: &[(1, true, "SIBLING"), (2, true, "SIBLINGS_WIFE")],
    values: &[("household_no", "H000002")],
    ..SAYS
};

/// Everything that holds now of who is where, without the instants.
fn standing(store: &Store) -> Vec<String> {
    let sql = "select cast(p.id as text) || ' ' || h.household_no || ' ' || \
               coalesce(p.relation, '-') || ' ' || p.member_from || ' ' || p.member_reason_in \
               from person p join household h on h.id = p.household_id \
               union all select h.household_no || ' ' || h.area_code || ' ' || \
               coalesce(cast(h.member_count as text), '-') from household h where not exists \
               (select 1 from household_life l where l.household_id = h.id \
               and l.superseded_at is null and l.ended_on is not null) \
               union all select 'was ' || cast(person_id as text) || ' ' || valid_from || ' ' || \
               valid_to from membership_history where superseded_at is null order by 1";
    store.read::<_, StoreError>(|conn| conn.query(sql, &[], |row| row.text(0))).unwrap()
}

#[test]
fn a_household_splits_and_the_new_one_begins_with_the_registration_it_comes_from() {
    on_each_store(|store| {
        let office = Office::new(store);
        let before = standing(store);
        let event = office.accept(&SPLIT);
        let new = event.other_household.unwrap();
        assert_eq!((event.person, event.other_household_no.as_deref()), (Some(2), Some("H000009")));
        assert_eq!((number(store, MEMBERS), number(store, DECLARED)), (1, 1));
        let found = "select count(*) from household n join household o on o.id = 1 \
                     where n.household_no = 'H000009' and n.member_count = 1 \
                     and n.area_code = o.area_code and n.cause_main = o.cause_main \
                     and n.identified_on = o.identified_on and n.exit_status = o.exit_status \
                     and n.scheme = o.scheme and n.registered_from = '2016-12-30' \
                     and n.registered_reason_in = 'split' and n.valid_from = '2016-12-30' \
                     and n.phone_sealed is null";
        assert_eq!(number(store, found), 1);
        let head = "select relation || ' ' || member_from || ' ' || member_reason_in || ' ' || \
                    cast(household_id as text) from person where id = 2";
        assert_eq!(text(store, head), format!("HEAD 2016-12-30 split {new}"));
        let ended = "select valid_to || ' ' || reason_out || ' ' || relation \
                     from membership_history where superseded_at is null and person_id = 2";
        assert_eq!(text(store, ended), "2016-12-30 split SPOUSE");
        let began = "select began_on || ' ' || cast(from_id as text) from household_life";
        assert_eq!(text(store, began), "2016-12-30 1");
        // Undone, everybody is where they were, and the number is free again.
        office.take(event.id, Step::Undo).unwrap();
        assert_eq!(standing(store), before);
        let again = office.accept(&SPLIT);
        assert_eq!(again.other_household, Some(new), "one number is one household");
        let lives = "select count(*) from household_life where superseded_at is null";
        assert_eq!(number(store, lives), 1);
        assert_eq!(number(store, "select count(*) from household_life"), 3, "nothing is forgotten");
    });
}

#[test]
fn where_the_head_goes_those_who_stay_have_another_and_what_nobody_knows_is_said() {
    on_each_store(|store| {
        let office = Office::new(store);
        let child = office.accept(&birth(BABY)).person.unwrap();
        let before = standing(store);
        let members = [(1, true, "HEAD"), (child, true, ""), (2, false, "")];
        let goes = Says { members: &members, ..SPLIT };
        assert_eq!(office.refused(&goes), ["members"], "who stays has no head");
        let members = [(1, true, "HEAD"), (child, true, ""), (2, false, "户主")];
        let event = office.state(&Says { members: &members, ..SPLIT });
        assert_eq!(event.doubt, Some(Doubt::RelationsUnknown));
        office.take(event.id, Step::Accept).unwrap();
        let heads = "select count(*) from person where relation = 'HEAD' and id in (1, 2)";
        assert_eq!(number(store, heads), 2);
        let unknown = "select count(*) from person where relation is null and name = '张小宝'";
        assert_eq!(number(store, unknown), 1, "a daughter of the former head, unless it is said");
        office.take(event.id, Step::Undo).unwrap();
        assert_eq!(standing(store), before);
    });
}

#[test]
fn what_is_wrong_with_a_split_or_a_merge_is_said_and_nothing_is_written() {
    on_each_store(|store| {
        let office = Office::new(store);
        let refused = |says: Says<'_>| office.refused(&says);
        assert_eq!(refused(Says { values: &[], ..SPLIT }), ["household_no"]);
        for number in ["H000002", "H000001", "NULL", &id_no(77)] {
            let values = [("household_no", number)];
            assert_eq!(refused(Says { values: &values, ..SPLIT }), ["household_no"], "{number}");
        }
        for members in [
            &[][..],
            &[(2, true, "SON")],
            &[(2, true, "HEAD"), (3, false, "SON")],
            &[(1, true, "HEAD"), (2, true, "SPOUSE")],
            &[(2, true, "HEAD"), (1, false, "SPOUSE")],
        ] {
            assert_eq!(refused(Says { members, ..SPLIT }), ["members"], "{members:?}");
        }
        let word = [(2, true, "邻居")];
        assert_eq!(refused(Says { members: &word, ..SPLIT })[0], "members");
        assert_eq!(refused(Says { on: "2015-12-31", ..SPLIT }), ["happened_on"]);
        assert_eq!(refused(Says { paper: "", ..MERGE }), ["paper"]);
        for number in ["H000001", "H000044"] {
            let values = [("household_no", number)];
            assert_eq!(refused(Says { values: &values, ..MERGE }), ["household_no"], "{number}");
        }
        let members = [(1, true, "HEAD")];
        assert_eq!(refused(Says { members: &members, ..MERGE }), ["members"]);
        // Who may not read the other household hears no more of it than of none.
        let here = text(store, "select area_code from household where id = 1");
        let moved = "update household set area_code = '320301100202' where id = 2";
        store
            .write::<_, StoreError>(|tx| {
                tx.execute(moved, &[])?;
                tx.audit(&qb_store::AuditEntry {
                    actor: "tester",
                    action: "test.write",
                    object: "register",
                    before: None,
                    after: None,
                    reason: "a test",
                })
            })
            .unwrap();
        let scope = Scope::new(Role::VillageClerk, AreaCode::parse(&here).unwrap());
        let own = Decider { scope, ..clerk() };
        let Stated::Refused(faults) = office.by(&MERGE, &own).unwrap() else { panic!() };
        assert_eq!(faults[0].column.as_deref(), Some("household_no"));
    });
}

#[test]
fn a_household_joins_another_ends_and_goes_on_where_that_is_undone() {
    on_each_store(|store| {
        let office = Office::new(store);
        let before = standing(store);
        let waits = office.state(&birth(BABY));
        let event = office.accept(&MERGE);
        assert_eq!(event.other_household, Some(2));
        assert_eq!((number(store, MEMBERS), number(store, DECLARED)), (0, 0));
        let there = "select count(*) from person where household_id = 2";
        assert_eq!(number(store, there), 4);
        assert_eq!(number(store, "select member_count from household where id = 2"), 4);
        let ended = "select ended_on || ' ' || cast(into_id as text) from household_life";
        assert_eq!(text(store, ended), "2016-12-30 2");
        let relation = "select relation from person where id = 1";
        assert_eq!(text(store, relation), "SIBLING");
        // Nothing happens any more to a household that is over, and its number stays its own.
        let late = office.take(waits.id, Step::Accept);
        assert!(matches!(late, Err(IntakeError::Refused(_))), "{late:?}");
        assert_eq!(office.refused(&birth(BABY)), [""]);
        let split = Says { household: 2, members: &[(4, true, "HEAD")], ..SPLIT };
        let values = [("household_no", "H000001")];
        assert_eq!(office.refused(&Says { values: &values, ..split }), ["household_no"]);
        // What something newer rests on is not undone first.
        let newer = office.accept(&Says { members: &[(1, true, "HEAD")], ..split });
        assert!(office.take(event.id, Step::Undo).is_err());
        office.take(newer.id, Step::Undo).unwrap();
        assert!(office.take(event.id, Step::Undo).is_err(), "what holds again is newer");
        office.take(waits.id, Step::Reject).unwrap();
        assert_ne!(standing(store), before);
    });
}

#[test]
fn a_merge_that_is_undone_leaves_everybody_where_they_were() {
    on_each_store(|store| {
        let office = Office::new(store);
        let new = office.accept(&SPLIT).other_household.unwrap();
        let before = standing(store);
        // The household that began by an event goes back into the one it came from.
        let members = [(2, true, "SPOUSE")];
        let values = [("household_no", "H000001")];
        let merge = Says { household: new, members: &members, values: &values, ..MERGE };
        let event = office.accept(&merge);
        let life = "select began_on || ' ' || ended_on from household_life \
                    where superseded_at is null";
        assert_eq!(text(store, life), "2016-12-30 2016-12-30");
        assert_eq!((number(store, MEMBERS), number(store, DECLARED)), (2, 2));
        let values = [("household_no", "H000009")];
        let taken = Says { values: &values, ..SPLIT };
        assert_eq!(office.refused(&taken), ["household_no"], "it was, though for no day");
        office.take(event.id, Step::Undo).unwrap();
        assert_eq!(standing(store), before);
        let life = "select began_on from household_life where superseded_at is null \
                    and ended_on is null";
        assert_eq!(text(store, life), "2016-12-30");
    });
}

#[test]
fn a_split_or_merge_between_villages_is_decided_by_somebody_of_both() {
    on_each_store(|store| {
        let office = Office::new(store);
        let here = text(store, "select area_code from household where id = 1");
        let there = office.pack.areas.iter().map(|area| area.code.to_string());
        let mut beside =
            there.filter(|code| code.len() == 12 && code[..9] == here[..9] && *code != here);
        let there = beside.next().unwrap();
        let event = office.state(&Says { area: Some(&there), ..SPLIT });
        let of_village = |code: &str| Decider {
            scope: Scope::new(Role::TownClerk, AreaCode::parse(code).unwrap()),
            ..town()
        };
        let accept = |id: i64, who: &Decider| {
            take(store, &office.pack, (id, Step::Accept), (who, "as it is"))
        };
        let half = accept(event.id, &of_village(&here));
        assert!(matches!(half, Err(IntakeError::Refused(_))), "{half:?}");
        let event = accept(event.id, &town()).unwrap();
        let lives = "select area_code from household where household_no = 'H000009'";
        assert_eq!(text(store, lives), there);
        let house = "select count(*) from household where household_no = 'H000009' \
                     and dangerous_house is null";
        assert_eq!(number(store, house), 1, "nobody knows its house");
        let new = event.other_household.unwrap();
        let values = [("household_no", "H000002")];
        let members = [(2, true, "OTHER")];
        let merge = Says { household: new, values: &values, members: &members, ..MERGE };
        let event = office.state(&merge);
        let half = accept(event.id, &of_village(&there));
        assert!(matches!(half, Err(IntakeError::Refused(_))), "{half:?}");
        accept(event.id, &town()).unwrap();
    });
}

#[test]
fn what_a_member_is_to_the_head_is_asked_for_where_nobody_knows_it() {
    on_each_store(|store| {
        let office = Office::new(store);
        let child = office.accept(&birth(BABY)).person.unwrap();
        let unknown = [(2, true, "HEAD"), (child, true, "")];
        let new = office.accept(&Says { members: &unknown, ..SPLIT }).other_household.unwrap();
        let before = standing(store);
        let health = [("health", "HEALTHY")];
        let says = Says { kind: "health", household: new, person: Some(child), ..SAYS };
        let without = Says { values: &health, ..says };
        assert_eq!(office.refused(&without), ["relation"]);
        let head = [("health", "HEALTHY"), ("relation", "HEAD")];
        assert_eq!(office.refused(&Says { values: &head, ..says }), ["relation"]);
        let both = [("health", "HEALTHY"), ("relation", "DAUGHTER")];
        let event = office.accept(&Says { values: &both, ..says });
        let known = "select relation || ' ' || health from person where name = '张小宝'";
        assert_eq!(text(store, known), "DAUGHTER HEALTHY");
        // Known, it changes with the head only.
        assert_eq!(office.refused(&Says { values: &both, ..says }), ["relation"]);
        office.take(event.id, Step::Undo).unwrap();
        assert_eq!(standing(store), before);
        let healthy = "select count(*) from person where health is not null and name = '张小宝'";
        assert_eq!(number(store, healthy), 0);
    });
}
