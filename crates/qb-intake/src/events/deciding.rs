//! Somebody accepts or rejects what was proposed, or undoes what applied.

use qb_access::Scope;
use qb_base::Timestamp;
use qb_policy::Pack;
use qb_registry::events::{self, Applying, Decider, Event, EventState, Step, Taking};
use qb_store::{Store, StoreError, Tx};

use super::typed;
use crate::error::IntakeError;
use crate::report::Fault;

/// Takes a step with an event; answers the event as it is then.
///
/// # Errors
/// [`StoreError::NotFound`] where there is none within the person's scope;
/// [`IntakeError::Refused`] with why where the step cannot be taken.
pub fn take(
    store: &Store,
    pack: &Pack,
    (id, step): (i64, Step),
    (who, reason): (&Decider, &str),
) -> Result<Event, IntakeError> {
    let (rule, event) = match events::take(store, pack, (id, step), (who, reason))? {
        Taking::Taken(event) => return Ok(*event),
        Taking::ByRow(rule, event) => (rule, event),
    };
    typed::apply(store, pack, (&rule, &event), (&who.actor, reason))?;
    // Wherever its household lives now.
    let event = store.read(|conn| events::one(conn, &Scope::system(), id))?;
    match event.ok_or(StoreError::NotFound)? {
        event if event.state == EventState::Applied => Ok(event),
        _ => Err(IntakeError::Invariant("a row that was taken in and decided nothing")),
    }
}

/// Decides an event whose row was just written, in the transaction that wrote it: nothing of it
/// stays where the row was refused or somebody else decided meanwhile.
pub(crate) fn settle(
    tx: &Tx<'_>,
    event: &Applying,
    at: (i64, Timestamp),
    faults: &[Fault],
) -> Result<(), IntakeError> {
    typed::refused(faults)?;
    Ok(events::settle(tx, event, at)?)
}
