//! A row of a sheet that lacks columns takes over what is known of them.

use qb_base::keyring::Purpose;
use qb_base::{AreaCode, Keyring};
use qb_policy::dataset::{HOUSEHOLD_LINK, PERSON_LINK};
use qb_store::Tx;
use serde_json::{Map, Value};

use crate::draft::{RecordBatch, RecordDraft};
use crate::error::RegistryError;

/// What a row says, or says after what is known was taken over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Content {
    pub(super) area: AreaCode,
    pub(super) household: Option<i64>,
    pub(super) person: Option<i64>,
    /// JSON objects: what all may read, and what is kept sealed.
    pub(super) fields: String,
    pub(super) sealed: Option<Vec<u8>>,
}

/// What a row states, or what follows from it: its area, its household and its person.
pub(super) type Stated = (AreaCode, Option<i64>, Option<i64>);

/// Completes the content of a row with that of the current row `id`; `None` when nothing of it is
/// new.
pub(super) fn complete(
    tx: &Tx<'_>,
    (keyring, dataset): (&Keyring, &str),
    (batch, draft): (&RecordBatch, &RecordDraft),
    (area, household, person): Stated,
    id: i64,
) -> Result<Option<Content>, RegistryError> {
    let known = read(tx, id)?;
    // The row that sealed columns belong to.
    let whose = [dataset, batch.arena.text(draft.key)];
    let lacks = |id: &str| batch.columns.iter().any(|column| column.id == id && !column.there);
    let stays = batch.lacks_area && area.contains(&known.area);
    let merge = |sealed: bool, new: &[u8], old: &[u8]| merged(batch, sealed, (new, old));
    let old_sealed = opened((keyring, &whose), known.sealed.as_deref())?;
    let new_sealed = opened((keyring, &whose), draft.sealed.map(|span| batch.arena.bytes(span)))?;
    let sealed = merge(true, &new_sealed, &old_sealed)?;
    let content = Content {
        area: if stays { known.area } else { area },
        household: if lacks(HOUSEHOLD_LINK) { known.household } else { household },
        person: if lacks(PERSON_LINK) { known.person } else { person },
        fields: merge(false, batch.arena.text(draft.fields).as_bytes(), known.fields.as_bytes())?,
        sealed: (sealed != "{}")
            .then(|| keyring.seal(Purpose::Record, &whose, sealed.as_bytes()).0),
    };
    let same = same_json(content.fields.as_bytes(), known.fields.as_bytes())?
        && same_json(sealed.as_bytes(), &old_sealed)?
        && (content.area, content.household, content.person)
            == (known.area, known.household, known.person);
    Ok((!same).then_some(content))
}

fn read(tx: &Tx<'_>, id: i64) -> Result<Content, RegistryError> {
    let sql = "select area_code, household_id, person_id, fields, sealed from record where id = $1";
    tx.query_one(sql, &[id.into()], |row| {
        Ok((row.text(0)?, row.int_opt(1)?, row.int_opt(2)?, row.text(3)?, row.blob_opt(4)?))
    })
    .map_err(RegistryError::from)
    .and_then(|(area, household, person, fields, sealed)| {
        let area =
            AreaCode::parse(&area).map_err(|_| RegistryError::Invariant("area of a record"))?;
        Ok(Content { area, household, person, fields, sealed })
    })
}

fn opened(
    (keyring, whose): (&Keyring, &[&str]),
    sealed: Option<&[u8]>,
) -> Result<Vec<u8>, RegistryError> {
    match sealed {
        Some(sealed) => keyring
            .open(Purpose::Record, whose, sealed)
            .map_err(|_| RegistryError::Invariant("sealed columns of a record")),
        None => Ok(b"{}".to_vec()),
    }
}

fn object(text: &[u8]) -> Result<Map<String, Value>, RegistryError> {
    serde_json::from_slice(text).map_err(|_| RegistryError::Invariant("columns of a record"))
}

fn same_json(one: &[u8], other: &[u8]) -> Result<bool, RegistryError> {
    Ok(object(one)? == object(other)?)
}

/// The columns in their order: those of the sheet from the row, the others from what is known.
fn merged(
    batch: &RecordBatch,
    sealed: bool,
    (new, old): (&[u8], &[u8]),
) -> Result<String, RegistryError> {
    let (new, old) = (object(new)?, object(old)?);
    let mut out = String::from("{");
    for column in batch.columns.iter().filter(|column| column.sealed == sealed) {
        let from = if column.there { &new } else { &old };
        let Some(value) = from.get(&column.id) else { continue };
        if out.len() > 1 {
            out.push(',');
        }
        out.push_str(&format!("\"{}\":{value}", column.id));
    }
    out.push('}');
    Ok(out)
}
