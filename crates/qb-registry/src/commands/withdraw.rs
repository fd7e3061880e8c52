//! Rows of datasets and ledgers that are taken back with the file that brought them.

use qb_base::Timestamp;
use qb_store::{Sql, StoreError, Tx};

/// Rows that are handed over at a time.
const ROWS_AT_A_TIME: i64 = 10_000;

/// A row that is taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithdrawnRow {
    /// The dataset; none of a ledger, which does not say its own.
    pub dataset: Option<String>,
    /// The row.
    pub id: i64,
    /// The file that had brought it.
    pub file_id: i64,
    /// Its row there; a ledger is one statement: it stands for the whole of its file.
    pub row: i64,
    /// Where it stands.
    pub area: String,
}

/// What is taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Withdrawing {
    /// Rows of datasets.
    Records,
    /// Ledgers of villages.
    Ledgers,
}

/// What stands of some files; a list of those, each between commas, is the first value.
const STANDING: &str = "superseded_at is null and replace($1, ',' || cast(source_file_id as text) || ',', '') <> $1 \
     and id > $2 order by id limit $3";
const RECORDS: &str =
    "select dataset, id, source_file_id, source_row, area_code from record where ";
const LEDGERS: &str = "select cast(null as text), id, source_file_id, cast(1 as bigint), \
    area_code from village_ledger where ";
/// The same as [`STANDING`], where the instant is the first value.
const SUPERSEDE: &str = " set superseded_at = $1 where superseded_at is null \
    and replace($2, ',' || cast(source_file_id as text) || ',', '') <> $2";

/// Takes back what stands of some files; `on_row` hears of each row before.
///
/// # Errors
/// Whatever the store or `on_row` says.
pub fn withdraw(
    tx: &Tx<'_>,
    (files, what): (&[i64], Withdrawing),
    now: Timestamp,
    on_row: &mut dyn FnMut(&WithdrawnRow) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let listed = files.iter().fold(",".to_owned(), |all, file| format!("{all}{file},"));
    let (select, update) = match what {
        Withdrawing::Records => (RECORDS, "update record"),
        Withdrawing::Ledgers => (LEDGERS, "update village_ledger"),
    };
    let mut last = 0;
    loop {
        let values = [(&listed).into(), last.into(), ROWS_AT_A_TIME.into()];
        let rows = tx.query(Sql::join(&[select, STANDING]), &values, |row| {
            Ok(WithdrawnRow {
                dataset: row.text_opt(0)?,
                id: row.int(1)?,
                file_id: row.int(2)?,
                row: row.int(3)?,
                area: row.text(4)?,
            })
        })?;
        let Some(newest) = rows.last() else { break };
        last = newest.id;
        rows.iter().try_for_each(&mut *on_row)?;
    }
    tx.execute(Sql::join(&[update, SUPERSEDE]), &[now.0.into(), (&listed).into()])?;
    Ok(())
}
