//! The areas a city is built on, and the tree of counties, towns and villages that can hold
//! households.

use std::collections::{BTreeMap, BTreeSet};

use qb_base::{AreaCode, AreaLevel, fold};

use crate::error::{CityError, Result};

/// One area of the official list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Area {
    /// Its code; the level and what lies above follow from it.
    pub code: AreaCode,
    /// Its official name.
    pub name: String,
}

/// Reads `code,name,level,parent_code`, the form in which a policy pack carries its areas.
///
/// # Errors
/// [`CityError::Areas`] with the line that has no area code.
pub fn parse_areas(csv: &str) -> Result<Vec<Area>> {
    let mut areas = Vec::new();
    for (index, line) in csv.lines().enumerate().skip(1) {
        let mut fields = line.trim_start_matches('\u{feff}').split(',');
        let (Some(code), Some(name)) = (fields.next(), fields.next()) else { continue };
        let code = AreaCode::parse(code.trim())
            .map_err(|fault| CityError::Areas(format!("line {}: {fault}", index + 1)))?;
        areas.push(Area { code, name: name.trim().to_owned() });
    }
    Ok(areas)
}

/// A county with its towns in the order of their codes.
#[derive(Debug)]
pub(crate) struct County {
    pub(crate) code: AreaCode,
    pub(crate) name: String,
    pub(crate) towns: Vec<Town>,
}

#[derive(Debug)]
pub(crate) struct Town {
    pub(crate) code: AreaCode,
    pub(crate) name: String,
    pub(crate) villages: Vec<Village>,
}

#[derive(Debug)]
pub(crate) struct Village {
    pub(crate) code: AreaCode,
    pub(crate) name: String,
    pub(crate) kind: Kind,
}

/// What a village-level code stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A villagers' committee.
    Village,
    /// A residents' committee in a town.
    Community,
    /// A residents' committee in a street of a city.
    Urban,
}

/// Builds the tree of one county; places without residents of their own and names that two
/// villages share are left out.
pub(crate) fn county(areas: &[Area], code: &str) -> Result<County> {
    let inside = |level: AreaLevel| {
        areas.iter().filter(move |a| a.code.level() == level && a.code.as_str().starts_with(code))
    };
    let Some(top) = areas.iter().find(|a| a.code.as_str() == code) else {
        return Err(CityError::Areas(format!("county {code} is not in the list")));
    };
    let mut below: BTreeMap<AreaCode, Vec<&Area>> = BTreeMap::new();
    for area in inside(AreaLevel::Village) {
        if let Some(town) = area.code.parent() {
            below.entry(town).or_default().push(area);
        }
    }
    let mut towns: Vec<Town> = inside(AreaLevel::Town)
        .map(|town| Town {
            code: town.code,
            name: town.name.clone(),
            villages: villages(&town.code, below.get(&town.code).map_or(&[][..], Vec::as_slice)),
        })
        .collect();
    towns.sort_by_key(|town| town.code);
    Ok(County { code: top.code, name: top.name.clone(), towns })
}

fn villages(town: &AreaCode, areas: &[&Area]) -> Vec<Village> {
    let mut seen = BTreeSet::new();
    let shared: BTreeSet<String> = areas
        .iter()
        .map(|a| fold::village_key(&a.name))
        .filter(|key| !seen.insert(key.clone()))
        .collect();
    let mut villages: Vec<Village> = areas
        .iter()
        .filter(|a| !shared.contains(&fold::village_key(&a.name)))
        .filter_map(|a| {
            Some(Village {
                code: a.code,
                name: a.name.clone(),
                kind: kind(town.as_str(), a.code.as_str())?,
            })
        })
        .collect();
    villages.sort_by_key(|village| village.code);
    villages
}

/// Villages and communities by the digits of their codes; enterprises and farms hold no rural
/// register.
fn kind(town: &str, village: &str) -> Option<Kind> {
    let (town_digit, digit) = (town.as_bytes().get(6)?, village.as_bytes().get(9)?);
    match (town_digit, digit) {
        (b'4' | b'5', _) | (_, b'4'..=b'9') => None,
        (_, b'2' | b'3') => Some(Kind::Village),
        (b'0', _) => Some(Kind::Urban),
        _ => Some(Kind::Community),
    }
}
