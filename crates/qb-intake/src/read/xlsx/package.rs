//! The package around a workbook: bounds checked on its directory and again while inflating.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use zip::ZipArchive;

use crate::error::FileFault;
use crate::read::limits::{
    ENTRIES_MAX, PART_BYTES_MAX, RATIO_FREE_BYTES, RATIO_MAX, UNPACKED_BYTES_MAX,
};

/// Bytes the end record of a zip directory may lie before the end of the file.
const END_RECORD_REACH: u64 = 65_557;

/// One entry of the package.
#[derive(Clone, Debug)]
struct Entry {
    name: String,
    size: u64,
}

/// A package whose directory has passed the checks; entries are opened by name.
#[derive(Debug)]
pub(crate) struct Package {
    path: PathBuf,
    entries: Vec<Entry>,
}

impl Package {
    /// Reads and checks the directory; nothing is inflated.
    pub(crate) fn open(path: &Path) -> Result<Self, FileFault> {
        check_entry_count(path)?;
        let mut archive = open_archive(path)?;
        let mut entries = Vec::with_capacity(archive.len());
        let mut total = 0u64;
        for index in 0..archive.len() {
            let entry = archive.by_index_raw(index).map_err(|error| damaged(&error))?;
            let name = String::from_utf8_lossy(entry.name_raw()).replace('\\', "/");
            let (packed, size) = (entry.compressed_size(), entry.size());
            if entry.encrypted() {
                return Err(FileFault::locked());
            }
            check_name(&name)?;
            check_ratio(&name, packed, size)?;
            total = total.saturating_add(size);
            check_total(total)?;
            entries.push(Entry { name, size });
        }
        Ok(Self { path: path.to_owned(), entries })
    }

    /// True when the package has the part.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.entry(name).is_some()
    }

    fn entry(&self, name: &str) -> Option<(usize, &Entry)> {
        self.entries.iter().enumerate().find(|(_, entry)| entry.name.eq_ignore_ascii_case(name))
    }

    /// Reads a small part whole.
    pub(crate) fn read_part(&self, name: &str) -> Result<Vec<u8>, FileFault> {
        let (_, entry) = self
            .entry(name)
            .ok_or_else(|| FileFault::malformed(name, "部件缺失 / part missing"))?;
        if entry.size > PART_BYTES_MAX {
            return Err(bomb_part(name, entry.size));
        }
        let mut bytes = Vec::new();
        self.inflate(name, &mut |block| {
            bytes.extend_from_slice(block);
            if bytes.len() as u64 > PART_BYTES_MAX {
                return Err(bomb_part(name, bytes.len() as u64));
            }
            Ok(true)
        })?;
        refuse_doctype(name, &bytes)?;
        Ok(bytes)
    }

    /// Inflates a part block by block until `sink` answers false; sizes are counted, not believed.
    pub(crate) fn inflate(
        &self,
        name: &str,
        sink: &mut dyn FnMut(&[u8]) -> Result<bool, FileFault>,
    ) -> Result<(), FileFault> {
        let (index, _) = self
            .entry(name)
            .ok_or_else(|| FileFault::malformed(name, "部件缺失 / part missing"))?;
        let mut archive = open_archive(&self.path)?;
        let mut entry = archive.by_index(index).map_err(|error| damaged(&error))?;
        let packed = entry.compressed_size();
        let mut block = vec![0; 1 << 17];
        let mut total = 0u64;
        loop {
            let read = match entry.read(&mut block) {
                Ok(0) => return Ok(()),
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(FileFault::truncated(&error.to_string())),
            };
            total += read as u64;
            check_ratio(name, packed, total)?;
            check_total(total)?;
            if !sink(block.get(..read).unwrap_or(b""))? {
                return Ok(());
            }
        }
    }
}

fn open_archive(path: &Path) -> Result<ZipArchive<BufReader<File>>, FileFault> {
    let file = File::open(path).map_err(|error| FileFault::unreadable(&error))?;
    ZipArchive::new(BufReader::with_capacity(1 << 16, file)).map_err(|error| damaged(&error))
}

fn damaged(error: &zip::result::ZipError) -> FileFault {
    FileFault::truncated(&error.to_string())
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

fn bomb_part(name: &str, size: u64) -> FileFault {
    FileFault::bomb(
        format!("部件“{name}”有 {size} 字节，超过上限 {PART_BYTES_MAX}。"),
        format!("part “{name}” has {size} bytes, more than the limit of {PART_BYTES_MAX}"),
    )
}

/// A document type could name files or addresses outside the workbook: no workbook needs one.
pub(crate) fn refuse_doctype(name: &str, bytes: &[u8]) -> Result<(), FileFault> {
    if memchr::memmem::find(bytes, b"<!DOCTYPE").is_some()
        || memchr::memmem::find(bytes, b"<!ENTITY").is_some()
    {
        return Err(FileFault::malformed(
            name,
            "含有文档类型声明（DTD） / it holds a document type declaration",
        ));
    }
    Ok(())
}
