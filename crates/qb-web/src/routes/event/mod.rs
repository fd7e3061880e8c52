//! Events of the register: the queue, the form, both sides of one.

pub(crate) mod form;
pub(crate) mod list;
pub(crate) mod sides;
