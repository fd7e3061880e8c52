//! The plan of the priority area: its places, its projects, what of them is due each year.

use serde::Deserialize;

use crate::apportion::split_steps;
use crate::bureau::{Bureau, of_city};
use crate::desk::{Desk, Kind, Row, Spot, Value, day_of, later};
use crate::dice::Dice;
use crate::error::{CityError, Result};
use crate::model::Format;

/// The plan; which towns belong to the area is illustrative.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Plan {
    number: String,
    name: String,
    county: String,
    years: [i16; 2],
    towns: Vec<String>,
    /// Categories `[label, projects, what they are]`.
    categories: Vec<(String, usize, Vec<String>)>,
    /// Investment of all projects over all years, in fen.
    investment_fen: i64,
    /// Projects with a task in the year and what these tasks cost.
    due: usize,
    due_fen: i64,
    /// The least projects of a category, and of those due, in a small city.
    least: [usize; 2],
}

const PLAN: Kind = Kind {
    dataset: "area_plan",
    title: "片区规划登记",
    heads: &["片区规划编号**", "片区规划名称*", "县(市、区)*", "规划起始年份*", "规划截止年份*"],
    merged: 0,
};
const PLACE: Kind = Kind {
    dataset: "area_plan_place",
    title: "片区范围",
    heads: &["片区规划编号**", "县(市、区)*", "乡(镇)", "行政村"],
    merged: 0,
};
const ITEM: Kind = Kind {
    dataset: "area_plan_project",
    title: "片区规划项目表",
    heads: &[
        "规划项目编号**",
        "片区规划编号*",
        "规划项目大类*",
        "规划项目名称*",
        "县(市、区)*",
        "乡(镇)*",
        "规划总投资(万元)*",
    ],
    merged: 0,
};
const TRANCHE: Kind = Kind {
    dataset: "area_plan_tranche",
    title: "片区规划年度任务表",
    heads: &[
        "规划项目编号**",
        "任务年度**",
        "年度计划投资(万元)*",
        "年度任务时限*",
        "年度任务完成日期",
    ],
    merged: 0,
};
/// A project of the plan.
struct Item {
    number: String,
    category: String,
    name: String,
    town: Spot,
    /// Investment by year.
    years: Vec<i64>,
}

/// Investments are whole ten thousands of yuan.
const WAN_FEN: i64 = 1_000_000;

/// Writes the four lists.
pub(super) fn write(desk: &mut Desk<'_>, bureau: &Bureau<'_>) -> Result<()> {
    let model = &bureau.model.works.area_plan;
    let mut dice = desk.dice("area_plan");
    let county = spot(bureau, &model.county)?;
    let towns = model.towns.iter().map(|code| spot(bureau, code)).collect::<Result<Vec<_>>>()?;
    let [name, ..] = bureau.map.cells(county);
    let plan = vec![
        Value::text(model.number.as_str()),
        Value::text(model.name.as_str()),
        name,
        Value::Int(i64::from(model.years[0])),
        Value::Int(i64::from(model.years[1])),
    ];
    let from = Format::CsvUtf8Bom;
    desk.send(&PLAN, &of_city("片区", "片区规划登记", from), vec![plan])?;
    let places = towns.iter().map(|town| {
        let number = Value::text(model.number.as_str());
        std::iter::once(number).chain(bureau.map.cells(*town)).collect()
    });
    desk.send(&PLACE, &of_city("片区", "片区范围", from), places.collect())?;
    let items = items(bureau, &towns, &mut dice);
    let rows = items.iter().map(|item| item_row(bureau, item)).collect();
    desk.send(&ITEM, &of_city("片区", "片区规划项目表", Format::Xlsx), rows)?;
    let rows = tranches(bureau, &items, &mut dice);
    desk.send(&TRANCHE, &of_city("片区", "片区规划年度任务表", Format::Xlsx), rows)?;
    desk.sum("P18.investment", items.iter().flat_map(|item| &item.years).sum());
    desk.sum("P19.investment", items.iter().map(|item| item.years[0]).sum());
    let due = items.iter().filter(|item| item.years[0] > 0).count();
    for (name, count) in [("P18", items.len()), ("P19", due)] {
        desk.sum(name, qb_base::count(count));
    }
    Ok(())
}

fn spot(bureau: &Bureau<'_>, code: &str) -> Result<Spot> {
    let missing = || CityError::Areas(format!("area {code} is not in the list"));
    bureau.map.find(code).ok_or_else(missing)
}

fn items(bureau: &Bureau<'_>, towns: &[Spot], dice: &mut Dice) -> Vec<Item> {
    let model = &bureau.model.works.area_plan;
    let mut items: Vec<Item> = Vec::new();
    for (label, count, whats) in &model.categories {
        for at in 0..bureau.city.number(*count, model.least[0]) {
            let town = *dice.pick(towns);
            items.push(Item {
                number: format!("{}-{:03}", model.number, items.len() + 1),
                category: label.clone(),
                name: format!("{}{}", bureau.title(town), whats[at % whats.len()]),
                town,
                years: Vec::new(),
            });
        }
    }
    let mut due = vec![true; bureau.city.number(model.due, model.least[1]).min(items.len())];
    due.resize(items.len(), false);
    dice.shuffle(&mut due);
    let (investment, due_fen) =
        (bureau.city.fen(model.investment_fen), bureau.city.fen(model.due_fen));
    let first = shares(due_fen, &due, 1, dice);
    // What remains lies in later years; projects without a task this year are the large ones.
    let all = vec![true; items.len()];
    let large = |at: usize| if due[at] { 3 } else { 12 };
    let rest = weighted(investment - due_fen, &all, large, dice);
    for (at, item) in items.iter_mut().enumerate() {
        item.years.push(first[at]);
        let later_years = model.years[0]..model.years[1];
        let spread: Vec<u64> = later_years.map(|_| 1 + dice.below(4)).collect();
        item.years.extend(split_steps(rest[at], WAN_FEN, &spread));
    }
    items
}

fn shares(total: i64, chosen: &[bool], weight: u64, dice: &mut Dice) -> Vec<i64> {
    weighted(total, chosen, |_| weight, dice)
}

/// Splits a total over the chosen ones; each gets something.
fn weighted(
    total: i64,
    chosen: &[bool],
    weight: impl Fn(usize) -> u64,
    dice: &mut Dice,
) -> Vec<i64> {
    let weights: Vec<u64> = chosen
        .iter()
        .enumerate()
        .map(|(at, chosen)| if *chosen { weight(at) * (20 + dice.below(100)) } else { 0 })
        .collect();
    split_steps(total, WAN_FEN, &weights)
}

fn item_row(bureau: &Bureau<'_>, item: &Item) -> Row {
    let [county, town, _] = bureau.map.cells(item.town);
    vec![
        Value::text(item.number.as_str()),
        Value::text(bureau.model.works.area_plan.number.as_str()),
        Value::text(item.category.as_str()),
        Value::text(item.name.as_str()),
        county,
        town,
        Value::Wan(item.years.iter().sum()),
    ]
}

/// Tasks by year; those of the year are done in time.
fn tranches(bureau: &Bureau<'_>, items: &[Item], dice: &mut Dice) -> Vec<Row> {
    let model = &bureau.model.works.area_plan;
    let mut rows: Vec<Row> = Vec::new();
    for item in items {
        for (year, fen) in (model.years[0]..=model.years[1]).zip(&item.years) {
            if *fen == 0 {
                continue;
            }
            let due = day_of(year, dice.between(330, 365));
            let done = (year == bureau.year).then(|| later(due, -dice.between(0, 60)));
            rows.push(vec![
                Value::text(item.number.as_str()),
                Value::Int(i64::from(year)),
                Value::Wan(*fen),
                Value::Day(due),
                Value::day(done),
            ]);
        }
    }
    rows
}
