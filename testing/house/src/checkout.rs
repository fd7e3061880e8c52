//! The files of the checkout.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A file that git tracks, or would.
#[derive(Clone, Debug)]
pub struct File {
    /// The path relative to the checkout, with `/`.
    pub path: String,
    /// The content.
    pub bytes: Vec<u8>,
}

impl File {
    /// The content as text, if it is UTF-8 without NUL.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.bytes).ok().filter(|text| !text.contains('\0'))
    }

    /// Whether the path ends with one of these endings.
    pub fn ends_with(&self, endings: &[&str]) -> bool {
        endings.iter().any(|ending| self.path.ends_with(ending))
    }
}

/// The folder that holds the workspace.
pub fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.ancestors().nth(2).unwrap_or(own).to_path_buf()
}

/// Every file that is tracked or new and not ignored.
///
/// # Errors
/// When git is missing, this is no checkout, or a file cannot be read.
pub fn files() -> io::Result<Vec<File>> {
    let root = root();
    let mut paths = listed(&root)?;
    paths.sort();
    paths.dedup();
    let mut files = Vec::with_capacity(paths.len());
    for path in paths {
        let place = root.join(&path);
        // A file that was removed but is still in the index is nobody's fault.
        if place.is_file() {
            files.push(File { bytes: std::fs::read(place)?, path });
        }
    }
    Ok(files)
}

fn listed(root: &Path) -> io::Result<Vec<String>> {
    let output = Command::new("git")
        .current_dir(root)
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .output()?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(io::Error::other(format!("git ls-files failed: {text}")));
    }
    let names = output.stdout.split(|byte| *byte == 0).filter(|name| !name.is_empty());
    Ok(names.map(|name| String::from_utf8_lossy(name).into_owned()).collect())
}
