//! The master key file of an installation: outside the database, readable by its owner only.

use std::fs;
use std::io::Write;
use std::path::Path;

use qb_base::Keyring;
use qb_base::keyring::MASTER_KEY_BYTES;

use crate::error::StoreError;
use crate::place::{failed, make_private_dir};

/// Reads the master key, or makes one where there is none yet.
pub(crate) fn load_or_create(dir: &Path) -> Result<Keyring, StoreError> {
    make_private_dir(dir)?;
    let path = dir.join("master.key");
    if !path.exists() {
        create(&path)?;
    }
    refuse_readable_by_others(&path)?;
    let bytes = fs::read(&path).map_err(|error| failed(&path, &error))?;
    let master: [u8; MASTER_KEY_BYTES] = bytes.try_into().map_err(|_| StoreError::Place {
        path: path.display().to_string(),
        message: "the master key must have 32 bytes; restore it from your backup".to_owned(),
    })?;
    Ok(Keyring::new(&master))
}

/// Writes a new key under another name first, so that a crash never leaves half a key.
fn create(path: &Path) -> Result<(), StoreError> {
    let mut master = [0; MASTER_KEY_BYTES];
    qb_base::env::fill_random(&mut master).map_err(|error| failed(path, &error))?;
    let part = path.with_extension("part");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&part).map_err(|error| failed(&part, &error))?;
    file.write_all(&master).map_err(|error| failed(&part, &error))?;
    file.sync_all().map_err(|error| failed(&part, &error))?;
    fs::rename(&part, path).map_err(|error| failed(path, &error))
}

#[cfg(unix)]
fn refuse_readable_by_others(path: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path).map_err(|error| failed(path, &error))?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(StoreError::Place {
            path: path.display().to_string(),
            message: "other users can read the master key; make it private (chmod 600)".to_owned(),
        });
    }
    Ok(())
}

#[cfg(not(unix))]
fn refuse_readable_by_others(_: &Path) -> Result<(), StoreError> {
    Ok(())
}
