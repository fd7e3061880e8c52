//! What a query may read for whom.

use qb_base::AreaCode;

use crate::{Decision, Relation, Role, decide, permission, relation};

/// How much of a personal field may be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reveal {
    /// The field does not appear.
    None,
    /// The field appears masked.
    Masked,
    /// The field appears in full.
    Full,
}

/// The area, role and field mask a query runs with; no query runs without one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Scope {
    role: Option<Role>,
    area: Option<AreaCode>,
    reveal: Reveal,
}

impl Scope {
    /// The scope of a person who works in a role for an area.
    pub const fn new(role: Role, area: AreaCode) -> Self {
        Self { role: Some(role), area: Some(area), reveal: role.reveal() }
    }

    /// The scope of the operator at the command line and of the chain's own runs: all areas.
    ///
    /// Names stay masked: what a run prints is read by more people than the operator.
    pub const fn system() -> Self {
        Self { role: None, area: None, reveal: Reveal::Masked }
    }

    /// The same person looking at one area; `None` when that area is not within the scope.
    #[must_use]
    pub fn within(&self, area: AreaCode) -> Option<Self> {
        self.covers(area).then(|| Self { area: Some(area), ..self.clone() })
    }

    /// The scope in which one identity number is read in full, for roles that may ask with a
    /// reason.
    pub fn revealing_identity(&self) -> Option<Self> {
        let decision = decide(&permission::REVEAL_IDENTITY, Some(self), self.area);
        (decision == Decision::Allow).then(|| Self { reveal: Reveal::Full, ..self.clone() })
    }

    /// The scope for rows that are one's own: a household reads itself, a helper those it is paired
    /// with. Whether a row is one's own the caller has to know.
    pub fn of_ones_own(&self) -> Option<Self> {
        let decision = decide(&permission::VIEW_MINE, Some(self), self.area);
        (decision == Decision::Allow).then(|| Self { reveal: Reveal::Full, ..self.clone() })
    }

    /// The role, or `None` for the operator.
    pub const fn role(&self) -> Option<Role> {
        self.role
    }

    /// The area everything lies within, or `None` for all areas.
    pub const fn area(&self) -> Option<AreaCode> {
        self.area
    }

    /// How names appear.
    pub const fn reveal(&self) -> Reveal {
        self.reveal
    }

    /// Whether the area is the scope's own or below it.
    pub fn covers(&self, target: AreaCode) -> bool {
        self.area.is_none_or(|own| own.contains(&target))
    }

    /// How an area lies to the scope's own; everything is below the operator.
    pub fn relation(&self, target: AreaCode) -> Relation {
        self.area.map_or(Relation::Below, |own| relation(own, target))
    }

    /// Bounds `low <= area_code < high` that a query binds to stay within the scope.
    pub fn range(&self) -> (String, String) {
        self.area.map_or_else(|| (String::new(), ":".to_owned()), |area| area.range())
    }
}
