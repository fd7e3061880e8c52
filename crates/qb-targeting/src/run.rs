//! A run: snapshot, both evaluators, results stored.

use qb_base::{Date, Timestamp, env};
use qb_engine::views::Level;
use qb_engine::{Engine, EngineOptions, RunResult, Snapshot, Table};
use qb_policy::Pack;
use qb_registry::{RegistryError, snapshot};
use qb_store::{Conn, Known, Store, StoreError};

use crate::error::TargetingError;
use crate::load;
use crate::model::{RuleSummary, Run, RunSummary};
use crate::queries;
use crate::save::{self, RunFacts};

/// Who asks for a run, and of what.
#[derive(Debug)]
pub struct Asked<'a> {
    /// Who starts it.
    pub actor: &'a str,
    /// The rules.
    pub pack: &'a Pack,
    /// The day it stands on.
    pub as_of: Date,
    /// What it knows.
    pub known: Known,
}

/// A step of a run, for progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Counties read into the snapshot, of how many.
    Snapshot(u64, u64),
    /// The rules are evaluated, set-wise and row by row.
    Evaluating,
    /// The results are stored.
    Saving,
}

/// Takes a snapshot of the register and of the tables that other links publish, all of one instant,
/// evaluates every rule on it with both evaluators, and stores the results.
///
/// # Errors
/// When a rule does not compile, the evaluators disagree, or store or snapshot fail; nothing is
/// stored then.
pub fn run<E: From<StoreError> + From<RegistryError> + From<TargetingError>>(
    store: &Store,
    asked: &Asked<'_>,
    tables: impl FnOnce(&Conn) -> Result<Vec<Table>, E>,
    progress: &mut dyn FnMut(Progress),
) -> Result<RunSummary, E> {
    let started_at = env::now();
    let Asked { actor, pack, as_of, known } = *asked;
    let to_snapshot = snapshot::Asked { actor, pack, as_of, known };
    let taken = snapshot::take(store, &to_snapshot, tables, &mut |done, total| {
        progress(Progress::Snapshot(done, total));
    })?;
    Ok(evaluate(store, asked, &taken, started_at, progress)?)
}

fn evaluate(
    store: &Store,
    asked: &Asked<'_>,
    taken: &Snapshot,
    started_at: Timestamp,
    progress: &mut dyn FnMut(Progress),
) -> Result<RunSummary, TargetingError> {
    progress(Progress::Evaluating);
    let result = Engine::new(EngineOptions::default())?.evaluate(taken, asked.pack, asked.as_of)?;
    progress(Progress::Saving);
    load::keep(store, asked.pack)?;
    let facts = RunFacts {
        actor: asked.actor,
        snapshot: &taken.digest().to_string(),
        pack_id: &asked.pack.id,
        pack_digest: &asked.pack.digest().to_string(),
        as_of: &asked.as_of.to_string(),
        known: asked.known,
        started_at,
        finished_at: env::now(),
    };
    let run = save::save(store, &facts, &result)?;
    Ok(summary(run, &facts, &result))
}

/// Evaluates an earlier run again from its snapshot; answers the digest it gives now beside the
/// stored run.
///
/// # Errors
/// When the run or its snapshot is gone, or the pack it was made with is neither at hand nor kept.
pub fn replay(store: &Store, pack: &Pack, run: i64) -> Result<(Run, String), TargetingError> {
    let stored = store.read(|conn| queries::run(conn, run))?;
    let pack = load::pack_of(store, &stored, pack)?;
    let opened = load::snapshot(store, &stored.snapshot)?;
    // Years may lie between: what has changed on disk is named, not computed with.
    opened.verify()?;
    let as_of = stored.day()?;
    let result = Engine::new(EngineOptions::default())?.evaluate(&opened, &pack, as_of)?;
    Ok((stored, result.digest.to_string()))
}

fn summary(run: i64, facts: &RunFacts<'_>, result: &RunResult) -> RunSummary {
    let rules = result.clauses.iter().map(|clause| RuleSummary {
        id: clause.id.clone(),
        level: clause.level.name().to_owned(),
        n_true: clause.n_true,
        n_false: clause.n_false,
        n_unknown: clause.n_unknown,
        digest_setwise: clause.digest_setwise.to_string(),
        digest_rowwise: clause.digest_rowwise.to_string(),
        seconds: clause.seconds,
    });
    let leads = result.coverages.iter().filter(|found| !found.leads.is_empty());
    RunSummary {
        run,
        people: result.frame().rows(Level::Person) as u64,
        households: result.frame().rows(Level::Household) as u64,
        snapshot: facts.snapshot.to_owned(),
        pack: facts.pack_digest.to_owned(),
        digest: result.digest.to_string(),
        rules: rules.collect(),
        leads: leads.map(|found| (found.id.clone(), found.leads.clone())).collect(),
    }
}
