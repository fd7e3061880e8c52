//! Stating an event of a household: a form made of what the pack says of its kind.

use askama::Template;
use qb_access::permission::VIEW_MINE;
use qb_access::{Role, Scope};
use qb_base::{AreaCode, AreaLevel, Date, Text};
use qb_intake::events::state;
use qb_policy::Column;
use qb_registry::events::{About, Effect, EventState, KindRule, Placing, Stated, Stating};
use qb_registry::model::Household;
use qb_registry::queries;
use qb_registry::{REQUIRED, TypedFault};

use crate::fault::Fault;
use crate::newest::label_or_dash;
use crate::page::{Page, Section, render, render_status};
use crate::reply::Reply;
use crate::routes::event::list as events;
use crate::routes::event::list::HEAD;
use crate::routes::event::sides as event_sides;
use crate::routes::household::mine;
use crate::routes::household::page as household;
use crate::routes::record::entry::{self, FIELD, FormField};
use crate::texts::put;
use crate::url::with_query;
use crate::visit::Visit;

/// The field that names each member who goes.
const GOES: &str = "go";
/// Before a member's id, the field of its relation.
const RELATION_OF: &str = "rel_";
/// Fields of every form, beside columns of the register.
const NAMED: [&str; 6] = ["happened_on", "person", "area", "paper", "reason", "members"];
/// The column of relations.
const RELATION: &str = "relation";
/// The status of a form that comes back.
const UNUSABLE: u16 = 422;

#[derive(Template)]
#[template(path = "event_form.html")]
struct FormTemplate<'a> {
    page: &'a Page,
    title: &'a str,
    number: &'a str,
    place: String,
    back: String,
    action: String,
    lead: String,
    /// Members to choose from; the first is none.
    people: Vec<(String, String)>,
    person: String,
    asks_person: bool,
    person_fault: Option<String>,
    today: String,
    happened_on: String,
    day_fault: Option<String>,
    /// What is known of each field stands in its label.
    fields: Vec<FormField>,
    village: Option<VillageField>,
    village_fault: Option<String>,
    members: Option<MembersField>,
    members_fault: Option<String>,
    paper: Option<&'a str>,
    paper_value: &'a str,
    paper_fault: Option<String>,
    reason: &'a str,
    reason_fault: Option<String>,
    faults: Vec<String>,
    is_refused: bool,
    submit: &'static str,
}

/// The village that a household moves to, or in which one begins.
struct VillageField {
    label: &'static str,
    is_required: bool,
    chosen: String,
    villages: Choices,
    /// Where other villages are found.
    others: Choices,
}

/// The members of a household that splits or joins another.
struct MembersField {
    lead: &'static str,
    /// Whether some stay.
    asks_who: bool,
    each: Vec<PlacingField>,
    relations: Choices,
}

/// A member who goes to another household or stays.
struct PlacingField {
    id: i64,
    label: String,
    goes: bool,
    relation: String,
}

/// A kind of event and the household it is stated about.
struct Matter {
    rule: KindRule,
    household: Household,
    area: AreaCode,
    scope: Scope,
}

/// What the reader may not state, or about whom, does not exist.
fn matter(visit: &Visit<'_>) -> Result<Matter, Fault> {
    let role = visit.viewer()?.role;
    let rules = events::rules(visit)?;
    let rule = rules.get(visit.param("kind")).ok_or(Fault::NotFound)?.clone();
    if !rule.is_stated_by(role) {
        return Err(Fault::Refused);
    }
    let scope = match visit.may(&VIEW_MINE) {
        true => visit.scope()?.of_ones_own().ok_or(Fault::Refused)?,
        false => visit.scope()?.clone(),
    };
    let id = visit.param_id("id")?;
    let household = visit.app.store.read(|conn| queries::household(conn, &scope, id))?;
    if role == Role::Helper && !mine::helps(visit, &household.household_no)? {
        return Err(Fault::NotFound);
    }
    let area = AreaCode::parse(&household.area_code).map_err(|_| Fault::NotFound)?;
    household::note(visit, &household)?;
    Ok(Matter { rule, household, area, scope })
}

/// The form; of what cannot happen to the household there is none.
pub(crate) fn form(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let matter = matter(visit)?;
    if !events::can_happen(&matter.rule, &matter.household) {
        return Err(Fault::NotFound);
    }
    page(visit, &matter, &[])
}

/// Keeps what was stated, or shows the form again with what is wrong.
pub(crate) fn save(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (app, matter) = (visit.app, matter(visit)?);
    let who =
        qb_registry::events::Decider { scope: matter.scope.clone(), ..events::decider(visit)? };
    let values: Vec<(String, String)> = matter
        .rule
        .fields
        .iter()
        .map(String::as_str)
        .chain(lacks_relation(&matter, visit.form("person")).then_some(RELATION))
        .map(|field| (field.to_owned(), visit.form(&format!("{FIELD}{field}")).trim().to_owned()))
        // What is left blank stays as it is known.
        .filter(|(_, value)| !value.is_empty())
        .collect();
    let Ok(happened_on) = visit.form("happened_on").parse::<Date>() else {
        let day = TypedFault {
            column: Some("happened_on".to_owned()),
            message: REQUIRED.0,
            remedy: REQUIRED.1,
        };
        return page(visit, &matter, &[day]);
    };
    let members = placings(visit, &matter);
    let stating = Stating {
        kind: &matter.rule.id,
        household: matter.household.id,
        person: visit.form("person").parse().ok(),
        area: chosen(visit)?,
        happened_on,
        values: &values,
        members: &members,
        paper: visit.form("paper"),
        reason: visit.form("reason"),
    };
    match state(&app.store, &app.pack, &stating, &who)? {
        Stated::Refused(faults) => page(visit, &matter, &faults),
        Stated::Kept(event) => {
            if event.state == EventState::Applied {
                events::settle(visit)?;
            }
            Ok(Reply::redirect(match visit.may(&VIEW_MINE) {
                true => back(visit, &matter),
                false => format!("/events/{}", event.id),
            }))
        }
    }
}

/// Where everybody is said to be then, of a household that splits or joins another.
fn placings(visit: &Visit<'_>, matter: &Matter) -> Vec<Placing> {
    if !is_regrouped(&matter.rule) {
        return Vec::new();
    }
    let members = matter.household.members.iter();
    let each = members.map(|member| Placing {
        person: member.person_id,
        goes: goes(visit, member.person_id),
        relation: visit.form(&format!("{RELATION_OF}{}", member.person_id)).to_owned(),
    });
    each.collect()
}

/// Whether the form says that a member goes.
fn goes(visit: &Visit<'_>, person: i64) -> bool {
    let id = person.to_string();
    visit.incoming.form.iter().any(|(name, value)| name == GOES && *value == id)
}

/// Whether a statement has to say what a member is to the head, because nobody knows it: no row
/// goes in without.
fn lacks_relation(matter: &Matter, person: &str) -> bool {
    let is_about = matter.rule.effect == Effect::Change && matter.rule.about == About::Member;
    let id = person.parse::<i64>().ok();
    let mut members = matter.household.members.iter();
    let member = members.find(|member| Some(member.person_id) == id);
    is_about && member.is_some_and(|member| member.relation.is_none())
}

/// Whether members go from one household to another.
fn is_regrouped(rule: &KindRule) -> bool {
    matches!(rule.effect, Effect::Split | Effect::Merge)
}

fn back(visit: &Visit<'_>, matter: &Matter) -> String {
    let id = matter.household.id;
    match visit.may(&VIEW_MINE) {
        true => with_query("/mine", &[("household", &id.to_string())]),
        false => format!("/households/{id}"),
    }
}

fn page(visit: &Visit<'_>, matter: &Matter, faults: &[TypedFault]) -> Result<Reply, Fault> {
    let (app, t, lang) = (visit.app, visit.texts(), visit.lang());
    let Matter { rule, household, area, .. } = matter;
    let title = rule.says.get(lang);
    let mut page = Page::new(visit, Section::Register, title);
    if visit.scope()?.covers(*area) && !visit.may(&VIEW_MINE) {
        page = page.for_area(visit, *area)?;
    }
    let of = |column: &str| {
        let fault = faults.iter().find(|fault| fault.column.as_deref() == Some(column));
        fault.map(|fault| entry::says(t, fault, lang))
    };
    let person = match visit.form("person") {
        "" => visit.query("person"),
        person => person,
    };
    let is_asked = |id: &str| {
        let is_lacking = id == RELATION && lacks_relation(matter, person);
        is_lacking || NAMED.contains(&id) || rule.fields.iter().any(|one| one == id)
    };
    let of_form =
        faults.iter().filter(|fault| fault.column.as_deref().is_none_or(|id| !is_asked(id)));
    let asks_person = match rule.effect {
        Effect::HeadChange | Effect::Left | Effect::Return => true,
        Effect::Change => rule.about == About::Member,
        Effect::Move | Effect::Join | Effect::Split | Effect::Merge => false,
    };
    let today = app.today()?.to_string();
    let template = FormTemplate {
        page: &page,
        title,
        number: &household.household_no,
        place: app.areas()?.path_text(*area),
        back: back(visit, matter),
        action: format!("/households/{}/events/{}", household.id, rule.id),
        lead: lead(visit, rule),
        people: people(visit, matter)?,
        person: person.to_owned(),
        asks_person,
        person_fault: of("person"),
        happened_on: match visit.form("happened_on") {
            "" => today.clone(),
            day => day.to_owned(),
        },
        today,
        day_fault: of("happened_on"),
        fields: fields(visit, matter, (person, faults))?,
        village: village(visit, matter)?,
        village_fault: of("area"),
        members: members(visit, matter)?,
        members_fault: of("members"),
        paper: rule.paper.as_ref().map(|paper| paper.get(lang)),
        paper_value: visit.form("paper"),
        paper_fault: of("paper"),
        reason: visit.form("reason"),
        reason_fault: of("reason"),
        faults: of_form.map(|fault| entry::says(t, fault, lang)).collect(),
        is_refused: !faults.is_empty(),
        submit: match rule.at_once && rule.is_decided_by(visit.viewer()?.role) {
            true => t.event_write,
            false => t.event_send,
        },
    };
    if faults.is_empty() { render(&template) } else { render_status(UNUSABLE, &template) }
}

/// Who decides about it, in words.
fn lead(visit: &Visit<'_>, rule: &KindRule) -> String {
    let (t, lang) = (visit.texts(), visit.lang());
    let roles = Role::ALL.iter().filter(|role| rule.is_decided_by(**role));
    let roles: Vec<String> = roles.map(|role| role.label().get(lang).to_owned()).collect();
    let says = if rule.at_once { t.event_at_once } else { t.event_waits };
    let says = put(says, &[("roles", &roles.join(t.list_comma))]);
    match rule.effect {
        Effect::Change => format!("{says}{}", t.event_blank),
        _ => says,
    }
}

/// Members to choose from, or for a return those who left.
fn people(visit: &Visit<'_>, matter: &Matter) -> Result<Vec<(String, String)>, Fault> {
    let (pack, lang, household) = (&visit.app.pack, visit.lang(), &matter.household);
    let relation =
        |code: &Option<String>| label_or_dash(pack, "relation", code.as_deref(), lang).to_owned();
    if matter.rule.effect == Effect::Return {
        let former = |conn: &_| queries::former_members(conn, &matter.scope, household.id);
        let former = visit.app.store.read(former)?.into_iter();
        return Ok(former
            .map(|one| (one.person_id.to_string(), format!("{} · {}", one.name, one.until)))
            .collect());
    }
    let members = household.members.iter();
    let each = members.map(|one| {
        (one.person_id.to_string(), format!("{} · {}", one.name, relation(&one.relation)))
    });
    Ok(each.collect())
}

/// The village that is asked for, where a household moves or one begins.
fn village(visit: &Visit<'_>, matter: &Matter) -> Result<Option<VillageField>, Fault> {
    let t = visit.texts();
    let (label, is_required) = match matter.rule.effect {
        Effect::Move => (t.event_village, true),
        Effect::Split => (t.event_new_village, false),
        _ => return Ok(None),
    };
    let (villages, others) = villages(visit, matter)?;
    let chosen = visit.form("area").to_owned();
    Ok(Some(VillageField { label, is_required, chosen, villages, others }))
}

/// A line for each member of a household that splits or joins another; in one that is joined there
/// is a head already.
fn members(visit: &Visit<'_>, matter: &Matter) -> Result<Option<MembersField>, Fault> {
    let (t, pack, lang) = (visit.texts(), &visit.app.pack, visit.lang());
    let effect = matter.rule.effect;
    let (lead, asks_who) = match effect {
        Effect::Split => (t.event_split_lead, true),
        Effect::Merge => (t.event_merge_lead, false),
        _ => return Ok(None),
    };
    let placed = placings(visit, matter).into_iter().zip(&matter.household.members);
    let each = placed.map(|(placing, member)| {
        let relation = label_or_dash(pack, RELATION, member.relation.as_deref(), lang);
        PlacingField {
            id: placing.person,
            label: format!("{} · {relation}", member.name),
            goes: placing.goes,
            relation: placing.relation,
        }
    });
    let each = each.collect();
    let column = events::layout(visit)?.column(RELATION);
    let relations =
        column.map(|column| options(visit, column, effect)).into_iter().flatten().collect();
    Ok(Some(MembersField { lead, asks_who, each, relations }))
}

/// What may be chosen of a column; who is head changes by an event of its own, or where a household
/// begins.
fn options(visit: &Visit<'_>, column: &Column, effect: Effect) -> Choices {
    let may_be_head = column.id != RELATION || effect == Effect::Split;
    let all = entry::options(visit, column).into_iter();
    all.filter(|(code, _)| may_be_head || code != HEAD).collect()
}

fn fields(
    visit: &Visit<'_>,
    matter: &Matter,
    (person, faults): (&str, &[TypedFault]),
) -> Result<Vec<FormField>, Fault> {
    let (t, lang, layout) = (visit.texts(), visit.lang(), events::layout(visit)?);
    let member = person
        .parse()
        .ok()
        .and_then(|id: i64| matter.household.members.iter().find(|member| member.person_id == id));
    let lacks = lacks_relation(matter, person);
    let relation = lacks.then(|| RELATION.to_owned());
    let mut fields = Vec::new();
    for id in relation.iter().chain(&matter.rule.fields) {
        // What everybody is to the head is asked for member by member.
        if is_regrouped(&matter.rule) && id == RELATION {
            continue;
        }
        let Some(column) = layout.column(id) else { continue };
        let mut label = match matter.rule.effect {
            Effect::Split => t.event_new_no.to_owned(),
            Effect::Merge => t.event_into_no.to_owned(),
            _ => column.label.get(lang).to_owned(),
        };
        let shows_known = matter.rule.about == About::Household || member.is_some();
        if matter.rule.effect == Effect::Change && shows_known {
            let known = event_sides::known(visit, column, &matter.household, member)?;
            label = put(t.event_known_now, &[("what", label.as_str()), ("value", &known)]);
        }
        let fault = faults.iter().find(|fault| fault.column.as_ref() == Some(id));
        fields.push(FormField {
            name: format!("{FIELD}{id}"),
            label,
            input: entry::input(&column.kind),
            value: visit.form(&format!("{FIELD}{id}")).to_owned(),
            is_required: (lacks && id == RELATION) || matter.rule.required.contains(id),
            is_fixed: false,
            options: options(visit, column, matter.rule.effect),
            fault: fault.map(|fault| entry::says(t, fault, lang)),
        });
    }
    Ok(fields)
}

/// The village that is chosen, if one is: nobody comes to live in one that ended.
fn chosen(visit: &Visit<'_>) -> Result<Option<AreaCode>, Fault> {
    let Ok(area) = AreaCode::parse(visit.form("area")) else { return Ok(None) };
    let index = visit.app.areas()?;
    let Some(end) = index.end(area) else { return Ok(Some(area)) };
    let successor = index.name(index.goes_on(area));
    let values = [("area", &*index.name(area)), ("on", &end.on), ("into", &*successor)];
    Err(Fault::Unusable(ENDED.fill(&values)))
}

const ENDED: Text = Text::fixed(
    "{area}已于{on}撤并，由{into}承接；请选{into}",
    "{area} ended on {on} and {into} took over; choose {into}",
);

/// Choices with what is sent and what is read.
type Choices = Vec<(String, String)>;

/// The villages of a town, the household's own unless another is asked for, and the ways to others.
fn villages(visit: &Visit<'_>, matter: &Matter) -> Result<(Choices, Choices), Fault> {
    let index = visit.app.areas()?;
    let own = matter.area.parent().unwrap_or(matter.area);
    // A form that comes back shows the villages among which one was chosen.
    let chosen = AreaCode::parse(visit.form("area")).ok().and_then(|village| village.parent());
    let within = match visit.query("within") {
        "" => chosen.filter(|town| index.contains(*town)).unwrap_or(own),
        code => AreaCode::parse(code).map_err(|_| Fault::NotFound)?,
    };
    let here = visit.param_id("id")?;
    let link = |area: AreaCode| {
        let address = format!("/households/{here}/events/{}", matter.rule.id);
        (index.path_text(area), with_query(&address, &[("within", area.as_str())]))
    };
    let below = index.children(within);
    let is_village = |area: &AreaCode| area.level() == AreaLevel::Village;
    let villages = below.iter().map(|area| area.code).filter(|area| is_village(area));
    let villages = villages
        .filter(|area| *area != matter.area)
        .map(|area| (area.to_string(), index.path_text(area)))
        .collect();
    let finer = below.iter().map(|area| area.code).filter(|area| !is_village(area)).map(link);
    let others = within.parent().filter(|area| index.contains(*area)).map(link);
    Ok((villages, others.into_iter().chain(finer).collect()))
}
