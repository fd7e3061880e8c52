//! Records go into the store: one transaction a file, in the order the files are given.

mod attach;
pub(crate) mod authority;
pub(crate) mod change;
pub(crate) mod difference;
pub(crate) mod file;
pub(crate) mod income;
pub(crate) mod indices;
pub(crate) mod known;
pub(crate) mod record;
mod record_merge;
pub(crate) mod record_set;
pub(crate) mod register;
pub(crate) mod register_rows;
pub(crate) mod short;
