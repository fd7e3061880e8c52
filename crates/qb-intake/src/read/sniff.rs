//! Recognises what a file is from its first bytes, never from its name.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use encoding_rs::{Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

use super::limits::FILE_BYTES_MAX;
use super::{known, ole};
use crate::error::FileFault;

/// Bytes looked at to recognise encoding and delimiter.
const SAMPLE_BYTES: usize = 1 << 16;
/// Of a thousand characters of a text, how many may be damaged or control characters.
const DAMAGE_PER_MILLE: usize = 5;

/// The formats that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Text with separators.
    Csv,
    /// Office Open XML workbook.
    Xlsx,
    /// Old binary workbook (`.xls`, `.et`).
    Xls,
    /// OpenDocument workbook.
    Ods,
    /// Tables of a web page.
    Html,
    /// XML spreadsheet of 2003.
    SpreadsheetMl,
}

impl Format {
    /// Short name for reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Xls => "xls",
            Self::Ods => "ods",
            Self::Html => "html",
            Self::SpreadsheetMl => "xml 2003",
        }
    }
}

/// How the text of a CSV file is written.
#[derive(Clone, Copy, Debug)]
pub struct Dialect {
    /// Character encoding.
    pub encoding: &'static Encoding,
    /// Bytes of a byte-order mark at the start.
    pub bom_bytes: usize,
    /// Field separator.
    pub delimiter: u8,
    /// Line end: `\n`, or `\r` in files that have no `\n`.
    pub newline: u8,
}

/// What a file is.
#[derive(Clone, Copy, Debug)]
pub enum Recognised {
    /// A text table.
    Text(Dialect),
    /// A workbook.
    Book(Format),
    /// A web page.
    Page(Dialect),
}

/// Recognises the file at `path`.
pub fn recognise(path: &Path) -> Result<Recognised, FileFault> {
    let mut file = File::open(path).map_err(|error| FileFault::unreadable(&error))?;
    let size = file.metadata().map_err(|error| FileFault::unreadable(&error))?.len();
    if size == 0 {
        return Err(FileFault::empty());
    }
    if size > FILE_BYTES_MAX {
        return Err(FileFault::too_large(
            format!("文件有 {size} 字节，超过上限 {FILE_BYTES_MAX}。"),
            format!("the file has {size} bytes, more than the limit of {FILE_BYTES_MAX}"),
        ));
    }
    let sample = read_sample(&mut file)?;
    if sample.starts_with(b"PK\x03\x04") || sample.starts_with(b"PK\x05\x06") {
        return known::package(path).map(Recognised::Book);
    }
    if sample.starts_with(&ole::MAGIC) {
        return known::compound(&mut file).map(Recognised::Book);
    }
    if let Some(fault) = known::binary(&sample) {
        return Err(fault);
    }
    recognise_text(&mut file, sample, size)
}

fn read_sample(file: &mut File) -> Result<Vec<u8>, FileFault> {
    let mut sample = Vec::with_capacity(SAMPLE_BYTES);
    file.take(SAMPLE_BYTES as u64)
        .read_to_end(&mut sample)
        .map_err(|error| FileFault::unreadable(&error))?;
    Ok(sample)
}

fn recognise_text(file: &mut File, head: Vec<u8>, size: u64) -> Result<Recognised, FileFault> {
    let mut sample = head;
    if sample.is_ascii() && size > sample.len() as u64 {
        sample = first_block_beyond_ascii(file, sample)?;
    }
    let (encoding, bom_bytes) = encoding_of(&sample).ok_or_else(FileFault::not_a_table)?;
    let (text, _) = encoding.decode_without_bom_handling(&sample[bom_bytes..]);
    if !looks_like_text(&text) {
        return Err(FileFault::not_a_table());
    }
    let newline = if !text.contains('\n') && text.contains('\r') { b'\r' } else { b'\n' };
    let delimiter = delimiter_of(&text, newline);
    known::text(&text, Dialect { encoding, bom_bytes, delimiter, newline })
}

/// A long stretch of ASCII says nothing about the encoding: looks for the first block that does.
fn first_block_beyond_ascii(file: &mut File, head: Vec<u8>) -> Result<Vec<u8>, FileFault> {
    let mut block = vec![0; SAMPLE_BYTES];
    let unreadable = |error: std::io::Error| FileFault::unreadable(&error);
    loop {
        let read = file.read(&mut block).map_err(unreadable)?;
        if read == 0 {
            return Ok(head);
        }
        let part = &block[..read];
        if let Some(at) = part.iter().position(|byte| !byte.is_ascii()) {
            let back = qb_base::count(read - at);
            file.seek(SeekFrom::Current(-back)).map_err(unreadable)?;
            let mut sample = head;
            sample.push(b'\n');
            sample.extend(read_sample(file)?);
            return Ok(sample);
        }
    }
}

fn encoding_of(sample: &[u8]) -> Option<(&'static Encoding, usize)> {
    if let Some((encoding, bytes)) = Encoding::for_bom(sample) {
        return Some((encoding, bytes));
    }
    let zeros_at =
        |parity: usize| sample.iter().skip(parity).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros_at(0), zeros_at(1));
    if even + odd > 0 {
        let pairs = sample.len() / 2;
        return match (even * 10 > pairs, odd * 10 > pairs) {
            (true, false) => Some((UTF_16BE, 0)),
            (false, true) => Some((UTF_16LE, 0)),
            _ => None,
        };
    }
    match std::str::from_utf8(sample) {
        Ok(_) => return Some((UTF_8, 0)),
        // The sample may end inside a character.
        Err(error) if error.error_len().is_none() => return Some((UTF_8, 0)),
        Err(_) => {}
    }
    let damage = |encoding: &'static Encoding| {
        let (text, _) = encoding.decode_without_bom_handling(sample);
        text.chars().filter(|c| *c == char::REPLACEMENT_CHARACTER).count()
    };
    Some(if damage(UTF_8) < damage(GB18030) { (UTF_8, 0) } else { (GB18030, 0) })
}

/// Text has few control or replacement characters and few characters outside the scripts used here.
fn looks_like_text(text: &str) -> bool {
    let (mut all, mut bad) = (0usize, 0usize);
    for c in text.chars() {
        all += 1;
        let odd = c == char::REPLACEMENT_CHARACTER
            || (c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{b}' | '\u{c}'));
        bad += usize::from(odd);
    }
    all > 0 && bad * 1000 <= all * DAMAGE_PER_MILLE + 1000
}

/// The separator that occurs most in the first lines, outside quotes; comma when none occurs.
fn delimiter_of(text: &str, newline: u8) -> u8 {
    let mut best = (b',', 0usize);
    for candidate in [b',', b'\t', b';', b'|'] {
        let mut quoted = false;
        let (mut count, mut lines) = (0usize, 0usize);
        for byte in text.bytes() {
            match byte {
                b'"' => quoted = !quoted,
                _ if byte == newline => {
                    lines += 1;
                    quoted = false;
                    if lines > 50 {
                        break;
                    }
                }
                _ if byte == candidate && !quoted => count += 1,
                _ => {}
            }
        }
        if count > best.1 {
            best = (candidate, count);
        }
    }
    best.0
}
