//! What income sheets tell of support: the items that the pack marks, as a table that pack SQL may
//! name.

use qb_base::Text;
use qb_engine::{Table, TableRows, TableSchema, TableType};
use qb_policy::Pack;
use qb_store::{Conn, StoreError};

use crate::error::RegistryError;

const ITEM: &str = include_str!("sql/support_income.sql");

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

/// The table with its rows: the sheets of a year.
///
/// # Errors
/// Whatever the store says.
pub fn table(conn: &Conn, pack: &Pack, year: i16) -> Result<Table, RegistryError> {
    let mut rows = TableRows::new(schema());
    for item in pack.income_items.iter().filter(|item| item.support) {
        let values = [item.id.as_str().into(), i64::from(year).into()];
        conn.each::<StoreError>(ITEM, &values, |row| {
            let area = row.text(1)?;
            rows.push(&[
                row.int(0)?.into(),
                (&area).into(),
                i64::from(year).into(),
                (&item.id).into(),
                row.int(2)?.into(),
            ]);
            Ok(())
        })?;
    }
    Ok(rows.finish()?)
}
