//! Village ledgers and designated villages.

use qb_access::Scope;
use qb_base::AreaCode;
use qb_store::{Conn, StoreError};

use super::{fen, fen_opt};
use crate::model::{LedgerLine, LedgerVersion, VillageLedger};

const LEDGER: &str = "\
select l.policy_year, i.item, i.amount_fen, i.amount_prior_fen, i.one_off_fen, i.evidence, \
  l.source_file_id \
from village_ledger l join village_ledger_item i on i.ledger_id = l.id \
where l.area_code = $1 and l.superseded_at is null order by l.policy_year desc, i.source_row";
const VERSIONS: &str = "\
select id, policy_year, recorded_at, superseded_at, source_file_id from village_ledger \
where area_code = $1 order by policy_year desc, id desc";
const ITEMS: &str = "\
select item, amount_fen, amount_prior_fen, one_off_fen, evidence from village_ledger_item \
where ledger_id = $1 order by source_row";
const DESIGNATED: &str = "\
select area_code, designated_year from designation \
where kind = $1 and area_code >= $2 and area_code < $3 and valid_to is null \
  and superseded_at is null order by area_code";

/// The newest ledger of a village.
///
/// # Errors
/// [`StoreError::NotFound`] when the village lies outside the scope.
pub fn village_ledger(
    conn: &Conn,
    scope: &Scope,
    area: AreaCode,
) -> Result<Option<VillageLedger>, StoreError> {
    if !scope.covers(area) {
        return Err(StoreError::NotFound);
    }
    let mut ledger: Option<VillageLedger> = None;
    conn.each::<StoreError>(LEDGER, &[area.as_str().into()], |row| {
        let (policy_year, source_file_id) = (row.int(0)?, row.int(6)?);
        let found = ledger.get_or_insert_with(|| VillageLedger {
            policy_year,
            items: Vec::new(),
            source_file_id,
        });
        if found.policy_year == policy_year {
            found.items.push(LedgerLine {
                item: row.text(1)?,
                amount: fen(row, 2)?,
                amount_prior: fen_opt(row, 3)?,
                one_off: fen_opt(row, 4)?,
                evidence: row.text_opt(5)?,
            });
        }
        Ok(())
    })?;
    Ok(ledger)
}

/// Every ledger that a village handed in, the newest year and version first.
///
/// # Errors
/// [`StoreError::NotFound`] when the village lies outside the scope.
pub fn ledger_versions(
    conn: &Conn,
    scope: &Scope,
    area: AreaCode,
) -> Result<Vec<LedgerVersion>, StoreError> {
    if !scope.covers(area) {
        return Err(StoreError::NotFound);
    }
    let versions = conn.query(VERSIONS, &[area.as_str().into()], |row| {
        let version = LedgerVersion {
            recorded_at: row.int(2)?,
            superseded_at: row.int_opt(3)?,
            ledger: VillageLedger {
                policy_year: row.int(1)?,
                items: Vec::new(),
                source_file_id: row.int(4)?,
            },
        };
        Ok((row.int(0)?, version))
    })?;
    let with_items = versions.into_iter().map(|(id, mut version)| {
        version.ledger.items = conn.query(ITEMS, &[id.into()], |row| {
            Ok(LedgerLine {
                item: row.text(0)?,
                amount: fen(row, 1)?,
                amount_prior: fen_opt(row, 2)?,
                one_off: fen_opt(row, 3)?,
                evidence: row.text_opt(4)?,
            })
        })?;
        Ok(version)
    });
    with_items.collect()
}

/// Villages of a designated kind within an area, with the year of designation.
///
/// # Errors
/// [`StoreError::NotFound`] when the area lies outside the scope.
pub fn designated_villages(
    conn: &Conn,
    scope: &Scope,
    area: AreaCode,
    kind: &str,
) -> Result<Vec<(String, Option<i64>)>, StoreError> {
    let (low, high) = scope.within(area).ok_or(StoreError::NotFound)?.range();
    let values = [kind.into(), (&low).into(), (&high).into()];
    conn.query(DESIGNATED, &values, |row| Ok((row.text(0)?, row.int_opt(1)?)))
}
