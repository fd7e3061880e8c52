//! How it is judged: surveys by outsiders, findings until they are closed, grievances.

use qb_base::Date;
use serde::Deserialize;

use crate::bureau::{Bureau, of_city};
use crate::desk::{Desk, Kind, Row, Spot, Value, day_of, later};
use crate::dice::Dice;
use crate::error::Result;
use crate::model::Format;

/// What reviews found; see `model/departments.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Model {
    /// Households asked in a county; shares in hundredths of a per cent, least and most.
    asked: [i64; 2],
    satisfied: [i64; 2],
    right: [i64; 2],
    findings: usize,
    findings_least: usize,
    /// Kinds `[label, weight, amount at most in fen]`.
    finding_kinds: Vec<(String, u64, i64)>,
    /// Days to the deadline of a finding.
    finding_days: i64,
    grievances: usize,
    grievances_least: usize,
    /// `[label, weight]` of channels and subjects.
    channels: Vec<(String, u64)>,
    subjects: Vec<(String, u64)>,
}

const SURVEY: Kind = Kind {
    dataset: "survey",
    title: "第三方评估调查表",
    heads: &[
        "县(市、区)**",
        "调查年度**",
        "调查户数*",
        "满意户数*",
        "核查户数*",
        "识别准确户数*",
        "退出准确户数*",
    ],
    merged: 0,
};
const FINDING: Kind = Kind {
    dataset: "finding",
    title: "问题整改销号台账",
    heads: &[
        "问题编号**",
        "县(市、区)*",
        "问题年度*",
        "问题类型*",
        "发现日期*",
        "交办日期",
        "整改时限*",
        "整改完成日期",
        "复核日期",
        "问题销号日期",
        "涉及金额(元)",
        "追回金额(元)",
        "发现单位层级",
    ],
    merged: 0,
};
const GRIEVANCE: Kind = Kind {
    dataset: "grievance",
    title: "信访事项台账",
    heads: &[
        "信访编号**",
        "县(市、区)*",
        "乡(镇)*",
        "行政村*",
        "信访渠道*",
        "信访事由*",
        "受理日期*",
        "转办日期",
        "调查日期",
        "答复日期",
        "信访办结日期",
    ],
    merged: 0,
};

/// Writes the three lists.
pub(crate) fn write(desk: &mut Desk<'_>, bureau: &Bureau<'_>) -> Result<()> {
    let mut dice = desk.dice("reviews");
    let rows = surveys(bureau, &mut dice);
    desk.send(&SURVEY, &of_city("考核", "第三方评估调查表", Format::Xlsx), rows)?;
    let rows = findings(bureau, &mut dice);
    desk.send(&FINDING, &of_city("考核", "问题整改销号台账", Format::CsvUtf8Bom), rows)?;
    let rows = grievances(bureau, &mut dice);
    desk.send(&GRIEVANCE, &of_city("信访", "信访事项台账", Format::CsvGb18030), rows)
}

fn surveys(bureau: &Bureau<'_>, dice: &mut Dice) -> Vec<Row> {
    let model = &bureau.model.reviews;
    let survey = |spot: Spot| {
        let mut count = |bounds: [i64; 2]| dice.between(bounds[0], bounds[1]);
        // Nobody asks more households than are registered.
        let registered = households(bureau, spot);
        let (asked, checked) =
            (count(model.asked).min(registered), count(model.asked).min(registered));
        let share = |of: i64, hundredths: i64| Value::Int((of * hundredths + 5_000) / 10_000);
        vec![
            Value::text(bureau.map.counties[spot.county].name.as_str()),
            Value::Int(i64::from(bureau.year)),
            Value::Int(asked),
            share(asked, count(model.satisfied)),
            Value::Int(checked),
            share(checked, count(model.right)),
            share(checked, count(model.right)),
        ]
    };
    bureau.helping_counties().into_iter().map(survey).collect()
}

/// Registered households of a county.
fn households(bureau: &Bureau<'_>, county: Spot) -> i64 {
    let villages = bureau.map.village_spots(county.county);
    let count: u64 = villages.filter_map(|v| bureau.map.village(v)).map(|v| v.households).sum();
    count as i64
}

/// Steps that follow one another by so many days, as far as the year reaches and the matter has
/// come; some matters are left lying.
fn steps<const N: usize>(
    bureau: &Bureau<'_>,
    from: Date,
    gaps: [[i64; 2]; N],
    dice: &mut Dice,
) -> [Value; N] {
    let last = day_of(bureau.year, 366);
    let far = if dice.mille(880) { N } else { dice.index(N) };
    let mut day = from;
    let mut at = 0;
    gaps.map(|[least, most]| {
        day = bureau.calendar.office(later(day, dice.between(least, most)));
        at += 1;
        Value::day((at <= far && day <= last).then_some(day))
    })
}

fn findings(bureau: &Bureau<'_>, dice: &mut Dice) -> Vec<Row> {
    let model = &bureau.model.reviews;
    let counties = bureau.helping_counties();
    let count = bureau.city.number(model.findings, model.findings_least);
    let mut rows: Vec<Row> = Vec::with_capacity(count);
    for at in 0..count {
        let spot = counties[at % counties.len()];
        // The first of each kind comes first, so that every kind occurs.
        let thrown = dice.weighted(model.finding_kinds.iter().map(|kind| kind.1));
        let kind = if at < model.finding_kinds.len() { at } else { thrown };
        let (label, _, most) = &model.finding_kinds[kind];
        let amount = if *most > 0 { dice.between(1, most / 10_000) * 10_000 } else { 0 };
        let found = bureau.calendar.office(day_of(bureau.year, dice.between(60, 330)));
        let gaps = [[2, 9], [15, 70], [3, 12], [2, 10]];
        let [assigned, rectified, verified, closed] = steps(bureau, found, gaps, dice);
        let recovered = if closed == Value::Blank { 0 } else { amount * dice.between(7, 10) / 10 };
        rows.push(vec![
            Value::text(format!("WT{}-{:03}", bureau.year, at + 1)),
            Value::text(bureau.map.counties[spot.county].name.as_str()),
            Value::Int(i64::from(bureau.year)),
            Value::text(label.as_str()),
            Value::Day(found),
            assigned,
            Value::Day(later(found, model.finding_days)),
            rectified,
            verified,
            closed,
            Value::some_fen(amount),
            Value::some_fen(recovered),
            Value::text(["市级", "县级"][at % 2]),
        ]);
    }
    rows
}

fn grievances(bureau: &Bureau<'_>, dice: &mut Dice) -> Vec<Row> {
    let model = &bureau.model.reviews;
    let mut villages = bureau.map.all_villages();
    villages.retain(|spot| bureau.map.village(*spot).is_some_and(|v| v.households > 0));
    let count = bureau.city.number(model.grievances, model.grievances_least);
    let mut rows: Vec<Row> = Vec::with_capacity(count);
    for at in 0..count {
        let spot = *dice.pick(&villages);
        let channel = dice.weighted(model.channels.iter().map(|(_, weight)| *weight));
        let subject = dice.weighted(model.subjects.iter().map(|(_, weight)| *weight));
        let received = day_of(bureau.year, dice.between(8, 350));
        let mut row = vec![Value::text(format!("XF{}-{:04}", bureau.year, at + 1))];
        row.extend(bureau.map.cells(spot));
        row.push(Value::text(model.channels[channel].0.as_str()));
        row.push(Value::text(model.subjects[subject].0.as_str()));
        row.push(Value::Day(received));
        row.extend(steps(bureau, received, [[1, 5], [4, 20], [3, 15], [1, 8]], dice));
        rows.push(row);
    }
    rows
}
