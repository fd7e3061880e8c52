//! Who may take a step of an assessment: what the machine of the pack says.

use qb_base::{Date, env};
use qb_case::commands::Duty;
use qb_case::{Actor, Machines};
use qb_policy::Pack;
use qb_store::{OfficeDay, StoreError, Tx};

use crate::error::AssessError;

/// The machine of the yearly assessment.
const MACHINE: &str = "assessment";

/// Asks whether a person may take steps of a score that is about to be made, or of one there is.
pub(crate) fn ask(
    tx: &Tx<'_>,
    (pack, actor): (&Pack, &Actor),
    run: Option<i64>,
    steps: &[&str],
) -> Result<(), AssessError> {
    let machines = Machines::load(pack).map_err(AssessError::Scheme)?;
    let taken = run.map_or_else(|| Ok(Vec::new()), |run| taken(tx, run))?;
    let duty = Duty { machines: &machines, machine: MACHINE, area: pack.area, taken: &taken };
    steps.iter().try_for_each(|step| duty.take(step, actor)).map_err(AssessError::Duty)
}

/// Asks whether a person may answer appeals against a score.
pub(crate) fn ask_to_answer(
    tx: &Tx<'_>,
    (pack, actor): (&Pack, &Actor),
    run: i64,
) -> Result<(), AssessError> {
    let machines = Machines::load(pack).map_err(AssessError::Scheme)?;
    let taken = taken(tx, run)?;
    let duty = Duty { machines: &machines, machine: MACHINE, area: pack.area, taken: &taken };
    duty.answer_objection(actor).map_err(AssessError::Duty)
}

/// Notes who took steps of a score.
pub(crate) fn note(tx: &Tx<'_>, run: i64, actor: &Actor, steps: &[&str]) -> Result<(), StoreError> {
    let sql = "insert into score_step (run_id, seq, step, actor, taken_on, recorded_at) \
               select $1, coalesce(max(seq), 0) + 1, $2, $3, $4, $5 from score_step \
               where run_id = $1";
    let on = OfficeDay::read(tx)?.day.to_string();
    for step in steps {
        let values = [
            run.into(),
            (*step).into(),
            actor.login.as_str().into(),
            (&on).into(),
            env::now().0.into(),
        ];
        tx.execute(sql, &values)?;
    }
    Ok(())
}

fn taken(tx: &Tx<'_>, run: i64) -> Result<Vec<(String, String, Date)>, StoreError> {
    let sql = "select step, actor, taken_on from score_step where run_id = $1 order by seq";
    tx.query(sql, &[run.into()], |row| {
        let wrong = |_| StoreError::Type { column: 2, expected: "a day" };
        Ok((row.text(0)?, row.text(1)?, row.text(2)?.parse().map_err(wrong)?))
    })
}
