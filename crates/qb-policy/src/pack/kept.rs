//! A file of a pack, kept as it was read.

use std::sync::Arc;

/// A file of a pack or of one of its bases, each of which has a folder below the pack's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeptFile {
    pub(crate) base: Option<String>,
    pub(crate) path: String,
    pub(crate) text: Arc<str>,
}
