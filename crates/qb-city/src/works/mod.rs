//! Projects and what is built: the library of projects, their yield, village service centres.

pub(crate) mod benefit;

