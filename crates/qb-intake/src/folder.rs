//! Private folders of the data directory, for files that hold persons while they are read.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use qb_base::{Digest, env};
use qb_store::Store;

use crate::error::IntakeError;

/// How old a folder is that a process left which ended before it could remove it: no file of a
/// form, and no list that was confirmed, is read for so long.
const LEFT: Duration = Duration::from_hours(24);

/// A folder with a name of its own, which goes when it is no longer needed.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// Makes one below a folder of the data directory, and removes what others left there.
    pub(crate) fn make(store: &Store, below: &str) -> Result<Self, IntakeError> {
        let parent = store.place().dir.path().join(below);
        clean(&parent);
        let mut bytes = [0; 32];
        env::fill_random(&mut bytes)
            .map_err(|error| listing(&parent, std::io::Error::other(error.to_string())))?;
        let path = parent.join(Digest(bytes).to_string());
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path).map_err(|error| listing(&path, error))?;
        Ok(Self(path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, "a folder of files that were read could not be removed");
        }
    }
}

/// Removes folders that are as old as no work at hand is.
fn clean(parent: &Path) {
    // One that is not there yet holds nothing.
    let Ok(found) = fs::read_dir(parent) else { return };
    let is_old = |path: &Path| {
        let made = fs::metadata(path).and_then(|known| known.modified()).ok();
        made.and_then(env::age).is_some_and(|age| age >= LEFT)
    };
    for path in found.flatten().map(|entry| entry.path()).filter(|path| is_old(path)) {
        if let Err(error) = fs::remove_dir_all(&path) {
            tracing::warn!(%error, "a folder that was left could not be removed");
        }
    }
}

pub(crate) fn listing(path: &Path, error: std::io::Error) -> IntakeError {
    IntakeError::Listing { path: path.display().to_string(), error }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_go_with_their_work_and_what_was_left_with_the_next() {
        let kept = qb_store::testing::TestStore::sqlite();
        let (one, other) =
            (Folder::make(&kept.store, "x").unwrap(), Folder::make(&kept.store, "x").unwrap());
        assert_ne!(one.path(), other.path());
        let parent = one.path().parent().unwrap().to_owned();
        let path = one.path().to_owned();
        drop(one);
        assert!(!path.exists() && other.path().exists());
        clean(&parent);
        assert!(other.path().exists(), "it is at work");
        let at = fs::metadata(other.path()).unwrap().modified().unwrap();
        fs::File::open(other.path()).unwrap().set_modified(at - LEFT).unwrap();
        clean(&parent);
        assert!(!other.path().exists(), "a day later it is not");
    }
}
