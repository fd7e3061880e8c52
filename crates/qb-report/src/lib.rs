//! The last link of the chain: figures that prove themselves.
pub mod annual;
pub mod chart;
pub mod error;
pub mod evidence;
pub mod fonts;
pub mod model;
pub mod number;
pub mod pdf;
mod prose;
pub mod render;
pub mod scan;
#[cfg(test)]
mod tests;
pub use annual::annual;
pub use error::ReportError;
pub use evidence::{Evidence, ReferenceValue};
pub use model::*;
pub use render::{Look, render_pdf, typeset_report};
