//! Compound files (OLE), as old workbooks are packed, and new ones that have a password to open.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use crate::error::FileFault;

/// First bytes of a compound file.
pub(crate) const MAGIC: [u8; 8] = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
/// Bytes of an entry of its directory; entries begin at multiples of it.
const ENTRY_BYTES: usize = 128;
/// Bytes looked at together.
const BLOCK_BYTES: usize = 512 * ENTRY_BYTES;
/// An entry that is a stream.
const STREAM: u8 = 2;

/// Which of these streams a compound file has.
///
/// The directory may lie anywhere in the file and its chain of sectors may be damaged, so every
/// place where an entry can stand is looked at; the bytes pass through one block.
///
/// # Errors
/// A [`FileFault`] when the file cannot be read.
pub(crate) fn has_streams<const N: usize>(
    file: &mut File,
    names: &[&str; N],
) -> Result<[bool; N], FileFault> {
    let unreadable = |error: std::io::Error| FileFault::unreadable(&error);
    file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
    let mut found = [false; N];
    let mut block = Vec::with_capacity(BLOCK_BYTES);
    loop {
        block.clear();
        file.by_ref().take(BLOCK_BYTES as u64).read_to_end(&mut block).map_err(unreadable)?;
        if block.is_empty() {
            return Ok(found);
        }
        for entry in block.chunks(ENTRY_BYTES) {
            for (found, name) in found.iter_mut().zip(names) {
                *found |= is_stream(entry, name);
            }
        }
    }
}

/// Records of a binary workbook: its beginning, and the one that says how it is locked.
const BEGINNING: u16 = 0x0809;
const LOCK: u16 = 0x002f;
/// The stream of a workbook begins at a multiple of this.
const SECTOR_BYTES: usize = 512;
/// How many records after its beginning a workbook may say that it is locked.
const RECORDS_BEFORE_LOCK: usize = 8;

/// Whether a binary workbook has a password to open, by whichever method.
pub(crate) fn is_locked_workbook(bytes: &[u8]) -> bool {
    bytes.chunks(SECTOR_BYTES).zip((0..).step_by(SECTOR_BYTES)).any(|(sector, at)| {
        let begins = record(sector).is_some_and(|(kind, _)| kind == BEGINNING);
        begins && is_locked_from(&bytes[at..])
    })
}

fn is_locked_from(mut stream: &[u8]) -> bool {
    for _ in 0..=RECORDS_BEFORE_LOCK {
        let Some((kind, length)) = record(stream) else { return false };
        if kind == LOCK {
            return true;
        }
        let Some(rest) = stream.get(4 + length..) else { return false };
        stream = rest;
    }
    false
}

/// Kind and length of the record that stands first.
fn record(bytes: &[u8]) -> Option<(u16, usize)> {
    let number = |at| Some(u16::from_le_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]));
    Some((number(0)?, usize::from(number(2)?)))
}

/// A name in UTF-16, the bytes of the name with its end at 64, the kind at 66.
fn is_stream(entry: &[u8], name: &str) -> bool {
    let units = name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes);
    let bytes = 2 * (name.len() + 1);
    entry.get(66) == Some(&STREAM)
        && entry.get(64).is_some_and(|length| usize::from(*length) == bytes)
        && entry.iter().copied().take(bytes).eq(units)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record_of(kind: u16, body: &[u8]) -> Vec<u8> {
        let length = u16::try_from(body.len()).unwrap();
        [&kind.to_le_bytes(), &length.to_le_bytes(), body].concat()
    }

    #[test]
    fn a_lock_is_seen_by_whichever_method() {
        for (method, locked) in [(Some(0_u16), true), (Some(1), true), (None, false)] {
            let mut bytes = vec![0xfe; 2 * SECTOR_BYTES];
            bytes.extend(record_of(BEGINNING, &[0; 16]));
            bytes.extend(method.map(|m| record_of(LOCK, &m.to_le_bytes())).unwrap_or_default());
            bytes.extend(record_of(0x00e1, &[0; 2]));
            assert_eq!(is_locked_workbook(&bytes), locked, "{method:?}");
        }
        // The number of the record inside a value says nothing.
        let value =
            [record_of(BEGINNING, &[0x2f, 0, 6, 0]), record_of(0x00e1, &[0x2f, 0])].concat();
        assert!(!is_locked_workbook(&value));
    }
}
