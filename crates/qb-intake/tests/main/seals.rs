//! What is kept sealed opens in its own row only: moved to another one, it is an error.

use qb_access::Role;
use qb_base::AreaCode;
use qb_base::keyring::Purpose;
use qb_intake::waiting::{self, Second};
use qb_intake::{Deciding, ImportOptions, fault_workbook, import};
use qb_store::{AuditEntry, Store, StoreError};

use crate::files::{self, Bench, HEAD, ID_NO, csv, households};

/// Changes rows as somebody with the database would.
fn change(store: &Store, sql: &'static str) {
    let entry = AuditEntry {
        actor: "tester",
        action: "test.write",
        object: "seal",
        before: None,
        after: None,
        reason: "a test",
    };
    let changed = store.write::<_, StoreError>(|tx| {
        let changed = tx.execute(sql, &[])?;
        tx.audit(&entry)?;
        Ok(changed)
    });
    assert_eq!(changed.unwrap(), 1);
}

#[test]
fn a_refused_row_in_the_place_of_another_makes_no_workbook() {
    let mut rows = households(3);
    for at in [1, 3] {
        rows[at][ID_NO] = "3.20324E+17".into();
    }
    let bench = Bench::new();
    let report = bench.write("a.csv", csv(&rows)).import();
    assert_eq!(report.rows_rejected, 2, "{:?}", report.faults);
    let store = &bench.store.store;
    fault_workbook(store, &bench.pack, report.run).unwrap();
    change(
        store,
        "update refused_row set cells_sealed = (select cells_sealed from refused_row \
         where row_no = 3) where row_no = 5",
    );
    assert!(fault_workbook(store, &bench.pack, report.run).is_err());
}

#[test]
fn a_piece_of_a_waiting_file_in_the_place_of_another_is_not_taken_in() {
    let survey = "县(市、区),调查年度,调查户数,满意户数,核查户数,识别准确户数,退出准确户数\n";
    let bench = Bench::new();
    for (name, county) in [("甲.csv", "新沂市"), ("乙.csv", "邳州市")] {
        bench.write(name, format!("{survey}{county},2016,381,381,381,381,381\n"));
    }
    let store = &bench.store.store;
    let options = ImportOptions { deciding: Deciding::Wait, ..files::options() };
    let paths = std::slice::from_ref(&bench.folder);
    let run = import(store, &bench.pack, paths, &options, &mut |_| {}).unwrap().run;
    change(
        store,
        "update waiting_piece set sealed = (select sealed from waiting_piece \
         where waiting_file_id = 1) where waiting_file_id = 2",
    );
    let area = AreaCode::parse("3203").unwrap();
    let second = Second { actor: "city".to_owned(), role: Role::CityOfficer, area };
    let told = waiting::confirm(store, &bench.pack, run, &second, &mut |_| {}).unwrap_err();
    assert!(told.to_string().contains("seal"), "{told}");
    let surveys = "select count(*) from record where dataset = 'survey'";
    assert_eq!(files::number(store, surveys), 0);
}

#[test]
fn the_phone_of_a_household_opens_under_its_own_number_only() {
    let mut lines: Vec<String> = csv(&households(2)).lines().map(str::to_owned).collect();
    lines[0] += ",联系电话";
    for line in &mut lines[1..] {
        *line += ",13912345678";
    }
    assert_eq!(lines[0].split(',').count(), HEAD.len() + 1);
    let bench = Bench::new();
    let report = bench.write("a.csv", lines.join("\n") + "\n").import();
    assert_eq!(report.rows_rejected, 0, "{:?}", report.faults);
    let store = &bench.store.store;
    let sql = "select phone_sealed from household where household_no = 'H000001'";
    let sealed = store.read::<_, StoreError>(|conn| conn.query_one(sql, &[], |row| row.blob(0)));
    let sealed = sealed.unwrap();
    let open = |number| store.keyring().open(Purpose::Phone, &[number], &sealed);
    assert_eq!(open("H000001").unwrap(), b"13912345678");
    assert!(open("H000002").is_err());
}
