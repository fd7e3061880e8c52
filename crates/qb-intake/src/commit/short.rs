//! Writes ledgers, designations and outside figures: few rows, one by one.

use qb_base::{AreaCode, Date};
use qb_store::{StoreError, Tx, Value};

use super::authority::digits_of;
use super::file::FileWriter;
use crate::error::IntakeError;
use crate::fields::Issue;
use crate::rows::draft::{DesignationDraft, LedgerDraft, LedgerLine, ReferenceDraft};
use crate::rows::kept::Sent;

/// Writes a village's ledger; a newer one of the same file name takes the place of the older.
pub(crate) fn ledger(
    tx: &Tx<'_>,
    file: &mut FileWriter<'_>,
    draft: &LedgerDraft,
) -> Result<(), IntakeError> {
    let (area, year) = (draft.area.as_str(), i64::from(draft.year));
    let known = tx.query_opt(
        "select l.id, l.row_digest, f.name, f.import_run_id, f.id from village_ledger l join \
        source_file f on f.id = l.source_file_id \
         where l.area_code = $1 and l.policy_year = $2 and l.superseded_at is null",
        &[area.into(), year.into()],
        |row| Ok((row.int(0)?, row.int(1)?, row.text(2)?, row.int(3)?, row.int(4)?)),
    )?;
    let run = tx.query_one(
        "select import_run_id from source_file where id = $1",
        &[file.file_id.into()],
        |row| row.int(0),
    )?;
    file.counties.add(digits_of(area));
    match known {
        Some((_, digest, ..)) if digest == draft.digest => return Ok(()),
        // Two files of one import that speak for the same village contradict each other.
        Some((.., from)) if file.leaves(1, from, Some(draft.area))? => return Ok(()),
        Some((_, _, name, known_run, _)) if known_run == run && name != file.name => {
            for line in &draft.lines {
                file.refuse(
                    line.row,
                    Issue::LedgerTwice,
                    &[("place", &name)],
                    (Some(draft.area), Sent::Written(line.item.as_bytes())),
                )?;
            }
            return Ok(());
        }
        Some((id, ..)) => {
            let known = ledger_lines(tx, id)?;
            let lines = completed(&draft.lines, &known);
            if lines.iter().eq(known.iter()) {
                return Ok(());
            }
            tx.execute(
                "update village_ledger set superseded_at = $1 where id = $2",
                &[file.now.0.into(), id.into()],
            )?;
            insert_ledger(tx, file, draft, &lines)?;
        }
        None => insert_ledger(tx, file, draft, &completed(&draft.lines, &[]))?,
    }
    Ok(())
}

/// A line of a ledger as the store holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct StoredLine {
    item: String,
    amount_fen: i64,
    prior_fen: Option<i64>,
    one_off_fen: Option<i64>,
    evidence: Option<String>,
    row: i64,
}

fn ledger_lines(tx: &Tx<'_>, id: i64) -> Result<Vec<StoredLine>, StoreError> {
    tx.query(
        "select item, amount_fen, amount_prior_fen, one_off_fen, evidence, source_row \
         from village_ledger_item where ledger_id = $1 order by item",
        &[id.into()],
        |row| {
            Ok(StoredLine {
                item: row.text(0)?,
                amount_fen: row.int(1)?,
                prior_fen: row.int_opt(2)?,
                one_off_fen: row.int_opt(3)?,
                evidence: row.text_opt(4)?,
                row: row.int(5)?,
            })
        },
    )
}

/// The lines of a form, and beside them what is known of the items and columns that it lacks; an
/// item of which there is nothing stands in a form as 0 or blank.
fn completed(lines: &[LedgerLine], known: &[StoredLine]) -> Vec<StoredLine> {
    let mut all: Vec<StoredLine> = known
        .iter()
        .filter(|old| lines.iter().all(|line| line.item != old.item))
        .cloned()
        .collect();
    all.extend(lines.iter().map(|line| {
        let old = known.iter().find(|old| old.item == line.item);
        let [prior, one_off, evidence] = line.unstated;
        let pick = |unstated: bool, stated: Option<i64>, of: fn(&StoredLine) -> Option<i64>| {
            if unstated { old.and_then(of) } else { stated }
        };
        let evidence = old.filter(|_| evidence).map_or(&line.evidence, |old| &old.evidence);
        StoredLine {
            item: line.item.clone(),
            amount_fen: line.amount_fen,
            prior_fen: pick(prior, line.prior_fen, |old| old.prior_fen),
            one_off_fen: pick(one_off, line.one_off_fen, |old| old.one_off_fen),
            evidence: evidence.clone(),
            row: i64::from(line.row),
        }
    }));
    all.sort_by(|a, b| a.item.cmp(&b.item));
    all
}

fn insert_ledger(
    tx: &Tx<'_>,
    file: &FileWriter<'_>,
    draft: &LedgerDraft,
    lines: &[StoredLine],
) -> Result<(), StoreError> {
    let id = tx.next_id("village_ledger")?;
    tx.execute(
        "insert into village_ledger (id, area_code, policy_year, recorded_at, source_file_id, \
         row_digest) values ($1, $2, $3, $4, $5, $6)",
        &[
            id.into(),
            draft.area.as_str().into(),
            i64::from(draft.year).into(),
            file.now.0.into(),
            file.file_id.into(),
            draft.digest.into(),
        ],
    )?;
    for line in lines {
        tx.execute(
            "insert into village_ledger_item (ledger_id, item, amount_fen, amount_prior_fen, \
             one_off_fen, evidence, source_row) values ($1, $2, $3, $4, $5, $6, $7)",
            &[
                id.into(),
                line.item.as_str().into(),
                line.amount_fen.into(),
                line.prior_fen.into(),
                line.one_off_fen.into(),
                line.evidence.as_deref().into(),
                line.row.into(),
            ],
        )?;
    }
    Ok(())
}

/// Adds villages to a dated set; one that is in it already stays.
pub(crate) fn designations(
    tx: &Tx<'_>,
    file: &mut FileWriter<'_>,
    drafts: &[DesignationDraft],
    today: Date,
) -> Result<(), IntakeError> {
    let mut id = tx.next_id("designation")?;
    for draft in drafts {
        let known = tx.query_opt(
            "select source_file_id, source_row from designation \
             where kind = $1 and area_code = $2 and valid_to is null and superseded_at is null",
            &[draft.kind.as_str().into(), draft.area.as_str().into()],
            |row| Ok((row.int(0)?, row.int(1)?)),
        )?;
        if let Some((file_id, row)) = known {
            if file_id == file.file_id {
                let place = file.place_of(file_id, row)?;
                file.refuse(
                    draft.row,
                    Issue::DuplicateRow,
                    &[("place", &place)],
                    (Some(draft.area), Sent::Written(&draft.cells)),
                )?;
            }
            continue;
        }
        let since = draft.year.map_or_else(|| today.to_string(), |year| format!("{year:04}-01-01"));
        tx.execute(
            "insert into designation (id, kind, area_code, designated_year, valid_from, \
            reason_in, recorded_at, source_file_id, \
             source_row) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            &[
                id.into(),
                draft.kind.as_str().into(),
                draft.area.as_str().into(),
                draft.year.map(i64::from).into(),
                since.as_str().into(),
                "listed".into(),
                file.now.0.into(),
                file.file_id.into(),
                i64::from(draft.row).into(),
            ],
        )?;
        id += 1;
    }
    Ok(())
}

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
pub(crate) fn references(
    tx: &Tx<'_>,
    file: &mut FileWriter<'_>,
    drafts: &[ReferenceDraft],
    whole: AreaCode,
) -> Result<(), IntakeError> {
    let mut id = tx.next_id("reference_value")?;
    for draft in drafts {
        // A figure that names no area is about the whole; the one it replaces is about the same.
        let area = draft.area.as_deref().map_or(Ok(whole), AreaCode::parse);
        let area = area.map_err(|_| IntakeError::Invariant("area of an outside figure"))?;
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
                &[file.now.0.into(), (*old).into()],
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
            file.now.0.into(),
            file.file_id.into(),
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
