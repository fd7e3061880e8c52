//! The designated villages with their ledgers and verdicts.

use std::collections::HashMap;

use askama::Template;
use qb_access::Scope;
use qb_base::{AreaCode, Lang};
use qb_policy::{Clause, ClauseKind, Level};
use qb_registry::queries;

use crate::areas::AreaIndex;
use crate::export::{About, List};
use crate::fault::Fault;
use crate::format::count;
use crate::newest::RunInfo;
use crate::page::{Page, Section, render};
use crate::reply::Reply;
use crate::routes::household::list::{Choice, Mark, verdict_choices, verdict_sign};
use crate::url::with_query;
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
    export: String,
    asks_reason: bool,
}

/// What the page and the file of villages show.
struct Found<'a> {
    columns: Vec<&'a Clause>,
    rows: Vec<VillageRow>,
}

/// Designated villages of an area; with a rule chosen, all villages that have a verdict on it.
pub(crate) fn list(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (t, lang, chosen) = (visit.texts(), visit.lang(), visit.query("clause"));
    let area = visit.chosen_area()?.area().unwrap_or(visit.app.pack.area);
    let Found { columns, rows } = found(visit)?;
    let page = Page::new(visit, Section::Villages, t.villages_title).for_area(visit, area)?;
    let asked = ["area", "clause", "verdict"].map(|name| (name, visit.query(name)));
    render(&VillagesTemplate {
        page: &page,
        area: area.as_str(),
        total: format!("{} {}", count(rows.len() as i64), t.unit_villages),
        heads: columns.iter().map(|clause| clause.says.get(lang)).collect(),
        rules: rule_choices(&village_rules(visit), chosen, lang),
        verdicts: verdict_choices(t, visit.query("verdict")),
        rows,
        export: with_query("/villages/export", &asked),
        asks_reason: false,
    })
}

/// The villages of the page as a file.
pub(crate) fn export(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (t, lang) = (visit.texts(), visit.lang());
    let area = visit.chosen_area()?.area().unwrap_or(visit.app.pack.area);
    let Found { columns, rows } = found(visit)?;
    let mut heads = vec![t.area_code, t.area_name, t.crumbs_label, t.villages_since];
    heads.extend(columns.iter().map(|clause| clause.says.get(lang)));
    let mut out = List::of_words(visit, About::Nobody, &heads)?;
    for row in &rows {
        let mut cells = vec![row.code.as_str(), &row.name, &row.town, &row.year];
        cells.extend(row.marks.iter().map(|mark| mark.word));
        out.line(&cells)?;
    }
    out.reply(visit, &format!("villages-{area}"), (&format!("villages {area}"), area))
}

fn found<'a>(visit: &Visit<'a>) -> Result<Found<'a>, Fault> {
    let scope = visit.chosen_area()?;
    let app = visit.app;
    let area = scope.area().unwrap_or(app.pack.area);
    let run = app.newest.run(&app.store)?;
    let run = run.as_ref().as_ref();
    let chosen = visit.query("clause");
    let sign = verdict_sign(visit.query("verdict"));
    let (designated, verdicts) = read(visit, &scope, area, run)?;
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
    let mut rows = Vec::new();
    for code in codes {
        // One that ended is of those days only on which it was judged.
        let has_ended = AreaCode::parse(code).is_ok_and(|area| index.end(area).is_some());
        if has_ended && !verdicts.contains_key(code) {
            continue;
        }
        // A village that the run did not see has no verdicts.
        let signs = signs(run, &columns, verdicts.get(code).copied().unwrap_or_default());
        if is_chosen && signs.first().copied().flatten() != sign {
            continue;
        }
        let year = years.get(code).copied().flatten();
        rows.extend(village_row(visit, &index, code, year, signs));
    }
    Ok(Found { columns, rows })
}

/// Designated villages with their year, and the verdicts of every village that has a row.
type Villages = (Vec<(String, Option<i64>)>, Vec<(String, String)>);

fn read(
    visit: &Visit<'_>,
    scope: &Scope,
    area: AreaCode,
    run: Option<&RunInfo>,
) -> Result<Villages, Fault> {
    let pack = &visit.app.pack;
    // The first kind of designation of the pack is the one the programme is about.
    let kind = pack.code_list("designation_kind").and_then(|list| list.codes.first());
    visit.app.store.read(|conn| {
        let designated = match kind {
            Some(kind) => queries::designated_villages(conn, scope, area, &kind.id)?,
            None => Vec::new(),
        };
        let within = qb_targeting::queries::verdicts_within;
        let verdicts = match run {
            None => Vec::new(),
            Some(run) => within(conn, scope, run.run.id, "village", area, VILLAGES_MAX)?,
        };
        Ok((designated, verdicts))
    })
}

fn village_row(
    visit: &Visit<'_>,
    index: &AreaIndex,
    code: &str,
    year: Option<i64>,
    signs: Vec<Option<char>>,
) -> Option<VillageRow> {
    let parsed = AreaCode::parse(code).ok()?;
    let t = visit.texts();
    Some(VillageRow {
        code: code.to_owned(),
        name: index.name(parsed),
        town: index.path_text(parsed.parent()?),
        year: year.map_or_else(|| "—".to_owned(), |year| year.to_string()),
        marks: signs.into_iter().map(|sign| Mark::of(t, sign)).collect(),
    })
}

fn village_rules<'a>(visit: &Visit<'a>) -> Vec<&'a Clause> {
    let is_shown =
        |clause: &&Clause| clause.level == Level::Village && clause.kind == ClauseKind::Verdict;
    visit.app.pack.clauses.iter().filter(is_shown).collect()
}

/// The rules to choose from, the chosen one marked.
fn rule_choices<'a>(rules: &[&'a Clause], chosen: &str, lang: Lang) -> Vec<Choice<'a>> {
    let choice = |clause: &&'a Clause| Choice {
        value: &clause.id,
        text: clause.says.get(lang),
        is_chosen: clause.id == chosen,
    };
    rules.iter().map(choice).collect()
}

fn signs(run: Option<&RunInfo>, columns: &[&Clause], verdicts: &str) -> Vec<Option<char>> {
    let sign = |clause: &&Clause| {
        let position = run?.clause(&clause.id)?.position;
        verdicts.as_bytes().get(position).map(|byte| char::from(*byte))
    };
    columns.iter().map(sign).collect()
}
