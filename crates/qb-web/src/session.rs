//! Sessions: an opaque random token in a cookie, its keyed hash in the store.
//!
//! The session is read from the store on each request, so that a changed role, a disabled account
//! or a sign-out works on the next request, whichever process made it. The time of the last request
//! lives in memory; after a restart it is the time of signing in, so a restart can end a session
//! but never prolong it.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

use qb_access::{Role, Scope};
use qb_base::{AreaCode, Digest, Timestamp, env};
use qb_store::{Store, StoreError, Value};

use crate::cache::held;
use crate::caller::Caller;
use crate::fault::Fault;
use crate::sign_in::{self, Welcome};
use crate::state::{AppState, audit_entry};

/// Sessions of one account at once; the oldest ends when another begins.
const SESSIONS_OF_ONE_MAX: i64 = 8;
/// Sessions of all accounts at once.
const SESSIONS_MAX: i64 = 20_000;
/// Milliseconds without a request after which a session ends: 30 minutes.
const IDLE_MS_MAX: i64 = 30 * 60 * 1000;
/// Milliseconds after which a session ends however busy it is: 12 hours.
const AGE_MS_MAX: i64 = 12 * 60 * 60 * 1000;
/// Bytes of a token, written with two hexadecimal digits each.
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
        actor_of(self.user_id)
    }
}

/// How the audit chain and cases name the person of an account.
pub(crate) fn actor_of(user: i64) -> String {
    format!("user:{user}")
}

/// When each session last asked for something.
#[derive(Default)]
pub(crate) struct LastSeen(Mutex<HashMap<String, i64>>);

impl LastSeen {
    /// Notes a request; `false` when the session had been idle for too long.
    fn touch(&self, token_hash: &str, stored_seen: i64, now: i64) -> bool {
        let mut seen = held(&self.0);
        // Not seen since this process began: then it was last seen when it was opened.
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
        held(&self.0).remove(token_hash);
    }

    /// Of sessions and when the store saw them last, those that have been idle for too long.
    fn idle(&self, sessions: Vec<(String, i64)>, now: i64) -> HashSet<String> {
        let mut seen = held(&self.0);
        seen.retain(|_, last| now - *last <= IDLE_MS_MAX);
        let is_idle = |(token_hash, stored): &(String, i64)| {
            !seen.contains_key(token_hash) && now - stored > IDLE_MS_MAX
        };
        sessions.into_iter().filter(is_idle).map(|(token_hash, _)| token_hash).collect()
    }
}

/// The person a token belongs to, or nobody.
pub(crate) fn find(app: &AppState, token: Option<&str>) -> Result<Option<Viewer>, Fault> {
    let Some(token) = token.filter(|token| is_token(token)) else {
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

/// Opens a session and returns its cookie, and the one by which the browser is known again.
pub(crate) fn open(
    app: &AppState,
    welcome: &Welcome,
    device: Option<&str>,
    caller: Caller,
) -> Result<[String; 2], Fault> {
    let token = random_hex()?;
    let csrf = random_hex()?;
    let device = match device.filter(|device| is_token(device)) {
        Some(device) => device.to_owned(),
        None => random_hex()?,
    };
    let user_id = welcome.user_id;
    let token_hash = app.store.keyring().token_hash(token.as_bytes()).to_string();
    let now = env::now().0;
    app.store.write(|tx| {
        tx.execute(
            "delete from session where user_id = $1 and token_hash not in \
             (select token_hash from session where user_id = $2 and created_at > $3 \
              order by created_at desc, token_hash limit $4)",
            &[
                Value::Int(user_id),
                Value::Int(user_id),
                Value::Int(now - AGE_MS_MAX),
                Value::Int(SESSIONS_OF_ONE_MAX - 1),
            ],
        )?;
        tx.execute(
            "delete from session where token_hash in (select token_hash from session \
             order by created_at desc, token_hash limit $1 offset $2)",
            &[Value::Int(SESSIONS_MAX), Value::Int(SESSIONS_MAX - 1)],
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
        sign_in::succeed(tx, &app.store, welcome, &device)?;
        let user = format!("user:{user_id}");
        let reason = format!("signed in from {caller}");
        tx.audit(&audit_entry(&user, "session.open", &user, &reason))
    })?;
    let known = (sign_in::DEVICE_COOKIE, device.as_str());
    Ok([
        cookie((cookie_name(caller.is_secure), &token), AGE_MS_MAX / 1000, caller.is_secure),
        cookie(known, sign_in::DEVICE_SECONDS, caller.is_secure),
    ])
}

/// Removes sessions that are over; how many there were.
///
/// Where several servers share a store, each knows only of its own requests, so there a session
/// ends by its age alone.
pub(crate) fn clean(store: &Store, seen: &LastSeen) -> Result<usize, StoreError> {
    let now = env::now().0;
    let (sessions, is_ours_alone) = store.read(|conn| {
        let sql = "select token_hash, seen_at, created_at from session";
        let rows = conn.query(sql, &[], |row| Ok((row.text(0)?, row.int(1)?, row.int(2)?)))?;
        Ok::<_, StoreError>((rows, conn.is_sqlite()))
    })?;
    let is_old = |created: i64| now - created > AGE_MS_MAX;
    let (old, young): (Vec<_>, Vec<_>) =
        sessions.into_iter().partition(|(_, _, created)| is_old(*created));
    let mut over: HashSet<String> = old.into_iter().map(|(token_hash, ..)| token_hash).collect();
    if is_ours_alone {
        let young = young.into_iter().map(|(token_hash, stored, _)| (token_hash, stored)).collect();
        over.extend(seen.idle(young, now));
    }
    if over.is_empty() {
        return Ok(0);
    }
    store.write::<_, StoreError>(|tx| {
        for token_hash in &over {
            tx.execute("delete from session where token_hash = $1", &[token_hash.into()])?;
        }
        let reason = format!("{} sessions were over", over.len());
        tx.audit(&audit_entry("server", "session.forget", "session", &reason))
    })?;
    Ok(over.len())
}

/// Ends the session of a token and returns the cookie that removes it from the browser.
pub(crate) fn close(
    app: &AppState,
    viewer: &Viewer,
    token: &str,
    is_secure: bool,
) -> Result<String, Fault> {
    let token_hash = app.store.keyring().token_hash(token.as_bytes()).to_string();
    app.store.write(|tx| {
        tx.execute("delete from session where token_hash = $1", &[Value::from(&token_hash)])?;
        let actor = viewer.actor();
        tx.audit(&audit_entry(&actor, "session.close", &actor, "signed out"))
    })?;
    app.last_seen.forget(&token_hash);
    Ok(cookie((cookie_name(is_secure), ""), 0, is_secure))
}

/// Name of the cookie that carries the token. Where the reader comes through TLS, the name makes
/// the browser see to it that no other host and no plain connection can set or get it.
pub(crate) const fn cookie_name(is_secure: bool) -> &'static str {
    if is_secure { "__Host-qb_session" } else { "qb_session" }
}

/// A cookie that scripts cannot read and other sites cannot send.
pub(crate) fn cookie((name, value): (&str, &str), seconds: i64, is_secure: bool) -> String {
    let secure = if is_secure { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
}

fn is_token(text: &str) -> bool {
    text.len() == TOKEN_BYTES * HEX_PER_BYTE && text.bytes().all(|byte| byte.is_ascii_hexdigit())
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
mod tests;
