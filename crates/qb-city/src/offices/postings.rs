//! First secretaries and resident teams.

use serde::Deserialize;

use super::units::Register;
use crate::bureau::{Bureau, of_city};
use crate::desk::{Desk, Kind, Row, Spot, Value, day_of, later};
use crate::dice::Dice;
use crate::error::Result;
use crate::model::Format;

/// Postings of the year.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Postings {
    /// First secretaries in weak villages, and in others (weak organisation).
    first_secretaries: [usize; 2],
    /// Members of a resident team beside its leader.
    members: usize,
    term_months: i64,
    /// Team members who were called back or replaced in the year.
    recalled: usize,
    /// Per mille of people who meet each of the three criteria.
    meets: u64,
}

const POSTING: Kind = Kind {
    dataset: "posting",
    title: "第一书记和驻村工作队选派名册",
    heads: &[
        "选派编号**",
        "选派人员*",
        "派出单位*",
        "选派岗位*",
        "县(市、区)*",
        "乡(镇)*",
        "行政村*",
        "驻村起始日期*",
        "驻村截止日期",
        "驻村期限(月)",
        "作风硬",
        "懂农业",
        "能吃苦",
        "选派状态",
    ],
    merged: 0,
};

/// Writes the list.
pub(super) fn write(desk: &mut Desk<'_>, bureau: &Bureau<'_>, units: &Register) -> Result<()> {
    let model = &bureau.model.offices.postings;
    let mut dice = desk.dice("postings");
    let weak = bureau.map.weak_villages();
    let mut posts: Vec<(Spot, &str)> = Vec::new();
    let [in_weak, in_others] = model.first_secretaries.map(|full| bureau.of_weak(full, 1));
    let mut first = weak.clone();
    dice.shuffle(&mut first);
    posts.extend(first.into_iter().take(in_weak).map(|spot| (spot, "第一书记")));
    let mut others = bureau.map.all_villages();
    others.retain(|spot| bureau.map.village(*spot).is_some_and(|v| v.committee && !v.weak));
    dice.shuffle(&mut others);
    posts.extend(others.into_iter().take(in_others).map(|spot| (spot, "第一书记")));
    for spot in weak {
        posts.push((spot, "工作队队长"));
        posts.extend(std::iter::repeat_n((spot, "工作队队员"), model.members));
    }
    let mut rows: Vec<Row> = Vec::with_capacity(posts.len() + model.recalled);
    for (spot, role) in posts {
        rows.push(row(bureau, units, (spot, role, rows.len()), &mut dice));
    }
    recall(bureau, units, &mut rows, &mut dice);
    let total = in_weak + in_others;
    desk.sum("V09", qb_base::count(total));
    desk.sum("V11.first_secretary", qb_base::count(in_weak));
    desk.send(&POSTING, &of_city("组织", "第一书记和驻村工作队选派名册", Format::Xlsx), rows)
}

fn row(
    bureau: &Bureau<'_>,
    units: &Register,
    (spot, role, at): (Spot, &str, usize),
    dice: &mut Dice,
) -> Row {
    let model = &bureau.model.offices.postings;
    let near: Vec<&str> = units
        .counties
        .iter()
        .filter(|unit| unit.county == Some(spot.county))
        .map(|unit| unit.name.as_str())
        .collect();
    let unit = if near.is_empty() || dice.mille(250) {
        dice.pick(&units.city).name.as_str()
    } else {
        *dice.pick(&near)
    };
    let mut row = vec![
        Value::text(format!("XP{}-{:04}", bureau.year, at + 1)),
        Value::text(bureau.name(dice)),
        Value::text(unit),
        Value::text(role),
    ];
    row.extend(bureau.map.cells(spot));
    row.push(bureau.office_day(dice.between(50, 110)));
    row.push(Value::Blank);
    row.push(Value::Int(model.term_months));
    row.extend((0..3).map(|_| Value::Flag(dice.mille(model.meets))));
    row.push(Value::text("在岗"));
    row
}

/// A few members are called back; somebody takes their place.
fn recall(bureau: &Bureau<'_>, units: &Register, rows: &mut Vec<Row>, dice: &mut Dice) {
    let members: Vec<usize> = (0..rows.len())
        .filter(|at| rows[*at][3].as_text() == "工作队队员")
        .take(bureau.of_weak(bureau.model.offices.postings.recalled, 1) * 7)
        .step_by(7)
        .collect();
    for at in members {
        let left = later(day_of(bureau.year, 180), dice.between(0, 120));
        rows[at][8] = Value::Day(left);
        rows[at][13] = Value::text("召回");
        let places: Vec<Value> = rows[at][4..7].to_vec();
        let spot = Spot { county: 0, town: None, village: None };
        let mut next = row(bureau, units, (spot, "工作队队员", rows.len()), dice);
        next[4..7].clone_from_slice(&places);
        next[7] = Value::Day(later(left, 5));
        rows.push(next);
    }
}
