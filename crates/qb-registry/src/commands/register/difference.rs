//! What a newer roster says otherwise than the register: households that moved, another head,
//! members it no longer names, members who came back. Each becomes an event, which applies at once
//! or waits, as the pack says.
//!
//! Only what an earlier delivery brought can differ so: files of one import that contradict each
//! other are faults. A file of corrections holds some rows of a household only, so nobody is
//! missed in it and it makes nobody the head in another's stead.

use std::collections::{BTreeSet, HashMap};

use qb_store::{StoreError, Tx};

use super::person_change;
use super::rows::Lists;
use crate::commands::authority::area_of;
use crate::commands::known::{House, Known};
use crate::commands::{FileSource, FileWriter};
use crate::draft::{HouseholdDraft, PersonDraft, RELATION_HEAD, RegisterBatch};
use crate::error::RegistryError;
use crate::events::store::{self, Origin};
use crate::events::{self, Doubt, Effect, EventRules, EventState, Proposal};
use crate::issue::Issue;

/// What decides about the differences of a file.
pub struct Differing {
    /// What the pack says of events.
    pub rules: EventRules,
    /// Files of the store that lie beside this one in the import.
    pub beside: BTreeSet<i64>,
    /// Whether it is a file of corrections.
    pub is_correction: bool,
    /// Who hands it in.
    pub actor: String,
    /// The day on which the office works.
    pub day: String,
}

/// A member whom the file names, of a household that an earlier delivery brought.
struct Named {
    at: usize,
    person: i64,
    states_head: bool,
}

/// A relation that waits for the end of the sheet: only then it is known who is stated as head.
pub(super) struct Relation {
    pub(super) at: usize,
    pub(super) person: i64,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
    pub(super) row: u32,
    /// Whether the person came with this file.
    pub(super) is_new: bool,
}

/// A household that is stated in another village than it lives in and is not refused for it; what
/// becomes of that, if it is not known already.
pub(super) struct Moving(pub(super) Option<Proposal>);

/// The differences of a sheet.
pub struct Differences<'t> {
    tx: &'t Tx<'t>,
    of: Differing,
    named: Vec<Named>,
    relations: Vec<Relation>,
}

/// A member as the store has it.
struct Member {
    id: i64,
    person_no: String,
    blind: Option<Vec<u8>>,
    relation: Option<String>,
}

impl Member {
    fn is_head(&self) -> bool {
        self.relation.as_deref() == Some(RELATION_HEAD)
    }
}

impl<'t> Differences<'t> {
    /// No differences yet.
    pub fn new(tx: &'t Tx<'t>, of: Differing) -> Self {
        Self { tx, of, named: Vec::new(), relations: Vec::new() }
    }

    /// Whether a household is one that an earlier delivery brought and no other file of this import
    /// speaks of.
    fn is_earlier(&self, file: &FileSource<'_>, house: &House, stamp: u32) -> bool {
        let from = house.from_file;
        let is_of_this = self.of.beside.contains(&from) || file.delivery.holds(from);
        from > 0 && !is_of_this && (house.file == 0 || house.file == stamp)
    }

    /// Whether the rows of a household are compared with its members.
    pub(super) fn follows(&self, file: &FileSource<'_>, house: &House, stamp: u32) -> bool {
        !self.of.rules.is_empty()
            && !self.of.is_correction
            && !file.delivery.is_older_than(house.from_file)
            && self.is_earlier(file, house, stamp)
    }

    /// Decides about a household that is stated in another village; none where it is refused.
    pub(super) fn moving(
        &self,
        file: &FileSource<'_>,
        (batch, draft, lists): (&RegisterBatch, &HouseholdDraft, &Lists),
        (house, stamp): (&House, u32),
    ) -> Result<Option<Moving>, StoreError> {
        let Some(rule) = self.of.rules.of_roster(Effect::Move) else { return Ok(None) };
        let Some(before) = area_of(house.area) else { return Ok(None) };
        if file.delivery.is_older_than(house.from_file) {
            return Ok(Some(Moving(None)));
        }
        if house.file != 0 || !self.is_earlier(file, house, stamp) {
            return Ok(None);
        }
        let people = &batch.people[draft.people.clone()];
        let members = self.members(house.id)?;
        let stated = Stated { batch, people, lists };
        // Without one it has in common with them the number is another household's.
        if !members.iter().any(|member| stated.has_same(member)) {
            return Ok(None);
        }
        let of = (house.id, None, Some((before, draft.area)));
        let known = store::same(self.tx, &rule.id, of)?;
        let named = members.iter().filter(|member| stated.has(member)).count();
        let head = members.iter().find(|member| member.is_head());
        let doubts = [
            (draft.refused_rows(people.len()) > 0, Doubt::RowsRefused),
            (!head.is_some_and(|head| stated.has_same_head(head)), Doubt::HeadDiffers),
            (!rule.has_enough(named, members.len()), Doubt::MembersMissing),
            (known == Some(EventState::Undone), Doubt::UndoneBefore),
            (!rule.at_once, Doubt::Rule),
        ];
        if matches!(known, Some(EventState::Proposed | EventState::Rejected)) {
            return Ok(Some(Moving(None)));
        }
        Ok(Some(Moving(Some(Proposal {
            areas: Some((before, draft.area)),
            doubt: doubts.into_iter().find(|(holds, _)| *holds).map(|(_, doubt)| doubt),
            ..Proposal::new(rule.word(), house.id, Some(draft.row))
        }))))
    }

    /// Keeps an event, and lets the register follow one that applies at once; answers whether it
    /// does.
    pub(super) fn write(
        &self,
        file: &mut FileWriter<'_, '_>,
        proposal: &Proposal,
    ) -> Result<bool, RegistryError> {
        let origin = Origin {
            file_id: Some(file.source.file_id),
            now: file.source.now,
            day: &self.of.day,
            actor: &self.of.actor,
            by_hand: None,
        };
        let event = store::insert(self.tx, proposal, origin)?;
        let applies = event.state == EventState::Applied;
        if applies {
            events::apply(self.tx, &event, file.source.now)?;
        }
        *file.source.events.entry((event.effect, event.state)).or_default() += 1;
        Ok(applies)
    }

    /// Notes that the file names a member.
    pub(super) fn name(&mut self, at: usize, person: i64, relation: Option<&str>) {
        let states_head = relation == Some(RELATION_HEAD);
        self.named.push(Named { at, person, states_head });
    }

    /// Keeps a relation for the end of the sheet.
    pub(super) fn defer(&mut self, relation: Relation) {
        self.relations.push(relation);
    }

    /// Somebody of no household is named in one: where it is the one they left, they come back.
    /// Answers none where they were never of it, else the event, if it is not known already.
    pub(super) fn returning(
        &self,
        (person, house): (i64, i64),
        (relation, row): (Option<&str>, u32),
    ) -> Result<Option<Option<Proposal>>, StoreError> {
        let Some(rule) = self.of.rules.of_roster(Effect::Return) else { return Ok(None) };
        let was_of = "select count(*) from membership_history where person_id = $1 \
                      and household_id = $2 and superseded_at is null";
        let spells = self.tx.query_one(was_of, &[person.into(), house.into()], |r| r.int(0))?;
        if spells == 0 {
            return Ok(None);
        }
        let known = store::same(self.tx, &rule.id, (house, Some(person), None))?;
        let doubt = match known {
            Some(EventState::Proposed | EventState::Rejected) => return Ok(Some(None)),
            Some(EventState::Undone) => Some(Doubt::UndoneBefore),
            _ => (!rule.at_once).then_some(Doubt::Rule),
        };
        Ok(Some(Some(Proposal {
            person: Some(person),
            relation: (None, relation.map(str::to_owned)),
            doubt,
            ..Proposal::new(rule.word(), house, Some(row))
        })))
    }

    /// Ends the sheet: who is head, and who is no longer named. Answers of how many members of a
    /// household it waits for somebody to say whether they left.
    pub(super) fn finish(
        mut self,
        known: &mut Known,
        file: &mut FileWriter<'_, '_>,
    ) -> Result<HashMap<usize, u16>, RegistryError> {
        let mut named = std::mem::take(&mut self.named);
        let mut relations = std::mem::take(&mut self.relations);
        named.sort_by_key(|named| (known.house(named.at).row, named.at, named.person));
        relations.sort_by_key(|relation| relation.at);
        let mut gone = HashMap::new();
        for named in named.chunk_by(|a, b| a.at == b.at) {
            let Some(at) = named.first().map(|first| first.at) else { continue };
            let start = relations.partition_point(|relation| relation.at < at);
            let end = relations.partition_point(|relation| relation.at <= at);
            let left = self.household(known, file, (at, named), &relations[start..end])?;
            if left > 0 {
                gone.insert(at, left);
            }
        }
        Ok(gone)
    }

    fn household(
        &self,
        known: &mut Known,
        file: &mut FileWriter<'_, '_>,
        (at, named): (usize, &[Named]),
        relations: &[Relation],
    ) -> Result<u16, RegistryError> {
        let house = known.house(at);
        let is_whole = house.refused == 0 && usize::from(house.declared) == named.len();
        let misses = is_whole && usize::from(house.members) > named.len();
        if relations.is_empty() && house.heads < 2 && !misses {
            return Ok(0);
        }
        let members = self.members(house.id)?;
        let heads = match self.new_head((&house, &members), named, relations)? {
            Some((changes, heads)) => {
                let mut applied = true;
                for change in &changes {
                    applied &= self.write(file, change)?;
                }
                if applied && !changes.is_empty() { 1 } else { heads }
            }
            // A roster that names no head takes none away.
            None if house.heads == 1 && !named.iter().any(|one| one.states_head) => {
                if !relations.is_empty() {
                    file.note(house.row, Issue::HeadMissing, &[], None)?;
                }
                1
            }
            None => self.plain(file.source, relations, house.heads)?,
        };
        if let Some(house) = known.house_mut(at) {
            house.heads = heads;
        }
        if !misses {
            return Ok(0);
        }
        let is_missed =
            |member: &&Member| named.binary_search_by_key(&member.id, |one| one.person).is_err();
        let (mut waiting, mut left) = (0_u16, 0_u16);
        for member in members.iter().filter(is_missed) {
            match self.missed(file, &house, member)? {
                Some(EventState::Proposed) => waiting = waiting.saturating_add(1),
                Some(EventState::Applied) => left = left.saturating_add(1),
                _ => {}
            }
        }
        if let Some(house) = known.house_mut(at) {
            house.members = house.members.saturating_sub(left);
        }
        Ok(waiting)
    }

    /// The changes of head that the rows of a household say, and how many heads it has where they
    /// wait; none where the rows state no single new head.
    fn new_head(
        &self,
        (house, members): (&House, &[Member]),
        named: &[Named],
        relations: &[Relation],
    ) -> Result<Option<(Vec<Proposal>, u16)>, StoreError> {
        let Some(rule) = self.of.rules.of_roster(Effect::HeadChange) else { return Ok(None) };
        let mut stated = named.iter().filter(|one| one.states_head);
        let (Some(new), None) = (stated.next(), stated.next()) else { return Ok(None) };
        let others: Vec<&Member> =
            members.iter().filter(|one| one.is_head() && one.id != new.person).collect();
        let of = |id: i64| relations.iter().find(|relation| relation.person == id);
        let is_named = |id: i64| named.iter().any(|one| one.person == id);
        // One who is named without a relation may be the head still.
        if others.is_empty() || others.iter().any(|one| is_named(one.id) && of(one.id).is_none()) {
            return Ok(None);
        }
        let heads = members.iter().map(|one| u16::from(one.is_head())).fold(0, u16::saturating_add);
        let same = (house.id, Some(new.person), None);
        let known = store::same(self.tx, &rule.id, same)?;
        if matches!(known, Some(EventState::Proposed | EventState::Rejected)) {
            return Ok(Some((Vec::new(), heads)));
        }
        let doubts = [
            (house.refused > 0, Doubt::RowsRefused),
            (known == Some(EventState::Undone), Doubt::UndoneBefore),
            (!rule.at_once, Doubt::Rule),
        ];
        let doubt = doubts.into_iter().find(|(holds, _)| *holds).map(|(_, doubt)| doubt);
        let before = members.iter().find(|one| one.id == new.person);
        let before = before.and_then(|one| one.relation.clone());
        let head = || Some(RELATION_HEAD.to_owned());
        let changes = others.iter().map(|other| Proposal {
            person: Some(new.person),
            other: Some(other.id),
            relation: (before.clone(), head()),
            other_relation: (head(), of(other.id).and_then(|one| one.after.clone())),
            doubt,
            ..Proposal::new(
                rule.word(),
                house.id,
                Some(of(new.person).map_or(house.row, |one| one.row)),
            )
        });
        Ok(Some((changes.collect(), heads)))
    }

    /// Writes the relations as the rows say; answers how many heads the household has then.
    fn plain(
        &self,
        file: &FileSource<'_>,
        relations: &[Relation],
        mut heads: u16,
    ) -> Result<u16, StoreError> {
        let count = |word: Option<&str>| u16::from(word == Some(RELATION_HEAD));
        for one in relations {
            let after = one.after.as_deref();
            if one.is_new {
                let sql = "update person set relation = $1 where id = $2";
                self.tx.execute(sql, &[after.into(), one.person.into()])?;
            } else {
                person_change::replace_relation(self.tx, one.person, after, file)?;
            }
            heads = (heads + count(after)).saturating_sub(count(one.before.as_deref()));
        }
        Ok(heads)
    }

    /// Proposes that a member left whom the household no longer names; answers how far that is.
    fn missed(
        &self,
        file: &mut FileWriter<'_, '_>,
        house: &House,
        member: &Member,
    ) -> Result<Option<EventState>, RegistryError> {
        let Some(rule) = self.of.rules.of_roster(Effect::Left) else { return Ok(None) };
        let known = store::same(self.tx, &rule.id, (house.id, Some(member.id), None))?;
        let doubt = match known {
            Some(EventState::Proposed | EventState::Rejected) => return Ok(known),
            Some(EventState::Undone) => Some(Doubt::UndoneBefore),
            _ => (!rule.at_once || member.is_head()).then_some(Doubt::Rule),
        };
        let applies = self.write(
            file,
            &Proposal {
                person: Some(member.id),
                relation: (member.relation.clone(), None),
                doubt,
                ..Proposal::new(rule.word(), house.id, Some(house.row))
            },
        )?;
        Ok(Some(if applies { EventState::Applied } else { EventState::Proposed }))
    }

    fn members(&self, household: i64) -> Result<Vec<Member>, StoreError> {
        let sql = "select id, person_no, id_blind, relation from person where household_id = $1 \
                   order by id";
        self.tx.query(sql, &[household.into()], |row| {
            Ok(Member {
                id: row.int(0)?,
                person_no: row.text(1)?,
                blind: row.blob_opt(2)?,
                relation: row.text_opt(3)?,
            })
        })
    }
}

/// The rows of a household that is stated elsewhere.
struct Stated<'a> {
    batch: &'a RegisterBatch,
    people: &'a [PersonDraft],
    lists: &'a Lists,
}

impl Stated<'_> {
    fn blind(person: &PersonDraft) -> Option<&[u8]> {
        person.identity.as_ref().map(|identity| identity.blind.0.as_slice())
    }

    fn of(&self, member: &Member) -> Option<&PersonDraft> {
        let number =
            |person: &&PersonDraft| self.batch.arena.text(person.person_no) == member.person_no;
        self.people.iter().find(number)
    }

    /// Whether a member is named, and by no other identity number.
    fn has(&self, member: &Member) -> bool {
        let (known, found) = (member.blind.as_deref(), self.of(member));
        found.is_some_and(|person| {
            Self::blind(person).zip(known).is_none_or(|(stated, known)| stated == known)
        })
    }

    /// Whether a member is named by the same identity number.
    fn has_same(&self, member: &Member) -> bool {
        let known = member.blind.as_deref();
        known.is_some() && self.of(member).is_some_and(|person| Self::blind(person) == known)
    }

    fn has_same_head(&self, head: &Member) -> bool {
        let relation =
            |person: &PersonDraft| self.lists.person(0, person.codes.first().copied().flatten());
        self.has_same(head)
            && self.of(head).is_some_and(|person| relation(person) == Some(RELATION_HEAD))
    }
}
