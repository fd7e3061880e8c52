//! Writes persons with their membership and households with their registration.

use std::collections::HashMap;

use qb_base::Timestamp;
use qb_store::{Bulk, Constant, StoreError, Tx, Value};

mod difference;
mod household_change;
mod households;
mod person_change;
mod persons;
mod rows;
pub(crate) mod versions;

use self::difference::Moving;
pub use self::difference::{Differences, Differing};
pub use self::rows::{Constants, Lists, REASON_REGISTERED};
use self::rows::{HOUSEHOLD_COLUMNS, ORIGIN, PERSON_COLUMNS, RegistrationDates};
use super::authority::area_of;
use super::known::{House, Known, area_number};
use super::writer::{FileSource, FileWriter};
use crate::draft::{HouseholdDraft, PersonDraft, RegisterBatch, Sent};
use crate::error::RegistryError;
use crate::issue::Issue;

/// Households whose places in memory are asked for before they are needed: enough for main memory
/// to answer many at a time, few enough for the answers to stay in the processor's nearest caches.
const HOUSEHOLDS_AHEAD: usize = 16;

/// Writes the rows of one register file.
pub struct RegisterWriter<'t> {
    tx: &'t Tx<'t>,
    lists: Lists,
    constants: Constants,
    person: Bulk<'t>,
    household: Bulk<'t>,
    next_person: i64,
    next_household: i64,
    /// Number of the file in this import, which stamps what it touched.
    stamp: u32,
    touched: Vec<usize>,
    /// Refused rows of households of which no row has been accepted so far.
    refused_before: HashMap<String, u16>,
    dates: RegistrationDates,
    differences: Differences<'t>,
}

/// A row of the register: its batch, its household as far as the batch has it, itself.
type Row<'a> = (&'a RegisterBatch, &'a HouseholdDraft, &'a PersonDraft);

/// Where the household of a draft lies in memory.
struct Home {
    /// As it was found.
    known_at: Option<usize>,
    /// Once a row of it has been accepted.
    written_at: Option<usize>,
    /// Whether its rows are compared with the members it had.
    follows: bool,
    /// What becomes of it where it is stated in another village, until it is written.
    moving: Option<Moving>,
}

impl Home {
    fn at(&self) -> Option<usize> {
        self.written_at.or(self.known_at)
    }
}

impl<'t> RegisterWriter<'t> {
    /// Prepares for a sheet; `file` is its file and the instant, `stamp` its number in the import.
    ///
    /// # Errors
    /// Whatever the store says.
    pub fn new(
        tx: &'t Tx<'t>,
        lists: Lists,
        constants: Constants,
        differences: Differences<'t>,
        (file, stamp): ((i64, Timestamp), u32),
    ) -> Result<Self, StoreError> {
        let (file_id, now) = (Value::Int(file.0), Value::Int(file.1.0));
        let valid_from = Value::from(&constants.valid_from);
        let origin = ORIGIN.into_iter().zip([valid_from, now, file_id]);
        let person: Vec<Constant<'_>> = origin
            .clone()
            .chain([
                ("member_from", valid_from),
                ("member_reason_in", Value::from(&constants.reason_in)),
                ("member_recorded_at", now),
                ("member_file_id", file_id),
            ])
            .collect();
        let household: Vec<Constant<'_>> = origin
            .chain([
                ("scheme", Value::from(&constants.scheme)),
                ("registered_reason_in", REASON_REGISTERED.into()),
                ("registered_recorded_at", now),
                ("registered_file_id", file_id),
            ])
            .collect();
        Ok(Self {
            person: tx.bulk_with("person", &PERSON_COLUMNS, &person)?,
            household: tx.bulk_with("household", &HOUSEHOLD_COLUMNS, &household)?,
            next_person: tx.next_id("person")?,
            next_household: tx.next_id("household")?,
            tx,
            lists,
            dates: RegistrationDates::new(constants.today),
            constants,
            stamp,
            touched: Vec::new(),
            refused_before: HashMap::new(),
            differences,
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
        batch: &RegisterBatch,
    ) -> Result<(), RegistryError> {
        for drafts in batch.households.chunks(HOUSEHOLDS_AHEAD) {
            known.warm(batch, drafts);
            for draft in drafts {
                self.one_household(known, file, batch, draft)?;
            }
        }
        Ok(())
    }

    fn one_household(
        &mut self,
        known: &mut Known,
        file: &mut FileWriter<'_, 't>,
        batch: &RegisterBatch,
        draft: &HouseholdDraft,
    ) -> Result<(), RegistryError> {
        let number = batch.arena.text(draft.household_no);
        let at = known.household(self.tx, number)?;
        let people = &batch.people[draft.people.clone()];
        let mut moving = None;
        if let Some(at) = at.filter(|at| known.house(*at).area != area_number(draft.area.as_str()))
        {
            moving = self.moving(file.source, (batch, draft), &known.house(at))?;
            if moving.is_none() {
                let why = (known.house(at).area, Issue::HouseholdSplit);
                return refuse_household(file, (batch, draft), why);
            }
        }
        if let Some(house) = at.map(|at| known.house(at)).filter(|house| known.is_over(house.id)) {
            return refuse_household(file, (batch, draft), (house.area, Issue::HouseholdOver));
        }
        if at.is_none() && file.source.authority.new_key_refusal().is_some() {
            for person in people {
                let kept = (Some(draft.area), Sent::Copied(person.cells));
                file.permits_new(person.row, kept)?;
            }
            return Ok(());
        }
        // The household is written with its first accepted row: one of which every row is refused
        // leaves nothing behind.
        let follows = at
            .is_some_and(|at| self.differences.follows(file.source, &known.house(at), self.stamp));
        let mut home = Home { known_at: at, written_at: None, follows, moving };
        let mut refused = draft.refused_rows(people.len());
        for person in people {
            let accepted = self.one_person(known, file, (batch, draft, person), &mut home)?;
            refused = refused.saturating_add(u16::from(!accepted));
        }
        self.touch(known, home.written_at, (number, draft), refused);
        Ok(())
    }

    /// Whether a household that is stated in another village moves there, or may have; none where
    /// its rows are refused.
    fn moving(
        &mut self,
        file: &FileSource<'t>,
        (batch, draft): (&RegisterBatch, &HouseholdDraft),
        house: &House,
    ) -> Result<Option<Moving>, StoreError> {
        if !file.authority.covers(house.area) {
            return Ok(None);
        }
        self.flush()?;
        self.differences.moving(file, (batch, draft, &self.lists), (house, self.stamp))
    }

    /// Notes a household that the file changed, for the check of its members; refused rows of one
    /// that is not written yet wait for its accepted ones.
    fn touch(
        &mut self,
        known: &mut Known,
        at: Option<usize>,
        (number, draft): (&str, &HouseholdDraft),
        refused: u16,
    ) {
        let Some(house) = at.and_then(|at| known.house_mut(at)) else {
            if refused > 0 {
                let waiting = self.refused_before.entry(number.to_owned()).or_default();
                *waiting = waiting.saturating_add(refused);
            }
            return;
        };
        if house.file != self.stamp {
            // Most households had no refused row before their first accepted one.
            let before = self.refused_before.get(number).copied().unwrap_or(0);
            (house.file, house.row, house.refused) = (self.stamp, draft.row, before);
            self.touched.extend(at);
        }
        house.refused = house.refused.saturating_add(refused);
        if let Some(declared) = draft.values.member_count.and_then(|count| count.try_into().ok()) {
            house.declared = declared;
        }
    }

    fn flush(&mut self) -> Result<(), StoreError> {
        self.person.flush()?;
        self.household.flush()
    }

    /// Ends the file: checks every household it touched (fault F12), then sends what is buffered.
    ///
    /// # Errors
    /// Whatever the store says, or a broken invariant.
    pub fn finish(
        mut self,
        known: &mut Known,
        file: &mut FileWriter<'_, 't>,
    ) -> Result<(), RegistryError> {
        self.flush()?;
        let gone = self.differences.finish(known, file)?;
        self.touched.sort_by_key(|at| (known.house(*at).row, *at));
        for at in &self.touched {
            let mut house = known.house(*at);
            // Somebody says of these whether they left; until then they are not too many.
            if let Some(waiting) = gone.get(at) {
                house.members = house.members.saturating_sub(*waiting);
            }
            check_members(file, house)?;
        }
        Ok(())
    }
}

/// Refuses the rows of a household whose number belongs to one of another village, or to one that
/// went into another; that it does, only those hear who may look there.
fn refuse_household(
    file: &mut FileWriter<'_, '_>,
    (batch, draft): (&RegisterBatch, &HouseholdDraft),
    (area, issue): (u64, Issue),
) -> Result<(), RegistryError> {
    let (touched, number) = ([area_of(area)], batch.arena.text(draft.household_no));
    for person in &batch.people[draft.people.clone()] {
        let kept = (Some(draft.area), Sent::Copied(person.cells));
        if file.permits(person.row, &touched, kept)? {
            file.refuse(person.row, issue, &[("value", number)], kept)?;
        }
    }
    Ok(())
}

/// A household has exactly one head and as many members as it declares. Where rows of it were
/// refused, nobody can tell who is missing and who was known before: only what the accepted rows
/// alone contradict is noted, and the refused rows say the rest.
fn check_members(file: &mut FileWriter<'_, '_>, house: House) -> Result<(), StoreError> {
    let complete = house.refused == 0;
    if house.heads == 0 && complete {
        file.note(house.row, Issue::HeadMissing, &[], None)?;
    }
    if house.heads > 1 {
        file.note(house.row, Issue::HeadTwice, &[("count", &house.heads.to_string())], None)?;
    }
    let differs = house.declared > 0 && house.declared != house.members;
    if differs && (complete || house.members > house.declared) {
        let (declared, members) = (house.declared.to_string(), house.members.to_string());
        let fills = [("value", declared.as_str()), ("count", &members)];
        file.note(house.row, Issue::MembersDiffer, &fills, None)?;
    }
    Ok(())
}
