//! One worksheet as a stream of rows: a byte scanner that knows the few elements it needs.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use memchr::{memchr, memmem};

use super::package::{Package, refuse_doctype};
use super::shared::{SharedStrings, collect_text};
use super::text::unescape;
use crate::error::{FileFault, IntakeError};
use crate::read::batch::{Batch, COLUMNS_MAX, CellKind};
use crate::read::limits::{ROW_BYTES_MAX, ROWS_MAX};
use crate::read::{Flow, Sink};

/// Blocks the inflating thread may be ahead.
const BLOCKS_AHEAD: usize = 4;
/// Bytes of a block handed from the inflating thread to the scanner.
const BLOCK_BYTES: usize = 1 << 19;

/// What the scanner needs to know about the workbook.
pub(crate) struct Context<'a> {
    pub(crate) package: &'a Package,
    pub(crate) part: &'a str,
    pub(crate) date_formats: &'a [bool],
    pub(crate) date_1904: bool,
    pub(crate) strings: &'a mut SharedStrings,
}

/// Streams a worksheet: one thread inflates, this one scans.
pub(crate) fn stream(context: &mut Context<'_>, sink: &mut Sink<'_>) -> Result<(), IntakeError> {
    let (package, part) = (context.package, context.part);
    thread::scope(|scope| {
        let (sender, blocks) = sync_channel(BLOCKS_AHEAD);
        let inflater = scope.spawn(move || inflate(package, part, &sender));
        let scanned = Scanner::new(context).run(&blocks, sink);
        drop(blocks);
        let inflated = inflater.join().map_err(|_| IntakeError::Worker)?;
        // A damaged package explains a scan that found no end, so it is told first.
        inflated?;
        scanned
    })
}

fn inflate(package: &Package, part: &str, sender: &SyncSender<Vec<u8>>) -> Result<(), FileFault> {
    let mut block = Vec::with_capacity(BLOCK_BYTES + (1 << 17));
    let mut wanted = true;
    package.inflate(part, &mut |bytes| {
        block.extend_from_slice(bytes);
        if block.len() >= BLOCK_BYTES {
            let full = std::mem::replace(&mut block, Vec::with_capacity(BLOCK_BYTES + (1 << 17)));
            wanted = sender.send(full).is_ok();
        }
        Ok(wanted)
    })?;
    if wanted && !block.is_empty() {
        // The scanner may have stopped; then nobody needs the rest.
        let _ = sender.send(block);
    }
    Ok(())
}

/// Where in the sheet the scanner is.
#[derive(PartialEq, Eq)]
enum Place {
    Before,
    Rows,
    After,
}

struct Scanner<'a, 'b> {
    context: &'a mut Context<'b>,
    pending: Vec<u8>,
    place: Place,
    batch: Batch,
    row: u32,
    text: Vec<u8>,
}

impl<'a, 'b> Scanner<'a, 'b> {
    fn new(context: &'a mut Context<'b>) -> Self {
        Self {
            context,
            pending: Vec::new(),
            place: Place::Before,
            batch: Batch::default(),
            row: 0,
            text: Vec::new(),
        }
    }

    fn run(&mut self, blocks: &Receiver<Vec<u8>>, sink: &mut Sink<'_>) -> Result<(), IntakeError> {
        for block in blocks {
            if self.place == Place::After {
                continue;
            }
            self.pending.extend_from_slice(&block);
            let bytes = std::mem::take(&mut self.pending);
            let mut at = 0;
            if self.place == Place::Before {
                at = self.find_rows(&bytes)?;
            }
            while self.place == Place::Rows {
                let Some(next) = self.next_row(&bytes, at)? else { break };
                at = next;
                if self.batch.is_full() && self.hand_on(sink)? == Flow::Stop {
                    return Ok(());
                }
            }
            self.pending = bytes;
            self.pending.drain(..at);
            if self.pending.len() > ROW_BYTES_MAX {
                return Err(self.malformed("一行过长 / a row is too long").into());
            }
        }
        self.hand_on(sink)?;
        if self.place == Place::After {
            Ok(())
        } else {
            Err(FileFault::truncated("工作表没有结尾 / the sheet has no end").into())
        }
    }

    fn hand_on(&mut self, sink: &mut Sink<'_>) -> Result<Flow, IntakeError> {
        if self.batch.is_empty() {
            return Ok(Flow::Continue);
        }
        let flow = sink(&self.batch)?;
        self.batch.clear();
        Ok(flow)
    }

    fn malformed(&self, detail: &str) -> FileFault {
        FileFault::malformed(self.context.part, detail)
    }

    /// Finds the start of the rows; everything before it is small.
    fn find_rows(&mut self, bytes: &[u8]) -> Result<usize, FileFault> {
        let Some(start) = memmem::find(bytes, b"<sheetData") else {
            refuse_doctype(self.context.part, bytes)?;
            return Ok(0);
        };
        refuse_doctype(self.context.part, bytes.get(..start).unwrap_or(b""))?;
        let tag = bytes.get(start..).unwrap_or(b"");
        let Some(close) = memchr(b'>', tag) else { return Ok(0) };
        self.place = if tag.get(..close).is_some_and(|tag| tag.ends_with(b"/")) {
            Place::After
        } else {
            Place::Rows
        };
        Ok(start + close + 1)
    }

    /// Reads one row; `None` when it is not complete yet.
    fn next_row(&mut self, bytes: &[u8], at: usize) -> Result<Option<usize>, FileFault> {
        let rest = bytes.get(at..).unwrap_or(b"");
        let Some(open) = memchr(b'<', rest) else { return Ok(None) };
        let tag = rest.get(open..).unwrap_or(b"");
        let Some(close) = memchr(b'>', tag) else { return Ok(None) };
        let head = tag.get(1..close).unwrap_or(b"");
        if head.starts_with(b"/sheetData") {
            self.place = Place::After;
            return Ok(Some(at + open + close + 1));
        }
        if !head.starts_with(b"row") {
            return Ok(Some(at + open + close + 1));
        }
        let mut hidden = false;
        self.row += 1;
        for (name, value) in Attributes(head.get(3..).unwrap_or(b"")) {
            match name {
                b"r" => self.row = digits(value).unwrap_or(self.row),
                b"hidden" => hidden = matches!(value, b"1" | b"true"),
                _ => {}
            }
        }
        if self.row > ROWS_MAX {
            return Err(FileFault::too_large(
                format!("工作表超过 {ROWS_MAX} 行。"),
                format!("the sheet has more than {ROWS_MAX} rows"),
            ));
        }
        let body = tag.get(close + 1..).unwrap_or(b"");
        if head.ends_with(b"/") {
            self.batch.end_row(self.row, hidden);
            return Ok(Some(at + open + close + 1));
        }
        let Some(end) = memmem::find(body, b"</row>") else {
            self.row -= 1;
            return Ok(None);
        };
        self.cells(body.get(..end).unwrap_or(b""))?;
        self.batch.end_row(self.row, hidden);
        Ok(Some(at + open + close + 1 + end + 6))
    }

    fn cells(&mut self, row: &[u8]) -> Result<(), FileFault> {
        let mut rest = row;
        while let Some(open) = memchr(b'<', rest) {
            let tag = rest.get(open + 1..).unwrap_or(b"");
            let Some(close) = memchr(b'>', tag) else { return Ok(()) };
            let head = tag.get(..close).unwrap_or(b"");
            let body = tag.get(close + 1..).unwrap_or(b"");
            if !(head.starts_with(b"c ") || head == b"c" || head == b"c/") {
                rest = body;
                continue;
            }
            let cell = CellHead::read(head);
            let column = cell.column.unwrap_or_else(|| self.batch.open_columns());
            if head.ends_with(b"/") {
                rest = body;
                continue;
            }
            // A cell's text cannot hold `</c>`: `<` is always escaped.
            let end = memmem::find(body, b"</c>").unwrap_or(body.len());
            if column < COLUMNS_MAX && column >= self.batch.open_columns() {
                self.batch.pad_to(column);
                self.value(&cell, body.get(..end).unwrap_or(b""))?;
            }
            rest = body.get(end + 4..).unwrap_or(b"");
        }
        Ok(())
    }

    /// Appends the value of one cell.
    fn value(&mut self, cell: &CellHead<'_>, body: &[u8]) -> Result<(), FileFault> {
        if cell.kind == b"inlineStr" {
            self.text.clear();
            collect_text(strip_inline(body), &mut self.text);
            self.batch.push_cell(CellKind::Text, &self.text);
            return Ok(());
        }
        let Some(raw) = element_v(body) else {
            self.batch.push_cell(CellKind::Blank, b"");
            return Ok(());
        };
        match cell.kind {
            b"s" => {
                let index = digits(raw)
                    .ok_or_else(|| self.malformed("共享字符串序号 / number of a shared string"))?;
                let string = self.context.strings.get(index);
                let Some(string) = string else {
                    return Err(self.malformed("共享字符串缺失 / a shared string is missing"));
                };
                self.batch.push_cell(CellKind::Text, string);
            }
            b"" | b"n" => self.batch.push_cell(self.number_kind(cell.style), raw),
            b"b" => self.batch.push_cell(CellKind::Bool, raw),
            b"e" => self.batch.push_cell(CellKind::Error, raw),
            _ => {
                self.text.clear();
                unescape(raw, &mut self.text);
                self.batch.push_cell(CellKind::Text, &self.text);
            }
        }
        Ok(())
    }

    fn number_kind(&self, style: usize) -> CellKind {
        match self.context.date_formats.get(style) {
            Some(true) if self.context.date_1904 => CellKind::Date1904,
            Some(true) => CellKind::Date1900,
            _ => CellKind::Number,
        }
    }
}

/// The attributes of a cell that matter.
struct CellHead<'a> {
    column: Option<usize>,
    style: usize,
    kind: &'a [u8],
}

impl<'a> CellHead<'a> {
    fn read(head: &'a [u8]) -> Self {
        let mut cell = Self { column: None, style: 0, kind: b"" };
        for (name, value) in Attributes(head.get(1..).unwrap_or(b"")) {
            match name {
                b"r" => cell.column = column_of(value),
                b"s" => cell.style = digits(value).unwrap_or(0) as usize,
                b"t" => cell.kind = value,
                _ => {}
            }
        }
        cell
    }
}

/// Name and value of each attribute in the inside of a tag.
struct Attributes<'a>(&'a [u8]);

impl<'a> Iterator for Attributes<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let text = self.0;
        let equals = memchr(b'=', text)?;
        let name = text.get(..equals)?.trim_ascii();
        let quoted = text.get(equals + 1..)?.trim_ascii_start();
        let quote = *quoted.first()?;
        let value = quoted.get(1..)?;
        let end = memchr(quote, value)?;
        self.0 = value.get(end + 1..)?;
        Some((name, value.get(..end)?))
    }
}

/// The column (from 0) of a reference such as `AB12`.
fn column_of(reference: &[u8]) -> Option<usize> {
    let mut column = 0usize;
    for byte in reference {
        match byte {
            b'A'..=b'Z' if column < 100_000 => column = column * 26 + usize::from(byte - b'A') + 1,
            _ => break,
        }
    }
    column.checked_sub(1)
}

fn digits(text: &[u8]) -> Option<u32> {
    if text.is_empty() || text.len() > 10 {
        return None;
    }
    text.iter().try_fold(0u32, |number, byte| {
        let digit = byte.is_ascii_digit().then(|| u32::from(byte - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

/// The content of `<v>`, behind a formula if there is one.
fn element_v(body: &[u8]) -> Option<&[u8]> {
    let value = match body.strip_prefix(b"<v>") {
        Some(value) => value,
        None => {
            let at = memmem::find(body, b"<v>").map(|at| at + 3).or_else(|| {
                let open = memmem::find(body, b"<v ")?;
                Some(open + memchr(b'>', body.get(open..)?)? + 1)
            })?;
            body.get(at..)?
        }
    };
    value.get(..memchr(b'<', value)?)
}

fn strip_inline(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"<is>").and_then(|rest| rest.strip_suffix(b"</is>")).unwrap_or(body)
}
