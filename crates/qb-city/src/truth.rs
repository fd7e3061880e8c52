//! What the raw files really hold: the yardstick for tests, never read by the product.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::desk::ListTruth;
use crate::faults::{Expectation, Planted};

/// The contents of the truth file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Truth {
    /// Set while the files are being written: the rest is not known yet.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub unfinished: bool,
    /// Seed of the city.
    pub seed: u64,
    /// Scale in millionths.
    pub scale_ppm: u64,
    /// The year.
    pub year: i16,
    /// Figures of the whole city.
    pub totals: Totals,
    /// Planted mistakes by code.
    pub planted_by_code: BTreeMap<String, u64>,
    /// Planted mistakes by what a correct importer makes of them.
    pub planted_by_expectation: BTreeMap<Expectation, u64>,
    /// Villages with registered households or a ledger, by code.
    pub villages: Vec<VillageTruth>,
    /// Ledgers by village code.
    pub ledgers: Vec<LedgerTruth>,
    /// Files with rows of data.
    pub files: Vec<FileTruth>,
    /// Every mistake planted in a row.
    pub planted: Vec<Planted>,
    /// The lists of departments.
    #[serde(default)]
    pub lists: ListTruth,
}

/// Figures of the whole city after a correct import.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Registered households.
    pub households: u64,
    /// Registered people.
    pub people: u64,
    /// Villages of the list.
    pub weak_villages: u64,
    /// Rows of people in all register files, corrections included.
    pub register_rows: u64,
    /// Of these, rows a correct importer refuses.
    pub register_rows_refused: u64,
    /// Rows in the files of corrections.
    pub correction_rows: u64,
    /// Rows of income sheets of both years.
    pub income_rows: u64,
    /// Households that left in the year.
    pub exit_households: u64,
    /// Their members.
    pub exit_people: u64,
    /// Exits that should not have been decided, by reason.
    pub lapses: BTreeMap<String, u64>,
    /// Households with project yield in the year.
    pub yield_households: u64,
    /// Their yield.
    pub yield_fen: i64,
    /// Of these, households that left in the year.
    pub yield_exit_households: u64,
    /// Households whose income was placed just beside the line (F18).
    pub heaped_households: u64,
    /// Net income of all households in the year and the year before.
    pub net_fen: [i64; 2],
    /// Wages, business income, property income, transfers, costs, self-paid expenses; the year
    /// and the year before.
    pub categories_fen: BTreeMap<String, [i64; 2]>,
}

/// Figures of one village.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VillageTruth {
    /// Area code.
    pub code: String,
    /// On the list of weak villages.
    pub weak: bool,
    /// Registered households.
    pub households: u64,
    /// Registered people.
    pub people: u64,
    /// Households that left in the year.
    pub exit_households: u64,
    /// Their members.
    pub exit_people: u64,
    /// Households with project yield in the year.
    pub yield_households: u64,
    /// Their yield.
    pub yield_fen: i64,
    /// Net income of all households in the year.
    pub net_fen: i64,
}

/// The ledger of one village as it was filled in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are those of the ledger items of the data contract")]
pub struct LedgerTruth {
    pub village: String,
    pub file: String,
    pub total_fen: i64,
    pub total_prior_fen: i64,
    pub operating_fen: i64,
    pub contract_rent_fen: i64,
    pub investment_fen: i64,
    pub operating_cost_fen: i64,
    pub overhead_fen: i64,
    pub subsidy_fen: i64,
    pub other_fen: i64,
    pub other_cost_fen: i64,
    pub one_off_fen: i64,
    /// The form's profit of the year does not add up.
    pub broken_sum: bool,
    /// Amounts are written with their unit.
    pub text_amounts: bool,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileTruth {
    /// Path relative to the raw folder.
    pub file: String,
    /// Layout.
    pub layout: String,
    /// Rows of data, without titles, headers, sums and notes.
    pub rows: u64,
    /// Mistakes of the whole file by code (F7 title and notes, F8 merged areas, F15 encoding, F16
    /// hidden parts).
    pub traits: Vec<String>,
    /// Rows that tell of steps and name no person, or no dossier.
    #[serde(default)]
    pub untraced: u64,
}

/// What was written, for the person who waits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Files in the raw folder.
    pub files: u64,
    /// Registered households.
    pub households: u64,
    /// Registered people.
    pub people: u64,
    /// Villages of the list.
    pub weak_villages: u64,
    /// Mistakes planted in rows.
    pub planted: u64,
}

impl VillageTruth {
    /// Whether there is anything to say about the village.
    pub(crate) fn is_empty(&self) -> bool {
        self.households == 0 && !self.weak
    }
}

impl Totals {
    /// Adds a county's figures.
    pub(crate) fn add(&mut self, other: &Self) {
        self.households += other.households;
        self.people += other.people;
        self.weak_villages += other.weak_villages;
        self.register_rows += other.register_rows;
        self.register_rows_refused += other.register_rows_refused;
        self.correction_rows += other.correction_rows;
        self.income_rows += other.income_rows;
        self.exit_households += other.exit_households;
        self.exit_people += other.exit_people;
        self.yield_households += other.yield_households;
        self.yield_fen += other.yield_fen;
        self.yield_exit_households += other.yield_exit_households;
        self.heaped_households += other.heaped_households;
        self.net_fen[0] += other.net_fen[0];
        self.net_fen[1] += other.net_fen[1];
        for (name, count) in &other.lapses {
            *self.lapses.entry(name.clone()).or_default() += count;
        }
        for (name, fen) in &other.categories_fen {
            let sums = self.categories_fen.entry(name.clone()).or_default();
            sums[0] += fen[0];
            sums[1] += fen[1];
        }
    }
}
