//! Every area of the city with its name as files write it.
//!
//! Unlike the plan of households this holds all areas of the official list: offices exist where
//! nobody is registered, too.

use std::collections::{BTreeMap, BTreeSet};

use qb_base::{AreaCode, AreaLevel, fold};

use super::value::Value;
use crate::areas::Area;
use crate::plan::City;

/// The whole city.
#[derive(Debug)]
pub(crate) struct Map {
    pub(crate) counties: Vec<MapCounty>,
}

#[derive(Debug)]
pub(crate) struct MapCounty {
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) towns: Vec<MapTown>,
}

#[derive(Debug)]
pub(crate) struct MapTown {
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) villages: Vec<MapVillage>,
}

#[derive(Debug)]
pub(crate) struct MapVillage {
    pub(crate) code: String,
    /// The code where another village of the town has the same name.
    pub(crate) name: String,
    /// A villagers' committee, so an administrative village.
    pub(crate) committee: bool,
    /// On the list of weak villages.
    pub(crate) weak: bool,
    /// Registered households, and people of households that leave in the year.
    pub(crate) households: u64,
    pub(crate) leaving: u64,
}

/// A place by its indexes, as fine as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Spot {
    pub(crate) county: usize,
    pub(crate) town: Option<usize>,
    pub(crate) village: Option<usize>,
}

impl Map {
    /// Draws the map; `size` is the number of members of a household's shape.
    pub(crate) fn draw(areas: &[Area], city: &City, size: impl Fn(u8) -> u64) -> Self {
        let facts = village_facts(city, size);
        let mut below: BTreeMap<AreaCode, Vec<&Area>> = BTreeMap::new();
        for area in areas {
            if let Some(parent) = area.code.parent() {
                below.entry(parent).or_default().push(area);
            }
        }
        for list in below.values_mut() {
            list.sort_by_key(|area| area.code);
        }
        let inside = |code: AreaCode| below.get(&code).map_or(&[][..], Vec::as_slice);
        let mut counties: Vec<&Area> =
            areas.iter().filter(|a| a.code.level() == AreaLevel::County).collect();
        counties.sort_by_key(|area| area.code);
        Self {
            counties: counties
                .iter()
                .map(|county| MapCounty {
                    code: county.code.to_string(),
                    name: county.name.clone(),
                    towns: inside(county.code)
                        .iter()
                        .map(|town| MapTown {
                            code: town.code.to_string(),
                            name: town.name.clone(),
                            villages: villages(inside(town.code), &facts),
                        })
                        .collect(),
                })
                .collect(),
        }
    }

    /// County, town and village of a place as cells.
    pub(crate) fn cells(&self, spot: Spot) -> [Value; 3] {
        let county = &self.counties[spot.county];
        let town = spot.town.map(|t| &county.towns[t]);
        let village = town.zip(spot.village).map(|(t, v)| &t.villages[v]);
        [
            Value::text(county.name.as_str()),
            town.map_or(Value::Blank, |t| Value::text(t.name.as_str())),
            village.map_or(Value::Blank, |v| Value::text(v.name.as_str())),
        ]
    }

    /// The code of the finest area of a place.
    pub(crate) fn code(&self, spot: Spot) -> &str {
        let county = &self.counties[spot.county];
        let Some(town) = spot.town.map(|t| &county.towns[t]) else { return &county.code };
        spot.village.map_or(&town.code, |v| &town.villages[v].code)
    }

    /// The village at a place that is one.
    pub(crate) fn village(&self, spot: Spot) -> Option<&MapVillage> {
        self.counties[spot.county].towns[spot.town?].villages.get(spot.village?)
    }

    /// All counties, each as a place.
    pub(crate) fn county_spots(&self) -> impl Iterator<Item = Spot> {
        (0..self.counties.len()).map(|county| Spot { county, town: None, village: None })
    }

    /// All towns of a county.
    pub(crate) fn town_spots(&self, county: usize) -> impl Iterator<Item = Spot> {
        (0..self.counties[county].towns.len()).map(move |t| Spot {
            county,
            town: Some(t),
            village: None,
        })
    }

    /// All villages of a county.
    pub(crate) fn village_spots(&self, county: usize) -> impl Iterator<Item = Spot> {
        let towns = self.counties[county].towns.iter().enumerate();
        towns.flat_map(move |(t, town)| {
            (0..town.villages.len()).map(move |v| Spot { county, town: Some(t), village: Some(v) })
        })
    }

    /// All villages of the city, in the order of their codes.
    pub(crate) fn all_villages(&self) -> Vec<Spot> {
        (0..self.counties.len()).flat_map(|county| self.village_spots(county)).collect()
    }

    /// The weak villages, in the order of their codes.
    pub(crate) fn weak_villages(&self) -> Vec<Spot> {
        let mut spots = self.all_villages();
        spots.retain(|spot| self.village(*spot).is_some_and(|village| village.weak));
        spots
    }

    /// The place with a code.
    pub(crate) fn find(&self, code: &str) -> Option<Spot> {
        let of = |part: usize| code.get(..part).unwrap_or(code);
        let county = self.counties.iter().position(|c| c.code == of(6))?;
        let spot = Spot { county, town: None, village: None };
        if code.len() <= 6 {
            return Some(spot);
        }
        let town = self.counties[county].towns.iter().position(|t| t.code == of(9))?;
        let spot = Spot { town: Some(town), ..spot };
        if code.len() <= 9 {
            return Some(spot);
        }
        let villages = &self.counties[county].towns[town].villages;
        Some(Spot { village: Some(villages.iter().position(|v| v.code == code)?), ..spot })
    }
}

/// Weak or not, households, people who leave: by code.
type Facts = BTreeMap<String, (bool, u64, u64)>;

fn village_facts(city: &City, size: impl Fn(u8) -> u64) -> Facts {
    let mut facts = Facts::new();
    for county in &city.counties {
        for plan in &county.villages {
            let village = &county.area.towns[plan.town].villages[plan.village];
            let slots = &city.slots[plan.slots.clone()];
            let leaving = slots.iter().filter(|s| s.status == crate::plan::Status::Exited);
            let people = leaving.map(|slot| size(slot.shape)).sum();
            facts.insert(village.code.to_string(), (plan.weak, slots.len() as u64, people));
        }
    }
    facts
}

fn villages(areas: &[&Area], facts: &Facts) -> Vec<MapVillage> {
    let mut seen = BTreeSet::new();
    let keys = areas.iter().map(|area| fold::village_key(&area.name));
    let shared: BTreeSet<String> = keys.filter(|key| !seen.insert(key.clone())).collect();
    areas
        .iter()
        .map(|area| {
            let code = area.code.to_string();
            // A village in which nobody is registered and that is not weak has no facts.
            let (weak, households, leaving) = facts.get(&code).copied().unwrap_or_default();
            let alone = !shared.contains(&fold::village_key(&area.name));
            MapVillage {
                name: if alone { area.name.clone() } else { code.clone() },
                committee: area.name.ends_with("村委会"),
                code,
                weak,
                households,
                leaving,
            }
        })
        .collect()
}
