//! A statement is written down, with its audit row.

use qb_base::env;
use qb_store::{AuditEntry, Store};

use super::decide::Decider;
use super::model::{Effect, Event};
use super::stating::{Examined, Stating};
use super::store::{self, ByHand, Origin};
use crate::error::RegistryError;

/// Keeps a statement that nothing is wrong with: it waits for whoever decides.
///
/// # Errors
/// Whatever the store says.
pub fn keep(
    store: &Store,
    (stating, found): (&Stating<'_>, &Examined<'_>),
    who: &Decider,
) -> Result<Event, RegistryError> {
    let day = stating.happened_on.to_string();
    let paper = stating.paper.trim();
    store.write(|tx| {
        let origin = Origin {
            file_id: None,
            now: env::now(),
            day: &day,
            actor: &who.actor,
            by_hand: Some(ByHand {
                paper: (!paper.is_empty()).then_some(paper),
                why: stating.reason.trim(),
                stated: match found.rule.effect {
                    Effect::Join | Effect::Change => stating.values,
                    _ => &[],
                },
                keyring: store.keyring(),
            }),
        };
        let event = store::insert(tx, &found.proposal, origin)?;
        tx.audit(&AuditEntry {
            actor: &who.actor,
            action: "event.state",
            object: &format!("event:{}", event.id),
            before: None,
            after: None,
            reason: stating.reason.trim(),
        })?;
        Ok(event)
    })
}
