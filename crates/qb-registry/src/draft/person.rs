//! A person as a row of the register states them.

use qb_base::BlindIndex;

use super::{Span, TextSpan, Unstated};

/// Code columns of a person, in the order of [`PersonDraft::codes`].
pub const PERSON_CODES: [&str; 8] = [
    "relation",
    "ethnicity",
    "education",
    "school_status",
    "out_of_school_reason",
    "health",
    "labour",
    "work_place",
];
/// The relation that makes a person the head; the register's own word for it is in the pack.
pub const RELATION_HEAD: &str = "HEAD";

/// A person's number.
#[derive(Clone, Copy, Debug)]
pub struct IdentityDraft {
    /// What kind of document it is of.
    pub kind: &'static str,
    /// Where it lies among the texts.
    pub number: TextSpan,
    /// The number encrypted, once [`super::RegisterBatch::seal`] has run.
    pub sealed: Span,
    /// Its index, once that has run.
    pub blind: BlindIndex,
    /// The sex that the number tells.
    pub sex: &'static str,
    /// The day of birth that the number tells.
    pub birth_on: TextSpan,
}

/// One person.
#[derive(Clone, Debug)]
pub struct PersonDraft {
    /// The row of the sheet.
    pub row: u32,
    /// The number under which the person is registered.
    pub person_no: TextSpan,
    /// The hash under which the number is known.
    pub person_hash: u64,
    /// The name.
    pub name: TextSpan,
    /// The name as it is compared.
    pub name_key: TextSpan,
    /// The identity number; none of somebody without one.
    pub identity: Option<IdentityDraft>,
    /// As the row states it, of somebody without a number.
    pub sex: Option<&'static str>,
    /// As the row states it, of somebody without a number.
    pub birth_on: Option<TextSpan>,
    /// Codes in the order of [`PERSON_CODES`].
    pub codes: [Option<u16>; 8],
    /// Months of work in the year.
    pub work_months: Option<i64>,
    /// Whether the person has medical insurance.
    pub medical_insured: Option<bool>,
    /// Whether the person has insurance for critical illness.
    pub critical_ill_insured: Option<bool>,
    /// Codes in their order, then the three columns after them.
    pub unstated: Unstated,
    /// What tells the row from another that says something else.
    pub digest: i64,
    /// The cells, kept for a refusal that only the store can decide: their place among the rows
    /// that were copied with the batch.
    pub cells: u32,
}

impl PersonDraft {
    /// The place of the relation to the head.
    pub const RELATION: usize = 0;
    /// The place of the months of work.
    pub const WORK_MONTHS: usize = 8;
    /// The place of the medical insurance.
    pub const MEDICAL_INSURED: usize = 9;
    /// The place of the insurance for critical illness.
    pub const CRITICAL_ILL: usize = 10;
}
