//! Opens what an earlier step left behind.

use std::borrow::Cow;

use qb_engine::snapshot::Snapshot;
use qb_policy::Pack;
use qb_store::Store;

use crate::error::TargetingError;
use crate::model::Run;

/// Opens a snapshot of the data directory by its digest.
pub(crate) fn snapshot(store: &Store, digest: &str) -> Result<Snapshot, TargetingError> {
    Ok(Snapshot::open(&store.place().dir.snapshots().join(digest))?)
}

/// The pack a run was made with: the one at hand, or the one that was kept with the run.
///
/// # Errors
/// When it is another one and was not kept, as before packs were, or is damaged.
pub fn pack_of<'p>(
    store: &Store,
    run: &Run,
    pack: &'p Pack,
) -> Result<Cow<'p, Pack>, TargetingError> {
    let got = pack.digest().to_string();
    if got == run.pack {
        return Ok(Cow::Borrowed(pack));
    }
    let kept = Pack::kept(&store.place().dir.packs(), &run.pack)?;
    let missing = || TargetingError::OtherPack { run: run.id, expected: run.pack.clone(), got };
    kept.map(Cow::Owned).ok_or_else(missing)
}

/// Keeps a pack, so that the runs made with it can be explained and made again.
pub(crate) fn keep(store: &Store, pack: &Pack) -> Result<(), TargetingError> {
    let packs = store.place().dir.packs();
    pack.keep(&packs).map_err(|error| TargetingError::Keep { folder: packs, error })
}
