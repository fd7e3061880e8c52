//! Writes income statements: one current statement per household and year.

use qb_store::{Bulk, StoreError, Tx, Value};

use super::known::{Known, area_number};
use super::writer::{FileSource, FileWriter};
use crate::draft::{IncomeBatch, Sent, StatementDraft};
use crate::error::RegistryError;
use crate::hash::QuickMap;
use crate::issue::Issue;

/// Writes the rows of one income file.
pub struct IncomeWriter<'t, 'k> {
    tx: &'t Tx<'t>,
    items: &'k [String],
    statement: Bulk<'t>,
    item: Bulk<'t>,
    next_id: i64,
    /// Whether no statement of the file's years is in the store yet, so that none needs to be
    /// looked for.
    fresh: bool,
    /// The row of the file that states a year of a household.
    seen: QuickMap<(i16, i64), u32>,
}

impl<'t, 'k> IncomeWriter<'t, 'k> {
    /// Prepares for a file; `items` are the pack's item ids in order.
    ///
    /// # Errors
    /// Whatever the store says.
    pub fn new(tx: &'t Tx<'t>, items: &'k [String]) -> Result<Self, StoreError> {
        let any = tx.query_opt("select id from income_statement limit 1", &[], |row| row.int(0))?;
        Ok(Self {
            statement: tx.bulk(
                "income_statement",
                &[
                    "id",
                    "household_id",
                    "policy_year",
                    "recorded_at",
                    "source_file_id",
                    "source_row",
                    "row_digest",
                ],
            )?,
            item: tx.bulk("income_item", &["statement_id", "item", "amount_fen"])?,
            next_id: tx.next_id("income_statement")?,
            fresh: any.is_none(),
            tx,
            items,
            seen: QuickMap::default(),
        })
    }

    /// Writes a batch.
    ///
    /// # Errors
    /// Whatever the store says, or a broken invariant.
    pub fn batch(
        &mut self,
        known: &mut Known,
        file: &mut FileWriter<'_, 't>,
        batch: &IncomeBatch,
    ) -> Result<(), RegistryError> {
        for draft in &batch.statements {
            self.one(known, file, batch, draft)?;
        }
        Ok(())
    }

    fn one(
        &mut self,
        known: &mut Known,
        file: &mut FileWriter<'_, 't>,
        batch: &IncomeBatch,
        draft: &StatementDraft,
    ) -> Result<(), RegistryError> {
        let kept = (draft.area, Sent::Written(batch.arena.bytes(draft.cells)));
        let number = batch.arena.text(draft.household_no);
        // A household outside the sender's area is as unknown as one that does not exist.
        let at = known.household(self.tx, number)?;
        let Some(at) = at.filter(|at| file.source.authority.covers(known.house(*at).area)) else {
            let fills = [("value", number)];
            return Ok(file.refuse(draft.row, Issue::HouseholdUnknown, &fills, kept)?);
        };
        let house = known.house(at);
        if draft.area.is_some_and(|area| area_number(area.as_str()) != house.area) {
            file.note(draft.row, Issue::HouseholdElsewhere, &[("value", number)], draft.area)?;
        }
        if let Some(row) = self.seen.get(&(draft.year, house.id)) {
            let place = format!("{} #{row}", file.source.name);
            return Ok(file.refuse(draft.row, Issue::DuplicateRow, &[("place", &place)], kept)?);
        }
        let mut carried = Vec::new();
        self.seen.insert((draft.year, house.id), draft.row);
        if !self.fresh {
            let year = i64::from(draft.year);
            let current = self.tx.query_opt(
                "select id, row_digest, source_file_id from income_statement where household_id = $1 and \
                policy_year = $2 and superseded_at is null",
                &[house.id.into(), year.into()],
                |row| Ok((row.int(0)?, row.int(1)?, row.int(2)?)),
            )?;
            match current {
                Some((_, digest, _)) if digest == draft.digest => return Ok(()),
                Some((.., from)) if file.leaves(draft.row, from, draft.area)? => return Ok(()),
                Some((id, ..)) => {
                    let Some(kept) = self.carried(id, batch, draft)? else { return Ok(()) };
                    carried = kept;
                    self.tx.execute(
                        "update income_statement set superseded_at = $1 where id = $2",
                        &[file.source.now.0.into(), id.into()],
                    )?;
                }
                None => {}
            }
        }
        self.insert(file.source, batch, draft, (house.id, &carried))
    }

    /// Items of the current statement of which the row says nothing and which the new one takes
    /// over; `None` when the row says nothing new at all.
    fn carried(
        &self,
        current: i64,
        batch: &IncomeBatch,
        draft: &StatementDraft,
    ) -> Result<Option<Vec<(String, i64)>>, RegistryError> {
        let mut known = self.tx.query(
            "select item, amount_fen from income_item where statement_id = $1",
            &[current.into()],
            |row| Ok((row.text(0)?, row.int(1)?)),
        )?;
        let unstated = |item: &str| {
            let at = self.items.iter().position(|id| id == item);
            let at = at.and_then(|at| u16::try_from(at).ok());
            at.is_some_and(|at| batch.absent.contains(&at) || draft.unread.contains(&at))
        };
        let stated = &batch.items[draft.items.clone()];
        let mut same = 0;
        for (at, amount) in stated {
            let id =
                self.items.get(usize::from(*at)).ok_or(RegistryError::Invariant("income item"))?;
            same += usize::from(known.iter().any(|(item, known)| item == id && known == amount));
        }
        let held = known.len();
        known.retain(|(item, _)| unstated(item));
        let nothing_new = same == stated.len() && same + known.len() == held;
        Ok((!nothing_new).then_some(known))
    }

    fn insert(
        &mut self,
        file: &FileSource<'t>,
        batch: &IncomeBatch,
        draft: &StatementDraft,
        (household, carried): (i64, &[(String, i64)]),
    ) -> Result<(), RegistryError> {
        let id = self.next_id;
        self.next_id += 1;
        self.statement.push(&[
            Value::Int(id),
            Value::Int(household),
            Value::Int(i64::from(draft.year)),
            Value::Int(file.now.0),
            Value::Int(file.file_id),
            Value::Int(i64::from(draft.row)),
            Value::Int(draft.digest),
        ])?;
        for (item, amount) in &batch.items[draft.items.clone()] {
            let Some(item) = self.items.get(usize::from(*item)) else {
                return Err(RegistryError::Invariant("income item"));
            };
            self.item.push(&[Value::Int(id), item.as_str().into(), Value::Int(*amount)])?;
        }
        for (item, amount) in carried {
            self.item.push(&[Value::Int(id), item.as_str().into(), Value::Int(*amount)])?;
        }
        Ok(())
    }

    /// Ends the file.
    ///
    /// # Errors
    /// Whatever the store says.
    pub fn finish(self) -> Result<(), StoreError> {
        self.statement.finish()?;
        self.item.finish()
    }
}
