//! What a row names of other lists and of the register, and where that stands: asked only for a
//! sender who does not write everywhere.

use std::collections::BTreeMap;

use qb_base::AreaCode;
use qb_store::{Conn, StoreError, Tx};

use super::RecordSet;
use crate::commands::authority::{Authority, area_of, standing};
use crate::commands::known::Known;
use crate::draft::{RecordBatch, RecordDraft};
use crate::hash;

/// Rows of other lists by their key, as far as rows of this one named them.
#[derive(Debug, Default)]
pub(super) struct Attached {
    /// Whether a list is read whole at its first name.
    whole: bool,
    lists: BTreeMap<String, RecordSet>,
}

/// Where everything stands that a row names.
#[derive(Debug, Default)]
pub(super) struct Named {
    /// The household and the person it names by number, where they are another's.
    pub(super) touched: Vec<Option<AreaCode>>,
    /// The rows of other lists it attaches to.
    pub(super) attached: Vec<AreaCode>,
    /// Whether something it names stands nowhere.
    pub(super) is_unknown: bool,
}

impl Attached {
    pub(super) fn new(whole: bool) -> Self {
        Self { whole, ..Self::default() }
    }

    /// Looks up what a row names.
    pub(super) fn named(
        &mut self,
        (tx, known): (&Tx<'_>, &mut Known),
        authority: &Authority,
        (batch, draft): (&RecordBatch, &RecordDraft),
    ) -> Result<Named, StoreError> {
        let mut named = Named::default();
        if let Some(number) = draft.household_no {
            match known.household(tx, batch.arena.text(number))? {
                Some(at) if authority.covers(known.house(at).area) => {}
                Some(at) => named.touched.push(area_of(known.house(at).area)),
                None => named.is_unknown = true,
            }
        }
        if let Some(number) = draft.person_no {
            let number = batch.arena.text(number);
            match known.person(tx, number, hash::of(number.as_bytes()))? {
                // Who lives in no household any more is nobody's: lists tell of those who left.
                Some(id) => match known.home(tx, id)? {
                    Some(home) if !authority.covers(home) => named.touched.push(area_of(home)),
                    _ => {}
                },
                None => named.is_unknown = true,
            }
        }
        for (list, key) in &draft.attached {
            let Some(list) = batch.attaches.get(*list) else { continue };
            match self.stands(tx, list, batch.arena.text(*key))? {
                Some(area) => named.attached.push(area),
                None => named.is_unknown = true,
            }
        }
        Ok(named)
    }

    /// Where the row of a list with a key stands.
    fn stands(
        &mut self,
        conn: &Conn,
        list: &str,
        key: &str,
    ) -> Result<Option<AreaCode>, StoreError> {
        if !self.lists.contains_key(list) {
            let mut rows = RecordSet::default();
            rows.open(conn, list, self.whole)?;
            self.lists.insert(list.to_owned(), rows);
        }
        let Some(rows) = self.lists.get_mut(list) else { return Ok(None) };
        let named = (key, hash::of(key.as_bytes()));
        let found = rows.current(conn, named)?;
        if let Some(found) = found {
            rows.put(named, found);
        }
        Ok(found.and_then(|row| standing(row.area)))
    }
}
