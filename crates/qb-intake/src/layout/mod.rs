//! Finds the head of a sheet and which layout of the pack it follows (fault F7).

mod detect;
mod fault;
mod hits;
mod labels;
mod peek;
mod rest;
pub(crate) mod unit;
mod units;

use std::collections::HashSet;
use std::sync::Arc;

use qb_base::fold;
use qb_policy::Layout;

pub use detect::{Detected, detect_sheet};
pub(crate) use fault::{LAYOUT_AMBIGUOUS, LAYOUT_COLUMNS, letters};
pub use labels::LayoutIndex;
pub use peek::{HeadCell, HeadRow, SheetHead, peek};
pub use units::{MoneyUnit, RowUnit};

use crate::words::Words;

/// How the columns of a sheet map to a layout.
#[derive(Clone, Debug)]
pub struct ColumnMap {
    /// The layout.
    pub layout: Arc<Layout>,
    /// The pack's words about tables.
    pub(crate) words: Arc<Words>,
    /// For each column of the layout, the column of the sheet (from 0).
    pub sheet_columns: Vec<Option<usize>>,
    /// For each column of the layout, the unit of its amounts; no matter for other columns.
    pub units: Vec<MoneyUnit>,
    /// Columns of the sheet that nobody reads, with their heads.
    pub unknown: Vec<(usize, String)>,
    /// The column of the sheet in which several places stand together.
    pub joined: Option<usize>,
    /// The heads of all columns, folded; every row is asked whether it repeats one.
    heads: HashSet<String>,
    /// Titles and heads of the sheet, folded; printed pages repeat them.
    head_rows: Vec<Vec<String>>,
}

impl ColumnMap {
    /// A sheet without unknown columns; `sheet_columns` and `units` have one value for each column
    /// of the layout.
    pub(crate) fn new(
        index: &LayoutIndex,
        sheet_columns: Vec<Option<usize>>,
        units: Vec<MoneyUnit>,
        head_rows: Vec<Vec<String>>,
    ) -> Self {
        let layout = index.layout.clone();
        let heads = layout.columns.iter().flat_map(qb_policy::Column::heads).map(fold::key);
        let heads = heads.collect();
        Self {
            words: index.words.clone(),
            layout,
            sheet_columns,
            units,
            unknown: Vec::new(),
            joined: None,
            heads,
            head_rows,
        }
    }

    /// Whether a cell says the head of a column again; blanks, width and variant characters don't
    /// matter.
    pub fn is_head(&self, cell: &str) -> bool {
        !cell.is_empty() && self.heads.contains(&fold::key(cell))
    }

    /// Whether a row, folded and cut behind its last filled cell, is one of the titles or heads.
    pub(crate) fn repeats_head(&self, row: &[String]) -> bool {
        !row.is_empty() && self.head_rows.iter().any(|known| known == row)
    }

    /// The sheet's column for a field; a column that no row has where the sheet lacks it.
    pub fn of(&self, id: &str) -> usize {
        self.position(id)
            .and_then(|at| self.sheet_columns.get(at).copied().flatten())
            // No row is that wide, so each reads as blank there.
            .unwrap_or(usize::MAX)
    }

    /// The unit of a field's amounts.
    pub fn unit_of(&self, id: &str) -> MoneyUnit {
        let unit = self.position(id).and_then(|at| self.units.get(at));
        unit.cloned().unwrap_or(MoneyUnit::Unknown)
    }

    /// The head under which faults name a field.
    pub fn label(&self, id: &str) -> &str {
        // A field that is no column of the layout has no head, and faults name none.
        self.layout.column(id).map_or("", |column| &column.label.zh)
    }

    fn position(&self, id: &str) -> Option<usize> {
        self.layout.columns.iter().position(|column| column.id == id)
    }
}
