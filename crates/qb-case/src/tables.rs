//! Cases and their steps as tables that pack SQL may name.

use qb_base::{Date, Text};
use qb_engine::{Table, TableCell, TableRows, TableSchema, TableType};
use qb_store::{Conn, Known, Row, StoreError, Value};

use crate::error::CaseError;

const FILES: &str = "select id, machine, subject_kind, subject, household_id, area_code, state, \
     opened_on, due_on, is_decided, is_ended, irregular_count, source_record from case_file \
     where superseded_at is null order by area_code, machine, subject, id";
const EVENTS: &str = include_str!("sql/event_table.sql");
const KNOWN_FILES: &str = include_str!("sql/known_file_table.sql");
const KNOWN_EVENTS: &str = include_str!("sql/known_event_table.sql");

/// The tables this link publishes, without rows.
pub fn schemas() -> Vec<TableSchema> {
    vec![files(), events()]
}

fn files() -> TableSchema {
    use TableType::{Bool, Date, Integer};
    TableSchema::new("case_file")
        .with("case_id", Integer, Text::fixed("案件号", "case"))
        .with("machine", TableType::Text, Text::fixed("流程", "process"))
        .with("subject_kind", TableType::Text, Text::fixed("对象类别", "kind of subject"))
        .with("subject", TableType::Text, Text::fixed("对象编号", "subject"))
        .with("household_id", Integer, Text::fixed("户", "household"))
        .with("area_code", TableType::Text, Text::fixed("区划", "area"))
        .with("state", TableType::Text, Text::fixed("状态", "state"))
        .with("opened_on", Date, Text::fixed("立案日期", "opened on"))
        .with("due_on", Date, Text::fixed("办理期限", "due on"))
        .with("is_decided", Bool, Text::fixed("已有结论", "decided"))
        .with("is_ended", Bool, Text::fixed("已办结", "ended"))
        .with("irregular_count", Integer, Text::fixed("不合规步骤数", "irregular steps"))
        .with("record_id", Integer, Text::fixed("来源行", "record"))
}

fn events() -> TableSchema {
    use TableType::{Bool, Date, Integer};
    TableSchema::new("case_event")
        .with("case_id", Integer, Text::fixed("案件号", "case"))
        .with("seq", Integer, Text::fixed("序号", "place in the case"))
        .with("machine", TableType::Text, Text::fixed("流程", "process"))
        .with("area_code", TableType::Text, Text::fixed("区划", "area"))
        .with("transition", TableType::Text, Text::fixed("步骤", "step"))
        .with("is_reject", Bool, Text::fixed("退回", "sent back"))
        .with("from_state", TableType::Text, Text::fixed("原状态", "state before"))
        .with("to_state", TableType::Text, Text::fixed("新状态", "state after"))
        .with("done_on", Date, Text::fixed("日期", "day"))
        .with("present", Integer, Text::fixed("实到人数", "present"))
        .with("entitled", Integer, Text::fixed("应到人数", "entitled"))
        .with("notice_until_on", Date, Text::fixed("公示截止", "notice until"))
        .with("irregular", TableType::Text, Text::fixed("不合规之处", "guards not passed"))
}

/// The tables with their rows, as far as they are known; steps of cases that another one took the
/// place of are left out.
///
/// # Errors
/// Whatever the store says.
pub fn tables(conn: &Conn, known: Known) -> Result<Vec<Table>, CaseError> {
    let values: Vec<Value<'_>> = known.instant().map(|at| at.0.into()).into_iter().collect();
    let (file_sql, event_sql) = match known {
        Known::Everything => (FILES, EVENTS),
        Known::By(_) => (KNOWN_FILES, KNOWN_EVENTS),
    };
    let mut rows = TableRows::new(files());
    conn.each::<StoreError>(file_sql, &values, |row| file_row(row, &mut rows))?;
    let files = rows.finish()?;
    let mut rows = TableRows::new(events());
    conn.each::<StoreError>(event_sql, &values, |row| event_row(row, &mut rows))?;
    Ok(vec![files, rows.finish()?])
}

fn file_row(row: &Row<'_>, rows: &mut TableRows) -> Result<(), StoreError> {
    let text = [row.text(1)?, row.text(2)?, row.text(3)?, row.text(5)?, row.text(6)?];
    let [machine, kind, subject, area, state] = &text;
    rows.push(&[
        row.int(0)?.into(),
        machine.into(),
        kind.into(),
        subject.into(),
        row.int_opt(4)?.into(),
        area.into(),
        state.into(),
        date(row, 7)?,
        date(row, 8)?,
        row.bool(9)?.into(),
        row.bool(10)?.into(),
        row.int(11)?.into(),
        row.int_opt(12)?.into(),
    ]);
    Ok(())
}

fn event_row(row: &Row<'_>, rows: &mut TableRows) -> Result<(), StoreError> {
    let (machine, area, transition) = (row.text(2)?, row.text(3)?, row.text(4)?);
    let (from, to, irregular) = (row.text_opt(6)?, row.text(7)?, row.text_opt(12)?);
    rows.push(&[
        row.int(0)?.into(),
        row.int(1)?.into(),
        (&machine).into(),
        (&area).into(),
        (&transition).into(),
        row.bool(5)?.into(),
        from.as_ref().into(),
        (&to).into(),
        date(row, 8)?,
        row.int_opt(9)?.into(),
        row.int_opt(10)?.into(),
        date(row, 11)?,
        irregular.as_ref().into(),
    ]);
    Ok(())
}

fn date(row: &Row<'_>, column: usize) -> Result<TableCell<'static>, StoreError> {
    let wrong = StoreError::Type { column, expected: "a day" };
    let day = row.text_opt(column)?.map(|text| text.parse::<Date>().map_err(|_| wrong));
    Ok(day.transpose()?.into())
}
