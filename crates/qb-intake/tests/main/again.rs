//! Files that come again, changed or not, and files that are taken back.

use std::path::Path;

use qb_intake::FileState;
use qb_policy::{Pack, PackSource};
use qb_store::testing::scratch_dir;

use crate::files::{self, Bench, INCOME, csv, households, ledger, number, text, xlsx};

#[test]
fn the_same_file_again_adds_nothing() {
    let bench = Bench::new();
    bench.write("a.csv", csv(&households(5))).import();
    let people = number(&bench.store.store, "select count(*) from person");
    let report = bench.import();
    assert_eq!((report.rows_read, report.people), (0, people.unsigned_abs()));
    assert!(report.files.iter().all(|file| file.state == FileState::Unchanged));
    assert_eq!(number(&bench.store.store, "select count(*) from person_history"), 0);
}

#[test]
fn a_file_is_known_by_its_bytes_though_another_has_its_length() {
    let mut rows = households(5);
    let bench = Bench::new();
    let store = &bench.store.store;
    for income in ["7000", "7001"] {
        rows[0][INCOME] = income.into();
        rows[1][INCOME] = income.into();
        let file = csv(&rows);
        let report = bench.write("a.csv", file.clone()).import();
        assert_eq!(report.files[0].state, FileState::Imported, "{income}");
        let stored = text(store, "select digest from source_file order by id desc limit 1");
        assert_eq!(stored, qb_base::Digest::of(file.as_bytes()).to_string());
        assert_eq!(bench.import().files[0].state, FileState::Unchanged, "{income}");
    }
    assert_eq!(number(store, "select income_reported_fen from household where id = 1"), 700_100);
}

#[test]
fn a_changed_row_replaces_the_old_one_which_moves_to_the_history() {
    let mut rows = households(5);
    let bench = Bench::new();
    bench.write("a.csv", csv(&rows)).import();
    rows[0][INCOME] = "7000".into();
    rows[1][INCOME] = "7000".into();
    rows[1][9] = "初中".into();
    let report = bench.write("a.csv", csv(&rows)).import();
    assert_eq!(
        (report.people, report.households, report.rows_rejected),
        (10, 5, 0),
        "{:?}",
        report.faults
    );
    let store = &bench.store.store;
    assert_eq!(number(store, "select income_reported_fen from household where id = 1"), 700_000);
    assert_eq!(number(store, "select income_reported_fen from household_history"), 560_050);
    assert_eq!(number(store, "select count(*) from person_history"), 1);
    assert_eq!(text(store, "select education from person where id = 2"), "JUNIOR");
    assert_eq!(number(store, "select count(*) from household where scheme is not null"), 5);
    assert_eq!(number(store, "select count(*) from registration_history"), 0);
}

#[test]
fn a_changed_relation_and_registration_leave_the_former_ones_in_their_history() {
    let mut rows = households(2);
    let bench = Bench::new();
    bench.write("a.csv", csv(&rows)).import();
    let store = &bench.store.store;
    rows[0][files::IDENTIFIED] = "2015-03".into();
    rows[1][files::RELATION] = "之子".into();
    let report = bench.write("a.csv", csv(&rows)).import();
    assert_eq!(report.rows_rejected, 0, "{:?}", report.faults);
    let kept = "select relation from membership_history where person_id = 2 and household_id = 1 \
                and superseded_at is not null";
    assert_eq!(text(store, kept), "SPOUSE");
    assert_eq!(text(store, "select relation from person where id = 2"), "SON");
    let current = "select identified_on from household where id = 1 and registered_from = \
                   '2015-03-01'";
    assert_eq!(text(store, current), "2015-03");
    let replaced = "select count(*) from registration_history where household_id = 1 \
                    and superseded_at is not null and identified_on <> '2015-03'";
    assert_eq!(number(store, replaced), 1);
    assert_eq!(number(store, "select count(*) from registration_history"), 1);
    assert_eq!(number(store, "select count(*) from membership_history"), 1);
}

#[test]
fn a_resent_member_joins_the_household_and_erases_nothing() {
    let mut rows = households(2);
    let mut member = rows.remove(1);
    let bench = Bench::new();
    bench.write("登记/a.csv", csv(&rows)).import();
    for column in [INCOME, files::CAUSE, files::MEMBER_COUNT] {
        member[column] = String::new();
    }
    let report = bench.write("登记/补正/a.csv", csv(&[member])).import();
    assert_eq!((report.people, report.rows_rejected), (4, 0), "{:?}", report.faults);
    assert_eq!(
        number(&bench.store.store, "select income_reported_fen from household where id = 1"),
        560_050
    );
    assert_eq!(
        report.fault_counts.iter().filter(|count| count.code == "F12").count(),
        0,
        "{:?}",
        report.faults
    );
}

#[test]
fn households_come_before_what_speaks_of_them_and_corrections_after_the_originals() {
    let bench = Bench::new();
    bench.write("A收入/y.csv", "县,乡镇,行政村,户编号,户主姓名,年度,家庭人口,务工\n睢宁县,沙集镇,东风社区居委会,H000001,张三,2016,2,12000\n");
    let report = bench.write("登记/a.csv", csv(&households(1))).import();
    assert_eq!((report.people, report.rows_rejected), (2, 0), "{:?}", report.faults);
    assert_eq!(number(&bench.store.store, "select amount_fen from income_item"), 1_200_000);
}

#[test]
fn a_ledger_is_read_from_its_form_and_withdrawn_with_its_file() {
    let bench = Bench::new();
    bench.write("村账/2016/睢宁县/东风.xlsx", xlsx(&ledger("东风社区居委会", "160000")));
    bench.write("村账/2016/睢宁县/兴国.xlsx", xlsx(&ledger("兴国社区居委会", "170000")));
    let report = bench.import();
    assert_eq!(report.rows_rejected, 0, "{:?} {:?}", report.files, report.faults);
    let store = &bench.store.store;
    let current = "select count(*) from village_ledger where superseded_at is null";
    assert_eq!(number(store, current), 2);
    assert_eq!(
        number(
            store,
            "select amount_fen from village_ledger_item where ledger_id = 1 and item = 'operating'"
        ) % 1_000_000,
        0
    );
    std::fs::remove_file(bench.folder.join("村账/2016/睢宁县/兴国.xlsx")).unwrap();
    let report = bench.import();
    assert_eq!(report.files.iter().filter(|file| file.state == FileState::Withdrawn).count(), 1);
    assert_eq!(number(store, current), 1);
    bench.write("村账/2016/睢宁县/兴国.xlsx", xlsx(&ledger("兴国社区居委会", "170000"))).import();
    assert_eq!(number(store, current), 2, "the form came back");
    std::fs::remove_file(bench.folder.join("村账/2016/睢宁县/兴国.xlsx")).unwrap();
    bench.import();
    assert_eq!(number(store, current), 1, "and went once more");
}

#[test]
fn a_corrected_ledger_takes_the_place_of_the_old_one() {
    let bench = Bench::new();
    bench.write("a.xlsx", xlsx(&ledger("东风社区居委会", "160000"))).import();
    bench.write("a.xlsx", xlsx(&ledger("东风社区居委会", "18.5万"))).import();
    let sql = "select i.amount_fen from village_ledger l join village_ledger_item i on \
        i.ledger_id = l.id \
               where l.superseded_at is null and i.item = 'operating'";
    assert_eq!(number(&bench.store.store, sql), 18_500_000);
}

/// The pack with two neighbours of its list of schools in each other's place.
fn pack_with_schools_in_another_order() -> Pack {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policy/xuzhou-2016");
    let folder = scratch_dir("pack");
    files::copy(&from, &folder);
    let list = folder.join("codes/education.toml");
    let known = std::fs::read_to_string(&list).unwrap();
    let mut codes: Vec<&str> = known.split("[[code]]").collect();
    codes.swap(2, 3);
    std::fs::write(&list, codes.join("[[code]]")).unwrap();
    let pack = Pack::load(PackSource::Folder(&folder)).unwrap();
    let _ = std::fs::remove_dir_all(&folder);
    pack
}

#[test]
fn another_code_is_a_change_though_it_stands_where_the_old_one_stood_in_its_list() {
    const EDUCATION: usize = 9;
    let mended = pack_with_schools_in_another_order();
    let bench = Bench::new();
    let place = |pack: &Pack, code: &str| {
        let codes = &pack.code_list("education").unwrap().codes;
        codes.iter().position(|known| known.id == code).unwrap()
    };
    assert_eq!(place(&bench.pack, "PRIMARY"), place(&mended, "JUNIOR"));
    let mut rows = households(1);
    bench.write("a.csv", csv(&rows)).import();
    rows[1][EDUCATION] = "初中".into();
    bench.write("a.csv", csv(&rows));
    let store = &bench.store.store;
    files::import_into(store, &mended, &bench.folder);
    assert_eq!(text(store, "select education from person where id = 2"), "JUNIOR");
    assert_eq!(text(store, "select education from person where id = 1"), "PRIMARY");
    assert_eq!(number(store, "select count(*) from person_history"), 1);
}
