//! Projects and what is built: the library of projects, their yield, village service centres.

mod benefit;

pub(crate) use benefit::{YieldProject, YieldProjects, project_no};
