//! What villages live on: types of economy, measures, the path of their income, honours, and the
//! library of practices.

mod economy;
mod practices;

use serde::Deserialize;

use crate::bureau::Bureau;
use crate::desk::Desk;
use crate::error::Result;

/// What villages do; see `model/departments.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Model {
    economy: economy::Economy,
    practices: practices::Practices,
}

/// Writes all lists of the theme.
pub(crate) fn write(desk: &mut Desk<'_>, bureau: &Bureau<'_>) -> Result<()> {
    economy::write(desk, bureau)?;
    practices::write(desk, bureau)
}
