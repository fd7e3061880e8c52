//! Village service centres in three yearly batches: money, milestones through six gates, functions.

use qb_base::Date;
use serde::Deserialize;

use crate::apportion::{split, split_steps};
use crate::bureau::{Bureau, of_city};
use crate::desk::{Desk, Kind, Row, Spot, Value, day_of, later};
use crate::dice::Dice;
use crate::error::Result;
use crate::model::Format;

/// The programme of centres.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Centres {
    /// Batches `[year, centres]`; all weak villages together.
    batches: Vec<(i16, usize)>,
    /// What province, city, county, helping units and others pay, in fen.
    sources: [i64; 5],
    /// Per mille built anew; the others are rebuilt.
    built_anew: u64,
    /// Of the year's batch: in use, completed but not accepted; the others are still being built.
    in_use: usize,
    completed: usize,
    /// Days of the year between which counties put centres into the programme, all batches at once.
    planned: [i64; 2],
    /// Days of the year between which the plans of the three groups start.
    starts: [[i64; 2]; 3],
    /// Milestones `[label, gate, weight in per cent, days after the start of the plan]`.
    milestones: Vec<(String, String, i64, i64)>,
    /// Position of the milestone that completes the work.
    completion: usize,
    /// Names of the ten functions.
    facilities: Vec<String>,
    /// Per mille of functions that a centre not yet in use has.
    half_equipped: u64,
}

/// One centre.
struct Centre {
    number: String,
    spot: Spot,
    year: i16,
    sources: [i64; 5],
    planned: Date,
    /// Place within its batch: those in use come first.
    rank: usize,
    days: Vec<(Date, Option<Date>)>,
}

const CENTRE: Kind = Kind {
    dataset: "centre",
    title: "村级综合服务中心建设台账",
    heads: &[
        "中心编号**",
        "县(市、区)*",
        "乡(镇)*",
        "行政村*",
        "列入批次年度*",
        "列入计划日期",
        "建设方式*",
        "建设预算(元)*",
        "省级补助(元)",
        "市级补助(元)",
        "县级配套(元)",
        "帮扶单位支持(元)",
        "其他投入(元)",
        "投入使用日期",
    ],
    merged: 0,
};
const MILESTONE: Kind = Kind {
    dataset: "centre_milestone",
    title: "服务中心建设进度表",
    heads: &[
        "中心编号**",
        "进度节点**",
        "所属统一环节*",
        "节点权重(%)*",
        "节点计划日期*",
        "节点实际日期",
        "节点佐证材料",
    ],
    merged: 0,
};
const FACILITY: Kind = Kind {
    dataset: "centre_facility",
    title: "服务中心功能核对表",
    heads: &["中心编号**", "功能名称**", "是否具备*"],
    merged: 0,
};

/// The centres of each batch: every weak village has one.
fn batch_sizes(bureau: &Bureau<'_>) -> Vec<(i16, usize)> {
    let model = &bureau.model.works.centres;
    let weights: Vec<u64> = model.batches.iter().map(|(_, count)| *count as u64).collect();
    let parts = split(bureau.city.weak_villages() as u64, &weights).into_iter();
    model
        .batches
        .iter()
        .zip(parts)
        .map(|((year, _), count)| (*year, qb_base::size(count)))
        .collect()
}

/// Of the year's batch: in use, completed but not accepted.
fn far_along(bureau: &Bureau<'_>) -> [usize; 2] {
    let model = &bureau.model.works.centres;
    [model.in_use, model.completed].map(|full| bureau.of_weak(full, 1))
}

/// The weak villages with the year of their batch, in the order of their codes.
pub(crate) fn batches(bureau: &Bureau<'_>) -> Vec<(Spot, i16)> {
    let batches = batch_sizes(bureau).into_iter();
    let mut years: Vec<i16> =
        batches.flat_map(|(year, count)| std::iter::repeat_n(year, count)).collect();
    let stream = crate::dice::Stream::Desk;
    Dice::new(bureau.city.seed, stream, 0).shuffle(&mut years);
    bureau.map.weak_villages().into_iter().zip(years).collect()
}

/// Writes the three lists; milestones by batch.
pub(super) fn write(desk: &mut Desk<'_>, bureau: &Bureau<'_>) -> Result<()> {
    let model = &bureau.model.works.centres;
    let mut dice = desk.dice("centres");
    let centres = plan(bureau, &mut dice);
    let rows = centres.iter().map(|centre| row(bureau, centre, &mut dice)).collect();
    desk.send(&CENTRE, &of_city("中心", "村级综合服务中心建设台账", Format::Xlsx), rows)?;
    for (year, _) in &model.batches {
        let batch = centres.iter().filter(|centre| centre.year == *year);
        let rows = batch.flat_map(|centre| milestones(model, centre)).collect();
        let name = format!("服务中心建设进度表_{year}批次");
        let format = if *year == bureau.year { Format::Xlsx } else { Format::CsvGb18030 };
        desk.send(&MILESTONE, &of_city("中心/进度", &name, format), rows)?;
    }
    let rows = facilities(bureau, &centres, &mut dice);
    desk.send(&FACILITY, &of_city("中心", "服务中心功能核对表", Format::CsvUtf8Bom), rows)?;
    desk.sum("V02", centres.iter().flat_map(|centre| centre.sources).sum());
    let of_year = centres.iter().filter(|centre| centre.year == bureau.year).count();
    for (name, count) in [
        ("V02.centres", centres.len()),
        ("V05", of_year),
        ("V05.completed", far_along(bureau).into_iter().sum()),
        ("V05.in_use", far_along(bureau)[0]),
    ] {
        desk.sum(name, qb_base::count(count));
    }
    Ok(())
}

/// Amounts are whole hundreds of yuan.
const STEP_FEN: i64 = 10_000;

fn plan(bureau: &Bureau<'_>, dice: &mut Dice) -> Vec<Centre> {
    let model = &bureau.model.works.centres;
    let batches = batches(bureau);
    let sizes: Vec<u64> = batches.iter().map(|_| 70 + dice.below(60)).collect();
    let parts: Vec<Vec<i64>> = model
        .sources
        .iter()
        .map(|total| split_steps(bureau.fen_of_weak(*total), STEP_FEN, &sizes))
        .collect();
    let mut ranks: Vec<(i16, Vec<usize>)> = Vec::new();
    for (year, count) in batch_sizes(bureau) {
        let mut places: Vec<usize> = (0..count).collect();
        dice.shuffle(&mut places);
        ranks.push((year, places));
    }
    let centre = |(at, (spot, year)): (usize, (Spot, i16))| {
        let places = ranks.iter_mut().find(|(batch, _)| *batch == year);
        // A centre outside the batches comes after all of them.
        let rank = places.and_then(|(_, places)| places.pop()).unwrap_or(usize::MAX);
        let planned = planned_on(bureau, spot);
        let part = |source: usize| parts[source][at];
        Centre {
            number: format!("ZX{}", bureau.map.code(spot)),
            spot,
            year,
            sources: std::array::from_fn(part),
            planned,
            rank,
            days: days(bureau, (year, rank, planned), dice),
        }
    };
    batches.into_iter().enumerate().map(centre).collect()
}

/// The day on which a county puts its centres into the programme.
fn planned_on(bureau: &Bureau<'_>, spot: Spot) -> Date {
    let [first, last] = bureau.model.works.centres.planned;
    let days = last.abs_diff(first) + 1;
    let after = qb_base::tally(spot.county as u64 % days);
    bureau.calendar.office(day_of(bureau.year, first + after))
}

/// Planned and actual days. A centre of the year is never behind its plan at the end of the year:
/// what was planned until then is done.
fn days(
    bureau: &Bureau<'_>,
    (year, rank, in_plan): (i16, usize, Date),
    dice: &mut Dice,
) -> Vec<(Date, Option<Date>)> {
    let model = &bureau.model.works.centres;
    let now = day_of(bureau.year, 366);
    let begun = year == bureau.year;
    let [in_use, completed] = far_along(bureau);
    let group = usize::from(rank >= in_use) + usize::from(rank >= in_use + completed);
    let start = dice.between(model.starts[group][0], model.starts[group][1]);
    let mut earliest = day_of(year, 1).max(in_plan);
    let mut days = Vec::with_capacity(model.milestones.len());
    for (at, (.., after)) in model.milestones.iter().enumerate() {
        let planned = day_of(year, start + after);
        let actual = later(planned, dice.between(-6, 9)).max(later(earliest, 1));
        // Who accepts and audits does so on a working day; builders build on others, too.
        let checked = at > model.completion;
        let actual = if checked { bureau.calendar.office(actual) } else { actual };
        earliest = actual;
        // What is due is done at the latest on the last day; some work runs ahead of its plan.
        let ahead = actual <= now && at < model.completion && dice.mille(200);
        let done = begun && (planned <= now || ahead);
        days.push((planned, done.then_some(actual.min(now))));
    }
    days
}

fn row(bureau: &Bureau<'_>, centre: &Centre, dice: &mut Dice) -> Row {
    let model = &bureau.model.works.centres;
    let mut row = vec![Value::text(centre.number.as_str())];
    row.extend(bureau.map.cells(centre.spot));
    row.push(Value::Int(i64::from(centre.year)));
    row.push(Value::Day(centre.planned));
    row.push(Value::text(if dice.mille(model.built_anew) { "新建" } else { "改建" }));
    row.push(Value::Fen(centre.sources.iter().sum()));
    row.extend(centre.sources.map(Value::some_fen));
    let used = centre.year == bureau.year && centre.rank < far_along(bureau)[0];
    let accepted = centre.days.last().and_then(|(_, actual)| *actual).filter(|_| used);
    row.push(Value::day(accepted));
    row
}

fn milestones<'a>(model: &'a Centres, centre: &'a Centre) -> impl Iterator<Item = Row> + 'a {
    model.milestones.iter().zip(&centre.days).enumerate().map(|(at, (milestone, days))| {
        let (label, gate, weight, _) = milestone;
        let evidence = days.1.map(|_| format!("{}-{:02}", centre.number, at + 1));
        vec![
            Value::text(centre.number.as_str()),
            Value::text(label.as_str()),
            Value::text(gate.as_str()),
            Value::Decimal(weight.to_string()),
            Value::Day(days.0),
            Value::day(days.1),
            evidence.map_or(Value::Blank, Value::text),
        ]
    })
}

fn facilities(bureau: &Bureau<'_>, centres: &[Centre], dice: &mut Dice) -> Vec<Row> {
    let model = &bureau.model.works.centres;
    let mut rows: Vec<Row> = Vec::new();
    for centre in centres {
        let of_year = centre.year == bureau.year;
        for facility in &model.facilities {
            let used = of_year && centre.rank < far_along(bureau)[0];
            let present = used || of_year && dice.mille(model.half_equipped);
            rows.push(vec![
                Value::text(centre.number.as_str()),
                Value::text(facility.as_str()),
                Value::Flag(present),
            ]);
        }
    }
    rows
}
