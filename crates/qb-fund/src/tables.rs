//! Accounts and postings as tables that pack SQL may name.

use qb_base::{Date, Text};
use qb_engine::{EngineError, Table, TableCell, TableRows, TableSchema, TableType};
use qb_store::{Conn, Known, Row, StoreError, Value};

use crate::error::FundError;

const ACCOUNTS: &str = "select a.code, a.kind, a.area_code, a.level, a.year, a.source, \
     a.purpose, a.project_no, a.household_no, a.since_on, b.balance_fen \
     from ledger_account a join ledger_balance b on b.account_id = a.id \
     order by a.area_code, a.code";
const POSTINGS: &str = include_str!("sql/posting_table.sql");
const KNOWN_ACCOUNTS: &str = include_str!("sql/known_account_table.sql");
const KNOWN_POSTINGS: &str = include_str!("sql/known_posting_table.sql");

/// The tables this link publishes, without rows.
pub fn schemas() -> Vec<TableSchema> {
    vec![accounts(), postings()]
}

fn accounts() -> TableSchema {
    use TableType::{Integer, Text as Words};
    TableSchema::new("ledger_account")
        .with("account", Words, Text::fixed("账户", "account"))
        .with("kind", Words, Text::fixed("类别", "kind"))
        .with("area_code", Words, Text::fixed("区划", "area"))
        .with("level", Words, Text::fixed("安排层级", "level that appropriates"))
        .with("year", Integer, Text::fixed("预算年度", "budget year"))
        .with("source", Words, Text::fixed("资金来源", "source"))
        .with("purpose", Words, Text::fixed("资金用途", "purpose"))
        .with("project_no", Words, Text::fixed("项目编号", "project number"))
        .with("household_no", Words, Text::fixed("户编号", "household number"))
        .with("since_on", TableType::Date, Text::fixed("到账日期", "there since"))
        .with("balance_fen", Integer, Text::fixed("余额", "balance"))
}

fn postings() -> TableSchema {
    use TableType::{Bool, Integer, Text as Words};
    TableSchema::new("ledger_posting")
        .with("entry_id", Integer, Text::fixed("分录号", "entry"))
        .with("seq", Integer, Text::fixed("序号", "place in the entry"))
        .with("entry_kind", Words, Text::fixed("分录类别", "kind of entry"))
        .with("posted_on", TableType::Date, Text::fixed("日期", "day"))
        .with("account", Words, Text::fixed("账户", "account"))
        .with("kind", Words, Text::fixed("账户类别", "kind of account"))
        .with("area_code", Words, Text::fixed("区划", "area"))
        .with("amount_fen", Integer, Text::fixed("金额", "amount"))
        .with("is_reversed", Bool, Text::fixed("冲销或已冲销", "reversal or reversed"))
        .with("record_id", Integer, Text::fixed("来源行", "record"))
}

/// The tables with their rows, as far as they are known.
///
/// # Errors
/// Whatever the store says.
pub fn tables(conn: &Conn, known: Known) -> Result<Vec<Table>, FundError> {
    let values: Vec<Value<'_>> = known.instant().map(|at| at.0.into()).into_iter().collect();
    let (account_sql, posting_sql) = match known {
        Known::Everything => (ACCOUNTS, POSTINGS),
        Known::By(_) => (KNOWN_ACCOUNTS, KNOWN_POSTINGS),
    };
    let mut rows = TableRows::new(accounts());
    conn.each::<StoreError>(account_sql, &values, |row| account_row(row, &mut rows))?;
    let accounts = finished(rows)?;
    let mut rows = TableRows::new(postings());
    conn.each::<StoreError>(posting_sql, &values, |row| posting_row(row, &mut rows))?;
    Ok(vec![accounts, finished(rows)?])
}

fn finished(rows: TableRows) -> Result<Table, StoreError> {
    rows.finish().map_err(|error: EngineError| StoreError::Database(error.to_string()))
}

fn account_row(row: &Row<'_>, rows: &mut TableRows) -> Result<(), StoreError> {
    let (code, kind, area) = (row.text(0)?, row.text(1)?, row.text(2)?);
    let (level, source, purpose) = (row.text_opt(3)?, row.text_opt(5)?, row.text_opt(6)?);
    let (project, household) = (row.text_opt(7)?, row.text_opt(8)?);
    rows.push(&[
        (&code).into(),
        (&kind).into(),
        (&area).into(),
        level.as_ref().into(),
        row.int_opt(4)?.into(),
        source.as_ref().into(),
        purpose.as_ref().into(),
        project.as_ref().into(),
        household.as_ref().into(),
        date(row, 9)?,
        row.int(10)?.into(),
    ]);
    Ok(())
}

fn posting_row(row: &Row<'_>, rows: &mut TableRows) -> Result<(), StoreError> {
    let (entry_kind, account) = (row.text(2)?, row.text(4)?);
    let (kind, area) = (row.text(5)?, row.text(6)?);
    rows.push(&[
        row.int(0)?.into(),
        row.int(1)?.into(),
        (&entry_kind).into(),
        date(row, 3)?,
        (&account).into(),
        (&kind).into(),
        (&area).into(),
        row.int(7)?.into(),
        (row.int(8)? > 0).into(),
        row.int_opt(9)?.into(),
    ]);
    Ok(())
}

fn date(row: &Row<'_>, column: usize) -> Result<TableCell<'static>, StoreError> {
    let wrong = StoreError::Type { column, expected: "a day" };
    let Some(text) = row.text_opt(column)? else { return Ok(TableCell::Unknown) };
    text.parse::<Date>().map(TableCell::Date).map_err(|_| wrong)
}
