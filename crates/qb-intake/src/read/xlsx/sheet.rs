//! One worksheet as a stream of rows.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use memchr::memchr2;
use quick_xml::events::{BytesStart, Event};

use super::format::Shown;
use super::package::Package;
use super::shared::{SharedString, SharedStrings};
use super::string::StringReader;
use super::xml::{Walker, local};
use crate::error::{FileFault, IntakeError};
use crate::read::batch::{Batch, COLUMNS_MAX, CellKind};
use crate::read::limits::{CELL_BYTES_MAX, ROW_BYTES_MAX, ROWS_MAX};
use crate::read::{Flow, Sink};

/// Blocks the inflating thread may be ahead.
const BLOCKS_AHEAD: usize = 4;
/// Bytes of a block handed from the inflating thread to the reader.
const BLOCK_BYTES: usize = 1 << 19;

/// What reading a sheet needs to know about the workbook.
pub(crate) struct Context<'a> {
    pub(crate) package: &'a Package,
    pub(crate) part: &'a str,
    pub(crate) formats: &'a [Shown],
    pub(crate) date_1904: bool,
    pub(crate) uncalculated: bool,
    pub(crate) strings: &'a mut SharedStrings,
}

/// Streams a worksheet: one thread inflates, this one reads.
pub(crate) fn stream(context: &mut Context<'_>, sink: &mut Sink<'_>) -> Result<(), IntakeError> {
    let (package, part) = (context.package, context.part);
    thread::scope(|scope| {
        let (sender, blocks) = sync_channel(BLOCKS_AHEAD);
        let inflater = scope.spawn(move || inflate(package, part, &sender));
        let read = SheetReader::new(context).run(&blocks, sink);
        drop(blocks);
        let inflated = inflater.join().map_err(|_| IntakeError::Worker)?;
        // A damaged package explains a sheet without an end, so it is told first.
        inflated?;
        read
    })
}

/// A run of text, and whether it is the last of its part.
struct Block(Vec<u8>, bool);

fn inflate(package: &Package, part: &str, sender: &SyncSender<Block>) -> Result<(), FileFault> {
    let room = || Vec::with_capacity(BLOCK_BYTES + (1 << 17));
    let mut block = room();
    package.text(part, &mut |text, last| {
        block.extend_from_slice(text);
        if !last && block.len() < BLOCK_BYTES {
            return Ok(true);
        }
        // When the reader has stopped, nobody needs the rest.
        Ok(sender.send(Block(std::mem::replace(&mut block, room()), last)).is_ok())
    })
}

/// Where in the sheet the events are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Before,
    Rows,
    Row,
    Cell,
    Formula,
    After,
}

/// What a cell's attribute `t` says of its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stored {
    Number,
    Shared,
    Text,
    Bool,
    Error,
}

/// A cell whose value is still to come.
#[derive(Clone, Copy, Debug)]
struct OpenCell {
    column: usize,
    style: usize,
    stored: Stored,
    /// A formula stands beside the value.
    formula: bool,
    /// The element of the value was there, though it may be empty.
    valued: bool,
}

struct SheetReader<'a, 'b> {
    context: &'a mut Context<'b>,
    place: Place,
    batch: Batch,
    row: u32,
    hidden: bool,
    /// Column of the next cell that does not say where it is.
    column: usize,
    cell: OpenCell,
    string: StringReader,
}

impl<'a, 'b> SheetReader<'a, 'b> {
    fn new(context: &'a mut Context<'b>) -> Self {
        let cell =
            OpenCell { column: 0, style: 0, stored: Stored::Number, formula: false, valued: false };
        Self {
            context,
            place: Place::Before,
            batch: Batch::default(),
            row: 0,
            hidden: false,
            column: 0,
            cell,
            string: StringReader::default(),
        }
    }

    fn run(&mut self, blocks: &Receiver<Block>, sink: &mut Sink<'_>) -> Result<(), IntakeError> {
        let mut walker = Walker::new(self.context.part);
        for Block(text, last) in blocks {
            // What stands behind the rows is inflated to find damage, not read.
            if self.place == Place::After {
                continue;
            }
            let flow =
                walker.feed(&text, last, &mut |event, rest| self.visit(&event, rest, sink))?;
            if flow == Flow::Stop && self.place != Place::After {
                return Ok(());
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
        FileFault::malformed(
            self.context.part,
            &format!("第 {} 行：{detail} (row {})", self.row, self.row),
        )
    }

    /// Takes an event; elements that are not known are passed over with what they hold.
    fn visit(
        &mut self,
        event: &Event<'_>,
        rest: &mut &[u8],
        sink: &mut Sink<'_>,
    ) -> Result<Flow, IntakeError> {
        match event {
            Event::Start(element) => self.start(element, event, rest)?,
            Event::Empty(element) => return self.empty(element, sink),
            Event::End(element) => return self.end(local(element.name()), event, sink),
            other if self.place == Place::Cell => self.string.event(other),
            _ => {}
        }
        Ok(Flow::Continue)
    }

    fn start(
        &mut self,
        element: &BytesStart<'_>,
        event: &Event<'_>,
        rest: &mut &[u8],
    ) -> Result<(), FileFault> {
        match (self.place, local(element.name())) {
            (Place::Row, "c") => {
                self.begin_cell(element)?;
                let Some(value) = plain_value(rest) else { return Ok(()) };
                self.cell.valued = true;
                if self.cell.stored == Stored::Text {
                    self.string.push_value(value);
                    self.end_string()
                } else {
                    self.end_cell(value)
                }
            }
            (Place::Rows, "row") => self.begin_row(element),
            (Place::Before, "sheetData") => {
                self.place = Place::Rows;
                Ok(())
            }
            (Place::Cell, "f") => {
                self.cell.formula = true;
                self.place = Place::Formula;
                Ok(())
            }
            (Place::Cell, name @ ("v" | "t" | "rPh")) => {
                self.cell.valued |= name != "rPh";
                if name == "t" {
                    self.cell.stored = Stored::Text;
                }
                self.string.event(event);
                Ok(())
            }
            (Place::Rows | Place::Cell | Place::Formula, "c")
            | (Place::Row | Place::Cell | Place::Formula, "row") => Err(self.misplaced(element)),
            _ => Ok(()),
        }
    }

    fn empty(
        &mut self,
        element: &BytesStart<'_>,
        sink: &mut Sink<'_>,
    ) -> Result<Flow, IntakeError> {
        match (self.place, local(element.name())) {
            (Place::Row, "c") => {
                self.begin_cell(element)?;
                self.end_cell(b"")?;
            }
            (Place::Rows, "row") => {
                self.begin_row(element)?;
                return self.end_row(sink);
            }
            (Place::Before, "sheetData") => {
                self.place = Place::After;
                return Ok(Flow::Stop);
            }
            (Place::Cell, "f") => self.cell.formula = true,
            (Place::Cell, "v" | "t") => self.cell.valued = true,
            (Place::Rows | Place::Cell | Place::Formula, "c")
            | (Place::Row | Place::Cell | Place::Formula, "row") => {
                return Err(self.misplaced(element).into());
            }
            _ => {}
        }
        Ok(Flow::Continue)
    }

    fn end(
        &mut self,
        name: &str,
        event: &Event<'_>,
        sink: &mut Sink<'_>,
    ) -> Result<Flow, IntakeError> {
        match (self.place, name) {
            (Place::Cell, "c") => self.end_string()?,
            (Place::Formula, "f") => self.place = Place::Cell,
            (Place::Row, "row") => return self.end_row(sink),
            (Place::Rows, "sheetData") => {
                self.place = Place::After;
                return Ok(Flow::Stop);
            }
            (Place::Row | Place::Cell | Place::Formula, "row" | "sheetData") => {
                return Err(self.malformed("缺少结束标记 / an end tag is missing").into());
            }
            (Place::Cell, _) => self.string.event(event),
            _ => {}
        }
        Ok(Flow::Continue)
    }

    fn misplaced(&self, element: &BytesStart<'_>) -> FileFault {
        let name = element.local_name();
        self.malformed(&format!("“{}”的位置不对 / an element out of place", name.as_ref()))
    }

    fn begin_row(&mut self, element: &BytesStart<'_>) -> Result<(), FileFault> {
        let (mut number, mut hidden) = (None, false);
        for attribute in element.attributes().with_checks(false) {
            let attribute = attribute.map_err(|error| self.malformed(&error.to_string()))?;
            match attribute.key.as_ref() {
                "r" => number = digits(attribute.value.as_bytes()),
                "hidden" => hidden = matches!(attribute.value.as_ref(), "1" | "true"),
                _ => {}
            }
        }
        // Rows keep the order of the file: one that says it stood further up goes below the last.
        let next = self.row.saturating_add(1);
        self.row = number.map_or(next, |number| next.max(number));
        if self.row > ROWS_MAX {
            return Err(FileFault::too_large(
                format!("工作表超过 {ROWS_MAX} 行。"),
                format!("the sheet has more than {ROWS_MAX} rows"),
            ));
        }
        (self.hidden, self.column, self.place) = (hidden, 0, Place::Row);
        Ok(())
    }

    fn end_row(&mut self, sink: &mut Sink<'_>) -> Result<Flow, IntakeError> {
        self.batch.end_row(self.row, self.hidden);
        self.place = Place::Rows;
        if self.batch.is_full() { self.hand_on(sink) } else { Ok(Flow::Continue) }
    }

    /// Reads where a cell is and what it stores; without a reference it follows the one before it.
    fn begin_cell(&mut self, element: &BytesStart<'_>) -> Result<(), FileFault> {
        self.cell = OpenCell {
            column: self.column,
            style: 0,
            stored: Stored::Number,
            formula: false,
            valued: false,
        };
        match plain_attributes(element.attributes_raw().as_bytes()) {
            Some(plain) => plain.into_iter().try_for_each(|(key, value)| self.says(key, value))?,
            None => {
                for attribute in element.attributes().with_checks(false) {
                    let attribute =
                        attribute.map_err(|error| self.malformed(&error.to_string()))?;
                    self.says(attribute.key.as_ref().as_bytes(), attribute.value.as_bytes())?;
                }
            }
        }
        self.column = self.cell.column.saturating_add(1);
        self.string.clear();
        self.place = Place::Cell;
        Ok(())
    }

    /// Takes an attribute of a cell.
    fn says(&mut self, key: &[u8], value: &[u8]) -> Result<(), FileFault> {
        match key {
            b"r" => {
                self.cell.column = column_of(value).ok_or_else(|| {
                    self.malformed("单元格位置无法识别 / a cell's reference is not one")
                })?;
            }
            b"s" => {
                self.cell.style = digits(value).ok_or_else(|| {
                    self.malformed("单元格格式不是数字 / a cell's format is no number")
                })? as usize;
            }
            b"t" => {
                self.cell.stored = match value {
                    b"s" => Stored::Shared,
                    b"n" | b"" => Stored::Number,
                    b"b" => Stored::Bool,
                    b"e" => Stored::Error,
                    _ => Stored::Text,
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Ends a cell that holds what has been collected.
    fn end_string(&mut self) -> Result<(), FileFault> {
        let mut string = std::mem::take(&mut self.string);
        let ended = if string.finish() {
            self.put(CellKind::TooLong, b"")
        } else {
            self.end_cell(string.text())
        };
        self.string = string;
        ended
    }

    /// Ends a cell that holds `value`, its entities and escapes resolved.
    fn end_cell(&mut self, value: &[u8]) -> Result<(), FileFault> {
        let cell = self.cell;
        let text_stored = cell.stored == Stored::Text && cell.valued;
        if value.is_empty() && !text_stored {
            let kind = if cell.formula { CellKind::NoValue } else { CellKind::Blank };
            return self.put(kind, b"");
        }
        if cell.formula && self.context.uncalculated {
            self.batch.note_uncalculated(self.row);
        }
        match cell.stored {
            Stored::Number => self.put(self.number_kind(cell.style), value),
            Stored::Text => self.put(CellKind::Text, value),
            Stored::Bool => self.put(CellKind::Bool, value.trim_ascii()),
            Stored::Error => self.put(CellKind::Error, value),
            Stored::Shared => self.put_shared(value),
        }
    }

    fn put_shared(&mut self, value: &[u8]) -> Result<(), FileFault> {
        let index = digits(value.trim_ascii()).ok_or_else(|| {
            self.malformed("共享字符串序号不是数字 / the number of a shared string is none")
        })?;
        let (column, row_full) = (self.cell.column, self.row_is_full(0));
        match self.context.strings.get(index) {
            Some(SharedString::Text(_)) if row_full => self.put(CellKind::TooLong, b""),
            Some(SharedString::Text(text)) => {
                // The commonest case: the next column, and room for it.
                if column == self.batch.open_columns()
                    && column < COLUMNS_MAX
                    && self.batch.open_bytes() + text.len() <= ROW_BYTES_MAX
                {
                    self.batch.push_cell(CellKind::Text, text);
                    self.place = Place::Row;
                    return Ok(());
                }
                let text = text.to_vec();
                self.put(CellKind::Text, &text)
            }
            Some(SharedString::TooLong) => self.put(CellKind::TooLong, b""),
            None => Err(self.malformed("共享字符串缺失 / a shared string is missing")),
        }
    }

    /// Puts a value into its column, before or behind what the row already holds.
    fn put(&mut self, kind: CellKind, text: &[u8]) -> Result<(), FileFault> {
        self.place = Place::Row;
        let column = self.cell.column;
        if column >= COLUMNS_MAX {
            if kind != CellKind::Blank {
                self.batch.note_beyond(self.row);
            }
            return Ok(());
        }
        let (kind, text) = if text.len() > CELL_BYTES_MAX || self.row_is_full(text.len()) {
            (CellKind::TooLong, b"".as_slice())
        } else {
            (kind, text)
        };
        if column >= self.batch.open_columns() {
            self.batch.pad_to(column);
            self.batch.push_cell(kind, text);
            return Ok(());
        }
        if kind == CellKind::Blank || self.batch.fill_cell(column, kind, text) {
            return Ok(());
        }
        Err(self.malformed("同一位置有两个单元格 / two cells have the same reference"))
    }

    fn row_is_full(&self, more: usize) -> bool {
        self.batch.open_bytes() + more > ROW_BYTES_MAX
    }

    fn number_kind(&self, style: usize) -> CellKind {
        match (self.context.formats.get(style), self.context.date_1904) {
            (Some(Shown::Date), true) => CellKind::Date1904,
            (Some(Shown::Date), false) => CellKind::Date1900,
            (Some(Shown::Percent), _) => CellKind::Percent,
            (_, true) => CellKind::Number1904,
            (_, false) => CellKind::Number,
        }
    }
}

/// Takes `<v>…</v></c>` off the front, as nearly every cell goes on: without entity or prefix.
fn plain_value<'r>(rest: &mut &'r [u8]) -> Option<&'r [u8]> {
    let value = rest.strip_prefix(b"<v>")?;
    let (value, behind) = value.split_at(memchr2(b'<', b'&', value)?);
    *rest = behind.strip_prefix(b"</v></c>")?;
    Some(value)
}

/// Attributes a cell has where the file says nothing unusual.
const PLAIN_MAX: usize = 4;

/// The attributes of a tag as nearly every cell has them: ` r="A1" s="2" t="s"`, one letter each.
/// Nothing where they are written otherwise; then they are read in full.
fn plain_attributes(mut rest: &[u8]) -> Option<[(&[u8], &[u8]); PLAIN_MAX]> {
    let mut found = [(b"".as_slice(), b"".as_slice()); PLAIN_MAX];
    for slot in &mut found {
        let Some((key, value)) = rest.split_at_checked(4) else { break };
        let [b' ', b'a'..=b'z', b'=', b'"'] = key else { return None };
        let end = value.iter().position(|byte| *byte == b'"')?;
        *slot = (&key[1..2], &value[..end]);
        rest = &value[end + 1..];
    }
    rest.is_empty().then_some(found)
}

/// The column (from 0) of a reference such as `AB12`.
fn column_of(reference: &[u8]) -> Option<usize> {
    let letters = reference.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let (letters, row) = reference.split_at_checked(letters)?;
    if !(1..=4).contains(&letters.len()) || row.is_empty() || !row.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let column = letters.iter().fold(0, |column, letter| {
        column * 26 + usize::from(letter.to_ascii_uppercase() - b'A') + 1
    });
    Some(column - 1)
}

fn digits(text: &[u8]) -> Option<u32> {
    if text.is_empty() || text.len() > 10 {
        return None;
    }
    text.iter().try_fold(0_u32, |number, byte| {
        let digit = byte.is_ascii_digit().then(|| u32::from(byte - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_taken_in_one_look_are_those_a_full_reader_finds() {
        for (raw, is_plain) in [
            ("", true),
            (r#" r="A1""#, true),
            (r#" r="AB12" s="3" t="s""#, true),
            (r#" t="str" r="" s="0" x="&amp;""#, true),
            (r#" r="A1" s="1" t="s" m="1" n="2""#, false),
            (r#" r='A1'"#, false),
            (" r=\"A1\"\n s=\"1\"", false),
            (r#" r="A1" "#, false),
            (r#" r = "A1""#, false),
            (r#" x:r="A1""#, false),
            (r#" r="A1"#, false),
        ] {
            let Some(found) = plain_attributes(raw.as_bytes()) else {
                assert!(!is_plain, "{raw}");
                continue;
            };
            assert!(is_plain, "{raw}");
            let text = format!("c{raw}");
            let element = BytesStart::from_content(text.as_str(), 1);
            let full: Vec<_> = element
                .attributes()
                .map(Result::unwrap)
                .map(|one| (one.key.as_ref().to_owned(), one.value.into_owned()))
                .collect();
            let plain: Vec<_> = found
                .iter()
                .filter(|(key, _)| !key.is_empty())
                .map(|(key, value)| {
                    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
                    (text(key), text(value))
                })
                .collect();
            assert_eq!(plain, full, "{raw}");
        }
    }
}
