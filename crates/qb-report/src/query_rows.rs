//! The rows behind figures that queries and coverages give, as people read them.
//!
//! Tables of a snapshot hold no names and no numbers of persons; what is shown is what they hold.

use qb_base::{AreaCode, AreaLevel, Text};
use qb_engine::{Engine, EngineOptions, Page, RowPage, TableColumn, TableType, Tables, Value};
use qb_policy::{Area, Decimal, Fact, Method, Pack};
use qb_store::Store;
use qb_targeting::model::Run;

use crate::error::ReportError;
use crate::gather;
use crate::rows::Cell;

/// Digits by which fen become yuan.
const FEN_DIGITS: u32 = 2;

/// Opens the tables of a run's snapshot.
///
/// # Errors
/// When the snapshot is gone, or a view of the pack does not hold over it.
pub fn open(store: &Store, pack: &Pack, run: &Run) -> Result<Tables, ReportError> {
    let snapshot = gather::snapshot(store, run)?;
    Ok(Tables::open(&Engine::new(EngineOptions::default())?, &snapshot, pack)?)
}

/// Some rows behind a fact in an area: those its query gives, or those its coverage misses; `None`
/// for a fact that neither gives.
///
/// # Errors
/// When the query fails.
pub fn rows_of(
    tables: &Tables,
    pack: &Pack,
    fact: &Fact,
    area: &AreaCode,
    page: &Page,
) -> Result<Option<RowPage>, ReportError> {
    Ok(match &fact.method {
        Method::Sql(query) | Method::Pack(query) => Some(tables.rows_of(query, area, page)?),
        Method::Coverage(of) => match pack.coverage(&of.coverage) {
            Some(coverage) => Some(tables.missing(coverage, area, page)?),
            None => None,
        },
        _ => None,
    })
}

/// The head of a column.
///
/// The head of a file names the unit that the file has; what is shown is always in yuan. A place is
/// shown by its name.
pub fn head(column: &TableColumn) -> Text {
    if column.name == "area_code" {
        return Text::fixed("地区", "area");
    }
    if is_money(column) {
        return Text::new(
            format!("{}（元）", without_unit(&column.label.zh)),
            format!("{} (yuan)", without_unit(&column.label.en)),
        );
    }
    column.label.clone()
}

/// A head without the unit in brackets at its end.
fn without_unit(label: &str) -> &str {
    let units = ["(元)", "（元）", "(万元)", "（万元）", "(yuan)", "(ten thousand yuan)"];
    let cut = units.into_iter().find_map(|unit| label.strip_suffix(unit));
    cut.unwrap_or(label).trim_end()
}

/// A value of a column.
pub fn cell(pack: &Pack, column: &TableColumn, value: &Value) -> Cell {
    match value {
        Value::Unknown => Cell::Empty,
        Value::Bool(truth) => Cell::Bool(*truth),
        Value::Date(date) => Cell::Text(date.to_string()),
        Value::Text(code) if column.name == "area_code" => Cell::Label(area_path(pack, code)),
        Value::Text(text) => {
            let list = column.codes.as_deref().and_then(|list| pack.code_list(list));
            let known = list.and_then(|list| list.code(text));
            known.map_or_else(|| Cell::Text(text.clone()), |code| Cell::Label(code.label.clone()))
        }
        Value::Number(number) if is_name(column) => Cell::Text(number.to_string()),
        Value::Number(number) => {
            let more = if is_money(column) { FEN_DIGITS } else { 0 };
            let number = Decimal::new(number.unscaled, u32::from(number.scale) + more);
            number.map_or(Cell::Empty, Cell::Number)
        }
    }
}

fn is_money(column: &TableColumn) -> bool {
    column.name.ends_with("_fen")
}

/// Whether its values are quantities, which stand at the right.
pub fn is_quantity(column: &TableColumn) -> bool {
    matches!(column.kind, TableType::Integer | TableType::Decimal { .. }) && !is_name(column)
}

/// Whether a number names something, so that it is printed without separators.
fn is_name(column: &TableColumn) -> bool {
    let name = column.name.as_str();
    name == "year" || name.ends_with("_year") || name.ends_with("_id")
}

/// The names of county, town and village, as far down as the code goes; in English with the Chinese
/// ones behind, which the rows hold.
pub fn area_path(pack: &Pack, code: &str) -> Text {
    let same = || Text::new(code, code);
    let Ok(area) = AreaCode::parse(code) else { return same() };
    let levels = [AreaLevel::County, AreaLevel::Town, AreaLevel::Village];
    let path: Vec<&Area> = levels.iter().filter_map(|level| pack.area(&area.at(*level)?)).collect();
    if path.is_empty() {
        return pack.area(&area).map_or_else(same, Area::named_both);
    }
    let joined = |name: fn(&Area) -> &str, between: &str| {
        path.iter().map(|area| name(area)).collect::<Vec<_>>().join(between)
    };
    let zh = joined(|area| &area.name, " ");
    let en = joined(|area| &area.english, ", ");
    Text::new(zh.clone(), format!("{en} {zh}"))
}

#[cfg(test)]
mod tests;
