//! The cascade of targets as a table that pack SQL may name.

use qb_base::Text;
use qb_engine::{Table, TableCell, TableRows, TableSchema, TableType};
use qb_store::{Conn, Known, StoreError};

use crate::cascade::cascade;
use crate::error::PairingError;
use crate::source;

/// Digits of a target that the table keeps.
const TARGET: TableType = TableType::Decimal { precision: 20, scale: 6 };

/// The tables this link publishes, without rows.
pub fn schemas() -> Vec<TableSchema> {
    use TableType::{Bool, Integer, Text as Words};
    let table = TableSchema::new("target_cascade")
        .with("year", Integer, Text::fixed("年度", "year"))
        .with_code("item", "target_item", Text::fixed("目标任务项", "item"))
        .with("area_code", Words, Text::fixed("区划", "area"))
        .with("pledge_no", Words, Text::fixed("责任状编号", "pledge"))
        .with("unit", Words, Text::fixed("计量单位", "unit"))
        .with("target", TARGET, Text::fixed("目标任务数", "target"))
        .with("parent_code", Words, Text::fixed("上级区划", "area above"))
        .with("children", Integer, Text::fixed("分解到的下级数", "areas that took a part"))
        .with("children_target", TARGET, Text::fixed("下级合计", "sum of their targets"))
        .with("is_covered", Bool, Text::fixed("下级合计不低于本级", "covered by those below"))
        .with("is_unit_same", Bool, Text::fixed("计量单位一致", "same unit below"));
    vec![table]
}

/// The tables with their rows, as far as they are known.
///
/// # Errors
/// Whatever the store says.
pub fn tables(conn: &Conn, year: i16, known: Known) -> Result<Vec<Table>, PairingError> {
    let targets = source::targets(conn, ("", ":"), (i64::from(year), known))?;
    let mut made = Vec::new();
    for schema in schemas() {
        let mut rows = TableRows::new(schema);
        for line in cascade(&targets) {
            let parent = line.parent.map(|parent| parent.to_string());
            let children = line.children_micro.map(|sum| TableCell::Decimal(i128::from(sum)));
            rows.push(&[
                line.year.into(),
                (&line.item).into(),
                line.area.as_str().into(),
                (&line.pledge_no).into(),
                (&line.unit).into(),
                TableCell::Decimal(i128::from(line.target_micro)),
                parent.as_ref().into(),
                i64::from(line.children).into(),
                children.into(),
                line.is_covered().into(),
                line.is_unit_same.into(),
            ]);
        }
        let done = rows.finish().map_err(|error| StoreError::Database(error.to_string()))?;
        made.push(done);
    }
    Ok(made)
}
