//! OpenDocument workbooks, streamed: what a row or cell repeats is bounded before it is unfolded.

use std::collections::HashMap;
use std::path::Path;

use quick_xml::events::{BytesStart, Event};

use super::batch::{Batch, COLUMNS_MAX, CellKind};
use super::common::{append, characters, end_sheet, hand_on, too_large};
use super::limits::{CELL_BYTES_MAX, ROWS_MAX, SHEETS_MAX};
use super::xlsx::package::Package;
use super::xlsx::xml::{Walker, attribute, each_event};
use super::{Flow, SheetInfo, Sink};
use crate::error::{FileFault, IntakeError};

const CONTENT: &str = "content.xml";
/// Blank cells and rows at the end of what is used repeat up to the borders of a sheet: so many of
/// the same row with values are believed.
const ROW_REPEATS_MAX: u32 = 100_000;

/// An opened workbook; rows are read again from the file at each pass.
#[derive(Debug)]
pub(crate) struct OdsBook {
    package: Package,
    sheets: Vec<SheetInfo>,
}

impl OdsBook {
    /// Opens the workbook and reads which sheets it has.
    pub(crate) fn open(path: &Path) -> Result<Self, FileFault> {
        let package = Package::open(path)?;
        if !package.has(CONTENT) {
            return Err(FileFault::malformed(CONTENT, "部件缺失 / part missing"));
        }
        if is_encrypted(&package)? {
            return Err(FileFault::locked());
        }
        let sheets = read_sheets(&package)?;
        if sheets.is_empty() {
            return Err(FileFault::malformed(CONTENT, "没有工作表 / it has no worksheet"));
        }
        Ok(Self { package, sheets })
    }

    pub(crate) fn sheets(&self) -> impl Iterator<Item = &SheetInfo> {
        self.sheets.iter()
    }

    /// Streams one sheet.
    pub(crate) fn stream(&self, sheet: usize, sink: &mut Sink<'_>) -> Result<(), IntakeError> {
        let mut reader = TableReader::new(sheet);
        let mut walker = Walker::new(CONTENT);
        let mut failed = None;
        self.package.text(CONTENT, &mut |block, last| {
            let fed = walker.feed(block, last, &mut |event, _| reader.visit(&event, sink));
            match fed {
                Ok(flow) => Ok(flow == Flow::Continue),
                Err(IntakeError::File(fault)) => Err(fault),
                Err(error) => {
                    failed = Some(error);
                    Ok(false)
                }
            }
        })?;
        if let Some(error) = failed {
            return Err(error);
        }
        end_sheet((&reader.batch, reader.done), sink)
    }
}

/// Whether the manifest says that the content is encrypted.
fn is_encrypted(package: &Package) -> Result<bool, FileFault> {
    const MANIFEST: &str = "META-INF/manifest.xml";
    let mut found = false;
    if package.has(MANIFEST) {
        each_event(package, MANIFEST, &mut |event| {
            if let Event::Start(element) | Event::Empty(element) = event {
                found |= element.local_name().as_ref() == "encryption-data";
            }
            Ok(())
        })?;
    }
    Ok(found)
}

/// Names of the sheets, and which the style of their table hides.
fn read_sheets(package: &Package) -> Result<Vec<SheetInfo>, FileFault> {
    let mut hidden: HashMap<String, bool> = HashMap::new();
    let (mut style, mut depth) = (None, 0_usize);
    let mut sheets = Vec::new();
    each_event(package, CONTENT, &mut |event| {
        let element = match event {
            Event::Start(element) | Event::Empty(element) => element,
            Event::End(element) if element.local_name().as_ref() == "table" => {
                depth = depth.saturating_sub(1);
                return Ok(());
            }
            _ => return Ok(()),
        };
        match element.local_name().as_ref() {
            "style" => style = attribute(element, "name"),
            "table-properties" => {
                let display = attribute(element, "display");
                let is_hidden = display.as_deref() == Some("false");
                hidden.extend(style.clone().map(|style| (style, is_hidden)));
            }
            "table" => {
                if depth == 0 {
                    let of = attribute(element, "style-name");
                    let name = attribute(element, "name");
                    let name = name.unwrap_or_else(|| format!("#{}", sheets.len() + 1));
                    let is_hidden = of.and_then(|of| hidden.get(&of).copied()) == Some(true);
                    sheets.push(SheetInfo { name, hidden: is_hidden });
                }
                depth += usize::from(matches!(event, Event::Start(_)));
                if sheets.len() > SHEETS_MAX {
                    return Err(too_large());
                }
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(sheets)
}

/// A cell whose text is still to come.
struct OpenCell {
    kind: CellKind,
    /// The value its attributes hold; the text is what people see.
    value: Option<String>,
    repeats: usize,
    text: Vec<u8>,
    paragraphs: usize,
}

/// Reads one table of the content.
struct TableReader {
    wanted: usize,
    /// Tables begun so far, nested ones not counted.
    tables: usize,
    /// How deep in tables the events are; a table inside a cell has 2.
    depth: usize,
    done: bool,
    row: u32,
    row_repeats: u32,
    row_hidden: bool,
    cell: Option<OpenCell>,
    /// In a note or picture of a cell: its text is not the cell's.
    aside: usize,
    in_text: usize,
    /// Blank cells that repeat and are not yet followed by one with a value.
    blanks: usize,
    batch: Batch,
    cells: Vec<(CellKind, Vec<u8>)>,
    beyond: bool,
}

impl TableReader {
    fn new(wanted: usize) -> Self {
        Self {
            wanted,
            tables: 0,
            depth: 0,
            done: false,
            row: 0,
            row_repeats: 1,
            row_hidden: false,
            cell: None,
            aside: 0,
            in_text: 0,
            blanks: 0,
            batch: Batch::default(),
            cells: Vec::new(),
            beyond: false,
        }
    }

    fn is_here(&self) -> bool {
        self.depth == 1 && self.tables == self.wanted + 1
    }

    fn visit(&mut self, event: &Event<'_>, sink: &mut Sink<'_>) -> Result<Flow, IntakeError> {
        match event {
            Event::Start(element) => self.start(element, false),
            Event::Empty(element) => {
                self.start(element, true);
                return self.end(element.local_name().as_ref(), sink);
            }
            Event::End(element) => return self.end(element.local_name().as_ref(), sink),
            other => characters(other, |piece| self.push(piece)),
        }
        Ok(Flow::Continue)
    }

    fn start(&mut self, element: &BytesStart<'_>, empty: bool) {
        match element.local_name().as_ref() {
            "table" => {
                self.tables += usize::from(self.depth == 0);
                self.depth += 1;
            }
            _ if !self.is_here() => {}
            "table-row" => {
                self.row_repeats = times(element, "number-rows-repeated");
                let seen = attribute(element, "visibility");
                self.row_hidden = seen.is_some_and(|seen| seen != "visible");
            }
            "table-cell" | "covered-table-cell" => self.cell = Some(OpenCell::of(element)),
            "annotation" | "shape" | "frame" => self.aside += 1,
            "p" | "h" if self.aside == 0 => {
                self.in_text += 1;
                let breaks = self.cell.as_mut().is_some_and(|cell| {
                    cell.paragraphs += 1;
                    cell.paragraphs > 1
                });
                if breaks {
                    self.push(b"\n");
                }
            }
            "s" => {
                self.push(&vec![b' '; count_within(times(element, "c"))]);
            }
            "tab" if empty => self.push(b"\t"),
            "line-break" if empty => self.push(b"\n"),
            _ => {}
        }
    }

    fn end(&mut self, name: &str, sink: &mut Sink<'_>) -> Result<Flow, IntakeError> {
        if name == "table" {
            self.done |= self.is_here();
            self.depth = self.depth.saturating_sub(1);
            return Ok(if self.done { Flow::Stop } else { Flow::Continue });
        }
        if !self.is_here() {
            return Ok(Flow::Continue);
        }
        match name {
            "table-cell" | "covered-table-cell" => self.end_cell(),
            "table-row" => return self.end_row(sink),
            "annotation" | "shape" | "frame" => self.aside = self.aside.saturating_sub(1),
            "p" | "h" if self.aside == 0 => self.in_text = self.in_text.saturating_sub(1),
            _ => {}
        }
        Ok(Flow::Continue)
    }

    /// White space between elements is no text: only what stands in a paragraph counts.
    fn push(&mut self, piece: &[u8]) {
        if self.in_text == 0 || self.aside > 0 {
            return;
        }
        let Some(cell) = &mut self.cell else { return };
        append((&mut cell.kind, &mut cell.text), piece);
    }

    fn end_cell(&mut self) {
        (self.in_text, self.aside) = (0, 0);
        let Some(cell) = self.cell.take() else { return };
        let repeats = cell.repeats;
        let (kind, text) = cell.finish();
        if kind == CellKind::Blank {
            self.blanks = self.blanks.saturating_add(repeats);
            return;
        }
        for _ in 0..self.blanks.min(COLUMNS_MAX) {
            self.put(CellKind::Blank, Vec::new());
        }
        self.blanks = 0;
        // One more than fit tells that there were more.
        for _ in 0..repeats.min(COLUMNS_MAX + 1) {
            self.put(kind, text.clone());
        }
    }

    fn put(&mut self, kind: CellKind, text: Vec<u8>) {
        if self.cells.len() < COLUMNS_MAX {
            self.cells.push((kind, text));
        } else {
            self.beyond |= kind != CellKind::Blank;
        }
    }

    fn end_row(&mut self, sink: &mut Sink<'_>) -> Result<Flow, IntakeError> {
        self.blanks = 0;
        let cells = std::mem::take(&mut self.cells);
        let beyond = std::mem::take(&mut self.beyond);
        if cells.is_empty() && !beyond {
            self.row = self.row.saturating_add(self.row_repeats);
            return Ok(Flow::Continue);
        }
        if self.row_repeats > ROW_REPEATS_MAX || self.row >= ROWS_MAX {
            return Err(too_large().into());
        }
        for _ in 0..self.row_repeats {
            self.row += 1;
            for (kind, text) in &cells {
                self.batch.push_within_row(*kind, text);
            }
            if beyond {
                self.batch.note_beyond(self.row);
            }
            self.batch.end_row(self.row, self.row_hidden);
            if hand_on(&mut self.batch, sink)? == Flow::Stop {
                self.done = true;
                return Ok(Flow::Stop);
            }
        }
        Ok(Flow::Continue)
    }
}

/// How often something stands there; once where nothing is said, as the standard has it.
fn times<T: std::str::FromStr + From<u8>>(element: &BytesStart<'_>, name: &str) -> T {
    let said = attribute(element, name).and_then(|times| times.parse().ok());
    said.unwrap_or_else(|| T::from(1))
}

/// How many blanks in a run are taken: those a cell may hold.
fn count_within(count: usize) -> usize {
    count.min(CELL_BYTES_MAX)
}

impl OpenCell {
    fn of(element: &BytesStart<'_>) -> Self {
        let repeats = times(element, "number-columns-repeated");
        let get = |name| attribute(element, name);
        // What spreadsheets show as an error says so beside the value that stands for it.
        let failed = element.attributes().with_checks(false).flatten().any(|attribute| {
            attribute.key.local_name().as_ref() == "value-type"
                && attribute.value.as_bytes() == b"error"
        });
        let (kind, value) = match get("value-type").as_deref() {
            _ if failed => (CellKind::Error, None),
            Some("float" | "currency") => (CellKind::Number, get("value")),
            Some("percentage") => (CellKind::Percent, get("value")),
            Some("boolean") => {
                let truth = get("boolean-value").map(|truth| u8::from(truth == "true").to_string());
                (CellKind::Bool, truth)
            }
            // Days and times are written out, so they read as text does.
            Some("date") => (CellKind::Text, get("date-value")),
            Some("time") => (CellKind::Text, get("time-value")),
            Some(_) => (CellKind::Text, get("string-value")),
            None if get("formula").is_some() => (CellKind::NoValue, None),
            None => (CellKind::Blank, None),
        };
        Self { kind, value, repeats, text: Vec::new(), paragraphs: 0 }
    }

    fn finish(self) -> (CellKind, Vec<u8>) {
        match (self.kind, self.value) {
            (CellKind::TooLong, _) => (CellKind::TooLong, Vec::new()),
            (CellKind::NoValue, _) if self.text.is_empty() => (CellKind::NoValue, Vec::new()),
            (CellKind::Blank, _) if self.text.is_empty() => (CellKind::Blank, Vec::new()),
            (CellKind::Blank | CellKind::NoValue, _) => (CellKind::Text, self.text),
            // A text that spreadsheets show as an error is one: `#REF!`, `Err:502`.
            (CellKind::Text, None) if is_error(&self.text) => (CellKind::Error, self.text),
            (CellKind::Text | CellKind::Error, None) => (self.kind, self.text),
            (kind, Some(value)) => (kind, value.into_bytes()),
            (_, None) => (CellKind::NoValue, Vec::new()),
        }
    }
}

fn is_error(text: &[u8]) -> bool {
    text.starts_with(b"Err:") || (text.starts_with(b"#") && text.ends_with(b"!"))
}
