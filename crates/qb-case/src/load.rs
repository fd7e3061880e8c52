//! A case as the mechanism looks at it, read from the store.

use qb_base::{AreaCode, Date};
use qb_store::{Conn, Row, StoreError};

use crate::error::CaseError;
use crate::machine::{Machine, Machines};
use crate::step::{Past, PastStep};

/// A case with its history.
pub(crate) struct Loaded<'a> {
    pub(crate) id: i64,
    pub(crate) machine: &'a Machine,
    pub(crate) past: Past,
    pub(crate) version: i64,
    pub(crate) irregular: i64,
    pub(crate) household_id: Option<i64>,
    /// Who took the last step.
    pub(crate) last_actor: Option<String>,
}

const FILE: &str = "select machine, area_code, state, version, irregular_count, deadline_on, \
     household_id from case_file \
     where id = $1 and superseded_at is null";
const STEPS: &str = "select transition, is_reject, done_on, actor, notice_until_on, \
     actor_area, second from case_event where case_id = $1 order by seq";
const OBJECTIONS: &str = "select state, count(*) from case_objection where case_id = $1 \
     group by state";

/// Reads a case that stands and lies within an area.
pub(crate) fn load<'a>(
    conn: &Conn,
    machines: &'a Machines,
    own: &AreaCode,
    id: i64,
) -> Result<Loaded<'a>, CaseError> {
    let file = conn.query_opt(FILE, &[id.into()], |row| {
        let (machine, area, state) = (row.text(0)?, row.text(1)?, row.text(2)?);
        let counts = (row.int(3)?, row.int(4)?);
        Ok((machine, area, state, counts, day(row, 5)?, row.int_opt(6)?))
    })?;
    let (machine, area, state, (version, irregular), deadline, household_id) =
        file.ok_or(CaseError::NoCase(id))?;
    let area = area_of(&area)?;
    if !own.contains(&area) {
        return Err(CaseError::NoCase(id));
    }
    let machine = machines.get(&machine).ok_or(CaseError::Unknown(machine))?;
    let past = Past { deadline, ..past(conn, machine, id, area, &state)? };
    let last_actor = past.steps.last().and_then(|step| step.login.clone());
    Ok(Loaded { id, machine, past, version, irregular, household_id, last_actor })
}

/// The history of a case.
pub(crate) fn past(
    conn: &Conn,
    machine: &Machine,
    id: i64,
    area: AreaCode,
    state: &str,
) -> Result<Past, CaseError> {
    let state = machine.state_index(state).ok_or_else(|| CaseError::Unknown(state.to_owned()))?;
    let past = Past { state: Some(state), ..Past::none(area) };
    Ok(with_history(conn, machine, id, past)?)
}

/// Adds the steps and the objections of a case to what is known of it.
pub(crate) fn with_history(
    conn: &Conn,
    machine: &Machine,
    id: i64,
    mut past: Past,
) -> Result<Past, StoreError> {
    conn.each::<StoreError>(STEPS, &[id.into()], |row| {
        let way = row.text(0)?;
        // A step that the rules no longer know stays in the case and binds nobody.
        if let Some(way) = machine.transition_index(&way) {
            past.steps.push(PastStep {
                way,
                rejected: row.bool(1)?,
                on: day(row, 2)?.ok_or(wrong(2))?,
                login: row.text_opt(3)?,
                second: row.text_opt(6)?,
                level: row.text_opt(5)?.map(|code| area_of(&code)).transpose()?.map(|a| a.level()),
                notice_until: day(row, 4)?,
            });
        }
        Ok(())
    })?;
    conn.each::<StoreError>(OBJECTIONS, &[id.into()], |row| {
        match row.text(0)?.as_str() {
            "open" => past.open = row.int(1)?,
            "upheld" => past.upheld = row.int(1)?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(past)
}

fn wrong(column: usize) -> StoreError {
    StoreError::Type { column, expected: "a day" }
}

pub(crate) fn area_of(code: &str) -> Result<AreaCode, StoreError> {
    AreaCode::parse(code).map_err(|_| StoreError::Type { column: 1, expected: "an area code" })
}

pub(crate) fn day(row: &Row<'_>, column: usize) -> Result<Option<Date>, StoreError> {
    let text = row.text_opt(column)?;
    text.map(|text| text.parse().map_err(|_| wrong(column))).transpose()
}
