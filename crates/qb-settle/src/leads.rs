//! Whoever a coverage misses becomes a case, where the pack says so.

use qb_base::Date;
use qb_case::Machines;
use qb_case::commands::{Leads, open_leads};
use qb_policy::Pack;
use qb_store::Store;
use qb_targeting::model::RunSummary;

use crate::error::SettleError;

/// Opens the cases of a run's leads; answers how many.
pub(crate) fn open(
    store: &Store,
    pack: &Pack,
    (actor, on): (&str, Date),
    run: &RunSummary,
) -> Result<u64, SettleError> {
    if run.leads.is_empty() {
        return Ok(0);
    }
    let machines = Machines::load(pack).map_err(SettleError::Pack)?;
    let mut opened = 0;
    for (id, keys) in &run.leads {
        let coverage = pack.coverage(id);
        let Some((coverage, opens)) =
            coverage.and_then(|coverage| Some((coverage, coverage.opens.as_ref()?)))
        else {
            continue;
        };
        let households: Vec<i64> = keys.iter().filter_map(|key| key.parse().ok()).collect();
        let found_by = format!("{} · {}", coverage.set.zh, run.run);
        let leads = Leads { opens, found_by: &found_by, on, households: &households };
        opened += open_leads(store, &machines, actor, &leads)?;
    }
    Ok(opened)
}
