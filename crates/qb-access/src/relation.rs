//! How the area of a thing lies to the area of a person.

use qb_base::AreaCode;

/// The relation of a target area to one's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Relation {
    /// The same area.
    Own,
    /// The target contains one's own area.
    Above,
    /// The target lies within one's own area.
    Below,
    /// Another area with the same parent.
    Sibling,
    /// Any other area.
    Other,
}

impl Relation {
    /// All relations.
    pub const ALL: [Self; 5] = [Self::Own, Self::Above, Self::Below, Self::Sibling, Self::Other];
}

/// Tells how `target` lies to `own`.
pub fn relation(own: AreaCode, target: AreaCode) -> Relation {
    if own == target {
        Relation::Own
    } else if own.contains(&target) {
        Relation::Below
    } else if target.contains(&own) {
        Relation::Above
    } else if own.level() == target.level() && own.parent() == target.parent() {
        Relation::Sibling
    } else {
        Relation::Other
    }
}
