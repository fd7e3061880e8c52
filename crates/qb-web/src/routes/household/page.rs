//! The page of one household, its reasons, and reading an identity number.

use askama::Template;
use qb_access::permission::VIEW_READERS;
use qb_base::{AreaCode, Fen, Lang, Timestamp};
use qb_policy::{ClauseKind, IncomeCategory, Level, Pack};
use qb_registry::model::{Household, Life, Member, Statement};
use qb_registry::queries;
use qb_store::Conn;

use crate::basis;
use crate::fault::Fault;
use crate::format::yuan;
use crate::newest::{RunInfo, label, label_or_dash};
use crate::page::{Page, Section, render};
use crate::reply::Reply;
use crate::routes::case::page as cases;
use crate::routes::case::step as casework;
use crate::routes::event::list as events;
use crate::routes::household::list::{Mark, status_text};
use crate::routes::record::entry;
use crate::seen::{Shown, What};
use crate::slip::{Slip, Writer};
use crate::texts::{Texts, put};
use crate::visit::Visit;

/// Income years shown beside each other.
const YEARS_MAX: usize = 3;
/// Characters of a reason that are kept.
const REASON_CHARS_MAX: usize = 200;

struct MemberRow<'a> {
    id: i64,
    name: &'a str,
    relation: &'a str,
    sex: &'a str,
    birth: &'a str,
    health: &'a str,
    school: &'a str,
    labour: &'a str,
    work: String,
    insured: &'static str,
    has_id: bool,
}

struct IncomeRow<'a> {
    label: &'a str,
    category: &'static str,
    counted: &'static str,
    amounts: Vec<String>,
}

struct RuleRow<'a> {
    id: &'a str,
    says: &'a str,
    mark: Mark,
}

struct Change {
    at: String,
    what: String,
    row: String,
}

#[derive(Template)]
#[template(path = "household.html")]
struct HouseholdTemplate<'a> {
    page: &'a Page,
    id: i64,
    no: &'a str,
    title: String,
    village: String,
    group: Option<&'a str>,
    facts: Vec<(&'static str, String)>,
    /// How it began out of another, or ended in one, and the page of that one.
    life: Option<(String, String)>,
    members: Vec<MemberRow<'a>>,
    may_reveal: bool,
    /// Whether the reader may see who looked at the household.
    readers: bool,
    years: Vec<String>,
    incomes: Vec<IncomeRow<'a>>,
    /// Whether something about the household changed after it was judged.
    are_rules_older: bool,
    rules: Vec<RuleRow<'a>>,
    changes: Vec<Change>,
    /// What the reader opens or writes down about the household, and where.
    entries: Vec<(String, String)>,
    /// Events that the reader may state, and where.
    stated: Vec<(String, String)>,
    /// Events so far: day, kind, how far, and where one is read whole.
    events: Vec<(String, String, String, String)>,
}

/// One household: summary, members, income, verdicts, history. Outside the reader's area it does
/// not exist.
pub(crate) fn show(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let id = visit.param_id("id")?;
    let (app, t, lang) = (visit.app, visit.texts(), visit.lang());
    let scope = visit.scope()?;
    let run = app.newest.run(&app.store)?;
    let run = run.as_ref().as_ref();
    let (household, area, verdicts, are_rules_older) = app.store.read(|conn| {
        let household = queries::household(conn, scope, id)?;
        let area = AreaCode::parse(&household.area_code).map_err(|_| Fault::NotFound)?;
        let verdicts = match run {
            None => None,
            Some(run) => {
                let run_id = run.run.id;
                qb_targeting::queries::verdicts_of(conn, scope, run_id, "household", area, id)?
            }
        };
        let are_older = are_older(conn, run.map(|run| run.run.started_at), id)?;
        Ok::<_, Fault>((household, area, verdicts, are_older))
    })?;
    visit.reach(area)?;
    note(visit, &household)?;
    let pack = &app.pack;
    let machines = cases::machines(visit)?;
    let opening = casework::opening_of(visit, machines, &household)?;
    let writes = entry::about_household(visit, household.id).into_iter();
    let writes = writes.map(|(list, address)| (format!("{}: {list}", t.entry_about), address));
    let goes_on = !household.is_over();
    let entries = opening
        .map(|address| (t.case_open.to_owned(), address))
        .into_iter()
        .chain(writes)
        .filter(|_| goes_on)
        .collect();
    let reads_health = app.reading()?.reads_field(scope, "health");
    let head = household.members.first().map_or("—", |head| head.name.as_str());
    let title = put(t.household_of, &[("name", head)]);
    let number = put(t.household_title, &[("no", &household.household_no)]);
    let page = Page::new(visit, Section::Register, number).for_area(visit, area)?;
    render(&HouseholdTemplate {
        page: &page,
        id,
        no: &household.household_no,
        title,
        village: app.areas()?.name(area),
        group: household.group_name.as_deref(),
        facts: facts(pack, t, lang, &household),
        life: household.life.as_ref().and_then(|life| life_of(t, life)),
        members: household
            .members
            .iter()
            .map(|member| member_row(pack, t, lang, (member, reads_health)))
            .collect(),
        readers: visit.may(&VIEW_READERS),
        may_reveal: scope.revealing_identity().is_some(),
        years: household
            .statements
            .iter()
            .take(YEARS_MAX)
            .map(|s| s.policy_year.to_string())
            .collect(),
        incomes: incomes(pack, t, lang, &household.statements),
        are_rules_older,
        rules: rules(pack, t, lang, run.zip(verdicts.as_deref())),
        changes: changes(pack, t, lang, &household),
        entries,
        stated: if goes_on { events::stated(visit, &household)? } else { Vec::new() },
        events: events::of_household(visit, id)?,
    })
}

/// How a household began out of another, or ended in one.
fn life_of(t: &'static Texts, life: &Life) -> Option<(String, String)> {
    let (says, day, other) = match (&life.ended_on, &life.into) {
        (Some(day), Some(into)) => (t.life_into, day, into),
        (Some(_), None) => return Some((t.life_never.to_owned(), String::new())),
        (None, _) => (t.life_from, life.began_on.as_ref()?, life.from.as_ref()?),
    };
    let (id, no) = other;
    Some((put(says, &[("day", day), ("no", no)]), format!("/households/{id}")))
}

/// Whether what is stored of a household changed after the run whose verdicts are shown.
fn are_older(conn: &Conn, run_at: Option<i64>, id: i64) -> Result<bool, Fault> {
    // Before the first run there are no verdicts.
    let Some(at) = run_at else { return Ok(false) };
    // Most of the time nothing came after a run, and no household has to be looked through.
    Ok(qb_targeting::queries::may_have_changed(conn, at)?
        && queries::household_changed(conn, id)? > at)
}

/// Notes the household and its members before they are shown.
pub(crate) fn note(visit: &Visit<'_>, household: &Household) -> Result<(), Fault> {
    let members = qb_base::count(household.members.len());
    let shown = Shown {
        household: Some(household.id),
        row: household.id,
        area: &household.area_code,
        persons: members.max(1),
    };
    visit.shows(&format!("household {}", household.id), &[shown])
}

fn facts(
    pack: &Pack,
    t: &'static Texts,
    lang: Lang,
    household: &Household,
) -> Vec<(&'static str, String)> {
    let coded =
        |list, code: &Option<String>| label_or_dash(pack, list, code.as_deref(), lang).to_owned();
    let told = |value: Option<bool>| yes_no(t, value).to_owned();
    let registration = household.registrations.first();
    let status = registration.map_or_else(
        || "—".to_owned(),
        |r| status_text(pack, lang, r.exit_status.as_deref(), r.exit_year),
    );
    vec![
        (
            t.households_members,
            household.member_count.map_or_else(|| "—".to_owned(), |n| n.to_string()),
        ),
        (t.households_status, status),
        (t.households_class, coded("household_class", &household.household_class)),
        (t.households_cause, coded("cause", &household.cause_main)),
        (t.household_cause_other, coded("cause", &household.cause_other)),
        (
            t.household_income_declared,
            household
                .income_reported
                .map_or_else(|| "—".to_owned(), |fen| format!("{} {}", yuan(fen), t.unit_yuan)),
        ),
        (t.condition_dangerous, told(household.dangerous_house)),
        (t.condition_water_safe, told(household.water_safe)),
        (t.condition_water_short, told(household.water_short)),
        (
            t.household_identified,
            registration.and_then(|r| r.identified_on.clone()).unwrap_or_else(|| "—".to_owned()),
        ),
    ]
}

fn yes_no(t: &'static Texts, value: Option<bool>) -> &'static str {
    match value {
        Some(true) => t.yes,
        Some(false) => t.no,
        None => t.unknown,
    }
}

fn member_row<'a>(
    pack: &'a Pack,
    t: &'static Texts,
    lang: Lang,
    (member, reads_health): (&'a Member, bool),
) -> MemberRow<'a> {
    let coded =
        |list: &str, code: &'a Option<String>| label_or_dash(pack, list, code.as_deref(), lang);
    let months = member
        .work_months
        .filter(|months| *months > 0)
        .map(|months| put(t.member_work_months, &[("months", &months.to_string())]));
    let place = member.work_place.as_deref().map(|code| label(pack, "work_place", code, lang));
    let work: Vec<&str> = place.into_iter().chain(months.as_deref()).collect();
    let school = if member.school_status.is_some() {
        coded("school_status", &member.school_status)
    } else {
        coded("education", &member.education)
    };
    MemberRow {
        id: member.person_id,
        name: &member.name,
        relation: coded("relation", &member.relation),
        sex: coded("sex", &member.sex),
        birth: member.birth_on.as_deref().unwrap_or("—"),
        health: if reads_health { coded("health", &member.health) } else { "＊" },
        school,
        labour: coded("labour", &member.labour),
        work: if work.is_empty() { "—".to_owned() } else { work.join(" · ") },
        insured: yes_no(t, member.medical_insured),
        has_id: member.has_id,
    }
}

/// Items in the order of the pack, for the newest years; items nobody entered are left out.
fn incomes<'a>(
    pack: &'a Pack,
    t: &'static Texts,
    lang: Lang,
    statements: &[Statement],
) -> Vec<IncomeRow<'a>> {
    let years: Vec<&Statement> = statements.iter().take(YEARS_MAX).collect();
    let amount = |statement: &Statement, item: &str| {
        statement.items.iter().find(|(id, _)| id == item).map(|(_, amount)| *amount)
    };
    let rows = pack.income_items.iter().filter_map(|item| {
        let amounts: Vec<Option<Fen>> =
            years.iter().map(|statement| amount(statement, &item.id)).collect();
        amounts.iter().any(Option::is_some).then(|| IncomeRow {
            label: item.label.get(lang),
            category: category(t, item.category),
            counted: counted(t, item.category, item.counted),
            amounts: amounts.into_iter().map(|a| a.map_or_else(|| "—".to_owned(), yuan)).collect(),
        })
    });
    rows.collect()
}

const fn counted(t: &'static Texts, category: IncomeCategory, counted: bool) -> &'static str {
    match (category, counted) {
        (IncomeCategory::Cost, true) => t.income_counted_cost,
        (_, true) => t.income_counted_yes,
        (_, false) => t.income_counted_no,
    }
}

const fn category(t: &'static Texts, category: IncomeCategory) -> &'static str {
    match category {
        IncomeCategory::Wage => t.income_category_wage,
        IncomeCategory::Business => t.income_category_business,
        IncomeCategory::Property => t.income_category_property,
        IncomeCategory::Transfer => t.income_category_transfer,
        IncomeCategory::Cost => t.income_category_cost,
        IncomeCategory::SelfPaid => t.income_category_self_paid,
    }
}

fn rules<'a>(
    pack: &'a Pack,
    t: &'static Texts,
    lang: Lang,
    found: Option<(&RunInfo, &str)>,
) -> Vec<RuleRow<'a>> {
    let Some((run, verdicts)) = found else { return Vec::new() };
    let row = |clause: &'a qb_policy::Clause| {
        let position = run.clause(&clause.id)?.position;
        let sign = verdicts.as_bytes().get(position).map(|byte| char::from(*byte));
        Some(RuleRow { id: &clause.id, says: clause.says.get(lang), mark: Mark::of(t, sign) })
    };
    pack.clauses
        .iter()
        .filter(|clause| clause.level == Level::Household && clause.kind == ClauseKind::Verdict)
        .filter_map(row)
        .filter(|row| !row.mark.sign.is_empty())
        .collect()
}

fn changes(pack: &Pack, t: &'static Texts, lang: Lang, household: &Household) -> Vec<Change> {
    let what = |members: Option<i64>, class: &Option<String>, cause: &Option<String>| {
        let members = members.map_or_else(|| "—".to_owned(), |n| n.to_string());
        let class = label_or_dash(pack, "household_class", class.as_deref(), lang);
        let cause = label_or_dash(pack, "cause", cause.as_deref(), lang);
        format!("{} {members} · {class} · {cause}", t.households_members)
    };
    let at = |ms: i64| Timestamp(ms).to_minute_in_china();
    let row = |row: i64| put(t.history_row, &[("row", &row.to_string())]);
    let now = Change {
        at: at(household.recorded_at),
        what: what(household.member_count, &household.household_class, &household.cause_main),
        row: row(household.source_row),
    };
    let earlier = household.versions.iter().map(|version| Change {
        at: at(version.recorded_at),
        what: what(version.member_count, &version.household_class, &version.cause_main),
        row: row(version.source_row),
    });
    std::iter::once(now).chain(earlier).collect()
}

#[derive(Template)]
#[template(path = "reasons.html")]
struct ReasonsTemplate<'a> {
    page: &'a Page,
    id: i64,
    no: &'a str,
    slips: Vec<Slip>,
}

#[derive(Template)]
#[template(path = "slips.html")]
struct SlipsTemplate<'a> {
    page: &'a Page,
    slips: Vec<Slip>,
}

/// Why each rule judges the household as it does; one rule as a fragment, or all for print.
pub(crate) fn reasons(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let id = visit.param_id("id")?;
    let (app, scope) = (visit.app, visit.scope()?);
    let household = app.store.read(|conn| queries::household(conn, scope, id))?;
    let area = AreaCode::parse(&household.area_code).map_err(|_| Fault::NotFound)?;
    visit.reach(area)?;
    note(visit, &household)?;
    let explainer = app.newest.explainer(&app.store, &app.pack)?;
    let slips = match explainer.as_ref() {
        None => Vec::new(),
        Some(explainer) => {
            let bases = basis::by_rule(&basis::documents(visit)?);
            let writer = Writer {
                pack: &app.pack,
                on: explainer.run().day()?,
                t: visit.texts(),
                lang: visit.lang(),
                bases: &bases,
            };
            writer.slips(&explainer.explain(id)?, visit.query("clause"))
        }
    };
    let number = put(visit.texts().household_title, &[("no", &household.household_no)]);
    let page = Page::new(visit, Section::Register, number).for_area(visit, area)?;
    if visit.incoming.is_fragment {
        return render(&SlipsTemplate { page: &page, slips });
    }
    render(&ReasonsTemplate { page: &page, id, no: &household.household_no, slips })
}

#[derive(Template)]
#[template(path = "reveal.html")]
struct RevealTemplate<'a> {
    page: &'a Page,
    household: i64,
    name: &'a str,
    action: String,
    message: String,
    reason: &'a str,
    number: String,
}

/// Asks why an identity number is to be read.
pub(crate) fn reveal_page(visit: &Visit<'_>) -> Result<Reply, Fault> {
    reveal_answer(visit, String::new(), String::new())
}

/// Records the reason and shows the number once.
pub(crate) fn reveal(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let reason: String = visit.form("reason").trim().chars().take(REASON_CHARS_MAX).collect();
    let reading = visit.app.reading()?;
    if !reading.is_reason(&reason) {
        let n = reading.reason_chars_min().to_string();
        return reveal_answer(visit, put(visit.texts().reveal_short, &[("n", &n)]), String::new());
    }
    let (household, area, person) = member(visit)?;
    let (viewer, who) = (visit.viewer()?, visit.who()?);
    let seen = &visit.app.seen;
    seen.admits(who, 1)?.map_err(Fault::from)?;
    let scope = viewer.scope.revealing_identity().ok_or(Fault::Refused)?;
    let store = &visit.app.store;
    let number = queries::reveal_id(store, &scope, &viewer.actor(), person.person_id, &reason)?;
    let object = format!("person {}", person.person_id);
    let what = What { action: visit.permission.action, object: &object };
    seen.number(who, what, (area.as_str(), household.id, person.person_id))?;
    reveal_answer(visit, String::new(), number)
}

/// The household and member of the address, if both are within the reader's area and belong
/// together.
fn member(visit: &Visit<'_>) -> Result<(Household, AreaCode, Member), Fault> {
    let (household_id, person_id) = (visit.param_id("id")?, visit.param_id("person")?);
    let scope = visit.scope()?;
    let household = visit.app.store.read(|conn| queries::household(conn, scope, household_id))?;
    let area = AreaCode::parse(&household.area_code).map_err(|_| Fault::NotFound)?;
    visit.reach(area)?;
    let found = household.members.iter().find(|member| member.person_id == person_id);
    let person = found.cloned().ok_or(Fault::NotFound)?;
    note(visit, &household)?;
    Ok((household, area, person))
}

fn reveal_answer(visit: &Visit<'_>, message: String, number: String) -> Result<Reply, Fault> {
    let (household, area, person) = member(visit)?;
    let t = visit.texts();
    let message = if person.has_id { message } else { t.reveal_none.to_owned() };
    let page = Page::new(visit, Section::Register, t.reveal_title).for_area(visit, area)?;
    render(&RevealTemplate {
        page: &page,
        household: household.id,
        name: &person.name,
        action: format!("/households/{}/persons/{}/identity", household.id, person.person_id),
        message,
        reason: visit.form("reason"),
        number,
    })
}
