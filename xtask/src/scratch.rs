//! A folder for what lives as long as one run: in memory where there is room.
//!
//! Tests make and remove hundreds of small databases. On a disk each flush of one waits for the
//! new files of all others, which takes longer than the tests themselves.

use crate::process::{remove, run};
use std::fs::{File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Linux keeps files of this folder in memory, if it is mounted as it usually is.
const IN_MEMORY: &str = "/dev/shm";
/// Room that must be free there, and memory that must be free at all, for it to be used.
const ROOM_MIN_KIB: u64 = 4 << 20;
const MEMORY_MIN_KIB: u64 = 8 << 20;
const PREFIX: &str = "qibang-run.";
/// Held locked for as long as the run lasts, so that a folder nobody needs can be told.
const LOCK: &str = "lock";

/// A folder that disappears with the value.
pub(crate) struct Scratch {
    folder: PathBuf,
    _lock: File,
}

impl Scratch {
    /// Makes the folder; what runs that were killed have left in memory is removed first.
    pub(crate) fn make() -> Result<Scratch, String> {
        let memory = Path::new(IN_MEMORY);
        sweep(memory);
        let parent = if has_room(memory) { memory.to_owned() } else { std::env::temp_dir() };
        let pattern = parent.join(format!("{PREFIX}XXXXXXXX"));
        let output = run(Command::new("mktemp").arg("-d").arg(pattern))?;
        let folder = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
        let lock = prepare(&folder).map_err(|error| {
            remove(&folder);
            format!("cannot use {}: {error}", folder.display())
        })?;
        Ok(Scratch { folder, _lock: lock })
    }

    /// A new folder inside, for its owner only.
    pub(crate) fn inside(&self, name: &str) -> Result<PathBuf, String> {
        let folder = self.folder.join(name);
        std::fs::create_dir(&folder)
            .and_then(|()| std::fs::set_permissions(&folder, Permissions::from_mode(0o700)))
            .map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
        Ok(folder)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        remove(&self.folder);
    }
}

/// Lets other users pass to what is theirs inside, and locks the folder's mark.
fn prepare(folder: &Path) -> std::io::Result<File> {
    std::fs::set_permissions(folder, Permissions::from_mode(0o711))?;
    // Under its name only when it is locked: another run would take it for left over.
    let part = folder.join("lock.part");
    let lock = File::create(&part)?;
    lock.lock()?;
    std::fs::rename(&part, folder.join(LOCK))?;
    Ok(lock)
}

/// Removes folders of runs that ended without doing so themselves.
fn sweep(parent: &Path) {
    for entry in std::fs::read_dir(parent).into_iter().flatten().flatten() {
        let is_ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
        if is_ours
            && let Ok(lock) = File::open(entry.path().join(LOCK))
            && lock.try_lock().is_ok()
        {
            remove(&entry.path());
        }
    }
}

/// Whether a folder lies in memory and there is enough of both.
fn has_room(folder: &Path) -> bool {
    let mut command = Command::new("df");
    command.args(["-k", "--output=fstype,avail"]).arg(folder);
    let answer = run(&mut command).map(|output| output.stdout).unwrap_or_default();
    let memory = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    room_in_memory(&String::from_utf8_lossy(&answer)) >= ROOM_MIN_KIB
        && free_memory(&memory) >= MEMORY_MIN_KIB
}

/// Free KiB of a file system in memory, from `df`'s second line; 0 for any other.
fn room_in_memory(answer: &str) -> u64 {
    let mut words = answer.lines().nth(1).unwrap_or_default().split_whitespace();
    match (words.next(), words.next()) {
        (Some("tmpfs"), Some(room)) => room.parse().unwrap_or(0),
        _ => 0,
    }
}

/// Free KiB of memory, from `/proc/meminfo`.
fn free_memory(answer: &str) -> u64 {
    let line = answer.lines().find_map(|line| line.strip_prefix("MemAvailable:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_counts_only_in_memory() {
        assert_eq!(room_in_memory("Type   Avail\ntmpfs  65536\n"), 65536);
        assert_eq!(room_in_memory("Type   Avail\next4  65536\n"), 0);
        assert_eq!(room_in_memory(""), 0);
    }

    #[test]
    fn free_memory_is_what_programs_could_get() {
        assert_eq!(free_memory("MemFree:  5 kB\nMemAvailable:   1234 kB\n"), 1234);
        assert_eq!(free_memory("MemFree:  5 kB\n"), 0);
    }

    #[test]
    fn a_folder_in_use_is_not_swept() {
        let outer = Scratch::make().unwrap();
        let parent = outer.inside("parent").unwrap();
        let (used, left) = (parent.join("qibang-run.used"), parent.join("qibang-run.left"));
        std::fs::create_dir(&used).unwrap();
        std::fs::create_dir(&left).unwrap();
        let lock = prepare(&used).unwrap();
        drop(prepare(&left).unwrap());
        sweep(&parent);
        assert!(used.exists() && !left.exists());
        drop(lock);
    }
}
