//! The expression language: SQL scalar expressions over the published views, typed and bounded
//! before they run.
//!
//! What holds for every expression that compiles: it is a verdict or an exact number; no operation
//! can overflow, divide by zero or fail on any row within the views' bounds; unknown stays unknown;
//! nothing depends on the order of evaluation.

pub(crate) mod aggregate;
pub(crate) mod compile;
pub(crate) mod fault;
pub(crate) mod lower;
pub(crate) mod names;
pub(crate) mod parse;
pub(crate) mod tree;
pub(crate) mod typing;

pub use fault::{ExprFault, FaultKind, Place, Span};
pub use tree::{Aggregate, AggregateOp, CompareOp, Kind, Literal, Negated, Node, NumberType, Type};
