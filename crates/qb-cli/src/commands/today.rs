//! `qibang today`, and the day that questions of other commands are about.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use qb_base::{Date, Text};
use qb_policy::Pack;
use qb_store::{Known, OfficeDay, Store};
use qb_targeting::model::Run;
use qb_targeting::queries;
use serde::{Deserialize, Serialize};

use super::place::actor;
use super::target;
use crate::args::{About, AsOf, Global};
use crate::fail::Fail;
use crate::output;

/// Says what day it is, after moving a demonstration forward if asked.
pub(crate) fn run(global: &Global, to: Option<Date>) -> Result<ExitCode, Fail> {
    let store = super::place::open(global)?;
    if let Some(day) = to {
        store.move_office_day(actor(), day).map_err(|error| Fail(error.text()))?;
    }
    let OfficeDay { day, is_fixed } = store.office_day()?;
    if global.json {
        output::json(&serde_json::json!({ "today": day.to_string(), "fixed": is_fixed }))?;
        return Ok(ExitCode::SUCCESS);
    }
    let said = match is_fixed {
        true => Text::fixed(
            "{day}(演示固定在这一天,用 qibang today 日期 向后移动)",
            "{day} (a demonstration stands at this day; qibang today DATE moves it forward)",
        ),
        false => Text::fixed("{day}(真实日期)", "{day} (the real day)"),
    };
    output::line(output::said(global, &said.fill(&[("day", &day.to_string())])));
    Ok(ExitCode::SUCCESS)
}

/// The day a question is about: the one that was named, or the office's; where the pack was in
/// force only until an earlier one, the end of its year. Nobody knows yet what is true on a later
/// day than the office's.
pub(crate) fn asked(
    global: &Global,
    (store, pack): (&Store, &Pack),
    words: AsOf,
) -> Result<(Date, Known), Fail> {
    let known = match words.known_on {
        None => Known::Everything,
        Some(on) => store
            .read(|conn| on.known(conn))?
            .ok_or_else(|| Fail(NOT_YET_KNOWN.fill(&[("known", &on.to_string())])))?,
    };
    Ok((day(global, (store, pack), words)?, known))
}

const NOT_YET_KNOWN: Text = Text::fixed(
    "--known-on {known}还没有到；请写已经过去的日期或时刻",
    "--known-on {known} has not come yet; name a day or an instant that has",
);

fn day(global: &Global, (store, pack): (&Store, &Pack), words: AsOf) -> Result<Date, Fail> {
    let today = store.office_day()?.day;
    let day = words.as_of.unwrap_or(today);
    let ended = pack.ended_before(day);
    if let (Some((param, until)), true) = (ended, day <= today) {
        let instead = pack.year.last_day();
        let values = [
            ("pack", pack.id.as_str()),
            ("day", &day.to_string()),
            ("param", &param.id),
            ("until", &until.to_string()),
            ("instead", &instead.to_string()),
        ];
        if words.as_of.is_some() {
            return Err(Fail(ENDED.fill(&values)));
        }
        output::note(global, &ENDED_INSTEAD.fill(&values));
        return Ok(instead);
    }
    if day <= today {
        return Ok(day);
    }
    Err(Fail(
        Text::fixed(
            "--as-of {day}在办公日{today}之后,那天的情况还不知道;请写不晚于{today}的日期",
            "--as-of {day} lies after the office's day {today}, nobody knows yet what is true then; name a day up to {today}",
        )
        .fill(&[("day", &day.to_string()), ("today", &today.to_string())]),
    ))
}

const ENDED: Text = Text::fixed(
    "策略包{pack}在{day}已不再有效（参数“{param}”的值到{until}为止）；请写更早的--as-of，或用--pack指定那时有效的策略包",
    "the pack {pack} is no longer in force on {day} (parameter {param} has values until {until}); name an earlier --as-of, or with --pack one that is in force then",
);
const ENDED_INSTEAD: Text = Text::fixed(
    "策略包{pack}在{day}已不再有效（参数“{param}”的值到{until}为止），按{instead}计算；要算别的日期请写--as-of",
    "the pack {pack} is no longer in force on {day} (parameter {param} has values until {until}); computed as of {instead}. name another day with --as-of",
);

/// The run that stands on the asked day and knows everything imported until now; it is made where
/// there is none.
pub(crate) fn run_on(
    global: &Global,
    store: &Store,
    pack: &Pack,
    words: AsOf,
) -> Result<Run, Fail> {
    let when = asked(global, (store, pack), words)?;
    let digest = pack.digest().to_string();
    if let Some(run) = store.read(|conn| queries::run_on(conn, when, &digest))? {
        return Ok(run);
    }
    let made = target::evaluate(global, store, pack, when)?.summary.run;
    Ok(store.read(|conn| queries::run(conn, made))?)
}

/// The run that a question is about.
pub(crate) fn run_about(
    global: &Global,
    store: &Store,
    pack: &Pack,
    about: About,
) -> Result<Run, Fail> {
    match about.run {
        Some(run) => Ok(store.read(|conn| queries::run(conn, run))?),
        None => run_on(global, store, pack, about.on),
    }
}

/// Fixes the day of a new data directory: the one that was named, or the one at which the files of
/// a synthetic city stand.
pub(crate) fn fix(store: &Store, named: Option<Date>, paths: &[PathBuf]) -> Result<(), Fail> {
    let refused = |error: qb_store::OfficeDayError| Fail(error.text());
    if let Some(day) = named {
        return store.fix_office_day(actor(), day).map_err(refused);
    }
    let is_new = !store.office_day()?.is_fixed && !store.read(qb_intake::queries::has_runs)?;
    match paths.iter().find_map(|path| CityDay::above(path)) {
        Some(day) if is_new => store.fix_office_day(actor(), day).map_err(refused),
        _ => Ok(()),
    }
}

/// How far below the folder of a city its lists lie.
const FOLDERS_ABOVE: usize = 3;

/// What is said of the files of a synthetic city, beside their folder.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CityDay {
    today: String,
}

impl CityDay {
    /// The day at which the files of a folder stand, or those of a folder not far above it; none
    /// where no city was written.
    fn above(path: &Path) -> Option<Date> {
        path.ancestors().take(FOLDERS_ABOVE + 1).find_map(Self::read)
    }

    fn read(folder: &Path) -> Option<Date> {
        let text = std::fs::read_to_string(Self::beside(folder)?).ok()?;
        serde_json::from_str::<Self>(&text).ok()?.today.parse().ok()
    }

    fn beside(folder: &Path) -> Option<PathBuf> {
        let name = folder.file_name()?;
        Some(folder.with_file_name(format!("{}-day.json", name.to_string_lossy())))
    }

    /// Says at which day the files of a folder stand.
    pub(crate) fn write(folder: &Path, day: Date) -> Result<(), Fail> {
        let said = serde_json::to_string(&Self { today: day.to_string() })?;
        Self::beside(folder).map_or(Ok(()), |path| std::fs::write(path, said))?;
        Ok(())
    }
}
