//! Judging again what was imported since: verdicts and figures follow their facts without anybody
//! asking.

use std::sync::Mutex;

use qb_targeting::queries;

use crate::cache::held;
use crate::fault::Fault;
use crate::state::AppState;

/// How the audit chain names the server.
const WORKER: &str = "server";

/// The import after which the server judged last, whether or not it could.
#[derive(Default)]
pub(crate) struct JudgedAfter(Mutex<i64>);

impl AppState {
    /// Judges the register again where something was imported since the newest run; answers whether
    /// it did. Before the first run, and where the pack is no longer in force on the office's day,
    /// somebody has to ask for one.
    ///
    /// # Errors
    /// When a rule does not hold or the store fails; it is tried again after the next import only.
    pub fn judge_again(&self) -> Result<bool, Fault> {
        let Some((newest, imported_at)) = self.store.read(queries::overtaken)? else {
            return Ok(false);
        };
        let today = self.today()?;
        if self.pack.ended_before(today).is_some() || newest.day()? > today {
            return Ok(false);
        }
        let mut judged = held(&self.judged_after.0);
        if *judged == imported_at {
            return Ok(false);
        }
        *judged = imported_at;
        let ran = qb_chain::run(&self.store, &self.pack, (WORKER, today), &mut |_| {});
        ran.map(|_| true).map_err(|error| Fault::Link(error.to_string()))
    }
}
