//! `qibang area`.

use std::process::ExitCode;

use qb_access::Scope;
use qb_base::{AreaCode, Text};
use qb_policy::Pack;
use qb_registry::areas::alias::{self, Alias, Naming};
use qb_registry::areas::known::{self, AreaRow};
use qb_registry::areas::merger::{self, Keeper, Merger, Stating, WantedMergers};
use qb_store::{Store, StoreError};
use serde::Serialize;

use crate::args::{Area as Words, AreaAct, AreaMerge, AreaName, By, Global};
use crate::by;
use crate::fail::Fail;
use crate::output;

pub(crate) fn run(global: &Global, words: &Words) -> Result<ExitCode, Fail> {
    let pack = super::pack(global)?;
    let store = super::store(global, &pack)?;
    match words {
        Words::List { area } => list(global, &store, area.as_deref()),
        Words::Alias(naming) => name(global, &store, naming),
        Words::AliasEnd(act) => {
            let who = keeper(&store, &act.by)?;
            let alias = alias::end(&store, act.id, (&who, &act.reason))?;
            told_alias(global, &alias)
        }
        Words::Merge(stating) => state(global, &store, stating),
        Words::Confirm { id, reason, by } => {
            let who = keeper(&store, by)?;
            let merger = merger::confirm(&store, *id, (&who, reason))?;
            followed(global, (&store, &pack), &merger, &who)
        }
        Words::Undo(AreaAct { id, reason, by }) => {
            let who = keeper(&store, by)?;
            let merger = merger::undo(&store, *id, (&who, reason))?;
            followed(global, (&store, &pack), &merger, &who)
        }
    }
}

/// Whoever `--by` names: nobody keeps areas without a name.
fn keeper(store: &Store, by: &By) -> Result<Keeper, Fail> {
    let person = by::required(store, by)?;
    Ok(Keeper { scope: Scope::new(person.role, person.area), actor: person.actor })
}

fn code(text: &str) -> Result<AreaCode, Fail> {
    AreaCode::parse(text).map_err(|_| {
        Fail::new(
            format!("“{text}”不是区划代码；村写12位，镇写9位，县（区）写6位"),
            format!("`{text}` is no area code; a village has 12 digits, a town 9, a county 6"),
        )
    })
}

/// What is listed.
#[derive(Serialize)]
struct Listed {
    /// The area asked for, and areas that ended there.
    areas: Vec<AreaRow>,
    aliases: Vec<Alias>,
    mergers: Vec<Merger>,
}

fn list(global: &Global, store: &Store, of: Option<&str>) -> Result<ExitCode, Fail> {
    let of = of.map(code).transpose()?;
    let scope = Scope::system();
    let listed = store.read::<_, StoreError>(|conn| {
        let mut areas = known::all(conn)?;
        let asked = of.map(|area| area.to_string());
        areas.retain(|area| match &asked {
            Some(asked) => {
                area.code == *asked || (area.end.is_some() && area.code.starts_with(asked))
            }
            None => area.end.is_some(),
        });
        Ok(Listed {
            areas,
            aliases: alias::list(conn, &scope, of)?,
            mergers: merger::list(conn, &scope, WantedMergers { area: of, state: None })?,
        })
    })?;
    if of.is_some() && listed.areas.is_empty() {
        return Err(Fail::new(
            "没有这个区划代码；请核对".to_owned(),
            "no area has this code; check it".to_owned(),
        ));
    }
    if global.json {
        return output::json(&listed).map(|()| ExitCode::SUCCESS);
    }
    for area in &listed.areas {
        let end = area.end.as_ref().map(|end| {
            let text = Text::fixed("{on}撤并，由{into}承接", "ended on {on}, {into} took over");
            output::said(global, &text.fill(&[("on", &end.on), ("into", &end.successor)]))
        });
        let end = qb_base::text::shown(end, |end| format!("  {end}"));
        output::line(format!("{}  {}{end}", area.code, area.name));
    }
    listed.aliases.iter().for_each(|alias| print_alias(global, alias));
    listed.mergers.iter().for_each(|merger| print_merger(global, merger));
    Ok(ExitCode::SUCCESS)
}

fn name(global: &Global, store: &Store, words: &AreaName) -> Result<ExitCode, Fail> {
    let who = keeper(store, &words.by)?;
    let naming = Naming {
        under: words.under.as_deref().map(code).transpose()?,
        name: &words.name,
        means: code(&words.means)?,
        source: &words.reason,
    };
    told_alias(global, &alias::add(store, &naming, &who)?)
}

fn state(global: &Global, store: &Store, words: &AreaMerge) -> Result<ExitCode, Fail> {
    let who = keeper(store, &words.by)?;
    let parts = words.areas.iter().map(|text| code(text)).collect::<Result<Vec<_>, _>>()?;
    let stating = Stating {
        parts: &parts,
        into: code(&words.into)?,
        on: words.on,
        paper: &words.paper,
        reason: &words.reason,
    };
    told_merger(global, &merger::state(store, &stating, &who)?)
}

/// The mechanisms are brought level with where households are now.
fn followed(
    global: &Global,
    (store, pack): (&Store, &Pack),
    merger: &Merger,
    who: &Keeper,
) -> Result<ExitCode, Fail> {
    qb_settle::settle(store, pack, &who.actor)?;
    told_merger(global, merger)
}

fn told_alias(global: &Global, alias: &Alias) -> Result<ExitCode, Fail> {
    if global.json {
        return output::json(alias).map(|()| ExitCode::SUCCESS);
    }
    print_alias(global, alias);
    Ok(ExitCode::SUCCESS)
}

fn told_merger(global: &Global, merger: &Merger) -> Result<ExitCode, Fail> {
    if global.json {
        return output::json(merger).map(|()| ExitCode::SUCCESS);
    }
    print_merger(global, merger);
    Ok(ExitCode::SUCCESS)
}

fn print_alias(global: &Global, alias: &Alias) {
    let text = Text::fixed(
        "别名 {id}：{under} 下的“{name}”即 {means}，{since}起{until}；{source}",
        "name {id}: “{name}” below {under} is {means}, since {since}{until}; {source}",
    );
    let until = Text::fixed("，{until}止", " until {until}");
    let until = alias.until_on.as_ref().map(|day| until.fill(&[("until", day)]));
    let of = |zh: bool| {
        qb_base::text::shown(until.as_ref(), |text| {
            if zh { text.zh.to_string() } else { text.en.to_string() }
        })
    };
    let text =
        Text::new(text.zh.replace("{until}", &of(true)), text.en.replace("{until}", &of(false)));
    let said = text.fill(&[
        ("id", &alias.id.to_string()),
        ("under", &alias.under),
        ("name", &alias.name),
        ("means", &alias.means),
        ("since", &alias.since_on),
        ("source", &alias.source),
    ]);
    output::line(output::said(global, &said));
}

fn print_merger(global: &Global, merger: &Merger) {
    let state = merger.state.label();
    let text = Text::fixed(
        "撤并 {id}：{parts} 于{on}并入 {into}；{state}，{households}户；{paper}",
        "merger {id}: {parts} went into {into} on {on}; {state}, households: {households}; {paper}",
    );
    let text =
        Text::new(text.zh.replace("{state}", &state.zh), text.en.replace("{state}", &state.en));
    let said = text.fill(&[
        ("id", &merger.id.to_string()),
        ("parts", &merger.parts.join(" ")),
        ("on", &merger.happened_on),
        ("into", &merger.into),
        ("households", &merger.households().to_string()),
        ("paper", &merger.paper),
    ]);
    output::line(output::said(global, &said));
}
