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
/// The stream in which an encrypted workbook lies.
const ENCRYPTED: &str = "EncryptedPackage";
/// An entry that is a stream.
const STREAM: u8 = 2;

/// Whether a compound file is a wrapper around an encrypted Office Open XML workbook.
///
/// The directory may lie anywhere in the file and its chain of sectors may be damaged, so every
/// place where an entry can stand is looked at; the bytes pass through one block.
///
/// # Errors
/// A [`FileFault`] when the file cannot be read.
pub(crate) fn is_encrypted_workbook(file: &mut File) -> Result<bool, FileFault> {
    let unreadable = |error: std::io::Error| FileFault::unreadable(&error);
    file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
    let mut block = Vec::with_capacity(BLOCK_BYTES);
    loop {
        block.clear();
        file.by_ref().take(BLOCK_BYTES as u64).read_to_end(&mut block).map_err(unreadable)?;
        if block.is_empty() {
            return Ok(false);
        }
        if block.chunks(ENTRY_BYTES).any(is_encrypted_stream) {
            return Ok(true);
        }
    }
}

/// A name in UTF-16, the bytes of the name with its end at 64, the kind at 66.
fn is_encrypted_stream(entry: &[u8]) -> bool {
    let name = ENCRYPTED.encode_utf16().chain([0]).flat_map(u16::to_le_bytes);
    let bytes = 2 * (ENCRYPTED.len() + 1);
    entry.iter().copied().take(bytes).eq(name)
        && entry.get(64).is_some_and(|length| usize::from(*length) == bytes)
        && entry.get(66) == Some(&STREAM)
}
