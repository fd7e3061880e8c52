//! The designated villages with their ledgers and verdicts.

use std::collections::HashMap;

use askama::Template;
use qb_base::AreaCode;
use qb_policy::{Clause, ClauseKind, Level};
use qb_registry::queries;

use crate::chain::RunInfo;
use crate::fault::Fault;
use crate::format::count;
use crate::page::{Page, Section, render};
use crate::reply::Reply;
use crate::routes::households::{Choice, Mark, verdict_choices, verdict_sign};
use crate::visit::Visit;

/// Most villages of one page; a prefecture has some three thousand.
const VILLAGES_MAX: i64 = 5_000;
/// Rules with a column of their own.
const COLUMNS_MAX: usize = 4;

struct VillageRow {
    code: String,
    name: String,
    town: String,
    year: String,
    marks: Vec<Mark>,
}

#[derive(Template)]
#[template(path = "villages.html")]
struct VillagesTemplate<'a> {
    page: &'a Page,
    area: &'a str,
    total: String,
    heads: Vec<&'a str>,
    rules: Vec<Choice<'a>>,
    verdicts: Vec<Choice<'a>>,
    rows: Vec<VillageRow>,
}

/// Designated villages of an area; with a rule chosen, all villages that have a verdict on it.
pub(crate) fn list(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let scope = visit.chosen_area()?;
    let app = visit.app;
    let area = scope.area().unwrap_or(app.pack.area);
    let run = app.chain.run(&app.store)?;
    let run = run.as_ref().as_ref();
    let chosen = visit.query("clause");
    let sign = verdict_sign(visit.query("verdict"));
    // The first kind of designation of the pack is the one the programme is about.
    let kind = app.pack.code_list("designation_kind").and_then(|list| list.codes.first());
    let kind = kind.map_or("", |code| code.id.as_str());
    let (designated, verdicts) = app.store.read(|conn| {
        let designated = queries::designated_villages(conn, &scope, area, kind)?;
        let verdicts = match run {
            None => Vec::new(),
            Some(run) => {
                let run_id = run.run.id;
                qb_targeting::queries::verdicts_within(
                    conn,
                    &scope,
                    run_id,
                    "village",
                    area,
                    VILLAGES_MAX,
                )?
            }
        };
        Ok::<_, Fault>((designated, verdicts))
    })?;
    let years: HashMap<&str, Option<i64>> =
        designated.iter().map(|(code, year)| (code.as_str(), *year)).collect();
    let verdicts: HashMap<&str, &str> =
        verdicts.iter().map(|(code, verdicts)| (code.as_str(), verdicts.as_str())).collect();
    let rules: Vec<&Clause> = village_rules(visit);
    let columns: Vec<&Clause> = match rules.iter().find(|clause| clause.id == chosen) {
        Some(clause) => vec![*clause],
        None => rules.iter().copied().take(COLUMNS_MAX).collect(),
    };
    let is_chosen = columns.len() == 1 && sign.is_some();
    let mut codes: Vec<&str> = if is_chosen {
        verdicts.keys().copied().collect()
    } else {
        years.keys().copied().collect()
    };
    codes.sort_unstable();
    let index = app.areas()?;
    let t = visit.texts();
    let mut rows = Vec::new();
    for code in codes {
        let signs = signs(run, &columns, verdicts.get(code).copied().unwrap_or_default());
        if is_chosen && signs.first().copied().flatten() != sign {
            continue;
        }
        let Ok(parsed) = AreaCode::parse(code) else { continue };
        rows.push(VillageRow {
            code: code.to_owned(),
            name: index.name(parsed),
            town: parsed.parent().map_or_else(String::new, |town| index.path_text(town)),
            year: years
                .get(code)
                .copied()
                .flatten()
                .map_or_else(|| "—".to_owned(), |y| y.to_string()),
            marks: signs.into_iter().map(|sign| Mark::of(t, sign)).collect(),
        });
    }
    let lang = visit.lang();
    let page = Page::new(visit, Section::Villages, t.villages_title).for_area(visit, area)?;
    render(&VillagesTemplate {
        page: &page,
        area: area.as_str(),
        total: format!("{} {}", count(rows.len() as i64), t.unit_villages),
        heads: columns.iter().map(|clause| clause.says.get(lang)).collect(),
        rules: rules
            .iter()
            .map(|clause| Choice {
                value: &clause.id,
                text: clause.says.get(lang),
                is_chosen: clause.id == chosen,
            })
            .collect(),
        verdicts: verdict_choices(t, visit.query("verdict")),
        rows,
    })
}

fn village_rules<'a>(visit: &Visit<'a>) -> Vec<&'a Clause> {
    let is_shown =
        |clause: &&Clause| clause.level == Level::Village && clause.kind == ClauseKind::Verdict;
    visit.app.pack.clauses.iter().filter(is_shown).collect()
}

fn signs(run: Option<&RunInfo>, columns: &[&Clause], verdicts: &str) -> Vec<Option<char>> {
    let sign = |clause: &&Clause| {
        let position = run?.clause(&clause.id)?.position;
        verdicts.as_bytes().get(position).map(|byte| char::from(*byte))
    };
    columns.iter().map(sign).collect()
}
