//! `qibang period`.

use std::process::ExitCode;

use qb_access::Role;
use qb_base::Text;
use qb_policy::Pack;
use qb_store::{Period, PeriodState, Store};

use crate::args::{Global, Period as Words, PeriodAct};
use crate::by;
use crate::fail::Fail;
use crate::output;

/// Who closes a year and opens it again: those who answer for the books of the whole place.
const CLOSERS: [Role; 2] = [Role::CityOfficer, Role::DeptFinance];

pub(crate) fn run(global: &Global, words: &Words) -> Result<ExitCode, Fail> {
    let pack = super::pack(global)?;
    let store = super::store(global, &pack)?;
    match words {
        Words::List => list(global, &store),
        Words::Close(act) => close(global, (&store, &pack), act),
        Words::Reopen(act) => reopen(global, (&store, &pack), act),
    }
}

fn list(global: &Global, store: &Store) -> Result<ExitCode, Fail> {
    let periods = store.read(Period::all)?;
    if global.json {
        output::json(&periods)?;
        return Ok(ExitCode::SUCCESS);
    }
    for one in periods {
        let state = output::said(global, &state(one.state));
        output::line(format!("{}  {state}  {}  {}  {}", one.year, one.on, one.actor, one.reason));
    }
    Ok(ExitCode::SUCCESS)
}

const fn state(state: PeriodState) -> Text {
    match state {
        PeriodState::Open => Text::fixed("开放", "open"),
        PeriodState::Closed => Text::fixed("已结账", "closed"),
        PeriodState::ReopeningAsked => Text::fixed(
            "已结账，申请重新开账，待第二人同意",
            "closed; reopening asked for, a second person has to agree",
        ),
    }
}

fn close(
    global: &Global,
    (store, pack): (&Store, &Pack),
    act: &PeriodAct,
) -> Result<ExitCode, Fail> {
    let actor = closer(store, pack, act)?;
    store.close_period(&actor, act.year, &act.reason).map_err(|error| Fail(error.text()))?;
    told(global, act.year, PeriodState::Closed)
}

fn reopen(
    global: &Global,
    (store, pack): (&Store, &Pack),
    act: &PeriodAct,
) -> Result<ExitCode, Fail> {
    let actor = closer(store, pack, act)?;
    let stands = store.reopen_period(&actor, act.year, &act.reason);
    told(global, act.year, stands.map_err(|error| Fail(error.text()))?)
}

fn told(global: &Global, year: i16, stands: PeriodState) -> Result<ExitCode, Fail> {
    if global.json {
        output::json(&serde_json::json!({ "year": year, "state": stands }))?;
    } else {
        output::line(format!("{year}  {}", output::said(global, &state(stands))));
    }
    Ok(ExitCode::SUCCESS)
}

/// The person who acts, if the role and the area may.
fn closer(store: &Store, pack: &Pack, act: &PeriodAct) -> Result<String, Fail> {
    let person = by::required(store, &act.by)?;
    if CLOSERS.contains(&person.role) && person.area == pack.area {
        return Ok(person.actor);
    }
    Err(Fail::new(
        "结账和重新开账由本级的办公室或财政部门办理：请用这样的账号",
        "a year is closed and opened again by the office or the finance department of the whole place: use such an account",
    ))
}
