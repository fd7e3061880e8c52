//! Villages merge, are called by other names, and everything that was known of before stays.

use qb_access::{Role, Scope};
use qb_base::Digest;
use qb_engine::views::Level;
use qb_registry::RegistryError;
use qb_registry::areas::alias::{self, Naming};
use qb_registry::areas::known::{self, AreaRow};
use qb_registry::areas::merger::{self, Keeper, Merger, MergerState, Stating, WantedMergers};
use qb_registry::areas::refusal::AreaRefusal;
use qb_registry::queries;
use qb_registry::snapshot::{Asked, take};
use qb_store::testing::on_each_store;
use qb_store::{Known, Store, StoreError};

use crate::fixture::{add_household, area, audit, pack};

/// Villages of one town, of which the first has households, and one of another county that has.
const FENG_VILLAGE: &str = "320321001001";
const NEXT_VILLAGE: &str = "320321001002";
const ONE_MORE: &str = "320321001003";
const PEI_VILLAGE: &str = "320322109001";
const DAY: &str = "2016-06-01";
const TODAY: &str = "2016-12-31";

fn keeper(actor: &str, role: Role, code: &str) -> Keeper {
    Keeper { actor: actor.to_owned(), scope: Scope::new(role, area(code)) }
}

fn first() -> Keeper {
    keeper("user:1", Role::CountyOfficer, "320321")
}

fn second() -> Keeper {
    keeper("user:2", Role::CountyOfficer, "320321")
}

/// The register, on a day.
fn office(store: &Store) {
    store.fix_office_day("tester", TODAY.parse().unwrap()).unwrap();
    qb_registry::areas::load(store, &pack(), "tester").unwrap();
    for (id, village) in [(1, FENG_VILLAGE), (2, FENG_VILLAGE), (3, FENG_VILLAGE), (4, PEI_VILLAGE)]
    {
        add_household(store, id, village, "张");
    }
}

fn state_by(
    store: &Store,
    (part, into, on): (&str, &str, &str),
    who: &Keeper,
) -> Result<Merger, RegistryError> {
    let parts = [area(part)];
    let (into, on) = (area(into), on.parse().unwrap());
    let stating = Stating { parts: &parts, into, on, paper: "丰民发〔2016〕7号", reason: "" };
    merger::state(store, &stating, who)
}

/// Stated by one and confirmed by another.
fn merge(store: &Store, of: (&str, &str, &str)) -> Merger {
    let stated = state_by(store, of, &first()).unwrap();
    merger::confirm(store, stated.id, (&second(), "")).unwrap()
}

fn refused<T: std::fmt::Debug>(result: Result<T, RegistryError>) -> AreaRefusal {
    match result {
        Err(RegistryError::Area(why)) => why,
        other => panic!("{other:?}"),
    }
}

fn digest_on(store: &Store, day: &str, known: Known) -> Digest {
    let pack = pack();
    let asked = Asked { actor: "tester", pack: &pack, as_of: day.parse().unwrap(), known };
    let taken = take(store, &asked, |_| Ok::<_, RegistryError>(Vec::new()), &mut |_, _| ());
    taken.unwrap().digest()
}

/// Households of a village on a day.
fn lived(store: &Store, village: &str, day: &str) -> usize {
    let pack = pack();
    let known = Known::Everything;
    let asked = Asked { actor: "tester", pack: &pack, as_of: day.parse().unwrap(), known };
    let snapshot =
        take(store, &asked, |_| Ok::<_, RegistryError>(Vec::new()), &mut |_, _| ()).unwrap();
    let frame = snapshot.frame().unwrap();
    let rows = 0..frame.rows(Level::Household);
    rows.filter(|row| frame.area(Level::Household, *row) == village).count()
}

/// Households of a village as lists have them.
fn listed(store: &Store, village: &str) -> i64 {
    let totals = store.read(|conn| queries::village_totals(conn, &Scope::system())).unwrap();
    totals.iter().filter(|one| one.area_code == village).map(|one| one.households).sum()
}

fn number(store: &Store, sql: &'static str) -> i64 {
    store.read::<_, StoreError>(|conn| conn.query_one(sql, &[], |row| row.int(0))).unwrap()
}

fn row_of(store: &Store, code: &str) -> AreaRow {
    let all = store.read(known::all).unwrap();
    all.into_iter().find(|area| area.code == code).unwrap()
}

#[test]
fn households_of_a_merged_village_live_in_the_successor_from_the_day_on() {
    on_each_store(|store| {
        office(store);
        let merger = merge(store, (FENG_VILLAGE, NEXT_VILLAGE, DAY));
        assert_eq!((merger.state, merger.households()), (MergerState::Decided, 3));
        assert_eq!((listed(store, FENG_VILLAGE), listed(store, NEXT_VILLAGE)), (0, 3));
        let on = |village, day| lived(store, village, day);
        assert_eq!((on(FENG_VILLAGE, "2016-05-31"), on(NEXT_VILLAGE, "2016-05-31")), (3, 0));
        assert_eq!((on(FENG_VILLAGE, DAY), on(NEXT_VILLAGE, DAY)), (0, 3));
        assert_eq!((on(FENG_VILLAGE, TODAY), on(NEXT_VILLAGE, TODAY)), (0, 3));
        let numbers = "select count(*) from household where household_no in \
                       ('H000001', 'H000002', 'H000003') and area_code = '320321001002'";
        assert_eq!(number(store, numbers), 3);
        let end = row_of(store, FENG_VILLAGE).end.unwrap();
        assert_eq!((end.on.as_str(), end.successor.as_str()), (DAY, NEXT_VILLAGE));
        assert_eq!(row_of(store, NEXT_VILLAGE).end, None);
    });
}

#[test]
fn what_was_true_and_what_was_known_before_a_merger_stays_so() {
    on_each_store(|store| {
        office(store);
        let before = digest_on(store, "2016-05-31", Known::Everything);
        let today = digest_on(store, TODAY, Known::Everything);
        let known = Known::By(qb_base::env::now());
        let merger = merge(store, (FENG_VILLAGE, NEXT_VILLAGE, DAY));
        assert_eq!(digest_on(store, "2016-05-31", Known::Everything), before, "the day before");
        assert_eq!(digest_on(store, TODAY, known), today, "as was known");
        let merged = digest_on(store, TODAY, Known::Everything);
        assert_ne!(merged, today);
        let meanwhile =
            Known::By(qb_base::Timestamp(number(store, "select max(applied_at) from area_merger")));
        let undone = merger::undo(store, merger.id, (&first(), "文件有误")).unwrap();
        assert_eq!(undone.state, MergerState::Undone);
        assert_eq!(digest_on(store, TODAY, Known::Everything), today, "taken back");
        assert_eq!(digest_on(store, "2016-05-31", Known::Everything), before);
        assert_eq!(digest_on(store, TODAY, meanwhile), merged, "as was known in between");
        assert_eq!(digest_on(store, TODAY, known), today);
        assert_eq!(row_of(store, FENG_VILLAGE).end, None);
        assert_eq!((listed(store, FENG_VILLAGE), listed(store, NEXT_VILLAGE)), (3, 0));
    });
}

#[test]
fn two_people_merge_areas_and_the_second_is_asked_again() {
    on_each_store(|store| {
        office(store);
        let of = (FENG_VILLAGE, NEXT_VILLAGE, DAY);
        let stated = state_by(store, of, &first()).unwrap();
        assert_eq!((stated.state, listed(store, FENG_VILLAGE)), (MergerState::Stated, 3));
        assert_eq!(row_of(store, FENG_VILLAGE).end, None);
        let waits = refused(state_by(store, of, &second()));
        assert!(matches!(waits, AreaRefusal::Waits { merger: 1, .. }), "{waits:?}");
        let own = merger::confirm(store, stated.id, (&first(), ""));
        assert_eq!(refused(own), AreaRefusal::SamePerson);
        merger::confirm(store, stated.id, (&second(), "")).unwrap();
        let again = merger::confirm(store, stated.id, (&second(), ""));
        assert!(matches!(refused(again), AreaRefusal::OtherState { .. }));
        let steps = store.read(|conn| merger::steps(conn, stated.id)).unwrap();
        let states: Vec<MergerState> = steps.iter().map(|step| step.state).collect();
        assert_eq!(states, [MergerState::Stated, MergerState::Decided]);
        assert_eq!((&*steps[0].actor, &*steps[1].actor), ("user:1", "user:2"));
        let rows = "select count(*) from audit where object = 'area_merger:1'";
        assert_eq!(number(store, rows), 2);
    });
}

#[test]
fn what_was_stated_can_be_taken_back_and_then_nobody_confirms_it() {
    on_each_store(|store| {
        office(store);
        let stated = state_by(store, (FENG_VILLAGE, NEXT_VILLAGE, DAY), &first()).unwrap();
        let back = merger::undo(store, stated.id, (&first(), "写错了村")).unwrap();
        assert_eq!(back.state, MergerState::Rejected);
        let late = merger::confirm(store, stated.id, (&second(), ""));
        assert!(matches!(refused(late), AreaRefusal::OtherState { .. }));
        assert_eq!(listed(store, FENG_VILLAGE), 3);
    });
}

#[test]
fn only_whoever_answers_for_all_the_places_in_an_office_merges_them() {
    on_each_store(|store| {
        office(store);
        let of = (FENG_VILLAGE, NEXT_VILLAGE, DAY);
        for role in [Role::TownClerk, Role::VillageClerk, Role::Leader, Role::SystemAdmin] {
            let who = keeper("user:9", role, "320321");
            assert_eq!(refused(state_by(store, of, &who)), AreaRefusal::Role, "{role}");
        }
        let neighbour = keeper("user:8", Role::CountyOfficer, "320322");
        assert_eq!(refused(state_by(store, of, &neighbour)), AreaRefusal::Outside);
        let across = (FENG_VILLAGE, PEI_VILLAGE, DAY);
        assert_eq!(refused(state_by(store, across, &first())), AreaRefusal::Outside);
        let city = keeper("user:7", Role::CityOfficer, "3203");
        let stated = state_by(store, across, &city).unwrap();
        let one_side = merger::confirm(store, stated.id, (&first(), ""));
        assert_eq!(refused(one_side), AreaRefusal::Outside);
        let clerk = keeper("user:6", Role::TownClerk, "320321001");
        let lower = merger::undo(store, stated.id, (&clerk, "x"));
        assert_eq!(refused(lower), AreaRefusal::Role);
        let unseen = keeper("user:5", Role::CountyOfficer, "320381");
        let unseen = merger::confirm(store, stated.id, (&unseen, ""));
        assert!(matches!(unseen, Err(RegistryError::Store(StoreError::NotFound))));
        let of_county = |code: &str| {
            let scope = Scope::new(Role::CountyOfficer, area(code));
            store.read(|conn| merger::list(conn, &scope, WantedMergers::default())).unwrap().len()
        };
        assert_eq!([of_county("320321"), of_county("320322"), of_county("320381")], [1, 1, 0]);
    });
}

#[test]
fn a_merger_says_by_which_paper_and_holds_nobodys_number() {
    on_each_store(|store| {
        office(store);
        let (parts, into) = ([area(FENG_VILLAGE)], area(NEXT_VILLAGE));
        for (paper, expected) in
            [(" ", AreaRefusal::Unsaid), ("问 13800138000", AreaRefusal::Personal)]
        {
            let on = DAY.parse().unwrap();
            let stating = Stating { parts: &parts, into, on, paper, reason: "" };
            assert_eq!(refused(merger::state(store, &stating, &first())), expected);
        }
    });
}

#[test]
fn villages_merge_one_after_another_and_come_apart_in_the_other_order() {
    on_each_store(|store| {
        office(store);
        let today = digest_on(store, TODAY, Known::Everything);
        let one = merge(store, (FENG_VILLAGE, NEXT_VILLAGE, DAY));
        let ended = refused(state_by(store, (ONE_MORE, FENG_VILLAGE, DAY), &first()));
        assert!(matches!(ended, AreaRefusal::Ended { .. }), "{ended:?}");
        let early = refused(state_by(store, (NEXT_VILLAGE, ONE_MORE, "2016-05-01"), &first()));
        assert!(matches!(early, AreaRefusal::Before { .. }), "{early:?}");
        let two = merge(store, (NEXT_VILLAGE, ONE_MORE, "2016-08-01"));
        assert_eq!((two.households(), lived(store, ONE_MORE, TODAY)), (3, 3));
        assert_eq!(lived(store, NEXT_VILLAGE, "2016-07-31"), 3);
        assert_eq!(lived(store, FENG_VILLAGE, "2016-05-31"), 3);
        let why = refused(merger::undo(store, one.id, (&first(), "x")));
        assert_eq!(why, AreaRefusal::Newer { merger: two.id });
        merger::undo(store, two.id, (&first(), "x")).unwrap();
        merger::undo(store, one.id, (&first(), "x")).unwrap();
        assert_eq!(digest_on(store, TODAY, Known::Everything), today);
        // And once more: what was undone stands in nobody's way.
        merge(store, (FENG_VILLAGE, NEXT_VILLAGE, DAY));
        assert_eq!(lived(store, NEXT_VILLAGE, TODAY), 3);
    });
}

/// Household 1 moved on a day by an event, whose number is 1.
fn moved(store: &Store, on: &str, from: &str, to: &str) {
    let event = "insert into event (id, kind, effect, household_id, area_before, area_after, \
        happened_on, known_at, proposed_why, proposed_by, state) values (1, 'move', 'move', 1, \
        $1, $2, $3, 1, 'moved', 'tester', 'APPLIED')";
    let left = "insert into household_place (household_id, area_code, valid_from, reason_in, \
        valid_to, reason_out, recorded_at, event_id) values (1, $1, '2014-01-01', 'r', $2, \
        'move', 2, 1)";
    let came = "insert into household_place (household_id, area_code, valid_from, reason_in, \
        recorded_at, event_id) values (1, $1, $2, 'move', 2, 1)";
    store
        .write::<_, StoreError>(|tx| {
            tx.execute(event, &[from.into(), to.into(), on.into()])?;
            tx.execute(left, &[from.into(), on.into()])?;
            tx.execute(came, &[to.into(), on.into()])?;
            tx.execute("update household set area_code = $1 where id = 1", &[to.into()])?;
            audit(tx, "household")
        })
        .unwrap();
}

#[test]
fn a_household_that_came_later_is_of_the_successor_since_it_came() {
    on_each_store(|store| {
        office(store);
        moved(store, "2016-07-01", FENG_VILLAGE, ONE_MORE);
        let today = digest_on(store, TODAY, Known::Everything);
        let merger = merge(store, (ONE_MORE, NEXT_VILLAGE, DAY));
        assert_eq!(merger.households(), 1);
        assert_eq!(lived(store, FENG_VILLAGE, "2016-06-15"), 3, "before it came");
        assert_eq!(lived(store, NEXT_VILLAGE, "2016-07-01"), 1);
        merger::undo(store, merger.id, (&first(), "x")).unwrap();
        assert_eq!(digest_on(store, TODAY, Known::Everything), today);
        assert_eq!(lived(store, ONE_MORE, "2016-07-01"), 1);
    });
}

#[test]
fn what_households_did_since_the_day_stands_in_the_way() {
    on_each_store(|store| {
        office(store);
        moved(store, "2016-07-01", FENG_VILLAGE, ONE_MORE);
        let left = refused(state_by(store, (FENG_VILLAGE, NEXT_VILLAGE, DAY), &first()));
        assert_eq!(left, AreaRefusal::MovedSince { count: 1 });
        let later = state_by(store, (FENG_VILLAGE, NEXT_VILLAGE, "2016-07-01"), &first());
        let later = later.unwrap();
        store
            .write::<_, StoreError>(|tx| {
                let sql = "insert into event (id, kind, effect, household_id, area_before, \
                    area_after, happened_on, known_at, proposed_why, proposed_by, state) values \
                    (2, 'move', 'move', 2, $1, $2, '2016-08-01', 1, 'w', 't', 'PROPOSED')";
                tx.execute(sql, &[FENG_VILLAGE.into(), ONE_MORE.into()])?;
                audit(tx, "event")
            })
            .unwrap();
        let waits = merger::confirm(store, later.id, (&second(), ""));
        assert_eq!(refused(waits), AreaRefusal::MovesWait { count: 1 });
        assert_eq!(listed(store, FENG_VILLAGE), 2, "nothing was written");
    });
}

#[test]
fn a_merger_is_not_undone_while_one_of_its_households_moved_on() {
    on_each_store(|store| {
        office(store);
        let merger = merge(store, (FENG_VILLAGE, NEXT_VILLAGE, DAY));
        store
            .write::<_, StoreError>(|tx| {
                let event = "insert into event (id, kind, effect, household_id, area_before, \
                    area_after, happened_on, known_at, proposed_why, proposed_by, state) values \
                    (100, 'move', 'move', 2, $1, $2, '2016-09-01', 1, 'w', 't', 'APPLIED')";
                tx.execute(event, &[NEXT_VILLAGE.into(), ONE_MORE.into()])?;
                let close = "update household_place set superseded_at = 1 where household_id = 2 \
                             and valid_to is null";
                tx.execute(close, &[])?;
                let open = "insert into household_place (household_id, area_code, valid_from, \
                    reason_in, recorded_at, event_id) values (2, $1, '2016-09-01', 'move', 1, 100)";
                tx.execute(open, &[ONE_MORE.into()])?;
                audit(tx, "household")
            })
            .unwrap();
        let why = refused(merger::undo(store, merger.id, (&first(), "x")));
        assert_eq!(why, AreaRefusal::Changed { count: 1 });
    });
}

#[test]
fn a_closed_year_keeps_its_areas() {
    on_each_store(|store| {
        office(store);
        let merger = merge(store, (FENG_VILLAGE, NEXT_VILLAGE, DAY));
        store.move_office_day("tester", "2017-01-10".parse().unwrap()).unwrap();
        store.close_period("tester", 2016, "books").unwrap();
        let of = (ONE_MORE, NEXT_VILLAGE, "2016-12-01");
        assert_eq!(refused(state_by(store, of, &first())), AreaRefusal::Closed { year: 2016 });
        let back = merger::undo(store, merger.id, (&first(), "x"));
        assert_eq!(refused(back), AreaRefusal::Closed { year: 2016 });
    });
}

#[test]
fn a_village_of_nobody_ends_too_and_the_pack_does_not_bring_it_back() {
    on_each_store(|store| {
        office(store);
        let acts = store.read(known::acts).unwrap();
        let merger = merge(store, (ONE_MORE, NEXT_VILLAGE, DAY));
        assert_eq!(merger.households(), 0);
        assert!(store.read(known::acts).unwrap() > acts);
        assert_eq!(qb_registry::areas::load(store, &pack(), "tester").unwrap(), 0);
        let ended = |day: &str| {
            let day = day.parse().unwrap();
            store.read(|conn| known::ended(conn, day, Known::Everything)).unwrap()
        };
        assert_eq!(ended("2016-05-31").len(), 0);
        assert_eq!(ended(DAY).get(&area(ONE_MORE)), Some(&area(NEXT_VILLAGE)));
    });
}

#[test]
fn many_households_follow_at_once() {
    on_each_store(|store| {
        office(store);
        let many = "insert into household (id, household_no, area_code, valid_from, recorded_at, \
            source_file_id, source_row, row_digest) select h.id * 10000 + p.id * 10 + q.id, \
            'N' || cast(h.id * 10000 + p.id * 10 + q.id as text), h.area_code, h.valid_from, 1, 1, 1, 1 \
            from household h cross join person p cross join household q \
            where h.id <= 3";
        store
            .write::<_, StoreError>(|tx| {
                tx.execute(many, &[])?;
                audit(tx, "household")
            })
            .unwrap();
        let merger = merge(store, (FENG_VILLAGE, NEXT_VILLAGE, DAY));
        assert_eq!(merger.households(), 99);
        let spells = "select count(*) from household_place where superseded_at is null";
        assert_eq!(number(store, spells), 198);
        let steps = "select count(*) from event_step where state = 'APPLIED'";
        assert_eq!(number(store, steps), 99);
        add_household(store, 900_000, NEXT_VILLAGE, "李");
        merger::undo(store, merger.id, (&second(), "x")).unwrap();
        assert_eq!((listed(store, FENG_VILLAGE), listed(store, NEXT_VILLAGE)), (99, 1));
    });
}

#[test]
fn another_name_is_kept_ended_and_kept_again() {
    on_each_store(|store| {
        office(store);
        let naming = Naming {
            under: None,
            name: "老城居委会",
            means: area(NEXT_VILLAGE),
            source: "丰民发〔2016〕7号",
        };
        let kept = alias::add(store, &naming, &first()).unwrap();
        assert_eq!((kept.under.as_str(), kept.since_on.as_str()), ("320321001", TODAY));
        assert_eq!(refused(alias::add(store, &naming, &first())), AreaRefusal::Kept);
        let other = Naming { means: area(ONE_MORE), ..naming };
        assert!(matches!(refused(alias::add(store, &other, &first())), AreaRefusal::Taken { .. }));
        let clerk = keeper("user:9", Role::TownClerk, "320321001");
        assert_eq!(refused(alias::end(store, kept.id, (&clerk, "x"))), AreaRefusal::Role);
        let ended = alias::end(store, kept.id, (&second(), "不再使用")).unwrap();
        assert_eq!(ended.until_on.as_deref(), Some(TODAY));
        let twice = alias::end(store, kept.id, (&second(), "x"));
        assert!(matches!(twice, Err(RegistryError::Store(StoreError::NotFound))));
        alias::add(store, &other, &first()).unwrap();
        let all = store.read(|conn| alias::list(conn, &Scope::system(), None)).unwrap();
        assert_eq!(all.len(), 2, "the one that ended stays");
    });
}

#[test]
fn a_name_that_means_nothing_new_is_refused() {
    on_each_store(|store| {
        office(store);
        let own = row_of(store, NEXT_VILLAGE).name;
        let naming = |name, means, under| Naming { under, name, means, source: "文件" };
        let add = |naming: Naming<'_>| refused(alias::add(store, &naming, &first()));
        let village = area(ONE_MORE);
        assert!(matches!(add(naming(&own, village, None)), AreaRefusal::IsName { .. }));
        assert_eq!(add(naming("320321001999", village, None)), AreaRefusal::NoName);
        assert_eq!(add(naming(" ", village, None)), AreaRefusal::NoName);
        let county = Some(area("320321"));
        assert!(matches!(add(naming("老城", village, county)), AreaRefusal::NotAbove { .. }));
        let beyond = area(PEI_VILLAGE);
        assert_eq!(add(naming("老城", beyond, None)), AreaRefusal::Outside);
        merge(store, (ONE_MORE, NEXT_VILLAGE, DAY));
        assert!(matches!(add(naming("老城", village, None)), AreaRefusal::Ended { .. }));
    });
}
