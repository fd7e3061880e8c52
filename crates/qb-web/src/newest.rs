//! What the chain has produced, kept in memory until it produces more: totals, the newest run, the
//! report.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use qb_access::Scope;
use qb_assess::model::{ObjectScore, Scheme};
use qb_base::{AreaCode, Lang};
use qb_engine::Tables;
use qb_policy::Pack;
use qb_report::{AnnualReport, files, query_rows};
use qb_store::{Conn, Store};
use qb_targeting::model::{ClauseOutcome, FigureOutcome, Run};
use qb_targeting::{Explainer, queries};

use crate::cache::{Cached, Clock, Generation};
use crate::fault::Fault;

/// Households and people of one area.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Total {
    /// Households.
    pub(crate) households: i64,
    /// People living in them.
    pub(crate) people: i64,
    /// Households by exit status.
    pub(crate) by_status: HashMap<String, i64>,
}

/// Totals of every area that has households.
#[derive(Default)]
pub(crate) struct Totals {
    by_area: HashMap<AreaCode, Total>,
}

impl Totals {
    fn read(conn: &Conn) -> Result<Self, Fault> {
        let mut totals = Self::default();
        for village in qb_registry::queries::village_totals(conn, &Scope::system())? {
            let Ok(code) = AreaCode::parse(&village.area_code) else { continue };
            for area in code.path() {
                let total = totals.by_area.entry(area).or_default();
                total.households += village.households;
                total.people += village.people;
                let status = total.by_status.entry(village.exit_status.clone()).or_default();
                *status += village.households;
            }
        }
        Ok(totals)
    }

    /// The total of an area; zero where nobody is registered.
    pub(crate) fn of(&self, area: AreaCode) -> Total {
        // Villages are added up, so an area that nobody lives in has no total of its own.
        self.by_area.get(&area).cloned().unwrap_or_default()
    }
}

/// A run with its positions.
pub(crate) struct RunInfo {
    /// The run.
    pub(crate) run: Run,
    clauses: HashMap<String, ClauseOutcome>,
    figures: HashMap<String, FigureOutcome>,
}

impl RunInfo {
    fn read(conn: &Conn) -> Result<Option<Self>, Fault> {
        queries::newest_run(conn)?.map(|run| Self::of(conn, run)).transpose()
    }

    /// What is stored of a run.
    pub(crate) fn of(conn: &Conn, run: Run) -> Result<Self, Fault> {
        let clauses = queries::clauses(conn, run.id)?;
        let figures = queries::figures(conn, run.id)?;
        Ok(Self {
            run,
            clauses: clauses.into_iter().map(|clause| (clause.clause.clone(), clause)).collect(),
            figures: figures.into_iter().map(|figure| (figure.fact.clone(), figure)).collect(),
        })
    }

    /// What the run says of a clause, over everything.
    pub(crate) fn clause(&self, id: &str) -> Option<&ClauseOutcome> {
        self.clauses.get(id)
    }

    /// What the run says of a fact, over everything.
    pub(crate) fn figure(&self, id: &str) -> Option<&FigureOutcome> {
        self.figures.get(id)
    }
}

/// Scores on the data of a run that nobody has frozen.
pub(crate) struct Trial {
    /// The run.
    pub(crate) run: i64,
    /// One per object.
    pub(crate) scores: Vec<ObjectScore>,
}

/// What pages read of the chain.
#[derive(Default)]
pub(crate) struct Newest {
    /// The present state of the register.
    pub(crate) clock: Clock,
    totals: Cached<Totals>,
    run: Cached<Option<RunInfo>>,
    explainer: Cached<Option<Explainer>>,
    tables: Cached<Option<Tables>>,
    scores: Cached<Option<Trial>>,
    report: Mutex<Option<(SystemTime, Arc<AnnualReport>)>>,
}

impl Newest {
    /// Households and people by area.
    pub(crate) fn totals(&self, store: &Store) -> Result<Arc<Totals>, Fault> {
        self.totals.get(store, self.clock.now(store)?, Totals::read)
    }

    /// The newest run, or nothing before the first.
    pub(crate) fn run(&self, store: &Store) -> Result<Arc<Option<RunInfo>>, Fault> {
        self.run.get(store, self.clock.now(store)?, RunInfo::read)
    }

    /// Reasons for households of the newest run, or nothing before the first.
    pub(crate) fn explainer(
        &self,
        store: &Store,
        pack: &Pack,
    ) -> Result<Arc<Option<Explainer>>, Fault> {
        self.explainer.get(store, self.clock.now(store)?, |conn| match queries::newest_run(conn)? {
            None => Ok(None),
            Some(_) => Ok(Some(Explainer::open(store, pack)?)),
        })
    }

    /// The tables of the newest run's snapshot, or nothing before the first.
    pub(crate) fn tables(&self, store: &Store, pack: &Pack) -> Result<Arc<Option<Tables>>, Fault> {
        self.tables.get(store, self.clock.now(store)?, |conn| match queries::newest_run(conn)? {
            None => Ok(None),
            Some(run) => Ok(Some(query_rows::open(store, pack, &run)?)),
        })
    }

    /// What a scheme would give on the data of the newest run; nothing before the first.
    pub(crate) fn trial_scores(
        &self,
        store: &Store,
        pack: &Pack,
        scheme: &Scheme,
    ) -> Result<Arc<Option<Trial>>, Fault> {
        self.scores.get(store, self.clock.now(store)?, |conn| {
            let Some(run) = queries::newest_run(conn)? else { return Ok(None) };
            let failed = |error: qb_assess::AssessError| Fault::NotYet(error.text());
            let tables = query_rows::open(store, pack, &run)?;
            let objects = qb_assess::gather(pack, scheme, &tables).map_err(failed)?;
            let scores = qb_assess::score(scheme, &objects).map_err(failed)?;
            Ok(Some(Trial { run: run.id, scores }))
        })
    }

    /// Freezes what a scheme gives on the data of the newest run.
    pub(crate) fn freeze_scores(
        &self,
        store: &Store,
        asked: &qb_assess::commands::Asked<'_>,
        scheme: &str,
    ) -> Result<(), Fault> {
        let run = store.read(queries::newest_run)?;
        let run = run.ok_or(qb_targeting::TargetingError::NoRun)?;
        let tables = query_rows::open(store, asked.pack, &run)?;
        qb_assess::commands::freeze(store, asked, scheme, &run.snapshot, &tables)
            .map(|_| ())
            .map_err(|error| Fault::NotYet(error.text()))
    }

    /// The stored annual report, read again when its file changed.
    pub(crate) fn report(&self, store: &Store) -> Result<Option<Arc<AnnualReport>>, Fault> {
        let folder = store.place().dir.reports();
        let changed = std::fs::metadata(folder.join(files::STORED)).and_then(|m| m.modified());
        let Ok(changed) = changed else { return Ok(None) };
        let mut kept = crate::cache::held(&self.report);
        if let Some((read_at, report)) = kept.as_ref()
            && *read_at == changed
        {
            return Ok(Some(Arc::clone(report)));
        }
        let Some(report) = files::read(&folder)? else { return Ok(None) };
        let report = Arc::new(report);
        *kept = Some((changed, Arc::clone(&report)));
        Ok(Some(report))
    }

    /// Whether totals and run of a state can be had without computing them.
    pub(crate) fn is_at(&self, now: Generation) -> bool {
        self.totals.is_at(now) && self.run.is_at(now)
    }

    /// Computes what the first page would otherwise wait for.
    pub(crate) fn warm(&self, store: &Store, pack: &Pack) {
        let failed = self.totals(store).is_err()
            || self.run(store).is_err()
            || self.explainer(store, pack).is_err();
        if failed {
            tracing::warn!("the pages could not be prepared before the first request");
        }
    }
}

/// The label of a code of one of the pack's lists; the code itself when the list does not have it.
pub(crate) fn label<'a>(pack: &'a Pack, list: &str, code: &'a str, lang: Lang) -> &'a str {
    pack.code_list(list).and_then(|list| list.code(code)).map_or(code, |code| code.label.get(lang))
}

/// The label of a code that may be missing.
pub(crate) fn label_or_dash<'a>(
    pack: &'a Pack,
    list: &str,
    code: Option<&'a str>,
    lang: Lang,
) -> &'a str {
    code.map_or("—", |code| label(pack, list, code, lang))
}
