//! Proposes a unit for each village that has none; people decide.

use std::collections::BTreeMap;

use qb_base::{AreaCode, AreaLevel, Text};
use serde::Serialize;

use crate::rules::PairingRules;

/// A unit that could take a village.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its number.
    pub unit_no: String,
    /// Its name.
    pub unit: String,
    /// Its level, a code.
    pub level: String,
    /// The county it belongs to, for units of a county.
    pub county: Option<AreaCode>,
    /// Villages it has now.
    pub villages: u32,
}

/// A village without a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vacancy {
    /// The village.
    pub area: AreaCode,
}

/// A unit proposed for a village.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Proposal {
    /// The village.
    pub area: AreaCode,
    /// The unit's number.
    pub unit_no: String,
    /// The unit's name.
    pub unit: String,
    /// Villages it would then have.
    pub villages: u32,
    /// Whether the unit is of the village's county.
    pub is_same_county: bool,
    /// Why this one.
    pub why: Text,
}

/// A village for which no unit has room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unpaired {
    /// The village.
    pub area: AreaCode,
    /// Why there is none.
    pub why: Text,
}

/// Proposes for each village the unit with the fewest villages; of equals one of the same county,
/// then the first by number. No unit goes above the cap of its level.
///
/// The same input gives the same proposal in any order.
pub fn propose(
    vacancies: &[Vacancy],
    candidates: &[Candidate],
    rules: &PairingRules,
) -> (Vec<Proposal>, Vec<Unpaired>) {
    let mut areas: Vec<AreaCode> = vacancies.iter().map(|vacancy| vacancy.area).collect();
    areas.sort_unstable();
    areas.dedup();
    let mut units: BTreeMap<&str, (Candidate, u32)> = BTreeMap::new();
    for candidate in candidates {
        // Units of a level for which the pack sets no cap are not paired.
        if let Some(cap) = rules.cap.iter().find(|cap| cap.level == candidate.level) {
            units.insert(&candidate.unit_no, (candidate.clone(), cap.villages));
        }
    }
    let (mut proposals, mut unpaired) = (Vec::new(), Vec::new());
    for area in areas {
        let county = area.at(AreaLevel::County);
        let may = |unit: &Candidate| {
            !rules.own_county.contains(&unit.level) || (unit.county == county && county.is_some())
        };
        let best = units
            .values_mut()
            .filter(|(unit, cap)| unit.villages < *cap && may(unit))
            .min_by_key(|(unit, _)| (unit.villages, unit.county != county));
        match best {
            None => unpaired.push(Unpaired { area, why: nobody() }),
            Some((unit, cap)) => {
                let had = unit.villages;
                unit.villages += 1;
                let is_same_county = county.is_some() && unit.county == county;
                proposals.push(Proposal {
                    area,
                    unit_no: unit.unit_no.clone(),
                    unit: unit.unit.clone(),
                    villages: unit.villages,
                    is_same_county,
                    why: why(had, *cap, is_same_county),
                });
            }
        }
    }
    (proposals, unpaired)
}

fn nobody() -> Text {
    Text::fixed(
        "可用的单位都已达到挂钩村数上限：请增加单位或调整上限",
        "every unit that may help here has all the villages it may: add a unit or change the cap",
    )
}

fn why(had: u32, cap: u32, is_same_county: bool) -> Text {
    let (zh, en) = if is_same_county {
        ("，且在同一县（市、区）", " and belongs to the same county")
    } else {
        ("", "")
    };
    Text::new(
        format!("该单位现挂钩 {had} 个村，为可用单位中最少{zh}；上限 {cap} 个"),
        format!(
            "the unit has {had} villages, the fewest of those that may help{en}; the cap is {cap}"
        ),
    )
}
