//! Reasons for one household, from the snapshot of the newest run.

use std::collections::HashMap;

use qb_engine::views::Level;
use qb_engine::{Explanation, Frame, Program, Rules, compiled};
use qb_policy::Pack;
use qb_store::Store;

use crate::error::TargetingError;
use crate::model::Run;
use crate::{load, queries};

/// The snapshot of a run held in memory, ready to explain any household of it.
///
/// Explaining reads no database and takes well under a millisecond; see `bench/README.md`.
pub struct Explainer {
    run: Run,
    frame: Frame,
    program: Program,
    rows: HashMap<i64, usize>,
}

impl std::fmt::Debug for Explainer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Explainer(run {})", self.run.id)
    }
}

impl Explainer {
    /// Loads the run that pages show.
    ///
    /// # Errors
    /// When nothing was run yet, the run's pack is neither at hand nor kept, or the snapshot is
    /// gone.
    pub fn open(store: &Store, pack: &Pack) -> Result<Self, TargetingError> {
        let run = store.read(queries::newest_run)?.ok_or(TargetingError::NoRun)?;
        Self::of_run(store, pack, run)
    }

    /// Loads any run.
    ///
    /// # Errors
    /// When the run's pack is neither at hand nor kept, or the snapshot is gone.
    pub fn of_run(store: &Store, pack: &Pack, run: Run) -> Result<Self, TargetingError> {
        let pack = load::pack_of(store, &run, pack)?;
        let frame = load::snapshot(store, &run.snapshot)?.frame()?;
        let as_of = run.day()?;
        let program = compiled(&Rules::of_pack(&pack, as_of))?;
        let subjects = frame.subjects(Level::Household);
        let rows = subjects.iter().enumerate().map(|(row, id)| (*id, row)).collect();
        Ok(Self { run, frame, program, rows })
    }

    /// The run whose snapshot this is.
    pub fn run(&self) -> &Run {
        &self.run
    }

    /// The rows of the snapshot.
    pub fn frame(&self) -> &Frame {
        &self.frame
    }

    /// The row of a household in the snapshot.
    pub fn row_of(&self, household_id: i64) -> Option<usize> {
        self.rows.get(&household_id).copied()
    }

    /// Why each clause judges a household as it does.
    ///
    /// # Errors
    /// When the household is not in the snapshot.
    pub fn explain(&self, household_id: i64) -> Result<Explanation, TargetingError> {
        let missing = || TargetingError::NoHousehold(household_id.to_string());
        let row = self.row_of(household_id).ok_or_else(missing)?;
        Ok(qb_engine::explain_row(&self.program, &self.frame, Level::Household, row)?)
    }
}
