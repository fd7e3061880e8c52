//! Tables of web pages, as many web systems hand out under the name of a workbook.

use std::cell::RefCell;
use std::path::Path;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

use super::batch::{Batch, COLUMNS_MAX, CellKind};
use super::blocks::Blocks;
use super::limits::{CELL_BYTES_MAX, ROWS_MAX};
use super::sniff::Dialect;
use super::{Flow, Sink};
use crate::error::{FileFault, IntakeError};

/// Columns and rows that one cell may span.
const SPAN_MAX: usize = 1_000;

/// Streams the rows of all tables of a page, one below the other.
pub(crate) fn stream(
    path: &Path,
    dialect: Dialect,
    sink: &mut Sink<'_>,
) -> Result<(), IntakeError> {
    let mut blocks = Blocks::open(path, dialect)?;
    let rows = Rows(RefCell::new(Reader::default()));
    let tokenizer = Tokenizer::new(rows, TokenizerOpts::default());
    let queue = BufferQueue::default();
    let mut text = Vec::new();
    loop {
        let more = blocks.append_to(&mut text)?;
        // A block may end inside a character.
        let whole = match std::str::from_utf8(&text) {
            Ok(_) => text.len(),
            Err(error) if more && error.error_len().is_none() => error.valid_up_to(),
            Err(_) => text.len(),
        };
        let rest = text.split_off(whole);
        queue.push_back(StrTendril::from_slice(&String::from_utf8_lossy(&text)));
        text = rest;
        // Scripts are not run; where one ends, the page goes on.
        while !queue.is_empty() {
            let _ = tokenizer.feed(&queue);
        }
        if !more {
            tokenizer.end();
        }
        let mut reader = tokenizer.sink.0.borrow_mut();
        if !more {
            reader.end_row();
        }
        if reader.too_many {
            return Err(too_large().into());
        }
        if !reader.batch.is_empty() {
            let flow = sink(&reader.batch)?;
            reader.batch.clear();
            if flow == Flow::Stop {
                return Ok(());
            }
        }
        if !more {
            return Ok(());
        }
    }
}

fn too_large() -> FileFault {
    FileFault::too_large(
        "网页中的表格行数超过上限。".to_owned(),
        "the tables of the page have too many rows".to_owned(),
    )
}

/// Takes the tokens of the page.
struct Rows(RefCell<Reader>);

impl TokenSink for Rows {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut reader = self.0.borrow_mut();
        match token {
            Token::TagToken(tag) => reader.tag(&tag),
            Token::CharacterTokens(text) => reader.text(&text),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

/// A cell that reaches into rows below its own.
#[derive(Clone, Copy, Debug, Default)]
struct Reach {
    rows: usize,
}

#[derive(Default)]
struct Reader {
    batch: Batch,
    row: u32,
    too_many: bool,
    /// Cells of the row being read.
    cells: Vec<(CellKind, String)>,
    in_row: bool,
    /// The cell being read, and how many columns it spans.
    cell: Option<(String, usize, usize)>,
    too_long: bool,
    /// Columns that cells of rows above reach into.
    below: Vec<Reach>,
    /// How deep in tables; a table inside a cell belongs to the cell.
    depth: usize,
    /// Inside of what is not shown.
    hidden: usize,
}

impl Reader {
    fn tag(&mut self, tag: &Tag) {
        let name = tag.name.as_ref();
        let start = tag.kind == TagKind::StartTag;
        match name {
            "script" | "style" | "head" | "title" => {
                let open = start && !tag.self_closing;
                self.hidden = if open { self.hidden + 1 } else { self.hidden.saturating_sub(1) };
            }
            "table" if start => {
                self.depth += 1;
                self.hidden = 0;
            }
            "table" => {
                if self.depth == 1 {
                    self.end_row();
                    self.below.clear();
                }
                self.depth = self.depth.saturating_sub(1);
            }
            _ if self.depth != 1 => {}
            "tr" => {
                // Web systems leave ends out; a row ends where the next begins.
                self.end_row();
                self.in_row = start;
            }
            "td" | "th" => {
                self.end_cell();
                if start {
                    self.begin_cell(tag);
                }
            }
            "br" | "p" | "div" if self.cell.is_some() => self.text("\n"),
            _ => {}
        }
    }

    fn begin_cell(&mut self, tag: &Tag) {
        self.in_row = true;
        let span = |wanted: &str| {
            let found = tag.attrs.iter().find(|attribute| &*attribute.name.local == wanted);
            let number = found.and_then(|attribute| attribute.value.trim().parse::<usize>().ok());
            number.map_or(1, |number| number.clamp(1, SPAN_MAX))
        };
        self.skip_reached();
        self.cell = Some((String::new(), span("colspan"), span("rowspan")));
        self.too_long = false;
    }

    fn text(&mut self, text: &str) {
        let Some((cell, ..)) = self.cell.as_mut().filter(|_| self.hidden == 0) else { return };
        if cell.len() + text.len() > CELL_BYTES_MAX {
            self.too_long = true;
            cell.clear();
        }
        if !self.too_long {
            cell.push_str(text);
        }
    }

    /// Columns that a cell above reaches into are blank, as merged cells are.
    fn skip_reached(&mut self) {
        while let Some(reach) = self.below.get_mut(self.cells.len())
            && reach.rows > 0
        {
            reach.rows -= 1;
            self.cells.push((CellKind::Blank, String::new()));
        }
    }

    fn end_cell(&mut self) {
        let Some((text, columns, rows)) = self.cell.take() else { return };
        let text = text.split_whitespace_lines();
        let kind = match (self.too_long, text.is_empty()) {
            (true, _) => CellKind::TooLong,
            (false, true) => CellKind::Blank,
            (false, false) => CellKind::Text,
        };
        let first = self.cells.len();
        let columns = columns.min((COLUMNS_MAX + 1).saturating_sub(first));
        for column in first..first + columns {
            if rows > 1 {
                if self.below.len() <= column {
                    self.below.resize_with(column + 1, Reach::default);
                }
                if let Some(reach) = self.below.get_mut(column) {
                    reach.rows = rows - 1;
                }
            }
            let cell = if column == first { (kind, text.clone()) } else { BLANK };
            self.cells.push(cell);
        }
    }

    fn end_row(&mut self) {
        self.end_cell();
        if !std::mem::take(&mut self.in_row) {
            return;
        }
        self.skip_reached();
        self.row += 1;
        self.too_many |= self.row > ROWS_MAX;
        let beyond = self.cells.len() > COLUMNS_MAX;
        for (kind, text) in self.cells.drain(..).take(COLUMNS_MAX) {
            self.batch.push_within_row(kind, text.as_bytes());
        }
        if beyond {
            self.batch.note_beyond(self.row);
        }
        self.batch.end_row(self.row, false);
    }
}

const BLANK: (CellKind, String) = (CellKind::Blank, String::new());

/// Text of a page as people see it.
trait Shown {
    /// Lines without the white space around and the runs of it inside.
    fn split_whitespace_lines(&self) -> String;
}

impl Shown for String {
    fn split_whitespace_lines(&self) -> String {
        let lines = self.split('\n').map(|line| line.split_whitespace().collect::<Vec<_>>());
        let lines = lines.filter(|words| !words.is_empty()).map(|words| words.join(" "));
        lines.collect::<Vec<_>>().join("\n")
    }
}
