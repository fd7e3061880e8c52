//! What happens to households and persons of the register: moves, changes of head, who left, who
//! came back.
//!
//! A newer roster is compared with the register; what differs becomes an event. Which kinds apply
//! at once and which wait says the pack. An event changes spells of membership and of place: one
//! is closed, another opened, and what was known before is kept, so that it can be undone.

mod apply;
mod decide;
mod model;
mod rules;
mod spell;
pub(crate) mod store;

pub use decide::{Decider, Step, may_decide, take};
pub use model::{Doubt, Event, EventCount, EventState, Kind};
pub use rules::{EventRules, KindRule, check};
pub use store::{Wanted, list, one};

pub(crate) use apply::apply;
pub(crate) use model::Proposal;
