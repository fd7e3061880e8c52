//! The rows of one county, read in the order of the views.

use qb_base::date::{Precision, years_between};
use qb_base::{AreaCode, PartialDate};
use qb_engine::arrow::array::RecordBatch;
use qb_engine::{Table, views};
use qb_policy::Pack;
use qb_store::{Conn, Known, Row, Sql, StoreError, Value};

use super::incomes::{ItemSums, Statement};
use super::rows::{Cell, Rows, day};
use super::told::{Told, Truths};
use super::{Asked, Reading, datasets};
use crate::error::RegistryError;

const HOUSEHOLDS: &str = include_str!("../sql/snapshot_household.sql");
const PERSONS: &str = include_str!("../sql/snapshot_person.sql");
const INCOMES: &str = include_str!("../sql/snapshot_income.sql");
const KNOWN_HOUSEHOLDS: &str = include_str!("../sql/known_household.sql");
const KNOWN_HOME: &str = include_str!("../sql/known_home.sql");
const KNOWN_PERSONS: &str = include_str!("../sql/known_person.sql");
const KNOWN_INCOMES: &str = include_str!("../sql/known_income.sql");
const VILLAGES: &str = include_str!("../sql/snapshot_village.sql");
const LEDGERS: &str = include_str!("../sql/snapshot_ledger.sql");
const REFERENCES: &str = include_str!("../sql/snapshot_reference.sql");

/// The views of one county.
pub(super) struct CountyRows {
    pub(super) person: RecordBatch,
    pub(super) household: RecordBatch,
    pub(super) village: RecordBatch,
    pub(super) records: Vec<Table>,
}

pub(super) fn read(
    conn: &Conn,
    asked: (&Asked<'_>, Reading),
    county: &AreaCode,
) -> Result<CountyRows, RegistryError> {
    let range = county.range();
    Ok(CountyRows {
        person: persons(conn, asked, &range)?,
        household: households(conn, asked, &range)?,
        village: villages(conn, asked.0, &range)?,
        records: datasets::records(conn, asked.0, &range)?,
    })
}

fn persons(
    conn: &Conn,
    (asked, reading): (&Asked<'_>, Reading),
    (low, high): &(String, String),
) -> Result<RecordBatch, RegistryError> {
    let mut rows = Rows::new(&views::PERSON);
    let as_of = asked.as_of.to_string();
    let within = [(&as_of).into(), low.into(), high.into()];
    let (sql, values) = match reading {
        Reading::Current => (Sql::from(PERSONS), within.to_vec()),
        Reading::Versions => (Sql::join(&[KNOWN_HOME, KNOWN_PERSONS]), known(asked, &within)),
    };
    conn.each::<StoreError>(sql, &values, |row| {
        let birth = row.text_opt(3)?.as_deref().and_then(PartialDate::from_iso);
        // A birth after the day of the snapshot has no age; the rules see it as unknown.
        let age = birth.map(|b| i64::from(years_between(b.date, asked.as_of)));
        let month = birth.filter(|b| b.precision != Precision::Year);
        let month = month.map(|b| i64::from(b.date.month()));
        let area = row.text(2)?;
        let texts: [Option<String>; 9] = texts(row, 4)?;
        rows.push(&[
            Cell::Int(row.int(0)?),
            Cell::Int(row.int(1)?),
            Cell::Text(&area),
            Cell::from(age.filter(|age| (0..=130).contains(age))),
            Cell::from(&texts[0]),
            Cell::from(&texts[1]),
            Cell::from(&texts[2]),
            Cell::from(&texts[3]),
            Cell::from(&texts[4]),
            Cell::from(&texts[5]),
            Cell::from(&texts[6]),
            Cell::from(&texts[7]),
            Cell::from(&texts[8]),
            Cell::from(row.int_opt(13)?),
            Cell::from(row.bool_opt(14)?),
            Cell::from(row.bool_opt(15)?),
            Cell::from(month),
        ]);
        Ok(())
    })?;
    Ok(rows.finish()?)
}

/// What statements of versions ask: the instant first.
fn known<'v>(asked: &Asked<'_>, rest: &[Value<'v>]) -> Vec<Value<'v>> {
    let instant = asked.known.until().into();
    std::iter::once(instant).chain(rest.iter().copied()).collect()
}

fn texts<const N: usize>(row: &Row<'_>, from: usize) -> Result<[Option<String>; N], StoreError> {
    let mut texts = [const { None }; N];
    for (i, text) in texts.iter_mut().enumerate() {
        *text = row.text_opt(from + i)?;
    }
    Ok(texts)
}

/// Incomes of one household, in the order of the household query.
struct HouseholdIncome {
    id: i64,
    current: Statement,
    prior: Statement,
}

fn incomes(
    conn: &Conn,
    (asked, reading): (&Asked<'_>, Reading),
    (low, high): &(String, String),
) -> Result<Vec<HouseholdIncome>, RegistryError> {
    let items = ItemSums::of(asked.pack);
    let year = i64::from(asked.as_of.year());
    let as_of = asked.as_of.to_string();
    let mut all: Vec<HouseholdIncome> = Vec::new();
    let years = [(year - 1).into(), year.into()];
    let (sql, values) = match reading {
        Reading::Current => {
            let within = [low.into(), high.into(), (&as_of).into()];
            (Sql::from(INCOMES), [&within, &years[..]].concat())
        }
        Reading::Versions => {
            let within = [(&as_of).into(), low.into(), high.into()];
            (Sql::join(&[KNOWN_HOME, KNOWN_INCOMES]), known(asked, &[&within, &years[..]].concat()))
        }
    };
    conn.each::<StoreError>(sql, &values, |row| {
        let id = row.int(0)?;
        if all.last().is_none_or(|last| last.id != id) {
            let (current, prior) = (Statement::default(), Statement::default());
            all.push(HouseholdIncome { id, current, prior });
        }
        let Some(household) = all.last_mut() else { return Ok(()) };
        let is_current = row.int(1)? == year;
        let statement = if is_current { &mut household.current } else { &mut household.prior };
        statement.present = true;
        if let Some(item) = row.text_opt(2)? {
            statement.add(&items, &item, row.int(3)?);
        }
        Ok(())
    })?;
    Ok(all)
}

fn households(
    conn: &Conn,
    (asked, reading): (&Asked<'_>, Reading),
    range: &(String, String),
) -> Result<RecordBatch, RegistryError> {
    let mut incomes = incomes(conn, (asked, reading), range)?.into_iter().peekable();
    let told = Told::read(conn, asked, range)?;
    let as_of = asked.as_of.to_string();
    let (low, high) = range;
    let (sql, values) = match reading {
        Reading::Current => (HOUSEHOLDS, vec![low.into(), high.into(), (&as_of).into()]),
        Reading::Versions => {
            (KNOWN_HOUSEHOLDS, known(asked, &[(&as_of).into(), low.into(), high.into()]))
        }
    };
    let mut rows = Rows::new(&views::HOUSEHOLD);
    let none =
        HouseholdIncome { id: 0, current: Statement::default(), prior: Statement::default() };
    conn.each::<StoreError>(sql, &values, |row| {
        let id = row.int(0)?;
        // Both queries run through households in the same order.
        let income = incomes.next_if(|income| income.id == id);
        push_household(&mut rows, row, income.as_ref().unwrap_or(&none), told.of(id))
    })?;
    Ok(rows.finish()?)
}

fn push_household(
    rows: &mut Rows,
    row: &Row<'_>,
    income: &HouseholdIncome,
    told: Truths,
) -> Result<(), StoreError> {
    let area = row.text(1)?;
    let (class, status) = (row.text_opt(3)?, row.text_opt(4)?);
    let (identified, cause, other) = (row.text_opt(6)?, row.text_opt(7)?, row.text_opt(8)?);
    let mut cells = vec![
        Cell::Int(row.int(0)?),
        Cell::Text(&area),
        Cell::from(row.int_opt(2)?),
        Cell::from(&class),
        Cell::from(&status),
        Cell::from(row.int_opt(5)?),
        day(&identified),
        Cell::from(&cause),
        Cell::from(&other),
        Cell::from(row.bool_opt(9)?),
        Cell::from(row.bool_opt(10)?),
        Cell::from(row.bool_opt(11)?),
        Cell::from(row.int_opt(12)?),
    ];
    for statement in [&income.current, &income.prior] {
        cells.push(Cell::Bool(statement.present));
        // Without a statement nothing is known, not even that there was no income.
        let amount = |fen: &i64| if statement.present { Cell::Int(*fen) } else { Cell::Unknown };
        cells.extend(statement.sums.iter().map(amount));
    }
    cells.extend(told.map(Cell::from));
    rows.push(&cells);
    Ok(())
}

/// A village under construction: its area, designation, and ledger items.
struct VillageRow {
    area: String,
    designated_year: Option<i64>,
    weak: bool,
    ledger: Option<Vec<LedgerLine>>,
}

/// An item of a village's ledger, with its amounts of this year, of the year before, and once only.
struct LedgerLine {
    item: String,
    fen: i64,
    prior_fen: Option<i64>,
    one_off_fen: Option<i64>,
}

fn villages(
    conn: &Conn,
    asked: &Asked<'_>,
    (low, high): &(String, String),
) -> Result<RecordBatch, RegistryError> {
    let pack = asked.pack;
    // The first kind of designation in the pack's list is the programme's own.
    let kinds = pack.code_list("designation_kind").map(|list| list.codes.as_slice());
    // A pack without such a list designates no village, and null finds none.
    let kind = kinds.and_then(<[_]>::first).map(|code| code.id.as_str());
    let year = i64::from(asked.as_of.year());
    let until = asked.known.until();
    let day = asked.as_of.to_string();
    let values = [kind.into(), until.into(), year.into(), low.into(), high.into(), (&day).into()];
    let mut villages = conn.query(VILLAGES, &values, |row| {
        Ok(VillageRow {
            area: row.text(0)?,
            weak: row.bool(1)?,
            designated_year: row.int_opt(2)?,
            ledger: row.bool(3)?.then(Vec::new),
        })
    })?;
    let values = [low.into(), high.into(), year.into(), until.into()];
    conn.each::<StoreError>(LEDGERS, &values, |row| {
        let area = row.text(0)?;
        if let Ok(at) = villages.binary_search_by(|v| v.area.cmp(&area))
            && let Some(ledger) = &mut villages[at].ledger
        {
            ledger.push(LedgerLine {
                item: row.text(1)?,
                fen: row.int(2)?,
                prior_fen: row.int_opt(3)?,
                one_off_fen: row.int_opt(4)?,
            });
        }
        Ok(())
    })?;
    let mut rows = Rows::new(&views::VILLAGE);
    villages.iter().for_each(|village| push_village(&mut rows, pack, village));
    Ok(rows.finish()?)
}

/// A ledger item `x` fills the column `x_fen`; income items also add to the one-off and prior-year
/// totals.
fn push_village(rows: &mut Rows, pack: &Pack, village: &VillageRow) {
    let is_income = |item: &str| {
        let code = pack.code_list("ledger_item").and_then(|list| list.code(item));
        code.and_then(|code| code.group.as_deref()) == Some("income")
    };
    // A village without a ledger has no lines, and its totals stay unknown.
    let lines = || village.ledger.iter().flatten();
    let total = |pick: fn(&LedgerLine) -> Option<i64>| {
        let mut amounts = lines().filter(|line| is_income(&line.item)).filter_map(pick).peekable();
        amounts.peek()?;
        Some(amounts.sum::<i64>())
    };
    let cells: Vec<Cell<'_>> = views::VILLAGE
        .columns
        .iter()
        .map(|column| match column.name {
            "area_code" => Cell::Text(&village.area),
            "weak" => Cell::Bool(village.weak),
            "designated_year" => Cell::from(village.designated_year),
            "ledger_present" => Cell::Bool(village.ledger.is_some()),
            "one_off_fen" => Cell::from(total(|line| line.one_off_fen)),
            "total_prior_fen" => Cell::from(total(|line| line.prior_fen)),
            name => {
                let item = name.strip_suffix("_fen").unwrap_or(name);
                let line = lines().find(|line| line.item == item);
                Cell::from(line.map(|line| line.fen))
            }
        })
        .collect();
    rows.push(&cells);
}

/// Outside values, which belong to no county.
pub(super) fn reference(conn: &Conn, known: Known) -> Result<RecordBatch, RegistryError> {
    let mut rows = Rows::new(&views::REFERENCE);
    conn.each::<StoreError>(REFERENCES, &[known.until().into()], |row| {
        let (fact, area) = (row.text(0)?, row.text_opt(1)?);
        let (unit, source) = (row.text(4)?, row.text(5)?);
        rows.push(&[
            Cell::Text(&fact),
            Cell::from(&area),
            Cell::from(row.int_opt(2)?),
            Cell::Int(row.int(3)?),
            Cell::Text(&unit),
            Cell::Text(&source),
        ]);
        Ok(())
    })?;
    Ok(rows.finish()?)
}
