//! Writes persons with their membership and households with their registration.

use std::collections::HashMap;

use qb_base::Timestamp;
use qb_store::{Bulk, Constant, StoreError, Tx, Value};

pub(crate) mod change;
mod difference;
mod rows;

use self::change::{PersonStanding, PersonVersion};
pub use self::difference::{Differences, Differing};
use self::difference::{Moving, Relation};
pub use self::rows::{Constants, Lists, REASON_REGISTERED};
use self::rows::{
    HOUSEHOLD_COLUMNS, HOUSEHOLD_VERSION, ORIGIN, PERSON_COLUMNS, RegistrationDates, person_values,
    registration,
};
use super::authority::area_of;
use super::known::{House, Known, area_number};
use super::writer::{FileSource, FileWriter};
use crate::draft::{HouseholdDraft, PersonDraft, RELATION_HEAD, RegisterBatch, Sent};
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

    /// The household of an accepted row, written or changed with the first of them.
    fn home(
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
        let change = change::HouseholdChange {
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
            change::replace_registration(self.tx, house.id, &values, scheme, file)?;
        }
        if draft.has_head
            && let Some(house) = known.house_mut(at)
        {
            house.digest = draft.digest;
        }
        Ok(())
    }

    /// Writes a person; false when the row was refused.
    fn one_person(
        &mut self,
        known: &mut Known,
        file: &mut FileWriter<'_, 't>,
        row: Row<'_>,
        home: &mut Home,
    ) -> Result<bool, RegistryError> {
        let (batch, draft, person) = row;
        let number = batch.arena.text(person.person_no);
        let kept = (Some(draft.area), Sent::Copied(person.cells));
        let existing = self.standing(known, number, person.person_hash)?;
        let existing_id = existing.as_ref().map(|(id, _)| *id);
        if let Some(holder) = self.other_holder(known, person, existing_id)? {
            Self::refuse_taken(file, row, (Issue::DuplicatePerson, &holder))?;
            return Ok(false);
        }
        let Some((id, standing)) = existing else {
            if !file.permits_new(person.row, kept)? {
                return Ok(false);
            }
            let at = self.home(known, file, (batch, draft), home)?;
            self.insert_person(known, batch, person, (at, home.follows))?;
            return Ok(true);
        };
        let (standing, waits) = self.returning(known, file, row, (id, standing), home)?;
        if waits {
            return Ok(true);
        }
        let house = home.at().map(|at| known.house(at).id);
        if house.is_none()
            || standing.household_id != house
            || standing.file_id == file.source.file_id
        {
            Self::refuse_taken(file, row, (Issue::DuplicateNumber, &standing))?;
            return Ok(false);
        }
        self.change_person(known, file, row, (id, &standing), home)
    }

    /// Lets somebody who had left come back where the rows say so; answers where the person stands
    /// then, and whether that waits.
    fn returning(
        &mut self,
        known: &mut Known,
        file: &mut FileWriter<'_, 't>,
        (_, _, person): Row<'_>,
        (id, mut standing): (i64, PersonStanding),
        home: &Home,
    ) -> Result<(PersonStanding, bool), RegistryError> {
        let at = home.at().filter(|_| home.follows && standing.household_id.is_none());
        let Some(at) = at else { return Ok((standing, false)) };
        let house = known.house(at);
        let stated = self.lists.person(0, person.codes.first().copied().flatten());
        // Another head may be stated further down.
        let relation = stated.filter(|word| *word != RELATION_HEAD || house.heads == 0);
        let found = self.differences.returning((id, house.id), (relation, person.row))?;
        let Some(proposal) = found else { return Ok((standing, false)) };
        let applies = match &proposal {
            Some(proposal) => self.differences.write(file, proposal)?,
            None => false,
        };
        if applies && let Some(house) = known.house_mut(at) {
            house.members = house.members.saturating_add(1);
            house.heads = house.heads.saturating_add(u16::from(relation == Some(RELATION_HEAD)));
            standing.household_id = Some(house.id);
            standing.relation = relation.map(str::to_owned);
        }
        Ok((standing, !applies))
    }

    /// Refuses a row whose number somebody has; where that is, only those hear who may look there.
    fn refuse_taken(
        file: &mut FileWriter<'_, 't>,
        (batch, draft, person): Row<'_>,
        (issue, standing): (Issue, &PersonStanding),
    ) -> Result<(), RegistryError> {
        let kept = (Some(draft.area), Sent::Copied(person.cells));
        if !file.permits(person.row, &[standing.home], kept)? {
            return Ok(());
        }
        let place = file.place_of(standing.file_id, standing.row)?;
        let fills = [("value", batch.arena.text(person.person_no)), ("place", &*place)];
        Ok(file.refuse(person.row, issue, &fills, kept)?)
    }

    /// The person with this number and where it stands. The index answers by a hash, so what it
    /// finds is compared with the number itself.
    fn standing(
        &mut self,
        known: &mut Known,
        number: &str,
        hash: u64,
    ) -> Result<Option<(i64, PersonStanding)>, StoreError> {
        let Some(id) = known.person(self.tx, number, hash)? else { return Ok(None) };
        self.flush()?;
        let standing = change::person_standing(self.tx, id)?;
        if standing.person_no == number {
            return Ok(Some((id, standing)));
        }
        let Some(id) = change::person_by_number(self.tx, number)? else { return Ok(None) };
        Ok(Some((id, change::person_standing(self.tx, id)?)))
    }

    /// Where another person stands who holds the row's identity number.
    fn other_holder(
        &mut self,
        known: &mut Known,
        person: &PersonDraft,
        existing: Option<i64>,
    ) -> Result<Option<PersonStanding>, StoreError> {
        let Some(identity) = &person.identity else { return Ok(None) };
        let Some(found) = known.blind(self.tx, &identity.blind)? else { return Ok(None) };
        if Some(found) == existing {
            return Ok(None);
        }
        self.flush()?;
        // What is known by its hash is asked for by its id; only another's hash costs a search, for
        // which a first load has no index yet.
        let holder = if change::holds(self.tx, found, &identity.blind.0)? {
            Some(found)
        } else {
            change::holder(self.tx, &identity.blind.0)?
        };
        let other = holder.filter(|id| Some(*id) != existing);
        other.map(|id| change::person_standing(self.tx, id)).transpose()
    }

    fn insert_person(
        &mut self,
        known: &mut Known,
        batch: &RegisterBatch,
        person: &PersonDraft,
        (at, follows): (usize, bool),
    ) -> Result<(), RegistryError> {
        let id = self.next_person;
        self.next_person += 1;
        known.add_person(person.person_hash, id);
        if let Some(identity) = &person.identity {
            known.add_blind(&identity.blind, id);
        }
        let lists = &self.lists;
        let stated = lists.person(0, person.codes.first().copied().flatten());
        let Some(house) = known.house_mut(at) else {
            return Err(RegistryError::Invariant("household of a member"));
        };
        let mut relation = stated;
        if follows {
            self.differences.name(at, id, stated);
            if stated == Some(RELATION_HEAD) && house.heads > 0 {
                let (before, after, row) = (None, stated.map(str::to_owned), person.row);
                let is_new = true;
                self.differences.defer(Relation { at, person: id, before, after, row, is_new });
                relation = None;
            }
        }
        house.members = house.members.saturating_add(1);
        if relation == Some(RELATION_HEAD) {
            house.heads = house.heads.saturating_add(1);
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

    /// Notes that a household's rows name a member it had.
    fn name(&mut self, home: &Home, at: usize, id: i64, person: &PersonDraft) {
        if home.follows {
            let relation = self.lists.person(0, person.codes.first().copied().flatten());
            self.differences.name(at, id, relation);
        }
    }

    /// Writes what a row says anew of a person; false when it speaks of somebody else.
    fn change_person(
        &mut self,
        known: &mut Known,
        file: &mut FileWriter<'_, 't>,
        (batch, draft, person): Row<'_>,
        (id, standing): (i64, &PersonStanding),
        home: &mut Home,
    ) -> Result<bool, RegistryError> {
        let stated = self.lists.person(0, person.codes.first().copied().flatten());
        // An event may have changed the relation since the same row came; one that is tried again
        // is older than the event.
        let relation_stands = file.source.delivery.is_again()
            || person.unstated.has(PersonDraft::RELATION)
            || standing.relation.as_deref() == stated;
        let unchanged = standing.digest == person.digest && relation_stands;
        if unchanged || file.leaves(person.row, standing.file_id, Some(draft.area))? {
            let at = self.home(known, file, (batch, draft), home)?;
            self.name(home, at, id, person);
            return Ok(true);
        }
        let version = PersonVersion::read(self.tx, id)?;
        let blind = person.identity.as_ref().map(|identity| identity.blind.0.as_slice());
        if version.is_somebody_else(batch.arena.text(person.name_key), blind) {
            Self::refuse_taken(file, (batch, draft, person), (Issue::PersonConflict, standing))?;
            return Ok(false);
        }
        let at = self.home(known, file, (batch, draft), home)?;
        self.name(home, at, id, person);
        let lists = &self.lists;
        let mut values = person_values(batch, person, lists);
        if version.complete(&mut values, person.unstated) {
            let (row, digest, today) = (person.row, person.digest, self.constants.today);
            let valid_from = self.constants.is_event.then_some(today);
            let file = &*file.source;
            let source = change::Source { file, row, digest, today, valid_from };
            change::replace_person(self.tx, id, &values, source)?;
            if let Some(identity) = &person.identity {
                known.add_blind(&identity.blind, id);
            }
        }
        let relation = lists.person(0, person.codes.first().copied().flatten());
        let unstated = person.unstated.has(PersonDraft::RELATION);
        let heads = [standing.relation.as_deref(), relation];
        if unstated || standing.relation.as_deref() == relation {
            return Ok(true);
        }
        if home.follows && heads.contains(&Some(RELATION_HEAD)) {
            let (before, after) = (standing.relation.clone(), relation.map(str::to_owned));
            let (row, is_new) = (person.row, false);
            self.differences.defer(Relation { at, person: id, before, after, row, is_new });
        } else {
            change::replace_relation(self.tx, id, relation, file.source)?;
            let count = |word: Option<&str>| u16::from(word == Some(RELATION_HEAD));
            if let Some(house) = known.house_mut(at) {
                house.heads = (house.heads + count(relation))
                    .saturating_sub(count(standing.relation.as_deref()));
            }
        }
        Ok(true)
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
