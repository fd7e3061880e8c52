//! Writes persons with their membership and households with their registration.

use qb_base::Timestamp;
use qb_store::{Bulk, Constant, StoreError, Tx, Value};

use super::authority::area_of;
use super::change;
use super::file::FileWriter;
use super::known::{House, Known, area_number};
use super::register_rows::{
    Constants, HOUSEHOLD_COLUMNS, HOUSEHOLD_VERSION, Lists, ORIGIN, PERSON_COLUMNS,
    REASON_REGISTERED, RegistrationDates, person_values, registration,
};
use crate::error::IntakeError;
use crate::fields::Issue;
use crate::rows::draft::{HouseholdDraft, PersonDraft, RegisterBatch};
use crate::rows::register::RELATION_HEAD;

/// Households whose places in memory are asked for before they are needed: enough for main memory
/// to answer many at a time, few enough for the answers to stay in the processor's nearest caches.
const HOUSEHOLDS_AHEAD: usize = 16;

/// Writes the rows of one register file.
pub(crate) struct RegisterWriter<'t> {
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
    dates: RegistrationDates,
}

impl<'t> RegisterWriter<'t> {
    pub(crate) fn new(
        tx: &'t Tx<'t>,
        lists: Lists,
        constants: Constants,
        file: (i64, Timestamp),
        stamp: u32,
    ) -> Result<Self, StoreError> {
        let (file_id, now) = (Value::Int(file.0), Value::Int(file.1.0));
        let valid_from = Value::from(&constants.valid_from);
        let origin = ORIGIN.into_iter().zip([valid_from, now, file_id]);
        let person: Vec<Constant<'_>> = origin
            .clone()
            .chain([
                ("member_from", valid_from),
                ("member_reason_in", REASON_REGISTERED.into()),
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
            dates: RegistrationDates::new(constants.as_of),
            constants,
            stamp,
            touched: Vec::new(),
        })
    }

    /// Writes a batch.
    pub(crate) fn batch(
        &mut self,
        known: &mut Known,
        file: &mut FileWriter<'t>,
        batch: &RegisterBatch,
    ) -> Result<(), IntakeError> {
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
        file: &mut FileWriter<'t>,
        batch: &RegisterBatch,
        draft: &HouseholdDraft,
    ) -> Result<(), IntakeError> {
        let number = batch.arena.text(draft.household_no);
        let found = known.household(self.tx, number)?;
        let people = batch.people.get(draft.people.clone()).unwrap_or(&[]);
        let at = match found {
            Some(at) if known.house(at).area != area_number(draft.area.as_str()) => {
                let touched = [area_of(known.house(at).area)];
                for person in people {
                    let kept = (Some(draft.area), batch.arena.bytes(person.cells));
                    if file.permits(person.row, &touched, kept)? {
                        file.refuse(person.row, Issue::HouseholdSplit, &[], kept)?;
                    }
                }
                return Ok(());
            }
            Some(at) if self.is_newer(file, draft, known.house(at))? => at,
            Some(at) => {
                self.change_household(known, file, batch, draft, at)?;
                at
            }
            None if file.authority.new_key_refusal().is_some() => {
                for person in people {
                    file.permits_new(
                        person.row,
                        (Some(draft.area), batch.arena.bytes(person.cells)),
                    )?;
                }
                return Ok(());
            }
            None => self.insert_household(known, batch, draft)?,
        };
        self.touch(known, at, draft, people.len());
        for person in people {
            self.one_person(known, file, batch, person, at, draft)?;
        }
        Ok(())
    }

    /// Counts the file's refused rows of the household for the check of its members.
    fn touch(&mut self, known: &mut Known, at: usize, draft: &HouseholdDraft, accepted: usize) {
        let stamp = self.stamp;
        let Some(house) = known.house_mut(at) else { return };
        if house.file != stamp {
            (house.file, house.row, house.refused, house.refused_heads) = (stamp, draft.row, 0, 0);
            self.touched.push(at);
        }
        let rows = u16::try_from(draft.rows).unwrap_or(u16::MAX);
        house.refused = house
            .refused
            .saturating_add(rows.saturating_sub(u16::try_from(accepted).unwrap_or(u16::MAX)));
        // Heads among accepted people are counted when they are written; here all heads of the
        // rows, less those below.
        house.refused_heads =
            house.refused_heads.saturating_add(u16::try_from(draft.heads).unwrap_or(u16::MAX));
        if let Some(declared) = draft.values.member_count {
            house.declared = u16::try_from(declared).unwrap_or(0);
        }
    }

    fn insert_household(
        &mut self,
        known: &mut Known,
        batch: &RegisterBatch,
        draft: &HouseholdDraft,
    ) -> Result<usize, IntakeError> {
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

    /// Whether the household came after the delivery that is tried again.
    fn is_newer(
        &self,
        file: &mut FileWriter<'t>,
        draft: &HouseholdDraft,
        house: House,
    ) -> Result<bool, StoreError> {
        if !file.delivery.is_again() || house.digest == draft.digest {
            return Ok(false);
        }
        let sql = "select source_file_id from household where id = $1";
        let from = self.tx.query_one(sql, &[house.id.into()], |row| row.int(0))?;
        file.leaves(draft.row, from, Some(draft.area))
    }

    fn change_household(
        &mut self,
        known: &mut Known,
        file: &FileWriter<'t>,
        batch: &RegisterBatch,
        draft: &HouseholdDraft,
        at: usize,
    ) -> Result<(), IntakeError> {
        let house = known.house(at);
        if house.digest == draft.digest {
            return Ok(());
        }
        self.flush()?;
        let change = change::HouseholdChange {
            file,
            batch,
            draft,
            lists: &self.lists,
            as_of: self.constants.as_of,
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
            change::replace_registration(self.tx, house.id, &values, scheme, file)?;
        }
        if draft.has_head
            && let Some(house) = known.house_mut(at)
        {
            house.digest = draft.digest;
        }
        Ok(())
    }

    fn one_person(
        &mut self,
        known: &mut Known,
        file: &mut FileWriter<'t>,
        batch: &RegisterBatch,
        person: &PersonDraft,
        at: usize,
        draft: &HouseholdDraft,
    ) -> Result<(), IntakeError> {
        let number = batch.arena.text(person.person_no);
        let kept = (Some(draft.area), batch.arena.bytes(person.cells));
        let existing = known.person(self.tx, number, person.person_hash)?;
        let holder = match &person.identity {
            Some(identity) => known.blind(self.tx, &identity.blind)?,
            None => None,
        };
        if let Some(holder) = holder.filter(|holder| Some(*holder) != existing) {
            self.flush()?;
            let standing = change::person_standing(self.tx, holder)?;
            Self::refused_member(known, at);
            return Self::refuse_taken(file, person, (Issue::DuplicatePerson, &standing), kept);
        }
        match existing {
            None if !file.permits_new(person.row, kept)? => {
                Self::refused_member(known, at);
                Ok(())
            }
            None => self.insert_person(known, batch, person, at),
            Some(id) => self.change_person(known, file, batch, person, (id, at), kept),
        }
    }

    /// Refuses a row whose number somebody has; where that is, only those hear who may look there.
    fn refuse_taken(
        file: &mut FileWriter<'t>,
        person: &PersonDraft,
        (issue, standing): (Issue, &change::PersonStanding),
        kept: (Option<qb_base::AreaCode>, &[u8]),
    ) -> Result<(), IntakeError> {
        if !file.permits(person.row, &[standing.home], kept)? {
            return Ok(());
        }
        let place = file.place_of(standing.file_id, standing.row)?;
        file.refuse(person.row, issue, &[("place", &place)], kept)
    }

    fn refused_member(known: &mut Known, at: usize) {
        if let Some(house) = known.house_mut(at) {
            house.refused = house.refused.saturating_add(1);
        }
    }

    fn insert_person(
        &mut self,
        known: &mut Known,
        batch: &RegisterBatch,
        person: &PersonDraft,
        at: usize,
    ) -> Result<(), IntakeError> {
        let id = self.next_person;
        self.next_person += 1;
        known.add_person(person.person_hash, id);
        if let Some(identity) = &person.identity {
            known.add_blind(&identity.blind, id);
        }
        let lists = &self.lists;
        let relation = lists.person(0, person.codes.first().copied().flatten());
        let Some(house) = known.house_mut(at) else {
            return Err(IntakeError::Invariant("household of a member"));
        };
        house.members = house.members.saturating_add(1);
        if relation == Some(RELATION_HEAD) {
            house.heads = house.heads.saturating_add(1);
            house.refused_heads = house.refused_heads.saturating_sub(1);
        }
        let mut row = [Value::Null; PERSON_COLUMNS.len()];
        row[0] = Value::Int(id);
        row[1..19].copy_from_slice(&person_values(batch, person, lists));
        row[19..].copy_from_slice(&[
            Value::Int(i64::from(person.row)),
            Value::Int(person.digest),
            Value::Int(house.id),
            relation.into(),
        ]);
        self.person.push(&row)?;
        Ok(())
    }

    fn change_person(
        &mut self,
        known: &mut Known,
        file: &mut FileWriter<'t>,
        batch: &RegisterBatch,
        person: &PersonDraft,
        place: (i64, usize),
        kept: (Option<qb_base::AreaCode>, &[u8]),
    ) -> Result<(), IntakeError> {
        let (id, at) = place;
        self.flush()?;
        let standing = change::person_standing(self.tx, id)?;
        let house = known.house(at);
        if standing.household_id != Some(house.id) || standing.file_id == file.file_id {
            Self::refused_member(known, at);
            return Self::refuse_taken(file, person, (Issue::DuplicateNumber, &standing), kept);
        }
        let relation = self.lists.person(0, person.codes.first().copied().flatten());
        if relation == Some(RELATION_HEAD)
            && let Some(house) = known.house_mut(at)
        {
            house.refused_heads = house.refused_heads.saturating_sub(1);
        }
        if standing.digest == person.digest || file.leaves(person.row, standing.file_id, kept.0)? {
            return Ok(());
        }
        let values = person_values(batch, person, &self.lists);
        change::replace_person(
            self.tx,
            id,
            &values,
            change::Source {
                file,
                row: person.row,
                digest: person.digest,
                as_of: self.constants.as_of,
            },
        )?;
        if let Some(identity) = &person.identity {
            known.add_blind(&identity.blind, id);
        }
        if standing.relation.as_deref() != relation {
            change::replace_relation(self.tx, id, relation, file)?;
            let count = |word: Option<&str>| u16::from(word == Some(RELATION_HEAD));
            if let Some(house) = known.house_mut(at) {
                house.heads = (house.heads + count(relation))
                    .saturating_sub(count(standing.relation.as_deref()));
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), StoreError> {
        self.person.flush()?;
        self.household.flush()
    }

    /// Ends the file: checks every household it touched (fault F12), then sends what is buffered.
    pub(crate) fn finish(
        mut self,
        known: &Known,
        file: &mut FileWriter<'t>,
    ) -> Result<(), IntakeError> {
        self.touched.sort_by_key(|at| (known.house(*at).row, *at));
        for at in &self.touched {
            check_members(file, known.house(*at))?;
        }
        self.flush()?;
        Ok(())
    }
}

/// A household has exactly one head and as many rows as it declares; refused rows count, as the
/// file has them.
fn check_members(file: &mut FileWriter<'_>, house: House) -> Result<(), StoreError> {
    let (members, heads) = (house.members + house.refused, house.heads + house.refused_heads);
    if heads == 0 {
        file.note(house.row, Issue::HeadMissing, &[], None)?;
    }
    if heads > 1 {
        file.note(house.row, Issue::HeadTwice, &[("count", &heads.to_string())], None)?;
    }
    if house.declared > 0 && house.declared != members {
        let fills = [("value", &*house.declared.to_string()), ("count", &*members.to_string())];
        file.note(house.row, Issue::MembersDiffer, &fills, None)?;
    }
    Ok(())
}
