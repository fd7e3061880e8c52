//! Rows that people type: the same rules as in a file, and nothing written where one is broken.

use qb_base::AreaCode;
use qb_intake::entry::{Typed, TypedRow, enter};
use qb_intake::{ImportOptions, queries};
use qb_policy::Pack;
use qb_store::Store;
use qb_store::testing::{on_each_store, scratch_dir};

use crate::files::{number, text};
use crate::records::{ALL, CURRENT, pack, register};

/// The row `G1` with other values where they are given.
fn values(others: &[(&str, &str)]) -> Vec<(String, String)> {
    let usual = [
        ("orchard_no", "G1"),
        ("county", "丰县"),
        ("town", "中阳里街道"),
        ("village", "刘邦店村委会"),
        ("tree", "苹果"),
        ("trees", "12"),
    ];
    let other = |id: &str| others.iter().find(|(other, _)| *other == id);
    let changed = usual.iter().map(|(id, value)| other(id).copied().unwrap_or((id, value)));
    let added = others.iter().filter(|(id, _)| usual.iter().all(|(known, _)| known != id));
    changed.chain(added.copied()).map(|(id, value)| (id.to_owned(), value.to_owned())).collect()
}

fn type_in(
    store: &Store,
    pack: &Pack,
    (token, replaces): (&str, Option<i64>),
    others: &[(&str, &str)],
) -> Typed {
    type_within(store, pack, (token, replaces), others, None)
}

fn type_within(
    store: &Store,
    pack: &Pack,
    (token, replaces): (&str, Option<i64>),
    others: &[(&str, &str)],
    within: Option<&str>,
) -> Typed {
    let (dataset, folder) = (pack.dataset("orchard").unwrap(), scratch_dir("typed"));
    let values = values(others);
    let row = TypedRow { dataset, values: &values, replaces, token };
    let within = within.map(|code| AreaCode::parse(code).unwrap());
    let options = ImportOptions { actor: "tester".into(), within, ..ImportOptions::default() };
    let outcome = enter(store, pack, &row, &folder, &options).unwrap();
    assert_eq!(std::fs::read_dir(&folder).map_or(0, Iterator::count), 0, "nothing stays behind");
    let _ = std::fs::remove_dir_all(&folder);
    outcome
}

fn kept(outcome: Typed) -> i64 {
    match outcome {
        Typed::Kept(id) => id,
        other => panic!("{other:?}"),
    }
}

fn refused(outcome: Typed) -> Vec<String> {
    match outcome {
        Typed::Refused(faults) => {
            let each = faults.into_iter();
            each.map(|fault| {
                assert!(!fault.message.zh.is_empty() && !fault.remedy.en.is_empty());
                fault.column.unwrap_or_default()
            })
            .collect()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_typed_row_is_kept_with_a_file_and_a_line_of_its_own() {
    on_each_store(|store| {
        let pack = pack();
        let id = kept(type_in(store, &pack, ("a1", None), &[]));
        assert_eq!(number(store, CURRENT), 1);
        let fields = text(store, "select fields from record where record_key = 'G1'");
        assert_eq!(fields, "{\"orchard_no\":\"G1\",\"tree\":\"APPLE\",\"trees\":12}");
        let sql = "select f.name from record r join source_file f on f.id = r.source_file_id";
        assert_eq!(text(store, sql), "orchard-a1.csv");
        assert_eq!(number(store, "select id from record"), id);
        let whole = pack.area;
        let scope = qb_access::Scope::new(qb_access::Role::CityOfficer, whole);
        let listed = store.read(|conn| queries::runs(conn, &scope, whole, 10)).unwrap();
        assert!(listed.is_empty(), "a list of imports does not hold single rows");
    });
}

#[test]
fn a_row_that_breaks_a_rule_is_refused_under_its_column_and_nothing_is_written() {
    on_each_store(|store| {
        let pack = pack();
        let mut token = 0;
        for (column, value) in
            [("orchard_no", ""), ("tree", "竹子"), ("trees", "许多"), ("village", "没有这个村")]
        {
            token += 1;
            let outcome = type_in(store, &pack, (&format!("b{token}"), None), &[(column, value)]);
            assert_eq!(refused(outcome), [column], "{column} {value}");
        }
        let outside = type_within(store, &pack, ("b9", None), &[], Some("320322"));
        assert_eq!(refused(outside), ["village"], "a place where the person does not work");
        assert_eq!(number(store, ALL), 0);
        assert_eq!(number(store, "select count(*) from import_run"), 0);
    });
}

#[test]
fn a_household_that_is_unknown_or_elsewhere_is_refused() {
    on_each_store(|store| {
        register(store);
        let pack = pack();
        let unknown = type_in(store, &pack, ("c1", None), &[("household_no", "H8")]);
        assert_eq!(refused(unknown), ["household_no"]);
        let known = [("household_no", "H7")];
        kept(type_within(store, &pack, ("c2", None), &known, Some("320321")));
        assert_eq!(number(store, "select household_id from record"), 7);
    });
}

#[test]
fn a_correction_takes_the_place_of_the_row_that_was_seen_and_of_no_other() {
    on_each_store(|store| {
        let pack = pack();
        let first = kept(type_in(store, &pack, ("d1", None), &[]));
        let again = type_in(store, &pack, ("d2", None), &[("trees", "13")]);
        assert_eq!(again, Typed::Taken(first), "a new row does not overwrite one that exists");
        let second = kept(type_in(store, &pack, ("d3", Some(first)), &[("trees", "13")]));
        assert_ne!(second, first);
        let late = type_in(store, &pack, ("d4", Some(first)), &[("trees", "14")]);
        assert_eq!(late, Typed::Taken(second), "somebody else was quicker");
        let back = kept(type_in(store, &pack, ("d5", Some(second)), &[]));
        assert_eq!((number(store, CURRENT), number(store, ALL)), (1, 3), "back to 12 is a change");
        let same = kept(type_in(store, &pack, ("d6", Some(back)), &[]));
        assert_eq!((same, number(store, ALL)), (back, 3), "what changes nothing adds nothing");
    });
}

#[test]
fn what_a_file_could_mistake_for_structure_stays_a_value() {
    on_each_store(|store| {
        let pack = pack();
        let odd = "G\"1,\n甲;合计";
        kept(type_in(store, &pack, ("e1", None), &[("orchard_no", odd)]));
        let key = text(store, "select record_key from record");
        assert_eq!(key, "G\"1, 甲;合计");
    });
}

#[test]
fn of_two_people_who_save_one_row_at_once_the_second_is_told() {
    on_each_store(|store| {
        let pack = pack();
        let first = kept(type_in(store, &pack, ("f0", None), &[]));
        let mut seen = first;
        for round in 0..8 {
            let barrier = std::sync::Barrier::new(2);
            let save = |who: &str| {
                let token = format!("f{round}{who}");
                let trees = format!("{}", 20 + round * 2 + usize::from(who == "b"));
                barrier.wait();
                type_in(store, &pack, (&token, Some(seen)), &[("trees", &trees)])
            };
            let outcomes = std::thread::scope(|scope| {
                let other = scope.spawn(|| save("b"));
                [save("a"), other.join().unwrap()]
            });
            let kept = outcomes.iter().filter(|outcome| matches!(outcome, Typed::Kept(_))).count();
            assert_eq!(kept, 1, "{outcomes:?}");
            let told = |outcome: &Typed| match outcome {
                Typed::Kept(id) | Typed::Taken(id) => *id,
                other => panic!("{other:?}"),
            };
            // The one who was told is shown the row of the one who was quicker.
            assert_eq!(told(&outcomes[0]), told(&outcomes[1]));
            seen = told(&outcomes[0]);
        }
        assert_eq!((number(store, CURRENT), number(store, ALL)), (1, 9));
    });
}

#[test]
fn a_typed_row_does_not_take_the_number_of_another_county() {
    on_each_store(|store| {
        let pack = pack();
        kept(type_in(store, &pack, ("g1", None), &[]));
        let place = [("county", "沛县"), ("town", "安国镇"), ("village", "陈油坊村委会")];
        let outcome = type_within(store, &pack, ("g2", None), &place, Some("320322"));
        assert_eq!(refused(outcome), [""], "it hears that the number is used, and not where");
        assert_eq!((number(store, CURRENT), number(store, ALL)), (1, 1));
        assert_eq!(number(store, "select answers from elsewhere_answer"), 1);
    });
}
