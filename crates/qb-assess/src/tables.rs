//! The published tables: the newest score of each scheme and year.

use qb_base::Text;
use qb_engine::{DECIMAL, Table, TableCell, TableRows, TableSchema, TableType};
use qb_policy::Decimal;
use qb_store::{Conn, Known, Row, StoreError};

use crate::error::AssessError;

/// Digits after the point of points and totals.
const SCALE: i32 = 6;

const NEWEST: &str = "select max(id) from score_run where frozen_at <= $1 \
     group by scheme, policy_year order by 1";
const KNOWN: &str = include_str!("sql/known_score.sql");
const TOTALS: &str = "select t.object, r.scheme, r.policy_year, t.base, t.deduct, \
     t.bonus, t.total, t.grade, t.place from score_total t join score_run r on r.id = t.run_id \
     where r.id = $1 and t.revision = $2 order by t.object";
const ITEMS: &str = "select i.object, r.scheme, r.policy_year, i.item, i.raw, i.points, i.lost \
     from score_item i join score_run r on r.id = i.run_id \
     where r.id = $1 and i.revision = $2 order by i.object, i.position";

/// A score as it stood at an instant.
struct Standing {
    run: i64,
    revision: i64,
    state: String,
}

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

/// Both tables with the newest score of each scheme and year that is known.
///
/// # Errors
/// Whatever the store says.
pub fn tables(conn: &Conn, known: Known) -> Result<Vec<Table>, AssessError> {
    let sources: [(&'static str, ReadRow); 2] = [(TOTALS, read_total), (ITEMS, read_item)];
    let until = known.until().into();
    let standing = conn.query(NEWEST, &[until], |row| row.int(0))?.into_iter().map(|run| {
        conn.query_one(KNOWN, &[until, run.into()], |row| {
            Ok(Standing { run, revision: row.int(0)?, state: row.text(1)? })
        })
    });
    let standing = standing.collect::<Result<Vec<_>, StoreError>>()?;
    let mut tables = Vec::new();
    for (schema, (sql, read)) in schemas().into_iter().zip(sources) {
        let mut rows = TableRows::new(schema);
        for score in &standing {
            let values = [score.run.into(), score.revision.into()];
            conn.each::<StoreError>(sql, &values, |row| read(row, &score.state, &mut rows))?;
        }
        tables.push(rows.finish()?);
    }
    Ok(tables)
}

type ReadRow = fn(&Row<'_>, &str, &mut TableRows) -> Result<(), StoreError>;

fn read_total(row: &Row<'_>, state: &str, rows: &mut TableRows) -> Result<(), StoreError> {
    let (object, scheme) = (row.text(0)?, row.text(1)?);
    let grade = row.text_opt(7)?;
    rows.push(&[
        (&object).into(),
        (&scheme).into(),
        row.int(2)?.into(),
        state.into(),
        number(row, 3)?,
        number(row, 4)?,
        number(row, 5)?,
        number(row, 6)?,
        TableCell::from(grade.as_ref()),
        TableCell::from(row.int_opt(8)?),
    ]);
    Ok(())
}

fn read_item(row: &Row<'_>, _: &str, rows: &mut TableRows) -> Result<(), StoreError> {
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
