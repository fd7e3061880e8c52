//! Changes of households that are registered: the old version moves to its history, the new one
//! takes its place.

use qb_base::Date;
use qb_store::{StoreError, Tx, Value};

use super::rows::{HOUSEHOLD_COLUMNS, HOUSEHOLD_VERSION, Lists, REASON_REGISTERED};
use super::versions::keep_version;
use crate::commands::FileSource;
use crate::draft::{HouseholdDraft, HouseholdValues, RegisterBatch};
use crate::error::RegistryError;

/// Registered status as a file states it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) identified_on: Option<String>,
    pub(crate) exit_status: Option<String>,
    pub(crate) exit_year: Option<i64>,
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
