//! Where a finished snapshot comes to lie: synced before it has a name, and never beside a damaged
//! one of the same name.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::{MANIFEST, Manifest, Snapshot};
use crate::error::EngineError;

/// What a folder is called while it is written.
const WRITING: &str = ".writing-";
/// What a damaged snapshot is called until it is gone.
const DAMAGED: &str = ".damaged-";
/// A folder without a name that nobody wrote to for so long was left by a program that ended.
const LEFT_BEHIND: std::time::Duration = std::time::Duration::from_secs(24 * 60 * 60);

/// A folder of its own to write into; what ended programs left behind goes.
pub(super) fn begin(snapshots: &Path) -> Result<PathBuf, EngineError> {
    fs::create_dir_all(snapshots).map_err(|e| EngineError::file(snapshots, e))?;
    sweep(snapshots);
    let folder = unnamed(snapshots, WRITING);
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|e| EngineError::file(&folder, e))?;
    }
    fs::create_dir(&folder).map_err(|e| EngineError::file(&folder, e))?;
    Ok(folder)
}

/// Gives a complete folder its name. A whole snapshot of that name is kept as it is; a damaged one
/// makes way.
pub(super) fn settle(
    parent: &Path,
    folder: &Path,
    manifest: &Manifest,
) -> Result<Snapshot, EngineError> {
    sync_folders(folder, manifest)?;
    let named = parent.join(manifest.digest.to_string());
    if named.exists() {
        if is_whole(&named, folder, manifest) {
            fs::remove_dir_all(folder).map_err(|e| EngineError::file(folder, e))?;
            return Snapshot::open(&named);
        }
        let aside = unnamed(parent, DAMAGED);
        fs::rename(&named, &aside).map_err(|e| EngineError::file(&named, e))?;
        fs::rename(folder, &named).map_err(|e| EngineError::file(&named, e))?;
        fs::remove_dir_all(&aside).map_err(|e| EngineError::file(&aside, e))?;
    } else {
        fs::rename(folder, &named).map_err(|e| EngineError::file(&named, e))?;
    }
    sync_folder(parent)?;
    Snapshot::open(&named)
}

/// Writes a file so that it outlives a power cut.
pub(super) fn write_synced(path: &Path, bytes: &[u8]) -> Result<(), EngineError> {
    let written = File::create(path).and_then(|mut file| {
        io::Write::write_all(&mut file, bytes)?;
        file.sync_all()
    });
    written.map_err(|e| EngineError::file(path, e))
}

/// Whether the snapshot of that name has the same bytes as the new one, or else the same values.
fn is_whole(named: &Path, new: &Path, manifest: &Manifest) -> bool {
    let views = manifest.views.values().flat_map(|view| &view.files);
    let tables = manifest.tables.values().flat_map(|table| &table.files);
    let mut paths = views.chain(tables).map(|file| file.path.as_str()).chain([MANIFEST]);
    paths.all(|path| matches!(same_bytes(&named.join(path), &new.join(path)), Ok(true)))
        || Snapshot::open(named)
            .is_ok_and(|known| known.digest() == manifest.digest && known.verify().is_ok())
}

fn same_bytes(a: &Path, b: &Path) -> io::Result<bool> {
    let (mut a, mut b) = (File::open(a)?, File::open(b)?);
    if a.metadata()?.len() != b.metadata()?.len() {
        return Ok(false);
    }
    let (mut left, mut right) = (vec![0; COMPARE_BYTES], vec![0; COMPARE_BYTES]);
    loop {
        let (x, y) = (fill(&mut a, &mut left)?, fill(&mut b, &mut right)?);
        if x != y || left.get(..x) != right.get(..y) {
            return Ok(false);
        }
        if x == 0 {
            return Ok(true);
        }
    }
}

const COMPARE_BYTES: usize = 256 << 10;

/// Reads until the buffer is full or the file ends.
fn fill(file: &mut File, buffer: &mut [u8]) -> io::Result<usize> {
    let mut read = 0;
    while let Some(rest) = buffer.get_mut(read..).filter(|rest| !rest.is_empty()) {
        match file.read(rest)? {
            0 => break,
            more => read += more,
        }
    }
    Ok(read)
}

fn unnamed(snapshots: &Path, kind: &str) -> PathBuf {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    snapshots.join(format!("{kind}{}-{number}", std::process::id()))
}

/// Removes unnamed folders of programs that ended; what cannot be removed now goes another time.
fn sweep(snapshots: &Path) {
    let Ok(entries) = fs::read_dir(snapshots) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let unnamed = name.starts_with(WRITING) || name.starts_with(DAMAGED);
        let changed = entry.metadata().and_then(|known| known.modified());
        let old = changed.is_ok_and(|at| at.elapsed().is_ok_and(|age| age > LEFT_BEHIND));
        if unnamed && old {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn sync_folders(folder: &Path, manifest: &Manifest) -> Result<(), EngineError> {
    for part in manifest.views.keys().chain(manifest.tables.keys()) {
        let part = folder.join(part);
        // A view or table without rows has no folder.
        if part.exists() {
            sync_folder(&part)?;
        }
    }
    sync_folder(folder)
}

/// Makes the names in a folder outlive a power cut; a system whose folders cannot be opened keeps
/// them by itself.
fn sync_folder(folder: &Path) -> Result<(), EngineError> {
    if cfg!(unix) {
        let synced = File::open(folder).and_then(|open| open.sync_all());
        synced.map_err(|e| EngineError::file(folder, e))?;
    }
    Ok(())
}
