//! Persons as rows of a file state them: new ones, those who come back, and what changes of known
//! ones.

use qb_store::{StoreError, Value};

use super::difference::Relation;
use super::person_change::{self as change, PersonStanding, PersonVersion};
use super::rows::{PERSON_COLUMNS, person_values};
use super::{Home, RegisterWriter, Row};
use crate::commands::FileWriter;
use crate::commands::known::Known;
use crate::draft::{PersonDraft, RELATION_HEAD, RegisterBatch, Sent};
use crate::error::RegistryError;
use crate::issue::Issue;

impl<'t> RegisterWriter<'t> {
    /// Writes a person; false when the row was refused.
    pub(super) fn one_person(
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
}
