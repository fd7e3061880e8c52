//! The library of projects: where they lie, what they cost and who pays, how far they came.

use serde::Deserialize;

use super::benefit::{Site, project_no};
use super::stages::{Reach, Stages};
use crate::apportion::split_steps;
use crate::bureau::Bureau;
use crate::desk::{Desk, Kind, Row, Spot, Value};
use crate::dice::Dice;
use crate::error::Result;

/// The library of the year.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Library {
    /// Projects without yield at full size, and the least of them in a small city.
    without_yield: usize,
    without_yield_least: usize,
    /// What province, city, county, helping units and others pay for all, in fen.
    sources: [i64; 5],
    /// Per mille of projects a source pays for.
    source_shares: [u64; 5],
    /// Projects that were still running, and completed but not accepted, at the end of the year.
    running: usize,
    unaccepted: usize,
    /// Modes of projects with yield, of the others.
    yielding: Vec<Trade>,
    others: Vec<Trade>,
}

/// A mode with what its projects are.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Trade {
    pub(crate) mode: String,
    weight: u64,
    nature: String,
    /// What its public money is for, as the fund's lists say it.
    pub(crate) purpose: String,
    names: Vec<String>,
}

/// A project of the year.
#[derive(Clone, Debug)]
pub(crate) struct Project {
    pub(crate) number: String,
    pub(crate) spot: Spot,
    pub(crate) trade: Trade,
    name: String,
    /// From province, city, county, unit, others, in fen.
    pub(crate) sources: [i64; 5],
    pub(crate) stages: Stages,
    pub(crate) reach: Reach,
    contract_fen: i64,
    /// What of the first three sources was paid out.
    pub(crate) paid: [i64; 3],
    pub(crate) to_households_fen: Option<i64>,
}

const PROJECT: Kind = Kind {
    dataset: "project",
    title: "扶贫项目库",
    heads: &[
        "项目编号**",
        "项目名称*",
        "县(市、区)",
        "乡(镇)",
        "行政村",
        "实施年度*",
        "帮扶模式*",
        "项目性质*",
        "项目预算(元)*",
        "省级资金(元)",
        "市级资金(元)",
        "县级资金(元)",
        "帮扶单位资金(元)",
        "其他资金(元)",
        "申报日期",
        "入库日期",
        "列入年度计划日期",
        "资金下达日期",
        "签订合同日期",
        "开工日期",
        "竣工日期",
        "项目验收日期",
        "决算日期",
        "审计日期",
        "入库公示截止日期",
        "竣工公示截止日期",
        "合同金额(元)",
        "已支付金额(元)",
        "批复文号",
    ],
    merged: 0,
};
/// Amounts are whole hundreds of yuan.
const STEP_FEN: i64 = 10_000;

/// Plans all projects.
pub(super) fn plan(desk: &mut Desk<'_>, bureau: &Bureau<'_>) -> Vec<Project> {
    let model = &bureau.model.works.projects;
    let mut dice = desk.dice("projects");
    let spots = spots(bureau, &mut dice);
    let sources = money(bureau, spots.len(), &mut dice);
    let reaches = reaches(bureau, bureau.yields.projects.len(), spots.len(), &mut dice);
    let mut projects = Vec::with_capacity(spots.len());
    for (at, spot) in spots.into_iter().enumerate() {
        let yielding = bureau.yields.projects.get(at);
        let trades = if yielding.is_some() { &model.yielding } else { &model.others };
        // The first of each list comes first, so that every mode occurs.
        let turn = at - if yielding.is_some() { 0 } else { bureau.yields.projects.len() };
        let trade = match trades.get(turn) {
            Some(trade) => trade,
            None => &trades[dice.weighted(trades.iter().map(|trade| trade.weight))],
        };
        let stages = Stages::throw(bureau.calendar, reaches[at], 366, &mut dice);
        let budget: i64 = sources[at].iter().sum();
        let contract_fen = budget * dice.between(930, 1000) / 1000 / STEP_FEN * STEP_FEN;
        projects.push(Project {
            number: project_no(bureau.year, at + 1),
            spot,
            name: format!("{}{}", bureau.title(spot), dice.pick(&trade.names)),
            trade: trade.clone(),
            paid: paid(&sources[at], contract_fen, budget, reaches[at]),
            sources: sources[at],
            stages,
            reach: reaches[at],
            contract_fen,
            to_households_fen: yielding.map(|project| project.to_households_fen),
        });
    }
    projects
}

/// Projects with yield lie where their households live; of the others every weak village has one.
fn spots(bureau: &Bureau<'_>, dice: &mut Dice) -> Vec<Spot> {
    let model = &bureau.model.works.projects;
    let others = bureau.city.number(model.without_yield, model.without_yield_least);
    let count = bureau.yields.projects.len() + others;
    let sites = bureau.yields.projects.iter().map(|project| spot_of(bureau, project.site));
    let mut spots: Vec<Spot> = sites.collect();
    spots.extend(bureau.map.weak_villages());
    let mut others = bureau.map.all_villages();
    others.retain(|spot| bureau.map.village(*spot).is_some_and(|v| v.committee && !v.weak));
    dice.shuffle(&mut others);
    for spot in others {
        // Some projects serve a whole town.
        let village = spot.village.filter(|_| dice.mille(720));
        spots.push(Spot { village, ..spot });
    }
    spots.truncate(count);
    spots
}

fn spot_of(bureau: &Bureau<'_>, site: Site) -> Spot {
    let county = &bureau.city.counties[site.county];
    let town = site.town.map(|town| county.area.towns[town].code.to_string());
    let village = site.village.map(|village| {
        let plan = &county.villages[village];
        county.area.towns[plan.town].villages[plan.village].code.to_string()
    });
    let code = village.or(town).unwrap_or_else(|| county.area.code.to_string());
    bureau.map.find(&code).unwrap_or(Spot { county: 0, town: None, village: None })
}

/// Splits what each source pays over the projects it pays for; sums hold to the fen.
fn money(bureau: &Bureau<'_>, count: usize, dice: &mut Dice) -> Vec<[i64; 5]> {
    let model = &bureau.model.works.projects;
    let sizes: Vec<u64> = (0..count).map(|_| 20 + dice.below(80) * dice.below(4)).collect();
    let mut all = vec![[0; 5]; count];
    for (source, (total, share)) in model.sources.iter().zip(model.source_shares).enumerate() {
        let weights: Vec<u64> = sizes
            .iter()
            .map(|size| if dice.mille(share) { size * (50 + dice.below(100)) } else { 0 })
            .collect();
        let fen = bureau.city.fen(*total);
        for (project, part) in all.iter_mut().zip(split_steps(fen, STEP_FEN, &weights)) {
            project[source] = part;
        }
    }
    all
}

/// Projects with yield are accepted; of the others a few are not so far.
fn reaches(bureau: &Bureau<'_>, yielding: usize, count: usize, dice: &mut Dice) -> Vec<Reach> {
    let model = &bureau.model.works.projects;
    let running = bureau.city.number(model.running, 1);
    let mut others = vec![Reach::Accepted; count.saturating_sub(yielding)];
    let open = running + bureau.city.number(model.unaccepted, 1);
    for (at, reach) in others.iter_mut().rev().take(open).enumerate() {
        *reach = if at < running { Reach::Running } else { Reach::Completed };
    }
    let mut reaches = vec![Reach::Accepted; yielding.min(count)];
    dice.shuffle(&mut others);
    reaches.extend(others);
    reaches
}

/// Public money is paid up to the contract: all once accepted, half while the work goes on.
#[expect(clippy::cast_possible_truncation, reason = "a part of what a source gives")]
fn paid(sources: &[i64; 5], contract: i64, budget: i64, reach: Reach) -> [i64; 3] {
    let share = match reach {
        Reach::Running => 500,
        Reach::Completed => 800,
        Reach::Accepted => 1000,
    };
    std::array::from_fn(|source| {
        let due = i128::from(sources[source]) * i128::from(contract) * share
            / i128::from(budget.max(1))
            / 1000;
        due as i64 / 100 * 100
    })
}

/// Writes the library, one file per county.
pub(super) fn write(desk: &mut Desk<'_>, bureau: &Bureau<'_>, projects: &[Project]) -> Result<()> {
    for county in 0..bureau.map.counties.len() {
        let inside = projects.iter().filter(|project| project.spot.county == county);
        let rows = inside.map(|project| row(bureau, project)).collect();
        desk.send(&PROJECT, &bureau.parcel("项目", county, "扶贫项目库"), rows)?;
    }
    let budget: i64 = projects.iter().flat_map(|project| project.sources).sum();
    desk.sum("P13.budget", budget);
    let accepted = projects.iter().filter(|p| p.reach == Reach::Accepted).count();
    for (name, count) in [("P13", projects.len()), ("P13.accepted", accepted)] {
        desk.sum(name, qb_base::count(count));
    }
    Ok(())
}

fn row(bureau: &Bureau<'_>, project: &Project) -> Row {
    let mut row = vec![Value::text(project.number.as_str()), Value::text(project.name.as_str())];
    row.extend(bureau.map.cells(project.spot));
    row.push(Value::Int(i64::from(bureau.year)));
    row.push(Value::text(project.trade.mode.as_str()));
    row.push(Value::text(project.trade.nature.as_str()));
    row.push(Value::Fen(project.sources.iter().sum()));
    row.extend(project.sources.map(Value::some_fen));
    row.extend(project.stages.cells());
    row.push(Value::some_fen(project.contract_fen));
    row.push(Value::some_fen(project.paid.iter().sum()));
    let area = &bureau.map.counties[project.spot.county];
    row.push(Value::text(format!(
        "{}示项〔{}〕{}号",
        area.name,
        bureau.year,
        1 + project.sources[1] % 9
    )));
    row
}
