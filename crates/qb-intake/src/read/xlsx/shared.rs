//! The shared string table, held in bounded memory: pages that have gone cold are deflated.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use memchr::memmem;

use super::package::{Package, refuse_doctype};
use super::text::unescape;
use crate::error::FileFault;
use crate::read::limits::{CELL_BYTES_MAX, SHARED_BYTES_MAX, SHARED_STRINGS_MAX};

/// Bytes of strings on one page.
const PAGE_BYTES: usize = 1 << 16;
/// Pages kept as they are; beyond it the least recently used are deflated (24 MiB). Spreadsheet
/// programs number strings by first use, so that few pages are in use at a time.
const PAGES_WARM_MAX: usize = 384;

/// One page of strings.
#[derive(Debug)]
struct Page {
    /// Number of its first string.
    first: u32,
    /// Where each string starts in `bytes`; it ends where the next starts. No string starts behind
    /// [`PAGE_BYTES`], so sixteen bits are enough, and there are millions of them.
    starts: Vec<u16>,
    bytes: Vec<u8>,
    /// The deflated bytes once the page has been cold.
    packed: Vec<u8>,
    size: usize,
    used_at: u64,
}

/// All shared strings of a workbook.
#[derive(Debug, Default)]
pub(crate) struct SharedStrings {
    pages: Vec<Page>,
    count: u32,
    warm: usize,
    clock: u64,
    last: usize,
}

impl SharedStrings {
    /// Reads the table.
    pub(crate) fn read(package: &Package, part: &str) -> Result<Self, FileFault> {
        let mut table = Self::default();
        let mut pending: Vec<u8> = Vec::new();
        let mut string = Vec::new();
        let (mut total, mut checked) = (0u64, false);
        package.inflate(part, &mut |block| {
            if !checked {
                refuse_doctype(part, block)?;
                checked = true;
            }
            total += block.len() as u64;
            pending.extend_from_slice(block);
            let mut used = 0;
            while let Some((item, next)) = next_item(pending.get(used..).unwrap_or(b"")) {
                string.clear();
                collect_text(item, &mut string);
                table.push(&string)?;
                used += next;
            }
            pending.drain(..used);
            if pending.len() > CELL_BYTES_MAX * 4
                || total > SHARED_BYTES_MAX
                || table.count as usize > SHARED_STRINGS_MAX
            {
                return Err(FileFault::too_large(
                    "工作簿的共享字符串过多或过长。".into(),
                    "the workbook has too many or too long shared strings".into(),
                ));
            }
            Ok(true)
        })?;
        Ok(table)
    }

    fn push(&mut self, string: &[u8]) -> Result<(), FileFault> {
        let full = self.pages.last().is_none_or(|page| page.bytes.len() >= PAGE_BYTES);
        if full {
            if let Some(page) = self.pages.last_mut() {
                page.starts.shrink_to_fit();
                page.bytes.shrink_to_fit();
            }
            self.make_room();
            self.warm += 1;
            self.pages.push(Page {
                first: self.count,
                starts: Vec::new(),
                bytes: Vec::with_capacity(PAGE_BYTES + 1024),
                packed: Vec::new(),
                size: 0,
                used_at: self.clock,
            });
        }
        if let Some(page) = self.pages.last_mut() {
            page.starts.push(u16::try_from(page.bytes.len()).unwrap_or(u16::MAX));
            page.bytes.extend_from_slice(string);
            page.size = page.bytes.len();
            self.clock += 1;
            page.used_at = self.clock;
        }
        self.count += 1;
        Ok(())
    }

    /// Deflates the least recently used quarter when too many pages are warm.
    fn make_room(&mut self) {
        if self.warm < PAGES_WARM_MAX {
            return;
        }
        let mut ages: Vec<u64> = self
            .pages
            .iter()
            .filter(|page| !page.bytes.is_empty())
            .map(|page| page.used_at)
            .collect();
        let quarter = ages.len() / 4;
        ages.select_nth_unstable(quarter);
        let limit = ages.get(quarter).copied().unwrap_or(0);
        for page in
            self.pages.iter_mut().filter(|page| !page.bytes.is_empty() && page.used_at <= limit)
        {
            page.cool();
            self.warm -= 1;
        }
    }

    /// String number `index`; `None` when the table has no such string.
    pub(crate) fn get(&mut self, index: u32) -> Option<&[u8]> {
        if index >= self.count {
            return None;
        }
        let near = self.pages.get(self.last).is_some_and(|page| page.holds(index));
        let at = if near {
            self.last
        } else {
            self.pages.partition_point(|page| page.first <= index).checked_sub(1)?
        };
        self.last = at;
        if self.pages.get(at).is_some_and(|page| page.bytes.is_empty() && page.size > 0) {
            self.make_room();
            self.pages.get_mut(at)?.warm_up()?;
            self.warm += 1;
        }
        self.clock += 1;
        let page = self.pages.get_mut(at)?;
        page.used_at = self.clock;
        let inside = (index - page.first) as usize;
        let start = usize::from(*page.starts.get(inside)?);
        let end = page.starts.get(inside + 1).map_or(page.size, |next| usize::from(*next));
        page.bytes.get(start..end)
    }
}

impl Page {
    fn holds(&self, index: u32) -> bool {
        index >= self.first && ((index - self.first) as usize) < self.starts.len()
    }

    fn cool(&mut self) {
        if self.packed.is_empty() {
            let mut encoder =
                DeflateEncoder::new(Vec::with_capacity(self.size / 2), Compression::fast());
            // Writing to memory does not fail; if it did, the page would simply stay warm.
            let packed = encoder.write_all(&self.bytes).and_then(|()| encoder.finish());
            let Ok(mut packed) = packed else { return };
            packed.shrink_to_fit();
            self.packed = packed;
        }
        self.bytes = Vec::new();
    }

    fn warm_up(&mut self) -> Option<()> {
        let mut bytes = Vec::with_capacity(self.size);
        DeflateDecoder::new(self.packed.as_slice()).read_to_end(&mut bytes).ok()?;
        self.bytes = bytes;
        Some(())
    }
}

/// The content of the next complete `<si>` and the position behind it.
fn next_item(bytes: &[u8]) -> Option<(&[u8], usize)> {
    let mut from = 0;
    loop {
        let start = from + memmem::find(bytes.get(from..)?, b"<si")?;
        let after = start + 3;
        match bytes.get(after)? {
            b'/' => return Some((b"", after + memchr::memchr(b'>', bytes.get(after..)?)? + 1)),
            b'>' | b' ' | b'\n' | b'\r' | b'\t' => {
                let content = after + memchr::memchr(b'>', bytes.get(after..)?)? + 1;
                let end = content + memmem::find(bytes.get(content..)?, b"</si>")?;
                return Some((bytes.get(content..end)?, end + 5));
            }
            _ => from = after,
        }
    }
}

/// Appends the text of all `<t>` of a string, leaving out phonetic readings.
pub(crate) fn collect_text(item: &[u8], target: &mut Vec<u8>) {
    // The common form is one `<t>` and nothing else.
    if let Some(text) = item.strip_prefix(b"<t>").and_then(|rest| rest.strip_suffix(b"</t>"))
        && memchr::memchr(b'<', text).is_none()
    {
        unescape(text, target);
        return;
    }
    let mut rest = item;
    while let Some(at) = memchr::memchr(b'<', rest) {
        let tag = rest.get(at + 1..).unwrap_or(b"");
        let Some(close) = memchr::memchr(b'>', tag) else { return };
        let head = tag.get(..close).unwrap_or(b"");
        let body = tag.get(close + 1..).unwrap_or(b"");
        if head.starts_with(b"rPh") && !head.ends_with(b"/") {
            let end = memmem::find(body, b"</rPh>").map_or(body.len(), |end| end + 6);
            rest = body.get(end..).unwrap_or(b"");
        } else if (head == b"t" || head.starts_with(b"t ")) && !head.ends_with(b"/") {
            let end = memmem::find(body, b"</t>").unwrap_or(body.len());
            unescape(body.get(..end).unwrap_or(b""), target);
            rest = body.get(end..).unwrap_or(b"");
        } else {
            rest = body;
        }
    }
}
