//! Leads become cases: whoever a coverage misses, found by a run, for people to decide.

use qb_base::{AreaCode, Date, Digest, env};
use qb_policy::Opens;
use qb_store::{AuditEntry, Store, StoreError, Tx};

use crate::commands::refused;
use crate::error::CaseError;
use crate::load::area_of;
use crate::machine::{Machine, Machines};
use crate::save::{self, EventRow, FileRow};
use crate::seal;
use crate::step::{Attempt, LookedUp, Past, StepFacts, Told, due, judge};

/// What a step of a lead tells: where it comes from, and nothing a person would bring.
const TOLD: Told = Told { reason: true, ..Told::NOTHING };
const HOUSEHOLD: &str = "select household_no, area_code from household where id = $1";
const OPEN: &str = "select count(*) from case_file where machine = $1 and subject = $2 \
     and is_ended = false and superseded_at is null";

/// Households that were found, and how.
#[derive(Clone, Copy, Debug)]
pub struct Leads<'a> {
    /// The case each becomes.
    pub opens: &'a Opens,
    /// What found them, as the reason of the case's first step: a set and a run.
    pub found_by: &'a str,
    /// The day from which the clocks run.
    pub on: Date,
    /// Ids of the households.
    pub households: &'a [i64],
}

/// Opens a case for every household that has none running; answers how many were opened.
///
/// # Errors
/// When the pack has no such machine or step, a guard does not pass, or the store fails; nothing is
/// opened then.
pub fn open_leads(
    store: &Store,
    machines: &Machines,
    actor: &str,
    leads: &Leads<'_>,
) -> Result<u64, CaseError> {
    let unknown = |id: &str| CaseError::Unknown(id.to_owned());
    let opens = leads.opens;
    let machine = machines.get(&opens.machine).ok_or_else(|| unknown(&opens.machine))?;
    let way = machine.transition_index(&opens.transition);
    let way = way.ok_or_else(|| unknown(&opens.transition))?;
    // Rules of another time open no case.
    if leads.households.is_empty() || !machine.effective.holds_on(leads.on) {
        return Ok(0);
    }
    store.write(|tx| {
        let mut facts = StepFacts::on(leads.on);
        facts.reason = Some(leads.found_by.to_owned());
        let attempt = Attempt {
            way,
            reject: false,
            facts: &facts,
            actor: None,
            told: TOLD,
            tells: &[],
            looked_up: LookedUp::default(),
            today: leads.on,
        };
        let (opened, (object, seal)) =
            open_each(tx, machines, machine, &attempt, leads.households)?;
        tx.audit(&AuditEntry {
            actor,
            action: "case.leads",
            object: &object,
            before: Some(machine.digest),
            after: Some(seal),
            reason: &format!("{opened} opened by {}", leads.found_by),
        })?;
        Ok(opened)
    })
}

fn open_each(
    tx: &Tx<'_>,
    machines: &Machines,
    machine: &Machine,
    attempt: &Attempt<'_>,
    households: &[i64],
) -> Result<(u64, (String, Digest)), CaseError> {
    let (mut files, mut events) = (save::files(tx)?, save::events(tx)?);
    let (mut next, mut opened) = (tx.next_id("case_file")?, 0);
    let mut seals = seal::Many::new(next);
    for id in households {
        let Some((number, area)) = household(tx, *id)? else { continue };
        let values = [machine.id.as_str().into(), number.as_str().into()];
        if tx.query_one(OPEN, &values, |row| row.int(0))? > 0 {
            continue;
        }
        let mut past = Past::none(area);
        let judged = judge(machine, machines.calendar(), &past, attempt);
        if !judged.refusals.is_empty() {
            return Err(refused(machines, machine, &judged.refusals));
        }
        past.take(attempt, &judged);
        let recorded_at = env::now().0;
        let file = FileRow {
            id: next,
            subject: &number,
            household_id: Some(*id),
            area: &area,
            opened_on: attempt.facts.on,
            due: due(machine, machines.calendar(), &past),
            irregular: 0,
            version: 1,
            source_record: None,
            parts_seen: None,
            recorded_at,
        };
        file.push(machine, &machine.subject, &past, &mut files)?;
        let event = EventRow {
            case: next,
            seq: 1,
            from: None,
            to: judged.to,
            attempt,
            irregular: None,
            recorded_at,
        };
        seals.add(event.push(machine, &mut events)?);
        next += 1;
        opened += 1;
    }
    files.finish()?;
    events.finish()?;
    let what = format!("{}.{}", machine.id, machine.transitions[attempt.way].id);
    Ok((opened, seals.finish(&what, next)))
}

fn household(tx: &Tx<'_>, id: i64) -> Result<Option<(String, AreaCode)>, StoreError> {
    tx.query_opt(HOUSEHOLD, &[id.into()], |row| Ok((row.text(0)?, area_of(&row.text(1)?)?)))
}
