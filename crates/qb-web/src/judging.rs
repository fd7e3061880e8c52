//! Judging again what was imported or decided since: verdicts and figures follow their facts
//! without anybody asking.

use std::sync::Mutex;

use qb_base::{Timestamp, env};
use qb_store::Known;
use qb_targeting::queries::{self, Overtaken};

use crate::cache::held;
use crate::fault::Fault;
use crate::state::AppState;

/// How the audit chain names the server.
const WORKER: &str = "server";

/// How long nothing is decided about events before the register is judged for them: a clerk who
/// works through a queue would have it judged after each otherwise. Meanwhile the households they
/// changed say that their verdicts are older.
const QUIET_MS: i64 = 60_000;

/// What the server judged last for, whether or not it could: the newest import and decision.
#[derive(Default)]
pub(crate) struct JudgedAfter(Mutex<(i64, i64)>);

impl AppState {
    /// Judges the register again where something was imported or decided since the newest run;
    /// answers whether it did. Before the first run, and where the pack is no longer in force on
    /// the office's day, somebody has to ask for one.
    ///
    /// # Errors
    /// When a rule does not hold or the store fails; it is tried again after the next import or
    /// decision only.
    pub fn judge_again(&self) -> Result<bool, Fault> {
        self.judge_again_at(env::now())
    }

    /// As [`AppState::judge_again`], at an instant.
    ///
    /// # Errors
    /// As there.
    pub fn judge_again_at(&self, now: Timestamp) -> Result<bool, Fault> {
        let Some(overtaken) = self.store.read(queries::overtaken)? else { return Ok(false) };
        let Overtaken { run, imported_at, decided_at } = overtaken;
        let today = self.today()?;
        if self.pack.ended_before(today).is_some() || run.day()? > today {
            return Ok(false);
        }
        let is_imported = imported_at > run.started_at;
        if !is_imported && now.0 - decided_at < QUIET_MS {
            return Ok(false);
        }
        let mut judged = held(&self.judged_after.0);
        if *judged == (imported_at, decided_at) {
            return Ok(false);
        }
        *judged = (imported_at, decided_at);
        let ran = qb_settle::run(
            &self.store,
            &self.pack,
            (WORKER, today, Known::Everything),
            &mut |_| {},
        );
        ran.map(|_| true).map_err(|error| Fault::Link(error.to_string()))
    }
}
