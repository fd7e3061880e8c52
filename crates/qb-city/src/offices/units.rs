//! The register of offices: the city's helping units, those of the counties, and the governments.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::apportion::split;
use crate::bureau::{Bureau, of_city};
use crate::desk::{Desk, Kind, Row, Spot, Value};
use crate::error::Result;
use crate::model::Format;

/// Names of units by kind; a name with `{}` stands for several, numbered.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Units {
    /// Helping units of the city and of all counties.
    city: usize,
    county: usize,
    /// The least of both in a small city.
    least: [usize; 2],
    /// `[kind, names separated by blanks]`; a kind may come several times.
    city_names: Vec<(String, String)>,
    county_names: Vec<(String, String)>,
}

impl Units {
    /// Helping units of the city at its scale.
    pub(super) fn in_city(&self, bureau: &Bureau<'_>) -> usize {
        bureau.city.number(self.city, self.least[0])
    }

    fn in_counties(&self, bureau: &Bureau<'_>) -> usize {
        bureau.city.number(self.county, self.least[1])
    }
}

/// A helping unit.
#[derive(Clone, Debug)]
pub(super) struct Unit {
    pub(super) number: String,
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) level: &'static str,
    /// The county it belongs to; none for units of the city.
    pub(super) county: Option<usize>,
}

/// All helping units.
pub(super) struct Register {
    pub(super) city: Vec<Unit>,
    pub(super) counties: Vec<Unit>,
}

const OFFICE: Kind = Kind {
    dataset: "office",
    title: "帮扶工作单位名录",
    heads: &["机构编号**", "机构名称*", "机构性质*", "机构层级*", "县(市、区)", "乡(镇)"],
    merged: 0,
};

impl Register {
    /// Names the units; counties have as many as their weak villages ask for.
    pub(super) fn draw(bureau: &Bureau<'_>, desk: &mut Desk<'_>) -> Self {
        let model = &bureau.model.offices.units;
        let (in_city, in_counties) = (model.in_city(bureau), model.in_counties(bureau));
        let city = names(&model.city_names, in_city)
            .enumerate()
            .map(|(at, (kind, name))| Unit {
                number: format!("DWS{:03}", at + 1),
                name: format!("徐州市{name}"),
                kind,
                level: "市级",
                county: None,
            })
            .collect();
        let mut weak = vec![0; bureau.map.counties.len()];
        for spot in bureau.map.weak_villages() {
            weak[spot.county] += 1;
        }
        let mut counties = Vec::with_capacity(in_counties);
        for (county, count) in split(in_counties as u64, &weak).into_iter().enumerate() {
            let area = &bureau.map.counties[county];
            let count = qb_base::size(count);
            for (at, (kind, name)) in names(&model.county_names, count).enumerate() {
                counties.push(Unit {
                    number: format!("DW{}{:03}", area.code, at + 1),
                    name: format!("{}{name}", area.name),
                    kind,
                    level: "县级",
                    county: Some(county),
                });
            }
        }
        desk.sum("G21", qb_base::count(in_city));
        desk.sum("G21.county", qb_base::count(in_counties));
        Self { city, counties }
    }

    /// Writes the register: units and governments of all levels.
    pub(super) fn write(&self, desk: &mut Desk<'_>, bureau: &Bureau<'_>) -> Result<()> {
        let mut rows: Vec<Row> = Vec::new();
        for (number, name, kind) in
            [("JG3203-1", "中共徐州市委员会", "党委"), ("JG3203-2", "徐州市人民政府", "政府")]
        {
            let head = [number, name, kind, "市级"].map(Value::text);
            rows.push(head.into_iter().chain([Value::Blank, Value::Blank]).collect());
        }
        for spot in bureau.map.county_spots() {
            governments(bureau, spot, &mut rows);
            for town in bureau.map.town_spots(spot.county) {
                governments(bureau, town, &mut rows);
            }
        }
        for unit in self.city.iter().chain(&self.counties) {
            let mut row = vec![
                Value::text(unit.number.as_str()),
                Value::text(unit.name.as_str()),
                Value::text(unit.kind.as_str()),
                Value::text(unit.level),
            ];
            let county = unit.county.map(|county| bureau.map.counties[county].name.as_str());
            row.push(county.map_or(Value::Blank, Value::text));
            row.push(Value::Blank);
            rows.push(row);
        }
        desk.send(&OFFICE, &of_city("组织", "帮扶工作单位名录", Format::Xlsx), rows)
    }
}

fn governments(bureau: &Bureau<'_>, spot: Spot, rows: &mut Vec<Row>) {
    let (code, name) = (bureau.map.code(spot), bureau.title(spot));
    let level = if spot.town.is_some() { "镇级" } else { "县级" };
    let street = name.ends_with("街道");
    let kinds = [("党委", "委员会"), ("政府", if street { "办事处" } else { "人民政府" })];
    for (at, (kind, ending)) in (1..).zip(kinds) {
        let [county, town, _] = bureau.map.cells(spot);
        rows.push(vec![
            Value::text(format!("JG{code}-{at}")),
            Value::text(if at == 1 {
                format!("中共{name}{ending}")
            } else {
                format!("{name}{ending}")
            }),
            Value::text(kind),
            Value::text(level),
            county,
            town,
        ]);
    }
}

/// So many units: the first of each kind, then the other names in their order, then numbered ones
/// again and again.
fn names(lists: &[(String, String)], count: usize) -> impl Iterator<Item = (String, String)> {
    let plain: Vec<(String, String)> = lists
        .iter()
        .flat_map(|(kind, names)| {
            names.split_whitespace().map(|name| (kind.clone(), name.to_owned()))
        })
        .collect();
    let mut kinds = BTreeSet::new();
    let (mut plain, others): (Vec<_>, Vec<_>) =
        plain.into_iter().partition(|(kind, _)| kinds.insert(kind.clone()));
    plain.extend(others);
    let whole = plain.len().max(1);
    (0..count).filter_map(move |at| {
        let (kind, name) = plain.get(at % whole)?;
        let turn = at / whole + 1;
        let name = if turn == 1 { name.clone() } else { format!("{name}第{turn}分支") };
        Some((kind.clone(), name))
    })
}
