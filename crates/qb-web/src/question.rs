//! Which run a page is about: the newest, or the one of the day and the knowledge that its address
//! names.

use std::sync::Arc;

use qb_base::text::shown;
use qb_base::{Date, Text};
use qb_engine::Tables;
use qb_policy::Pack;
use qb_report::query_rows;
use qb_store::{Conn, Known, KnownOn, NoKnownOn, Store};
use qb_targeting::queries;

use crate::fault::Fault;
use crate::newest::RunInfo;
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

/// The day and the knowledge that an address names.
pub(crate) struct When {
    pub(crate) day: Date,
    known_on: Option<KnownOn>,
}

impl When {
    /// What the address names; none where it asks for what stands now.
    pub(crate) fn of(visit: &Visit<'_>) -> Result<Option<Self>, Fault> {
        let (app, as_of) = (visit.app, visit.query("as_of"));
        let known_on = visit.query("known_on");
        if as_of.is_empty() && known_on.is_empty() {
            return Ok(None);
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
        Ok(Some(Self { day, known_on }))
    }

    /// What is known then.
    pub(crate) fn known(&self, conn: &Conn) -> Result<Known, Fault> {
        let known = match self.known_on {
            None => Some(Known::Everything),
            Some(on) => on.known(conn)?,
        };
        let on = self.known_on_text();
        known.ok_or_else(|| Fault::Unusable(NOT_COME.fill(&[("known", &on)])))
    }

    fn known_on_text(&self) -> String {
        shown(self.known_on, |on| on.to_string())
    }

    /// As an address says it.
    pub(crate) fn texts(&self) -> [String; 2] {
        [self.day.to_string(), self.known_on_text()]
    }
}

/// Says on a page which day it is about, and what it knows; nothing where it is about today.
pub(crate) fn says_when(mut page: Page, asked: [String; 2]) -> Page {
    if let [as_of, known_on] = &asked
        && !as_of.is_empty()
    {
        page.as_of = put(page.t.data_as_of, &[("date", as_of)]);
        if !known_on.is_empty() {
            let known = put(page.t.data_known_on, &[("date", known_on)]);
            page.as_of = format!("{} · {known}", page.as_of);
        }
    }
    page.asked = asked;
    page
}

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
        let app = visit.app;
        let Some(when) = When::of(visit)? else {
            let run = app.newest.run(&app.store)?;
            return Ok(Self { run, as_of: String::new(), known_on: String::new() });
        };
        let run = Arc::new(Some(named(&app.store, &app.pack, &when)?));
        let [as_of, known_on] = when.texts();
        Ok(Self { run, as_of, known_on })
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
            _ => app.newest.tables(&app.store, &app.pack),
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
    pub(crate) fn on(&self, page: Page) -> Page {
        says_when(page, [self.as_of.clone(), self.known_on.clone()])
    }
}

/// The run that was made of a day with what is known.
fn named(store: &Store, pack: &Pack, when: &When) -> Result<RunInfo, Fault> {
    store.read(|conn| {
        let asked = (when.day, when.known(conn)?);
        let Some(run) = queries::run_on(conn, asked, &pack.digest().to_string())? else {
            let known = shown(when.known_on, |on| format!(" --known-on {on}"));
            let [as_of, _] = when.texts();
            return Err(Fault::NotYet(NO_RUN.fill(&[("as_of", &as_of), ("known", &known)])));
        };
        RunInfo::of(conn, run)
    })
}
