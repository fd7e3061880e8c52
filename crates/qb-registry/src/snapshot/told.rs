//! What a list of the pack tells of households beside the register: the columns of the household
//! view that no register holds.

use std::collections::HashMap;

use qb_engine::views;
use qb_policy::Dataset;
use qb_policy::dataset::HOUSEHOLD_LINK;
use qb_store::{Conn, StoreError};

use super::Asked;
use super::datasets::each_record;
use super::fields::{Field, read_fields};

/// Truths of one household, in the order of [`views::TOLD`]; nothing: nobody has said.
pub(super) type Truths = [Option<bool>; views::TOLD.len()];

/// What is told of the households of one county.
#[derive(Default)]
pub(super) struct Told {
    by_household: HashMap<i64, Truths>,
}

impl Told {
    /// Reads the lists with one row for each household that have such columns.
    pub(super) fn read(
        conn: &Conn,
        asked: &Asked<'_>,
        (low, high): &(String, String),
    ) -> Result<Self, StoreError> {
        let mut told = Self::default();
        for dataset in asked.pack.datasets.iter().filter(|dataset| tells(dataset)) {
            let ids: Vec<String> = views::TOLD.iter().map(|id| (*id).to_owned()).collect();
            each_record(conn, (&dataset.id, asked.known), (low, high), |row| {
                let Some(household) = row.int_opt(2)? else { return Ok(()) };
                let (json, mut fields) = (row.text(4)?, Vec::new());
                read_fields(&json, &ids, &mut fields)
                    .map_err(|_| StoreError::Type { column: 4, expected: "fields of a record" })?;
                told.add(household, &fields);
                Ok(())
            })?;
        }
        Ok(told)
    }

    fn add(&mut self, household: i64, fields: &[Field<'_>]) {
        let truths = self.by_household.entry(household).or_default();
        for (truth, field) in truths.iter_mut().zip(fields) {
            if let Field::Bool(value) = field {
                *truth = Some(*value);
            }
        }
    }

    /// What is told of a household.
    pub(super) fn of(&self, household: i64) -> Truths {
        self.by_household.get(&household).copied().unwrap_or([None; views::TOLD.len()])
    }
}

/// Whether a list has one row for each household and a column that the view asks for.
fn tells(dataset: &Dataset) -> bool {
    let is_of_household = dataset.key.iter().map(String::as_str).eq([HOUSEHOLD_LINK]);
    is_of_household && views::TOLD.iter().any(|id| dataset.column(id).is_some())
}
