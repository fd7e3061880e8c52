//! One household with its members, incomes and history.

use std::collections::HashMap;

use qb_access::{Reveal, Scope};
use qb_base::AreaCode;
use qb_base::keyring::Purpose;
use qb_store::{AuditEntry, Conn, Row, Store, StoreError};

use super::{fen, fen_opt};
use crate::model::{Household, Life, Member, Registration, Statement, Version};

const HOUSEHOLD: &str = "\
select id, household_no, area_code, group_name, member_count, household_class, cause_main, \
  cause_other, dangerous_house, water_safe, water_short, income_reported_fen, valid_from, \
  recorded_at, source_file_id, source_row from household where id = $1";
const REGISTRATIONS: &str = "\
select scheme, identified_on, exit_status, exit_year, registered_from, registered_to, \
  registered_reason_out from household where id = $1 and scheme is not null \
union all \
select scheme, identified_on, exit_status, exit_year, valid_from, valid_to, reason_out \
from registration_history where household_id = $1 and superseded_at is null order by 5 desc";
const MEMBERS: &str = "\
select p.id, p.name, p.relation, p.sex, p.birth_on, p.ethnicity, p.education, p.school_status, \
  p.health, p.labour, p.work_place, p.work_months, p.medical_insured, p.critical_ill_insured, \
  p.id_blind is not null, p.member_reason_in, p.member_from, p.person_no \
from person p where p.household_id = $1 \
order by case when p.relation = 'HEAD' then 0 else 1 end, p.id";
const ITEMS: &str = "\
select s.policy_year, i.item, i.amount_fen, s.source_file_id, s.source_row \
from income_statement s left join income_item i on i.statement_id = s.id \
where s.household_id = $1 and s.superseded_at is null order by s.policy_year desc, i.item";
const LIFE: &str = "\
select l.began_on, f.id, f.household_no, l.ended_on, t.id, t.household_no from household_life l \
left join household f on f.id = l.from_id left join household t on t.id = l.into_id \
where l.household_id = $1 and l.superseded_at is null";
const VERSIONS: &str = "\
select recorded_at, superseded_at, member_count, household_class, cause_main, source_file_id, \
  source_row from household_history where id = $1 order by superseded_at desc limit 50";

/// When anything that is known of a household or its members changed last, in ms UTC.
///
/// # Errors
/// Whatever the store says.
pub fn household_changed(conn: &Conn, id: i64) -> Result<i64, StoreError> {
    conn.query_one(include_str!("../sql/household_changed.sql"), &[id.into()], |row| row.int(0))
}

/// The village a household lives in, for the decision whether it may be shown.
///
/// # Errors
/// Whatever the store says.
pub fn household_area(conn: &Conn, id: i64) -> Result<Option<AreaCode>, StoreError> {
    let sql = "select area_code from household where id = $1";
    let code = conn.query_opt(sql, &[id.into()], |row| row.text(0))?;
    Ok(code.and_then(|code| AreaCode::parse(&code).ok()))
}

/// The household of a number within the scope.
///
/// # Errors
/// [`StoreError::NotFound`] when there is none.
pub fn household_numbered(conn: &Conn, scope: &Scope, no: &str) -> Result<i64, StoreError> {
    let (low, high) = scope.range();
    let sql = "select id from household where household_no = $1 and area_code >= $2 \
               and area_code < $3";
    let values = [no.into(), (&low).into(), (&high).into()];
    conn.query_opt(sql, &values, |row| row.int(0))?.ok_or(StoreError::NotFound)
}

/// The ids of households by their numbers; one that is not in the register is left out.
///
/// # Errors
/// Whatever the store says.
pub fn household_ids<'n>(
    conn: &Conn,
    numbers: impl IntoIterator<Item = &'n str>,
) -> Result<HashMap<String, i64>, StoreError> {
    let sql = "select id from household where household_no = $1";
    let mut ids = HashMap::new();
    for number in numbers {
        let id = conn.query_opt(sql, &[number.into()], |row| row.int(0))?;
        ids.extend(id.map(|id| (number.to_owned(), id)));
    }
    Ok(ids)
}

/// The numbers of these households by id; those outside the scope are left out.
///
/// # Errors
/// Whatever the store says.
pub fn household_numbers(
    conn: &Conn,
    scope: &Scope,
    ids: impl IntoIterator<Item = i64>,
) -> Result<HashMap<i64, String>, StoreError> {
    let (low, high) = scope.range();
    let sql = "select household_no from household where id = $1 and area_code >= $2 \
               and area_code < $3";
    let mut numbers = HashMap::new();
    for id in ids {
        let values = [id.into(), (&low).into(), (&high).into()];
        let number = conn.query_opt(sql, &values, |row| row.text(0))?;
        numbers.extend(number.map(|number| (id, number)));
    }
    Ok(numbers)
}

/// A household with everything its page shows; one outside the scope does not exist.
///
/// # Errors
/// [`StoreError::NotFound`] when there is no such household within the scope.
pub fn household(conn: &Conn, scope: &Scope, id: i64) -> Result<Household, StoreError> {
    let mut household = conn.query_one(HOUSEHOLD, &[id.into()], read_household)?;
    let area = AreaCode::parse(&household.area_code);
    if !area.is_ok_and(|area| scope.covers(area)) {
        return Err(StoreError::NotFound);
    }
    household.registrations = conn.query(REGISTRATIONS, &[id.into()], read_registration)?;
    household.members = conn.query(MEMBERS, &[id.into()], |row| read_member(scope, row))?;
    household.statements = statements(conn, id)?;
    household.versions = conn.query(VERSIONS, &[id.into()], read_version)?;
    household.life = conn.query_opt(LIFE, &[id.into()], read_life)?;
    Ok(household)
}

/// Shows an identity number in full and writes who looked, at whom, and why.
///
/// The reason is asked of people by the page; it becomes part of the audit chain.
///
/// # Errors
/// [`StoreError::NotFound`] when there is no such person with a number within the scope, or the
/// scope never reveals.
pub fn reveal_id(
    store: &Store,
    scope: &Scope,
    actor: &str,
    person_id: i64,
    reason: &str,
) -> Result<String, StoreError> {
    let sql = "select p.id_sealed, h.area_code, p.person_no from person p \
               join household h on h.id = p.household_id where p.id = $1";
    store.write(|tx| {
        let (sealed, area, person_no) = tx.query_one(sql, &[person_id.into()], |row| {
            Ok((row.blob_opt(0)?, row.text(1)?, row.text(2)?))
        })?;
        let covered = AreaCode::parse(&area).is_ok_and(|area| scope.covers(area));
        let may = covered && scope.reveal() == Reveal::Full;
        let sealed = sealed.filter(|_| may).ok_or(StoreError::NotFound)?;
        let opened = store.keyring().open(Purpose::ResidentNumber, &[&person_no], &sealed);
        let number = opened.map_err(|error| StoreError::Database(error.to_string()))?;
        let number = String::from_utf8_lossy(&number).into_owned();
        tx.audit(&AuditEntry {
            actor,
            action: "id.reveal",
            object: &person_id.to_string(),
            before: None,
            after: None,
            reason,
        })?;
        Ok(number)
    })
}

fn statements(conn: &Conn, id: i64) -> Result<Vec<Statement>, StoreError> {
    let mut statements: Vec<Statement> = Vec::new();
    conn.each::<StoreError>(ITEMS, &[id.into()], |row| {
        let policy_year = row.int(0)?;
        if statements.last().is_none_or(|last| last.policy_year != policy_year) {
            let (source_file_id, source_row) = (row.int(3)?, row.int(4)?);
            let items = Vec::new();
            statements.push(Statement { policy_year, items, source_file_id, source_row });
        }
        if let (Some(item), Some(statement)) = (row.text_opt(1)?, statements.last_mut()) {
            statement.items.push((item, fen(row, 2)?));
        }
        Ok(())
    })?;
    Ok(statements)
}

fn read_household(row: &Row<'_>) -> Result<Household, StoreError> {
    Ok(Household {
        id: row.int(0)?,
        household_no: row.text(1)?,
        area_code: row.text(2)?,
        group_name: row.text_opt(3)?,
        member_count: row.int_opt(4)?,
        household_class: row.text_opt(5)?,
        cause_main: row.text_opt(6)?,
        cause_other: row.text_opt(7)?,
        dangerous_house: row.bool_opt(8)?,
        water_safe: row.bool_opt(9)?,
        water_short: row.bool_opt(10)?,
        income_reported: fen_opt(row, 11)?,
        valid_from: row.text(12)?,
        recorded_at: row.int(13)?,
        source_file_id: row.int(14)?,
        source_row: row.int(15)?,
        registrations: Vec::new(),
        members: Vec::new(),
        statements: Vec::new(),
        versions: Vec::new(),
        life: None,
    })
}

fn read_life(row: &Row<'_>) -> Result<Life, StoreError> {
    Ok(Life {
        began_on: row.text_opt(0)?,
        from: row.int_opt(1)?.zip(row.text_opt(2)?),
        ended_on: row.text_opt(3)?,
        into: row.int_opt(4)?.zip(row.text_opt(5)?),
    })
}

fn read_registration(row: &Row<'_>) -> Result<Registration, StoreError> {
    Ok(Registration {
        scheme: row.text(0)?,
        identified_on: row.text_opt(1)?,
        exit_status: row.text_opt(2)?,
        exit_year: row.int_opt(3)?,
        valid_from: row.text(4)?,
        valid_to: row.text_opt(5)?,
        reason_out: row.text_opt(6)?,
    })
}

fn read_member(scope: &Scope, row: &Row<'_>) -> Result<Member, StoreError> {
    Ok(Member {
        person_id: row.int(0)?,
        name: scope.name(&row.text(1)?),
        relation: row.text_opt(2)?,
        sex: row.text_opt(3)?,
        birth_on: row.text_opt(4)?.map(|day| scope.birth(&day).to_owned()),
        ethnicity: row.text_opt(5)?,
        education: row.text_opt(6)?,
        school_status: row.text_opt(7)?,
        health: row.text_opt(8)?,
        labour: row.text_opt(9)?,
        work_place: row.text_opt(10)?,
        work_months: row.int_opt(11)?,
        medical_insured: row.bool_opt(12)?,
        critical_ill_insured: row.bool_opt(13)?,
        has_id: row.bool(14)?,
        reason_in: row.text(15)?,
        valid_from: row.text(16)?,
        person_no: row.text(17)?,
    })
}

fn read_version(row: &Row<'_>) -> Result<Version, StoreError> {
    Ok(Version {
        recorded_at: row.int(0)?,
        superseded_at: row.int(1)?,
        member_count: row.int_opt(2)?,
        household_class: row.text_opt(3)?,
        cause_main: row.text_opt(4)?,
        source_file_id: row.int(5)?,
        source_row: row.int(6)?,
    })
}
