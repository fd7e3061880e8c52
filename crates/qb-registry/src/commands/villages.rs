//! Writes ledgers and designations of villages: few rows, one by one.

use qb_base::Date;
use qb_store::{StoreError, Tx};

use super::authority::digits_of;
use super::writer::{FileSource, FileWriter};
use crate::draft::{DesignationDraft, LedgerDraft, LedgerLine, Sent};
use crate::error::RegistryError;
use crate::issue::Issue;

/// Writes a village's ledger; a newer one of the same file name takes the place of the older.
///
/// # Errors
/// Whatever the store says.
pub fn ledger(file: &mut FileWriter<'_, '_>, draft: &LedgerDraft) -> Result<(), RegistryError> {
    let tx = file.source.tx;
    let (area, year) = (draft.area.as_str(), i64::from(draft.year));
    let known = tx.query_opt(
        "select id, row_digest, source_file_id from village_ledger \
         where area_code = $1 and policy_year = $2 and superseded_at is null",
        &[area.into(), year.into()],
        |row| Ok((row.int(0)?, row.int(1)?, row.int(2)?)),
    )?;
    file.source.counties.add(digits_of(area));
    let Some((id, digest, from)) = known else {
        insert_ledger(tx, file.source, draft, &completed(&draft.lines, &[]))?;
        return Ok(());
    };
    if digest == draft.digest {
        return Ok(());
    }
    if file.leaves(1, from, Some(draft.area))? {
        return Ok(());
    }
    // Two files of one import that speak for the same village contradict each other.
    let mark = file.book.file(from)?;
    if mark.run == file.source.run && mark.name != file.source.name {
        for line in &draft.lines {
            let kept = (Some(draft.area), Sent::Written(line.item.as_bytes()));
            file.refuse(line.row, Issue::LedgerTwice, &[("place", &mark.name)], kept)?;
        }
        return Ok(());
    }
    let known = ledger_lines(tx, id)?;
    let lines = completed(&draft.lines, &known);
    if lines.iter().eq(known.iter()) {
        return Ok(());
    }
    tx.execute(
        "update village_ledger set superseded_at = $1 where id = $2",
        &[file.source.now.0.into(), id.into()],
    )?;
    insert_ledger(tx, file.source, draft, &lines)?;
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
    file: &FileSource<'_>,
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
///
/// # Errors
/// Whatever the store says.
pub fn designations(
    file: &mut FileWriter<'_, '_>,
    drafts: &[DesignationDraft],
    today: Date,
) -> Result<(), RegistryError> {
    let tx = file.source.tx;
    let mut id = tx.next_id("designation")?;
    for draft in drafts {
        let known = tx.query_opt(
            "select source_file_id, source_row from designation \
             where kind = $1 and area_code = $2 and valid_to is null and superseded_at is null",
            &[draft.kind.as_str().into(), draft.area.as_str().into()],
            |row| Ok((row.int(0)?, row.int(1)?)),
        )?;
        if let Some((file_id, row)) = known {
            if file_id == file.source.file_id {
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
                file.source.now.0.into(),
                file.source.file_id.into(),
                i64::from(draft.row).into(),
            ],
        )?;
        id += 1;
    }
    Ok(())
}
