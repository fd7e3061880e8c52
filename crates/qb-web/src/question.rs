//! Which run a page is about: the newest, or the one of the day and the knowledge that its address
//! names.

use std::sync::Arc;

use qb_base::text::shown;
use qb_base::{Date, Text};
use qb_engine::Tables;
use qb_policy::Pack;
use qb_report::query_rows;
use qb_store::{Known, KnownOn, NoKnownOn, Store};
use qb_targeting::queries;

use crate::chain::RunInfo;
use crate::fault::Fault;
use crate::page::Page;
use crate::texts::put;
use crate::url::with_query;
use crate::visit::Visit;

const WRONG_DAY: Text =
    Text::fixed("日期写成如2016-12-31", "a day is written like this: 2016-12-31");
const NOT_COME: Text = Text::fixed(
    "{known}还没有到，那时掌握的情况还不存在",
    "{known} has not come yet, nobody knows what will be known then",
);
const NO_RUN: Text = Text::fixed(
    "还没有这一时点的运行(命令:qibang target run --as-of {as_of}{known})",
    "There is no run of that day yet (command: qibang target run --as-of {as_of}{known})",
);

/// A run, and how the address asks for it.
pub(crate) struct Question {
    run: Arc<Option<RunInfo>>,
    /// What the address says; blank where it asks for the newest.
    as_of: String,
    known_on: String,
}

impl Question {
    /// What a page is asked.
    pub(crate) fn of(visit: &Visit<'_>) -> Result<Self, Fault> {
        let (app, as_of) = (visit.app, visit.query("as_of"));
        let newest = app.chain.run(&app.store)?;
        let known_on = visit.query("known_on");
        let mut question = Self { run: newest, as_of: String::new(), known_on: String::new() };
        if as_of.is_empty() && known_on.is_empty() {
            return Ok(question);
        }
        let day = match as_of {
            "" => app.data_as_of()?.map_or_else(|| app.today(), Ok)?,
            day => day.parse::<Date>().map_err(|_| Fault::Unusable(WRONG_DAY))?,
        };
        let known_on = match known_on {
            "" => None,
            on => {
                Some(on.parse::<KnownOn>().map_err(|NoKnownOn| Fault::Unusable(NoKnownOn::TEXT))?)
            }
        };
        question.as_of = day.to_string();
        question.known_on = shown(known_on, |on| on.to_string());
        question.run = Arc::new(Some(question.named(&app.store, &app.pack, (day, known_on))?));
        Ok(question)
    }

    /// The run that was made of a day with what is known.
    fn named(
        &self,
        store: &Store,
        pack: &Pack,
        (day, known_on): (Date, Option<KnownOn>),
    ) -> Result<RunInfo, Fault> {
        store.read(|conn| {
            let known = match known_on {
                None => Some(Known::Everything),
                Some(on) => on.known(conn)?,
            };
            let not_come = || Fault::Unusable(NOT_COME.fill(&[("known", &self.known_on)]));
            let when = (day, known.ok_or_else(not_come)?);
            let Some(run) = queries::run_on(conn, when, &pack.digest().to_string())? else {
                let known = shown(known_on, |on| format!(" --known-on {on}"));
                let text = NO_RUN.fill(&[("as_of", &self.as_of), ("known", &known)]);
                return Err(Fault::NotYet(text));
            };
            RunInfo::of(conn, run)
        })
    }

    /// The run; none before the first.
    pub(crate) fn run(&self) -> Option<&RunInfo> {
        self.run.as_ref().as_ref()
    }

    /// Whether it is the newest, of which verdicts of single subjects are kept.
    pub(crate) fn is_newest(&self) -> bool {
        self.as_of.is_empty()
    }

    /// The tables of its snapshot; none before the first run.
    pub(crate) fn tables(&self, visit: &Visit<'_>) -> Result<Arc<Option<Tables>>, Fault> {
        let app = visit.app;
        match self.run() {
            Some(info) if !self.is_newest() => {
                Ok(Arc::new(Some(query_rows::open(&app.store, &app.pack, &info.run)?)))
            }
            _ => app.chain.tables(&app.store, &app.pack),
        }
    }

    /// An address that asks the same.
    pub(crate) fn address(&self, path: &str, parameters: &[(&str, &str)]) -> String {
        let own = [("as_of", self.as_of.as_str()), ("known_on", self.known_on.as_str())];
        with_query(path, &[parameters, &own].concat())
    }

    /// What the log says of an export, behind what was exported.
    pub(crate) fn object(&self) -> String {
        match (self.is_newest(), self.known_on.is_empty()) {
            (true, _) => String::new(),
            (false, true) => format!(" as of {}", self.as_of),
            (false, false) => format!(" as of {} as known on {}", self.as_of, self.known_on),
        }
    }

    /// Says on the page which day it is about, and what it knows.
    pub(crate) fn on(&self, mut page: Page) -> Page {
        page.asked = [self.as_of.clone(), self.known_on.clone()];
        if !self.is_newest() {
            page.as_of = put(page.t.data_as_of, &[("date", &self.as_of)]);
            if !self.known_on.is_empty() {
                let known = put(page.t.data_known_on, &[("date", &self.known_on)]);
                page.as_of = format!("{} · {known}", page.as_of);
            }
        }
        page
    }
}
