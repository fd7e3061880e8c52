//! Work on a case beside its steps: opening one, objections and their answers, the public notice.

use askama::Template;
use qb_access::permission::OPEN_CASE;
use qb_base::AreaCode;
use qb_case::commands::{self, Answering, Objecting, Opening};
use qb_case::notice::NoticeFacts;
use qb_case::{Actor, CaseError, Machine, Machines, queries};
use qb_registry::model::Household;

use crate::colleagues::Accounts;
use crate::fault::Fault;
use crate::page::{Page, Section, render};
use crate::reply::Reply;
use crate::routes::case::page::{self as cases, StepForm, failed, step_form};
use crate::seen::Shown;
use crate::url::with_query;
use crate::visit::Visit;

/// What cases about registered households are about.
const HOUSEHOLD: &str = "household";

#[derive(Template)]
#[template(path = "case_new.html")]
struct NewTemplate<'a> {
    page: &'a Page,
    title: &'a str,
    machine: &'a str,
    household: &'a str,
    subject: String,
    area: String,
    area_code: String,
    today: String,
    steps: Vec<StepForm>,
    others: Vec<(String, String)>,
}

/// The matter a case is to be about.
struct Matter {
    subject: String,
    household: Option<Household>,
    area: AreaCode,
}

/// The household the request names, or the number that was typed for the area chosen.
fn matter(visit: &Visit<'_>, household: &str, subject: &str) -> Result<Matter, Fault> {
    let scope = visit.scope()?;
    if household.is_empty() {
        let area = visit.chosen_area()?.area().unwrap_or(visit.app.pack.area);
        return Ok(Matter { subject: subject.trim().to_owned(), household: None, area });
    }
    let id = household.parse().map_err(|_| Fault::NotFound)?;
    let found = visit.app.store.read(|conn| qb_registry::queries::household(conn, scope, id))?;
    let area = AreaCode::parse(&found.area_code).map_err(|_| Fault::NotFound)?;
    visit.reach(area)?;
    Ok(Matter { subject: found.household_no.clone(), household: Some(found), area })
}

/// The form that opens a case of a machine, and what else the reader may open.
pub(crate) fn form(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (app, t, lang) = (visit.app, visit.texts(), visit.lang());
    let machines = cases::machines(visit)?;
    let (name, household) = (visit.query("machine"), visit.query("household"));
    let matter = matter(visit, household, visit.query("subject"))?;
    if let Some(household) = &matter.household {
        let shown = Shown {
            household: Some(household.id),
            row: household.id,
            area: &household.area_code,
            persons: 1,
        };
        visit.shows(&format!("household {}", household.id), &[shown])?;
    }
    let others = openable(visit, machines, (matter.area, !household.is_empty()))?;
    let others = others.into_iter().filter(|machine| machine.id != name).map(|machine| {
        let words = [
            ("machine", machine.id.as_str()),
            ("household", household),
            ("area", visit.query("area")),
        ];
        (machine.label.get(lang).to_owned(), with_query("/cases/new", &words))
    });
    let steps = if name.is_empty() {
        Vec::new()
    } else {
        let reader = (visit.scope()?, matter.area);
        queries::openings(machines, name, reader, app.today()?).map_err(failed)?
    };
    let label = machines.get(name).map(|machine| machine.label.get(lang));
    let page = Page::new(visit, Section::Todo, t.case_open).for_area(visit, matter.area)?;
    render(&NewTemplate {
        page: &page,
        title: label.unwrap_or(t.case_open),
        machine: name,
        household,
        subject: matter.subject,
        area: app.areas()?.path_text(matter.area),
        area_code: matter.area.to_string(),
        today: app.today()?.to_string(),
        steps: steps.iter().map(|step| step_form(visit, step)).collect(),
        others: others.collect(),
    })
}

/// Opens a case by its first step.
pub(crate) fn open(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let machines = cases::machines(visit)?;
    let matter = matter(visit, visit.form("household"), visit.form("subject"))?;
    let (opening_area, machine) = (opening_area(visit, &matter)?, visit.form("machine"));
    if matter.subject.is_empty() {
        return Err(Fault::Unusable(qb_base::Text::fixed(
            "请写明案件对象的编号",
            "say what the case is about by its number",
        )));
    }
    let opening = Opening {
        machine,
        transition: visit.form("transition"),
        subject: &matter.subject,
        household_id: matter.household.as_ref().map(|household| household.id),
        area: opening_area,
        deadline: None,
    };
    let facts = cases::facts(visit, visit.app.today()?)?;
    let after = with_desk(visit, machines, |desk| commands::open(desk, &opening, &facts))?;
    Ok(Reply::redirect(format!("/cases/{}", after.case)))
}

/// The area of a new case: the household's, or the one the form names within the reader's own.
fn opening_area(visit: &Visit<'_>, matter: &Matter) -> Result<AreaCode, Fault> {
    if matter.household.is_some() || visit.form("area").is_empty() {
        return Ok(matter.area);
    }
    let area = AreaCode::parse(visit.form("area")).map_err(|_| Fault::NotFound)?;
    visit.reach(area)?;
    Ok(area)
}

/// The reader as the machines know people.
pub(crate) fn actor(visit: &Visit<'_>) -> Result<Actor, Fault> {
    let viewer = visit.viewer()?;
    Ok(Actor { login: viewer.actor(), role: viewer.role, area: viewer.area })
}

/// Works at the reader's desk.
pub(crate) fn with_desk<T>(
    visit: &Visit<'_>,
    machines: &Machines,
    work: impl FnOnce(&commands::Desk<'_>) -> Result<T, CaseError>,
) -> Result<T, Fault> {
    let actor = actor(visit)?;
    let (store, today) = (&visit.app.store, visit.app.today()?);
    let run = cases::NewestRun(visit.scope()?.clone());
    let clauses: Option<&dyn commands::Clauses> = Some(&run);
    let people: Option<&dyn commands::People> = Some(&Accounts);
    work(&commands::Desk { store, machines, actor: &actor, today, clauses, people }).map_err(failed)
}

/// Records an objection that came on paper.
pub(crate) fn object(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (machines, case) = (cases::machines(visit)?, reached(visit)?);
    let on = cases::facts(visit, visit.app.today()?)?.on;
    let what =
        Objecting { channel: visit.form("channel"), document: visit.form("document").trim(), on };
    with_desk(visit, machines, |desk| commands::object(desk, case, &what))?;
    Ok(Reply::redirect(format!("/cases/{case}")))
}

/// Answers an objection.
pub(crate) fn answer(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (machines, case) = (cases::machines(visit)?, reached(visit)?);
    let objection = visit.param_id("objection")?;
    let answer = Answering {
        upheld: visit.form("upheld") == "1",
        document: visit.form("document").trim(),
        on: cases::facts(visit, visit.app.today()?)?.on,
    };
    with_desk(visit, machines, |desk| commands::answer_objection(desk, objection, &answer))?;
    Ok(Reply::redirect(format!("/cases/{case}")))
}

/// The case of the address, which must lie within the reader's area.
fn reached(visit: &Visit<'_>) -> Result<i64, Fault> {
    let id = visit.param_id("id")?;
    cases::reachable(visit, visit.scope()?.clone(), id)?;
    Ok(id)
}

#[derive(Template)]
#[template(path = "notice.html")]
struct NoticeTemplate<'a> {
    page: &'a Page,
    case: i64,
    text: String,
}

/// The newest public notice of a case, made for the printer.
pub(crate) fn notice(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (app, machines, case) = (visit.app, cases::machines(visit)?, reached(visit)?);
    let index = app.areas()?;
    let area = app.store.read(|conn| queries::case_area(conn, case))?.ok_or(Fault::NotFound)?;
    let (scope, name, today) = (visit.scope()?, index.name(area), app.today()?);
    let detail = app.store.read(|conn| queries::case(conn, machines, scope, today, case));
    // It names the head of the household.
    let line = detail.map_err(failed)?.line;
    cases::note(visit, &format!("case {case}"), std::iter::once(&line))?;
    let found = app.store.read(|conn| queries::notice(conn, machines, scope, case, &name));
    let notice = found.map_err(failed)?;
    let page = Page::new(visit, Section::Todo, visit.texts().case_notice).for_area(visit, area)?;
    render(&NoticeTemplate { page: &page, case, text: notice.print(visit.lang()) })
}

/// Publishes the notice that the last step of a case posted.
pub(crate) fn publish(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (app, machines, case) = (visit.app, cases::machines(visit)?, reached(visit)?);
    let (scope, today) = (visit.scope()?, app.today()?);
    let detail = app.store.read(|conn| queries::case(conn, machines, scope, today, case));
    let detail = detail.map_err(failed)?;
    let household = detail.line.household_id.ok_or(Fault::NotFound)?;
    let found = app.store.read(|conn| qb_registry::queries::household(conn, scope, household))?;
    let area = AreaCode::parse(&found.area_code).map_err(|_| Fault::NotFound)?;
    let place = app.areas()?.name(area);
    let head = found.members.first();
    let head = head.ok_or_else(|| Fault::Link("a household without members".to_owned()))?;
    let size = u16::try_from(found.members.len());
    let facts = NoticeFacts {
        area_name: &place,
        group: found.group_name.as_deref(),
        head: &head.name,
        household_size: size.map_err(|_| Fault::Link("a household of a whole town".to_owned()))?,
        object_at: &place,
    };
    with_desk(visit, machines, |desk| commands::publish_notice(desk, case, &facts))?;
    Ok(Reply::redirect(format!("/cases/{case}/notice")))
}

/// Where the reader opens a case about a household, if one of its machines lets the reader.
pub(crate) fn opening_of(
    visit: &Visit<'_>,
    machines: &Machines,
    household: &Household,
) -> Result<Option<String>, Fault> {
    let Ok(area) = AreaCode::parse(&household.area_code) else { return Ok(None) };
    let may = visit.may(&OPEN_CASE) && !openable(visit, machines, (area, true))?.is_empty();
    let id = household.id.to_string();
    Ok(may.then(|| with_query("/cases/new", &[("household", &id)])))
}

/// The machines of which the reader may open a case in an area, about a household or not.
pub(crate) fn openable<'m>(
    visit: &Visit<'_>,
    machines: &'m Machines,
    (area, about_household): (AreaCode, bool),
) -> Result<Vec<&'m Machine>, Fault> {
    let (scope, today) = (visit.scope()?, visit.app.today()?);
    let mut found = Vec::new();
    for machine in machines.iter() {
        if (machine.subject == HOUSEHOLD) != about_household {
            continue;
        }
        let steps = queries::openings(machines, &machine.id, (scope, area), today);
        if steps.map_err(failed)?.iter().any(|step| step.mine) {
            found.push(machine);
        }
    }
    Ok(found)
}
