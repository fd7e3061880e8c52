//! Where an installation keeps its data.

use std::fs;
use std::path::{Path, PathBuf};

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

    /// Verdict files of runs.
    pub fn runs(&self) -> PathBuf {
        self.0.join("runs")
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
}

/// A data directory together with the database it uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The data directory.
    pub dir: DataDir,
    /// A `postgres://` address, or `None` for SQLite inside the directory.
    pub postgres: Option<String>,
}

impl Place {
    /// SQLite inside a data directory.
    pub fn sqlite(dir: impl Into<PathBuf>) -> Self {
        Self { dir: DataDir::new(dir), postgres: None }
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

pub(crate) fn failed(path: &Path, error: &dyn std::fmt::Display) -> StoreError {
    StoreError::Place { path: path.display().to_string(), message: error.to_string() }
}
