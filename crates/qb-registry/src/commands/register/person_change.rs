//! Changes of persons who are registered: the old version moves to its history, the new one takes
//! its place.

use qb_base::{AreaCode, Date};
use qb_store::{StoreError, Tx, Value};

use super::rows::{PERSON_COLUMNS, PERSON_VERSION};
use super::versions::keep_version;
use crate::commands::FileSource;
use crate::draft::Unstated;

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
