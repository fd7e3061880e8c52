//! Pledges from level to level and the targets they carry: children always cover the parent.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::centre_villages;
use crate::apportion::{scaled, split};
use crate::bureau::{Bureau, of_city};
use crate::desk::{Desk, Kind, Row, Spot, Value, day_of, later};
use crate::dice::Dice;
use crate::error::Result;
use crate::model::Format;
use crate::works::Project;

/// Pledges of the year.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pledges {
    /// Last day of the year for signing: counties, towns, villages.
    due: [i64; 3],
    /// Towns and villages that signed late, villages that did not sign.
    late: usize,
    unsigned: usize,
    /// People who are to leave the register, at full size.
    exit_people: u64,
    /// How much counties and towns ask for more than they were asked, per mille.
    stretch: u64,
    /// What the province asks for at full size; what comes of it is another matter.
    villages_at_floor: usize,
    centres: usize,
    /// Per mille of the projects carried out.
    projects: u64,
    /// Projects a county plans more or fewer than it carries out, per mille at most.
    planned_otherwise: u64,
}

const PLEDGE: Kind = Kind {
    dataset: "pledge",
    title: "目标任务责任状台账",
    heads: &[
        "责任状编号**",
        "责任年度*",
        "签订上级层级*",
        "签订下级层级*",
        "县(市、区)",
        "乡(镇)",
        "行政村",
        "上级签字日期",
        "下级签字日期",
        "应签日期*",
    ],
    merged: 0,
};
const TARGET: Kind = Kind {
    dataset: "pledge_target",
    title: "责任状目标任务分解表",
    heads: &[
        "责任状编号**",
        "目标任务项**",
        "县(市、区)",
        "乡(镇)",
        "行政村",
        "目标任务数*",
        "任务计量单位*",
    ],
    merged: 0,
};

/// Writes pledges and targets: one file each per county, one each for the city.
pub(super) fn write(desk: &mut Desk<'_>, bureau: &Bureau<'_>, projects: &[Project]) -> Result<()> {
    let mut dice = desk.dice("pledges");
    let signing = Signing::by_lot(bureau, &mut dice);
    let counties = bureau.map.county_spots();
    let rows = counties.map(|spot| signing.row(bureau, spot, 0, &mut dice)).collect();
    desk.send(&PLEDGE, &of_city("责任", "320300_徐州市责任状", Format::Xlsx), rows)?;
    let targets = Targets::set(bureau, projects, &mut dice);
    let city = of_city("责任/目标", "320300_徐州市目标分解", Format::CsvUtf8Bom);
    desk.send(&TARGET, &city, targets.city)?;
    for (county, targets) in targets.counties.into_iter().enumerate() {
        let towns = bureau.map.town_spots(county).map(|spot| (spot, 1));
        let villages = bureau.map.village_spots(county).map(|spot| (spot, 2));
        let rows = towns
            .chain(villages)
            .map(|(spot, edge)| signing.row(bureau, spot, edge, &mut dice))
            .collect();
        desk.send(&PLEDGE, &bureau.parcel("责任", county, "责任状"), rows)?;
        desk.send(&TARGET, &bureau.parcel("责任/目标", county, "目标分解"), targets)?;
    }
    desk.sum("G14.unsigned", qb_base::count(bureau.model.offices.pledges.unsigned));
    Ok(())
}

/// Levels above and below each of the three steps.
const EDGES: [[&str; 2]; 3] = [["市级", "县级"], ["县级", "镇级"], ["镇级", "村级"]];

/// Who signed late, who did not sign.
struct Signing {
    late: BTreeSet<Spot>,
    unsigned: BTreeSet<Spot>,
}

impl Signing {
    fn by_lot(bureau: &Bureau<'_>, dice: &mut Dice) -> Self {
        let model = &bureau.model.offices.pledges;
        let mut villages = bureau.map.all_villages();
        dice.shuffle(&mut villages);
        let unsigned = villages.iter().copied().take(model.unsigned).collect();
        let late = villages.iter().copied().skip(model.unsigned).take(model.late).collect();
        Self { late, unsigned }
    }

    fn row(&self, bureau: &Bureau<'_>, spot: Spot, edge: usize, dice: &mut Dice) -> Row {
        let [county, town, village] = bureau.map.cells(spot);
        let due = day_of(bureau.year, bureau.model.offices.pledges.due[edge]);
        let days =
            if self.late.contains(&spot) { dice.between(3, 40) } else { -dice.between(5, 22) };
        let signed = bureau.calendar.office(later(due, days));
        let both = !self.unsigned.contains(&spot);
        let upper = both || dice.mille(500);
        vec![
            Value::text(pledge_no(bureau, spot)),
            Value::Int(i64::from(bureau.year)),
            Value::text(EDGES[edge][0]),
            Value::text(EDGES[edge][1]),
            county,
            town,
            village,
            Value::day(upper.then_some(signed)),
            Value::day(both.then(|| bureau.calendar.office(later(signed, dice.between(0, 2))))),
            Value::Day(due),
        ]
    }
}

fn pledge_no(bureau: &Bureau<'_>, spot: Spot) -> String {
    format!("ZRZ{}-{}", bureau.year, bureau.map.code(spot))
}

/// Targets of the city, then of each county with its towns and villages.
struct Targets {
    city: Vec<Row>,
    counties: Vec<Vec<Row>>,
}

/// A target item: its label, its unit.
type Item = (&'static str, &'static str);
const EXITS: Item = ("年度脱贫人口", "人");
const FLOOR: Item = ("集体收入达标村", "个");
const CENTRES: Item = ("新建改建服务中心", "个");
const PROJECTS: Item = ("实施扶贫项目", "个");

impl Targets {
    fn set(bureau: &Bureau<'_>, projects: &[Project], dice: &mut Dice) -> Self {
        let counties = bureau.map.counties.len();
        let mut this = Self { city: Vec::new(), counties: vec![Vec::new(); counties] };
        this.exits(bureau);
        let floor = floor_villages(bureau, dice);
        this.marked(bureau, (FLOOR, floor.len()), &floor);
        let centres = centre_villages(bureau);
        let asked = bureau.of_weak(bureau.model.offices.pledges.centres, 1);
        this.marked(bureau, (CENTRES, asked.min(centres.len())), &centres);
        this.projects(bureau, projects, dice);
        this
    }

    fn put(&mut self, bureau: &Bureau<'_>, spot: Option<Spot>, item: Item, target: u64) {
        if target == 0 {
            return;
        }
        let number = match spot {
            Some(spot) => pledge_no(bureau, spot),
            None => format!("SXD{}-3203", bureau.year),
        };
        let mut row = vec![Value::text(number), Value::text(item.0)];
        row.extend(spot.map_or([const { Value::Blank }; 3], |spot| bureau.map.cells(spot)));
        row.push(Value::Decimal(target.to_string()));
        row.push(Value::text(item.1));
        match spot.filter(|spot| spot.town.is_some()) {
            Some(spot) => self.counties[spot.county].push(row),
            None => self.city.push(row),
        }
    }

    /// People who are to leave: every level asks for a little more than it was asked.
    fn exits(&mut self, bureau: &Bureau<'_>) {
        let model = &bureau.model.offices.pledges;
        let more = |target: u64| target + target * model.stretch / 1000;
        let city = scaled(model.exit_people, bureau.city.scale_ppm);
        self.put(bureau, None, EXITS, city);
        let leaving = |spot: Spot| Some((spot, bureau.map.village(spot)?.leaving));
        let of_county = |c: usize| {
            bureau.map.village_spots(c).filter_map(leaving).map(|(_, people)| people).sum::<u64>()
        };
        let weights: Vec<u64> = (0..bureau.map.counties.len()).map(of_county).collect();
        for (county, target) in split(more(city), &weights).into_iter().enumerate() {
            self.put(bureau, Some(Spot { county, town: None, village: None }), EXITS, target);
            let towns: Vec<Spot> = bureau.map.town_spots(county).collect();
            let inside = |town: &Spot| {
                let villages = bureau.map.village_spots(county).filter_map(leaving);
                villages.filter(|(spot, _)| spot.town == town.town).collect::<Vec<_>>()
            };
            let weights: Vec<u64> =
                towns.iter().map(|t| inside(t).iter().map(|(_, people)| people).sum()).collect();
            for (town, target) in towns.iter().zip(split(more(target), &weights)) {
                self.put(bureau, Some(*town), EXITS, target);
                let villages = inside(town);
                let weights: Vec<u64> = villages.iter().map(|(_, people)| *people).collect();
                for ((village, _), target) in villages.iter().zip(split(more(target), &weights)) {
                    self.put(bureau, Some(*village), EXITS, target);
                }
            }
        }
    }

    /// One each for some villages, their numbers for the areas above; the province asks for as many
    /// or fewer.
    fn marked(&mut self, bureau: &Bureau<'_>, (item, asked): (Item, usize), villages: &[Spot]) {
        self.put(bureau, None, item, asked as u64);
        let mut above = BTreeSet::new();
        for village in villages {
            above.insert(Spot { village: None, ..*village });
            above.insert(Spot { village: None, town: None, ..*village });
        }
        for spot in above {
            let inside = villages.iter().filter(|v| {
                v.county == spot.county && (spot.town.is_none() || v.town == spot.town)
            });
            self.put(bureau, Some(spot), item, inside.count() as u64);
        }
        for village in villages {
            self.put(bureau, Some(*village), item, 1);
        }
    }

    /// Counties plan other numbers of projects than they carry out, together no fewer than the
    /// province asks for.
    fn projects(&mut self, bureau: &Bureau<'_>, projects: &[Project], dice: &mut Dice) {
        let model = &bureau.model.offices.pledges;
        let asked = projects.len() as u64 * model.projects / 1000;
        self.put(bureau, None, PROJECTS, asked);
        let otherwise = model.planned_otherwise;
        let mut planned: Vec<(Spot, u64)> = bureau
            .map
            .county_spots()
            .map(|spot| {
                let count = projects.iter().filter(|p| p.spot.county == spot.county).count();
                let share = 1000 - otherwise + dice.below(2 * otherwise + 1);
                (spot, count as u64 * share / 1000)
            })
            .collect();
        let short = asked.saturating_sub(planned.iter().map(|(_, count)| count).sum());
        if let Some((_, most)) = planned.iter_mut().max_by_key(|(_, count)| *count) {
            *most += short;
        }
        for (spot, count) in planned {
            self.put(bureau, Some(spot), PROJECTS, count);
        }
    }
}

/// Weak villages that are to reach the floor: most of those that will.
fn floor_villages(bureau: &Bureau<'_>, dice: &mut Dice) -> Vec<Spot> {
    let wanted = bureau.of_weak(bureau.model.offices.pledges.villages_at_floor, 1);
    let mut ranked: Vec<(i64, Spot)> = bureau
        .map
        .weak_villages()
        .into_iter()
        .zip(bureau.ledgers)
        .map(|(spot, ledger)| (-(ledger.total_fen * dice.between(80, 120)), spot))
        .collect();
    ranked.sort_unstable();
    let mut spots: Vec<Spot> = ranked.into_iter().take(wanted).map(|(_, spot)| spot).collect();
    spots.sort_unstable();
    spots
}
