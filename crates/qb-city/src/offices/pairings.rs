//! Which unit helps which village, which organ which town, which cadre which village.

use serde::Deserialize;

use super::units::{Register, Unit};
use crate::bureau::{Bureau, of_city};
use crate::desk::{Desk, Kind, Row, Spot, Value, day_of};
use crate::dice::Dice;
use crate::error::Result;
use crate::model::Format;

/// Pairings as they really are; the campaign's name promises rounder numbers.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pairings {
    /// Weak villages that only a unit of the city helps.
    without_county_unit: usize,
    /// Pairings of the round before, ended.
    ended: usize,
    town_organs: usize,
    cadres: usize,
    cadre_villages: usize,
    /// The least cadres and villages in a small city.
    least: usize,
}

const UNIT: Kind = Kind {
    dataset: "unit_pairing",
    title: "单位挂钩帮扶名册",
    heads: &[
        "挂钩单位编号**",
        "挂钩单位*",
        "单位层级*",
        "单位类型*",
        "县(市、区)*",
        "乡(镇)*",
        "行政村**",
        "挂钩起始日期*",
        "挂钩截止日期",
        "单位联系人",
        "联系人电话",
    ],
    merged: 0,
};
const TOWN: Kind = Kind {
    dataset: "town_pairing",
    title: "机关联镇名册",
    heads: &["联镇机关编号**", "联镇机关*", "县(市、区)*", "乡(镇)**", "联镇起始日期*"],
    merged: 0,
};
const CADRE: Kind = Kind {
    dataset: "cadre_pairing",
    title: "干部进村名册",
    heads: &[
        "进村干部编号**",
        "进村干部*",
        "派出机关编号*",
        "县(市、区)*",
        "乡(镇)*",
        "行政村**",
        "进村起始日期*",
    ],
    merged: 0,
};

/// Writes the three lists.
pub(super) fn write(desk: &mut Desk<'_>, bureau: &Bureau<'_>, units: &Register) -> Result<()> {
    let mut dice = desk.dice("pairings");
    let rows = unit_rows(bureau, units, &mut dice);
    desk.send(&UNIT, &of_city("结对", "单位挂钩帮扶名册", Format::Xlsx), rows)?;
    let rows = town_rows(bureau, units, &mut dice);
    desk.sum("G19", rows.len() as i64);
    desk.send(&TOWN, &of_city("结对", "机关联镇名册", Format::CsvGb18030), rows)?;
    let rows = cadre_rows(bureau, units, &mut dice);
    desk.sum("G19.cadres", rows.len() as i64);
    desk.send(&CADRE, &of_city("结对", "干部进村名册", Format::CsvUtf8Bom), rows)?;
    Ok(())
}

/// Every weak village gets a county unit, but for a few; units of the city go to villages by lot,
/// first to those few.
fn unit_rows(bureau: &Bureau<'_>, units: &Register, dice: &mut Dice) -> Vec<Row> {
    let model = &bureau.model.offices.pairings;
    let mut villages = bureau.map.weak_villages();
    dice.shuffle(&mut villages);
    let bare = bureau.of_weak(model.without_county_unit, 1);
    let bare: Vec<Spot> = villages.iter().copied().take(bare).collect();
    let turns = villages.iter().copied().cycle();
    let mut pairs: Vec<(&Unit, Spot)> = units.city.iter().zip(turns).collect();
    for county in 0..bureau.map.counties.len() {
        let own: Vec<Spot> = villages
            .iter()
            .copied()
            .filter(|spot| spot.county == county && !bare.contains(spot))
            .collect();
        let helpers = units.counties.iter().filter(|unit| unit.county == Some(county));
        pairs.extend(
            helpers
                .enumerate()
                .filter_map(|(at, unit)| Some((unit, *own.get(at.checked_rem(own.len())?)?))),
        );
    }
    let mut rows: Vec<Row> = pairs.iter().map(|pair| unit_row(bureau, *pair, None, dice)).collect();
    for (unit, spot) in pairs.iter().rev().take(bureau.of_weak(model.ended, 1)) {
        let other = villages.iter().find(|v| v.county == spot.county && *v != spot);
        if let Some(other) = other {
            let ended = Some([bureau.year - 4, bureau.year - 1]);
            rows.push(unit_row(bureau, (unit, *other), ended, dice));
        }
    }
    rows
}

fn unit_row(
    bureau: &Bureau<'_>,
    (unit, spot): (&Unit, Spot),
    ended: Option<[i16; 2]>,
    dice: &mut Dice,
) -> Row {
    let mut row = vec![
        Value::text(unit.number.as_str()),
        Value::text(unit.name.as_str()),
        Value::text(unit.level),
        Value::text(unit.kind.as_str()),
    ];
    row.extend(bureau.map.cells(spot));
    let from = ended.map_or(bureau.year, |[from, _]| from);
    row.push(Value::Day(day_of(from, dice.between(20, 75))));
    row.push(Value::day(ended.map(|[_, to]| day_of(to, 365))));
    row.push(Value::text(bureau.name(dice)));
    row.push(Value::text(phone(dice)));
    row
}

/// A mobile number, by lot.
fn phone(dice: &mut Dice) -> String {
    format!("13{:09}", dice.below(1_000_000_000))
}

fn town_rows(bureau: &Bureau<'_>, units: &Register, dice: &mut Dice) -> Vec<Row> {
    let counties = 0..bureau.map.counties.len();
    let mut towns: Vec<Spot> = counties.flat_map(|c| bureau.map.town_spots(c)).collect();
    towns.retain(|spot| spot.town.is_some_and(|t| rural(bureau, spot.county, t)));
    dice.shuffle(&mut towns);
    let organs = bureau.city.places(bureau.model.offices.pairings.town_organs, 1);
    let organs = units.city.iter().take(organs);
    organs
        .zip(towns)
        .map(|(unit, spot)| {
            let [county, town, _] = bureau.map.cells(spot);
            vec![
                Value::text(unit.number.as_str()),
                Value::text(unit.name.as_str()),
                county,
                town,
                Value::Day(day_of(bureau.year, dice.between(60, 90))),
            ]
        })
        .collect()
}

/// Whether households are registered in the town or it has administrative villages.
fn rural(bureau: &Bureau<'_>, county: usize, town: usize) -> bool {
    bureau.map.counties[county].towns[town].villages.iter().any(|village| village.committee)
}

fn cadre_rows(bureau: &Bureau<'_>, units: &Register, dice: &mut Dice) -> Vec<Row> {
    let model = &bureau.model.offices.pairings;
    let mut villages = bureau.map.all_villages();
    villages.retain(|spot| bureau.map.village(*spot).is_some_and(|village| village.committee));
    dice.shuffle(&mut villages);
    villages.truncate(bureau.city.places(model.cadre_villages, model.least));
    let cadre = |at: usize| {
        let spot = *villages.get(at.checked_rem(villages.len())?)?;
        let mut row = vec![
            Value::text(format!("GB{:04}", at + 1)),
            Value::text(bureau.name(dice)),
            Value::text(units.city[at % units.city.len()].number.as_str()),
        ];
        row.extend(bureau.map.cells(spot));
        row.push(Value::Day(day_of(bureau.year, dice.between(60, 90))));
        Some(row)
    };
    (0..bureau.city.number(model.cadres, model.least)).filter_map(cadre).collect()
}
