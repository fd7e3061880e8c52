//! The tables every snapshot of a pack has, as schemas.

use qb_base::Text;
use qb_policy::{ColumnKind, Dataset, Pack};

use super::schema::{DECIMAL, TableColumn, TableSchema, TableType};
use crate::views::{Column, ColumnType, View};

/// Digits of a clause's value, and how many follow the point.
const VALUE: TableType = TableType::Decimal { precision: 38, scale: 6 };

/// Tables of the run itself: rows where a verdict is true, and values that are known.
pub(super) const CLAUSE_TABLES: [&str; 2] = ["clause_true", "clause_value"];

/// Every table pack SQL may name beside the tables of later links.
pub fn published(pack: &Pack) -> Vec<TableSchema> {
    let views = View::ALL.into_iter().map(of_view);
    let datasets = pack.datasets.iter().map(of_dataset);
    views.chain(datasets).chain([area(), code(), param()]).chain(clauses()).collect()
}

/// The columns of a view of the register.
pub(super) fn of_view(view: &View) -> TableSchema {
    let column = |column: &Column| TableColumn {
        name: column.name.to_owned(),
        kind: match column.kind {
            ColumnType::Id | ColumnType::Int { .. } => TableType::Integer,
            ColumnType::Bool => TableType::Bool,
            ColumnType::Text | ColumnType::Code(_) => TableType::Text,
            ColumnType::Date => TableType::Date,
        },
        label: column.label.clone(),
        codes: match column.kind {
            ColumnType::Code(list) => Some(list.to_owned()),
            _ => None,
        },
    };
    let columns = view.columns.iter().map(column).collect();
    TableSchema { name: view.name.to_owned(), columns, is_of_pack: false }
}

/// The columns of the table of a dataset; what is sealed and what names a place is left out.
pub fn of_dataset(dataset: &Dataset) -> TableSchema {
    let schema = TableSchema::new(&dataset.id)
        .with("record_id", TableType::Integer, Text::fixed("记录编号", "record"))
        .with("area_code", TableType::Text, Text::fixed("地区代码", "area"))
        .with("household_id", TableType::Integer, Text::fixed("户内部编号", "household"))
        .with("person_id", TableType::Integer, Text::fixed("人内部编号", "person"));
    dataset.columns.iter().fold(schema, |schema, column| {
        let Some(name) = column.table_column() else { return schema };
        let label = column.label.clone();
        match &column.kind {
            ColumnKind::Code(list) => schema.with_code(name, list, label),
            kind => schema.with(name, table_type(kind), label),
        }
    })
}

fn table_type(kind: &ColumnKind) -> TableType {
    match kind {
        ColumnKind::Integer
        | ColumnKind::Year
        | ColumnKind::MoneyYuan
        | ColumnKind::MoneyWanYuan => TableType::Integer,
        ColumnKind::Decimal => DECIMAL,
        ColumnKind::Date => TableType::Date,
        ColumnKind::Bool => TableType::Bool,
        _ => TableType::Text,
    }
}

/// The dated areas of the pack.
pub fn area() -> TableSchema {
    TableSchema::new("area")
        .with("area_code", TableType::Text, Text::fixed("地区代码", "area"))
        .with("level", TableType::Text, Text::fixed("级别", "level"))
        .with("name", TableType::Text, Text::fixed("名称", "name"))
        .with("parent_code", TableType::Text, Text::fixed("上级代码", "area above"))
        .of_pack()
}

/// The codes of every list of the pack.
pub fn code() -> TableSchema {
    TableSchema::new("code")
        .with("list", TableType::Text, Text::fixed("代码表", "list"))
        .with("id", TableType::Text, Text::fixed("代码", "code"))
        .with("label_zh", TableType::Text, Text::fixed("中文名称", "Chinese label"))
        .with("label_en", TableType::Text, Text::fixed("英文名称", "English label"))
        .with("group_name", TableType::Text, Text::fixed("分组", "group"))
        .with("source", TableType::Text, Text::fixed("来源", "source"))
        .of_pack()
}

/// The parameters valid on the day, for the pack's area.
pub fn param() -> TableSchema {
    TableSchema::new("param")
        .with("id", TableType::Text, Text::fixed("参数", "parameter"))
        .with("value", DECIMAL, Text::fixed("值", "value"))
        .with("unit", TableType::Text, Text::fixed("单位", "unit"))
        .of_pack()
}

pub(super) fn clauses() -> [TableSchema; 2] {
    CLAUSE_TABLES.map(|name| {
        let schema = TableSchema::new(name)
            .with("clause", TableType::Text, Text::fixed("规则", "clause"))
            .with("level", TableType::Text, Text::fixed("级别", "level"))
            .with("subject_id", TableType::Integer, Text::fixed("对象编号", "subject"))
            .with("area_code", TableType::Text, Text::fixed("地区代码", "area"));
        match name {
            "clause_value" => schema.with("value", VALUE, Text::fixed("值", "value")),
            _ => schema,
        }
    })
}
