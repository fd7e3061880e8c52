//! A household: the list, the page, help, and what it sees itself.

pub(crate) mod help;
pub(crate) mod list;
pub(crate) mod mine;
pub(crate) mod page;
