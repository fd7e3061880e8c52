//! Cases: the queue by deadline, one case with its steps and clocks, and taking the next step.

use std::collections::HashMap;

use askama::Template;
use qb_access::{Scope, permission};
use qb_base::{AreaCode, Date, Digest, Lang, Text};
use qb_case::commands::{self, Desk};
use qb_case::model::{CaseDetail, CaseEvent, CaseLine, NextStep};
use qb_case::queries::{self, After, Filter};
use qb_case::{Actor, CaseError, Evidence, Machines, StepFacts};
use qb_policy::Decimal;
use qb_store::{Conn, StoreError};

use crate::actor;
use crate::areas::AreaIndex;
use crate::colleagues::Accounts;
use crate::export::{self, About, List};
use crate::fault::Fault;
use crate::format::count;
use crate::newest::label;
use crate::page::{Page, Section, render};
use crate::reply::Reply;
use crate::routes::case::step as casework;
use crate::routes::fund::place;
use crate::seen::Shown;
use crate::sheet::{self, Cell, Sheet, Table};
use crate::texts::Texts;
use crate::url::with_query;
use crate::visit::Visit;

/// Lines of one page.
const LINES: usize = 50;
/// Cases of one's own that a queue shows.
const QUEUE: usize = 50;
/// Characters of a field of a step.
const FIELD_CHARS_MAX: usize = 200;
/// Percent of a whole.
const PERCENT_DIGITS: i32 = -2;

pub(crate) fn machines<'a>(visit: &Visit<'a>) -> Result<&'a Machines, Fault> {
    let (kept, pack) = (&visit.app.machines, &visit.app.pack);
    if let Some(machines) = kept.get() {
        return Ok(machines);
    }
    let loaded = Machines::load(pack).map_err(|faults| {
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        Fault::Link(faults.join("; "))
    })?;
    Ok(kept.get_or_init(|| loaded))
}

/// What an error of the cases is as an answer: nothing there, ours to mend, or the person's.
pub(crate) fn failed(error: CaseError) -> Fault {
    match error {
        CaseError::Store(error) => Fault::Store(error),
        CaseError::NoCase(_) | CaseError::NoObjection(_) => Fault::NotFound,
        CaseError::Pack(_) | CaseError::Engine(_) => Fault::Link(error.to_string()),
        other => Fault::Unusable(other.text()),
    }
}

/// What waits for the reader, nearest deadline first, then all running cases of the area.
pub(crate) fn list(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (app, t) = (visit.app, visit.texts());
    let scope = visit.chosen_area()?;
    let area = scope.area().unwrap_or(app.pack.area);
    let (machines, today) = (machines(visit)?, app.today()?);
    let after = After { due: visit.query("due").to_owned(), case: visit.place("after")? };
    let filter = filter(visit, machines)?;
    let limit = qb_base::count(LINES + 1);
    let (mine, found, counts) = app.store.read(|conn| {
        let mine = queries::queue(conn, machines, visit.scope()?, today, QUEUE)?;
        let found = queries::list(conn, machines, &scope, today, &filter, &after, limit)?;
        Ok::<_, Fault>((mine, found, queries::counts(conn, &scope, today)?))
    })?;
    note(visit, "cases", mine.iter().chain(found.iter().take(LINES)))?;
    let seen = |id: &String| filter.among.as_ref().is_none_or(|among| among.contains(id));
    let counts: Vec<_> = counts.into_iter().filter(|one| seen(&one.machine)).collect();
    let index = app.areas()?;
    let mut all = line_table(visit, &index, machines, found.iter().take(LINES), t.cases_all);
    if let Some(last) = found.get(LINES - 1).filter(|_| found.len() > LINES) {
        let at = After::line(last);
        let case = at.case.to_string();
        let parameters = [
            ("area", visit.query("area")),
            ("machine", visit.query("machine")),
            ("overdue", visit.query("overdue")),
            ("irregular", visit.query("irregular")),
            ("due", at.due.as_str()),
            ("after", case.as_str()),
        ];
        all.next = with_query(&visit.incoming.path, &parameters);
    }
    let asked = ["area", "machine", "overdue", "irregular"].map(|name| (name, visit.query(name)));
    all.export = with_query("/cases/export", &asked);
    let mut tables = Vec::new();
    if !mine.is_empty() {
        tables.push(line_table(visit, &index, machines, mine.iter(), t.cases_mine));
    }
    tables.push(count_table(visit, machines, area, &counts));
    tables.push(all);
    let own = visit.viewer()?.area;
    let opens = !casework::openable(visit, machines, (own, false))?.is_empty();
    let page = Page::new(visit, Section::Todo, t.cases_title).for_area(visit, area)?;
    let sheet = Sheet {
        title: t.cases_title.to_owned(),
        lead: t.cases_lead.to_owned(),
        links: opens
            .then(|| (t.case_open.to_owned(), "/cases/new".to_owned()))
            .into_iter()
            .collect(),
        tables,
        ..Sheet::default()
    };
    sheet::show(visit, &page, sheet)
}

/// Notes the households that cases are about before they are shown: each line names one.
pub(crate) fn note<'a>(
    visit: &Visit<'_>,
    object: &str,
    lines: impl Iterator<Item = &'a CaseLine>,
) -> Result<(), Fault> {
    let shown = lines.filter_map(|line| {
        let household = line.household_id?;
        Some(Shown { household: Some(household), row: line.case, area: &line.area, persons: 1 })
    });
    visit.shows(object, &shown.collect::<Vec<_>>())
}

/// All cases of the area that the filter lets through, as a file.
pub(crate) fn export(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (app, scope) = (visit.app, visit.chosen_area()?);
    let (machines, index, today) = (machines(visit)?, app.areas()?, app.today()?);
    let filter = filter(visit, machines)?;
    let table = |lines: &[CaseLine]| line_table(visit, &index, machines, lines.iter(), "");
    let mut out = List::of(visit, About::Persons, &table(&[]))?;
    let mut after = After::default();
    while !out.is_full() {
        let found = app.store.read(|conn| {
            let rows = export::ROWS_AT_ONCE;
            queries::list(conn, machines, &scope, today, &filter, &after, rows)
        })?;
        let Some(last) = found.last() else { break };
        after = After::line(last);
        out.lines(&table(&found))?;
    }
    let area = scope.area().unwrap_or(app.pack.area);
    out.reply(visit, &format!("cases-{area}"), (&format!("cases {area}"), area))
}

/// The machines whose cases the reader sees; nothing: all. Who reads no rows of the register sees
/// the cases of the machines that leave it a step.
fn among(visit: &Visit<'_>, machines: &Machines) -> Result<Option<Vec<String>>, Fault> {
    if visit.may(&permission::LIST_RECORDS) {
        return Ok(None);
    }
    Ok(Some(machines.naming(visit.viewer()?.role).map(str::to_owned).collect()))
}

/// What the address asks for.
fn filter(visit: &Visit<'_>, machines: &Machines) -> Result<Filter, Fault> {
    Ok(Filter {
        machine: non_empty(visit.query("machine")),
        among: among(visit, machines)?,
        overdue: visit.query("overdue") == "1",
        irregular: visit.query("irregular") == "1",
        running: visit.query("irregular") != "1",
        ..Filter::default()
    })
}

fn non_empty(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// Cases as lines of a table; they lead to their pages for those who may open one.
pub(crate) fn line_table<'a>(
    visit: &Visit<'_>,
    index: &AreaIndex,
    machines: &Machines,
    lines: impl Iterator<Item = &'a CaseLine>,
    title: &str,
) -> Table {
    let (t, lang) = (visit.texts(), visit.lang());
    let heads =
        [t.cases_due, t.cases_kind, t.cases_subject, t.area_name, t.cases_state, t.cases_note];
    let mut table = Table::new("cases", title, &heads, t.cases_none);
    let may_open = visit.may(&permission::VIEW_CASE);
    let opened = |cell: Cell| if may_open { cell } else { Cell::text(cell.text) };
    table.lines = lines
        .map(|line| {
            let (machine, state) = names(machines, line, lang);
            let mut due = Cell::text(line.due.clone().unwrap_or_else(|| "—".to_owned()));
            due.class = if line.overdue { "is-bad" } else { "" };
            let note = match &line.due_note {
                _ if line.irregular > 0 => Cell::tag(t.cases_irregular, "is-bad"),
                Some(provisional) => Cell::text(provisional.get(lang)),
                None => Cell::text(""),
            };
            vec![
                due,
                Cell::text(machine),
                opened(Cell::link(&line.subject, format!("/cases/{}", line.case))),
                opened(place(index, &line.area)),
                Cell::text(state),
                note,
            ]
        })
        .collect();
    table
}

/// What a case's machine and state are called.
pub(crate) fn names<'a>(
    machines: &'a Machines,
    line: &'a CaseLine,
    lang: Lang,
) -> (&'a str, &'a str) {
    let machine = machines.get(&line.machine);
    let state = machine.and_then(|machine| machine.state(&line.state));
    (
        machine.map_or(line.machine.as_str(), |machine| machine.label.get(lang)),
        state.map_or(line.state.as_str(), |state| state.label.get(lang)),
    )
}

fn count_table(
    visit: &Visit<'_>,
    machines: &Machines,
    area: AreaCode,
    counts: &[qb_case::model::StateCount],
) -> Table {
    let (t, lang) = (visit.texts(), visit.lang());
    let heads = [
        t.cases_kind,
        t.cases_state,
        &format!("#{}", t.cases_count),
        &format!("#{}", t.cases_overdue),
        &format!("#{}", t.cases_irregular),
    ];
    let mut table = Table::new("states", t.cases_states, &heads, t.cases_none);
    table.lines = counts
        .iter()
        .map(|one| {
            let machine = machines.get(&one.machine);
            let state = machine.and_then(|machine| machine.state(&one.state));
            let at = |flag: &'static str| {
                let parameters =
                    [("area", area.as_str()), ("machine", one.machine.as_str()), (flag, "1")];
                with_query("/cases", &parameters)
            };
            let linked = |n: i64, flag| {
                let mut cell = Cell::number(count(n));
                cell.href = if n > 0 { at(flag) } else { String::new() };
                cell
            };
            vec![
                Cell::text(machine.map_or(one.machine.as_str(), |m| m.label.get(lang))),
                Cell::text(state.map_or(one.state.as_str(), |s| s.label.get(lang))),
                Cell::number(count(one.cases)),
                linked(one.overdue, "overdue"),
                linked(one.irregular, "irregular"),
            ]
        })
        .collect();
    table
}

struct EventRow {
    on: String,
    label: String,
    to: String,
    details: Vec<(String, String)>,
    irregular: String,
}

/// The form of a step.
pub(crate) struct StepForm {
    pub(crate) transition: String,
    pub(crate) label: String,
    pub(crate) to: String,
    pub(crate) who: String,
    pub(crate) is_mine: bool,
    pub(crate) blocked: Vec<String>,
    pub(crate) evidence: Vec<(String, String)>,
    /// The rule that the step asks for, in a sentence; blank: none.
    pub(crate) clause: Option<String>,
    pub(crate) asks: Asks,
    pub(crate) notice_until: Option<String>,
    pub(crate) reject_to: Option<String>,
}

/// What a step asks for.
#[derive(Clone, Copy)]
pub(crate) struct Asks {
    pub(crate) quorum: bool,
    pub(crate) votes: bool,
    pub(crate) second: bool,
    pub(crate) signatory: bool,
    pub(crate) sample: bool,
    pub(crate) document: bool,
    pub(crate) reason: bool,
}

#[derive(Template)]
#[template(path = "case.html")]
struct CaseTemplate<'a> {
    page: &'a Page,
    case: i64,
    version: i64,
    title: String,
    subject: String,
    household: Option<String>,
    record: Option<i64>,
    state: String,
    area: String,
    superseded: Option<String>,
    clocks: Vec<(String, String, bool, Option<String>)>,
    events: Vec<EventRow>,
    objections: Vec<ObjectionRow>,
    channels: Vec<(String, String)>,
    may_object: bool,
    may_answer: bool,
    may_publish: bool,
    notice: Option<String>,
    steps: Vec<StepForm>,
    today: String,
}

/// A case with its steps, its clocks and what comes next.
pub(crate) fn show(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (app, lang) = (visit.app, visit.lang());
    let (machines, id) = (machines(visit)?, visit.param_id("id")?);
    let scope = visit.scope()?;
    let today = app.today()?;
    let detail = seen(visit, machines, scope, id)?;
    note(visit, &format!("case {id}"), std::iter::once(&detail.line))?;
    let area = AreaCode::parse(&detail.line.area).map_err(|_| Fault::NotFound)?;
    let index = app.areas()?;
    let page = Page::new(visit, Section::Todo, detail.machine_label.get(lang));
    let page = page.for_area(visit, area)?;
    let line = &detail.line;
    let channels = machines.channels().map(|(code, text)| (code.to_owned(), text.get(lang)));
    let ended = detail.next.is_empty();
    render(&CaseTemplate {
        page: &page,
        case: line.case,
        version: line.version,
        title: detail.machine_label.get(lang).to_owned(),
        subject: line.subject.clone(),
        household: line.household_id.map(|id| format!("/households/{id}")),
        record: detail.source_record,
        state: detail.state_label.get(lang).to_owned(),
        area: index.path_text(area),
        superseded: detail.superseded.clone(),
        clocks: clocks(visit, &detail),
        events: events(visit, machines, &detail)?,
        objections: detail.objections.iter().map(|one| objection_row(visit, one)).collect(),
        channels: channels.map(|(code, label)| (code, label.to_owned())).collect(),
        may_object: !ended && detail.may_object && visit.may(&permission::OBJECT_CASE),
        may_answer: detail.may_answer && visit.may(&permission::OBJECT_CASE),
        may_publish: detail.may_publish && visit.may(&permission::NOTICE_CASE),
        notice: notice_until(&detail),
        steps: detail.next.iter().map(|next| step_form(visit, next)).collect(),
        today: today.to_string(),
    })
}

/// A case that the reader sees; one of a machine that leaves it no step does not exist.
fn seen(
    visit: &Visit<'_>,
    machines: &Machines,
    scope: &Scope,
    id: i64,
) -> Result<CaseDetail, Fault> {
    let (app, today) = (visit.app, visit.app.today()?);
    let detail = app.store.read(|conn| queries::case(conn, machines, scope, today, id));
    let detail = detail.map_err(failed)?;
    match among(visit, machines)? {
        Some(among) if !among.contains(&detail.line.machine) => Err(Fault::NotFound),
        _ => Ok(detail),
    }
}

struct ObjectionRow {
    id: i64,
    raised_on: String,
    channel: String,
    document: String,
    state: &'static str,
    is_open: bool,
    answer: String,
}

fn objection_row(visit: &Visit<'_>, one: &qb_case::model::Objection) -> ObjectionRow {
    let t = visit.texts();
    let answer = [one.answered_on.as_deref(), one.answer_document.as_deref()];
    ObjectionRow {
        id: one.id,
        raised_on: one.raised_on.clone(),
        channel: label(&visit.app.pack, "grievance_channel", &one.channel, visit.lang()).to_owned(),
        document: one.document.clone(),
        state: objection_state(t, &one.state),
        is_open: one.state == "open",
        answer: answer.into_iter().flatten().collect::<Vec<_>>().join(" "),
    }
}

/// What an objection's state is called.
pub(crate) fn objection_state(t: &'static Texts, state: &str) -> &'static str {
    match state {
        "open" => t.objection_open,
        "dismissed" => t.objection_dismissed,
        "upheld" => t.objection_upheld,
        _ => t.objection_settled,
    }
}

/// The last day of the notice that the last step posted about a household.
fn notice_until(detail: &CaseDetail) -> Option<String> {
    let last = detail.events.last().filter(|_| detail.line.household_id.is_some());
    last.and_then(|event| event.notice_until.clone())
}

/// Name, last day, whether it has passed, and why it is provisional if it is.
fn clocks(visit: &Visit<'_>, detail: &CaseDetail) -> Vec<(String, String, bool, Option<String>)> {
    let lang = visit.lang();
    let clock = |clock: &qb_case::model::Clock| {
        let note = clock.due_note.as_ref().map(|note| note.get(lang).to_owned());
        (clock.label.get(lang).to_owned(), clock.due.clone(), clock.overdue, note)
    };
    detail.clocks.iter().map(clock).collect()
}

/// What has happened; who did it is named by login.
fn events(
    visit: &Visit<'_>,
    machines: &Machines,
    detail: &CaseDetail,
) -> Result<Vec<EventRow>, Fault> {
    let who = |event: &'_ CaseEvent| [event.actor.clone(), event.second.clone()];
    let actors: Vec<String> = detail.events.iter().flat_map(who).flatten().collect();
    let actors = actors.iter().map(String::as_str);
    let names = visit.app.store.read(|conn| actor::names(conn, visit.lang(), actors))?;
    let row = |event| event_row(visit, machines, (&detail.line, event), &names);
    Ok(detail.events.iter().map(row).collect())
}

fn event_row(
    visit: &Visit<'_>,
    machines: &Machines,
    (line, event): (&CaseLine, &CaseEvent),
    names: &HashMap<String, String>,
) -> EventRow {
    let (t, lang) = (visit.texts(), visit.lang());
    let state = machines.get(&line.machine).and_then(|machine| machine.state(&event.to));
    let mut details = Vec::new();
    if let (Some(present), Some(entitled)) = (event.present, event.entitled) {
        details.push((t.case_quorum.to_owned(), format!("{present} / {entitled}")));
    }
    if let Some(votes) = event.votes {
        details.push((t.case_votes.to_owned(), votes.to_string()));
    }
    let known = [
        (t.case_sample, &event.sample),
        (t.case_notice_until, &event.notice_until),
        (t.case_document, &event.document),
        (t.case_reason, &event.reason),
        (t.case_actor, &event.actor),
        (t.case_told_by, &event.told_by),
        (t.case_dossier, &event.paper),
        (t.case_second, &event.second),
        (t.case_signatory, &event.signatory),
    ];
    for (label, value) in known {
        if let Some(value) = value {
            details.push((label.to_owned(), names.get(value).unwrap_or(value).clone()));
        }
    }
    EventRow {
        on: event.on.clone(),
        label: event.label.get(lang).to_owned(),
        to: state.map_or(event.to.as_str(), |state| state.label.get(lang)).to_owned(),
        details,
        irregular: event.irregular.join(t.list_comma),
    }
}

/// A step as a form.
pub(crate) fn step_form(visit: &Visit<'_>, next: &NextStep) -> StepForm {
    let (t, lang) = (visit.texts(), visit.lang());
    let words = |texts: &[Text]| {
        texts.iter().map(|text| text.get(lang)).collect::<Vec<_>>().join(t.list_comma)
    };
    StepForm {
        transition: next.transition.clone(),
        label: next.label.get(lang).to_owned(),
        to: next.to.get(lang).to_owned(),
        who: words(&next.who),
        is_mine: next.mine,
        blocked: next.blocked.iter().map(|guard| guard.text.get(lang).to_owned()).collect(),
        evidence: next
            .evidence
            .iter()
            .map(|(kind, label)| (kind.clone(), label.get(lang).to_owned()))
            .collect(),
        clause: next.clause.as_ref().map(|says| says.get(lang).to_owned()),
        asks: Asks {
            quorum: next.quorum,
            votes: next.votes,
            second: next.second,
            signatory: next.signatory,
            sample: next.sample,
            document: next.document,
            reason: next.reason,
        },
        notice_until: next.notice_until.clone(),
        reject_to: next.reject_to.as_ref().map(|to| to.get(lang).to_owned()),
    }
}

/// Takes the step of a form, or says which guard it does not pass.
pub(crate) fn step(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let id = visit.param_id("id")?;
    let (viewer, machines) = (visit.viewer()?, machines(visit)?);
    seen(visit, machines, &viewer.scope, id)?;
    take(visit, machines, id)?;
    Ok(Reply::redirect(format!("/cases/{id}")))
}

/// Takes the step of a form at the reader's desk.
pub(crate) fn take(visit: &Visit<'_>, machines: &Machines, id: i64) -> Result<(), Fault> {
    let (app, viewer) = (visit.app, visit.viewer()?);
    let actor = Actor { login: viewer.actor(), role: viewer.role, area: viewer.area };
    let today = app.today()?;
    let run = NewestRun(viewer.scope.clone());
    let (store, clauses) = (&app.store, Some(&run as &dyn commands::Clauses));
    let desk = Desk { store, machines, actor: &actor, today, clauses, people: Some(&Accounts) };
    let version: i64 = visit.form("version").parse().map_err(|_| Fault::ForeignForm)?;
    let (transition, facts) = (visit.form("transition"), facts(visit, today)?);
    let outcome = match visit.form("reject") {
        "1" => commands::reject(&desk, (id, version), transition, &facts),
        _ => commands::step(&desk, (id, version), transition, &facts),
    };
    outcome.map(|_| ()).map_err(failed)
}

/// What the newest run says of households within the reader's scope.
#[derive(Debug)]
pub(crate) struct NewestRun(pub(crate) Scope);

impl commands::Clauses for NewestRun {
    fn truth(
        &self,
        conn: &Conn,
        clause: &str,
        area: AreaCode,
        household: i64,
    ) -> Result<Option<bool>, StoreError> {
        use qb_targeting::queries::{clauses, newest_run, verdicts_of};
        let Some(run) = newest_run(conn)? else { return Ok(None) };
        let found = clauses(conn, run.id)?.into_iter().find(|found| found.clause == clause);
        let Some(clause) = found else { return Ok(None) };
        let signs = verdicts_of(conn, &self.0, run.id, &clause.level, area, household)?;
        let sign = signs.and_then(|signs| signs.as_bytes().get(clause.position).copied());
        Ok(match sign {
            Some(b'1') => Some(true),
            Some(b'0') => Some(false),
            _ => None,
        })
    }
}

/// A case outside the reader's area does not exist.
pub(crate) fn reachable(visit: &Visit<'_>, scope: Scope, id: i64) -> Result<(), Fault> {
    let area = visit.app.store.read(|conn| queries::case_area(conn, id))?;
    match area {
        Some(area) if scope.covers(area) => Ok(()),
        _ => Err(Fault::NotFound),
    }
}

/// What a form tells of a step.
pub(crate) fn facts(visit: &Visit<'_>, today: Date) -> Result<StepFacts, Fault> {
    let text = |name: &str| -> Option<String> {
        let value: String = visit.form(name).trim().chars().take(FIELD_CHARS_MAX).collect();
        (!value.is_empty()).then_some(value)
    };
    let day = |name: &str| match text(name) {
        None => Ok(None),
        Some(value) => value.parse::<Date>().map(Some).map_err(|_| unreadable(&value)),
    };
    let number = |name: &str| match text(name) {
        None => Ok(None),
        Some(value) => value.parse::<i64>().map(Some).map_err(|_| unreadable(&value)),
    };
    let sample = match text("sample") {
        None => None,
        Some(value) => {
            let percent = Decimal::parse(&value).ok_or_else(|| unreadable(&value))?;
            Some(percent.shift(PERCENT_DIGITS).ok_or_else(|| unreadable(&value))?)
        }
    };
    let papers = visit.incoming.form.iter().filter_map(|(name, value)| {
        let kind = name.strip_prefix("evidence_")?;
        let paper = value.trim();
        (!paper.is_empty()).then_some((kind, paper))
    });
    let mut evidence = Vec::new();
    for (kind, paper) in papers {
        let pages = match visit.form(&format!("pages_{kind}")).trim() {
            // The form says so: a paper without a number of pages has one.
            "" => 1,
            pages => pages.parse().map_err(|_| unreadable(pages))?,
        };
        let digest = Digest::of(paper.as_bytes()).to_string();
        evidence.push(Evidence { kind: kind.to_owned(), digest, pages });
    }
    Ok(StepFacts {
        on: day("on")?.unwrap_or(today),
        present: number("present")?,
        entitled: number("entitled")?,
        votes: number("votes")?,
        second: text("second"),
        signatory: text("signatory"),
        sample,
        notice_until: day("notice_until")?,
        evidence,
        document: text("document"),
        reason: text("reason"),
        by: None,
        paper: None,
        office: None,
    })
}

fn unreadable(value: &str) -> Fault {
    Fault::Unusable(Text::new(
        format!("“{value}”读不出来：日期写成2016-10-20，数量只写数字"),
        format!("`{value}` cannot be read: write dates as 2016-10-20 and numbers in digits"),
    ))
}
