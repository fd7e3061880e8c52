//! Households as rows of a file state them: new ones, and what changes of known ones.

use qb_store::{StoreError, Value};

use super::difference::Moving;
use super::household_change::{HouseholdChange, replace_registration};
use super::rows::{HOUSEHOLD_COLUMNS, HOUSEHOLD_VERSION, registration};
use super::{Home, RegisterWriter};
use crate::commands::known::{House, Known, area_number};
use crate::commands::{FileSource, FileWriter};
use crate::draft::{HouseholdDraft, RegisterBatch};
use crate::error::RegistryError;

impl<'t> RegisterWriter<'t> {
    /// The household of an accepted row, written or changed with the first of them.
    pub(super) fn home(
        &mut self,
        known: &mut Known,
        file: &mut FileWriter<'_, 't>,
        (batch, draft): (&RegisterBatch, &HouseholdDraft),
        home: &mut Home,
    ) -> Result<usize, RegistryError> {
        if let Some(at) = home.written_at {
            return Ok(at);
        }
        let at = match home.known_at {
            Some(at) if self.is_newer(file, draft, known.house(at))? => at,
            Some(at) => {
                self.change_household(known, file.source, batch, draft, at)?;
                self.move_household(known, file, draft, (at, home.moving.take()))?;
                at
            }
            None => self.insert_household(known, batch, draft)?,
        };
        home.written_at = Some(at);
        Ok(at)
    }

    fn insert_household(
        &mut self,
        known: &mut Known,
        batch: &RegisterBatch,
        draft: &HouseholdDraft,
    ) -> Result<usize, RegistryError> {
        let id = self.next_household;
        self.next_household += 1;
        let (arena, values) = (&batch.arena, &draft.values);
        let number = arena.text(draft.household_no);
        let (identified_on, exit) = (values.identified_on, values.exit_status);
        self.dates.turn(identified_on.map(|span| arena.text(span)), values.exit_year);
        let mut row = [Value::Null; HOUSEHOLD_COLUMNS.len()];
        let (version, registered) = row.split_at_mut(HOUSEHOLD_VERSION);
        version.copy_from_slice(&[
            Value::Int(id),
            number.into(),
            draft.area.as_str().into(),
            values.group.map(|span| arena.text(span)).into(),
            values.member_count.into(),
            self.lists.household(0, values.household_class).into(),
            self.lists.household(1, values.cause_main).into(),
            self.lists.household(2, values.cause_other).into(),
            values.dangerous_house.into(),
            values.water_safe.into(),
            values.water_short.into(),
            values.income_fen.into(),
            values.phone_sealed.map(|span| arena.bytes(span)).into(),
            Value::Int(i64::from(draft.row)),
            Value::Int(draft.digest),
        ]);
        registered.copy_from_slice(&registration(
            &self.constants,
            &self.dates,
            identified_on.map(|span| arena.text(span)),
            self.lists.household(3, exit),
            values.exit_year,
        ));
        self.household.push(&row)?;
        let house = House {
            id,
            digest: draft.digest,
            area: area_number(draft.area.as_str()),
            ..House::default()
        };
        Ok(known.add_household(number.as_bytes(), house))
    }

    /// Writes the event of a household that is stated in another village.
    fn move_household(
        &mut self,
        known: &mut Known,
        file: &mut FileWriter<'_, 't>,
        draft: &HouseholdDraft,
        (at, moving): (usize, Option<Moving>),
    ) -> Result<(), RegistryError> {
        let Some(Moving(Some(proposal))) = moving else { return Ok(()) };
        self.flush()?;
        if self.differences.write(file, &proposal)?
            && let Some(house) = known.house_mut(at)
        {
            house.area = area_number(draft.area.as_str());
        }
        Ok(())
    }

    /// Whether the household came after the delivery that is tried again.
    fn is_newer(
        &self,
        file: &mut FileWriter<'_, 't>,
        draft: &HouseholdDraft,
        house: House,
    ) -> Result<bool, StoreError> {
        if !file.source.delivery.is_again() || house.digest == draft.digest {
            return Ok(false);
        }
        let sql = "select source_file_id from household where id = $1";
        let from = self.tx.query_one(sql, &[house.id.into()], |row| row.int(0))?;
        file.leaves(draft.row, from, Some(draft.area))
    }

    fn change_household(
        &mut self,
        known: &mut Known,
        file: &FileSource<'t>,
        batch: &RegisterBatch,
        draft: &HouseholdDraft,
        at: usize,
    ) -> Result<(), RegistryError> {
        let house = known.house(at);
        if house.digest == draft.digest {
            return Ok(());
        }
        self.flush()?;
        let change = HouseholdChange {
            file,
            batch,
            draft,
            lists: &self.lists,
            today: self.constants.today,
            is_event: self.constants.is_event,
        };
        if let Some(standing) = change.apply(self.tx, house.id)? {
            let identified_on = standing.identified_on.as_deref();
            self.dates.turn(identified_on, standing.exit_year);
            let values = registration(
                &self.constants,
                &self.dates,
                identified_on,
                standing.exit_status.as_deref(),
                standing.exit_year,
            );
            let scheme = &self.constants.scheme;
            replace_registration(self.tx, house.id, &values, scheme, file)?;
        }
        if draft.has_head
            && let Some(house) = known.house_mut(at)
        {
            house.digest = draft.digest;
        }
        Ok(())
    }
}
