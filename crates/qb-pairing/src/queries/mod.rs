//! What may be read. Every query takes a scope and answers only within it.

mod pledge;
mod progress;
mod propose;
mod task;

pub use pledge::{PledgeLine, pledges};
pub use progress::{Asked, Gap, TargetLine, gaps, progress};
pub use propose::{ProposalSheet, proposal};
pub use task::{
    HelperTasks, NeedOutcome, Task, TaskFilter, TaskKeyset, VillageTasks, needs, tasks,
    tasks_by_helper, tasks_by_village,
};
