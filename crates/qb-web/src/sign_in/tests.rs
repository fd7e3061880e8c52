use qb_base::AreaCode;
use qb_store::testing::on_each_store;

use super::*;
use crate::accounts::{NewAccount, create};
use crate::caller::Proxies;
use crate::session;

#[test]
fn waiting_begins_after_five_failures_and_doubles_up_to_an_hour() {
    let waits: Vec<i64> = [4, 5, 6, 7].into_iter().map(wait_after).collect();
    assert_eq!(waits, [0, 30_000, 60_000, 120_000]);
    assert_eq!([1_000, i64::MAX].map(wait_after), [WAIT_MS_MAX; 2]);
}

#[test]
fn an_address_costs_time_after_fifteen_failures_and_never_more_than_seconds() {
    let costs = [0, 14, 15, 19, 20, 25].map(|n| cost_after(n).as_millis());
    assert_eq!(costs, [0, 0, 250, 250, 500, 1_000]);
    assert_eq!(cost_after(i64::MAX).as_millis(), 8_000);
}

#[test]
fn the_chain_tells_of_fifty_failures_and_of_each_doubling() {
    let told: Vec<i64> = (0..500).filter(|n| is_alert(*n)).collect();
    assert_eq!(told, [50, 100, 200, 400]);
}

fn came(store: &Store, password: &str, device: Option<&str>) -> Outcome {
    let caller = Proxies::default().caller(None, &axum::http::HeaderMap::new());
    check(store, "clerk", password, &Source { caller, device }).unwrap().0
}

#[test]
fn tries_are_counted_forgotten_and_removed_on_both_stores() {
    on_each_store(|store| {
        let area = AreaCode::parse("3203").unwrap();
        let (login, role) = ("clerk", Role::CityOfficer);
        let account = NewAccount { login, display_name: login, role, area, subject: None };
        let password = create(store, "test", &account).unwrap();
        for _ in 0..FREE_TRIES - 1 {
            assert!(matches!(came(store, "no", None), Outcome::Wrong));
        }
        let Outcome::Welcome(welcome) = came(store, &password, None) else { panic!("refused") };
        store
            .write::<_, StoreError>(|tx| {
                succeed(tx, store, &welcome, "device")?;
                tx.audit(&audit_entry("test", "test.open", "test", "test"))
            })
            .unwrap();
        for _ in 0..FREE_TRIES {
            assert!(matches!(came(store, "no", None), Outcome::Wrong));
        }
        assert!(matches!(came(store, &password, None), Outcome::Wait { seconds: 1..=30 }));
        assert!(matches!(came(store, &password, Some("device")), Outcome::Welcome(_)));
        assert!(!clean(store).unwrap(), "nothing is old");
        store
            .write::<_, StoreError>(|tx| {
                tx.execute("update sign_in_try set last_at = 1", &[])?;
                tx.audit(&audit_entry("test", "test.age", "test", "test"))
            })
            .unwrap();
        assert!(clean(store).unwrap());
        assert!(matches!(came(store, &password, None), Outcome::Welcome(_)));
        assert_eq!(session::clean(store, &session::LastSeen::default()).unwrap(), 0);
    });
}
