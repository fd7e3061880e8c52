//! Writes figures from outside: few rows, one by one.

use qb_base::AreaCode;
use qb_store::{StoreError, Tx, Value};

use super::writer::FileWriter;
use crate::draft::{ReferenceDraft, Sent};
use crate::error::RegistryError;

/// Outside figures of the same fact: id, file, whether it says the same, and whether it is of the
/// same area, year and label.
fn known_references(
    tx: &Tx<'_>,
    draft: &ReferenceDraft,
) -> Result<Vec<(i64, i64, bool, bool)>, StoreError> {
    tx.query(
        "select id, area_code, policy_year, source, value_micro, unit, label, document, \
         published_on, source_file_id from reference_value \
         where fact_id = $1 and superseded_at is null order by id",
        &[draft.fact_id.as_str().into()],
        |row| {
            let same_area = row.text_opt(1)? == draft.area;
            let same_year = row.int_opt(2)? == draft.year.map(i64::from);
            let same_key = same_area && same_year && row.text(6)? == draft.label;
            let same_value = row.int(4)? == draft.value_micro
                && row.text(5)? == draft.unit
                && row.text(3)? == draft.source
                && row.text_opt(7)? == draft.document
                && row.text_opt(8)? == draft.published_on;
            Ok((row.int(0)?, row.int(9)?, same_key && same_value, same_key))
        },
    )
}

/// Writes outside figures; a newer value of the same figure, area, year and source takes the place
/// of the older.
///
/// # Errors
/// Whatever the store says, or a broken invariant.
pub fn references(
    file: &mut FileWriter<'_, '_>,
    drafts: &[ReferenceDraft],
    whole: AreaCode,
) -> Result<(), RegistryError> {
    let tx = file.source.tx;
    let mut id = tx.next_id("reference_value")?;
    for draft in drafts {
        // A figure that names no area is about the whole; the one it replaces is about the same.
        let area = draft.area.as_deref().map_or(Ok(whole), AreaCode::parse);
        let area = area.map_err(|_| RegistryError::Invariant("area of an outside figure"))?;
        if !file.permits(draft.row, &[], (Some(area), Sent::Written(&draft.cells)))? {
            continue;
        }
        let known = known_references(tx, draft)?;
        if known.iter().any(|(_, _, is_same, _)| *is_same) {
            continue;
        }
        let mut replaced = known.iter().filter(|(.., same_key)| *same_key);
        if let Some((_, from, ..)) = replaced.clone().next_back()
            && file.leaves(draft.row, *from, Some(area))?
        {
            continue;
        }
        for (old, ..) in &mut replaced {
            tx.execute(
                "update reference_value set superseded_at = $1 where id = $2",
                &[file.source.now.0.into(), (*old).into()],
            )?;
        }
        let values: [Value<'_>; 13] = [
            id.into(),
            draft.fact_id.as_str().into(),
            draft.label.as_str().into(),
            draft.area.as_deref().into(),
            draft.year.map(i64::from).into(),
            draft.value_micro.into(),
            draft.unit.as_str().into(),
            draft.source.as_str().into(),
            draft.document.as_deref().into(),
            draft.published_on.as_deref().into(),
            file.source.now.0.into(),
            file.source.file_id.into(),
            i64::from(draft.row).into(),
        ];
        tx.execute(
            "insert into reference_value (id, fact_id, label, area_code, policy_year, \
            value_micro, unit, source, document, \
             published_on, recorded_at, source_file_id, source_row) values ($1, $2, $3, $4, $5, \
             $6, $7, $8, $9, $10, $11, $12, $13)",
            &values,
        )?;
        id += 1;
    }
    Ok(())
}
