//! The audit log, who read whom, and lists that wait for a second person.

use std::collections::HashMap;

use qb_access::permission::VIEW_HOUSEHOLD;
use qb_access::{Role, Scope};
use qb_base::{AreaCode, Timestamp, env};
use qb_registry::queries;
use qb_store::{AuditFilter, AuditRow, Value};

use crate::actions::words;
use crate::actor::account;
use crate::export::request;
use crate::fault::Fault;
use crate::format::count;
use crate::page::{Page, Section};
use crate::reply::Reply;
use crate::seen::list::{self, ReadLine};
use crate::sheet::{self, Cell, Field, Form, Sheet, Table};
use crate::state::audit_entry;
use crate::texts::put;
use crate::url::{self, with_query};
use crate::visit::Visit;

/// Lines of one page.
const LINES: usize = 50;
/// Rows of the log that one page looks through for those of the reader's accounts.
const ROWS_LOOKED_AT: usize = 10_000;
/// Rows of the log read at once.
const ROWS_AT_ONCE: i64 = 500;
/// What people look for most.
const COMMON: [&str; 8] = [
    "reading.alert",
    "export.alert",
    "record.export",
    "id.reveal",
    "person.read",
    "page.refused",
    "session.open",
    "session.refuse",
];

/// The log of the accounts of the reader's area, newest first; rows of the program itself are for
/// whoever answers for the whole.
pub(crate) fn show(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (app, t) = (visit.app, visit.texts());
    app.seen.write()?;
    let scope = visit.chosen_area()?;
    let accounts = accounts(visit, &scope)?;
    let sees_program = scope.covers(app.pack.area);
    let is_seen = |row: &AuditRow| match account(&row.actor) {
        Some(id) => accounts.contains_key(&id),
        None => sees_program,
    };
    let (rows, next) = rows(visit, is_seen)?;
    let heads = [t.log_at, t.log_who, t.log_what, t.log_object, t.log_reason];
    let mut table = Table::new("log", "", &heads, t.log_none);
    table.lines = rows.iter().map(|row| line(visit, row, &accounts)).collect();
    if let Some(before) = next {
        let kept = ["area", "actor", "action"].map(|name| (name, visit.query(name)));
        let before = before.to_string();
        let to: Vec<_> = kept.into_iter().chain([("before", before.as_str())]).collect();
        table.next = with_query("/log", &to);
    }
    let all = std::iter::once((t.log_all.to_owned(), "/log".to_owned()));
    let common = COMMON
        .map(|one| (words(one, visit.lang()).to_owned(), with_query("/log", &[("action", one)])));
    let reads = std::iter::once((t.log_reads.to_owned(), "/log/reads".to_owned()));
    let page = Page::new(visit, Section::Log, t.log_title);
    let sheet = Sheet {
        title: t.log_title.to_owned(),
        lead: t.log_lead.to_owned(),
        links: all.chain(reads).chain(common).collect(),
        tables: vec![table],
        ..Sheet::default()
    };
    sheet::show(visit, &page, sheet)
}

/// A page of rows that the reader sees, and where the next begins.
fn rows(
    visit: &Visit<'_>,
    is_seen: impl Fn(&AuditRow) -> bool,
) -> Result<(Vec<AuditRow>, Option<i64>), Fault> {
    let before = match visit.query("before") {
        "" => None,
        text => Some(text.parse().map_err(|_| Fault::NotFound)?),
    };
    let mut filter = AuditFilter {
        before,
        actor: visit.query("actor").to_owned(),
        action: visit.query("action").to_owned(),
        ..AuditFilter::default()
    };
    let (mut rows, mut looked_at) = (Vec::new(), 0);
    while rows.len() <= LINES && looked_at < ROWS_LOOKED_AT {
        let found = visit.app.store.audit_list(&filter, ROWS_AT_ONCE)?;
        let Some(last) = found.last() else { break };
        filter.before = Some(last.seq);
        looked_at += found.len();
        rows.extend(found.into_iter().filter(&is_seen));
    }
    let is_more = rows.len() > LINES;
    rows.truncate(LINES);
    let next = match (is_more, rows.last()) {
        (true, Some(last)) => Some(last.seq),
        // There may be more behind the rows that were looked at.
        _ if looked_at >= ROWS_LOOKED_AT => filter.before,
        _ => None,
    };
    Ok((rows, next))
}

fn line(visit: &Visit<'_>, row: &AuditRow, accounts: &HashMap<i64, (String, String)>) -> Vec<Cell> {
    let named = |name: &str| {
        let known = account(name).and_then(|id| accounts.get(&id));
        known.map_or_else(|| name.to_owned(), |(login, _)| login.clone())
    };
    let action = words(&row.action, visit.lang());
    vec![
        Cell::whole(row.at.to_minute_in_china()),
        Cell::link(named(&row.actor), with_query("/log", &[("actor", &row.actor)])),
        Cell::link(action, with_query("/log", &[("action", &row.action)])),
        Cell::text(object(visit, &named(&row.object))),
        Cell::text(&row.reason),
    ]
}

/// What a row speaks of; a page that was refused is named by what it is for.
fn object(visit: &Visit<'_>, object: &str) -> String {
    match object.split_once(' ') {
        Some((first, rest)) => format!("{} {rest}", words(first, visit.lang())),
        None => words(object, visit.lang()).to_owned(),
    }
}

/// Login and role of the accounts of a scope.
fn accounts(visit: &Visit<'_>, scope: &Scope) -> Result<HashMap<i64, (String, String)>, Fault> {
    let (low, high) = scope.range();
    let sql = "select id, login, role from app_user where area_code >= $1 and area_code < $2";
    let values = [Value::from(&low), Value::from(&high)];
    let found = visit.app.store.read(|conn| {
        conn.query(sql, &values, |row| Ok((row.int(0)?, (row.text(1)?, row.text(2)?))))
    });
    Ok(found?.into_iter().collect())
}

/// What accounts of the reader's area read of whom, newest first.
pub(crate) fn reads(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (app, t) = (visit.app, visit.texts());
    app.seen.write()?;
    let scope = visit.chosen_area()?;
    let user = match visit.query("user") {
        "" => 0,
        id => id.parse().map_err(|_| Fault::NotFound)?,
    };
    let from = (user, before(visit)?);
    let found = app.store.read(|conn| list::of_area(conn, &scope, from, limit()))?;
    let mut table = read_table(visit, &found, true)?;
    if let Some(next) = next(&found) {
        let to = [("area", visit.query("area")), ("user", visit.query("user")), ("before", &next)];
        table.next = with_query("/log/reads", &to);
    }
    let page = Page::new(visit, Section::Log, t.log_reads);
    let sheet = Sheet {
        title: t.log_reads.to_owned(),
        lead: t.log_reads_lead.to_owned(),
        links: vec![(t.log_title.to_owned(), "/log".to_owned())],
        tables: vec![table],
        ..Sheet::default()
    };
    sheet::show(visit, &page, sheet)
}

/// Who looked at a household and its members.
pub(crate) fn readers(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (app, t, id) = (visit.app, visit.texts(), visit.param_id("id")?);
    app.seen.write()?;
    let area = app.store.read(|conn| queries::household_area(conn, id))?;
    let area = area.ok_or(Fault::NotFound)?;
    visit.reach(area)?;
    let (of, from) = ((id, area.as_str()), before(visit)?);
    let found = app.store.read(|conn| list::of_household(conn, of, from, limit()))?;
    let mut table = read_table(visit, &found, false)?;
    if let Some(next) = next(&found) {
        table.next = with_query(&visit.incoming.path, &[("before", &next)]);
    }
    let page = Page::new(visit, Section::Register, t.readers_title).for_area(visit, area)?;
    let back = (t.help_back.to_owned(), format!("/households/{id}"));
    let sheet = Sheet {
        title: t.readers_title.to_owned(),
        lead: t.readers_lead.to_owned(),
        links: Some(back).filter(|_| visit.may(&VIEW_HOUSEHOLD)).into_iter().collect(),
        tables: vec![table],
        ..Sheet::default()
    };
    sheet::show(visit, &page, sheet)
}

/// The reading after which a page begins.
fn before(visit: &Visit<'_>) -> Result<i64, Fault> {
    match visit.query("before") {
        "" => Ok(i64::MAX),
        text => text.parse().map_err(|_| Fault::NotFound),
    }
}

fn limit() -> i64 {
    qb_base::count(LINES + 1)
}

fn next(found: &[ReadLine]) -> Option<String> {
    let last = found.get(LINES - 1).filter(|_| found.len() > LINES);
    last.map(|last| last.id.to_string())
}

fn read_table(visit: &Visit<'_>, found: &[ReadLine], links: bool) -> Result<Table, Fault> {
    let (t, lang, index) = (visit.texts(), visit.lang(), visit.app.areas()?);
    let persons = format!("#{}", t.log_persons);
    let heads = [t.log_at, t.log_who, t.log_role, t.log_what, t.log_object, t.area_name, &persons];
    let mut table = Table::new("reads", "", &heads, t.log_none);
    let line = |one: &ReadLine| {
        let role = Role::parse(&one.role).map(|role| role.label().get(lang).to_owned());
        let user = one.user.to_string();
        let who = match links {
            true => Cell::link(&one.login, with_query("/log/reads", &[("user", &user)])),
            false => Cell::text(&one.login),
        };
        let place = AreaCode::parse(&one.area).map(|area| index.name(area));
        vec![
            Cell::whole(Timestamp(one.at).to_minute_in_china()),
            who,
            Cell::text(role.unwrap_or_else(|_| one.role.clone())),
            Cell::text(words(&one.action, lang)),
            Cell::text(&one.object),
            Cell::text(place.unwrap_or_else(|_| one.area.clone())),
            Cell::number(count(one.persons)),
        ]
    };
    table.lines = found.iter().take(LINES).map(line).collect();
    Ok(table)
}

/// Keeps why somebody reads more persons than the limit, alerts who watches, and goes on.
pub(crate) fn explain(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (app, viewer) = (visit.app, visit.viewer()?);
    let reason = visit.form("reason").trim();
    let reading = app.reading()?;
    if !reading.is_reason(reason) {
        let n = reading.reason_chars_min().to_string();
        let text = qb_base::Text::fixed(
            "请写明理由（至少{n}个字，说明用途）",
            "say why, in {n} characters or more",
        );
        return Err(Fault::Unusable(text.fill(&[("n", &n)])));
    }
    app.store.write::<_, Fault>(|tx| {
        let id = tx.next_id("reading_reason")?;
        let values: [Value<'_>; 4] =
            [id.into(), env::now().0.into(), viewer.user_id.into(), reason.into()];
        let sql = "insert into reading_reason (id, at_at, user_id, reason) \
                   values ($1, $2, $3, $4)";
        tx.execute(sql, &values)?;
        let (actor, object) = (viewer.actor(), format!("reading_reason {id}"));
        Ok(tx.audit(&audit_entry(&actor, "reading.alert", &object, reason))?)
    })?;
    tracing::warn!(user.id = viewer.user_id, "user {} reads above its limit", viewer.user_id);
    app.seen.forget_hour(viewer.user_id);
    let back = visit.form("back");
    Ok(Reply::redirect(if url::is_local(back) { back } else { "/" }))
}

/// Lists that wait for a second person.
pub(crate) fn exports(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let t = visit.texts();
    let found = request::waiting(visit, &visit.chosen_area()?)?;
    let at = |at: i64| Timestamp(at).to_minute_in_china();
    let (own, others): (Vec<_>, Vec<_>) = found.into_iter().partition(|one| one.is_own);
    let heads = [t.log_at, t.log_object, t.log_reason];
    let mut table = Table::new("own", t.exports_own, &heads, t.exports_none);
    let line = |one: &request::Waiting| {
        vec![Cell::text(at(one.at)), Cell::text(&one.object), Cell::text(&one.reason)]
    };
    table.lines = own.iter().map(line).collect();
    let form = |one: &request::Waiting| Form {
        title: one.object.clone(),
        lead: format!("{} · {} · {}", one.login, at(one.at), one.reason),
        action: format!("/exports/{}", one.id),
        fields: vec![Field {
            name: "decision",
            label: t.exports_decision.to_owned(),
            options: vec![
                ("agree".to_owned(), t.exports_agree.to_owned()),
                ("decline".to_owned(), t.exports_decline.to_owned()),
            ],
            is_required: true,
            ..Field::default()
        }],
        submit: t.exports_submit,
    };
    let waiting = count(qb_base::count(others.len()));
    let page = Page::new(visit, Section::Log, t.exports_title);
    let sheet = Sheet {
        title: t.exports_title.to_owned(),
        lead: put(t.exports_lead, &[("n", &waiting)]),
        tables: vec![table],
        forms: others.iter().map(form).collect(),
        ..Sheet::default()
    };
    sheet::show(visit, &page, sheet)
}

/// Agrees to a list of somebody else, or declines it.
pub(crate) fn agree(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let agrees = match visit.form("decision") {
        "agree" => true,
        "decline" => false,
        _ => return Err(Fault::NotFound),
    };
    request::decide(visit, visit.param_id("id")?, agrees)?;
    Ok(Reply::redirect("/exports"))
}
