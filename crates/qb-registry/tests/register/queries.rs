use qb_access::{Role, Scope};
use qb_registry::model::{HouseholdFilter, Keyset};
use qb_registry::queries::{
    household, household_count, households, persons, reveal_id, village_totals,
};
use qb_store::testing::on_each_store;
use qb_store::{Store, StoreError};

use crate::fixture::{FENG_VILLAGE, PEI_VILLAGE, area, begin_and_end, officer, register};

fn ids(store: &Store, scope: &Scope, code: &str, filter: &HouseholdFilter) -> Vec<i64> {
    let page =
        store.read(|conn| households(conn, scope, area(code), 0, filter, &Keyset::default(), 100));
    page.unwrap().iter().map(|line| line.id).collect()
}

#[test]
fn a_list_holds_the_households_of_the_area_and_no_others() {
    on_each_store(|store| {
        register(store);
        let all = HouseholdFilter::default();
        assert_eq!(ids(store, &Scope::system(), "3203", &all), [1, 2, 3, 4, 5]);
        assert_eq!(ids(store, &officer("320321"), "320321", &all), [1, 2, 3]);
        assert_eq!(ids(store, &officer("320321"), FENG_VILLAGE, &all), [1, 2, 3]);
    });
}

#[test]
fn a_household_that_went_into_another_is_in_no_list_and_keeps_its_page() {
    on_each_store(|store| {
        register(store);
        begin_and_end(store, "2016-09-01");
        let (scope, all) = (officer("320321"), HouseholdFilter::default());
        assert_eq!(ids(store, &scope, "320321", &all), [1, 3]);
        let county = area("320321");
        let count = store.read(|conn| household_count(conn, &scope, county, 0, &all));
        assert_eq!(count.unwrap(), 2);
        let totals = store.read(|conn| village_totals(conn, &scope)).unwrap();
        assert_eq!(totals.iter().map(|total| total.households).sum::<i64>(), 2);
        let page = store.read(|conn| household(conn, &scope, 2)).unwrap();
        let life = page.life.as_ref().unwrap();
        assert!(page.is_over() && life.into.as_ref().is_some_and(|(id, _)| *id == 3));
        assert_eq!(life.from.as_ref().map(|(id, _)| *id), Some(1));
    });
}

#[test]
fn a_household_with_two_heads_is_one_line_and_one_of_the_total() {
    on_each_store(|store| {
        register(store);
        store
            .write::<_, StoreError>(|tx| {
                tx.execute("update person set relation = 'HEAD' where household_id = 2", &[])?;
                crate::fixture::audit(tx, "person")
            })
            .unwrap();
        let (scope, all) = (officer("320321"), HouseholdFilter::default());
        assert_eq!(ids(store, &scope, "320321", &all), [1, 2, 3]);
        let county = area("320321");
        let count = store.read(|conn| household_count(conn, &scope, county, 0, &all));
        assert_eq!(count.unwrap(), 3);
        let page = store
            .read(|conn| households(conn, &scope, county, 0, &all, &Keyset::default(), 100))
            .unwrap();
        assert_eq!(page[1].head_name.as_deref(), Some("欧阳大山"), "the first of them");
    });
}

#[test]
fn masked_roles_read_the_year_of_birth() {
    on_each_store(|store| {
        register(store);
        let born = |role| {
            let scope = Scope::new(role, area("320321"));
            let found = store.read(|conn| household(conn, &scope, 1)).unwrap();
            let listed = store.read(|conn| persons(conn, &scope, &[10])).unwrap();
            assert_eq!(found.members[0].birth_on, listed[0].birth_on);
            found.members[0].birth_on.clone()
        };
        assert_eq!(born(Role::CountyOfficer).as_deref(), Some("1950-05-01"));
        assert_eq!(born(Role::Auditor).as_deref(), Some("1950"));
    });
}

#[test]
fn an_area_outside_the_scope_does_not_exist() {
    on_each_store(|store| {
        register(store);
        let feng = officer("320321");
        for code in ["320322", PEI_VILLAGE, "3203"] {
            let page = store.read(|conn| {
                let filter = HouseholdFilter::default();
                households(conn, &feng, area(code), 0, &filter, &Keyset::default(), 10)
            });
            assert!(matches!(page, Err(StoreError::NotFound)), "{code}");
        }
        let foreign = store.read(|conn| household(conn, &feng, 4));
        assert!(matches!(foreign, Err(StoreError::NotFound)));
    });
}

#[test]
fn pages_follow_one_another_without_gap_or_repetition() {
    on_each_store(|store| {
        register(store);
        let (scope, filter) = (Scope::system(), HouseholdFilter::default());
        let mut after = Keyset::default();
        let mut seen = Vec::new();
        loop {
            let page = store
                .read(|conn| households(conn, &scope, area("3203"), 0, &filter, &after, 2))
                .unwrap();
            let Some(last) = page.last() else { break };
            after = Keyset { area_code: last.area_code.clone(), id: last.id };
            seen.extend(page.iter().map(|line| line.id));
        }
        assert_eq!(seen, [1, 2, 3, 4, 5]);
    });
}

#[test]
fn a_search_finds_by_number_and_by_the_name_of_any_member() {
    on_each_store(|store| {
        register(store);
        let search = |text: &str| HouseholdFilter {
            search: Some(text.to_owned()),
            ..HouseholdFilter::default()
        };
        let scope = Scope::system();
        assert_eq!(ids(store, &scope, "3203", &search("H000004")), [4]);
        assert_eq!(ids(store, &scope, "3203", &search("欧阳 小山")), [2]);
        assert_eq!(ids(store, &scope, "3203", &search("无此人")), [] as [i64; 0]);
        let count = store
            .read(|conn| household_count(conn, &scope, area("3203"), 0, &search("H00000")))
            .unwrap();
        assert_eq!(count, 5);
    });
}

#[test]
fn names_are_masked_unless_the_scope_reveals_them() {
    on_each_store(|store| {
        register(store);
        let page = store.read(|conn| household(conn, &Scope::system(), 1)).unwrap();
        assert!(page.members.iter().all(|member| member.name == "张**"), "{:?}", page.members);
    });
}

#[test]
fn a_household_comes_with_head_first_incomes_and_registration() {
    on_each_store(|store| {
        register(store);
        let found = store.read(|conn| household(conn, &officer("320322"), 4)).unwrap();
        assert_eq!(found.members[0].relation.as_deref(), Some("HEAD"));
        assert_eq!(found.members.len(), 2);
        assert_eq!(found.statements[0].items[0].1.fen(), 800_000);
        assert_eq!(found.registrations[0].exit_year, Some(2016));
    });
}

#[test]
fn looking_at_a_number_in_full_leaves_an_audit_row_with_the_reason() {
    on_each_store(|store| {
        register(store);
        let clerk = Scope::new(Role::VillageClerk, area(FENG_VILLAGE));
        let shown = reveal_id(store, &clerk, "clerk", 10, "核对医保名单").unwrap();
        assert!(shown.starts_with("1101") && shown.ends_with("002X"));
        let row = &store.audit_newest(1).unwrap()[0];
        assert_eq!((row.action.as_str(), row.object.as_str()), ("id.reveal", "10"));
        assert_eq!(row.reason, "核对医保名单");
        let foreign = reveal_id(store, &clerk, "clerk", 40, "好奇");
        assert!(matches!(foreign, Err(StoreError::NotFound)));
    });
}

#[test]
fn a_sealed_number_moved_to_another_person_does_not_open_there() {
    on_each_store(|store| {
        register(store);
        let moving = "update person set id_sealed = (select id_sealed from person where id = 10) \
                      where id = 11";
        store
            .write::<_, StoreError>(|tx| {
                tx.execute(moving, &[])?;
                crate::fixture::audit(tx, "person")
            })
            .unwrap();
        let clerk = Scope::new(Role::VillageClerk, area(FENG_VILLAGE));
        let read = |person| reveal_id(store, &clerk, "clerk", person, "核对医保名单");
        assert!(matches!(read(11), Err(StoreError::Database(_))));
        assert!(read(10).unwrap().ends_with("002X"));
    });
}
