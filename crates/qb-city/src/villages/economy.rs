//! Types of collective economy with their income, measures in use, the path of income.

use serde::Deserialize;

use crate::apportion::split_steps;
use crate::bureau::{Bureau, of_city};
use crate::desk::{Desk, Kind, Row, Spot, Value};
use crate::dice::Dice;
use crate::error::Result;
use crate::model::Format;
use crate::truth::LedgerTruth;

/// Types and measures in use.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Economy {
    /// The six types.
    types: Vec<String>,
    /// Measures with a name.
    measures: Vec<String>,
    /// Years of the path after the year, and the income every village is to reach by the last.
    path_years: i16,
    goal_fen: i64,
    /// How much more the goal is for a village that has reached it, per mille a year.
    growth: i64,
}

const TYPE: Kind = Kind {
    dataset: "village_economy",
    title: "村集体经济类型台账",
    heads: &[
        "县(市、区)*",
        "乡(镇)*",
        "行政村**",
        "集体经济类型**",
        "经济合同编号",
        "该类型收入(元)",
    ],
    merged: 3,
};
const MEASURE: Kind = Kind {
    dataset: "village_measure_use",
    title: "强村举措应用表",
    heads: &["县(市、区)*", "乡(镇)*", "行政村**", "强村举措**"],
    merged: 3,
};
const PATH: Kind = Kind {
    dataset: "village_path",
    title: "薄弱村集体收入提升计划",
    heads: &["县(市、区)*", "乡(镇)*", "行政村**", "计划年度**", "集体收入目标(元)*"],
    merged: 0,
};

/// Writes the three lists: types by county, the others for the city.
pub(super) fn write(desk: &mut Desk<'_>, bureau: &Bureau<'_>) -> Result<()> {
    let mut dice = desk.dice("economy");
    let villages: Vec<(Spot, &LedgerTruth)> =
        bureau.map.weak_villages().into_iter().zip(bureau.ledgers).collect();
    for county in 0..bureau.map.counties.len() {
        let inside = villages.iter().enumerate().filter(|(_, (spot, _))| spot.county == county);
        let rows: Vec<Row> =
            inside.flat_map(|(at, village)| type_rows(bureau, (at, *village), &mut dice)).collect();
        desk.send(&TYPE, &bureau.parcel("村账/经济类型", county, "经济类型台账"), rows)?;
    }
    let rows = villages.iter().enumerate();
    let rows = rows.flat_map(|(at, (spot, _))| measure_rows(bureau, (at, *spot), &mut dice));
    let rows = rows.collect();
    desk.send(&MEASURE, &of_city("村账/计划", "强村举措应用表", Format::Xlsx), rows)?;
    let rows = villages.iter().flat_map(|village| path_rows(bureau, *village)).collect();
    desk.send(&PATH, &of_city("村账/计划", "薄弱村收入提升计划", Format::CsvGb18030), rows)?;
    Ok(())
}

/// Income that recurs, laid on one to three types; villages begin with another type by turns, so
/// that every type occurs.
fn type_rows(
    bureau: &Bureau<'_>,
    (at, (spot, ledger)): (usize, (Spot, &LedgerTruth)),
    dice: &mut Dice,
) -> Vec<Row> {
    let mut types: Vec<&str> =
        bureau.model.villages.economy.types.iter().map(String::as_str).collect();
    let turn = at % types.len();
    types.rotate_left(turn);
    dice.shuffle(&mut types[1..]);
    types.truncate(1 + dice.index(3));
    let income = ledger.operating_fen + ledger.contract_rent_fen + ledger.investment_fen;
    let weights: Vec<u64> = types.iter().map(|_| 1 + dice.below(5)).collect();
    let parts = split_steps(income, 1, &weights);
    let code = bureau.map.code(spot);
    let rows = types.into_iter().zip(parts).enumerate();
    rows.map(|(at, (label, part))| {
        let mut row = bureau.map.cells(spot).to_vec();
        row.push(Value::text(label));
        row.push(Value::text(format!("HT{code}-{}", at + 1)));
        row.push(Value::Fen(part));
        row
    })
    .collect()
}

fn measure_rows(bureau: &Bureau<'_>, (at, spot): (usize, Spot), dice: &mut Dice) -> Vec<Row> {
    let mut measures: Vec<&str> =
        bureau.model.villages.economy.measures.iter().map(String::as_str).collect();
    let turn = at % measures.len();
    measures.rotate_left(turn);
    dice.shuffle(&mut measures[1..]);
    measures.truncate(1 + dice.index(3));
    let row = |label: &str| {
        let mut row = bureau.map.cells(spot).to_vec();
        row.push(Value::text(label));
        row
    };
    measures.into_iter().map(row).collect()
}

/// From last year's income to the goal in equal steps; who is there already goes on growing.
fn path_rows(bureau: &Bureau<'_>, (spot, ledger): (Spot, &LedgerTruth)) -> Vec<Row> {
    const YUAN: i64 = 100;
    let model = &bureau.model.villages.economy;
    let steps = i64::from(model.path_years) + 1;
    let base = ledger.total_prior_fen;
    let goal = model.goal_fen.max(base + base * model.growth * steps / 1000);
    (1..=steps)
        .zip(bureau.year..)
        .map(|(step, year)| {
            let target = base + (goal - base) * step / steps;
            let mut row = bureau.map.cells(spot).to_vec();
            row.push(Value::Int(i64::from(year)));
            row.push(Value::Fen(target / YUAN * YUAN));
            row
        })
        .collect()
}
