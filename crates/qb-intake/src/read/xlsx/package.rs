//! The package around a workbook: bounds checked on its directory and again while inflating.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use zip::ZipArchive;

use super::xml::Decoder;
use crate::error::FileFault;
use crate::read::limits::{
    DIRECTORY_BYTES_MAX, ENTRIES_MAX, RATIO_FREE_BYTES, RATIO_MAX, UNPACKED_BYTES_MAX,
};

/// Bytes the end record of a zip directory may lie before the end of the file.
const END_RECORD_REACH: u64 = 65_557;
/// Bytes inflated at a time.
const BLOCK_BYTES: usize = 1 << 17;

/// Takes a run of text and whether it is the last; answers whether more is wanted.
pub(crate) type TextSink<'a> = dyn FnMut(&[u8], bool) -> Result<bool, FileFault> + 'a;

/// What the directory says of an entry.
#[derive(Clone, Copy, Debug)]
struct Entry {
    index: usize,
    packed: u64,
}

/// A package whose directory has passed the checks; parts are read by name.
#[derive(Debug)]
pub(crate) struct Package {
    archive: Mutex<ZipArchive<BufReader<Metered>>>,
    /// By name in lower case: a package's names differ in more than case.
    entries: HashMap<String, Entry>,
}

impl Package {
    /// Reads and checks the directory; nothing is inflated.
    pub(crate) fn open(path: &Path) -> Result<Self, FileFault> {
        check_entry_count(path)?;
        let archive = open_archive(path)?;
        let mut entries = HashMap::with_capacity(archive.len());
        let mut total = 0u64;
        for index in 0..archive.len() {
            let entry = archive.by_index_data(index).map_err(|error| damaged(&error))?;
            let name = String::from_utf8_lossy(entry.name_raw()).replace('\\', "/");
            if entry.encrypted() {
                return Err(FileFault::locked());
            }
            check_name(&name)?;
            // Pictures are never unpacked here: they cost the bytes of their names.
            if name.to_ascii_lowercase().ends_with(".xml") {
                check_ratio(&name, entry.compressed_size(), entry.size())?;
            }
            total = total.saturating_add(entry.size());
            check_total(total)?;
            let entry = Entry { index, packed: entry.compressed_size() };
            entries.entry(name.to_ascii_lowercase()).or_insert(entry);
        }
        Ok(Self { archive: Mutex::new(archive), entries })
    }

    /// Names of the parts, in lower case.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// True when the package has the part.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.entries.contains_key(&name.to_ascii_lowercase())
    }

    /// Reads a part as UTF-8, block by block, until `sink` answers false; the last block says so.
    pub(crate) fn text(&self, name: &str, sink: &mut TextSink<'_>) -> Result<(), FileFault> {
        let mut decoder = Decoder::default();
        let mut wanted = true;
        self.inflate(name, &mut |block| {
            wanted = sink(decoder.decode(block, false), false)?;
            Ok(wanted)
        })?;
        if wanted {
            sink(decoder.decode(b"", true), true)?;
        }
        Ok(())
    }

    /// Inflates a part block by block until `sink` answers false; sizes are counted, not believed.
    fn inflate(
        &self,
        name: &str,
        sink: &mut dyn FnMut(&[u8]) -> Result<bool, FileFault>,
    ) -> Result<(), FileFault> {
        let Entry { index, packed, .. } = *self
            .entries
            .get(&name.to_ascii_lowercase())
            .ok_or_else(|| FileFault::malformed(name, "部件缺失 / part missing"))?;
        // Reading has no state that a panic elsewhere could leave half done.
        let mut archive = self.archive.lock().unwrap_or_else(PoisonError::into_inner);
        let mut entry = archive.by_index(index).map_err(|error| damaged(&error))?;
        let mut block = vec![0; BLOCK_BYTES];
        let mut total = 0u64;
        loop {
            let read = fill(&mut entry, &mut block)?;
            if read == 0 {
                return Ok(());
            }
            total += read as u64;
            check_ratio(name, packed, total)?;
            check_total(total)?;
            if !sink(&block[..read])? {
                return Ok(());
            }
        }
    }
}

/// Reads until the block is full or the part ends.
fn fill(entry: &mut dyn Read, block: &mut [u8]) -> Result<usize, FileFault> {
    let mut read = 0;
    while let Some(free) = block.get_mut(read..).filter(|free| !free.is_empty()) {
        match entry.read(free) {
            Ok(0) => break,
            Ok(more) => read += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(FileFault::truncated(&error.to_string())),
        }
    }
    Ok(read)
}

/// A file of which only so many bytes may be read for now: the directory is held in memory.
#[derive(Debug)]
struct Metered {
    file: File,
    left: Arc<AtomicU64>,
}

impl Read for Metered {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        let left = self.left.load(Ordering::Relaxed);
        if left == 0 {
            return Err(io::Error::from(io::ErrorKind::QuotaExceeded));
        }
        let read = self.file.read(target)?;
        self.left.store(left.saturating_sub(read as u64), Ordering::Relaxed);
        Ok(read)
    }
}

impl Seek for Metered {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

fn open_archive(path: &Path) -> Result<ZipArchive<BufReader<Metered>>, FileFault> {
    let file = File::open(path).map_err(|error| FileFault::unreadable(&error))?;
    let left = Arc::new(AtomicU64::new(DIRECTORY_BYTES_MAX));
    let metered = Metered { file, left: left.clone() };
    let archive = ZipArchive::new(BufReader::with_capacity(1 << 16, metered))
        .map_err(|error| damaged(&error))?;
    left.store(u64::MAX, Ordering::Relaxed);
    Ok(archive)
}

fn damaged(error: &zip::result::ZipError) -> FileFault {
    match error {
        zip::result::ZipError::Io(io) if io.kind() == io::ErrorKind::QuotaExceeded => {
            FileFault::bomb(
                format!("压缩目录超过 {DIRECTORY_BYTES_MAX} 字节。"),
                format!("the zip directory has more than {DIRECTORY_BYTES_MAX} bytes"),
            )
        }
        other => FileFault::truncated(&other.to_string()),
    }
}

/// Reads the number of entries from the end record, before the directory is read into memory.
fn check_entry_count(path: &Path) -> Result<(), FileFault> {
    let unreadable = |error: io::Error| FileFault::unreadable(&error);
    let mut file = File::open(path).map_err(unreadable)?;
    let size = file.metadata().map_err(unreadable)?.len();
    file.seek(SeekFrom::Start(size.saturating_sub(END_RECORD_REACH))).map_err(unreadable)?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail).map_err(unreadable)?;
    let at = memchr::memmem::rfind(&tail, b"PK\x05\x06")
        .ok_or_else(|| FileFault::truncated("找不到压缩目录 / no zip directory"))?;
    let count = match tail.get(at + 10..at + 12) {
        Some(&[low, high]) => usize::from(u16::from_le_bytes([low, high])),
        _ => return Err(FileFault::truncated("压缩目录不完整 / zip directory cut off")),
    };
    if count > ENTRIES_MAX {
        return Err(FileFault::bomb(
            format!("压缩包内有 {count} 个部件，超过上限 {ENTRIES_MAX}。"),
            format!("the package has {count} entries, more than the limit of {ENTRIES_MAX}"),
        ));
    }
    Ok(())
}

fn check_name(name: &str) -> Result<(), FileFault> {
    let outside =
        name.starts_with('/') || name.split('/').any(|part| part == "..") || name.contains(':');
    if outside {
        return Err(FileFault::malformed(
            "zip",
            "部件名指向包外 / an entry name points outside the package",
        ));
    }
    Ok(())
}

fn check_ratio(name: &str, packed: u64, unpacked: u64) -> Result<(), FileFault> {
    if unpacked > RATIO_FREE_BYTES && unpacked / packed.max(1) >= RATIO_MAX {
        return Err(FileFault::bomb(
            format!("部件“{name}”解压后是压缩前的 {RATIO_MAX} 倍以上，疑为压缩炸弹，未解压。"),
            format!(
                "entry “{name}” unpacks to more than {RATIO_MAX} times its packed size; it looks like a zip bomb and was not unpacked"
            ),
        ));
    }
    Ok(())
}

fn check_total(total: u64) -> Result<(), FileFault> {
    if total > UNPACKED_BYTES_MAX {
        return Err(FileFault::bomb(
            format!("工作簿解压后超过 {UNPACKED_BYTES_MAX} 字节，未解压。"),
            format!(
                "the workbook unpacks to more than {UNPACKED_BYTES_MAX} bytes and was not unpacked"
            ),
        ));
    }
    Ok(())
}
