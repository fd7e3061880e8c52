//! In which unit each column of money counts.

use std::sync::Arc;

use qb_base::fold;
use qb_policy::{Column, ColumnKind};

use super::hits::Resolved;
use super::labels::{LayoutIndex, is_money};
use super::peek::HeadRow;
use super::unit::{Said, Unit};
use crate::words::Words;

/// The unit of the amounts of a column.
#[derive(Clone, Debug)]
pub enum MoneyUnit {
    /// The column's own head names it: the power of ten of one unit in yuan.
    Known(i32),
    /// The column's own head names two.
    Unknown,
    /// What stands above the table says it, or the pack; nothing where neither does. A line in the
    /// middle of the sheet may say another for the rows below it.
    General(Option<i32>),
    /// Each row says it in a column of the sheet.
    OfRow(RowUnit),
}

/// Where a row says the unit of its amounts.
#[derive(Clone, Debug)]
pub struct RowUnit {
    /// The column of the sheet.
    pub(crate) column: usize,
    words: Arc<Words>,
}

impl RowUnit {
    /// The power of ten that a cell of the column names; none where it names no unit of money.
    pub(crate) fn power(&self, cell: &str) -> Option<i32> {
        match self.words.units.unit(&fold::key(cell))? {
            Unit::Money(power) => Some(power),
            Unit::Foreign | Unit::Other => None,
        }
    }
}

/// The units of all columns of a layout, and the columns whose head leaves out the unit that the
/// layout's own head names.
///
/// What stands nearest to the amounts counts: the column's own head, then a column of units, then
/// what stands above the table, then what the pack declares.
pub(crate) fn money_units(
    index: &LayoutIndex,
    resolved: &Resolved,
    above: &[HeadRow],
) -> (Vec<MoneyUnit>, Vec<(String, String)>) {
    let above = said_above(index, above);
    let mut left_out = Vec::new();
    let units = index.layout.columns.iter().enumerate().map(|(at, column)| {
        let hit = resolved.hits.iter().find(|hit| hit.column == at);
        let (Some(hit), true) = (hit, is_money(column)) else { return declared(column, index) };
        match (hit.said, resolved.unit_column, above) {
            (Said::Power(power), ..) => MoneyUnit::Known(power),
            (Said::Unclear, ..) => MoneyUnit::Unknown,
            (_, Some(column), _) => {
                MoneyUnit::OfRow(RowUnit { column, words: index.words.clone() })
            }
            (_, None, Said::Power(power)) => MoneyUnit::General(Some(power)),
            (_, None, Said::Unclear) => MoneyUnit::General(None),
            (_, None, Said::Nothing | Said::Other) => {
                if let Some(unit) = written(column, index) {
                    left_out.push((column.label.zh.to_string(), unit));
                }
                declared(column, index)
            }
        }
    });
    (units.collect(), left_out)
}

fn said_above(index: &LayoutIndex, above: &[HeadRow]) -> Said {
    Said::by(above.iter().flat_map(|row| {
        let cells: Vec<&str> = row.cells.iter().map(|cell| cell.text.as_str()).collect();
        index.words.units.above(&cells)
    }))
}

/// What the pack declares: by the kind of the column, its unit, or the unit its own head names.
fn declared(column: &Column, index: &LayoutIndex) -> MoneyUnit {
    match column.kind {
        ColumnKind::MoneyWanYuan => MoneyUnit::General(Some(WAN)),
        ColumnKind::MoneyYuan if column.unit.is_none() && written(column, index).is_none() => {
            MoneyUnit::General(None)
        }
        _ => MoneyUnit::General(Some(0)),
    }
}

/// The power of ten of 万元, which the kind of a column names.
const WAN: i32 = 4;

/// The unit that the layout's own head names, as it writes it.
fn written(column: &Column, index: &LayoutIndex) -> Option<String> {
    let label = &*column.label.zh;
    let (open, close) = (label.rfind(['(', '（'])?, label.rfind([')', '）'])?);
    let inside = label.get(open..close)?.trim_start_matches(['(', '（']);
    index.words.units.list(&fold::key(inside))?;
    Some(inside.to_owned())
}
