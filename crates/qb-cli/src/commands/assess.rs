//! `qibang assess`.

use std::process::ExitCode;

use qb_assess::commands::{self as assess, Asked};
use qb_assess::model::{ObjectScore, Scheme};
use qb_assess::{Source, SourceRow};
use qb_base::Text;
use qb_case::Actor;
use qb_policy::Pack;
use qb_report::query_rows;
use qb_store::Store;

use super::today;
use crate::args::{AsOf, By, Global, Which};
use crate::by;
use crate::fail::Fail;
use crate::output;

/// A scheme that brings its own values asks nothing.
struct NoRows;

impl Source for NoRows {
    fn rows(&self, _: &str) -> Result<Vec<SourceRow>, qb_assess::AssessError> {
        Ok(Vec::new())
    }
}

/// Scores over the snapshot of the newest run and keeps nothing.
pub(crate) fn score(global: &Global, which: &Which, on: AsOf) -> Result<ExitCode, Fail> {
    let pack = super::pack(global)?;
    let scheme = scheme(global, &pack, which, on)?;
    let objects = if scheme.is_example() {
        scheme.objects.clone()
    } else {
        let store = super::store(global, &pack)?;
        let (source, _) = source(global, (&store, &pack), &scheme, on)?;
        qb_assess::gather(&pack, &scheme, source.as_ref())?
    };
    let scores = qb_assess::score(&scheme, &objects)?;
    print(global, &pack, &scheme, &scores)
}

/// Scores over the snapshot of the newest run and keeps values and results.
pub(crate) fn freeze(global: &Global, which: &Which, by: &By) -> Result<ExitCode, Fail> {
    let pack = super::pack(global)?;
    let on = AsOf::default();
    let scheme = scheme(global, &pack, which, on)?;
    let store = super::store(global, &pack)?;
    let actor = actor(&store, by)?;
    let (source, snapshot) = source(global, (&store, &pack), &scheme, on)?;
    let asked = Asked { actor: &actor, pack: &pack };
    let frozen = assess::freeze(&store, &asked, &scheme.id, &snapshot, source.as_ref())?;
    if !global.json {
        output::line(format!("{} {} {}", frozen.run, scheme.id, frozen.digest));
    }
    print(global, &pack, &scheme, &frozen.scores)
}

/// Confirms a frozen score.
pub(crate) fn confirm(global: &Global, run: i64, by: &By) -> Result<ExitCode, Fail> {
    let pack = super::pack(global)?;
    let store = super::store(global, &pack)?;
    let actor = actor(&store, by)?;
    assess::confirm(&store, &Asked { actor: &actor, pack: &pack }, run)?;
    Ok(ExitCode::SUCCESS)
}

/// Publishes a confirmed score.
pub(crate) fn publish(global: &Global, run: i64, by: &By) -> Result<ExitCode, Fail> {
    let pack = super::pack(global)?;
    let store = super::store(global, &pack)?;
    let actor = actor(&store, by)?;
    assess::publish(&store, &Asked { actor: &actor, pack: &pack }, run)?;
    Ok(ExitCode::SUCCESS)
}

/// The person who takes a step; the machine of assessments knows no other actors.
fn actor(store: &Store, by: &By) -> Result<Actor, Fail> {
    let person = by::required(store, by)?;
    Ok(Actor { login: person.actor, role: person.role, area: person.area })
}

fn scheme(global: &Global, pack: &Pack, which: &Which, on: AsOf) -> Result<Scheme, Fail> {
    if let Some(id) = &which.scheme {
        return Ok(qb_assess::scheme(pack, id)?);
    }
    let year = match which.year {
        Some(year) => year,
        None => today::asked(global, (&super::store(global, pack)?, pack), on)?.0.year(),
    };
    Ok(qb_assess::scheme_of_year(pack, year)?)
}

/// What answers a scheme's queries, and the digest of the snapshot it reads.
fn source(
    global: &Global,
    (store, pack): (&Store, &Pack),
    scheme: &Scheme,
    on: AsOf,
) -> Result<(Box<dyn Source>, String), Fail> {
    if scheme.is_example() {
        return Ok((Box::new(NoRows), String::new()));
    }
    let run = today::run_on(global, store, pack, on)?;
    Ok((Box::new(query_rows::open(store, pack, &run)?), run.snapshot))
}

fn print(
    global: &Global,
    pack: &Pack,
    scheme: &Scheme,
    scores: &[ObjectScore],
) -> Result<ExitCode, Fail> {
    if global.json {
        return output::json(&scores).map(|()| ExitCode::SUCCESS);
    }
    output::line(output::said(global, &scheme.title));
    let mut by_place: Vec<&ObjectScore> = scores.iter().collect();
    by_place.sort_by_key(|score| (score.rank.is_none(), score.rank));
    for score in by_place {
        let area = pack.areas.iter().find(|area| area.code.as_str() == score.object);
        let name = area.map_or(score.object.as_str(), |area| area.name.as_str());
        let band = scheme.bands.iter().find(|band| Some(&band.id) == score.grade.as_ref());
        let grade = band.map_or("–".to_owned(), |band| output::said(global, &band.label));
        let total = score.total.map_or("–".to_owned(), |total| total.to_string());
        let rank = score.rank.map_or("–".to_owned(), |rank| rank.to_string());
        output::line(format!(
            "{rank:>3}  {name}  {total} = {} − {} + {}  {grade}  {}",
            score.base,
            score.deduct,
            score.bonus,
            score.veto.join(" ")
        ));
        for item in
            score.by_cost().into_iter().filter(|item| item.lost > qb_policy::Decimal::whole(0))
        {
            let says = scheme.item(&item.id).map(|item| output::said(global, &item.says));
            let raw = item.raw.map_or("?".to_owned(), |raw| raw.to_string());
            output::line(format!(
                "       −{:<6} {}  {}  {raw}",
                item.lost.to_string(),
                item.id,
                says.unwrap_or_else(|| "–".to_owned())
            ));
        }
    }
    for area in qb_assess::not_assessed(pack, scheme, scores) {
        let words = Text::fixed("不参加考核", "not assessed");
        output::line(format!("  –  {}  {}", area.name, output::said(global, &words)));
    }
    Ok(ExitCode::SUCCESS)
}
