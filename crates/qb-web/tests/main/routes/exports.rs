//! Lists leave whole, as the reader may read them, and the taking out is recorded.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use qb_access::Role;
use qb_base::Digest;
use qb_policy::Column;
use qb_store::StoreError;

use crate::client::{Answer, get, post, sought};
use crate::world::{
    CANARY_NAME, HOUSEHOLDS_OWN, OWN_TOWN, OWN_VILLAGE, World, entry, household_no,
};

fn lines(answer: &Answer) -> Vec<&str> {
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body.trim_start_matches('\u{feff}').lines().collect()
}

#[test]
fn the_register_of_a_village_leaves_whole_and_with_a_reason() {
    let world = World::make();
    let clerk = world.sign_in(Role::TownClerk, OWN_TOWN);
    let address = format!("/households/export?area={OWN_VILLAGE}");
    assert_eq!(post(&world.router, &address, Some(&clerk), &[]).status, 422);
    let taken = post(&world.router, &address, Some(&clerk), &[("reason", "入户核查")]);
    let rows = lines(&taken);
    assert_eq!(rows.len() as i64, HOUSEHOLDS_OWN + 1, "a head and every household");
    assert!(rows.iter().any(|row| row.contains(&household_no(1)) && row.contains(CANARY_NAME)));
    let newest = world.store().audit_newest(1).unwrap();
    assert_eq!(
        (newest[0].action.as_str(), newest[0].reason.as_str()),
        ("record.export", "入户核查")
    );
    assert!(newest[0].object.contains("120 rows, 120 persons, csv"), "{}", newest[0].object);
    assert_eq!(newest[0].after, Some(Digest::of(taken.body.as_bytes()).to_string()));
    // Who counts and checks reads no full name, and says why as everybody does.
    let auditor = world.sign_in(Role::Auditor, OWN_TOWN);
    for filler in ["", "x", "1234", "工作需要"] {
        let refused = post(&world.router, &address, Some(&auditor), &[("reason", filler)]);
        assert_eq!(refused.status, 422, "{filler}");
    }
    let masked = post(&world.router, &address, Some(&auditor), &[("reason", "核对名册")]);
    assert!(!lines(&masked).iter().any(|row| row.contains(CANARY_NAME)));
}

#[test]
fn every_list_about_persons_leaves_with_a_reason_and_says_how_many() {
    let world = World::make_listed();
    let officer = world.sign_in(Role::CountyOfficer, "320381");
    let (mut about_persons, mut about_others) = (0, 0);
    for dataset in &world.pack.datasets {
        let address = format!("/records/{}/export", dataset.id);
        let take = |fields: &[(&str, &str)]| post(&world.router, &address, Some(&officer), fields);
        let names_person = |column: &Column| {
            ["household_no", "person_no", "id_no"].contains(&&*column.id) || column.is_sealed()
        };
        let names_persons = dataset.columns.iter().any(names_person);
        if names_persons {
            assert_eq!(take(&[]).status, 422, "{address}");
        }
        let taken = take(&[("reason", "核对全县台账")]);
        if taken.status == 404 {
            continue; // Another role reads it.
        }
        let rows = lines(&taken).len() - 1;
        let newest = &world.store().audit_newest(1).unwrap()[0];
        assert_eq!((&*newest.action, &*newest.reason), ("record.export", "核对全县台账"));
        let persons = if names_persons { rows } else { 0 };
        let said = format!("{rows} rows, {persons} persons, csv");
        assert!(newest.object.ends_with(&said), "{}: not {said}", newest.object);
        about_persons += usize::from(names_persons && rows > 0);
        about_others += usize::from(!names_persons && rows > 0);
    }
    assert!(about_persons > 10 && about_others > 10, "{about_persons} {about_others}");
    let free = post(&world.router, "/records/project/export", Some(&officer), &[]);
    assert!(lines(&free).len() > 1);
    assert_eq!(world.store().audit_newest(1).unwrap()[0].reason, "list without persons");
}

#[test]
fn what_the_filter_hides_does_not_leave() {
    let world = World::shared();
    let clerk = world.sign_in(Role::TownClerk, OWN_TOWN);
    let found = sought(&world.router, "/households", &clerk, &household_no(7));
    let address = found.replace("/households?", "/households/export?");
    let taken = post(&world.router, &address, Some(&clerk), &[("reason", "入户核查")]);
    assert_eq!(lines(&taken).len(), 2);
    assert!(lines(&taken)[1].starts_with(&household_no(7)));
}

#[test]
fn cases_coverage_figures_and_promises_leave_as_files() {
    let world = World::make_listed();
    let clerk = world.sign_in(Role::TownClerk, OWN_TOWN);
    let take =
        |address: &str| post(&world.router, address, Some(&clerk), &[("reason", "入户核查")]);
    let cases = take("/cases/export");
    assert!(lines(&cases).len() > 1, "{}", cases.body);
    let missing = take("/coverage/household.helper/export");
    assert_eq!(lines(&missing).len() as i64, HOUSEHOLDS_OWN + 1, "the only pairing has ended");
    let leader = world.sign_in(Role::Leader, "3203");
    for (address, rows) in [("/assessment?csv=ranks", 2), ("/funds?csv=budgets", 2)] {
        let taken = get(&world.router, address, Some(&leader));
        assert!(lines(&taken).len() >= rows && taken.body.contains(','), "{}", taken.body);
        assert!(taken.headers["content-type"].to_str().unwrap().starts_with("text/csv"));
    }
    for address in ["/figures/G08/export", "/tasks/export", "/villages/export"] {
        assert!(!lines(&take(address)).is_empty(), "{address}");
    }
}

#[test]
fn a_list_is_a_workbook_of_text_cells_in_which_long_numbers_stay_and_nothing_is_computed() {
    let world = World::make();
    let formula = "=HYPERLINK(\"x\")";
    world
        .store()
        .write::<_, StoreError>(|tx| {
            tx.execute("update person set name = $1 where id = 1", &[formula.into()])?;
            tx.audit(&entry("test.name"))
        })
        .unwrap();
    let clerk = world.sign_in(Role::TownClerk, OWN_TOWN);
    let fields = [("reason", "入户核查"), ("format", "xlsx")];
    let address = format!("/households/export?area={OWN_VILLAGE}");
    let taken = post(&world.router, &address, Some(&clerk), &fields);
    assert_eq!(taken.status, 200, "{}", taken.body);
    let name = taken.headers["content-disposition"].to_str().unwrap();
    assert!(name.contains(".xlsx") && taken.headers["cache-control"] == "no-store", "{name}");
    assert_eq!(taken.headers["content-length"].to_str().unwrap(), taken.bytes.len().to_string());
    let newest = &world.store().audit_newest(1).unwrap()[0];
    assert!(newest.object.ends_with("120 rows, 120 persons, xlsx"), "{}", newest.object);
    assert_eq!(newest.after, Some(Digest::of(&taken.bytes).to_string()));
    let mut book = Xlsx::new(Cursor::new(taken.bytes)).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    assert_eq!(sheet.height() as i64, HOUSEHOLDS_OWN + 1);
    let number = sheet.get_value((1, 0)).unwrap();
    assert_eq!(number, &Data::String(household_no(1)), "a number of 18 digits is text");
    assert_eq!(sheet.get_value((1, 1)).unwrap(), &Data::String(formula.to_owned()));
    assert_eq!(sheet.get_value((1, 3)).unwrap(), &Data::Float(2.0), "quantities are numbers");
    assert!(book.worksheet_formula("Sheet1").unwrap().is_empty());
    let left = std::fs::read_dir(world.store().place().dir.path().join("leaving")).unwrap();
    assert_eq!(left.count(), 0, "nothing of a list stays behind");
}
