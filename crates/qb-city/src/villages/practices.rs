//! The library of practices, who took them over, and honours.

use serde::Deserialize;

use crate::bureau::{Bureau, of_city};
use crate::desk::{Desk, Kind, Row, Spot, Value, day_of};
use crate::dice::Dice;
use crate::error::{CityError, Result};
use crate::model::Format;

const TEXTS: &str = include_str!("../../model/practices.toml");

/// Adoptions and honours.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Practices {
    collection: String,
    /// The county whose collection it is.
    home: String,
    adoptions: usize,
    /// The least of them in a small city.
    adoptions_least: usize,
    /// Counties with the national title; which ones is illustrative.
    national: Vec<String>,
    /// Villages with the provincial title beside those named, by lot.
    provincial: usize,
    provincial_named: Vec<String>,
    /// What the two titles are called.
    honours: [String; 2],
}

/// One entry of the library; all sentences are examples of ours.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    kind: String,
    title: String,
    text: String,
    #[serde(default)]
    conditions: String,
    #[serde(default)]
    mode: String,
    /// Code of its place; entries of the collection stand under its county.
    #[serde(default)]
    place: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Texts {
    entry: Vec<Entry>,
}

const PRACTICE: Kind = Kind {
    dataset: "practice",
    title: "增收经验库",
    heads: &[
        "经验编号**",
        "经验类别*",
        "所属汇编",
        "经验标题*",
        "县(市、区)",
        "乡(镇)",
        "行政村",
        "对应帮扶模式",
        "适用条件",
        "经验正文*",
    ],
    merged: 0,
};
const ADOPTION: Kind = Kind {
    dataset: "practice_adoption",
    title: "经验推广应用登记",
    heads: &["经验编号**", "县(市、区)*", "乡(镇)", "行政村", "推广应用日期*"],
    merged: 0,
};
const HONOUR: Kind = Kind {
    dataset: "honour",
    title: "荣誉称号登记",
    heads: &[
        "称号编号**",
        "称号类别*",
        "授予级别*",
        "县(市、区)",
        "乡(镇)",
        "行政村",
        "授予年度*",
        "称号有效期至",
    ],
    merged: 0,
};

/// Writes the three lists.
pub(super) fn write(desk: &mut Desk<'_>, bureau: &Bureau<'_>) -> Result<()> {
    let texts: Texts = toml::from_str(TEXTS).map_err(|e| CityError::Model(e.to_string()))?;
    let mut dice = desk.dice("practices");
    let mut rows = Vec::with_capacity(texts.entry.len());
    for (at, entry) in texts.entry.iter().enumerate() {
        rows.push(practice(bureau, at, entry)?);
    }
    let count = rows.len();
    desk.send(&PRACTICE, &of_city("经验", "增收经验库", Format::Xlsx), rows)?;
    let rows = adoptions(bureau, count, &mut dice);
    desk.send(&ADOPTION, &of_city("经验", "经验推广应用登记", Format::CsvUtf8Bom), rows)?;
    let rows = honours(bureau, &mut dice)?;
    desk.send(&HONOUR, &of_city("外部数据", "荣誉称号登记", Format::Xlsx), rows)
}

fn number(at: usize) -> String {
    format!("JY{:03}", at + 1)
}

fn place(bureau: &Bureau<'_>, code: &str) -> Result<Spot> {
    let missing = || CityError::Areas(format!("area {code} is not in the list"));
    bureau.map.find(code).ok_or_else(missing)
}

fn practice(bureau: &Bureau<'_>, at: usize, entry: &Entry) -> Result<Row> {
    let model = &bureau.model.villages.practices;
    let collected = entry.place.is_empty();
    let spot = place(bureau, if collected { &model.home } else { &entry.place })?;
    let collection = if collected { model.collection.as_str() } else { "" };
    let mut row = vec![
        Value::text(number(at)),
        Value::text(entry.kind.as_str()),
        Value::text(collection),
        Value::text(entry.title.as_str()),
    ];
    row.extend(bureau.map.cells(spot));
    row.extend(
        [&entry.mode, &entry.conditions, &entry.text].map(|text| Value::text(text.as_str())),
    );
    Ok(row)
}

fn adoptions(bureau: &Bureau<'_>, practices: usize, dice: &mut Dice) -> Vec<Row> {
    let mut pairs: Vec<(usize, Spot)> = Vec::new();
    let villages = bureau.map.weak_villages();
    let model = &bureau.model.villages.practices;
    for _ in 0..bureau.city.number(model.adoptions, model.adoptions_least) {
        let mut spot = *dice.pick(&villages);
        spot.village = spot.village.filter(|_| dice.mille(700));
        pairs.push((dice.index(practices), spot));
    }
    pairs.sort_unstable();
    pairs.dedup();
    pairs
        .into_iter()
        .map(|(at, spot)| {
            let mut row = vec![Value::text(number(at))];
            row.extend(bureau.map.cells(spot));
            row.push(Value::Day(day_of(bureau.year, dice.between(60, 350))));
            row
        })
        .collect()
}

/// A title that the year took away again; it is in the list and no longer counts.
fn lapsed(bureau: &Bureau<'_>, model: &Practices) -> Option<Row> {
    let county = bureau.map.find(&model.home)?.county;
    let spot = bureau.map.village_spots(county).next()?;
    let mut row =
        vec![Value::text("RY000"), Value::text(model.honours[1].as_str()), Value::text("省级")];
    row.extend(bureau.map.cells(spot));
    row.push(Value::Int(i64::from(bureau.year) - 3));
    row.push(Value::Day(day_of(bureau.year, 180)));
    Some(row)
}

fn honours(bureau: &Bureau<'_>, dice: &mut Dice) -> Result<Vec<Row>> {
    let model = &bureau.model.villages.practices;
    let mut titles: Vec<(usize, Spot)> = Vec::new();
    for code in &model.national {
        titles.push((0, place(bureau, code)?));
    }
    for code in &model.provincial_named {
        titles.push((1, place(bureau, code)?));
    }
    let mut others = bureau.map.all_villages();
    others.retain(|spot| bureau.map.village(*spot).is_some_and(|village| village.committee));
    dice.shuffle(&mut others);
    titles.extend(others.into_iter().take(model.provincial).map(|spot| (1, spot)));
    Ok(titles
        .into_iter()
        .enumerate()
        .map(|(at, (title, spot))| {
            let mut row = vec![
                Value::text(format!("RY{:03}", at + 1)),
                Value::text(model.honours[title].as_str()),
                Value::text(["国家级", "省级"][title]),
            ];
            row.extend(bureau.map.cells(spot));
            row.push(Value::Int(i64::from(bureau.year) - dice.between(0, 2)));
            row.push(Value::Blank);
            row
        })
        .chain(lapsed(bureau, model))
        .collect())
}
