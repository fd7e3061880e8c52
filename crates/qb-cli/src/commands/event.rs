//! `qibang event`.

use std::path::Path;
use std::process::ExitCode;

use qb_access::{Role, Scope};
use qb_base::{AreaCode, Date};
use qb_registry::events::{
    self, Decider, Event, EventRules, EventState, Placing, Stated, Stating, Step, Wanted,
};
use qb_registry::{areas, queries};
use qb_store::{Store, StoreError};
use qb_web::accounts;

use super::place::actor;
use super::target::household_id;
use crate::args::{By, Decision, Global, Statement};
use crate::by;
use crate::fail::Fail;
use crate::output;

/// Lists events, the newest first.
pub(crate) fn list(global: &Global, state: Option<&str>, limit: i64) -> Result<ExitCode, Fail> {
    let pack = super::pack(global)?;
    let store = super::store(global, &pack)?;
    let rules = EventRules::of(&pack)?;
    let wanted = Wanted { state: state.map(parse).transpose()?, limit, ..Wanted::default() };
    let found = store.read::<_, StoreError>(|conn| events::list(conn, &Scope::system(), wanted))?;
    if global.json {
        return output::json(&found).map(|()| ExitCode::SUCCESS);
    }
    found.iter().for_each(|event| print(global, &rules, event));
    Ok(ExitCode::SUCCESS)
}

fn print_one(global: &Global, rules: &EventRules, event: &Event) -> Result<ExitCode, Fail> {
    if global.json {
        return output::json(event).map(|()| ExitCode::SUCCESS);
    }
    print(global, rules, event);
    Ok(ExitCode::SUCCESS)
}

/// Takes a step with an event, in the name of whoever `--by` names; of the operator as long as
/// nobody has an account.
pub(crate) fn take(global: &Global, words: &Decision, step: Step) -> Result<ExitCode, Fail> {
    let pack = super::pack(global)?;
    let store = super::store(global, &pack)?;
    let who = decider(&store, &words.by)?;
    let event = qb_intake::events::take(&store, &pack, (words.event, step), (&who, &words.reason))?;
    qb_settle::settle(&store, &pack, &who.actor)?;
    print_one(global, &EventRules::of(&pack)?, &event)
}

/// Whoever `--by` names; the operator as long as nobody has an account.
fn decider(store: &Store, by: &By) -> Result<Decider, Fail> {
    Ok(match accounts::exist(store)? {
        true => {
            let person = by::required(store, by)?;
            Decider {
                scope: Scope::new(person.role, person.area),
                role: Some(person.role),
                actor: person.actor,
            }
        }
        false => Decider { actor: actor().to_owned(), role: None, scope: Scope::system() },
    })
}

/// States an event of a household.
pub(crate) fn state(global: &Global, words: &Statement) -> Result<ExitCode, Fail> {
    let pack = super::pack(global)?;
    let store = super::store(global, &pack)?;
    let who = decider(&store, &words.by)?;
    // Whose households they are only their own page knows.
    if who.role == Some(Role::Helper) {
        return Err(Fail::new(
            "帮扶责任人请在“我的帮扶户”页面申报",
            "a helper states events on the page of the households it helps",
        ));
    }
    let happened_on: Date = words.on.parse().map_err(|_| {
        Fail::new(
            format!("“{}”不是日期；请写作 YYYY-MM-DD", words.on),
            format!("`{}` is no date; write YYYY-MM-DD", words.on),
        )
    })?;
    let area = words.area.as_deref().map(AreaCode::parse).transpose().map_err(|_| {
        Fail::new("--area 应为行政村代码".to_owned(), "--area is the code of a village".to_owned())
    })?;
    if let Some(area) = area {
        goes_on(&store, &area)?;
    }
    let more = words.from.as_deref().map(lines_of).transpose()?;
    let told = words.set.iter().chain(more.iter().flatten());
    let values = told.map(|one| assigned(one)).collect::<Result<Vec<_>, _>>()?;
    let goes = words.goes.iter().map(|one| placing(&store, one, true));
    let stays = words.stays.iter().map(|one| placing(&store, one, false));
    let members = goes.chain(stays).collect::<Result<Vec<_>, _>>()?;
    let stating = Stating {
        kind: &words.kind,
        household: household_id(&store, &words.household)?,
        person: words.person.as_deref().map(|number| person_id(&store, number)).transpose()?,
        area,
        happened_on,
        values: &values,
        members: &members,
        paper: &words.paper,
        reason: &words.reason,
    };
    let event = match qb_intake::events::state(&store, &pack, &stating, &who)? {
        Stated::Kept(event) => event,
        Stated::Refused(faults) => {
            let said = |zh: bool| {
                let each = faults.iter().map(|fault| {
                    let column = fault.column.as_deref().unwrap_or("-");
                    match zh {
                        true => format!("{column}: {}{}", fault.message.zh, fault.remedy.zh),
                        false => format!("{column}: {}; {}", fault.message.en, fault.remedy.en),
                    }
                });
                each.collect::<Vec<_>>().join("\n")
            };
            return Err(Fail::new(said(true), said(false)));
        }
    };
    if event.state == EventState::Applied {
        qb_settle::settle(&store, &pack, &who.actor)?;
    }
    print_one(global, &EventRules::of(&pack)?, &event)
}

/// That households can come to live in a village: nobody moves into one that ended.
fn goes_on(store: &Store, area: &AreaCode) -> Result<(), Fail> {
    let end = store.read(|conn| areas::known::end_of(conn, area))?;
    end.map_or(Ok(()), |end| {
        let (on, successor) = (end.on, end.successor);
        Err(Fail::new(
            format!("{area}已于{on}撤并，由{successor}承接；请写{successor}"),
            format!("{area} ended on {on} and {successor} took over; name {successor} instead"),
        ))
    })
}

/// The lines of a file, or of standard input, that say something.
fn lines_of(path: &Path) -> Result<Vec<String>, Fail> {
    let text = if path == Path::new("-") {
        std::io::read_to_string(std::io::stdin())
    } else {
        std::fs::read_to_string(path)
    };
    let text = text.map_err(|error| {
        let path = path.display();
        Fail::new(
            format!("读不到文件“{path}”:{error}"),
            format!("the file {path} cannot be read: {error}"),
        )
    })?;
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    Ok(lines.map(str::to_owned).collect())
}

fn assigned(words: &str) -> Result<(String, String), Fail> {
    let (column, value) = words.split_once('=').ok_or_else(|| {
        Fail::new(
            format!("“{words}”应写作 栏目=值"),
            format!("`{words}` is written as COLUMN=VALUE"),
        )
    })?;
    Ok((column.trim().to_owned(), value.trim().to_owned()))
}

/// Where a member is once a household has split or joined another.
fn placing(store: &Store, words: &str, goes: bool) -> Result<Placing, Fail> {
    let (number, relation) = words.split_once('=').unwrap_or((words, ""));
    let person = person_id(store, number.trim())?;
    Ok(Placing { person, goes, relation: relation.trim().to_owned() })
}

fn person_id(store: &Store, number: &str) -> Result<i64, Fail> {
    let found = store.read(|conn| queries::person_numbered(conn, number))?;
    found.ok_or_else(|| {
        Fail::new(
            format!("登记中没有人编号“{number}”"),
            format!("nobody in the register has the number `{number}`"),
        )
    })
}

fn parse(word: &str) -> Result<EventState, Fail> {
    EventState::parse(&word.to_ascii_uppercase()).ok_or_else(|| {
        let known: Vec<String> =
            EventState::ALL.iter().map(|state| state.code().to_ascii_lowercase()).collect();
        let known = known.join(", ");
        Fail::new(
            format!("没有状态“{word}”；可用：{known}"),
            format!("there is no state `{word}`; known are: {known}"),
        )
    })
}

/// One line of an event; the people in it by their ids only.
fn print(global: &Global, rules: &EventRules, event: &Event) {
    let said = |text| output::said(global, &text);
    let sides =
        [(&event.area_before, &event.area_after), (&event.other_before, &event.other_after)];
    let known = |side: &Option<String>| side.clone().unwrap_or_else(|| "-".to_owned());
    let sides: Vec<String> = sides
        .into_iter()
        .chain([(&event.relation_before, &event.relation_after)])
        .filter(|(before, after)| before.is_some() || after.is_some())
        .map(|(before, after)| format!("{} → {}", known(before), known(after)))
        .collect();
    let mut words = vec![
        format!("{:>8}", event.id),
        said(event.state.label()),
        said(match event.kind == areas::MERGER_KIND {
            true => areas::MERGER_LABEL,
            false => rules.label(event),
        }),
        event.household_no.clone(),
        event.happened_on.clone(),
        sides.join("; "),
    ];
    words.extend(event.other_household_no.as_ref().map(|number| format!("→ {number}")));
    words.extend(event.doubt.map(|doubt| said(doubt.label())));
    output::line(words.join(" "));
}
