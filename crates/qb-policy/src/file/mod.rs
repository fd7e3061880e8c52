//! Where packs come from, and how the text of a file becomes a shape.

pub(crate) mod parse;
pub(crate) mod source;
