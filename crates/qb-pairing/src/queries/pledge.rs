//! Pledges and who has not signed.

use qb_access::Scope;
use qb_base::{AreaCode, Date};
use qb_store::{Conn, Known, StoreError};
use serde::Serialize;

use crate::rules::TargetRules;
use crate::source::{self, Pledge, Signature};

/// A pledge and how it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PledgeLine {
    /// The pledge.
    #[serde(flatten)]
    pub pledge: Pledge,
    /// How it stands.
    pub signature: Signature,
    /// Days since it should have been signed, while it is not.
    pub days_overdue: Option<i64>,
    /// Whether somebody holds the post that answers for the area.
    pub has_owner: bool,
}

/// Pledges whose lower side lies within an area, level by level.
///
/// # Errors
/// [`StoreError::NotFound`] when the area lies outside the scope.
pub fn pledges(
    conn: &Conn,
    scope: &Scope,
    rules: &TargetRules,
    area: AreaCode,
    on: Date,
) -> Result<Vec<PledgeLine>, StoreError> {
    let (low, high) = scope.within(area).ok_or(StoreError::NotFound)?.range();
    let owners = source::owners(conn, (&low, &high), rules, on)?;
    let found = source::pledges(conn, (&low, &high), Known::Everything)?;
    let mut lines: Vec<PledgeLine> = found
        .into_iter()
        .map(|pledge| {
            let owner = owners.get(&pledge.area_code).copied();
            let signature = pledge.signature(on, owner);
            let days = pledge.due_on.map(|due| i64::from((on - due).get_days()));
            let days_overdue = days.filter(|_| signature == Signature::Overdue);
            PledgeLine { pledge, signature, days_overdue, has_owner: owner.is_some() }
        })
        .collect();
    lines.sort_by(|a, b| order(a).cmp(&order(b)));
    Ok(lines)
}

/// Higher levels first, then by area.
fn order(line: &PledgeLine) -> (usize, &str, &str) {
    let area = line.pledge.area_code.as_str();
    (area.len(), area, line.pledge.pledge_no.as_str())
}
