//! What income sheets tell of support: the items that the pack marks, as a table that pack SQL may
//! name.

use qb_base::{Date, Text};
use qb_engine::{Table, TableRows, TableSchema, TableType};
use qb_policy::Pack;
use qb_store::{Conn, Known, Sql, StoreError, Value};

use crate::error::RegistryError;
use crate::snapshot::Reading;

const ITEM: &str = include_str!("sql/support_income.sql");
const KNOWN_ITEM: &str = include_str!("sql/known_support_income.sql");
const KNOWN_HOME: &str = include_str!("sql/known_home.sql");
/// Before and behind all codes of areas.
const ALL: [&str; 2] = ["", ":"];

/// The table without rows.
pub fn schema() -> TableSchema {
    use TableType::{Integer, Text as Words};
    TableSchema::new("support_income")
        .with("household_id", Integer, Text::fixed("户内部编号", "household"))
        .with("area_code", Words, Text::fixed("地区", "area"))
        .with("year", Integer, Text::fixed("年度", "year"))
        .with("item", Words, Text::fixed("收入项目", "item"))
        .with("amount_fen", Integer, Text::fixed("金额", "amount"))
}

/// The table with its rows: the sheets of a day's year, as far as they are known.
///
/// # Errors
/// Whatever the store says.
pub fn table(
    conn: &Conn,
    pack: &Pack,
    (as_of, known): (Date, Known),
) -> Result<Table, RegistryError> {
    let reading = Reading::of(conn, as_of, known)?;
    let (day, year) = (as_of.to_string(), i64::from(as_of.year()));
    let mut rows = TableRows::new(schema());
    for item in pack.income_items.iter().filter(|item| item.support) {
        let asked: [Value<'_>; 2] = [item.id.as_str().into(), year.into()];
        let (sql, values) = match reading {
            Reading::Current => (Sql::from(ITEM), [&asked[..], &[day.as_str().into()]].concat()),
            Reading::Versions => {
                let when = [known.until().into(), day.as_str().into()];
                let within = ALL.map(Value::from);
                let [item, year] = asked;
                (Sql::join(&[KNOWN_HOME, KNOWN_ITEM]), [when, within, [year, item]].concat())
            }
        };
        conn.each::<StoreError>(sql, &values, |row| {
            let area = row.text(1)?;
            rows.push(&[
                row.int(0)?.into(),
                (&area).into(),
                year.into(),
                (&item.id).into(),
                row.int(2)?.into(),
            ]);
            Ok(())
        })?;
    }
    Ok(rows.finish()?)
}
