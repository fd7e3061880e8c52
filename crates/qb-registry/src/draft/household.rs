//! A household as the rows of its members state it.

use qb_base::{AreaCode, Keyring};

use super::{Arena, PersonDraft, Span, TextSpan, Unstated};

/// Code columns of a household.
pub const HOUSEHOLD_CODES: [&str; 4] =
    ["household_class", "cause_main", "cause_other", "exit_status"];

/// One household as far as the rows of this batch tell.
#[derive(Clone, Debug)]
pub struct HouseholdDraft {
    /// Its first row in the sheet.
    pub row: u32,
    /// The number under which it is registered.
    pub household_no: TextSpan,
    /// The village.
    pub area: AreaCode,
    /// Accepted members: a range of the batch's people.
    pub people: std::ops::Range<usize>,
    /// Rows of the household, refused ones included.
    pub rows: u32,
    /// Whether the household values come from a complete group or from single resent rows.
    pub has_head: bool,
    /// What the rows state of it.
    pub values: HouseholdValues,
    /// Columns of the values, by the places named there.
    pub unstated: Unstated,
    /// What tells its rows from others that say something else.
    pub digest: i64,
}

/// The values a household row states.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HouseholdValues {
    /// The group of the village.
    pub group: Option<TextSpan>,
    /// How many members it says it has.
    pub member_count: Option<i64>,
    /// Its class.
    pub household_class: Option<u16>,
    /// Why it is poor, above all.
    pub cause_main: Option<u16>,
    /// Why else.
    pub cause_other: Option<u16>,
    /// Whether its house is dangerous.
    pub dangerous_house: Option<bool>,
    /// Whether its water is safe.
    pub water_safe: Option<bool>,
    /// Whether it is short of water.
    pub water_short: Option<bool>,
    /// Income per head, as stated.
    pub income_fen: Option<i64>,
    /// The telephone number, encrypted.
    pub phone_sealed: Option<Span>,
    /// When it was identified.
    pub identified_on: Option<TextSpan>,
    /// Whether it left the register, and how.
    pub exit_status: Option<u16>,
    /// The year in which it left.
    pub exit_year: Option<i64>,
}

impl HouseholdDraft {
    /// Rows that were refused before the store was asked.
    pub(crate) fn refused_rows(&self, accepted: usize) -> u16 {
        let rows = qb_base::index(self.rows);
        // More rows than a household can have are as good as the most.
        u16::try_from(rows.saturating_sub(accepted)).unwrap_or(u16::MAX)
    }
}

impl HouseholdValues {
    /// The place of the group.
    pub const GROUP: usize = 0;
    /// The place of the number of members.
    pub const MEMBER_COUNT: usize = 1;
    /// The first of the four codes, in the order of [`HOUSEHOLD_CODES`].
    pub const CODES: usize = 2;
    /// The place of the exit status.
    pub const EXIT_STATUS: usize = Self::CODES + 3;
    /// The place of the dangerous house.
    pub const DANGEROUS_HOUSE: usize = 6;
    /// The place of safe water.
    pub const WATER_SAFE: usize = 7;
    /// The place of the shortage of water.
    pub const WATER_SHORT: usize = 8;
    /// The place of the income.
    pub const INCOME: usize = 9;
    /// The place of the telephone number.
    pub const PHONE: usize = 10;
    /// The place of the day of identification.
    pub const IDENTIFIED_ON: usize = 11;
    /// The place of the year of exit.
    pub const EXIT_YEAR: usize = 12;
}

/// A batch of register rows.
#[derive(Debug, Default)]
pub struct RegisterBatch {
    /// Texts and sealed bytes of the rows.
    pub arena: Arena,
    /// The people, those of a household one behind the other.
    pub people: Vec<PersonDraft>,
    /// The households.
    pub households: Vec<HouseholdDraft>,
    is_sealed: bool,
}

impl RegisterBatch {
    /// Encrypts the identity numbers, once: whichever thread has less to do does it.
    pub fn seal(&mut self, keyring: &Keyring) {
        if std::mem::replace(&mut self.is_sealed, true) {
            return;
        }
        let arena = &mut self.arena;
        for person in &mut self.people {
            let Some(identity) = &mut person.identity else { continue };
            let whose = (person.person_no, identity.number);
            (identity.sealed, identity.blind) = arena.seal(keyring, whose);
        }
    }

    /// Empties the batch and keeps its memory for the next rows.
    pub fn clear(&mut self) {
        self.arena.clear();
        self.people.clear();
        self.households.clear();
        self.is_sealed = false;
    }
}
