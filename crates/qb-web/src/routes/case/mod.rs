//! A case: its page, its steps, objections against it.

pub(crate) mod objection;
pub(crate) mod page;
pub(crate) mod step;
