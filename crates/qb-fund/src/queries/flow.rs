//! Where money flows: source → level → purpose → area → use, as links between named nodes.

use std::collections::BTreeMap;

use qb_access::Scope;
use qb_base::{AreaCode, Fen};
use qb_store::{Conn, StoreError};
use serde::Serialize;

use super::fen;

const FLOW: &str = include_str!("../sql/flow.sql");
const USE: &str = include_str!("../sql/flow_use.sql");
const PROJECTS: &str = include_str!("../sql/flow_project.sql");

/// Stands for a code that is blank, and for money that still lies in the account.
const BLANK: &str = "";
const UNPAID: &str = "unpaid";

/// A link of the flow: money from a node of one stage to a node of the next.
///
/// Stages: 1 source → level, 2 level → purpose, 3 purpose → area, 4 area → use (a kind of account,
/// or `unpaid`). What leaves a node is what reached it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FlowLink {
    /// The stage, from 1.
    pub stage: u8,
    /// Code of the node the money comes from.
    pub from: String,
    /// Code of the node it goes to.
    pub to: String,
    /// The money.
    pub amount_fen: Fen,
}

/// What a project was paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProjectFlow {
    /// Its number, where the payment names it.
    pub project_no: Option<String>,
    /// Where it stands.
    pub area_code: String,
    /// What it was paid.
    pub paid_fen: Fen,
}

/// The flow of one year's money that was allocated within an area.
///
/// # Errors
/// [`StoreError::NotFound`] when the area lies outside the scope.
pub fn flows(
    conn: &Conn,
    scope: &Scope,
    area: AreaCode,
    year: i64,
) -> Result<Vec<FlowLink>, StoreError> {
    let (low, high) = scope.within(area).ok_or(StoreError::NotFound)?.range();
    let values = [(&low).into(), (&high).into(), year.into()];
    let mut links: BTreeMap<(u8, String, String), i64> = BTreeMap::new();
    let mut add = |stage: u8, from: &str, to: &str, amount: i64| {
        let sum = links.entry((stage, from.to_owned(), to.to_owned())).or_default();
        *sum = sum.saturating_add(amount);
    };
    conn.each::<StoreError>(FLOW, &values, |row| {
        let word = |column| Ok::<_, StoreError>(row.text_opt(column)?.unwrap_or(BLANK.to_owned()));
        let (source, level, purpose, area) = (word(0)?, word(1)?, word(2)?, word(3)?);
        let (allocated, left) = (row.int(4)?, row.int(5)?);
        add(1, &source, &level, allocated);
        add(2, &level, &purpose, allocated);
        add(3, &purpose, &area, allocated);
        add(4, &area, UNPAID, left);
        Ok(())
    })?;
    conn.each::<StoreError>(USE, &values, |row| {
        add(4, &row.text(0)?, &row.text(1)?, row.int(2)?);
        Ok(())
    })?;
    let some = links.into_iter().filter(|(_, amount)| *amount != 0);
    some.map(|((stage, from, to), amount)| {
        let wrong = StoreError::Type { column: 4, expected: "fen" };
        Ok(FlowLink { stage, from, to, amount_fen: Fen::new(amount).ok_or(wrong)? })
    })
    .collect()
}

/// The projects that allocations within an area paid, the largest first.
///
/// # Errors
/// [`StoreError::NotFound`] when the area lies outside the scope.
pub fn paid_to_projects(
    conn: &Conn,
    scope: &Scope,
    area: AreaCode,
    year: i64,
    limit: i64,
) -> Result<Vec<ProjectFlow>, StoreError> {
    let (low, high) = scope.within(area).ok_or(StoreError::NotFound)?.range();
    let values = [(&low).into(), (&high).into(), year.into(), limit.into()];
    conn.query(PROJECTS, &values, |row| {
        Ok(ProjectFlow {
            project_no: row.text_opt(0)?,
            area_code: row.text(1)?,
            paid_fen: fen(row, 2)?,
        })
    })
}
