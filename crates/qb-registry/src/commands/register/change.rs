//! Changes of what is already registered: the old version moves to its history, the new one takes
//! its place.

use qb_base::{AreaCode, Date, Timestamp};
use qb_store::{Sql, StoreError, Tx, Value};

use super::rows::{
    HOUSEHOLD_COLUMNS, HOUSEHOLD_VERSION, Lists, ORIGIN, PERSON_COLUMNS, PERSON_VERSION,
    REASON_REGISTERED,
};
use crate::commands::FileSource;
use crate::draft::{HouseholdDraft, HouseholdValues, RegisterBatch, Unstated};
use crate::error::RegistryError;

/// Registered status as a file states it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) identified_on: Option<String>,
    pub(crate) exit_status: Option<String>,
    pub(crate) exit_year: Option<i64>,
}

/// Where a person stands in the store, and under which numbers.
pub(crate) struct PersonStanding {
    pub(crate) person_no: String,
    pub(crate) digest: i64,
    pub(crate) file_id: i64,
    pub(crate) row: i64,
    pub(crate) household_id: Option<i64>,
    pub(crate) relation: Option<String>,
    /// The village of the household; none of a person who belongs to none.
    pub(crate) home: Option<AreaCode>,
}

/// The id of the person whose identity number has this index.
pub(crate) fn holder(tx: &Tx<'_>, blind: &[u8]) -> Result<Option<i64>, StoreError> {
    tx.query_opt("select id from person where id_blind = $1", &[blind.into()], |row| row.int(0))
}

/// Whether the identity number with this index is the person's.
pub(crate) fn holds(tx: &Tx<'_>, id: i64, blind: &[u8]) -> Result<bool, StoreError> {
    let sql = "select id_blind from person where id = $1";
    let found = tx.query_opt(sql, &[id.into()], |row| row.blob_opt(0))?;
    Ok(found.flatten().is_some_and(|found| found == blind))
}

/// The person with this number.
pub(crate) fn person_by_number(tx: &Tx<'_>, number: &str) -> Result<Option<i64>, StoreError> {
    tx.query_opt("select id from person where person_no = $1", &[number.into()], |row| row.int(0))
}

pub(crate) fn person_standing(tx: &Tx<'_>, id: i64) -> Result<PersonStanding, StoreError> {
    tx.query_one(
        "select p.person_no, p.row_digest, p.source_file_id, p.source_row, p.household_id, \
         p.relation, h.area_code from person p left join household h on h.id = p.household_id \
         where p.id = $1",
        &[id.into()],
        |row| {
            let home = row.text_opt(6)?;
            Ok(PersonStanding {
                person_no: row.text(0)?,
                digest: row.int(1)?,
                file_id: row.int(2)?,
                row: row.int(3)?,
                household_id: row.int_opt(4)?,
                relation: row.text_opt(5)?,
                home: home.and_then(|code| AreaCode::parse(&code).ok()),
            })
        },
    )
}

/// What the store says of a person.
pub(crate) struct PersonVersion {
    name: String,
    name_key: String,
    pub(crate) blind: Option<Vec<u8>>,
    sex: Option<String>,
    birth_on: Option<String>,
    /// Ethnicity to place of work, in the order of `PERSON_COLUMNS`.
    codes: [Option<String>; 7],
    work_months: Option<i64>,
    insured: [Option<bool>; 2],
}

impl PersonVersion {
    /// Reads the version that stands.
    pub(crate) fn read(tx: &Tx<'_>, id: i64) -> Result<Self, StoreError> {
        tx.query_one(
            "select name, name_key, id_blind, ethnicity, education, school_status, \
            out_of_school_reason, health, labour, work_place, work_months, medical_insured, \
            critical_ill_insured, sex, birth_on from person where id = $1",
            &[id.into()],
            |row| {
                let mut codes = [const { None }; 7];
                for (column, code) in (3..).zip(&mut codes) {
                    *code = row.text_opt(column)?;
                }
                Ok(Self {
                    name: row.text(0)?,
                    name_key: row.text(1)?,
                    blind: row.blob_opt(2)?,
                    codes,
                    work_months: row.int_opt(10)?,
                    insured: [row.bool_opt(11)?, row.bool_opt(12)?],
                    sex: row.text_opt(13)?,
                    birth_on: row.text_opt(14)?,
                })
            },
        )
    }

    /// Whether a row under the person's number speaks of somebody else: another name and another
    /// identity number. Who had no number yet may get one, and a new name with it.
    pub(crate) fn is_somebody_else(&self, name_key: &str, blind: Option<&[u8]>) -> bool {
        self.blind.is_some() && self.blind.as_deref() != blind && self.name_key != name_key
    }

    /// Puts what is known into the places of which the row says nothing; answers whether the row
    /// then says anything new. `values` are those of [`super::rows::person_values`].
    pub(crate) fn complete<'v>(&'v self, values: &mut [Value<'v>; 18], unstated: Unstated) -> bool {
        let months = [Value::from(self.work_months)];
        let insured = self.insured.map(Value::from);
        let codes = self.codes.iter().map(|code| Value::from(code.as_deref()));
        let known = codes.chain(months).chain(insured);
        // The relation is the first code of a row and no part of the version.
        let stated = values.iter_mut().skip(PERSON_IDENTITY).zip(known).enumerate();
        let mut differs = false;
        for (at, (value, known)) in stated {
            if unstated.has(at + 1) {
                *value = known;
            }
            differs |= *value != known;
        }
        let [_, name, _, _, _, blind, sex, birth_on, ..] = values;
        // A number says both; without one what is known stays until a row says otherwise.
        if *blind == Value::Null {
            for (value, known) in [(sex, &self.sex), (birth_on, &self.birth_on)] {
                let known = Value::from(known.as_deref());
                if *value == Value::Null {
                    *value = known;
                }
                differs |= *value != known;
            }
        }
        differs
            || *name != Value::from(self.name.as_str())
            || *blind != Value::from(self.blind.as_deref())
    }
}

/// How many of a person's values say who it is; the others follow.
const PERSON_IDENTITY: usize = 8;

/// Copies the version that stands in a table into its history; takes the last day it was valid,
/// the instant, and the id.
fn keep_version(
    table: &'static str,
    history: &'static str,
    columns: impl Iterator<Item = &'static str> + Clone,
) -> Sql {
    let columns = columns.chain(ORIGIN);
    let mut pieces = vec!["insert into ", history, " ("];
    pieces.extend(columns.clone().flat_map(|column| [column, ", "]));
    pieces.push("valid_to, superseded_at) select ");
    pieces.extend(columns.flat_map(|column| [column, ", "]));
    pieces.extend(["cast($1 as text), cast($2 as bigint) from ", table, " where id = $3"]);
    Sql::join(&pieces)
}

/// Where a new version comes from.
pub(crate) struct Source<'a, 't> {
    pub(crate) file: &'a FileSource<'t>,
    pub(crate) row: u32,
    pub(crate) digest: i64,
    pub(crate) today: Date,
    /// The day from which the new version holds; none where that stays.
    pub(crate) valid_from: Option<Date>,
}

/// Moves a person's version to the history and writes the new one.
pub(crate) fn replace_person(
    tx: &Tx<'_>,
    id: i64,
    values: &[Value<'_>; 18],
    source: Source<'_, '_>,
) -> Result<(), StoreError> {
    let day = source.today.to_string();
    let version = PERSON_COLUMNS.iter().take(PERSON_VERSION).copied();
    tx.execute(
        keep_version("person", "person_history", version),
        &[day.as_str().into(), source.file.now.0.into(), id.into()],
    )?;
    let valid_from = source.valid_from.map(|day| day.to_string());
    let origin = [
        Value::Int(source.file.now.0),
        source.file.file_id.into(),
        i64::from(source.row).into(),
        source.digest.into(),
        valid_from.as_deref().into(),
        id.into(),
    ];
    let all: Vec<Value<'_>> = values.iter().copied().chain(origin).collect();
    tx.execute(
        "update person set person_no = $1, name = $2, name_key = $3, id_kind = $4, id_sealed = \
        $5, id_blind = $6, sex = $7, \
         birth_on = $8, ethnicity = $9, education = $10, school_status = $11, \
         out_of_school_reason = $12, health = $13, \
         labour = $14, work_place = $15, work_months = $16, medical_insured = $17, \
         critical_ill_insured = $18, \
         recorded_at = $19, source_file_id = $20, source_row = $21, row_digest = $22, \
         valid_from = coalesce($23, valid_from) where id = $24",
        &all,
    )?;
    Ok(())
}

/// Moves a household to another village: its version moves to the history, unless it was written
/// at this very instant.
pub(crate) fn move_household(
    tx: &Tx<'_>,
    id: i64,
    area: AreaCode,
    (day, now): (&str, Timestamp),
    (file_id, row): (Option<i64>, Option<i64>),
) -> Result<(), StoreError> {
    let version = HOUSEHOLD_COLUMNS.iter().take(HOUSEHOLD_VERSION).copied();
    let is_older = "select count(*) from household where id = $1 and recorded_at < $2";
    if tx.query_one(is_older, &[id.into(), now.0.into()], |row| row.int(0))? > 0 {
        let values = [day.into(), now.0.into(), id.into()];
        tx.execute(keep_version("household", "household_history", version), &values)?;
    }
    tx.execute(
        "update household set area_code = $1, recorded_at = $2, \
         source_file_id = coalesce($3, source_file_id), source_row = coalesce($4, source_row) \
         where id = $5",
        &[area.as_str().into(), now.0.into(), file_id.into(), row.into(), id.into()],
    )?;
    Ok(())
}

/// A table of versions with its history.
pub(crate) struct Versioned {
    table: &'static str,
    history: &'static str,
    columns: &'static [&'static str],
}

/// Persons, without their membership.
pub(crate) const PERSON: Versioned = Versioned {
    table: "person",
    history: "person_history",
    columns: PERSON_COLUMNS.split_at(PERSON_VERSION).0,
};
/// Households, without their registration.
pub(crate) const HOUSEHOLD: Versioned = Versioned {
    table: "household",
    history: "household_history",
    columns: HOUSEHOLD_COLUMNS.split_at(HOUSEHOLD_VERSION).0,
};

impl Versioned {
    fn keep(&self) -> Sql {
        keep_version(self.table, self.history, self.columns.iter().copied())
    }
}

/// The instant since which the version of a row stands.
pub(crate) fn stands_since(tx: &Tx<'_>, of: &Versioned, id: i64) -> Result<i64, StoreError> {
    let sql = Sql::join(&["select recorded_at from ", of.table, " where id = $1"]);
    tx.query_one(sql, &[id.into()], |row| row.int(0))
}

/// Lets the version of a row hold again that was replaced at an instant; without effect where the
/// row was not touched then, or was since.
pub(crate) fn restore(
    tx: &Tx<'_>,
    of: &Versioned,
    (id, replaced): (i64, i64),
    (day, now): (&str, Timestamp),
) -> Result<(), StoreError> {
    let was_replaced =
        Sql::join(&["select count(*) from ", of.history, " where id = $1 and superseded_at = $2"]);
    let kept = tx.query_one(was_replaced, &[id.into(), replaced.into()], |row| row.int(0))?;
    if kept == 0 || stands_since(tx, of, id)? != replaced {
        return Ok(());
    }
    tx.execute(of.keep(), &[day.into(), now.0.into(), id.into()])?;
    let columns = of.columns.iter().copied().chain(["valid_from", "source_file_id"]);
    let columns: Vec<&'static str> = columns.filter(|column| *column != "id").collect();
    let listed = || {
        let each = columns.iter().enumerate();
        each.flat_map(|(at, column)| [if at == 0 { "" } else { ", " }, *column])
    };
    let mut pieces = vec!["update ", of.table, " set ("];
    pieces.extend(listed());
    pieces.push(") = (select ");
    pieces.extend(listed());
    pieces.extend([" from ", of.history, " where id = $1 and superseded_at = $2)"]);
    pieces.push(", recorded_at = $3 where id = $1");
    let sql = Sql::join(&pieces);
    tx.execute(sql, &[id.into(), replaced.into(), now.0.into()]).map(|_| ())
}

/// Moves the version of a household that stands to its history; the caller writes another.
pub(crate) fn keep_household(
    tx: &Tx<'_>,
    id: i64,
    (day, now): (&str, Timestamp),
) -> Result<(), StoreError> {
    tx.execute(HOUSEHOLD.keep(), &[day.into(), now.0.into(), id.into()]).map(|_| ())
}

/// Changes the number of members that a household says it has; one that never said stays so.
pub(crate) fn recount(
    tx: &Tx<'_>,
    id: i64,
    more: i64,
    (day, now): (&str, Timestamp),
) -> Result<(), StoreError> {
    keep_household(tx, id, (day, now))?;
    let sql = "update household set member_count = member_count + $1, recorded_at = $2 \
               where id = $3";
    tx.execute(sql, &[more.into(), now.0.into(), id.into()]).map(|_| ())
}

/// Moves the known relation of a member to the history and writes the new one.
pub(crate) fn replace_relation(
    tx: &Tx<'_>,
    person_id: i64,
    relation: Option<&str>,
    file: &FileSource<'_>,
) -> Result<(), StoreError> {
    let (now, file_id) = (file.now.0, file.file_id);
    tx.execute(
        "insert into membership_history (person_id, household_id, relation, valid_from, \
        reason_in, recorded_at, superseded_at, source_file_id) \
         select id, household_id, relation, member_from, member_reason_in, \
         coalesce(member_recorded_at, recorded_at), cast($1 as bigint), \
         coalesce(member_file_id, source_file_id) from person where id = $2",
        &[now.into(), person_id.into()],
    )?;
    tx.execute(
        "update person set relation = $1, member_recorded_at = $2, member_file_id = $3 \
         where id = $4",
        &[relation.into(), now.into(), file_id.into(), person_id.into()],
    )?;
    Ok(())
}

/// Moves the known registration of a household to the history and writes the new one; `values`
/// are those of [`super::rows::registration`].
pub(crate) fn replace_registration(
    tx: &Tx<'_>,
    id: i64,
    values: &[Value<'_>; 6],
    scheme: &str,
    file: &FileSource<'_>,
) -> Result<(), StoreError> {
    tx.execute(
        "insert into registration_history (household_id, scheme, valid_from, reason_in, \
        identified_on, exit_status, exit_year, valid_to, reason_out, recorded_at, superseded_at, \
        source_file_id) \
         select id, scheme, registered_from, registered_reason_in, identified_on, exit_status, \
         exit_year, registered_to, registered_reason_out, registered_recorded_at, \
         cast($1 as bigint), registered_file_id from household \
         where id = $2 and scheme is not null",
        &[file.now.0.into(), id.into()],
    )?;
    let rest = [
        scheme.into(),
        REASON_REGISTERED.into(),
        file.now.0.into(),
        file.file_id.into(),
        id.into(),
    ];
    let all: Vec<Value<'_>> = values.iter().copied().chain(rest).collect();
    tx.execute(
        "update household set registered_from = $1, identified_on = $2, exit_status = $3, \
         exit_year = $4, registered_to = $5, registered_reason_out = $6, scheme = $7, \
         registered_reason_in = $8, registered_recorded_at = $9, registered_file_id = $10 \
         where id = $11",
        &all,
    )?;
    Ok(())
}

/// A household as the store holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct HouseholdRow {
    group_name: Option<String>,
    member_count: Option<i64>,
    household_class: Option<String>,
    cause_main: Option<String>,
    cause_other: Option<String>,
    dangerous_house: Option<bool>,
    water_safe: Option<bool>,
    water_short: Option<bool>,
    income_fen: Option<i64>,
    phone_sealed: Option<Vec<u8>>,
}

/// New rows of a household that is already registered.
pub(crate) struct HouseholdChange<'a, 't> {
    pub(crate) file: &'a FileSource<'t>,
    pub(crate) batch: &'a RegisterBatch,
    pub(crate) draft: &'a HouseholdDraft,
    pub(crate) lists: &'a Lists,
    pub(crate) today: Date,
    /// Whether a person stated it as an event of that day.
    pub(crate) is_event: bool,
}

impl HouseholdChange<'_, '_> {
    /// Applies what differs; answers the new standing when the registration changed and has to be
    /// replaced.
    pub(crate) fn apply(&self, tx: &Tx<'_>, id: i64) -> Result<Option<Standing>, RegistryError> {
        let old = read_household(tx, id)?;
        let new = self.merged(&old);
        if new != old {
            self.replace(tx, id, &new)?;
        }
        self.standing(tx, id)
    }

    /// Rows that bring the head state the household anew, as far as their columns go; single
    /// resent members only add what was missing.
    fn merged(&self, old: &HouseholdRow) -> HouseholdRow {
        use HouseholdValues as At;
        let (arena, values) = (&self.batch.arena, &self.draft.values);
        let code = |at: usize, code: Option<u16>| self.lists.household(at, code).map(str::to_owned);
        let group = values.group.map(|span| arena.text(span).to_owned());
        let phone = values.phone_sealed.map(|span| arena.bytes(span).to_vec());
        HouseholdRow {
            group_name: self.pick(At::GROUP, group, &old.group_name),
            member_count: self.pick(At::MEMBER_COUNT, values.member_count, &old.member_count),
            household_class: self.pick(
                At::CODES,
                code(0, values.household_class),
                &old.household_class,
            ),
            cause_main: self.pick(At::CODES + 1, code(1, values.cause_main), &old.cause_main),
            cause_other: self.pick(At::CODES + 2, code(2, values.cause_other), &old.cause_other),
            dangerous_house: self.pick(
                At::DANGEROUS_HOUSE,
                values.dangerous_house,
                &old.dangerous_house,
            ),
            water_safe: self.pick(At::WATER_SAFE, values.water_safe, &old.water_safe),
            water_short: self.pick(At::WATER_SHORT, values.water_short, &old.water_short),
            income_fen: self.pick(At::INCOME, values.income_fen, &old.income_fen),
            phone_sealed: self.pick(At::PHONE, phone, &old.phone_sealed),
        }
    }

    /// What is stated, or what is known where nothing is said.
    fn pick<T: Clone>(&self, column: usize, stated: Option<T>, known: &Option<T>) -> Option<T> {
        let anew = self.draft.has_head && !self.draft.unstated.has(column);
        if anew { stated } else { stated.or_else(|| known.clone()) }
    }

    fn replace(&self, tx: &Tx<'_>, id: i64, new: &HouseholdRow) -> Result<(), StoreError> {
        let day = self.today.to_string();
        let now = self.file.now.0;
        let version = HOUSEHOLD_COLUMNS.iter().take(HOUSEHOLD_VERSION).copied();
        tx.execute(
            keep_version("household", "household_history", version),
            &[day.as_str().into(), now.into(), id.into()],
        )?;
        tx.execute(
            "update household set group_name = $1, member_count = $2, household_class = $3, \
            cause_main = $4, cause_other = $5, \
             dangerous_house = $6, water_safe = $7, water_short = $8, income_reported_fen = $9, \
             phone_sealed = $10, \
             recorded_at = $11, source_file_id = $12, source_row = $13, row_digest = $14, \
             valid_from = coalesce($15, valid_from) where id = $16",
            &[
                new.group_name.as_deref().into(),
                new.member_count.into(),
                new.household_class.as_deref().into(),
                new.cause_main.as_deref().into(),
                new.cause_other.as_deref().into(),
                new.dangerous_house.into(),
                new.water_safe.into(),
                new.water_short.into(),
                new.income_fen.into(),
                new.phone_sealed.as_deref().into(),
                now.into(),
                self.file.file_id.into(),
                i64::from(self.draft.row).into(),
                self.draft.digest.into(),
                self.is_event.then_some(day.as_str()).into(),
                id.into(),
            ],
        )?;
        Ok(())
    }

    fn standing(&self, tx: &Tx<'_>, id: i64) -> Result<Option<Standing>, RegistryError> {
        let old = tx.query_one(
            "select identified_on, exit_status, exit_year from household where id = $1",
            &[id.into()],
            |row| {
                Ok(Standing {
                    identified_on: row.text_opt(0)?,
                    exit_status: row.text_opt(1)?,
                    exit_year: row.int_opt(2)?,
                })
            },
        )?;
        use HouseholdValues as At;
        let (arena, values) = (&self.batch.arena, &self.draft.values);
        let identified = values.identified_on.map(|span| arena.text(span).to_owned());
        let status = self.lists.household(3, values.exit_status).map(str::to_owned);
        let new = Standing {
            identified_on: self.pick(At::IDENTIFIED_ON, identified, &old.identified_on),
            exit_status: self.pick(At::EXIT_STATUS, status, &old.exit_status),
            exit_year: self.pick(At::EXIT_YEAR, values.exit_year, &old.exit_year),
        };
        Ok((new != old).then_some(new))
    }
}

fn read_household(tx: &Tx<'_>, id: i64) -> Result<HouseholdRow, StoreError> {
    tx.query_one(
        "select group_name, member_count, household_class, cause_main, cause_other, \
        dangerous_house, water_safe, water_short, \
         income_reported_fen, phone_sealed from household where id = $1",
        &[id.into()],
        |row| {
            Ok(HouseholdRow {
                group_name: row.text_opt(0)?,
                member_count: row.int_opt(1)?,
                household_class: row.text_opt(2)?,
                cause_main: row.text_opt(3)?,
                cause_other: row.text_opt(4)?,
                dangerous_house: row.bool_opt(5)?,
                water_safe: row.bool_opt(6)?,
                water_short: row.bool_opt(7)?,
                income_fen: row.int_opt(8)?,
                phone_sealed: row.blob_opt(9)?,
            })
        },
    )
}
