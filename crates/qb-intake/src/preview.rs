//! What a file is, before anybody decides to import it.

use std::path::Path;

use qb_base::{Date, mask, personal};
use qb_policy::{ColumnKind, Pack};

use crate::error::{FileFault, IntakeError};
use crate::layout::{ColumnMap, LayoutIndex, detect_sheet, peek};
use crate::read::batch::Value;
use crate::read::{Flow, Source};

/// Rows shown of each sheet.
const ROWS_SHOWN: usize = 5;

/// What was recognised in a file.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Preview {
    /// Format and encoding.
    pub encoding: String,
    /// Separator of a text table.
    pub delimiter: Option<char>,
    /// Its sheets.
    pub sheets: Vec<SheetPreview>,
}

/// What was recognised in a sheet.
#[derive(Clone, Debug, serde::Serialize)]
pub struct SheetPreview {
    /// Name on the tab.
    pub name: String,
    /// True when the workbook hides it; it is not imported then.
    pub hidden: bool,
    /// Id of the layout.
    pub layout: Option<String>,
    /// The year its title names.
    pub year: Option<i16>,
    /// Number of the last row of its head.
    pub head_last_row: u32,
    /// Rows below the head.
    pub rows: u64,
    /// Recognised columns: the head in the layout and the column from 1.
    pub columns: Vec<(String, usize)>,
    /// Heads nobody reads.
    pub unknown: Vec<String>,
    /// The first rows, sensitive columns masked, in the order of `columns`.
    pub sample: Vec<Vec<String>>,
    /// Why the sheet cannot be imported.
    pub fault: Option<FileFaultText>,
}

/// A file fault for pages.
#[derive(Clone, Debug, serde::Serialize)]
pub struct FileFaultText {
    /// Its code.
    pub code: &'static str,
    /// What was found.
    pub message: qb_base::Text,
    /// What to do.
    pub remedy: qb_base::Text,
}

impl From<FileFault> for FileFaultText {
    fn from(fault: FileFault) -> Self {
        Self { code: fault.code, message: fault.message, remedy: fault.remedy }
    }
}

/// Recognises a file without importing anything: as one that is handed in on a day, or on any.
///
/// # Errors
/// A [`FileFault`] when the file cannot be read at all; a sheet without a known head is part of the
/// answer.
pub fn preview(pack: &Pack, path: &Path, on: Option<Date>) -> Result<Preview, IntakeError> {
    let mut source = Source::open(path)?;
    let layouts = LayoutIndex::all(pack)?;
    let infos = source.sheets().to_vec();
    let mut sheets = Vec::with_capacity(infos.len());
    for (position, info) in infos.iter().enumerate() {
        let mut sheet = SheetPreview {
            name: info.name.clone(),
            hidden: info.hidden,
            layout: None,
            year: None,
            head_last_row: 0,
            rows: 0,
            columns: Vec::new(),
            unknown: Vec::new(),
            sample: Vec::new(),
            fault: None,
        };
        let head = peek(&mut source, position)?;
        match detect_sheet(&head, &layouts) {
            Ok(detected) => {
                let layout = &detected.columns.layout;
                if on.is_some_and(|on| !layout.effective.holds_on(on)) {
                    let days = layout.effective.text();
                    sheet.fault = Some(FileFault::not_in_force(&layout.title, &days).into());
                }
                sheet.layout = Some(detected.columns.layout.id.clone());
                sheet.year = detected.title_year;
                sheet.head_last_row = detected.head_last_row;
                sheet.unknown =
                    detected.columns.unknown.iter().map(|(_, label)| label.clone()).collect();
                sheet.columns = shown_columns(&detected.columns);
                read_rows(&mut source, position, &detected.columns, &mut sheet)?;
            }
            Err(fault) => sheet.fault = Some(fault.into()),
        }
        sheets.push(sheet);
    }
    Ok(Preview { encoding: source.encoding(), delimiter: source.delimiter(), sheets })
}

fn shown_columns(map: &ColumnMap) -> Vec<(String, usize)> {
    let columns = map.layout.columns.iter().zip(&map.sheet_columns);
    columns.filter_map(|(column, at)| Some((column.label.zh.to_string(), (*at)? + 1))).collect()
}

fn read_rows(
    source: &mut Source,
    position: usize,
    map: &ColumnMap,
    sheet: &mut SheetPreview,
) -> Result<(), IntakeError> {
    source.stream(position, &mut |batch| {
        for row in batch.rows().filter(|row| row.number > sheet.head_last_row && !row.is_blank()) {
            sheet.rows += 1;
            if sheet.sample.len() < ROWS_SHOWN {
                let columns = map.layout.columns.iter().zip(&map.sheet_columns);
                let cells = columns.filter_map(|(column, at)| {
                    Some(shown(&column.kind, column.sensitive, row.value((*at)?)))
                });
                sheet.sample.push(cells.collect());
            }
        }
        Ok(Flow::Continue)
    })
}

fn shown(kind: &ColumnKind, sensitive: bool, value: Value<'_>) -> String {
    let text = value.trimmed();
    match kind {
        ColumnKind::ResidentId => mask::id_number(&text),
        ColumnKind::Name => mask::name(&text),
        ColumnKind::Phone => mask::phone(&text),
        _ if sensitive && !text.is_empty() => "…".to_owned(),
        _ => personal::covered(&text).unwrap_or_else(|| text.into_owned()),
    }
}
