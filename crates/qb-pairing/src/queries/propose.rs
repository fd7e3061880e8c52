//! The proposal for designated villages that have no unit.

use qb_access::Scope;
use qb_base::{AreaCode, Date};
use qb_registry::queries::designated_villages;
use qb_store::{Conn, StoreError};
use serde::Serialize;

use crate::proposal::{Proposal, Unpaired, Vacancy, propose};
use crate::rules::TargetRules;
use crate::source;

/// A proposal for people to decide on; nothing is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProposalSheet {
    /// Designated villages within the area.
    pub villages: usize,
    /// Those among them that have a unit.
    pub paired: usize,
    /// A unit for each of the others.
    pub proposals: Vec<Proposal>,
    /// Those for which no unit has room.
    pub unpaired: Vec<Unpaired>,
}

/// Proposes units for the designated villages of an area that have none on a day.
///
/// # Errors
/// [`StoreError::NotFound`] when the area lies outside the scope.
pub fn proposal(
    conn: &Conn,
    scope: &Scope,
    rules: &TargetRules,
    area: AreaCode,
    on: Date,
) -> Result<ProposalSheet, StoreError> {
    let designated = designated_villages(conn, scope, area, rules.pairing.designation.as_ref())?;
    let (has_unit, units) = source::paired(conn, on)?;
    let vacancies: Vec<Vacancy> = designated
        .iter()
        .filter(|(village, _)| !has_unit.contains(village))
        .filter_map(|(village, _)| AreaCode::parse(village).ok().map(|area| Vacancy { area }))
        .collect();
    let (proposals, unpaired) = propose(&vacancies, &units, &rules.pairing);
    let (villages, paired) = (designated.len(), designated.len() - vacancies.len());
    Ok(ProposalSheet { villages, paired, proposals, unpaired })
}
