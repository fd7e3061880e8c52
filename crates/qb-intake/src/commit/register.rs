//! Writes persons, households, memberships and registrations.

use std::sync::Arc;

use qb_base::Date;
use qb_policy::CodeList;
use qb_store::{Bulk, StoreError, Tx, Value};

use super::change::{self, Standing};
use super::file::FileWriter;
use super::known::{House, Known, area_number};
use crate::error::IntakeError;
use crate::fields::Issue;
use crate::rows::Shared;
use crate::rows::draft::{HouseholdDraft, PersonDraft, RegisterBatch};
use crate::rows::register::{HOUSEHOLD_CODES, PERSON_CODES, RELATION_HEAD};

const PERSON_COLUMNS: &[&str] = &[
    "id",
    "person_no",
    "name",
    "name_key",
    "id_kind",
    "id_sealed",
    "id_blind",
    "sex",
    "birth_on",
    "ethnicity",
    "education",
    "school_status",
    "out_of_school_reason",
    "health",
    "labour",
    "work_place",
    "work_months",
    "medical_insured",
    "critical_ill_insured",
    "valid_from",
    "recorded_at",
    "source_file_id",
    "source_row",
    "row_digest",
];
const HOUSEHOLD_COLUMNS: &[&str] = &[
    "id",
    "household_no",
    "area_code",
    "group_name",
    "member_count",
    "household_class",
    "cause_main",
    "cause_other",
    "dangerous_house",
    "water_safe",
    "water_short",
    "income_reported_fen",
    "phone_sealed",
    "valid_from",
    "recorded_at",
    "source_file_id",
    "source_row",
    "row_digest",
];
const MEMBERSHIP_COLUMNS: &[&str] = &[
    "person_id",
    "household_id",
    "relation",
    "valid_from",
    "reason_in",
    "recorded_at",
    "source_file_id",
];
const REGISTRATION_COLUMNS: &[&str] = &[
    "household_id",
    "scheme",
    "valid_from",
    "reason_in",
    "identified_on",
    "exit_status",
    "exit_year",
    "valid_to",
    "reason_out",
    "recorded_at",
    "source_file_id",
];
/// Why a membership or registration taken from a register begins.
pub(crate) const REASON_REGISTERED: &str = "registered";
/// Why a registration ends.
const REASON_EXIT: &str = "exit";

/// The lists behind the code columns, looked up once.
pub(crate) struct Lists {
    person: Vec<Arc<CodeList>>,
    household: Vec<Arc<CodeList>>,
}

impl Lists {
    pub(crate) fn new(shared: &Shared, layout: &qb_policy::Layout) -> Self {
        let find = |ids: &[&str]| {
            ids.iter()
                .filter_map(|id| match &layout.column(id)?.kind {
                    qb_policy::ColumnKind::Code(list) => shared.list(list).cloned().map(Arc::new),
                    _ => None,
                })
                .collect()
        };
        Self { person: find(&PERSON_CODES), household: find(&HOUSEHOLD_CODES) }
    }

    /// The stored code of a person's column.
    pub(crate) fn person(&self, at: usize, code: Option<u16>) -> Option<&str> {
        text(self.person.get(at)?, code)
    }

    /// The stored code of a household's column.
    pub(crate) fn household(&self, at: usize, code: Option<u16>) -> Option<&str> {
        text(self.household.get(at)?, code)
    }
}

fn text(list: &CodeList, code: Option<u16>) -> Option<&str> {
    list.codes.get(usize::from(code?)).map(|code| code.id.as_str())
}

/// What is the same for every row of a file.
pub(crate) struct Constants {
    pub(crate) scheme: String,
    pub(crate) valid_from: String,
    pub(crate) as_of: Date,
}

/// Writes the rows of one register file.
pub(crate) struct RegisterWriter<'t> {
    tx: &'t Tx<'t>,
    lists: Lists,
    constants: Constants,
    person: Bulk<'t>,
    household: Bulk<'t>,
    membership: Bulk<'t>,
    registration: Bulk<'t>,
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
        stamp: u32,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            person: tx.bulk("person", PERSON_COLUMNS)?,
            household: tx.bulk("household", HOUSEHOLD_COLUMNS)?,
            membership: tx.bulk("membership", MEMBERSHIP_COLUMNS)?,
            registration: tx.bulk("registration", REGISTRATION_COLUMNS)?,
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
        known.warm(&batch.people);
        for draft in &batch.households {
            self.one_household(known, file, batch, draft)?;
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
                for person in people {
                    let cells = batch.arena.bytes(person.cells);
                    file.refuse(person.row, Issue::HouseholdSplit, &[], (Some(draft.area), cells))?;
                }
                return Ok(());
            }
            Some(at) => {
                self.change_household(known, file, batch, draft, at)?;
                at
            }
            None => self.insert_household(known, file, batch, draft)?,
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
        file: &FileWriter<'t>,
        batch: &RegisterBatch,
        draft: &HouseholdDraft,
    ) -> Result<usize, IntakeError> {
        let id = self.next_household;
        self.next_household += 1;
        let (arena, values) = (&batch.arena, &draft.values);
        let number = arena.text(draft.household_no);
        self.household.push(&[
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
            self.constants.valid_from.as_str().into(),
            Value::Int(file.now.0),
            Value::Int(file.file_id),
            Value::Int(i64::from(draft.row)),
            Value::Int(draft.digest),
        ])?;
        let (identified_on, exit) = (values.identified_on, values.exit_status);
        self.dates.turn(identified_on.map(|span| arena.text(span)), values.exit_year);
        self.registration.push(&registration(
            (file, id, &self.constants, &self.dates),
            identified_on.map(|span| arena.text(span)),
            self.lists.household(3, exit),
            values.exit_year,
        ))?;
        let house = House {
            id,
            digest: draft.digest,
            area: area_number(draft.area.as_str()),
            ..House::default()
        };
        Ok(known.add_household(number.as_bytes(), house))
    }

    fn insert_registration(
        &mut self,
        file: &FileWriter<'t>,
        household: i64,
        standing: &Standing,
    ) -> Result<(), StoreError> {
        let identified_on = standing.identified_on.as_deref();
        self.dates.turn(identified_on, standing.exit_year);
        self.registration.push(&registration(
            (file, household, &self.constants, &self.dates),
            identified_on,
            standing.exit_status.as_deref(),
            standing.exit_year,
        ))
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
        let new_standing = change.apply(self.tx, house.id)?;
        if let Some(standing) = new_standing {
            self.insert_registration(file, house.id, &standing)?;
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
            let (file_id, row) = change::origin_of_person(self.tx, holder)?;
            let place = file.place_of(file_id, row)?;
            Self::refused_member(known, at);
            return file.refuse(person.row, Issue::DuplicatePerson, &[("place", &place)], kept);
        }
        match existing {
            None => self.insert_person(known, file, batch, person, at),
            Some(id) => self.change_person(known, file, batch, person, (id, at), kept),
        }
    }

    fn refused_member(known: &mut Known, at: usize) {
        if let Some(house) = known.house_mut(at) {
            house.refused = house.refused.saturating_add(1);
        }
    }

    fn insert_person(
        &mut self,
        known: &mut Known,
        file: &FileWriter<'t>,
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
        let values = person_values(batch, person, lists);
        let mut row = [Value::Null; 24];
        row[0] = Value::Int(id);
        row[1..19].copy_from_slice(&values);
        row[19] = self.constants.valid_from.as_str().into();
        row[20] = Value::Int(file.now.0);
        row[21] = Value::Int(file.file_id);
        row[22] = Value::Int(i64::from(person.row));
        row[23] = Value::Int(person.digest);
        self.person.push(&row)?;
        self.join(known, file, id, at, person)
    }

    fn join(
        &mut self,
        known: &mut Known,
        file: &FileWriter<'t>,
        person_id: i64,
        at: usize,
        person: &PersonDraft,
    ) -> Result<(), IntakeError> {
        let relation = self.lists.person(0, person.codes.first().copied().flatten());
        let Some(house) = known.house_mut(at) else {
            return Err(IntakeError::Invariant("household of a member"));
        };
        house.members = house.members.saturating_add(1);
        if relation == Some(RELATION_HEAD) {
            house.heads = house.heads.saturating_add(1);
            house.refused_heads = house.refused_heads.saturating_sub(1);
        }
        self.membership.push(&[
            Value::Int(person_id),
            Value::Int(house.id),
            relation.into(),
            self.constants.valid_from.as_str().into(),
            REASON_REGISTERED.into(),
            Value::Int(file.now.0),
            Value::Int(file.file_id),
        ])?;
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
            let place = file.place_of(standing.file_id, standing.row)?;
            Self::refused_member(known, at);
            return file.refuse(person.row, Issue::DuplicateNumber, &[("place", &place)], kept);
        }
        let relation = self.lists.person(0, person.codes.first().copied().flatten());
        if relation == Some(RELATION_HEAD)
            && let Some(house) = known.house_mut(at)
        {
            house.refused_heads = house.refused_heads.saturating_sub(1);
        }
        if standing.digest == person.digest {
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
        self.household.flush()?;
        self.membership.flush()?;
        self.registration.flush()
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

/// When a registration begins and ends, in the words of the store. Neighbouring households often
/// share both, so the last answer is kept.
struct RegistrationDates {
    as_of: Date,
    identified_on: String,
    /// None where the register's own start has to do.
    from: Option<String>,
    exit_year: Option<i64>,
    exit: Option<String>,
}

impl RegistrationDates {
    fn new(as_of: Date) -> Self {
        Self { as_of, identified_on: String::new(), from: None, exit_year: None, exit: None }
    }

    /// Turns to another registration, identified on a day and ended in a year.
    fn turn(&mut self, identified_on: Option<&str>, exit_year: Option<i64>) {
        let identified_on = identified_on.unwrap_or_default();
        if self.identified_on != identified_on {
            self.identified_on.clear();
            self.identified_on.push_str(identified_on);
            self.from = qb_base::PartialDate::from_iso(identified_on)
                .filter(|date| date.date <= self.as_of)
                .map(|date| date.date.to_string());
        }
        if self.exit_year != exit_year {
            self.exit_year = exit_year;
            self.exit = exit_year.map(|year| format!("{year:04}-12-31"));
        }
    }
}

/// A registration begins at identification, or at the start of the pack's year, and ends with the
/// year of exit.
fn registration<'v>(
    (file, household, constants, dates): (
        &FileWriter<'_>,
        i64,
        &'v Constants,
        &'v RegistrationDates,
    ),
    identified_on: Option<&'v str>,
    exit_status: Option<&'v str>,
    exit_year: Option<i64>,
) -> [Value<'v>; 11] {
    [
        Value::Int(household),
        constants.scheme.as_str().into(),
        dates.from.as_deref().unwrap_or(&constants.valid_from).into(),
        REASON_REGISTERED.into(),
        identified_on.into(),
        exit_status.into(),
        exit_year.into(),
        dates.exit.as_deref().into(),
        dates.exit.as_ref().map(|_| REASON_EXIT).into(),
        Value::Int(file.now.0),
        Value::Int(file.file_id),
    ]
}

/// Columns of a person between its id and its origin.
fn person_values<'v>(
    batch: &'v RegisterBatch,
    person: &'v PersonDraft,
    lists: &'v Lists,
) -> [Value<'v>; 18] {
    let arena = &batch.arena;
    let identity = person.identity.as_ref();
    let code = |at: usize| Value::from(lists.person(at, person.codes.get(at).copied().flatten()));
    [
        arena.text(person.person_no).into(),
        arena.text(person.name).into(),
        arena.text(person.name_key).into(),
        identity.map(|identity| identity.kind).into(),
        identity.map(|identity| arena.bytes(identity.sealed)).into(),
        identity.map(|identity| identity.blind.0.as_slice()).into(),
        identity.map(|identity| identity.sex).into(),
        identity.map(|identity| arena.text(identity.birth_on)).into(),
        code(1),
        code(2),
        code(3),
        code(4),
        code(5),
        code(6),
        code(7),
        person.work_months.into(),
        person.medical_insured.into(),
        person.critical_ill_insured.into(),
    ]
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
