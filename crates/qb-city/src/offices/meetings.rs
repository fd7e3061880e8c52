//! Meetings with what they decided, documents, field visits of leaders.

use serde::Deserialize;

use crate::bureau::{Bureau, of_city};
use crate::desk::{Desk, Kind, Row, Spot, Value, day_of, later};
use crate::dice::Dice;
use crate::error::Result;
use crate::model::Format;

/// Meetings, documents and visits; the titles are examples of ours.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Meetings {
    /// City meetings `[day of the year, kind, title]`, in order of time.
    city: Vec<(i64, String, String)>,
    /// Kinds of the meetings every county holds.
    county: Vec<String>,
    /// What meetings decide.
    actions: Vec<String>,
    /// Actions a city meeting decides at most; of 1,000 closed in time, closed at all.
    actions_most: i64,
    closed: [u64; 2],
    /// City documents `[year, day, title, subject, appraisal, the entry that repeals it]`.
    documents: Vec<(i16, i64, String, String, String, usize)>,
    /// `[entry of the document, its article, ids of the rules that rest on it]`.
    grounds: Vec<(usize, String, Vec<String>)>,
    visits: usize,
    purposes: Vec<String>,
}

const MEETING: Kind = Kind {
    dataset: "meeting",
    title: "扶贫工作会议台账",
    heads: &[
        "会议编号**",
        "召开层级*",
        "县(市、区)",
        "会议类型*",
        "召开日期*",
        "会议名称*",
        "参会人数",
    ],
    merged: 0,
};
const ACTION: Kind = Kind {
    dataset: "meeting_action",
    title: "会议议定事项",
    heads: &["事项编号**", "会议编号*", "议定事项*", "承办机构编号*", "办理时限*", "办结日期"],
    merged: 0,
};
const DOCUMENT: Kind = Kind {
    dataset: "policy_document",
    title: "扶贫政策文件目录",
    heads: &[
        "发文字号**",
        "文件标题*",
        "发文层级*",
        "县(市、区)",
        "成文日期*",
        "文件主题*",
        "废止文号",
        "纳入考核",
    ],
    merged: 0,
};
const GROUND: Kind = Kind {
    dataset: "document_rule",
    title: "规则依据文件对照表",
    heads: &["依据文号**", "县(市、区)", "规则编号**", "条款"],
    merged: 0,
};
const VISIT: Kind = Kind {
    dataset: "leader_visit",
    title: "市领导扶贫调研台账",
    heads: &[
        "调研编号**",
        "调研日期*",
        "调研领导职务*",
        "领导层级*",
        "县(市、区)",
        "乡(镇)",
        "行政村",
        "调研内容",
    ],
    merged: 0,
};

/// Writes all five lists.
pub(super) fn write(desk: &mut Desk<'_>, bureau: &Bureau<'_>) -> Result<()> {
    let model = &bureau.model.offices.meetings;
    let mut dice = desk.dice("meetings");
    let rows = meetings(bureau, &mut dice);
    desk.send(&MEETING, &of_city("组织", "扶贫工作会议台账", Format::Xlsx), rows)?;
    let rows = actions(bureau, &mut dice);
    desk.send(&ACTION, &of_city("组织", "会议议定事项", Format::CsvGb18030), rows)?;
    let rows = documents(bureau);
    desk.send(&DOCUMENT, &of_city("组织", "扶贫政策文件目录", Format::Xlsx), rows)?;
    desk.send(&GROUND, &of_city("组织", "规则依据文件对照表", Format::Xlsx), grounds(model))?;
    let rows = visits(bureau, &mut dice);
    desk.send(&VISIT, &of_city("组织", "市领导调研台账", Format::CsvUtf8Bom), rows)?;
    let this_year = model.documents.iter().filter(|document| document.0 == bureau.year).count();
    for (name, count) in [("G16", model.city.len()), ("G17", this_year), ("G18", model.visits)] {
        desk.sum(name, qb_base::count(count));
    }
    Ok(())
}

fn meeting_no(bureau: &Bureau<'_>, at: usize) -> String {
    format!("HY{}-{:02}", bureau.year, at + 1)
}

fn meetings(bureau: &Bureau<'_>, dice: &mut Dice) -> Vec<Row> {
    let model = &bureau.model.offices.meetings;
    let mut rows: Vec<Row> = Vec::new();
    for (at, (day, kind, title)) in model.city.iter().enumerate() {
        rows.push(vec![
            Value::text(meeting_no(bureau, at)),
            Value::text("市级"),
            Value::Blank,
            Value::text(kind.as_str()),
            bureau.office_day(*day),
            Value::text(title.as_str()),
            Value::Int(dice.between(28, 360)),
        ]);
    }
    for spot in bureau.map.county_spots() {
        let area = &bureau.map.counties[spot.county];
        for (at, kind) in model.county.iter().enumerate() {
            let day = 30 + 52 * qb_base::count(at) + dice.between(0, 40);
            rows.push(vec![
                Value::text(format!("HY{}-{}-{:02}", bureau.year, area.code, at + 1)),
                Value::text("县级"),
                Value::text(area.name.as_str()),
                Value::text(kind.as_str()),
                bureau.office_day(day),
                Value::text(format!("{}扶贫工作{kind}", area.name)),
                Value::Int(dice.between(20, 180)),
            ]);
        }
    }
    rows
}

fn actions(bureau: &Bureau<'_>, dice: &mut Dice) -> Vec<Row> {
    let model = &bureau.model.offices.meetings;
    let units = bureau.model.offices.units.in_city(bureau) as i64;
    let mut rows: Vec<Row> = Vec::new();
    for (at, (day, ..)) in model.city.iter().enumerate() {
        for _ in 0..dice.between(1, model.actions_most) {
            let due = day_of(bureau.year, *day + dice.between(20, 90));
            let throw = dice.below(1000);
            let closed = if throw < model.closed[0] {
                Some(later(due, -dice.between(0, 15)))
            } else if throw < model.closed[1] {
                Some(later(due, dice.between(1, 30)))
            } else {
                None
            };
            let last = day_of(bureau.year + 1, 0);
            rows.push(vec![
                Value::text(format!("SX{}-{:03}", bureau.year, rows.len() + 1)),
                Value::text(meeting_no(bureau, at)),
                Value::text(dice.pick(&model.actions).as_str()),
                Value::text(format!("DWS{:03}", dice.between(1, units))),
                Value::Day(due),
                Value::day(closed.filter(|day| *day <= last)),
            ]);
        }
    }
    rows
}

/// Number of a document of the city; the mark says that it is an example.
fn document_no(model: &Meetings, at: usize) -> String {
    let year = model.documents[at].0;
    let within = model.documents[..=at].iter().filter(|other| other.0 == year).count();
    format!("徐示发〔{year}〕{within}号")
}

fn documents(bureau: &Bureau<'_>) -> Vec<Row> {
    let model = &bureau.model.offices.meetings;
    let mut rows: Vec<Row> = Vec::new();
    for (at, (year, day, title, subject, appraisal, repealed)) in model.documents.iter().enumerate()
    {
        let repealed_by = repealed.checked_sub(1).filter(|by| *by < model.documents.len());
        rows.push(vec![
            Value::text(document_no(model, at)),
            Value::text(title.as_str()),
            Value::text("市级"),
            Value::Blank,
            bureau.calendar.office_value(day_of(*year, *day)),
            Value::text(subject.as_str()),
            repealed_by.map_or(Value::Blank, |by| Value::text(document_no(model, by))),
            Value::text(appraisal.as_str()),
        ]);
    }
    for spot in bureau.map.county_spots() {
        let area = &bureau.map.counties[spot.county];
        rows.push(vec![
            Value::text(format!("{}示发〔{}〕1号", area.name, bureau.year)),
            Value::text(format!("{}年度扶贫工作安排(示例)", area.name)),
            Value::text("县级"),
            Value::text(area.name.as_str()),
            bureau.office_day(80),
            Value::text("总体部署"),
            Value::Blank,
            Value::Blank,
        ]);
    }
    rows
}

fn grounds(model: &Meetings) -> Vec<Row> {
    let entries = model.grounds.iter().filter_map(|(entry, article, rules)| {
        let at = entry.checked_sub(1).filter(|at| *at < model.documents.len())?;
        Some((document_no(model, at), article, rules))
    });
    let row = |(number, article, rule): (String, &String, &String)| {
        vec![
            Value::text(number),
            Value::Blank,
            Value::text(rule.as_str()),
            Value::text(article.as_str()),
        ]
    };
    entries
        .flat_map(|(number, article, rules)| {
            rules.iter().map(move |rule| row((number.clone(), article, rule)))
        })
        .collect()
}

fn visits(bureau: &Bureau<'_>, dice: &mut Dice) -> Vec<Row> {
    let model = &bureau.model.offices.meetings;
    let weak = bureau.map.weak_villages();
    let mut days: Vec<i64> = (0..model.visits).map(|_| dice.between(12, 360)).collect();
    days.sort_unstable();
    let visit = |(at, day): (usize, i64)| {
        let spot: Spot = *dice.pick(&weak);
        let [county, town, village] = bureau.map.cells(spot);
        vec![
            Value::text(format!("DY{}-{:03}", bureau.year, at + 1)),
            Value::Day(day_of(bureau.year, day)),
            Value::text(if dice.mille(520) { "党组织书记" } else { "政府主要负责人" }),
            Value::text("市级"),
            county,
            town,
            village,
            Value::text(dice.pick(&model.purposes).as_str()),
        ]
    };
    days.into_iter().enumerate().map(visit).collect()
}
