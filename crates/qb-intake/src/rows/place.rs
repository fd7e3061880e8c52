//! County, town and village of a row: filled down, looked up once per combination, checked against
//! the scope.

use std::collections::HashMap;

use qb_base::{AreaCode, AreaLevel};

use super::Shared;
use super::field::{Field, RowReader};
use super::locate;
use crate::fields::Issue;
use crate::fields::area::{AreaCells, AreaFault, AreaFound};
use crate::layout::ColumnMap;

/// Combinations remembered in a file.
const REMEMBERED_MAX: usize = 100_000;

/// Reads the three area columns.
pub(crate) struct PlaceReader {
    fields: [Field; 3],
    /// The names in force, for cells left blank below a merged one.
    names: [String; 3],
    known: HashMap<String, Result<AreaFound, AreaFault>>,
    key: String,
    last: Option<AreaCode>,
    last_clean: bool,
}

impl PlaceReader {
    pub(crate) fn new(columns: &ColumnMap) -> Self {
        Self {
            fields: ["county", "town", "village"].map(|id| Field::of(columns, id)),
            names: Default::default(),
            known: HashMap::new(),
            key: String::new(),
            last: None,
            last_clean: false,
        }
    }

    /// The columns with the names that count for the row last read, also where its cells are blank.
    pub(crate) fn in_force(&self) -> [(usize, &str); 3] {
        let [county, town, village] = &self.fields;
        let columns = [county.column, town.column, village.column];
        let [county, town, village] = &self.names;
        let names = [county.as_str(), town.as_str(), village.as_str()];
        std::array::from_fn(|at| (columns[at], names[at]))
    }

    /// The village of the row.
    pub(crate) fn read(
        &mut self,
        row: &mut RowReader<'_, '_>,
        shared: &Shared,
    ) -> Option<AreaCode> {
        if self.last_clean && (0..3).all(|at| self.is_unchanged(row, at)) {
            return self.last;
        }
        self.last_clean = false;
        self.last = None;
        let mut clean = true;
        for at in 0..3 {
            clean &= self.take_name(row, at);
        }
        self.key.clear();
        for name in &self.names {
            self.key.push_str(name);
            self.key.push('\n');
        }
        let found = match self.known.get(&self.key) {
            Some(found) => found.clone(),
            None => {
                let [county, town, village] = &self.names;
                let found = locate::village(&shared.areas, AreaCells { county, town, village });
                if self.known.len() < REMEMBERED_MAX {
                    self.known.insert(self.key.clone(), found.clone());
                }
                found
            }
        };
        match found {
            Ok(found) => self.accept(row, shared, &found, clean),
            Err(fault) => {
                self.refuse(row, shared, fault);
                None
            }
        }
    }

    #[inline]
    fn is_unchanged(&self, row: &RowReader<'_, '_>, at: usize) -> bool {
        let (Some(field), Some(name)) = (self.fields.get(at), self.names.get(at)) else {
            return false;
        };
        row.value(field).text == name.as_bytes()
    }

    /// Takes the cell, or the name above it when the cell is blank; false when it was filled down.
    fn take_name(&mut self, row: &mut RowReader<'_, '_>, at: usize) -> bool {
        let Some(field) = self.fields.get(at) else { return true };
        let text = row.value(field).trimmed();
        let Some(name) = self.names.get_mut(at) else { return true };
        if text.is_empty() {
            if row.value(field).kind.is_unread() {
                let field = field.clone();
                row.note_blank(&field, Issue::Required);
                name.clear();
            } else if !name.is_empty() {
                let shown = name.clone();
                let field = field.clone();
                row.note(&field, Issue::FilledDown, &[("value", &shown)]);
            }
            return false;
        }
        if *name != *text {
            name.clear();
            name.push_str(&text);
            // A new county or town ends what stood below it.
            self.names.iter_mut().skip(at + 1).for_each(String::clear);
        }
        true
    }

    fn accept(
        &mut self,
        row: &mut RowReader<'_, '_>,
        shared: &Shared,
        found: &AreaFound,
        clean: bool,
    ) -> Option<AreaCode> {
        for level in &found.repaired {
            let at = position(*level);
            let (Some(field), Some(name)) = (self.fields.get(at), self.names.get(at)) else {
                continue;
            };
            let meaning = shared.areas.name(&found.code.at(*level).unwrap_or(found.code));
            let (field, name) = (field.clone(), name.clone());
            row.note(&field, Issue::AreaAlias, &[("value", &name), ("meaning", &meaning)]);
        }
        if shared.within.is_some_and(|scope| !scope.contains(&found.code)) {
            let field = self.fields.get(2)?.clone();
            row.note(&field, Issue::AreaOutside, &[]);
            return None;
        }
        self.last = Some(found.code);
        self.last_clean = clean && found.repaired.is_empty();
        self.last
    }

    fn refuse(&self, row: &mut RowReader<'_, '_>, shared: &Shared, fault: AreaFault) {
        let at = position(fault.level);
        let (Some(field), Some(name)) = (self.fields.get(at), self.names.get(at)) else { return };
        let (shown, parent) = (field.shown(name), shared.areas.name(&fault.parent));
        row.note(field, fault.issue, &[("value", &shown), ("parent", &parent)]);
    }
}

fn position(level: AreaLevel) -> usize {
    match level {
        AreaLevel::Town => 1,
        AreaLevel::Village => 2,
        _ => 0,
    }
}
