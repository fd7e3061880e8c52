//! What an import knows before it opens a file: the pack, and the names of areas that the
//! installation knows besides.

use std::sync::Arc;

use qb_base::{AreaCode, Digest};
use qb_policy::Pack;
use qb_registry::areas::{self, Alias};
use qb_store::{Store, StoreError};

use crate::error::IntakeError;
use crate::fields::area::{AreaIndex, KnownAs};
use crate::import::ImportOptions;
use crate::rows::Shared;
use crate::words::Words;

/// What the parsers of an import know.
pub(crate) fn shared(
    store: &Store,
    pack: &Pack,
    options: &ImportOptions,
) -> Result<Shared, IntakeError> {
    let today = match options.today {
        Some(day) => day,
        None => store.office_day()?.day,
    };
    Ok(Shared {
        no_document: Words::of(pack)?.no_document.clone(),
        areas: Arc::new(area_index(store, pack)?),
        lists: Arc::new(pack.code_lists.clone()),
        datasets: Arc::new(pack.datasets.clone()),
        keyring: store.keyring().clone(),
        today,
        year: pack.year,
        within: options.sender(pack.area).area,
    })
}

/// Digest of what decides how a file is read: the pack, and the names of areas that the
/// installation knows besides.
pub(crate) fn rules(store: &Store, pack: &Pack) -> Result<Digest, StoreError> {
    let names = store.read(areas::known_besides)?;
    if names.is_empty() {
        return Ok(pack.digest());
    }
    Ok(Digest::of(format!("{}\n{}", pack.digest(), names.join("\n")).as_bytes()))
}

/// The pack's areas with the aliases and successors that this installation knows.
fn area_index(store: &Store, pack: &Pack) -> Result<AreaIndex, StoreError> {
    let mut index = AreaIndex::new(pack);
    store.read::<_, StoreError>(|conn| {
        for Alias { parent, name_key, code } in areas::aliases(conn)? {
            if let (Ok(parent), Ok(code)) = (AreaCode::parse(&parent), AreaCode::parse(&code)) {
                index.add_alias(KnownAs { parent, name_key, code });
            }
        }
        let successors = areas::successors(conn)?.into_iter();
        let parsed = successors.filter_map(|(code, successor, since)| {
            Some((code, AreaCode::parse(&successor).ok()?, since))
        });
        index.add_successors(parsed);
        Ok(())
    })?;
    Ok(index)
}
