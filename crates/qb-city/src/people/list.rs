//! One list as an office writes it: a title, the heads, the rows, a note below.

use crate::error::Result;
use crate::model::{County, Format};
use crate::sheet::{Cell, Table};
use crate::trace;
use crate::truth::FileTruth;

/// A list being written.
pub(crate) struct List {
    table: Table,
    dataset: &'static str,
    columns: usize,
    rows: u64,
    untraced: u64,
    format: Format,
}

/// What a list is: its dataset, where it lies, what stands above it.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
    pub(crate) dataset: &'static str,
    /// Folder below the raw files.
    pub(crate) folder: &'static str,
    /// What the file is called.
    pub(crate) title: &'static str,
    pub(crate) heads: &'static [&'static str],
}

impl List {
    /// Begins a list of a place.
    pub(crate) fn create(
        raw: &std::path::Path,
        kind: Kind,
        (code, place): (&str, &str),
        format: Format,
    ) -> Result<Self> {
        let ending = if format == Format::Xlsx { "xlsx" } else { "csv" };
        let file = format!("{}/{code}_{place}{}.{ending}", kind.folder, kind.title);
        let mut table = Table::create(raw, &file, format, "名册")?;
        let traced: &[&str] = if trace::is_traced(kind.dataset) { &trace::HEADS } else { &[] };
        let columns = kind.heads.len() + traced.len();
        table.banner(&format!("{place}{}", kind.title), columns)?;
        let heads = kind.heads.iter().chain(traced);
        let heads: Vec<Cell<'_>> = heads.map(|head| Cell::text(*head)).collect();
        table.row(&heads)?;
        Ok(Self { table, dataset: kind.dataset, columns, rows: 0, untraced: 0, format })
    }

    /// Writes a row.
    pub(crate) fn row(&mut self, cells: &[Cell<'_>]) -> Result<()> {
        self.rows += 1;
        let Some(Cell::Text(key)) = cells.first().filter(|_| trace::is_traced(self.dataset)) else {
            debug_assert_eq!(cells.len(), self.columns, "{}", self.dataset);
            return self.table.row(cells).map(|_| ());
        };
        self.untraced += u64::from(trace::is_planted(self.dataset, key));
        let trace = trace::of(self.dataset, key).map(|one| one.map_or(Cell::Blank, Cell::text));
        let cells: Vec<Cell<'_>> = cells.iter().cloned().chain(trace).collect();
        debug_assert_eq!(cells.len(), self.columns, "{}", self.dataset);
        self.table.row(&cells).map(|_| ())
    }

    /// Ends the list with the note every list has.
    pub(crate) fn finish(mut self) -> Result<FileTruth> {
        self.table.banner("填表人:            审核人:", self.columns)?;
        let mut traits = vec!["F7".to_owned()];
        if self.format == Format::CsvGb18030 {
            traits.push("F15".to_owned());
        }
        let truth = FileTruth {
            file: self.table.file().to_owned(),
            layout: self.dataset.to_owned(),
            rows: self.rows,
            traits,
            untraced: self.untraced,
        };
        self.table.finish()?;
        Ok(truth)
    }
}

/// The format of a county's long lists: workbooks are for short ones.
pub(crate) fn long_format(style: &County) -> Format {
    if style.register == Format::Xlsx { Format::CsvUtf8Bom } else { style.register }
}

/// Yes or no as forms write it.
pub(crate) fn flag(truth: bool) -> Cell<'static> {
    Cell::text(if truth { "是" } else { "否" })
}
