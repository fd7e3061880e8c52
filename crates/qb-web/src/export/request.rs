//! Lists too long to leave on one person's word: asked for, agreed to by a second person, handed
//! out once.

use qb_access::{Scope, permission};
use qb_base::{AreaCode, Digest, Text, env};
use qb_store::{StoreError, Tx, Value};

use crate::fault::Fault;
use crate::find::FIND;
use crate::gate;
use crate::seen::Who;
use crate::state::audit_entry;
use crate::visit::Visit;

/// Milliseconds of an hour.
const HOUR_MS: i64 = 60 * 60 * 1000;
/// Requests a page lists.
pub(crate) const SHOWN_MAX: i64 = 100;
const INSERT: &str = "insert into export_request (id, user_id, action, area_code, digest, object, \
     reason, persons, requested_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const AGREED: &str = "select id from export_request where user_id = $1 and digest = $2 \
     and is_agreed and handed_out_at is null and decided_at > $3 order by id desc limit 1";
const WAITING: &str = "select id from export_request where user_id = $1 and digest = $2 \
     and decided_by is null order by id desc limit 1";
const OPEN: &str = "select r.id, u.login, r.object, r.reason, r.requested_at, r.user_id \
     from export_request r join app_user u on u.id = r.user_id where r.decided_by is null \
     and ((r.area_code >= $1 and r.area_code < $2) or r.user_id = $3) order by r.id limit $4";
const DECIDE: &str = "update export_request set decided_by = $1, decided_at = $2, is_agreed = $3 \
     where id = $4 and decided_by is null and user_id <> $1 and area_code >= $5 and area_code < $6";

/// A list somebody wants to take out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    pub(super) object: &'a str,
    pub(super) area: AreaCode,
    pub(super) persons: i64,
    pub(super) ending: &'a str,
}

/// A request that waits for a second person.
pub(crate) struct Waiting {
    pub(crate) id: i64,
    pub(crate) login: String,
    pub(crate) object: String,
    pub(crate) reason: String,
    pub(crate) at: i64,
    pub(crate) is_own: bool,
}

/// The agreement that a list uses; none where it may leave without one. A list that needs one and
/// has none becomes a request.
pub(super) fn needed(visit: &Visit<'_>, who: Who, asked: &Asked<'_>) -> Result<Option<i64>, Fault> {
    let (app, reading) = (visit.app, visit.app.reading()?);
    if asked.persons == 0 {
        return Ok(None);
    }
    let is_within = app.seen.admits(who, asked.persons)?.is_ok();
    if is_within && asked.persons <= reading.second_person_above {
        return Ok(None);
    }
    let digest = digest(visit, asked)?.to_string();
    let since = env::now().0 - reading.approval_hours * HOUR_MS;
    let values = [Value::Int(who.user), Value::from(&digest), Value::Int(since)];
    let agreed = app.store.read_one(AGREED, &values, |row| row.int(0))?;
    match agreed {
        Some(request) => Ok(Some(request)),
        None => Err(ask(visit, who, asked, &digest)?),
    }
}

/// What tells one list from another: its address and filters, and the kind of file.
fn digest(visit: &Visit<'_>, asked: &Asked<'_>) -> Result<Digest, Fault> {
    let incoming = visit.incoming;
    let mut filters: Vec<String> = incoming
        .query
        .iter()
        .filter(|(name, value)| name != FIND && name != "lang" && !value.is_empty())
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    filters.push(format!("word={}", crate::find::word(visit)?));
    filters.sort_unstable();
    Ok(Digest::of(format!("{}?{} {}", incoming.path, filters.join("&"), asked.ending).as_bytes()))
}

/// Keeps the request, with an alert for those who watch, and says what happens next.
fn ask(visit: &Visit<'_>, who: Who, asked: &Asked<'_>, digest: &str) -> Result<Fault, Fault> {
    let app = visit.app;
    let reason = visit.form("reason").trim();
    gate::check(&visit.incoming.form)?;
    let actor = visit.viewer()?.actor();
    app.store.write::<_, Fault>(|tx| {
        let values = [Value::Int(who.user), Value::from(digest)];
        if tx.query_opt(WAITING, &values, |row| row.int(0))?.is_none() {
            let id = tx.next_id("export_request")?;
            let values: [Value<'_>; 9] = [
                id.into(),
                who.user.into(),
                visit.permission.action.into(),
                asked.area.as_str().into(),
                digest.into(),
                asked.object.into(),
                reason.into(),
                asked.persons.into(),
                env::now().0.into(),
            ];
            tx.execute(INSERT, &values)?;
        }
        Ok(tx.audit(&audit_entry(&actor, "export.alert", asked.object, reason))?)
    })?;
    tracing::warn!(user.id = who.user, "a list of user {} waits for a second person", who.user);
    let (n, hours) = (asked.persons.to_string(), app.reading()?.approval_hours.to_string());
    let says = Text::fixed(
        "这张清单涉及{n}人，须由第二人同意后才能导出。已登记您的申请；请上级或同级的另一人在“导出申请”页面同意，之后{hours}小时内由您再次导出",
        "this list is about {n} persons and leaves only when a second person agrees; your request \
         is noted: somebody else agrees on the page of export requests, then take it out within \
         {hours} hours",
    );
    Ok(Fault::NotYet(says.fill(&[("n", &n), ("hours", &hours)])))
}

/// Marks an agreement as used.
pub(super) fn hand_out(tx: &Tx<'_>, request: i64) -> Result<(), StoreError> {
    let sql = "update export_request set handed_out_at = $1 where id = $2 \
               and handed_out_at is null";
    let used = tx.execute(sql, &[env::now().0.into(), request.into()])?;
    if used == 1 { Ok(()) } else { Err(StoreError::NotFound) }
}

/// Requests within a scope that wait, and the reader's own.
pub(crate) fn waiting(visit: &Visit<'_>, scope: &Scope) -> Result<Vec<Waiting>, Fault> {
    let (low, high) = scope.range();
    let user = visit.viewer()?.user_id;
    let values = [Value::from(&low), Value::from(&high), user.into(), SHOWN_MAX.into()];
    let found = visit.app.store.read(|conn| {
        conn.query(OPEN, &values, |row| {
            Ok(Waiting {
                id: row.int(0)?,
                login: row.text(1)?,
                object: row.text(2)?,
                reason: row.text(3)?,
                at: row.int(4)?,
                is_own: row.int(5)? == user,
            })
        })
    });
    Ok(found?)
}

/// Agrees to a request of somebody else, or declines it.
pub(crate) fn decide(visit: &Visit<'_>, id: i64, agrees: bool) -> Result<(), Fault> {
    let scope = visit.scope()?;
    let (low, high) = scope.range();
    let viewer = visit.viewer()?;
    let values: [Value<'_>; 6] = [
        viewer.user_id.into(),
        env::now().0.into(),
        agrees.into(),
        id.into(),
        (&low).into(),
        (&high).into(),
    ];
    let (object, actor) = (format!("export_request {id}"), viewer.actor());
    let what = if agrees { "export.agree" } else { "export.decline" };
    visit.app.store.write::<_, Fault>(|tx| {
        if tx.execute(DECIDE, &values)? == 0 {
            return Err(Fault::NotFound);
        }
        Ok(tx.audit(&audit_entry(&actor, what, &object, permission::AGREE_EXPORT.action))?)
    })
}
