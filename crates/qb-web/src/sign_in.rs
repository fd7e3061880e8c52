//! Signing in: every try counts before the password is looked at, and costs more the more there
//! were.
//!
//! What is counted is a name at a source. The source is the browser, if that name has signed in
//! there before, else the address. So a stranger can make nobody wait but himself and those who are
//! at his address with a new browser. An address or a name with many failures costs time, never a
//! refusal. A name that nobody has behaves in every way like one that somebody has: it is known by
//! its keyed hash only.

use std::time::Duration;

use qb_access::Role;
use qb_base::env;
use qb_store::{Conn, Store, StoreError, Tx, Value};

use crate::accounts;
use crate::caller::Caller;
use crate::fault::Fault;
use crate::state::audit_entry;

/// Tries of a name at a source that are looked at without a wait between them.
const FREE_TRIES: i64 = 5;
/// The first wait; each further failure doubles it.
const WAIT_MS_FIRST: i64 = 30 * 1_000;
/// The longest wait: one hour.
const WAIT_MS_MAX: i64 = 60 * 60 * 1_000;
/// Failures of an address, or of a name wherever they come from, that cost nothing: an office
/// shares one address.
const FREE_FAILURES: i64 = 15;
/// Failures after which the cost doubles.
const FAILURES_PER_DOUBLING: i64 = 5;
/// The first cost, and the highest: an answer comes so much later.
const COST_MS_FIRST: i64 = 250;
const COST_MS_MAX: i64 = 8_000;
/// Failures of one address or one name that the audit chain tells of; then at each doubling.
const ALERT_FAILURES: i64 = 50;
/// How long a failure adds to the cost: an hour.
const COST_KEPT_MS: i64 = 60 * 60 * 1_000;
/// How long tries are remembered: a day without another.
const TRIES_KEPT_MS: i64 = 24 * 60 * 60 * 1_000;
/// Names at sources remembered at once; beyond that the oldest are forgotten.
const TRIES_MAX: i64 = 100_000;
/// Browsers remembered of one name; the one not used for longest is forgotten.
const DEVICES_MAX: i64 = 16;
/// How long a browser is remembered that does not sign in: 400 days, as long as browsers keep a
/// cookie.
const DEVICES_KEPT_MS: i64 = 400 * 24 * 60 * 60 * 1_000;
/// Hexadecimal digits of a keyed hash that audit rows name it by.
const SHORT: usize = 16;

/// Name of the cookie by which a browser is known again. It opens nothing.
pub(crate) const DEVICE_COOKIE: &str = "qb_device";
/// Seconds a browser keeps it.
pub(crate) const DEVICE_SECONDS: i64 = DEVICES_KEPT_MS / 1_000;

/// Where a try comes from.
pub(crate) struct Source<'a> {
    /// The address, as far as it is known.
    pub(crate) caller: Caller,
    /// The token of the browser.
    pub(crate) device: Option<&'a str>,
}

/// What handing in a name and a password led to.
pub(crate) enum Outcome {
    /// Name and password belong together.
    Welcome(Welcome),
    /// Name and password do not belong together; which of them is wrong is not said.
    Wrong,
    /// Too many failures; the next try is looked at only after the wait.
    Wait {
        /// Seconds to wait.
        seconds: i64,
    },
}

/// Somebody whose name and password belong together.
pub(crate) struct Welcome {
    /// The account.
    pub(crate) user_id: i64,
    /// Its role; none that this program knows cannot open anything.
    pub(crate) role: Option<Role>,
    name_hash: String,
    source: String,
}

/// The account of a name.
struct Account {
    user_id: i64,
    password_hash: String,
    role: String,
}

/// A try, once it is counted.
struct Counted {
    account: Option<Account>,
    source: String,
    /// Milliseconds until the next try is looked at, if this one is not.
    wait_ms: Option<i64>,
    /// Failures of the address and of the name within the hour, the greater of both.
    failures: i64,
}

/// Counts a try and checks name and password; the answer is to be given after the time it costs.
///
/// # Errors
/// Whatever the store says.
pub(crate) fn check(
    store: &Store,
    login: &str,
    password: &str,
    source: &Source<'_>,
) -> Result<(Outcome, Duration), Fault> {
    let now = env::now().0;
    let name_hash = keyed(store, "name", login);
    let counted = store.write(|tx| count(tx, store, (login, &name_hash), source, now))?;
    let cost = cost_after(counted.failures);
    if let Some(wait_ms) = counted.wait_ms {
        let seconds = wait_ms.div_euclid(1_000) + 1;
        return Ok((Outcome::Wait { seconds }, cost));
    }
    // As much work for a name that nobody has, so that the time does not tell them apart.
    let hash = match &counted.account {
        Some(account) => account.password_hash.as_str(),
        None => accounts::stand_in_hash()?,
    };
    let is_right = accounts::verify(password, hash);
    let outcome = match counted.account {
        Some(account) if is_right => Outcome::Welcome(Welcome {
            user_id: account.user_id,
            role: Role::parse(&account.role).ok(),
            name_hash,
            source: counted.source,
        }),
        _ => Outcome::Wrong,
    };
    Ok((outcome, cost))
}

/// Counts a try in the transaction that also says whether it will be looked at.
fn count(
    tx: &Tx<'_>,
    store: &Store,
    (login, name_hash): (&str, &str),
    from: &Source<'_>,
    now: i64,
) -> Result<Counted, StoreError> {
    let account = account(tx, login)?;
    let address = from.caller.group();
    let source = source(tx, store, name_hash, from)?;
    let known = tx.query_opt(
        "select looked_count, wait_until_at from sign_in_try \
         where name_hash = $1 and source = $2 and last_at > $3",
        &[name_hash.into(), (&source).into(), (now - TRIES_KEPT_MS).into()],
        |row| Ok((row.int(0)?, row.int(1)?)),
    )?;
    let (looked, wait_until) = known.unwrap_or((0, 0));
    let wait_ms = (wait_until > now).then_some(wait_until - now);
    let until = match wait_ms {
        Some(_) => wait_until,
        None => now + wait_after(looked + 1),
    };
    if known.is_none() {
        let forgotten = [name_hash.into(), Value::from(&source)];
        tx.execute("delete from sign_in_try where name_hash = $1 and source = $2", &forgotten)?;
    }
    tx.execute(
        include_str!("sql/count_sign_in.sql"),
        &[
            name_hash.into(),
            (&source).into(),
            (&address).into(),
            i64::from(wait_ms.is_none()).into(),
            i64::from(wait_ms.is_some()).into(),
            until.into(),
            now.into(),
        ],
    )?;
    let failures = note(tx, account.as_ref(), (name_hash, &address), wait_ms.is_some(), now)?;
    Ok(Counted { account, source, wait_ms, failures })
}

/// Writes the audit row of a try, and another when an address or a name has failed very often.
/// Answers how often.
fn note(
    tx: &Tx<'_>,
    account: Option<&Account>,
    (name_hash, address): (&str, &str),
    is_refused: bool,
    now: i64,
) -> Result<i64, StoreError> {
    let since = now - COST_KEPT_MS;
    let of_address = tx.query_one(
        "select cast(coalesce(sum(looked_count + refused_count), 0) as bigint) \
         from sign_in_try where address = $1 and last_at > $2",
        &[address.into(), since.into()],
        |row| row.int(0),
    )?;
    let of_name = tx.query_one(
        "select cast(coalesce(sum(looked_count + refused_count), 0) as bigint) \
         from sign_in_try where name_hash = $1 and last_at > $2",
        &[name_hash.into(), since.into()],
        |row| row.int(0),
    )?;
    let object = account.map_or_else(
        || format!("name:{}", short(name_hash)),
        |account| format!("user:{}", account.user_id),
    );
    // What comes of a try that is looked at stands in the next row: a session.open, or nothing.
    let action = if is_refused { "session.refuse" } else { "session.try" };
    let reason = format!("within the hour {of_name} of this name, {of_address} from {address}");
    tx.audit(&audit_entry("sign-in", action, &object, &reason))?;
    for (failures, what) in [(of_address, address), (of_name, object.as_str())] {
        if is_alert(failures) {
            let reason = format!("{failures} failed sign-ins within the hour");
            tx.audit(&audit_entry("sign-in", "session.alert", what, &reason))?;
        }
    }
    Ok(of_address.max(of_name))
}

fn is_alert(failures: i64) -> bool {
    failures >= ALERT_FAILURES
        && failures % ALERT_FAILURES == 0
        && (failures / ALERT_FAILURES).count_ones() == 1
}

fn account(conn: &Conn, login: &str) -> Result<Option<Account>, StoreError> {
    conn.query_opt(
        "select id, password_hash, role from app_user where login = $1 and disabled_at is null",
        &[login.into()],
        |row| Ok(Account { user_id: row.int(0)?, password_hash: row.text(1)?, role: row.text(2)? }),
    )
}

/// The browser if the name has signed in there before, else the address.
fn source(
    conn: &Conn,
    store: &Store,
    name_hash: &str,
    from: &Source<'_>,
) -> Result<String, StoreError> {
    let address = format!("address:{}", from.caller.group());
    let Some(device) = from.device else { return Ok(address) };
    let device_hash = keyed(store, "device", device);
    let known = conn.query_opt(
        "select used_at from sign_in_device where name_hash = $1 and device_hash = $2",
        &[name_hash.into(), (&device_hash).into()],
        |row| row.int(0),
    )?;
    Ok(known.map_or(address, |_| format!("device:{}", short(&device_hash))))
}

/// Forgets the failures of a name at its source and remembers the browser; part of the transaction
/// that opens the session. What the address has failed with other names stays.
pub(crate) fn succeed(
    tx: &Tx<'_>,
    store: &Store,
    welcome: &Welcome,
    device: &str,
) -> Result<(), StoreError> {
    let (name_hash, now) = (welcome.name_hash.as_str(), env::now().0);
    forget(tx, welcome)?;
    let device_hash = keyed(store, "device", device);
    tx.execute(
        "insert into sign_in_device (name_hash, device_hash, used_at) values ($1, $2, $3) \
         on conflict (name_hash, device_hash) do update set used_at = excluded.used_at",
        &[name_hash.into(), (&device_hash).into(), now.into()],
    )?;
    tx.execute(
        "delete from sign_in_device where name_hash = $1 and device_hash not in \
         (select device_hash from sign_in_device where name_hash = $2 \
          order by used_at desc, device_hash limit $3)",
        &[name_hash.into(), name_hash.into(), DEVICES_MAX.into()],
    )?;
    Ok(())
}

/// Forgets the failures of a name at its source.
pub(crate) fn forget(tx: &Tx<'_>, welcome: &Welcome) -> Result<(), StoreError> {
    let sql = "delete from sign_in_try where name_hash = $1 and source = $2";
    tx.execute(sql, &[Value::from(&welcome.name_hash), Value::from(&welcome.source)]).map(|_| ())
}

/// Removes tries and browsers that nobody asks for any more; whether there were any.
pub(crate) fn clean(store: &Store) -> Result<bool, StoreError> {
    let now = env::now().0;
    let oldest = [Value::Int(now - TRIES_KEPT_MS), Value::Int(now - DEVICES_KEPT_MS)];
    let (rows, old) = store.read(|conn| {
        conn.query_one::<(i64, i64)>(
            "select (select count(*) from sign_in_try), \
                    (select count(*) from sign_in_try where last_at <= $1) \
                    + (select count(*) from sign_in_device where used_at <= $2)",
            &oldest,
            |row| Ok((row.int(0)?, row.int(1)?)),
        )
    })?;
    let [tries, devices] = oldest;
    if old == 0 && rows <= TRIES_MAX {
        return Ok(false);
    }
    store.write::<_, StoreError>(|tx| {
        tx.execute("delete from sign_in_try where last_at <= $1", &[tries])?;
        tx.execute("delete from sign_in_device where used_at <= $1", &[devices])?;
        let newest = tx.query_opt(
            "select last_at from sign_in_try order by last_at desc limit 1 offset $1",
            &[TRIES_MAX.into()],
            |row| row.int(0),
        )?;
        if let Some(last) = newest {
            tx.execute("delete from sign_in_try where last_at <= $1", &[last.into()])?;
        }
        tx.audit(&audit_entry("server", "session.forget", "sign-in", "old tries removed"))
    })?;
    Ok(true)
}

/// A keyed hash; the kind keeps a name and a token apart that are written alike.
fn keyed(store: &Store, kind: &str, text: &str) -> String {
    store.keyring().token_hash(format!("{kind}\n{text}").as_bytes()).to_string()
}

fn short(hash: &str) -> &str {
    hash.get(..SHORT).unwrap_or(hash)
}

/// Milliseconds a name has to wait at a source after so many tries.
fn wait_after(tries: i64) -> i64 {
    doubled(WAIT_MS_FIRST, tries - FREE_TRIES, WAIT_MS_MAX)
}

/// The time an answer takes longer after so many failures.
fn cost_after(failures: i64) -> Duration {
    let beyond = failures - FREE_FAILURES;
    let doublings = if beyond < 0 { beyond } else { beyond / FAILURES_PER_DOUBLING };
    let ms = doubled(COST_MS_FIRST, doublings, COST_MS_MAX);
    Duration::from_millis(ms.unsigned_abs())
}

/// `first`, doubled so many times, but not beyond `max`; nothing for a negative number of times.
fn doubled(first: i64, times: i64, max: i64) -> i64 {
    match u32::try_from(times) {
        Err(_) if times < 0 => 0,
        Ok(times) if times < i64::BITS => {
            first.checked_mul(1_i64 << times.min(i64::BITS - 2)).map_or(max, |ms| ms.min(max))
        }
        _ => max,
    }
}

#[cfg(test)]
mod tests;
