//! Where packs come from: a folder, or the copies inside the program.

use std::fs;
use std::path::{Path, PathBuf};

use qb_base::Text;
use rust_embed::RustEmbed;

use crate::error::PackError;

/// Where a pack is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PackSource<'a> {
    /// A pack that came with the program, by its id.
    Embedded(&'a str),
    /// A folder that holds `pack.toml`.
    Folder(&'a Path),
}

impl<'a> PackSource<'a> {
    /// A word from the command line: a folder if there is one with a `pack.toml`, else an id.
    pub fn from_argument(argument: &'a str) -> Self {
        let folder = Path::new(argument);
        if folder.join("pack.toml").is_file() || argument.contains(['/', '\\']) || folder.is_dir() {
            Self::Folder(folder)
        } else {
            Self::Embedded(argument)
        }
    }
}

/// The packs of this release.
#[derive(RustEmbed)]
#[folder = "../../policy"]
struct Embedded;

/// Bounds that no sensible pack reaches; they keep a wrong folder from being read whole.
const FILES_MAX: usize = 500;
const FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;
const DEPTH_MAX: usize = 4;

/// Templates and texts of reports; the report link reads them.
pub(crate) const REPORT_FOLDER: &str = "report/";

/// What stands behind the short names that every `source` uses.
pub(crate) const SOURCES: &str = "SOURCES.md";

/// A file of a pack.
#[derive(Debug)]
pub(crate) struct PackFile {
    /// Path inside the pack, `/` between its parts.
    pub(crate) path: String,
    /// The path as faults name it: that of a base begins with the base's name.
    pub(crate) shown: String,
    /// Its text.
    pub(crate) text: String,
}

impl PackFile {
    fn new(path: &str, bytes: Vec<u8>) -> Result<Self, PackError> {
        let text = String::from_utf8(bytes).map_err(|_| {
            unreadable(path, "不是UTF-8编码，请另存为UTF-8", "not UTF-8, save it as UTF-8")
        })?;
        Ok(Self { path: path.to_owned(), shown: path.to_owned(), text })
    }
}

/// Files of a pack with the folder they came from, if any.
#[derive(Debug)]
pub(crate) struct PackFiles {
    pub(crate) files: Vec<PackFile>,
    pub(crate) folder: Option<PathBuf>,
}

/// Ids of the packs inside the program.
pub fn embedded_packs() -> Vec<String> {
    let mut ids: Vec<String> = Embedded::iter()
        .filter_map(|path| path.strip_suffix("/pack.toml").map(str::to_owned))
        .collect();
    ids.sort();
    ids
}

/// Reads a pack's files, ordered by path; `shown` stands before their paths in faults.
pub(crate) fn read(source: &PackSource<'_>, shown: &str) -> Result<PackFiles, PackError> {
    let mut found = match source {
        PackSource::Embedded(id) => PackFiles { files: read_embedded(id)?, folder: None },
        PackSource::Folder(folder) => {
            if !folder.join("pack.toml").is_file() {
                return Err(not_found(source));
            }
            let mut files = Vec::new();
            read_folder(folder, "", 0, &mut files)?;
            PackFiles { files, folder: Some(folder.to_path_buf()) }
        }
    };
    if !found.files.iter().any(|file| file.path == "pack.toml") {
        return Err(not_found(source));
    }
    found.files.sort_by(|a, b| a.path.cmp(&b.path));
    found.files.iter_mut().for_each(|file| file.shown = format!("{shown}{}", file.path));
    Ok(found)
}

fn read_embedded(id: &str) -> Result<Vec<PackFile>, PackError> {
    let prefix = format!("{id}/");
    let mut files = Vec::new();
    for path in Embedded::iter() {
        let Some(inside) = path.strip_prefix(&prefix).filter(|inside| wanted(inside)) else {
            continue;
        };
        if let Some(file) = Embedded::get(&path) {
            files.push(PackFile::new(inside, file.data.into_owned())?);
        }
    }
    Ok(files)
}

fn read_folder(
    folder: &Path,
    prefix: &str,
    depth: usize,
    files: &mut Vec<PackFile>,
) -> Result<(), PackError> {
    let shown = if prefix.is_empty() { "." } else { prefix };
    for entry in fs::read_dir(folder).map_err(|error| failed(shown, &error))? {
        let entry = entry.map_err(|error| failed(shown, &error))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let inside = format!("{prefix}{name}");
        let meta = fs::metadata(entry.path()).map_err(|error| failed(&inside, &error))?;
        if name.starts_with('.') {
            continue;
        }
        // A folder with its own head is a pack of its own.
        if meta.is_dir() && depth < DEPTH_MAX && !entry.path().join("pack.toml").exists() {
            read_folder(&entry.path(), &format!("{inside}/"), depth + 1, files)?;
        } else if meta.is_file() && wanted(&inside) {
            if meta.len() > FILE_BYTES_MAX || files.len() >= FILES_MAX {
                return Err(unreadable(&inside, "超出策略包的大小限制", "too large for a pack"));
            }
            let bytes = fs::read(entry.path()).map_err(|error| failed(&inside, &error))?;
            files.push(PackFile::new(&inside, bytes)?);
        }
    }
    Ok(())
}

/// The files that matter; notes, pictures and scripts may lie beside them.
fn wanted(path: &str) -> bool {
    path.ends_with(".toml")
        || path == "areas.csv"
        || path == "counties.geojson"
        || path == SOURCES
        || (path.starts_with(REPORT_FOLDER) && path.ends_with(".typ"))
}

fn unreadable(path: &str, zh: &str, en: &str) -> PackError {
    PackError::Unreadable(Text::new(
        format!("策略包文件“{path}”无法读取：{zh}"),
        format!("pack file `{path}` cannot be read: {en}"),
    ))
}

fn failed(path: &str, error: &std::io::Error) -> PackError {
    let why = error.to_string();
    unreadable(path, &why, &why)
}

fn not_found(source: &PackSource<'_>) -> PackError {
    let known = embedded_packs().join(", ");
    PackError::NotFound(match source {
        PackSource::Embedded(id) => Text::new(
            format!("没有名为“{id}”的策略包。程序自带：{known}；也可以给出含有pack.toml的文件夹"),
            format!(
                "no pack is named `{id}`; the program holds: {known}; or give a folder with a pack.toml"
            ),
        ),
        PackSource::Folder(folder) => Text::new(
            format!("文件夹“{}”里没有pack.toml，不是策略包", folder.display()),
            format!("folder `{}` holds no pack.toml, so it is no pack", folder.display()),
        ),
    })
}
