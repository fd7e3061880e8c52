//! A pack kept as it was, so that what was made with it can be explained and made again after any
//! later edit.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use qb_base::Text;

use crate::error::PackError;
use crate::file::source::{PackFile, PackSource};
use crate::pack::Pack;
use crate::pack::kept::KeptFile;

/// The files of a pack with those of everything it extends.
pub(crate) fn with_base(own: &[PackFile], base: Option<&Pack>) -> Vec<KeptFile> {
    let own = own.iter().map(|file| KeptFile {
        base: None,
        path: file.path.clone(),
        text: Arc::from(file.text.as_str()),
    });
    let of_base = base.into_iter().flat_map(|pack| {
        pack.files.iter().map(|file| {
            let base = file.base.clone().unwrap_or_else(|| pack.id.clone());
            KeptFile { base: Some(base), ..file.clone() }
        })
    });
    own.chain(of_base).collect()
}

impl Pack {
    /// Keeps the pack in a folder of packs, under its digest; one that is kept already stays.
    ///
    /// # Errors
    /// When a file cannot be written; the pack is there whole or not at all.
    pub fn keep(&self, packs: &Path) -> io::Result<()> {
        let place = packs.join(self.digest.to_string());
        if place.is_dir() {
            return Ok(());
        }
        let begun = packs.join(format!("{}.{}", self.digest, std::process::id()));
        for file in &self.files {
            let folder = file.base.as_ref().map_or_else(|| begun.clone(), |base| begun.join(base));
            let path = folder.join(&file.path);
            path.parent().map_or(Ok(()), fs::create_dir_all)?;
            fs::write(path, file.text.as_bytes())?;
        }
        match fs::rename(&begun, &place) {
            // Another process kept the same pack meanwhile.
            Err(_) if place.is_dir() => fs::remove_dir_all(&begun),
            done => done,
        }
    }

    /// The pack of a digest as it was kept; none where it never was.
    ///
    /// # Errors
    /// When what is kept can no longer be read, or is another pack than its name says.
    pub fn kept(packs: &Path, digest: &str) -> Result<Option<Self>, PackError> {
        let place = packs.join(digest);
        if !place.is_dir() {
            return Ok(None);
        }
        let pack = Self::load(PackSource::Folder(&place))?;
        if pack.digest().to_string() == digest {
            return Ok(Some(pack));
        }
        Err(PackError::Unreadable(Text::new(
            format!("保存的策略包“{digest}”已被改动，请从备份恢复该文件夹"),
            format!("the kept pack {digest} was changed; bring its folder back from a backup"),
        )))
    }
}
