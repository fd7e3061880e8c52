//! Who may see and do what: roles, areas, field masks and the table of permissions.
//!
//! Step: none, beside the chain. Input: the role and area of a signed-in person, and the area of
//! the thing asked for. Output: a decision, and a [`Scope`] that every query takes. Invariants: a
//! thing outside a person's area is hidden, not refused, so that its existence does not show; an
//! identity number is never shown in full by a mask, only by [`permission::REVEAL_IDENTITY`] with a
//! reason; the decision is a pure function of the table, so that a test can enumerate it.

mod masking;
pub mod permission;
pub mod reading;
mod relation;
mod role;
mod scope;
mod writing;

pub use permission::{Decision, Permission, Reach, decide};
pub use reading::Reading;
pub use relation::{Relation, relation};
pub use role::{Role, UnknownRole};
pub use scope::{Reveal, Scope};
pub use writing::{Sender, Writing};

#[cfg(test)]
mod tests;
