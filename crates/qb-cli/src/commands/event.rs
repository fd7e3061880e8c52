//! `qibang event`.

use std::process::ExitCode;

use qb_access::Scope;
use qb_intake::events::{self, Decider, Event, EventState, Step, Wanted};
use qb_store::StoreError;
use qb_web::accounts;

use super::place::actor;
use crate::args::{Decision, Global};
use crate::by;
use crate::fail::Fail;
use crate::output;

/// Lists events, the newest first.
pub(crate) fn list(global: &Global, state: Option<&str>, limit: i64) -> Result<ExitCode, Fail> {
    let store = super::store(global, &super::pack(global)?)?;
    let wanted = Wanted { state: state.map(parse).transpose()?, limit, ..Wanted::default() };
    let found = store.read::<_, StoreError>(|conn| events::list(conn, &Scope::system(), wanted))?;
    if global.json {
        output::json(&found)?;
    } else {
        found.iter().for_each(|event| print(global, event));
    }
    Ok(ExitCode::SUCCESS)
}

/// Takes a step with an event, in the name of whoever `--by` names; of the operator as long as
/// nobody has an account.
pub(crate) fn take(global: &Global, words: &Decision, step: Step) -> Result<ExitCode, Fail> {
    let pack = super::pack(global)?;
    let store = super::store(global, &pack)?;
    let person = match accounts::exist(&store)? {
        true => Some(by::required(&store, &words.by)?),
        false => None,
    };
    let who = match person {
        Some(person) => Decider {
            scope: Scope::new(person.role, person.area),
            role: Some(person.role),
            actor: person.actor,
        },
        None => Decider { actor: actor().to_owned(), role: None, scope: Scope::system() },
    };
    let event = events::take(&store, &pack, (words.event, step), (&who, &words.reason))?;
    if global.json {
        output::json(&event)?;
    } else {
        print(global, &event);
    }
    Ok(ExitCode::SUCCESS)
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
fn print(global: &Global, event: &Event) {
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
        said(event.kind.label()),
        event.household_no.clone(),
        event.happened_on.clone(),
        sides.join("; "),
    ];
    words.extend(event.doubt.map(|doubt| said(doubt.label())));
    output::line(words.join(" "));
}
