//! Rows of a known layout become drafts of records, with a fault for every cell that is not as it
//! should be.

pub(crate) mod fault_log;
pub(crate) mod field;
pub(crate) mod income;
pub(crate) mod kept;
pub(crate) mod ledger;
pub(crate) mod listing;
mod locate;
pub(crate) mod notes;
pub(crate) mod parsed;
pub(crate) mod place;
pub(crate) mod record;
mod record_place;
pub(crate) mod register;

use std::sync::Arc;

use qb_base::{AreaCode, Date, Keyring, PolicyYear, personal};
use qb_policy::dataset::HOUSEHOLD_LINK;
use qb_policy::{CodeList, Dataset};

use crate::fields::area::AreaIndex;

/// What every parser of a file needs to know.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) areas: Arc<AreaIndex>,
    pub(crate) lists: Arc<Vec<CodeList>>,
    pub(crate) datasets: Arc<Vec<Dataset>>,
    pub(crate) keyring: Keyring,
    /// What stands in the number column of people without a document.
    pub(crate) no_document: Arc<Vec<String>>,
    /// The day on which the office works: nothing that has happened is dated after it.
    pub(crate) today: Date,
    pub(crate) year: PolicyYear,
    /// Rows outside it are refused.
    pub(crate) within: Option<AreaCode>,
}

impl Shared {
    /// The years whose incomes and ledgers count: from the one before the pack's, for comparison,
    /// to the office's.
    pub(crate) fn covers(&self, year: i16) -> bool {
        (self.year.0 - 1..=self.last_year()).contains(&year)
    }

    /// The covered years, for messages.
    pub(crate) fn years(&self) -> String {
        format!("{}–{}", self.year.0 - 1, self.last_year())
    }

    fn last_year(&self) -> i16 {
        self.year.0.max(self.today.year())
    }

    /// Whether rows are found by the values of this column, here or in another list, so that a
    /// value must stay as it is.
    pub(crate) fn finds_rows(&self, column: &str) -> bool {
        let is_key = |dataset: &Dataset| dataset.key.iter().any(|key| key == column);
        column == HOUSEHOLD_LINK || self.datasets.iter().any(is_key)
    }

    /// Whether a number that things are found by is one that identifies a person.
    pub(crate) fn is_personal(&self, number: &str) -> bool {
        personal::find(number).is_some() && !self.areas.is_number_within(number)
    }

    pub(crate) fn list(&self, id: &str) -> Option<&CodeList> {
        self.lists.iter().find(|list| list.id == id)
    }
}
