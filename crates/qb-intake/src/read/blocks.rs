//! Text files as UTF-8, block by block, whatever their encoding.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use encoding_rs::{Decoder, UTF_8};

use super::sniff::Dialect;
use crate::error::FileFault;

/// Bytes read from the file at a time.
const BLOCK_BYTES: usize = 1 << 18;

/// The file as UTF-8 text, block by block.
pub(super) struct Blocks {
    file: File,
    /// Absent for UTF-8, which is read as it is.
    decoder: Option<Decoder>,
    raw: Vec<u8>,
}

impl Blocks {
    pub(super) fn open(path: &Path, dialect: Dialect) -> Result<Self, FileFault> {
        let unreadable = |error: std::io::Error| FileFault::unreadable(&error);
        let mut file = File::open(path).map_err(unreadable)?;
        file.seek(SeekFrom::Start(dialect.bom_bytes as u64)).map_err(unreadable)?;
        let decoder = (dialect.encoding != UTF_8)
            .then(|| dialect.encoding.new_decoder_without_bom_handling());
        Ok(Self { file, decoder, raw: Vec::new() })
    }

    /// Appends the next block to `text`; false when that was the last.
    pub(super) fn append_to(&mut self, text: &mut Vec<u8>) -> Result<bool, FileFault> {
        let unreadable = |error: std::io::Error| FileFault::unreadable(&error);
        let Some(decoder) = &mut self.decoder else {
            let read =
                (&mut self.file).take(BLOCK_BYTES as u64).read_to_end(text).map_err(unreadable)?;
            return Ok(read == BLOCK_BYTES);
        };
        self.raw.clear();
        let read = (&mut self.file)
            .take(BLOCK_BYTES as u64)
            .read_to_end(&mut self.raw)
            .map_err(unreadable)?;
        let last = read < BLOCK_BYTES;
        let start = text.len();
        let room = decoder.max_utf8_buffer_length(read).unwrap_or(read * 3 + 16);
        text.resize(start + room, 0);
        let target = &mut text[start..];
        let (_, _, written, _) = decoder.decode_to_utf8(&self.raw, target, last);
        text.truncate(start + written);
        Ok(!last)
    }
}
