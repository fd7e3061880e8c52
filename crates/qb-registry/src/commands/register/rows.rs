//! Rows of the register's tables as the store takes them: columns, and values in their order.

use std::sync::Arc;

use qb_base::Date;
use qb_policy::CodeList;
use qb_store::Value;

use crate::draft::{HOUSEHOLD_CODES, PERSON_CODES, PersonDraft, RegisterBatch};

/// Columns of a person that differ from row to row: its version, then its membership.
pub(super) const PERSON_COLUMNS: [&str; 23] = [
    "id",
    "person_no",
    "name",
    "name_key",
    "id_kind",
    "id_sealed",
    "id_blind",
    "sex",
    "birth_on",
    "ethnicity",
    "education",
    "school_status",
    "out_of_school_reason",
    "health",
    "labour",
    "work_place",
    "work_months",
    "medical_insured",
    "critical_ill_insured",
    "source_row",
    "row_digest",
    "household_id",
    "relation",
];
/// How many of them are of the version.
pub(super) const PERSON_VERSION: usize = 21;
/// Columns of a household that differ from row to row: its version, then its registration.
pub(super) const HOUSEHOLD_COLUMNS: [&str; 21] = [
    "id",
    "household_no",
    "area_code",
    "group_name",
    "member_count",
    "household_class",
    "cause_main",
    "cause_other",
    "dangerous_house",
    "water_safe",
    "water_short",
    "income_reported_fen",
    "phone_sealed",
    "source_row",
    "row_digest",
    "registered_from",
    "identified_on",
    "exit_status",
    "exit_year",
    "registered_to",
    "registered_reason_out",
];
/// How many of them are of the version.
pub(super) const HOUSEHOLD_VERSION: usize = 15;
/// Columns of every version that are the same in all rows of a file.
pub(super) const ORIGIN: [&str; 3] = ["valid_from", "recorded_at", "source_file_id"];
/// Why a membership or registration taken from a register begins.
pub const REASON_REGISTERED: &str = "registered";
/// Why a registration ends.
pub(super) const REASON_EXIT: &str = "exit";

/// The lists behind the code columns, looked up once.
pub struct Lists {
    person: Vec<Arc<CodeList>>,
    household: Vec<Arc<CodeList>>,
}

impl Lists {
    /// The lists that the columns of a layout name, among all of the pack.
    pub fn new(all: &[CodeList], layout: &qb_policy::Layout) -> Self {
        let find = |ids: &[&str]| {
            ids.iter()
                .filter_map(|id| match &layout.column(id)?.kind {
                    qb_policy::ColumnKind::Code(id) => {
                        all.iter().find(|list| list.id == *id).cloned().map(Arc::new)
                    }
                    _ => None,
                })
                .collect()
        };
        Self { person: find(&PERSON_CODES), household: find(&HOUSEHOLD_CODES) }
    }

    /// The stored code of a person's column.
    pub(crate) fn person(&self, at: usize, code: Option<u16>) -> Option<&str> {
        text(self.person.get(at)?, code)
    }

    /// The stored code of a household's column.
    pub(crate) fn household(&self, at: usize, code: Option<u16>) -> Option<&str> {
        text(self.household.get(at)?, code)
    }
}

fn text(list: &CodeList, code: Option<u16>) -> Option<&str> {
    list.codes.get(usize::from(code?)).map(|code| code.id.as_str())
}

/// What is the same for every row of a file.
pub struct Constants {
    /// The programme under which households are registered.
    pub scheme: String,
    /// The day from which what the file says holds, unless a row says otherwise.
    pub valid_from: String,
    /// Why a membership begins.
    pub reason_in: String,
    /// The day from which what the file says holds, and on which what it replaces ends.
    pub today: Date,
    /// Whether a person stated the rows as an event of that day.
    pub is_event: bool,
}

/// When a registration begins and ends, in the words of the store. Neighbouring households often
/// share both, so the last answer is kept.
pub(super) struct RegistrationDates {
    today: Date,
    identified_on: Option<String>,
    /// None where the register's own start has to do.
    from: Option<String>,
    exit_year: Option<i64>,
    exit: Option<String>,
}

impl RegistrationDates {
    pub(super) fn new(today: Date) -> Self {
        Self { today, identified_on: None, from: None, exit_year: None, exit: None }
    }

    /// Turns to another registration, identified on a day and ended in a year.
    pub(super) fn turn(&mut self, identified_on: Option<&str>, exit_year: Option<i64>) {
        if self.identified_on.as_deref() != identified_on {
            self.identified_on = identified_on.map(str::to_owned);
            self.from = identified_on
                .and_then(qb_base::PartialDate::from_iso)
                .filter(|date| date.date <= self.today)
                .map(|date| date.date.to_string());
        }
        if self.exit_year != exit_year {
            self.exit_year = exit_year;
            self.exit = exit_year.map(|year| format!("{year:04}-12-31"));
        }
    }
}

/// A household's columns of its registration, which begins at identification, or at the start of
/// the pack's year, and ends with the year of exit.
pub(super) fn registration<'v>(
    constants: &'v Constants,
    dates: &'v RegistrationDates,
    identified_on: Option<&'v str>,
    exit_status: Option<&'v str>,
    exit_year: Option<i64>,
) -> [Value<'v>; HOUSEHOLD_COLUMNS.len() - HOUSEHOLD_VERSION] {
    [
        dates.from.as_deref().unwrap_or(&constants.valid_from).into(),
        identified_on.into(),
        exit_status.into(),
        exit_year.into(),
        dates.exit.as_deref().into(),
        dates.exit.as_ref().map(|_| REASON_EXIT).into(),
    ]
}

/// Columns of a person between its id and its origin.
pub(super) fn person_values<'v>(
    batch: &'v RegisterBatch,
    person: &'v PersonDraft,
    lists: &'v Lists,
) -> [Value<'v>; 18] {
    let arena = &batch.arena;
    let identity = person.identity.as_ref();
    let code = |at: usize| Value::from(lists.person(at, person.codes.get(at).copied().flatten()));
    [
        arena.text(person.person_no).into(),
        arena.text(person.name).into(),
        arena.text(person.name_key).into(),
        identity.map(|identity| identity.kind).into(),
        identity.map(|identity| arena.bytes(identity.sealed)).into(),
        identity.map(|identity| identity.blind.0.as_slice()).into(),
        identity.map(|identity| identity.sex).or(person.sex).into(),
        identity
            .map(|identity| identity.birth_on)
            .or(person.birth_on)
            .map(|on| arena.text(on))
            .into(),
        code(1),
        code(2),
        code(3),
        code(4),
        code(5),
        code(6),
        code(7),
        person.work_months.into(),
        person.medical_insured.into(),
        person.critical_ill_insured.into(),
    ]
}
