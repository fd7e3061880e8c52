//! The master key file of an installation: outside the database, readable by its owner only.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use qb_base::keyring::MASTER_KEY_BYTES;
use qb_base::{Digest, Keyring, Text};

use crate::error::StoreError;
use crate::place::{failed, make_private_dir, sync_dir};

/// The file of the key in its folder.
fn file_of(dir: &Path) -> PathBuf {
    dir.join("master.key")
}

/// What the store keeps of its key: enough to know it again, nothing to make it from.
pub(crate) fn check_value(keyring: &Keyring) -> Digest {
    keyring.audit_seal(&[b"key check"])
}

/// Reads the master key of an installation; none where there is no file.
pub(crate) fn load(dir: &Path) -> Result<Option<Keyring>, StoreError> {
    let path = file_of(dir);
    match fs::metadata(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        _ => read(&path).map(Some),
    }
}

/// Reads a file that holds a master key: an installation's, or a copy of it.
pub(crate) fn read(path: &Path) -> Result<Keyring, StoreError> {
    refuse_readable_by_others(path)?;
    let bytes = zeroize::Zeroizing::new(fs::read(path).map_err(|error| failed(path, &error))?);
    let master: &[u8; MASTER_KEY_BYTES] = bytes.as_slice().try_into().map_err(|_| {
        let what = Text::fixed(
            "主密钥应为 32 字节，文件已损坏；请用备份恢复",
            "the master key must have 32 bytes; restore it from your backup",
        );
        StoreError::Place { path: path.display().to_string(), message: what }
    })?;
    Ok(Keyring::new(master))
}

/// Makes the key of a new installation.
pub(crate) fn create(dir: &Path) -> Result<Keyring, StoreError> {
    make_private_dir(dir)?;
    let path = file_of(dir);
    let mut master = zeroize::Zeroizing::new([0; MASTER_KEY_BYTES]);
    qb_base::env::fill_random(&mut *master).map_err(|error| failed(&path, &error))?;
    put(&path, &*master)?;
    sync_dir(dir)?;
    read(&path)
}

/// Copies the key into a file of its owner's, which must not be there yet.
pub(crate) fn copy(dir: &Path, out: &Path) -> Result<(), StoreError> {
    let path = file_of(dir);
    refuse_readable_by_others(&path)?;
    let bytes = zeroize::Zeroizing::new(fs::read(&path).map_err(|error| failed(&path, &error))?);
    write_new(out, &bytes)?;
    sync_dir(out)
}

/// Writes under another name first, so that a crash never leaves half a key. Whoever makes a key
/// holds the lock of the opening, so nobody's key is replaced.
fn put(path: &Path, master: &[u8]) -> Result<(), StoreError> {
    let part = path.with_extension("part");
    match fs::remove_file(&part) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(&part, &error)),
        _ => {}
    }
    write_new(&part, master)?;
    fs::rename(&part, path).map_err(|error| failed(path, &error))?;
    sync_dir(path)
}

fn write_new(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.map_err(|error| failed(path, &error))
}

#[cfg(unix)]
pub(crate) fn refuse_readable_by_others(path: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path).map_err(|error| failed(path, &error))?.permissions().mode();
    if mode & 0o077 != 0 {
        let message = Text::fixed(
            "其他用户能读到这个密文件；请执行 chmod 600",
            "other users can read this secret; make it private (chmod 600)",
        );
        return Err(StoreError::Place { path: path.display().to_string(), message });
    }
    Ok(())
}

#[cfg(not(unix))]
pub(crate) fn refuse_readable_by_others(_: &Path) -> Result<(), StoreError> {
    Ok(())
}
