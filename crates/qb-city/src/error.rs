//! Why a city could not be written.

use std::path::PathBuf;

use qb_base::Text;

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
    /// The folder holds files that no city wrote.
    #[error("{path} holds files that no city wrote, such as {file}")]
    Occupied {
        /// The folder.
        path: PathBuf,
        /// One of its files.
        file: PathBuf,
    },
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
    /// What went wrong and what to do, in both languages.
    pub fn text(&self) -> Text {
        let (zh, en) = match self {
            Self::Areas(_) => ("区划名单缺少演示城市所需的地方", "use the area list of the pack"),
            Self::Options(_) => ("参数无法使用", "change the options"),
            Self::Model(_) => ("演示城市的描述文件有误", "restore the description of the city"),
            Self::Occupied { .. } => {
                ("目标文件夹中有其他文件,请另选一个空文件夹", "choose an empty folder")
            }
            Self::Io { .. } | Self::Workbook { .. } => {
                ("无法写入文件,请检查磁盘空间和权限", "check the free space and the permissions")
            }
        };
        Text::new(format!("{zh}({self})"), format!("{self}; {en}"))
    }

    /// Names the file a system error belongs to.
    pub(crate) fn io(path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }
}

/// Result of this crate.
pub type Result<T> = std::result::Result<T, CityError>;
