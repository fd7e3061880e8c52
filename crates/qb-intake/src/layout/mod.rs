//! Finds the head of a sheet and which layout of the pack it follows (fault F7).

mod detect;
mod labels;
mod peek;

use std::collections::HashSet;
use std::sync::Arc;

use qb_base::fold;
use qb_policy::Layout;

pub use detect::{Detected, detect_sheet};
pub use labels::LayoutIndex;
pub use peek::{HeadCell, HeadRow, SheetHead, peek};

/// How the columns of a sheet map to a layout.
#[derive(Clone, Debug)]
pub struct ColumnMap {
    /// The layout.
    pub layout: Arc<Layout>,
    /// For each column of the layout, the column of the sheet (from 0).
    pub sheet_columns: Vec<Option<usize>>,
    /// For each column of the layout, 4 where the head says 万元 and the layout says 元.
    pub units: Vec<i32>,
    /// Columns of the sheet that nobody reads, with their heads.
    pub unknown: Vec<(usize, String)>,
    /// The heads of all columns, folded; every row is asked whether it repeats one.
    heads: HashSet<String>,
}

impl ColumnMap {
    /// A sheet without unknown columns; `sheet_columns` and `units` have one value for each column
    /// of the layout.
    pub fn new(layout: Arc<Layout>, sheet_columns: Vec<Option<usize>>, units: Vec<i32>) -> Self {
        let heads = layout.columns.iter().flat_map(qb_policy::Column::heads).map(fold::key);
        let heads = heads.collect();
        Self { layout, sheet_columns, units, unknown: Vec::new(), heads }
    }

    /// Whether a cell says the head of a column again; blanks, width and variant characters don't
    /// matter.
    pub fn is_head(&self, cell: &str) -> bool {
        !cell.is_empty() && self.heads.contains(&fold::key(cell))
    }

    /// The sheet's column for a field; a column that no row has where the sheet lacks it.
    pub fn of(&self, id: &str) -> usize {
        self.position(id)
            .and_then(|at| self.sheet_columns.get(at).copied().flatten())
            .unwrap_or(usize::MAX)
    }

    /// The unit of a field's column as a power of ten.
    pub fn unit_of(&self, id: &str) -> i32 {
        self.position(id).and_then(|at| self.units.get(at).copied()).unwrap_or(0)
    }

    /// The head under which faults name a field.
    pub fn label(&self, id: &str) -> &str {
        self.layout.column(id).map_or("", |column| &column.label.zh)
    }

    fn position(&self, id: &str) -> Option<usize> {
        self.layout.columns.iter().position(|column| column.id == id)
    }
}
