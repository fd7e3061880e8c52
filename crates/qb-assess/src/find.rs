//! Schemes by id and by year.

use qb_policy::Pack;

use crate::error::AssessError;
use crate::model::Scheme;
use crate::read;

/// The scheme of that id.
///
/// # Errors
/// When the pack has none, or its schemes have faults.
pub fn scheme(pack: &Pack, id: &str) -> Result<Scheme, AssessError> {
    let schemes = read::schemes(pack).map_err(AssessError::Scheme)?;
    let found = schemes.into_iter().find(|scheme| scheme.id == id);
    found.ok_or_else(|| AssessError::NoScheme(id.to_owned()))
}

/// The scheme that scores the data of a year; examples bring their own values and are not meant.
///
/// # Errors
/// When the pack has none, or its schemes have faults.
pub fn scheme_of_year(pack: &Pack, year: i16) -> Result<Scheme, AssessError> {
    let schemes = read::schemes(pack).map_err(AssessError::Scheme)?;
    let found = schemes.into_iter().find(|scheme| scheme.year == year && !scheme.is_example());
    found.ok_or_else(|| AssessError::NoScheme(year.to_string()))
}
