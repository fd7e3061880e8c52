//! Rural roads of the year, bus lines by village and town.

use serde::Deserialize;

use crate::apportion::{scaled, split, split_steps};
use crate::bureau::{Bureau, of_city};
use crate::desk::{Desk, Kind, MapTown, Row, Spot, Value, day_of, later, thousandths};
use crate::dice::Dice;
use crate::error::Result;
use crate::model::Format;

/// Roads and buses.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Transport {
    sections: usize,
    /// The least of them in a small city.
    least: usize,
    /// All sections together, in metres and fen.
    length_m: u64,
    investment_fen: i64,
    /// Classes `[label, weight]`.
    classes: Vec<(String, u64)>,
    /// Sections completed but not accepted in the year.
    unaccepted: usize,
    /// Towns with buses to their villages.
    towns_with_buses: usize,
}

const ROAD: Kind = Kind {
    dataset: "road",
    title: "农村公路建设项目表",
    heads: &[
        "路段编号**",
        "县(市、区)*",
        "乡(镇)*",
        "路段名称",
        "建设里程(公里)*",
        "技术等级*",
        "路段投资(元)*",
        "路段完工日期",
        "路段验收日期",
    ],
    merged: 0,
};
const BUS: Kind = Kind {
    dataset: "bus_service",
    title: "行政村通班车情况表",
    heads: &["县(市、区)*", "乡(镇)*", "行政村**", "是否通客运班车*"],
    merged: 2,
};
const TOWN_BUS: Kind = Kind {
    dataset: "town_bus",
    title: "镇村公交开通情况表",
    heads: &["县(市、区)*", "乡(镇)**", "是否开通镇村公交*"],
    merged: 0,
};

/// Writes the three lists.
pub(super) fn write(desk: &mut Desk<'_>, bureau: &Bureau<'_>) -> Result<()> {
    let mut dice = desk.dice("transport");
    let rows = roads(bureau, &mut dice);
    let paid = |row: &Row| if let Value::Fen(fen) = row[INVESTMENT] { fen } else { 0 };
    desk.sum("T01", rows.iter().map(paid).sum());
    desk.send(&ROAD, &of_city("交通", "农村公路建设项目表", Format::CsvGb18030), rows)?;
    let rows: Vec<Row> = buses(bureau).collect();
    desk.sum("T03", qb_base::count(rows.len()));
    desk.send(&BUS, &of_city("交通", "行政村通班车情况表", Format::Xlsx), rows)?;
    let rows = town_buses(bureau, &mut dice);
    desk.send(&TOWN_BUS, &of_city("交通", "镇村公交开通情况表", Format::CsvUtf8), rows)?;
    let model = &bureau.model.services.transport;
    desk.sum("T02.metres", qb_base::tally(metres(bureau)));
    desk.sum("T04", qb_base::count(model.towns_with_buses));
    Ok(())
}

fn towns(bureau: &Bureau<'_>) -> Vec<Spot> {
    (0..bureau.map.counties.len()).flat_map(|county| bureau.map.town_spots(county)).collect()
}

fn town<'b>(bureau: &'b Bureau<'_>, spot: Spot) -> Option<&'b MapTown> {
    bureau.map.counties[spot.county].towns.get(spot.town?)
}

/// Amounts are whole hundreds of yuan.
const STEP_FEN: i64 = 10_000;
/// Where the investment stands in a row.
const INVESTMENT: usize = 6;

/// All sections together.
fn metres(bureau: &Bureau<'_>) -> u64 {
    scaled(bureau.model.services.transport.length_m, bureau.city.scale_ppm)
}

fn roads(bureau: &Bureau<'_>, dice: &mut Dice) -> Vec<Row> {
    let model = &bureau.model.services.transport;
    let mut places = towns(bureau);
    places.retain(|spot| {
        town(bureau, *spot).is_some_and(|t| t.villages.iter().any(|village| village.committee))
    });
    let sections = bureau.city.number(model.sections, model.least);
    let lengths: Vec<u64> = (0..sections).map(|_| 300 + dice.below(2_100)).collect();
    let metres = split(metres(bureau), &lengths);
    let costs: Vec<u64> = metres.iter().map(|m| m * (70 + dice.below(60))).collect();
    let costs = split_steps(bureau.city.fen(model.investment_fen), STEP_FEN, &costs);
    let unaccepted = bureau.city.number(model.unaccepted, 1);
    let parts = metres.iter().zip(costs).enumerate();
    parts
        .map(|(at, (metres, cost))| {
            let spot = *dice.pick(&places);
            let [county, town, _] = bureau.map.cells(spot);
            // The first of each class comes first, so that every class occurs.
            let thrown = dice.weighted(model.classes.iter().map(|(_, weight)| *weight));
            let class = if at < model.classes.len() { at } else { thrown };
            let done = day_of(bureau.year, dice.between(90, 345));
            let accepted = bureau.calendar.office(later(done, dice.between(5, 20)));
            let accepted = (at >= unaccepted).then_some(accepted);
            vec![
                Value::text(format!("LD{}-{:04}", bureau.year, at + 1)),
                county,
                town,
                Value::text(format!("{}村道{}段", bureau.title(spot), at + 1)),
                Value::Decimal(thousandths(*metres)),
                Value::text(model.classes[class].0.as_str()),
                Value::Fen(cost),
                Value::Day(done),
                Value::day(accepted),
            ]
        })
        .collect()
}

/// Every administrative village has a bus.
fn buses<'b>(bureau: &'b Bureau<'_>) -> impl Iterator<Item = Row> + 'b {
    let villages = bureau.map.all_villages().into_iter();
    villages.filter(|spot| bureau.map.village(*spot).is_some_and(|v| v.committee)).map(|spot| {
        let mut row = bureau.map.cells(spot).to_vec();
        row.push(Value::Flag(true));
        row
    })
}

fn town_buses(bureau: &Bureau<'_>, dice: &mut Dice) -> Vec<Row> {
    let places = towns(bureau);
    let mut served: Vec<usize> = (0..places.len()).collect();
    dice.shuffle(&mut served);
    served.truncate(bureau.model.services.transport.towns_with_buses);
    let row = |(at, spot): (usize, Spot)| {
        let [county, town, _] = bureau.map.cells(spot);
        vec![county, town, Value::Flag(served.contains(&at))]
    };
    places.into_iter().enumerate().map(row).collect()
}
