//! Events that people state and decide, as far as a row of a file carries them: whoever joins, and
//! facts that change, take the road of every file. What an event is and does the register knows
//! ([`qb_registry::events`]).

mod deciding;
mod stating;
mod typed;

pub use deciding::take;
pub use stating::state;

pub(crate) use deciding::settle;
