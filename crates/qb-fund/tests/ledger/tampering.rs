//! Changes past the program: refused by the store, and found by the verification where somebody
//! took the guard away.

use qb_fund::model::LedgerReport;
use qb_store::testing::on_each_store;
use qb_store::{Store, StoreError};

use crate::fixture::{RULES, apply, audit, programme};

fn try_sql(store: &Store, sql: &'static str) -> Result<u64, StoreError> {
    store.write(|tx| {
        let changed = tx.execute(sql, &[])?;
        audit(tx)?;
        Ok(changed)
    })
}

/// Changes the tables as somebody would who owns the database.
fn tamper(store: &Store, statements: &[&'static str]) {
    let guards: &[&'static str] = if store.read::<_, StoreError>(|c| Ok(c.is_sqlite())).unwrap() {
        &[
            "drop trigger ledger_entry_no_update",
            "drop trigger ledger_entry_no_delete",
            "drop trigger ledger_posting_no_update",
            "drop trigger ledger_posting_no_delete",
        ]
    } else {
        &[
            "drop trigger ledger_entry_append_only on ledger_entry",
            "drop trigger ledger_posting_append_only on ledger_posting",
        ]
    };
    for sql in guards.iter().chain(statements) {
        try_sql(store, sql).unwrap();
    }
}

fn verified_after(store: &Store, statements: &[&'static str]) -> LedgerReport {
    programme(store);
    apply(store);
    tamper(store, statements);
    qb_fund::verify(store, &RULES).unwrap()
}

/// Entries and accounts named by a report.
fn places(report: &LedgerReport) -> Vec<(Option<i64>, Option<&str>)> {
    report.broken.iter().map(|broken| (broken.entry, broken.account.as_deref())).collect()
}

#[test]
fn the_store_refuses_to_change_or_delete_an_entry_or_a_posting() {
    on_each_store(|store| {
        programme(store);
        apply(store);
        for sql in [
            "update ledger_posting set amount_fen = 1 where entry_id = 1",
            "delete from ledger_posting where entry_id = 1",
            "update ledger_entry set on_day = '2017-01-01'",
            "delete from ledger_entry where id = 1",
        ] {
            assert!(try_sql(store, sql).is_err(), "{sql}");
        }
        assert_eq!(qb_fund::verify(store, &RULES).unwrap().broken, vec![]);
    });
}

#[test]
fn the_store_refuses_a_balance_below_its_floor() {
    on_each_store(|store| {
        programme(store);
        apply(store);
        let sql = "update ledger_balance set balance_fen = -1 where floor_fen = 0";
        assert!(matches!(try_sql(store, sql), Err(StoreError::Constraint(_))));
    });
}

#[test]
fn a_changed_posting_is_found_with_its_entry() {
    on_each_store(|store| {
        let sql = "update ledger_posting set amount_fen = amount_fen - 1 \
                   where entry_id = 2 and seq = 2";
        let report = verified_after(store, &[sql]);
        assert_eq!(report.broken[0].entry, Some(2));
        assert!(report.broken[0].what.en.contains("-1 fen"));
    });
}

#[test]
fn a_change_that_keeps_the_sums_is_found_too() {
    on_each_store(|store| {
        // One yuan more to 丰县 and one less to 沛县, balances corrected to match.
        let report = verified_after(
            store,
            &[
                "update ledger_posting set amount_fen = amount_fen + 100 \
                 where entry_id = 2 and seq = 2",
                "update ledger_posting set amount_fen = amount_fen - 100 \
                 where entry_id = 2 and seq = 1",
                "update ledger_balance set balance_fen = balance_fen + 100 where account_id = \
                 (select account_id from ledger_posting where entry_id = 2 and seq = 2)",
                "update ledger_balance set balance_fen = balance_fen - 100 where account_id = \
                 (select account_id from ledger_posting where entry_id = 2 and seq = 1)",
            ],
        );
        assert_eq!(places(&report), [(Some(2), None)]);
    });
}

#[test]
fn a_removed_entry_is_found_at_the_one_after_it() {
    on_each_store(|store| {
        let report = verified_after(
            store,
            &[
                "delete from ledger_posting where entry_id = 5",
                "delete from ledger_entry where id = 5",
            ],
        );
        assert_eq!(report.broken[0].entry, Some(6));
    });
}

#[test]
fn a_cut_tail_is_found_by_the_audit() {
    on_each_store(|store| {
        let report = verified_after(
            store,
            &[
                "delete from ledger_posting where entry_id = 6",
                "delete from ledger_entry where id = 6",
            ],
        );
        assert_eq!(places(&report)[0], (None, None));
    });
}

#[test]
fn a_changed_balance_is_found_with_its_account() {
    on_each_store(|store| {
        let sql = "update ledger_balance set balance_fen = balance_fen + 1 where account_id = \
                   (select id from ledger_account where code = 'project:X')";
        let report = verified_after(store, &[sql]);
        assert_eq!(places(&report), [(None, Some("project:X"))]);
    });
}

#[test]
fn a_changed_purpose_is_found_with_its_account() {
    on_each_store(|store| {
        let sql = "update ledger_account set purpose = 'ROADS' where code = 'budget:B1'";
        let report = verified_after(store, &[sql]);
        assert_eq!(places(&report), [(None, Some("budget:B1"))]);
    });
}

#[test]
fn an_overdraft_under_a_floor_that_was_taken_away_is_found_with_its_account() {
    on_each_store(|store| {
        let sql = "update ledger_balance set floor_fen = null where account_id = \
                   (select id from ledger_account where code = 'budget:B1')";
        let report = verified_after(store, &[sql]);
        assert_eq!(places(&report), [(None, Some("budget:B1"))]);
        assert!(report.broken[0].what.en.contains("floor"));
    });
}
