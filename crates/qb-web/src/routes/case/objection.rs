//! A household objects to a case about itself, and takes the steps that are left to it.
//!
//! The page takes no words: what the household has to say is heard and kept on paper, as with every
//! objection; this begins the clock of the answer.

use askama::Template;
use qb_access::Scope;
use qb_case::commands::{self, Objecting};
use qb_case::machine::StateKind;
use qb_case::model::{CaseDetail, NextStep, Objection};
use qb_case::{Machines, queries};
use qb_registry::model::Household;

use crate::fault::Fault;
use crate::page::{Page, Section, render};
use crate::reply::Reply;
use crate::routes::case::page as cases;
use crate::routes::case::page::StepForm;
use crate::routes::case::step as casework;
use crate::routes::household::mine;
use crate::sheet::{Cell, Table};
use crate::url::with_query;
use crate::visit::Visit;

/// The address of the form.
pub(crate) const ADDRESS: &str = "/mine/objection";

/// The address of the steps that are left to a household.
const STEP: &str = "/mine/step";

/// The cases about a household that run, with what it objected and where it may.
pub(crate) fn table(
    visit: &Visit<'_>,
    scope: &Scope,
    household: &Household,
) -> Result<Table, Fault> {
    let (t, lang) = (visit.texts(), visit.lang());
    let machines = cases::machines(visit)?;
    let heads = [t.cases_kind, t.cases_state, t.mine_step, t.case_objections, t.case_object];
    let mut table = Table::new("objections", t.mine_objections, &heads, t.mine_objections_none);
    let may_object = machines.own_channel().is_some();
    for detail in running(visit, machines, scope, household)? {
        let (machine, state) = cases::names(machines, &detail.line, lang);
        let made: Vec<String> = detail.objections.iter().map(|one| words(visit, one)).collect();
        let is_open = detail.objections.iter().any(|one| one.state == "open");
        let address = with_query(ADDRESS, &[("case", &detail.line.case.to_string())]);
        let action = match may_object && !is_open {
            true => Cell::link(t.mine_objection_do, address),
            false => Cell::text(""),
        };
        let ready = |step: &&NextStep| step.mine && step.blocked.is_empty();
        let steps: Vec<&str> =
            detail.next.iter().filter(ready).map(|step| step.label.get(lang)).collect();
        let next = with_query(STEP, &[("case", &detail.line.case.to_string())]);
        table.lines.push(vec![
            Cell::text(machine),
            Cell::text(state),
            match steps.is_empty() {
                true => Cell::text(""),
                false => Cell::link(steps.join(t.list_comma), next),
            },
            Cell::text(made.join("; ")),
            action,
        ]);
    }
    Ok(table)
}

fn words(visit: &Visit<'_>, one: &Objection) -> String {
    format!("{} {}", one.raised_on, cases::objection_state(visit.texts(), &one.state))
}

/// The cases about a household that have not ended.
fn running(
    visit: &Visit<'_>,
    machines: &Machines,
    scope: &Scope,
    household: &Household,
) -> Result<Vec<CaseDetail>, Fault> {
    let (app, today) = (visit.app, visit.app.today()?);
    let id = household.id;
    let lines = app.store.read(|conn| queries::of_household(conn, machines, scope, today, id))?;
    let open = lines.iter().filter(|line| {
        let state = machines.get(&line.machine).and_then(|machine| machine.state(&line.state));
        state.is_some_and(|state| state.kind != StateKind::End)
    });
    let detail = |case| app.store.read(|conn| queries::case(conn, machines, scope, today, case));
    open.map(|line| detail(line.case).map_err(cases::failed)).collect()
}

/// The running case of the reader's own household that the request names.
fn own_case(visit: &Visit<'_>, machines: &Machines, case: &str) -> Result<CaseDetail, Fault> {
    let (scope, household) = mine::of_reader(visit)?;
    let found = running(visit, machines, &scope, &household)?;
    found.into_iter().find(|one| one.line.case.to_string() == case).ok_or(Fault::NotFound)
}

#[derive(Template)]
#[template(path = "objection.html")]
struct FormTemplate<'a> {
    page: &'a Page,
    case: i64,
    what: String,
}

/// Asks whether the household objects.
pub(crate) fn form(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let machines = cases::machines(visit)?;
    let detail = own_case(visit, machines, visit.query("case"))?;
    let (machine, state) = cases::names(machines, &detail.line, visit.lang());
    let page = Page::new(visit, Section::Mine, visit.texts().case_object);
    let what = format!("{machine} · {state}");
    render(&FormTemplate { page: &page, case: detail.line.case, what })
}

/// Records the objection under a number of its own.
pub(crate) fn object(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let machines = cases::machines(visit)?;
    let channel = machines.own_channel().ok_or(Fault::NotFound)?.to_owned();
    let detail = own_case(visit, machines, visit.form("case"))?;
    let document = format!("{}-{}", detail.line.case, detail.objections.len() + 1);
    let what = Objecting { channel: &channel, document: &document, on: visit.app.today()? };
    casework::with_desk(visit, machines, |desk| commands::object(desk, detail.line.case, &what))?;
    Ok(Reply::redirect("/mine#objections"))
}

#[derive(Template)]
#[template(path = "mine_step.html")]
struct StepTemplate<'a> {
    page: &'a Page,
    case: i64,
    version: i64,
    what: String,
    steps: Vec<StepForm>,
    today: String,
}

/// The steps of a case that the household itself takes.
pub(crate) fn steps(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let machines = cases::machines(visit)?;
    let detail = own_case(visit, machines, visit.query("case"))?;
    let (machine, state) = cases::names(machines, &detail.line, visit.lang());
    let page = Page::new(visit, Section::Mine, visit.texts().mine_step);
    let ready = |step: &&NextStep| step.mine && step.blocked.is_empty();
    let steps = detail.next.iter().filter(ready).map(|next| cases::step_form(visit, next));
    render(&StepTemplate {
        page: &page,
        case: detail.line.case,
        version: detail.line.version,
        what: format!("{machine} · {state}"),
        steps: steps.collect(),
        today: visit.app.today()?.to_string(),
    })
}

/// Takes a step of the household's own case.
pub(crate) fn step(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let machines = cases::machines(visit)?;
    let detail = own_case(visit, machines, visit.form("case"))?;
    cases::take(visit, machines, detail.line.case)?;
    Ok(Reply::redirect("/mine#objections"))
}
