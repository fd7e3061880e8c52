//! What projects earned and how it was split; photovoltaic stations and leases behind some of them.

use serde::Deserialize;

use super::Project;
use crate::bureau::{Bureau, of_city};
use crate::desk::{Desk, Kind, Row, Spot, Value, day_of};
use crate::dice::Dice;
use crate::error::Result;
use crate::model::Format;

/// How yield is split and what stands behind it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Yields {
    /// Per mille of what households get that the village gets besides.
    village_share: [i64; 2],
    /// What a village gets from a project without households, in fen.
    village_alone: [i64; 2],
    photovoltaic: Photovoltaic,
    lease: Lease,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Photovoltaic {
    mode: String,
    capacity_kw: [i64; 2],
    hours: [i64; 2],
    /// Price of a kilowatt-hour in fen.
    price_fen: i64,
    /// Per cent of the income for posts, labour and relief; pay of a post in a year in fen.
    people_percent: i64,
    post_fen: i64,
    /// Stations that spend too much on works.
    astray: usize,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Lease {
    mode: String,
    assets: Vec<String>,
    /// Contracts whose rent was not paid in full.
    in_arrears: usize,
}

const YIELD: Kind = Kind {
    dataset: "project_yield",
    title: "扶贫项目收益分配表",
    heads: &["项目编号**", "收益年度**", "收益总额(元)*", "分配到户(元)*", "留村集体(元)*"],
    merged: 0,
};
const STATION: Kind = Kind {
    dataset: "pv_station",
    title: "光伏扶贫电站收益表",
    heads: &[
        "电站编号**",
        "县(市、区)*",
        "乡(镇)*",
        "行政村*",
        "装机容量(千瓦)*",
        "并网日期*",
        "年发电量(千瓦时)*",
        "结算电价(元/千瓦时)*",
        "电费收入(元)*",
        "公益岗位支出(元)*",
        "公益岗位数*",
        "困难救助支出(元)*",
        "公益事业支出(元)*",
    ],
    merged: 0,
};
const LEASE: Kind = Kind {
    dataset: "lease",
    title: "物业租赁合同台账",
    heads: &[
        "租赁合同编号**",
        "县(市、区)*",
        "乡(镇)*",
        "行政村*",
        "租赁资产*",
        "承租方*",
        "租期起始日期*",
        "租期截止日期",
        "年租金(元)*",
        "租金到户(元)*",
        "租金留村(元)*",
        "本年已收租金(元)",
    ],
    merged: 0,
};

/// Writes the three lists.
pub(super) fn write(desk: &mut Desk<'_>, bureau: &Bureau<'_>, projects: &[Project]) -> Result<()> {
    let model = &bureau.model.works.yields;
    let mut dice = desk.dice("yields");
    let split: Vec<(&Project, i64, i64)> = projects
        .iter()
        .filter_map(|project| {
            let households = project.to_households_fen?;
            Some((project, households, village_part(model, households, &mut dice)))
        })
        .collect();
    for county in 0..bureau.map.counties.len() {
        let inside = split.iter().filter(|(project, ..)| project.spot.county == county);
        let rows: Vec<Row> = inside.map(|part| yield_row(bureau, part)).collect();
        desk.send(&YIELD, &bureau.parcel("项目/收益", county, "项目收益分配表"), rows)?;
    }
    desk.sum("P14", split.iter().map(|(_, households, _)| households).sum());
    desk.sum("P25.village", split.iter().map(|(.., village)| village).sum());
    let of = |mode: &str| split.iter().filter(|(p, ..)| p.trade.mode == mode).collect::<Vec<_>>();
    let rows = stations(bureau, &of(&model.photovoltaic.mode), &mut dice);
    desk.send(&STATION, &of_city("项目", "光伏扶贫电站收益表", Format::Xlsx), rows)?;
    let rows = leases(bureau, &of(&model.lease.mode), &mut dice);
    desk.send(&LEASE, &of_city("帮扶", "物业租赁合同台账", Format::CsvUtf8Bom), rows)
}

fn village_part(model: &Yields, households: i64, dice: &mut Dice) -> i64 {
    let [least, most] = if households == 0 { model.village_alone } else { model.village_share };
    let throw = dice.between(least, most);
    let fen = if households == 0 { throw } else { households * throw / 1000 };
    fen / 100 * 100
}

fn yield_row(bureau: &Bureau<'_>, (project, households, village): &(&Project, i64, i64)) -> Row {
    vec![
        Value::text(project.number.as_str()),
        Value::Int(i64::from(bureau.year)),
        Value::Fen(households + village),
        Value::Fen(*households),
        Value::Fen(*village),
    ]
}

/// A village at or inside a place.
fn village_at(bureau: &Bureau<'_>, spot: Spot, dice: &mut Dice) -> Spot {
    if spot.village.is_some() {
        return spot;
    }
    let inside: Vec<Spot> = bureau
        .map
        .village_spots(spot.county)
        .filter(|v| spot.town.is_none() || v.town == spot.town)
        .filter(|v| bureau.map.village(*v).is_some_and(|village| village.households > 0))
        .collect();
    if inside.is_empty() { spot } else { *dice.pick(&inside) }
}

fn stations(bureau: &Bureau<'_>, projects: &[&(&Project, i64, i64)], dice: &mut Dice) -> Vec<Row> {
    let model = &bureau.model.works.yields.photovoltaic;
    let mut rows: Vec<Row> = Vec::with_capacity(projects.len());
    for (at, (project, ..)) in projects.iter().enumerate() {
        let capacity = dice.between(model.capacity_kw[0], model.capacity_kw[1]) / 10 * 10;
        let energy = capacity * dice.between(model.hours[0], model.hours[1]);
        let income = energy * model.price_fen;
        let astray = at < bureau.city.number(model.astray, 1);
        let people =
            income * if astray { model.people_percent / 2 } else { model.people_percent } / 100;
        let posts = people / model.post_fen;
        let mut row = vec![Value::text(format!("GF{:04}", at + 1))];
        row.extend(bureau.map.cells(village_at(bureau, project.spot, dice)));
        row.extend([
            Value::Decimal(capacity.to_string()),
            Value::Day(day_of(bureau.year, dice.between(-60, 60))),
            Value::Int(energy),
            Value::Decimal(crate::sheet::yuan(model.price_fen)),
            Value::Fen(income),
            Value::Fen(posts * model.post_fen),
            Value::Int(posts),
            Value::Fen(people - posts * model.post_fen),
            Value::Fen(income - people),
        ]);
        rows.push(row);
    }
    rows
}

fn leases(bureau: &Bureau<'_>, projects: &[&(&Project, i64, i64)], dice: &mut Dice) -> Vec<Row> {
    let model = &bureau.model.works.yields.lease;
    let mut rows: Vec<Row> = Vec::with_capacity(projects.len());
    for (at, (project, households, village)) in projects.iter().enumerate() {
        let rent = households + village;
        let late = at < bureau.city.number(model.in_arrears, 1);
        let paid = if late { rent / 2 / 100 * 100 } else { rent };
        let years = dice.years(3, 8);
        let mut row = vec![Value::text(format!("ZL{:04}", at + 1))];
        row.extend(bureau.map.cells(village_at(bureau, project.spot, dice)));
        row.extend([
            Value::text(dice.pick(&model.assets).as_str()),
            Value::text(format!("示例企业{}", dice.between(1, 90))),
            Value::Day(day_of(bureau.year, 1)),
            Value::Day(day_of(bureau.year + years, 0)),
            Value::Fen(rent),
            Value::Fen(*households),
            Value::Fen(*village),
            Value::Fen(paid),
        ]);
        rows.push(row);
    }
    rows
}
