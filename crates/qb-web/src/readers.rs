//! Who looked at a household, for the command line.

use qb_access::Scope;
use qb_base::Timestamp;
use qb_registry::queries;
use qb_store::{Store, StoreError};

use crate::seen::list;

/// Readings given at once.
const READINGS_MAX: i64 = 1_000;

/// One reading of a household, or a list that left with its village in it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Reading {
    /// When.
    pub at: Timestamp,
    /// The account.
    pub login: String,
    /// Its role code.
    pub role: String,
    /// By which permission.
    pub action: String,
    /// On which page or list.
    pub object: String,
    /// How many persons.
    pub persons: i64,
}

/// Who looked at the household of a number, newest first; `None` where there is no such household.
///
/// # Errors
/// Whatever the store says.
pub fn of_household(store: &Store, no: &str) -> Result<Option<Vec<Reading>>, StoreError> {
    store.read(|conn| {
        let id = match queries::household_numbered(conn, &Scope::system(), no) {
            Ok(id) => id,
            Err(StoreError::NotFound) => return Ok(None),
            Err(error) => return Err(error),
        };
        let Some(village) = queries::household_area(conn, id)? else { return Ok(None) };
        let found = list::of_household(conn, (id, village.as_str()), i64::MAX, READINGS_MAX)?;
        let reading = |one: list::ReadLine| Reading {
            at: Timestamp(one.at),
            login: one.login,
            role: one.role,
            action: one.action,
            object: one.object,
            persons: one.persons,
        };
        Ok(Some(found.into_iter().map(reading).collect()))
    })
}
