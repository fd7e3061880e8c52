//! Sessions: an opaque random token in a cookie, its keyed hash in the store.
//!
//! The session is read from the store on each request, so that a changed role, a disabled account
//! or a sign-out works on the next request, whichever process made it. The time of the last request
//! lives in memory; after a restart it is the time of signing in, so a restart can end a session
//! but never prolong it.

use std::collections::HashMap;
use std::sync::Mutex;

use qb_access::{Role, Scope};
use qb_base::{AreaCode, Digest, Timestamp, env};
use qb_store::Value;

use crate::fault::Fault;
use crate::state::{AppState, audit_entry};

/// Name of the cookie that carries the token.
pub(crate) const SESSION_COOKIE: &str = "qb_session";
/// Milliseconds without a request after which a session ends: 30 minutes.
const IDLE_MS_MAX: i64 = 30 * 60 * 1000;
/// Milliseconds after which a session ends however busy it is: 12 hours.
const AGE_MS_MAX: i64 = 12 * 60 * 60 * 1000;
const TOKEN_BYTES: usize = 32;
const HEX_PER_BYTE: usize = 2;

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub(crate) struct Viewer {
    /// The account.
    pub(crate) user_id: i64,
    /// The login name.
    pub(crate) login: String,
    /// The name pages greet with.
    pub(crate) display_name: String,
    /// The role.
    pub(crate) role: Role,
    /// The area the role is held for.
    pub(crate) area: AreaCode,
    /// The household or helper the account stands for, by its number.
    pub(crate) subject: Option<String>,
    /// What queries may read.
    pub(crate) scope: Scope,
    /// The token forms must carry.
    pub(crate) csrf: String,
    /// When the session began.
    pub(crate) signed_in_at: Timestamp,
}

impl Viewer {
    /// How the audit chain names the person.
    pub(crate) fn actor(&self) -> String {
        format!("user:{}", self.user_id)
    }
}

/// When each session last asked for something.
#[derive(Default)]
pub(crate) struct LastSeen(Mutex<HashMap<String, i64>>);

impl LastSeen {
    /// Notes a request; `false` when the session had been idle for too long.
    fn touch(&self, token_hash: &str, stored_seen: i64, now: i64) -> bool {
        let Ok(mut seen) = self.0.lock() else { return false };
        let last = seen.get(token_hash).copied().unwrap_or(stored_seen);
        if now - last > IDLE_MS_MAX {
            seen.remove(token_hash);
            return false;
        }
        if let Some(last) = seen.get_mut(token_hash) {
            *last = now;
        } else {
            seen.retain(|_, last| now - *last <= IDLE_MS_MAX);
            seen.insert(token_hash.to_owned(), now);
        }
        true
    }

    fn forget(&self, token_hash: &str) {
        if let Ok(mut seen) = self.0.lock() {
            seen.remove(token_hash);
        }
    }
}

/// The person a token belongs to, or nobody.
pub(crate) fn find(app: &AppState, token: Option<&str>) -> Result<Option<Viewer>, Fault> {
    let Some(token) = token.filter(|token| token.len() == TOKEN_BYTES * HEX_PER_BYTE) else {
        return Ok(None);
    };
    let token_hash = app.store.keyring().token_hash(token.as_bytes()).to_string();
    let found = app.store.read_one(
        "select u.id, u.login, u.display_name, u.role, u.area_code, s.csrf_token, \
                s.created_at, s.seen_at, u.subject \
         from session s join app_user u on u.id = s.user_id \
         where s.token_hash = $1 and u.disabled_at is null",
        &[Value::from(&token_hash)],
        |row| {
            let stands_for = (row.text(3)?, row.text(4)?, row.text_opt(8)?);
            Ok((
                (row.int(0)?, row.text(1)?, row.text(2)?, row.text(5)?),
                stands_for,
                (row.int(6)?, row.int(7)?),
            ))
        },
    )?;
    let Some(((user_id, login, display_name, csrf), (role, area, subject), (created, seen))) =
        found
    else {
        return Ok(None);
    };
    let now = env::now().0;
    if now - created > AGE_MS_MAX || !app.last_seen.touch(&token_hash, seen, now) {
        return Ok(None);
    }
    // An account with an unknown role or area can sign in nowhere: it has no scope.
    let (Ok(role), Ok(area)) = (Role::parse(&role), AreaCode::parse(&area)) else {
        return Ok(None);
    };
    Ok(Some(Viewer {
        user_id,
        login,
        display_name,
        role,
        area,
        subject,
        scope: Scope::new(role, area),
        csrf,
        signed_in_at: Timestamp(created),
    }))
}

/// Opens a session and returns its cookie.
pub(crate) fn open(app: &AppState, user_id: i64, address: &str) -> Result<String, Fault> {
    let token = random_hex()?;
    let csrf = random_hex()?;
    let token_hash = app.store.keyring().token_hash(token.as_bytes()).to_string();
    let now = env::now().0;
    app.store.write(|tx| {
        tx.execute(
            "delete from session where user_id = $1 and created_at < $2",
            &[Value::Int(user_id), Value::Int(now - AGE_MS_MAX)],
        )?;
        tx.execute(
            "insert into session (token_hash, user_id, csrf_token, created_at, seen_at) \
             values ($1, $2, $3, $4, $5)",
            &[
                Value::from(&token_hash),
                Value::Int(user_id),
                Value::from(&csrf),
                Value::Int(now),
                Value::Int(now),
            ],
        )?;
        tx.execute(
            "update app_user set failed_count = 0, locked_until_at = null where id = $1",
            &[Value::Int(user_id)],
        )?;
        let user = format!("user:{user_id}");
        let reason = format!("signed in from {address}");
        tx.audit(&audit_entry(&user, "session.open", &user, &reason))
    })?;
    Ok(cookie(&token, AGE_MS_MAX / 1000))
}

/// Ends the session of a token and returns the cookie that removes it from the browser.
pub(crate) fn close(app: &AppState, viewer: &Viewer, token: &str) -> Result<String, Fault> {
    let token_hash = app.store.keyring().token_hash(token.as_bytes()).to_string();
    app.store.write(|tx| {
        tx.execute("delete from session where token_hash = $1", &[Value::from(&token_hash)])?;
        let actor = viewer.actor();
        tx.audit(&audit_entry(&actor, "session.close", &actor, "signed out"))
    })?;
    app.last_seen.forget(&token_hash);
    Ok(cookie("", 0))
}

fn cookie(token: &str, seconds: i64) -> String {
    format!("{SESSION_COOKIE}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax")
}

fn random_hex() -> Result<String, Fault> {
    let mut bytes = [0; TOKEN_BYTES];
    env::fill_random(&mut bytes).map_err(|error| Fault::Link(error.to_string()))?;
    Ok(Digest(bytes).to_string())
}

/// Compares without telling by its time where two texts differ.
pub(crate) fn same(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len()
        && left.iter().zip(right).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
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
    fn tokens_are_compared_whole() {
        assert!(same(b"abc", b"abc"));
        assert!(!same(b"abc", b"abd") && !same(b"abc", b"ab") && !same(b"", b"a"));
    }
}
