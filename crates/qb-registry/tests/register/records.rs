//! Rows of datasets: in the snapshot as tables, on pages within a scope and masked.

use std::path::Path;
use std::sync::OnceLock;

use qb_access::{Reading, Role, Scope};
use qb_base::keyring::Purpose;
use qb_engine::arrow::array::{Array, RecordBatch, StringArray};
use qb_engine::{Snapshot, arrow};
use qb_policy::{Pack, PackSource};
use qb_registry::RegistryError;
use qb_registry::model::{Record, RecordFilter, RecordKeyset, RecordValue};
use qb_registry::queries::{
    Reader, household_records, record, record_count, record_counts, record_versions, records,
};
use qb_registry::snapshot::{Asked, take};
use qb_store::testing::{TestStore, on_each_store};
use qb_store::{Known, Store, StoreError, Value};

use crate::fixture::{FENG_VILLAGE, PEI_VILLAGE, add_household, area, audit, officer};

fn pack() -> Pack {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../qb-intake/tests/packs/orchard");
    Pack::load(PackSource::Folder(&folder)).unwrap()
}

fn reading() -> &'static Reading {
    static READING: OnceLock<Reading> = OnceLock::new();
    READING.get_or_init(|| Reading::of(&pack()).unwrap())
}

/// Puts an orchard into the store: its number, place, and household.
fn orchard(store: &Store, id: i64, key: &str, place: &str, household: Option<i64>) {
    let fields = format!(
        "{{\"orchard_no\":\"{key}\",\"tree\":\"APPLE\",\"trees\":{id},\"hectares\":\"1.25\",\
         \"worth\":123450,\"planted_on\":\"2014-03\",\"insured\":true}}"
    );
    let secret = "{\"id_no\":\"110101198003070025\",\"keeper\":\"王小园\",\
                  \"keeper_phone\":\"13912345678\",\"illness\":\"高血压\"}";
    let sealed = store.keyring().seal(Purpose::Record, &["orchard", key], secret.as_bytes()).0;
    let sql = "insert into record (id, dataset, record_key, area_code, household_id, person_id, \
               fields, sealed, source_file_id, source_row, row_digest, recorded_at) \
               values ($1, 'orchard', $2, $3, $4, $5, $6, $7, 1, $8, 1, 1)";
    let person = household.map(|household| household * 10);
    let values: [Value<'_>; 8] = [
        id.into(),
        key.into(),
        place.into(),
        household.into(),
        person.into(),
        (&fields).into(),
        sealed.as_slice().into(),
        id.into(),
    ];
    store
        .write::<_, StoreError>(|tx| {
            tx.execute(sql, &values)?;
            audit(tx, "record")
        })
        .unwrap();
}

/// Two orchards in 丰县, one in 沛县, one of the whole city.
fn orchards(store: &Store) {
    qb_registry::areas::load(store, &pack(), "tester").unwrap();
    add_household(store, 1, FENG_VILLAGE, "张");
    add_household(store, 4, PEI_VILLAGE, "李");
    orchard(store, 1, "G2", FENG_VILLAGE, Some(1));
    orchard(store, 2, "G1", FENG_VILLAGE, None);
    orchard(store, 3, "G3", PEI_VILLAGE, Some(4));
    orchard(store, 4, "G4", "3203", None);
}

fn snapshot(store: &Store) -> Snapshot {
    let pack = pack();
    let asked =
        Asked { actor: "tester", pack: &pack, as_of: pack.cases_on, known: Known::Everything };
    take(store, &asked, |_| Ok::<_, RegistryError>(Vec::new()), &mut |_, _| ()).unwrap()
}

/// The texts of a column.
fn texts(batches: &[RecordBatch], column: &str) -> Vec<String> {
    let mut texts = Vec::new();
    for batch in batches {
        let array = arrow::compute::cast(
            batch.column_by_name(column).unwrap(),
            &arrow::datatypes::DataType::Utf8,
        )
        .unwrap();
        let array = array.as_any().downcast_ref::<StringArray>().unwrap();
        texts.extend(array.iter().map(|text| text.unwrap_or("?").to_owned()));
    }
    texts
}

#[test]
fn a_dataset_of_the_pack_is_a_table_of_the_snapshot() {
    on_each_store(|store| {
        orchards(store);
        let snapshot = snapshot(store);
        let table = &snapshot.manifest().tables["orchard"];
        let columns: Vec<String> =
            table.columns.iter().map(|c| format!("{} {}", c.name, c.kind)).collect();
        assert_eq!(
            columns.join(", "),
            "record_id bigint, area_code text, household_id bigint, person_id bigint, \
             orchard_no text, household_no text, tree text, trees bigint, hectares decimal(20,6), \
             worth_fen bigint, loan_fen bigint, year bigint, fruit_month text, planted_on date, \
             insured boolean, note text"
        );
        let rows = snapshot.read_table("orchard").unwrap();
        assert_eq!(texts(&rows, "orchard_no"), ["G4", "G1", "G2", "G3"], "by area, then by key");
        assert_eq!(texts(&rows, "household_id"), ["?", "?", "1", "4"]);
        assert_eq!(texts(&rows, "hectares")[0], "1.250000");
        assert_eq!(texts(&rows, "planted_on")[0], "2014-03-01");
        assert_eq!(texts(&rows, "note")[0], "?");
        let paths: Vec<&str> = table.files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(
            paths,
            ["3203", "320321", "320322"].map(|part| format!("orchard/county={part}.parquet"))
        );
        assert_eq!(snapshot.manifest().tables["orchard_visit"].rows, 0, "also without rows");
        snapshot.verify().unwrap();
    });
}

#[test]
fn areas_codes_and_parameters_of_the_pack_are_tables() {
    let test = TestStore::sqlite();
    qb_registry::areas::load(&test.store, &pack(), "tester").unwrap();
    let snapshot = snapshot(&test.store);
    let areas = snapshot.read_table("area").unwrap();
    assert_eq!(texts(&areas, "level")[..3], ["province", "city", "county"]);
    let codes = snapshot.read_table("code").unwrap();
    assert_eq!(texts(&codes, "id"), ["APPLE", "PEACH", "yuan"]);
    assert_eq!(texts(&codes, "source"), ["?", "?", "invented for tests"]);
    assert_eq!(snapshot.manifest().tables["param"].rows, 0);
}

#[test]
fn parameters_are_in_the_unit_of_expressions() {
    let test = TestStore::sqlite();
    let pack = crate::fixture::pack();
    let asked =
        Asked { actor: "tester", pack: &pack, as_of: pack.cases_on, known: Known::Everything };
    let snapshot =
        take(&test.store, &asked, |_| Ok::<_, RegistryError>(Vec::new()), &mut |_, _| ()).unwrap();
    let params = snapshot.read_table("param").unwrap();
    let at = texts(&params, "id").iter().position(|id| id == "line.exit").unwrap();
    assert_eq!(texts(&params, "value")[at], "600000.000000");
    assert_eq!(texts(&params, "unit")[at], "fen");
}

#[test]
fn the_same_rows_give_the_same_snapshot_on_every_store_and_other_rows_another() {
    let mut digests = Vec::new();
    let server = std::env::var("QIBANG_TEST_POSTGRES").ok();
    let stores = [Some(TestStore::sqlite()), server.map(|url| TestStore::postgres(&url))];
    for test in stores.into_iter().flatten() {
        orchards(&test.store);
        digests.extend([snapshot(&test.store).digest(), snapshot(&test.store).digest()]);
        orchard(&test.store, 9, "G9", PEI_VILLAGE, None);
        assert_ne!(snapshot(&test.store).digest(), digests[0]);
    }
    digests.dedup();
    assert_eq!(digests.len(), 1, "{digests:?}");
}

fn keys(found: &[Record]) -> Vec<&str> {
    found.iter().map(|record| record.key.as_str()).collect()
}

#[test]
fn a_list_holds_the_rows_of_the_area_in_pages() {
    on_each_store(|store| {
        orchards(store);
        let pack = pack();
        let dataset = pack.dataset("orchard").unwrap();
        let list = |scope: &Scope, code: &str, key: Option<&str>, after: &RecordKeyset| {
            let reader = Reader { scope, keyring: store.keyring(), reading: reading() };
            let filter = RecordFilter { key: key.map(str::to_owned) };
            store.read(|conn| records(conn, &reader, dataset, area(code), &filter, after, 2))
        };
        let first = list(&Scope::system(), "3203", None, &RecordKeyset::default()).unwrap();
        assert_eq!(keys(&first), ["G4", "G1"]);
        let last = first.last().unwrap();
        let after = RecordKeyset { area_code: last.area_code.clone(), key: last.key.clone() };
        let second = list(&Scope::system(), "3203", None, &after).unwrap();
        assert_eq!(keys(&second), ["G2", "G3"]);
        let feng = officer("320321");
        let own = list(&feng, "320321", Some("G2"), &RecordKeyset::default()).unwrap();
        assert_eq!(keys(&own), ["G2"]);
        let foreign = list(&feng, "320322", None, &RecordKeyset::default());
        assert!(matches!(foreign, Err(StoreError::NotFound)));
        let count = |code: &str| {
            let filter = RecordFilter::default();
            store.read(|conn| record_count(conn, &Scope::system(), dataset, area(code), &filter))
        };
        assert_eq!((count("3203").unwrap(), count("320321").unwrap()), (4, 2));
        let counts = store.read(|conn| record_counts(conn, &feng, area("320321"), [dataset]));
        let counts = counts.unwrap();
        assert_eq!(counts.get("orchard"), Some(&2));
    });
}

#[test]
fn personal_values_are_masked_and_numbers_never_shown_in_full() {
    on_each_store(|store| {
        orchards(store);
        let pack = pack();
        let dataset = pack.dataset("orchard").unwrap();
        let value = |scope: &Scope, column: &str| {
            let reader = Reader { scope, keyring: store.keyring(), reading: reading() };
            let found = store.read(|conn| record(conn, &reader, &pack, 1)).unwrap();
            let at = dataset.columns.iter().position(|known| known.id == column).unwrap();
            found.values[at].clone()
        };
        let text = |text: &str| RecordValue::Text(text.to_owned());
        let clerk = Scope::new(Role::VillageClerk, area(FENG_VILLAGE));
        assert_eq!(value(&Scope::system(), "keeper"), text("王**"));
        assert_eq!(value(&clerk, "keeper"), text("王小园"));
        for scope in [Scope::system(), clerk.clone()] {
            for column in ["id_no", "keeper_phone"] {
                let RecordValue::Text(shown) = value(&scope, column) else { panic!("a mask") };
                let digits = shown.trim_start_matches('*').len();
                let most = if scope == clerk { 2 } else { 0 };
                assert!(shown.contains('*') && digits == most, "{column}: {shown}");
            }
        }
        assert_eq!(value(&Scope::system(), "illness"), RecordValue::Hidden);
        assert_eq!(value(&Scope::system(), "worth"), RecordValue::Int(123_450));
        assert_eq!(value(&Scope::system(), "county"), text("320321"));
        assert_eq!(value(&Scope::system(), "note"), RecordValue::Unknown);
    });
}

#[test]
fn a_list_and_a_sensitive_column_are_read_by_the_roles_the_pack_names() {
    on_each_store(|store| {
        orchards(store);
        let pack = pack();
        let dataset = pack.dataset("orchard").unwrap();
        let at = dataset.columns.iter().position(|column| column.id == "illness").unwrap();
        let read = |role| {
            let scope = Scope::new(role, area("320321"));
            let reader = Reader { scope: &scope, keyring: store.keyring(), reading: reading() };
            store.read(|conn| {
                let filter = RecordFilter::default();
                let after = RecordKeyset::default();
                let page = records(conn, &reader, dataset, area("320321"), &filter, &after, 9)?;
                let about = household_records(conn, &reader, &pack, 1)?;
                let one = record(conn, &reader, &pack, 1)?;
                assert_eq!((page[1].values[at].clone(), about.len()), (one.values[at].clone(), 1));
                Ok::<_, StoreError>(one.values[at].clone())
            })
        };
        let said = RecordValue::Text("高血压".to_owned());
        assert_eq!(read(Role::TownClerk).unwrap(), said);
        assert_eq!(read(Role::CountyOfficer).unwrap(), RecordValue::Hidden);
        assert!(matches!(read(Role::Assessor), Err(StoreError::NotFound)));
        let scope = Scope::new(Role::Assessor, area("320321"));
        let reader = Reader { scope: &scope, keyring: store.keyring(), reading: reading() };
        let about = store.read(|conn| household_records(conn, &reader, &pack, 1)).unwrap();
        assert!(about.is_empty());
    });
}

#[test]
fn rows_about_a_household_or_a_person_are_seen_by_who_sees_them() {
    on_each_store(|store| {
        orchards(store);
        // A row of the whole city about a household of 丰县.
        orchard(store, 5, "G5", "3203", Some(1));
        let pack = pack();
        let (feng, pei) = (officer("320321"), officer("320322"));
        let of = |scope: &Scope| {
            let reader = Reader { scope, keyring: store.keyring(), reading: reading() };
            let found = store.read(|conn| household_records(conn, &reader, &pack, 1));
            keys(&found.unwrap()).join(" ")
        };
        assert_eq!((of(&feng), of(&pei)), ("G2 G5".into(), String::new()));
        let one = |scope: &Scope, id: i64| {
            let reader = Reader { scope, keyring: store.keyring(), reading: reading() };
            store.read(|conn| record(conn, &reader, &pack, id))
        };
        assert_eq!(one(&feng, 5).unwrap().key, "G5");
        assert!(matches!(one(&pei, 5), Err(StoreError::NotFound)));
        assert!(matches!(one(&feng, 4), Err(StoreError::NotFound)), "a row of the city");
    });
}

#[test]
fn a_row_that_names_a_household_and_its_member_is_one_row() {
    on_each_store(|store| {
        orchards(store);
        let about = |id: i64, household: &'static str, person: &'static str| {
            let sql = match (household, person) {
                ("", _) => "update record set household_id = null where id = $1",
                (_, "") => "update record set person_id = null where id = $1",
                _ => "update record set person_id = 11 where id = $1",
            };
            store
                .write::<_, StoreError>(|tx| {
                    tx.execute(sql, &[id.into()])?;
                    audit(tx, "record")
                })
                .unwrap();
        };
        // Both named, the household alone, the head alone, and the second member.
        for id in [6, 7, 8] {
            orchard(store, id, &format!("G{id}"), FENG_VILLAGE, Some(1));
        }
        about(6, "1", "");
        about(7, "", "10");
        about(8, "1", "11");
        let (pack, scope) = (pack(), officer("320321"));
        let reader = Reader { scope: &scope, keyring: store.keyring(), reading: reading() };
        let found = store.read(|conn| household_records(conn, &reader, &pack, 1)).unwrap();
        assert_eq!(keys(&found), ["G2", "G6", "G7", "G8"]);
    });
}

#[test]
fn a_row_keeps_its_versions() {
    on_each_store(|store| {
        orchards(store);
        store
            .write::<_, StoreError>(|tx| {
                tx.execute("update record set superseded_at = 5 where id = 1", &[])?;
                audit(tx, "record")
            })
            .unwrap();
        orchard(store, 6, "G2", FENG_VILLAGE, Some(1));
        let pack = pack();
        let dataset = pack.dataset("orchard").unwrap();
        let scope = officer("320321");
        let reader = Reader { scope: &scope, keyring: store.keyring(), reading: reading() };
        let found = store.read(|conn| record_versions(conn, &reader, dataset, "G2")).unwrap();
        let versions: Vec<(i64, Option<i64>)> =
            found.iter().map(|version| (version.id, version.superseded_at)).collect();
        assert_eq!(versions, [(6, None), (1, Some(5))]);
    });
}

#[test]
fn sealed_values_moved_to_another_row_do_not_open_there() {
    on_each_store(|store| {
        orchards(store);
        let moving = "update record set sealed = (select sealed from record where id = 1) \
                      where id = 2";
        store
            .write::<_, StoreError>(|tx| {
                tx.execute(moving, &[])?;
                audit(tx, "record")
            })
            .unwrap();
        let pack = pack();
        let scope = officer("320321");
        let reader = Reader { scope: &scope, reading: reading(), keyring: store.keyring() };
        let read = |id| store.read(|conn| record(conn, &reader, &pack, id));
        assert!(read(1).is_ok());
        assert!(matches!(read(2), Err(StoreError::Database(_))));
    });
}
