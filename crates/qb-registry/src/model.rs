//! What the register answers with.

use qb_base::Fen;

/// One line of a list of households.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HouseholdLine {
    /// Its id.
    pub id: i64,
    /// Its number in the national register.
    pub household_no: String,
    /// The village it lives in.
    pub area_code: String,
    /// The head's name, masked unless the scope reveals it; `None` where no head is registered.
    pub head_name: Option<String>,
    /// Members as declared.
    pub member_count: Option<i64>,
    /// Class, as a code.
    pub household_class: Option<String>,
    /// Main cause of poverty, as a code.
    pub cause_main: Option<String>,
    /// Exit status, as a code.
    pub exit_status: Option<String>,
    /// Year of exit.
    pub exit_year: Option<i64>,
    /// Verdicts of the newest run, one character per household clause; empty before the first run.
    pub verdicts: String,
}

/// Where a list goes on: after this line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keyset {
    /// Area of the last line shown.
    pub area_code: String,
    /// Id of the last line shown.
    pub id: i64,
}

/// Which households a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HouseholdFilter {
    /// Only those whose verdict on the clause at this position (from 0) is this: `1`, `0` or `?`.
    pub verdict: Option<(usize, char)>,
    /// Only those whose household number begins so, or one of whose members has this name.
    pub search: Option<String>,
}

/// A household with everything its page shows.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Household {
    /// Its id.
    pub id: i64,
    /// Its number in the national register.
    pub household_no: String,
    /// The village it lives in.
    pub area_code: String,
    /// Hamlet or villager group.
    pub group_name: Option<String>,
    /// Members as declared.
    pub member_count: Option<i64>,
    /// Class, as a code.
    pub household_class: Option<String>,
    /// Main cause of poverty, as a code.
    pub cause_main: Option<String>,
    /// Other cause, as a code.
    pub cause_other: Option<String>,
    /// Whether the house is dangerous.
    pub dangerous_house: Option<bool>,
    /// Whether drinking water is safe.
    pub water_safe: Option<bool>,
    /// Whether drinking water is short.
    pub water_short: Option<bool>,
    /// Net income per head as declared in the register.
    pub income_reported: Option<Fen>,
    /// Since when this is true in the world.
    pub valid_from: String,
    /// When it became known, in ms UTC.
    pub recorded_at: i64,
    /// The file it came from.
    pub source_file_id: i64,
    /// The row in that file.
    pub source_row: i64,
    /// Registrations, newest first.
    pub registrations: Vec<Registration>,
    /// Members, head first.
    pub members: Vec<Member>,
    /// Income statements, newest year first.
    pub statements: Vec<Statement>,
    /// Earlier versions of the household's row, newest first.
    pub versions: Vec<Version>,
    /// How it began or ended, where an event says so.
    pub life: Option<Life>,
}

impl Household {
    /// Whether it went into another household, or never was.
    pub fn is_over(&self) -> bool {
        self.life.as_ref().is_some_and(|life| life.ended_on.is_some())
    }
}

/// How a household began out of another, or went into one.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Life {
    /// The day it began; none where it is older than the events.
    pub began_on: Option<String>,
    /// The household it comes from, with its number.
    pub from: Option<(i64, String)>,
    /// The day it ended; that of its beginning where the split was undone.
    pub ended_on: Option<String>,
    /// The household it went into, with its number; none of one that never was.
    pub into: Option<(i64, String)>,
}

/// A registered period under a scheme.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Registration {
    /// The scheme.
    pub scheme: String,
    /// When the household was identified, as far as known.
    pub identified_on: Option<String>,
    /// Exit status, as a code.
    pub exit_status: Option<String>,
    /// Year of exit.
    pub exit_year: Option<i64>,
    /// First day.
    pub valid_from: String,
    /// Last day, when it ended.
    pub valid_to: Option<String>,
    /// Why it ended.
    pub reason_out: Option<String>,
}

/// A member of a household.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Member {
    /// Its id.
    pub person_id: i64,
    /// Its number in the national register.
    pub person_no: String,
    /// Name, masked unless the scope reveals it.
    pub name: String,
    /// Relation to the head, as a code.
    pub relation: Option<String>,
    /// Sex.
    pub sex: Option<String>,
    /// Date of birth (ISO).
    pub birth_on: Option<String>,
    /// Ethnicity, as a code.
    pub ethnicity: Option<String>,
    /// Education, as a code.
    pub education: Option<String>,
    /// School status, as a code.
    pub school_status: Option<String>,
    /// Health, as a code.
    pub health: Option<String>,
    /// Ability to work, as a code.
    pub labour: Option<String>,
    /// Where they work, as a code.
    pub work_place: Option<String>,
    /// Months worked in the year.
    pub work_months: Option<i64>,
    /// Basic medical insurance.
    pub medical_insured: Option<bool>,
    /// Critical-illness insurance.
    pub critical_ill_insured: Option<bool>,
    /// Whether an identity number is on record.
    pub has_id: bool,
    /// Why the person belongs to the household.
    pub reason_in: String,
    /// Since when.
    pub valid_from: String,
}

/// Somebody who was a member of a household and is of none now.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct FormerMember {
    /// The person.
    pub person_id: i64,
    /// Its number in the national register.
    pub person_no: String,
    /// Name, masked unless the scope reveals it.
    pub name: String,
    /// The last day in the household (ISO).
    pub until: String,
}

/// An income statement of one year.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Statement {
    /// The year.
    pub policy_year: i64,
    /// Items by id with their amounts.
    pub items: Vec<(String, Fen)>,
    /// The file it came from.
    pub source_file_id: i64,
    /// The row in that file.
    pub source_row: i64,
}

/// An earlier version of a household's row.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Version {
    /// When it became known, in ms UTC.
    pub recorded_at: i64,
    /// When a newer version replaced it, in ms UTC.
    pub superseded_at: i64,
    /// Members as declared then.
    pub member_count: Option<i64>,
    /// Class then.
    pub household_class: Option<String>,
    /// Main cause then.
    pub cause_main: Option<String>,
    /// The file it came from.
    pub source_file_id: i64,
    /// The row in that file.
    pub source_row: i64,
}

/// A ledger of a village as it was handed in once.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct LedgerVersion {
    /// When it became known, in ms UTC.
    pub recorded_at: i64,
    /// When a newer version replaced it or its file was withdrawn, in ms UTC.
    pub superseded_at: Option<i64>,
    /// What it says.
    #[serde(flatten)]
    pub ledger: VillageLedger,
}

/// The ledger of a village in one year.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct VillageLedger {
    /// The year.
    pub policy_year: i64,
    /// Items in the order of the form.
    pub items: Vec<LedgerLine>,
    /// The file it came from.
    pub source_file_id: i64,
}

/// One line of a village ledger.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct LedgerLine {
    /// The item, as a code.
    pub item: String,
    /// This year.
    pub amount: Fen,
    /// The year before.
    pub amount_prior: Option<Fen>,
    /// The part of it that comes once.
    pub one_off: Option<Fen>,
    /// Voucher numbers.
    pub evidence: Option<String>,
}

/// Which rows of a dataset a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordFilter {
    /// Only those whose key begins so.
    pub key: Option<String>,
}

/// Where a list of rows goes on: after this one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordKeyset {
    /// Area of the last row shown.
    pub area_code: String,
    /// Key of the last row shown.
    pub key: String,
}

/// A row of a list that meets nobody in the register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnmatchedRecord {
    /// Where it belongs.
    pub area_code: String,
    /// Its key, parts separated by bars.
    pub key: String,
    /// The file it came from.
    pub file: String,
    /// The row of that file.
    pub source_row: i64,
}

/// A row of a dataset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its id.
    pub id: i64,
    /// The dataset.
    pub dataset: String,
    /// Its key: the values of the key columns, joined by a bar.
    pub key: String,
    /// Where it stands.
    pub area_code: String,
    /// The household it is about.
    pub household_id: Option<i64>,
    /// The person it is about.
    pub person_id: Option<i64>,
    /// Its values in the order of the dataset's columns; areas as codes, money in fen.
    pub values: Vec<RecordValue>,
    /// The file it came from.
    pub source_file_id: i64,
    /// The row in that file.
    pub source_row: i64,
    /// When it became known, in ms UTC.
    pub recorded_at: i64,
    /// When a newer version replaced it or its file was withdrawn, in ms UTC.
    pub superseded_at: Option<i64>,
}

/// A policy document and what rests on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyDocument {
    /// Its row; the key is its number.
    pub record: Record,
    /// Number of the document that repeals it.
    pub repealed_by: Option<String>,
    /// The rules that rest on it.
    pub rules: Vec<RuleOfDocument>,
}

/// A rule that rests on a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleOfDocument {
    /// Its id in the pack's list of rules.
    pub rule: String,
    /// The article it rests on; not every rule stands in one of its own.
    pub article: Option<String>,
}

/// One value of a row of a dataset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordValue {
    /// Not stated.
    Unknown,
    /// Stated, and not for the reader's eyes.
    Hidden,
    /// A whole number: a count, a year, fen.
    Int(i64),
    /// A truth value.
    Bool(bool),
    /// Text, a code, a day, a decimal, an area code; personal values masked.
    Text(String),
}

impl RecordValue {
    /// The text, unless it is something else.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether it is this text.
    pub fn is_text(&self, wanted: &str) -> bool {
        self.as_text() == Some(wanted)
    }
}
