//! Where an installation keeps its data, for its owner alone.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use qb_base::Text;

use crate::address::PgAddress;
use crate::error::StoreError;

/// The data directory of an installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataDir(PathBuf);

impl DataDir {
    /// Names a directory; nothing is made until it is used.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The directory itself.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The SQLite database.
    pub fn database(&self) -> PathBuf {
        self.0.join("qibang.sqlite")
    }

    /// Keys, readable by the owner only.
    pub fn keys(&self) -> PathBuf {
        self.0.join("keys")
    }

    /// Snapshots, each in a folder named by its digest.
    pub fn snapshots(&self) -> PathBuf {
        self.0.join("snapshots")
    }

    /// Packs that runs were made with, each in a folder named by its digest.
    pub fn packs(&self) -> PathBuf {
        self.0.join("packs")
    }

    /// Written reports.
    pub fn reports(&self) -> PathBuf {
        self.0.join("reports")
    }

    /// Raw files of the demonstration city.
    pub fn raw(&self) -> PathBuf {
        self.0.join("raw")
    }

    /// A map that replaces the pack's.
    pub fn map(&self) -> PathBuf {
        self.0.join("map.geojson")
    }

    /// Newest position and seal of the audit chain, kept outside the database.
    pub fn audit_anchor(&self) -> PathBuf {
        self.0.join("audit.anchor")
    }

    /// Held while an installation is being opened, so that two first starts take turns.
    pub(crate) fn opening_lock(&self) -> PathBuf {
        self.0.join("opening.lock")
    }
}

/// What an installation puts at the top of its directory. A directory that holds anything else as
/// well belongs to somebody, who decides about its mode.
const OURS: &[&str] = &[
    "qibang.sqlite",
    "keys",
    "snapshots",
    "reports",
    "raw",
    "uploads",
    "map.geojson",
    "audit.anchor",
    "opening.lock",
    "jobs.",
];

/// A data directory together with the database it uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The data directory.
    pub dir: DataDir,
    /// A PostgreSQL database, or `None` for SQLite inside the directory.
    pub postgres: Option<PgAddress>,
    /// A second file for the anchor of the audit chain, best on another machine's disk.
    pub anchor_copy: Option<PathBuf>,
}

impl Place {
    /// SQLite inside a data directory.
    pub fn sqlite(dir: impl Into<PathBuf>) -> Self {
        Self { dir: DataDir::new(dir), postgres: None, anchor_copy: None }
    }
}

/// Makes a directory (and those above) that only its owner can enter.
pub(crate) fn make_private_dir(path: &Path) -> Result<(), StoreError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| failed(path, &error))
}

/// Opens a file for writing, made readable by its owner only where it is missing.
pub(crate) fn private_file(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Makes the entry of a file in its folder outlast a power cut.
pub(crate) fn sync_dir(file: &Path) -> Result<(), StoreError> {
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let synced = fs::File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(|error| failed(folder, &error))
}

/// Makes a data directory, or takes one over so that nobody but its owner can read in it.
///
/// # Errors
/// When it holds other people's files and others can enter it, or its mode cannot be changed.
#[cfg(unix)]
pub(crate) fn take_over(dir: &DataDir) -> Result<(), StoreError> {
    make_private_dir(dir.path())?;
    let mut open = Vec::new();
    if is_open(dir.path())? {
        open.push(dir.path().to_owned());
    }
    let mut foreign = false;
    for entry in entries(dir.path())? {
        let name = entry.file_name().map(|name| name.to_string_lossy());
        let is_ours = name.is_some_and(|name| OURS.iter().any(|ours| name.starts_with(ours)));
        foreign |= !is_ours;
        if is_ours && is_open(&entry)? {
            open.push(entry);
        }
    }
    let Some(first) = open.first() else { return Ok(()) };
    if foreign && first == dir.path() {
        return Err(StoreError::Exposed(dir.path().display().to_string()));
    }
    open.iter().try_for_each(|path| tighten(path))
}

#[cfg(not(unix))]
pub(crate) fn take_over(dir: &DataDir) -> Result<(), StoreError> {
    make_private_dir(dir.path())
}

#[cfg(unix)]
fn is_open(path: &Path) -> Result<bool, StoreError> {
    use std::os::unix::fs::PermissionsExt;
    match fs::symlink_metadata(path) {
        // What vanished meanwhile, as a journal does, is nobody's any more. A link has no mode of
        // its own, and what it leads to lies elsewhere.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(failed(path, &error)),
        Ok(meta) => Ok(!meta.is_symlink() && meta.permissions().mode() & 0o077 != 0),
    }
}

#[cfg(unix)]
fn entries(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let listed = fs::read_dir(folder).and_then(|all| all.map(|e| Ok(e?.path())).collect());
    listed.map_err(|error| failed(folder, &error))
}

/// Takes the rights of group and others from a file, or from a folder and all below it.
#[cfg(unix)]
fn tighten(path: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::PermissionsExt;
    let meta = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        other => other.map_err(|error| failed(path, &error))?,
    };
    if meta.is_symlink() {
        return Ok(());
    }
    let mode = if meta.is_dir() { 0o700 } else { 0o600 };
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
        .map_err(|error| failed(path, &error))?;
    if meta.is_dir() {
        entries(path)?.iter().try_for_each(|entry| tighten(entry))?;
    }
    Ok(())
}

pub(crate) fn failed(path: &Path, error: &dyn std::fmt::Display) -> StoreError {
    let message = Text::new(error.to_string(), error.to_string());
    StoreError::Place { path: path.display().to_string(), message }
}
