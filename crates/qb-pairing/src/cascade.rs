//! The cascade: whether the targets below an area cover the area's own.

use std::collections::BTreeMap;

use qb_base::AreaCode;
use serde::Serialize;

/// A target of an area, as a pledge states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The year of the pledge.
    pub year: i64,
    /// The item, a code.
    pub item: String,
    /// The area that answers for it.
    pub area: AreaCode,
    /// The pledge.
    pub pledge_no: String,
    /// The unit as the pledge writes it.
    pub unit: String,
    /// The target × 10⁶.
    pub target_micro: i64,
}

/// A target with what was passed on below it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CascadeLine {
    /// The year of the pledge.
    pub year: i64,
    /// The item, a code.
    pub item: String,
    /// The area that answers for it.
    pub area: AreaCode,
    /// The pledge.
    pub pledge_no: String,
    /// The unit as the pledge writes it.
    pub unit: String,
    /// The target × 10⁶.
    pub target_micro: i64,
    /// The nearest area above with a target of the same item.
    pub parent: Option<AreaCode>,
    /// How many areas below took a part of it.
    pub children: u32,
    /// The sum of their targets × 10⁶; none where nothing was passed on.
    pub children_micro: Option<i64>,
    /// How much more (or less) they took than the target.
    pub stretch_micro: Option<i64>,
    /// Whether each of them counts in the same unit.
    pub is_unit_same: bool,
}

impl CascadeLine {
    /// Whether the targets below cover this one; a target that was not passed on covers itself.
    pub fn is_covered(&self) -> bool {
        self.stretch_micro.is_none_or(|stretch| stretch >= 0)
    }
}

/// Hangs each target below the nearest area above with the same item and year, and sums.
///
/// Lines come in the order of year, item and area; several targets of one area for one item add up.
pub fn cascade(targets: &[Target]) -> Vec<CascadeLine> {
    let mut groups: BTreeMap<(i64, &str), BTreeMap<AreaCode, CascadeLine>> = BTreeMap::new();
    for target in targets {
        let group = groups.entry((target.year, target.item.as_str())).or_default();
        match group.get_mut(&target.area) {
            Some(line) => {
                line.target_micro = line.target_micro.saturating_add(target.target_micro);
                line.is_unit_same &= line.unit == target.unit;
            }
            None => {
                group.insert(target.area, own_line(target));
            }
        }
    }
    groups.into_values().flat_map(hang).collect()
}

fn own_line(target: &Target) -> CascadeLine {
    CascadeLine {
        year: target.year,
        item: target.item.clone(),
        area: target.area,
        pledge_no: target.pledge_no.clone(),
        unit: target.unit.clone(),
        target_micro: target.target_micro,
        parent: None,
        children: 0,
        children_micro: None,
        stretch_micro: None,
        is_unit_same: true,
    }
}

/// Sums the lines of one item into those above them.
fn hang(mut group: BTreeMap<AreaCode, CascadeLine>) -> Vec<CascadeLine> {
    let areas: Vec<AreaCode> = group.keys().copied().collect();
    for area in areas {
        let above = area.path().into_iter().rev().skip(1).find(|above| group.contains_key(above));
        let Some(above) = above else { continue };
        let Some(line) = group.get_mut(&area) else { continue };
        line.parent = Some(above);
        let (target, unit) = (line.target_micro, line.unit.clone());
        let Some(parent) = group.get_mut(&above) else { continue };
        let sum = parent.children_micro.map_or(target, |sum| sum.saturating_add(target));
        parent.children += 1;
        parent.children_micro = Some(sum);
        parent.stretch_micro = Some(sum.saturating_sub(parent.target_micro));
        parent.is_unit_same &= parent.unit == unit;
    }
    group.into_values().collect()
}
