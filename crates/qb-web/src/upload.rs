//! Files on their way in: streamed to a folder of their own, bounded, under names we choose.

use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use axum::extract::{FromRequest, Multipart, Request};
use qb_base::{Digest, env};
use tokio::io::AsyncWriteExt;

use crate::fault::Fault;
use crate::state::AppState;

/// Bytes of one upload, all files together.
pub(crate) const UPLOAD_BYTES_MAX: u64 = 512 * 1024 * 1024;
/// Files of one upload.
const FILES_MAX: usize = 400;
/// Bytes of one plain field of an upload.
const FIELD_BYTES_MAX: usize = 4 * 1024;
/// Characters kept of a file's own name.
const NAME_CHARS_MAX: usize = 120;
/// Bytes of the random name of an upload's folder.
const BATCH_BYTES: usize = 16;

/// What one upload brought.
pub(crate) struct Batch {
    /// The plain fields.
    pub(crate) fields: Vec<(String, String)>,
    /// The files, on disk.
    pub(crate) files: Vec<PathBuf>,
    /// The folder they lie in.
    pub(crate) folder: PathBuf,
}

impl Batch {
    /// Removes the files again.
    pub(crate) fn discard(&self) {
        // A folder that stays behind is removed with the next cleaning of the uploads.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Receives an upload into a fresh folder; on any fault nothing stays.
pub(crate) async fn receive(app: &AppState, request: Request) -> Result<Batch, Fault> {
    let folder = app.uploads().join(random_name()?);
    tokio::fs::create_dir_all(&folder).await.map_err(failed)?;
    let received = fill(&folder, request).await;
    if received.is_err() {
        let _ = tokio::fs::remove_dir_all(&folder).await;
    }
    let (fields, files) = received?;
    Ok(Batch { fields, files, folder })
}

type Received = (Vec<(String, String)>, Vec<PathBuf>);

async fn fill(folder: &Path, request: Request) -> Result<Received, Fault> {
    let mut multipart =
        Multipart::from_request(request, &()).await.map_err(|_| Fault::ForeignForm)?;
    let (mut fields, mut files) = (Vec::new(), Vec::new());
    let mut left = UPLOAD_BYTES_MAX;
    while let Some(mut field) = multipart.next_field().await.map_err(|_| Fault::TooLarge)? {
        let name = field.name().unwrap_or_default().to_owned();
        let Some(file_name) = field.file_name().map(safe_name) else {
            let text = field.text().await.map_err(|_| Fault::TooLarge)?;
            if text.len() > FIELD_BYTES_MAX {
                return Err(Fault::TooLarge);
            }
            fields.push((name, text));
            continue;
        };
        if file_name.is_empty() {
            continue;
        }
        if files.len() == FILES_MAX {
            return Err(Fault::TooLarge);
        }
        // Each file in a folder of its own: two files of one name do not meet.
        let place = folder.join(format!("{:04}", files.len()));
        tokio::fs::create_dir(&place).await.map_err(failed)?;
        let path = place.join(file_name);
        let mut file = tokio::fs::File::create(&path).await.map_err(failed)?;
        while let Some(chunk) = field.chunk().await.map_err(|_| Fault::TooLarge)? {
            left = left.checked_sub(chunk.len() as u64).ok_or(Fault::TooLarge)?;
            file.write_all(&chunk).await.map_err(failed)?;
        }
        // Once confirmed, the files must outlast a power cut.
        file.sync_all().await.map_err(failed)?;
        files.push(path);
    }
    Ok((fields, files))
}

fn failed(error: std::io::Error) -> Fault {
    Fault::Link(format!("an uploaded file could not be written: {}", error.kind()))
}

/// A name nobody can guess, of as many hexadecimal digits as it has bytes.
pub(crate) fn random_name() -> Result<String, Fault> {
    let mut bytes = [0; BATCH_BYTES];
    env::fill_random(&mut bytes).map_err(|error| Fault::Link(error.to_string()))?;
    Ok(Digest::of(&bytes).short())
}

/// Whether a text is the name of an upload's folder, so that it can be joined to a path.
pub(crate) fn is_batch_name(text: &str) -> bool {
    text.len() == BATCH_BYTES && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The files of an upload, in the order in which they were sent.
pub(crate) fn files_in(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for place in std::fs::read_dir(folder)?.flatten() {
        if place.path().is_dir() {
            files.extend(std::fs::read_dir(place.path())?.flatten().map(|file| file.path()));
        }
    }
    files.sort();
    Ok(files)
}

/// Names and folders of the uploads that were received before an instant.
pub(crate) fn folders_before(app: &AppState, before_ms: i64) -> Vec<(String, PathBuf)> {
    let Ok(folders) = std::fs::read_dir(app.uploads()) else { return Vec::new() };
    let is_older = |folder: &std::fs::DirEntry| {
        let changed = folder.metadata().and_then(|metadata| metadata.modified());
        let since = changed.ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        since.is_some_and(|since| i64::try_from(since.as_millis()).is_ok_and(|ms| ms < before_ms))
    };
    folders
        .flatten()
        .filter(is_older)
        .filter_map(|folder| Some((folder.file_name().into_string().ok()?, folder.path())))
        .filter(|(name, _)| is_batch_name(name))
        .collect()
}

/// The last part of a file's name without characters that mean something to a file system.
fn safe_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last
        .chars()
        .filter(|c| !c.is_control() && !matches!(c, ':' | '*' | '?' | '"' | '<' | '>' | '|'))
        .take(NAME_CHARS_MAX)
        .collect();
    kept.trim_matches(['.', ' ']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_cannot_climb_out_of_its_folder() {
        for (given, kept) in [
            ("../../etc/passwd", "passwd"),
            ("..\\..\\a.xlsx", "a.xlsx"),
            ("..", ""),
            ("新沂市.xlsx", "新沂市.xlsx"),
            ("a\u{0}b.csv", "ab.csv"),
        ] {
            assert_eq!(safe_name(given), kept, "{given:?}");
        }
    }

    #[test]
    fn only_our_own_folder_names_are_joined_to_paths() {
        let name = random_name().unwrap();
        assert!(is_batch_name(&name), "{name}");
        assert!(!is_batch_name("../../../../etc") && !is_batch_name(""));
    }
}
