//! Public services: roads and buses, practical works, indicators.

mod transport;
mod works;

use serde::Deserialize;

use crate::bureau::Bureau;
use crate::desk::Desk;
use crate::error::Result;

/// What services there are; see `model/departments.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Model {
    transport: transport::Transport,
    works: works::Works,
}

/// Writes all lists of the theme.
pub(crate) fn write(desk: &mut Desk<'_>, bureau: &Bureau<'_>) -> Result<()> {
    transport::write(desk, bureau)?;
    works::write(desk, bureau)
}
