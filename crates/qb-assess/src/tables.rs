//! The published tables: the newest score of each scheme and year.

use qb_base::Text;
use qb_engine::{DECIMAL, Table, TableCell, TableRows, TableSchema, TableType};
use qb_policy::Decimal;
use qb_store::{Conn, Row, StoreError};

use crate::error::AssessError;

/// Digits after the point of points and totals.
const SCALE: i32 = 6;

const NEWEST: &str = "select max(id) from score_run group by scheme, policy_year order by 1";
const TOTALS: &str = "select t.object, r.scheme, r.policy_year, r.state, t.base, t.deduct, \
     t.bonus, t.total, t.grade, t.place from score_total t join score_run r on r.id = t.run_id \
     and r.revision = t.revision where r.id = $1 order by t.object";
const ITEMS: &str = "select i.object, r.scheme, r.policy_year, i.item, i.raw, i.points, i.lost \
     from score_item i join score_run r on r.id = i.run_id and r.revision = i.revision \
     where r.id = $1 order by i.object, i.position";

/// The schemas of `score` and `score_item`.
pub fn schemas() -> Vec<TableSchema> {
    let area = Text::fixed("地区代码", "area");
    let scheme = Text::fixed("考核方案", "scheme");
    let year = Text::fixed("年度", "year");
    let head = |name: &str| {
        TableSchema::new(name)
            .with("area_code", TableType::Text, area.clone())
            .with("scheme", TableType::Text, scheme.clone())
            .with("year", TableType::Integer, year.clone())
    };
    vec![
        head("score")
            .with("state", TableType::Text, Text::fixed("状态", "state"))
            .with("base", DECIMAL, Text::fixed("指标得分", "points of the items"))
            .with("deduct", DECIMAL, Text::fixed("扣分", "taken off"))
            .with("bonus", DECIMAL, Text::fixed("加分", "added"))
            .with("total", DECIMAL, Text::fixed("总分", "total"))
            .with("grade", TableType::Text, Text::fixed("等次", "grade"))
            .with("place", TableType::Integer, Text::fixed("位次", "place")),
        head("score_item")
            .with("item", TableType::Text, Text::fixed("指标", "item"))
            .with("raw", DECIMAL, Text::fixed("数值", "value"))
            .with("points", DECIMAL, Text::fixed("得分", "points"))
            .with("lost", DECIMAL, Text::fixed("失分", "points lost")),
    ]
}

/// Both tables with the newest score of each scheme and year.
///
/// # Errors
/// Whatever the store says.
pub fn tables(conn: &Conn) -> Result<Vec<Table>, AssessError> {
    let sources: [(&'static str, ReadRow); 2] = [(TOTALS, read_total), (ITEMS, read_item)];
    let mut tables = Vec::new();
    for (schema, (sql, read)) in schemas().into_iter().zip(sources) {
        let mut rows = TableRows::new(schema);
        each_newest(conn, sql, |row| read(row, &mut rows))?;
        tables.push(rows.finish()?);
    }
    Ok(tables)
}

type ReadRow = fn(&Row<'_>, &mut TableRows) -> Result<(), StoreError>;

fn each_newest(
    conn: &Conn,
    sql: &'static str,
    mut visit: impl FnMut(&Row<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let runs = conn.query(NEWEST, &[], |row| row.int(0))?;
    runs.into_iter().try_for_each(|run| conn.each(sql, &[run.into()], &mut visit))
}

fn read_total(row: &Row<'_>, rows: &mut TableRows) -> Result<(), StoreError> {
    let (object, scheme, state) = (row.text(0)?, row.text(1)?, row.text(3)?);
    let grade = row.text_opt(8)?;
    rows.push(&[
        (&object).into(),
        (&scheme).into(),
        row.int(2)?.into(),
        (&state).into(),
        number(row, 4)?,
        number(row, 5)?,
        number(row, 6)?,
        number(row, 7)?,
        TableCell::from(grade.as_ref()),
        TableCell::from(row.int_opt(9)?),
    ]);
    Ok(())
}

fn read_item(row: &Row<'_>, rows: &mut TableRows) -> Result<(), StoreError> {
    let (object, scheme, item) = (row.text(0)?, row.text(1)?, row.text(3)?);
    rows.push(&[
        (&object).into(),
        (&scheme).into(),
        row.int(2)?.into(),
        (&item).into(),
        number(row, 4)?,
        number(row, 5)?,
        number(row, 6)?,
    ]);
    Ok(())
}

/// A decimal kept as text, in the scale of its column.
fn number(row: &Row<'_>, column: usize) -> Result<TableCell<'static>, StoreError> {
    let wrong = || StoreError::Type { column, expected: "decimal" };
    let Some(text) = row.text_opt(column)? else { return Ok(TableCell::Unknown) };
    let value = Decimal::parse(&text).and_then(|value| value.shift(SCALE)).ok_or_else(wrong)?;
    if value.scale() == 0 { Ok(TableCell::Decimal(value.mantissa())) } else { Err(wrong()) }
}
