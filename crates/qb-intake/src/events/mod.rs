//! What happens to households and persons of the register: births and deaths, marriages, moves, a
//! change of head, corrections of what is known.
//!
//! A newer roster is compared with the register; what differs becomes an event. A person states
//! one from the household's page or at the command line. Which kinds there are, who states and who
//! decides them, and which apply at once says the pack. An event changes spells of membership and
//! of place, or versions of a person or household: one is closed, another opened, and what was
//! known before is kept, so that it can be undone. A household that splits lets another begin, one
//! that joins another ends.

mod apply;
mod decide;
mod life;
mod model;
mod regroup;
mod regrouping;
mod rules;
mod spell;
mod stating;
pub(crate) mod store;
mod typed;

pub use decide::{Decider, Step, may_take, take};
pub use model::{Doubt, Effect, Event, EventCount, EventState, Part};
pub use regrouping::Placing;
pub use rules::{About, Class, EventRules, KindRule, RowRule, check};
pub use stating::{Stated, Stating, state};
pub use store::{BY_RULE, EventStep, Wanted, counts, filled_in, list, one, parts, steps};
pub use typed::Applying;

pub(crate) use apply::apply;
pub(crate) use decide::settle;
pub(crate) use model::Proposal;
