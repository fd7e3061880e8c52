//! Sorts keys in bounded memory: runs are sorted as they fill and merged at the end.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Bytes of keys that are sorted at a time: few enough for the processor's caches.
const RUN_BYTES: usize = 2 << 20;
/// Bytes read of a run at a time.
const READ_BYTES: usize = 32 << 10;

/// Keys as they come.
pub(super) struct Sorter {
    run_bytes: usize,
    path: PathBuf,
    spool: Option<Spool>,
    run: Run,
}

/// The keys of one run: their bytes, and where each lies; once sorted, with the first bytes in
/// which keys differ as a number.
#[derive(Default)]
struct Run {
    bytes: Vec<u8>,
    keys: Vec<(u64, u32, u32)>,
}

impl Run {
    fn key(&self, at: usize) -> Option<&[u8]> {
        let (_, start, end) = *self.keys.get(at)?;
        Some(part(&self.bytes, start, end))
    }

    fn sort(&mut self) {
        let bytes = &self.bytes;
        let slice = |start: u32, end: u32| part(bytes, start, end);
        let Some(first) = self.key(0) else { return };
        // Rows lie by area, so keys of a run may begin alike.
        let mut alike = first.len();
        for (_, start, end) in &self.keys {
            let pairs = first.iter().zip(slice(*start, *end));
            alike = pairs.take(alike).take_while(|(one, other)| one == other).count();
        }
        for (head, start, end) in &mut self.keys {
            // What all begin with is no longer than the shortest.
            let rest = &slice(*start, *end)[alike..];
            let mut bytes = [0; 8];
            bytes.iter_mut().zip(rest).for_each(|(target, byte)| *target = *byte);
            *head = u64::from_be_bytes(bytes);
        }
        self.keys.sort_unstable_by(|a, b| {
            a.0.cmp(&b.0).then_with(|| slice(a.1, a.2).cmp(slice(b.1, b.2)))
        });
    }
}

/// One key of a run; starts and ends are the run's own and lie within its bytes.
fn part(bytes: &[u8], start: u32, end: u32) -> &[u8] {
    &bytes[qb_base::index(start)..qb_base::index(end)]
}

/// Sorted runs in a file that vanishes with the value.
struct Spool {
    file: File,
    path: PathBuf,
    /// Where each run begins and ends.
    runs: Vec<(u64, u64)>,
    /// Where the last one ends.
    end: u64,
}

impl Spool {
    fn create(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path)?;
        // Where the system lets an open file go nameless, a crash leaves nothing behind.
        #[cfg(unix)]
        fs::remove_file(path)?;
        Ok(Self { file, path: path.to_owned(), runs: Vec::new(), end: 0 })
    }

    fn add(&mut self, run: &Run) -> io::Result<()> {
        let mut buffer = Vec::with_capacity(run.bytes.len() + 2 * run.keys.len());
        for (_, start, end) in &run.keys {
            let key = part(&run.bytes, *start, *end);
            let length = u16::try_from(key.len()).map_err(io::Error::other)?;
            buffer.extend_from_slice(&length.to_le_bytes());
            buffer.extend_from_slice(key);
        }
        self.file.write_all(&buffer)?;
        let start = self.end;
        self.end += buffer.len() as u64;
        self.runs.push((start, self.end));
        Ok(())
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        if cfg!(not(unix)) {
            // What cannot be removed now is overwritten by the next load.
            let _ = fs::remove_file(&self.path);
        }
    }
}

impl Sorter {
    /// Runs that do not fit memory go to a file at `path`.
    pub(super) fn new(path: PathBuf) -> Self {
        Self { run_bytes: RUN_BYTES, path, spool: None, run: Run::default() }
    }

    /// Adds a key of less than 64 KiB.
    pub(super) fn push(&mut self, key: &[u8]) -> io::Result<()> {
        if !self.run.keys.is_empty() && self.run.bytes.len() + key.len() > self.run_bytes {
            self.run.sort();
            let spool = match &mut self.spool {
                Some(spool) => spool,
                none => none.insert(Spool::create(&self.path)?),
            };
            spool.add(&self.run)?;
            self.run.bytes.clear();
            self.run.keys.clear();
        }
        let place = |bytes: &[u8]| u32::try_from(bytes.len()).map_err(io::Error::other);
        let start = place(&self.run.bytes)?;
        self.run.bytes.extend_from_slice(key);
        let end = place(&self.run.bytes)?;
        self.run.keys.push((0, start, end));
        Ok(())
    }

    /// All keys in their order.
    pub(super) fn finish(mut self) -> io::Result<Merge> {
        self.run.sort();
        let spooled = self.spool.iter().flat_map(|spool| &spool.runs);
        let readers: Vec<Reader> = spooled.map(|_| Reader::default()).collect();
        let runs = readers.len();
        let mut merge =
            Merge { spool: self.spool, readers, last: self.run, at: 0, heap: BinaryHeap::new() };
        for run in 0..=runs {
            let mut key = Vec::new();
            if merge.refill(run, &mut key)? {
                merge.heap.push(Reverse((key, run)));
            }
        }
        Ok(merge)
    }
}

/// Where the reading of a run stands.
#[derive(Default)]
struct Reader {
    buffer: Vec<u8>,
    at: usize,
    /// Bytes of the run that are not in the buffer yet.
    read: u64,
}

/// The runs, merged while they are read.
pub(super) struct Merge {
    spool: Option<Spool>,
    readers: Vec<Reader>,
    /// The run that never left memory.
    last: Run,
    at: usize,
    heap: BinaryHeap<Reverse<(Vec<u8>, usize)>>,
}

impl Merge {
    /// The next key takes the place of `key`; false at the end.
    pub(super) fn next(&mut self, key: &mut Vec<u8>) -> io::Result<bool> {
        let Some(Reverse((_, run))) = self.heap.peek() else { return Ok(false) };
        let run = *run;
        // The caller's old key lends its memory to the run's next.
        let more = self.refill(run, key)?;
        if let Some(mut first) = self.heap.peek_mut() {
            std::mem::swap(&mut first.0.0, key);
            if !more {
                PeekMut::pop(first);
            }
        }
        Ok(true)
    }

    /// Reads the next key of a run.
    fn refill(&mut self, run: usize, key: &mut Vec<u8>) -> io::Result<bool> {
        key.clear();
        let (Some(reader), Some(spool)) = (self.readers.get_mut(run), &mut self.spool) else {
            let Some(next) = self.last.key(self.at) else { return Ok(false) };
            key.extend_from_slice(next);
            self.at += 1;
            return Ok(true);
        };
        let Some(length) = reader.bytes(spool, run, 2)? else { return Ok(false) };
        let length = usize::from(u16::from_le_bytes([length[0], length[1]]));
        let Some(next) = reader.bytes(spool, run, length)? else { return Ok(false) };
        key.extend_from_slice(next);
        Ok(true)
    }
}

impl Reader {
    /// The next bytes of the run; `None` at its end.
    fn bytes(&mut self, spool: &mut Spool, run: usize, count: usize) -> io::Result<Option<&[u8]>> {
        if self.buffer.len() - self.at < count {
            let (start, end) = spool.runs[run];
            let rest = end - start - self.read;
            let wanted = rest.min(READ_BYTES.max(count) as u64);
            self.buffer.drain(..self.at);
            self.at = 0;
            let kept = self.buffer.len();
            self.buffer.resize(kept + usize::try_from(wanted).map_err(io::Error::other)?, 0);
            spool.file.seek(SeekFrom::Start(start + self.read))?;
            spool.file.read_exact(&mut self.buffer[kept..])?;
            self.read += wanted;
        }
        let at = self.at;
        self.at += count;
        Ok(self.buffer.get(at..at + count).or_else(|| {
            self.at = at;
            None
        }))
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::testing::scratch_dir;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn keys_come_back_in_their_order(
            mut keys in vec(vec(any::<u8>(), 0..20), 0..400),
            run_bytes in 1_usize..2000,
        ) {
            let mut sorter = Sorter { run_bytes, ..Sorter::new(scratch_dir("sort")) };
            keys.iter().for_each(|key| sorter.push(key).unwrap());
            let mut merge = sorter.finish().unwrap();
            let (mut sorted, mut key) = (Vec::new(), Vec::new());
            while merge.next(&mut key).unwrap() {
                sorted.push(key.clone());
            }
            keys.sort();
            prop_assert_eq!(sorted, keys);
        }
    }
}
