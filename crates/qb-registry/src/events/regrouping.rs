//! Stating that a household splits or joins another: who goes, under which number, and what
//! everybody is to the head then.

use qb_base::{AreaCode, AreaLevel};
use qb_policy::Pack;
use qb_store::{Conn, StoreError};

use super::life::{self, Life};
use super::model::{Doubt, Part, Proposal, Regroup};
use super::proposing::relation_code;
use super::regroup::{self, Members};
use super::regrouping_texts::{
    ALL_GO, HEAD_GOES, HEAD_THERE, HEADLESS_THERE, NEW_HEAD, NOBODY_GOES, NOT_FOUND, OTHER_HEAD,
    STRANGER, USED,
};
use super::stating::{AREA, HAPPENED_ON, Numbered, Said, Stating, Subject, fault};
use super::stating_texts::{NO_PLACE, TOO_EARLY};
use crate::draft::RELATION_HEAD;
use crate::error::RegistryError;
use crate::fault::TypedFault;
use crate::issue::Issue;

/// The column that names the other household.
const HOUSEHOLD_NO: &str = "household_no";
/// What a statement says of the members.
const MEMBERS: &str = "members";

/// What becomes of a member, as a person states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placing {
    /// The member.
    pub person: i64,
    /// Whether it goes to the other household; where a household joins another everybody does.
    pub goes: bool,
    /// What it is to the head there, or here: a code or its label; blank where nobody knows.
    pub relation: String,
}

/// A statement, whom it is about, and who states it.
type Of<'a> = ((&'a Stating<'a>, &'a Numbered), &'a Subject, &'a qb_access::Scope);

/// Some members begin a household of their own.
pub(super) fn splitting(
    conn: &Conn,
    pack: &Pack,
    ((stating, numbered), subject, _): Of<'_>,
    (proposal, faults): (Proposal, &mut Vec<TypedFault>),
) -> Result<Proposal, RegistryError> {
    let members = regroup::members(conn, subject.household)?;
    let other_no = number(numbered, faults);
    if let Some(number) = &other_no
        && life::numbered(conn, number)?.is_some_and(|(_, never_was)| !never_was)
    {
        faults.push(said(HOUSEHOLD_NO, USED));
    }
    let area = match stating.area {
        None => Some(subject.area),
        Some(area) => Some(area).filter(|area| *area == subject.area || is_village(pack, area)),
    };
    if area.is_none() {
        faults.push(said(AREA, NO_PLACE));
    }
    let is_head = |relation: &Option<String>| relation.as_deref() == Some(RELATION_HEAD);
    let goes = |id: i64| stating.members.iter().any(|one| one.person == id && one.goes);
    // Where the head goes, what those who stay were to it says nothing any more.
    let keeps_head = members.iter().any(|(id, relation, _)| is_head(relation) && !goes(*id));
    let parts = parts(pack, (stating, &members), faults, |(id, before, _), stated| {
        let stays_as = before.clone().filter(|_| keeps_head);
        let relation_after = if goes(*id) { stated } else { stated.or(stays_as) };
        (goes(*id), relation_after)
    });
    let heads = |there: bool| {
        let of = parts.iter().filter(move |part| part.goes == there);
        of.filter(|part| is_head(&part.relation_after)).count()
    };
    let going = parts.iter().filter(|part| part.goes).count();
    match (going, parts.len() - going) {
        (0, _) => faults.push(said(MEMBERS, NOBODY_GOES)),
        (_, 0) => faults.push(said(MEMBERS, ALL_GO)),
        _ if heads(true) != 1 => faults.push(said(MEMBERS, NEW_HEAD)),
        _ if heads(false) != 1 && keeps_head => faults.push(said(MEMBERS, OTHER_HEAD)),
        _ if heads(false) != 1 => faults.push(said(MEMBERS, HEAD_GOES)),
        _ => {}
    }
    too_early((stating, &members), &parts, None, faults);
    let person = parts.iter().find(|part| part.goes && is_head(&part.relation_after));
    let person = person.map(|part| part.person);
    let areas = area.map(|area| (subject.area, area));
    let regroup = other_no.map(|other_no| Regroup { other: None, other_no, parts });
    Ok(doubtful(Proposal { person, areas, regroup, ..proposal }))
}

/// All members join another household.
pub(super) fn merging(
    conn: &Conn,
    pack: &Pack,
    ((stating, numbered), subject, scope): Of<'_>,
    (proposal, faults): (Proposal, &mut Vec<TypedFault>),
) -> Result<Proposal, RegistryError> {
    let members = regroup::members(conn, subject.household)?;
    let other_no = number(numbered, faults);
    let found = match &other_no {
        Some(number) => joined(conn, number, scope)?.filter(|(id, _)| *id != subject.household),
        None => None,
    };
    if other_no.is_some() && found.is_none() {
        faults.push(said(HOUSEHOLD_NO, NOT_FOUND));
    }
    let parts = parts(pack, (stating, &members), faults, |_, stated| (true, stated));
    if parts.iter().any(|part| part.relation_after.as_deref() == Some(RELATION_HEAD)) {
        faults.push(said(MEMBERS, HEAD_THERE));
    }
    let mut began_on = Life::of(conn, subject.household)?.began_on;
    if let Some((other, _)) = found {
        let there = regroup::members(conn, other)?;
        let head = |(_, relation, _): &&(i64, Option<String>, String)| {
            relation.as_deref() == Some(RELATION_HEAD)
        };
        if there.iter().filter(head).count() != 1 {
            faults.push(said(HOUSEHOLD_NO, HEADLESS_THERE));
        }
        began_on = began_on.max(Life::of(conn, other)?.began_on);
    }
    too_early((stating, &members), &parts, began_on, faults);
    let areas = found.map(|(_, area)| (subject.area, area));
    let regroup = other_no.map(|other_no| {
        let other = found.map(|(id, _)| id);
        Regroup { other, other_no, parts }
    });
    Ok(doubtful(Proposal { areas, regroup, ..proposal }))
}

/// A relation that nobody states is said before anybody decides.
fn doubtful(proposal: Proposal) -> Proposal {
    let mut parts = proposal.regroup.iter().flat_map(|regroup| &regroup.parts);
    let is_unknown = parts.any(|part| part.is_touched() && part.relation_after.is_none());
    let doubt = if is_unknown { Some(Doubt::RelationsUnknown) } else { proposal.doubt };
    Proposal { doubt, ..proposal }
}

/// The number that is stated; that it is missing is said already.
fn number(numbered: &Numbered, faults: &mut Vec<TypedFault>) -> Option<String> {
    match numbered {
        Ok(number) => number.clone(),
        Err(wrong) => {
            faults.push(said(HOUSEHOLD_NO, wrong.clone()));
            None
        }
    }
}

/// A household that goes on, by its number, where whoever states it may read it.
fn joined(
    conn: &Conn,
    number: &str,
    scope: &qb_access::Scope,
) -> Result<Option<(i64, AreaCode)>, StoreError> {
    let sql = "select id, area_code from household where household_no = $1";
    let found = conn.query_opt(sql, &[number.into()], |row| Ok((row.int(0)?, row.text(1)?)))?;
    let Some((id, area)) = found else { return Ok(None) };
    let area = AreaCode::parse(&area).ok().filter(|area| scope.covers(*area));
    let goes_on = !life::is_over(conn, id)?;
    Ok(area.filter(|_| goes_on).map(|area| (id, area)))
}

fn is_village(pack: &Pack, area: &AreaCode) -> bool {
    area.level() == AreaLevel::Village && pack.area(area).is_some()
}

/// One member as the register has it.
type Member = (i64, Option<String>, String);

/// What becomes of each member; a fault where somebody else is named or a word is no relation.
fn parts(
    pack: &Pack,
    (stating, members): (&Stating<'_>, &Members),
    faults: &mut Vec<TypedFault>,
    placed: impl Fn(&Member, Option<String>) -> (bool, Option<String>),
) -> Vec<Part> {
    let is_member = |id: i64| members.iter().any(|(member, ..)| *member == id);
    if stating.members.iter().any(|one| !is_member(one.person)) {
        faults.push(said(MEMBERS, STRANGER));
    }
    let mut parts = Vec::new();
    for member in members {
        let (id, before, _) = member;
        let word = stating.members.iter().find(|one| one.person == *id);
        let word = word.map(|one| one.relation.trim()).filter(|word| !word.is_empty());
        let stated = match word {
            None => None,
            Some(word) => match relation_code(pack, word) {
                Ok(code) => Some(code),
                Err(message) => {
                    faults.push(fault(Some(MEMBERS), message, Issue::LabelUnknown.remedy()));
                    None
                }
            },
        };
        let (goes, relation_after) = placed(member, stated);
        let relation_before = before.clone();
        parts.push(Part { person: *id, goes, relation_before, relation_after });
    }
    parts
}

/// Nobody leaves before they came, and none joins a household before it began.
fn too_early(
    (stating, members): (&Stating<'_>, &Members),
    parts: &[Part],
    began_on: Option<String>,
    faults: &mut Vec<TypedFault>,
) {
    let day = stating.happened_on.to_string();
    let touched = |id: i64| parts.iter().any(|part| part.person == id && part.is_touched());
    let since = members.iter().filter(|(id, ..)| touched(*id)).map(|(_, _, since)| since.clone());
    let since = since.chain(began_on).max();
    if let Some(since) = since.filter(|since| day < *since) {
        let message = TOO_EARLY.0.fill(&[("day", &since)]);
        faults.push(fault(Some(HAPPENED_ON), message, TOO_EARLY.1));
    }
}

fn said(column: &str, (message, remedy): Said) -> TypedFault {
    fault(Some(column), message, remedy)
}
