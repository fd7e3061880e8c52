//! Why a city could not be written.

use std::path::PathBuf;

/// What went wrong, by what the caller can do about it.
#[derive(Debug, thiserror::Error)]
pub enum CityError {
    /// The area list does not fit the city: a county, town or village is missing.
    #[error("area list unusable: {0}")]
    Areas(String),
    /// The options ask for something impossible.
    #[error("options unusable: {0}")]
    Options(String),
    /// The embedded description of the city is broken.
    #[error("description of the city broken: {0}")]
    Model(String),
    /// A file could not be written.
    #[error("cannot write {path}: {source}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A workbook could not be written.
    #[error("cannot write workbook {path}: {source}")]
    Workbook {
        /// The file.
        path: PathBuf,
        /// What the writer said.
        source: Box<rust_xlsxwriter::XlsxError>,
    },
}

impl CityError {
    /// Names the file a system error belongs to.
    pub(crate) fn io(path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }
}

/// Result of this crate.
pub type Result<T> = std::result::Result<T, CityError>;
