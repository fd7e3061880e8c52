//! Files on their way in: upload, preview, confirmation, runs, what an office sent.

pub(crate) mod confirm;
pub(crate) mod runs;
pub(crate) mod sent;
pub(crate) mod upload;
