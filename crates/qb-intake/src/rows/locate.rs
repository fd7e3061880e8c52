//! Places whose names stand in one cell: `龙门滩镇霞山村`, also beside a column of their own.

use qb_base::{AreaCode, AreaLevel};

use crate::fields::area::{AreaCells, AreaFault, AreaFound, AreaIndex};

/// The levels below the area of the pack, from the top.
const LEVELS: [AreaLevel; 3] = [AreaLevel::County, AreaLevel::Town, AreaLevel::Village];
/// Characters of a cell that may name places.
const CHARS_MAX: usize = 60;

/// Finds the village that the cells of a row name, each by itself or together in the last; the one
/// that goes on where that one ended.
///
/// # Errors
/// What is wrong with the cells as they stand.
pub(crate) fn village(index: &AreaIndex, cells: AreaCells<'_>) -> Result<AreaFound, AreaFault> {
    village_named(index, cells).map(|found| {
        let goes_on = index.goes_on(found.code);
        found.meaning(goes_on)
    })
}

/// The village that the cells name, also one that ended.
///
/// # Errors
/// What is wrong with the cells as they stand.
pub(crate) fn village_named(
    index: &AreaIndex,
    cells: AreaCells<'_>,
) -> Result<AreaFound, AreaFault> {
    index.village(cells).or_else(|fault| {
        together(index, cells)
            .map(|code| AreaFound { code, repaired: vec![AreaLevel::Village] })
            .ok_or(fault)
    })
}

/// The village that the last cell names with the places above it; those must be the ones that the
/// other cells name.
fn together(index: &AreaIndex, cells: AreaCells<'_>) -> Option<AreaCode> {
    let text = cells.village;
    let own = |name: &&str| !name.is_empty() && *name != text;
    let names = LEVELS.into_iter().zip([cells.county, cells.town]);
    let above = names
        .filter(|(_, name)| own(name))
        .try_fold(index.root(), |above, (level, name)| index.find(above, level, name).value())?;
    within(index, above, text).filter(|code| code.level() == AreaLevel::Village)
}

/// The one area inside another that a cell names, beginning with any of the places above it.
pub(crate) fn within(index: &AreaIndex, above: AreaCode, text: &str) -> Option<AreaCode> {
    let depth = LEVELS.iter().filter(|level| above.at(**level).is_some()).count();
    let mut found: Vec<AreaCode> = (0..=depth)
        .filter_map(|start| {
            let parent = match start.checked_sub(1) {
                None => Some(index.root()),
                Some(level) => above.at(*LEVELS.get(level)?),
            };
            Some(named(index, parent?, start, text))
        })
        .flatten()
        .filter(|code| above.contains(code) && *code != above)
        .collect();
    found.sort_unstable();
    found.dedup();
    match found[..] {
        [one] => Some(one),
        _ => None,
    }
}

/// Every area that a text can name as a chain of places below `parent`.
fn named(index: &AreaIndex, parent: AreaCode, level: usize, text: &str) -> Vec<AreaCode> {
    let text = text.trim_matches(|c: char| c.is_whitespace() || "、/-—，,".contains(c));
    let Some(known) = LEVELS.get(level).filter(|_| text.chars().count() <= CHARS_MAX) else {
        return Vec::new();
    };
    let ends = text.char_indices().map(|(start, _)| start).skip(1).chain([text.len()]);
    let mut found = Vec::new();
    for end in ends {
        let (Some(name), Some(rest)) = (text.get(..end), text.get(end..)) else { continue };
        let Some(code) = index.find(parent, *known, name).value() else { continue };
        if rest.is_empty() {
            found.push(code);
        } else {
            found.extend(named(index, code, level + 1, rest));
        }
    }
    found
}
