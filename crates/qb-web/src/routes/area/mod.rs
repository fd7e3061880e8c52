//! An area: its page, its names and mergers, its villages.

pub(crate) mod life;
pub(crate) mod page;
pub(crate) mod village;
