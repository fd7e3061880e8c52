//! Opens what an earlier step left behind.

use qb_engine::snapshot::Snapshot;
use qb_policy::Pack;
use qb_store::Store;

use crate::error::TargetingError;
use crate::model::Run;

/// Opens a snapshot of the data directory by its digest.
pub(crate) fn snapshot(store: &Store, digest: &str) -> Result<Snapshot, TargetingError> {
    Ok(Snapshot::open(&store.place().dir.snapshots().join(digest))?)
}

/// Refuses a pack that is not the one a run was made with.
pub(crate) fn require_pack(run: &Run, pack: &Pack) -> Result<(), TargetingError> {
    let got = pack.digest().to_string();
    if got == run.pack {
        return Ok(());
    }
    Err(TargetingError::OtherPack { run: run.id, expected: run.pack.clone(), got })
}
