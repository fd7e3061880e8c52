//! What happens to households and persons of the register: births and deaths, marriages, moves, a
//! change of head, corrections of what is known.
//!
//! A newer roster is compared with the register; what differs becomes an event. A person states
//! one from the household's page or at the command line. Which kinds there are, who states and who
//! decides them, and which apply at once says the pack. An event changes spells of membership and
//! of place, or versions of a person or household: one is closed, another opened, and what was
//! known before is kept, so that it can be undone. A household that splits lets another begin, one
//! that joins another ends.
//!
//! Somebody who joins, and facts that change, are written by a row that takes the road of every
//! file. That road is intake's, which states and takes steps through the functions here.

mod apply;
mod decide;
mod keeping;
mod known;
mod life;
mod model;
mod proposing;
mod regroup;
mod regrouping;
mod regrouping_texts;
mod rules;
mod rules_check;
mod spell;
mod stating;
mod stating_texts;
pub(crate) mod store;

pub use decide::{Applying, Decider, Step, Taking, may_take, settle, take};
pub use keeping::keep;
pub use known::{KnownMember, head_or_first, is_taken, member_count};
pub use model::{Doubt, Effect, Event, EventCount, EventState, Part, Proposal, Regroup};
pub use regrouping::Placing;
pub use rules::{About, Class, EventRules, KindRule, RowRule, register_layout};
pub use rules_check::check;
pub use stating::{Examined, Numbered, Said, Stated, Stating, Subject, examine};
pub use store::{
    BY_RULE, EventStep, Wanted, counts, filled_in, last_decided, last_turned, list, one, parts,
    stated, steps,
};

pub(crate) use apply::apply;
