use super::*;

#[test]
fn a_session_ends_after_half_an_hour_without_a_request() {
    let seen = LastSeen::default();
    assert!(seen.touch("a", 0, IDLE_MS_MAX));
    assert!(seen.touch("a", 0, 2 * IDLE_MS_MAX));
    assert!(!seen.touch("a", 0, 3 * IDLE_MS_MAX + 1));
}

#[test]
fn a_restart_may_end_a_session_but_not_prolong_it() {
    let after_restart = LastSeen::default();
    assert!(!after_restart.touch("a", 1_000, 1_001 + IDLE_MS_MAX));
}

#[test]
fn a_session_nobody_uses_is_over_and_one_in_use_is_not() {
    let seen = LastSeen::default();
    assert!(seen.touch("used", 0, IDLE_MS_MAX));
    let stored = |name: &str, at| (name.to_owned(), at);
    let sessions = vec![stored("used", 0), stored("left", 0), stored("new", IDLE_MS_MAX)];
    let idle = seen.idle(sessions, IDLE_MS_MAX + 1);
    assert_eq!(idle, HashSet::from(["left".to_owned()]));
}

#[test]
fn a_panic_under_the_lock_ends_no_session() {
    let seen = LastSeen::default();
    let broken = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _held = seen.0.lock();
        panic!("breaks off");
    }));
    assert!(broken.is_err() && seen.0.is_poisoned());
    assert!(seen.touch("a", 0, 1));
}

#[test]
fn behind_tls_a_cookie_is_bound_to_this_host_and_to_tls() {
    let line = cookie((cookie_name(true), "t"), 60, true);
    assert_eq!(line, "__Host-qb_session=t; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure");
    assert!(!cookie((cookie_name(false), "t"), 60, false).contains("Secure"));
}

#[test]
fn tokens_are_compared_whole() {
    assert!(same(b"abc", b"abc"));
    assert!(!same(b"abc", b"abd") && !same(b"abc", b"ab") && !same(b"", b"a"));
}
