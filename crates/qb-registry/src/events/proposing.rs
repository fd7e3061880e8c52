//! What a statement would do to the register, by its effect; what is wrong with it is noted.

use qb_base::{AreaCode, AreaLevel, Text};
use qb_policy::{CodeList, ColumnKind, Pack};
use qb_store::{Conn, StoreError};

use super::model::Proposal;
use super::rules::{About, KindRule, register_layout};
use super::spell;
use super::stating::{AREA, HAPPENED_ON, PERSON, RELATION, Stating, Subject, fault, proposal};
use super::stating_texts::{
    HEAD_LEAVES, IS_HEAD, NO_HEAD, NO_MEMBER, NO_PLACE, NO_RELATION, NOT_GONE, NOT_STATED,
    NOTHING_NEW, TOO_EARLY,
};
use crate::draft::RELATION_HEAD;
use crate::error::RegistryError;
use crate::fault::{REQUIRED, TypedFault};
use crate::issue::Issue;

pub(super) fn moving(
    pack: &Pack,
    rule: &KindRule,
    (stating, subject): (&Stating<'_>, &Subject),
    faults: &mut Vec<TypedFault>,
) -> Proposal {
    let is_village = |area: &AreaCode| {
        area.level() == AreaLevel::Village && pack.area(area).is_some() && *area != subject.area
    };
    let after = stating.area.filter(is_village);
    if after.is_none() {
        faults.push(fault(Some(AREA), NO_PLACE.0, NO_PLACE.1));
    }
    let areas = after.map(|after| (subject.area, after));
    Proposal { areas, ..proposal(rule, subject) }
}

/// The member a statement is about, and its relation; a fault where it is of another household.
fn member(
    conn: &Conn,
    (stating, subject): (&Stating<'_>, &Subject),
    faults: &mut Vec<TypedFault>,
) -> Result<Option<(i64, Option<String>)>, StoreError> {
    let found = match stating.person {
        Some(id) => {
            let now = spell::member_of(conn, id)?;
            now.filter(|now| now.household == Some(subject.household)).map(|now| (id, now.relation))
        }
        None => None,
    };
    if found.is_none() {
        faults.push(fault(Some(PERSON), NO_MEMBER.0, NO_MEMBER.1));
    }
    Ok(found)
}

/// The code of the relation that is filled in; none where it is left blank.
fn relation(pack: &Pack, stating: &Stating<'_>, faults: &mut Vec<TypedFault>) -> Option<String> {
    let (_, value) = stating.values.iter().find(|(id, _)| id == RELATION)?;
    if value.trim().is_empty() {
        return None;
    }
    match relation_code(pack, value) {
        Ok(code) if code != RELATION_HEAD => Some(code),
        found => {
            let message = found.map_or_else(|message| message, |_| unknown_relation(pack, value));
            faults.push(fault(Some(RELATION), message, Issue::LabelUnknown.remedy()));
            None
        }
    }
}

/// The code of a relation by its code or its label, or what to say where there is none.
pub(super) fn relation_code(pack: &Pack, word: &str) -> Result<String, Text> {
    let list = relations(pack);
    let code = list.and_then(|list| {
        list.code(word).or_else(|| list.codes.iter().find(|one| *one.label.zh == *word))
    });
    code.map(|code| code.id.clone()).ok_or_else(|| unknown_relation(pack, word))
}

fn relations(pack: &Pack) -> Option<&CodeList> {
    match register_layout(pack)?.column(RELATION).map(|column| &column.kind) {
        Some(ColumnKind::Code(list)) => pack.code_list(list),
        _ => None,
    }
}

fn unknown_relation(pack: &Pack, word: &str) -> Text {
    let title = relations(pack).map_or(RELATION, |list| &*list.title.zh);
    Issue::LabelUnknown.message().fill(&[("label", title), ("value", word), ("range", title)])
}

pub(super) fn heading(
    conn: &Conn,
    pack: &Pack,
    rule: &KindRule,
    (stating, subject): (&Stating<'_>, &Subject),
    faults: &mut Vec<TypedFault>,
) -> Result<Proposal, RegistryError> {
    let new = member(conn, (stating, subject), faults)?;
    if new.as_ref().is_some_and(|(_, relation)| relation.as_deref() == Some(RELATION_HEAD)) {
        faults.push(fault(Some(PERSON), IS_HEAD.0, IS_HEAD.1));
    }
    let sql = "select id from person where household_id = $1 and relation = 'HEAD'";
    let former = conn.query_opt(sql, &[subject.household.into()], |row| row.int(0))?;
    let (person, before) = new.unzip();
    let head = || Some(RELATION_HEAD.to_owned());
    let after = relation(pack, stating, faults);
    // Nobody stays in a household as nothing to its head.
    if former.is_some() && after.is_none() && faults.is_empty() {
        faults.push(fault(Some(RELATION), REQUIRED.0, REQUIRED.1));
    }
    Ok(Proposal {
        person,
        other: former,
        relation: (before.flatten(), head()),
        other_relation: (former.and_then(|_| head()), after),
        ..proposal(rule, subject)
    })
}

pub(super) fn leaving(
    conn: &Conn,
    rule: &KindRule,
    (stating, subject): (&Stating<'_>, &Subject),
    faults: &mut Vec<TypedFault>,
) -> Result<Proposal, RegistryError> {
    let (person, before) = member(conn, (stating, subject), faults)?.unzip();
    let before = before.flatten();
    if before.as_deref() == Some(RELATION_HEAD) {
        let sql = "select count(*) from person where household_id = $1";
        if conn.query_one(sql, &[subject.household.into()], |row| row.int(0))? > 1 {
            faults.push(fault(Some(PERSON), HEAD_LEAVES.0, HEAD_LEAVES.1));
        }
    }
    Ok(Proposal { person, relation: (before, None), ..proposal(rule, subject) })
}

pub(super) fn returning(
    conn: &Conn,
    pack: &Pack,
    rule: &KindRule,
    (stating, subject): (&Stating<'_>, &Subject),
    faults: &mut Vec<TypedFault>,
) -> Result<Proposal, RegistryError> {
    let sql = "select count(*) from membership_history m join person p on p.id = m.person_id \
               where m.person_id = $1 and m.household_id = $2 and m.superseded_at is null \
               and p.household_id is null";
    let was_of = match stating.person {
        Some(id) => {
            let values = [id.into(), subject.household.into()];
            conn.query_one(sql, &values, |row| row.int(0))? > 0
        }
        None => false,
    };
    if !was_of {
        faults.push(fault(Some(PERSON), NOT_GONE.0, NOT_GONE.1));
    }
    let after = relation(pack, stating, faults);
    Ok(Proposal { person: stating.person, relation: (None, after), ..proposal(rule, subject) })
}

/// What a member is to the head, asked for where the register does not know it: no row goes in
/// without.
fn missing_relation(
    pack: &Pack,
    (stating, known): (&Stating<'_>, Option<&str>),
    faults: &mut Vec<TypedFault>,
) -> Option<String> {
    let told = relation(pack, stating, faults);
    let is_told = stating.values.iter().any(|(id, value)| id == RELATION && !value.is_empty());
    match known {
        Some(_) if is_told => faults.push(fault(Some(RELATION), NOT_STATED.0, NOT_STATED.1)),
        None if !is_told => faults.push(fault(Some(RELATION), NO_RELATION.0, NO_RELATION.1)),
        _ => {}
    }
    told
}

pub(super) fn changing(
    conn: &Conn,
    pack: &Pack,
    rule: &KindRule,
    (stating, subject): (&Stating<'_>, &Subject),
    faults: &mut Vec<TypedFault>,
) -> Result<Proposal, RegistryError> {
    if stating.values.iter().all(|(_, value)| value.trim().is_empty()) {
        faults.push(fault(None, NOTHING_NEW.0, NOTHING_NEW.1));
    }
    let mut relation = None;
    let (person, since) = match rule.about {
        About::Household => {
            // What a household says of itself stands in its head's row.
            let heads = "select count(*) from person where household_id = $1 \
                         and relation = 'HEAD'";
            if conn.query_one(heads, &[subject.household.into()], |row| row.int(0))? != 1 {
                faults.push(fault(None, NO_HEAD.0, NO_HEAD.1));
            }
            let sql = "select valid_from from household where id = $1";
            (None, conn.query_opt(sql, &[subject.household.into()], |row| row.text(0))?)
        }
        About::Member => {
            let found = member(conn, (stating, subject), faults)?;
            if let Some((_, known)) = &found {
                relation = missing_relation(pack, (stating, known.as_deref()), faults);
            }
            let person = found.map(|(id, _)| id);
            let sql = "select valid_from from person where id = $1";
            let since = match person {
                Some(id) => conn.query_opt(sql, &[id.into()], |row| row.text(0))?,
                None => None,
            };
            (person, since)
        }
    };
    let day = stating.happened_on.to_string();
    if let Some(since) = since.filter(|since| day < *since) {
        let message = TOO_EARLY.0.fill(&[("day", &since)]);
        faults.push(fault(Some(HAPPENED_ON), message, TOO_EARLY.1));
    }
    Ok(Proposal { person, relation: (None, relation), ..proposal(rule, subject) })
}
