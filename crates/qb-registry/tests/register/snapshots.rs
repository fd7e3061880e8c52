use qb_engine::views::Level;
use qb_engine::{Snapshot, Value};
use qb_registry::RegistryError;
use qb_registry::snapshot::{Asked, take};
use qb_store::testing::{TestStore, on_each_store};
use qb_store::{Store, StoreError};

use crate::fixture::{FENG_VILLAGE, add_household, audit, pack, register};

fn snapshot(store: &Store) -> Snapshot {
    let pack = pack();
    let asked = Asked { actor: "tester", pack: &pack, as_of: pack.cases_on };
    take(store, &asked, |_| Ok::<_, RegistryError>(Vec::new()), &mut |_, _| ()).unwrap()
}

#[test]
fn what_is_written_while_a_snapshot_is_taken_is_not_in_it() {
    on_each_store(|store| {
        register(store);
        let before = snapshot(store);
        let pack = pack();
        let asked = Asked { actor: "tester", pack: &pack, as_of: pack.cases_on };
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
        let asked = Asked { actor: "tester", pack: &pack, as_of: pack.cases_on };
        let taken = take(store, &asked, |_| Ok::<_, RegistryError>(Vec::new()), &mut |_, _| ());
        let told = taken.map(drop).unwrap_err();
        assert!(matches!(told, RegistryError::Store(StoreError::Type { .. })), "{told}");
    });
}
