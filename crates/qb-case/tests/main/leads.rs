//! Leads that a run finds become cases once, with their clock, and no person is named.

use qb_case::CaseError;
use qb_case::commands::{Leads, open_leads};
use qb_policy::Opens;
use qb_store::testing::on_each_store;
use qb_store::{AuditEntry, Store, StoreError};

use crate::common::{VILLAGE, day, machines, pack};

/// What the pack of the programme opens for households above the alert share.
fn opens() -> &'static Opens {
    let mut leading = pack().coverages.iter().filter_map(|coverage| coverage.opens.as_ref());
    leading.next().expect("a coverage that opens cases")
}

fn households(store: &Store, ids: &[i64]) {
    store
        .write::<_, StoreError>(|tx| {
            for id in ids {
                let number = format!("H{id}");
                tx.execute(
                    "insert into household (id, household_no, area_code, valid_from, recorded_at, \
                     source_file_id, source_row, row_digest) \
                     values ($1, $2, $3, '2016-01-01', 1, 1, 1, 1)",
                    &[(*id).into(), (&number).into(), VILLAGE.into()],
                )?;
            }
            tx.audit(&AuditEntry {
                actor: "tester",
                action: "test.write",
                object: "register",
                before: None,
                after: None,
                reason: "a test",
            })
        })
        .unwrap();
}

fn open(store: &Store, opens: &Opens, households: &[i64]) -> Result<u64, CaseError> {
    let leads = Leads { opens, found_by: "alert · 1", on: day("2016-05-03"), households };
    open_leads(store, machines(), "tester", &leads)
}

#[test]
fn each_household_gets_one_case_whose_clock_runs() {
    on_each_store(|store| {
        households(store, &[1, 2, 3]);
        assert_eq!(open(store, opens(), &[1, 2]).unwrap(), 2);
        assert_eq!(open(store, opens(), &[1, 2, 3]).unwrap(), 1, "those that run stay");
        assert_eq!(open(store, opens(), &[9]).unwrap(), 0, "nobody of that number");
        let sql = "select f.subject, f.state, f.due_on, e.actor is null, e.reason \
                   from case_file f join case_event e on e.case_id = f.id order by f.id";
        let found = store.read::<_, StoreError>(|conn| {
            conn.query(sql, &[], |row| {
                let due = row.text_opt(2)?.unwrap_or_default();
                Ok((row.text(0)?, row.text(1)?, due, row.bool(3)?, row.text(4)?))
            })
        });
        let line = |number: &str| {
            let (state, due) = ("LEAD".to_owned(), "2016-05-18".to_owned());
            (number.to_owned(), state, due, true, "alert · 1".to_owned())
        };
        assert_eq!(found.unwrap(), [line("H1"), line("H2"), line("H3")]);
        assert!(store.audit_verify(None).unwrap().broken.is_none());
        assert_eq!(qb_case::verify(store, machines()).unwrap(), []);
    });
}

#[test]
fn a_step_that_opens_nothing_is_refused_and_nothing_is_written() {
    on_each_store(|store| {
        households(store, &[1]);
        let verify = Opens { transition: "verify".to_owned(), ..opens().clone() };
        assert!(matches!(open(store, &verify, &[1]), Err(CaseError::Refused(_))));
        let unknown = Opens { machine: "none".to_owned(), ..opens().clone() };
        assert!(matches!(open(store, &unknown, &[1]), Err(CaseError::Unknown(_))));
        let sql = "select count(*) from case_file";
        let cases = store.read::<_, StoreError>(|conn| conn.query_one(sql, &[], |row| row.int(0)));
        assert_eq!(cases.unwrap(), 0);
    });
}
