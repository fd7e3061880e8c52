//! Whoever a coverage misses becomes a case, where the pack says so.

use qb_base::Date;
use qb_case::commands::{Leads, open_leads};
use qb_engine::{Engine, EngineOptions, Page, Snapshot, Tables, Value};
use qb_policy::{Coverage, Pack};
use qb_store::Store;
use qb_targeting::model::RunSummary;

use crate::error::ChainError;

/// Members of a set read at once.
const ROWS_AT_ONCE: usize = 10_000;

/// Opens the cases of a run's leads; answers how many.
pub(crate) fn open(
    store: &Store,
    pack: &Pack,
    (actor, on): (&str, Date),
    run: &RunSummary,
) -> Result<u64, ChainError> {
    let missed = store.read(|conn| qb_targeting::queries::coverages(conn, run.run))?;
    let is_missed = |coverage: &&Coverage| {
        missed.iter().any(|found| found.coverage == coverage.id && found.missing > 0)
    };
    let leading: Vec<&Coverage> = pack
        .coverages
        .iter()
        .filter(|coverage| coverage.opens.is_some())
        .filter(is_missed)
        .collect();
    if leading.is_empty() {
        return Ok(0);
    }
    let machines = qb_case::Machines::load(pack).map_err(ChainError::Pack)?;
    let snapshot = Snapshot::open(&store.place().dir.snapshots().join(&run.snapshot))?;
    let tables = Tables::open(&Engine::new(EngineOptions::default())?, &snapshot, pack)?;
    let mut opened = 0;
    for coverage in leading {
        let Some(opens) = &coverage.opens else { continue };
        let households = missing(&tables, pack, coverage)?;
        let found_by = format!("{} · {}", coverage.set.zh, run.run);
        let leads = Leads { opens, found_by: &found_by, on, households: &households };
        opened += open_leads(store, &machines, actor, &leads)?;
    }
    Ok(opened)
}

/// The households of a set that nothing covers.
fn missing(tables: &Tables, pack: &Pack, coverage: &Coverage) -> Result<Vec<i64>, ChainError> {
    let (mut found, mut offset) = (Vec::new(), 0);
    loop {
        let page = Page { offset, limit: ROWS_AT_ONCE };
        let rows = tables.missing(coverage, &pack.area, &page)?;
        found.extend(rows.rows.iter().filter_map(|row| match row.first() {
            Some(Value::Text(key)) => key.parse::<i64>().ok(),
            _ => None,
        }));
        if !rows.more {
            return Ok(found);
        }
        offset += ROWS_AT_ONCE;
    }
}
