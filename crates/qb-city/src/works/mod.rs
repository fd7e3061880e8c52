//! Projects and what is built: the library of projects, their yield, stations and leases, village
//! service centres, the plan of the priority area.

mod area_plan;
pub(crate) mod benefit;
mod centres;
mod projects;
mod stages;
mod yields;

use serde::Deserialize;

use crate::bureau::Bureau;
use crate::desk::Desk;
use crate::error::Result;

pub(crate) use centres::batches as centre_batches;
pub(crate) use projects::Project;
pub(crate) use stages::Reach;

/// What is built; see `model/departments.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Model {
    projects: projects::Library,
    yields: yields::Yields,
    pub(crate) centres: centres::Centres,
    area_plan: area_plan::Plan,
}

/// Writes all lists of the theme; others need the projects.
pub(crate) fn write(desk: &mut Desk<'_>, bureau: &Bureau<'_>) -> Result<Vec<Project>> {
    let projects = projects::plan(desk, bureau);
    projects::write(desk, bureau, &projects)?;
    yields::write(desk, bureau, &projects)?;
    centres::write(desk, bureau)?;
    area_plan::write(desk, bureau)?;
    Ok(projects)
}
