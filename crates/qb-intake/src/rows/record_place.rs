//! Where a record stands: the finest area that its row names.

use qb_base::{AreaCode, AreaLevel};

use super::Shared;
use super::field::{Field, RowReader};
use super::locate;
use crate::fields::{Issue, Reading};
use crate::layout::ColumnMap;

/// The levels a row may name, from the top.
const LEVELS: [(&str, AreaLevel); 3] =
    [("county", AreaLevel::County), ("town", AreaLevel::Town), ("village", AreaLevel::Village)];

/// Where a row stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// The finest area named; none where the row names none, and then what it is about tells.
    pub(super) area: Option<AreaCode>,
    /// The areas named by county, town and village.
    pub(super) levels: [Option<AreaCode>; 3],
}

/// Reads the area columns that the dataset has.
///
/// A blank cell of a required column takes the value above it, as merged cells leave it blank; a
/// blank cell of an optional one says that the row is about the area above.
pub(super) struct RecordPlace {
    fields: [Option<Field>; 3],
    /// The column in which several places stand together.
    joined: Option<usize>,
    /// The names in force in required columns.
    names: [String; 3],
    last: Option<(Vec<u8>, Place)>,
    key: Vec<u8>,
}

impl RecordPlace {
    pub(super) fn new(columns: &ColumnMap) -> Self {
        let field =
            |(id, _): (&str, AreaLevel)| columns.layout.column(id).map(|_| Field::of(columns, id));
        Self {
            fields: LEVELS.map(field),
            joined: columns.joined,
            names: Default::default(),
            last: None,
            key: Vec::new(),
        }
    }

    /// The required columns with the names that count for the row last read.
    pub(super) fn in_force(&self) -> [(usize, &str); 3] {
        let [county, town, village] = &self.fields;
        let [in_county, in_town, in_village] = &self.names;
        [(county, in_county), (town, in_town), (village, in_village)].map(|(field, name)| {
            let required = field.as_ref().filter(|field| field.required);
            // No row is that wide, so the name counts for none of its cells.
            (required.map(|field| field.column).unwrap_or(usize::MAX), name.as_str())
        })
    }

    /// The place of the row; `None` where the row is refused for it.
    pub(super) fn read(&mut self, row: &mut RowReader<'_, '_>, shared: &Shared) -> Option<Place> {
        self.key.clear();
        for field in self.fields.iter().flatten() {
            self.key.extend_from_slice(row.value(field).text);
            self.key.push(0);
        }
        if let Some((key, place)) = &self.last
            && *key == self.key
        {
            return Some(*place);
        }
        let (repaired, refused) = (row.repaired, row.refused);
        let place = self.resolve(row, shared);
        let clean = row.repaired == repaired && row.refused == refused;
        self.last = place.filter(|_| clean).map(|place| (self.key.clone(), place));
        place
    }

    fn resolve(&mut self, row: &mut RowReader<'_, '_>, shared: &Shared) -> Option<Place> {
        let mut place = Place { area: None, levels: Default::default() };
        for (at, (_, level)) in LEVELS.into_iter().enumerate() {
            let Some(Some(field)) = self.fields.get(at) else { continue };
            let field = field.clone();
            let Some(name) = self.name(row, &field, at) else { continue };
            let above = place.area.unwrap_or_else(|| shared.areas.root());
            let is_joined = self.joined == Some(field.column);
            let code = if is_joined {
                self.find_joined(row, shared, &field, above, &name)?
            } else {
                find(row, shared, &field, (above, level), &name)?
            };
            place.area = Some(code);
            for (slot, (_, level)) in place.levels.iter_mut().zip(LEVELS).skip(at) {
                *slot = slot.or_else(|| code.at(level));
            }
            if is_joined {
                break;
            }
        }
        self.follow(row, shared, &mut place);
        let outside =
            place.area.zip(shared.within).is_some_and(|(area, scope)| !scope.contains(&area));
        if let Some(field) = self.fields.iter().flatten().next_back().filter(|_| outside) {
            row.note(field, Issue::AreaOutside, &[]);
        }
        (!row.refused).then_some(place)
    }

    /// Puts the area that goes on in the place of one that ended.
    fn follow(&self, row: &mut RowReader<'_, '_>, shared: &Shared, place: &mut Place) {
        let Some(named) = place.area else { return };
        let goes_on = shared.areas.goes_on(named);
        if goes_on == named {
            return;
        }
        let at = LEVELS.iter().position(|(_, level)| *level == named.level());
        let field = at.and_then(|at| self.fields.get(at)?.clone());
        if let Some(field) = field.or_else(|| self.fields.iter().flatten().next_back().cloned()) {
            let (value, meaning) = (shared.areas.name(&named), shared.areas.name(&goes_on));
            row.note(&field, Issue::AreaAlias, &[("value", &value), ("meaning", &meaning)]);
        }
        place.area = Some(goes_on);
        for (slot, (_, level)) in place.levels.iter_mut().zip(LEVELS) {
            *slot = slot.and_then(|_| goes_on.at(level));
        }
    }

    /// The area that a cell of several places names; as fine as the finest required column.
    fn find_joined(
        &self,
        row: &mut RowReader<'_, '_>,
        shared: &Shared,
        field: &Field,
        above: AreaCode,
        name: &str,
    ) -> Option<AreaCode> {
        let required = self.fields.iter().zip(LEVELS).rev().find_map(|(field, (_, level))| {
            field.as_ref().filter(|field| field.required).map(|_| level)
        });
        let code = locate::within(&shared.areas, above, name)
            .filter(|code| required.is_none_or(|level| code.at(level).is_some()));
        if code.is_none() {
            let (shown, parent) = (field.shown(name), shared.areas.name(&above));
            row.note(field, Issue::AreaUnknown, &[("value", &shown), ("parent", &parent)]);
        }
        code
    }

    /// The name in the cell, or the one above where the column is required.
    fn name(&mut self, row: &mut RowReader<'_, '_>, field: &Field, at: usize) -> Option<String> {
        let text = row.value(field).trimmed().into_owned();
        let above = self.names.get_mut(at)?;
        if !text.is_empty() {
            if *above != text {
                above.clone_from(&text);
                // A new county or town ends what stood below it.
                self.names.iter_mut().skip(at + 1).for_each(String::clear);
            }
            return Some(text);
        }
        if !field.required {
            return None;
        }
        if above.is_empty() {
            row.note(field, Issue::Required, &[]);
            return None;
        }
        let above = above.clone();
        row.note(field, Issue::FilledDown, &[("value", &above)]);
        Some(above)
    }
}

/// Finds an area below the one above it; refuses the row where there is none.
fn find(
    row: &mut RowReader<'_, '_>,
    shared: &Shared,
    field: &Field,
    (parent, level): (AreaCode, AreaLevel),
    name: &str,
) -> Option<AreaCode> {
    let parent_name = shared.areas.name(&parent);
    match shared.areas.find(parent, level, name) {
        Reading::Value(code) => Some(code),
        Reading::Repaired(code, issue) => {
            let meaning = shared.areas.name(&code);
            row.note(field, issue, &[("value", name), ("meaning", &meaning)]);
            Some(code)
        }
        Reading::Fault(issue) => {
            let chain = locate::within(&shared.areas, parent, name);
            if let Some(code) = chain.filter(|code| code.level() == level) {
                let meaning = shared.areas.name(&code);
                row.note(field, Issue::AreaAlias, &[("value", name), ("meaning", &meaning)]);
                return Some(code);
            }
            let shown = field.shown(name);
            row.note(field, issue, &[("value", &shown), ("parent", &parent_name)]);
            None
        }
        Reading::Blank | Reading::Null => None,
    }
}
