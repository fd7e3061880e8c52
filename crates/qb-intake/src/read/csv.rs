//! Text tables: decoded block by block, fields found in place, nothing copied twice.

use std::ops::Range;
use std::path::Path;

use memchr::{memchr, memchr2, memrchr};

use super::batch::{Batch, CellKind};
use super::blocks::Blocks;
use super::limits::{CELL_BYTES_MAX, ROW_BYTES_MAX, ROWS_MAX};
use super::sniff::Dialect;
use super::{Flow, Sink};
use crate::error::{FileFault, IntakeError};

/// Streams the rows of a text table into `sink`.
pub(crate) fn stream(
    path: &Path,
    dialect: Dialect,
    sink: &mut Sink<'_>,
) -> Result<(), IntakeError> {
    let mut blocks = Blocks::open(path, dialect)?;
    let mut batch = Batch::default();
    let mut carry: Vec<u8> = Vec::new();
    let mut splitter = Splitter { dialect, row: 0, columns: 0 };
    loop {
        batch.clear();
        let bytes = batch.bytes_mut();
        bytes.extend_from_slice(&carry);
        let last = !blocks.append_to(bytes)?;
        let rest = splitter.split(&mut batch, last);
        carry.clear();
        carry.extend_from_slice(&batch.bytes_mut()[rest]);
        if carry.len() > ROW_BYTES_MAX || splitter.row > ROWS_MAX {
            return Err(too_long(splitter.row).into());
        }
        if !batch.is_empty() && sink(&batch)? == Flow::Stop {
            return Ok(());
        }
        if last {
            return Ok(());
        }
    }
}

fn too_long(row: u32) -> FileFault {
    FileFault::too_large(
        format!("第 {} 行过长或行数超过上限，无法作为表格读取。", row + 1),
        format!("row {} is too long, or the table has too many rows", row + 1),
    )
}

/// Finds records and fields.
struct Splitter {
    dialect: Dialect,
    row: u32,
    /// Columns of the record before; 0 before the first.
    columns: usize,
}

/// Where a field ended.
enum End {
    Field(usize),
    Record(usize),
    Incomplete,
}

/// The text being split: `bytes[..end]` as read; unescaped fields are put behind it.
struct Text {
    bytes: Vec<u8>,
    end: usize,
    last: bool,
}

impl Text {
    #[inline]
    fn from(&self, at: usize) -> &[u8] {
        // Behind the end lie fields that were unescaped: nothing of the text is left there.
        &self.bytes[at.min(self.end)..self.end]
    }

    #[inline]
    fn at(&self, at: usize) -> Option<u8> {
        if at < self.end { self.bytes.get(at).copied() } else { None }
    }

    /// The end of a line's last field, without the carriage return of `\r\n`.
    #[inline]
    fn without_return(&self, start: usize, end: usize) -> usize {
        if end > start && self.at(end - 1) == Some(b'\r') { end - 1 } else { end }
    }
}

impl Splitter {
    /// Splits all complete records of the batch's arena; returns the range of bytes not used.
    fn split(&mut self, batch: &mut Batch, last: bool) -> Range<usize> {
        // The arena is taken out so that cells can be pushed while it is read.
        let bytes = std::mem::take(batch.bytes_mut());
        let mut text = Text { end: bytes.len(), bytes, last };
        let mut record = 0;
        'records: while record < text.end {
            let mut at = record;
            loop {
                match self.field(&mut text, at, batch) {
                    End::Field(next) => at = next,
                    End::Record(next) => {
                        self.row += 1;
                        self.columns = batch.open_columns();
                        batch.end_row(self.row, false);
                        record = next;
                        break;
                    }
                    End::Incomplete => {
                        batch.drop_open_row();
                        break 'records;
                    }
                }
            }
        }
        let rest = record..text.end;
        *batch.bytes_mut() = text.bytes;
        rest
    }

    #[inline]
    fn field(&self, text: &mut Text, at: usize, batch: &mut Batch) -> End {
        if text.at(at) == Some(b'"')
            && let Some(end) = self.quoted(text, at, batch)
        {
            return end;
        }
        let Some(length) = memchr2(self.dialect.delimiter, self.dialect.newline, text.from(at))
        else {
            if !text.last {
                return End::Incomplete;
            }
            push(batch, at, text.without_return(at, text.end));
            return End::Record(text.end);
        };
        let stop = at + length;
        if text.at(stop) == Some(self.dialect.delimiter) {
            push(batch, at, stop);
            return End::Field(stop + 1);
        }
        push(batch, at, text.without_return(at, stop));
        End::Record(stop + 1)
    }

    /// Reads a quoted field; `None` when its quote is never closed and so is an ordinary character.
    fn quoted(&self, text: &mut Text, at: usize, batch: &mut Batch) -> Option<End> {
        let start = at + 1;
        let (mut read, mut doubled) = (start, false);
        let close = loop {
            let Some(length) = memchr(b'"', text.from(read)) else {
                let open = !text.last && text.end - at <= CELL_BYTES_MAX;
                return open.then_some(End::Incomplete);
            };
            read += length + 1;
            match text.at(read) {
                Some(b'"') => {
                    doubled = true;
                    read += 1;
                }
                None if !text.last => return Some(End::Incomplete),
                _ => break read - 1,
            }
        };
        let rest = text.from(read);
        let stop = match memchr2(self.dialect.delimiter, self.dialect.newline, rest) {
            Some(length) => read + length,
            None if text.last => text.end,
            None => return Some(End::Incomplete),
        };
        if memchr(self.dialect.newline, &text.bytes[start..close]).is_some()
            && self.is_stray(text, at, close, read..stop)
        {
            return None;
        }
        let separated = text.at(stop) == Some(self.dialect.delimiter);
        let tail_end = if separated { stop } else { text.without_return(read, stop) };
        push_quoted(text, batch, Quoted { start, close, tail: read..tail_end, doubled });
        let next = (stop + 1).min(text.end);
        // A separator at the very end of the text opens one more, blank field.
        Some(if separated { End::Field(next) } else { End::Record(next) })
    }
}

impl Splitter {
    /// Whether two quotes that enclose line ends are characters of two records rather than the
    /// quotes of one field: something stands between the second and the separator behind it, or
    /// each line on its own has all columns.
    fn is_stray(&self, text: &Text, at: usize, close: usize, tail: Range<usize>) -> bool {
        let tail = &text.bytes[tail];
        if !tail.is_empty() && tail != b"\r" {
            return true;
        }
        let before = &text.bytes[..at];
        let begin = match memrchr(self.dialect.newline, before) {
            Some(end) => end + 1,
            // The first line begins with the text.
            None => 0,
        };
        let end = memchr(self.dialect.newline, text.from(close)).map_or(text.end, |at| close + at);
        let lines = &text.bytes[begin..end];
        let columns =
            |line: &[u8]| 1 + line.iter().filter(|byte| **byte == self.dialect.delimiter).count();
        self.columns > 1
            && lines
                .split(|byte| *byte == self.dialect.newline)
                .all(|line| columns(line) == self.columns)
    }
}

/// A quoted field; `tail` is text between its closing quote and the separator, which belongs to it.
struct Quoted {
    start: usize,
    close: usize,
    tail: Range<usize>,
    doubled: bool,
}

fn push_quoted(text: &mut Text, batch: &mut Batch, field: Quoted) {
    if !field.doubled && field.tail.is_empty() {
        batch.push_range(field.start, field.close, CellKind::Text);
        return;
    }
    let begin = text.bytes.len();
    let mut read = field.start;
    while read < field.close {
        let part = &text.bytes[read..field.close];
        let length = memchr(b'"', part).map_or(part.len(), |quote| quote + 1);
        text.bytes.extend_from_within(read..read + length);
        // Steps over the second of two quotes.
        read += length + 1;
    }
    text.bytes.extend_from_within(field.tail);
    batch.push_range(begin, text.bytes.len(), CellKind::Text);
}

#[inline]
fn push(batch: &mut Batch, start: usize, end: usize) {
    let kind = if start == end { CellKind::Blank } else { CellKind::Text };
    batch.push_range(start, end, kind);
}
