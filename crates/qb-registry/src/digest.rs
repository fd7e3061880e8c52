//! One digest of everything the register holds.
//!
//! Two installations that imported the same files give the same digest, whenever, on whichever
//! database and however often interrupted: instants, run numbers and keys are left out, sealed
//! values are opened first.

use qb_base::keyring::Purpose;
use qb_base::{Digest, Digester};
use qb_store::{Row, Store, StoreError};

/// What a column holds.
#[derive(Clone, Copy)]
enum Kind {
    Int,
    Text,
    Bool,
    /// For what it was sealed, and which columns name its row.
    Sealed(Purpose, &'static [usize]),
}

use Kind::{Bool, Int, Sealed, Text};

const NUMBER: Kind = Sealed(Purpose::ResidentNumber, &[1]);
const PHONE: Kind = Sealed(Purpose::Phone, &[1]);
const RECORD: Kind = Sealed(Purpose::Record, &[1, 2]);

/// Each table with its columns in a fixed order.
const TABLES: &[(&str, &[Kind])] = &[
    (
        "select household_id, began_on, from_id, ended_on, into_id from household_life \
         where superseded_at is null order by household_id",
        &[Int, Text, Int, Text, Int],
    ),
    (
        "select id, name, digest, layout, state, rows_read, rows_accepted, rows_rejected, \
         rows_repaired from source_file where state = 'imported' order by id",
        &[Int, Text, Text, Text, Text, Int, Int, Int, Int],
    ),
    (
        "select id, source_file_id, code, severity, sheet, row_no, column_no, area_code \
         from row_fault order by id",
        &[Int, Int, Text, Text, Text, Int, Int, Text],
    ),
    (
        "select id, household_no, area_code, group_name, member_count, household_class, cause_main, \
         cause_other, dangerous_house, water_safe, water_short, income_reported_fen, phone_sealed, \
         valid_from, source_file_id, source_row from household order by id",
        &[
            Int, Text, Text, Text, Int, Text, Text, Text, Bool, Bool, Bool, Int, PHONE, Text, Int,
            Int,
        ],
    ),
    (
        "select id, person_no, name, id_kind, id_sealed, sex, birth_on, ethnicity, education, \
         school_status, out_of_school_reason, health, labour, work_place, work_months, \
         medical_insured, critical_ill_insured, valid_from, source_file_id, source_row \
         from person order by id",
        &[
            Int, Text, Text, Text, NUMBER, Text, Text, Text, Text, Text, Text, Text, Text, Text,
            Int, Bool, Bool, Text, Int, Int,
        ],
    ),
    (
        "select id, household_id, relation, member_from, member_reason_in, null, null \
         from person where household_id is not null union all \
         select person_id, household_id, relation, valid_from, reason_in, valid_to, reason_out \
         from membership_history where superseded_at is null order by 1, 2, 4",
        &[Int, Int, Text, Text, Text, Text, Text],
    ),
    (
        "select id, scheme, registered_from, registered_reason_in, identified_on, exit_status, \
         exit_year, registered_to, registered_reason_out \
         from household where scheme is not null union all \
         select household_id, scheme, valid_from, reason_in, identified_on, exit_status, exit_year, \
         valid_to, reason_out from registration_history where superseded_at is null \
         order by 1, 2, 3",
        &[Int, Text, Text, Text, Text, Text, Int, Text, Text],
    ),
    (
        "select s.household_id, s.policy_year, i.item, i.amount_fen, s.source_file_id, \
         s.source_row from income_statement s left join income_item i on i.statement_id = s.id \
         where s.superseded_at is null order by s.household_id, s.policy_year, i.item",
        &[Int, Int, Text, Int, Int, Int],
    ),
    (
        "select l.area_code, l.policy_year, i.item, i.amount_fen, i.amount_prior_fen, i.one_off_fen, \
         i.evidence from village_ledger l left join village_ledger_item i on i.ledger_id = l.id \
         where l.superseded_at is null order by l.area_code, l.policy_year, i.item",
        &[Text, Int, Text, Int, Int, Int, Text],
    ),
    (
        "select kind, area_code, designated_year, valid_from, valid_to from designation \
         where superseded_at is null order by kind, area_code, valid_from",
        &[Text, Text, Int, Text, Text],
    ),
    (
        "select fact_id, label, area_code, policy_year, value_micro, unit, source, document, \
         published_on from reference_value where superseded_at is null \
         order by fact_id, area_code, policy_year, id",
        &[Text, Text, Text, Int, Int, Text, Text, Text, Text],
    ),
    (
        "select id, dataset, record_key, area_code, household_id, person_id, fields, sealed, \
         source_file_id, source_row from record where superseded_at is null \
         order by dataset, record_key",
        &[Int, Text, Text, Text, Int, Int, Text, RECORD, Int, Int],
    ),
];

/// Digests the register.
///
/// # Errors
/// Whatever the store says, or when a sealed value cannot be opened.
pub fn digest(store: &Store) -> Result<Digest, StoreError> {
    let mut whole = Digester::new();
    store.read(|conn| {
        TABLES.iter().try_for_each(|(sql, kinds)| {
            conn.each(*sql, &[], |row| add(&mut whole, store, row, kinds))
        })
    })?;
    Ok(whole.finish())
}

fn add(
    whole: &mut Digester,
    store: &Store,
    row: &Row<'_>,
    kinds: &[Kind],
) -> Result<(), StoreError> {
    for (column, kind) in kinds.iter().enumerate() {
        let bytes = match kind {
            Int => row.int_opt(column)?.map(|value| value.to_le_bytes().to_vec()),
            Text => row.text_opt(column)?.map(String::into_bytes),
            Bool => row.bool_opt(column)?.map(|value| vec![u8::from(value)]),
            Sealed(purpose, names) => match row.blob_opt(column)? {
                Some(sealed) => Some(opened(store, row, (*purpose, names), &sealed)?),
                None => None,
            },
        };
        // One byte before tells unknown from empty.
        match bytes {
            Some(bytes) => whole.raw(&[1]).field(&bytes),
            None => whole.raw(&[0]).field(&[]),
        };
    }
    Ok(())
}

fn opened(
    store: &Store,
    row: &Row<'_>,
    (purpose, names): (Purpose, &[usize]),
    sealed: &[u8],
) -> Result<Vec<u8>, StoreError> {
    let names = names.iter().map(|at| row.text(*at)).collect::<Result<Vec<_>, _>>()?;
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let opened = store.keyring().open(purpose, &names, sealed);
    opened.map_err(|error| StoreError::Database(error.to_string()))
}
