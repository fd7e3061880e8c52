//! Views and coverages: SQL over the tables of a snapshot, written in the pack.

use qb_base::{Date, Text};

use crate::error::Position;
use crate::pack::expression::Expression;

/// A query that later views, facts and coverages name like a table.
#[derive(Clone, Debug)]
pub struct View {
    /// Its name in SQL.
    pub id: String,
    /// What its rows are.
    pub says: Text,
    /// One `select`.
    pub query: Expression,
    /// Where it stands in the pack.
    pub at: Position,
}

/// A named set and the part of it that something reaches; what is missing are the set's rows that
/// are not covered.
#[derive(Clone, Debug)]
pub struct Coverage {
    /// Its id.
    pub id: String,
    /// What is covered by what.
    pub says: Text,
    /// The name of the set.
    pub set: Text,
    /// What the keys are.
    pub keys: Keys,
    /// One `select` with the set's `key` and `area_code`.
    pub set_query: Expression,
    /// One `select` with the covered rows' `key` and `area_code`.
    pub covered_query: Expression,
    /// The case that whoever is missing gives rise to; the keys of the set are then households.
    pub opens: Option<Opens>,
    /// The first day of its rule; before it nobody is missing and no case is opened.
    pub effective_from: Option<Date>,
    /// Where it stands in the pack.
    pub at: Position,
}

impl Coverage {
    /// Whether its rule holds on a day.
    pub fn holds_on(&self, on: Date) -> bool {
        self.effective_from.is_none_or(|from| from <= on)
    }
}

/// What the keys of a set are, so that its lists can name and open what is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Keys {
    /// Numbers of their own, shown as they are.
    #[default]
    Number,
    /// Areas; the key is the area.
    Area,
    /// Households by their inner id.
    Household,
    /// Persons by their inner id.
    Person,
    /// Rules of the pack by their id.
    Rule,
}

/// The case a lead becomes: a machine gives it, people decide.
#[derive(Clone, Debug)]
pub struct Opens {
    /// The state machine.
    pub machine: String,
    /// The transition that opens the case.
    pub transition: String,
    /// Where it stands in the pack.
    pub at: Position,
}
