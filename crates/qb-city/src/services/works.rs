//! Practical works promised for the year, indicators of public services.

use serde::Deserialize;

use crate::bureau::{Bureau, of_city};
use crate::desk::{Desk, Kind, Row, Spot, Value, day_of, later};
use crate::dice::Dice;
use crate::error::Result;
use crate::model::Format;

/// Works and indicators; what they promise is an example.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Works {
    /// Works of the city `[field, what]`.
    city: Vec<(String, String)>,
    /// Of these, every county has so many, too.
    county: usize,
    /// Works completed after the promised day.
    late: usize,
    /// Indicators `[field, indicator, least, most, unit]`; values in tenths.
    indicators: Vec<(String, String, i64, i64, String)>,
}

const WORK: Kind = Kind {
    dataset: "practical_work",
    title: "为民办实事项目表",
    heads: &[
        "实事编号**",
        "实事内容*",
        "实事领域*",
        "县(市、区)",
        "承诺完成日期*",
        "实事完成日期",
        "实事验收日期",
    ],
    merged: 0,
};
const INDICATOR: Kind = Kind {
    dataset: "service_indicator",
    title: "公共服务指标表",
    heads: &["服务领域**", "服务指标**", "县(市、区)**", "服务指标值*", "服务指标单位*"],
    merged: 0,
};

/// Writes both lists.
pub(super) fn write(desk: &mut Desk<'_>, bureau: &Bureau<'_>) -> Result<()> {
    let mut dice = desk.dice("services");
    let rows = works(bureau, &mut dice);
    desk.send(&WORK, &of_city("民生", "为民办实事项目表", Format::Xlsx), rows)?;
    let rows = indicators(bureau, &mut dice);
    desk.send(&INDICATOR, &of_city("民生", "公共服务指标表", Format::CsvUtf8Bom), rows)
}

fn works(bureau: &Bureau<'_>, dice: &mut Dice) -> Vec<Row> {
    let model = &bureau.model.services.works;
    let of_city = model.city.iter().map(|work| (None, work));
    let of_counties = bureau
        .map
        .county_spots()
        .flat_map(|spot| model.city.iter().take(model.county).map(move |work| (Some(spot), work)));
    let all: Vec<(Option<Spot>, &(String, String))> = of_city.chain(of_counties).collect();
    let count = all.len();
    let row = |(at, (spot, (field, what))): (usize, (Option<Spot>, &(String, String)))| {
        let due = day_of(bureau.year, 366);
        let late = at + model.late >= count;
        let done = (!late).then(|| later(due, -dice.between(1, 90)));
        vec![
            Value::text(format!("SS{}-{:03}", bureau.year, at + 1)),
            Value::text(what.as_str()),
            Value::text(field.as_str()),
            spot.map_or(Value::Blank, |s| Value::text(bureau.map.counties[s.county].name.as_str())),
            Value::Day(due),
            Value::day(done),
            Value::day(done.filter(|_| dice.mille(900))),
        ]
    };
    all.into_iter().enumerate().map(row).collect()
}

fn indicators(bureau: &Bureau<'_>, dice: &mut Dice) -> Vec<Row> {
    let model = &bureau.model.services.works;
    let mut rows: Vec<Row> = Vec::new();
    for (field, indicator, least, most, unit) in &model.indicators {
        for spot in bureau.map.county_spots() {
            let tenths = dice.between(*least, *most);
            rows.push(vec![
                Value::text(field.as_str()),
                Value::text(indicator.as_str()),
                Value::text(bureau.map.counties[spot.county].name.as_str()),
                Value::Decimal(format!("{}.{}", tenths / 10, tenths % 10)),
                Value::text(unit.as_str()),
            ]);
        }
    }
    rows
}
