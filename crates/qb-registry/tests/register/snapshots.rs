use qb_base::Timestamp;
use qb_engine::views::Level;
use qb_engine::{Snapshot, Value};
use qb_registry::RegistryError;
use qb_registry::model::{HouseholdFilter, HouseholdLine, Keyset};
use qb_registry::queries::{households, households_known};
use qb_registry::snapshot::{Asked, take};
use qb_store::testing::{TestStore, on_each_store};
use qb_store::{Known, Store, StoreError};

use crate::fixture::{
    FENG_VILLAGE, PEI_VILLAGE, add_household, area, audit, begin_and_end, officer, pack, register,
};

fn snapshot(store: &Store) -> Snapshot {
    known(store, "2016-12-31", Known::Everything)
}

/// What is known of a day.
fn known(store: &Store, day: &str, known: Known) -> Snapshot {
    let pack = pack();
    let asked = Asked { actor: "tester", pack: &pack, as_of: day.parse().unwrap(), known };
    take(store, &asked, |_| Ok::<_, RegistryError>(Vec::new()), &mut |_, _| ()).unwrap()
}

#[test]
fn what_is_written_while_a_snapshot_is_taken_is_not_in_it() {
    on_each_store(|store| {
        register(store);
        let before = snapshot(store);
        let pack = pack();
        let asked =
            Asked { actor: "tester", pack: &pack, as_of: pack.cases_on, known: Known::Everything };
        let meanwhile = |_: &qb_store::Conn| {
            add_household(store, 6, FENG_VILLAGE, "李");
            Ok::<_, RegistryError>(Vec::new())
        };
        let during = take(store, &asked, meanwhile, &mut |_, _| ()).unwrap();
        assert_eq!(during.digest(), before.digest());
        assert_ne!(snapshot(store).digest(), before.digest());
    });
}

#[test]
fn the_same_register_gives_the_same_snapshot_on_every_store_at_any_time() {
    let mut digests = Vec::new();
    let server = std::env::var("QIBANG_TEST_POSTGRES").ok();
    let stores = [Some(TestStore::sqlite()), server.map(|url| TestStore::postgres(&url))];
    for test in stores.into_iter().flatten() {
        register(&test.store);
        digests.extend([snapshot(&test.store).digest(), snapshot(&test.store).digest()]);
    }
    digests.dedup();
    assert_eq!(digests.len(), 1, "{digests:?}");
}

#[test]
fn what_stands_now_and_the_versions_that_hold_on_a_day_are_the_same_rows() {
    on_each_store(|store| {
        register(store);
        // The real day is later: versions are looked for.
        let versions = snapshot(store).digest();
        store.fix_office_day("tester", "2016-12-31".parse().unwrap()).unwrap();
        assert_eq!(snapshot(store).digest(), versions);
    });
}

/// One household is changed, one moved, one has a new relation and another sheet, as is learnt in
/// the March after; a list says something else.
const LEARNT: &[&str] = &[
    "insert into household_history (id, household_no, area_code, member_count, cause_main, \
     valid_from, recorded_at, source_file_id, source_row, row_digest, valid_to, superseded_at) \
     select id, household_no, area_code, member_count, cause_main, valid_from, recorded_at, \
     source_file_id, source_row, row_digest, '2017-03-01', 1000 from household where id in (1, 2)",
    "update household set cause_main = 'DISABILITY', valid_from = '2017-03-01', \
     recorded_at = 1000 where id = 1",
    "update household set area_code = '320322109220', recorded_at = 1000 where id = 2",
    "insert into event (id, kind, effect, household_id, area_before, area_after, happened_on, \
     known_at, proposed_why, proposed_by, state) values (1, 'move', 'move', 2, '320321100201', \
     '320322109220', '2017-02-10', 1000, 'moved', 'tester', 'APPLIED')",
    "insert into household_place (household_id, area_code, valid_from, reason_in, valid_to, \
     reason_out, recorded_at, event_id) values (2, '320321100201', '2014-01-01', 'r', \
     '2017-02-10', 'move', 1000, 1), (2, '320322109220', '2017-02-10', 'move', null, null, 1000, 1)",
    "insert into registration_history (household_id, scheme, valid_from, reason_in, exit_status, \
     exit_year, recorded_at, superseded_at, source_file_id) \
     select id, scheme, registered_from, 'r', exit_status, exit_year, 1, 1000, 1 from household \
     where id = 3",
    "update household set exit_status = 'RETURNED', registered_recorded_at = 1000 where id = 3",
    "insert into person_history (id, person_no, name, name_key, health, valid_from, recorded_at, \
     source_file_id, source_row, row_digest, birth_on, sex, valid_to, superseded_at) \
     select id, person_no, name, name_key, health, valid_from, recorded_at, source_file_id, \
     source_row, row_digest, birth_on, sex, '2017-03-01', 1000 from person where id in (10, 20)",
    "update person set health = 'DISABLED', valid_from = '2017-03-01', recorded_at = 1000 \
     where id = 10",
    // A correction: it was never so.
    "update person set birth_on = '1951-05-01', recorded_at = 1000 where id = 20",
    "insert into membership_history (person_id, household_id, relation, valid_from, reason_in, \
     recorded_at, superseded_at, source_file_id) select id, household_id, relation, member_from, \
     'r', 1, 1000, 1 from person where id = 31",
    "insert into membership_history (person_id, household_id, relation, valid_from, reason_in, \
     valid_to, reason_out, recorded_at, source_file_id) select id, household_id, relation, \
     member_from, 'r', '2017-02-10', 'left', 1000, 1 from person where id = 31",
    "update person set household_id = null, relation = null, member_from = null, \
     member_recorded_at = null where id = 31",
    "update income_statement set superseded_at = 1000 where id = 4",
    "insert into income_statement (id, household_id, policy_year, recorded_at, source_file_id, \
     source_row, row_digest) values (40, 4, 2016, 1000, 1, 1, 1)",
    "insert into income_item (statement_id, item, amount_fen) values (40, 'wage_labour', 900000)",
    "update record set superseded_at = 1000 where id = 1",
    "insert into record (id, dataset, record_key, area_code, household_id, fields, \
     source_file_id, source_row, row_digest, recorded_at) values (2, 'exit_decision', 'h', \
     '320321100201', 1, '{\"household_no\":\"h\",\"food_secure\":false}', 1, 1, 2, 1000)",
];

#[test]
fn what_was_known_on_a_day_never_changes_afterwards() {
    let say = |store: &Store, statements: &[&'static str]| {
        store
            .write::<_, StoreError>(|tx| {
                statements.iter().try_for_each(|sql| tx.execute(*sql, &[]).map(drop))?;
                audit(tx, "register")
            })
            .unwrap();
    };
    on_each_store(|store| {
        register(store);
        say(
            store,
            &["insert into record (id, dataset, record_key, area_code, household_id, fields, \
               source_file_id, source_row, row_digest, recorded_at) values (1, 'exit_decision', \
               'h', '320321100201', 1, '{\"household_no\":\"h\",\"food_secure\":true}', 1, 1, 1, 1)"],
        );
        let before = snapshot(store).digest();
        let listed = |store: &Store, day: &str, known| {
            let (scope, all) = (officer("3203"), area("3203"));
            let asked = (day.parse().unwrap(), known);
            // Two lines at a time: pages follow one another without gap or overlap.
            let mut lines: Vec<HouseholdLine> = Vec::new();
            loop {
                let after = lines.last().map_or_else(Keyset::default, |line| Keyset {
                    area_code: line.area_code.clone(),
                    id: line.id,
                });
                let page = store
                    .read(|conn| households_known(conn, &scope, all, asked, &after, 2))
                    .unwrap();
                if page.is_empty() {
                    return lines;
                }
                lines.extend(page);
            }
        };
        let lines = listed(store, "2016-12-31", Known::Everything);
        let stands = store.read(|conn| {
            let filter = HouseholdFilter::default();
            households(conn, &officer("3203"), area("3203"), 0, &filter, &Keyset::default(), 100)
        });
        assert_eq!(lines, stands.unwrap(), "the same lines as of what stands now");
        say(store, LEARNT);
        assert_eq!(listed(store, "2016-12-31", Known::By(Timestamp(999))), lines);
        let then = listed(store, "2017-03-01", Known::Everything);
        let moved = then.iter().find(|line| line.id == 2).unwrap();
        assert_eq!(moved.area_code, PEI_VILLAGE);
        let changed = then.iter().find(|line| line.id == 1).unwrap();
        assert_eq!(changed.cause_main.as_deref(), Some("DISABILITY"));
        assert_eq!(listed(store, "2017-03-01", Known::By(Timestamp(0))), []);
        let at = |day, instant| known(store, day, Known::By(Timestamp(instant)));
        assert_eq!(at("2016-12-31", 999).digest(), before);
        let frame = snapshot(store).frame().unwrap();
        let text = |level, id, column| {
            frame.value(level, frame.row_of(level, id).unwrap(), column).to_string()
        };
        let (person, household) = (Level::Person, Level::Household);
        // What began later did not hold that day, what was corrected never held.
        assert_eq!(text(household, 1, "cause_main"), "ILLNESS");
        assert_eq!(
            frame.value(person, frame.row_of(person, 10).unwrap(), "health"),
            Value::Unknown
        );
        assert_eq!(text(person, 20, "age"), "65");
        assert_eq!(text(household, 4, "wage_fen"), "900000");
        assert!(frame.row_of(person, 31).is_some());
        assert_eq!(text(household, 2, "area_code"), FENG_VILLAGE);
        let march = known(store, "2017-03-01", Known::Everything).frame().unwrap();
        let text = |level, id, column| {
            march.value(level, march.row_of(level, id).unwrap(), column).to_string()
        };
        assert_eq!(text(household, 1, "cause_main"), "DISABILITY");
        assert_eq!(text(household, 2, "area_code"), PEI_VILLAGE);
        assert_eq!(text(person, 10, "health"), "DISABLED");
        assert_eq!(march.row_of(person, 31), None);
        assert_eq!(
            at("2017-03-01", 0).frame().unwrap().rows(household),
            0,
            "nothing was known yet"
        );
    });
}

#[test]
fn one_more_household_gives_another_snapshot() {
    on_each_store(|store| {
        register(store);
        let before = snapshot(store).digest();
        add_household(store, 6, FENG_VILLAGE, "李");
        assert_ne!(snapshot(store).digest(), before);
    });
}

#[test]
fn members_stand_by_their_household_with_age_and_sums() {
    on_each_store(|store| {
        register(store);
        let frame = snapshot(store).frame().unwrap();
        assert_eq!((frame.rows(Level::Household), frame.rows(Level::Person)), (5, 10));
        let age = |row| frame.value(Level::Person, row, "age").to_string();
        assert_eq!((age(0), age(1)), ("66".to_owned(), "8".to_owned()));
        let wage = frame.value(Level::Household, 0, "wage_fen").to_string();
        assert_eq!(wage, "800000");
        assert_eq!(frame.value(Level::Household, 0, "wage_prior_fen"), Value::Unknown);
    });
}

#[test]
fn what_a_list_tells_of_households_stands_beside_what_the_register_holds() {
    on_each_store(|store| {
        register(store);
        let seen = |store: &Store| {
            let frame = snapshot(store).frame().unwrap();
            let told = ["food_secure", "clothing_secure", "income_stable"];
            told.map(|column| frame.value(Level::Household, 0, column).to_string())
        };
        let unknown = Value::Unknown.to_string();
        assert_eq!(seen(store), [(); 3].map(|()| unknown.clone()), "nobody has said");
        let frame = snapshot(store).frame().unwrap();
        let household = frame.value(Level::Household, 0, "household_id").to_string();
        let fields = "{\"household_no\":\"h\",\"food_secure\":true,\"income_stable\":false}";
        store
            .write::<_, StoreError>(|tx| {
                let sql = "insert into record (id, dataset, record_key, area_code, household_id, \
                           fields, source_file_id, source_row, row_digest, recorded_at) \
                           values (1, 'exit_decision', 'h', $1, $2, $3, 1, 1, 1, 1)";
                let id = household.parse::<i64>().unwrap();
                tx.execute(sql, &[FENG_VILLAGE.into(), id.into(), fields.into()])?;
                audit(tx, "record")
            })
            .unwrap();
        let (yes, no) = (Value::Bool(true).to_string(), Value::Bool(false).to_string());
        assert_eq!(seen(store), [yes, unknown, no]);
    });
}

#[test]
fn a_household_counts_from_the_day_it_began_to_the_day_it_ended() {
    on_each_store(|store| {
        register(store);
        begin_and_end(store, "2016-09-01");
        let pack = pack();
        let on = |day: &str| {
            let as_of = qb_base::PartialDate::from_iso(day).unwrap().date;
            let asked = Asked { actor: "tester", pack: &pack, as_of, known: Known::Everything };
            let none = |_: &qb_store::Conn| Ok::<_, RegistryError>(Vec::new());
            let taken = take(store, &asked, none, &mut |_, _| ()).unwrap();
            taken.frame().unwrap().rows(Level::Household)
        };
        let days = ["2016-05-31", "2016-06-01", "2016-08-31", "2016-09-01"];
        assert_eq!(days.map(on), [4, 5, 5, 4]);
    });
}

#[test]
fn someone_who_left_before_the_day_is_not_in_the_snapshot() {
    on_each_store(|store| {
        register(store);
        store
            .write::<_, StoreError>(|tx| {
                let keep = "insert into membership_history (person_id, household_id, relation, \
                            valid_from, reason_in, valid_to, reason_out, recorded_at, \
                            source_file_id) select id, household_id, relation, member_from, \
                            member_reason_in, cast($1 as text), 'moved_out', 2, 1 from person \
                            where id = $2";
                let leave = "update person set household_id = null where id = $1";
                for (day, id) in [("2016-12-31", 11), ("2017-01-01", 21)] {
                    tx.execute(keep, &[day.into(), id.into()])?;
                    tx.execute(leave, &[id.into()])?;
                }
                audit(tx, "membership")
            })
            .unwrap();
        let frame = snapshot(store).frame().unwrap();
        let left = frame.row_of(Level::Person, 11);
        assert_eq!((left, frame.row_of(Level::Person, 21).is_some()), (None, true));
    });
}

#[test]
fn a_county_whose_code_cannot_be_read_is_an_error_and_no_empty_county() {
    on_each_store(|store| {
        register(store);
        let spoil = "update area set code = '32038' where code = '320381'";
        store
            .write::<_, StoreError>(|tx| {
                tx.execute(spoil, &[])?;
                audit(tx, "area")
            })
            .unwrap();
        let pack = pack();
        let asked =
            Asked { actor: "tester", pack: &pack, as_of: pack.cases_on, known: Known::Everything };
        let taken = take(store, &asked, |_| Ok::<_, RegistryError>(Vec::new()), &mut |_, _| ());
        let told = taken.map(drop).unwrap_err();
        assert!(matches!(told, RegistryError::Store(StoreError::Type { .. })), "{told}");
    });
}
