//! What may be read from the register. Every query takes a scope and answers only within it.

mod demo;
mod documents;
mod household;
mod households;
mod intake;
mod known;
mod persons;
mod records;
mod totals;
mod villages;

pub use demo::{demo_record, demo_village};
pub use documents::policy_documents;
pub use household::{
    household, household_area, household_changed, household_ids, household_numbered,
    household_numbers, reveal_id,
};
pub use households::{household_count, households};
pub use intake::{
    Band, EqualYears, RegisterSize, current_record, equal_years, household_place, income_bands,
    register_is_empty, register_mark, register_size,
};
pub use known::households_known;
pub use persons::{PersonLine, former_members, households_of, person_numbered, persons};
pub use records::{
    Matches, Reader, household_records, record, record_count, record_counts, record_matches,
    record_versions, records, records_with, source_name, unmatched_records,
};
pub use totals::{VillageTotal, village_totals};
pub use villages::{designated_villages, ledger_versions, village_ledger};

use qb_base::Fen;
use qb_store::{Row, StoreError};

fn fen_opt(row: &Row<'_>, column: usize) -> Result<Option<Fen>, StoreError> {
    let wrong = StoreError::Type { column, expected: "fen" };
    row.int_opt(column)?.map(|fen| Fen::new(fen).ok_or(wrong)).transpose()
}

fn fen(row: &Row<'_>, column: usize) -> Result<Fen, StoreError> {
    fen_opt(row, column)?.ok_or(StoreError::Type { column, expected: "fen" })
}
