//! Persons by id, for lists that come out of a run.

use std::collections::HashMap;

use qb_access::Scope;
use qb_base::AreaCode;
use qb_store::{Conn, StoreError};

use crate::model::FormerMember;

const PERSON: &str = "\
select p.id, p.name, p.sex, p.birth_on, p.relation, h.id, h.household_no, h.area_code \
from person p join household h on h.id = p.household_id where p.id = $1";

/// One line of a list of persons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonLine {
    /// The person.
    pub person_id: i64,
    /// Name, masked unless the scope reveals it.
    pub name: String,
    /// Sex, as a code.
    pub sex: Option<String>,
    /// Date of birth (ISO); its year where the scope reads no more.
    pub birth_on: Option<String>,
    /// Relation to the head, as a code.
    pub relation: Option<String>,
    /// The household.
    pub household_id: i64,
    /// Its number.
    pub household_no: String,
    /// The village.
    pub area_code: String,
}

/// The persons of these ids within the scope, in the same order; others are left out.
///
/// # Errors
/// Whatever the store says.
pub fn persons(conn: &Conn, scope: &Scope, ids: &[i64]) -> Result<Vec<PersonLine>, StoreError> {
    let mut lines = Vec::with_capacity(ids.len());
    for id in ids {
        let line = conn.query_opt(PERSON, &[(*id).into()], |row| {
            Ok(PersonLine {
                person_id: row.int(0)?,
                name: scope.name(&row.text(1)?),
                sex: row.text_opt(2)?,
                birth_on: row.text_opt(3)?.map(|day| scope.birth(&day).to_owned()),
                relation: row.text_opt(4)?,
                household_id: row.int(5)?,
                household_no: row.text(6)?,
                area_code: row.text(7)?,
            })
        })?;
        let covered = |line: &PersonLine| {
            AreaCode::parse(&line.area_code).is_ok_and(|area| scope.covers(area))
        };
        lines.extend(line.filter(covered));
    }
    Ok(lines)
}

/// The households that these persons belong to, by person; persons without one are left out.
///
/// # Errors
/// Whatever the store says.
pub fn households_of(
    conn: &Conn,
    persons: impl IntoIterator<Item = i64>,
) -> Result<HashMap<i64, i64>, StoreError> {
    let sql = "select household_id from person where id = $1";
    let mut households = HashMap::new();
    for person in persons {
        let household = conn.query_opt(sql, &[person.into()], |row| row.int_opt(0))?.flatten();
        households.extend(household.map(|household| (person, household)));
    }
    Ok(households)
}

/// Who left a household and is of no other, the last who left first.
///
/// # Errors
/// [`StoreError::NotFound`] where the household is not within the scope; else what the store says.
pub fn former_members(
    conn: &Conn,
    scope: &Scope,
    household: i64,
) -> Result<Vec<FormerMember>, StoreError> {
    let area = super::household_area(conn, household)?.ok_or(StoreError::NotFound)?;
    if !scope.covers(area) {
        return Err(StoreError::NotFound);
    }
    let sql = "select p.id, p.name, max(m.valid_to), p.person_no from membership_history m \
               join person p on p.id = m.person_id where m.household_id = $1 \
               and m.valid_to is not null and m.superseded_at is null and p.household_id is null \
               group by p.id, p.name, p.person_no order by max(m.valid_to) desc, p.id";
    conn.query(sql, &[household.into()], |row| {
        Ok(FormerMember {
            person_id: row.int(0)?,
            name: scope.name(&row.text(1)?),
            until: row.text(2)?,
            person_no: row.text(3)?,
        })
    })
}

/// The person of a number; none where nobody has it. That the person may be read the caller has to
/// know.
///
/// # Errors
/// Whatever the store says.
pub fn person_numbered(conn: &Conn, no: &str) -> Result<Option<i64>, StoreError> {
    conn.query_opt("select id from person where person_no = $1", &[no.into()], |row| row.int(0))
}
