//! XML spreadsheets of 2003, which web systems hand out under the name of a workbook.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use quick_xml::events::{BytesStart, Event};

use super::batch::{Batch, COLUMNS_MAX, CellKind};
use super::common::{append, characters, end_sheet, hand_on, too_large};
use super::limits::{ROWS_MAX, SHEETS_MAX};
use super::xlsx::xml::{Decoder, Walker, attribute};
use super::{Flow, SheetInfo, Sink};
use crate::error::{FileFault, IntakeError};

const PART: &str = "XML";
const BLOCK_BYTES: usize = 1 << 18;

/// Visits the events of the file until there are enough.
fn each_event<E: From<FileFault>>(
    path: &Path,
    visit: &mut impl FnMut(&Event<'_>) -> Result<Flow, E>,
) -> Result<(), E> {
    let unreadable = |error: std::io::Error| FileFault::unreadable(&error);
    let mut file = File::open(path).map_err(unreadable)?;
    let (mut walker, mut decoder) = (Walker::new(PART), Decoder::default());
    let mut block = Vec::with_capacity(BLOCK_BYTES);
    loop {
        block.clear();
        let taken = file.by_ref().take(BLOCK_BYTES as u64);
        let read = { taken }.read_to_end(&mut block).map_err(unreadable)?;
        let last = read < BLOCK_BYTES;
        let text = decoder.decode(&block, last);
        let flow = walker.feed(text, last, &mut |event, _| visit(&event))?;
        if last || flow == Flow::Stop {
            return Ok(());
        }
    }
}

/// The sheets of the workbook.
pub(crate) fn sheets(path: &Path) -> Result<Vec<SheetInfo>, FileFault> {
    let mut sheets: Vec<SheetInfo> = Vec::new();
    let mut in_visible = false;
    each_event(path, &mut |event| {
        match event {
            Event::Start(element) if element.local_name().as_ref() == "Worksheet" => {
                let name = attribute(element, "Name");
                let name = name.unwrap_or_else(|| format!("#{}", sheets.len() + 1));
                sheets.push(SheetInfo { name, hidden: false });
            }
            Event::Start(element) => in_visible = element.local_name().as_ref() == "Visible",
            Event::Text(text) if in_visible && text.trim() != "SheetVisible" => {
                if let Some(sheet) = sheets.last_mut() {
                    sheet.hidden = true;
                }
            }
            Event::End(_) => in_visible = false,
            _ => {}
        }
        if sheets.len() > SHEETS_MAX { Err(too_large()) } else { Ok(Flow::Continue) }
    })?;
    if sheets.is_empty() {
        return Err(FileFault::malformed(PART, "没有工作表 / it has no worksheet"));
    }
    Ok(sheets)
}

/// Streams one sheet.
pub(crate) fn stream(path: &Path, sheet: usize, sink: &mut Sink<'_>) -> Result<(), IntakeError> {
    let mut reader = Reader::new(sheet);
    each_event(path, &mut |event| reader.visit(event, sink))?;
    end_sheet((&reader.batch, reader.done), sink)
}

struct Reader {
    wanted: usize,
    sheets: usize,
    done: bool,
    row: u32,
    in_row: bool,
    hidden: bool,
    column: usize,
    /// Columns the cell being read takes to the right of itself.
    across: usize,
    cell: Option<(CellKind, Vec<u8>)>,
    formula: bool,
    in_data: bool,
    beyond: bool,
    batch: Batch,
}

impl Reader {
    fn new(wanted: usize) -> Self {
        Self {
            wanted,
            sheets: 0,
            done: false,
            row: 0,
            in_row: false,
            hidden: false,
            column: 0,
            across: 0,
            cell: None,
            formula: false,
            in_data: false,
            beyond: false,
            batch: Batch::default(),
        }
    }

    fn visit(&mut self, event: &Event<'_>, sink: &mut Sink<'_>) -> Result<Flow, IntakeError> {
        match event {
            Event::Start(element) => self.start(element),
            Event::Empty(element) => {
                self.start(element);
                return self.end(element.local_name().as_ref(), sink);
            }
            Event::End(element) => return self.end(element.local_name().as_ref(), sink),
            other => characters(other, |piece| self.push(piece)),
        }
        Ok(Flow::Continue)
    }

    fn is_here(&self) -> bool {
        self.sheets == self.wanted + 1
    }

    fn start(&mut self, element: &BytesStart<'_>) {
        let number =
            |name| attribute(element, name).and_then(|value| value.trim().parse::<usize>().ok());
        match element.local_name().as_ref() {
            "Worksheet" => self.sheets += 1,
            _ if !self.is_here() => {}
            "Row" => {
                let index = number("Index").and_then(|index| u32::try_from(index).ok());
                self.row = index.unwrap_or(self.row + 1).max(self.row + 1);
                self.hidden = attribute(element, "Hidden").as_deref() == Some("1");
                (self.in_row, self.column) = (true, 0);
            }
            "Cell" if self.in_row => {
                if let Some(index) = number("Index").filter(|index| *index > self.column) {
                    self.column = index - 1;
                }
                self.across = match number("MergeAcross") {
                    Some(across) => across.min(COLUMNS_MAX),
                    // The standard leaves the attribute out of a cell that covers no other.
                    None => 0,
                };
                self.formula = attribute(element, "Formula").is_some();
                self.cell = Some((CellKind::Blank, Vec::new()));
            }
            "Data" => {
                self.in_data = true;
                let kind = match attribute(element, "Type").as_deref() {
                    Some("Number") => CellKind::Number,
                    Some("Boolean") => CellKind::Bool,
                    Some("Error") => CellKind::Error,
                    _ => CellKind::Text,
                };
                if let Some(cell) = &mut self.cell {
                    cell.0 = kind;
                }
            }
            _ => {}
        }
    }

    fn push(&mut self, piece: &[u8]) {
        if let Some((kind, text)) = self.cell.as_mut().filter(|_| self.in_data) {
            append((kind, text), piece);
        }
    }

    fn end(&mut self, name: &str, sink: &mut Sink<'_>) -> Result<Flow, IntakeError> {
        if !self.is_here() {
            return Ok(Flow::Continue);
        }
        match name {
            "Data" => self.in_data = false,
            "Cell" => self.end_cell(),
            "Row" if self.in_row => {
                self.in_row = false;
                if self.row > ROWS_MAX {
                    return Err(too_large().into());
                }
                if std::mem::take(&mut self.beyond) {
                    self.batch.note_beyond(self.row);
                }
                self.batch.end_row(self.row, self.hidden);
                let flow = hand_on(&mut self.batch, sink)?;
                self.done = flow == Flow::Stop;
                return Ok(flow);
            }
            "Worksheet" => {
                self.done = true;
                return Ok(Flow::Stop);
            }
            _ => {}
        }
        Ok(Flow::Continue)
    }

    fn end_cell(&mut self) {
        self.in_data = false;
        let Some((kind, text)) = self.cell.take() else { return };
        let kind = match kind {
            CellKind::Blank if self.formula => CellKind::NoValue,
            CellKind::Number | CellKind::Bool if text.is_empty() => CellKind::NoValue,
            kind => kind,
        };
        if self.column < COLUMNS_MAX {
            self.batch.pad_to(self.column);
            self.batch.push_within_row(kind, &text);
        } else {
            self.beyond |= kind != CellKind::Blank;
        }
        self.column = self.column.saturating_add(1 + self.across);
    }
}
