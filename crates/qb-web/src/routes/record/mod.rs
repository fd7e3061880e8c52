//! Rows of lists: read, and typed.

pub(crate) mod entry;
pub(crate) mod list;
