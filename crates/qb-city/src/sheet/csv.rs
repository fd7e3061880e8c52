//! CSV with or without a byte-order mark, in UTF-8 or GB18030, lines ended as Windows programs
//! do.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::{Cell, yuan};
use crate::error::{CityError, Result};
use crate::model::Format;

/// Characters gathered before they are encoded and written.
const BUFFER_CHARS: usize = 1 << 18;

pub(crate) struct CsvTable {
    pub(super) file: String,
    path: PathBuf,
    out: File,
    format: Format,
    buffer: String,
    rows: u32,
}

impl CsvTable {
    pub(super) fn create(root: &Path, file: &str, format: Format) -> Result<Self> {
        let path = root.join(file);
        let out = super::open(&path)?;
        let mut buffer = String::with_capacity(BUFFER_CHARS + (1 << 12));
        if format == Format::CsvUtf8Bom {
            buffer.push('\u{feff}');
        }
        Ok(Self { file: file.to_owned(), path, out, format, buffer, rows: 0 })
    }

    pub(super) fn row(&mut self, cells: &[Cell<'_>]) -> Result<u32> {
        for (i, cell) in cells.iter().enumerate() {
            if i > 0 {
                self.buffer.push(',');
            }
            match cell {
                Cell::Blank => {}
                Cell::Text(text) => self.quoted(text),
                Cell::Int(n) => self.plain(&n.to_string()),
                Cell::Day(n) => self.plain(&n.to_string()),
                Cell::Fen(fen) => self.plain(&yuan(*fen)),
                Cell::Figure(figure) => self.plain(figure),
            }
        }
        self.buffer.push_str("\r\n");
        self.rows += 1;
        if self.buffer.len() >= BUFFER_CHARS {
            self.flush()?;
        }
        Ok(self.rows)
    }

    fn plain(&mut self, text: &str) {
        self.buffer.push_str(text);
    }

    fn quoted(&mut self, text: &str) {
        if !text.contains([',', '"', '\n', '\r']) {
            self.buffer.push_str(text);
            return;
        }
        self.buffer.push('"');
        self.buffer.push_str(&text.replace('"', "\"\""));
        self.buffer.push('"');
    }

    fn flush(&mut self) -> Result<()> {
        let written = match self.format {
            Format::CsvGb18030 => {
                let (bytes, _, _) = encoding_rs::GB18030.encode(&self.buffer);
                self.out.write_all(&bytes)
            }
            _ => self.out.write_all(self.buffer.as_bytes()),
        };
        written.map_err(CityError::io(&self.path))?;
        self.buffer.clear();
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<()> {
        self.flush()
    }
}
