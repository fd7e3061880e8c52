//! The shared string table, held in bounded memory: pages that have gone cold are deflated.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use quick_xml::events::Event;

use super::package::Package;
use super::string::StringReader;
use super::xml::{each_event, local};
use crate::error::FileFault;
use crate::read::limits::{SHARED_BYTES_MAX, SHARED_MEMORY_MAX, SHARED_STRINGS_MAX};

/// Bytes of strings on one page.
const PAGE_BYTES: usize = 1 << 16;
/// Strings on one page, however short.
const PAGE_STRINGS: usize = 1 << 13;
/// Bytes of pages kept as they are; beyond it the least recently used are deflated. Spreadsheet
/// programs number strings by first use, so that few pages are in use at a time.
const WARM_BYTES_MAX: usize = 20 << 20;

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

/// A shared string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SharedString<'a> {
    Text(&'a [u8]),
    /// Longer than a cell may be, and not kept.
    TooLong,
}

/// All shared strings of a workbook.
#[derive(Debug, Default)]
pub(crate) struct SharedStrings {
    pages: Vec<Page>,
    count: u32,
    /// Numbers of the strings that were too long, ascending.
    too_long: Vec<u32>,
    /// Bytes of pages as they are.
    warm: usize,
    /// Bytes that stay whatever is deflated: positions and packed pages.
    held: usize,
    clock: u64,
    last: usize,
}

impl SharedStrings {
    /// Reads the table.
    pub(crate) fn read(package: &Package, part: &str) -> Result<Self, FileFault> {
        let mut table = Self::default();
        let mut string = StringReader::default();
        let mut in_item = false;
        let mut total = 0_u64;
        each_event(package, part, &mut |event| {
            total += event.len() as u64;
            match event {
                Event::Start(element) if local(element.name()) == "si" => {
                    in_item = true;
                    string.clear();
                }
                Event::Empty(element) if local(element.name()) == "si" => {
                    table.push(b"", false)?;
                }
                Event::End(element) if local(element.name()) == "si" => {
                    in_item = false;
                    let too_long = string.finish();
                    table.push(string.text(), too_long)?;
                }
                event if in_item => string.event(event),
                _ => {}
            }
            table.check(total)
        })?;
        Ok(table)
    }

    fn check(&self, total: u64) -> Result<(), FileFault> {
        if total > SHARED_BYTES_MAX
            || self.count as usize > SHARED_STRINGS_MAX
            || self.held > SHARED_MEMORY_MAX
        {
            return Err(FileFault::too_large(
                format!("工作簿的共享字符串过多（第 {} 条之后不再读取）。", self.count),
                format!(
                    "the workbook has too many shared strings (reading stopped after {})",
                    self.count
                ),
            ));
        }
        Ok(())
    }

    fn push(&mut self, string: &[u8], too_long: bool) -> Result<(), FileFault> {
        let full = self
            .pages
            .last()
            .is_none_or(|page| page.size >= PAGE_BYTES || page.starts.len() >= PAGE_STRINGS);
        if full {
            self.begin_page();
        }
        if too_long {
            self.too_long.push(self.count);
        }
        if let Some(page) = self.pages.last_mut() {
            let start = u16::try_from(page.size).map_err(|_| {
                FileFault::malformed("sharedStrings", "内部页已满 / a page of strings is full")
            })?;
            page.starts.push(start);
            page.bytes.extend_from_slice(string);
            page.size = page.bytes.len();
            self.warm += string.len();
            self.clock += 1;
            page.used_at = self.clock;
        }
        self.count += 1;
        Ok(())
    }

    fn begin_page(&mut self) {
        if let Some(page) = self.pages.last_mut() {
            page.starts.shrink_to_fit();
            page.bytes.shrink_to_fit();
            self.held += page.starts.len() * size_of::<u16>() + size_of::<Page>();
        }
        self.make_room();
        self.pages.push(Page {
            first: self.count,
            starts: Vec::new(),
            bytes: Vec::new(),
            packed: Vec::new(),
            size: 0,
            used_at: self.clock,
        });
    }

    /// Deflates the least recently used quarter when too many pages are warm.
    fn make_room(&mut self) {
        if self.warm < WARM_BYTES_MAX {
            return;
        }
        let mut ages: Vec<u64> =
            self.pages.iter().filter(|page| page.is_warm()).map(|page| page.used_at).collect();
        let quarter = ages.len() / 4;
        if ages.is_empty() {
            return;
        }
        let (_, limit, _) = ages.select_nth_unstable(quarter);
        let limit = *limit;
        for page in self.pages.iter_mut().filter(|page| page.is_warm() && page.used_at <= limit) {
            self.held += page.cool();
            self.warm -= page.size;
        }
    }

    /// String number `index`; `None` when the table has no such string.
    pub(crate) fn get(&mut self, index: u32) -> Option<SharedString<'_>> {
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
        if self.pages.get(at).is_some_and(Page::is_cold) {
            self.make_room();
            let page = self.pages.get_mut(at)?;
            page.warm_up()?;
            self.warm += page.size;
        }
        self.clock += 1;
        let page = self.pages.get_mut(at)?;
        page.used_at = self.clock;
        let inside = (index - page.first) as usize;
        let start = usize::from(*page.starts.get(inside)?);
        let end = page.starts.get(inside + 1).map_or(page.size, |next| usize::from(*next));
        let text = page.bytes.get(start..end)?;
        if text.is_empty() && self.too_long.binary_search(&index).is_ok() {
            return Some(SharedString::TooLong);
        }
        Some(SharedString::Text(text))
    }
}

impl Page {
    fn holds(&self, index: u32) -> bool {
        index >= self.first && ((index - self.first) as usize) < self.starts.len()
    }

    fn is_cold(&self) -> bool {
        self.bytes.is_empty() && self.size > 0
    }

    fn is_warm(&self) -> bool {
        !self.bytes.is_empty()
    }

    /// Drops the bytes, deflated before if they never were; answers the bytes this newly takes.
    fn cool(&mut self) -> usize {
        let mut taken = 0;
        if self.packed.is_empty() {
            let mut encoder =
                DeflateEncoder::new(Vec::with_capacity(self.size / 2), Compression::fast());
            // Writing to memory does not fail; if it did, the bytes are kept as the packed form is.
            let packed = encoder.write_all(&self.bytes).and_then(|()| encoder.finish());
            let Ok(mut packed) = packed else { return 0 };
            packed.shrink_to_fit();
            taken = packed.len();
            self.packed = packed;
        }
        self.bytes = Vec::new();
        taken
    }

    fn warm_up(&mut self) -> Option<()> {
        let mut bytes = Vec::with_capacity(self.size);
        DeflateDecoder::new(self.packed.as_slice()).read_to_end(&mut bytes).ok()?;
        self.bytes = bytes;
        Some(())
    }
}

#[cfg(test)]
mod tests;
