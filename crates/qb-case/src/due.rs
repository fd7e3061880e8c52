//! The day by which a case is due, when lists of holidays are published year by year.
//!
//! Lists and pages show the day that the calendar of the pack gives now. The store keeps a day too,
//! by which lists are sorted and overdue cases counted; [`level`] brings it level when the calendar
//! has changed.

use qb_base::{AreaCode, Date, Due, Text, WorkingCalendar};
use qb_store::{AuditEntry, Conn, Row, Store, StoreError, Tx};

use crate::error::CaseError;
use crate::load::{self, area_of};
use crate::machine::{Machine, Machines};
use crate::model::CaseLine;
use crate::save;
use crate::step::{Past, clocks, due};

const PROVISIONAL: Text = Text::fixed(
    "暂定：策略包还没有{year}年的放假安排",
    "provisional: the pack has no list of holidays of {year} yet",
);
const DEADLINE: &str = "select deadline_on from case_file where id = $1";
const RUNNING: &str = "select id, area_code, state, deadline_on, due_on from case_file \
     where machine = $1 and is_ended = false and superseded_at is null order by id";
const MOVE: &str = "update case_file set due_on = $1 where id = $2";

/// Why a day is provisional; nothing when it is certain.
pub(crate) fn words(due: Due) -> Option<Text> {
    let year = due.unlisted?;
    Some(PROVISIONAL.fill(&[("year", &year.to_string())]))
}

/// Sets the due days of lines as the calendar gives them now. Lines of machines whose clocks ask
/// no calendar are as the store has them.
pub(crate) fn of_lines(
    conn: &Conn,
    machines: &Machines,
    today: Date,
    lines: &mut [CaseLine],
) -> Result<(), StoreError> {
    for line in lines {
        let machine = machines.get(&line.machine).filter(|machine| machine.asks_calendar());
        // A state that the rules no longer know has no clocks: the stored day stays.
        let Some((machine, state)) =
            machine.and_then(|machine| Some((machine, machine.state_index(&line.state)?)))
        else {
            continue;
        };
        let deadline = conn.query_one(DEADLINE, &[line.case.into()], |row| load::day(row, 0))?;
        let start = Past { state: Some(state), deadline, ..Past::none(area_of(&line.area)?) };
        let past = load::with_history(conn, machine, line.case, start)?;
        of_line(machines.calendar(), (machine, &past), today, line);
    }
    Ok(())
}

/// Sets the due day of one line.
pub(crate) fn of_line(
    calendar: &WorkingCalendar,
    (machine, past): (&Machine, &Past),
    today: Date,
    line: &mut CaseLine,
) {
    if !machine.asks_calendar() {
        return;
    }
    let nearest = clocks(machine, calendar, past).first().map(|clock| clock.due);
    line.due = nearest.map(|due| due.on.to_string());
    line.due_provisional = nearest.is_some_and(Due::is_provisional);
    line.due_note = nearest.and_then(words);
    line.overdue = nearest.is_some_and(|due| due.on < today);
}

/// A running case whose stored day differs from what the calendar gives.
struct Moved {
    case: i64,
    due: Option<Date>,
}

/// Brings the stored due days of running cases level with the calendar, as after a list of
/// holidays has come; answers how many moved. Steps taken stay as they were judged on their day.
///
/// # Errors
/// Whatever the store says; nothing has moved then.
pub fn level(store: &Store, machines: &Machines, actor: &str) -> Result<u64, CaseError> {
    let mut total = 0;
    for machine in machines.iter().filter(|machine| machine.asks_calendar()) {
        let calendar = machines.calendar();
        if store.read(|conn| moved(conn, calendar, machine))?.is_empty() {
            continue;
        }
        // Looked at again under the lock: somebody may have taken a step meanwhile.
        total += store.write(|tx| {
            let moved = moved(tx, calendar, machine)?;
            write(tx, machine, actor, &moved)?;
            Ok::<_, CaseError>(qb_base::count(moved.len()).unsigned_abs())
        })?;
    }
    Ok(total)
}

fn moved(
    conn: &Conn,
    calendar: &WorkingCalendar,
    machine: &Machine,
) -> Result<Vec<Moved>, CaseError> {
    let read = |row: &Row<'_>| {
        let (area, state): (AreaCode, String) = (area_of(&row.text(1)?)?, row.text(2)?);
        Ok((row.int(0)?, area, state, load::day(row, 3)?, load::day(row, 4)?))
    };
    let mut found = Vec::new();
    for (case, area, state, deadline, stored) in
        conn.query(RUNNING, &[machine.id.as_str().into()], read)?
    {
        let Some(state) = machine.state_index(&state) else { continue };
        let start = Past { state: Some(state), deadline, ..Past::none(area) };
        let past = load::with_history(conn, machine, case, start)?;
        let now = due(machine, calendar, &past);
        if now != stored {
            found.push(Moved { case, due: now });
        }
    }
    Ok(found)
}

fn write(tx: &Tx<'_>, machine: &Machine, actor: &str, moved: &[Moved]) -> Result<(), StoreError> {
    for Moved { case, due } in moved {
        let due = due.map(|day| day.to_string());
        save::keep_version(tx, *case)?;
        tx.execute(MOVE, &[due.as_deref().into(), (*case).into()])?;
    }
    tx.audit(&AuditEntry {
        actor,
        action: "case.due",
        object: &machine.id,
        before: Some(machine.digest),
        after: Some(machine.digest),
        reason: &format!("{} due days moved with the calendar", moved.len()),
    })?;
    Ok(())
}
